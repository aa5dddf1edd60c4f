// SPDX-License-Identifier: GPL-2.0
/*
 * Sums of windows that had the same setting; old ones fade.
 */
#include <linux/kernel.h>
#include <linux/math.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "gov_sums.h"
#include "gov_terms.h"

/* A rate that fell less far, in ten-thousandths, did not fall. */
#define FELL_LEAST		300
#define TEN_THOUSAND		10000
/* Groups within a hold-off that tell where it begins, in thousandths. */
#define SHAPE_MIN_MILLI		250
#define SHAPE_MAX_MILLI		16000
/* Variance of batches over what came besides the first: chance has all of it, twice and
 * half of it are not told from that.
 */
#define CHANCE_TIMES		2
/* Windows of which something is remembered by their number count up to this. */
#define COUNTED_MAX		7
/* The longest of fewer sequences says little. */
#define LONGEST_SEQUENCES	(NETCOAL_WINDOW_SEQUENCES / 2)
/* Windows that the mean of the longest is of. */
#define LONGEST_WINDOWS		8

static void sums_halve(struct netcoal_sums *s)
{
	s->ns /= 2;
	s->cpu_ns /= 2;
	s->busy_ns /= 2;
	s->packets /= 2;
	s->squares /= 2;
	s->sequences /= 2;
	s->empty /= 2;
	s->windows /= 2;
	s->starved /= 2;
	s->shared /= 2;
}

static void sums_add_longest(struct netcoal_sums *s, const struct netcoal_window *win)
{
	u32 now = min_t(u32, win->longest, U16_MAX / LONGEST_WINDOWS);
	u32 mean = (s->longest + LONGEST_WINDOWS / 2) / LONGEST_WINDOWS;

	if (!now || netcoal_useful_sequences(win) < LONGEST_SEQUENCES)
		return;
	s->longest = s->longest ? s->longest - mean + now : now * LONGEST_WINDOWS;
}

/**
 * netcoal_sums_clear() - forget all windows
 * @s: the sums
 */
void netcoal_sums_clear(struct netcoal_sums *s)
{
	memset(s, 0, sizeof(*s));
}

/**
 * netcoal_sums_add() - add a window
 * @s: the sums
 * @win: the window, of any values
 * @remember: windows after which what has been summed is halved, 1 to 1023
 *
 * Each addend is bounded so that sums of times stay below 2^63, those of
 * sequences below 2^31.
 */
void netcoal_sums_add(struct netcoal_sums *s, const struct netcoal_window *win,
		      u32 remember)
{
	const u64 most = S64_MAX / 4;
	const u32 few = U32_MAX / 4;

	while (s->windows >= remember || s->sequences > few || s->empty > few ||
	       s->packets > few || s->ns > most || s->cpu_ns > most ||
	       s->busy_ns > most || s->squares > most)
		sums_halve(s);
	s->ns += min(win->len_ns, most);
	s->cpu_ns += min(win->cpu_ns, most);
	s->busy_ns += min(win->busy_ns, most);
	s->packets += min(win->packets, few);
	s->squares += min(win->squares, most);
	s->sequences += min(netcoal_useful_sequences(win), few);
	s->empty += min(win->empty_polls, few);
	sums_add_longest(s, win);
	s->windows++;
	s->starved += win->starved && s->starved < COUNTED_MAX;
	s->shared += win->shared && s->shared < COUNTED_MAX;
}

/**
 * netcoal_sums_pps() - packets per second
 * @s: the sums
 *
 * Return: the rate, 0 to NETCOAL_PPS_MAX.
 */
u64 netcoal_sums_pps(const struct netcoal_sums *s)
{
	return netcoal_pps(s->packets, s->ns);
}

/**
 * netcoal_sums_batch() - packets per useful sequence
 * @s: the sums
 *
 * Return: the batch in thousandths, at least 1000.
 */
u32 netcoal_sums_batch(const struct netcoal_sums *s)
{
	return max_t(u32, netcoal_ratio(s->packets, NETCOAL_MILLI, s->sequences),
		     NETCOAL_MILLI);
}

/**
 * netcoal_sums_deviation() - standard deviation of the batches
 * @s: the sums
 *
 * Return: packets, in thousandths, up to NETCOAL_BATCH_MAX_MILLI.
 */
