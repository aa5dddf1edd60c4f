// SPDX-License-Identifier: GPL-2.0
/*
 * Bindings: how a device that is there comes to a policy. The first that holds:
 *
 *    1. it was attached by name
 *    2. it was detached by name since it came: none
 *    3. it is a port of a bond or team that has a policy: that one
 *    4. it matches a policy: the first one, in the order they were added
 *
 * Asked anew whenever an answer may have changed: the device comes, is renamed,
 * gets or loses a master; its bond gets or loses a policy; policies are added
 * or say something else. All under rtnl.
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "binding.h"
#include "device.h"
#include "link.h"
#include "match.h"
#include "policy.h"

/**
 * struct netcoal_bar - a device that was detached by name
 * @list: in the namespace's list
 * @ifindex: of the device; gone with it
 */
struct netcoal_bar {
	struct list_head list;
	int ifindex;
};

static struct netcoal_bar *netcoal_binding_find_bar(const struct net_device *netdev)
{
	struct netcoal_bar *bar;

	list_for_each_entry(bar, &netcoal_net(dev_net(netdev))->bars, list)
		if (bar->ifindex == netdev->ifindex)
			return bar;
	return NULL;
}

/**
 * netcoal_binding_bar() - keep a device from being bound until it comes anew
 * @netdev: the device
 *
 * Return: 0 or -ENOMEM.
 */
int netcoal_binding_bar(const struct net_device *netdev)
{
	struct netcoal_bar *bar;

	ASSERT_RTNL();
	if (netcoal_binding_find_bar(netdev))
		return 0;
	bar = kmalloc(sizeof(*bar), GFP_KERNEL);
	if (!bar)
		return -ENOMEM;
	bar->ifindex = netdev->ifindex;
	list_add(&bar->list, &netcoal_net(dev_net(netdev))->bars);
	return 0;
}

/**
 * netcoal_binding_unbar() - forget that a device was detached
 * @netdev: the device
 */
void netcoal_binding_unbar(const struct net_device *netdev)
{
	struct netcoal_bar *bar = netcoal_binding_find_bar(netdev);

	ASSERT_RTNL();
	if (!bar)
		return;
	list_del(&bar->list);
	kfree(bar);
}

/**
 * netcoal_binding_free_bars() - forget all of a namespace that ends
 * @bars: its list
 */
void netcoal_binding_free_bars(struct list_head *bars)
{
	struct netcoal_bar *bar, *next;

	list_for_each_entry_safe(bar, next, bars, list)
		kfree(bar);
	INIT_LIST_HEAD(bars);
}

/* The aggregate with a policy that a device is a port of, or NULL. */
static struct netcoal_device *netcoal_binding_aggregate(struct net_device *netdev)
{
	struct net_device *master = netdev_master_upper_dev_get(netdev);
	struct netcoal_device *nd = master ? netcoal_device_of(master) : NULL;

	return nd && nd->aggregate ? nd : NULL;
}

static struct netcoal_policy *netcoal_binding_match(struct net_device *netdev)
{
	struct netcoal_policy *policy;

	if (netcoal_link_is_stacked(netdev))
		return NULL;
	list_for_each_entry(policy, &netcoal_net(dev_net(netdev))->policies, list)
		if (netcoal_match(&policy->attr, netdev))
			return policy;
	return NULL;
}

/* One that leaves is off the namespace's list before anybody is told. */
static bool netcoal_binding_is_there(struct net_device *netdev)
{
	return netdev->reg_state == NETREG_REGISTERED &&
	       __dev_get_by_index(dev_net(netdev), netdev->ifindex) == netdev;
}

/**
 * netcoal_binding_consider() - bind a device as it should be
 * @netdev: the device
 *
 * What was attached by name stays as it is.
 */
void netcoal_binding_consider(struct net_device *netdev)
{
	struct netcoal_device *nd = netcoal_device_of(netdev), *via = NULL;
	struct netcoal_policy *policy = NULL;

	ASSERT_RTNL();
	if ((nd && nd->bound == NETCOAL_BOUND_ATTACH) ||
	    !netcoal_binding_is_there(netdev))
		return;
	if (!netcoal_binding_find_bar(netdev)) {
		via = netcoal_binding_aggregate(netdev);
		policy = via ? via->policy : netcoal_binding_match(netdev);
	}
	if (policy)
		netcoal_device_follow(netdev, policy, via);
	else if (nd)
		netcoal_device_drop(nd);
}

/**
 * netcoal_binding_consider_lower() - the same for what is right below a device
 * @netdev: the device above
 */
void netcoal_binding_consider_lower(struct net_device *netdev)
{
	struct net_device *lower;
	struct list_head *iter;

	netdev_for_each_lower_dev(netdev, lower, iter)
		netcoal_binding_consider(lower);
}

/**
 * netcoal_binding_consider_all() - the same for all devices of a namespace
 * @net: the namespace
 */
void netcoal_binding_consider_all(struct net *net)
{
	struct net_device *netdev;

	for_each_netdev(net, netdev) {
		netcoal_binding_consider(netdev);
		/* many policies, of a container's administrator, times many devices */
		cond_resched();
	}
}

/**
 * netcoal_binding_consider_ports() - the same for ports governed through a device
 * @aggregate: the device, which is not bound as an aggregate any more
 *
 * Afterwards nobody is governed through it. What is dropped may be an aggregate
 * itself and take others along, so each is looked for anew. One that leaves with
 * the aggregate has no other binding to get.
 */
void netcoal_binding_consider_ports(struct netcoal_device *aggregate)
{
	struct netcoal_device *port;

	while ((port = netcoal_device_next_port(aggregate, NULL))) {
		if (netcoal_binding_is_there(port->netdev))
			netcoal_binding_consider(port->netdev);
		else
			netcoal_device_drop(port);
	}
}
