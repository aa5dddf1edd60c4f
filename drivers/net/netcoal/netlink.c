// SPDX-License-Identifier: GPL-2.0
/*
 * The netlink family, as Documentation/netlink/specs/netcoal.yaml defines it.
 * Attributes arrive checked against the generated policies; all else is here.
 * Requests run under genl's lock, then rtnl.
 */
#include <linux/ratelimit.h>
#include <linux/rtnetlink.h>
#include <net/genetlink.h>
#include <net/netlink.h>
#include <net/sock.h>

#include "actuator.h"
#include "compat.h"
#include "device.h"
#include "govern.h"
#include "link.h"
#include "match.h"
#include "netlink.h"
#include "netlink_gen.h"
#include "place.h"
#include "policy.h"
#include "queue.h"
#include "queue_policy.h"
#include "window.h"

static struct genl_family netcoal_nl_family;

/**
 * netcoal_nl_missing() - refuse a request
 * @info: the request
 * @what: why
 *
 * Return: -EINVAL.
 */
int netcoal_nl_missing(struct genl_info *info, const char *what)
{
	info->extack->_msg = what;
	return -EINVAL;
}

/**
 * netcoal_nl_bad() - refuse a request because of an attribute
 * @info: the request
 * @attr: the attribute
 * @what: why
 * @err: the error
 *
 * Return: @err.
 */
int netcoal_nl_bad(struct genl_info *info, int attr, const char *what, int err)
{
	NL_SET_BAD_ATTR(info->extack, info->attrs[attr]);
	info->extack->_msg = what;
	return err;
}

/* Policies */

static void netcoal_nl_get_u32(struct nlattr **tb, int attr, u32 *value)
{
	if (tb[attr])
		*value = nla_get_u32(tb[attr]);
}

static const struct {
	int attr;
	enum netcoal_match_kind kind;
} netcoal_nl_matches[] = {
	{ NETCOAL_A_POLICY_MATCH_DEV, NETCOAL_MATCH_DEV },
	{ NETCOAL_A_POLICY_MATCH_DRIVER, NETCOAL_MATCH_DRIVER },
	{ NETCOAL_A_POLICY_MATCH_BRIDGE, NETCOAL_MATCH_BRIDGE },
};

static int netcoal_nl_add_match(struct genl_info *info, struct nlattr *nla,
				enum netcoal_match_kind kind,
				struct netcoal_policy_attr *attr)
{
	struct netcoal_match *match = &attr->match[attr->nr_matches];
	const char *text = nla_data(nla);

	NL_SET_BAD_ATTR(info->extack, nla);
	if (attr->nr_matches == NETCOAL_MATCHES_MAX)
		return netcoal_nl_missing(info, "too many patterns");
	if (text[nla_len(nla) - 1] || strlen(text) > NETCOAL_NAME_LEN)
		return netcoal_nl_missing(info, "pattern is not terminated");
	if (!netcoal_match_valid(kind, text))
		return netcoal_nl_missing(info, "nothing can match the pattern");
	match->kind = kind;
	strscpy(match->pattern, text, sizeof(match->pattern));
	attr->nr_matches++;
	return 0;
}

/* The patterns of a request replace all that there were. */
static int netcoal_nl_read_matches(struct genl_info *info,
				   struct netcoal_policy_attr *attr)
{
	bool fresh = info->attrs[NETCOAL_A_POLICY_MATCH_NONE];
	struct nlattr *nla;
	unsigned int i;
	int rem, err;

	for (i = 0; i < ARRAY_SIZE(netcoal_nl_matches); i++)
		fresh |= !!info->attrs[netcoal_nl_matches[i].attr];
	if (!fresh)
		return 0;
	memset(attr->match, 0, sizeof(attr->match));
	attr->nr_matches = 0;
	nla_for_each_attr(nla, genlmsg_data(info->genlhdr),
			  genlmsg_len(info->genlhdr), rem) {
		for (i = 0; i < ARRAY_SIZE(netcoal_nl_matches); i++) {
			if (nla_type(nla) != netcoal_nl_matches[i].attr)
				continue;
			err = netcoal_nl_add_match(info, nla,
						   netcoal_nl_matches[i].kind, attr);
			if (err)
				return err;
		}
	}
	if (attr->nr_matches && info->attrs[NETCOAL_A_POLICY_MATCH_NONE])
		return netcoal_nl_bad(info, NETCOAL_A_POLICY_MATCH_NONE,
				      "both patterns and none", -EINVAL);
	return 0;
}

static int netcoal_nl_read_policy(struct genl_info *info,
				  struct netcoal_policy *policy)
{
	struct netcoal_policy_attr *attr = &policy->attr;
	struct nlattr **tb = info->attrs;

