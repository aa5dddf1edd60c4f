// SPDX-License-Identifier: GPL-2.0
/*
 * Governor "model": the least CPU per packet that a latency target allows.
 *
 * A queue receives λ packets per second. An interrupt costs c_i ns, wake-ups
 * and context switches included, a packet c_p ns, a timer that finds nothing
 * c_e ns. With a hold-off of T ns (gov_batch.h, gov_aim.h):
 *
 *    batch      B(T) = b0 (1 + κT)        b0: what forms by itself at T = 0
 *    CPU        c(T) = c_p + (c_i + e c_e) / B(T)        ns per packet
 *    wait       D(T) = T (1 + κT/2) / (1 + κT)           mean; T at most
 *    frames     B*   = (c_i + e c_e) / (ε c_p)           waiting for more than
 *                      B* packets buys under ε; with a CPU target,
 *                      B* = (c_i + e c_e) / (target - c_p)
 *    hold-off   T*   = min(budget, T (B* - b0) / (B(T) - b0)), B(T) as measured
 *    idle rule  T*   = 0 unless c(T*) saves ε of what no hold-off costs
 *
 * κ is λ / b0 for independent packets and more for bursts, so after a first
 * guess from λ it is measured, and so is e, the timers in vain per batch: none
 * for hardware. Where a hold-off begins after a batch, not with a packet,
 * batches and waits are smaller; gov_batch.h has both. So sparse traffic gets no
 * delay, dense traffic the smallest delay that buys the CPU, and overload gets
 * whole batches.
 *
 * c_i and c_p are learned from two points far apart: CPU per packet over
 * interrupts per packet, summed without and with hold-off, of one time: what
 * applications do for a packet may change later. Until both are known, and where
 * nothing is saved, those calibrated hold, and what is learned is never more than
 * eight times that, nor less than an eighth; but a CPU target is missed where it is
 * seen to be.
 *
 * All this is for packets that come whether or not the last were handled. In a
 * closed loop the next packet is the answer to an answer, and every delay is
 * lost throughput. Nothing seen at T = 0 tells one from the other, so a new
 * hold-off is a test first, and later on again:
 *
 *          +---------- idle, lockstep: no hold-off --------------+
 *          v                                                     |
 *      MEASURE --- T* > 0, not backing off ---> TEST ------------+
 *          ^                                     |  \            |
 *          |                       rate as before|   \ rate fell |
 *          |        back-off is over             v    v          |
 *          +------- idle, lockstep ------------ RUN <--> TRIAL --+
 *
 *   lockstep    the batch stays at b0 where λT promised more. One connection in
 *               request and response, or packets that come just too far apart:
 *               waiting buys nothing, T = 0. Shows within tens of packets, and
 *               a test lasts no longer. Loads that jump have lulls that look
 *               like it, so a run asks for four windows in a row.
 *   elasticity  the rate falls with T. A trial (gov_trial.h) alternates between a
 *               low and a high hold-off. A rate that falls by x from wait D0 to
 *               wait D1 belongs to a loop of time R = ((1 - x) D1 - D0) / x, and
 *               the wait is capped where D / (R + D) is 4.2 %: by time or, if
 *               frames can end a hold-off and the loop has few connections, by
 *               time and frames, which for the same wait make larger batches. A
 *               test that lost more of its rate than chance does is followed by
 *               a short trial; those from RUN take turns slowly (the longer the
 *               hold-off was believed, the more so; a load that seems even
 *               needs few), around the cap, down to half of a hold-off that
 *               nothing spoke against, or a fifth down and up where a CPU target
 *               has to be met meanwhile.
 *
 * Packets of a batch are handed over when it is polled, by later stages of a path,
 * too, and read after that, so what is left of the target for T is what longer
 * batches do not take for all that (netcoal_aim_share()). And what the CPUs did has
 * to show what batches promise: a hold-off that is not seen to save ends, if a trial
 * against none says the same.
 *
 * A hold-off some times as long as any that passed is tested, too. Else tests repeat
 * after twice as many windows each time, trials around a cap after
 * eight times as many, those of what was kept after 64 times, and all at once when
 * λ moves by more than 3x from what it was after the last one; but over a load that
 * jumps, a CPU target is met on average. A test that lost packets for nothing is
 * followed by a hundred times as many without. A window in which a setting took
 * effect is not judged.
 *
 * All arithmetic is on integers: times in ns up to a second, rates up to 1e9/s,
 * batches and x in thousandths up to 1e9, shares in ten-thousandths: products of
 * two fit 64 bits, and sums of windows are halved before they don't.
 */
