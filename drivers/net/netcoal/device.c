// SPDX-License-Identifier: GPL-2.0
/*
 * Devices: which device of which namespace is under which policy.
 *
 *                      attach
 *                        |
 *     +--- no device, or down ---+--- up ---> start -- fails --> refused
 *     v                                         |
 *  waiting -- REGISTER, UP --> start -----------+--> governing
 *     ^                          | fails              |     |
 *     |                          v                    |     | admin's change
 *     |                      released <-- guard ------+     v
 *     +-- GOING_DOWN (governing), UNREGISTER (any) --- overridden
 *
 * Overridden and released last until the device is attached again, or goes
 * away. One that came by a match or as a port (binding.c) is forgotten when it
 * goes away. An aggregate's state is that of its ports (link.c). Everything
 * here is under rtnl.
 */
#include <linux/netdevice.h>
#include <linux/ratelimit.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/netns/generic.h>

#include "actuator.h"
#include "binding.h"
#include "device.h"
#include "govern.h"
#include "guard.h"
#include "link.h"
#include "netlink.h"
#include "policy.h"
#include "queue_policy.h"
#include "quirk.h"

/* A driver that is busy, or resets its device, is asked for so many seconds. */
#define NETCOAL_RETRIES_MAX	30
/* Decision events of a namespace: what a person or a log can follow. */
#define NETCOAL_EVENTS_PER_S	100

static unsigned int netcoal_net_id __read_mostly;

/**
 * netcoal_net() - netcoal's part of a network namespace
 * @net: the namespace
 *
 * Return: the part.
 */
struct netcoal_net *netcoal_net(struct net *net)
{
	return net_generic(net, netcoal_net_id);
}

/**
 * netcoal_list_is_full() - may a list of a namespace grow no more?
 * @list: the list
 * @max: entries that it may have
 *
 * A container's administrator may add to it, and each change walks it under rtnl.
 *
 * Return: true if it has so many.
 */
bool netcoal_list_is_full(const struct list_head *list, unsigned int max)
{
	const struct list_head *at;
	unsigned int n = 0;

	list_for_each(at, list)
		n++;
	return n >= max;
}

/* What comes is known to paths; so is, below, what goes. */
static void netcoal_device_list(struct netcoal_device *nd)
{
	nd->number = netcoal_net(nd->net)->numbered++;
	list_add_tail(&nd->list, &netcoal_net(nd->net)->devices);
	netcoal_path_bind(nd->net, nd->name, nd);
}

static void netcoal_device_unlist(struct netcoal_device *nd)
{
	list_del(&nd->list);
	netcoal_path_bind(nd->net, nd->name, NULL);
}

/**
 * netcoal_device_listed() - find a device by the name that it is listed by
 * @net: the namespace
 * @name: the name
 *
 * Called under rtnl.
 *
 * Return: the device, or NULL.
 */
struct netcoal_device *netcoal_device_listed(struct net *net, const char *name)
{
	struct netcoal_device *nd;

	list_for_each_entry(nd, &netcoal_net(net)->devices, list)
		if (!strcmp(nd->name, name))
			return nd;
	return NULL;
}

/**
 * netcoal_device_name() - the name that a device is listed by
 * @net: the namespace
 * @name: one of its names: alternative ones have to find the same device
 *
 * Called under rtnl.
 *
 * Return: the device's own name, or @name if there is no such device.
 */
const char *netcoal_device_name(struct net *net, const char *name)
{
	const struct net_device *netdev = __dev_get_by_name(net, name);

	return netdev ? netdev->name : name;
}

/**
 * netcoal_device_find() - find a device, there or waited for, by any of its names
 * @net: the namespace
 * @name: the name
 *
 * Called under rtnl.
 *
 * Return: the device, or NULL.
 */
struct netcoal_device *netcoal_device_find(struct net *net, const char *name)
{
	return netcoal_device_listed(net, netcoal_device_name(net, name)) ?:
	       netcoal_device_listed(net, name);
}

/**
 * netcoal_device_awaiting() - find who waits for a device, by any of its names
 * @netdev: the device, of which nothing is bound
 *
 * Return: the entry, that by its own name before others; or NULL.
 */
