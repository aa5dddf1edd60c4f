// SPDX-License-Identifier: GPL-2.0
/* What the command makes of the kernel's messages, as text and as JSON. */
#include <linux/netcoal.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <string.h>

#include "fields.h"
#include "event.h"
#include "nl.h"

#define FUZZ_ROUNDS	20000

static _Alignas(struct nlmsghdr) char buf[NC_REQUEST_LEN];
static char *text;
static size_t text_len;

static struct nlmsghdr *start(uint8_t cmd)
{
	return nc_nl_start(buf, 0x21, cmd);
}

/* Runs @print on a context that writes into @text. */
#define PRINTED(context, print) ({					\
	struct nc_ctx ctx = context;					\
	free(text);							\
	ctx.out = open_memstream(&text, &text_len);			\
	ctx.err = stderr;						\
	print;								\
	fclose(ctx.out);						\
	text;								\
})

#define TEXT	((struct nc_ctx){ 0 })
#define JSON	((struct nc_ctx){ .json = true })

static const char *row(const struct nc_layout *layout, const struct nlmsghdr *nlh)
{
	return PRINTED(TEXT, nc_layout_print(layout, ctx.out, nlh));
}

static const char *json(const struct nc_fields *fields, const struct nlmsghdr *nlh)
{
	return PRINTED(JSON, nc_print_json(&ctx, nc_fields_json(fields, nlh)));
}

static void time_formats(void **state)
{
	static const struct {
		uint64_t ns;
		const char *exact;
		const char *rough;
	} cases[] = {
		{ 0, "0", "0" },
		{ 1, "1ns", "1ns" },
		{ 999, "999ns", "999ns" },
		{ 1000, "1us", "1us" },
		{ 2500, "2.5us", "2.5us" },
		{ 999999, "999.999us", "999.999us" },
		{ 1000000, "1ms", "1ms" },
		{ 1000001, "1.000001ms", "1ms" },
		{ 1234567, "1.234567ms", "1.234ms" },
		{ 100000000, "100ms", "100ms" },
		{ 999999999, "999.999999ms", "999.999ms" },
		{ 1000000000, "1s", "1s" },
		{ 12345678901, "12.345678901s", "12.345s" },
		{ UINT64_MAX, "18446744073.709551615s", "18446744073.709s" },
	};
	char got[32];

	for (size_t i = 0; i < NC_ARRAY_SIZE(cases); i++) {
		nc_format_time(got, sizeof(got), cases[i].ns, NC_EXACT);
		assert_string_equal(got, cases[i].exact);
		nc_format_time(got, sizeof(got), cases[i].ns, NC_ROUGH);
		assert_string_equal(got, cases[i].rough);
	}
}

static void quotes(void **state)
{
	char quoted[NC_QUOTED_LEN], big[200];

	assert_string_equal(nc_quote(quoted, ""), "\"\"");
	assert_string_equal(nc_quote(quoted, "50us"), "\"50us\"");
	assert_string_equal(nc_quote(quoted, "a\nb\x1b[0m"), "\"a\\x0ab\\x1b[0m\"");
	assert_string_equal(nc_quote(quoted, "a\\b\x7f"), "\"a\\x5cb\\x7f\"");
	assert_string_equal(nc_quote(quoted, "\xc3\xa9"), "\"\xc3\xa9\"");
	for (size_t len = 0; len < sizeof(big); len++) {
		memset(big, len % 2 ? 'x' : '\n', len);
		big[len] = '\0';
		nc_quote(quoted, big);
		assert_in_range(strlen(quoted), 2, NC_QUOTED_LEN - 1);
		assert_int_equal(quoted[strlen(quoted) - 1], '"');
		assert_int_equal(!!strstr(quoted, "..."), len > (len % 2 ? 71 : 18));
	}
}

static struct nlmsghdr *policy(const char *name, uint32_t latency_ns)
{
	struct nlmsghdr *nlh = start(NETCOAL_CMD_POLICY_GET);

