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
 * interrupts per packet, summed without and with hold-off. Until both are
 * known, and for as long as they say something absurd, those calibrated hold.
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
 *               a test lasts no longer.
 *   elasticity  the rate falls with T. A trial (gov_trial.h) alternates between a
 *               low and a high hold-off. A rate that falls by x from wait D0 to
 *               wait D1 belongs to a loop of time R = ((1 - x) D1 - D0) / x, and
 *               the wait is capped where D / (R + D) is 4.2 %: by time or, if
 *               frames can end a hold-off and the loop has few connections, by
 *               time and frames, which for the same wait make larger batches. A
 *               test that lost more of its rate than chance does is followed by
 *               a short trial; those from RUN take turns slowly (the longer the
 *               hold-off was believed, the more so), around the cap, or down to
 *               half of a hold-off that nothing spoke against.
 *
 * Packets of a batch are handed over when it is polled, so what is left of the
 * target for T is what longer polls do not take (netcoal_aim_share()). And what
 * the CPUs did has to show what batches promise: a hold-off that is not seen to
 * save ends, if a trial against none says the same.
 *
 * Tests repeat after twice as many windows each time, trials after eight times
 * as many, and at once when λ moves by more than 3x from what it was after the
 * last one. A test that lost packets for nothing is followed by a hundred times
 * as many without. A window in which a setting took effect is not judged.
 *
 * All arithmetic is on integers: times in ns up to a second, rates up to 1e9/s,
 * batches and x in thousandths up to 1e9, shares in ten-thousandths: products of
 * two fit 64 bits, and sums of windows are halved before they don't.
 */
#include <linux/build_bug.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "gov_aim.h"
#include "gov_batch.h"
#include "gov_sums.h"
#include "gov_terms.h"
#include "gov_trial.h"
#include "governor.h"

/* A batch at T = 0 that says that packets come in bursts. */
#define BURST_MILLI		1100
/* Where the cap aims: of the 5 % that a closed loop may lose, less what trials
 * and their errors cost.
 */
#define LOSS_AIM		420
/* A rate that fell by so many tenths of what chance does to independent packets
 * may have fallen for the hold-off; by so many, and so far, it did, clearly.
 */
#define FELL_MAYBE		15
#define FELL_CLEARLY		30
#define RATE_STAYS_PCT		80
/* One that kept this much makes a check less urgent. */
#define RATE_KEPT_PCT		99
/* Beyond this factor in λ, for so many windows, findings no longer hold. */
#define RATE_MOVED		3
#define MOVED_WINDOWS		3
/* Loads that keep jumping are followed ever more slowly, down to a 32nd, until
 * they have been calm for so many windows, for each time that they moved.
 */
#define FOLLOWS_MAX		5
#define CALM_WINDOWS		1024
/* Sequences of a window in a test, and of all its windows together. */
#define TEST_SEQUENCES		8
#define TEST_SEQUENCES_MAX	64
/* What tests and trials lose is at most one part in so many of the packets. */
#define TEST_REST		100
/* Longer windows say no more of that. */
#define LOST_MAX_NS		(10 * NETCOAL_NS_PER_SEC)
/* Packets that must be missing from the promised ones to call it lockstep:
 * in a test that costs, and in a run where the question is asked every window.
 */
#define LOCKSTEP_TEST		4
#define LOCKSTEP_RUN		16
/* Windows until the next test or trial, and by how much it grows. */
#define TEST_BACKOFF_MIN	32
#define IDLE_BACKOFF_MIN	128
#define CAP_BACKOFF_MIN		64
#define CAP_BACKOFF_GROWTH	8
#define CHECK_BACKOFF_MIN	64
#define CHECK_BACKOFF_KEPT	256
#define CHECK_BACKOFF_GROWTH	8
#define BACKOFF_MAX		65536
/* A trial may come when such a part of the wait is over, if less CPU than this, in
 * percent, is seen to be saved.
 */
#define EARLY_PART		8
#define DOUBT_PCT		10
/* Likewise after this part of it, if less than this of the rate is left at a cap. */
#define FAILS_PART		64
#define CAP_KEEPS_PCT		92
#define TEST_BACKOFF_MAX	4096
/* A CPU target that is undercut by so much asks for less than a loop may wait. */
#define TARGET_UNDER_PCT	2
/* Missed by more than this, it is out of reach. */
#define SATURATED_PCT		5
/* Windows to average before the next adjustment, doubling up to this. */
#define ADJUST_WINDOWS_MAX	512
/* Between these, batches tell how a device holds off. */
#define SHAPE_MIN_MILLI		1500
#define SHAPE_MAX_MILLI		6000
/* A share of the target may be so much too small, and is raised by so many windows. */
#define SHARE_SMALL_PCT		4
#define SHARE_RAISE_WINDOWS	8
/* Windows that sums remember, without and with hold-off. */
#define BASE_WINDOWS		16
#define HELD_WINDOWS		512
/* Usual windows in a long one. */
#define CALM_WORTH		(NETCOAL_WINDOW_CALM / NETCOAL_WINDOW_SEQUENCES)
/* Windows without hold-off before the first test. */
#define MEASURE_WINDOWS		3
#define RATE_RISES_PCT		125
/* Windows of one hold-off before it is judged to save nothing. */
#define IDLE_WINDOWS		8
/* Windows of one hold-off before what the CPUs did is taken for a disproof. */
#define DISPROOF_WINDOWS	32
/* Packets that come within a timer, below which it often finds none. */
#define VAIN_MILLI		1250
/* Windows whose mean says what λ is now. */
#define FOUND_WINDOWS		2

