// SPDX-License-Identifier: GPL-2.0
/*
 * nlfuzz: messages that netcoal's netlink family has to refuse.
 *
 *	nlfuzz malformed COMMAND POLICY DEV	each way to get each attribute of
 *						a command wrong
 *	nlfuzz commands POLICY DEV		commands that there are not
 *	nlfuzz random SEED COUNT POLICY DEV	valid messages with random damage
 *
 * POLICY and DEV name a policy and an attached device that exist. A malformed
 * message must be refused, must say why (a message or an attribute in the
 * extended ack, and the very attribute if its value was wrong), and must leave
 * all policies and devices as they were. What was not so is printed, a line
 * each. Status: 0 all as it must be, 1 something was not, 2 usage or no netcoal.
 */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/netcoal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define MESSAGE_SIZE	8192
#define DUMP_SIZE	65536
#define ATTR_UNKNOWN	200
#define COMMAND_LAST	255
/* No set has so many attributes. */
#define ATTRS_MAX	64

/**
 * enum kind - what an attribute holds
 * @KIND_U32: a number from min to max
 * @KIND_POLICY: name of a policy, @max bytes at most
 * @KIND_GOVERNOR: name of a governor, likewise
 * @KIND_IFNAME: name of a device, likewise
 * @KIND_PATTERN: pattern of names, likewise
 * @KIND_FLAG: nothing
 * @KIND_PATH: name of a path, @max bytes at most; there is none of any name
 * @KIND_STAGE: a stage of a path
 */
enum kind {
	KIND_U32, KIND_POLICY, KIND_GOVERNOR, KIND_IFNAME, KIND_PATTERN, KIND_FLAG,
	KIND_PATH, KIND_STAGE,
};

struct attr {
	uint16_t type;
	enum kind kind;
	uint32_t min;
	uint32_t max;
};

/**
 * struct command - a command and what it takes
 * @name: as in the specification
 * @cmd: its number
 * @flags: of the message, beside NLM_F_REQUEST and NLM_F_ACK
 * @required: how many of @attr, from the first, may not be missing
 * @nattr: length of @attr
 * @attr: its attributes
 */
struct command {
	const char *name;
	uint8_t cmd;
	uint16_t flags;
	unsigned int required;
	unsigned int nattr;
	const struct attr *attr;
};

static const struct attr policy_attrs[] = {
	{ NETCOAL_A_POLICY_NAME, KIND_POLICY, 1, NETCOAL_NAME_LEN },
	{ NETCOAL_A_POLICY_LATENCY_NS, KIND_U32, 0, NETCOAL_TARGET_MAX_NS },
	{ NETCOAL_A_POLICY_CPU_NS, KIND_U32, 0, NETCOAL_TARGET_MAX_NS },
	{ NETCOAL_A_POLICY_PREFER, KIND_U32, 0, NETCOAL_PREFER_CPU },
	{ NETCOAL_A_POLICY_GOVERNOR, KIND_GOVERNOR, 1, NETCOAL_NAME_LEN },
	{ NETCOAL_A_POLICY_ACTUATOR, KIND_U32, 0, NETCOAL_ACTUATOR_HOLD },
	{ NETCOAL_A_POLICY_RX_USECS_MIN, KIND_U32, 0, NETCOAL_USECS_MAX },
	{ NETCOAL_A_POLICY_RX_USECS_MAX, KIND_U32, 0, NETCOAL_USECS_MAX },
	{ NETCOAL_A_POLICY_RX_FRAMES_MIN, KIND_U32, 1, NETCOAL_FRAMES_MAX },
	{ NETCOAL_A_POLICY_RX_FRAMES_MAX, KIND_U32, 1, NETCOAL_FRAMES_MAX },
	{ NETCOAL_A_POLICY_TX_USECS_MIN, KIND_U32, 0, NETCOAL_USECS_MAX },
	{ NETCOAL_A_POLICY_TX_USECS_MAX, KIND_U32, 0, NETCOAL_USECS_MAX },
	{ NETCOAL_A_POLICY_TX_FRAMES_MIN, KIND_U32, 1, NETCOAL_FRAMES_MAX },
	{ NETCOAL_A_POLICY_TX_FRAMES_MAX, KIND_U32, 1, NETCOAL_FRAMES_MAX },
	{ NETCOAL_A_POLICY_IRQ_COST_NS, KIND_U32, 0, NETCOAL_TARGET_MAX_NS },
	{ NETCOAL_A_POLICY_MATCH_DEV, KIND_PATTERN, 1, NETCOAL_NAME_LEN },
	{ NETCOAL_A_POLICY_MATCH_DRIVER, KIND_PATTERN, 1, NETCOAL_NAME_LEN },
	{ NETCOAL_A_POLICY_MATCH_BRIDGE, KIND_PATTERN, 1, NETCOAL_NAME_LEN },
	{ NETCOAL_A_POLICY_MATCH_NONE, KIND_FLAG, 0, 0 },
	{ NETCOAL_A_POLICY_CAP_PERCENT, KIND_U32, 0, NETCOAL_CAP_MAX },
};

