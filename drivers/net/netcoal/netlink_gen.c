// SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/netcoal.yaml */
/* YNL-GEN kernel source */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "netlink_gen.h"

#include <uapi/linux/netcoal.h>

/* Integer value ranges */
static const struct netlink_range_validation netcoal_a_policy_latency_ns_range = {
	.max	= NETCOAL_TARGET_MAX_NS,
};

static const struct netlink_range_validation netcoal_a_policy_cpu_ns_range = {
	.max	= NETCOAL_TARGET_MAX_NS,
};

static const struct netlink_range_validation netcoal_a_policy_rx_usecs_min_range = {
	.max	= NETCOAL_USECS_MAX,
};

static const struct netlink_range_validation netcoal_a_policy_rx_usecs_max_range = {
	.max	= NETCOAL_USECS_MAX,
};

static const struct netlink_range_validation netcoal_a_policy_rx_frames_min_range = {
	.min	= 1ULL,
	.max	= NETCOAL_FRAMES_MAX,
};

static const struct netlink_range_validation netcoal_a_policy_rx_frames_max_range = {
	.min	= 1ULL,
	.max	= NETCOAL_FRAMES_MAX,
};

static const struct netlink_range_validation netcoal_a_policy_tx_usecs_min_range = {
	.max	= NETCOAL_USECS_MAX,
};

static const struct netlink_range_validation netcoal_a_policy_tx_usecs_max_range = {
	.max	= NETCOAL_USECS_MAX,
};

static const struct netlink_range_validation netcoal_a_policy_tx_frames_min_range = {
	.min	= 1ULL,
	.max	= NETCOAL_FRAMES_MAX,
};

static const struct netlink_range_validation netcoal_a_policy_tx_frames_max_range = {
	.min	= 1ULL,
	.max	= NETCOAL_FRAMES_MAX,
};

static const struct netlink_range_validation netcoal_a_policy_irq_cost_ns_range = {
	.max	= NETCOAL_TARGET_MAX_NS,
};

static const struct netlink_range_validation netcoal_a_path_stage_remote_ns_range = {
	.max	= NETCOAL_TARGET_MAX_NS,
};

static const struct netlink_range_validation netcoal_a_path_latency_ns_range = {
	.max	= NETCOAL_TARGET_MAX_NS,
};

/* Common nested types */
const struct nla_policy netcoal_path_stage_nl_policy[NETCOAL_A_PATH_STAGE_PAD + 1] = {
	[NETCOAL_A_PATH_STAGE_IFNAME] = { .type = NLA_NUL_STRING, .len = 15, },
	[NETCOAL_A_PATH_STAGE_REMOTE_NS] = NLA_POLICY_FULL_RANGE(NLA_U32, &netcoal_a_path_stage_remote_ns_range),
	[NETCOAL_A_PATH_STAGE_SHARE_NS] = { .type = NLA_U32, },
	[NETCOAL_A_PATH_STAGE_STATE] = NLA_POLICY_MAX(NLA_U32, 3),
	[NETCOAL_A_PATH_STAGE_HOLDOFF_NS] = { .type = NLA_U32, },
	[NETCOAL_A_PATH_STAGE_FRAMES_MAX] = { .type = NLA_U32, },
	[NETCOAL_A_PATH_STAGE_RX_PPS] = { .type = NLA_U64, },
	[NETCOAL_A_PATH_STAGE_IRQ_COST_NS] = { .type = NLA_U32, },
};

