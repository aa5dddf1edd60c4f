// SPDX-License-Identifier: GPL-2.0
/* The whole command, against a kernel that hears and says what a test wants. */
#include <errno.h>
#include <fcntl.h>
#include <linux/netcoal.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <string.h>
#include <unistd.h>

#include "fields.h"
#include "nl.h"
#include "tool_kernel.h"

/* The command's main() has this name here. */
#undef main
int netcoal_main(int argc, char **argv);

static char *out, *err;
static size_t out_len, err_len;

/* Runs a command line, whose words a blank separates and '' stands for none. */
static int run(const char *line)
{
	FILE *real_out = stdout, *real_err = stderr;
	char *copy = strdup(line), *words[64], *rest = copy;
	int count = 0, status;

	while (rest) {
		words[count] = strsep(&rest, " ");
		if (!strcmp(words[count], "''"))
			words[count] = "";
		count++;
	}
	words[count] = NULL;

	free(out);
	free(err);
	stdout = open_memstream(&out, &out_len);
	stderr = open_memstream(&err, &err_len);
	status = netcoal_main(count, words);
	fclose(stdout);
	fclose(stderr);
	stdout = real_out;
	stderr = real_err;
	free(copy);
	assert_int_equal(kernel.open, 0);
	return status;
}

static const struct nc_field *field_of(const struct nc_fields *fields, uint16_t attr)
{
	for (size_t i = 0; i < fields->count; i++) {
		if (fields->field[i].attr == attr)
			return &fields->field[i];
	}
	fail_msg("attribute %u is in no request", attr);
	return NULL;
}

/* A request as "dump 4 name=web latency-ns=50000". */
static const char *described(const struct nlmsghdr *nlh, const struct nc_fields *fields)
{
	static char buf[1024];
	const struct nlattr *attr;
	size_t used;

	assert_int_equal(nlh->nlmsg_type, KERNEL_FAMILY);
	assert_true(nlh->nlmsg_flags & NLM_F_REQUEST);
	assert_true(nlh->nlmsg_flags & NLM_F_ACK);
	used = snprintf(buf, sizeof(buf), "%s%u", nlh->nlmsg_flags & NLM_F_ROOT ? "dump " : "",
			nc_genl_cmd(nlh));
	mnl_attr_for_each(attr, nlh, GENL_HDRLEN) {
		const struct nc_field *field = field_of(fields, mnl_attr_get_type(attr));

		used += snprintf(buf + used, sizeof(buf) - used, " %s=", field->name);
		if (field->kind == NC_STRING) {
			assert_int_equal(mnl_attr_validate(attr, MNL_TYPE_NUL_STRING), 0);
			used += snprintf(buf + used, sizeof(buf) - used, "%s",
					 mnl_attr_get_str(attr));
		} else {
			assert_int_equal(mnl_attr_validate(attr, MNL_TYPE_U32), 0);
			used += snprintf(buf + used, sizeof(buf) - used, "%u",
					 mnl_attr_get_u32(attr));
		}
	}
	return buf;
}

static void check_request(size_t i, const struct nc_fields *fields, const char *want)
{
	assert_in_range(kernel.heard, i + 1, SIZE_MAX);
	assert_string_equal(described(kernel_request(i), fields), want);
}

static int fresh_kernel(void **state)
{
	kernel_reset();
	return 0;
}

static int free_output(void **state)
{
	free(out);
	free(err);
	return 0;
}

struct request_case {
	const char *line;
	const char *want;
};

static void check_changes(const struct request_case *cases, size_t count,
			  const struct nc_fields *fields)
{
	for (size_t i = 0; i < count; i++) {
		kernel_reset();
		kernel_acks();
		if (run(cases[i].line))
			fail_msg("%s: %s", cases[i].line, err);
		assert_string_equal(out, "");
		assert_string_equal(err, "");
		assert_int_equal(kernel.heard, 1);
		check_request(0, fields, cases[i].want);
	}
}