struct netcoal_device *netcoal_device_awaiting(const struct net_device *netdev)
{
	struct net *net = dev_net(netdev);
	struct netcoal_device *nd = netcoal_device_listed(net, netdev->name);

	ASSERT_RTNL();
	if (nd && !nd->netdev)
		return nd;
	list_for_each_entry(nd, &netcoal_net(net)->devices, list)
		if (!nd->netdev && __dev_get_by_name(net, nd->name) == netdev)
			return nd;
	return NULL;
}

/**
 * netcoal_device_of() - find what netcoal knows of a device
 * @netdev: the device
 *
 * Return: that, or NULL.
 */
struct netcoal_device *netcoal_device_of(const struct net_device *netdev)
{
	struct netcoal_device *nd;

	list_for_each_entry(nd, &netcoal_net(dev_net(netdev))->devices, list)
		if (nd->netdev == netdev)
			return nd;
	return NULL;
}

/**
 * netcoal_device_next_port() - walk the devices governed through an aggregate
 * @aggregate: the aggregate
 * @after: the one before, NULL to begin
 *
 * Return: the next one, NULL at the end.
 */
struct netcoal_device *netcoal_device_next_port(const struct netcoal_device *aggregate,
						const struct netcoal_device *after)
{
	struct list_head *all = &netcoal_net(aggregate->net)->devices;
	const struct list_head *at = after ? &after->list : all;
	struct netcoal_device *nd;

	for (at = at->next; at != all; at = at->next) {
		nd = list_entry(at, struct netcoal_device, list);
		if (nd->via == aggregate)
			return nd;
	}
	return NULL;
}

/**
 * netcoal_device_set_state() - note a device's state, and tell who listens
 * @nd: the device
 * @state: the state
 * @reason: why
 * @error: positive errno that belongs to the reason, or 0
 */
void netcoal_device_set_state(struct netcoal_device *nd, enum netcoal_state state,
			      enum netcoal_reason reason, int error)
{
	if (state != NETCOAL_STATE_RELEASED)
		nd->retries = 0;
	nd->state = state;
	nd->reason = reason;
	nd->error = error;
	netcoal_nl_device(nd);
	if (nd->via)
		netcoal_link_update(nd->via);
	if (netcoal_path_crosses(nd))
		netcoal_path_update(nd->net);
}

/*
 * What failed is its state. What may pass is tried again, each second; that is told
 * when it begins and when it is given up.
 */
static void netcoal_device_failed(struct netcoal_device *nd, int err)
{
	bool again = netcoal_guard_is_passing(err) && nd->retries < NETCOAL_RETRIES_MAX;
	bool told = again && nd->retries && nd->state == NETCOAL_STATE_RELEASED;

	nd->retries = again ? nd->retries + 1 : 0;
	if (again)
		queue_delayed_work(netcoal_wq, &nd->work, HZ);
	if (told)
		return;
	/* A vif is up before it has queues; that is no error of anybody. */
	nd->errors += err != -ENXIO;
	netcoal_device_set_state(nd, NETCOAL_STATE_RELEASED,
				 netcoal_guard_reason(err), -err);
}

/**
 * netcoal_device_try() - start governing a device that came up
 * @nd: the device, bound to one that is there
 *
 * What fails is its state.
 */
void netcoal_device_try(struct netcoal_device *nd)
{
	int err;

	if (nd->aggregate) {
		netcoal_link_update(nd);
		return;
	}
	if (!netcoal_quirk_is_up(nd->netdev)) {
		netcoal_device_set_state(nd, NETCOAL_STATE_WAITING, NETCOAL_REASON_DOWN, 0);
		return;
	}
	err = netcoal_govern_start(nd);
	if (err)
		netcoal_device_failed(nd, err);
	else
		netcoal_device_set_state(nd, NETCOAL_STATE_GOVERNING,
					 NETCOAL_REASON_NONE, 0);
}