/* NETCOAL_CMD_POLICY_NEW - do */
const struct nla_policy netcoal_policy_new_nl_policy[NETCOAL_A_POLICY_CAP_PERCENT + 1] = {
	[NETCOAL_A_POLICY_NAME] = { .type = NLA_NUL_STRING, .len = NETCOAL_NAME_LEN, },
	[NETCOAL_A_POLICY_LATENCY_NS] = NLA_POLICY_FULL_RANGE(NLA_U32, &netcoal_a_policy_latency_ns_range),
	[NETCOAL_A_POLICY_CPU_NS] = NLA_POLICY_FULL_RANGE(NLA_U32, &netcoal_a_policy_cpu_ns_range),
	[NETCOAL_A_POLICY_PREFER] = NLA_POLICY_MAX(NLA_U32, 1),
	[NETCOAL_A_POLICY_GOVERNOR] = { .type = NLA_NUL_STRING, .len = NETCOAL_NAME_LEN, },
	[NETCOAL_A_POLICY_ACTUATOR] = NLA_POLICY_MAX(NLA_U32, 4),
	[NETCOAL_A_POLICY_RX_USECS_MIN] = NLA_POLICY_FULL_RANGE(NLA_U32, &netcoal_a_policy_rx_usecs_min_range),
	[NETCOAL_A_POLICY_RX_USECS_MAX] = NLA_POLICY_FULL_RANGE(NLA_U32, &netcoal_a_policy_rx_usecs_max_range),
	[NETCOAL_A_POLICY_RX_FRAMES_MIN] = NLA_POLICY_FULL_RANGE(NLA_U32, &netcoal_a_policy_rx_frames_min_range),
	[NETCOAL_A_POLICY_RX_FRAMES_MAX] = NLA_POLICY_FULL_RANGE(NLA_U32, &netcoal_a_policy_rx_frames_max_range),
	[NETCOAL_A_POLICY_TX_USECS_MIN] = NLA_POLICY_FULL_RANGE(NLA_U32, &netcoal_a_policy_tx_usecs_min_range),
	[NETCOAL_A_POLICY_TX_USECS_MAX] = NLA_POLICY_FULL_RANGE(NLA_U32, &netcoal_a_policy_tx_usecs_max_range),
	[NETCOAL_A_POLICY_TX_FRAMES_MIN] = NLA_POLICY_FULL_RANGE(NLA_U32, &netcoal_a_policy_tx_frames_min_range),
	[NETCOAL_A_POLICY_TX_FRAMES_MAX] = NLA_POLICY_FULL_RANGE(NLA_U32, &netcoal_a_policy_tx_frames_max_range),
	[NETCOAL_A_POLICY_IRQ_COST_NS] = NLA_POLICY_FULL_RANGE(NLA_U32, &netcoal_a_policy_irq_cost_ns_range),
	[NETCOAL_A_POLICY_MATCH_DEV] = { .type = NLA_STRING, .len = NETCOAL_NAME_LEN, },
	[NETCOAL_A_POLICY_MATCH_DRIVER] = { .type = NLA_STRING, .len = NETCOAL_NAME_LEN, },
	[NETCOAL_A_POLICY_MATCH_BRIDGE] = { .type = NLA_STRING, .len = NETCOAL_NAME_LEN, },
	[NETCOAL_A_POLICY_MATCH_NONE] = { .type = NLA_FLAG, },
	[NETCOAL_A_POLICY_CAP_PERCENT] = NLA_POLICY_MAX(NLA_U32, NETCOAL_CAP_MAX),
};

/* NETCOAL_CMD_POLICY_SET - do */
const struct nla_policy netcoal_policy_set_nl_policy[NETCOAL_A_POLICY_CAP_PERCENT + 1] = {
	[NETCOAL_A_POLICY_NAME] = { .type = NLA_NUL_STRING, .len = NETCOAL_NAME_LEN, },
	[NETCOAL_A_POLICY_LATENCY_NS] = NLA_POLICY_FULL_RANGE(NLA_U32, &netcoal_a_policy_latency_ns_range),
	[NETCOAL_A_POLICY_CPU_NS] = NLA_POLICY_FULL_RANGE(NLA_U32, &netcoal_a_policy_cpu_ns_range),
	[NETCOAL_A_POLICY_PREFER] = NLA_POLICY_MAX(NLA_U32, 1),
	[NETCOAL_A_POLICY_GOVERNOR] = { .type = NLA_NUL_STRING, .len = NETCOAL_NAME_LEN, },
	[NETCOAL_A_POLICY_ACTUATOR] = NLA_POLICY_MAX(NLA_U32, 4),
	[NETCOAL_A_POLICY_RX_USECS_MIN] = NLA_POLICY_FULL_RANGE(NLA_U32, &netcoal_a_policy_rx_usecs_min_range),
	[NETCOAL_A_POLICY_RX_USECS_MAX] = NLA_POLICY_FULL_RANGE(NLA_U32, &netcoal_a_policy_rx_usecs_max_range),
	[NETCOAL_A_POLICY_RX_FRAMES_MIN] = NLA_POLICY_FULL_RANGE(NLA_U32, &netcoal_a_policy_rx_frames_min_range),
	[NETCOAL_A_POLICY_RX_FRAMES_MAX] = NLA_POLICY_FULL_RANGE(NLA_U32, &netcoal_a_policy_rx_frames_max_range),
	[NETCOAL_A_POLICY_TX_USECS_MIN] = NLA_POLICY_FULL_RANGE(NLA_U32, &netcoal_a_policy_tx_usecs_min_range),
	[NETCOAL_A_POLICY_TX_USECS_MAX] = NLA_POLICY_FULL_RANGE(NLA_U32, &netcoal_a_policy_tx_usecs_max_range),
	[NETCOAL_A_POLICY_TX_FRAMES_MIN] = NLA_POLICY_FULL_RANGE(NLA_U32, &netcoal_a_policy_tx_frames_min_range),
	[NETCOAL_A_POLICY_TX_FRAMES_MAX] = NLA_POLICY_FULL_RANGE(NLA_U32, &netcoal_a_policy_tx_frames_max_range),
	[NETCOAL_A_POLICY_IRQ_COST_NS] = NLA_POLICY_FULL_RANGE(NLA_U32, &netcoal_a_policy_irq_cost_ns_range),
	[NETCOAL_A_POLICY_MATCH_DEV] = { .type = NLA_STRING, .len = NETCOAL_NAME_LEN, },
	[NETCOAL_A_POLICY_MATCH_DRIVER] = { .type = NLA_STRING, .len = NETCOAL_NAME_LEN, },
	[NETCOAL_A_POLICY_MATCH_BRIDGE] = { .type = NLA_STRING, .len = NETCOAL_NAME_LEN, },
	[NETCOAL_A_POLICY_MATCH_NONE] = { .type = NLA_FLAG, },
	[NETCOAL_A_POLICY_CAP_PERCENT] = NLA_POLICY_MAX(NLA_U32, NETCOAL_CAP_MAX),
};

