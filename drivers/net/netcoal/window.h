/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NETCOAL_WINDOW_H
#define _NETCOAL_WINDOW_H

#include <linux/time64.h>

#include "governor.h"
#include "queue.h"
#include "sense.h"

/* A governor that tests something may ask for fewer, but not for less than */
#define NETCOAL_WINDOW_LEAST		8
/* A window is worth judging after this many sequences ... */
#define NETCOAL_WINDOW_SEQUENCES	64
/* ... and not before this time, so that fast queues do not decide all day; */
#define NETCOAL_WINDOW_MIN_NS		(1 * NSEC_PER_MSEC)
/* sparse or polled-out queues are judged after this, however little came. */
#define NETCOAL_WINDOW_MAX_NS		(100 * NSEC_PER_MSEC)

/**
 * netcoal_window_due() - is the queue's window over?
 * @q: the queue
 * @st: this CPU's counters of it
 * @now_ns: local_clock()
 *
 * Asked in the packet path after a poll. Windows end only there: a queue
 * without traffic has no timer and wakes nobody.
 *
 * Return: true once a window, when it is over.
 */
static inline bool netcoal_window_due(const struct netcoal_queue *q,
				      const struct netcoal_stat *st, u64 now_ns)
{
	s64 age_ns = now_ns - READ_ONCE(q->window_start_ns);
	u32 asked = READ_ONCE(q->window_sequences);

	if (st->kicked == st->window)
		return false;
	/* Nothing is judged by it; but the device is looked at now and then. */
	if (q->tx_only)
		return age_ns >= (s64)NETCOAL_WINDOW_MAX_NS;
	if (asked && st->window_sequences >= asked)
		return true;
	if (age_ns < (s64)NETCOAL_WINDOW_MIN_NS)
		return false;
	return st->window_sequences >= NETCOAL_WINDOW_SEQUENCES ||
	       age_ns >= (s64)NETCOAL_WINDOW_MAX_NS;
}

void netcoal_window_start(struct netcoal_queue *q);
void netcoal_window_end(struct netcoal_queue *q, struct netcoal_window *win);
void netcoal_window_totals(const struct netcoal_queue *q,
			   struct netcoal_counts *sum, u64 *hardirqs);

#endif /* _NETCOAL_WINDOW_H */
