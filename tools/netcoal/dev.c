// SPDX-License-Identifier: GPL-2.0
/* netcoal dev: the devices under a policy, and their queues. */
#include <linux/if.h>
#include <linux/netcoal.h>
#include <stdlib.h>
#include <string.h>

#include "fields.h"
#include "request.h"

static const struct nc_keyword dev_value = {
	"device", nc_parse_ifname, { NETCOAL_A_DEV_IFNAME }, .max = IFNAMSIZ - 1,
};

static const struct nc_keyword queue_dev_value = {
	"device", nc_parse_ifname, { NETCOAL_A_QUEUE_IFNAME }, .max = IFNAMSIZ - 1,
};

static const struct nc_keyword attach_keywords[] = {
	{ "policy", nc_parse_name, { NETCOAL_A_DEV_POLICY }, .max = NETCOAL_NAME_LEN },
	{ "queue", nc_parse_index, { NETCOAL_A_DEV_QUEUE }, .max = UINT32_MAX },
};

static const struct nc_keyword detach_keywords[] = {
	{ "queue", nc_parse_index, { NETCOAL_A_DEV_QUEUE }, .max = UINT32_MAX },
};

static enum nc_exit dev_help(struct nc_ctx *ctx, struct nc_args *args)
{
	(void)args;
	fputs("Usage: netcoal dev attach DEV [queue N] policy NAME\n"
	      "       netcoal dev detach DEV [queue N]\n"
	      "       netcoal dev [ show | list | ls ] [DEV] [queues]\n",
	      ctx->out);
	return NC_EXIT_OK;
}

static enum nc_exit dev_attach(struct nc_ctx *ctx, struct nc_args *args)
{
	char quoted[NC_QUOTED_LEN];
	struct nc_request rq;

	nc_request_start(&rq, NETCOAL_CMD_DEV_ATTACH);
	if (!nc_request_put(ctx, &rq, &dev_value, nc_next(args)))
		return NC_EXIT_USAGE;
	if (!nc_request_put_pairs(ctx, &rq, attach_keywords,
				  NC_ARRAY_SIZE(attach_keywords), args))
		return NC_EXIT_USAGE;
	if (!nc_request_gives(&rq, NETCOAL_A_DEV_POLICY)) {
		nc_error(ctx, "device %s: no policy given", nc_quote(quoted, rq.given[0].text));
		return NC_EXIT_USAGE;
	}
	return nc_request_change(ctx, &rq);
}

static enum nc_exit dev_detach(struct nc_ctx *ctx, struct nc_args *args)
{
	struct nc_request rq;

	nc_request_start(&rq, NETCOAL_CMD_DEV_DETACH);
	if (!nc_request_put(ctx, &rq, &dev_value, nc_next(args)) ||
	    !nc_request_put_pairs(ctx, &rq, detach_keywords,
				  NC_ARRAY_SIZE(detach_keywords), args))
		return NC_EXIT_USAGE;
	return nc_request_change(ctx, &rq);
}

/**
 * struct shown - what "dev show" was asked for, and found
 * @dev: name of the device, NULL for all
 * @with_queues: whether to show queues
 * @devs: the devices
 * @queues: their queues
 */
struct shown {
	const char *dev;
	bool with_queues;
	struct nc_replies devs;
	struct nc_replies queues;
};

/* Queues belong to the device that they name. */
static int compare_owner(const void *queue, const void *ifname)
{
	const struct nlmsghdr *const *nlh = queue;
	const char *of = nc_get_string(*nlh, NETCOAL_A_QUEUE_IFNAME);

	return strcmp(of ? of : "", ifname);
}

static int compare_queues(const void *a, const void *b)
{
	const struct nlmsghdr *const *nlh[] = { a, b };
	const char *name = nc_get_string(*nlh[1], NETCOAL_A_QUEUE_IFNAME);
	int order = compare_owner(a, name ? name : "");
	uint64_t index[] = { 0, 0 };

	if (order)
		return order;
	nc_get_number(*nlh[0], NETCOAL_A_QUEUE_INDEX, &index[0]);
	nc_get_number(*nlh[1], NETCOAL_A_QUEUE_INDEX, &index[1]);
	return (index[0] > index[1]) - (index[0] < index[1]);
}

/* The queues of a device, which stand together once they are sorted. */
static struct nc_replies queues_of(const struct shown *shown, const struct nlmsghdr *dev)
{
	const char *name = nc_get_string(dev, NETCOAL_A_DEV_IFNAME);
	struct nlmsghdr **queue = shown->queues.msg;
	size_t low = 0, high = shown->queues.count, end;