/* NETCOAL_CMD_POLICY_DEL - do */
const struct nla_policy netcoal_policy_del_nl_policy[NETCOAL_A_POLICY_NAME + 1] = {
	[NETCOAL_A_POLICY_NAME] = { .type = NLA_NUL_STRING, .len = NETCOAL_NAME_LEN, },
};

/* NETCOAL_CMD_POLICY_GET - do */
const struct nla_policy netcoal_policy_get_nl_policy[NETCOAL_A_POLICY_NAME + 1] = {
	[NETCOAL_A_POLICY_NAME] = { .type = NLA_NUL_STRING, .len = NETCOAL_NAME_LEN, },
};

/* NETCOAL_CMD_DEV_ATTACH - do */
const struct nla_policy netcoal_dev_attach_nl_policy[NETCOAL_A_DEV_QUEUE + 1] = {
	[NETCOAL_A_DEV_IFNAME] = { .type = NLA_NUL_STRING, .len = 15, },
	[NETCOAL_A_DEV_POLICY] = { .type = NLA_NUL_STRING, .len = NETCOAL_NAME_LEN, },
	[NETCOAL_A_DEV_QUEUE] = { .type = NLA_U32, },
};

/* NETCOAL_CMD_DEV_DETACH - do */
const struct nla_policy netcoal_dev_detach_nl_policy[NETCOAL_A_DEV_QUEUE + 1] = {
	[NETCOAL_A_DEV_IFNAME] = { .type = NLA_NUL_STRING, .len = 15, },
	[NETCOAL_A_DEV_QUEUE] = { .type = NLA_U32, },
};

/* NETCOAL_CMD_DEV_GET - do */
const struct nla_policy netcoal_dev_get_nl_policy[NETCOAL_A_DEV_IFNAME + 1] = {
	[NETCOAL_A_DEV_IFNAME] = { .type = NLA_NUL_STRING, .len = 15, },
};

/* NETCOAL_CMD_QUEUE_GET - do */
const struct nla_policy netcoal_queue_get_nl_policy[NETCOAL_A_QUEUE_INDEX + 1] = {
	[NETCOAL_A_QUEUE_IFNAME] = { .type = NLA_NUL_STRING, .len = 15, },
	[NETCOAL_A_QUEUE_INDEX] = { .type = NLA_U32, },
};

/* NETCOAL_CMD_PATH_NEW - do */
const struct nla_policy netcoal_path_new_nl_policy[NETCOAL_A_PATH_STAGE + 1] = {
	[NETCOAL_A_PATH_NAME] = { .type = NLA_NUL_STRING, .len = NETCOAL_NAME_LEN, },
	[NETCOAL_A_PATH_LATENCY_NS] = NLA_POLICY_FULL_RANGE(NLA_U32, &netcoal_a_path_latency_ns_range),
	[NETCOAL_A_PATH_STAGE] = NLA_POLICY_NESTED(netcoal_path_stage_nl_policy),
};