/* What of a governed device's driver is in the way of letting go of it now? */
static int netcoal_device_unready(struct netcoal_device *nd)
{
	int err;

	if (nd->state != NETCOAL_STATE_GOVERNING || nd->aggregate)
		return 0;
	if (!netif_device_present(nd->netdev))
		return -ENODEV;
	err = netcoal_actuator_check(nd);
	return netcoal_guard_is_passing(err) ? err : 0;
}

/**
 * netcoal_device_retry() - try once more to take a device over
 * @nd: a device that is not governed, with a start that failed for what may pass
 */
void netcoal_device_retry(struct netcoal_device *nd)
{
	if (nd->state == NETCOAL_STATE_RELEASED && nd->netdev)
		netcoal_device_try(nd);
	else
		nd->retries = 0;
}

/**
 * netcoal_device_restart() - release a governed device and take it over anew
 * @nd: the device; while its driver resets it that has to wait
 *
 * One that somebody set is only released.
 */
void netcoal_device_restart(struct netcoal_device *nd)
{
	if (netcoal_device_unready(nd)) {
		nd->stale = true;
		netcoal_govern_new_limits(nd);
		queue_delayed_work(netcoal_wq, &nd->work, HZ);
		return;
	}
	if (netcoal_govern_concede(nd))
		return;
	netcoal_govern_stop(nd);
	netcoal_device_try(nd);
}

/**
 * netcoal_device_bind() - a device that was waited for is there
 * @nd: the entry that waited
 * @netdev: the device, held from now on
 */
void netcoal_device_bind(struct netcoal_device *nd, struct net_device *netdev)
{
	nd->netdev = netdev;
	nd->aggregate = netcoal_link_is_aggregate(netdev);
	netdev_hold(netdev, &nd->tracker, GFP_KERNEL);
}

/**
 * netcoal_device_unbind() - it is there no more
 * @nd: its entry, which waits for another
 */
void netcoal_device_unbind(struct netcoal_device *nd)
{
	netdev_put(nd->netdev, &nd->tracker);
	nd->netdev = NULL;
	nd->aggregate = false;
}

static void netcoal_device_use(struct netcoal_device *nd,
			       struct netcoal_policy *policy)
{
	policy->users++;
	if (nd->policy)
		nd->policy->users--;
	nd->policy = policy;
}

static struct netcoal_device *netcoal_device_new(struct net *net, const char *name,
						 struct net_device *netdev)
{
	int node = netdev ? dev_to_node(&netdev->dev) : NUMA_NO_NODE;
	struct netcoal_device *nd = kzalloc_node(sizeof(*nd), GFP_KERNEL_ACCOUNT, node);

	if (!nd)
		return NULL;
	nd->net = net;
	nd->path.share_ns = NETCOAL_PATH_NONE;
	nd->path.frames_max = NETCOAL_PATH_NONE;
	strscpy(nd->name, name, sizeof(nd->name));
	spin_lock_init(&nd->lock);
	INIT_LIST_HEAD(&nd->queue_policies);
	INIT_DELAYED_WORK(&nd->work, netcoal_govern_work);
	if (netdev)
		netcoal_device_bind(nd, netdev);
	return nd;
}

static void netcoal_device_free(struct netcoal_device *nd)
{
	cancel_delayed_work_sync(&nd->work);
	netcoal_queue_policy_free_all(nd);
	if (nd->policy)
		nd->policy->users--;
	if (nd->netdev)
		netcoal_device_unbind(nd);
	kfree(nd);
}

static int netcoal_device_refuse(int err, struct netlink_ext_ack *extack)
{
	switch (err) {
	case -ENXIO:
		NL_SET_ERR_MSG(extack, "device has no NAPI to govern");
		break;
	case -EOPNOTSUPP:
		NL_SET_ERR_MSG(extack, "no actuator of the policy works on the device");
		break;
	case -ENODEV:
		NL_SET_ERR_MSG(extack, "the driver has the device detached, as in a reset");
		break;
	case -EBUSY:
	case -EAGAIN:
		NL_SET_ERR_MSG(extack, "the driver is busy, as in a reset");
		break;
	case -NETCOAL_EOWED:
		NL_SET_ERR_MSG(extack, "the driver does not take back what it had before");
		break;
	case -NETCOAL_ERESETS:
		NL_SET_ERR_MSG(extack, "the driver resets the device for each setting");
		break;
	case -ENOMEM:
		break;
	default:
		NL_SET_ERR_MSG(extack, "the driver refused a setting");
		break;
	}
	return err;
}

