// SPDX-License-Identifier: GPL-2.0
/*
 * Policies: named targets and bounds. Whoever changes one holds rtnl and has
 * checked each value; here is what has to hold between the values.
 */
#include <linux/ctype.h>
#include <linux/module.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "binding.h"
#include "compat.h"
#include "device.h"
#include "path.h"
#include "policy.h"
#include "queue_policy.h"

static int netcoal_param_target(const char *val, const struct kernel_param *kp)
{
	return param_set_uint_minmax(val, kp, 0, NETCOAL_TARGET_MAX_NS);
}

static const struct kernel_param_ops netcoal_param_target_ops = {
	.set = netcoal_param_target,
	.get = param_get_uint,
};

static unsigned int latency_ns = 100 * NSEC_PER_USEC;
module_param_cb(latency_ns, &netcoal_param_target_ops, &latency_ns, 0644);
MODULE_PARM_DESC(latency_ns, "Latency target of policies that name none, ns");

static unsigned int cpu_ns;
module_param_cb(cpu_ns, &netcoal_param_target_ops, &cpu_ns, 0644);
MODULE_PARM_DESC(cpu_ns, "CPU target per packet of policies that name none, ns, 0: none");

static unsigned int irq_cost_ns;
module_param_cb(irq_cost_ns, &netcoal_param_target_ops, &irq_cost_ns, 0644);
MODULE_PARM_DESC(irq_cost_ns, "Unseen cost of an interrupt where a policy names none, ns");

/**
 * netcoal_policy_find() - find a policy by name
 * @net: the namespace
 * @name: the name
 *
 * Called under rtnl.
 *
 * Return: the policy, or NULL.
 */
struct netcoal_policy *netcoal_policy_find(struct net *net, const char *name)
{
	struct netcoal_policy *policy;

	list_for_each_entry(policy, &netcoal_net(net)->policies, list)
		if (!strcmp(policy->name, name))
			return policy;
	return NULL;
}

/**
 * netcoal_policy_defaults() - fill a policy with what it has unless it says so
 * @policy: the policy
 */
void netcoal_policy_defaults(struct netcoal_policy *policy)
{
	static const struct netcoal_range usecs = { 0, NETCOAL_USECS_MAX };
	static const struct netcoal_range frames = { 1, NETCOAL_FRAMES_MAX };

	memset(policy, 0, sizeof(*policy));
	policy->attr.latency_ns = READ_ONCE(latency_ns);
	policy->attr.cpu_ns = READ_ONCE(cpu_ns);
	policy->attr.irq_cost_ns = READ_ONCE(irq_cost_ns);
	policy->attr.prefer = NETCOAL_PREFER_LATENCY;
	policy->attr.actuator = NETCOAL_ACTUATOR_AUTO;
	policy->attr.rx_usecs = usecs;
	policy->attr.rx_frames = frames;
	policy->attr.tx_usecs = usecs;
	policy->attr.tx_frames = frames;
	policy->governor = &netcoal_gov_model;
}

/**
 * netcoal_policy_check_name() - may a policy, or a path, be called so?
 * @name: the name
 * @extack: gets the reason of an error
 *
 * Return: 0 or -EINVAL.
 */
int netcoal_policy_check_name(const char *name, struct netlink_ext_ack *extack)
{
	const char *c;

	for (c = name; *c; c++) {
		if (isascii(*c) && (isalnum(*c) || strchr("._-", *c)))
			continue;
		NL_SET_ERR_MSG(extack, "a name takes letters, digits, '.', '_' and '-'");
		return -EINVAL;
	}
	if (c == name) {
		NL_SET_ERR_MSG(extack, "name is empty");
		return -EINVAL;
	}
	return 0;
}

/**
 * struct netcoal_policy_rule - what must hold of a policy's range
 * @range: where it is in struct netcoal_policy_attr
 * @min_attr: its minimum's attribute; its maximum's is the next
 * @is_time: in µs, and so may not begin above the latency target
 * @order: what to say of a minimum above the maximum
 * @target: what to say of a minimum above the latency target
 */
struct netcoal_policy_rule {
	size_t range;
	int min_attr;
	bool is_time;
	const char *order;
	const char *target;
};

static const struct netcoal_policy_rule netcoal_policy_rules[] = {
	{ offsetof(struct netcoal_policy_attr, rx_usecs),
	  NETCOAL_A_POLICY_RX_USECS_MIN, true,
	  "rx-usecs: minimum above maximum",
	  "rx-usecs: minimum above the latency target" },
	{ offsetof(struct netcoal_policy_attr, rx_frames),
	  NETCOAL_A_POLICY_RX_FRAMES_MIN, false,
	  "rx-frames: minimum above maximum" },
	{ offsetof(struct netcoal_policy_attr, tx_usecs),
	  NETCOAL_A_POLICY_TX_USECS_MIN, true,
	  "tx-usecs: minimum above maximum",
	  "tx-usecs: minimum above the latency target" },
	{ offsetof(struct netcoal_policy_attr, tx_frames),
	  NETCOAL_A_POLICY_TX_FRAMES_MIN, false,
	  "tx-frames: minimum above maximum" },
};

/* The attribute to blame, of those that the request has, if any. */
static void netcoal_policy_blame(struct nlattr **tb, int min_attr,
				 struct netlink_ext_ack *extack)
{
	int i;

	for (i = min_attr; i <= min_attr + 1; i++) {
		if (tb[i]) {
			NL_SET_BAD_ATTR(extack, tb[i]);
			return;
		}
	}
	if (tb[NETCOAL_A_POLICY_LATENCY_NS])
		NL_SET_BAD_ATTR(extack, tb[NETCOAL_A_POLICY_LATENCY_NS]);
}