#include <linux/build_bug.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/minmax.h>

#include "gov_batch.h"
#include "gov_state.h"

/* One that kept this much, of packets that come evenly, makes a check less urgent. */
#define RATE_KEPT_PCT		99
/* Sequences of all windows of a test together. */
#define TEST_SEQUENCES_MAX	64
/* Missed by more than this, it is out of reach. */
#define SATURATED_PCT		5
/* Usual windows in a long one. */
#define CALM_WORTH		(NETCOAL_WINDOW_CALM / NETCOAL_WINDOW_SEQUENCES)
/* Windows without hold-off before the first test. */
#define MEASURE_WINDOWS		3
#define RATE_RISES_PCT		125
/* Of a hold-off, what still counts for it in a trial. */
#define NEAR_PCT		90

/*
 * What waiting buys is judged against what comes together by itself. If that
 * was the backlog of a start, or of a CPU that others had, it ends, and so does
 * what was found against it.
 */
static bool base_moved(const struct netcoal_model *m)
{
	return (u64)netcoal_sums_batch(&m->base) * RATE_MOVED < m->found_batch;
}

/* A load that starts is no base yet: what a test loses would not show. */
static bool still_rises(const struct netcoal_model *m, const struct netcoal_aim *t, u32 pct)
{
	return m->base.windows && m->base.windows < MEASURE_WINDOWS &&
	       t->pps * 100 > netcoal_sums_pps(&m->base) * pct;
}

/* Nor is the window in which it began, with what had been held up before. */
static void note_base(struct netcoal_model *m, const struct netcoal_window *win,
		      const struct netcoal_aim *t)
{
	bool begins = still_rises(m, t, RATE_MOVED * 100);

	if (still_rises(m, t, RATE_RISES_PCT))
		netcoal_sums_clear(&m->base);
	if (!begins)
		netcoal_sums_add(&m->base, win, BASE_WINDOWS);
}

/*
 * Nothing is held off, and there is nothing to try yet: no window can tell news
 * but of another load, and whether it moved for good short ones tell soon. A long
 * one counts for several.
 */
static void stay_calm(struct netcoal_model *m, const struct netcoal_window *win, bool idle,
		      struct netcoal_decision *d)
{
	u32 worth = max(netcoal_useful_sequences(win) / NETCOAL_WINDOW_SEQUENCES, 1);

	m->wait -= min_t(u32, m->wait, worth);
	if (m->moved)
		d->next_sequences = TEST_SEQUENCES;
	if (m->base.windows < MEASURE_WINDOWS || m->moved)
		return;
	if (idle || m->wait >= CALM_WORTH || m->rest >= CALM_WORTH * (u64)win->packets)
		d->next_sequences = NETCOAL_WINDOW_CALM;
}

static void measure(struct netcoal_model *m, const struct netcoal_window *win,
		    const struct netcoal_aim *t, struct netcoal_decision *d)
{
	u32 goal = 0;

	m->rest -= min(m->rest, win->packets);
	if (netcoal_model_load_moved(m, &m->base, t->pps) || base_moved(m)) {
		netcoal_model_moved(m);
		m->rest = 0;
		netcoal_sums_clear(&m->base);
	}
	note_base(m, win, t);
	netcoal_model_guess_share(m);
	if (!netcoal_model_base_meets(m, t))
		goal = netcoal_model_first_holdoff(m, t, netcoal_sums_batch(&m->base));
	if (!goal || m->wait || m->rest || m->base.windows < MEASURE_WINDOWS) {
		stay_calm(m, win, !goal, d);
		netcoal_model_set(d, 0, goal ? m->closed : NETCOAL_VERDICT_IDLE);
		return;
	}
	m->phase = MODEL_TEST;
	m->fresh = false;
	m->recent = true;
	m->lost = 0;
	netcoal_sums_clear(&m->held);
	netcoal_model_set(d, goal, t->verdict);
	d->next_sequences = TEST_SEQUENCES;
}

/*
 * The rate fell in the test: that was a trial's first high half. Now comes a low
 * one.
 */