	netcoal_nl_get_u32(tb, NETCOAL_A_POLICY_LATENCY_NS, &attr->latency_ns);
	netcoal_nl_get_u32(tb, NETCOAL_A_POLICY_CPU_NS, &attr->cpu_ns);
	netcoal_nl_get_u32(tb, NETCOAL_A_POLICY_IRQ_COST_NS, &attr->irq_cost_ns);
	netcoal_nl_get_u32(tb, NETCOAL_A_POLICY_CAP_PERCENT, &attr->cap_percent);
	netcoal_nl_get_u32(tb, NETCOAL_A_POLICY_RX_USECS_MIN, &attr->rx_usecs.min);
	netcoal_nl_get_u32(tb, NETCOAL_A_POLICY_RX_USECS_MAX, &attr->rx_usecs.max);
	netcoal_nl_get_u32(tb, NETCOAL_A_POLICY_RX_FRAMES_MIN, &attr->rx_frames.min);
	netcoal_nl_get_u32(tb, NETCOAL_A_POLICY_RX_FRAMES_MAX, &attr->rx_frames.max);
	netcoal_nl_get_u32(tb, NETCOAL_A_POLICY_TX_USECS_MIN, &attr->tx_usecs.min);
	netcoal_nl_get_u32(tb, NETCOAL_A_POLICY_TX_USECS_MAX, &attr->tx_usecs.max);
	netcoal_nl_get_u32(tb, NETCOAL_A_POLICY_TX_FRAMES_MIN, &attr->tx_frames.min);
	netcoal_nl_get_u32(tb, NETCOAL_A_POLICY_TX_FRAMES_MAX, &attr->tx_frames.max);
	if (tb[NETCOAL_A_POLICY_PREFER])
		attr->prefer = nla_get_u32(tb[NETCOAL_A_POLICY_PREFER]);
	if (tb[NETCOAL_A_POLICY_ACTUATOR])
		attr->actuator = nla_get_u32(tb[NETCOAL_A_POLICY_ACTUATOR]);
	if (tb[NETCOAL_A_POLICY_GOVERNOR]) {
		policy->governor =
			netcoal_gov_find(nla_data(tb[NETCOAL_A_POLICY_GOVERNOR]));
		if (!policy->governor)
			return netcoal_nl_bad(info, NETCOAL_A_POLICY_GOVERNOR,
					      "no such governor", -ENOENT);
	}
	return netcoal_nl_read_matches(info, attr);
}

/* The policy that a request names; NULL and the error in *err if none. */
static struct netcoal_policy *netcoal_nl_policy(struct genl_info *info, int attr,
						int *err)
{
	struct netcoal_policy *policy;

	if (!info->attrs[attr]) {
		*err = netcoal_nl_missing(info, "policy name is missing");
		return NULL;
	}
	policy = netcoal_policy_find(genl_info_net(info),
				     nla_data(info->attrs[attr]));
	if (!policy)
		*err = netcoal_nl_bad(info, attr, "no such policy", -ENOENT);
	return policy;
}

int netcoal_nl_policy_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *name = info->attrs[NETCOAL_A_POLICY_NAME];
	struct netcoal_policy policy;
	int err;

	if (!name)
		return netcoal_nl_missing(info, "policy name is missing");
	netcoal_policy_defaults(&policy);
	strscpy(policy.name, nla_data(name), sizeof(policy.name));
	err = netcoal_nl_read_policy(info, &policy);
	if (err)
		return err;

	rtnl_lock();
	err = netcoal_policy_add(genl_info_net(info), &policy, info->attrs,
				 info->extack);
	rtnl_unlock();
	return err;
}

int netcoal_nl_policy_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct netcoal_policy *policy, new;
	int err = 0;

	rtnl_lock();
	policy = netcoal_nl_policy(info, NETCOAL_A_POLICY_NAME, &err);
	if (!policy)
		goto unlock;
	new = *policy;
	err = netcoal_nl_read_policy(info, &new);
	if (!err)
		err = netcoal_policy_change(genl_info_net(info), policy, &new,
					    info->attrs, info->extack);
unlock:
	rtnl_unlock();
	return err;
}

int netcoal_nl_policy_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct netcoal_policy *policy;
	int err = 0;

	rtnl_lock();
	policy = netcoal_nl_policy(info, NETCOAL_A_POLICY_NAME, &err);
	if (policy) {
		NL_SET_BAD_ATTR(info->extack, info->attrs[NETCOAL_A_POLICY_NAME]);
		err = netcoal_policy_del(genl_info_net(info), policy, info->extack);
	}
	rtnl_unlock();
	return err;
}

static int netcoal_nl_put_matches(struct sk_buff *skb,
				  const struct netcoal_policy_attr *attr)
{
	unsigned int i;

	for (i = 0; i < attr->nr_matches; i++)
		if (nla_put_string(skb, netcoal_nl_matches[attr->match[i].kind].attr,
				   attr->match[i].pattern))
			return -EMSGSIZE;
	return 0;
}