#define MILLI			NETCOAL_MILLI
#define NO_CAP			NETCOAL_TARGET_MAX_NS

enum model_phase {
	MODEL_MEASURE,
	MODEL_TEST,
	MODEL_TRIAL,
	MODEL_RUN,
};

/**
 * struct model - state of one queue and direction
 * @base: windows without hold-off
 * @held: windows with the present setting
 * @trial: the trial under way
 * @cap: longest waits that a closed loop tolerates
 * @found_pps: λ when a test or trial had ended, 0 if not yet known
 * @rest: packets until tests and trials have cost little enough
 * @lost: packets that the present test or trial seems to have cost
 * @backoff: windows from the last test or trial to the next
 * @wait: of these, windows to go
 * @costs: as learned
 * @found_batch: batch at T = 0 when a test found that waiting buys nothing
 * @share: of the latency target, for hold-offs, in thousandths; polling has the rest
 * @adjust_after: windows to average before the next adjustment
 * @phase: see the diagram above
 * @closed: NETCOAL_VERDICT_LOCKSTEP or _ELASTIC once a test showed a closed
 *	loop, _IDLE once it showed that waiting buys nothing, else _START
 * @moved: windows in a row whose λ was far from @found_pps
 * @calm: windows in which the load did not move
 * @follows: times that it moved, less those long past
 * @after: the device's hold-offs seem to begin after a batch
 * @fresh: @base is of the last trial
 */
struct model {
	struct netcoal_sums base;
	struct netcoal_sums held;
	struct netcoal_trial trial;
	struct netcoal_cap cap;
	u64 found_pps;
	u64 rest;
	s64 lost;
	u32 backoff;
	u32 wait;
	struct netcoal_costs costs;
	u32 found_batch;
	u16 share;
	u16 adjust_after;
	u16 calm;
	u8 phase;
	u8 closed;
	u8 moved;
	u8 follows;
	bool after;
	bool fresh;
};

static bool sums_save(const struct model *m, const struct netcoal_aim *t, u32 base_milli)
{
	return netcoal_aim_saves(t, base_milli, netcoal_sums_batch(&m->held),
				 netcoal_sums_empty(&m->held), t->stay_pct);
}

/*
 * The batch that would form without hold-off: as last measured if the load is
 * still much the same, else single packets.
 */
static bool base_counts(const struct model *m)
{
	u64 then = netcoal_sums_pps(&m->base), now = netcoal_sums_pps(&m->held);

	return now < 2 * then && then < 2 * now;
}

static u32 base_batch(const struct model *m)
{
	return base_counts(m) ? netcoal_sums_batch(&m->base) : MILLI;
}

/* ---- what polling takes of the target ---------------------------------------- */

/*
 * Before a test: packets that come while a batch is polled make it longer. A little
 * is not heeded, for it would keep what just pays from being tested at all.
 */
static void guess_share(struct model *m)
{
	u64 polls = div64_u64(m->base.busy_ns * MILLI, max_t(u64, m->base.ns, 1));

	m->share = MILLI - clamp_t(u64, polls, MILLI / 8, MILLI * 5 / 8) + MILLI / 8;
}

/*
 * What a batch takes to poll, as seen with the present hold-off. A window whose
 * batches take clearly longer than those before counts at once, as its packets
 * are late already; to take more of the target is less urgent.
 */
static void learn_share(struct model *m, const struct netcoal_window *win,
			const struct netcoal_setting *have,
			const struct netcoal_limits *lim)
{
	struct netcoal_sums now = { }, none = { };
	u32 share;

	if (!have->holdoff_ns || !m->held.sequences)
		return;
	netcoal_sums_add(&now, win, 1);
	if (is_power_of_2(m->held.windows))
		now = m->held;
	else if ((u64)netcoal_sums_busy(&now) * 4 <= (u64)netcoal_sums_busy(&m->held) * 5)
		return;
	share = netcoal_aim_share(base_counts(m) ? &m->base : &none, &now,
				  have->holdoff_ns, lim->budget_ns,
				  lim->timer_cost_ns);
	if (share * 101 < m->share * 100 ||
	    (now.windows >= SHARE_RAISE_WINDOWS &&
	     share * 100 > m->share * (100 + SHARE_SMALL_PCT)))
		m->share = share;
}