	while (name && low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_owner(&queue[middle], name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (end = low; name && end < shown->queues.count; end++) {
		if (compare_owner(&queue[end], name))
			break;
	}
	return (struct nc_replies){ end > low ? queue + low : NULL, end - low };
}

/* Where a device may be named, only the whole word is the keyword "queues". */
static bool parse_show(const struct nc_ctx *ctx, struct shown *shown, struct nc_args *args)
{
	static const char *const queues[] = { "queues" };
	char quoted[NC_QUOTED_LEN];
	struct nc_why why;

	if (args->count && (args->count > 1 || strcmp(args->word[0], queues[0])))
		shown->dev = nc_next(args);
	if (!args->count)
		return true;
	if (nc_find(queues, 1, args->word[0], &why) < 0) {
		nc_error(ctx, "keyword %s: %s", nc_quote(quoted, args->word[0]), why.text);
		return false;
	}
	shown->with_queues = true;
	nc_next(args);
	return nc_no_more(ctx, args);
}

static enum nc_exit ask_devs(struct nc_ctx *ctx, struct shown *shown)
{
	struct nc_request rq;

	nc_request_start(&rq, NETCOAL_CMD_DEV_GET);
	if (!shown->dev)
		rq.nlh->nlmsg_flags |= NLM_F_DUMP;
	else if (!nc_request_put(ctx, &rq, &dev_value, shown->dev))
		return NC_EXIT_USAGE;
	return nc_request_send(ctx, &rq, &shown->devs);
}

static enum nc_exit ask_queues(struct nc_ctx *ctx, struct shown *shown)
{
	struct nc_request rq;
	enum nc_exit result;

	nc_request_start(&rq, NETCOAL_CMD_QUEUE_GET);
	rq.nlh->nlmsg_flags |= NLM_F_DUMP;
	if (shown->dev && !nc_request_put(ctx, &rq, &queue_dev_value, shown->dev))
		return NC_EXIT_USAGE;
	result = nc_request_send(ctx, &rq, &shown->queues);
	if (shown->queues.count)
		qsort(shown->queues.msg, shown->queues.count, sizeof(*shown->queues.msg),
		      compare_queues);
	return result;
}

/* An array of queues, NULL without memory. */
static json_t *queues_json(struct nc_replies queues)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < queues.count; i++) {
		json_t *queue = nc_fields_json(&nc_queue_fields, queues.msg[i]);

		if (json_array_append_new(array, queue)) {
			json_decref(array);
			array = NULL;
		}
	}
	return array;
}

/* With queues, "queues" is no longer their number but the queues themselves. */
static json_t *dev_json(const struct shown *shown, const struct nlmsghdr *dev)
{
	json_t *object = nc_fields_json(&nc_dev_fields, dev);

	if (shown->with_queues && object &&
	    json_object_set_new(object, "queues", queues_json(queues_of(shown, dev)))) {
		json_decref(object);
		return NULL;
	}
	return object;
}

static enum nc_exit show_json(const struct nc_ctx *ctx, const struct shown *shown)
{
	json_t *root = json_array();

	for (size_t i = 0; root && i < shown->devs.count; i++) {
		if (json_array_append_new(root, dev_json(shown, shown->devs.msg[i]))) {
			json_decref(root);
			root = NULL;
		}
	}
	return nc_print_json(ctx, root);
}

static void print_row(const struct nc_ctx *ctx, const struct nc_layout *layout,
		      const char *indent, const struct nlmsghdr *nlh)
{
	fputs(indent, ctx->out);
	nc_layout_print(layout, ctx->out, nlh);
	fputc('\n', ctx->out);
}

/* Nodes only matter where they are several. */
static unsigned int queue_hide(const struct nc_ctx *ctx, const struct nlmsghdr *queue)
{
	unsigned int hide = NC_HIDE_NESTED | (ctx->stats ? 0 : NC_STATS);
	uint64_t remote = NETCOAL_REMOTE_NONE;

	nc_get_number(queue, NETCOAL_A_QUEUE_REMOTE, &remote);
	return ctx->stats || remote != NETCOAL_REMOTE_NONE ? hide : hide | NC_HIDE_LOCAL;
}

static enum nc_exit show_text(const struct nc_ctx *ctx, const struct shown *shown)
{
	struct nc_layout devs = {
		.fields = &nc_dev_fields, .hide = ctx->stats ? 0 : NC_STATS,
	};
	struct nc_layout queues = { .fields = &nc_queue_fields };

	for (size_t i = 0; i < shown->devs.count; i++)
		nc_layout_fit(&devs, shown->devs.msg[i]);
	for (size_t i = 0; i < shown->queues.count; i++) {
		queues.hide = queue_hide(ctx, shown->queues.msg[i]);
		nc_layout_fit(&queues, shown->queues.msg[i]);
	}
	for (size_t i = 0; i < shown->devs.count; i++) {
		struct nc_replies own = queues_of(shown, shown->devs.msg[i]);

		print_row(ctx, &devs, "", shown->devs.msg[i]);
		for (size_t j = 0; j < own.count; j++) {
			queues.hide = queue_hide(ctx, own.msg[j]);
			print_row(ctx, &queues, "    ", own.msg[j]);
		}
	}
	return NC_EXIT_OK;
}

static enum nc_exit dev_show(struct nc_ctx *ctx, struct nc_args *args)
{
	struct shown shown = { 0 };
	enum nc_exit result;

	if (!parse_show(ctx, &shown, args))
		return NC_EXIT_USAGE;
	result = ask_devs(ctx, &shown);
	if (result == NC_EXIT_OK && shown.with_queues)
		result = ask_queues(ctx, &shown);
	if (result == NC_EXIT_OK)
		result = ctx->json ? show_json(ctx, &shown) : show_text(ctx, &shown);
	nc_replies_free(&shown.devs);
	nc_replies_free(&shown.queues);
	return result;
}

/**
 * nc_dev() - runs "netcoal dev"
 * @ctx: the run
 * @args: the words after it
 *
 * Return: how it went.
 */
enum nc_exit nc_dev(struct nc_ctx *ctx, struct nc_args *args)
{
	static const struct nc_command commands[] = {
		{ "attach", dev_attach },
		{ "detach", dev_detach },
		{ "show|list|ls", dev_show },
		{ "help", dev_help },
	};

	if (nc_wants_help(args))
		return dev_help(ctx, args);
	if (!args->count)
		return dev_show(ctx, args);
	return nc_dispatch(ctx, commands, NC_ARRAY_SIZE(commands), "dev command", args);
}
