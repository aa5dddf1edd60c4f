// SPDX-License-Identifier: GPL-2.0
/*
 * The CPU cap: one device may not eat the CPU that others need.
 *
 * Every tenth of a second with traffic, the time spent polling the device is
 * compared with what its policy allows, s:
 *
 *    over:   floor <- floor * used / s     at most doubled, at least an eighth more
 *    under:  floor <- floor * used / s     at least halved, and 0 when short
 *
 * The floor is a least hold-off that goes before the latency target, but not
 * beyond the policy's rx-usecs, nor beyond NETCOAL_CAP_HOLDOFF_MAX_NS. With the
 * floor that long and still over, batching can do no more: saturated. Only the
 * device itself is touched, its neighbours keep their settings.
 *
 * While there is a floor, and the actuator is hold, the device's packets are also
 * taken in slices: as many at once as take NETCOAL_CAP_SLICE_NS.
 */
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/rtnetlink.h>
#include <linux/sizes.h>

#include "actuator.h"
#include "cap.h"
#include "device.h"
#include "link.h"
#include "netlink.h"
#include "policy.h"
#include "trace.h"

/* How often a device is compared with its cap. */
#define NETCOAL_CAP_JIFFIES		(HZ / 10)
/* No device is held longer than this because of a cap. */
#define NETCOAL_CAP_HOLDOFF_MAX_NS	(50 * NSEC_PER_MSEC)
/* A device that was not held at all begins with this. */
#define NETCOAL_CAP_HOLDOFF_MIN_NS	(20 * NSEC_PER_USEC)
/* Over with the longest floor so often in a row: saturated. */
#define NETCOAL_CAP_STUCK		3
/* What a device that is over may take of a CPU at once; but so many packets it
 * may, or several times that: each slice costs a timer, and GRO hands packets up
 * by as many.
 */
#define NETCOAL_CAP_SLICE_NS		(100 * NSEC_PER_USEC)
#define NETCOAL_CAP_SLICE_PACKETS	8
/* One percent of a CPU, ns per second. */
#define NETCOAL_CAP_PERCENT_NS		((u64)NSEC_PER_SEC / 100)

/**
 * netcoal_cap_start() - begin anew with a device that is taken over
 * @nd: the device
 */
void netcoal_cap_start(struct netcoal_device *nd)
{
	nd->cap = (struct netcoal_cap){ .next = jiffies };
	nd->cap.percent = nd->policy->attr.cap_percent;
	nd->cap.state = nd->cap.percent ? NETCOAL_CAP_STATE_UNDER :
					  NETCOAL_CAP_STATE_NONE;
}

/**
 * netcoal_cap_due() - is it time to compare a device with its cap?
 * @nd: a governed device
 *
 * Asked for netcoal_govern_kick(), without a lock.
 *
 * Return: true if so.
 */
bool netcoal_cap_due(const struct netcoal_device *nd)
{
	return READ_ONCE(nd->cap.percent) &&
	       time_after_eq(jiffies, READ_ONCE(nd->cap.next));
}

static u32 netcoal_cap_ceiling_ns(const struct netcoal_device *nd)
{
	return min_t(u64, (u64)nd->policy->attr.rx_usecs.max * NSEC_PER_USEC,
		     NETCOAL_CAP_HOLDOFF_MAX_NS);
}

/* The longest hold-off that any queue has now, where a floor begins. */
static u32 netcoal_cap_present_ns(const struct netcoal_device *nd)
{
	u32 most_ns = NETCOAL_CAP_HOLDOFF_MIN_NS;
	struct netcoal_decision d;
	u64 windows, changes;
	unsigned int i;

	for (i = 0; i < nd->nr_queues; i++) {
		netcoal_queue_report(nd->queues[i], &d, &windows, &changes);
		most_ns = max(most_ns, d.setting.holdoff_ns);
	}
	return most_ns;
}

/* The next floor: the present one by as much as the device is over or under. */
static u32 netcoal_cap_floor_ns(const struct netcoal_device *nd, u64 allowed_ns)
{
	u64 used_ns = nd->cap.busy_ns, floor_ns = nd->cap.floor_ns;

	if (used_ns > allowed_ns) {
		floor_ns = floor_ns ?: netcoal_cap_present_ns(nd);
		used_ns = clamp(used_ns, allowed_ns + allowed_ns / 8, 2 * allowed_ns);
	} else {
		/* so near is as near as it gets */
		if (used_ns > allowed_ns - allowed_ns / 8)
			return floor_ns;
		used_ns = max(used_ns, allowed_ns / 2);
	}
	floor_ns = div64_u64(floor_ns * used_ns, allowed_ns);
	if (floor_ns < NETCOAL_CAP_HOLDOFF_MIN_NS)
		return 0;
	return min_t(u64, floor_ns, netcoal_cap_ceiling_ns(nd));
}