/* ---- changing state -------------------------------------------------------- */

static void set(struct netcoal_decision *d, u32 holdoff_ns, u32 why)
{
	d->setting.holdoff_ns = holdoff_ns;
	d->verdict = why;
}

static struct netcoal_setting by_time(const struct netcoal_aim *t, u32 holdoff_ns)
{
	return (struct netcoal_setting){ holdoff_ns, t->frames_max };
}

static void no_holdoff(struct model *m, struct netcoal_decision *d, u32 why)
{
	m->phase = MODEL_MEASURE;
	netcoal_sums_clear(&m->held);
	set(d, 0, why);
}

static void back_off(struct model *m, u32 closed, u32 windows)
{
	m->closed = closed;
	m->found_pps = 0;
	m->moved = 0;
	m->backoff = min_t(u32, windows, BACKOFF_MAX);
	m->wait = m->backoff;
}

static void back_off_more(struct model *m, u32 closed, u32 least, u32 growth, u32 most)
{
	back_off(m, closed, clamp_t(u64, (u64)m->backoff * growth, least, most));
}

/*
 * A window of a test or trial: of the packets that come without hold-off, how
 * many did not? Not more than would have come while it held others off.
 */
static void count_lost(struct model *m, const struct netcoal_window *win,
		       const struct netcoal_aim *t)
{
	u64 base = netcoal_sums_pps(&m->base);
	s64 due = div_u64(base * min_t(u64, win->len_ns, LOST_MAX_NS), NETCOAL_NS_PER_SEC);
	u64 held_ns = (u64)t->have.holdoff_ns * netcoal_useful_sequences(win);
	s64 most = div_u64(base * min_t(u64, held_ns, LOST_MAX_NS), NETCOAL_NS_PER_SEC);

	m->lost += min(due - (s64)win->packets, most);
}

/* A test or trial is over, and what it lost was for nothing. */
static void rest(struct model *m)
{
	m->rest = max_t(s64, m->lost, 0) * TEST_REST;
}

/* What tests found was about another load. */
static void start_afresh(struct model *m)
{
	m->closed = NETCOAL_VERDICT_START;
	m->cap.holdoff_ns = NO_CAP;
	m->cap.few.frames = 0;
	m->backoff = 0;
	m->wait = 0;
	m->moved = 0;
	m->found_pps = 0;
	m->found_batch = 0;
	m->adjust_after = 1;
}

/* The load moved; one that does so again and again is not soon believed. */
static void moved(struct model *m)
{
	m->follows = min(m->follows + 1, FOLLOWS_MAX);
	m->calm = 0;
	start_afresh(m);
}

/*
 * Has λ moved for good from what it was after the last test or trial? A load
 * that keeps jumping takes longer to convince.
 */
static bool load_moved(struct model *m, const struct netcoal_sums *now, u64 pps)
{
	if (m->follows && ++m->calm >= CALM_WINDOWS) {
		m->follows--;
		m->calm = 0;
	}
	if (!m->found_pps) {
		if (now->windows >= FOUND_WINDOWS)
			m->found_pps = netcoal_sums_pps(now);
		return false;
	}
	if (pps > m->found_pps * RATE_MOVED || pps * RATE_MOVED < m->found_pps)
		m->moved++;
	else
		m->moved = 0;
	return m->moved >= MOVED_WINDOWS << m->follows;
}

/*
 * What waiting buys is judged against what comes together by itself. If that
 * was the backlog of a start, or of a CPU that others had, it ends, and so does
 * what was found against it.
 */
static bool base_moved(const struct model *m)
{
	return (u64)netcoal_sums_batch(&m->base) * RATE_MOVED < m->found_batch;
}

/* A load that starts is no base yet: what a test loses would not show. */
static bool still_rises(const struct model *m, const struct netcoal_aim *t)
{
	return m->base.windows && m->base.windows < MEASURE_WINDOWS &&
	       t->pps * 100 > netcoal_sums_pps(&m->base) * RATE_RISES_PCT;
}

/* ---- MEASURE and TEST ------------------------------------------------------ */

/*
 * A CPU target that is missed by what the CPUs did, whatever is believed of
 * costs: what a hold-off saves has to be seen.
 */
static bool target_doubtful(const struct model *m, const struct netcoal_aim *t)
{
	return t->cpu_target_ns && !m->costs.irq_ns && m->base.cpu_ns && m->base.packets &&
	       netcoal_cpu_per_packet(&m->base) > t->cpu_target_ns;
}