static void policy_requests(void **state)
{
	static const struct request_case cases[] = {
		{ "netcoal policy add web", "1 name=web" },
		{ "netcoal policy add web latency 50us", "1 name=web latency-ns=50000" },
		{ "netcoal p a web la 2.5ms", "1 name=web latency-ns=2500000" },
		{ "netcoal policy add web latency 0 cpu 0",
		  "1 name=web latency-ns=0 cpu-ns=0" },
		{ "netcoal policy add latency latency 1s",
		  "1 name=latency latency-ns=1000000000" },
		{ "netcoal policy add web cpu 800ns prefer cpu governor fixed actuator hold "
		  "rx-usecs 20:200 rx-frames 1:64 tx-usecs 0:7 tx-frames 2:65535 irq-cost 2.5us "
		  "latency 1ms",
		  "1 name=web cpu-ns=800 prefer=1 governor=fixed actuator=4 rx-usecs-min=20 "
		  "rx-usecs-max=200 rx-frames-min=1 rx-frames-max=64 tx-usecs-min=0 "
		  "tx-usecs-max=7 tx-frames-min=2 tx-frames-max=65535 irq-cost-ns=2500 "
		  "latency-ns=1000000" },
		{ "netcoal policy add web rx-usecs :200 rx-frames 2: tx-usecs 5",
		  "1 name=web rx-usecs-max=200 rx-frames-min=2 tx-usecs-min=5 tx-usecs-max=5" },
		{ "netcoal policy add web governor not-built-yet",
		  "1 name=web governor=not-built-yet" },
		{ "netcoal policy add web prefer lat actuator ethtool",
		  "1 name=web prefer=0 actuator=2" },
		{ "netcoal policy add web actuator ethtool-q", "1 name=web actuator=1" },
		{ "netcoal policy add web actuator auto", "1 name=web actuator=0" },
		{ "netcoal policy add web actuator defer", "1 name=web actuator=3" },
		{ "netcoal policy add web cap 30% cpu 0", "1 name=web cap-percent=30 cpu-ns=0" },
		{ "netcoal policy add web match dev vif* match br xenbr0 match dev tap?",
		  "1 name=web match-dev=vif* match-bridge=xenbr0 match-dev=tap?" },
		{ "netcoal policy add web match driver xen-netback cpu 1us",
		  "1 name=web match-driver=xen-netback cpu-ns=1000" },
		{ "netcoal policy set web latency 50us", "2 name=web latency-ns=50000" },
		{ "netcoal policy del web", "3 name=web" },
		{ "netcoal policy delete web", "3 name=web" },
		{ "netcoal policy d web", "3 name=web" },
	};

	check_changes(cases, NC_ARRAY_SIZE(cases), &nc_policy_fields);
}

static void dev_requests(void **state)
{
	static const struct request_case cases[] = {
		{ "netcoal dev attach eth0 policy web", "5 ifname=eth0 policy=web" },
		{ "netcoal d a eth0 p web", "5 ifname=eth0 policy=web" },
		{ "netcoal -j dev attach policy policy policy", "5 ifname=policy policy=policy" },
		{ "netcoal dev detach eth0", "6 ifname=eth0" },
		{ "netcoal dev attach eth0 queue 1 policy web",
		  "5 ifname=eth0 queue=1 policy=web" },
		{ "netcoal dev attach eth0 policy web q 0", "5 ifname=eth0 policy=web queue=0" },
		{ "netcoal dev detach eth0 queue 4294967295", "6 ifname=eth0 queue=4294967295" },
	};

	check_changes(cases, NC_ARRAY_SIZE(cases), &nc_dev_fields);
}

