// SPDX-License-Identifier: GPL-2.0
/*
 * Trials: see gov_trial.h. A rate that falls by a share x of the mean of both
 * rates when the mean wait grows from D0 to D1 belongs to a loop whose own time
 * is R, with λ0 (R + D0) = λ1 (R + D1).
 *
 * Shares are in ten-thousandths.
 */
#include <linux/kernel.h>
#include <linux/math.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "gov_batch.h"
#include "gov_terms.h"
#include "gov_trial.h"
#include "gov_wait.h"

#define TEN_THOUSAND		10000
#define NS_PER_US		1000
/* Share of its rate that a closed loop may lose. */
#define LOSS_MAX		500
/* And what seems so much may be as much, if a trial can't tell. */
#define LOSS_LIKELY		450
/* Halves of a trial: the first in packets, later in windows. */
#define SHORT_HALF_PACKETS	512
#define SHORT_HALF_SEQUENCES	8
#define SLOW_HALF_WINDOWS	64
#define SLOW_HALF_LEAST		16
/* Or for so many packets, of dense loads; or for so many times the sequences that as many
 * usual windows have, where each is long.
 */
#define DENSE_HALF_PACKETS	32768
#define DENSE_HALF_LEAST	8
#define LONG_HALF_TIMES		4
#define LONG_HALF_LEAST		3
/* Part of the time since what was found last that a half takes. */
#define SLOW_HALF_PART		4
/* Part of the longest half that one without hold-off lasts at least. */
#define LOW_HALF_PART		2
/* A high half ends early if it is slower than any window of low ones by so much. */
#define OBVIOUS_WINDOWS		2
#define OBVIOUS_PCT		20
/* A half that others were longer than lasts for at most so many times what tells. */
#define PAUSED_HALF_TIMES	4
#define JUDGEMENTS_MAX		10	/* whose squares, of 20000 each, 32 bits hold */
/* Short halves come first where the low one is dear or the load seems even: windows, and
 * judgements.
 */
#define QUICK_HALF_WINDOWS	4
#define QUICK_JUDGEMENTS	4
/* The loop's time is known well enough if the error is such a part of it. */
#define REFINE_KNOWN		8
/* A trial that ends undecided is believed if its error is below this. */
#define ERROR_MAX		100
/* Variance of a judgement of independent packets, times those of its last half: of halves
 * that are alike, and after a high or a low one where low ones have half of the packets.
 */
#define POISSON			((u64)TEN_THOUSAND * TEN_THOUSAND * 3 / 2)
#define POISSON_HIGH		((u64)TEN_THOUSAND * TEN_THOUSAND * 5 / 2)
#define POISSON_LOW		((u64)TEN_THOUSAND * TEN_THOUSAND)
/* Variance of the mean of judgements that share halves, times that of independent ones. */
#define SHARED_HALVES		2
/* Judgements that differ by more are of a load that jumps by itself: a loop of
 * a few connections is as steady as they are few.
 */
#define SPREAD_MAX		1500

/**
 * netcoal_trial_start() - begin with the low half
 * @tr: the trial, overwritten
 * @low: the setting with the shorter wait
 * @high: the setting with the longer wait
 * @base_milli: batch that forms without hold-off, in thousandths
 * @after: hold-offs seem to begin after a batch
 * @timer: they are a timer's, which is known to
 */
void netcoal_trial_start(struct netcoal_trial *tr, const struct netcoal_setting *low,
			 const struct netcoal_setting *high, u32 base_milli,
			 bool after, bool timer)
{
	memset(tr, 0, sizeof(*tr));
	tr->low = *low;
	tr->high = *high;
	tr->base_milli = max_t(u32, base_milli, NETCOAL_MILLI);
	tr->after = after;
	tr->timer = timer;
}

/**
 * netcoal_trial_slowly() - let halves last for windows, not for packets
 * @tr: the trial, just started
 * @windows: since what was found last; the longer that was believed, the less
 *	it hurries
 * @refine: a loop is known, and its time is what is asked
 * @even: the load seems even
 */