static void doubt(struct netcoal_model *m, const struct netcoal_aim *t, u32 fell,
		  struct netcoal_decision *d)
{
	struct netcoal_sums high = m->held;
	struct netcoal_setting low = netcoal_model_by_time(t, 0);
	struct netcoal_setting within =
		netcoal_model_by_time(t, min(t->have.holdoff_ns, t->budget_ns));
	s32 lost = m->lost;

	d->setting = low;
	d->verdict = NETCOAL_VERDICT_ELASTIC;
	netcoal_model_start_trial(m, t, &low, &within);
	m->lost = lost;
	/* Far from it, the test tells nothing of what the trial asks. */
	if ((u64)t->have.holdoff_ns * NEAR_PCT > (u64)m->trial.high.holdoff_ns * 100)
		return;
	m->trial.doubt = fell;
	netcoal_trial_turn(&m->trial, &m->base);
	netcoal_trial_turn(&m->trial, &high);
	netcoal_trial_lasts(&m->trial, &high);
	if (m->base.ns * 2 < high.ns)
		m->trial.halves = 1;
}

/* Of packets that come by chance a test has too few to tell. */
static bool surely_kept(const struct netcoal_model *m)
{
	return netcoal_aim_is_even(&m->base, &m->held) &&
	       netcoal_sums_pps(&m->held) * 100 >= netcoal_sums_pps(&m->base) * RATE_KEPT_PCT;
}

/*
 * Windows until a test that was passed is checked. One that passes again and again, and then
 * saves nothing, shall not be repeated as often.
 */
static u32 check_after(const struct netcoal_model *m)
{
	u32 before = m->closed == NETCOAL_VERDICT_IDLE ? m->backoff : 0;

	return surely_kept(m) ? CHECK_BACKOFF_MOST :
				clamp(before, CHECK_BACKOFF_MIN, CHECK_BACKOFF_MOST);
}

static void test(struct netcoal_model *m, const struct netcoal_window *win,
		 const struct netcoal_aim *t, struct netcoal_decision *d)
{
	u32 fell, windows;

	netcoal_sums_add(&m->held, win, HELD_WINDOWS);
	netcoal_model_count_lost(m, win, t);
	netcoal_model_set(d, t->have.holdoff_ns, t->verdict);
	fell = netcoal_sums_fell(&m->base, &m->held, FELL_MAYBE);
	if (netcoal_model_in_lockstep(m, &m->held, t, LOCKSTEP_TEST)) {
		netcoal_model_lockstep(m, d);
	} else if (m->held.sequences < TEST_SEQUENCES_MAX) {
		d->next_sequences = TEST_SEQUENCES;
	} else if (!netcoal_model_saves(m, t, netcoal_sums_batch(&m->base))) {
		netcoal_model_nothing_saved(m, d);
	} else if (fell) {
		doubt(m, t, fell, d);
	} else {
		windows = check_after(m);
		netcoal_model_start_afresh(m);
		netcoal_model_learn_shape(m, t);
		m->tested = netcoal_model_order(t->have.holdoff_ns);
		netcoal_model_back_off(m, NETCOAL_VERDICT_START, windows);
		m->phase = MODEL_RUN;
	}
}

/*
 * A window in which a setting took effect says little of either, except in a
 * test: where lockstep shows even so, every further packet would be late.
 */
static void settle(struct netcoal_model *m, const struct netcoal_window *win,
		   const struct netcoal_aim *t, struct netcoal_decision *d)
{
	d->verdict = NETCOAL_VERDICT_SETTLE;
	m->lulls = 0;
	if (m->phase != MODEL_TEST)
		return;
	netcoal_model_count_lost(m, win, t);
	d->next_sequences = TEST_SEQUENCES;
	if ((u64)d->pps * 100 < netcoal_sums_pps(&m->base) * RATE_STAYS_PCT &&
	    netcoal_model_window_in_lockstep(m, win, t, LOCKSTEP_TEST))
		netcoal_model_lockstep(m, d);
}

/*
 * A CPU target that is missed at the batch that forms is called so, whatever keeps
 * the hold-off from being longer.
 */
static void say_saturated(const struct netcoal_model *m, const struct netcoal_aim *t,
			  struct netcoal_decision *d)
{
	/* A policy's least hold-off is a base, too. */
	bool none = !t->have.holdoff_ns || m->phase == MODEL_MEASURE;
	const struct netcoal_sums *s = none ? &m->base : &m->held;
	/* The largest batch there is may still be too small. */
	bool meets = d->verdict == NETCOAL_VERDICT_CPU_TARGET &&
		     t->batch_milli < t->frames_max * MILLI;
	u32 cost = t->have.holdoff_ns ? t->seen_ns : t->irq_ns;

