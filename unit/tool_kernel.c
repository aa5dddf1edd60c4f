// SPDX-License-Identifier: GPL-2.0
/* A kernel for tests of the command, in the place of libmnl's sockets. */
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netcoal.h>
#include <string.h>

#include "nl.h"
#include "tool_kernel.h"

#define DATAGRAMS_MAX	64
#define REQUESTS_MAX	64

/**
 * struct datagram - something to say
 * @error: fail with this error number instead
 * @blame: attribute of the request that the error is about, or 0
 * @buf: a message
 */
struct datagram {
	int error;
	uint16_t blame;
	_Alignas(struct nlmsghdr) char buf[NC_REQUEST_LEN];
};

struct kernel kernel;

static struct datagram datagrams[DATAGRAMS_MAX];
static size_t queued, said;
static _Alignas(struct nlmsghdr) char requests[REQUESTS_MAX][NC_REQUEST_LEN];
static _Alignas(struct nlmsghdr) char lookup[NC_REQUEST_LEN];
static const struct nlmsghdr *last;
static bool asked_for_family;

void kernel_reset(void)
{
	kernel = (struct kernel){ 0 };
	queued = 0;
	said = 0;
	asked_for_family = false;
}

static struct datagram *queue_datagram(void)
{
	struct datagram *datagram = &datagrams[queued++];

	if (queued > DATAGRAMS_MAX)
		__builtin_trap();
	memset(datagram, 0, sizeof(*datagram));
	return datagram;
}

/* Starts an answer; its sequence number is put in when it is said, unless set. */
struct nlmsghdr *kernel_says(uint8_t cmd)
{
	struct nlmsghdr *nlh = nc_nl_start(queue_datagram()->buf, KERNEL_FAMILY, cmd);

	nlh->nlmsg_flags = 0;
	return nlh;
}

static void put_message(struct nlmsghdr *nlh, const char *message)
{
	if (!message)
		return;
	nlh->nlmsg_flags |= NLM_F_ACK_TLVS;
	mnl_attr_put_strz(nlh, NLMSGERR_ATTR_MSG, message);
}

static void put_error(struct nlmsghdr *nlh, int error)
{
	struct nlmsgerr *err = mnl_nlmsg_put_extra_header(nlh, sizeof(*err));

	err->error = -error;
	nlh->nlmsg_type = NLMSG_ERROR;
	nlh->nlmsg_flags = NLM_F_CAPPED;
}

/* Ends an answer with an error; a message without one is a warning. */
void kernel_refuses(int error, const char *message, uint16_t attr)
{
	struct datagram *datagram = queue_datagram();
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(datagram->buf);

	put_error(nlh, error);
	put_message(nlh, message);
	datagram->blame = attr;
}

void kernel_acks(void)
{
	kernel_refuses(0, NULL, 0);
}

void kernel_ends_dump(int error, const char *message, uint16_t attr)
{
	struct datagram *datagram = queue_datagram();
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(datagram->buf);

	*(int *)mnl_nlmsg_put_extra_header(nlh, sizeof(int)) = -error;
	nlh->nlmsg_type = NLMSG_DONE;
	nlh->nlmsg_flags = NLM_F_MULTI;
	put_message(nlh, message);
	datagram->blame = attr;
}

/* The system call itself fails. */
void kernel_fails(int error)
{
	queue_datagram()->error = error;
}

const struct nlmsghdr *kernel_request(size_t i)
{
	return (const void *)requests[i];
}

bool kernel_has_more(void)
{
	return said < queued;
}

struct mnl_socket *mnl_socket_open2(int bus, int flags)
{
	kernel.open++;
	return (struct mnl_socket *)&kernel;
}

int mnl_socket_bind(struct mnl_socket *sock, unsigned int groups, pid_t pid)
{
	return 0;
}

int mnl_socket_setsockopt(const struct mnl_socket *sock, int type, void *buf, socklen_t len)
{
	return 0;
}

int mnl_socket_close(struct mnl_socket *sock)
{
	kernel.open--;
	return 0;
}

