// SPDX-License-Identifier: GPL-2.0
/*
 * What the law aims at: see gov_aim.h.
 */
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/math.h>
#include <linux/math64.h>
#include <linux/minmax.h>

#include "gov_aim.h"
#include "gov_batch.h"
#include "gov_terms.h"

/* ε for frames: the last 3 % are not worth a longer wait. */
#define FRAMES_EPS_PCT		3
/* ε for the idle rule, to start to hold off, and to go on. */
#define IDLE_EPS_PCT		5
#define IDLE_STAY_PCT		2
/* Of an interrupt, what a timer that finds nothing costs, too: a poll. */
#define EMPTY_SHARE		4
/* Learned costs stay within this factor of the calibrated ones. */
#define COST_BOUND		8
/* Until its cost is learned, an interrupt may cost so many times the calibrated one. */
#define DEARER_TIMES		4
/* Such a part of all that the CPUs did has to be saved where an application or a few
 * interrupts per packet leave little to be seen.
 */
#define CLEAR_PART		8
/* Two points this far apart in interrupts per packet, in millionths, tell their cost. */
#define APART			(MILLION / 10)
/* Or, of trains, this far, where so many sequences say so. */
#define TRAINS_APART		(APART / 10)
#define TRAINS			128
/* A CPU target is aimed at with this much of it. */
#define TARGET_AIM_PCT		100
/* Windows of each kind before costs are learned from them. */
#define LEARN_WINDOWS		2
/* Sequences of each kind that tell what a packet takes to poll. */
#define POLLED_SEQUENCES	32

/* Of a latency target, in thousandths, what a hold-off may take anyhow. */
#define SHARE_MIN		400
/* What polling seems to add may be so much more. */
#define MARGIN_PART		16
/* Of a reader on the same CPU no more is believed than that part of the time to poll:
 * of all, a half and a third, what kept most targets at the least CPU in the lab.
 */
#define READ_PART		2
/* Batches are even if their variance is above the least by at most that part of it, or,
 * in millionths, where that is hardly any, as if one of so many was longer.
 */
#define EVEN_PART		8
#define EVEN_LEAST		(MILLION / 32)
/* Most of 2 T / (T - P) for polls P of at most half of T, rounded. */
#define WITHIN_TIMES		8
/* A hold-off that was so much shorter says little of how batches grow. */
#define TIMES_MAX		(16 * NETCOAL_MILLI)

/* Loads whose rates are at least so much of each other may be compared. */
#define SAME_RATE_PCT		80
/* Packets that cost by so much more than when costs were learned may tell of others. */
#define DEARER_PCT		10
/* An interrupt whose cost is learned anew is the same if it differs by no more than that part. */
#define ALIKE_PART		8
/* A batch that saves anything makes polling a packet cheaper by more than this. */
#define POLLS_CHEAPER_PCT	15

/* A CPU target may be missed by this much where that gives back delay, and a
 * hold-off may be longer than it asks for by so much.
 */
#define TARGET_MISS_PCT		2
#define TARGET_LONG_PCT		8
/* A batch may miss B* by so much without a target. */
#define ADJUST_FRAMES_PCT	15

#define MILLI			NETCOAL_MILLI
#define MILLION			1000000ULL

/* ---- formulas -------------------------------------------------------------- */

/**
 * netcoal_aim_cpu_ns() - c(B) = c_p + cost / B
 * @t: the terms
 * @cost_ns: cost of a batch
 * @batch_milli: packets of a batch, in thousandths
 *
 * Return: ns of CPU per packet.
 */
u64 netcoal_aim_cpu_ns(const struct netcoal_aim *t, u32 cost_ns, u32 batch_milli)
{
	return (u64)t->packet_ns +
	       div_u64((u64)cost_ns * MILLI, max(batch_milli, MILLI));
}

/**
 * netcoal_cpu_per_packet() - what the CPUs did for each packet
 * @s: windows with at least one packet
 *
 * Return: ns, other work on the CPUs included.
 */
u64 netcoal_cpu_per_packet(const struct netcoal_sums *s)
{
	return min_t(u64, div64_u64(s->cpu_ns, s->packets), NETCOAL_COST_MAX_NS);
}

/* c_i + e c_e. */
static u32 held_cost(const struct netcoal_aim *t, u32 empty_milli)
{
	return min_t(u64, t->irq_ns + div_u64((u64)t->empty_ns * empty_milli, MILLI),
		     NETCOAL_COST_MAX_NS);
}

static bool enough_to_learn(const struct netcoal_sums *s)
{
	return s->cpu_ns && s->packets && s->windows >= LEARN_WINDOWS;
}

/* What the CPUs did for a batch, whatever else they did, less what its packets cost. */
static u64 seen_beyond(const struct netcoal_sums *held, u32 packet_ns)
{
	u64 all = netcoal_cpu_per_packet(held), batch = netcoal_sums_batch(held);

	return div_u64((all - min_t(u64, all, packet_ns)) * batch, MILLI);
}

