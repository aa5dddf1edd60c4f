// SPDX-License-Identifier: GPL-2.0
/*
 * Actuator hold: coalescing for drivers that have none.
 *
 * After a poll that found work and completed, take the NAPI as the driver's
 * interrupt would (napi_schedule_prep() sets SCHED) but run it from a timer, a
 * hold-off later:
 *
 *    packet   irq  poll           timer  poll         timer  poll (empty)
 *    ---|------|---[##]~~~~~~~~~~~~~|----[####]~~~~~~~~~|-----[]   let go
 *                      held                   held
 *
 * While SCHED is held the driver's interrupt handler finds the NAPI taken and
 * leaves; rings with event indices raise one event at most. Nothing here looks
 * into a driver, and nobody frees or reconfigures a NAPI whose SCHED is held:
 * napi_disable() waits for it, for one hold-off at most.
 *
 * Sockets that busy-poll can't poll a NAPI that is held, and can't be seen
 * while they wait for it. So one hold in NETCOAL_HOLD_GAP, and one each 20 ms
 * or four holds where they are long, is left out: a busy poller takes the NAPI
 * at once, its poll is seen outside of the softirq, and holding stops for a
 * second.
 */
#include <linux/hrtimer.h>
#include <linux/jiffies.h>
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/string.h>
#include <linux/user_namespace.h>

#include "act_hold.h"
#include "actuator.h"
#include "compat.h"
#include "device.h"
#include "govern.h"

/* One hold in so many is left out, for busy pollers to show themselves. */
#define NETCOAL_HOLD_GAP	64
#define NETCOAL_HOLD_GAP_JIFFIES	(HZ / 50)
/* But not so often that a long hold bounds nothing: each gap brings a batch. */
#define NETCOAL_HOLD_GAP_LONG		4
/* A hold may end by this part of it earlier if another timer interrupts then:
 * queues of a CPU that hold at the same time share what its interrupt costs.
 */
#define NETCOAL_HOLD_EARLY		8
/* All holds of a container's device together are no longer. */
#define NETCOAL_HOLDS_NS		(50 * NSEC_PER_MSEC)
/* How much later the timer runs that found the poll before it still at it. */
#define NETCOAL_HOLD_AGAIN_NS		(100 * NSEC_PER_USEC)

/* These mask or acknowledge an interrupt on a line before they look whether the NAPI is taken. */
static const char * const netcoal_hold_quiet[] = {
	"ag71xx", "bgmac-enet", "e1000", "e1000e", "ethoc", "fec", "ftgmac100", "mvneta",
};

/* Where no device has a line of its own. */
static const char * const netcoal_hold_buses[] = {
	"fsl-mc", "usb", "virtio", "vmbus", "xen", "xen-backend",
};

/*
 * A poll follows. What was missed it sees; left set, it would poll once more.
 * A driver that waits for the NAPI to take its interrupt down shall find it as
 * it was.
 */
static void netcoal_hold_end(struct netcoal_queue *q)
{
	netcoal_slice_end(&q->hold.slice, q->napi);
	clear_bit(NAPI_STATE_MISSED, &q->napi->state);
	if (unlikely(test_bit(NAPI_STATE_DISABLE, &q->napi->state)))
		netcoal_evtchn_unmask(&q->hold.evtchn);
	else
		netcoal_evtchn_forget(&q->hold.evtchn);
}

static enum hrtimer_restart netcoal_hold_timer(struct hrtimer *timer)
{
	struct netcoal_queue *q = container_of(timer, struct netcoal_queue,
					       hold.timer);

	if (unlikely(netcoal_slice_too_early(&q->hold.slice))) {
		hrtimer_forward_now(timer, ns_to_ktime(NETCOAL_HOLD_AGAIN_NS));
		return HRTIMER_RESTART;
	}
	netcoal_hold_end(q);
	__napi_schedule_irqoff(q->napi);
	return HRTIMER_NORESTART;
}