/* The first guess of T*, packets being independent as far as anybody knows. */
static u32 first_holdoff(const struct model *m, const struct netcoal_aim *t, u32 base_milli)
{
	u64 need = div64_u64((t->batch_milli - MILLI) * (NETCOAL_NS_PER_SEC / MILLI),
			     max_t(u64, t->pps, 1));
	u32 goal = min_t(u64, need, t->budget_ns);
	u32 x = netcoal_x_milli(t->pps, goal);
	u32 batch = max(base_milli, netcoal_batch_milli(x, t->after));

	/* A target is approached from above: just too short looks like lockstep. */
	if (netcoal_aim_saves(t, base_milli, batch, netcoal_empty_milli(x), t->start_pct))
		return t->cpu_target_ns ? t->budget_ns : goal;
	/* Bursts may still be worth it: what they bring, only a test can say. */
	if (base_milli >= BURST_MILLI && base_milli < t->batch_milli)
		return t->budget_ns;
	return target_doubtful(m, t) ? t->budget_ns : 0;
}

/*
 * Nothing is held off, and there is nothing to try yet: no window can tell news
 * but of another load, and whether it moved for good short ones tell soon. A long
 * one counts for several.
 */
static void stay_calm(struct model *m, const struct netcoal_window *win, bool idle,
		      struct netcoal_decision *d)
{
	u32 worth = max(netcoal_useful_sequences(win) / NETCOAL_WINDOW_SEQUENCES, 1);

	m->wait -= min(m->wait, worth);
	if (m->moved)
		d->next_sequences = TEST_SEQUENCES;
	if (m->base.windows < MEASURE_WINDOWS || m->moved)
		return;
	if (idle || m->wait >= CALM_WORTH || m->rest >= CALM_WORTH * (u64)win->packets)
		d->next_sequences = NETCOAL_WINDOW_CALM;
}

static void measure(struct model *m, const struct netcoal_window *win,
		    const struct netcoal_aim *t, struct netcoal_decision *d)
{
	u32 goal;

	m->rest -= min_t(u64, m->rest, win->packets);
	if (load_moved(m, &m->base, t->pps) || base_moved(m)) {
		moved(m);
		m->rest = 0;
		netcoal_sums_clear(&m->base);
	}
	if (still_rises(m, t))
		netcoal_sums_clear(&m->base);
	netcoal_sums_add(&m->base, win, BASE_WINDOWS);
	guess_share(m);
	goal = first_holdoff(m, t, netcoal_sums_batch(&m->base));
	if (!goal || m->wait || m->rest || m->base.windows < MEASURE_WINDOWS) {
		stay_calm(m, win, !goal, d);
		set(d, 0, goal ? m->closed : NETCOAL_VERDICT_IDLE);
		return;
	}
	m->phase = MODEL_TEST;
	m->fresh = false;
	m->lost = 0;
	netcoal_sums_clear(&m->held);
	set(d, goal, t->verdict);
	d->next_sequences = TEST_SEQUENCES;
}

/*
 * May hold-offs begin after a batch? While the rate stays, there is time to tell;
 * in a test, whose every packet costs, less time than in a run.
 */
static bool maybe_after(const struct model *m, const struct netcoal_sums *h,
			const struct netcoal_aim *t, u32 missing)
{
	u32 tenths = missing == LOCKSTEP_TEST ? 0 : FELL_CLEARLY;

	return t->after || netcoal_sums_fell(&m->base, h, tenths) <
			   100 * (100 - RATE_STAYS_PCT);
}

/*
 * Lockstep: of the packets that a hold-off of this length promised beyond those
 * that come together anyway, hardly one came. Poisson arrivals do that by
 * chance in one of exp(missing) cases.
 */
static bool in_lockstep(const struct model *m, const struct netcoal_sums *h,
			const struct netcoal_aim *t, u32 missing)
{
	u32 x = netcoal_x_milli(netcoal_sums_pps(h), t->have.holdoff_ns);
	u64 base = netcoal_sums_batch(&m->base);
	u64 batch = netcoal_batch_milli(x, maybe_after(m, h, t, missing));
	u64 promised, formed, more;

	batch = min(batch, (u64)t->have.frames * MILLI);
	if (batch <= base)
		return false;
	promised = div_u64(h->sequences * (batch - base), MILLI);
	formed = div_u64(h->sequences * base, MILLI);
	more = h->packets > formed ? h->packets - formed : 0;
	return promised >= missing && more <= promised / 8;
}

static bool window_in_lockstep(const struct model *m, const struct netcoal_window *win,
			       const struct netcoal_aim *t, u32 missing)
{
	struct netcoal_sums one = { };

	netcoal_sums_add(&one, win, 1);
	return in_lockstep(m, &one, t, missing);
}

static void lockstep(struct model *m, struct netcoal_decision *d)
{
	back_off_more(m, NETCOAL_VERDICT_LOCKSTEP, TEST_BACKOFF_MIN, 2, TEST_BACKOFF_MAX);
	rest(m);
	no_holdoff(m, d, NETCOAL_VERDICT_LOCKSTEP);
}

static void nothing_saved(struct model *m, struct netcoal_decision *d)
{
	back_off_more(m, NETCOAL_VERDICT_IDLE, IDLE_BACKOFF_MIN, 2, TEST_BACKOFF_MAX);
	m->found_batch = netcoal_sums_batch(&m->base);
	rest(m);
	no_holdoff(m, d, NETCOAL_VERDICT_IDLE);
}

