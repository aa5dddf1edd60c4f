// SPDX-License-Identifier: GPL-2.0
/* netcoal policy: named targets and bounds. */
#include <errno.h>
#include <linux/if.h>
#include <linux/netcoal.h>
#include <string.h>

#include "fields.h"
#include "names.h"
#include "request.h"

static const struct nc_keyword name_value = {
	"policy", nc_parse_name, { NETCOAL_A_POLICY_NAME }, .max = NETCOAL_NAME_LEN,
};

#define ATTRS(attr)	{ NETCOAL_A_POLICY_##attr }
#define RANGE(attr)	{ NETCOAL_A_POLICY_##attr##_MIN, NETCOAL_A_POLICY_##attr##_MAX }

static const struct nc_keyword match_keywords[] = {
	{ "dev", nc_parse_pattern, ATTRS(MATCH_DEV), .max = NETCOAL_NAME_LEN,
	  .label = "match dev", .repeats = true },
	{ "driver", nc_parse_pattern, ATTRS(MATCH_DRIVER), .max = NETCOAL_NAME_LEN,
	  .label = "match driver", .repeats = true },
	{ "bridge", nc_parse_pattern, ATTRS(MATCH_BRIDGE), .max = NETCOAL_NAME_LEN,
	  .label = "match bridge", .repeats = true },
	{ "none", nc_parse_nothing, ATTRS(MATCH_NONE), .label = "match" },
};

static const struct nc_keyword keywords[] = {
	{ "latency", nc_parse_time, ATTRS(LATENCY_NS), .max = NETCOAL_TARGET_MAX_NS },
	{ "cpu", nc_parse_time, ATTRS(CPU_NS), .max = NETCOAL_TARGET_MAX_NS },
	{ "prefer", nc_parse_choice, ATTRS(PREFER), .choices = &nc_prefer_names },
	{ "governor", nc_parse_name, ATTRS(GOVERNOR), .max = NETCOAL_NAME_LEN },
	{ "actuator", nc_parse_choice, ATTRS(ACTUATOR), .choices = &nc_actuator_names },
	{ "rx-usecs", nc_parse_range, RANGE(RX_USECS), .max = NETCOAL_USECS_MAX },
	{ "rx-frames", nc_parse_range, RANGE(RX_FRAMES), .min = 1, .max = NETCOAL_FRAMES_MAX },
	{ "tx-usecs", nc_parse_range, RANGE(TX_USECS), .max = NETCOAL_USECS_MAX },
	{ "tx-frames", nc_parse_range, RANGE(TX_FRAMES), .min = 1, .max = NETCOAL_FRAMES_MAX },
	{ "irq-cost", nc_parse_time, ATTRS(IRQ_COST_NS), .max = NETCOAL_TARGET_MAX_NS },
	{ "cap", nc_parse_percent, ATTRS(CAP_PERCENT), .max = NETCOAL_CAP_MAX },
	{ "match", .sub = match_keywords, .sub_count = NC_ARRAY_SIZE(match_keywords) },
};

/* One pattern too many is for the kernel to refuse. */
_Static_assert(NC_ARRAY_SIZE(keywords) + 1 + NETCOAL_MATCHES_MAX + 1 <= NC_GIVEN_MAX,
	       "requests too small");

static enum nc_exit policy_help(struct nc_ctx *ctx, struct nc_args *args)
{
	(void)args;
	fputs("Usage: netcoal policy add NAME [SETTING]...\n"
	      "       netcoal policy set NAME SETTING...\n"
	      "       netcoal policy { del | delete } NAME\n"
	      "       netcoal policy [ show | list | ls ] [NAME]\n"
	      "SETTING := { latency TIME | cpu TIME | prefer { latency | cpu } |\n"
	      "             governor GOVERNOR | actuator ACTUATOR |\n"
	      "             rx-usecs RANGE | rx-frames RANGE |\n"
	      "             tx-usecs RANGE | tx-frames RANGE | irq-cost TIME | cap PERCENT |\n"
	      "             match { dev PATTERN | driver PATTERN | bridge PATTERN | none } }\n"
	      "GOVERNOR := { model | fixed | dim }\n"
	      "ACTUATOR := { auto | ethtool-queue | ethtool | defer | hold }\n"
	      "TIME := a number with a unit, ns, us, ms or s: 800ns, 2.5ms; or 0\n"
	      "RANGE := { MIN:MAX | MIN: | :MAX | N }\n",
	      ctx->out);
	return NC_EXIT_OK;
}

