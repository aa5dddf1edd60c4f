// SPDX-License-Identifier: GPL-2.0
/*
 * Queue policies: queues of a device that are under a policy of their own.
 *
 *    eth0  policy web         queue 0    limits and governor of web
 *      +-- 1: policy bulk     queue 1    limits and governor of bulk
 *      +-- 9: policy bulk                there is no such queue at present
 *
 * They belong to the device for as long as it has a policy, whether it is up or
 * not, and are found by the queue's index whenever the queues are made. What is
 * the device's stays with the device's policy: actuator, cap, transmit side.
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "compat.h"
#include "device.h"
#include "govern.h"
#include "policy.h"
#include "queue.h"
#include "queue_policy.h"

/**
 * netcoal_queue_policy_find() - find the policy that a queue has for itself
 * @nd: the device
 * @index: the queue
 *
 * Called under rtnl.
 *
 * Return: that, or NULL.
 */
struct netcoal_queue_policy *netcoal_queue_policy_find(const struct netcoal_device *nd,
						       unsigned int index)
{
	struct netcoal_queue_policy *own;

	list_for_each_entry(own, &nd->queue_policies, list)
		if (own->index == index)
			return own;
	return NULL;
}

/**
 * netcoal_queue_policy_count() - how many queues have a policy of their own?
 * @nd: the device
 *
 * Return: the number, with those that are not there at present.
 */
unsigned int netcoal_queue_policy_count(const struct netcoal_device *nd)
{
	const struct netcoal_queue_policy *own;
	unsigned int n = 0;

	list_for_each_entry(own, &nd->queue_policies, list)
		n++;
	return n;
}

/**
 * netcoal_queue_policy_uses() - is a queue of a device under a policy?
 * @nd: the device
 * @policy: the policy
 *
 * Return: true if a queue has it for itself.
 */
bool netcoal_queue_policy_uses(const struct netcoal_device *nd,
			       const struct netcoal_policy *policy)
{
	const struct netcoal_queue_policy *own;

	list_for_each_entry(own, &nd->queue_policies, list)
		if (own->policy == policy)
			return true;
	return false;
}

/**
 * netcoal_queue_policy_bind() - tell each queue what it is under
 * @nd: the device, whose queues may be none
 *
 * A queue's governor follows at its next window. Called under rtnl.
 */
void netcoal_queue_policy_bind(struct netcoal_device *nd)
{
	struct netcoal_queue_policy *own;
	struct netcoal_queue *q;
	unsigned int i;

	ASSERT_RTNL();
	for (i = 0; i < nd->nr_queues; i++) {
		q = nd->queues[i];
		own = netcoal_queue_policy_find(nd, i);
		spin_lock(&nd->lock);
		q->own = own ? &own->limits : NULL;
		spin_unlock(&nd->lock);
		WRITE_ONCE(q->governor, own ? own->policy->governor :
					      nd->policy->governor);
	}
}

/* Can a queue be set unlike the others, and is it there? */
static int netcoal_queue_policy_refuse(const struct netcoal_device *nd,
				       unsigned int index,
				       struct netlink_ext_ack *extack)
{
	/* Which queues there will be, and how they can be set, is not known yet. */
	if (nd->state == NETCOAL_STATE_WAITING && !nd->aggregate) {
		if (index < NETCOAL_LIST_MAX)
			return 0;
		netcoal_extack_fmt(extack, "no device has more than %u queues", NETCOAL_LIST_MAX);
		return -ENOENT;
	}
	if (index >= nd->nr_queues) {
		netcoal_extack_fmt(extack, "no such queue is governed, the device has %u",
				   nd->nr_queues);
		return -ENOENT;
	}
	if (!nd->actuator->per_queue) {
		netcoal_extack_fmt(extack,
				   "actuator %s sets the whole device, not a queue by itself",
				   nd->actuator->name);
		return -EOPNOTSUPP;
	}
	if (nd->queues[index]->tx_only) {
		NL_SET_ERR_MSG(extack, "the queue only transmits");
		return -EOPNOTSUPP;
	}
	return 0;
}

static struct netcoal_queue_policy *netcoal_queue_policy_new(struct netcoal_device *nd,
							     unsigned int index)
{
	struct netcoal_queue_policy *own = kzalloc(sizeof(*own), GFP_KERNEL_ACCOUNT);

	if (!own)
		return NULL;
	own->index = index;
	netcoal_net(nd->net)->queue_policies++;
	list_add_tail(&own->list, &nd->queue_policies);
	return own;
}

/**
 * netcoal_queue_policy_attach() - put one queue of a device under a policy
 * @nd: the device
 * @index: the queue
 * @policy: the policy, of the same namespace
 * @extack: gets the reason of an error
 *
 * Called under rtnl.
 *
 * Return: 0; -ENOENT: no such queue; -EOPNOTSUPP: it can't be set by itself;
 * -ENOSPC: too many are waited for; or -ENOMEM; and then nothing changed.
 */
int netcoal_queue_policy_attach(struct netcoal_device *nd, unsigned int index,
				struct netcoal_policy *policy,
				struct netlink_ext_ack *extack)
{
	struct netcoal_queue_policy *own;
	int err;

	ASSERT_RTNL();
	err = netcoal_queue_policy_refuse(nd, index, extack);
	if (err)
		return err;
	own = netcoal_queue_policy_find(nd, index);
	if (!own && nd->state == NETCOAL_STATE_WAITING &&
	    netcoal_net(nd->net)->queue_policies >= NETCOAL_LIST_MAX) {
		NL_SET_ERR_MSG(extack, "too many policies of queues");
		return -ENOSPC;
	}
	own = own ?: netcoal_queue_policy_new(nd, index);
	if (!own)
		return -ENOMEM;
	policy->users++;
	if (own->policy)
		own->policy->users--;
	own->policy = policy;
	netcoal_govern_new_limits(nd);
	return 0;
}

static void netcoal_queue_policy_free(struct netcoal_device *nd, struct netcoal_queue_policy *own)
{
	netcoal_net(nd->net)->queue_policies--;
	own->policy->users--;
	kfree(own);
}

/**
 * netcoal_queue_policy_detach() - give a queue back to its device's policy
 * @nd: the device
 * @index: the queue, which need not be there at present
 * @extack: gets the reason of an error
 *
 * Called under rtnl.
 *
 * Return: 0 or -ENOENT.
 */
int netcoal_queue_policy_detach(struct netcoal_device *nd, unsigned int index,
				struct netlink_ext_ack *extack)
{
	struct netcoal_queue_policy *own = netcoal_queue_policy_find(nd, index);

	ASSERT_RTNL();
	if (!own) {
		NL_SET_ERR_MSG(extack, "the queue has no policy of its own");
		return -ENOENT;
	}
	list_del(&own->list);
	netcoal_govern_new_limits(nd);
	if (index < nd->nr_queues)
		netcoal_queue_begin_anew(nd->queues[index]);
	netcoal_queue_policy_free(nd, own);
	return 0;
}

/**
 * netcoal_queue_policy_free_all() - forget all of a device that ends
 * @nd: the device; it has no queues any more
 */
void netcoal_queue_policy_free_all(struct netcoal_device *nd)
{
	struct netcoal_queue_policy *own, *next;

	list_for_each_entry_safe(own, next, &nd->queue_policies, list)
		netcoal_queue_policy_free(nd, own);
	INIT_LIST_HEAD(&nd->queue_policies);
}
