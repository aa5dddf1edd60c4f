/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NETCOAL_ACT_HOLD_H
#define _NETCOAL_ACT_HOLD_H

#include <linux/netdevice.h>

#include "queue.h"

void netcoal_hold_init(struct netcoal_queue *q);
void netcoal_hold_look(struct netcoal_queue *q);
void netcoal_hold_release(struct netcoal_queue *q);
void __netcoal_hold_after_poll(struct netcoal_queue *q, struct napi_struct *napi,
			       int work, int budget);

/**
 * netcoal_hold_wants() - may a poll have to be followed by a hold, or end one?
 * @q: the queue
 *
 * Return: false if netcoal_hold_after_poll() would do nothing.
 */
static inline bool netcoal_hold_wants(const struct netcoal_queue *q)
{
	return READ_ONCE(q->hold.holdoff_ns) | READ_ONCE(q->hold.evtchn.masked) |
	       READ_ONCE(q->hold.slice.want) | q->hold.slice.now;
}

/**
 * netcoal_hold_after_poll() - hold a NAPI after a poll, if that is due
 * @q: its queue
 * @napi: the NAPI, just polled
 * @work: what the poll reported
 * @budget: what it was given
 *
 * Called by the probe with preemption off.
 */
static inline void netcoal_hold_after_poll(struct netcoal_queue *q,
					   struct napi_struct *napi,
					   int work, int budget)
{
	if (netcoal_hold_wants(q))
		__netcoal_hold_after_poll(q, napi, work, budget);
}

#endif /* _NETCOAL_ACT_HOLD_H */
