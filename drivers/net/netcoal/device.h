/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NETCOAL_DEVICE_H
#define _NETCOAL_DEVICE_H

#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/netlink.h>
#include <linux/ratelimit_types.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>

#include "actuator.h"
#include "cap.h"
#include "coalesce.h"
#include "governor.h"
#include "path.h"
#include "policy.h"
#include "queue.h"
#include "turn.h"

struct netcoal_map;

/**
 * struct netcoal_net - netcoal's part of a network namespace
 * @policies: struct netcoal_policy, in the order they were added
 * @devices: struct netcoal_device
 * @bars: struct netcoal_bar, devices that were detached by name
 * @paths: struct netcoal_path
 * @paths_due: jiffies when their shares are next worked out; read without a lock
 * @paths_rated: jiffies when their stages' rates were last brought up to date
 * @decisions: limits the rate of decision events
 * @numbered: entries that lists were given until now
 * @queue_policies: policies that queues of its devices have of their own
 * @has_shares: paths were shared out when that was last done
 *
 * All lists under rtnl.
 */
struct netcoal_net {
	struct list_head policies;
	struct list_head devices;
	struct list_head bars;
	struct list_head paths;
	unsigned long paths_due;
	unsigned long paths_rated;
	struct ratelimit_state decisions;
	unsigned long numbered;
	unsigned int queue_policies;
	bool has_shares;
};

/* Policies, and devices that are waited for: of each no namespace has more. */
#define NETCOAL_LIST_MAX	4096
/* Of these so many match devices by a pattern. */
#define NETCOAL_MATCHING_MAX	64

/**
 * struct netcoal_tx - the transmit side of a device, judged as a whole
 * @gov: its governor
 * @packets: packets sent when its window began
 * @mark_ns: when that was; 0 before the first
 * @pps: packets per second of the last one judged
 * @polled: of each queue, runs of polls when its window began
 * @received: packets received when it began, of all, modulo 2^32
 * @rides: what is wanted for it is what receiving has, for nearly nothing is received
 */
struct netcoal_tx {
	struct netcoal_gov gov;
	u64 packets;
	u64 mark_ns;
	u64 pps;
	u32 *polled;
	u32 received;
	bool rides;
};

/**
 * struct netcoal_device - a device under a policy, there or waited for
 * @list: in the namespace's list
 * @number: grows along the list
 * @net: the namespace
 * @name: the name it is waited for by; follows renames
 * @policy: its policy
 * @bound: how it came to it
 * @own_latency_ns: latency target of its own, if @has_latency
 * @via: the aggregate whose port it is, if it came by that, else NULL
 * @own_cpu_ns: CPU target of its own, if @has_cpu
 * @aggregate: a bond or team, which has no queues but ports
 * @has_latency: @own_latency_ns overrides the policy's
 * @has_cpu: @own_cpu_ns overrides the policy's
 * @queue_policies: struct netcoal_queue_policy, for queues with one of their own
 * @state: what netcoal does with it
 * @reason: why
 * @error: positive errno that belongs to @reason, or 0
 * @rescan: an unknown NAPI of the device was seen
 * @netdev: the device while it exists, held
 * @tracker: of that reference
 * @actuator: while governing
 * @rx: what the actuator can do for receive
 * @tx: likewise for transmit
 * @want_rx: merged receive setting for actuators of a whole device
 * @want_tx: transmit setting
 * @map: how probes find the queues, while governing
 * @queues: the queues, while governing
 * @nr_queues: how many
 * @resets_since: jiffies when the minute began ...
 * @ethtool: the ethtool actuator's
 * @defer: the defer actuator's
 * @retries: how often a start failed for what may pass, and is to be tried again
 * @stale: to begin anew as soon as the driver has it again
 * @resets: ... in which the driver reset the device for so many settings
 * @busy: the driver answers that it is busy ...
 * @rxqs: receive queues that there were when it was taken over
 * @busy_since: ... since then, in jiffies
 * @lock: protects @limits, @tx_usecs, @tx_frames and the limits of queues
 * @limits: receive bounds and costs as the policy has them, but for what the
 *	actuator adds
 * @tx_usecs: the policy's, for transmit
 * @tx_frames: likewise
 * @tx_ring: slots of a transmit ring when it was looked at last, 0 if not known
 * @latency_ns: latency target in force, before paths divide it, under rtnl
 * @tx_side: the transmit governor
 * @turn: whose turn it is, where all queues have one setting
 * @path: what it has of the paths that cross it
 * @cap: how it stands to its CPU cap, while governing
 * @work: applies settings, under rtnl
 * @next_check: jiffies when the device is next looked at for changes by others
 * @rescan_after: jiffies before which an unknown NAPI is not looked at again
 * @changes: settings written since attach
 * @overrides: administrator's changes since attach
 * @errors: releases by the guard since attach
 *
 * Under rtnl but for what says otherwise. @actuator, @rx, @queues and @netdev
 * do not change while a queue's work can run. A kilobyte on 64 bits: with a byte more it
 * would take two.
 */