u32 netcoal_sums_deviation(const struct netcoal_sums *s)
{
	u64 mean = netcoal_sums_batch(s), square;

	if (!s->sequences)
		return 0;
	square = div_u64(min_t(u64, s->squares, U64_MAX / NETCOAL_MILLI) * NETCOAL_MILLI,
			 s->sequences);
	square = min_t(u64, square, U64_MAX / NETCOAL_MILLI) * NETCOAL_MILLI;
	return min_t(u64, int_sqrt64(square - min(square, mean * mean)),
		     NETCOAL_BATCH_MAX_MILLI);
}

/**
 * netcoal_sums_longest() - the longest sequence of a usual window
 * @s: the sums
 *
 * Return: packets, in thousandths; U32_MAX if it is not known.
 */
u32 netcoal_sums_longest(const struct netcoal_sums *s)
{
	return s->longest ? s->longest * NETCOAL_MILLI / LONGEST_WINDOWS : U32_MAX;
}

/**
 * netcoal_sums_busy() - time that a useful sequence polls
 * @s: the sums
 *
 * Return: ns, up to NETCOAL_COST_MAX_NS.
 */
u32 netcoal_sums_busy(const struct netcoal_sums *s)
{
	return min_t(u64, div64_u64(s->busy_ns, max_t(u32, s->sequences, 1)),
		     NETCOAL_COST_MAX_NS);
}

/**
 * netcoal_sums_empty() - sequences in vain per useful one
 * @s: the sums
 *
 * Return: e in thousandths, up to 2000: no actuator polls in vain more than
 * twice in a row.
 */
u32 netcoal_sums_empty(const struct netcoal_sums *s)
{
	return min_t(u32, netcoal_ratio(s->empty, NETCOAL_MILLI, s->sequences),
		     2 * NETCOAL_MILLI);
}

/**
 * netcoal_sums_shape() - where do the hold-offs begin that brought these batches?
 * @s: the sums
 * @holdoff_ns: hold-off, up to a second
 * @base_milli: batch without hold-off, in thousandths
 *
 * Those that begin after a batch bring smaller ones. So do paced packets and trains,
 * which nothing joins for a while, but theirs are more or less even than those of chance.
 *
 * Return: what batches are close to, if they can tell.
 */
enum netcoal_shape netcoal_sums_shape(const struct netcoal_sums *s, u32 holdoff_ns,
				      u32 base_milli)
{
	u32 base = max_t(u32, base_milli, NETCOAL_MILLI);
	u64 kappa = div_u64(netcoal_sums_pps(s) * NETCOAL_MILLI, base);
	u32 x = netcoal_x_milli(kappa, holdoff_ns);
	u32 batch = netcoal_ratio(netcoal_sums_batch(s), NETCOAL_MILLI, base);
	u64 deviation = netcoal_ratio(netcoal_sums_deviation(s), NETCOAL_MILLI, base);
	u64 variance = deviation * deviation;
	u64 chance = (u64)(batch - min(batch, NETCOAL_MILLI)) * NETCOAL_MILLI;

	if (x < SHAPE_MIN_MILLI || x > SHAPE_MAX_MILLI || !chance ||
	    variance * CHANCE_TIMES < chance || variance > chance * CHANCE_TIMES)
		return NETCOAL_SHAPE_UNKNOWN;
	return netcoal_shape_of(x, batch);
}

/**
 * netcoal_sums_fell() - did the rate fall more than that of independent packets
 *	does by chance?
 * @base: windows before, with packets
 * @held: windows after
 * @tenths: how much more than chance's standard deviation, in tenths
 *
 * Return: by which share, in ten-thousandths, else 0.
 */
u32 netcoal_sums_fell(const struct netcoal_sums *base, const struct netcoal_sums *held,
		      u32 tenths)
{
	u64 before = netcoal_sums_pps(base), after = netcoal_sums_pps(held);
	u64 fell, error2;

	if (after >= before)
		return 0;
	fell = div64_u64((before - after) * TEN_THOUSAND, before);
	error2 = div64_u64(TEN_THOUSAND * TEN_THOUSAND, max_t(u64, base->packets, 1)) +
		 div64_u64(TEN_THOUSAND * TEN_THOUSAND, max_t(u64, held->packets, 1));
	return fell > FELL_LEAST &&
	       fell * fell * 100 > error2 * tenths * tenths ? fell : 0;
}
