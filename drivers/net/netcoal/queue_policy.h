/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NETCOAL_QUEUE_POLICY_H
#define _NETCOAL_QUEUE_POLICY_H

#include <linux/list.h>
#include <linux/types.h>

#include "governor.h"

struct netcoal_device;
struct netcoal_policy;
struct netlink_ext_ack;

/**
 * struct netcoal_queue_policy - the policy that one queue has for itself
 * @list: in its device's list
 * @index: the queue's place among the device's NAPIs; it may be gone meanwhile
 * @policy: the policy
 * @limits: what &netcoal_device.limits are to the device's policy; under its lock
 * @latency_ns: the policy's latency target, before paths take from it
 * @anew: its targets are others now, so what was found under the old ones is to be forgotten
 */
struct netcoal_queue_policy {
	struct list_head list;
	unsigned int index;
	struct netcoal_policy *policy;
	struct netcoal_limits limits;
	u32 latency_ns;
	bool anew;
};

struct netcoal_queue_policy *netcoal_queue_policy_find(const struct netcoal_device *nd,
						       unsigned int index);
unsigned int netcoal_queue_policy_count(const struct netcoal_device *nd);
bool netcoal_queue_policy_uses(const struct netcoal_device *nd,
			       const struct netcoal_policy *policy);
int netcoal_queue_policy_attach(struct netcoal_device *nd, unsigned int index,
				struct netcoal_policy *policy,
				struct netlink_ext_ack *extack);
int netcoal_queue_policy_detach(struct netcoal_device *nd, unsigned int index,
				struct netlink_ext_ack *extack);
void netcoal_queue_policy_bind(struct netcoal_device *nd);
void netcoal_queue_policy_free_all(struct netcoal_device *nd);

#endif /* _NETCOAL_QUEUE_POLICY_H */
