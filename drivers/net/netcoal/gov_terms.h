/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The terms that every governor reports, with their ranges: whatever a window
 * holds, the results stay small enough that products of two of them, and of
 * one with a time up to a second, fit 64 bits.
 */
#ifndef _NETCOAL_GOV_TERMS_H
#define _NETCOAL_GOV_TERMS_H

#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/minmax.h>

#include "governor.h"

#define NETCOAL_NS_PER_SEC	1000000000ULL
#define NETCOAL_MILLI		1000U
/* No queue of any device does more; larger figures are garbage. */
#define NETCOAL_PPS_MAX		NETCOAL_NS_PER_SEC
/* Nor does any sequence find more. */
#define NETCOAL_BATCH_MAX_MILLI	1000000000U
/* A cost is under a second, or the counters lied. */
#define NETCOAL_COST_MAX_NS	1000000000U

/* Packets per second, 0 to NETCOAL_PPS_MAX. */
static inline u64 netcoal_pps(u64 packets, u64 len_ns)
{
	if (!len_ns)
		return 0;
	packets = min_t(u64, packets, U32_MAX);
	return min_t(u64, div64_u64(packets * NETCOAL_NS_PER_SEC, len_ns),
		     NETCOAL_PPS_MAX);
}

/* num * mul / den for num and den that fit 32 bits or saturate. */
static inline u32 netcoal_ratio(u64 num, u32 mul, u64 den)
{
	if (!den)
		return 0;
	num = min_t(u64, num, U32_MAX);
	return min_t(u64, div64_u64(num * mul, den), U32_MAX);
}

/* Poll sequences that found something: an empty one is not an interrupt's. */
static inline u32 netcoal_useful_sequences(const struct netcoal_window *win)
{
	if (win->sequences <= win->empty_polls)
		return min(win->packets, max_t(u32, win->sequences, 1));
	return win->sequences - win->empty_polls;
}

static inline void netcoal_terms_fill(const struct netcoal_window *win,
				      const struct netcoal_limits *lim,
				      struct netcoal_decision *d)
{
	d->pps = netcoal_pps(win->packets, win->len_ns);
	d->batch_milli = netcoal_ratio(win->packets, 1000,
				       max_t(u32, win->sequences, 1));
	d->cost_ns = netcoal_ratio(win->busy_ns, 1, win->packets);
	d->irq_cost_ns = lim->irq_cost_ns;
	d->packet_cost_ns = lim->packet_cost_ns;
}

#endif /* _NETCOAL_GOV_TERMS_H */
