// SPDX-License-Identifier: GPL-2.0
/*
 * What the governor "model" remembers, and what changes it: see gov_state.h.
 */
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/minmax.h>

#include "gov_batch.h"
#include "gov_state.h"

/* A batch at T = 0 that says that packets come in bursts. */
#define BURST_MILLI		1100
/* Loads that keep jumping are followed ever more slowly, down to a 32nd, until
 * they have been calm for so many windows, for each time that they moved.
 */
#define FOLLOWS_MAX		5
#define CALM_WINDOWS		1024
/* What tests and trials lose is at most one part in so many of the packets. */
#define TEST_REST		100
/* Longer windows say no more of that. */
#define LOST_MAX_NS		(10 * NETCOAL_NS_PER_SEC)
/* A share of the target may be so much too small, and is raised by so many windows. */
#define SHARE_SMALL_PCT		4
#define SHARE_RAISE_WINDOWS	16
/* Much at once, by what a load that has moved so often lately leaves. */
#define SHARE_FOLLOWS		1
/* Windows whose mean says what λ is now. */
#define FOUND_WINDOWS		2

/**
 * netcoal_model_saves() - does the present hold-off save CPU?
 * @m: the state
 * @t: the terms
 * @base_milli: batch without hold-off, in thousandths
 *
 * Return: true if its batches do, by more than it needs to stay.
 */
bool netcoal_model_saves(const struct netcoal_model *m, const struct netcoal_aim *t, u32 base_milli)
{
	return netcoal_aim_saves(t, base_milli, netcoal_sums_batch(&m->held),
				 netcoal_sums_empty(&m->held), t->stay_pct);
}

/*
 * Does what was measured without hold-off say what would form now? If the load is
 * still much the same.
 */
static bool base_counts(const struct netcoal_model *m)
{
	u64 then = netcoal_sums_pps(&m->base), now = netcoal_sums_pps(&m->held);

	return now < 2 * then && then < 2 * now;
}

/**
 * netcoal_model_base_batch() - the batch that would form without hold-off
 * @m: the state
 *
 * Return: in thousandths: as last measured if the load is still much the same, else
 * single packets.
 */
u32 netcoal_model_base_batch(const struct netcoal_model *m)
{
	return base_counts(m) ? netcoal_sums_batch(&m->base) : MILLI;
}

/**
 * netcoal_model_guess_share() - what polling takes of the target, before a test
 * @m: the state
 *
 * Packets that come while a batch is polled make it longer. A little
 * is not heeded, for it would keep what just pays from being tested at all.
 */
void netcoal_model_guess_share(struct netcoal_model *m)
{
	u64 polls = div64_u64(m->base.busy_ns * MILLI, max_t(u64, m->base.ns, 1));

	m->share = MILLI - clamp_t(u64, polls, MILLI / 8, MILLI * 5 / 8) + MILLI / 8;
}

static enum netcoal_begin begin_of(const struct netcoal_model *m, const struct netcoal_limits *lim)
{
	if (lim->timer_cost_ns)
		return NETCOAL_BEGIN_POLLED;
	return m->after ? NETCOAL_BEGIN_IRQ : NETCOAL_BEGIN_PACKET;
}

/*
 * A few windows of a dense load that is over make the average of all that follow, until they
 * outweigh it: it begins anew with what has been there for a while. A load that keeps jumping
 * has to have been there for longer.
 */
static bool is_lighter(struct netcoal_model *m, const struct netcoal_sums *now)
{
	bool less = (u64)netcoal_sums_busy(now) * 3 < (u64)netcoal_sums_busy(&m->held) * 2;

	m->lighter = less && m->phase == MODEL_RUN ? m->lighter + (m->lighter < U8_MAX) : 0;
	if (m->lighter < min(SHARE_RAISE_WINDOWS << m->follows, U8_MAX))
		return false;
	m->lighter = 0;
	return true;
}

/* A load of which dense parts come again and again is one that keeps jumping, too. */
static void cut_share(struct netcoal_model *m, u32 share)
{
	if (share * 5 <= m->share * 4 && m->phase == MODEL_RUN) {
		m->follows += m->follows < FOLLOWS_MAX;
		m->calm = 0;
	}
	m->share = share;
}

