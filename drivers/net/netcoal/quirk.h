/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NETCOAL_QUIRK_H
#define _NETCOAL_QUIRK_H

#include <linux/types.h>

struct net_device;

/**
 * struct netcoal_quirk - what drivers make of rx-usecs and tx-usecs that is no time
 * @drivers: a glob of their names
 * @least_us: least hold-off other than 0 that is a time, >= 1
 * @instead_us: what shorter ones become, and 0
 * @step_us: hold-offs become multiples of it, >= 1
 * @unfit: setting them does harm, or can't be undone
 * @unlocked: a reset frees the queues without rtnl, with the link down, but the device not
 *	detached
 */
struct netcoal_quirk {
	const char *drivers;
	u32 least_us;
	u32 instead_us;
	u32 step_us;
	bool unfit;
	bool unlocked;
};

const struct netcoal_quirk *netcoal_quirk(const struct net_device *netdev);
u32 netcoal_quirk_usecs(const struct netcoal_quirk *quirk, u32 us);
bool netcoal_quirk_is_up(const struct net_device *netdev);
bool netcoal_quirk_in_reset(const struct net_device *netdev);

#endif /* _NETCOAL_QUIRK_H */