	mnl_attr_put_strz(nlh, NETCOAL_A_POLICY_NAME, name);
	mnl_attr_put_u32(nlh, NETCOAL_A_POLICY_LATENCY_NS, latency_ns);
	mnl_attr_put_u32(nlh, NETCOAL_A_POLICY_CPU_NS, 0);
	mnl_attr_put_u32(nlh, NETCOAL_A_POLICY_PREFER, NETCOAL_PREFER_CPU);
	mnl_attr_put_strz(nlh, NETCOAL_A_POLICY_GOVERNOR, "model");
	mnl_attr_put_u32(nlh, NETCOAL_A_POLICY_ACTUATOR, NETCOAL_ACTUATOR_ETHTOOL_QUEUE);
	mnl_attr_put_u32(nlh, NETCOAL_A_POLICY_RX_USECS_MIN, 0);
	mnl_attr_put_u32(nlh, NETCOAL_A_POLICY_RX_USECS_MAX, 1000000);
	mnl_attr_put_u32(nlh, NETCOAL_A_POLICY_RX_FRAMES_MIN, 1);
	mnl_attr_put_u32(nlh, NETCOAL_A_POLICY_RX_FRAMES_MAX, 65535);
	mnl_attr_put_u32(nlh, NETCOAL_A_POLICY_IRQ_COST_NS, 2500);
	mnl_attr_put_u32(nlh, NETCOAL_A_POLICY_USERS, 3);
	return nlh;
}

static void policies(void **state)
{
	struct nc_layout layout = { .fields = &nc_policy_fields };
	struct nlmsghdr *nlh = policy("web", 2500000);

	assert_string_equal(row(&layout, nlh),
			    "web latency 2.5ms cpu 0 prefer cpu governor model "
			    "actuator ethtool-queue rx-usecs 0:1000000 rx-frames 1:65535 "
			    "irq-cost 2.5us users 3");
	assert_string_equal(json(&nc_policy_fields, nlh),
			    "{\"name\":\"web\",\"latency_ns\":2500000,\"cpu_ns\":0,"
			    "\"prefer\":\"cpu\",\"governor\":\"model\","
			    "\"actuator\":\"ethtool-queue\",\"rx_usecs_min\":0,"
			    "\"rx_usecs_max\":1000000,\"rx_frames_min\":1,"
			    "\"rx_frames_max\":65535,\"irq_cost_ns\":2500,\"users\":3}\n");
}

static void columns_line_up(void **state)
{
	struct nc_layout layout = { .fields = &nc_policy_fields };

	nc_layout_fit(&layout, policy("a", 1000));
	nc_layout_fit(&layout, policy("a-long-name", 12345));
	assert_true(!strncmp(row(&layout, policy("a", 1000)),
			     "a           latency 1us      cpu 0 prefer", 41));
	assert_true(!strncmp(row(&layout, policy("a-long-name", 12345)),
			     "a-long-name latency 12.345us cpu 0 prefer", 41));
}

static void missing_cells_leave_blanks(void **state)
{
	struct nc_layout layout = { .fields = &nc_dev_fields, .hide = NC_STATS };
	struct nlmsghdr *nlh = start(NETCOAL_CMD_DEV_GET);

	mnl_attr_put_strz(nlh, NETCOAL_A_DEV_IFNAME, "eth0");
	mnl_attr_put_u32(nlh, NETCOAL_A_DEV_REASON, NETCOAL_REASON_ADMIN);
	mnl_attr_put_strz(nlh, NETCOAL_A_DEV_DRIVER, "veth");
	mnl_attr_put_u64(nlh, NETCOAL_A_DEV_WINDOWS, 7);
	nc_layout_fit(&layout, nlh);
	assert_string_equal(row(&layout, nlh), "eth0 reason admin driver veth");

	nlh = start(NETCOAL_CMD_DEV_GET);
	mnl_attr_put_strz(nlh, NETCOAL_A_DEV_IFNAME, "e");
	mnl_attr_put_u32(nlh, NETCOAL_A_DEV_REASON, NETCOAL_REASON_NONE);
	mnl_attr_put_strz(nlh, NETCOAL_A_DEV_DRIVER, "virtio_net");
	nc_layout_fit(&layout, nlh);
	assert_string_equal(row(&layout, nlh), "e                 driver virtio_net");

	nlh = start(NETCOAL_CMD_DEV_GET);
	mnl_attr_put_strz(nlh, NETCOAL_A_DEV_IFNAME, "last");
	assert_string_equal(row(&layout, nlh), "last");
}

static void errors_have_names(void **state)
{
	struct nc_layout layout = { .fields = &nc_dev_fields };
	struct nlmsghdr *nlh = start(NETCOAL_CMD_DEV_GET);

	mnl_attr_put_u32(nlh, NETCOAL_A_DEV_ERROR, 95);
	assert_string_equal(row(&layout, nlh), "error EOPNOTSUPP");
	assert_string_equal(json(&nc_dev_fields, nlh), "{\"error\":95}\n");

	nlh = start(NETCOAL_CMD_DEV_GET);
	mnl_attr_put_u32(nlh, NETCOAL_A_DEV_ERROR, 4000000000);
	assert_string_equal(row(&layout, nlh), "error 4000000000");
}