/* Refused by the command itself: the kernel hears nothing. */
static void malformed_lines(void **state)
{
	static const struct {
		const char *line;
		const char *err;
	} cases[] = {
		{ "netcoal", "no object given, try \"netcoal help\"" },
		{ "netcoal ''", "object \"\": unknown, use one of: policy, dev, path, monitor, help" },
		{ "netcoal polizy", "object \"polizy\": unknown, use one of: policy, dev, path, monitor, help" },
		{ "netcoal policy ''", "policy command \"\": unknown, use one of: add, set, del, show, help" },
		{ "netcoal policy s", "policy command \"s\": ambiguous, could be: set, show" },
		{ "netcoal policy add", "policy: value missing" },
		{ "netcoal policy add ''", "policy \"\": empty name" },
		{ "netcoal policy add we/b", "policy \"we/b\": only letters, digits, '.', '_' and '-' make a name" },
		{ "netcoal policy add 01234567890123456789012345678901", "policy \"01234567890123456789012345678901\": longer than 31 bytes" },
		{ "netcoal policy add web latency", "latency: value missing" },
		{ "netcoal policy add web latency ''", "latency \"\": empty, a time such as 50us is needed" },
		{ "netcoal policy add web latency 50", "latency \"50\": needs a unit: ns, us, ms or s" },
		{ "netcoal policy add web lat nan", "latency \"nan\": not a time such as 50us or 2.5ms" },
		{ "netcoal policy add web latency 1us latency 1us", "latency \"1us\": given twice" },
		{ "netcoal policy add web lat 1us latency 2us", "latency \"2us\": given twice" },
		{ "netcoal policy add web irq-cost 2s", "irq-cost \"2s\": more than 1s" },
		{ "netcoal policy add web prefer", "prefer: value missing" },
		{ "netcoal policy add web prefer both", "prefer \"both\": unknown, use one of: latency, cpu" },
		{ "netcoal policy add web actuator e", "actuator \"e\": ambiguous, could be: ethtool-queue, ethtool" },
		{ "netcoal policy add web actuator ''", "actuator \"\": unknown, use one of: auto, ethtool-queue, ethtool, defer, hold" },
		{ "netcoal policy add web governor ''", "governor \"\": empty name" },
		{ "netcoal policy add web rx-usecs 9:8", "rx-usecs \"9:8\": minimum above maximum" },
		{ "netcoal policy add web rx-frames 0:8", "rx-frames \"0:8\": less than 1" },
		{ "netcoal policy add web tx-frames :0", "tx-frames \":0\": less than 1" },
		{ "netcoal policy add web rx-frames 65536", "rx-frames \"65536\": more than 65535" },
		{ "netcoal policy add web rx-usecs 1000001", "rx-usecs \"1000001\": more than 1000000" },
		{ "netcoal policy add web tx-usecs 1000001", "tx-usecs \"1000001\": more than 1000000" },
		{ "netcoal policy add web cpu 2s", "cpu \"2s\": more than 1s" },
		{ "netcoal policy add web latency 2s", "latency \"2s\": more than 1s" },
		{ "netcoal policy add web tx-frames 65536", "tx-frames \"65536\": more than 65535" },
		{ "netcoal policy add web cap 10001", "cap \"10001\": more than 10000" },
		{ "netcoal policy add web cap 5x", "cap \"5x\": not a whole number of percent such as 30" },
		{ "netcoal policy add web cap %", "cap \"%\": not a whole number of percent such as 30" },
		{ "netcoal policy add web cap 030", "cap \"030\": leading zero" },
		{ "netcoal policy add web match", "match: value missing" },
		{ "netcoal policy add web match dev", "match dev: value missing" },
		{ "netcoal policy add web match dev ''", "match dev \"\": empty, a pattern such as vif* is needed" },
		{ "netcoal policy add web match vif*", "keyword \"vif*\": unknown, use one of: dev, driver, bridge, none" },
		{ "netcoal policy add web match none match none", "match \"none\": given twice" },
		{ "netcoal policy add web match dev 01234567890123456789012345678901", "match dev \"01234567890123456789012345678901\": longer than 31 bytes" },
		{ "netcoal policy add web t 1", "keyword \"t\": ambiguous, could be: tx-usecs, tx-frames" },
		{ "netcoal policy add web users 1", "keyword \"users\": unknown, use one of: latency, cpu, prefer, governor, actuator, rx-usecs, rx-frames, tx-usecs, tx-frames, irq-cost, cap, match" },
		{ "netcoal policy set", "policy: value missing" },
		{ "netcoal policy set web", "policy \"web\": no setting to change given" },
		{ "netcoal policy del", "policy: value missing" },
		{ "netcoal policy del web now", "unexpected \"now\"" },
		{ "netcoal policy show ''", "policy \"\": empty name" },
		{ "netcoal policy show web again", "unexpected \"again\"" },
		{ "netcoal dev attach", "device: value missing" },
		{ "netcoal dev attach eth0", "device \"eth0\": no policy given" },
		{ "netcoal dev attach eth0 policy", "policy: value missing" },
		{ "netcoal dev attach eth0 policy web policy web", "policy \"web\": given twice" },
		{ "netcoal dev attach eth0 to web", "keyword \"to\": unknown, use one of: policy, queue" },
		{ "netcoal dev attach eth0 policy web now", "keyword \"now\": unknown, use one of: policy, queue" },
		{ "netcoal dev attach 0123456789012345 policy web", "device \"0123456789012345\": longer than 15 bytes" },
		{ "netcoal dev attach a/b policy web", "device \"a/b\": no device can have that name" },
		{ "netcoal dev detach", "device: value missing" },
		{ "netcoal dev attach eth0 queue 1", "device \"eth0\": no policy given" },
		{ "netcoal dev attach eth0 queue", "queue: value missing" },
		{ "netcoal dev attach eth0 queue one policy web", "queue \"one\": not a whole number such as 0" },
		{ "netcoal dev attach eth0 queue -1 policy web", "queue \"-1\": not a whole number such as 0" },
		{ "netcoal dev attach eth0 queue 4294967296 policy web", "queue \"4294967296\": more than 4294967295" },
		{ "netcoal dev attach eth0 queue 0 queue 1 policy web", "queue \"1\": given twice" },
		{ "netcoal dev detach eth0 eth1", "keyword \"eth1\": unknown, use one of: queue" },
		{ "netcoal dev detach eth0 queue 1.5", "queue \"1.5\": not a whole number such as 0" },
		{ "netcoal dev show eth0 queue$", "keyword \"queue$\": unknown, use one of: queues" },
		{ "netcoal dev show eth0 queues q", "unexpected \"q\"" },
		{ "netcoal dev show ''", "device \"\": empty name" },
		{ "netcoal monitor dev", "unexpected \"dev\"" },
		{ "netcoal -x", "option \"-x\": unknown, use one of: json, pretty, statistics, timestamp, Version, help, batch, force" },
		{ "netcoal -", "option \"-\": unknown, use one of: json, pretty, statistics, timestamp, Version, help, batch, force" },
		{ "netcoal -jp dev", "option \"-jp\": unknown, use one of: json, pretty, statistics, timestamp, Version, help, batch, force" },
		{ "netcoal -batch", "option -batch: file name missing" },
		{ "netcoal -batch ''", "option -batch: file name missing" },
		{ "netcoal -b a -b b", "option -batch \"b\": given twice" },
		{ "netcoal -b a dev", "unexpected \"dev\", commands are in the batch file" },
		{ "netcoal -batch /nonexistent/file", "batch file \"/nonexistent/file\": No such file or directory" },
	};
	char want[256];

	for (size_t i = 0; i < NC_ARRAY_SIZE(cases); i++) {
		int status = run(cases[i].line);

		snprintf(want, sizeof(want), "netcoal: %s\n", cases[i].err);
		if (status != NC_EXIT_USAGE || strcmp(err, want) || *out)
			fail_msg("%s: status %d, %s", cases[i].line, status, err);
		assert_int_equal(kernel.heard + kernel.lookups, 0);
	}
}