/* True while sockets busy-poll the NAPI, and for a second after. */
static bool netcoal_hold_busy_polled(struct netcoal_hold *hold,
				     const struct napi_struct *napi)
{
	if (!in_serving_softirq() &&
	    !test_bit(NAPI_STATE_THREADED, &napi->state)) {
		hold->busy_polled_at = (u32)jiffies;
		hold->busy_polled = true;
		return true;
	}
	if (hold->busy_polled && (u32)jiffies - hold->busy_polled_at > HZ)
		hold->busy_polled = false;
	return hold->busy_polled;
}

static bool netcoal_hold_gap(struct netcoal_hold *hold)
{
	unsigned long holds;

	if (++hold->since_gap < NETCOAL_HOLD_GAP &&
	    time_before32((u32)jiffies, hold->next_gap))
		return false;
	holds = NETCOAL_HOLD_GAP_LONG * nsecs_to_jiffies(READ_ONCE(hold->holdoff_ns));
	hold->since_gap = 0;
	hold->next_gap = (u32)jiffies + max_t(u32, holds, NETCOAL_HOLD_GAP_JIFFIES);
	return true;
}

/*
 * An interrupt during a poll has the NAPI polled once more, for what that poll
 * may already have found. So what both found counts.
 */
static bool netcoal_hold_found(struct netcoal_hold *hold,
			       const struct napi_struct *napi, int work)
{
	bool before = hold->found;

	hold->found = work > 0 && test_bit(NAPI_STATE_SCHED, &napi->state);
	return work > 0 || before;
}

/*
 * Polls that found nothing end a series of holds: the traffic stopped, its
 * next packet shall not wait. A busy poller's finds nothing most of the time.
 */
static bool netcoal_hold_take(struct netcoal_hold *hold, struct napi_struct *napi,
			      bool found)
{
	const unsigned long taken = NAPIF_STATE_SCHED | NAPIF_STATE_DISABLE |
				    NAPIF_STATE_NPSVC |
				    NAPIF_STATE_IN_BUSY_POLL |
				    NAPIF_STATE_PREFER_BUSY_POLL;

	if (netcoal_hold_busy_polled(hold, napi) || !found ||
	    netcoal_hold_gap(hold))
		return false;
	/* Look before trying: a failed try would set MISSED. */
	return !(READ_ONCE(napi->state) & taken) && napi_schedule_prep(napi);
}

static void netcoal_hold_start(struct netcoal_hold *hold, u32 holdoff_ns)
{
	hrtimer_start_range_ns(&hold->timer,
			       ns_to_ktime(holdoff_ns - holdoff_ns / NETCOAL_HOLD_EARLY),
			       holdoff_ns / NETCOAL_HOLD_EARLY,
			       HRTIMER_MODE_REL_PINNED);
}

void __netcoal_hold_after_poll(struct netcoal_queue *q, struct napi_struct *napi,
			       int work, int budget)
{
	struct netcoal_hold *hold = &q->hold;
	u32 holdoff_ns = READ_ONCE(hold->holdoff_ns);
	bool found;

	netcoal_slice_budget(&hold->slice, napi, holdoff_ns);
	if (work >= budget) {
		if (holdoff_ns && netcoal_slice_take(q, napi))
			netcoal_hold_start(hold, holdoff_ns);
		else if (unlikely(test_bit(NAPI_STATE_DISABLE, &napi->state)))
			netcoal_evtchn_unmask(&hold->evtchn);
		return;
	}
	found = netcoal_hold_found(hold, napi, work);
	if (!holdoff_ns || !netcoal_hold_take(hold, napi, found)) {
		netcoal_evtchn_unmask(&hold->evtchn);
		return;
	}
	netcoal_evtchn_mask(&hold->evtchn);
	netcoal_hold_start(hold, holdoff_ns);
}

/* Ends a hold now. The NAPI is ours if the timer was still to fire. */
static void netcoal_hold_cut(struct netcoal_queue *q)
{
	if (hrtimer_cancel(&q->hold.timer) <= 0)
		return;
	netcoal_slice_settle(&q->hold.slice);
	local_bh_disable();
	netcoal_hold_end(q);
	__napi_schedule(q->napi);
	local_bh_enable();
}

/**
 * netcoal_hold_init() - prepare a new queue
 * @q: the queue
 */
void netcoal_hold_init(struct netcoal_queue *q)
{
	netcoal_hrtimer_setup(&q->hold.timer, netcoal_hold_timer);
}