static struct nlmsghdr *queue(void)
{
	struct nlmsghdr *nlh = start(NETCOAL_CMD_QUEUE_GET);

	mnl_attr_put_strz(nlh, NETCOAL_A_QUEUE_IFNAME, "eth0");
	mnl_attr_put_u32(nlh, NETCOAL_A_QUEUE_IFINDEX, 2);
	mnl_attr_put_u32(nlh, NETCOAL_A_QUEUE_INDEX, 1);
	mnl_attr_put_u32(nlh, NETCOAL_A_QUEUE_VERDICT, NETCOAL_VERDICT_CPU_TARGET);
	mnl_attr_put_u32(nlh, NETCOAL_A_QUEUE_RX_HOLDOFF_NS, 98000);
	mnl_attr_put_u64(nlh, NETCOAL_A_QUEUE_RX_PPS, 20003);
	mnl_attr_put_u32(nlh, NETCOAL_A_QUEUE_BATCH_MILLI, 2053);
	mnl_attr_put_u32(nlh, NETCOAL_A_QUEUE_CPU_NS_PER_PACKET, 2900);
	mnl_attr_put_u64(nlh, NETCOAL_A_QUEUE_HARDIRQS, UINT64_MAX);
	mnl_attr_put_u64(nlh, NETCOAL_A_QUEUE_BUSY_NS, 5123456789);
	return nlh;
}

static void queues(void **state)
{
	struct nc_layout layout = { .fields = &nc_queue_fields };
	struct nlmsghdr *nlh = queue();

	assert_string_equal(row(&layout, nlh),
			    "eth0 ifindex 2 queue 1 verdict cpu-target rx-holdoff 98us "
			    "rx-pps 20003 batch 2.053 cpu 2.9us "
			    "hardirqs 18446744073709551615 busy 5.123s");
	layout.hide = NC_STATS | NC_HIDE_NESTED;
	assert_string_equal(row(&layout, nlh),
			    "queue 1 verdict cpu-target rx-holdoff 98us rx-pps 20003 "
			    "batch 2.053 cpu 2.9us");
	assert_string_equal(json(&nc_queue_fields, nlh),
			    "{\"ifname\":\"eth0\",\"ifindex\":2,\"index\":1,"
			    "\"verdict\":\"cpu-target\",\"rx_holdoff_ns\":98000,"
			    "\"rx_pps\":20003,\"batch_milli\":2053,"
			    "\"cpu_ns_per_packet\":2900,"
			    "\"hardirqs\":9223372036854775807,"
			    "\"busy_ns\":5123456789}\n");
}

static void newer_values_are_numbers(void **state)
{
	struct nc_layout layout = { .fields = &nc_dev_fields };
	struct nlmsghdr *nlh = start(NETCOAL_CMD_DEV_GET);

	mnl_attr_put_u32(nlh, NETCOAL_A_DEV_STATE, 4);
	mnl_attr_put_u32(nlh, NETCOAL_A_DEV_ACTUATOR, UINT32_MAX);
	mnl_attr_put_u32(nlh, 1000, 1);
	assert_string_equal(row(&layout, nlh), "state 4 actuator 4294967295");
	assert_string_equal(json(&nc_dev_fields, nlh),
			    "{\"state\":4,\"actuator\":4294967295}\n");
}

static void odd_names_are_escaped(void **state)
{
	struct nc_layout layout = { .fields = &nc_dev_fields };
	struct nlmsghdr *nlh = start(NETCOAL_CMD_DEV_GET);

	mnl_attr_put_strz(nlh, NETCOAL_A_DEV_IFNAME, "a\x1b[2Jb");
	assert_string_equal(row(&layout, nlh), "a\\x1b[2Jb");
	assert_string_equal(json(&nc_dev_fields, nlh), "{\"ifname\":\"a\\u001B[2Jb\"}\n");

	nlh = start(NETCOAL_CMD_DEV_GET);
	mnl_attr_put_strz(nlh, NETCOAL_A_DEV_IFNAME, "caf\xe9");
	assert_string_equal(json(&nc_dev_fields, nlh), "{\"ifname\":\"caf\\\\xe9\"}\n");
}