static void help_everywhere(void **state)
{
	static const char *const lines[] = {
		"netcoal help", "netcoal h", "netcoal -h", "netcoal -help", "netcoal --help",
		"netcoal -j -h dev", "netcoal policy help", "netcoal policy add help",
		"netcoal policy add web help", "netcoal policy add web latency help",
		"netcoal policy set help", "netcoal policy del help", "netcoal policy show help",
		"netcoal policy --help", "netcoal policy h", "netcoal dev help", "netcoal dev -h",
		"netcoal dev attach help", "netcoal dev attach eth0 policy help",
		"netcoal dev detach help", "netcoal dev show eth0 queues help",
		"netcoal monitor help", "netcoal monitor -h",
	};

	for (size_t i = 0; i < NC_ARRAY_SIZE(lines); i++) {
		if (run(lines[i]) != NC_EXIT_OK || *err || strncmp(out, "Usage: netcoal ", 15))
			fail_msg("%s: %s%s", lines[i], out, err);
		assert_int_equal(kernel.heard + kernel.lookups, 0);
	}
}

static void version(void **state)
{
	assert_int_equal(run("netcoal -V"), NC_EXIT_OK);
	assert_string_equal(out, "netcoal unit\n");
	assert_int_equal(run("netcoal --version"), NC_EXIT_OK);
	assert_string_equal(out, "netcoal unit\n");
}

static void say_policy(const char *name, uint32_t latency_ns)
{
	struct nlmsghdr *nlh = kernel_says(NETCOAL_CMD_POLICY_GET);

	mnl_attr_put_strz(nlh, NETCOAL_A_POLICY_NAME, name);
	mnl_attr_put_u32(nlh, NETCOAL_A_POLICY_LATENCY_NS, latency_ns);
}

static struct nlmsghdr *say_dev(const char *ifname, const char *policy)
{
	struct nlmsghdr *nlh = kernel_says(NETCOAL_CMD_DEV_GET);

	mnl_attr_put_strz(nlh, NETCOAL_A_DEV_IFNAME, ifname);
	mnl_attr_put_strz(nlh, NETCOAL_A_DEV_POLICY, policy);
	mnl_attr_put_u32(nlh, NETCOAL_A_DEV_QUEUES, 2);
	mnl_attr_put_u64(nlh, NETCOAL_A_DEV_CHANGES, 5);
	return nlh;
}

static void say_queue(const char *ifname, uint32_t index)
{
	struct nlmsghdr *nlh = kernel_says(NETCOAL_CMD_QUEUE_GET);

	mnl_attr_put_strz(nlh, NETCOAL_A_QUEUE_IFNAME, ifname);
	mnl_attr_put_u32(nlh, NETCOAL_A_QUEUE_INDEX, index);
	mnl_attr_put_u32(nlh, NETCOAL_A_QUEUE_RX_HOLDOFF_NS, 98000);
	mnl_attr_put_u64(nlh, NETCOAL_A_QUEUE_POLLS, 3);
}

static void show_all_policies(void **state)
{
	say_policy("web", 50000);
	say_policy("batch", 2500000);
	kernel_ends_dump(0, NULL, 0);
	assert_int_equal(run("netcoal policy show"), NC_EXIT_OK);
	check_request(0, &nc_policy_fields, "dump 4");
	assert_string_equal(out, "web   latency 50us\nbatch latency 2.5ms\n");
	assert_string_equal(err, "");
}

static void show_aliases(void **state)
{
	static const char *const lines[] = {
		"netcoal policy", "netcoal p", "netcoal policy show", "netcoal policy list",
		"netcoal policy ls", "netcoal policy l", "netcoal policy sh",
	};

	for (size_t i = 0; i < NC_ARRAY_SIZE(lines); i++) {
		kernel_reset();
		kernel_ends_dump(0, NULL, 0);
		assert_int_equal(run(lines[i]), NC_EXIT_OK);
		check_request(0, &nc_policy_fields, "dump 4");
		assert_string_equal(out, "");
	}
}

