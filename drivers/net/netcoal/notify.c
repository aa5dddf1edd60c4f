// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel tells of devices: they come and go, up and down, get other names,
 * masters, features and namespaces. What that means for the device's state is told
 * in device.c. Everything here is under rtnl.
 */
#include <linux/netdevice.h>

#include "binding.h"
#include "device.h"
#include "govern.h"
#include "link.h"
#include "netlink.h"
#include "notify.h"
#include "owed.h"
#include "quirk.h"
#include "sysfs.h"

static void netcoal_notify_rename(struct netcoal_device *nd, const char *to)
{
	netcoal_path_renamed(nd, to);
	strscpy(nd->name, to, sizeof(nd->name));
}

/* Who was waited for is there. What somebody wrote is not for it to take for what it found. */
static void netcoal_notify_met(struct netcoal_device *waiting, struct net_device *netdev,
			       bool overridden)
{
	netcoal_device_bind(waiting, netdev);
	if (strcmp(waiting->name, netdev->name))
		netcoal_notify_rename(waiting, netdev->name);
	if (overridden) {
		netcoal_device_set_state(waiting, NETCOAL_STATE_OVERRIDDEN,
					 NETCOAL_REASON_ADMIN, 0);
		return;
	}
	netcoal_device_set_state(waiting, NETCOAL_STATE_WAITING, NETCOAL_REASON_DOWN, 0);
	if (netcoal_quirk_is_up(netdev))
		netcoal_device_try(waiting);
	netcoal_device_ports(waiting);
}

/* What only matched, or was a port, gives way to who was waited for. */
static void netcoal_notify_give_way(struct netcoal_device *nd, struct netcoal_device *waiting)
{
	struct net_device *netdev = nd->netdev;
	bool overridden = !nd->aggregate && (netcoal_govern_concede(nd) ||
					     nd->state == NETCOAL_STATE_OVERRIDDEN);

	netcoal_device_drop(nd);
	netcoal_notify_met(waiting, netdev, overridden);
}

/*
 * A device may be waited for by any of its names. Alternative ones come after the device,
 * and while it is down nobody is told. All but one of those who wait give way.
 */
static void netcoal_notify_await(struct net_device *netdev)
{
	struct netcoal_device *nd, *waiting;

	while ((waiting = netcoal_device_awaiting(netdev))) {
		nd = netcoal_device_of(netdev);
		if (!nd)
			netcoal_notify_met(waiting, netdev, false);
		else if (nd->bound == NETCOAL_BOUND_ATTACH)
			netcoal_device_drop(waiting);
		else
			netcoal_notify_give_way(nd, waiting);
	}
}

static void netcoal_notify_arrived(struct net_device *netdev)
{
	netcoal_sysfs_add(netdev);
	netcoal_notify_await(netdev);
	netcoal_binding_consider(netdev);
}

static void netcoal_notify_left(struct net_device *netdev)
{
	struct netcoal_device *nd = netcoal_device_of(netdev);

	netcoal_sysfs_remove(netdev);
	netcoal_binding_unbar(netdev);
	if (netdev->reg_state != NETREG_REGISTERED)
		netcoal_owed_forget(netdev);
	if (!nd)
		return;
	if (nd->bound != NETCOAL_BOUND_ATTACH) {
		netcoal_device_drop(nd);
		return;
	}
	if (nd->state == NETCOAL_STATE_GOVERNING)
		netcoal_govern_stop(nd);
	netcoal_device_unbind(nd);
	netcoal_binding_consider_ports(nd);
	netcoal_device_set_state(nd, NETCOAL_STATE_WAITING,
				 netdev->reg_state == NETREG_REGISTERED ?
				 NETCOAL_REASON_MOVED : NETCOAL_REASON_NO_DEVICE, 0);
}

/*
 * A policy follows its device; one that waited for the new name gives way to
 * it, but not to one that only matched.
 */
