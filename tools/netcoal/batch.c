// SPDX-License-Identifier: GPL-2.0
/* netcoal -batch: a file of commands. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "parse.h"
#include "print.h"
#include "tool.h"

#define COMMAND_LEN	4096
#define WORDS_MAX	64

/**
 * struct script - a file of commands being read
 * @file: the file
 * @lines: lines read
 * @line: the last one, room for it in @room
 * @room: see @line
 * @text: the lines of the present command, cut into words
 * @used: how much of @text
 * @word: the words
 * @words: how many
 */
struct script {
	FILE *file;
	unsigned int lines;
	char *line;
	size_t room;
	char text[COMMAND_LEN];
	size_t used;
	char *word[WORDS_MAX];
	int words;
};

/* Adds the words of the last line to the command. */
static bool add_line(struct script *script, size_t len, struct nc_why *why)
{
	char *text = script->text + script->used;
	char quoted[NC_QUOTED_LEN];
	int words;

	if (strlen(script->line) != len) {
		strcpy(why->text, "a NUL byte in the line");
		return false;
	}
	if (len >= sizeof(script->text) - script->used) {
		snprintf(why->text, sizeof(why->text), "%s: line too long",
			 nc_quote(quoted, script->line));
		return false;
	}
	memcpy(text, script->line, len + 1);
	script->used += len + 1;
	words = nc_split(text, script->word + script->words,
			 WORDS_MAX - script->words, why);
	if (words < 0)
		return false;
	script->words += words;
	return true;
}

/* A lone backslash at its end continues a command on the next line. */
static bool continues(struct script *script)
{
	if (!script->words || strcmp(script->word[script->words - 1], "\\"))
		return false;
	script->words--;
	return true;
}

/* Nor is what continues a line that was refused a command of its own. */
static void skip_rest(struct script *script, size_t len)
{
	const char *line;

	for (;;) {
		line = script->line;
		while (len && isspace((unsigned char)line[len - 1]))
			len--;
		if (!len || line[len - 1] != '\\' ||
		    (len > 1 && !isspace((unsigned char)line[len - 2])))
			return;
		if (getline(&script->line, &script->room, script->file) < 0)
			return;
		script->lines++;
		len = strlen(script->line);
	}
}

/* Reads the next command. Returns false at the end of the file. */
static bool read_command(struct nc_ctx *ctx, struct script *script, enum nc_exit *result)
{
	struct nc_why why;
	ssize_t len;

	*result = NC_EXIT_OK;
	ctx->line = script->lines + 1;
	script->used = 0;
	script->words = 0;
	do {
		len = getline(&script->line, &script->room, script->file);
		if (len < 0)
			return script->used;
		script->lines++;
		if (!add_line(script, (size_t)len, &why)) {
			nc_error(ctx, "%s", why.text);
			*result = NC_EXIT_USAGE;
			skip_rest(script, (size_t)len);
			return true;
		}
	} while (continues(script));
	return true;
}

/* Who asks for help there would not know that nothing was done. */
static enum nc_exit run_command(struct nc_ctx *ctx, struct nc_args *args,
				enum nc_exit (*run)(struct nc_ctx *, struct nc_args *))
{
	if (!nc_wants_help(args))
		return run(ctx, args);
	nc_error(ctx, "%s: not in a batch file", args->word[args->count - 1]);
	return NC_EXIT_USAGE;
}

static enum nc_exit run_script(struct nc_ctx *ctx, struct script *script, bool force,
			       enum nc_exit (*run)(struct nc_ctx *, struct nc_args *))
{
	enum nc_exit first = NC_EXIT_OK, result;

	while ((force || first == NC_EXIT_OK) && read_command(ctx, script, &result)) {
		struct nc_args args = { script->words, script->word };

		if (result == NC_EXIT_OK && args.count)
			result = run_command(ctx, &args, run);
		if (first == NC_EXIT_OK)
			first = result;
	}
	if (ferror(script->file)) {
		nc_error(ctx, "cannot read it: %s", strerror(errno));
		first = NC_EXIT_USAGE;
	}
	return first;
}

/**
 * nc_batch() - runs a file of commands
 * @ctx: the run
 * @file: its name, "-" for the standard input
 * @force: go on after an error
 * @run: runs a command
 *
 * Return: how the first command that failed went.
 */
enum nc_exit nc_batch(struct nc_ctx *ctx, const char *file, bool force,
		      enum nc_exit (*run)(struct nc_ctx *, struct nc_args *))
{
	bool is_stdin = !strcmp(file, "-");
	struct script script = { .file = is_stdin ? stdin : fopen(file, "re") };
	char quoted[NC_QUOTED_LEN];
	enum nc_exit result;

	if (!script.file) {
		nc_error(ctx, "batch file %s: %s", nc_quote(quoted, file), strerror(errno));
		return NC_EXIT_USAGE;
	}
	ctx->batch = is_stdin ? "stdin" : file;
	result = run_script(ctx, &script, force, run);
	ctx->batch = NULL;
	free(script.line);
	if (!is_stdin)
		fclose(script.file);
	return result;
}
