// SPDX-License-Identifier: GPL-2.0
/* The conversation with the kernel over generic netlink. */
#include <errno.h>
#include <linux/netcoal.h>
#include <stdlib.h>
#include <string.h>

#include "nl.h"

/* A dump that changed under our hands is asked for again so often. */
#define DUMP_TRIES	16

/* No kernel puts more into one datagram of a dump. */
#define DATAGRAM_LEN	32768

/**
 * struct exchange - a request under way
 * @request: the request
 * @replies: its answers so far
 * @failure: how it ended
 * @done: no more will come
 * @torn: the answers are no snapshot, something changed between two of them
 */
struct exchange {
	const struct nlmsghdr *request;
	struct nc_replies *replies;
	struct nc_failure *failure;
	bool done;
	bool torn;
};

/**
 * nc_nl_start() - starts a message
 * @buf: room for it, NC_REQUEST_LEN bytes
 * @family: number of the family
 * @cmd: the command
 *
 * Return: the message, to put attributes in.
 */
struct nlmsghdr *nc_nl_start(void *buf, uint16_t family, uint8_t cmd)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl;

	nlh->nlmsg_type = family;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = NETCOAL_GENL_VERSION;
	return nlh;
}

static bool keep_reply(struct nc_replies *replies, const struct nlmsghdr *nlh)
{
	struct nlmsghdr **grown = reallocarray(replies->msg, replies->count + 1,
					       sizeof(*grown));

	if (!grown)
		return false;
	replies->msg = grown;
	grown[replies->count] = malloc(nlh->nlmsg_len);
	if (!grown[replies->count])
		return false;
	memcpy(grown[replies->count++], nlh, nlh->nlmsg_len);
	return true;
}

/**
 * nc_replies_free() - frees the answers to a request
 * @replies: the answers, none afterwards
 */
void nc_replies_free(struct nc_replies *replies)
{
	for (size_t i = 0; i < replies->count; i++)
		free(replies->msg[i]);
	free(replies->msg);
	*replies = (struct nc_replies){ 0 };
}

/* Type of the attribute at a place in a request, or 0. */
static uint16_t attr_at(const struct nlmsghdr *request, uint32_t offset)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, request, GENL_HDRLEN) {
		if ((const char *)attr - (const char *)request == offset)
			return mnl_attr_get_type(attr);
	}
	return 0;
}

/* Reads what the kernel adds to an error, from @offset in the payload on. */
static void read_extack(struct exchange *x, const struct nlmsghdr *nlh, size_t offset)
{
	struct nc_failure *failure = x->failure;
	const struct nlattr *attr;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS) ||
	    offset > mnl_nlmsg_get_payload_len(nlh))
		return;
	mnl_attr_for_each(attr, nlh, (unsigned int)offset) {
		uint16_t len = mnl_attr_get_payload_len(attr);

		switch (mnl_attr_get_type(attr)) {
		case NLMSGERR_ATTR_MSG:
			snprintf(failure->message, sizeof(failure->message), "%.*s",
				 (int)len, mnl_attr_get_str(attr));
			break;
		case NLMSGERR_ATTR_OFFS:
			if (len != sizeof(uint32_t))
				break;
			failure->offset = mnl_attr_get_u32(attr);
			failure->attr = attr_at(x->request, failure->offset);
			break;
		}
	}
}

static void read_error(struct exchange *x, const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);
	size_t tlvs = sizeof(*err);

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*err)) {
		x->failure->error = EBADMSG;
		return;
	}
	x->failure->error = -err->error;
	/* A kernel that ignores CAP_ACK sends the request back whole. */
	if (err->error && !(nlh->nlmsg_flags & NLM_F_CAPPED))
		tlvs += MNL_ALIGN(err->msg.nlmsg_len) - sizeof(err->msg);
	read_extack(x, nlh, tlvs);
}

static void read_done(struct exchange *x, const struct nlmsghdr *nlh)
{
	const int *status = mnl_nlmsg_get_payload(nlh);

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*status))
		return;
	if (*status < 0)
		x->failure->error = -*status;
	read_extack(x, nlh, sizeof(*status));
}

static void read_message(struct exchange *x, const struct nlmsghdr *nlh)
{
	/* A late answer to an earlier request. */
	if (nlh->nlmsg_seq != x->request->nlmsg_seq)
		return;
	x->torn |= !!(nlh->nlmsg_flags & NLM_F_DUMP_INTR);

	switch (nlh->nlmsg_type) {
	case NLMSG_NOOP:
		break;
	case NLMSG_ERROR:
		read_error(x, nlh);
		x->done = true;
		break;
	case NLMSG_DONE:
		read_done(x, nlh);
		x->done = true;
		break;
	default:
		if (!keep_reply(x->replies, nlh))
			x->failure->error = ENOMEM;
	}
}

static ssize_t receive(const struct mnl_socket *sock, void *buf, size_t len)
{
	ssize_t got;

	do {
		got = mnl_socket_recvfrom(sock, buf, len);
	} while (got < 0 && errno == EINTR);
	return got;
}