static void show_one_policy(void **state)
{
	say_policy("web", 50000);
	kernel_acks();
	assert_int_equal(run("netcoal -j policy show web"), NC_EXIT_OK);
	check_request(0, &nc_policy_fields, "4 name=web");
	assert_string_equal(out, "[{\"name\":\"web\",\"latency_ns\":50000}]\n");
}

static void show_nothing_as_json(void **state)
{
	kernel_ends_dump(0, NULL, 0);
	assert_int_equal(run("netcoal -j policy"), NC_EXIT_OK);
	assert_string_equal(out, "[]\n");
}

static void show_devices(void **state)
{
	say_dev("eth0", "web");
	say_dev("eth10", "w");
	kernel_ends_dump(0, NULL, 0);
	assert_int_equal(run("netcoal dev"), NC_EXIT_OK);
	check_request(0, &nc_dev_fields, "dump 7");
	assert_string_equal(out, "eth0  policy web queues 2\neth10 policy w   queues 2\n");

	kernel_reset();
	say_dev("eth0", "web");
	kernel_acks();
	assert_int_equal(run("netcoal -s dev show eth0"), NC_EXIT_OK);
	check_request(0, &nc_dev_fields, "7 ifname=eth0");
	assert_string_equal(out, "eth0 policy web queues 2 changes 5\n");
}

/* Queues of a device that came between the two dumps belong to no one shown. */
static void say_devices_with_queues(void)
{
	say_dev("eth0", "web");
	say_dev("eth2", "web");
	kernel_ends_dump(0, NULL, 0);
	say_queue("eth2", 0);
	say_queue("eth0", 10);
	say_queue("eth1", 0);
	say_queue("eth0", 9);
	kernel_ends_dump(0, NULL, 0);
}

static void show_queues(void **state)
{
	say_devices_with_queues();
	assert_int_equal(run("netcoal dev show queues"), NC_EXIT_OK);
	check_request(0, &nc_dev_fields, "dump 7");
	check_request(1, &nc_queue_fields, "dump 8");
	assert_string_equal(out,
			    "eth0 policy web queues 2\n"
			    "    queue 9  rx-holdoff 98us\n"
			    "    queue 10 rx-holdoff 98us\n"
			    "eth2 policy web queues 2\n"
			    "    queue 0  rx-holdoff 98us\n");
}

static void say_place(uint32_t index, uint32_t remote)
{
	struct nlmsghdr *nlh = kernel_says(NETCOAL_CMD_QUEUE_GET);

	mnl_attr_put_strz(nlh, NETCOAL_A_QUEUE_IFNAME, "eth0");
	mnl_attr_put_u32(nlh, NETCOAL_A_QUEUE_INDEX, index);
	mnl_attr_put_u32(nlh, NETCOAL_A_QUEUE_LAST_CPU, index);
	mnl_attr_put_u32(nlh, NETCOAL_A_QUEUE_REMOTE, remote);
	mnl_attr_put_u32(nlh, NETCOAL_A_QUEUE_NODE, 1);
	mnl_attr_put_u32(nlh, NETCOAL_A_QUEUE_CPU_NODE, 0);
}

/* Nodes are shown where they differ, or where all is. */
static void show_nodes(void **state)
{
	for (int stats = 0; stats < 2; stats++) {
		kernel_reset();
		say_dev("eth0", "web");
		kernel_acks();
		say_place(7, NETCOAL_REMOTE_CPU);
		say_place(8, NETCOAL_REMOTE_NONE);
		kernel_ends_dump(0, NULL, 0);
		assert_int_equal(run(stats ? "netcoal -s dev show eth0 queues" :
					     "netcoal dev show eth0 queues"), NC_EXIT_OK);
		assert_string_equal(out, stats ?
				    "eth0 policy web queues 2 changes 5\n"
				    "    queue 7 last-cpu 7 remote cpu node 1 cpu-node 0\n"
				    "    queue 8 last-cpu 8            node 1 cpu-node 0\n" :
				    "eth0 policy web queues 2\n"
				    "    queue 7 last-cpu 7 remote cpu node 1 cpu-node 0\n"
				    "    queue 8 last-cpu 8\n");
	}
}

static void show_queues_as_json(void **state)
{
	say_devices_with_queues();
	assert_int_equal(run("netcoal -j dev show queues"), NC_EXIT_OK);
	assert_string_equal(out,
			    "[{\"ifname\":\"eth0\",\"policy\":\"web\",\"queues\":["
			    "{\"ifname\":\"eth0\",\"index\":9,\"rx_holdoff_ns\":98000,\"polls\":3},"
			    "{\"ifname\":\"eth0\",\"index\":10,\"rx_holdoff_ns\":98000,\"polls\":3}],"
			    "\"changes\":5},"
			    "{\"ifname\":\"eth2\",\"policy\":\"web\",\"queues\":["
			    "{\"ifname\":\"eth2\",\"index\":0,\"rx_holdoff_ns\":98000,\"polls\":3}],"
			    "\"changes\":5}]\n");
}

