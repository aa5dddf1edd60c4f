/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NETCOAL_ACTUATOR_H
#define _NETCOAL_ACTUATOR_H

#include <linux/errno.h>
#include <linux/netlink.h>
#include <linux/types.h>
#include <linux/netcoal.h>

#include "governor.h"

struct net_device;
struct netcoal_device;
struct netcoal_policy;
struct netcoal_queue;

/* Beside what drivers return: somebody else changed a governed setting; */
#define NETCOAL_EADMIN		EOWNERDEAD
/* the driver took a setting but did not change anything. */
#define NETCOAL_EMISMATCH	EUCLEAN
/* it did not take back what was tried. */
#define NETCOAL_EOWED		EREMOTEIO
/* it resets its device for each setting. */
#define NETCOAL_ERESETS		ENETRESET

/**
 * struct netcoal_ability - what an actuator can do for a direction of a device
 * @usable: it can set a hold-off at all
 * @frames: it can end a hold-off early after a number of packets
 * @rides: it can't, but what holds off the other direction does so to this one
 * @timer: a hold-off costs a timer beside, or instead of, an interrupt
 * @step_ns: hold-offs are multiples of this, >= 1
 */
struct netcoal_ability {
	bool usable;
	bool frames;
	bool rides;
	bool timer;
	u32 step_ns;
};

/**
 * struct netcoal_actuator_ops - one way to set a device's coalescing
 * @id: its number in the uapi
 * @name: its name in a policy
 * @per_queue: queues can have settings unlike each other
 * @prove: finds out whether it works on nd->netdev: gets, sets the same values
 *	and gets again, tries a hold-off where the driver could refuse one, and
 *	leaves the device as it was. Sets nd->rx, nd->tx and saves the baseline.
 *	0, or -EOPNOTSUPP, or the driver's error.
 * @most_ns: the longest hold-off that it may be asked for; optional
 * @take: turns the driver's own adaptive mode off; optional
 * @apply: brings the device to nd->want_rx and nd->want_tx or, per queue, to
 *	each queue's decision; reads back and tells netcoal_device_applied()
 * @apply_queue: for actuators that need no lock, called from a queue's work
 *	instead of @apply
 * @check: 0 if the device has what was set last, -NETCOAL_EADMIN if somebody
 *	else changed it, or the driver's error
 * @is_found: does it have what was found at take-over, where it has not what was set
 *	last? So a driver leaves a device that it resets; optional
 * @restore: puts the baseline back, but leaves what somebody else changed
 *
 * Called under rtnl with the device up, but for @most_ns and @apply_queue.
 */
struct netcoal_actuator_ops {
	enum netcoal_actuator id;
	const char *name;
	bool per_queue;
	int (*prove)(struct netcoal_device *nd);
	u32 (*most_ns)(const struct netcoal_device *nd);
	int (*take)(struct netcoal_device *nd);
	int (*apply)(struct netcoal_device *nd);
	void (*apply_queue)(struct netcoal_queue *q,
			    const struct netcoal_setting *rx);
	int (*check)(struct netcoal_device *nd);
	bool (*is_found)(struct netcoal_device *nd);
	void (*restore)(struct netcoal_device *nd);
};

extern const struct netcoal_actuator_ops netcoal_act_ethtool;
extern const struct netcoal_actuator_ops netcoal_act_ethtool_queue;
extern const struct netcoal_actuator_ops netcoal_act_defer;
extern const struct netcoal_actuator_ops netcoal_act_hold;

bool netcoal_ethtool_may_batch(const struct netcoal_policy *policy);
bool netcoal_ethtool_batches(const struct net_device *netdev);
int netcoal_actuator_pick(struct netcoal_device *nd);
int netcoal_actuator_check(struct netcoal_device *nd);
bool netcoal_actuator_is_found(struct netcoal_device *nd);
int netcoal_actuator_apply(struct netcoal_device *nd);
const char *netcoal_actuator_driver(const struct net_device *netdev);

#endif /* _NETCOAL_ACTUATOR_H */