void netcoal_trial_slowly(struct netcoal_trial *tr, u32 windows, bool refine, bool even)
{
	tr->slow = true;
	tr->refine = refine;
	tr->quick = (!tr->low.holdoff_ns || even) && !refine;
	tr->half_windows = clamp_t(u32, windows / SLOW_HALF_PART, SLOW_HALF_LEAST,
				   SLOW_HALF_WINDOWS);
}

/**
 * netcoal_trial_window() - note a window's rate
 * @tr: the trial
 * @pps: packets per second
 */
void netcoal_trial_window(struct netcoal_trial *tr, u64 pps)
{
	u32 rate = clamp_t(u64, pps, 1, U32_MAX);

	if (!tr->is_high && (!tr->least_pps || rate < tr->least_pps))
		tr->least_pps = rate;
}

/* No window at the shorter wait was nearly as slow as all of those at the longer one. */
static bool is_obvious(const struct netcoal_trial *tr, const struct netcoal_sums *s)
{
	return !tr->quick && tr->is_high && s->windows >= OBVIOUS_WINDOWS &&
	       netcoal_sums_pps(s) * 100 < (u64)tr->least_pps * (100 - OBVIOUS_PCT);
}

/* Windows that are few, but have what many have. */
static bool tells_early(const struct netcoal_trial *tr, const struct netcoal_sums *s)
{
	u32 usual = tr->half_windows * NETCOAL_WINDOW_SEQUENCES;

	return (s->windows >= DENSE_HALF_LEAST && s->packets >= DENSE_HALF_PACKETS) ||
	       (s->windows >= LONG_HALF_LEAST && s->sequences >= LONG_HALF_TIMES * usual);
}

/*
 * Without hold-off CPU is dear, and a half that is as long tells no more, for as many packets
 * come. At other settings it is not worth what bursts make of halves that are not alike.
 */
static bool has_short_lows(const struct netcoal_trial *tr)
{
	return tr->slow && !tr->refine && !tr->low.holdoff_ns;
}

static u64 least_ns(const struct netcoal_trial *tr)
{
	bool shorter = !tr->is_high && has_short_lows(tr);

	return (u64)tr->half_us * NS_PER_US / (shorter ? LOW_HALF_PART : 1);
}

static bool tells(const struct netcoal_trial *tr, const struct netcoal_sums *s, u32 times)
{
	if (tr->quick)
		return s->windows >= times * QUICK_HALF_WINDOWS;
	if (tr->slow)
		return s->windows >= times * tr->half_windows;
	return s->packets >= times * SHORT_HALF_PACKETS &&
	       s->sequences >= times * SHORT_HALF_SEQUENCES;
}

/**
 * netcoal_trial_half_done() - has the present half lasted long enough?
 * @tr: the trial
 * @s: the windows of the half
 *
 * Return: true if it may be judged.
 */
bool netcoal_trial_half_done(const struct netcoal_trial *tr,
			     const struct netcoal_sums *s)
{
	if (is_obvious(tr, s))
		return true;
	/*
	 * One as long as a pause in the load, which another half may have had, would be far too
	 * long. Few packets may be forgotten before they tell.
	 */
	if (s->ns < least_ns(tr) && s->windows < HELD_WINDOWS &&
	    !tells(tr, s, PAUSED_HALF_TIMES))
		return false;
	return tells(tr, s, 1) || (tr->slow && !tr->quick && tells_early(tr, s));
}

static bool is_few(const struct netcoal_setting *set, bool timer)
{
	return !timer && set->frames <= NETCOAL_FEW_FRAMES;
}

/*
 * κ at the longer wait, the trial's measure of how packets come: from the batch
 * where time ends a hold-off, else from the rate.
 */
static u64 kappa_of(const struct netcoal_trial *tr, const struct netcoal_sums *s)
{
	u32 batch = netcoal_ratio(netcoal_sums_batch(s), NETCOAL_MILLI, tr->base_milli);
	u64 x = netcoal_x_of_batch(batch, tr->after);

	if (is_few(&tr->high, tr->timer))
		return div_u64(netcoal_sums_pps(s) * NETCOAL_MILLI, tr->base_milli);
	return min_t(u64, div_u64(x * (NETCOAL_NS_PER_SEC / NETCOAL_MILLI),
				  max_t(u32, tr->high.holdoff_ns, 1)),
		     NETCOAL_PPS_MAX);
}

