// SPDX-License-Identifier: GPL-2.0
/* netcoal path: devices that share one latency budget. */
#include <linux/if.h>
#include <linux/netcoal.h>
#include <string.h>

#include "fields.h"
#include "request.h"

static const struct nc_keyword name_value = {
	"path", nc_parse_name, { NETCOAL_A_PATH_NAME }, .max = NETCOAL_NAME_LEN,
};

static const struct nc_keyword keywords[] = {
	{ "latency", nc_parse_time, { NETCOAL_A_PATH_LATENCY_NS }, .max = NETCOAL_TARGET_MAX_NS },
	{ "dev", nc_parse_ifname, { NETCOAL_A_PATH_STAGE_IFNAME }, .max = IFNAMSIZ - 1,
	  .repeats = true, .nest = NETCOAL_A_PATH_STAGE },
	{ "remote", nc_parse_time, { NETCOAL_A_PATH_STAGE_REMOTE_NS },
	  .max = NETCOAL_TARGET_MAX_NS, .repeats = true, .nest = NETCOAL_A_PATH_STAGE },
};

/* One stage too many is for the kernel to refuse. */
_Static_assert(NETCOAL_STAGES_MAX + 3 <= NC_GIVEN_MAX, "requests too small");

static enum nc_exit path_help(struct nc_ctx *ctx, struct nc_args *args)
{
	(void)args;
	fputs("Usage: netcoal path add NAME latency TIME STAGE...\n"
	      "       netcoal path set NAME [latency TIME] [STAGE]...\n"
	      "       netcoal path { del | delete } NAME\n"
	      "       netcoal path [ show | list | ls ] [NAME]\n"
	      "       netcoal path suggest [latency TIME]\n"
	      "STAGE := { dev DEV | remote TIME }\n",
	      ctx->out);
	return NC_EXIT_OK;
}

static enum nc_exit path_write(struct nc_ctx *ctx, struct nc_args *args, uint8_t cmd)
{
	char quoted[NC_QUOTED_LEN];
	struct nc_request rq;

	nc_request_start(&rq, cmd);
	if (!nc_request_put(ctx, &rq, &name_value, nc_next(args)))
		return NC_EXIT_USAGE;
	if (!args->count) {
		nc_error(ctx, "path %s: neither latency nor stages given",
			 nc_quote(quoted, rq.given[0].text));
		return NC_EXIT_USAGE;
	}
	if (!nc_request_put_pairs(ctx, &rq, keywords, NC_ARRAY_SIZE(keywords), args))
		return NC_EXIT_USAGE;
	return nc_request_change(ctx, &rq);
}

static enum nc_exit path_add(struct nc_ctx *ctx, struct nc_args *args)
{
	return path_write(ctx, args, NETCOAL_CMD_PATH_NEW);
}

static enum nc_exit path_set(struct nc_ctx *ctx, struct nc_args *args)
{
	return path_write(ctx, args, NETCOAL_CMD_PATH_SET);
}

static enum nc_exit path_del(struct nc_ctx *ctx, struct nc_args *args)
{
	struct nc_request rq;

	nc_request_start(&rq, NETCOAL_CMD_PATH_DEL);
	if (!nc_request_put(ctx, &rq, &name_value, nc_next(args)) || !nc_no_more(ctx, args))
		return NC_EXIT_USAGE;
	return nc_request_change(ctx, &rq);
}

/* A stage as a message of its own, so that it is shown as all others are. */
static const struct nlmsghdr *stage_message(char buf[NC_REQUEST_LEN], const struct nlattr *nest)
{
	struct nlmsghdr *nlh = nc_nl_start(buf, 0, 0);
	uint16_t len = mnl_attr_get_payload_len(nest);

	if (nlh->nlmsg_len + len <= NC_REQUEST_LEN) {
		memcpy(mnl_nlmsg_get_payload_tail(nlh), mnl_attr_get_payload(nest), len);
		nlh->nlmsg_len += len;
	}
	return nlh;
}

static bool is_stage(const struct nlattr *attr)
{
	return mnl_attr_get_type(attr) == NETCOAL_A_PATH_STAGE;
}