static int netcoal_device_refuse_start(int err, const struct net_device *netdev,
				       const struct netcoal_policy *policy,
				       struct netlink_ext_ack *extack)
{
	if (err != -EOPNOTSUPP || !netcoal_ethtool_batches(netdev) ||
	    netcoal_ethtool_may_batch(policy))
		return netcoal_device_refuse(err, extack);
	NL_SET_ERR_MSG(extack, "of a tap the policy has to limit rx-frames, to 64 or more");
	return err;
}

/* Begins to govern a device that is up; an aggregate's ports see to that. */
static int netcoal_device_start(struct netcoal_device *nd)
{
	if (nd->aggregate || !nd->netdev || !netcoal_quirk_is_up(nd->netdev))
		return 0;
	return netcoal_govern_start(nd);
}

/* Governed if it is up: that did not fail. */
static void netcoal_device_attached(struct netcoal_device *nd)
{
	if (nd->aggregate)
		netcoal_device_set_state(nd, NETCOAL_STATE_WAITING,
					 NETCOAL_REASON_NO_PORTS, 0);
	else if (nd->netdev && netcoal_quirk_is_up(nd->netdev))
		netcoal_device_set_state(nd, NETCOAL_STATE_GOVERNING,
					 NETCOAL_REASON_NONE, 0);
	else if (nd->netdev)
		netcoal_device_set_state(nd, NETCOAL_STATE_WAITING,
					 NETCOAL_REASON_DOWN, 0);
	else
		netcoal_device_set_state(nd, NETCOAL_STATE_WAITING,
					 NETCOAL_REASON_NO_DEVICE, 0);
}

static int netcoal_device_attach_new(struct net *net, const char *name,
				     struct netcoal_policy *policy,
				     struct netlink_ext_ack *extack)
{
	struct net_device *netdev = __dev_get_by_name(net, name);
	struct netcoal_device *nd;
	int err;

	err = netdev ? netcoal_link_refuse(netdev, extack) : 0;
	if (err)
		return err;
	if (!netdev && netcoal_list_is_full(&netcoal_net(net)->devices, NETCOAL_LIST_MAX)) {
		NL_SET_ERR_MSG(extack, "too many devices to wait for another");
		return -ENOSPC;
	}
	nd = netcoal_device_new(net, name, netdev);
	if (!nd)
		return -ENOMEM;
	netcoal_device_use(nd, policy);
	err = netcoal_device_start(nd);
	if (err) {
		netcoal_device_free(nd);
		return netcoal_device_refuse_start(err, netdev, policy, extack);
	}
	netcoal_device_list(nd);
	netcoal_device_attached(nd);
	return 0;
}

/*
 * Another policy for a device that has one, or the same again after it was
 * overridden or released. If the new one can't be, the old one goes on.
 */
static int netcoal_device_attach_again(struct netcoal_device *nd,
				       struct netcoal_policy *policy,
				       struct netlink_ext_ack *extack)
{
	struct netcoal_policy *before = nd->policy;
	bool had_latency = nd->has_latency, had_cpu = nd->has_cpu;
	struct netcoal_device *via = nd->via;
	bool governs = nd->state == NETCOAL_STATE_GOVERNING && !netcoal_govern_concede(nd);
	int err;

	if (governs)
		netcoal_govern_stop(nd);
	netcoal_device_use(nd, policy);
	nd->has_latency = false;
	nd->has_cpu = false;
	nd->via = NULL;
	err = netcoal_device_start(nd);
	if (!err) {
		netcoal_device_attached(nd);
		return 0;
	}