/**
 * netcoal_trial_kappa() - κ at short waits
 * @tr: the trial, with at least one judgement
 *
 * A loop's groups come as often as its packets, more often than at the longer wait.
 *
 * Return: groups per second, up to NETCOAL_PPS_MAX.
 */
u64 netcoal_trial_kappa(const struct netcoal_trial *tr)
{
	u64 low = tr->is_high ? tr->last_pps : tr->before_pps;
	u64 high = tr->is_high ? tr->before_pps : tr->last_pps;

	if (low <= high)
		return tr->kappa;
	return min_t(u64, div64_u64(tr->kappa * low, max_t(u64, high, 1)), NETCOAL_PPS_MAX);
}

static struct netcoal_coming coming(const struct netcoal_trial *tr, u64 kappa)
{
	return (struct netcoal_coming){ kappa, tr->base_milli, tr->after };
}

static u32 wait_of(const struct netcoal_trial *tr, const struct netcoal_setting *set, u64 kappa)
{
	struct netcoal_coming c = coming(tr, kappa);
	struct netcoal_setting by = *set;

	/* Nothing but time ends a timer's. */
	if (tr->timer)
		by.frames = U32_MAX;
	return netcoal_wait_of(&c, &by);
}

/* R if the rate falls by x; NETCOAL_TARGET_MAX_NS if it does not fall. */
static u32 loop_ns(const struct netcoal_trial *tr, s32 x)
{
	u64 d0 = wait_of(tr, &tr->low, netcoal_trial_kappa(tr));
	u64 d1 = wait_of(tr, &tr->high, tr->kappa);
	u32 high, low;

	/* Two waits that bounds made one tell no more than a rate that did not fall. */
	if (x <= 0 || d1 <= d0)
		return NETCOAL_TARGET_MAX_NS;
	x = min(x, 2 * TEN_THOUSAND - 1);
	high = 2 * TEN_THOUSAND - x;
	low = 2 * TEN_THOUSAND + x;
	if (d1 * high <= d0 * low)
		return 0;
	return min_t(u64, div_u64(d1 * high - d0 * low, low - high),
		     NETCOAL_TARGET_MAX_NS);
}

/* Share of its rate that a loop of time R loses at the longer wait. */
static u32 loss_at(const struct netcoal_trial *tr, s32 x)
{
	u64 d1 = wait_of(tr, &tr->high, tr->kappa);

	return div64_u64(d1 * TEN_THOUSAND, max_t(u64, d1 + loop_ns(tr, x), 1));
}

/* One more judgement: how far from its neighbours' mean was the middle half? */
static void judge(struct netcoal_trial *tr, u64 pps)
{
	s64 around = (tr->before_pps + pps) / 2, mid = tr->last_pps;
	s32 x = div64_s64(2 * TEN_THOUSAND * (around - mid),
			  max_t(s64, around + mid, 1));

	/* The half that just ended is high, so the middle one was low. */
	if (tr->is_high)
		x = -x;
	tr->sum += x;
	tr->square += (s64)x * x;
	tr->n++;
}

static u64 poisson(const struct netcoal_trial *tr)
{
	if (!has_short_lows(tr))
		return POISSON;
	return tr->is_high ? POISSON_HIGH : POISSON_LOW;
}

/*
 * Standard error of the mean judgement; at least a third of the variance that
 * independent packets have. Judgements share their halves, which about doubles it.
 */
static u32 error_of(const struct netcoal_trial *tr, u64 half_packets)
{
	u64 mean = abs((s32)div_s64(tr->sum, tr->n));
	u64 square = div_u64(tr->square, tr->n);
	u64 spread = square - min(square, mean * mean);
	u64 least = div64_u64(poisson(tr) / 3, max_t(u64, half_packets, 1));

	if (tr->n > 1)
		spread = div_u64(spread * tr->n, tr->n - 1);
	return int_sqrt64(div_u64(SHARED_HALVES * max(spread, least), tr->n));
}

