/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NETCOAL_QUIRK_H
#define _NETCOAL_QUIRK_H

#include <linux/types.h>

struct net_device;

/**
 * struct netcoal_quirk - what drivers make of rx-usecs and tx-usecs that is no time
 * @drivers: a glob of their names
 * @least_us: shorter hold-offs, 0 among them, are none
 * @instead_us: what they become
 * @most_us: what longer ones become, 0 for no such limit
 * @even: hold-offs become multiples of 2 us
 * @unfit: setting them does harm, or can't be undone
 * @whole: a setting for one queue does not look whether there is such a queue
 * @unlocked: a reset frees the queues without rtnl, with the link down, but the device not
 *	detached
 */
struct netcoal_quirk {
	const char *drivers;
	u32 least_us;
	u32 instead_us;
	u32 most_us;
	bool even;
	bool unfit;
	bool whole;
	bool unlocked;
};

const struct netcoal_quirk *netcoal_quirk(const struct net_device *netdev);
u32 netcoal_quirk_usecs(const struct netcoal_quirk *quirk, u32 us);
bool netcoal_quirk_is_up(const struct net_device *netdev);
bool netcoal_quirk_in_reset(const struct net_device *netdev);

#endif /* _NETCOAL_QUIRK_H */