static void start_trial(struct model *m, const struct netcoal_aim *t,
			const struct netcoal_setting *low,
			const struct netcoal_setting *high)
{
	netcoal_trial_start(&m->trial, low, high, netcoal_sums_batch(&m->base), t->after);
	m->phase = MODEL_TRIAL;
	m->lost = 0;
	netcoal_sums_clear(&m->held);
}

/*
 * The rate fell in the test: that was a trial's first high half. Now comes a low
 * one.
 */
static void doubt(struct model *m, const struct netcoal_aim *t, u32 fell,
		  struct netcoal_decision *d)
{
	struct netcoal_sums high = m->held;
	struct netcoal_setting low = by_time(t, 0);
	s64 lost = m->lost;

	start_trial(m, t, &low, &t->have);
	m->lost = lost;
	m->trial.doubt = fell;
	netcoal_trial_turn(&m->trial, &m->base);
	netcoal_trial_turn(&m->trial, &high);
	m->trial.half_ns = high.ns;
	if (m->base.ns * 2 < high.ns)
		m->trial.halves = 1;
	d->setting = low;
	d->verdict = NETCOAL_VERDICT_ELASTIC;
}

static bool rate_kept(const struct model *m)
{
	return netcoal_sums_pps(&m->held) * 100 >=
	       netcoal_sums_pps(&m->base) * RATE_KEPT_PCT;
}

/*
 * Does the device hold off after a batch, as those do that limit the rate of
 * interrupts? Its batches are smaller; bursts make them larger on either. So do
 * small loops, so this is not for judging those.
 */
static void learn_shape(struct model *m, const struct netcoal_aim *t)
{
	u32 x = netcoal_x_milli(netcoal_sums_pps(&m->held), t->have.holdoff_ns);
	u32 batch = netcoal_ratio(netcoal_sums_batch(&m->held), MILLI,
				  netcoal_sums_batch(&m->base));

	if (x > SHAPE_MIN_MILLI && x < SHAPE_MAX_MILLI)
		m->after = batch < netcoal_batch_milli(x, true) / 2 +
				   netcoal_batch_milli(x, false) / 2;
}

static void test(struct model *m, const struct netcoal_window *win,
		 const struct netcoal_aim *t, struct netcoal_decision *d)
{
	u32 fell;

	netcoal_sums_add(&m->held, win, HELD_WINDOWS);
	count_lost(m, win, t);
	set(d, t->have.holdoff_ns, t->verdict);
	fell = netcoal_sums_fell(&m->base, &m->held, FELL_MAYBE);
	if (in_lockstep(m, &m->held, t, LOCKSTEP_TEST)) {
		lockstep(m, d);
	} else if (m->held.sequences < TEST_SEQUENCES_MAX) {
		d->next_sequences = TEST_SEQUENCES;
	} else if (!sums_save(m, t, netcoal_sums_batch(&m->base))) {
		nothing_saved(m, d);
	} else if (fell) {
		doubt(m, t, fell, d);
	} else {
		start_afresh(m);
		learn_shape(m, t);
		back_off(m, NETCOAL_VERDICT_START, rate_kept(m) ? CHECK_BACKOFF_KEPT :
								  CHECK_BACKOFF_MIN);
		m->phase = MODEL_RUN;
	}
}

/* The load is not the one that was tested; its hold-off is a guess again. */
static void follow(struct model *m, const struct netcoal_aim *t,
		   struct netcoal_decision *d)
{
	u32 goal = first_holdoff(m, t, MILLI);
	bool capped = m->cap.holdoff_ns != NO_CAP;

	netcoal_sums_clear(&m->held);
	moved(m);
	m->fresh = false;
	if (capped || !goal) {
		netcoal_sums_clear(&m->base);
		no_holdoff(m, d, NETCOAL_VERDICT_IDLE);
		return;
	}
	m->phase = MODEL_RUN;
	back_off(m, NETCOAL_VERDICT_START, CHECK_BACKOFF_MIN);
	set(d, goal, t->verdict);
}

/* ---- TRIAL ----------------------------------------------------------------- */

/* Later trials refine what earlier ones found. */
static void refine_cap(struct model *m, const struct netcoal_aim *t)
{
	u32 before = m->cap.holdoff_ns;
	bool again = before != NO_CAP && m->trial.slow && m->backoff > CAP_BACKOFF_MIN;

	netcoal_trial_cap(&m->trial, LOSS_AIM, again ? m->cap.wait_ns : 0, t->budget_ns,
			  t->few_max, &m->cap);
	if (before != NO_CAP)
		m->cap.holdoff_ns = min_t(u64, m->cap.holdoff_ns, 2 * (u64)before);
}