/* Few judgements are believed less: Student's t for about 1 %, in tenths. */
static u32 believable(const struct netcoal_trial *tr, u32 error)
{
	static const u8 t_tenths[] = { 90, 90, 90, 50, 40, 35, 30 };
	u32 n = min_t(u32, tr->n, ARRAY_SIZE(t_tenths) - 1);

	return error * t_tenths[n] / 10;
}

/*
 *    judgements that jump                                noise
 *    a loop is known, and now well enough                closed
 *    loss even in the worst case is small                open
 *    a doubt, and not half of that loss is likely        open
 *    loss even in the best case is too much              closed
 *    undecided at the end, known well enough             by what is likely
 *    undecided at the end, a loop is known               likewise
 *    undecided at the end, likely to be too much         likewise
 *    undecided at the end, and not known well            noise
 */
static enum netcoal_trial_end end_of(const struct netcoal_trial *tr,
				     u64 half_packets)
{
	bool last = tr->n >= JUDGEMENTS_MAX;
	s32 mean, margin, chance;
	u32 error;

	if (tr->n < 2)
		return NETCOAL_TRIAL_GOES_ON;
	mean = div_s64(tr->sum, tr->n);
	error = error_of(tr, half_packets);
	if (tr->n > 2 && (u64)error * error * tr->n > SHARED_HALVES * SPREAD_MAX * SPREAD_MAX)
		return NETCOAL_TRIAL_NOISE;
	if (tr->refine && tr->n > 2 && (s32)error * REFINE_KNOWN < mean)
		return NETCOAL_TRIAL_CLOSED;
	margin = believable(tr, error);
	chance = 3 * (s32)max(error, int_sqrt64(div64_u64(poisson(tr), half_packets * tr->n + 1)));
	if (loss_at(tr, mean + min(margin, chance)) <= LOSS_MAX)
		return NETCOAL_TRIAL_OPEN;
	if (mean + 2 * (s32)error < tr->doubt / 2)
		return NETCOAL_TRIAL_OPEN;
	if (!tr->refine && (tr->n > 3 || (!tr->slow && tr->n > 2)) &&
	    loss_at(tr, mean - margin) > LOSS_MAX)
		return NETCOAL_TRIAL_CLOSED;
	if (!last)
		return NETCOAL_TRIAL_GOES_ON;
	/* What is known of a loop is averaged with, so that little does little. */
	if (error > ERROR_MAX && !tr->refine &&
	    loss_at(tr, mean - 2 * (s32)error) <= LOSS_MAX)
		return NETCOAL_TRIAL_NOISE;
	return loss_at(tr, mean) > LOSS_LIKELY ? NETCOAL_TRIAL_CLOSED :
						  NETCOAL_TRIAL_OPEN;
}

/**
 * netcoal_trial_suspects() - did a check end with a loop that is likely, and not known?
 * @tr: the trial, which is over
 *
 * Return: true if so. Connections that a hold-off brought in step stay so at half of it, so
 * only no hold-off tells what such a loop loses.
 */
bool netcoal_trial_suspects(const struct netcoal_trial *tr)
{
	return !tr->slow && tr->n >= JUDGEMENTS_MAX &&
	       loss_at(tr, div_s64(tr->sum, tr->n)) > LOSS_LIKELY;
}

/*
 * Short halves tell of a load that is so even that their rates agree, by their
 * spread alone. All others are judged by long ones, from the start.
 */
static enum netcoal_trial_end quick_end(struct netcoal_trial *tr)
{
	s64 mean;
	u64 spread;

	if (tr->n < QUICK_JUDGEMENTS)
		return NETCOAL_TRIAL_GOES_ON;
	mean = div_s64(tr->sum, tr->n);
	spread = div_u64(tr->square, tr->n);
	spread -= min_t(u64, spread, mean * mean);
	mean += believable(tr, int_sqrt64(div_u64(spread, tr->n - 1)));
	if (loss_at(tr, mean) <= LOSS_MAX / 2)
		return NETCOAL_TRIAL_OPEN;
	tr->quick = false;
	tr->halves = 0;
	tr->half_us = 0;
	tr->n = 0;
	tr->sum = 0;
	tr->square = 0;
	return NETCOAL_TRIAL_GOES_ON;
}

/*
 * A batch is what forms without hold-off and what came within it. The one that a load began
 * with may have been larger, and a lull makes this one look so.
 */