struct netcoal_device {
	struct list_head list;
	unsigned long number;
	struct net *net;
	char name[IFNAMSIZ];
	struct netcoal_policy *policy;
	enum netcoal_bound bound;
	u32 own_latency_ns;
	struct netcoal_device *via;
	u32 own_cpu_ns;
	bool aggregate;
	bool has_latency;
	bool has_cpu;
	struct list_head queue_policies;

	enum netcoal_state state;
	enum netcoal_reason reason;
	int error;
	int rescan;

	struct net_device *netdev;
	netdevice_tracker tracker;

	const struct netcoal_actuator_ops *actuator;
	struct netcoal_ability rx;
	struct netcoal_ability tx;
	struct netcoal_setting want_rx;
	struct netcoal_setting want_tx;
	struct netcoal_map *map;
	struct netcoal_queue **queues;
	unsigned int nr_queues;
	u32 resets_since;
	union {
		struct {
			struct netcoal_knobs knobs;
			u32 most_us;
			u32 most_frames;
		} ethtool;
		struct {
			unsigned long baseline_ns;
			unsigned long last_ns;
			unsigned int baseline_irqs;
			unsigned int last_irqs;
		} defer;
	};

	u8 retries;
	bool stale;
	u8 resets;
	bool busy;
	u32 rxqs;
	unsigned long busy_since;

	spinlock_t lock;	/* the three below, &netcoal_queue.own */
	struct netcoal_limits limits;
	struct netcoal_range tx_usecs;
	struct netcoal_range tx_frames;
	u32 tx_ring;
	u32 latency_ns;
	struct netcoal_tx tx_side;
	struct netcoal_turn turn;
	struct netcoal_path_part path;
	struct netcoal_cap cap;

	struct delayed_work work;
	unsigned long next_check;
	unsigned long rescan_after;

	u64 changes;
	u32 overrides;
	u32 errors;
};

struct netcoal_net *netcoal_net(struct net *net);
bool netcoal_list_is_full(const struct list_head *list, unsigned int max);

/**
 * netcoal_device_latency_ns() - the latency target in force, before paths take from it
 * @nd: the device
 *
 * Return: its own or its policy's, in ns.
 */
static inline u32 netcoal_device_latency_ns(const struct netcoal_device *nd)
{
	return nd->has_latency ? nd->own_latency_ns : nd->policy->attr.latency_ns;
}

/**
 * netcoal_device_cpu_ns() - the CPU target in force
 * @nd: the device
 *
 * Return: its own or its policy's, in ns per packet, 0 if there is none.
 */
static inline u32 netcoal_device_cpu_ns(const struct netcoal_device *nd)
{
	return nd->has_cpu ? nd->own_cpu_ns : nd->policy->attr.cpu_ns;
}

struct netcoal_device *netcoal_device_listed(struct net *net, const char *name);
const char *netcoal_device_name(struct net *net, const char *name);
struct netcoal_device *netcoal_device_find(struct net *net, const char *name);
struct netcoal_device *netcoal_device_awaiting(const struct net_device *netdev);
struct netcoal_device *netcoal_device_of(const struct net_device *netdev);
struct netcoal_device *netcoal_device_next_port(const struct netcoal_device *aggregate,
						const struct netcoal_device *after);
int netcoal_device_attach(struct net *net, const char *name,
			  struct netcoal_policy *policy,
			  struct netlink_ext_ack *extack);
int netcoal_device_detach(struct netcoal_device *nd);
void netcoal_device_drop(struct netcoal_device *nd);
void netcoal_device_bind(struct netcoal_device *nd, struct net_device *netdev);
void netcoal_device_unbind(struct netcoal_device *nd);
void netcoal_device_ports(struct netcoal_device *nd);
void netcoal_device_follow(struct net_device *netdev, struct netcoal_policy *policy,
			   struct netcoal_device *via);
void netcoal_device_inherit(struct netcoal_device *port,
			    const struct netcoal_device *aggregate);
int netcoal_device_own_targets(struct netcoal_device *nd, const u32 *latency_ns,
			       const u32 *cpu_ns);
void netcoal_device_policy_changed(struct net *net, struct netcoal_policy *policy,
				   bool restart);
void netcoal_device_set_state(struct netcoal_device *nd, enum netcoal_state state,
			      enum netcoal_reason reason, int error);
void netcoal_device_try(struct netcoal_device *nd);
void netcoal_device_restart(struct netcoal_device *nd);
void netcoal_device_retry(struct netcoal_device *nd);
int netcoal_device_init(void);
void netcoal_device_exit(void);

#endif /* _NETCOAL_DEVICE_H */