	d->closed = d->verdict == NETCOAL_VERDICT_ELASTIC || d->verdict == NETCOAL_VERDICT_LOCKSTEP;
	/* What is seen to be met is, whatever costs are believed. */
	if (none && netcoal_model_base_meets(m, t))
		return;
	if (!t->cpu_target_ns || !s->packets || meets || d->verdict == NETCOAL_VERDICT_START ||
	    d->verdict == NETCOAL_VERDICT_SETTLE)
		return;
	if (netcoal_aim_cpu_ns(t, cost, netcoal_sums_batch(s)) * 100 >
	    (u64)t->cpu_target_ns * (100 + SATURATED_PCT))
		d->verdict = NETCOAL_VERDICT_SATURATED;
}

/* Towards its end a test tells what polling takes, so that a trial keeps within it. */
static bool learns_share(const struct netcoal_model *m, const struct netcoal_window *win)
{
	return win->settled && (m->phase == MODEL_RUN ||
				(m->phase == MODEL_TEST &&
				 m->held.sequences >= TEST_SEQUENCES_MAX - 2 * TEST_SEQUENCES));
}

/*
 * Two points tell of costs if they are of one time: else applications may do other work for a
 * packet by now, which would pass for an interrupt's.
 */
static bool base_is_recent(const struct netcoal_model *m, const struct netcoal_limits *lim)
{
	if (m->phase == MODEL_TRIAL)
		return m->trial.slow ? m->trial.low.holdoff_ns <= lim->holdoff_min_ns : m->recent;
	return m->phase != MODEL_RUN || netcoal_model_base_is_recent(m);
}

static void model_decide(struct netcoal_gov *gov, const struct netcoal_window *win,
			 const struct netcoal_limits *lim, struct netcoal_decision *d)
{
	struct netcoal_model *m = netcoal_gov_priv(gov);
	struct netcoal_limits mine = *lim;
	struct netcoal_aim t;

	netcoal_terms_fill(win, lim, d);
	if (!m->costs.irq_ns || base_is_recent(m, lim))
		netcoal_costs_learn(&m->costs, &m->base, &m->held, lim);
	if (learns_share(m, win))
		netcoal_model_learn_share(m, win, &gov->setting, lim);
	mine.budget_ns = div_u64((u64)lim->budget_ns * m->share, MILLI);
	netcoal_aim_of(&m->costs, &m->held, &gov->setting, d->pps, &mine, &t);
	if (!m->costs.irq_ns)
		m->costs.dearer_milli = t.dearer_milli;
	t.seems_after = t.after || m->after;
	d->irq_cost_ns = t.irq_ns;
	d->packet_cost_ns = t.packet_ns;
	d->want_frames = DIV_ROUND_UP(t.batch_milli, MILLI);
	d->setting = t.have;
	if (!win->settled)
		settle(m, win, &t, d);
	else if (m->phase == MODEL_MEASURE)
		measure(m, win, &t, d);
	else if (m->phase == MODEL_TEST)
		test(m, win, &t, d);
	else if (m->phase == MODEL_TRIAL)
		netcoal_model_trial(m, win, &t, d);
	else
		netcoal_model_run(m, win, &t, d);
	say_saturated(m, &t, d);
	d->trying = m->phase == MODEL_TEST || m->phase == MODEL_TRIAL;
	d->spent_ns = div_u64((u64)d->setting.holdoff_ns * MILLI, m->share);
	/* Without hold-off a limit of frames says nothing. */
	if (!d->setting.holdoff_ns)
		d->setting.frames = lim->frames_max;
}

static void model_init(struct netcoal_gov *gov, const struct netcoal_limits *lim)
{
	struct netcoal_model *m = netcoal_gov_priv(gov);

	BUILD_BUG_ON(sizeof(*m) > NETCOAL_GOV_PRIV_SIZE);
	netcoal_model_start_afresh(m);
	m->share = MILLI;
	gov->setting.holdoff_ns = lim->holdoff_min_ns;
}

const struct netcoal_gov_ops netcoal_gov_model = {
	.name = "model",
	.priv_size = sizeof(struct netcoal_model),
	.init = model_init,
	.decide = model_decide,
};
