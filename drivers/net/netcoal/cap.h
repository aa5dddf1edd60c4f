/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NETCOAL_CAP_H
#define _NETCOAL_CAP_H

#include <linux/netcoal.h>
#include <linux/types.h>

struct netcoal_device;

/**
 * struct netcoal_cap - how a governed device stands to its CPU cap
 * @percent: the cap, in percent of one CPU, 0 for none
 * @state: how it stands to it
 * @floor_ns: least receive hold-off because of it, 0 for any; read without a
 *	lock
 * @stuck: times in a row that it was over with @floor_ns as long as allowed
 * @mark_ns: ktime when the present period began, 0 before the first
 * @mark_busy_ns: time spent polling until then
 * @mark_packets: packets polled until then
 * @busy_ns: time spent polling per second, in the last period
 * @pps: packets per second likewise
 * @next: jiffies when the period ends
 *
 * Under rtnl but for what says otherwise.
 */
struct netcoal_cap {
	u32 percent;
	enum netcoal_cap_state state;
	u32 floor_ns;
	unsigned int stuck;
	u64 mark_ns;
	u64 mark_busy_ns;
	u64 mark_packets;
	u64 busy_ns;
	u64 pps;
	unsigned long next;
};

void netcoal_cap_start(struct netcoal_device *nd);
bool netcoal_cap_due(const struct netcoal_device *nd);
void netcoal_cap_turn(struct netcoal_device *nd);

#endif /* _NETCOAL_CAP_H */
