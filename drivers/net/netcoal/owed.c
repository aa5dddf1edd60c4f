// SPDX-License-Identifier: GPL-2.0
/*
 * Settings that a driver did not take back when netcoal let go of a device: it was
 * being reset, say. The driver is asked again each second for a minute, and before
 * the device is taken over again, so that what was found is not forgotten.
 */
#include <linux/list.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "coalesce.h"
#include "device.h"
#include "owed.h"

#define NETCOAL_OWED_TRIES	60

/**
 * struct netcoal_owed - knobs of a device, or of a queue, to be put back
 * @list: in the device's list
 * @rxq: the queue, or NETCOAL_ALL_QUEUES
 * @dirs: directions that were governed
 * @knobs: what was found and set
 */
struct netcoal_owed {
	struct list_head list;
	int rxq;
	unsigned int dirs;
	struct netcoal_knobs knobs;
};

/**
 * netcoal_owed_add() - note what a driver did not take back
 * @nd: the device, which is being let go
 * @rxq: the queue, or NETCOAL_ALL_QUEUES
 * @dirs: directions that were governed
 * @knobs: what was found and set
 *
 * Called under rtnl.
 */
void netcoal_owed_add(struct netcoal_device *nd, int rxq, unsigned int dirs,
		      const struct netcoal_knobs *knobs)
{
	struct netcoal_owed *owed = kmalloc(sizeof(*owed), GFP_KERNEL);

	ASSERT_RTNL();
	if (!owed) {
		netdev_warn(nd->netdev, "netcoal: no memory to put settings back later\n");
		return;
	}
	owed->rxq = rxq;
	owed->dirs = dirs;
	owed->knobs = *knobs;
	list_add_tail(&owed->list, &nd->owed);
	nd->owed_tries = NETCOAL_OWED_TRIES;
	queue_delayed_work(netcoal_wq, &nd->work, HZ);
}

/**
 * netcoal_owed_settle() - ask the driver again
 * @nd: a device that is not governed
 *
 * Called under rtnl.
 *
 * Return: 0 if nothing is owed any more; else the driver's error.
 */
int netcoal_owed_settle(struct netcoal_device *nd)
{
	struct netcoal_owed *owed, *next;
	int err, last_err = 0;

	ASSERT_RTNL();
	list_for_each_entry_safe(owed, next, &nd->owed, list) {
		err = netcoal_ec_restore(nd, owed->rxq, owed->dirs, &owed->knobs.baseline,
					 &owed->knobs.last);
		if (err) {
			last_err = err;
			continue;
		}
		list_del(&owed->list);
		kfree(owed);
	}
	return last_err;
}

/**
 * netcoal_owed_turn() - ask the driver again, if it is worth it
 * @nd: a device that is not governed
 *
 * After as many tries as are worth it what is owed is given up. Called under rtnl.
 *
 * Return: true if something is still owed: come back in a second.
 */
bool netcoal_owed_turn(struct netcoal_device *nd)
{
	if (!netcoal_owed_settle(nd))
		return false;
	if (--nd->owed_tries)
		return true;
	netcoal_owed_forget(nd);
	return false;
}

/**
 * netcoal_owed_forget() - give up what is owed
 * @nd: the device, which may be gone
 *
 * Called under rtnl.
 */
void netcoal_owed_forget(struct netcoal_device *nd)
{
	struct netcoal_owed *owed, *next;

	if (list_empty(&nd->owed))
		return;
	if (nd->netdev && nd->netdev->reg_state == NETREG_REGISTERED)
		netdev_warn(nd->netdev,
			    "netcoal: the driver did not take its settings back\n");
	list_for_each_entry_safe(owed, next, &nd->owed, list) {
		list_del(&owed->list);
		kfree(owed);
	}
}
