// SPDX-License-Identifier: GPL-2.0
/*
 * ovsport: connect two devices through Open vSwitch's kernel datapath, without
 * its daemons.
 *
 *	ovsport DATAPATH DEV DEV
 *
 * Makes the datapath with the two as its ports 1 and 2, and a flow from each to
 * the other. `ip link del DATAPATH` does not remove it; unloading the module or
 * the end of the network namespace does.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/openvswitch.h>

static struct mnl_socket *sock;
static unsigned int seq;

static void die(const char *what, const char *of)
{
	fprintf(stderr, "ovsport: %s %s: %s\n", what, of, strerror(errno));
	exit(1);
}

/* One request and its acknowledgment; cb sees what comes before that. */
static int talk(struct nlmsghdr *nlh, mnl_cb_t cb, void *data)
{
	char buf[16384];
	ssize_t n;
	int more;

	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	nlh->nlmsg_seq = ++seq;
	if (mnl_socket_sendto(sock, nlh, nlh->nlmsg_len) < 0)
		return -1;
	do {
		n = mnl_socket_recvfrom(sock, buf, sizeof(buf));
		if (n < 0)
			return -1;
		more = mnl_cb_run(buf, n, seq, mnl_socket_get_portid(sock), cb, data);
	} while (more > 0);
	return more;
}

static struct nlmsghdr *start(char *buf, uint16_t type, uint8_t cmd, uint8_t version)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl;

	nlh->nlmsg_type = type;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = version;
	return nlh;
}

static struct nlmsghdr *start_ovs(char *buf, uint16_t type, uint8_t cmd,
				  uint8_t version, const char *datapath)
{
	struct nlmsghdr *nlh = start(buf, type, cmd, version);
	struct ovs_header *ovs = mnl_nlmsg_put_extra_header(nlh, sizeof(*ovs));

	ovs->dp_ifindex = datapath ? if_nametoindex(datapath) : 0;
	return nlh;
}

static int find_id(const struct nlmsghdr *nlh, void *id)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
			*(uint16_t *)id = mnl_attr_get_u16(attr);
	return MNL_CB_OK;
}

static uint16_t family(const char *name)
{
	char buf[MNL_NLMSG_HDRLEN + 256];
	struct nlmsghdr *nlh;
	uint16_t id = 0;

	nlh = start(buf, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, name);
	if (talk(nlh, find_id, &id) < 0 || !id)
		die("no netlink family", name);
	return id;
}

static void add_datapath(const char *name)
{
	char buf[1024];
	struct nlmsghdr *nlh;

	nlh = start_ovs(buf, family(OVS_DATAPATH_FAMILY), OVS_DP_CMD_NEW,
			OVS_DATAPATH_VERSION, NULL);
	mnl_attr_put_strz(nlh, OVS_DP_ATTR_NAME, name);
	mnl_attr_put_u32(nlh, OVS_DP_ATTR_UPCALL_PID, 0);
	if (talk(nlh, NULL, NULL) < 0)
		die("cannot add datapath", name);
}

static void add_port(const char *datapath, const char *dev, uint32_t number)
{
	char buf[1024];
	struct nlmsghdr *nlh;

	nlh = start_ovs(buf, family(OVS_VPORT_FAMILY), OVS_VPORT_CMD_NEW,
			OVS_VPORT_VERSION, datapath);
	mnl_attr_put_u32(nlh, OVS_VPORT_ATTR_PORT_NO, number);
	mnl_attr_put_u32(nlh, OVS_VPORT_ATTR_TYPE, OVS_VPORT_TYPE_NETDEV);
	mnl_attr_put_strz(nlh, OVS_VPORT_ATTR_NAME, dev);
	mnl_attr_put_u32(nlh, OVS_VPORT_ATTR_UPCALL_PID, 0);
	if (talk(nlh, NULL, NULL) < 0)
		die("cannot add port", dev);
}

/* Whatever comes in there, goes out there. */
static void add_flow(const char *datapath, uint32_t in, uint32_t out)
{
	struct ovs_key_ethernet any = { 0 };
	struct nlmsghdr *nlh;
	struct nlattr *nest;
	char buf[1024];

	nlh = start_ovs(buf, family(OVS_FLOW_FAMILY), OVS_FLOW_CMD_NEW,
			OVS_FLOW_VERSION, datapath);
	nest = mnl_attr_nest_start(nlh, OVS_FLOW_ATTR_KEY);
	mnl_attr_put_u32(nlh, OVS_KEY_ATTR_IN_PORT, in);
	mnl_attr_put(nlh, OVS_KEY_ATTR_ETHERNET, sizeof(any), &any);
	mnl_attr_nest_end(nlh, nest);
	nest = mnl_attr_nest_start(nlh, OVS_FLOW_ATTR_MASK);
	mnl_attr_put_u32(nlh, OVS_KEY_ATTR_IN_PORT, UINT32_MAX);
	mnl_attr_put(nlh, OVS_KEY_ATTR_ETHERNET, sizeof(any), &any);
	mnl_attr_nest_end(nlh, nest);
	nest = mnl_attr_nest_start(nlh, OVS_FLOW_ATTR_ACTIONS);
	mnl_attr_put_u32(nlh, OVS_ACTION_ATTR_OUTPUT, out);
	mnl_attr_nest_end(nlh, nest);
	if (talk(nlh, NULL, NULL) < 0)
		die("cannot add a flow to", datapath);
}

int main(int argc, char **argv)
{
	if (argc != 4) {
		fprintf(stderr, "usage: ovsport DATAPATH DEV DEV\n");
		return 2;
	}
	sock = mnl_socket_open(NETLINK_GENERIC);
	if (!sock || mnl_socket_bind(sock, 0, MNL_SOCKET_AUTOPID) < 0)
		die("cannot open", "netlink");
	add_datapath(argv[1]);
	add_port(argv[1], argv[2], 1);
	add_port(argv[1], argv[3], 2);
	add_flow(argv[1], 1, 2);
	add_flow(argv[1], 2, 1);
	mnl_socket_close(sock);
	return 0;
}
