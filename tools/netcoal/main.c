// SPDX-License-Identifier: GPL-2.0
/* netcoal: the command. Options, and the way to what they are about. */
#include <string.h>

#include "parse.h"
#include "print.h"
#include "tool.h"

/**
 * nc_wants_help() - looks for a plea for help
 * @args: the words of a command
 *
 * Return: whether the last word is "help", or looks like an option for it.
 */
bool nc_wants_help(const struct nc_args *args)
{
	static const char *const asks[] = { "help", "-h", "-help", "--help" };

	for (size_t i = 0; args->count && i < NC_ARRAY_SIZE(asks); i++) {
		if (!strcmp(args->word[args->count - 1], asks[i]))
			return true;
	}
	return false;
}

/**
 * nc_dispatch() - runs the command that the next word names
 * @ctx: the run
 * @commands: the commands there are
 * @count: how many
 * @what: what they are called in an error
 * @args: the words, at least one
 *
 * Return: how it went.
 */
enum nc_exit nc_dispatch(struct nc_ctx *ctx, const struct nc_command *commands,
			 size_t count, const char *what, struct nc_args *args)
{
	const char *word = nc_next(args);
	char quoted[NC_QUOTED_LEN];
	struct nc_why why;
	int i = nc_find(commands, count, word, &why);

	if (i < 0) {
		nc_error(ctx, "%s %s: %s", what, nc_quote(quoted, word), why.text);
		return NC_EXIT_USAGE;
	}
	return commands[i].run(ctx, args);
}

static enum nc_exit help(struct nc_ctx *ctx, struct nc_args *args)
{
	(void)args;
	fputs("Usage: netcoal [ OPTIONS ] OBJECT { COMMAND | help }\n"
	      "       netcoal [ -force ] -batch FILE\n"
	      "OBJECT := { policy | dev | path | monitor }\n"
	      "OPTIONS := { -j[son] | -p[retty] | -s[tatistics] | -t[imestamp] |\n"
	      "             -V[ersion] | -h[elp] }\n",
	      ctx->out);
	return NC_EXIT_OK;
}

static enum nc_exit run_object(struct nc_ctx *ctx, struct nc_args *args)
{
	static const struct nc_command objects[] = {
		{ "policy|p", nc_policy },
		{ "dev", nc_dev },
		{ "path", nc_path },
		{ "monitor", nc_monitor },
		{ "help", help },
	};

	return nc_dispatch(ctx, objects, NC_ARRAY_SIZE(objects), "object", args);
}

enum option {
	OPTION_JSON,
	OPTION_PRETTY,
	OPTION_STATISTICS,
	OPTION_TIMESTAMP,
	OPTION_VERSION,
	OPTION_HELP,
	OPTION_BATCH,
	OPTION_FORCE,
};

/* iproute2's; a prefix will do here as well. */
static const char *const options[] = {
	[OPTION_JSON] = "json",
	[OPTION_PRETTY] = "pretty",
	[OPTION_STATISTICS] = "statistics|stats",
	[OPTION_TIMESTAMP] = "timestamp|tshort|ts",
	[OPTION_VERSION] = "Version|version",
	[OPTION_HELP] = "help",
	[OPTION_BATCH] = "batch",
	[OPTION_FORCE] = "force",
};

/**
 * struct opts - options that are no property of a run
 * @batch: file of commands, or NULL
 * @force: go on after an error in it
 * @help: asked for help
 * @version: asked for the version
 */
struct opts {
	const char *batch;
	bool force;
	bool help;
	bool version;
};

static bool take_batch(const struct nc_ctx *ctx, struct opts *opts, struct nc_args *args)
{
	const char *file = nc_next(args);
	char quoted[NC_QUOTED_LEN];

	if (!file || !*file) {
		nc_error(ctx, "option -batch: file name missing");
		return false;
	}
	if (opts->batch) {
		nc_error(ctx, "option -batch %s: given twice", nc_quote(quoted, file));
		return false;
	}
	opts->batch = file;
	return true;
}

static bool take_option(struct nc_ctx *ctx, struct opts *opts, const char *word,
			struct nc_args *args)
{
	const char *name = word + 1 + (word[1] == '-');
	char quoted[NC_QUOTED_LEN];
	struct nc_why why;

	switch (nc_find(options, NC_ARRAY_SIZE(options), name, &why)) {
	case OPTION_JSON:
		return ctx->json = true;
	case OPTION_PRETTY:
		return ctx->pretty = true;
	case OPTION_STATISTICS:
		return ctx->stats = true;
	case OPTION_TIMESTAMP:
		return ctx->timestamp = true;
	case OPTION_VERSION:
		return opts->version = true;
	case OPTION_HELP:
		return opts->help = true;
	case OPTION_BATCH:
		return take_batch(ctx, opts, args);
	case OPTION_FORCE:
		return opts->force = true;
	default:
		nc_error(ctx, "option %s: %s", nc_quote(quoted, word), why.text);
		return false;
	}
}

static enum nc_exit run(struct nc_ctx *ctx, const struct opts *opts, struct nc_args *args)
{
	char quoted[NC_QUOTED_LEN];

	if (opts->help)
		return help(ctx, args);
	if (opts->version) {
		fputs("netcoal " NETCOAL_VERSION "\n", ctx->out);
		return NC_EXIT_OK;
	}
	if (opts->batch && args->count) {
		nc_error(ctx, "unexpected %s, commands are in the batch file",
			 nc_quote(quoted, args->word[0]));
		return NC_EXIT_USAGE;
	}
	if (opts->batch)
		return nc_batch(ctx, opts->batch, opts->force, run_object);
	if (!args->count) {
		nc_error(ctx, "no object given, try \"netcoal help\"");
		return NC_EXIT_USAGE;
	}
	return run_object(ctx, args);
}

int main(int argc, char **argv)
{
	struct nc_ctx ctx = { .out = stdout, .err = stderr };
	struct nc_args args = { argc, argv };
	enum nc_exit result, flushed;
	struct opts opts = { 0 };

	nc_next(&args);
	while (args.count && args.word[0][0] == '-') {
		const char *word = nc_next(&args);

		if (!take_option(&ctx, &opts, word, &args))
			return NC_EXIT_USAGE;
	}
	result = run(&ctx, &opts, &args);
	flushed = nc_flush(&ctx);
	nc_nl_close(&ctx.nl);
	return result == NC_EXIT_OK ? flushed : result;
}