static const struct attr dev_attrs[] = {
	{ NETCOAL_A_DEV_IFNAME, KIND_IFNAME, 1, 15 },
	{ NETCOAL_A_DEV_POLICY, KIND_POLICY, 1, NETCOAL_NAME_LEN },
	{ NETCOAL_A_DEV_QUEUE, KIND_U32, 0, UINT32_MAX },
};

static const struct attr detach_attrs[] = {
	{ NETCOAL_A_DEV_IFNAME, KIND_IFNAME, 1, 15 },
	{ NETCOAL_A_DEV_QUEUE, KIND_U32, 0, UINT32_MAX },
};

static const struct attr queue_attrs[] = {
	{ NETCOAL_A_QUEUE_IFNAME, KIND_IFNAME, 1, 15 },
	{ NETCOAL_A_QUEUE_INDEX, KIND_U32, 0, UINT32_MAX },
};

static const struct attr path_attrs[] = {
	{ NETCOAL_A_PATH_NAME, KIND_PATH, 1, NETCOAL_NAME_LEN },
	{ NETCOAL_A_PATH_LATENCY_NS, KIND_U32, 0, NETCOAL_TARGET_MAX_NS },
	{ NETCOAL_A_PATH_STAGE, KIND_STAGE, 0, 0 },
};

static const struct command commands[] = {
	{ "policy-new", NETCOAL_CMD_POLICY_NEW, 0, 1, ARRAY_SIZE(policy_attrs), policy_attrs },
	{ "policy-set", NETCOAL_CMD_POLICY_SET, 0, 1, ARRAY_SIZE(policy_attrs), policy_attrs },
	{ "policy-del", NETCOAL_CMD_POLICY_DEL, 0, 1, 1, policy_attrs },
	{ "policy-get", NETCOAL_CMD_POLICY_GET, 0, 1, 1, policy_attrs },
	{ "dev-attach", NETCOAL_CMD_DEV_ATTACH, 0, 2, 3, dev_attrs },
	{ "dev-detach", NETCOAL_CMD_DEV_DETACH, 0, 1, 2, detach_attrs },
	{ "dev-get", NETCOAL_CMD_DEV_GET, 0, 1, 1, dev_attrs },
	{ "queue-get", NETCOAL_CMD_QUEUE_GET, 0, 1, 2, queue_attrs },
	{ "queue-get", NETCOAL_CMD_QUEUE_GET, NLM_F_DUMP, 0, 2, queue_attrs },
	{ "path-new", NETCOAL_CMD_PATH_NEW, 0, 3, 3, path_attrs },
	{ "path-set", NETCOAL_CMD_PATH_SET, 0, 1, 3, path_attrs },
	{ "path-del", NETCOAL_CMD_PATH_DEL, 0, 1, 1, path_attrs },
	{ "path-get", NETCOAL_CMD_PATH_GET, 0, 1, 1, path_attrs },
};