/* A hold-off that may be much longer is set at once; fine adjustments come ever more rarely. */
static void raise_share(struct netcoal_model *m, u32 share, u32 windows,
			const struct netcoal_limits *lim)
{
	bool much = share * 4 >= m->share * 5;

	if (much && m->follows <= SHARE_FOLLOWS && !lim->cpu_target_ns)
		m->adjust_after = min(m->adjust_after, windows);
	m->share = share;
}

/**
 * netcoal_model_learn_share() - what a batch takes to poll
 * @m: the state
 * @win: the window
 * @have: the present setting
 * @lim: the queue's limits
 *
 * A window whose batches take clearly longer than those before counts at once, as its packets
 * are late already; to take more of the target is less urgent. A test, whose windows are short,
 * is taken as a whole.
 */
void netcoal_model_learn_share(struct netcoal_model *m, const struct netcoal_window *win,
			       const struct netcoal_setting *have, const struct netcoal_limits *lim)
{
	struct netcoal_sums now = {}, none = {};
	bool lighter;
	u32 share;

	if (!have->holdoff_ns || !m->held.sequences) {
		m->lighter = 0;
		return;
	}
	netcoal_sums_add(&now, win, 1);
	lighter = is_lighter(m, &now);
	if (m->phase == MODEL_TEST || (is_power_of_2(m->held.windows) && !lighter))
		now = m->held;
	else if ((u64)netcoal_sums_busy(&now) * 4 <= (u64)netcoal_sums_busy(&m->held) * 5 &&
		 !lighter)
		return;
	share = netcoal_aim_share(base_counts(m) ? &m->base : &none, &now,
				  m->costs.irq_ns ?: lim->irq_cost_ns, have->holdoff_ns,
				  lim, begin_of(m, lim));
	if (share * 101 < m->share * 100)
		cut_share(m, share);
	else if ((lighter || now.windows >= SHARE_RAISE_WINDOWS) &&
		 share * 100 > m->share * (100 + SHARE_SMALL_PCT))
		raise_share(m, share, now.windows, lim);
	/* What was before is not what is now. */
	if (lighter)
		netcoal_sums_clear(&m->held);
}

/**
 * netcoal_model_learn_shape() - does the device hold off after a batch?
 * @m: the state
 * @t: the terms
 *
 * As those do that limit the rate of interrupts. A timer is known to, and is no such NIC.
 */
void netcoal_model_learn_shape(struct netcoal_model *m, const struct netcoal_aim *t)
{
	enum netcoal_shape shape = netcoal_sums_shape(&m->held, t->have.holdoff_ns,
						      netcoal_model_base_batch(m));

	if (!t->after && shape != NETCOAL_SHAPE_UNKNOWN)
		m->after = shape == NETCOAL_SHAPE_AFTER;
}

/**
 * netcoal_model_no_holdoff() - wait for nothing, and measure
 * @m: the state
 * @d: the decision
 * @why: the verdict
 */
void netcoal_model_no_holdoff(struct netcoal_model *m, struct netcoal_decision *d, u32 why)
{
	m->phase = MODEL_MEASURE;
	netcoal_sums_clear(&m->held);
	netcoal_model_set(d, 0, why);
}

/**
 * netcoal_model_back_off() - let windows pass until the next test or trial
 * @m: the state
 * @closed: what was found
 * @windows: how many
 *
 * What tests and trials lost until now is dealt with: see netcoal_model_rest().
 */
void netcoal_model_back_off(struct netcoal_model *m, u32 closed, u32 windows)
{
	m->closed = closed;
	m->found_pps = 0;
	m->moved = 0;
	m->lost = 0;
	m->backoff = min_t(u32, windows, BACKOFF_MAX);
	m->wait = m->backoff;
}

/**
 * netcoal_model_back_off_more() - the same, for longer than the last time
 * @m: the state
 * @closed: what was found
 * @least: windows at least
 * @growth: times those of the last time
 * @most: windows at most
 */