/*
 * Until costs are learned, those calibrated may be another machine's, and a target that is
 * not seen to be met is missed. But no interrupt is so many times as dear: then it is an
 * application's work, and stays that, for a shorter hold-off, with less of it in each batch,
 * would pass again.
 */
static u32 dearer_milli(const struct netcoal_sums *held, const struct netcoal_costs *costs,
			u32 packet_ns, u32 own_ns)
{
	u64 seen = seen_beyond(held, packet_ns);

	if (costs->dearer_milli == NETCOAL_NO_DEARER || seen > (u64)own_ns * DEARER_TIMES)
		return NETCOAL_NO_DEARER;
	return seen > own_ns ? netcoal_ratio(seen, MILLI, max_t(u32, own_ns, 1)) : 0;
}

/*
 * The CPUs did all that a batch costs here: it costs no more. Of its packets only what they
 * are known to cost is no part of that.
 */
static void see_cost(struct netcoal_aim *t, const struct netcoal_sums *held,
		     const struct netcoal_costs *costs)
{
	u32 unseen = netcoal_ratio(t->unseen_ns, MILLI + netcoal_sums_empty(held), MILLI);
	u32 own = t->held_ns - min(t->held_ns, unseen);
	bool learned = costs->irq_ns;
	u64 seen;

	if (!learned)
		t->dearer_milli = enough_to_learn(held) ?
			dearer_milli(held, costs, t->packet_ns, own) : costs->dearer_milli;
	if (t->dearer_milli > MILLI) {
		seen = div_u64((u64)own * t->dearer_milli, MILLI) + unseen;
		t->seen_ns = min_t(u64, seen, NETCOAL_COST_MAX_NS);
	} else if (enough_to_learn(held)) {
		seen = seen_beyond(held, learned ? t->packet_ns : costs->polled_ns) + unseen;
		t->seen_ns = clamp_t(u64, seen, t->held_ns / COST_BOUND, t->held_ns);
	}
}

/* B*, where waiting for more packets stops to pay. */
static void want_batch(struct netcoal_aim *t, const struct netcoal_limits *lim)
{
	u32 spare = max_t(u32, div_u64((u64)t->packet_ns * FRAMES_EPS_PCT, 100), 1);
	u32 most = lim->frames_max * MILLI;
	u64 target = div_u64((u64)lim->cpu_target_ns * TARGET_AIM_PCT, 100);

	if (target > t->packet_ns) {
		spare = min_t(u64, target - t->packet_ns, U32_MAX);
	} else if (lim->cpu_target_ns) {
		t->batch_milli = most;
		return;
	}
	t->batch_milli = clamp(netcoal_ratio(t->seen_ns, MILLI, spare), MILLI, most);
}

/* The longest wait that targets and policy allow, and what to call it. */
static void want_wait(struct netcoal_aim *t, const struct netcoal_limits *lim)
{
	bool reachable = t->cpu_target_ns > t->packet_ns &&
			 t->batch_milli < lim->frames_max * MILLI;

	t->budget_ns = min(lim->budget_ns, lim->holdoff_max_ns);
	if (reachable && lim->prefer == NETCOAL_PREFER_CPU)
		t->budget_ns = lim->holdoff_max_ns;
	t->verdict = lim->holdoff_max_ns < lim->budget_ns ? NETCOAL_VERDICT_BOUNDS :
							    NETCOAL_VERDICT_BUDGET;
	t->verdict_short = t->cpu_target_ns ? NETCOAL_VERDICT_CPU_TARGET :
					      NETCOAL_VERDICT_FRAMES;
	/* A target asks for what little there is to save. */
	t->start_pct = t->cpu_target_ns ? 1 : IDLE_EPS_PCT;
	t->stay_pct = t->cpu_target_ns ? 0 : IDLE_STAY_PCT;
}

/**
 * netcoal_aim_of() - what the law makes of a window
 * @costs: as learned
 * @held: windows with the present setting
 * @have: the present setting
 * @pps: packets per second
 * @lim: the queue's limits
 * @t: gets the terms
 */