/**
 * struct answer - what the kernel said to a message
 * @error: 0, or a positive errno
 * @said: there was a message
 * @missing: there was the type of a missing attribute
 * @offset: of the offending attribute in the request, 0 for none
 * @late: a dump had begun; 6.1 then only has room for a message
 */
struct answer {
	int error;
	bool said;
	bool missing;
	uint32_t offset;
	bool late;
};

/**
 * struct run - one run of this program
 * @nl: socket
 * @family: number of netcoal's family
 * @seq: of the last message sent
 * @policy: name of a policy that exists
 * @dev: name of a device that is attached
 * @sent: messages sent
 * @wrong: messages that were not answered as they must be
 */
struct run {
	struct mnl_socket *nl;
	uint16_t family;
	uint32_t seq;
	const char *policy;
	const char *dev;
	unsigned int sent;
	unsigned int wrong;
};

static __attribute__((noreturn, format(printf, 1, 2))) void die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("nlfuzz: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(2);
}

/* ---- asking -------------------------------------------------------------- */

static struct nlmsghdr *start(struct run *run, void *buf, uint16_t type, uint8_t cmd,
			      uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	nlh->nlmsg_seq = ++run->seq;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = 1;
	return nlh;
}

/* An NLMSG_ERROR has the request, or its head, before the attributes. */
static size_t ext_ack_offset(const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);

	if (nlh->nlmsg_type == NLMSG_DONE)
		return sizeof(err->error);
	if (nlh->nlmsg_flags & NLM_F_CAPPED)
		return sizeof(*err);
	return sizeof(err->error) + MNL_ALIGN(err->msg.nlmsg_len);
}

static void read_ext_ack(const struct nlmsghdr *nlh, struct answer *answer)
{
	size_t at = ext_ack_offset(nlh);
	const struct nlattr *attr;

	answer->late = nlh->nlmsg_type == NLMSG_DONE;
	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	mnl_attr_for_each(attr, nlh, at) {
		switch (mnl_attr_get_type(attr)) {
		case NLMSGERR_ATTR_MSG:
			answer->said = true;
			break;
		case NLMSGERR_ATTR_OFFS:
			answer->offset = mnl_attr_get_u32(attr);
			break;
		case NLMSGERR_ATTR_MISS_TYPE:
			answer->missing = true;
			break;
		}
	}
}

/*
 * Takes in answers to the last message until the one that ends it. What else
 * came is appended to @dump, if there is one; its length is returned.
 */
static size_t receive(struct run *run, struct answer *answer, char *dump, size_t room)
{
	static char buf[DUMP_SIZE];
	const struct nlmsghdr *nlh;
	size_t used = 0;
	int len;

	memset(answer, 0, sizeof(*answer));
	for (;;) {
		ssize_t got = mnl_socket_recvfrom(run->nl, buf, sizeof(buf));

		if (got < 0)
			die("no answer: %s", strerror(errno));
		len = (int)got;
		for (nlh = (void *)buf; mnl_nlmsg_ok(nlh, len); nlh = mnl_nlmsg_next(nlh, &len)) {
			size_t payload = mnl_nlmsg_get_payload_len(nlh);

			if (nlh->nlmsg_seq != run->seq)
				continue;
			if (nlh->nlmsg_type == NLMSG_ERROR || nlh->nlmsg_type == NLMSG_DONE) {
				/* both begin with the error number */
				answer->error = -*(int *)mnl_nlmsg_get_payload(nlh);
				read_ext_ack(nlh, answer);
				return used;
			}
			if (!dump)
				continue;
			if (payload > room - used)
				die("a dump of more than %zu bytes", room);
			memcpy(dump + used, mnl_nlmsg_get_payload(nlh), payload);
			used += payload;
		}
	}
}

static void ask(struct run *run, const struct nlmsghdr *nlh, struct answer *answer)
{
	if (mnl_socket_sendto(run->nl, nlh, nlh->nlmsg_len) < 0)
		die("cannot send: %s", strerror(errno));
	run->sent++;
	receive(run, answer, NULL, 0);
}