static void note_base(struct netcoal_trial *tr, const struct netcoal_sums *s)
{
	u32 batch = netcoal_sums_batch(s);
	u32 came = netcoal_x_milli(netcoal_sums_pps(s), tr->low.holdoff_ns);

	if (!tr->after && !is_few(&tr->low, tr->timer) && batch > came)
		tr->base_milli = clamp_t(u32, batch - came, NETCOAL_MILLI, tr->base_milli);
}

/* What a half tells besides its rate: of low ones b0, the first, where hold-offs begin;
 * of high ones, κ.
 */
static void note_half(struct netcoal_trial *tr, const struct netcoal_sums *s)
{
	enum netcoal_shape shape;

	if (tr->is_high) {
		tr->kappa = kappa_of(tr, s);
		return;
	}
	if (tr->slow && !tr->timer && !tr->halves) {
		shape = netcoal_sums_shape(s, tr->low.holdoff_ns, tr->base_milli);
		if (shape != NETCOAL_SHAPE_UNKNOWN)
			tr->after = shape == NETCOAL_SHAPE_AFTER;
	}
	/* By its own b0 every batch would begin with a packet. */
	note_base(tr, s);
}

/**
 * netcoal_trial_half() - a half is over: judge the one before
 * @tr: the trial
 * @s: the windows of the half that is over
 *
 * Return: what is known now. If the trial goes on, netcoal_trial_turn() is next.
 */
enum netcoal_trial_end netcoal_trial_half(struct netcoal_trial *tr,
					  const struct netcoal_sums *s)
{
	note_half(tr, s);
	if (tr->halves >= 2)
		judge(tr, netcoal_sums_pps(s));
	return tr->quick ? quick_end(tr) : end_of(tr, s->packets);
}

/**
 * netcoal_trial_lasts() - let a half that was longer tell how long halves last
 * @tr: the trial
 * @s: the windows of that half
 */
void netcoal_trial_lasts(struct netcoal_trial *tr, const struct netcoal_sums *s)
{
	u64 us = div_u64(s->ns, NS_PER_US);

	tr->half_us = max_t(u64, tr->half_us, min_t(u64, us, U32_MAX));
}

/**
 * netcoal_trial_turn() - go on to the other half
 * @tr: the trial
 * @s: the windows of the half that is over
 */
void netcoal_trial_turn(struct netcoal_trial *tr, const struct netcoal_sums *s)
{
	netcoal_trial_lasts(tr, s);
	tr->before_pps = tr->last_pps;
	tr->last_pps = netcoal_sums_pps(s);
	tr->halves = min(tr->halves + 1, 2);
	tr->is_high = !tr->is_high;
}

/**
 * netcoal_trial_cap() - the longest waits of the loop that a trial found
 * @tr: the trial, with at least one judgement
 * @share: of its rate that the loop may lose, in ten-thousandths
 * @before_ns: mean wait that earlier trials found, or 0: averaged with, but to at
 *	most a quarter more than this one says, for it may have been another loop
 * @most_ns: longest hold-off allowed
 * @frames_max: largest frames limit, 1 if the actuator has none
 * @cap: gets the waits
 */
void netcoal_trial_cap(const struct netcoal_trial *tr, u32 share, u32 before_ns,
		       u32 most_ns, u32 frames_max, struct netcoal_cap *cap)
{
	u64 loop = loop_ns(tr, div_s64(tr->sum, max_t(s32, tr->n, 1)));
	u32 wait = min_t(u64, div_u64(loop * share, TEN_THOUSAND - share),
			 NETCOAL_TARGET_MAX_NS);
	struct netcoal_coming c;

	if (before_ns)
		wait = min(wait / 2 + before_ns / 2, wait + wait / 4);
	cap->wait_ns = wait;
	c = coming(tr, netcoal_trial_kappa(tr));
	cap->holdoff_ns = netcoal_wait_time(&c, wait, most_ns);
	c.kappa = tr->kappa;
	netcoal_wait_few(&c, wait, most_ns, &cap->few);
	if (cap->few.frames > frames_max || cap->few.frames < 2)
		cap->few.frames = 0;
}