void netcoal_aim_of(const struct netcoal_costs *costs, const struct netcoal_sums *held,
		    const struct netcoal_setting *have, u64 pps,
		    const struct netcoal_limits *lim, struct netcoal_aim *t)
{
	u32 irq = costs->irq_ns ? costs->irq_ns : lim->irq_cost_ns;
	u32 packet = costs->irq_ns ? costs->packet_ns : lim->packet_cost_ns;

	t->pps = pps;
	t->have = *have;
	t->after = lim->timer_cost_ns;
	t->seems_after = t->after;
	t->step_ns = lim->step_ns;
	t->cpu_target_ns = lim->cpu_target_ns;
	t->frames_max = lim->frames_max;
	t->few_max = lim->has_frames && lim->frames_min <= 1 ? lim->frames_max : 1;
	t->holdoff_min_ns = lim->holdoff_min_ns;
	t->irq_ns = min_t(u64, (u64)irq + lim->irq_extra_ns, NETCOAL_COST_MAX_NS);
	t->unseen_ns = lim->irq_extra_ns;
	t->empty_ns = lim->timer_cost_ns ?
		min_t(u64, (u64)lim->timer_cost_ns + irq / EMPTY_SHARE + lim->irq_extra_ns,
		      NETCOAL_COST_MAX_NS) : 0;
	t->packet_ns = clamp_t(u32, packet, 1, NETCOAL_COST_MAX_NS);
	if (lim->cpu_target_ns)
		t->packet_ns = max_t(u32, t->packet_ns, costs->polled_ns);
	t->held_ns = held_cost(t, netcoal_sums_empty(held));
	t->seen_ns = t->held_ns;
	t->dearer_milli = 0;
	if (lim->cpu_target_ns)
		see_cost(t, held, costs);
	want_batch(t, lim);
	want_wait(t, lim);
}

/**
 * struct tail - what the slowest hundredth of packets waits for
 * @packet_ns: time to poll a packet, and to read it, later stages of its path included
 * @group_milli: packets that come together, in thousandths
 * @after: hold-offs begin after a batch
 * @even: batches are as much alike as they can be
 * @odd_milli: deviation from that, in groups, in thousandths
 * @within_ns: of the time to poll a packet, what the next hold-off contains
 * @most_milli: the longest held batch that was seen, in deviations above the mean, in
 *	thousandths
 */
struct tail {
	u32 packet_ns;
	u32 group_milli;
	bool after;
	bool even;
	u32 odd_milli;
	u32 within_ns;
	u32 most_milli;
};

/*
 * Standard deviations above the mean batch that all but a hundredth of the packets
 * see nothing of. Where a hold-off begins with a packet, only the first of B groups
 * waits for all of it, so that is the quantile 1 - B/100 of batches; for 1, 2, 4 ...
 * groups, in thousandths.
 */
static u32 tail_before(u32 groups_milli)
{
	static const u16 tail[] = { 2326, 2054, 1751, 1405, 995, 468, 0 };
	u32 g = clamp_t(u32, groups_milli, MILLI, (MILLI << (ARRAY_SIZE(tail) - 1)) - 1);
	u32 i = ilog2(g / MILLI), low = MILLI << i;

	return tail[i] - (tail[i] - tail[i + 1]) * (g - low) / low;
}

/*
 * Where it begins after a batch, packets come anywhere in it and only those that
 * come at once wait for all. With waits even from 0 to T and a deviation of σ,
 * σ G(z) / T are late by more than T + zσ, G being the normal loss function; for
 * σ / T of 1/40, 1/20, 1/10 ...
 */
static u32 tail_after(u32 sigma_ns, u32 holdoff_ns)
{
	static const u16 tail[] = { 0, 495, 902, 1256, 1568, 1848, 2099 };
	u32 times = netcoal_ratio(sigma_ns, 40, max_t(u32, holdoff_ns, 1));

	return times ? tail[min_t(u32, ilog2(times), ARRAY_SIZE(tail) - 1)] : 0;
}

/* Square of a deviation, which independent groups add up. */
static u64 variance_of(const struct netcoal_sums *s)
{
	u64 deviation = netcoal_sums_deviation(s);

	return deviation * deviation;
}

/*
 * Few groups make batches that are skewed, and so is their tail: by (z^2 - 1) / 6 times
 * skewness and deviation (Cornish and Fisher), which of Poisson arrivals are variance
 * over mean. In packets, in thousandths.
 */
static u32 skew_of(const struct tail *k, u32 batch, u64 variance, u32 z_milli)
{
	u32 square = z_milli * z_milli / MILLI;
	u32 more = max(batch - min(batch, k->group_milli), MILLI);
	u32 skew = min_t(u64, div_u64(variance, more), batch);

	return square > MILLI ? netcoal_ratio(skew, square - MILLI, 6 * MILLI) : 0;
}

/*
 * Packets that are paced make batches of two sizes, one group apart: none have less
 * variance at their mean. However often either comes, the longer is the mean, rounded up.
 */
static void note_even(struct tail *k, u32 batch, u64 variance)
{
	u32 groups = netcoal_ratio(batch, MILLI, k->group_milli);
	u32 deviation = netcoal_ratio(int_sqrt64(variance), MILLI, k->group_milli);
	u32 part = groups % MILLI;
	u64 least = (u64)part * (MILLI - part), odd = (u64)deviation * deviation;

	odd -= min(odd, least);
	k->even = odd <= max_t(u64, least / EVEN_PART, EVEN_LEAST);
	k->odd_milli = int_sqrt64(odd);
}

