// SPDX-License-Identifier: GPL-2.0
/*
 * netcoal path suggest: the paths that this network namespace has.
 *
 *    NIC or bond ---- bridge or Open vSwitch ---- guest's interface
 *
 * Each pair of an uplink and a guest's interface with one master is one. VLANs
 * are followed to what is below them.
 */
#include <errno.h>
#include <linux/if_link.h>
#include <linux/netcoal.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "print.h"
#include "request.h"

/* No real chain of devices is so deep; a loop of them would be. */
#define DEPTH_MAX	8

/**
 * struct link - a device, as rtnetlink shows it
 * @index: its index
 * @master: index of its master, or 0
 * @lower: index of what is below it, or 0
 * @name: its name, in the message
 * @kind: its kind, or ""
 * @bus: the bus of its parent device, or ""
 */
struct link {
	uint32_t index;
	uint32_t master;
	uint32_t lower;
	const char *name;
	const char *kind;
	const char *bus;
};

struct links {
	struct link *link;
	size_t count;
};

static const char *string_in(const struct nlattr *attr)
{
	return mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) ? "" : mnl_attr_get_str(attr);
}

static uint32_t number_in(const struct nlattr *attr)
{
	return mnl_attr_validate(attr, MNL_TYPE_U32) ? 0 : mnl_attr_get_u32(attr);
}

static void read_info(const struct nlattr *info, struct link *link)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, info) {
		if (mnl_attr_get_type(attr) == IFLA_INFO_KIND)
			link->kind = string_in(attr);
	}
}

static void read_link(const struct nlmsghdr *nlh, struct link *link)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;
	bool elsewhere = false;

	*link = (struct link){ .name = "", .kind = "", .bus = "" };
	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*ifi))
		return;
	link->index = (uint32_t)ifi->ifi_index;
	mnl_attr_for_each(attr, nlh, sizeof(*ifi)) {
		switch (mnl_attr_get_type(attr)) {
		case IFLA_IFNAME:
			link->name = string_in(attr);
			break;
		case IFLA_MASTER:
			link->master = number_in(attr);
			break;
		case IFLA_LINK:
			link->lower = number_in(attr);
			break;
		case IFLA_LINK_NETNSID:
			elsewhere = true;
			break;
		case IFLA_LINKINFO:
			read_info(attr, link);
			break;
		case IFLA_PARENT_DEV_BUS_NAME:
			link->bus = string_in(attr);
			break;
		}
	}
	/* of another namespace: the index means nothing here */
	if (elsewhere)
		link->lower = 0;
}

static const struct link *find_link(const struct links *links, uint32_t index)
{
	for (size_t i = 0; index && i < links->count; i++) {
		if (links->link[i].index == index)
			return &links->link[i];
	}
	return NULL;
}

static bool is_one_of(const char *word, const char *const *words)
{
	for (; *words; words++) {
		if (!strcmp(word, *words))
			return true;
	}
	return false;
}

/* A tap, the host's end of a container's veth, Xen's netback. */
static bool is_guest(const struct link *link)
{
	static const char *const kinds[] = { "tun", "veth", "macvtap", NULL };

	return is_one_of(link->kind, kinds) || !strcmp(link->bus, "xen-backend");
}

/* The device that receives for a port: it, what is below it, or NULL. */
static const struct link *uplink_of(const struct links *links, const struct link *link)
{
	static const char *const whole[] = { "bond", "team", NULL };

	for (int depth = 0; link && depth < DEPTH_MAX; depth++) {
		if (is_guest(link))
			return NULL;
		if (is_one_of(link->kind, whole) || *link->bus)
			return link;
		link = find_link(links, link->lower);
	}
	return NULL;
}

static bool is_switch(const struct link *link)
{
	static const char *const kinds[] = { "bridge", "openvswitch", NULL };

	return is_one_of(link->kind, kinds);
}

/* Takes what policies and paths may be called, as much as fits. */
static void make_name(char name[NETCOAL_NAME_LEN + 1], const char *up, const char *guest)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz0123456789._-";

	snprintf(name, NETCOAL_NAME_LEN + 1, "%s-%s", up, guest);
	for (char *c = name; *c; c++) {
		if (!strchr(allowed, *c))
			*c = '_';
	}
}