/* Attributes of the wrong size are as good as missing. */
static void malformed_attributes(void **state)
{
	struct nc_layout layout = { .fields = &nc_dev_fields };
	struct nlmsghdr *nlh = start(NETCOAL_CMD_DEV_GET);

	mnl_attr_put(nlh, NETCOAL_A_DEV_IFNAME, 4, "eth0");
	mnl_attr_put(nlh, NETCOAL_A_DEV_POLICY, 0, "");
	mnl_attr_put_u16(nlh, NETCOAL_A_DEV_STATE, 1);
	mnl_attr_put(nlh, NETCOAL_A_DEV_LATENCY_NS, 0, "");
	mnl_attr_put_u64(nlh, NETCOAL_A_DEV_QUEUES, 8);
	mnl_attr_put_u32(nlh, NETCOAL_A_DEV_CHANGES, 9);
	assert_string_equal(row(&layout, nlh), "queues 8 changes 9");
	assert_string_equal(json(&nc_dev_fields, nlh), "{\"queues\":8,\"changes\":9}\n");

	nlh = mnl_nlmsg_put_header(buf);
	assert_string_equal(row(&layout, nlh), "");
	assert_string_equal(json(&nc_dev_fields, nlh), "{}\n");
}

static void pretty_json(void **state)
{
	struct nc_ctx pretty = { .json = true, .pretty = true };
	json_t *root = json_pack("[{si}]", "users", 1);

	assert_string_equal(PRINTED(pretty, nc_print_json(&ctx, root)),
			    "[\n    {\n        \"users\": 1\n    }\n]\n");
}

static struct nlmsghdr *event(void)
{
	struct nlmsghdr *nlh = start(NETCOAL_CMD_DEV_EVENT);

	mnl_attr_put_strz(nlh, NETCOAL_A_DEV_IFNAME, "eth0");
	mnl_attr_put_u32(nlh, NETCOAL_A_DEV_IFINDEX, 2);
	mnl_attr_put_strz(nlh, NETCOAL_A_DEV_POLICY, "web");
	mnl_attr_put_u32(nlh, NETCOAL_A_DEV_STATE, NETCOAL_STATE_OVERRIDDEN);
	mnl_attr_put_u32(nlh, NETCOAL_A_DEV_REASON, NETCOAL_REASON_ADMIN);
	return nlh;
}

static void events(void **state)
{
	struct nlmsghdr *nlh = event();

	assert_string_equal(PRINTED(TEXT, nc_print_event(&ctx, nlh)),
			    "dev eth0 policy web state overridden reason admin\n");
	assert_string_equal(PRINTED(JSON, nc_print_event(&ctx, nlh)),
			    "{\"event\":\"dev-event\",\"ifname\":\"eth0\",\"ifindex\":2,"
			    "\"policy\":\"web\",\"state\":\"overridden\","
			    "\"reason\":\"admin\"}\n");
	nlh = queue();
	((struct genlmsghdr *)mnl_nlmsg_get_payload(nlh))->cmd = NETCOAL_CMD_DECISION_EVENT;
	assert_string_equal(PRINTED(TEXT, nc_print_event(&ctx, nlh)),
			    "decision eth0 queue 1 verdict cpu-target rx-holdoff 98us "
			    "rx-pps 20003 batch 2.053 cpu 2.9us\n");
	nlh = start(NETCOAL_CMD_DEV_GONE);
	mnl_attr_put_strz(nlh, NETCOAL_A_DEV_IFNAME, "eth0");
	assert_string_equal(PRINTED(TEXT, nc_print_event(&ctx, nlh)), "gone eth0\n");
	assert_string_equal(PRINTED(JSON, nc_print_event(&ctx, nlh)),
			    "{\"event\":\"dev-gone\",\"ifname\":\"eth0\"}\n");
}

static void newer_events_are_numbers(void **state)
{
	struct nlmsghdr *nlh = start(200);

	assert_string_equal(PRINTED(TEXT, nc_print_event(&ctx, nlh)), "event 200\n");
	assert_string_equal(PRINTED(JSON, nc_print_event(&ctx, nlh)), "{\"event\":200}\n");
}

static void lost_events(void **state)
{
	assert_string_equal(PRINTED(TEXT, nc_print_lost(&ctx, 12)), "lost 12\n");
	assert_string_equal(PRINTED(JSON, nc_print_lost(&ctx, 12)),
			    "{\"event\":\"lost\",\"count\":12}\n");
}

