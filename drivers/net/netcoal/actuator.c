// SPDX-License-Identifier: GPL-2.0
/*
 * Actuators: choosing one for a device, and the one function through which
 * settings that need rtnl reach a device.
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/rtnetlink.h>

#include "actuator.h"
#include "device.h"
#include "guard.h"
#include "policy.h"
#include "queue.h"

/* In the order that `auto` tries them: the more precise and cheaper first. */
static const struct netcoal_actuator_ops * const netcoal_actuators[] = {
	&netcoal_act_ethtool_queue,
	&netcoal_act_ethtool,
	&netcoal_act_defer,
	&netcoal_act_hold,
};

/**
 * netcoal_actuator_driver() - name of a device's driver
 * @netdev: the device
 *
 * Return: the name, "" for devices without one.
 */
const char *netcoal_actuator_driver(const struct net_device *netdev)
{
	const struct device *parent = netdev->dev.parent;

	if (parent && parent->driver)
		return parent->driver->name;
	if (netdev->rtnl_link_ops)
		return netdev->rtnl_link_ops->kind;
	return "";
}

/* What is sent, and what tunnels have, waits for no timer: see link.c. */
static bool netcoal_actuator_receives(const struct netcoal_device *nd)
{
	unsigned int i;

	for (i = 0; i < nd->nr_queues; i++)
		if (!nd->queues[i]->tx_only)
			return true;
	return false;
}

/**
 * netcoal_actuator_pick() - find the actuator that a policy means for a device
 * @nd: the device, with policy and netdev
 *
 * Sets nd->actuator and all that its @prove sets. One that sets all queues alike
 * is an error where some have policies of their own, and no reason to take the
 * next. Called under rtnl.
 *
 * Return: 0, or the error of the last one tried; nd->actuator is then NULL.
 */
int netcoal_actuator_pick(struct netcoal_device *nd)
{
	enum netcoal_actuator wanted = nd->policy->attr.actuator;
	int err = -EOPNOTSUPP;
	unsigned int i;

	ASSERT_RTNL();
	for (i = 0; i < ARRAY_SIZE(netcoal_actuators); i++) {
		const struct netcoal_actuator_ops *ops = netcoal_actuators[i];

		if (wanted != NETCOAL_ACTUATOR_AUTO && wanted != ops->id)
			continue;
		/* What is sent may have a knob; of taps see netcoal_ethtool_batches(). */
		if (!netcoal_actuator_receives(nd) && ops != &netcoal_act_ethtool)
			continue;
		nd->actuator = ops;
		memset(&nd->rx, 0, sizeof(nd->rx));
		memset(&nd->tx, 0, sizeof(nd->tx));
		err = ops->prove(nd);
		/* What works on it can't be told now, or nothing may be set besides. */
		if (err == -ENODEV || err == -NETCOAL_EOWED)
			break;
		if (err)
			continue;
		if (ops->per_queue || list_empty(&nd->queue_policies))
			return 0;
		err = -EOPNOTSUPP;
		break;
	}
	nd->actuator = NULL;
	return err;
}

/**
 * netcoal_actuator_check() - does a device still have what netcoal set?
 * @nd: a governed device
 *
 * Called under rtnl.
 *
 * Return: 0; -NETCOAL_EADMIN if an administrator changed a governed setting; or
 * the driver's error.
 */
int netcoal_actuator_check(struct netcoal_device *nd)
{
	ASSERT_RTNL();
	return nd->actuator->check ? nd->actuator->check(nd) : 0;
}

/**
 * netcoal_actuator_is_found() - does a device have what it had at take-over?
 * @nd: a governed device
 *
 * Called under rtnl.
 *
 * Return: true if so: a driver that resets its device leaves it like that.
 */
bool netcoal_actuator_is_found(struct netcoal_device *nd)
{
	ASSERT_RTNL();
	return nd->actuator->is_found && nd->actuator->is_found(nd);
}

/* What a driver that resets a device leaves otherwise: times that its link went down, NAPIs. */
struct netcoal_marks {
	u32 downs;
	u32 napis;
};

static struct netcoal_marks netcoal_actuator_marks(const struct net_device *netdev)
{
	struct netcoal_marks marks = { .downs = atomic_read(&netdev->carrier_down_count) };
	const struct napi_struct *napi;

	rcu_read_lock();
	list_for_each_entry_rcu(napi, &netdev->napi_list, dev_list)
		marks.napis = 31 * marks.napis + napi->napi_id;
	rcu_read_unlock();
	return marks;
}

/* Sets what is wanted, and looks whether the driver resets the device for that. */
static int netcoal_actuator_set(struct netcoal_device *nd)
{
	struct netcoal_marks before = netcoal_actuator_marks(nd->netdev), after;
	int err = nd->actuator->apply(nd);

	after = netcoal_actuator_marks(nd->netdev);
	if (!memcmp(&before, &after, sizeof(before)))
		return err;
	return netcoal_guard_count_reset(nd) ?: err;
}

/**
 * netcoal_actuator_apply() - bring a device to what its governors want
 * @nd: a governed device
 *
 * Called under rtnl.
 *
 * Return: 0; -NETCOAL_EADMIN if an administrator changed a governed setting, which
 * then stays; -NETCOAL_EMISMATCH; -NETCOAL_ERESETS; or the driver's error.
 */
int netcoal_actuator_apply(struct netcoal_device *nd)
{
	const struct netcoal_actuator_ops *ops = nd->actuator;
	int err;

	ASSERT_RTNL();
	err = netcoal_actuator_check(nd);
	if (err)
		return err;
	return ops->apply ? netcoal_actuator_set(nd) : 0;
}