	netcoal_device_use(nd, before);
	nd->has_latency = had_latency;
	nd->has_cpu = had_cpu;
	nd->via = via;
	if (governs)
		netcoal_device_try(nd);
	if (err != -EOPNOTSUPP || list_empty(&nd->queue_policies))
		return netcoal_device_refuse_start(err, nd->netdev, policy, extack);
	NL_SET_ERR_MSG(extack, "the actuator can't keep queues under policies of their own");
	return err;
}

/**
 * netcoal_device_ports() - an aggregate's ports go where it goes
 * @nd: a device that came under a policy, or under another
 */
void netcoal_device_ports(struct netcoal_device *nd)
{
	if (!nd->aggregate)
		return;
	netcoal_govern_new_limits(nd);
	netcoal_binding_consider_lower(nd->netdev);
	netcoal_link_update(nd);
}

/* An aggregate is attached again: its ports have to begin anew as well. */
static void netcoal_device_ports_again(struct netcoal_device *nd)
{
	struct netcoal_device *port;

	netcoal_link_own_targets(nd);
	for (port = netcoal_device_next_port(nd, NULL); port;
	     port = netcoal_device_next_port(nd, port))
		if ((port->state == NETCOAL_STATE_OVERRIDDEN ||
		     port->state == NETCOAL_STATE_RELEASED) &&
		    netcoal_quirk_is_up(port->netdev))
			netcoal_device_try(port);
}

/* Attached: by whatever else the device was bound, that counts no more. */
static void netcoal_device_bound_by_name(struct netcoal_device *nd,
					 struct netcoal_device *via)
{
	nd->bound = NETCOAL_BOUND_ATTACH;
	if (nd->netdev)
		netcoal_binding_unbar(nd->netdev);
	if (via)
		netcoal_link_update(via);
	netcoal_device_ports(nd);
	netcoal_device_ports_again(nd);
}

/**
 * netcoal_device_attach() - put a device under a policy
 * @net: the namespace
 * @name: the device's name; it need not exist yet
 * @policy: the policy, of the same namespace
 * @extack: gets the reason of an error
 *
 * Return: 0; -ENXIO, -EOPNOTSUPP, -ENODEV, -ENOSPC, -ENOMEM or the driver's error,
 * and then nothing changed.
 */
int netcoal_device_attach(struct net *net, const char *name,
			  struct netcoal_policy *policy,
			  struct netlink_ext_ack *extack)
{
	struct netcoal_device *nd, *via, *waiting;
	int err;

	ASSERT_RTNL();
	if (!dev_valid_name(name)) {
		NL_SET_ERR_MSG(extack, "not a device name");
		return -EINVAL;
	}
	waiting = netcoal_device_listed(net, name);
	name = netcoal_device_name(net, name);
	nd = netcoal_device_listed(net, name);
	via = nd ? nd->via : NULL;
	err = nd ? netcoal_device_unready(nd) : 0;
	if (err)
		return netcoal_device_refuse(err, extack);
	err = nd ? netcoal_device_attach_again(nd, policy, extack) :
		   netcoal_device_attach_new(net, name, policy, extack);
	if (err)
		return err;
	nd = netcoal_device_listed(net, name);
	/* it was waited for by what is another name of it now */
	if (waiting && waiting != nd && !waiting->netdev)
		netcoal_device_drop(waiting);
	netcoal_device_bound_by_name(nd, via);
	return 0;
}

/**
 * netcoal_device_drop() - put back what was found and forget a device
 * @nd: the device, freed
 */
void netcoal_device_drop(struct netcoal_device *nd)
{
	struct netcoal_device *via = nd->via;
	bool crossed = netcoal_path_crosses(nd);
	struct net *net;

	ASSERT_RTNL();
	if (nd->state == NETCOAL_STATE_GOVERNING)
		netcoal_govern_stop(nd);
	netcoal_device_unlist(nd);
	netcoal_nl_device_gone(nd);
	/* from here on its ports have nothing to tell it */
	nd->aggregate = false;
	netcoal_binding_consider_ports(nd);
	net = nd->net;
	netcoal_device_free(nd);
	if (via)
		netcoal_link_update(via);
	if (crossed)
		netcoal_path_update(net);
}