static enum nc_exit policy_add(struct nc_ctx *ctx, struct nc_args *args)
{
	struct nc_request rq;

	nc_request_start(&rq, NETCOAL_CMD_POLICY_NEW);
	if (!nc_request_put(ctx, &rq, &name_value, nc_next(args)) ||
	    !nc_request_put_pairs(ctx, &rq, keywords, NC_ARRAY_SIZE(keywords), args))
		return NC_EXIT_USAGE;
	return nc_request_change(ctx, &rq);
}

static enum nc_exit policy_set(struct nc_ctx *ctx, struct nc_args *args)
{
	char quoted[NC_QUOTED_LEN];
	struct nc_request rq;

	nc_request_start(&rq, NETCOAL_CMD_POLICY_SET);
	if (!nc_request_put(ctx, &rq, &name_value, nc_next(args)))
		return NC_EXIT_USAGE;
	if (!args->count) {
		nc_error(ctx, "policy %s: no setting to change given",
			 nc_quote(quoted, rq.given[0].text));
		return NC_EXIT_USAGE;
	}
	if (!nc_request_put_pairs(ctx, &rq, keywords, NC_ARRAY_SIZE(keywords), args))
		return NC_EXIT_USAGE;
	return nc_request_change(ctx, &rq);
}

/**
 * struct users - a text such as "in use by eth0, eth1 queue 3 and 2 more"
 * @buf: the text; it stays what it was if there are none
 * @len: room in it
 * @used: of that
 * @more: those that did not fit
 */
struct users {
	char *buf;
	size_t len;
	size_t used;
	size_t more;
};

static void add_user(struct users *users, const char *name)
{
	const char *before = users->used ? ", " : "in use by ";

	if (users->used + strlen(before) + strlen(name) + sizeof(" and 9999999 more") >
	    users->len)
		users->more++;
	else
		users->used += (size_t)sprintf(users->buf + users->used, "%s%s", before, name);
}

static bool is_under(const struct nlmsghdr *nlh, uint16_t attr, const char *policy)
{
	const char *of = nc_get_string(nlh, attr);

	return of && !strcmp(of, policy);
}

static void add_devices(struct users *users, const struct nc_replies *devs,
			const char *policy)
{
	for (size_t i = 0; i < devs->count; i++) {
		const char *name = nc_get_string(devs->msg[i], NETCOAL_A_DEV_IFNAME);

		if (name && is_under(devs->msg[i], NETCOAL_A_DEV_POLICY, policy))
			add_user(users, name);
	}
}

static void add_queues(struct users *users, const struct nc_replies *queues,
		       const char *policy)
{
	char text[IFNAMSIZ + sizeof(" queue 4294967295")];
	uint64_t index = 0;

	for (size_t i = 0; i < queues->count; i++) {
		const char *name = nc_get_string(queues->msg[i], NETCOAL_A_QUEUE_IFNAME);

		if (!name || !is_under(queues->msg[i], NETCOAL_A_QUEUE_POLICY, policy))
			continue;
		nc_get_number(queues->msg[i], NETCOAL_A_QUEUE_INDEX, &index);
		snprintf(text, sizeof(text), "%.*s queue %u", IFNAMSIZ - 1, name,
			 (unsigned int)index);
		add_user(users, text);
	}
}

static bool ask_all(struct nc_ctx *ctx, uint8_t cmd, struct nc_replies *replies)
{
	struct nc_request dump;

	nc_request_start(&dump, cmd);
	dump.nlh->nlmsg_flags |= NLM_F_DUMP;
	return nc_request_ask(ctx, &dump, replies);
}