/**
 * struct suggestion - what was asked for, and what came of it
 * @ctx: the run
 * @latency_ns: latency of each path
 * @json: the paths, or NULL
 * @failed: there was no memory for one of those
 */
struct suggestion {
	struct nc_ctx *ctx;
	uint32_t latency_ns;
	json_t *json;
	bool failed;
};

static void suggest_one(struct suggestion *s, const struct link *up, const struct link *guest)
{
	char name[NETCOAL_NAME_LEN + 1], latency[32];

	make_name(name, up->name, guest->name);
	if (s->ctx->json) {
		s->failed |= json_array_append_new(s->json,
			json_pack("{s:s,s:I,s:[{s:o},{s:o}]}", "name", name, "latency_ns",
				  (json_int_t)s->latency_ns, "stages",
				  "ifname", nc_string_json(up->name),
				  "ifname", nc_string_json(guest->name)));
		return;
	}
	nc_format_time(latency, sizeof(latency), s->latency_ns, NC_EXACT);
	fprintf(s->ctx->out, "path add %s latency %s dev %s dev %s\n", name, latency,
		up->name, guest->name);
}

static void suggest_switch(struct suggestion *s, const struct links *links, uint32_t master)
{
	for (size_t i = 0; i < links->count; i++) {
		const struct link *port = &links->link[i];
		const struct link *up = port->master == master ? uplink_of(links, port) : NULL;

		for (size_t j = 0; up && j < links->count; j++) {
			if (links->link[j].master == master && is_guest(&links->link[j]))
				suggest_one(s, up, &links->link[j]);
		}
	}
}

static int open_route(struct nc_nl *nl)
{
	*nl = (struct nc_nl){ .sock = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC) };
	if (!nl->sock)
		return errno;
	return mnl_socket_bind(nl->sock, 0, MNL_SOCKET_AUTOPID) ? errno : 0;
}

/* Asks for all devices. Returns 0, or an error number. */
static int ask_links(struct nc_replies *replies)
{
	_Alignas(struct nlmsghdr) char buf[NC_REQUEST_LEN];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nc_failure failure = { 0 };
	struct ifinfomsg *ifi;
	struct nc_nl nl;

	nlh->nlmsg_type = RTM_GETLINK;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	ifi->ifi_family = AF_UNSPEC;
	failure.error = open_route(&nl);
	if (!failure.error)
		nc_nl_ask(&nl, nlh, replies, &failure);
	nc_nl_close(&nl);
	return failure.error;
}

static enum nc_exit suggest(struct suggestion *s, const struct links *links)
{
	for (size_t i = 0; i < links->count; i++) {
		if (is_switch(&links->link[i]))
			suggest_switch(s, links, links->link[i].index);
	}
	if (!s->ctx->json)
		return NC_EXIT_OK;
	if (s->failed) {
		json_decref(s->json);
		s->json = NULL;
	}
	return nc_print_json(s->ctx, s->json);
}

/**
 * nc_suggest() - prints the paths that the namespace seems to have
 * @ctx: the run
 * @latency_ns: latency of each
 *
 * As text, they are lines for "netcoal -batch".
 *
 * Return: how it went.
 */
enum nc_exit nc_suggest(struct nc_ctx *ctx, uint32_t latency_ns)
{
	struct suggestion s = { .ctx = ctx, .latency_ns = latency_ns };
	struct nc_replies replies = { 0 };
	enum nc_exit result = NC_EXIT_KERNEL;
	struct links links = { 0 };
	int error = ask_links(&replies);

	if (!error)
		links.link = calloc(replies.count + 1, sizeof(*links.link));
	if (links.link) {
		for (; links.count < replies.count; links.count++)
			read_link(replies.msg[links.count], &links.link[links.count]);
		s.json = ctx->json ? json_array() : NULL;
		result = suggest(&s, &links);
	} else {
		nc_error(ctx, "cannot read the devices: %s", strerror(error ? error : ENOMEM));
	}
	free(links.link);
	nc_replies_free(&replies);
	return result;
}
