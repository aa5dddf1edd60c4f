// SPDX-License-Identifier: GPL-2.0
/* A request made of words, which it remembers so that an error can name them. */
#include <errno.h>
#include <string.h>

#include "print.h"
#include "request.h"

/**
 * nc_no_more() - checks that no words are left
 * @ctx: the run
 * @args: the words
 *
 * Return: whether none is left.
 */
bool nc_no_more(const struct nc_ctx *ctx, const struct nc_args *args)
{
	char quoted[NC_QUOTED_LEN];

	if (!args->count)
		return true;
	nc_error(ctx, "unexpected %s", nc_quote(quoted, args->word[0]));
	return false;
}

/**
 * nc_request_start() - starts a request
 * @rq: the request
 * @cmd: the command
 */
void nc_request_start(struct nc_request *rq, uint8_t cmd)
{
	rq->count = 0;
	rq->failure = (struct nc_failure){ 0 };
	/* The family's number is put in when it is sent. */
	rq->nlh = nc_nl_start(rq->buf, 0, cmd);
}

static void put_value(struct nlmsghdr *nlh, const struct nc_keyword *kw,
		      const struct nc_value *val)
{
	struct nlattr *nest = kw->nest ? mnl_attr_nest_start(nlh, kw->nest) : NULL;

	if (val->flag)
		mnl_attr_put(nlh, kw->attr[0], 0, NULL);
	if (val->string)
		mnl_attr_put_strz(nlh, kw->attr[0], val->string);
	for (size_t i = 0; i < NC_ARRAY_SIZE(val->num); i++) {
		if (val->has[i])
			mnl_attr_put_u32(nlh, kw->attr[i], val->num[i]);
	}
	if (nest)
		mnl_attr_nest_end(nlh, nest);
}

static bool is_given(const struct nc_request *rq, const struct nc_keyword *kw)
{
	for (size_t i = 0; i < rq->count; i++) {
		if (rq->given[i].kw == kw)
			return true;
	}
	return false;
}

static const char *label_of(const struct nc_keyword *kw)
{
	return kw->label ? kw->label : kw->name;
}

/**
 * nc_request_put() - reads the value of a keyword and puts it into a request
 * @ctx: the run
 * @rq: the request
 * @kw: the keyword
 * @text: the value as a word, NULL if there was none
 *
 * Return: whether it was put in; if not, an error was printed.
 */
bool nc_request_put(const struct nc_ctx *ctx, struct nc_request *rq,
		    const struct nc_keyword *kw, const char *text)
{
	char quoted[NC_QUOTED_LEN];
	struct nc_value val;
	struct nc_why why;

	if (!text) {
		nc_error(ctx, "%s: value missing", label_of(kw));
		return false;
	}
	if (!kw->repeats && is_given(rq, kw)) {
		nc_error(ctx, "%s %s: given twice", label_of(kw), nc_quote(quoted, text));
		return false;
	}
	if (rq->count == NC_GIVEN_MAX) {
		nc_error(ctx, "%s %s: too many values", label_of(kw), nc_quote(quoted, text));
		return false;
	}
	if (!kw->parse(kw, text, &val, &why)) {
		nc_error(ctx, "%s %s: %s", label_of(kw), nc_quote(quoted, text), why.text);
		return false;
	}
	rq->given[rq->count].offset = rq->nlh->nlmsg_len;
	put_value(rq->nlh, kw, &val);
	rq->given[rq->count].kw = kw;
	rq->given[rq->count++].text = text;
	return true;
}

/* The keyword of a table that a word is; NULL after an error was printed. */
static const struct nc_keyword *find_keyword(const struct nc_ctx *ctx,
					     const struct nc_keyword *table, size_t count,
					     const char *word)
{
	char quoted[NC_QUOTED_LEN];
	struct nc_why why;
	int i = nc_find(table, count, word, &why);

	if (i >= 0)
		return &table[i];
	nc_error(ctx, "keyword %s: %s", nc_quote(quoted, word), why.text);
	return NULL;
}

/* A keyword's value, or the keyword that follows it and that one's value. */
static bool put_keyword(const struct nc_ctx *ctx, struct nc_request *rq,
			const struct nc_keyword *kw, const char *word, struct nc_args *args)
{
	if (kw->sub) {
		word = nc_next(args);
		if (!word) {
			nc_error(ctx, "%s: value missing", kw->name);
			return false;
		}
		kw = find_keyword(ctx, kw->sub, kw->sub_count, word);
		if (!kw)
			return false;
	}
	return nc_request_put(ctx, rq, kw, kw->parse == nc_parse_nothing ? word : nc_next(args));
}

/**
 * nc_request_put_pairs() - puts all words left, keyword by keyword
 * @ctx: the run
 * @rq: the request
 * @table: the keywords; with those put before, at most NC_GIVEN_MAX
 * @count: how many
 * @args: the words
 *
 * Return: whether they were put in; if not, an error was printed.
 */
