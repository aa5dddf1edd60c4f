// SPDX-License-Identifier: GPL-2.0
/*
 * What the law aims at: see gov_aim.h.
 */
#include <linux/kernel.h>
#include <linux/math.h>
#include <linux/math64.h>
#include <linux/minmax.h>

#include "gov_aim.h"
#include "gov_batch.h"
#include "gov_terms.h"

/* ε for frames: the last 3 % are not worth a longer wait. */
#define FRAMES_EPS_PCT		3
/* ε for the idle rule, to start to hold off, and half as much to go on. */
#define IDLE_EPS_PCT		5
/* Of an interrupt, what a timer that finds nothing costs, too: a poll. */
#define EMPTY_SHARE		4
/* Learned costs stay within this factor of the calibrated ones. */
#define COST_BOUND		4
/* Two points this far apart in interrupts per packet tell their cost. */
#define APART_MILLI		100
/* A CPU target is aimed at with this much of it. */
#define TARGET_AIM_PCT		100
/* Windows of each kind before costs are learned from them. */
#define LEARN_WINDOWS		2

/* Of a latency target, in thousandths, what a hold-off may take anyhow. */
#define SHARE_MIN		400
/* What batches take to poll may exceed it by such a part: an application on
 * another CPU has most of a batch before the poll ends.
 */
#define POLLING_PART		8

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

/* c_i + e c_e. */
static u32 held_cost(const struct netcoal_aim *t, u32 empty_milli)
{
	return min_t(u64, t->irq_ns + div_u64((u64)t->empty_ns * empty_milli, MILLI),
		     NETCOAL_COST_MAX_NS);
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
	t->batch_milli = clamp(netcoal_ratio(t->held_ns, MILLI, spare), MILLI, most);
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
	t->stay_pct = t->cpu_target_ns ? 0 : IDLE_EPS_PCT / 2;
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
	t->steer_after = t->after;
	t->step_ns = lim->step_ns;
	t->cpu_target_ns = lim->cpu_target_ns;
	t->frames_max = lim->frames_max;
	t->few_max = lim->has_frames ? lim->frames_max : 1;
	t->irq_ns = min_t(u64, (u64)irq + lim->irq_extra_ns, NETCOAL_COST_MAX_NS);
	t->empty_ns = lim->timer_cost_ns ? min_t(u64, (u64)lim->timer_cost_ns + irq / EMPTY_SHARE,
				       NETCOAL_COST_MAX_NS) : 0;
	t->packet_ns = clamp_t(u32, packet, 1, NETCOAL_COST_MAX_NS);
	t->held_ns = held_cost(t, netcoal_sums_empty(held));
	want_batch(t, lim);
	want_wait(t, lim);
}

/*
 * Packets that come with the first of a batch: what it has beyond those that the
 * rate brings while they are held off and polled.
 */
static u32 group_milli(const struct netcoal_sums *held, u32 holdoff_ns, u32 busy_ns,
		       u32 base_milli)
{
	u32 batch = netcoal_sums_batch(held);
	u64 came = netcoal_x_milli(netcoal_sums_pps(held),
				   min_t(u32, holdoff_ns + busy_ns, NETCOAL_COST_MAX_NS));

	return max_t(u32, batch - min_t(u64, batch, came), min(base_milli, batch));
}

/*
 * What the hold-off T adds to a packet's delay besides T, for a batch is polled
 * before its packets are handed over: s T on average, and one and a half times
 * the deviation of a number of independent groups that take g to poll each.
 */
static u64 polling_added(u64 s_ppm, u32 group_ns, u32 holdoff_ns)
{
	u64 more = div_u64(s_ppm * holdoff_ns, MILLION);
	u32 spread = int_sqrt64(group_ns * min_t(u64, more, NETCOAL_COST_MAX_NS));

	return more + more / 8 + 3 * (u64)spread / 2;
}

/**
 * netcoal_aim_share() - part of the latency target that hold-offs may take
 * @held: windows with a hold-off
 * @holdoff_ns: that hold-off, up to a second
 * @base_milli: batch without hold-off, in thousandths
 * @budget_ns: the latency target
 *
 * Return: in thousandths, not less than two fifths: a target that a batch's own
 * polling takes most of is no target for coalescing.
 */
