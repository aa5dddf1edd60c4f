// SPDX-License-Identifier: GPL-2.0
/*
 * Queues: one governed NAPI each. When the probe finds a window over, a work
 * on the same CPU closes it, asks the governor and hands the answer on: at
 * once where the actuator needs no lock (hold), else to the device's work.
 */
#include <linux/module.h>
#include <linux/slab.h>

#include "act_hold.h"
#include "actuator.h"
#include "compat.h"
#include "device.h"
#include "gov_terms.h"
#include "govern.h"
#include "netlink.h"
#include "policy.h"
#include "queue.h"
#include "trace.h"
#include "turn.h"
#include "window.h"

struct workqueue_struct *netcoal_wq;
/* A cache of their own: a queue is a little over the half of a kmalloc size. */
static struct kmem_cache *netcoal_queue_cache;

/* A cap is only compared as windows end, so calm ones would have it wait. */
static u32 netcoal_queue_sequences(const struct netcoal_queue *q, u32 next_sequences)
{
	return READ_ONCE(q->device->cap.percent) && next_sequences >= NETCOAL_WINDOW_CALM ?
	       0 : next_sequences;
}

/* What a queue does while another one decides; of what it knows nothing changes. */
static void netcoal_queue_listen(struct netcoal_queue *q, const struct netcoal_window *win,
				 const struct netcoal_limits *lim, struct netcoal_decision *d)
{
	struct netcoal_decision now;

	netcoal_terms_fill(win, lim, &now);
	spin_lock(&q->lock);
	*d = q->decision;
	spin_unlock(&q->lock);
	d->pps = now.pps;
	d->batch_milli = now.batch_milli;
	d->cost_ns = now.cost_ns;
	d->next_sequences = 0;
	d->trying = false;
}

static void netcoal_queue_decide(struct netcoal_queue *q, struct netcoal_window *win,
				 const struct netcoal_limits *lim, struct netcoal_decision *d)
{
	netcoal_gov_decide(&q->gov, win, lim, d);
	q->gov.setting = d->setting;
	if (d->verdict == NETCOAL_VERDICT_SETTLE)
		d->closed = q->decision.closed;
	if (READ_ONCE(q->device->cap.floor_ns) &&
	    d->setting.holdoff_ns < lim->holdoff_min_ns + lim->step_ns)
		d->verdict = NETCOAL_VERDICT_CAP;
}

static bool netcoal_queue_judge(struct netcoal_queue *q,
				struct netcoal_window *win,
				struct netcoal_decision *d)
{
	const struct netcoal_gov_ops *governor = READ_ONCE(q->governor);
	struct netcoal_setting before;
	struct netcoal_limits lim;
	bool changed;

	netcoal_govern_queue_limits(q, &lim);
	if (q->gov.ops != governor || READ_ONCE(q->anew)) {
		WRITE_ONCE(q->anew, false);
		netcoal_gov_init(&q->gov, governor, &lim);
		win->settled = false;
	}
	/* Held off for what is sent, what is received tells nothing. */
	if (netcoal_turn_has(q) && !READ_ONCE(q->device->tx_side.rides))
		netcoal_queue_decide(q, win, &lim, d);
	else
		netcoal_queue_listen(q, win, &lim, d);
	netcoal_window_expect(q, win, netcoal_queue_sequences(q, d->next_sequences));

	spin_lock(&q->lock);
	/* not what the governor had: netcoal_queue_clamp() may have changed that */
	before = q->decision.setting;
	changed = before.holdoff_ns != d->setting.holdoff_ns ||
		  before.frames != d->setting.frames;
	q->decision = *d;
	q->judged_jiffies = (u32)jiffies;
	q->windows++;
	q->changes += changed;
	netcoal_claim_note(&q->claim, d);
	spin_unlock(&q->lock);
	return changed;
}

static void netcoal_queue_work(struct work_struct *work)
{
	struct netcoal_queue *q = container_of(work, struct netcoal_queue, work);
	struct netcoal_device *nd = q->device;
	struct netcoal_decision d;
	struct netcoal_window win;
	bool changed;

	netcoal_window_end(q, &win);
	if (!win.packets) {
		netcoal_window_next(q);
		netcoal_govern_kick(nd, false);
		return;
	}

	changed = netcoal_queue_judge(q, &win, &d);
	netcoal_window_next(q);
	trace_decision(q, &win, &d, changed);
	if (changed)
		netcoal_nl_decision(q, &d);
	if (changed && nd->actuator->apply_queue) {
		nd->actuator->apply_queue(q, &d.setting);
		changed = false;
	}
	netcoal_govern_kick(nd, changed || netcoal_turn_due(nd));
}

/**
 * netcoal_queue_kick() - have a window judged
 * @q: the queue
 * @st: this CPU's counters of it
 *
 * Called in the packet path once a window, with preemption off. The work is
 * queued on this CPU, near the NAPI, on a list that no other CPU uses.
 */
void netcoal_queue_kick(struct netcoal_queue *q, struct netcoal_stat *st)
{
	st->kicked = true;
	st->due = 0;
	queue_work_on(smp_processor_id(), netcoal_wq, &q->work);
}