/**
 * netcoal_aim_is_even() - is a load even?
 * @base: windows without hold-off
 * @held: windows with a hold-off
 *
 * Return: true if batches are as much alike as they can be, as those of paced packets are;
 * false if nothing tells, as of what is sent, or of batches that hardly ever have more groups
 * than one.
 */
bool netcoal_aim_is_even(const struct netcoal_sums *base, const struct netcoal_sums *held)
{
	u32 batch = netcoal_sums_batch(held);
	struct tail k = { .group_milli = min(netcoal_sums_batch(base), batch) };

	note_even(&k, batch, variance_of(held));
	return held->squares && 2 * (u64)batch >= 3 * (u64)k.group_milli && k.even;
}

/* Packets of the longest batch that counts, in thousandths, if batches are even. */
static u32 longest_even(const struct tail *k, u32 batch)
{
	u32 groups_milli = netcoal_ratio(batch, MILLI, k->group_milli);
	u64 longest = (u64)DIV_ROUND_UP(groups_milli, MILLI) * MILLI +
		      netcoal_ratio(k->odd_milli, tail_before(groups_milli), MILLI);

	return netcoal_ratio(longest, k->group_milli, MILLI);
}

/*
 * Where there are two kinds of batches, as of requests beside a stream, a deviation says more
 * than there is above the mean. None is longer than the longest that was seen; but that is of
 * the last windows, and in a lull of the load says nothing of what is averaged over more.
 */
static u32 most_above(const struct netcoal_sums *s)
{
	u32 longest = netcoal_sums_longest(s), mean = netcoal_sums_batch(s);
	u32 deviation = netcoal_sums_deviation(s);

	if (longest == U32_MAX || longest < mean + deviation / 2)
		return U32_MAX;
	return netcoal_ratio(longest - mean, MILLI, max_t(u32, deviation, 1));
}

/* The time to handle the batch that the 99th percentile of packets waits for. */
static u64 tail_ns(const struct tail *k, u64 batch_milli, u64 variance, u32 holdoff_ns)
{
	u32 batch = min_t(u64, batch_milli, NETCOAL_BATCH_MAX_MILLI);
	u32 sigma = min_t(u64, int_sqrt64(variance), NETCOAL_BATCH_MAX_MILLI);
	u32 sigma_ns = netcoal_ratio(sigma, k->packet_ns, MILLI);
	u64 mean_ns = netcoal_ratio(batch, k->packet_ns, MILLI);
	u64 longest_ns = mean_ns + div_u64((u64)k->most_milli * sigma_ns, MILLI);
	u32 z;

	/* Of these the next size forms at a longer hold-off. */
	if (k->even)
		longest_ns = netcoal_ratio(longest_even(k, batch), k->packet_ns, MILLI);
	if (k->after && holdoff_ns) {
		z = tail_after(sigma_ns, holdoff_ns);
	} else {
		z = tail_before(netcoal_ratio(batch, MILLI, k->group_milli));
		batch += k->after ? 0 : skew_of(k, batch, variance, z);
	}
	return min(longest_ns, netcoal_ratio(batch, k->packet_ns, MILLI) +
			       div_u64((u64)z * sigma_ns, MILLI));
}

/*
 * A hold-off that began with the last interrupt contains that batch's polls, and late is
 * what this one takes longer. That has the variance of both, and more: polls find what comes
 * meanwhile, so a long batch leaves less of T for the next, for a share ρ of the time that
 * polls take ρ / (1 - ρ) of it. Where that is much, or batches are too even for a variance to
 * tell, the polls are better not contained.
 */
static u64 tail_within_ns(const struct tail *k, u64 batch_milli, u64 variance, u32 holdoff_ns)
{
	u64 plain_ns = tail_ns(k, batch_milli, variance, holdoff_ns);
	u64 polls_ns = netcoal_ratio(batch_milli, k->within_ns, MILLI);
	u32 rest_ns = holdoff_ns - min_t(u64, holdoff_ns, polls_ns);
	u32 times = netcoal_ratio(2 * (u64)holdoff_ns, 1, rest_ns) + 1;
	u64 longer_ns;

	if (!polls_ns || k->even || rest_ns < holdoff_ns / 2)
		return plain_ns;
	longer_ns = tail_ns(k, batch_milli, min(variance, U64_MAX / WITHIN_TIMES) * times, rest_ns);
	return min(plain_ns, longer_ns - min(longer_ns, polls_ns));
}

/*
 * What each packet of a batch adds to the wait of the last: it is polled, and where the
 * reader has the same CPU it is read. What the CPUs did beyond polls and interrupts may
 * be that or anything else, so only a part of it is believed. Stages behind poll what is
 * passed on one by one: on this CPU after all that, on others meanwhile.
 */