ssize_t mnl_socket_sendto(const struct mnl_socket *sock, const void *buf, size_t len)
{
	const struct nlmsghdr *nlh = buf;
	char *room = lookup;

	asked_for_family = nlh->nlmsg_type == GENL_ID_CTRL;
	if (asked_for_family)
		kernel.lookups++;
	else
		room = requests[kernel.heard++];
	if (kernel.heard > REQUESTS_MAX || len > NC_REQUEST_LEN)
		__builtin_trap();
	last = memcpy(room, buf, len);
	return (ssize_t)len;
}

static void put_group(struct nlmsghdr *nlh, uint16_t nest, const char *name, uint32_t id)
{
	struct nlattr *group = mnl_attr_nest_start(nlh, nest);

	mnl_attr_put_u32(nlh, CTRL_ATTR_MCAST_GRP_ID, id);
	mnl_attr_put_strz(nlh, CTRL_ATTR_MCAST_GRP_NAME, name);
	mnl_attr_nest_end(nlh, group);
}

/* The controller's answer: the family and its groups, then the acknowledgment. */
static size_t say_family(void *buf)
{
	struct nlmsghdr *nlh = nc_nl_start(buf, GENL_ID_CTRL, CTRL_CMD_NEWFAMILY);
	struct nlmsghdr *ack;
	struct nlattr *groups;
	size_t len = 0;

	asked_for_family = false;
	nlh->nlmsg_seq = last->nlmsg_seq;
	if (!kernel.absent) {
		mnl_attr_put_u16(nlh, CTRL_ATTR_FAMILY_ID, KERNEL_FAMILY);
		mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, NETCOAL_GENL_NAME);
		groups = mnl_attr_nest_start(nlh, CTRL_ATTR_MCAST_GROUPS);
		put_group(nlh, 1, "others", KERNEL_EVENTS + 1);
		put_group(nlh, 2, NETCOAL_MCGRP_EVENTS, KERNEL_EVENTS);
		mnl_attr_nest_end(nlh, groups);
		len = MNL_ALIGN(nlh->nlmsg_len);
	}
	ack = mnl_nlmsg_put_header((char *)buf + len);
	put_error(ack, kernel.absent ? ENOENT : 0);
	ack->nlmsg_seq = last->nlmsg_seq;
	return len + ack->nlmsg_len;
}

/* Puts the offset of the attribute to blame into an error. */
static void put_blame(struct nlmsghdr *nlh, uint16_t blame)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, last, GENL_HDRLEN) {
		if (mnl_attr_get_type(attr) != blame)
			continue;
		nlh->nlmsg_flags |= NLM_F_ACK_TLVS;
		mnl_attr_put_u32(nlh, NLMSGERR_ATTR_OFFS,
				 (uint32_t)((const char *)attr - (const char *)last));
	}
}

/* Puts the request itself between an error and what is said about it. */
static void put_echo(struct nlmsghdr *nlh)
{
	size_t body = MNL_ALIGN(last->nlmsg_len) - sizeof(*last);
	char *tail = (char *)nlh + NLMSG_HDRLEN + sizeof(struct nlmsgerr);
	struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);

	memmove(tail + body, tail, nlh->nlmsg_len - (size_t)(tail - (char *)nlh));
	memcpy(&err->msg, last, last->nlmsg_len);
	nlh->nlmsg_len += body;
	nlh->nlmsg_flags &= ~NLM_F_CAPPED;
}

ssize_t mnl_socket_recvfrom(const struct mnl_socket *sock, void *buf, size_t len)
{
	struct datagram *datagram = &datagrams[said];
	struct nlmsghdr *nlh = (void *)datagram->buf;

	if (asked_for_family)
		return (ssize_t)say_family(buf);
	errno = EAGAIN;
	if (said == queued)
		return -1;
	said++;
	errno = datagram->error;
	if (datagram->error)
		return -1;

	if (!nlh->nlmsg_seq)
		nlh->nlmsg_seq = last->nlmsg_seq;
	if (datagram->blame)
		put_blame(nlh, datagram->blame);
	if (kernel.echoes && nlh->nlmsg_type == NLMSG_ERROR)
		put_echo(nlh);
	memcpy(buf, nlh, nlh->nlmsg_len);
	return nlh->nlmsg_len;
}