/* The kernel says that a policy is in use; devices and queues say who uses it. */
static void name_users(struct nc_ctx *ctx, struct nc_request *rq)
{
	struct users users = { rq->failure.message, sizeof(rq->failure.message), 0, 0 };
	struct nc_replies devs = { 0 }, queues = { 0 };

	if (ask_all(ctx, NETCOAL_CMD_DEV_GET, &devs))
		add_devices(&users, &devs, rq->given[0].text);
	if (ask_all(ctx, NETCOAL_CMD_QUEUE_GET, &queues))
		add_queues(&users, &queues, rq->given[0].text);
	if (users.more)
		snprintf(users.buf + users.used, users.len - users.used, " and %zu more",
			 users.more);
	nc_replies_free(&devs);
	nc_replies_free(&queues);
}

static enum nc_exit policy_del(struct nc_ctx *ctx, struct nc_args *args)
{
	struct nc_replies replies = { 0 };
	struct nc_request rq;
	bool done;

	nc_request_start(&rq, NETCOAL_CMD_POLICY_DEL);
	if (!nc_request_put(ctx, &rq, &name_value, nc_next(args)) || !nc_no_more(ctx, args))
		return NC_EXIT_USAGE;
	if (!nc_connect(ctx))
		return NC_EXIT_KERNEL;
	done = nc_request_ask(ctx, &rq, &replies);
	nc_replies_free(&replies);
	if (done)
		return NC_EXIT_OK;
	if (rq.failure.error == EBUSY)
		name_users(ctx, &rq);
	nc_request_complain(ctx, &rq);
	return NC_EXIT_KERNEL;
}

static enum nc_exit show_json(const struct nc_ctx *ctx, const struct nc_replies *policies)
{
	json_t *root = json_array();

	for (size_t i = 0; root && i < policies->count; i++) {
		json_t *object = nc_fields_json(&nc_policy_fields, policies->msg[i]);

		if (json_array_append_new(root, object)) {
			json_decref(root);
			root = NULL;
		}
	}
	return nc_print_json(ctx, root);
}

static enum nc_exit show_text(const struct nc_ctx *ctx, const struct nc_replies *policies)
{
	struct nc_layout layout = { .fields = &nc_policy_fields };

	for (size_t i = 0; i < policies->count; i++)
		nc_layout_fit(&layout, policies->msg[i]);
	for (size_t i = 0; i < policies->count; i++) {
		nc_layout_print(&layout, ctx->out, policies->msg[i]);
		fputc('\n', ctx->out);
	}
	return NC_EXIT_OK;
}

static enum nc_exit policy_show(struct nc_ctx *ctx, struct nc_args *args)
{
	struct nc_replies policies = { 0 };
	struct nc_request rq;
	enum nc_exit result;

	nc_request_start(&rq, NETCOAL_CMD_POLICY_GET);
	if (!args->count)
		rq.nlh->nlmsg_flags |= NLM_F_DUMP;
	else if (!nc_request_put(ctx, &rq, &name_value, nc_next(args)) ||
		 !nc_no_more(ctx, args))
		return NC_EXIT_USAGE;

	result = nc_request_send(ctx, &rq, &policies);
	if (result == NC_EXIT_OK)
		result = ctx->json ? show_json(ctx, &policies) : show_text(ctx, &policies);
	nc_replies_free(&policies);
	return result;
}

/**
 * nc_policy() - runs "netcoal policy"
 * @ctx: the run
 * @args: the words after it
 *
 * Return: how it went.
 */
enum nc_exit nc_policy(struct nc_ctx *ctx, struct nc_args *args)
{
	static const struct nc_command commands[] = {
		{ "add", policy_add },
		{ "set", policy_set },
		{ "del|delete", policy_del },
		{ "show|list|ls", policy_show },
		{ "help", policy_help },
	};

	if (nc_wants_help(args))
		return policy_help(ctx, args);
	if (!args->count)
		return policy_show(ctx, args);
	return nc_dispatch(ctx, commands, NC_ARRAY_SIZE(commands), "policy command", args);
}