static void module_events(void **state)
{
	assert_string_equal(PRINTED(TEXT, nc_print_module(&ctx, "loaded")), "loaded\n");
	assert_string_equal(PRINTED(JSON, nc_print_module(&ctx, "unloaded")),
			    "{\"event\":\"unloaded\"}\n");
}

static void timestamps(void **state)
{
	struct nc_ctx stamped = { .timestamp = true };
	const char *got = PRINTED(stamped, nc_print_event(&ctx, event()));

	assert_int_equal(got[0], '[');
	assert_int_equal(got[11], 'T');
	assert_string_equal(got + strlen("[2026-01-01T00:00:00.000000"),
			    "] dev eth0 policy web state overridden reason admin\n");
	stamped.json = true;
	got = PRINTED(stamped, nc_print_lost(&ctx, 1));
	assert_true(!strncmp(got, "{\"timestamp\":\"2", 15));
	assert_string_equal(got + strlen("{\"timestamp\":\"2026-01-01T00:00:00.000000"),
			    "\",\"event\":\"lost\",\"count\":1}\n");
}

static const char *errors_of(const struct nc_ctx *like)
{
	struct nc_ctx ctx = *like;

	free(text);
	ctx.err = open_memstream(&text, &text_len);
	nc_error(&ctx, "latency \"%s\": no", "50");
	nc_warning(&ctx, "well");
	fclose(ctx.err);
	return text;
}

static void errors(void **state)
{
	struct nc_ctx batch = { .batch = "a.conf", .line = 7 };

	assert_string_equal(errors_of(&TEXT),
			    "netcoal: latency \"50\": no\nnetcoal: warning: well\n");
	assert_string_equal(errors_of(&batch),
			    "netcoal: a.conf:7: latency \"50\": no\n"
			    "netcoal: a.conf:7: warning: well\n");
}

static void full_disk(void **state)
{
	struct nc_ctx ctx = { .out = fopen("/dev/full", "w") };

	free(text);
	ctx.err = open_memstream(&text, &text_len);
	nc_print_lost(&ctx, 1);
	assert_int_equal(nc_flush(&ctx), NC_EXIT_KERNEL);
	fclose(ctx.err);
	fclose(ctx.out);
	assert_string_equal(text, "netcoal: cannot write the output: No space left on device\n");
}

/* Any bytes behind a sane header. */
static void fuzz_messages(void **state)
{
	const struct nc_fields *all[] = { &nc_policy_fields, &nc_dev_fields, &nc_queue_fields };

	srand(4);
	for (int i = 0; i < FUZZ_ROUNDS; i++) {
		struct nlmsghdr *nlh = start((uint8_t)(rand() % 16));
		const struct nc_fields *fields = all[rand() % 3];
		struct nc_layout layout = { .fields = fields };

		for (int n = rand() % 200; n > 0; n -= 4) {
			uint16_t word[] = { rand() % 24, rand() % 30 };

			if (rand() % 8 == 0)
				word[0] = (uint16_t)rand();
			memcpy((char *)nlh + nlh->nlmsg_len, word, sizeof(word));
			nlh->nlmsg_len += sizeof(word);
		}
		/* The heap has a fence where the message ends. */
		nlh = memcpy(malloc(nlh->nlmsg_len), nlh, nlh->nlmsg_len);
		nc_layout_fit(&layout, nlh);
		assert_null(strchr(row(&layout, nlh), '\n'));
		assert_non_null(strchr(json(fields, nlh), '\n'));
		PRINTED(TEXT, nc_print_event(&ctx, nlh));
		free(nlh);
	}
}

static int tear_down(void **state)
{
	free(text);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_formats),
		cmocka_unit_test(quotes),
		cmocka_unit_test(policies),
		cmocka_unit_test(columns_line_up),
		cmocka_unit_test(missing_cells_leave_blanks),
		cmocka_unit_test(errors_have_names),
		cmocka_unit_test(queues),
		cmocka_unit_test(newer_values_are_numbers),
		cmocka_unit_test(odd_names_are_escaped),
		cmocka_unit_test(malformed_attributes),
		cmocka_unit_test(pretty_json),
		cmocka_unit_test(events),
		cmocka_unit_test(newer_events_are_numbers),
		cmocka_unit_test(lost_events),
		cmocka_unit_test(module_events),
		cmocka_unit_test(timestamps),
		cmocka_unit_test(errors),
		cmocka_unit_test(full_disk),
		cmocka_unit_test(fuzz_messages),
	};

	return cmocka_run_group_tests(tests, NULL, tear_down);
}