static size_t dump_one(struct run *run, uint8_t cmd, char *dump, size_t room)
{
	static char buf[MESSAGE_SIZE];
	struct nlmsghdr *nlh = start(run, buf, run->family, cmd, NLM_F_DUMP);
	struct answer answer;
	size_t used;

	if (mnl_socket_sendto(run->nl, nlh, nlh->nlmsg_len) < 0)
		die("cannot send: %s", strerror(errno));
	used = receive(run, &answer, dump, room);
	if (answer.error)
		die("cannot dump: %s", strerror(answer.error));
	return used;
}

/* All policies and devices, as bytes to compare. */
static size_t dump_all(struct run *run, char *dump)
{
	size_t used = dump_one(run, NETCOAL_CMD_POLICY_GET, dump, DUMP_SIZE);

	return used + dump_one(run, NETCOAL_CMD_DEV_GET, dump + used, DUMP_SIZE - used);
}

static int find_family_attr(const struct nlattr *attr, void *data)
{
	if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
		*(uint16_t *)data = mnl_attr_get_u16(attr);
	return MNL_CB_OK;
}

static void find_family(struct run *run)
{
	static char buf[MESSAGE_SIZE], reply[DUMP_SIZE];
	struct nlmsghdr *nlh = start(run, buf, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
	struct answer answer;
	size_t used;

	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, NETCOAL_GENL_NAME);
	if (mnl_socket_sendto(run->nl, nlh, nlh->nlmsg_len) < 0)
		die("cannot send: %s", strerror(errno));
	used = receive(run, &answer, reply, sizeof(reply));
	if (answer.error)
		die("no family %s: %s", NETCOAL_GENL_NAME, strerror(answer.error));
	mnl_attr_parse_payload(reply + GENL_HDRLEN, used - GENL_HDRLEN, find_family_attr,
			       &run->family);
}

/* ---- malformed messages -------------------------------------------------- */

/**
 * struct fault - one malformed message
 * @cmd: the command
 * @victim: index of the attribute that is wrong, or of none
 * @what: how, for the reader
 * @type: type that the wrong attribute has
 * @data: what it holds; NULL leaves it out
 * @len: how much of it
 * @exact: the attribute itself must be named by the answer
 */
struct fault {
	const struct command *cmd;
	unsigned int victim;
	const char *what;
	uint16_t type;
	const void *data;
	uint16_t len;
	bool exact;
};

/* A value that would do, were the rest of the message good. */
static void put_good(struct run *run, struct nlmsghdr *nlh, const struct command *cmd,
		     const struct attr *attr)
{
	bool fresh = cmd->cmd == NETCOAL_CMD_POLICY_NEW;
	struct nlattr *nest;

	switch (attr->kind) {
	case KIND_U32:
		mnl_attr_put_u32(nlh, attr->type, attr->min);
		break;
	case KIND_POLICY:
		mnl_attr_put_strz(nlh, attr->type, fresh ? "fresh" : run->policy);
		break;
	case KIND_GOVERNOR:
		mnl_attr_put_strz(nlh, attr->type, "fixed");
		break;
	case KIND_IFNAME:
		mnl_attr_put_strz(nlh, attr->type, run->dev);
		break;
	case KIND_PATTERN:
		mnl_attr_put_strz(nlh, attr->type, "nobody*");
		break;
	case KIND_FLAG:
		mnl_attr_put(nlh, attr->type, 0, NULL);
		break;
	case KIND_PATH:
		mnl_attr_put_strz(nlh, attr->type, "fresh");
		break;
	case KIND_STAGE:
		nest = mnl_attr_nest_start(nlh, attr->type);
		mnl_attr_put_strz(nlh, NETCOAL_A_PATH_STAGE_IFNAME, run->dev);
		mnl_attr_nest_end(nlh, nest);
		break;
	}
}

