/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a hold-off brings together, and how long that waits.
 *
 * Groups of packets (single ones, bursts, messages) come at a rate κ. A hold-off
 * of T sees x = κT of them. Batches are counted in groups, too, in thousandths.
 *
 *    before a batch   the hold-off begins with its first packet: a NIC's delay
 *                        batch  1 + x       mean wait  T (1 + x/2) / (1 + x)
 *    after a batch    it begins with the end of the one before: timers; or
 *                     with its interrupt, nearly the same: NICs that limit
 *                     the rate of those. One in which
 *                     nothing comes, as in e of them, hands back to the
 *                     interrupt, whose packet does not wait
 *                        batch  x + e       mean wait  T/2 x / (x + e)
 *                        e = exp(-x)
 *
 * And with a limit of N frames, before a batch (P: of Poisson arrivals)
 *
 *                  batch  1 + Σ P(≥ j)    mean wait  Σ j P(≥ j) / (κ batch)
 *                  j = 1 .. N - 1
 */
#ifndef _NETCOAL_GOV_BATCH_H
#define _NETCOAL_GOV_BATCH_H

#include <linux/types.h>

/* Above this, waiting for a number of packets is not better than for a time. */
#define NETCOAL_FEW_FRAMES	16

/**
 * enum netcoal_shape - where hold-offs seem to begin
 * @NETCOAL_SHAPE_UNKNOWN: batches fit neither
 * @NETCOAL_SHAPE_BEFORE: with a batch's first packet
 * @NETCOAL_SHAPE_AFTER: after a batch
 */
enum netcoal_shape {
	NETCOAL_SHAPE_UNKNOWN,
	NETCOAL_SHAPE_BEFORE,
	NETCOAL_SHAPE_AFTER,
};

u32 netcoal_x_milli(u64 kappa, u32 holdoff_ns);
u32 netcoal_empty_milli(u32 x);
u32 netcoal_batch_milli(u32 x, bool after);
u32 netcoal_x_of_batch(u32 batch_milli, bool after);
enum netcoal_shape netcoal_shape_of(u32 x, u32 batch_milli);
u32 netcoal_wait_ns(u64 kappa, u32 holdoff_ns, bool after);

/**
 * struct netcoal_gathered - what (hold-off, frames) bring together
 * @batch_milli: batch
 * @wait_ns: mean wait
 */
struct netcoal_gathered {
	u32 batch_milli;
	u32 wait_ns;
};

void netcoal_gather(u64 kappa, u32 holdoff_ns, u32 frames,
		    struct netcoal_gathered *g);

#endif /* _NETCOAL_GOV_BATCH_H */