static int netcoal_nl_put_policy(struct sk_buff *skb,
				 const struct netcoal_policy *policy)
{
	const struct netcoal_policy_attr *attr = &policy->attr;

	if (nla_put_string(skb, NETCOAL_A_POLICY_NAME, policy->name) ||
	    nla_put_u32(skb, NETCOAL_A_POLICY_LATENCY_NS, attr->latency_ns) ||
	    nla_put_u32(skb, NETCOAL_A_POLICY_CPU_NS, attr->cpu_ns) ||
	    nla_put_u32(skb, NETCOAL_A_POLICY_PREFER, attr->prefer) ||
	    nla_put_string(skb, NETCOAL_A_POLICY_GOVERNOR, policy->governor->name) ||
	    nla_put_u32(skb, NETCOAL_A_POLICY_ACTUATOR, attr->actuator) ||
	    nla_put_u32(skb, NETCOAL_A_POLICY_RX_USECS_MIN, attr->rx_usecs.min) ||
	    nla_put_u32(skb, NETCOAL_A_POLICY_RX_USECS_MAX, attr->rx_usecs.max) ||
	    nla_put_u32(skb, NETCOAL_A_POLICY_RX_FRAMES_MIN, attr->rx_frames.min) ||
	    nla_put_u32(skb, NETCOAL_A_POLICY_RX_FRAMES_MAX, attr->rx_frames.max) ||
	    nla_put_u32(skb, NETCOAL_A_POLICY_TX_USECS_MIN, attr->tx_usecs.min) ||
	    nla_put_u32(skb, NETCOAL_A_POLICY_TX_USECS_MAX, attr->tx_usecs.max) ||
	    nla_put_u32(skb, NETCOAL_A_POLICY_TX_FRAMES_MIN, attr->tx_frames.min) ||
	    nla_put_u32(skb, NETCOAL_A_POLICY_TX_FRAMES_MAX, attr->tx_frames.max) ||
	    nla_put_u32(skb, NETCOAL_A_POLICY_IRQ_COST_NS, attr->irq_cost_ns) ||
	    nla_put_u32(skb, NETCOAL_A_POLICY_CAP_PERCENT, attr->cap_percent) ||
	    nla_put_u32(skb, NETCOAL_A_POLICY_USERS, policy->users))
		return -EMSGSIZE;
	return netcoal_nl_put_matches(skb, attr);
}

/* Devices */

static int netcoal_nl_put_state(struct sk_buff *skb, const struct netcoal_device *nd)
{
	if (nla_put_string(skb, NETCOAL_A_DEV_IFNAME, nd->name) ||
	    nla_put_string(skb, NETCOAL_A_DEV_POLICY, nd->policy->name) ||
	    nla_put_u32(skb, NETCOAL_A_DEV_STATE, nd->state) ||
	    nla_put_u32(skb, NETCOAL_A_DEV_REASON, nd->reason) ||
	    nla_put_u32(skb, NETCOAL_A_DEV_BOUND, nd->bound))
		return -EMSGSIZE;
	if (nd->via && nla_put_string(skb, NETCOAL_A_DEV_VIA, nd->via->name))
		return -EMSGSIZE;
	if (nd->netdev &&
	    nla_put_u32(skb, NETCOAL_A_DEV_IFINDEX, nd->netdev->ifindex))
		return -EMSGSIZE;
	if (nd->error && nla_put_u32(skb, NETCOAL_A_DEV_ERROR, nd->error))
		return -EMSGSIZE;
	if (nd->actuator &&
	    nla_put_u32(skb, NETCOAL_A_DEV_ACTUATOR, nd->actuator->id))
		return -EMSGSIZE;
	return 0;
}

static int netcoal_nl_put_sum(struct sk_buff *skb, struct netcoal_device *nd)
{
	struct netcoal_link_sum sum;

	netcoal_link_sum(nd, &sum);
	if (nd->aggregate && nla_put_u32(skb, NETCOAL_A_DEV_PORTS, sum.ports))
		return -EMSGSIZE;
	if (nla_put_u32(skb, NETCOAL_A_DEV_QUEUES, sum.queues) ||
	    nla_put_u64_64bit(skb, NETCOAL_A_DEV_WINDOWS, sum.windows,
			      NETCOAL_A_DEV_PAD) ||
	    nla_put_u64_64bit(skb, NETCOAL_A_DEV_CHANGES, sum.changes,
			      NETCOAL_A_DEV_PAD) ||
	    nla_put_u64_64bit(skb, NETCOAL_A_DEV_OVERRIDES, sum.overrides,
			      NETCOAL_A_DEV_PAD) ||
	    nla_put_u64_64bit(skb, NETCOAL_A_DEV_ERRORS, sum.errors,
			      NETCOAL_A_DEV_PAD) ||
	    nla_put_u64_64bit(skb, NETCOAL_A_DEV_RX_PPS, sum.pps,
			      NETCOAL_A_DEV_PAD) ||
	    nla_put_u64_64bit(skb, NETCOAL_A_DEV_PACKETS, sum.packets,
			      NETCOAL_A_DEV_PAD) ||
	    nla_put_u64_64bit(skb, NETCOAL_A_DEV_SEQUENCES, sum.sequences,
			      NETCOAL_A_DEV_PAD) ||
	    nla_put_u64_64bit(skb, NETCOAL_A_DEV_BUSY_NS, sum.busy_ns,
			      NETCOAL_A_DEV_PAD))
		return -EMSGSIZE;
	return 0;
}

