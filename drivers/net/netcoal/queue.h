/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NETCOAL_QUEUE_H
#define _NETCOAL_QUEUE_H

#include <linux/cpumask.h>
#include <linux/hrtimer.h>
#include <linux/percpu.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "evtchn.h"
#include "governor.h"
#include "sense.h"
#include "share.h"
#include "slice.h"

struct netcoal_device;
struct netcoal_knobs;

/**
 * struct netcoal_hold - the hold actuator's state of one queue
 * @timer: runs the NAPI when the hold ends
 * @holdoff_ns: how long to hold after a poll, 0 to let go
 * @slice: how much is done at once
 * @since_gap: holds since the NAPI was last left free on purpose
 * @found: the last poll found work, and another one follows at once
 * @busy_polled: @busy_polled_at means something
 * @next_gap: jiffies when it is left free again at the latest, low bits
 * @busy_polled_at: likewise, when a socket last did
 * @evtchn: the event channel that is masked meanwhile, if there is one
 *
 * All but @timer and @holdoff_ns belong to whoever polls the NAPI.
 */
struct netcoal_hold {
	struct hrtimer timer;
	u32 holdoff_ns;
	struct netcoal_slice slice;
	u32 since_gap;
	bool found;
	bool busy_polled;
	u32 next_gap;
	u32 busy_polled_at;
	struct netcoal_evtchn evtchn;
};

/**
 * struct netcoal_mark - what was counted when a window began
 * @busy: as in struct netcoal_counts
 * @packets: likewise, but for the low bits, as the others: no window is so long
 *	that they go around
 * @polls: likewise
 * @empty_polls: likewise
 * @full_polls: likewise
 * @sequences: likewise
 * @hardirqs: interrupts
 */
struct netcoal_mark {
	u64 busy;
	u32 packets;
	u32 polls;
	u32 empty_polls;
	u32 full_polls;
	u32 sequences;
	u32 hardirqs;
};

/**
 * struct netcoal_queue - one NAPI of a governed device
 * @node: in the hash that probes find queues by, by @napi
 * @napi: the NAPI; compared by probes, followed only by who holds its SCHED
 * @netdev: the device; compared by probes, never followed by them
 * @device: whose it is
 * @stat: counters, per CPU
 * @cpus: CPUs that ever polled it; bits are only set
 * @tx_only: the NAPI only cleans transmit rings, and reports no work; its polls
 *	are counted, but take no time
 * @anew: targets changed so much that its governor has to begin anew
 * @rxq: receive queue that it serves, -1 if not known
 * @window: number of the present window, never 0; a queue that is @tx_only has
 *	none
 * @window_start: netcoal_clock() when it began
 * @window_sequences: sequences that the window shall have, if the governor
 *	asked for a number
 * @usual_ns: how long the NETCOAL_WINDOW_CALM sequences usually take; 0 where
 *	the window shall have what was asked for, and not more
 * @usual_packets: packets that they usually bring
 * @hold: the hold actuator's
 * @work: judges a window
 * @mark: running sums when the window began
 * @mark_ns: ktime when the window began
 * @mark_squares: squares when the window began, low bits
 * @unsettled: a change took effect within the present window
 * @lock: protects @decision, @judged_jiffies, @windows, @changes and @claim
 * @gov: the receive governor; only @work touches it
 * @governor: the one that it should be, written under rtnl
 * @own: limits of the queue's own policy, or NULL; under its device's lock
 * @decision: the last decision, with all terms
 * @napi_id: the kernel's ID, 0 if none
 * @judged_jiffies: when that was, low bits
 * @windows: windows judged
 * @changes: times that the setting changed
 * @claim: on a path's latency
 * @requested_ns: hold-off last written, under rtnl or by @work (hold)
 * @effective_ns: hold-off that reads back, likewise
 * @index: place among the device's NAPIs
 * @irq: its interrupt, 0 if not known
 * @first_hardirqs: interrupts when it was taken over
 * @knobs: ethtool-queue's, allocated by that actuator
 */
struct netcoal_queue {
	/* read by the probe, written seldom; one cache line */
	struct hlist_node node;
	struct napi_struct *napi;
	const struct net_device *netdev;
	struct netcoal_stat __percpu *stat;
	bool tx_only;
	bool anew;
	s16 rxq;
	u32 window;
	u64 window_start;
	u32 window_sequences;
	u32 usual_ns;

	/* written by who polls, @work once a window; two cache lines */
	struct netcoal_hold hold ____cacheline_aligned;
	struct work_struct work;

	/* control side */
	struct netcoal_device *device;
	cpumask_var_t cpus;
	struct netcoal_mark mark;
	u64 mark_ns;
	u32 mark_squares;
	u32 usual_packets;
	int unsettled;
	spinlock_t lock;	/* @decision to @claim */
	struct netcoal_gov gov;
	const struct netcoal_gov_ops *governor;
	const struct netcoal_limits *own;

	struct netcoal_decision decision;
	unsigned int napi_id; /* not under @lock */
	u32 judged_jiffies;
	u64 windows;
	u64 changes;
	struct netcoal_claim claim;
	u32 requested_ns;
	u32 effective_ns;

	unsigned int index;
	unsigned int irq;
	u64 first_hardirqs;
	struct netcoal_knobs *knobs;
};

extern struct workqueue_struct *netcoal_wq;

/* What was judged before says nothing of now. */
#define NETCOAL_FRESH_JIFFIES	(2 * HZ)

/**
 * netcoal_queue_is_fresh() - was a queue judged lately?
 * @q: the queue, which was judged before
 *
 * Return: true if so; and of one that was silent for 2^32 jiffies for that long again.
 */
static inline bool netcoal_queue_is_fresh(const struct netcoal_queue *q)
{
	return (u32)jiffies - READ_ONCE(q->judged_jiffies) < NETCOAL_FRESH_JIFFIES;
}

/**
 * netcoal_queue_seen_here() - note that this CPU polled a queue
 * @q: the queue
 *
 * Called in the packet path once a window, with preemption off.
 */
static inline void netcoal_queue_seen_here(struct netcoal_queue *q)
{
	if (unlikely(!cpumask_test_cpu(smp_processor_id(), q->cpus)))
		cpumask_set_cpu(smp_processor_id(), q->cpus);
}

struct netcoal_queue *netcoal_queue_new(struct netcoal_device *nd, unsigned int index);
void netcoal_queue_watch(struct netcoal_queue *q, struct napi_struct *napi);
void netcoal_queue_start(struct netcoal_queue *q);
void netcoal_queue_begin_anew(struct netcoal_queue *q);
void netcoal_queue_clamp(struct netcoal_queue *q);
void netcoal_queue_free(struct netcoal_queue *q);
void netcoal_queue_kick(struct netcoal_queue *q, struct netcoal_stat *st);
void netcoal_queue_report(struct netcoal_queue *q, struct netcoal_decision *d,
			  u64 *windows, u64 *changes);
int netcoal_queue_init(void);
void netcoal_queue_exit(void);

#endif /* _NETCOAL_QUEUE_H */