/* Packets of a slice, by what one costs; 0 for no slices. */
static u32 netcoal_cap_slice(const struct netcoal_device *nd)
{
	const struct netcoal_cap *cap = &nd->cap;
	u64 packets;

	if (!cap->floor_ns || nd->actuator->id != NETCOAL_ACTUATOR_HOLD)
		return 0;
	packets = div64_u64(NETCOAL_CAP_SLICE_NS * cap->pps, max(cap->busy_ns, 1ULL));
	return clamp_t(u64, round_down(packets, NETCOAL_CAP_SLICE_PACKETS),
		       NETCOAL_CAP_SLICE_PACKETS, SZ_1K);
}

static void netcoal_cap_set_slices(const struct netcoal_device *nd)
{
	u32 slice = netcoal_cap_slice(nd);
	unsigned int i;

	for (i = 0; i < nd->nr_queues; i++)
		WRITE_ONCE(nd->queues[i]->hold.slice.want, slice);
}

static enum netcoal_cap_state netcoal_cap_judge(struct netcoal_device *nd, u64 allowed_ns)
{
	struct netcoal_cap *cap = &nd->cap;
	bool stuck = cap->busy_ns > allowed_ns &&
		     cap->floor_ns >= netcoal_cap_ceiling_ns(nd);

	cap->stuck = stuck ? cap->stuck + 1 : 0;
	WRITE_ONCE(cap->floor_ns, netcoal_cap_floor_ns(nd, allowed_ns));
	if (cap->stuck >= NETCOAL_CAP_STUCK ||
	    (cap->stuck && cap->state == NETCOAL_CAP_STATE_SATURATED))
		return NETCOAL_CAP_STATE_SATURATED;
	if (cap->floor_ns || cap->busy_ns > allowed_ns)
		return NETCOAL_CAP_STATE_OVER;
	return NETCOAL_CAP_STATE_UNDER;
}

/* So much per second, through microseconds: no number overflows before years. */
static u64 netcoal_cap_per_second(u64 amount, u64 len_ns)
{
	return div64_u64(amount * USEC_PER_SEC, max(div_u64(len_ns, NSEC_PER_USEC), 1ULL));
}

/* Closes a period; false if it was the first, which has no figures. */
static bool netcoal_cap_measure(struct netcoal_device *nd)
{
	u64 now_ns = ktime_get_ns(), len_ns = now_ns - nd->cap.mark_ns;
	struct netcoal_cap *cap = &nd->cap;
	struct netcoal_link_sum sum;
	bool first = !cap->mark_ns;

	netcoal_link_sum(nd, &sum);
	if (!first) {
		cap->busy_ns = netcoal_cap_per_second(sum.busy_ns - cap->mark_busy_ns,
						      len_ns);
		cap->pps = netcoal_cap_per_second(sum.packets - cap->mark_packets,
						  len_ns);
	}
	cap->mark_ns = now_ns;
	cap->mark_busy_ns = sum.busy_ns;
	cap->mark_packets = sum.packets;
	return !first;
}

/* A policy's cap may change while its devices are governed. */
static bool netcoal_cap_is_new(struct netcoal_device *nd)
{
	if (nd->cap.percent == nd->policy->attr.cap_percent)
		return false;
	netcoal_cap_start(nd);
	netcoal_cap_set_slices(nd);
	return true;
}

/**
 * netcoal_cap_turn() - compare a device with its cap, if it is time
 * @nd: a governed device
 *
 * Called under rtnl.
 */
void netcoal_cap_turn(struct netcoal_device *nd)
{
	struct netcoal_cap *cap = &nd->cap;
	enum netcoal_cap_state state;

	ASSERT_RTNL();
	if (netcoal_cap_is_new(nd) || !netcoal_cap_due(nd))
		return;
	WRITE_ONCE(cap->next, jiffies + NETCOAL_CAP_JIFFIES);
	if (!netcoal_cap_measure(nd))
		return;
	state = netcoal_cap_judge(nd, cap->percent * NETCOAL_CAP_PERCENT_NS);
	netcoal_cap_set_slices(nd);
	trace_cap(nd, state);
	if (state == cap->state)
		return;
	cap->state = state;
	netcoal_nl_cap(nd);
}