/* Returns the offset of the wrong attribute, 0 if there is none. */
static uint32_t put_attrs(struct run *run, struct nlmsghdr *nlh, const struct fault *fault)
{
	const struct command *cmd = fault->cmd;
	uint32_t offset = 0;
	unsigned int i;

	for (i = 0; i < cmd->nattr; i++) {
		if (i == fault->victim && fault->data) {
			offset = nlh->nlmsg_len;
			mnl_attr_put(nlh, fault->type, fault->len, fault->data);
		} else if (i != fault->victim && i < cmd->required) {
			put_good(run, nlh, cmd, &cmd->attr[i]);
		}
	}
	if (fault->victim == cmd->nattr && fault->data) {
		offset = nlh->nlmsg_len;
		mnl_attr_put(nlh, fault->type, fault->len, fault->data);
	}
	return offset;
}

static void wrong(struct run *run, const struct fault *fault, const char *why)
{
	run->wrong++;
	printf("%s%s: attribute %u %s: %s\n", fault->cmd->name,
	       fault->cmd->flags & NLM_F_DUMP ? " (dump)" : "", fault->type, fault->what, why);
}

static void judge(struct run *run, const struct fault *fault, const struct answer *answer,
		  uint32_t offset)
{
	char why[128];

	if (!answer->error) {
		wrong(run, fault, "accepted");
	} else if (!answer->said && !answer->missing && !answer->offset) {
		wrong(run, fault, "refused without a word");
	} else if (fault->exact && !answer->late && answer->offset != offset) {
		snprintf(why, sizeof(why), "the attribute at %u is blamed, not the one at %u",
			 answer->offset, offset);
		wrong(run, fault, why);
	}
}

static void try_fault(struct run *run, const struct fault *fault)
{
	static char buf[MESSAGE_SIZE], before[DUMP_SIZE], after[DUMP_SIZE];
	size_t len = dump_all(run, before);
	struct answer answer;
	struct nlmsghdr *nlh;
	uint32_t offset;

	nlh = start(run, buf, run->family, fault->cmd->cmd, fault->cmd->flags);
	offset = put_attrs(run, nlh, fault);
	ask(run, nlh, &answer);
	judge(run, fault, &answer, offset);
	if (dump_all(run, after) != len || memcmp(before, after, len))
		wrong(run, fault, "something changed");
}

static void try_data(struct run *run, const struct command *cmd, unsigned int victim,
		     const char *what, const void *data, size_t len)
{
	struct fault fault = {
		.cmd = cmd, .victim = victim, .what = what,
		.type = cmd->attr[victim].type, .data = data, .len = (uint16_t)len,
		.exact = true,
	};

	try_fault(run, &fault);
}

static void try_u32(struct run *run, const struct command *cmd, unsigned int victim)
{
	static const uint8_t zeros[64];
	static const uint16_t sizes[] = { 0, 1, 2, 3, 5, 8, 64 };
	const struct attr *attr = &cmd->attr[victim];
	uint32_t over = attr->max + 1, most = UINT32_MAX, sign = 0x80000000, under = attr->min - 1;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		try_data(run, cmd, victim, "of a wrong length", zeros, sizes[i]);
	if (attr->max < UINT32_MAX) {
		try_data(run, cmd, victim, "just too large", &over, sizeof(over));
		try_data(run, cmd, victim, "as large as can be", &most, sizeof(most));
		try_data(run, cmd, victim, "too large by its sign", &sign, sizeof(sign));
	}
	if (attr->min)
		try_data(run, cmd, victim, "too small", &under, sizeof(under));
}

static void try_string(struct run *run, const struct command *cmd, unsigned int victim)
{
	const struct attr *attr = &cmd->attr[victim];
	static char text[300];

	memset(text, 'x', sizeof(text));
	try_data(run, cmd, victim, "without a byte", text, 0);
	try_data(run, cmd, victim, "unterminated", text, attr->max);
	try_data(run, cmd, victim, "unterminated, a byte long", text, 1);
	try_data(run, cmd, victim, "unterminated and too long", text, sizeof(text));
	try_data(run, cmd, victim, "empty", "", 1);
	text[attr->max + 1] = '\0';
	try_data(run, cmd, victim, "a byte too long", text, attr->max + 2);
	text[attr->max + 1] = 'x';
	text[sizeof(text) - 1] = '\0';
	try_data(run, cmd, victim, "much too long", text, sizeof(text));
}