static void show_queues_of_one(void **state)
{
	say_dev("q", "web");
	kernel_acks();
	kernel_ends_dump(0, NULL, 0);
	assert_int_equal(run("netcoal -j dev show q q"), NC_EXIT_OK);
	check_request(0, &nc_dev_fields, "7 ifname=q");
	check_request(1, &nc_queue_fields, "dump 8 ifname=q");
	assert_string_equal(out, "[{\"ifname\":\"q\",\"policy\":\"web\",\"queues\":[],"
			    "\"changes\":5}]\n");
}

/* What a refusal looks like: the kernel's words, after the value it means. */
static void check_refusal(const char *line, const char *want)
{
	assert_int_equal(run(line), NC_EXIT_KERNEL);
	assert_string_equal(out, "");
	assert_string_equal(err, want);
	assert_false(kernel_has_more());
}

static void refusals(void **state)
{
	kernel_refuses(ENOENT, "no such governor", NETCOAL_A_POLICY_GOVERNOR);
	check_refusal("netcoal policy add web latency 50us gov bogus",
		      "netcoal: governor \"bogus\": no such governor\n");
	kernel_refuses(EINVAL, "minimum above maximum", NETCOAL_A_POLICY_RX_USECS_MAX);
	check_refusal("netcoal policy set web rx-usecs :20",
		      "netcoal: rx-usecs \":20\": minimum above maximum\n");
	kernel_refuses(EEXIST, "name in use", NETCOAL_A_POLICY_NAME);
	check_refusal("netcoal policy add web", "netcoal: policy \"web\": name in use\n");
	kernel_refuses(ENOENT, "no such policy", NETCOAL_A_DEV_POLICY);
	check_refusal("netcoal dev attach eth0 policy nix",
		      "netcoal: policy \"nix\": no such policy\n");
	kernel_refuses(ENODEV, "not attached", 0);
	check_refusal("netcoal dev detach eth0", "netcoal: device \"eth0\": not attached\n");
	kernel_refuses(ENOENT, NULL, 0);
	check_refusal("netcoal policy show web",
		      "netcoal: policy \"web\": No such file or directory\n");
	kernel_refuses(EPERM, NULL, 0);
	check_refusal("netcoal policy add web",
		      "netcoal: policy \"web\": not permitted, changes need CAP_NET_ADMIN\n");
	kernel_ends_dump(EINVAL, "bad dump", 0);
	check_refusal("netcoal dev show", "netcoal: bad dump\n");
	kernel_refuses(EOPNOTSUPP, NULL, 0);
	check_refusal("netcoal dev show", "netcoal: Operation not supported\n");
}

static void refusals_that_echo(void **state)
{
	kernel.echoes = true;
	kernel_refuses(ENOENT, "no such governor", NETCOAL_A_POLICY_GOVERNOR);
	check_refusal("netcoal policy add web latency 50us governor bogus",
		      "netcoal: governor \"bogus\": no such governor\n");
}

static void warnings(void **state)
{
	kernel_refuses(0, "deprecated", 0);
	assert_int_equal(run("netcoal policy add web"), NC_EXIT_OK);
	assert_string_equal(err, "netcoal: warning: deprecated\n");
}

static void module_not_loaded(void **state)
{
	static const char *const lines[] = {
		"netcoal policy show", "netcoal -j dev show queues", "netcoal policy add web",
		"netcoal policy del web", "netcoal dev attach eth0 policy web", "netcoal monitor",
	};

	kernel.absent = true;
	for (size_t i = 0; i < NC_ARRAY_SIZE(lines); i++)
		check_refusal(lines[i], "netcoal: module not loaded (modprobe netcoal)\n");
	assert_int_equal(kernel.heard, 0);
}

static void policy_in_use(void **state)
{
	kernel_refuses(EBUSY, "in use", NETCOAL_A_POLICY_NAME);
	say_dev("eth0", "web");
	say_dev("eth1", "other");
	say_dev("eth2", "web");
	kernel_ends_dump(0, NULL, 0);
	check_refusal("netcoal policy del web",
		      "netcoal: policy \"web\": in use by eth0, eth2\n");
	check_request(1, &nc_dev_fields, "dump 7");

	kernel_refuses(EBUSY, "in use elsewhere", NETCOAL_A_POLICY_NAME);
	kernel_ends_dump(0, NULL, 0);
	check_refusal("netcoal policy del web",
		      "netcoal: policy \"web\": in use elsewhere\n");
}

