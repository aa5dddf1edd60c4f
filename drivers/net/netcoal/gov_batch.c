// SPDX-License-Identifier: GPL-2.0
/*
 * What a hold-off brings together, and how long that waits: see gov_batch.h.
 *
 * x, batches and e are in thousandths, up to 1e9; times in ns up to a second;
 * probabilities in 2^-24, and in 2^-48 where they are added up.
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/minmax.h>

#include "gov_batch.h"
#include "gov_terms.h"

#define X_MAX_MILLI	1000000000U
/* Where exp(-x) is nothing. */
#define X_DENSE_MILLI	12000
#define ONE		16777216U
#define ONE_FINE	((u64)ONE * ONE)

/* exp(-x) = (1 - y + y^2/2)^256 with y = x/256, in 2^-24. */
static u32 exp_minus(u32 x)
{
	u64 p, y;
	int i;

	if (x >= X_DENSE_MILLI)
		return 0;
	y = div_u64((u64)x * (ONE / 256), NETCOAL_MILLI);
	p = ONE - y + (y * y >> 25);
	for (i = 0; i < 8; i++)
		p = (p * p) >> 24;
	return p;
}

/**
 * netcoal_x_milli() - groups that come within a hold-off
 * @kappa: groups per second, up to NETCOAL_PPS_MAX
 * @holdoff_ns: hold-off, up to a second
 *
 * Return: x in thousandths.
 */
u32 netcoal_x_milli(u64 kappa, u32 holdoff_ns)
{
	return min_t(u64, div_u64(kappa * holdoff_ns,
				  NETCOAL_NS_PER_SEC / NETCOAL_MILLI),
		     X_MAX_MILLI);
}

/**
 * netcoal_empty_milli() - hold-offs after a batch in which nothing comes
 * @x: groups that come within a hold-off, in thousandths
 *
 * Return: e in thousandths.
 */
u32 netcoal_empty_milli(u32 x)
{
	return ((u64)exp_minus(x) * NETCOAL_MILLI) >> 24;
}

/**
 * netcoal_batch_milli() - groups that a hold-off brings together
 * @x: groups that come within it, in thousandths
 * @after: it begins after a batch
 *
 * Return: the batch in thousandths, at least 1000.
 */
u32 netcoal_batch_milli(u32 x, bool after)
{
	return max_t(u32, after ? x + netcoal_empty_milli(x) : NETCOAL_MILLI + x,
		     NETCOAL_MILLI);
}

/**
 * netcoal_x_of_batch() - the inverse of netcoal_batch_milli()
 * @batch_milli: batch in groups, in thousandths
 * @after: the hold-off begins after a batch
 *
 * Return: x in thousandths.
 */
u32 netcoal_x_of_batch(u32 batch_milli, bool after)
{
	u32 x = batch_milli;
	int i;

	if (batch_milli <= NETCOAL_MILLI)
		return 0;
	if (!after)
		return batch_milli - NETCOAL_MILLI;
	for (i = 0; i < 8; i++)
		x = batch_milli - netcoal_empty_milli(x);
	return x;
}

/**
 * netcoal_shape_of() - where does a hold-off begin that brings such a batch?
 * @x: groups that come within it, in thousandths
 * @batch_milli: the batch in groups, in thousandths
 *
 * Return: which of the two it is close to.
 */
enum netcoal_shape netcoal_shape_of(u32 x, u32 batch_milli)
{
	u32 before = netcoal_batch_milli(x, false), after = netcoal_batch_milli(x, true);
	u32 near = (before - after) / 4;

	if (batch_milli < after + near)
		return NETCOAL_SHAPE_AFTER;
	return batch_milli > before - near ? NETCOAL_SHAPE_BEFORE : NETCOAL_SHAPE_UNKNOWN;
}

/**
 * netcoal_wait_ns() - how long a packet waits on average
 * @kappa: groups per second, up to NETCOAL_PPS_MAX
 * @holdoff_ns: hold-off, up to a second
 * @after: it begins after a batch
 *
 * Return: D(T), at most @holdoff_ns.
 */
u32 netcoal_wait_ns(u64 kappa, u32 holdoff_ns, bool after)
{
	u64 x = netcoal_x_milli(kappa, holdoff_ns);

	if (after)
		return div64_u64(holdoff_ns * x,
				 2 * max_t(u64, x + netcoal_empty_milli(x), 1));
	return div64_u64(holdoff_ns * (2 * NETCOAL_MILLI + x),
			 2 * (NETCOAL_MILLI + x));
}

/**
 * netcoal_gather() - what a hold-off that frames may end brings together
 * @kappa: groups per second, up to NETCOAL_PPS_MAX
 * @holdoff_ns: hold-off before a batch, up to a second
 * @frames: groups that end it early, 1 to NETCOAL_FEW_FRAMES
 * @g: gets batch and mean wait
 */
void netcoal_gather(u64 kappa, u32 holdoff_ns, u32 frames,
		    struct netcoal_gathered *g)
{
	/* Of 2^-24 too little is left where as few as these frames are rare. */
	u32 x = netcoal_x_milli(kappa, holdoff_ns), j;
	u64 exactly = (u64)exp_minus(x / 2) * exp_minus(x - x / 2);
	u64 least = ONE_FINE - exactly, batch = ONE_FINE, waits = 0;

	for (j = 1; j < frames; j++) {
		batch += least;
		waits += j * least;
		exactly = exactly ? div_u64(exactly * x, j * NETCOAL_MILLI) : 0;
		least -= min(least, exactly);
	}
	batch >>= 24;
	waits >>= 24;
	g->batch_milli = (batch * NETCOAL_MILLI) >> 24;
	g->wait_ns = min_t(u64, holdoff_ns,
			   div64_u64((waits * NETCOAL_NS_PER_SEC) >> 24,
				     max_t(u64, (kappa * batch) >> 24, 1)));
}