/* A device that is not governed has no cap in force. */
static int netcoal_nl_put_cap(struct sk_buff *skb, const struct netcoal_device *nd)
{
	static const struct netcoal_cap none;
	const struct netcoal_cap *cap = nd->actuator ? &nd->cap : &none;

	if (nla_put_u32(skb, NETCOAL_A_DEV_CAP_PERCENT, cap->percent) ||
	    nla_put_u32(skb, NETCOAL_A_DEV_CAP_STATE, cap->state) ||
	    nla_put_u64_64bit(skb, NETCOAL_A_DEV_CAP_BUSY_NS, cap->busy_ns,
			      NETCOAL_A_DEV_PAD) ||
	    nla_put_u32(skb, NETCOAL_A_DEV_CAP_HOLDOFF_NS, cap->floor_ns))
		return -EMSGSIZE;
	return 0;
}

static int netcoal_nl_put_node(struct sk_buff *skb, int attr, int node)
{
	return node == NUMA_NO_NODE ? 0 : nla_put_u32(skb, attr, node);
}

static int netcoal_nl_put_device(struct sk_buff *skb, struct netcoal_device *nd)
{
	int node = nd->netdev ? dev_to_node(&nd->netdev->dev) : NUMA_NO_NODE;

	if (netcoal_nl_put_state(skb, nd))
		return -EMSGSIZE;
	if (nd->netdev &&
	    nla_put_string(skb, NETCOAL_A_DEV_DRIVER,
			   netcoal_actuator_driver(nd->netdev)))
		return -EMSGSIZE;
	if (nla_put_u32(skb, NETCOAL_A_DEV_LATENCY_NS, netcoal_device_latency_ns(nd)) ||
	    nla_put_u32(skb, NETCOAL_A_DEV_CPU_NS, netcoal_device_cpu_ns(nd)))
		return -EMSGSIZE;
	if (nla_put_u32(skb, NETCOAL_A_DEV_QUEUE_POLICIES,
			netcoal_queue_policy_count(nd)) ||
	    nla_put_u32(skb, NETCOAL_A_DEV_REMOTE_QUEUES,
			netcoal_place_count_remote(nd)) ||
	    netcoal_nl_put_node(skb, NETCOAL_A_DEV_NODE, node))
		return -EMSGSIZE;
	return netcoal_nl_put_cap(skb, nd) ?: netcoal_nl_put_sum(skb, nd);
}

/* The device that a request names; NULL and the error in *err if none. */
static struct netcoal_device *netcoal_nl_device_named(struct genl_info *info,
						      int attr, int *err)
{
	struct netcoal_device *nd;

	if (!info->attrs[attr]) {
		*err = netcoal_nl_missing(info, "device name is missing");
		return NULL;
	}
	nd = netcoal_device_find(genl_info_net(info), nla_data(info->attrs[attr]));
	if (!nd)
		*err = netcoal_nl_bad(info, attr, "device is not attached", -ENOENT);
	return nd;
}

/* What is shown is what is: an administrator's change is noticed here too. */
static void netcoal_nl_look(struct netcoal_device *nd)
{
	if (nd->state == NETCOAL_STATE_GOVERNING)
		netcoal_govern_check(nd);
}

/* One queue of a device that has a policy already. */
static int netcoal_nl_queue_attach(struct genl_info *info, struct netcoal_policy *policy)
{
	struct nlattr *queue = info->attrs[NETCOAL_A_DEV_QUEUE];
	struct netcoal_device *nd;
	int err = 0;

	nd = netcoal_nl_device_named(info, NETCOAL_A_DEV_IFNAME, &err);
	if (!nd)
		return err;
	netcoal_nl_look(nd);
	NL_SET_BAD_ATTR(info->extack, queue);
	return netcoal_queue_policy_attach(nd, nla_get_u32(queue), policy, info->extack);
}

int netcoal_nl_dev_attach_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *name = info->attrs[NETCOAL_A_DEV_IFNAME];
	struct netcoal_policy *policy;
	int err = 0;

	if (!name)
		return netcoal_nl_missing(info, "device name is missing");
	rtnl_lock();
	policy = netcoal_nl_policy(info, NETCOAL_A_DEV_POLICY, &err);
	if (policy && info->attrs[NETCOAL_A_DEV_QUEUE]) {
		err = netcoal_nl_queue_attach(info, policy);
	} else if (policy) {
		NL_SET_BAD_ATTR(info->extack, name);
		err = netcoal_device_attach(genl_info_net(info), nla_data(name),
					    policy, info->extack);
	}
	rtnl_unlock();
	return err;
}

