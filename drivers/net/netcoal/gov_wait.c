// SPDX-License-Identifier: GPL-2.0
/*
 * How long packets wait for a hold-off, and which one waits so long: see
 * gov_wait.h. Times in ns up to a second, batches in thousandths.
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/minmax.h>

#include "gov_batch.h"
#include "gov_terms.h"
#include "gov_wait.h"

/* Such batches without hold-off are trains. */
#define TRAIN_MILLI	2000
/* A hold-off of so many times what frames take to come never ends before them. */
#define FEW_TIMES	4

static bool are_trains(const struct netcoal_coming *c)
{
	return c->base_milli >= TRAIN_MILLI;
}

static u64 pps_of(const struct netcoal_coming *c)
{
	return min_t(u64, div_u64(c->kappa * c->base_milli, NETCOAL_MILLI), NETCOAL_PPS_MAX);
}

/* Those that came while the interrupt was taken are of the batch, and did not wait. */
static u32 shared_wait(const struct netcoal_coming *c, u32 wait_ns, u32 batch_milli)
{
	return div_u64((u64)wait_ns * batch_milli, batch_milli + c->base_milli - NETCOAL_MILLI);
}

static u32 wait_by_time(const struct netcoal_coming *c, u32 holdoff_ns)
{
	u64 pps = pps_of(c);
	u32 batch;

	if (c->after || are_trains(c))
		return netcoal_wait_ns(c->kappa, holdoff_ns, c->after);
	batch = netcoal_batch_milli(netcoal_x_milli(pps, holdoff_ns), false);
	return shared_wait(c, netcoal_wait_ns(pps, holdoff_ns, false), batch);
}

/* Of trains the last may be only begun when there are enough frames: it waits, too. */
static void gather(const struct netcoal_coming *c, const struct netcoal_setting *set,
		   struct netcoal_gathered *g)
{
	if (are_trains(c)) {
		netcoal_gather(c->kappa, set->holdoff_ns,
			       DIV_ROUND_UP(set->frames * NETCOAL_MILLI, c->base_milli), g);
		return;
	}
	netcoal_gather(pps_of(c), set->holdoff_ns, set->frames, g);
	g->wait_ns = shared_wait(c, g->wait_ns, g->batch_milli);
}

/**
 * netcoal_wait_of() - how long a packet waits on average
 * @c: how packets come
 * @set: hold-off up to a second; frames above NETCOAL_FEW_FRAMES are taken for none
 *
 * Return: at most the hold-off.
 */
u32 netcoal_wait_of(const struct netcoal_coming *c, const struct netcoal_setting *set)
{
	struct netcoal_gathered g;

	if (set->frames > NETCOAL_FEW_FRAMES)
		return wait_by_time(c, set->holdoff_ns);
	gather(c, set, &g);
	return g.wait_ns;
}

/* The longest hold-off of a setting whose mean wait is as long, to 4096th of @most_ns. */
static u32 longest(const struct netcoal_coming *c, u32 wait_ns, u32 most_ns, u32 frames)
{
	struct netcoal_setting set = { most_ns, frames };
	u32 low = 0, high = most_ns;
	int i;

	if (netcoal_wait_of(c, &set) <= wait_ns)
		return most_ns;
	for (i = 0; i < 12; i++) {
		set.holdoff_ns = low + (high - low) / 2;
		if (netcoal_wait_of(c, &set) <= wait_ns)
			low = set.holdoff_ns;
		else
			high = set.holdoff_ns;
	}
	return low;
}

/**
 * netcoal_wait_time() - the hold-off by time alone that waits so long
 * @c: how packets come
 * @wait_ns: mean wait
 * @most_ns: longest hold-off of interest, up to a second
 *
 * Return: the hold-off, to 4096th of @most_ns, rounded down.
 */
u32 netcoal_wait_time(const struct netcoal_coming *c, u32 wait_ns, u32 most_ns)
{
	return longest(c, wait_ns, most_ns, U32_MAX);
}

/* Frames that are there with so many packets, or when the last of so many trains begins. */
static u32 frames_of(const struct netcoal_coming *c, u32 n)
{
	if (!are_trains(c))
		return n;
	return min_t(u64, div_u64((u64)n * c->base_milli, NETCOAL_MILLI), U32_MAX);
}

/* The least packets or trains that wait so long if nothing else ends the hold-off. */
static u32 least(const struct netcoal_coming *c, u32 wait_ns)
{
	struct netcoal_setting set = { .holdoff_ns = NETCOAL_NS_PER_SEC };
	u32 n;

	for (n = 2; n <= NETCOAL_FEW_FRAMES; n++) {
		set.frames = frames_of(c, n);
		if (set.frames > NETCOAL_FEW_FRAMES || netcoal_wait_of(c, &set) >= wait_ns)
			break;
	}
	return n;
}

/* The time that trims what frames alone would wait too long; returns the batch. */
static u32 trim(const struct netcoal_coming *c, u32 wait_ns, u32 most_ns,
		struct netcoal_setting *few)
{
	u64 enough = div64_u64((u64)FEW_TIMES * few->frames * NETCOAL_NS_PER_SEC,
			       max_t(u64, pps_of(c), 1));
	struct netcoal_gathered g;

	few->holdoff_ns = longest(c, wait_ns, min_t(u64, enough, most_ns), few->frames);
	gather(c, few, &g);
	return g.batch_milli;
}

/**
 * netcoal_wait_few() - frames and a time that wait so long
 * @c: how packets come
 * @wait_ns: mean wait
 * @most_ns: longest hold-off of interest, up to a second
 * @few: gets the least frames that alone would wait too long, with the time that trims
 *	them; or one packet or train less, if that brings more together; 0 frames if they are
 *	more than NETCOAL_FEW_FRAMES, where time alone is as good
 */
void netcoal_wait_few(const struct netcoal_coming *c, u32 wait_ns, u32 most_ns,
		      struct netcoal_setting *few)
{
	u32 n = least(c, wait_ns);
	struct netcoal_setting less;

	few->frames = 0;
	few->holdoff_ns = 0;
	if (frames_of(c, n) > NETCOAL_FEW_FRAMES || c->after)
		return;
	few->frames = frames_of(c, n);
	less.frames = frames_of(c, n - 1);
	if (trim(c, wait_ns, most_ns, few) < trim(c, wait_ns, most_ns, &less) && n > 2)
		*few = less;
}