/**
 * netcoal_hold_look() - see what a new queue's NAPI has to be held by
 * @q: the queue, whose NAPI is in its device's list
 *
 * Called under rtnl and RCU.
 */
void netcoal_hold_look(struct netcoal_queue *q)
{
	netcoal_evtchn_find(&q->hold.evtchn, q->device->netdev, q->napi);
	q->hold.slice.weight = q->napi->weight;
}

/**
 * netcoal_hold_release() - end a hold for good
 * @q: the queue; no probe may start another hold
 */
void netcoal_hold_release(struct netcoal_queue *q)
{
	WRITE_ONCE(q->hold.slice.want, 0);
	WRITE_ONCE(q->hold.holdoff_ns, 0);
	netcoal_hold_cut(q);
	netcoal_slice_release(q);
	netcoal_evtchn_unmask(&q->hold.evtchn);
}

/*
 * An interrupt line that is up stays so until the driver masks or acknowledges it. If it does
 * neither when it finds the NAPI taken (8139cp, 8139too), the CPU does nothing else until the
 * hold is over. Messages, and what comes without an interrupt of the device's, don't.
 */
static bool netcoal_hold_may_storm(const struct net_device *netdev)
{
	const char *driver = netcoal_actuator_driver(netdev);
	struct device *parent = netdev->dev.parent;

	if (match_string(netcoal_hold_quiet, ARRAY_SIZE(netcoal_hold_quiet), driver) >= 0)
		return false;
	if (parent && dev_is_pci(parent))
		return !pci_dev_msi_enabled(to_pci_dev(parent));
	if (parent && parent->bus)
		return match_string(netcoal_hold_buses, ARRAY_SIZE(netcoal_hold_buses),
				    parent->bus->name) < 0;
	return !*driver;
}

/*
 * Who sets a device's features, say, waits for the holds of its NAPIs one after the other, with
 * the lock of all networking: that of the host, which a container's root shall not keep.
 */
static u32 netcoal_hold_most_ns(const struct netcoal_device *nd)
{
	if (nd->net->user_ns == &init_user_ns)
		return U32_MAX;
	return max_t(u32, NETCOAL_HOLDS_NS / max(nd->nr_queues, 1U), 1);
}

static int netcoal_hold_prove(struct netcoal_device *nd)
{
	if (netcoal_hold_may_storm(nd->netdev))
		return -EOPNOTSUPP;
	/* Needs nothing of the driver but NAPIs, which the caller counted. */
	nd->rx = (struct netcoal_ability){
		.usable = true, .timer = true, .step_ns = 1,
	};
	return 0;
}

/*
 * What to ask of the timer so that the hold is over in time. A hold that no
 * timer can end in time is none.
 */
static u32 netcoal_hold_timer_ns(u32 holdoff_ns)
{
	u32 late_ns = netcoal_evtchn_timer_late_ns(holdoff_ns);
	u32 least_ns = netcoal_evtchn_timer_least_ns();

	if (holdoff_ns < least_ns)
		return 0;
	return max(least_ns, holdoff_ns - late_ns);
}

static void netcoal_hold_apply_queue(struct netcoal_queue *q,
				     const struct netcoal_setting *rx)
{
	u32 timer_ns = netcoal_hold_timer_ns(rx->holdoff_ns);

	WRITE_ONCE(q->hold.holdoff_ns, timer_ns);
	if (!timer_ns)
		netcoal_hold_cut(q);
	if (q->requested_ns != rx->holdoff_ns)
		netcoal_govern_applied(q, rx->holdoff_ns,
				       timer_ns ? rx->holdoff_ns : 0);
}

static void netcoal_hold_restore(struct netcoal_device *nd)
{
	unsigned int i;

	for (i = 0; i < nd->nr_queues; i++)
		netcoal_hold_release(nd->queues[i]);
}

const struct netcoal_actuator_ops netcoal_act_hold = {
	.id		= NETCOAL_ACTUATOR_HOLD,
	.name		= "hold",
	.per_queue	= true,
	.prove		= netcoal_hold_prove,
	.most_ns	= netcoal_hold_most_ns,
	.apply_queue	= netcoal_hold_apply_queue,
	.restore	= netcoal_hold_restore,
};