void netcoal_model_back_off_more(struct netcoal_model *m, u32 closed, u32 least, u32 growth,
				 u32 most)
{
	netcoal_model_back_off(m, closed, clamp_t(u64, (u64)m->backoff * growth, least, most));
}

/**
 * netcoal_model_count_lost() - what did a window of a test or trial lose?
 * @m: the state
 * @win: the window
 * @t: the terms
 *
 * Of the packets that come without hold-off, those that did not; not more than
 * would have come while it held others off.
 */
void netcoal_model_count_lost(struct netcoal_model *m, const struct netcoal_window *win,
			      const struct netcoal_aim *t)
{
	u64 base = netcoal_sums_pps(&m->base);
	s64 due = div_u64(base * min_t(u64, win->len_ns, LOST_MAX_NS), NETCOAL_NS_PER_SEC);
	u64 held_ns = (u64)t->have.holdoff_ns * netcoal_useful_sequences(win);
	s64 most = div_u64(base * min_t(u64, held_ns, LOST_MAX_NS), NETCOAL_NS_PER_SEC);
	s64 missing = min(due - (s64)win->packets, most);

	m->lost = clamp_t(s64, m->lost + missing, -S32_MAX, S32_MAX);
}

/**
 * netcoal_model_rest() - a test or trial is over, and what it lost was for nothing
 * @m: the state
 *
 * Comes before netcoal_model_back_off(), which forgets what was lost.
 */
void netcoal_model_rest(struct netcoal_model *m)
{
	m->rest = min_t(u64, (u64)max(m->lost, 0) * TEST_REST, U32_MAX);
}

/**
 * netcoal_model_start_afresh() - what tests found was about another load
 * @m: the state
 */
void netcoal_model_start_afresh(struct netcoal_model *m)
{
	m->closed = NETCOAL_VERDICT_START;
	m->cap.holdoff_ns = NO_CAP;
	m->cap.few.frames = 0;
	m->above = false;
	m->backoff = 0;
	m->wait = 0;
	m->moved = 0;
	m->found_pps = 0;
	m->found_batch = 0;
	m->adjust_after = 1;
}

/**
 * netcoal_model_moved() - the load moved
 * @m: the state
 *
 * One that does so again and again is not soon believed.
 */
void netcoal_model_moved(struct netcoal_model *m)
{
	m->follows += m->follows < FOLLOWS_MAX;
	m->calm = 0;
	if (!m->costs.irq_ns)
		m->costs.dearer_milli = 0;
	netcoal_model_start_afresh(m);
}

/**
 * netcoal_model_load_moved() - has λ moved for good since the last test or trial?
 * @m: the state
 * @now: windows with the present setting
 * @pps: λ of the window
 *
 * Return: true if so; a load that keeps jumping takes longer to convince.
 */
bool netcoal_model_load_moved(struct netcoal_model *m, const struct netcoal_sums *now, u64 pps)
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
		m->moved += m->moved < U16_MAX;
	else
		m->moved = 0;
	return m->moved >= MOVED_WINDOWS << m->follows;
}

/*
 * What the CPUs did without hold-off, for each packet. What an interrupt costs besides, a host
 * for one, these CPUs don't see. 0 if it is not known.
 */
static u64 seen_at_zero(const struct netcoal_model *m, const struct netcoal_aim *t)
{
	u32 unseen = netcoal_ratio(t->unseen_ns, MILLI, netcoal_sums_batch(&m->base));

	return m->base.cpu_ns && m->base.packets ? netcoal_cpu_per_packet(&m->base) + unseen : 0;
}

/*
 * A CPU target that is missed by what the CPUs did, whatever is believed of
 * costs: what a hold-off saves has to be seen.
 */
static bool target_doubtful(const struct netcoal_model *m, const struct netcoal_aim *t)
{
	return t->cpu_target_ns && !m->costs.irq_ns && !netcoal_aim_met(t, seen_at_zero(m, t));
}

/**
 * netcoal_model_base_meets() - is the CPU target met without hold-off?
 * @m: the state
 * @t: the terms
 *
 * Return: true if all that the CPUs did is no more, whatever is believed of costs.
 */