/* More users than a line holds. */
static void policy_in_much_use(void **state)
{
	unsigned int listed = 0, more = 0;
	char name[32];

	kernel_refuses(EBUSY, "in use", NETCOAL_A_POLICY_NAME);
	for (int i = 10; i < 60; i++) {
		snprintf(name, sizeof(name), "device-%d", i);
		say_dev(name, "web");
	}
	kernel_ends_dump(0, NULL, 0);
	assert_int_equal(run("netcoal policy del web"), NC_EXIT_KERNEL);
	assert_non_null(strstr(err, "in use by device-10, device-11, "));
	for (const char *at = err; (at = strstr(at, "device-")); at++)
		listed++;
	assert_int_equal(sscanf(strstr(err, " and "), " and %u more\n", &more), 1);
	assert_in_range(listed, 10, 49);
	assert_int_equal(listed + more, 50);
}

static void torn_dumps_are_repeated(void **state)
{
	say_policy("old", 1000);
	kernel_says(NETCOAL_CMD_POLICY_GET)->nlmsg_flags |= NLM_F_DUMP_INTR;
	kernel_ends_dump(0, NULL, 0);
	say_policy("new", 2000);
	kernel_ends_dump(0, NULL, 0);
	assert_int_equal(run("netcoal policy"), NC_EXIT_OK);
	assert_string_equal(out, "new latency 2us\n");
	assert_int_equal(kernel.heard, 2);
}

static void torn_dumps_are_not_repeated_for_ever(void **state)
{
	for (int i = 0; i < 30; i++) {
		kernel_says(NETCOAL_CMD_POLICY_GET)->nlmsg_flags |= NLM_F_DUMP_INTR;
		kernel_ends_dump(0, NULL, 0);
	}
	assert_int_equal(run("netcoal policy"), NC_EXIT_KERNEL);
	assert_string_equal(err, "netcoal: kept changing while it was read\n");
	assert_int_equal(kernel.heard, 16);
}

static void interruptions_and_strangers(void **state)
{
	kernel_fails(EINTR);
	kernel_says(NETCOAL_CMD_POLICY_GET)->nlmsg_seq = 4711;
	say_policy("web", 1000);
	kernel_fails(EINTR);
	kernel_ends_dump(0, NULL, 0);
	assert_int_equal(run("netcoal policy"), NC_EXIT_OK);
	assert_string_equal(out, "web latency 1us\n");
}

static void failing_system_calls(void **state)
{
	kernel_fails(ENOBUFS);
	check_refusal("netcoal policy", "netcoal: No buffer space available\n");
	kernel_fails(ECONNREFUSED);
	check_refusal("netcoal policy add web", "netcoal: policy \"web\": Connection refused\n");
}

static void full_disk(void **state)
{
	FILE *real_out = stdout, *real_err = stderr;
	char *words[] = { "netcoal", "-V", NULL };
	int status;

	free(err);
	stdout = fopen("/dev/full", "w");
	stderr = open_memstream(&err, &err_len);
	status = netcoal_main(2, words);
	fclose(stdout);
	fclose(stderr);
	stdout = real_out;
	stderr = real_err;
	assert_int_equal(status, NC_EXIT_KERNEL);
	assert_string_equal(err,
			    "netcoal: cannot write the output: No space left on device\n");
}

static char batch_file[] = "/tmp/netcoal-batch.XXXXXX";

/* Runs "netcoal OPTIONS -batch FILE" on a file of these bytes. */
static int run_batch(const char *options, const char *content, size_t len)
{
	char line[128];
	int fd = open(batch_file, O_WRONLY | O_TRUNC);

	assert_int_equal(write(fd, content, len), len);
	close(fd);
	snprintf(line, sizeof(line), "netcoal%s -batch %s", options, batch_file);
	return run(line);
}

#define RUN_BATCH(options, content)	run_batch(options, content, sizeof(content) - 1)

/* What was said on stderr, with the file's name left out. */
static void check_batch_error(const char *want)
{
	char all[512];

	snprintf(all, sizeof(all), want, batch_file, batch_file, batch_file);
	assert_string_equal(err, all);
}

static int make_batch_file(void **state)
{
	int fd = mkstemp(batch_file);

	return fd < 0 ? -1 : close(fd);
}

static int remove_batch_file(void **state)
{
	free_output(state);
	return unlink(batch_file);
}

static void batch(void **state)
{
	kernel_acks();
	kernel_acks();
	kernel_acks();
	assert_int_equal(RUN_BATCH("", "# policies\n"
				   "policy add web latency 50us # fast\n"
				   "\n"
				   "policy add 'bulk' \\\n"
				   "\tlatency 1ms \\  \n"
				   "\tcpu 2us\n"
				   "# not continued \\\n"
				   "dev attach eth0 policy web"), NC_EXIT_OK);
	assert_int_equal(kernel.heard, 3);
	assert_int_equal(kernel.lookups, 1);
	check_request(0, &nc_policy_fields, "1 name=web latency-ns=50000");
	check_request(1, &nc_policy_fields, "1 name=bulk latency-ns=1000000 cpu-ns=2000");
	check_request(2, &nc_dev_fields, "5 ifname=eth0 policy=web");
}