int netcoal_nl_dev_detach_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *queue = info->attrs[NETCOAL_A_DEV_QUEUE];
	struct netcoal_device *nd;
	int err = 0;

	rtnl_lock();
	nd = netcoal_nl_device_named(info, NETCOAL_A_DEV_IFNAME, &err);
	if (nd && queue) {
		NL_SET_BAD_ATTR(info->extack, queue);
		err = netcoal_queue_policy_detach(nd, nla_get_u32(queue), info->extack);
	} else if (nd) {
		err = netcoal_device_detach(nd);
	}
	rtnl_unlock();
	return err;
}

/* Queues */

static int netcoal_nl_put_decision(struct sk_buff *skb,
				   const struct netcoal_queue *q,
				   const struct netcoal_decision *d)
{
	const struct netcoal_device *nd = q->device;

	if (nla_put_string(skb, NETCOAL_A_QUEUE_IFNAME, nd->name) ||
	    nla_put_u32(skb, NETCOAL_A_QUEUE_IFINDEX, nd->netdev->ifindex) ||
	    nla_put_u32(skb, NETCOAL_A_QUEUE_INDEX, q->index) ||
	    nla_put_u32(skb, NETCOAL_A_QUEUE_NAPI_ID, q->napi_id) ||
	    nla_put_u32(skb, NETCOAL_A_QUEUE_VERDICT, d->verdict) ||
	    nla_put_u32(skb, NETCOAL_A_QUEUE_RX_HOLDOFF_NS, d->setting.holdoff_ns) ||
	    nla_put_u32(skb, NETCOAL_A_QUEUE_RX_FRAMES, d->setting.frames) ||
	    nla_put_u64_64bit(skb, NETCOAL_A_QUEUE_RX_PPS, d->pps,
			      NETCOAL_A_QUEUE_PAD) ||
	    nla_put_u32(skb, NETCOAL_A_QUEUE_BATCH_MILLI, d->batch_milli) ||
	    nla_put_u32(skb, NETCOAL_A_QUEUE_CPU_NS_PER_PACKET, d->cost_ns))
		return -EMSGSIZE;
	/* The transmit side is the device's, shown with every queue. */
	if ((nd->tx.usable || READ_ONCE(nd->tx_side.rides)) &&
	    (nla_put_u32(skb, NETCOAL_A_QUEUE_TX_HOLDOFF_NS,
			 READ_ONCE(nd->want_tx.holdoff_ns)) ||
	     nla_put_u32(skb, NETCOAL_A_QUEUE_TX_FRAMES,
			 READ_ONCE(nd->want_tx.frames)) ||
	     nla_put_u64_64bit(skb, NETCOAL_A_QUEUE_TX_PPS,
			       READ_ONCE(nd->tx_side.pps),
			       NETCOAL_A_QUEUE_PAD)))
		return -EMSGSIZE;
	return 0;
}

static int netcoal_nl_put_counters(struct sk_buff *skb,
				   const struct netcoal_queue *q)
{
	struct netcoal_counts sum;
	u64 hardirqs;

	netcoal_window_totals(q, &sum, &hardirqs);
	if (nla_put_u64_64bit(skb, NETCOAL_A_QUEUE_PACKETS, sum.packets,
			      NETCOAL_A_QUEUE_PAD) ||
	    nla_put_u64_64bit(skb, NETCOAL_A_QUEUE_POLLS, sum.polls,
			      NETCOAL_A_QUEUE_PAD) ||
	    nla_put_u64_64bit(skb, NETCOAL_A_QUEUE_EMPTY_POLLS, sum.empty_polls,
			      NETCOAL_A_QUEUE_PAD) ||
	    nla_put_u64_64bit(skb, NETCOAL_A_QUEUE_FULL_POLLS, sum.full_polls,
			      NETCOAL_A_QUEUE_PAD) ||
	    nla_put_u64_64bit(skb, NETCOAL_A_QUEUE_SEQUENCES, sum.sequences,
			      NETCOAL_A_QUEUE_PAD) ||
	    nla_put_u64_64bit(skb, NETCOAL_A_QUEUE_BUSY_NS, netcoal_clock_ns(sum.busy),
			      NETCOAL_A_QUEUE_PAD))
		return -EMSGSIZE;
	if (q->irq && nla_put_u64_64bit(skb, NETCOAL_A_QUEUE_HARDIRQS,
					hardirqs - q->first_hardirqs,
					NETCOAL_A_QUEUE_PAD))
		return -EMSGSIZE;
	return 0;
}

