/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NETCOAL_POLICY_H
#define _NETCOAL_POLICY_H

#include <linux/list.h>
#include <linux/netlink.h>
#include <net/net_namespace.h>

#include "governor.h"
#include "match.h"

/**
 * struct netcoal_range - bounds of one knob
 * @min: least value
 * @max: largest value, >= @min
 */
struct netcoal_range {
	u32 min;
	u32 max;
};

/**
 * struct netcoal_policy_attr - what a policy says
 * @latency_ns: latency target
 * @cpu_ns: CPU target per packet, 0 for none
 * @irq_cost_ns: cost of an interrupt that this kernel can't see
 * @prefer: the target that wins
 * @actuator: how to reach the device
 * @rx_usecs: bounds of the receive hold-off, µs
 * @rx_frames: bounds of the receive frames limit, packets
 * @tx_usecs: bounds of the transmit hold-off, µs
 * @tx_frames: bounds of the transmit frames limit, packets
 * @cap_percent: CPU time that polling a device may cost, percent of one CPU,
 *	0 for any
 * @match: patterns of the devices that it means
 * @nr_matches: how many
 */
struct netcoal_policy_attr {
	u32 latency_ns;
	u32 cpu_ns;
	u32 irq_cost_ns;
	enum netcoal_prefer prefer;
	enum netcoal_actuator actuator;
	struct netcoal_range rx_usecs;
	struct netcoal_range rx_frames;
	struct netcoal_range tx_usecs;
	struct netcoal_range tx_frames;
	u32 cap_percent;
	struct netcoal_match match[NETCOAL_MATCHES_MAX];
	unsigned int nr_matches;
};

/**
 * struct netcoal_policy - named targets and bounds, in one network namespace
 * @list: in the namespace's list
 * @number: grows along the list
 * @name: its name
 * @attr: what it says
 * @governor: who decides
 * @users: devices bound to it, and queues
 *
 * All under rtnl.
 */
struct netcoal_policy {
	struct list_head list;
	unsigned long number;
	char name[NETCOAL_NAME_LEN + 1];
	struct netcoal_policy_attr attr;
	const struct netcoal_gov_ops *governor;
	unsigned int users;
};

struct netcoal_policy *netcoal_policy_find(struct net *net, const char *name);
int netcoal_policy_check_name(const char *name, struct netlink_ext_ack *extack);
void netcoal_policy_defaults(struct netcoal_policy *policy);
int netcoal_policy_add(struct net *net, const struct netcoal_policy *new,
		       struct nlattr **tb, struct netlink_ext_ack *extack);
int netcoal_policy_change(struct net *net, struct netcoal_policy *policy,
			  const struct netcoal_policy *new, struct nlattr **tb,
			  struct netlink_ext_ack *extack);
int netcoal_policy_del(struct net *net, struct netcoal_policy *policy,
		       struct netlink_ext_ack *extack);
void netcoal_policy_free_all(struct list_head *policies);

#endif /* _NETCOAL_POLICY_H */
