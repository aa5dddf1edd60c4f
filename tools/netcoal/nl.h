/* SPDX-License-Identifier: GPL-2.0 */
/* The conversation with the kernel over generic netlink. */
#ifndef NETCOAL_NL_H
#define NETCOAL_NL_H

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Every attribute of a request once, the longest name in each, and room. */
#define NC_REQUEST_LEN	4096

/**
 * struct nc_nl - an open conversation
 * @sock: the socket
 * @seq: sequence number of the last request
 * @family: netcoal's number
 * @events: its multicast group
 */
struct nc_nl {
	struct mnl_socket *sock;
	uint32_t seq;
	uint16_t family;
	uint32_t events;
};

/**
 * struct nc_failure - what the kernel said against a request
 * @error: error number, positive; 0 if it was done
 * @attr: type of the attribute that the kernel points at, or 0
 * @offset: where in the request that attribute is
 * @message: the kernel's own words, or "". With @error 0, a warning
 */
struct nc_failure {
	int error;
	uint16_t attr;
	uint32_t offset;
	char message[256];
};

/**
 * struct nc_replies - copies of the messages that answer a request
 * @msg: the messages
 * @count: how many
 */
struct nc_replies {
	struct nlmsghdr **msg;
	size_t count;
};

int nc_nl_open(struct nc_nl *nl);
void nc_nl_close(struct nc_nl *nl);
int nc_nl_lookup(struct nc_nl *nl);
void nc_nl_read_family(struct nc_nl *nl, const struct nlmsghdr *nlh);
int nc_nl_join(struct nc_nl *nl, uint32_t group);

struct nlmsghdr *nc_nl_start(void *buf, uint16_t family, uint8_t cmd);
bool nc_nl_ask(struct nc_nl *nl, struct nlmsghdr *request,
	       struct nc_replies *replies, struct nc_failure *failure);
void nc_replies_free(struct nc_replies *replies);

/**
 * nc_genl_cmd() - the command of a generic netlink message
 * @nlh: the message
 *
 * Return: the command, 0 if the message is too short to have one.
 */
static inline uint8_t nc_genl_cmd(const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);

	return mnl_nlmsg_get_payload_len(nlh) < GENL_HDRLEN ? 0 : genl->cmd;
}

#endif /* NETCOAL_NL_H */
