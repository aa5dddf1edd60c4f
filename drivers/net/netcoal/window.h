/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NETCOAL_WINDOW_H
#define _NETCOAL_WINDOW_H

#include <linux/jiffies.h>

#include "clock.h"
#include "governor.h"
#include "queue.h"
#include "sense.h"

/* Devices whose queues only transmit are looked at so often. */
#define NETCOAL_WINDOW_TX_JIFFIES	(HZ / 10)

/**
 * netcoal_window_due() - is the queue's window over?
 * @q: the queue
 * @st: this CPU's counters of it
 * @now: netcoal_clock()
 *
 * Asked in the packet path after a poll. Windows end only there: a queue
 * without traffic has no timer and wakes nobody.
 *
 * Return: true once a window, when it is over.
 */
static inline bool netcoal_window_due(const struct netcoal_queue *q,
				      const struct netcoal_stat *st, u64 now)
{
	s64 age = now - READ_ONCE(q->window_start);

	return st->kicked != st->window && age >= 0 &&
	       netcoal_window_over(READ_ONCE(q->window_sequences),
				   st->window_sequences, netcoal_clock_ns(age));
}

/**
 * netcoal_window_due_tx() - is it time to look after a queue's device?
 * @q: a queue that only transmits: nothing is judged by it
 * @st: this CPU's counters of it
 *
 * Return: true once a window, when it is over.
 */
static inline bool netcoal_window_due_tx(const struct netcoal_queue *q,
					 const struct netcoal_stat *st)
{
	return st->kicked != st->window &&
	       time_after_eq(jiffies, READ_ONCE(q->window_ends));
}

void netcoal_window_start(struct netcoal_queue *q);
void netcoal_window_end(struct netcoal_queue *q, struct netcoal_window *win);
void netcoal_window_totals(const struct netcoal_queue *q,
			   struct netcoal_counts *sum, u64 *hardirqs);

#endif /* _NETCOAL_WINDOW_H */