static void batch_stops_at_an_error(void **state)
{
	kernel_acks();
	kernel_acks();
	assert_int_equal(RUN_BATCH("", "policy add a\n\npolicy add b latency 50\npolicy add c\n"),
			 NC_EXIT_USAGE);
	check_batch_error("netcoal: %s:3: latency \"50\": needs a unit: ns, us, ms or s\n");
	assert_int_equal(kernel.heard, 1);
}

static void batch_goes_on_by_force(void **state)
{
	kernel_refuses(EEXIST, "name in use", NETCOAL_A_POLICY_NAME);
	kernel_acks();
	assert_int_equal(RUN_BATCH(" -force", "policy add a\nbogus\npolicy add \\\nc\nnothing\n"),
			 NC_EXIT_KERNEL);
	assert_int_equal(kernel.heard, 2);
	check_request(1, &nc_policy_fields, "1 name=c");
	assert_non_null(strstr(err, ":1: policy \"a\": name in use\n"));
	assert_non_null(strstr(err, ":2: object \"bogus\": unknown"));
	assert_non_null(strstr(err, ":5: object \"nothing\": unknown"));
}

/* A line that asks for help does nothing, and what only continues a wrong one is none. */
static void no_commands_of_a_batch(void **state)
{
	kernel_acks();
	assert_int_equal(RUN_BATCH("", "policy add a help\n"), NC_EXIT_USAGE);
	check_batch_error("netcoal: %s:1: help: not in a batch file\n");
	assert_int_equal(kernel.heard, 0);
	assert_int_equal(RUN_BATCH(" -force", "policy 'a \\\npolicy add \\\nb\npolicy add c\n"),
			 NC_EXIT_USAGE);
	assert_int_equal(kernel.heard, 1);
	check_request(0, &nc_policy_fields, "1 name=c");
}

static void malformed_batches(void **state)
{
	static char line[8192];

	assert_int_equal(RUN_BATCH("", "policy 'show\n"), NC_EXIT_USAGE);
	check_batch_error("netcoal: %s:1: \"show\": quote not closed\n");
	assert_int_equal(RUN_BATCH("", "\npolicy show\0 a\n"), NC_EXIT_USAGE);
	check_batch_error("netcoal: %s:2: a NUL byte in the line\n");
	memset(line, 'x', sizeof(line));
	assert_int_equal(run_batch("", line, sizeof(line)), NC_EXIT_USAGE);
	assert_non_null(strstr(err, ":1: \"xxx"));
	assert_non_null(strstr(err, ": line too long\n"));
	memset(line, ' ', sizeof(line));
	for (size_t i = 0; i < 200; i += 2)
		line[i] = 'x';
	assert_int_equal(run_batch("", line, 200), NC_EXIT_USAGE);
	assert_non_null(strstr(err, ":1: \"x x x"));
	assert_non_null(strstr(err, ": too many words\n"));
	assert_int_equal(RUN_BATCH("", "policy show \\\n\\\n\\"), NC_EXIT_KERNEL);
	assert_int_equal(run("netcoal -batch /"), NC_EXIT_USAGE);
	assert_string_equal(err, "netcoal: /:1: cannot read it: Is a directory\n");
}

static void empty_batch(void **state)
{
	assert_int_equal(RUN_BATCH("", ""), NC_EXIT_OK);
	assert_int_equal(RUN_BATCH("", "\n  \n# nothing\n"), NC_EXIT_OK);
	assert_int_equal(run("netcoal -b /dev/null"), NC_EXIT_OK);
	assert_int_equal(kernel.heard + kernel.lookups, 0);
}

#define TEST(name)	cmocka_unit_test_setup(name, fresh_kernel)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(policy_requests),
		TEST(dev_requests),
		TEST(malformed_lines),
		TEST(help_everywhere),
		TEST(version),
		TEST(show_all_policies),
		TEST(show_aliases),
		TEST(show_one_policy),
		TEST(show_nothing_as_json),
		TEST(show_devices),
		TEST(show_queues),
		TEST(show_nodes),
		TEST(show_queues_as_json),
		TEST(show_queues_of_one),
		TEST(refusals),
		TEST(refusals_that_echo),
		TEST(warnings),
		TEST(module_not_loaded),
		TEST(policy_in_use),
		TEST(policy_in_much_use),
		TEST(torn_dumps_are_repeated),
		TEST(torn_dumps_are_not_repeated_for_ever),
		TEST(interruptions_and_strangers),
		TEST(failing_system_calls),
		TEST(full_disk),
		TEST(batch),
		TEST(batch_stops_at_an_error),
		TEST(batch_goes_on_by_force),
		TEST(no_commands_of_a_batch),
		TEST(malformed_batches),
		TEST(empty_batch),
	};

	return cmocka_run_group_tests(tests, make_batch_file, remove_batch_file);
}
