// SPDX-License-Identifier: GPL-2.0
/* From events to lines and JSON objects. */
#include <linux/netcoal.h>
#include <sys/time.h>
#include <time.h>

#include "event.h"
#include "fields.h"

/**
 * struct event - an event of netcoal
 * @name: its name in the specification, and in JSON
 * @label: its name as text
 * @cmd: its command
 * @fields: what it tells
 */
struct event {
	const char *name;
	const char *label;
	uint8_t cmd;
	const struct nc_fields *fields;
};

static const struct event events[] = {
	{ "dev-event", "dev", NETCOAL_CMD_DEV_EVENT, &nc_dev_fields },
	{ "dev-gone", "gone", NETCOAL_CMD_DEV_GONE, &nc_dev_fields },
	{ "decision-event", "decision", NETCOAL_CMD_DECISION_EVENT, &nc_queue_fields },
	{ "cap-event", "cap", NETCOAL_CMD_CAP_EVENT, &nc_cap_fields },
};

static const struct event *find_event(uint8_t cmd)
{
	for (size_t i = 0; i < NC_ARRAY_SIZE(events); i++) {
		if (events[i].cmd == cmd)
			return &events[i];
	}
	return NULL;
}

static void format_now(char *buf, size_t len)
{
	struct timeval now;
	struct tm local;
	size_t used = 0;

	gettimeofday(&now, NULL);
	if (localtime_r(&now.tv_sec, &local))
		used = strftime(buf, len, "%Y-%m-%dT%H:%M:%S", &local);
	snprintf(buf + used, len - used, ".%06ld", (long)now.tv_usec);
}

/* An object with what every event has, NULL without memory. */
static json_t *start_json(const struct nc_ctx *ctx, json_t *event)
{
	json_t *root = json_object();
	char now[64];
	int failed = 0;

	if (ctx->timestamp) {
		format_now(now, sizeof(now));
		failed = json_object_set_new(root, "timestamp", json_string(now));
	}
	failed |= json_object_set_new(root, "event", event);
	if (failed) {
		json_decref(root);
		return NULL;
	}
	return root;
}

static void start_text(const struct nc_ctx *ctx)
{
	char now[64];

	if (!ctx->timestamp)
		return;
	format_now(now, sizeof(now));
	fprintf(ctx->out, "[%s] ", now);
}

static enum nc_exit print_event_json(const struct nc_ctx *ctx, const struct event *event,
				     const struct nlmsghdr *nlh)
{
	json_t *root = start_json(ctx, json_string(event->name));
	json_t *object = nc_fields_json(event->fields, nlh);

	if (json_object_update(root, object)) {
		json_decref(root);
		root = NULL;
	}
	json_decref(object);
	return nc_print_json(ctx, root);
}

static void print_event_text(const struct nc_ctx *ctx, const struct event *event,
			     const struct nlmsghdr *nlh)
{
	struct nc_layout layout = {
		.fields = event->fields, .hide = ctx->stats ? 0 : NC_STATS,
	};

	start_text(ctx);
	fprintf(ctx->out, "%s ", event->label);
	nc_layout_print(&layout, ctx->out, nlh);
	fputc('\n', ctx->out);
}

/**
 * nc_print_event() - prints an event of netcoal
 * @ctx: the run
 * @nlh: the event; where a newer kernel sends one more, its number is shown
 *
 * Return: how it went.
 */
enum nc_exit nc_print_event(const struct nc_ctx *ctx, const struct nlmsghdr *nlh)
{
	uint8_t cmd = nc_genl_cmd(nlh);
	const struct event *event = find_event(cmd);

	if (ctx->json) {
		if (event)
			return print_event_json(ctx, event, nlh);
		return nc_print_json(ctx, start_json(ctx, json_integer(cmd)));
	}
	if (event) {
		print_event_text(ctx, event, nlh);
	} else {
		start_text(ctx);
		fprintf(ctx->out, "event %u\n", cmd);
	}
	return NC_EXIT_OK;
}

/**
 * nc_print_lost() - tells that events were lost
 * @ctx: the run
 * @count: how many
 *
 * Return: how it went.
 */
enum nc_exit nc_print_lost(const struct nc_ctx *ctx, uint32_t count)
{
	json_t *root;

	if (ctx->json) {
		root = start_json(ctx, json_string("lost"));
		json_object_set_new(root, "count", json_integer(count));
		return nc_print_json(ctx, root);
	}
	start_text(ctx);
	fprintf(ctx->out, "lost %u\n", count);
	return NC_EXIT_OK;
}

/**
 * nc_print_module() - tells that the module came or went
 * @ctx: the run
 * @what: "loaded" or "unloaded"
 *
 * Return: how it went.
 */
enum nc_exit nc_print_module(const struct nc_ctx *ctx, const char *what)
{
	if (ctx->json)
		return nc_print_json(ctx, start_json(ctx, json_string(what)));
	start_text(ctx);
	fprintf(ctx->out, "%s\n", what);
	return NC_EXIT_OK;
}
