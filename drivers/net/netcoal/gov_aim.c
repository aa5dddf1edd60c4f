// SPDX-License-Identifier: GPL-2.0
/*
 * What the law aims at: see gov_aim.h.
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/minmax.h>

#include "gov_aim.h"
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

#define MILLI			NETCOAL_MILLI

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