u32 netcoal_aim_share(const struct netcoal_sums *held, u32 holdoff_ns,
		      u32 base_milli, u32 budget_ns)
{
	u32 busy = netcoal_sums_busy(held);
	u32 batch = netcoal_sums_batch(held), low = SHARE_MIN, high = MILLI;
	u32 base, group;
	u64 s_ppm;

	base = div_u64((u64)busy * min(base_milli, batch), batch);
	group = div_u64((u64)busy * group_milli(held, holdoff_ns, busy, base_milli), batch);
	s_ppm = div_u64((busy - base) * MILLION, max_t(u32, holdoff_ns, 1));
	s_ppm = min_t(u64, s_ppm, MILLION);
	while (low < high) {
		u32 mid = (low + high + 1) / 2;
		u32 wait_ns = div_u64((u64)budget_ns * mid, MILLI);

		if (wait_ns + polling_added(s_ppm, group, wait_ns) <=
		    budget_ns + budget_ns / POLLING_PART)
			low = mid;
		else
			high = mid - 1;
	}
	return low;
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

/* ---- steering ---------------------------------------------------------------- */

/* The batch at another hold-off than the present one, whose batch is known. */
static u32 batch_at(const struct netcoal_aim *t, u32 base, u32 batch, u64 holdoff_ns)
{
	u64 x = netcoal_x_of_batch(netcoal_ratio(batch, MILLI, base), t->steer_after);

	x = min_t(u64, div_u64(x * min_t(u64, holdoff_ns, NETCOAL_COST_MAX_NS),
			       max_t(u32, t->have.holdoff_ns, 1)), U32_MAX / 2);
	return netcoal_ratio(base, netcoal_batch_milli(x, t->steer_after), MILLI);
}

/* The hold-off that brings B*: x goes with T. */
static u64 holdoff_of_batch(const struct netcoal_aim *t, u32 base, u32 batch)
{
	u64 have = netcoal_x_of_batch(netcoal_ratio(batch, MILLI, base), t->steer_after);
	u64 want = netcoal_x_of_batch(netcoal_ratio(t->batch_milli, MILLI, base),
				      t->steer_after);

	return have ? div64_u64(want * t->have.holdoff_ns, have) : NETCOAL_TARGET_MAX_NS;
}

/* Is a batch cheap enough for the CPU target? */
static bool target_met(const struct netcoal_aim *t, u32 batch)
{
	return netcoal_aim_cpu_ns(t, t->held_ns, batch) * 100 <=
	       (u64)t->cpu_target_ns * (100 + TARGET_MISS_PCT);
}

/* A step down if that reaches the target, else a step up. */
static u64 stepped(const struct netcoal_aim *t, u32 base, u32 batch, u64 want_ns)
{
	u64 down = div_u64(want_ns, t->step_ns) * t->step_ns;

	return target_met(t, batch_at(t, base, batch, down)) ? down : down + t->step_ns;
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

	return t->cpu_target_ns ? stepped(t, base, batch, want) : want;
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
		return target_met(t, batch) &&
		       have * 100 <= want_ns * (100 + TARGET_LONG_PCT);
	have = (u64)batch * 100;
	return have >= (u64)t->batch_milli * (100 - ADJUST_FRAMES_PCT) &&
	       have <= (u64)t->batch_milli * (100 + 2 * ADJUST_FRAMES_PCT);
}

/* ---- learning c_i and c_p -------------------------------------------------- */

static u32 bounded_cost(u64 learned, u32 calibrated)
{
	u64 cal = clamp_t(u32, calibrated, 1, NETCOAL_COST_MAX_NS);

	return clamp_t(u64, learned, max_t(u64, cal / COST_BOUND, 1),
		       min_t(u64, cal * COST_BOUND, NETCOAL_COST_MAX_NS));
}

/* Interrupts per packet in thousandths, 0 to 1000. */
static u32 irqs_milli(const struct netcoal_sums *s)
{
	return min_t(u64, div64_u64((u64)s->sequences * MILLI, s->packets), MILLI);
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

/* Timers that found nothing, ns of CPU per packet. */
static u64 vain_per_packet(const struct netcoal_sums *s, const struct netcoal_limits *lim)
{
	u64 each = (u64)lim->timer_cost_ns + lim->irq_cost_ns / EMPTY_SHARE;

	if (!lim->timer_cost_ns)
		return 0;
	return div64_u64(min_t(u64, each, NETCOAL_COST_MAX_NS) * s->empty, s->packets);
}

static bool enough_to_learn(const struct netcoal_sums *s)
{
	return s->cpu_ns && s->packets && s->windows >= LEARN_WINDOWS;
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
 * as far as the time spent polling proves it.
 */
void netcoal_costs_learn(struct netcoal_costs *costs, const struct netcoal_sums *b,
			 const struct netcoal_sums *h,
			 const struct netcoal_limits *lim)
{
	u64 x0, x1, y0, y1, irq, packet, proven;

	if (!enough_to_learn(b) || !enough_to_learn(h))
		return;
	x0 = irqs_milli(b);
	x1 = irqs_milli(h);
	y0 = netcoal_cpu_per_packet(b);
	y1 = netcoal_cpu_per_packet(h);
	y1 -= min(y1, vain_per_packet(h, lim));
	if (x0 < x1 + APART_MILLI || y0 <= y1)
		return;
	irq = bounded_cost(div64_u64((y0 - y1) * MILLI, x0 - x1), lim->irq_cost_ns);
	packet = y1 - min(y1, div_u64(irq * x1, MILLI));
	proven = max_t(u64, lim->packet_cost_ns, div64_u64(h->busy_ns, h->packets));
	/* So much more must be of other queues, which would be in c_i, too. */
	if (packet > 2 * proven)
		return;
	costs->irq_ns = irq;
	costs->packet_ns = bounded_cost(min(packet, proven), lim->packet_cost_ns);
}