/**
 * netcoal_device_detach() - drop a device by name
 * @nd: the device, freed on success
 *
 * Until it comes anew, or is attached, no other binding is made.
 *
 * Return: 0 or -ENOMEM.
 */
int netcoal_device_detach(struct netcoal_device *nd)
{
	int err = nd->netdev ? netcoal_binding_bar(nd->netdev) : 0;

	ASSERT_RTNL();
	if (!err)
		netcoal_device_drop(nd);
	return err;
}

/**
 * netcoal_device_inherit() - give a port the targets that its aggregate has
 * @port: the port
 * @aggregate: the aggregate
 */
void netcoal_device_inherit(struct netcoal_device *port,
			    const struct netcoal_device *aggregate)
{
	port->own_latency_ns = aggregate->own_latency_ns;
	port->own_cpu_ns = aggregate->own_cpu_ns;
	port->has_latency = aggregate->has_latency;
	port->has_cpu = aggregate->has_cpu;
}

/* A device that came, without a state yet. */
static struct netcoal_device *netcoal_device_follow_new(struct net_device *netdev)
{
	struct netcoal_device *nd = netcoal_device_new(dev_net(netdev), netdev->name,
						       netdev);

	if (nd)
		netcoal_device_list(nd);
	else
		netdev_warn(netdev, "netcoal: no memory to govern the device\n");
	return nd;
}

/**
 * netcoal_device_follow() - bind a device that nobody attached by name
 * @netdev: the device
 * @policy: the policy that it matches, or that its aggregate has
 * @via: that aggregate, or NULL
 *
 * What fails is the device's state; one that was overridden stays so. Called under rtnl.
 */
void netcoal_device_follow(struct net_device *netdev, struct netcoal_policy *policy,
			   struct netcoal_device *via)
{
	struct netcoal_device *nd = netcoal_device_of(netdev), *before = NULL;

	ASSERT_RTNL();
	if (nd && nd->policy == policy && nd->via == via)
		return;
	if (nd) {
		before = nd->via;
		if (nd->state == NETCOAL_STATE_GOVERNING && !netcoal_govern_concede(nd))
			netcoal_govern_stop(nd);
	} else {
		nd = netcoal_device_follow_new(netdev);
		if (!nd)
			return;
	}
	netcoal_device_use(nd, policy);
	nd->via = via;
	nd->bound = via ? NETCOAL_BOUND_PORT : NETCOAL_BOUND_MATCH;
	nd->has_latency = false;
	nd->has_cpu = false;
	if (via)
		netcoal_device_inherit(nd, via);
	if (nd->state == NETCOAL_STATE_OVERRIDDEN)
		netcoal_device_set_state(nd, nd->state, nd->reason, nd->error);
	else if (nd->aggregate || netcoal_quirk_is_up(netdev))
		netcoal_device_try(nd);
	else
		netcoal_device_set_state(nd, NETCOAL_STATE_WAITING,
					 NETCOAL_REASON_DOWN, 0);
	if (before && before != via)
		netcoal_link_update(before);
	netcoal_device_ports(nd);
}

/**
 * netcoal_device_own_targets() - give a device targets of its own
 * @nd: the device
 * @latency_ns: latency target instead of the policy's, or NULL
 * @cpu_ns: CPU target likewise, or NULL
 *
 * They last until the device is attached again.
 *
 * Return: 0 or -EINVAL, and then nothing changed.
 */
int netcoal_device_own_targets(struct netcoal_device *nd, const u32 *latency_ns,
			       const u32 *cpu_ns)
{
	const struct netcoal_policy_attr *attr = &nd->policy->attr;
	u32 least_us = max(attr->rx_usecs.min, attr->tx_usecs.min);

	ASSERT_RTNL();
	if (latency_ns && (*latency_ns > NETCOAL_TARGET_MAX_NS ||
			   (u64)least_us * NSEC_PER_USEC > *latency_ns))
		return -EINVAL;
	if (cpu_ns && *cpu_ns > NETCOAL_TARGET_MAX_NS)
		return -EINVAL;

	if (latency_ns) {
		nd->own_latency_ns = *latency_ns;
		nd->has_latency = true;
	}
	if (cpu_ns) {
		nd->own_cpu_ns = *cpu_ns;
		nd->has_cpu = true;
	}
	netcoal_govern_new_limits(nd);
	netcoal_link_own_targets(nd);
	netcoal_path_update(nd->net);
	return 0;
}

