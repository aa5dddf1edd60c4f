/* SPDX-License-Identifier: GPL-2.0 */
/* What all files of the netcoal command share. */
#ifndef NETCOAL_TOOL_H
#define NETCOAL_TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "nl.h"

#define NC_ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define NC_PRINTF(fmt, args)	__attribute__((format(printf, fmt, args)))

/**
 * enum nc_exit - exit status of the command and of its parts
 * @NC_EXIT_OK: done
 * @NC_EXIT_USAGE: the command line is wrong, nothing of it was sent; or a batch's line
 * @NC_EXIT_KERNEL: the kernel said no, or a system call failed
 */
enum nc_exit {
	NC_EXIT_OK,
	NC_EXIT_USAGE,
	NC_EXIT_KERNEL,
};

/**
 * struct nc_ctx - one run of the command
 * @out: where results go
 * @err: where errors go, one line each
 * @nl: the conversation with the kernel, opened when first needed
 * @batch: name of the file of commands being run, or NULL
 * @line: its present line, from 1
 * @json: print JSON
 * @pretty: indent it
 * @stats: print counters as text too
 * @timestamp: put the time before each event
 */
struct nc_ctx {
	FILE *out;
	FILE *err;
	struct nc_nl nl;
	const char *batch;
	unsigned int line;
	bool json;
	bool pretty;
	bool stats;
	bool timestamp;
};

/**
 * struct nc_args - words of the command line not read yet
 * @count: how many
 * @word: the words
 */
struct nc_args {
	int count;
	char **word;
};

/**
 * nc_next() - takes the next word
 * @args: the words
 *
 * Return: the word, or NULL at the end.
 */
static inline char *nc_next(struct nc_args *args)
{
	if (!args->count)
		return NULL;
	args->count--;
	return *args->word++;
}

/**
 * struct nc_command - a word of the command line that runs something
 * @name: the word and its aliases, separated by '|'
 * @run: what it runs, with the words after it
 */
struct nc_command {
	const char *name;
	enum nc_exit (*run)(struct nc_ctx *ctx, struct nc_args *args);
};

enum nc_exit nc_dispatch(struct nc_ctx *ctx, const struct nc_command *commands,
			 size_t count, const char *what, struct nc_args *args);
bool nc_wants_help(const struct nc_args *args);

enum nc_exit nc_policy(struct nc_ctx *ctx, struct nc_args *args);
enum nc_exit nc_dev(struct nc_ctx *ctx, struct nc_args *args);
enum nc_exit nc_path(struct nc_ctx *ctx, struct nc_args *args);
enum nc_exit nc_suggest(struct nc_ctx *ctx, uint32_t latency_ns);
enum nc_exit nc_monitor(struct nc_ctx *ctx, struct nc_args *args);

enum nc_exit nc_batch(struct nc_ctx *ctx, const char *file, bool force,
		      enum nc_exit (*run)(struct nc_ctx *, struct nc_args *));

#endif /* NETCOAL_TOOL_H */