static u32 packet_of_batch(const struct netcoal_sums *s, u32 irq_ns,
			   const struct netcoal_limits *lim)
{
	u32 batch = netcoal_sums_batch(s);
	u64 polled = netcoal_ratio(netcoal_sums_busy(s), MILLI, batch);
	u64 cpu = s->packets ? netcoal_cpu_per_packet(s) : 0;
	u64 known = polled + netcoal_ratio(irq_ns, MILLI, batch);

	polled += min(cpu - min(cpu, known), polled / READ_PART) + lim->beside_ns;
	return min_t(u64, max_t(u64, polled, lim->later_ns), NETCOAL_COST_MAX_NS);
}

/**
 * struct growth - how batches, and what they make packets wait for, grow with a hold-off
 * @tail: of the held batches
 * @base_milli: packets of a batch without hold-off, in thousandths
 * @more_milli: packets that the hold-off brought besides, in thousandths
 * @base_variance: of batches without hold-off
 * @more_variance: of held ones besides
 * @holdoff_ns: the hold-off that brought it
 * @budget_ns: the latency target
 * @at_zero_ns: what the slowest hundredth waits for without hold-off
 */
struct growth {
	struct tail tail;
	u32 base_milli;
	u32 more_milli;
	u64 base_variance;
	u64 more_variance;
	u32 holdoff_ns;
	u32 budget_ns;
	u64 at_zero_ns;
};

/* How much longer packets wait than at no hold-off, if that takes such a part of the target. */
static u64 delay_of_share(const struct growth *g, u32 share_milli)
{
	u32 wait_ns = div_u64((u64)g->budget_ns * share_milli, MILLI);
	u32 times = min_t(u32, netcoal_ratio(wait_ns, MILLI, max_t(u32, g->holdoff_ns, 1)),
			  TIMES_MAX);
	u64 batch = g->base_milli + div_u64((u64)g->more_milli * times, MILLI);
	u64 variance = g->base_variance + div_u64(g->more_variance, MILLI) * times;
	u64 more = tail_within_ns(&g->tail, batch, variance, wait_ns);

	more -= min(more, g->at_zero_ns);
	return wait_ns + more + more / MARGIN_PART;
}

/*
 * The largest share whose delay keeps the target. Delays hardly bend, so a line between one
 * that keeps it and one that does not finds it soon: halving takes twice as long. An end that
 * stays twice is drawn nearer, or the other would creep (the Illinois rule).
 */
static u32 largest_share(const struct growth *g)
{
	u64 under = g->budget_ns, over = delay_of_share(g, MILLI);
	u32 low = 0, high = MILLI;
	int stays = 0;

	if (over <= g->budget_ns)
		return MILLI;
	over -= g->budget_ns;
	while (high > max_t(u32, low, SHARE_MIN) + 1) {
		u32 share = low + div64_u64(under * (high - low), under + over);
		u64 delay_ns;

		share = clamp_t(u32, share, max_t(u32, low, SHARE_MIN) + 1, high - 1);
		delay_ns = delay_of_share(g, share);
		if (delay_ns <= g->budget_ns) {
			low = share;
			under = g->budget_ns - delay_ns;
			stays = max(stays, 0) + 1;
			over = stays > 1 ? over / 2 + 1 : over;
		} else {
			high = share;
			over = delay_ns - g->budget_ns;
			stays = min(stays, 0) - 1;
			under = stays < -1 ? under / 2 : under;
		}
	}
	return max_t(u32, low, SHARE_MIN);
}

/**
 * netcoal_aim_share() - part of the latency target that hold-offs may take
 * @base: windows without hold-off; without packets where they tell nothing
 * @held: windows with a hold-off
 * @irq_ns: c_i
 * @holdoff_ns: that hold-off, up to a second
 * @lim: the queue's limits, for the latency target and what later stages take
 * @begin: what hold-offs begin with
 *
 * A batch is polled before its packets are handed over, and its last packet is read
 * after all others, so larger ones delay packets beyond T: by what the 99th percentile
 * of packets waits for, less what it waits for at T = 0. What a batch has more than at
 * T = 0 goes with T, its mean and its variance.
 *
 * Return: in thousandths, not less than two fifths: a target that a batch's own
 * polling takes most of is no target for coalescing.
 */
u32 netcoal_aim_share(const struct netcoal_sums *base, const struct netcoal_sums *held,
		      u32 irq_ns, u32 holdoff_ns, const struct netcoal_limits *lim,
		      enum netcoal_begin begin)
{
	u32 b1 = netcoal_sums_batch(held), b0 = min(netcoal_sums_batch(base), b1);
	u64 v1 = variance_of(held), v0 = min(variance_of(base), v1);
	struct growth g = {
		.tail = {
			.packet_ns = packet_of_batch(held, irq_ns, lim),
			.group_milli = b0,
			.after = begin != NETCOAL_BEGIN_PACKET,
			.most_milli = most_above(held),
		},
		.base_milli = b0,
		.more_milli = b1 - b0,
		.base_variance = v0,
		.more_variance = v1 - v0,
		.holdoff_ns = holdoff_ns,
		.budget_ns = lim->budget_ns,
	};