/* The batch that a hold-off by time will bring, as the trial saw packets come. */
static bool cap_saves(const struct model *m, const struct netcoal_aim *t)
{
	u32 x = netcoal_x_milli(m->trial.kappa, m->cap.holdoff_ns);
	u32 base = netcoal_sums_batch(&m->base);
	u32 batch = netcoal_ratio(base, netcoal_batch_milli(x, t->after), MILLI);

	return m->cap.few.frames ||
	       netcoal_aim_saves(t, base, batch, netcoal_empty_milli(x), t->stay_pct);
}

/*
 * Connections that hold-offs brought in step arrive together, and frames end a
 * wait that time would not: a pair at which nothing is lost is no word on time.
 */
static void trial_done(struct model *m, const struct netcoal_aim *t,
		       enum netcoal_trial_end end, struct netcoal_decision *d)
{
	bool raises = end == NETCOAL_TRIAL_OPEN && m->cap.holdoff_ns != NO_CAP &&
		      m->trial.high.holdoff_ns > m->cap.holdoff_ns;
	bool few = m->trial.high.frames != t->frames_max;

	if (end == NETCOAL_TRIAL_CLOSED || (raises && !few))
		refine_cap(m, t);
	else if (raises)
		m->cap.few = m->trial.high;
	if (m->cap.holdoff_ns >= t->budget_ns)
		m->cap = (struct netcoal_cap){ .holdoff_ns = NO_CAP };
	m->phase = MODEL_RUN;
	m->adjust_after = 1;
	m->fresh = !m->trial.low.holdoff_ns;
	netcoal_sums_clear(&m->held);
	if (m->cap.holdoff_ns == NO_CAP) {
		back_off_more(m, NETCOAL_VERDICT_START, CHECK_BACKOFF_MIN,
			      m->trial.slow ? CHECK_BACKOFF_GROWTH : 1, BACKOFF_MAX);
		d->setting = m->trial.high;
		d->verdict = t->verdict;
		return;
	}
	back_off_more(m, NETCOAL_VERDICT_ELASTIC, CAP_BACKOFF_MIN, CAP_BACKOFF_GROWTH,
		      TEST_BACKOFF_MAX);
	d->setting = m->cap.few.frames ? m->cap.few : by_time(t, m->cap.holdoff_ns);
	d->verdict = NETCOAL_VERDICT_ELASTIC;
	if (cap_saves(m, t))
		return;
	rest(m);
	no_holdoff(m, d, NETCOAL_VERDICT_ELASTIC);
}

static void trial(struct model *m, const struct netcoal_window *win,
		  const struct netcoal_aim *t, struct netcoal_decision *d)
{
	struct netcoal_trial *tr = &m->trial;
	enum netcoal_trial_end end;

	netcoal_sums_add(&m->held, win, HELD_WINDOWS);
	/* by what was asked for: a policy's least hold-off is its base */
	if (!tr->is_high && !tr->low.holdoff_ns)
		netcoal_sums_add(&m->base, win, BASE_WINDOWS);
	else if (!tr->slow)
		count_lost(m, win, t);
	d->verdict = !tr->slow || m->closed == NETCOAL_VERDICT_ELASTIC ?
		     NETCOAL_VERDICT_ELASTIC : t->verdict;
	if (tr->is_high && window_in_lockstep(m, win, t, LOCKSTEP_RUN)) {
		lockstep(m, d);
		return;
	}
	if (tr->slow && load_moved(m, &m->held, t->pps)) {
		follow(m, t, d);
		return;
	}
	if (!netcoal_trial_half_done(tr, &m->held))
		return;
	end = netcoal_trial_half(tr, &m->held);
	if (end != NETCOAL_TRIAL_GOES_ON) {
		trial_done(m, t, end, d);
		return;
	}
	netcoal_trial_turn(tr, &m->held);
	netcoal_sums_clear(&m->held);
	d->setting = tr->is_high ? tr->high : tr->low;
}

/* ---- RUN ------------------------------------------------------------------- */

/* Longest hold-off that targets, policy and loops allow, and which of them. */
static u32 limit_of(const struct model *m, const struct netcoal_aim *t, u32 *why)
{
	u32 limit = t->budget_ns;

	*why = t->verdict;
	if (m->cap.holdoff_ns < limit) {
		*why = NETCOAL_VERDICT_ELASTIC;
		limit = m->cap.holdoff_ns;
	}
	return limit - limit % t->step_ns;
}

/* Frames end the hold-off of a loop; a target that wants less goes by time. */
static bool stays_few(const struct model *m, const struct netcoal_aim *t, u32 batch)
{
	return m->cap.few.frames && t->have.frames == m->cap.few.frames &&
	       !(t->cpu_target_ns &&
		 netcoal_aim_cpu_ns(t, t->held_ns, batch) * 100 <=
		 (u64)t->cpu_target_ns * (100 - TARGET_UNDER_PCT));
}

