// SPDX-License-Identifier: GPL-2.0
/*
 * Links: devices that are made of others.
 *
 *    bond0  policy web            an aggregate: no queues of its own; its state
 *      |                          and its figures are those of its ports
 *      +-- eth0  port via bond0
 *      +-- eth1  port via bond0
 *
 *    eth0.5, br0, macvlan0        stacked: what is below is to be attached
 *
 * All under rtnl.
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "compat.h"
#include "clock.h"
#include "device.h"
#include "govern.h"
#include "link.h"
#include "queue.h"
#include "window.h"

/**
 * netcoal_link_is_aggregate() - does a policy on a device govern its ports?
 * @netdev: the device
 *
 * Return: true for bonds and teams.
 */
bool netcoal_link_is_aggregate(const struct net_device *netdev)
{
	return netif_is_bond_master(netdev) || netif_is_team_master(netdev);
}

static struct net_device *netcoal_link_lower(struct net_device *netdev)
{
	struct list_head *iter = netdev->adj_list.lower.next;

	return netdev_lower_get_next(netdev, &iter);
}

/*
 * Has a device a NAPI whose packets can wait for one another? Those of transmit rings bring none,
 * those of tunnels (gro_cells) are polled in the poll that brings their packets, WireGuard's
 * when a packet is decrypted. None of them can be busy-polled.
 */
static bool netcoal_link_receives(const struct net_device *netdev)
{
	const struct napi_struct *napi;
	bool receives = false;

	rcu_read_lock();
	list_for_each_entry_rcu(napi, &netdev->napi_list, dev_list)
		receives |= !test_bit(NAPI_STATE_NO_BUSY_POLL, &napi->state);
	rcu_read_unlock();
	return receives;
}

/**
 * netcoal_link_is_stacked() - do a device's packets come by another one's NAPI?
 * @netdev: the device
 *
 * Return: true for bridges, VLANs, macvlans, MACsec and the like; also for loopback,
 * which has none at all.
 */
bool netcoal_link_is_stacked(struct net_device *netdev)
{
	if (netcoal_link_is_aggregate(netdev) || netcoal_link_receives(netdev))
		return false;
	return netdev->flags & IFF_LOOPBACK || netif_is_bridge_master(netdev) ||
	       netif_is_ovs_master(netdev) || netcoal_link_lower(netdev);
}

/**
 * netcoal_link_refuse() - refuse a stacked device, and name what is below it
 * @netdev: the device that is to be attached
 * @extack: gets the name
 *
 * Return: 0, or -ENXIO for a stacked device.
 */
int netcoal_link_refuse(struct net_device *netdev, struct netlink_ext_ack *extack)
{
	struct net_device *below;

	ASSERT_RTNL();
	if (!netcoal_link_is_stacked(netdev))
		return 0;
	below = netcoal_link_lower(netdev);
	while (below && netcoal_link_is_stacked(below))
		below = netcoal_link_lower(below);
	if (below && extack)
		netcoal_extack_fmt(extack,
				   "device has no NAPI to govern: attach %s, which is below it",
				   below->name);
	else
		NL_SET_ERR_MSG(extack, "device has no NAPI to govern");
	return -ENXIO;
}

/* The state of an aggregate: governing if a port is, else that of its first. */
static const struct netcoal_device *netcoal_link_typical(struct netcoal_device *aggregate)
{
	const struct netcoal_device *port, *first = NULL;

	for (port = netcoal_device_next_port(aggregate, NULL); port;
	     port = netcoal_device_next_port(aggregate, port)) {
		if (port->state == NETCOAL_STATE_GOVERNING)
			return port;
		first = first ?: port;
	}
	return first;
}

/**
 * netcoal_link_update() - bring an aggregate's state to that of its ports
 * @aggregate: the aggregate, whose device is there
 */
void netcoal_link_update(struct netcoal_device *aggregate)
{
	const struct netcoal_device *port = netcoal_link_typical(aggregate);
	enum netcoal_state state = port ? port->state : NETCOAL_STATE_WAITING;
	enum netcoal_reason reason = port ? port->reason : NETCOAL_REASON_NO_PORTS;
	int error = port ? port->error : 0;

	ASSERT_RTNL();
	if (!aggregate->netdev || !aggregate->aggregate)
		return;
	if (aggregate->state != state || aggregate->reason != reason ||
	    aggregate->error != error)
		netcoal_device_set_state(aggregate, state, reason, error);
}

/**
 * netcoal_link_check() - look whether an aggregate's ports are still ours to set
 * @aggregate: the aggregate
 */
void netcoal_link_check(struct netcoal_device *aggregate)
{
	struct netcoal_device *port;

	for (port = netcoal_device_next_port(aggregate, NULL); port;
	     port = netcoal_device_next_port(aggregate, port))
		if (port->state == NETCOAL_STATE_GOVERNING)
			netcoal_govern_check(port);
}

/**
 * netcoal_link_own_targets() - give the targets of an aggregate to its ports
 * @aggregate: the aggregate
 */
void netcoal_link_own_targets(struct netcoal_device *aggregate)
{
	struct netcoal_device *port;

	for (port = netcoal_device_next_port(aggregate, NULL); port;
	     port = netcoal_device_next_port(aggregate, port)) {
		netcoal_device_inherit(port, aggregate);
		netcoal_govern_new_limits(port);
	}
}

static void netcoal_link_add_queue(struct netcoal_queue *q, struct netcoal_link_sum *sum)
{
	struct netcoal_decision d;
	struct netcoal_counts total;
	u64 windows, changes, hardirqs;

	netcoal_queue_report(q, &d, &windows, &changes);
	netcoal_window_totals(q, &total, &hardirqs);
	sum->windows += windows;
	sum->packets += total.packets;
	sum->sequences += total.sequences;
	sum->busy_ns += netcoal_clock_ns(total.busy);
	if (windows && netcoal_queue_is_fresh(q))
		sum->pps += d.pps;
}

static void netcoal_link_add(const struct netcoal_device *nd, struct netcoal_link_sum *sum)
{
	unsigned int i;

	sum->queues += nd->nr_queues;
	sum->changes += READ_ONCE(nd->changes);
	sum->overrides += nd->overrides;
	sum->errors += nd->errors;
	for (i = 0; i < nd->nr_queues; i++)
		netcoal_link_add_queue(nd->queues[i], sum);
}

/**
 * netcoal_link_sum() - what a device did; of an aggregate, what its ports did
 * @nd: the device
 * @sum: gets it
 */
void netcoal_link_sum(struct netcoal_device *nd, struct netcoal_link_sum *sum)
{
	const struct netcoal_device *port;

	ASSERT_RTNL();
	memset(sum, 0, sizeof(*sum));
	netcoal_link_add(nd, sum);
	for (port = netcoal_device_next_port(nd, NULL); port;
	     port = netcoal_device_next_port(nd, port)) {
		sum->ports++;
		netcoal_link_add(port, sum);
	}
}