	if (begin == NETCOAL_BEGIN_IRQ)
		g.tail.within_ns = netcoal_ratio(netcoal_sums_busy(held), MILLI, b1);
	note_even(&g.tail, b1, v1);
	g.at_zero_ns = tail_ns(&g.tail, b0, v0, 0);
	return largest_share(&g);
}

/**
 * netcoal_aim_saves() - does a hold-off save CPU?
 * @t: the terms
 * @base_milli: batch without hold-off, in thousandths
 * @held_milli: batch with it
 * @empty_milli: timers in vain per batch with it
 * @eps_pct: share of the CPU to save, in percent
 *
 * Return: true if it saves more than that.
 */
bool netcoal_aim_saves(const struct netcoal_aim *t, u32 base_milli, u32 held_milli,
		       u32 empty_milli, u32 eps_pct)
{
	u64 now = netcoal_aim_cpu_ns(t, t->irq_ns, base_milli);
	u64 then = netcoal_aim_cpu_ns(t, held_cost(t, empty_milli), held_milli);

	return then * 100 < now * (100 - eps_pct);
}

/* Two points of one load, at two batches. */
static bool comparable(const struct netcoal_sums *a, const struct netcoal_sums *b)
{
	u64 one = netcoal_sums_pps(a), other = netcoal_sums_pps(b);

	return enough_to_learn(a) && enough_to_learn(b) &&
	       one * 100 >= other * SAME_RATE_PCT && other * 100 >= one * SAME_RATE_PCT;
}

/* CPU per packet fell by more than this, in percent. */
static bool fell(u64 before, u64 after, u32 pct)
{
	return after * 100 < before * (100 - pct);
}

/**
 * netcoal_aim_saw() - was CPU seen to be saved?
 * @base: windows without hold-off
 * @held: windows with the present setting
 * @least_pct: how much at least, in percent
 *
 * Return: false if there are two points of one load, and they say that it was not.
 */
bool netcoal_aim_saw(const struct netcoal_sums *base, const struct netcoal_sums *held,
		     u32 least_pct)
{
	return !comparable(base, held) ||
	       fell(netcoal_cpu_per_packet(base), netcoal_cpu_per_packet(held), least_pct);
}

/**
 * netcoal_aim_disproved() - did a hold-off that should save CPU save none?
 * @base: windows without hold-off
 * @held: windows with the present setting
 * @least_pct: what it should save at least, in percent
 *
 * A saving shows in what the CPUs did per packet, whatever else that contains,
 * unless they were busy all the time with other work. That would leave polling
 * cheaper by what a batch shares.
 *
 * Return: true if the load is still much the same and neither got cheaper.
 */
bool netcoal_aim_disproved(const struct netcoal_sums *base,
			   const struct netcoal_sums *held, u32 least_pct)
{
	return !base->starved && !held->starved && !netcoal_aim_saw(base, held, least_pct) &&
	       !fell(div64_u64(base->busy_ns, base->packets),
		     div64_u64(held->busy_ns, held->packets), POLLS_CHEAPER_PCT);
}

/* ---- steering ---------------------------------------------------------------- */

/* Of a hold-off what brings more than the base has, which is at a policy's least one. */
static u32 beyond_base(const struct netcoal_aim *t, u64 holdoff_ns)
{
	holdoff_ns = min_t(u64, holdoff_ns, NETCOAL_COST_MAX_NS);
	return holdoff_ns - min_t(u64, holdoff_ns, t->holdoff_min_ns);
}

/* The batch at another hold-off than the present one, whose batch is known. */
static u32 batch_at(const struct netcoal_aim *t, u32 base, u32 batch, u64 holdoff_ns)
{
	u64 x = netcoal_x_of_batch(netcoal_ratio(batch, MILLI, base), t->seems_after);

	x = min_t(u64, div_u64(x * beyond_base(t, holdoff_ns),
			       max_t(u32, beyond_base(t, t->have.holdoff_ns), 1)), U32_MAX / 2);
	return netcoal_ratio(base, netcoal_batch_milli(x, t->seems_after), MILLI);
}

/* The hold-off that brings B*: x goes with T. */
static u64 holdoff_of_batch(const struct netcoal_aim *t, u32 base, u32 batch)
{
	u64 have = netcoal_x_of_batch(netcoal_ratio(batch, MILLI, base), t->seems_after);
	u64 want = netcoal_x_of_batch(netcoal_ratio(t->batch_milli, MILLI, base),
				      t->seems_after);

	/* From the base itself nothing leads on, unless it is enough. */
	if (!beyond_base(t, t->have.holdoff_ns) && batch >= t->batch_milli)
		return t->holdoff_min_ns;
	if (!have || !beyond_base(t, t->have.holdoff_ns))
		return NETCOAL_TARGET_MAX_NS;
	return t->holdoff_min_ns + div64_u64(want * beyond_base(t, t->have.holdoff_ns), have);
}