static int netcoal_nl_put_place(struct sk_buff *skb, const struct netcoal_queue *q)
{
	struct netcoal_place place;

	netcoal_place_look(q, &place);
	if ((place.cpu >= 0 && nla_put_u32(skb, NETCOAL_A_QUEUE_LAST_CPU, place.cpu)) ||
	    (q->irq && nla_put_u32(skb, NETCOAL_A_QUEUE_IRQ, q->irq)) ||
	    nla_put_u32(skb, NETCOAL_A_QUEUE_REMOTE, place.remote) ||
	    netcoal_nl_put_node(skb, NETCOAL_A_QUEUE_NODE, place.node) ||
	    netcoal_nl_put_node(skb, NETCOAL_A_QUEUE_CPU_NODE, place.cpu_node) ||
	    netcoal_nl_put_node(skb, NETCOAL_A_QUEUE_IRQ_NODE, place.irq_node))
		return -EMSGSIZE;
	return 0;
}

static int netcoal_nl_put_queue(struct sk_buff *skb, struct netcoal_queue *q)
{
	const struct netcoal_device *nd = q->device;
	struct netcoal_queue_policy *own = netcoal_queue_policy_find(nd, q->index);
	struct netcoal_decision d;
	u64 windows, changes;

	netcoal_queue_report(q, &d, &windows, &changes);
	if (own && nla_put_string(skb, NETCOAL_A_QUEUE_POLICY, own->policy->name))
		return -EMSGSIZE;
	if (netcoal_nl_put_decision(skb, q, &d) ||
	    netcoal_nl_put_counters(skb, q) ||
	    netcoal_nl_put_place(skb, q) ||
	    nla_put_u32(skb, NETCOAL_A_QUEUE_STATE, nd->state) ||
	    nla_put_u32(skb, NETCOAL_A_QUEUE_REASON, nd->reason) ||
	    nla_put_u32(skb, NETCOAL_A_QUEUE_REQUESTED_HOLDOFF_NS,
			READ_ONCE(q->requested_ns)) ||
	    nla_put_u32(skb, NETCOAL_A_QUEUE_EFFECTIVE_HOLDOFF_NS,
			READ_ONCE(q->effective_ns)) ||
	    nla_put_u64_64bit(skb, NETCOAL_A_QUEUE_WINDOWS, windows,
			      NETCOAL_A_QUEUE_PAD) ||
	    nla_put_u64_64bit(skb, NETCOAL_A_QUEUE_CHANGES, changes,
			      NETCOAL_A_QUEUE_PAD) ||
	    nla_put_u32(skb, NETCOAL_A_QUEUE_IRQ_COST_NS, d.irq_cost_ns) ||
	    nla_put_u32(skb, NETCOAL_A_QUEUE_PACKET_COST_NS, d.packet_cost_ns))
		return -EMSGSIZE;
	return 0;
}

/* Messages: a header around one of the above */

static int netcoal_nl_put_policy_object(struct sk_buff *skb, void *object)
{
	return netcoal_nl_put_policy(skb, object);
}

static int netcoal_nl_put_device_object(struct sk_buff *skb, void *object)
{
	return netcoal_nl_put_device(skb, object);
}

static int netcoal_nl_put_state_object(struct sk_buff *skb, void *object)
{
	return netcoal_nl_put_state(skb, object);
}

static int netcoal_nl_put_queue_object(struct sk_buff *skb, void *object)
{
	return netcoal_nl_put_queue(skb, object);
}

