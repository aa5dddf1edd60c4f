/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NETCOAL_LINK_H
#define _NETCOAL_LINK_H

#include <linux/types.h>

struct net_device;
struct netcoal_device;
struct netlink_ext_ack;

/**
 * struct netcoal_link_sum - what a device did, or all ports of an aggregate
 * @ports: ports governed through it
 * @queues: NAPIs watched
 * @windows: windows judged
 * @changes: settings written
 * @overrides: administrator's changes
 * @errors: releases by the guard
 * @pps: packets per second of the last windows
 * @packets: packets polled
 * @sequences: poll sequences
 * @busy_ns: time spent polling
 */
struct netcoal_link_sum {
	unsigned int ports;
	unsigned int queues;
	u64 windows;
	u64 changes;
	u64 overrides;
	u64 errors;
	u64 pps;
	u64 packets;
	u64 sequences;
	u64 busy_ns;
};

bool netcoal_link_is_aggregate(const struct net_device *netdev);
bool netcoal_link_is_stacked(struct net_device *netdev);
int netcoal_link_refuse(struct net_device *netdev, struct netlink_ext_ack *extack);
void netcoal_link_update(struct netcoal_device *aggregate);
void netcoal_link_check(struct netcoal_device *aggregate);
void netcoal_link_own_targets(struct netcoal_device *aggregate);
void netcoal_link_sum(struct netcoal_device *nd, struct netcoal_link_sum *sum);

#endif /* _NETCOAL_LINK_H */