/* Steer the batch to B* from what it is at the present hold-off. */
static void adjust(struct model *m, const struct netcoal_aim *t, struct netcoal_decision *d)
{
	u32 batch = netcoal_sums_batch(&m->held), base = base_batch(m), why;
	u32 limit = limit_of(m, t, &why), have = t->have.holdoff_ns;
	u64 want = netcoal_aim_wanted(t, base, batch);
	bool far = have > limit && t->have.frames == t->frames_max;

	want = min_t(u64, want, limit);
	if (have <= limit && netcoal_aim_near(t, batch, want))
		want = have;
	d->verdict = want < limit ? t->verdict_short : why;
	if (stays_few(m, t, batch)) {
		d->verdict = NETCOAL_VERDICT_ELASTIC;
		return;
	}
	if (m->held.windows < m->adjust_after && !far)
		return;
	m->adjust_after = min(2 * m->adjust_after, ADJUST_WINDOWS_MAX);
	if (want >= limit && why == NETCOAL_VERDICT_ELASTIC && m->cap.few.frames)
		d->setting = m->cap.few;
	else
		d->setting = by_time(t, want);
	if (memcmp(&d->setting, &t->have, sizeof(t->have)))
		netcoal_sums_clear(&m->held);
}

/* The present wait is what a loop may lose, no less. */
static bool at_cap(const struct model *m, const struct netcoal_aim *t)
{
	return m->cap.holdoff_ns != NO_CAP &&
	       (t->have.frames != t->frames_max ||
		t->have.holdoff_ns + t->step_ns > m->cap.holdoff_ns);
}

/* What the last trial makes of a loss; one that saw none knows no bounds. */
static struct netcoal_cap cap_at(const struct model *m, const struct netcoal_aim *t,
				 u32 share, u32 few_max)
{
	struct netcoal_cap cap;

	netcoal_trial_cap(&m->trial, share, 0, t->budget_ns, few_max, &cap);
	cap.holdoff_ns = min_t(u64, cap.holdoff_ns, 2 * (u64)m->cap.holdoff_ns);
	return cap;
}

/* A trial around the cap of a closed loop, which refines it. */
static void refine_again(struct model *m, const struct netcoal_aim *t,
			 struct netcoal_decision *d)
{
	struct netcoal_cap half = cap_at(m, t, LOSS_AIM / 2, 1);
	struct netcoal_cap more = cap_at(m, t, LOSS_AIM * 3 / 2, t->few_max);
	struct netcoal_setting low = by_time(t, min(half.holdoff_ns, m->cap.holdoff_ns / 2));
	struct netcoal_setting high = more.few.frames ? more.few : by_time(t, more.holdoff_ns);

	start_trial(m, t, &low, &high);
	netcoal_trial_slowly(&m->trial, BACKOFF_MAX, true);
	d->setting = low;
}

/* A trial of the present hold-off against a shorter one. */
static void trial_again(struct model *m, const struct netcoal_aim *t, u32 low_ns,
			struct netcoal_decision *d)
{
	struct netcoal_setting low = by_time(t, low_ns);

	start_trial(m, t, &low, &t->have);
	netcoal_trial_slowly(&m->trial, m->backoff, false);
	d->setting = low;
}

/*
 * A trial's shorter hold-off. A timer that mostly finds nothing is dearer than none.
 */
static u32 lower(const struct netcoal_aim *t)
{
	u32 half_ns = t->have.holdoff_ns / 2;

	return t->after && netcoal_x_milli(t->pps, half_ns) < VAIN_MILLI ? 0 : half_ns;
}

/*
 * A rate that is clearly below what it was without hold-off, and little CPU that is
 * saved, before it is time for a trial: the load's own doing or, as the hold-off may
 * have changed since its test, ours.
 */
static bool rate_doubtful(const struct model *m)
{
	return m->held.windows >= IDLE_WINDOWS && m->cap.holdoff_ns == NO_CAP &&
	       (m->backoff - m->wait) * EARLY_PART >= m->backoff &&
	       netcoal_sums_fell(&m->base, &m->held, FELL_CLEARLY) &&
	       !netcoal_aim_saw(&m->base, &m->held, DOUBT_PCT);
}

/*
 * What the CPUs did says that nothing is saved. Before that is believed, a trial
 * has to say what they do without hold-off now: other stages may have moved.
 */
static bool disproved(const struct model *m, const struct netcoal_aim *t)
{
	return m->held.windows >= DISPROOF_WINDOWS &&
	       netcoal_aim_disproved(&m->base, &m->held, t->stay_pct);
}

/* A loop that loses far more at its cap than a trial made of it: in step, say. */
static bool cap_fails(const struct model *m)
{
	u64 least = max(m->trial.last_pps, m->trial.before_pps) * CAP_KEEPS_PCT;

	return m->cap.holdoff_ns != NO_CAP && m->held.windows >= IDLE_WINDOWS &&
	       (m->backoff - m->wait) * FAILS_PART >= m->backoff &&
	       netcoal_sums_pps(&m->held) * 100 < least;
}