/* NETCOAL_CMD_PATH_SET - do */
const struct nla_policy netcoal_path_set_nl_policy[NETCOAL_A_PATH_STAGE + 1] = {
	[NETCOAL_A_PATH_NAME] = { .type = NLA_NUL_STRING, .len = NETCOAL_NAME_LEN, },
	[NETCOAL_A_PATH_LATENCY_NS] = NLA_POLICY_FULL_RANGE(NLA_U32, &netcoal_a_path_latency_ns_range),
	[NETCOAL_A_PATH_STAGE] = NLA_POLICY_NESTED(netcoal_path_stage_nl_policy),
};

/* NETCOAL_CMD_PATH_DEL - do */
const struct nla_policy netcoal_path_del_nl_policy[NETCOAL_A_PATH_NAME + 1] = {
	[NETCOAL_A_PATH_NAME] = { .type = NLA_NUL_STRING, .len = NETCOAL_NAME_LEN, },
};

/* NETCOAL_CMD_PATH_GET - do */
const struct nla_policy netcoal_path_get_nl_policy[NETCOAL_A_PATH_NAME + 1] = {
	[NETCOAL_A_PATH_NAME] = { .type = NLA_NUL_STRING, .len = NETCOAL_NAME_LEN, },
};

/* Ops table for netcoal */
const struct genl_ops netcoal_nl_ops[12] = {
	{
		.cmd		= NETCOAL_CMD_POLICY_NEW,
		.doit		= netcoal_nl_policy_new_doit,
		.policy		= netcoal_policy_new_nl_policy,
		.maxattr	= NETCOAL_A_POLICY_CAP_PERCENT,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= NETCOAL_CMD_POLICY_SET,
		.doit		= netcoal_nl_policy_set_doit,
		.policy		= netcoal_policy_set_nl_policy,
		.maxattr	= NETCOAL_A_POLICY_CAP_PERCENT,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= NETCOAL_CMD_POLICY_DEL,
		.doit		= netcoal_nl_policy_del_doit,
		.policy		= netcoal_policy_del_nl_policy,
		.maxattr	= NETCOAL_A_POLICY_NAME,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= NETCOAL_CMD_POLICY_GET,
		.doit		= netcoal_nl_policy_get_doit,
		.dumpit		= netcoal_nl_policy_get_dumpit,
		.policy		= netcoal_policy_get_nl_policy,
		.maxattr	= NETCOAL_A_POLICY_NAME,
	},
	{
		.cmd		= NETCOAL_CMD_DEV_ATTACH,
		.doit		= netcoal_nl_dev_attach_doit,
		.policy		= netcoal_dev_attach_nl_policy,
		.maxattr	= NETCOAL_A_DEV_QUEUE,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= NETCOAL_CMD_DEV_DETACH,
		.doit		= netcoal_nl_dev_detach_doit,
		.policy		= netcoal_dev_detach_nl_policy,
		.maxattr	= NETCOAL_A_DEV_QUEUE,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= NETCOAL_CMD_DEV_GET,
		.doit		= netcoal_nl_dev_get_doit,
		.dumpit		= netcoal_nl_dev_get_dumpit,
		.policy		= netcoal_dev_get_nl_policy,
		.maxattr	= NETCOAL_A_DEV_IFNAME,
	},
	{
		.cmd		= NETCOAL_CMD_QUEUE_GET,
		.doit		= netcoal_nl_queue_get_doit,
		.dumpit		= netcoal_nl_queue_get_dumpit,
		.policy		= netcoal_queue_get_nl_policy,
		.maxattr	= NETCOAL_A_QUEUE_INDEX,
	},
	{
		.cmd		= NETCOAL_CMD_PATH_NEW,
		.doit		= netcoal_nl_path_new_doit,
		.policy		= netcoal_path_new_nl_policy,
		.maxattr	= NETCOAL_A_PATH_STAGE,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= NETCOAL_CMD_PATH_SET,
		.doit		= netcoal_nl_path_set_doit,
		.policy		= netcoal_path_set_nl_policy,
		.maxattr	= NETCOAL_A_PATH_STAGE,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= NETCOAL_CMD_PATH_DEL,
		.doit		= netcoal_nl_path_del_doit,
		.policy		= netcoal_path_del_nl_policy,
		.maxattr	= NETCOAL_A_PATH_NAME,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= NETCOAL_CMD_PATH_GET,
		.doit		= netcoal_nl_path_get_doit,
		.dumpit		= netcoal_nl_path_get_dumpit,
		.policy		= netcoal_path_get_nl_policy,
		.maxattr	= NETCOAL_A_PATH_NAME,
	},
};

static const struct genl_multicast_group netcoal_nl_mcgrps[] = {
	[NETCOAL_NLGRP_EVENTS] = { "events", },
};