bool netcoal_model_base_meets(const struct netcoal_model *m, const struct netcoal_aim *t)
{
	u64 seen = seen_at_zero(m, t);

	return t->cpu_target_ns && seen && netcoal_aim_met(t, seen);
}

/* What brings B* if packets are independent. */
static u64 needed(const struct netcoal_aim *t)
{
	return div64_u64((t->batch_milli - MILLI) * (NETCOAL_NS_PER_SEC / MILLI),
			 max_t(u64, t->pps, 1));
}

/**
 * netcoal_model_first_holdoff() - the first guess of T*
 * @m: the state
 * @t: the terms
 * @base_milli: batch without hold-off, in thousandths
 *
 * Packets are independent, as far as anybody knows.
 *
 * Return: ns; 0 if none promises enough.
 */
u32 netcoal_model_first_holdoff(const struct netcoal_model *m, const struct netcoal_aim *t,
				u32 base_milli)
{
	/* A target is approached from above: just too short looks like lockstep. */
	u32 goal = t->cpu_target_ns ? t->budget_ns : min_t(u64, needed(t), t->budget_ns);
	u32 x = netcoal_x_milli(t->pps, goal);
	u32 batch = max(base_milli, netcoal_batch_milli(x, t->after));

	if (t->cpu_target_ns && netcoal_aim_met(t, netcoal_aim_cpu_ns(t, t->irq_ns, base_milli)))
		return target_doubtful(m, t) ? t->budget_ns : 0;
	if (netcoal_aim_saves(t, base_milli, batch, netcoal_empty_milli(x), t->start_pct))
		return goal;
	/* Bursts may still be worth it: what they bring, only a test can say. */
	if (base_milli >= BURST_MILLI && base_milli < t->batch_milli)
		return t->budget_ns;
	return target_doubtful(m, t) ? t->budget_ns : 0;
}

/**
 * netcoal_model_next_holdoff() - the first guess for a load that moved
 * @m: the state
 * @t: the terms
 *
 * It was not in lockstep, so a CPU target is approached from nearer: one window at the latency
 * target has as many packets as many at the hold-off that is needed.
 *
 * Return: ns; 0 if none promises enough.
 */
u32 netcoal_model_next_holdoff(const struct netcoal_model *m, const struct netcoal_aim *t)
{
	u32 goal = netcoal_model_first_holdoff(m, t, MILLI);

	if (!t->cpu_target_ns)
		return goal;
	return min_t(u64, goal, max_t(u64, 2 * needed(t), t->step_ns));
}

/*
 * May hold-offs begin after a batch? While the rate stays, there is time to tell;
 * in a test, whose every packet costs, less time than in a run.
 */
static bool maybe_after(const struct netcoal_model *m, const struct netcoal_sums *h,
			const struct netcoal_aim *t, u32 missing)
{
	u32 tenths = missing == LOCKSTEP_TEST ? 0 : FELL_CLEARLY;

	return t->after || netcoal_sums_fell(&m->base, h, tenths) < 100 * (100 - RATE_STAYS_PCT);
}

/*
 * Smaller batches than without hold-off are not of a loop in lockstep, which keeps
 * its groups, but of a load that jumps: what was measured says nothing of its lull.
 */
static u32 base_of(const struct netcoal_model *m, const struct netcoal_sums *h)
{
	u32 base = netcoal_sums_batch(&m->base);

	return (u64)netcoal_sums_batch(h) * 8 < (u64)base * 7 ? MILLI : base;
}

/**
 * netcoal_model_in_lockstep() - did hardly any packet come that a hold-off promised?
 * @m: the state
 * @h: windows with it
 * @t: the terms
 * @missing: packets that have to be missing
 *
 * Beyond those that come together anyway. Poisson arrivals do that by chance in one
 * of exp(missing) cases.
 *
 * Return: true if so.
 */