static void run(struct model *m, const struct netcoal_window *win,
		const struct netcoal_aim *t, struct netcoal_decision *d)
{
	netcoal_sums_add(&m->held, win, HELD_WINDOWS);
	d->setting = t->have;
	if (window_in_lockstep(m, win, t, LOCKSTEP_RUN) ||
	    in_lockstep(m, &m->held, t, LOCKSTEP_RUN)) {
		lockstep(m, d);
		return;
	}
	if (load_moved(m, &m->held, t->pps)) {
		follow(m, t, d);
		return;
	}
	if ((m->held.windows >= IDLE_WINDOWS && !sums_save(m, t, base_batch(m))) ||
	    (m->fresh && disproved(m, t))) {
		nothing_saved(m, d);
		return;
	}
	adjust(m, t, d);
	m->wait -= !!m->wait;
	if (!t->have.holdoff_ns || memcmp(&d->setting, &t->have, sizeof(t->have)))
		return;
	if (m->wait && (rate_doubtful(m) || disproved(m, t)))
		trial_again(m, t, 0, d);
	else if (m->wait && !cap_fails(m))
		return;
	else if (at_cap(m, t))
		refine_again(m, t, d);
	else
		trial_again(m, t, lower(t), d);
}

/* ---- the governor ---------------------------------------------------------- */

/*
 * A window in which a setting took effect says little of either, except in a
 * test: where lockstep shows even so, every further packet would be late.
 */
static void settle(struct model *m, const struct netcoal_window *win,
		   const struct netcoal_aim *t, struct netcoal_decision *d)
{
	d->verdict = NETCOAL_VERDICT_SETTLE;
	if (m->phase != MODEL_TEST)
		return;
	count_lost(m, win, t);
	d->next_sequences = TEST_SEQUENCES;
	if (d->pps * 100 < netcoal_sums_pps(&m->base) * RATE_STAYS_PCT &&
	    window_in_lockstep(m, win, t, LOCKSTEP_TEST))
		lockstep(m, d);
}

/*
 * A CPU target that is missed at the batch that forms is called so, whatever keeps
 * the hold-off from being longer.
 */
static void say_saturated(const struct model *m, const struct netcoal_aim *t,
			  struct netcoal_decision *d)
{
	const struct netcoal_sums *s = t->have.holdoff_ns ? &m->held : &m->base;
	u32 cost = t->have.holdoff_ns ? t->held_ns : t->irq_ns;

	d->closed = d->verdict == NETCOAL_VERDICT_ELASTIC ||
		    d->verdict == NETCOAL_VERDICT_LOCKSTEP;
	if (!t->cpu_target_ns || !s->packets || d->verdict == NETCOAL_VERDICT_START ||
	    d->verdict == NETCOAL_VERDICT_SETTLE || d->verdict == NETCOAL_VERDICT_CPU_TARGET)
		return;
	if (netcoal_aim_cpu_ns(t, cost, netcoal_sums_batch(s)) * 100 >
	    (u64)t->cpu_target_ns * (100 + SATURATED_PCT))
		d->verdict = NETCOAL_VERDICT_SATURATED;
}

static void model_decide(struct netcoal_gov *gov, const struct netcoal_window *win,
			 const struct netcoal_limits *lim,
			 struct netcoal_decision *d)
{
	struct model *m = netcoal_gov_priv(gov);
	struct netcoal_limits mine = *lim;
	struct netcoal_aim t;

	netcoal_terms_fill(win, lim, d);
	netcoal_costs_learn(&m->costs, &m->base, &m->held, lim);
	if (m->phase == MODEL_RUN && win->settled)
		learn_share(m, win, &gov->setting, lim);
	mine.budget_ns = div_u64((u64)lim->budget_ns * m->share, MILLI);
	netcoal_aim_of(&m->costs, &m->held, &gov->setting, d->pps, &mine, &t);
	t.steer_after = t.after || m->after;
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
		trial(m, win, &t, d);
	else
		run(m, win, &t, d);
	say_saturated(m, &t, d);
	d->spent_ns = div_u64((u64)d->setting.holdoff_ns * MILLI, m->share);
	/* Without hold-off a limit of frames says nothing. */
	if (!d->setting.holdoff_ns)
		d->setting.frames = lim->frames_max;
}

static void model_init(struct netcoal_gov *gov, const struct netcoal_limits *lim)
{
	struct model *m = netcoal_gov_priv(gov);

	BUILD_BUG_ON(sizeof(*m) > NETCOAL_GOV_PRIV_SIZE);
	start_afresh(m);
	m->share = MILLI;
	gov->setting.holdoff_ns = lim->holdoff_min_ns;
}

const struct netcoal_gov_ops netcoal_gov_model = {
	.name = "model",
	.priv_size = sizeof(struct model),
	.init = model_init,
	.decide = model_decide,
};