static void try_names(struct run *run, const struct command *cmd, unsigned int victim)
{
	static const char *const policies[] = {
		"a/b", "a b", " a", "a\n", "a\t", "\x01", "\xff", "a:b", "%s", "a=b", "\xc3\xa9",
	};
	static const char *const devices[] = {
		"a/b", ".", "..", "a b", "a\n", "a:b", "nosuchdev0",
	};
	static const char *const patterns[] = { "a\n", "\x01*", "\xff", "\xc3\xa9*", "*\x7f" };
	unsigned int i;

	if (cmd->attr[victim].kind == KIND_POLICY || cmd->attr[victim].kind == KIND_PATH) {
		for (i = 0; i < ARRAY_SIZE(policies); i++)
			try_data(run, cmd, victim, "no policy's name", policies[i],
				 strlen(policies[i]) + 1);
		if (cmd->cmd == NETCOAL_CMD_POLICY_NEW)
			try_data(run, cmd, victim, "a name in use", run->policy,
				 strlen(run->policy) + 1);
		else if (cmd->cmd != NETCOAL_CMD_PATH_NEW)
			try_data(run, cmd, victim, "of no policy or path", "nobody", sizeof("nobody"));
	} else if (cmd->attr[victim].kind == KIND_IFNAME) {
		/* a device that is not there may be waited for: the last */
		for (i = 0; i + (cmd->cmd == NETCOAL_CMD_DEV_ATTACH) < ARRAY_SIZE(devices); i++)
			try_data(run, cmd, victim, "no device's name", devices[i],
				 strlen(devices[i]) + 1);
	} else if (cmd->attr[victim].kind == KIND_PATTERN) {
		for (i = 0; i < ARRAY_SIZE(patterns); i++)
			try_data(run, cmd, victim, "no pattern", patterns[i],
				 strlen(patterns[i]) + 1);
	} else {
		try_data(run, cmd, victim, "of no governor", "nobody", sizeof("nobody"));
	}
}

/* A stage that says nothing, too much, or something wrong. */
static void try_stages(struct run *run, const struct command *cmd, unsigned int victim)
{
	static const struct {
		struct nlattr attr;
		uint32_t value;
	} stages[] = {
		{ { 8, NETCOAL_A_PATH_STAGE_REMOTE_NS }, 0 },
		{ { 8, NETCOAL_A_PATH_STAGE_REMOTE_NS }, NETCOAL_TARGET_MAX_NS + 1 },
		{ { 8, NETCOAL_A_PATH_STAGE_SHARE_NS }, 5 },
		{ { 8, NETCOAL_A_PATH_STAGE_IFNAME }, 0x2f2f2f2f },
		{ { 8, ATTR_UNKNOWN }, 5 },
		{ { 200, NETCOAL_A_PATH_STAGE_REMOTE_NS }, 5 },
	};
	struct fault fault = {
		.cmd = cmd, .victim = victim, .what = "no stage",
		.type = cmd->attr[victim].type | NLA_F_NESTED,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(stages); i++) {
		fault.data = &stages[i];
		fault.len = sizeof(stages[i]);
		try_fault(run, &fault);
	}
	fault.data = "";
	fault.len = 0;
	try_fault(run, &fault);
	fault.what = "not nested";
	fault.type = cmd->attr[victim].type;
	fault.data = &stages[0];
	fault.len = sizeof(stages[0]);
	try_fault(run, &fault);
}

static bool takes(const struct command *cmd, uint16_t type)
{
	unsigned int i;

	for (i = 0; i < cmd->nattr; i++)
		if (cmd->attr[i].type == type)
			return true;
	return false;
}