static int netcoal_policy_check(const struct netcoal_policy_attr *attr,
				struct nlattr **tb, struct netlink_ext_ack *extack)
{
	const struct netcoal_policy_rule *rule;
	const struct netcoal_range *range;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(netcoal_policy_rules); i++) {
		rule = &netcoal_policy_rules[i];
		range = (const void *)attr + rule->range;
		if (range->min > range->max)
			extack->_msg = rule->order;
		else if (rule->is_time &&
			 (u64)range->min * NSEC_PER_USEC > attr->latency_ns)
			extack->_msg = rule->target;
		else
			continue;
		netcoal_policy_blame(tb, rule->min_attr, extack);
		return -EINVAL;
	}
	return 0;
}

/* All patterns are held against each device that comes, under the lock of all networking. */
static int netcoal_policy_check_matches(struct net *net, const struct netcoal_policy *policy,
					const struct netcoal_policy_attr *attr,
					struct nlattr **tb, struct netlink_ext_ack *extack)
{
	const struct netcoal_policy *other;
	unsigned int n = 0;

	if (!attr->nr_matches)
		return 0;
	list_for_each_entry(other, &netcoal_net(net)->policies, list)
		n += other != policy && other->attr.nr_matches;
	if (n < NETCOAL_MATCHING_MAX)
		return 0;
	netcoal_extack_fmt(extack, "no more than %u policies can match devices", n);
	for (n = NETCOAL_A_POLICY_MATCH_DEV; n <= NETCOAL_A_POLICY_MATCH_BRIDGE; n++)
		if (tb[n])
			NL_SET_BAD_ATTR(extack, tb[n]);
	return -ENOSPC;
}

/**
 * netcoal_policy_add() - add a policy to a namespace
 * @net: the namespace
 * @new: the policy, which is copied
 * @tb: the request's attributes, for blaming one
 * @extack: gets the reason of an error
 *
 * Called under rtnl.
 *
 * Return: 0, -EEXIST, -EINVAL, -ENOSPC or -ENOMEM.
 */
int netcoal_policy_add(struct net *net, const struct netcoal_policy *new,
		       struct nlattr **tb, struct netlink_ext_ack *extack)
{
	struct netcoal_policy *policy;
	int err;

	ASSERT_RTNL();
	NL_SET_BAD_ATTR(extack, tb[NETCOAL_A_POLICY_NAME]);
	err = netcoal_policy_check_name(new->name, extack) ?:
	      netcoal_policy_check(&new->attr, tb, extack) ?:
	      netcoal_policy_check_matches(net, NULL, &new->attr, tb, extack);
	if (err)
		return err;
	if (netcoal_policy_find(net, new->name)) {
		NL_SET_ERR_MSG(extack, "policy exists");
		return -EEXIST;
	}

	if (netcoal_list_is_full(&netcoal_net(net)->policies, NETCOAL_LIST_MAX)) {
		NL_SET_ERR_MSG(extack, "too many policies");
		return -ENOSPC;
	}
	policy = kmemdup(new, sizeof(*new), GFP_KERNEL_ACCOUNT);
	if (!policy)
		return -ENOMEM;
	policy->users = 0;
	policy->number = netcoal_net(net)->numbered++;
	list_add_tail(&policy->list, &netcoal_net(net)->policies);
	netcoal_binding_consider_all(net);
	return 0;
}

/**
 * netcoal_policy_change() - change a policy, and all devices under it
 * @net: the namespace
 * @policy: the policy
 * @new: what it shall say; name, list and users are ignored
 * @tb: the request's attributes, for blaming one
 * @extack: gets the reason of an error
 *
 * Called under rtnl.
 *
 * Return: 0; or -EINVAL or -ENOSPC, then nothing changed.
 */
int netcoal_policy_change(struct net *net, struct netcoal_policy *policy,
			  const struct netcoal_policy *new, struct nlattr **tb,
			  struct netlink_ext_ack *extack)
{
	bool restart;
	int err;

	ASSERT_RTNL();
	err = netcoal_policy_check(&new->attr, tb, extack) ?:
	      netcoal_policy_check_matches(net, policy, &new->attr, tb, extack);
	if (err)
		return err;

	restart = policy->governor != new->governor ||
		  policy->attr.actuator != new->attr.actuator;
	policy->attr = new->attr;
	policy->governor = new->governor;
	netcoal_device_policy_changed(net, policy, restart);
	netcoal_path_update(net);
	netcoal_binding_consider_all(net);
	return 0;
}

/**
 * netcoal_policy_del() - delete a policy that nobody uses
 * @net: its namespace
 * @policy: the policy, freed on success
 * @extack: gets the reason of an error
 *
 * Called under rtnl.
 *
 * Return: 0 or -EBUSY.
 */
int netcoal_policy_del(struct net *net, struct netcoal_policy *policy,
		       struct netlink_ext_ack *extack)
{
	const struct netcoal_device *nd;

	ASSERT_RTNL();
	if (policy->users) {
		NL_SET_ERR_MSG(extack, "policy is in use");
		list_for_each_entry(nd, &netcoal_net(net)->devices, list)
			if (netcoal_queue_policy_uses(nd, policy)) {
				netcoal_extack_fmt(extack, "in use by a queue of %s", nd->name);
				break;
			}
		return -EBUSY;
	}
	list_del(&policy->list);
	kfree(policy);
	return 0;
}

/**
 * netcoal_policy_free_all() - free the policies of a namespace that ends
 * @policies: its list; no device is bound any more
 */
void netcoal_policy_free_all(struct list_head *policies)
{
	struct netcoal_policy *policy, *next;

	list_for_each_entry_safe(policy, next, policies, list)
		kfree(policy);
	INIT_LIST_HEAD(policies);
}
