/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NETCOAL_WINDOW_H
#define _NETCOAL_WINDOW_H

#include "clock.h"
#include "governor.h"
#include "queue.h"
#include "sense.h"

/**
 * netcoal_window_due() - has the probe to look after the window?
 * @st: this CPU's counters of the queue
 * @now: netcoal_clock()
 *
 * Asked in the packet path after a poll. Windows end only there: a queue
 * without traffic has no timer and wakes nobody.
 *
 * Return: true if netcoal_window_look() is to be called.
 */
static inline bool netcoal_window_due(const struct netcoal_stat *st, u64 now)
{
	return unlikely((u32)st->sequences == st->enough || now >= st->due);
}

bool netcoal_window_look(struct netcoal_queue *q, struct netcoal_stat *st, u64 now);
void netcoal_window_start(struct netcoal_queue *q);
void netcoal_window_end(struct netcoal_queue *q, struct netcoal_window *win);
void netcoal_window_expect(struct netcoal_queue *q, const struct netcoal_window *win,
			   u32 next_sequences);
void netcoal_window_next(struct netcoal_queue *q);
u32 netcoal_window_polled(const struct netcoal_queue *q, u32 *received);
void netcoal_window_totals(const struct netcoal_queue *q,
			   struct netcoal_counts *sum, u64 *hardirqs);

#endif /* _NETCOAL_WINDOW_H */