/* Missing, unknown, read-only: what is wrong is not a value. */
static void try_message(struct run *run, const struct command *cmd)
{
	static const uint32_t zero;
	struct fault fault = { .cmd = cmd, .victim = cmd->nattr, .what = "unknown" };
	uint16_t type;

	fault.data = &zero;
	fault.len = sizeof(zero);
	fault.type = ATTR_UNKNOWN;
	try_fault(run, &fault);
	fault.type = 0;
	try_fault(run, &fault);
	fault.what = "not of this command";
	for (type = 1; type < ATTRS_MAX; type++) {
		fault.type = type;
		if (!takes(cmd, type))
			try_fault(run, &fault);
	}

	fault.what = "missing";
	fault.data = NULL;
	for (fault.victim = 0; fault.victim < cmd->required; fault.victim++) {
		fault.type = cmd->attr[fault.victim].type;
		try_fault(run, &fault);
	}
}

/* An attribute that claims to be longer than the message, or than itself. */
static void try_lengths(struct run *run, const struct command *cmd)
{
	static const uint16_t lengths[] = { 0, 1, 3, 200, 0xffff };
	struct fault fault = { .cmd = cmd, .victim = cmd->nattr, .what = "of a false length" };
	static char buf[MESSAGE_SIZE], before[DUMP_SIZE], after[DUMP_SIZE];
	size_t len = dump_all(run, before);
	struct answer answer;
	struct nlmsghdr *nlh;
	struct nlattr *attr;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		nlh = start(run, buf, run->family, cmd->cmd, cmd->flags);
		put_attrs(run, nlh, &fault);
		attr = mnl_nlmsg_get_payload_tail(nlh);
		mnl_attr_put_u32(nlh, cmd->attr[cmd->nattr - 1].type, 1);
		attr->nla_len = lengths[i];
		ask(run, nlh, &answer);
		fault.type = attr->nla_type;
		judge(run, &fault, &answer, 0);
		if (dump_all(run, after) != len || memcmp(before, after, len))
			wrong(run, &fault, "something changed");
	}
}

static void try_command(struct run *run, const struct command *cmd)
{
	unsigned int i;

	for (i = 0; i < cmd->nattr; i++) {
		if (cmd->attr[i].kind == KIND_U32) {
			try_u32(run, cmd, i);
		} else if (cmd->attr[i].kind == KIND_FLAG) {
			try_data(run, cmd, i, "with a value", "x", 1);
			try_data(run, cmd, i, "with a value", "\0\0\0", 4);
		} else if (cmd->attr[i].kind == KIND_STAGE) {
			try_stages(run, cmd, i);
		} else {
			try_string(run, cmd, i);
			try_names(run, cmd, i);
		}
	}
	try_message(run, cmd);
	try_lengths(run, cmd);
}

static void malformed(struct run *run, const char *name)
{
	bool found = false;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (strcmp(commands[i].name, name))
			continue;
		found = true;
		try_command(run, &commands[i]);
	}
	if (!found)
		die("no command '%s'", name);
}

/* Commands that nobody defined, and those that only the kernel sends. */
static void no_commands(struct run *run)
{
	static char buf[MESSAGE_SIZE], before[DUMP_SIZE], after[DUMP_SIZE];
	struct command command = { .name = "command", .nattr = 0 };
	struct fault fault = { .cmd = &command, .what = "of no command" };
	size_t len = dump_all(run, before);
	struct answer answer;
	struct nlmsghdr *nlh;
	unsigned int cmd;

	for (cmd = 0; cmd <= COMMAND_LAST; cmd++) {
		if ((cmd > NETCOAL_CMD_UNSPEC && cmd <= NETCOAL_CMD_QUEUE_GET) ||
		    (cmd >= NETCOAL_CMD_PATH_NEW && cmd <= NETCOAL_CMD_PATH_GET))
			continue;
		nlh = start(run, buf, run->family, (uint8_t)cmd, 0);
		mnl_attr_put_strz(nlh, 1, run->policy);
		ask(run, nlh, &answer);
		fault.type = (uint16_t)cmd;
		if (answer.error != EOPNOTSUPP)
			wrong(run, &fault, answer.error ? strerror(answer.error) : "accepted");
	}
	if (dump_all(run, after) != len || memcmp(before, after, len))
		wrong(run, &fault, "something changed");
}

/* ---- random messages ----------------------------------------------------- */