bool nc_request_put_pairs(const struct nc_ctx *ctx, struct nc_request *rq,
			  const struct nc_keyword *table, size_t count,
			  struct nc_args *args)
{
	const struct nc_keyword *kw;
	const char *word;

	while ((word = nc_next(args))) {
		kw = find_keyword(ctx, table, count, word);
		if (!kw || !put_keyword(ctx, rq, kw, word, args))
			return false;
	}
	return true;
}

/**
 * nc_request_gives() - was a keyword among the words?
 * @rq: the request
 * @attr: the attribute of its value
 *
 * Return: true if so.
 */
bool nc_request_gives(const struct nc_request *rq, uint16_t attr)
{
	for (size_t i = 0; i < rq->count; i++) {
		if (rq->given[i].kw->attr[0] == attr)
			return true;
	}
	return false;
}

/**
 * nc_complain_open() - tells why there is no conversation with the kernel
 * @ctx: the run
 * @error: the error number of nc_nl_open() or nc_nl_lookup()
 */
void nc_complain_open(const struct nc_ctx *ctx, int error)
{
	if (error == ENOENT)
		nc_error(ctx, "module not loaded (modprobe netcoal)");
	else
		nc_error(ctx, "cannot reach the kernel: %s", strerror(error));
}

/**
 * nc_connect() - opens the conversation with the kernel, once
 * @ctx: the run
 *
 * Return: whether it is open; if not, an error was printed.
 */
bool nc_connect(struct nc_ctx *ctx)
{
	int error = ctx->nl.sock ? 0 : nc_nl_open(&ctx->nl);

	if (!error && !ctx->nl.family)
		error = nc_nl_lookup(&ctx->nl);
	if (error)
		nc_complain_open(ctx, error);
	return !error;
}

/**
 * nc_request_ask() - sends a request, leaving an error to be told
 * @ctx: the run, connected
 * @rq: the request
 * @replies: gets the answers, to be freed even after a failure
 *
 * Return: whether it was done; if not, @rq->failure says why.
 */
bool nc_request_ask(struct nc_ctx *ctx, struct nc_request *rq,
		    struct nc_replies *replies)
{
	rq->nlh->nlmsg_type = ctx->nl.family;
	return nc_nl_ask(&ctx->nl, rq->nlh, replies, &rq->failure);
}

static bool is_blamed(const struct nc_request *rq, size_t i)
{
	const struct nc_keyword *kw = rq->given[i].kw;

	/* one that repeats is known by its place only, it or what is in it */
	if (kw->repeats)
		return rq->failure.offset >= rq->given[i].offset &&
		       (i + 1 == rq->count || rq->failure.offset < rq->given[i + 1].offset);
	return rq->failure.attr && (kw->attr[0] == rq->failure.attr ||
				    kw->attr[1] == rq->failure.attr);
}

/* The value that the kernel points at, else the one that names the object. */
static const char *subject(const struct nc_request *rq, char *buf, size_t len)
{
	char quoted[NC_QUOTED_LEN];
	size_t at = 0;

	if (!rq->count)
		return "";
	for (size_t i = 0; i < rq->count; i++) {
		if (is_blamed(rq, i))
			at = i;
	}
	snprintf(buf, len, "%s %s: ", label_of(rq->given[at].kw),
		 nc_quote(quoted, rq->given[at].text));
	return buf;
}

static const char *reason(const struct nc_failure *failure)
{
	if (*failure->message)
		return failure->message;
	if (failure->error == EPERM)
		return "not permitted, changes need CAP_NET_ADMIN";
	return strerror(failure->error);
}

/**
 * nc_request_complain() - tells what the kernel said against a request
 * @ctx: the run
 * @rq: the request
 */
void nc_request_complain(const struct nc_ctx *ctx, const struct nc_request *rq)
{
	char buf[NC_QUOTED_LEN + 64];

	nc_error(ctx, "%s%s", subject(rq, buf, sizeof(buf)), reason(&rq->failure));
}

/**
 * nc_request_send() - sends a request and tells what went wrong
 * @ctx: the run
 * @rq: the request
 * @replies: gets the answers, to be freed even after a failure
 *
 * Return: how it went.
 */
enum nc_exit nc_request_send(struct nc_ctx *ctx, struct nc_request *rq,
			     struct nc_replies *replies)
{
	if (!nc_connect(ctx))
		return NC_EXIT_KERNEL;
	if (!nc_request_ask(ctx, rq, replies)) {
		nc_request_complain(ctx, rq);
		return NC_EXIT_KERNEL;
	}
	if (*rq->failure.message)
		nc_warning(ctx, "%s", rq->failure.message);
	return NC_EXIT_OK;
}

/**
 * nc_request_change() - sends a request that has no answer
 * @ctx: the run
 * @rq: the request
 *
 * Return: how it went.
 */
enum nc_exit nc_request_change(struct nc_ctx *ctx, struct nc_request *rq)
{
	struct nc_replies replies = { 0 };
	enum nc_exit result = nc_request_send(ctx, rq, &replies);

	nc_replies_free(&replies);
	return result;
}
