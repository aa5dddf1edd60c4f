/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sums of windows that had the same setting; old ones fade.
 */
#ifndef _NETCOAL_GOV_SUMS_H
#define _NETCOAL_GOV_SUMS_H

#include "gov_batch.h"
#include "governor.h"

/**
 * struct netcoal_sums - windows of one setting, summed
 * @ns: their length
 * @cpu_ns: time their CPUs were not idle
 * @busy_ns: time spent polling
 * @packets: packets
 * @squares: of the sequences' packets
 * @sequences: useful poll sequences
 * @empty: poll sequences that found nothing
 * @windows: how many
 * @starved: of these, 7 at most, in which the CPUs had no time left
 * @shared: likewise in which other queues were polled on the same CPUs
 * @longest: packets of a usual window's longest sequence, in eighths, a running mean; 0 if
 *	not known
 */
struct netcoal_sums {
	u64 ns;
	u64 cpu_ns;
	u64 busy_ns;
	u64 squares;
	u32 packets;
	u32 sequences;
	u32 empty;
	u32 windows:10;
	u32 starved:3;
	u32 shared:3;
	u32 longest:16;
};

void netcoal_sums_clear(struct netcoal_sums *s);
void netcoal_sums_add(struct netcoal_sums *s, const struct netcoal_window *win,
		      u32 remember);
u64 netcoal_sums_pps(const struct netcoal_sums *s);
u32 netcoal_sums_batch(const struct netcoal_sums *s);
u32 netcoal_sums_deviation(const struct netcoal_sums *s);
u32 netcoal_sums_longest(const struct netcoal_sums *s);
u32 netcoal_sums_busy(const struct netcoal_sums *s);
u32 netcoal_sums_empty(const struct netcoal_sums *s);
enum netcoal_shape netcoal_sums_shape(const struct netcoal_sums *s, u32 holdoff_ns,
				      u32 base_milli);
u32 netcoal_sums_fell(const struct netcoal_sums *base, const struct netcoal_sums *held,
		      u32 tenths);

#endif /* _NETCOAL_GOV_SUMS_H */