/**
 * netcoal_aim_met() - is the CPU target met?
 * @t: the terms
 * @cpu_ns: CPU time per packet
 *
 * Return: true if it is missed by too little to be worth a change.
 */
bool netcoal_aim_met(const struct netcoal_aim *t, u64 cpu_ns)
{
	return cpu_ns * 100 <= (u64)t->cpu_target_ns * (100 + TARGET_MISS_PCT);
}

static bool seen_met(const struct netcoal_aim *t, u32 batch)
{
	return netcoal_aim_met(t, netcoal_aim_cpu_ns(t, t->seen_ns, batch));
}

/* A step down if that reaches the target, else a step up. */
static u64 stepped(const struct netcoal_aim *t, u32 base, u32 batch, u64 want_ns)
{
	u64 down = netcoal_steps_down(t, want_ns);

	return seen_met(t, batch_at(t, base, batch, down)) ? down : down + t->step_ns;
}

/*
 * None that is shorter: a batch behind a timer costs less than an interrupt, and the more of
 * them an interrupt begins, the more of that. Interrupts that seem dearer than is believed are
 * that without hold-off, too.
 */
static u64 shortest(const struct netcoal_aim *t, u32 base)
{
	u64 half = t->after ? netcoal_steps_down(t, t->have.holdoff_ns / 2) : 0;
	u32 own = netcoal_ratio(t->irq_ns - min(t->irq_ns, t->unseen_ns),
				max_t(u32, t->dearer_milli, MILLI), MILLI);
	u32 irq = min_t(u64, (u64)own + t->unseen_ns, NETCOAL_COST_MAX_NS);

	return netcoal_aim_met(t, netcoal_aim_cpu_ns(t, irq, base)) ?
		       half : max_t(u64, half, t->step_ns);
}

/**
 * netcoal_aim_wanted() - the hold-off that brings B*
 * @t: the terms
 * @base: batch without hold-off, in thousandths
 * @batch: batch at the present hold-off, which is not 0
 *
 * Return: ns; with a CPU target a multiple of the actuator's step.
 */
u64 netcoal_aim_wanted(const struct netcoal_aim *t, u32 base, u32 batch)
{
	u64 want = holdoff_of_batch(t, base, batch);

	return t->cpu_target_ns ? max(stepped(t, base, batch, want), shortest(t, base)) : want;
}

/**
 * netcoal_aim_near() - is the present hold-off near enough to the wanted one?
 * @t: the terms
 * @batch: batch at the present hold-off, in thousandths
 * @want_ns: the wanted hold-off
 *
 * Return: true if it is not worth a change.
 */
bool netcoal_aim_near(const struct netcoal_aim *t, u32 batch, u64 want_ns)
{
	u64 have = t->have.holdoff_ns;

	if (t->cpu_target_ns)
		return seen_met(t, batch) &&
		       have * 100 <= want_ns * (100 + TARGET_LONG_PCT);
	have = (u64)batch * 100;
	return have >= (u64)t->batch_milli * (100 - ADJUST_FRAMES_PCT) &&
	       have <= (u64)t->batch_milli * (100 + 2 * ADJUST_FRAMES_PCT);
}

/* ---- learning c_i and c_p -------------------------------------------------- */

/**
 * netcoal_costs_doubtful() - do packets cost more than they did when costs were learned?
 * @costs: what is known
 * @t: the terms
 * @held: windows with the present setting
 *
 * An interrupt may be dearer by now, or an application do more: only a point without hold-off
 * tells which.
 *
 * Return: true if it is clearly more, and if costs are learned at all.
 */
bool netcoal_costs_doubtful(const struct netcoal_costs *costs, const struct netcoal_aim *t,
			    const struct netcoal_sums *held)
{
	u64 irqs = netcoal_ratio(t->held_ns - min(t->held_ns, t->unseen_ns), MILLI,
				 netcoal_sums_batch(held));

	return costs->irq_ns && enough_to_learn(held) &&
	       fell(netcoal_cpu_per_packet(held), irqs + costs->rest_ns, DEARER_PCT);
}

static u32 bounded_cost(u64 learned, u32 calibrated)
{
	u64 cal = clamp_t(u32, calibrated, 1, NETCOAL_COST_MAX_NS);

	return clamp_t(u64, learned, max_t(u64, cal / COST_BOUND, 1),
		       min_t(u64, cal * COST_BOUND, NETCOAL_COST_MAX_NS));
}

/* Interrupts per packet in millionths, 0 to 1000000. */
static u32 irqs_millionths(const struct netcoal_sums *s)
{
	return min_t(u64, div64_u64(s->sequences * MILLION, s->packets), MILLION);
}

/*
 * Trains have few interrupts per packet without hold-off, and may have clearly fewer with one.
 * A small difference makes much of chance: so there have to be many.
 */