static void netcoal_notify_renamed(struct net_device *netdev)
{
	struct net *net = dev_net(netdev);
	struct netcoal_device *nd = netcoal_device_of(netdev), *waiting;

	waiting = netcoal_device_listed(net, netdev->name);
	if (nd && waiting && waiting != nd && nd->bound != NETCOAL_BOUND_ATTACH) {
		netcoal_notify_give_way(nd, waiting);
	} else if (nd) {
		if (waiting && waiting != nd)
			netcoal_device_drop(waiting);
		netcoal_notify_rename(nd, netdev->name);
		netcoal_nl_device(nd);
		netcoal_path_update(net);
	} else if (waiting) {
		netcoal_notify_met(waiting, netdev, false);
	}
	/* ports match by the name of their master */
	netcoal_binding_consider(netdev);
	netcoal_binding_consider_lower(netdev);
}

/* veth has NAPIs only while GRO is on: one that nobody attached is tried again. */
static void netcoal_notify_features(struct net_device *netdev)
{
	struct netcoal_device *nd = netcoal_device_of(netdev);

	if (nd && nd->bound != NETCOAL_BOUND_ATTACH && netcoal_quirk_is_up(netdev) &&
	    nd->state == NETCOAL_STATE_RELEASED &&
	    nd->reason == NETCOAL_REASON_NO_QUEUES &&
	    !list_empty(&netdev->napi_list))
		netcoal_device_try(nd);
}

static void netcoal_notify_came_up(struct net_device *netdev)
{
	struct netcoal_device *nd;

	netcoal_notify_await(netdev);
	nd = netcoal_device_of(netdev);
	if (nd && nd->state == NETCOAL_STATE_WAITING)
		netcoal_device_try(nd);
}

static void netcoal_notify_goes_down(struct net_device *netdev)
{
	struct netcoal_device *nd = netcoal_device_of(netdev);

	if (!nd || nd->aggregate)
		return;
	if (netcoal_govern_concede(nd))
		return;
	if (nd->state == NETCOAL_STATE_GOVERNING)
		netcoal_govern_stop(nd);
	else if (nd->state != NETCOAL_STATE_RELEASED || !nd->retries)
		return;
	netcoal_device_set_state(nd, NETCOAL_STATE_WAITING, NETCOAL_REASON_DOWN, 0);
}

/*
 * A backend's queues come when its frontend connects, long after it is up. What is as good as
 * down without a link comes up with it.
 */
static void netcoal_notify_changed(struct net_device *netdev)
{
	struct netcoal_device *nd;

	netcoal_notify_await(netdev);
	nd = netcoal_device_of(netdev);
	if (!nd || nd->aggregate || !netif_carrier_ok(netdev) || !netcoal_quirk_is_up(netdev))
		return;
	if (nd->reason == NETCOAL_REASON_NO_QUEUES || nd->reason == NETCOAL_REASON_DOWN)
		netcoal_device_try(nd);
}

static int netcoal_notify_event(struct notifier_block *nb, unsigned long event,
				void *ptr)
{
	struct net_device *netdev = netdev_notifier_info_to_dev(ptr);

	switch (event) {
	case NETDEV_REGISTER:
		netcoal_notify_arrived(netdev);
		break;
	case NETDEV_UP:
		netcoal_notify_came_up(netdev);
		break;
	case NETDEV_CHANGE:
		netcoal_notify_changed(netdev);
		break;
	case NETDEV_GOING_DOWN:
		netcoal_notify_goes_down(netdev);
		break;
	case NETDEV_CHANGENAME:
		netcoal_notify_renamed(netdev);
		break;
	case NETDEV_CHANGEUPPER:
		netcoal_binding_consider(netdev);
		break;
	case NETDEV_FEAT_CHANGE:
		netcoal_notify_features(netdev);
		break;
	case NETDEV_UNREGISTER:
		netcoal_notify_left(netdev);
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block netcoal_notify_nb = {
	.notifier_call = netcoal_notify_event,
};

/**
 * netcoal_notify_init() - begin to watch devices come and go
 *
 * All that are there come now.
 *
 * Return: 0 or a negative errno.
 */
int netcoal_notify_init(void)
{
	return register_netdevice_notifier(&netcoal_notify_nb);
}

/**
 * netcoal_notify_exit() - give all devices back
 *
 * All go as far as this knows: each is released by that.
 */
void netcoal_notify_exit(void)
{
	unregister_netdevice_notifier(&netcoal_notify_nb);
}