/* A tap whose rx-frames the policy has set no more: see act_ethtool.c. */
static bool netcoal_device_lost_batches(const struct netcoal_device *nd)
{
	return !nd->aggregate && netcoal_ethtool_batches(nd->netdev) &&
	       !netcoal_ethtool_may_batch(nd->policy);
}

/* One that matches, and that another policy might have been able to govern. */
static bool netcoal_device_is_unsupported(const struct netcoal_device *nd)
{
	return nd->state == NETCOAL_STATE_RELEASED && nd->bound == NETCOAL_BOUND_MATCH &&
	       nd->reason == NETCOAL_REASON_UNSUPPORTED;
}

static void netcoal_device_heed(struct netcoal_device *nd, bool restart)
{
	if (netcoal_device_is_unsupported(nd))
		netcoal_device_try(nd);
	else if (nd->state == NETCOAL_STATE_GOVERNING &&
		 (restart || netcoal_device_lost_batches(nd)))
		netcoal_device_restart(nd);
	else
		netcoal_govern_new_limits(nd);
}

/**
 * netcoal_device_policy_changed() - bring a changed policy to its devices
 * @net: the namespace
 * @policy: the policy
 * @restart: another governor or actuator: governed devices begin anew
 */
void netcoal_device_policy_changed(struct net *net, struct netcoal_policy *policy,
				   bool restart)
{
	struct netcoal_device *nd;

	ASSERT_RTNL();
	list_for_each_entry(nd, &netcoal_net(net)->devices, list) {
		if (nd->policy == policy)
			netcoal_device_heed(nd, restart);
		else if (netcoal_queue_policy_uses(nd, policy))
			netcoal_govern_new_limits(nd);
	}
}

static int __net_init netcoal_net_init(struct net *net)
{
	struct netcoal_net *part = netcoal_net(net);

	INIT_LIST_HEAD(&part->policies);
	INIT_LIST_HEAD(&part->devices);
	INIT_LIST_HEAD(&part->bars);
	INIT_LIST_HEAD(&part->paths);
	part->paths_due = jiffies;
	part->paths_rated = jiffies;
	ratelimit_state_init(&part->decisions, HZ, NETCOAL_EVENTS_PER_S);
	ratelimit_set_flags(&part->decisions, RATELIMIT_MSG_ON_RELEASE);
	return 0;
}

/* The namespace's devices are gone or moved: only names are left. */
static void __net_exit netcoal_net_exit(struct net *net)
{
	struct netcoal_device *nd, *next;

	rtnl_lock();
	list_for_each_entry_safe(nd, next, &netcoal_net(net)->devices, list) {
		if (WARN_ON_ONCE(nd->state == NETCOAL_STATE_GOVERNING))
			netcoal_govern_stop(nd);
		list_del(&nd->list);
		netcoal_device_free(nd);
	}
	netcoal_binding_free_bars(&netcoal_net(net)->bars);
	netcoal_path_free_all(&netcoal_net(net)->paths);
	netcoal_policy_free_all(&netcoal_net(net)->policies);
	rtnl_unlock();
}

static struct pernet_operations netcoal_net_ops = {
	.init = netcoal_net_init,
	.exit = netcoal_net_exit,
	.id = &netcoal_net_id,
	.size = sizeof(struct netcoal_net),
};

/**
 * netcoal_device_init() - begin to keep devices, of each namespace
 *
 * Return: 0 or a negative errno.
 */
int netcoal_device_init(void)
{
	return register_pernet_subsys(&netcoal_net_ops);
}

/**
 * netcoal_device_exit() - forget what is left: none is governed any more
 */
void netcoal_device_exit(void)
{
	unregister_pernet_subsys(&netcoal_net_ops);
}