/* Sends a request and reads until its end, for better or worse. */
static void run_exchange(struct nc_nl *nl, struct exchange *x)
{
	_Alignas(struct nlmsghdr) char buf[DATAGRAM_LEN];
	ssize_t got = mnl_socket_sendto(nl->sock, x->request, x->request->nlmsg_len);

	while (got >= 0 && !x->done) {
		const struct nlmsghdr *nlh = (const void *)buf;
		int left;

		got = receive(nl->sock, buf, sizeof(buf));
		left = (int)got;
		for (; !x->done && mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left))
			read_message(x, nlh);
	}
	if (got < 0)
		x->failure->error = errno;
}

/**
 * nc_nl_ask() - sends a request and collects the answers
 * @nl: the conversation
 * @request: the request; with NLM_F_DUMP, asked again if it changed meanwhile
 * @replies: gets the answers, to be freed even after a failure
 * @failure: gets what the kernel said against it
 *
 * Return: whether it was done.
 */
bool nc_nl_ask(struct nc_nl *nl, struct nlmsghdr *request,
	       struct nc_replies *replies, struct nc_failure *failure)
{
	struct exchange x = {
		.request = request, .replies = replies, .failure = failure,
	};

	for (int i = 0; i < DUMP_TRIES; i++) {
		nc_replies_free(replies);
		*failure = (struct nc_failure){ 0 };
		x.done = false;
		x.torn = false;
		request->nlmsg_seq = ++nl->seq;
		run_exchange(nl, &x);
		if (failure->error || !x.torn)
			return !failure->error;
	}
	failure->error = EINTR;
	strcpy(failure->message, "kept changing while it was read");
	return false;
}

/* Reads the number of the group "events" from one of the family's groups. */
static int read_group(const struct nlattr *group, void *data)
{
	const struct nlattr *attr;
	struct nc_nl *nl = data;
	uint32_t id = 0;
	bool found = false;

	mnl_attr_for_each_nested(attr, group) {
		if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GRP_ID &&
		    !mnl_attr_validate(attr, MNL_TYPE_U32))
			id = mnl_attr_get_u32(attr);
		if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GRP_NAME &&
		    !mnl_attr_validate(attr, MNL_TYPE_NUL_STRING))
			found = !strcmp(mnl_attr_get_str(attr), NETCOAL_MCGRP_EVENTS);
	}
	if (found)
		nl->events = id;
	return MNL_CB_OK;
}

/**
 * nc_nl_read_family() - takes netcoal's numbers from a message
 * @nl: the conversation
 * @nlh: the controller's message about the family
 */
void nc_nl_read_family(struct nc_nl *nl, const struct nlmsghdr *nlh)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, GENL_HDRLEN) {
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID &&
		    !mnl_attr_validate(attr, MNL_TYPE_U16))
			nl->family = mnl_attr_get_u16(attr);
		if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GROUPS)
			mnl_attr_parse_nested(attr, read_group, nl);
	}
}

/**
 * nc_nl_lookup() - finds netcoal's numbers, which last until it is unloaded
 * @nl: the conversation
 *
 * Return: 0, or an error number; ENOENT if the module is not loaded.
 */
int nc_nl_lookup(struct nc_nl *nl)
{
	_Alignas(struct nlmsghdr) char buf[NC_REQUEST_LEN];
	struct nlmsghdr *nlh = nc_nl_start(buf, GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
	struct nc_replies replies = { 0 };
	struct nc_failure failure;

	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, NETCOAL_GENL_NAME);
	nl->family = 0;
	if (nc_nl_ask(nl, nlh, &replies, &failure) && replies.count)
		nc_nl_read_family(nl, replies.msg[0]);
	nc_replies_free(&replies);
	if (failure.error)
		return failure.error;
	return nl->family ? 0 : ENOENT;
}

/**
 * nc_nl_join() - asks for the messages of a multicast group
 * @nl: the conversation
 * @group: its number
 *
 * Return: 0, or an error number.
 */
int nc_nl_join(struct nc_nl *nl, uint32_t group)
{
	if (mnl_socket_setsockopt(nl->sock, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)))
		return errno;
	return 0;
}

/**
 * nc_nl_open() - opens a conversation
 * @nl: the conversation, to be closed unless there was an error
 *
 * Return: 0, or an error number.
 */
int nc_nl_open(struct nc_nl *nl)
{
	int on = 1, error;

	*nl = (struct nc_nl){ .sock = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC) };
	if (!nl->sock)
		return errno;
	if (mnl_socket_bind(nl->sock, 0, MNL_SOCKET_AUTOPID)) {
		error = errno;
		nc_nl_close(nl);
		return error;
	}
	/* Without these an error is only a number, but still an error. */
	mnl_socket_setsockopt(nl->sock, NETLINK_EXT_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(nl->sock, NETLINK_CAP_ACK, &on, sizeof(on));
	return 0;
}

/**
 * nc_nl_close() - ends a conversation, if there is one
 * @nl: the conversation
 */
void nc_nl_close(struct nc_nl *nl)
{
	if (nl->sock)
		mnl_socket_close(nl->sock);
	*nl = (struct nc_nl){ 0 };
}