static json_t *path_json(const struct nlmsghdr *path)
{
	_Alignas(struct nlmsghdr) char buf[NC_REQUEST_LEN];
	json_t *object = nc_fields_json(&nc_path_fields, path), *stages = json_array();
	const struct nlattr *attr;
	int failed = 0;

	mnl_attr_for_each(attr, path, GENL_HDRLEN) {
		if (is_stage(attr))
			failed |= json_array_append_new(stages,
				nc_fields_json(&nc_stage_fields, stage_message(buf, attr)));
	}
	failed |= json_object_set_new(object, "stages", stages);
	if (!failed)
		return object;
	json_decref(object);
	return NULL;
}

static enum nc_exit show_json(const struct nc_ctx *ctx, const struct nc_replies *paths)
{
	json_t *root = json_array();

	for (size_t i = 0; root && i < paths->count; i++) {
		if (json_array_append_new(root, path_json(paths->msg[i]))) {
			json_decref(root);
			root = NULL;
		}
	}
	return nc_print_json(ctx, root);
}

static void show_stages(const struct nc_ctx *ctx, const struct nlmsghdr *path)
{
	_Alignas(struct nlmsghdr) char buf[NC_REQUEST_LEN];
	struct nc_layout layout = {
		.fields = &nc_stage_fields, .hide = ctx->stats ? 0 : NC_STATS,
	};
	const struct nlattr *attr;

	mnl_attr_for_each(attr, path, GENL_HDRLEN) {
		if (!is_stage(attr))
			continue;
		fputs("    ", ctx->out);
		nc_layout_print(&layout, ctx->out, stage_message(buf, attr));
		fputc('\n', ctx->out);
	}
}

static enum nc_exit show_text(const struct nc_ctx *ctx, const struct nc_replies *paths)
{
	struct nc_layout layout = { .fields = &nc_path_fields };

	for (size_t i = 0; i < paths->count; i++) {
		nc_layout_print(&layout, ctx->out, paths->msg[i]);
		fputc('\n', ctx->out);
		show_stages(ctx, paths->msg[i]);
	}
	return NC_EXIT_OK;
}

static enum nc_exit path_show(struct nc_ctx *ctx, struct nc_args *args)
{
	struct nc_replies paths = { 0 };
	struct nc_request rq;
	enum nc_exit result;

	nc_request_start(&rq, NETCOAL_CMD_PATH_GET);
	if (!args->count)
		rq.nlh->nlmsg_flags |= NLM_F_DUMP;
	else if (!nc_request_put(ctx, &rq, &name_value, nc_next(args)) ||
		 !nc_no_more(ctx, args))
		return NC_EXIT_USAGE;
	result = nc_request_send(ctx, &rq, &paths);
	if (result == NC_EXIT_OK)
		result = ctx->json ? show_json(ctx, &paths) : show_text(ctx, &paths);
	nc_replies_free(&paths);
	return result;
}

static enum nc_exit path_suggest(struct nc_ctx *ctx, struct nc_args *args)
{
	uint32_t latency_ns = 100000;
	struct nc_request rq;
	struct nc_value val;
	struct nc_why why;

	nc_request_start(&rq, NETCOAL_CMD_PATH_NEW);
	if (!nc_request_put_pairs(ctx, &rq, keywords, 1, args))
		return NC_EXIT_USAGE;
	if (rq.count && keywords[0].parse(&keywords[0], rq.given[0].text, &val, &why))
		latency_ns = val.num[0];
	return nc_suggest(ctx, latency_ns);
}

/**
 * nc_path() - runs "netcoal path"
 * @ctx: the run
 * @args: the words after it
 *
 * Return: how it went.
 */
enum nc_exit nc_path(struct nc_ctx *ctx, struct nc_args *args)
{
	static const struct nc_command commands[] = {
		{ "add", path_add },
		{ "set", path_set },
		{ "del|delete", path_del },
		{ "show|list|ls", path_show },
		{ "suggest", path_suggest },
		{ "help", path_help },
	};

	if (nc_wants_help(args))
		return path_help(ctx, args);
	if (!args->count)
		return path_show(ctx, args);
	return nc_dispatch(ctx, commands, NC_ARRAY_SIZE(commands), "path command", args);
}