static int netcoal_nl_message(struct sk_buff *skb, u32 portid, u32 seq, int flags,
			      u8 cmd, netcoal_nl_put_t put, void *object)
{
	void *hdr = genlmsg_put(skb, portid, seq, &netcoal_nl_family, flags, cmd);

	if (!hdr)
		return -EMSGSIZE;
	if (put(skb, object)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

/**
 * netcoal_nl_reply() - answer a request with an object
 * @info: the request
 * @put: puts the object into a message
 * @object: the object
 *
 * Return: 0 or an error.
 */
int netcoal_nl_reply(struct genl_info *info, netcoal_nl_put_t put, void *object)
{
	struct sk_buff *skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	int err;

	if (!skb)
		return -ENOMEM;
	err = netcoal_nl_message(skb, info->snd_portid, info->snd_seq, 0,
				 info->genlhdr->cmd, put, object);
	if (err) {
		nlmsg_free(skb);
		return err;
	}
	return genlmsg_reply(skb, info);
}

/**
 * netcoal_nl_is_dumped() - was an entry shown in an earlier part of a dump?
 * @cb: the dump's state: args[0] is the number of the next one
 * @number: the entry's
 *
 * Lists are in the order of numbers, so what comes and goes between two parts neither hides an
 * entry nor shows one twice.
 *
 * Return: true if so.
 */
bool netcoal_nl_is_dumped(const struct netlink_callback *cb, unsigned long number)
{
	return number < (unsigned long)cb->args[0];
}

/**
 * netcoal_nl_dump_one() - add an object to a dump
 * @skb: the dump
 * @cb: its state
 * @cmd: the command that the object belongs to
 * @put: puts the object into a message
 * @object: the object
 *
 * Return: 0, or -EMSGSIZE if it did not fit.
 */
int netcoal_nl_dump_one(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd,
			netcoal_nl_put_t put, void *object)
{
	return netcoal_nl_message(skb, NETLINK_CB(cb->skb).portid,
				  cb->nlh->nlmsg_seq, NLM_F_MULTI, cmd, put,
				  object);
}

int netcoal_nl_policy_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct netcoal_policy *policy;
	int err = 0;

	rtnl_lock();
	policy = netcoal_nl_policy(info, NETCOAL_A_POLICY_NAME, &err);
	if (policy)
		err = netcoal_nl_reply(info, netcoal_nl_put_policy_object, policy);
	rtnl_unlock();
	return err;
}

int netcoal_nl_policy_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct netcoal_policy *policy;

	rtnl_lock();
	list_for_each_entry(policy, &netcoal_net(sock_net(skb->sk))->policies, list) {
		if (netcoal_nl_is_dumped(cb, policy->number))
			continue;
		if (netcoal_nl_dump_one(skb, cb, NETCOAL_CMD_POLICY_GET,
					netcoal_nl_put_policy_object, policy))
			break;
		cb->args[0] = policy->number + 1;
	}
	rtnl_unlock();
	return skb->len;
}

int netcoal_nl_dev_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct netcoal_device *nd;
	int err = 0;

	rtnl_lock();
	nd = netcoal_nl_device_named(info, NETCOAL_A_DEV_IFNAME, &err);
	if (nd) {
		netcoal_nl_look(nd);
		err = netcoal_nl_reply(info, netcoal_nl_put_device_object, nd);
	}
	rtnl_unlock();
	return err;
}

int netcoal_nl_dev_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct netcoal_device *nd;

	rtnl_lock();
	list_for_each_entry(nd, &netcoal_net(sock_net(skb->sk))->devices, list) {
		if (netcoal_nl_is_dumped(cb, nd->number))
			continue;
		netcoal_nl_look(nd);
		if (netcoal_nl_dump_one(skb, cb, NETCOAL_CMD_DEV_GET,
					netcoal_nl_put_device_object, nd))
			break;
		cb->args[0] = nd->number + 1;
	}
	rtnl_unlock();
	return skb->len;
}

int netcoal_nl_queue_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *index = info->attrs[NETCOAL_A_QUEUE_INDEX];
	struct netcoal_device *nd;
	int err = 0;

	rtnl_lock();
	nd = netcoal_nl_device_named(info, NETCOAL_A_QUEUE_IFNAME, &err);
	if (!nd)
		goto unlock;
	if (!index) {
		err = netcoal_nl_missing(info, "queue index is missing");
		goto unlock;
	}
	netcoal_nl_look(nd);
	if (nla_get_u32(index) >= nd->nr_queues) {
		err = netcoal_nl_bad(info, NETCOAL_A_QUEUE_INDEX,
				     "no such queue is governed", -ENOENT);
		goto unlock;
	}
	err = netcoal_nl_reply(info, netcoal_nl_put_queue_object,
			       nd->queues[nla_get_u32(index)]);
unlock:
	rtnl_unlock();
	return err;
}

/* args[1] is the queue to go on with, of the device to go on with if that is still there. */
static int netcoal_nl_dump_queues(struct sk_buff *skb, struct netlink_callback *cb,
				  struct netcoal_device *nd)
{
	unsigned int i = nd->number == (unsigned long)cb->args[0] ? cb->args[1] : 0;

	cb->args[0] = nd->number;
	for (; i < nd->nr_queues; i++) {
		if (netcoal_nl_dump_one(skb, cb, NETCOAL_CMD_QUEUE_GET,
					netcoal_nl_put_queue_object, nd->queues[i])) {
			cb->args[1] = i;
			return -EMSGSIZE;
		}
	}
	cb->args[0] = nd->number + 1;
	cb->args[1] = 0;
	return 0;
}

int netcoal_nl_queue_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nlattr *name = netcoal_dump_attrs(cb)[NETCOAL_A_QUEUE_IFNAME];
	struct net *net = sock_net(skb->sk);
	struct netcoal_device *nd, *only;

	rtnl_lock();
	only = name ? netcoal_device_find(net, nla_data(name)) : NULL;
	list_for_each_entry(nd, &netcoal_net(net)->devices, list) {
		if ((name && nd != only) || netcoal_nl_is_dumped(cb, nd->number))
			continue;
		netcoal_nl_look(nd);
		if (netcoal_nl_dump_queues(skb, cb, nd))
			break;
	}
	rtnl_unlock();
	if (name && !only) {
		NL_SET_ERR_MSG_ATTR(cb->extack, name, "device is not attached");
		return -ENOENT;
	}
	return skb->len;
}