/* xorshift32: the same seed gives the same messages everywhere. */
static uint32_t draw(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static void put_random(struct run *run, struct nlmsghdr *nlh, const struct command *cmd,
		       uint32_t *state)
{
	const struct attr *attr = &cmd->attr[draw(state) % cmd->nattr];
	uint32_t bytes[16];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bytes); i++)
		bytes[i] = draw(state);
	switch (draw(state) % 4) {
	case 0:
		mnl_attr_put(nlh, attr->type, draw(state) % sizeof(bytes), bytes);
		break;
	case 1:
		mnl_attr_put(nlh, (uint16_t)draw(state), draw(state) % sizeof(bytes), bytes);
		break;
	case 2:
		mnl_attr_put_u32(nlh, attr->type, draw(state) >> draw(state) % 32);
		break;
	default:
		put_good(run, nlh, cmd, attr);
		break;
	}
}

/* Flips bits behind the headers, so that the kernel still knows whom to ask. */
static void damage(struct nlmsghdr *nlh, uint32_t *state)
{
	uint32_t head = NLMSG_HDRLEN + GENL_HDRLEN, i, n = draw(state) % 4;

	if (nlh->nlmsg_len <= head)
		return;
	for (i = 0; i < n; i++)
		((uint8_t *)nlh)[head + draw(state) % (nlh->nlmsg_len - head)] ^=
			(uint8_t)(1 << draw(state) % 8);
}

static void random_messages(struct run *run, uint32_t seed, unsigned long count)
{
	static char buf[MESSAGE_SIZE];
	uint32_t state = seed * 2654435761U | 1;
	unsigned long accepted = 0, n;
	struct answer answer;

	for (n = 0; n < count; n++) {
		const struct command *cmd = &commands[draw(&state) % ARRAY_SIZE(commands)];
		uint32_t attrs = draw(&state) % 6;
		struct nlmsghdr *nlh = start(run, buf, run->family, cmd->cmd, cmd->flags);

		while (attrs--)
			put_random(run, nlh, cmd, &state);
		damage(nlh, &state);
		ask(run, nlh, &answer);
		accepted += !answer.error;
	}
	printf("seed %u: %lu messages, %lu accepted\n", seed, count, accepted);
}

/* ---- main ---------------------------------------------------------------- */

static unsigned long parse_number(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (!*text || *end || value > 1000000)
		die("'%s' is no number up to 1000000", text);
	return value;
}

static void open_socket(struct run *run)
{
	int on = 1;
	struct timeval limit = { .tv_sec = 10 };

	run->nl = mnl_socket_open(NETLINK_GENERIC);
	if (!run->nl || mnl_socket_bind(run->nl, 0, MNL_SOCKET_AUTOPID) < 0)
		die("cannot open a netlink socket: %s", strerror(errno));
	if (mnl_socket_setsockopt(run->nl, NETLINK_EXT_ACK, &on, sizeof(on)) < 0 ||
	    setsockopt(mnl_socket_get_fd(run->nl), SOL_SOCKET, SO_RCVTIMEO, &limit,
		       sizeof(limit)) < 0)
		die("cannot set up a netlink socket: %s", strerror(errno));
	find_family(run);
}

int main(int argc, char **argv)
{
	struct run run = { 0 };

	if (argc < 4)
		die("usage: nlfuzz malformed COMMAND|commands|random SEED COUNT POLICY DEV");
	run.policy = argv[argc - 2];
	run.dev = argv[argc - 1];
	open_socket(&run);

	if (!strcmp(argv[1], "malformed") && argc == 5)
		malformed(&run, argv[2]);
	else if (!strcmp(argv[1], "commands") && argc == 4)
		no_commands(&run);
	else if (!strcmp(argv[1], "random") && argc == 6)
		random_messages(&run, (uint32_t)parse_number(argv[2]), parse_number(argv[3]));
	else
		die("'%s' with %d words: no such test", argv[1], argc - 2);

	printf("%u messages, %u wrong\n", run.sent, run.wrong);
	mnl_socket_close(run.nl);
	return run.wrong ? 1 : 0;
}
