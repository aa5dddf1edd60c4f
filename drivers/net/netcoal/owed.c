// SPDX-License-Identifier: GPL-2.0
/*
 * Settings that a driver did not take back when netcoal let go of a device: it was
 * being reset, say. The driver is asked again each second for a minute, and before
 * the device is taken over again, so that what was found is not forgotten, whatever
 * becomes of what netcoal knows of the device.
 */
#include <linux/list.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "coalesce.h"
#include "owed.h"
#include "queue.h"
#include "quirk.h"

#define NETCOAL_OWED_TRIES	60

/**
 * struct netcoal_owed - knobs of a device, or of a queue, to be put back
 * @list: in the list of all
 * @netdev: the device, held
 * @tracker: of that reference
 * @rxq: the queue, or NETCOAL_ALL_QUEUES
 * @dirs: directions that were governed
 * @tries: how often the driver is still asked
 * @knobs: what was found and set
 */
struct netcoal_owed {
	struct list_head list;
	struct net_device *netdev;
	netdevice_tracker tracker;
	int rxq;
	unsigned int dirs;
	unsigned int tries;
	struct netcoal_knobs knobs;
};

static void netcoal_owed_turn(struct work_struct *work);

/* Under rtnl. */
static LIST_HEAD(netcoal_owed_all);
static DECLARE_DELAYED_WORK(netcoal_owed_work, netcoal_owed_turn);

/**
 * netcoal_owed_add() - note what a driver did not take back
 * @netdev: the device; what is going away owes nothing
 * @rxq: the queue, or NETCOAL_ALL_QUEUES
 * @dirs: directions that were governed
 * @knobs: what was found and set
 *
 * Called under rtnl.
 */
void netcoal_owed_add(struct net_device *netdev, int rxq, unsigned int dirs,
		      const struct netcoal_knobs *knobs)
{
	struct netcoal_owed *owed;

	ASSERT_RTNL();
	if (netdev->reg_state != NETREG_REGISTERED)
		return;
	owed = kzalloc(sizeof(*owed), GFP_KERNEL);
	if (!owed) {
		netdev_warn(netdev, "netcoal: no memory to put settings back later\n");
		return;
	}
	owed->netdev = netdev;
	owed->rxq = rxq;
	owed->dirs = dirs;
	owed->tries = NETCOAL_OWED_TRIES;
	owed->knobs = *knobs;
	netdev_hold(netdev, &owed->tracker, GFP_KERNEL);
	list_add_tail(&owed->list, &netcoal_owed_all);
	queue_delayed_work(netcoal_wq, &netcoal_owed_work, HZ);
}

static void netcoal_owed_free(struct netcoal_owed *owed)
{
	list_del(&owed->list);
	netdev_put(owed->netdev, &owed->tracker);
	kfree(owed);
}

static void netcoal_owed_give_up(struct netcoal_owed *owed)
{
	if (owed->netdev->reg_state == NETREG_REGISTERED)
		netdev_warn(owed->netdev,
			    "netcoal: the driver did not take its settings back\n");
	netcoal_owed_free(owed);
}

/* Asks the driver again; if it takes them, or the queue is gone, they are owed no more. */
static int netcoal_owed_pay(struct netcoal_owed *owed)
{
	int err;

	if (netcoal_quirk_in_reset(owed->netdev))
		return -ENODEV;
	err = netcoal_ec_restore(owed->netdev, owed->rxq, owed->dirs, &owed->knobs, true);
	if (owed->rxq >= (int)owed->netdev->real_num_rx_queues)
		err = 0;
	if (!err)
		netcoal_owed_free(owed);
	return err;
}

static void netcoal_owed_turn(struct work_struct *work)
{
	struct netcoal_owed *owed, *next;

	/* Who holds rtnl may be waiting for this work to end. */
	if (!rtnl_trylock()) {
		queue_delayed_work(netcoal_wq, &netcoal_owed_work, 1);
		return;
	}
	list_for_each_entry_safe(owed, next, &netcoal_owed_all, list)
		if (netcoal_owed_pay(owed) && !--owed->tries)
			netcoal_owed_give_up(owed);
	if (!list_empty(&netcoal_owed_all))
		queue_delayed_work(netcoal_wq, &netcoal_owed_work, HZ);
	rtnl_unlock();
}

/**
 * netcoal_owed_settle() - ask a device's driver again now
 * @netdev: the device, which is not governed
 *
 * Called under rtnl.
 *
 * Return: 0 if nothing is owed any more; else the driver's error.
 */
int netcoal_owed_settle(struct net_device *netdev)
{
	struct netcoal_owed *owed, *next;
	int err = 0;

	ASSERT_RTNL();
	list_for_each_entry_safe(owed, next, &netcoal_owed_all, list)
		if (owed->netdev == netdev)
			err = netcoal_owed_pay(owed) ?: err;
	return err;
}

/**
 * netcoal_owed_forget() - a device goes away
 * @netdev: the device
 *
 * Called under rtnl.
 */
void netcoal_owed_forget(struct net_device *netdev)
{
	struct netcoal_owed *owed, *next;

	ASSERT_RTNL();
	list_for_each_entry_safe(owed, next, &netcoal_owed_all, list)
		if (owed->netdev == netdev)
			netcoal_owed_give_up(owed);
}

/**
 * netcoal_owed_exit() - ask once more, and give up
 *
 * When no device is governed any more.
 */
void netcoal_owed_exit(void)
{
	struct netcoal_owed *owed, *next;

	cancel_delayed_work_sync(&netcoal_owed_work);
	rtnl_lock();
	list_for_each_entry_safe(owed, next, &netcoal_owed_all, list)
		if (netcoal_owed_pay(owed))
			netcoal_owed_give_up(owed);
	rtnl_unlock();
}