bool netcoal_model_in_lockstep(const struct netcoal_model *m, const struct netcoal_sums *h,
			       const struct netcoal_aim *t, u32 missing)
{
	u32 x = netcoal_x_milli(netcoal_sums_pps(h), t->have.holdoff_ns);
	u64 base = base_of(m, h);
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

/**
 * netcoal_model_window_in_lockstep() - the same of one window
 * @m: the state
 * @win: the window
 * @t: the terms
 * @missing: packets that have to be missing
 *
 * Return: true if so.
 */
bool netcoal_model_window_in_lockstep(const struct netcoal_model *m,
				      const struct netcoal_window *win, const struct netcoal_aim *t,
				      u32 missing)
{
	struct netcoal_sums one = {};

	netcoal_sums_add(&one, win, 1);
	return netcoal_model_in_lockstep(m, &one, t, missing);
}

/**
 * netcoal_model_stays_in_lockstep() - the same of window after window
 * @m: the state
 * @win: the last window
 * @t: the terms
 *
 * A load that jumps between dense and sparse has such windows in its lulls.
 *
 * Return: true if there were enough in a row.
 */
bool netcoal_model_stays_in_lockstep(struct netcoal_model *m, const struct netcoal_window *win,
				     const struct netcoal_aim *t)
{
	if (netcoal_model_window_in_lockstep(m, win, t, LOCKSTEP_RUN))
		m->lulls++;
	else
		m->lulls = 0;
	return m->lulls >= LOCKSTEP_WINDOWS;
}

/*
 * No hold-off is believed for twice as long as what was found before; but a hold-off that was
 * believed for long says little of how long the next one may be missed.
 */
static void back_off_from_none(struct netcoal_model *m, u32 closed, u32 least)
{
	if (m->phase == MODEL_RUN || (m->phase == MODEL_TRIAL && m->trial.slow))
		m->backoff = min_t(u32, m->backoff, CHECK_BACKOFF_MOST);
	netcoal_model_back_off_more(m, closed, least, 2, TEST_BACKOFF_MAX);
}

/**
 * netcoal_model_lockstep() - every packet that waits is waited for
 * @m: the state
 * @d: the decision
 */
void netcoal_model_lockstep(struct netcoal_model *m, struct netcoal_decision *d)
{
	m->lulls = 0;
	netcoal_model_rest(m);
	back_off_from_none(m, NETCOAL_VERDICT_LOCKSTEP, TEST_BACKOFF_MIN);
	netcoal_model_no_holdoff(m, d, NETCOAL_VERDICT_LOCKSTEP);
}

/**
 * netcoal_model_nothing_saved() - waiting buys nothing
 * @m: the state
 * @d: the decision
 */
void netcoal_model_nothing_saved(struct netcoal_model *m, struct netcoal_decision *d)
{
	netcoal_model_rest(m);
	back_off_from_none(m, NETCOAL_VERDICT_IDLE, IDLE_BACKOFF_MIN);
	m->found_batch = netcoal_sums_batch(&m->base);
	netcoal_model_no_holdoff(m, d, NETCOAL_VERDICT_IDLE);
}

/* A trial judges what it asked for, so that has to be what actuator and policy allow. */
static struct netcoal_setting whole_steps(const struct netcoal_aim *t,
					  const struct netcoal_setting *want)
{
	u32 holdoff_ns = netcoal_steps_down(t, want->holdoff_ns);

	return (struct netcoal_setting){max(holdoff_ns, t->holdoff_min_ns), want->frames};
}

/**
 * netcoal_model_start_trial() - begin a trial with its low half
 * @m: the state
 * @t: the terms
 * @low: the setting with the shorter wait
 * @high: the one with the longer
 */
void netcoal_model_start_trial(struct netcoal_model *m, const struct netcoal_aim *t,
			       const struct netcoal_setting *low,
			       const struct netcoal_setting *high)
{
	struct netcoal_setting short_one = whole_steps(t, low);
	struct netcoal_setting long_one = whole_steps(t, high);

	netcoal_trial_start(&m->trial, &short_one, &long_one, netcoal_sums_batch(&m->base),
			    t->seems_after, t->after);
	m->phase = MODEL_TRIAL;
	m->lost = 0;
	netcoal_sums_clear(&m->held);
}