static bool are_trains_apart(const struct netcoal_sums *b, const struct netcoal_sums *h, u32 x0,
			     u32 x1)
{
	return x0 > 2 * x1 && x0 - x1 >= TRAINS_APART &&
	       b->sequences >= TRAINS && h->sequences >= TRAINS;
}

/* Timers that found nothing, ns of CPU per packet. */
static u64 vain_per_packet(const struct netcoal_sums *s, const struct netcoal_limits *lim)
{
	u64 each = (u64)lim->timer_cost_ns + lim->irq_cost_ns / EMPTY_SHARE;

	if (!lim->timer_cost_ns)
		return 0;
	return div64_u64(min_t(u64, each, NETCOAL_COST_MAX_NS) * s->empty, s->packets);
}

/*
 * What a packet takes to poll, from two batches. A CPU target heeds it even where all
 * that CPUs did tells nothing, for they did other work: no packet costs less.
 */
static void learn_polled(struct netcoal_costs *costs, const struct netcoal_sums *b,
			 const struct netcoal_sums *h)
{
	u32 few = netcoal_sums_batch(b), many = netcoal_sums_batch(h);
	u32 less = netcoal_sums_busy(b), more = netcoal_sums_busy(h);

	if (h->sequences < POLLED_SEQUENCES)
		return;
	if (b->sequences >= POLLED_SEQUENCES && many / 2 >= few && more > less)
		costs->polled_ns = min_t(u32, netcoal_ratio(more - less, MILLI, many - few),
					 NETCOAL_COST_MAX_NS);
	/* The first may have been of other packets; of these none takes more than all. */
	costs->polled_ns = min_t(u32, costs->polled_ns, netcoal_ratio(more, MILLI, many));
}

/* What is found to be no interrupt's stays that, also if it is more at times. */
static void learn_rest(struct netcoal_costs *costs, u64 irq_ns, u64 rest_ns)
{
	u32 rest = min_t(u64, rest_ns, NETCOAL_COST_MAX_NS);
	u64 apart = irq_ns > costs->irq_ns ? irq_ns - costs->irq_ns : costs->irq_ns - irq_ns;

	costs->rest_ns = apart * ALIKE_PART > costs->irq_ns ? rest : max(costs->rest_ns, rest);
}

/**
 * netcoal_costs_learn() - learn c_i and c_p from two points
 * @costs: what is known so far
 * @b: windows without hold-off
 * @h: windows with the present setting
 * @lim: the queue's limits, with calibrated costs
 *
 * Per packet, without and with hold-off, y0 = c_p + c_i x0 and y1 = c_p + c_i x1
 * with x interrupts. Other work on the CPUs is in both y: it drops out of c_i,
 * but would pass for c_p, so that is believed above its calibrated value only
 * as far as the time spent polling proves it. Where more is left than that an application
 * may have done it, but only if no other queue did, and if an eighth of all was saved: by so
 * much it does not change from one point to the next. The same goes for trains, whose points
 * are near each other. What a packet takes to poll is learned apart, from the two batches.
 */
void netcoal_costs_learn(struct netcoal_costs *costs, const struct netcoal_sums *b,
			 const struct netcoal_sums *h,
			 const struct netcoal_limits *lim)
{
	u64 x0, x1, y0, y1, slope, irq, packet, proven;
	bool beside, trains;

	learn_polled(costs, b, h);
	if (!comparable(b, h))
		return;
	x0 = irqs_millionths(b);
	x1 = irqs_millionths(h);
	y0 = netcoal_cpu_per_packet(b);
	y1 = netcoal_cpu_per_packet(h);
	y1 -= min(y1, vain_per_packet(h, lim));
	if (y0 <= y1)
		return;
	trains = x0 < x1 + APART;
	if (trains && !are_trains_apart(b, h, x0, x1))
		return;
	slope = div64_u64((y0 - y1) * MILLION, x0 - x1);
	irq = bounded_cost(slope, lim->irq_cost_ns);
	packet = y1 - min(y1, div_u64(irq * x1, MILLION));
	proven = max_t(u64, lim->packet_cost_ns, div64_u64(h->busy_ns, h->packets));
	beside = packet > 2 * proven;
	/* So much more may be of other queues, which would be in c_i, too. */
	if ((trains || beside) &&
	    (b->shared || h->shared || irq != slope || (y0 - y1) * CLEAR_PART < y0))
		return;
	/* Short timers begin part of their batches, and save part of an interrupt; and what an
	 * application does is never quite the same twice.
	 */
	if ((lim->timer_cost_ns || beside) && costs->far && x0 < 2 * x1)
		return;
	learn_rest(costs, irq, packet);
	costs->irq_ns = irq;
	costs->far = x0 >= 2 * x1;
	costs->packet_ns = bounded_cost(min(packet, proven), lim->packet_cost_ns);
}