/**
 * netcoal_queue_report() - what a queue last decided, as a whole
 * @q: the queue
 * @d: gets the decision
 * @windows: gets the windows judged
 * @changes: gets the times that the setting changed
 */
void netcoal_queue_report(struct netcoal_queue *q, struct netcoal_decision *d,
			  u64 *windows, u64 *changes)
{
	spin_lock(&q->lock);
	*d = q->decision;
	*windows = q->windows;
	*changes = q->changes;
	spin_unlock(&q->lock);
}

/**
 * netcoal_queue_new() - make the state of a NAPI
 * @nd: the device
 * @index: the NAPI's place among those of the device
 *
 * Return: the queue, seen by nobody yet and without its NAPI, or NULL.
 */
struct netcoal_queue *netcoal_queue_new(struct netcoal_device *nd, unsigned int index)
{
	int node = dev_to_node(&nd->netdev->dev);
	struct netcoal_queue *q;

	q = kmem_cache_alloc_node(netcoal_queue_cache, GFP_KERNEL_ACCOUNT | __GFP_ZERO, node);
	if (!q)
		return NULL;
	q->stat = alloc_percpu_gfp(struct netcoal_stat, GFP_KERNEL_ACCOUNT);
	if (!q->stat || !zalloc_cpumask_var_node(&q->cpus, GFP_KERNEL, node)) {
		free_percpu(q->stat);
		kmem_cache_free(netcoal_queue_cache, q);
		return NULL;
	}

	q->netdev = nd->netdev;
	q->device = nd;
	q->index = index;
	q->rxq = -1;
	spin_lock_init(&q->lock);
	INIT_WORK(&q->work, netcoal_queue_work);
	netcoal_hold_init(q);
	return q;
}

/**
 * netcoal_queue_watch() - give a new queue its NAPI
 * @q: the queue
 * @napi: the NAPI, in its device's list
 *
 * Called under rtnl and RCU, for a driver that resets may take the NAPI off without rtnl.
 */
void netcoal_queue_watch(struct netcoal_queue *q, struct napi_struct *napi)
{
	q->napi = napi;
	/* netif_napi_add_tx(): nobody could busy-poll for received packets. */
	q->tx_only = test_bit(NAPI_STATE_NO_BUSY_POLL, &napi->state);
	q->irq = netcoal_napi_irq(napi);
	q->napi_id = napi->napi_id;
	netcoal_hold_look(q);
	if (!q->irq)
		q->irq = q->hold.evtchn.irq;
}

/**
 * netcoal_queue_start() - get a new queue ready for its first window
 * @q: the queue; its device has an actuator, no probe sees it yet
 */
void netcoal_queue_start(struct netcoal_queue *q)
{
	struct netcoal_limits lim;

	netcoal_govern_queue_limits(q, &lim);
	netcoal_gov_init(&q->gov, q->governor, &lim);
	q->decision.setting = q->gov.setting;
	q->judged_jiffies = (u32)jiffies;
	netcoal_window_start(q);
}

/**
 * netcoal_queue_begin_anew() - forget what was found under other targets
 * @q: the queue, whose governor does so with its next window
 */
void netcoal_queue_begin_anew(struct netcoal_queue *q)
{
	spin_lock(&q->lock);
	q->decision.closed = false;
	spin_unlock(&q->lock);
	WRITE_ONCE(q->anew, true);
}

/**
 * netcoal_queue_clamp() - keep a queue's setting within changed limits
 * @q: the queue
 *
 * The governor catches up at the next window; an idle queue has none.
 */
void netcoal_queue_clamp(struct netcoal_queue *q)
{
	struct netcoal_limits lim;
	struct netcoal_setting now;

	netcoal_govern_queue_limits(q, &lim);
	spin_lock(&q->lock);
	netcoal_gov_bound(&q->decision.setting, &lim);
	now = q->decision.setting;
	spin_unlock(&q->lock);
	if (q->device->actuator->apply_queue && !q->tx_only)
		q->device->actuator->apply_queue(q, &now);
}

/**
 * netcoal_queue_free() - free a queue that no probe sees any more
 * @q: the queue, or NULL
 *
 * Waits for its work and ends a hold, so it sleeps.
 */
void netcoal_queue_free(struct netcoal_queue *q)
{
	if (!q)
		return;
	cancel_work_sync(&q->work);
	netcoal_hold_release(q);
	kfree(q->knobs);
	free_cpumask_var(q->cpus);
	free_percpu(q->stat);
	kmem_cache_free(netcoal_queue_cache, q);
}

int netcoal_queue_init(void)
{
	netcoal_queue_cache = KMEM_CACHE(netcoal_queue, SLAB_HWCACHE_ALIGN);
	if (!netcoal_queue_cache)
		return -ENOMEM;
	netcoal_wq = alloc_workqueue("netcoal", WQ_FREEZABLE, 0);
	if (!netcoal_wq)
		kmem_cache_destroy(netcoal_queue_cache);
	return netcoal_wq ? 0 : -ENOMEM;
}

void netcoal_queue_exit(void)
{
	destroy_workqueue(netcoal_wq);
	kmem_cache_destroy(netcoal_queue_cache);
}