/* Events */

static void netcoal_nl_event(struct net *net, u8 cmd, netcoal_nl_put_t put,
			     void *object)
{
	struct sk_buff *skb;

	if (!genl_has_listeners(&netcoal_nl_family, net, NETCOAL_NLGRP_EVENTS))
		return;
	skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!skb)
		return;
	if (netcoal_nl_message(skb, 0, 0, 0, cmd, put, object)) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_multicast_netns(&netcoal_nl_family, net, skb, 0,
				NETCOAL_NLGRP_EVENTS, GFP_KERNEL);
}

/**
 * netcoal_nl_device() - tell listeners of a device's state
 * @nd: the device, under rtnl
 */
void netcoal_nl_device(struct netcoal_device *nd)
{
	netcoal_nl_event(nd->net, NETCOAL_CMD_DEV_EVENT,
			 netcoal_nl_put_state_object, nd);
}

static int netcoal_nl_put_gone(struct sk_buff *skb, void *object)
{
	const struct netcoal_device *nd = object;

	if (nla_put_string(skb, NETCOAL_A_DEV_IFNAME, nd->name) ||
	    nla_put_string(skb, NETCOAL_A_DEV_POLICY, nd->policy->name) ||
	    (nd->netdev &&
	     nla_put_u32(skb, NETCOAL_A_DEV_IFINDEX, nd->netdev->ifindex)))
		return -EMSGSIZE;
	return 0;
}

/**
 * netcoal_nl_device_gone() - tell listeners that a device was detached
 * @nd: the device, under rtnl
 */
void netcoal_nl_device_gone(struct netcoal_device *nd)
{
	netcoal_nl_event(nd->net, NETCOAL_CMD_DEV_GONE, netcoal_nl_put_gone, nd);
}

static int netcoal_nl_put_cap_object(struct sk_buff *skb, void *object)
{
	const struct netcoal_device *nd = object;

	if (netcoal_nl_put_gone(skb, object) ||
	    nla_put_u64_64bit(skb, NETCOAL_A_DEV_RX_PPS, nd->cap.pps,
			      NETCOAL_A_DEV_PAD))
		return -EMSGSIZE;
	return netcoal_nl_put_cap(skb, nd);
}

/**
 * netcoal_nl_cap() - tell listeners how a device stands to its CPU cap
 * @nd: a governed device, under rtnl
 */
void netcoal_nl_cap(struct netcoal_device *nd)
{
	netcoal_nl_event(nd->net, NETCOAL_CMD_CAP_EVENT, netcoal_nl_put_cap_object, nd);
}

struct netcoal_nl_decided {
	struct netcoal_queue *q;
	const struct netcoal_decision *d;
};

static int netcoal_nl_put_decided(struct sk_buff *skb, void *object)
{
	const struct netcoal_nl_decided *it = object;

	return netcoal_nl_put_decision(skb, it->q, it->d);
}

/**
 * netcoal_nl_decision() - tell listeners of a queue's new setting
 * @q: the queue
 * @d: the decision
 *
 * Called from the queue's work; rate-limited for each namespace.
 */
void netcoal_nl_decision(struct netcoal_queue *q, const struct netcoal_decision *d)
{
	struct netcoal_nl_decided it = { .q = q, .d = d };
	struct net *net = q->device->net;

	if (genl_has_listeners(&netcoal_nl_family, net, NETCOAL_NLGRP_EVENTS) &&
	    __ratelimit(&netcoal_net(net)->decisions))
		netcoal_nl_event(net, NETCOAL_CMD_DECISION_EVENT,
				 netcoal_nl_put_decided, &it);
}

static const struct genl_multicast_group netcoal_nl_groups[] = {
	[NETCOAL_NLGRP_EVENTS] = { .name = NETCOAL_MCGRP_EVENTS, },
};

static struct genl_family netcoal_nl_family __ro_after_init = {
	.name		= NETCOAL_GENL_NAME,
	.version	= NETCOAL_GENL_VERSION,
	.netnsok	= true,
	.module		= THIS_MODULE,
	.ops		= netcoal_nl_ops,
	.n_ops		= ARRAY_SIZE(netcoal_nl_ops),
	/* No old user space: reserved fields are checked in every command. */
	.resv_start_op	= NETCOAL_CMD_POLICY_NEW,
	.mcgrps		= netcoal_nl_groups,
	.n_mcgrps	= ARRAY_SIZE(netcoal_nl_groups),
};

int netcoal_nl_init(void)
{
	return genl_register_family(&netcoal_nl_family);
}

void netcoal_nl_exit(void)
{
	genl_unregister_family(&netcoal_nl_family);
}
