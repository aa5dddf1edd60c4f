// SPDX-License-Identifier: GPL-2.0
/*
 * Slices: how much a device over its CPU cap may do at once.
 *
 * A long hold lets the ring fill up, and what then follows takes all that is in
 * it. The device costs no more than its cap, but whoever needs the CPU at that
 * time waits for a whole ring. So a capped NAPI that is held gets a small budget,
 * and a poll that used it up is followed by a hold, too:
 *
 *    timer  poll         timer  poll         timer  poll
 *    --|----[####]~~~~~~~~~|----[####]~~~~~~~~~|----[##]~~~~~~~~~
 *
 * After such a poll the NAPI is still the softirq's, which would poll it again.
 * A NAPI that is being busy-polled it leaves to the poller, who will be back. So
 * that is what this one looks like until its timer runs. Nothing else differs: it
 * keeps SCHED, as in any hold.
 *
 * Packets that GRO has kept would stay there meanwhile, and small budgets leave it
 * nothing to merge. A NAPI with such is polled again at once, with the driver's
 * budget.
 */
#include <linux/interrupt.h>
#include <linux/netdevice.h>
#include <linux/percpu.h>
#include <linux/rtnetlink.h>

#include "device.h"
#include "queue.h"
#include "slice.h"

/* Polls that GRO has with the driver's budget when it was found to merge. */
#define NETCOAL_SLICE_GRO_POLLS		128

/* Threads and preemptible softirqs go on by themselves. */
static bool netcoal_slice_is_softirq(const struct napi_struct *napi)
{
	return !IS_ENABLED(CONFIG_PREEMPT_RT) &&
	       !test_bit(NAPI_STATE_THREADED, &napi->state);
}

/**
 * netcoal_slice_budget() - give a NAPI the budget that it shall have
 * @slice: its slices
 * @napi: the NAPI, just polled
 * @held: may a hold follow?
 */
void netcoal_slice_budget(struct netcoal_slice *slice, struct napi_struct *napi,
			  bool held)
{
	u32 want = READ_ONCE(slice->want);
	int weight;

	if (!held || !netcoal_slice_is_softirq(napi))
		want = 0;
	if (want && slice->gro) {
		slice->gro--;
		want = 0;
	}
	weight = want ? min_t(u32, want, slice->weight) : slice->weight;
	if (likely(slice->now == want && (!slice->touched || napi->weight == weight)))
		return;
	slice->touched = true;
	slice->now = want;
	WRITE_ONCE(napi->weight, weight);
}

/* The softirq's, which is on its way to poll it once more, and nobody else's. */
static bool netcoal_slice_is_free(const struct napi_struct *napi)
{
	const unsigned long taken = NAPIF_STATE_DISABLE | NAPIF_STATE_NPSVC |
				    NAPIF_STATE_IN_BUSY_POLL |
				    NAPIF_STATE_PREFER_BUSY_POLL;

	/* a driver that rescheduled within its poll is on the list again */
	return in_serving_softirq() && netcoal_slice_is_softirq(napi) &&
	       list_empty(&napi->poll_list) &&
	       (READ_ONCE(napi->state) & (taken | NAPIF_STATE_SCHED)) == NAPIF_STATE_SCHED;
}

/**
 * netcoal_slice_take() - take a NAPI after a full poll
 * @q: its queue
 * @napi: the NAPI
 *
 * Return: true if it is the caller's now, to be run from a timer.
 */
bool netcoal_slice_take(struct netcoal_queue *q, struct napi_struct *napi)
{
	if (!READ_ONCE(q->hold.slice.want) || !netcoal_slice_is_free(napi))
		return false;
	if (napi->gro_bitmask)
		q->hold.slice.gro = NETCOAL_SLICE_GRO_POLLS;
	if (napi->gro_bitmask || napi->rx_count)
		return false;
	q->hold.slice.open = 2;
	this_cpu_ptr(q->stat)->run = 0;
	set_bit(NAPI_STATE_IN_BUSY_POLL, &napi->state);
	set_bit(NAPI_STATE_PREFER_BUSY_POLL, &napi->state);
	return true;
}

/**
 * netcoal_slice_too_early() - may the softirq that polled still be at it?
 * @slice: slices of a NAPI whose timer runs
 *
 * It has a few instructions to go. So whoever is interrupted the second time is
 * another one.
 *
 * Return: true if the timer shall run again a little later.
 */
bool netcoal_slice_too_early(struct netcoal_slice *slice)
{
	if (likely(slice->open < 2) || !in_serving_softirq())
		return false;
	slice->open = 1;
	return true;
}

/**
 * netcoal_slice_settle() - wait until the softirq that polled is done
 * @slice: slices of a NAPI whose timer was taken away before it ran
 */
void netcoal_slice_settle(const struct netcoal_slice *slice)
{
	if (slice->open)
		synchronize_net();
}

/**
 * netcoal_slice_end() - make a NAPI look as any other that is scheduled
 * @slice: its slices
 * @napi: the NAPI, whose SCHED is the caller's
 */
void netcoal_slice_end(struct netcoal_slice *slice, struct napi_struct *napi)
{
	if (likely(!slice->open))
		return;
	slice->open = 0;
	clear_bit(NAPI_STATE_PREFER_BUSY_POLL, &napi->state);
	clear_bit(NAPI_STATE_IN_BUSY_POLL, &napi->state);
}

/**
 * netcoal_slice_release() - give the driver's budget back
 * @q: a queue that is not held, and that no probe sees any more
 *
 * The NAPI may be gone; else it is in its device's list, under rtnl.
 */
void netcoal_slice_release(struct netcoal_queue *q)
{
	struct netcoal_slice *slice = &q->hold.slice;
	struct napi_struct *napi;

	if (!slice->touched)
		return;
	ASSERT_RTNL();
	rcu_read_lock();
	list_for_each_entry_rcu(napi, &q->device->netdev->napi_list, dev_list)
		if (napi == q->napi)
			WRITE_ONCE(napi->weight, slice->weight);
	rcu_read_unlock();
	slice->now = 0;
}
