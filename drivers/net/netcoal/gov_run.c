// SPDX-License-Identifier: GPL-2.0
/*
 * The phases RUN and TRIAL of the governor "model", told in gov_model.c: a hold-off
 * that passed its test is steered, watched, and tried again.
 */
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "gov_batch.h"
#include "gov_state.h"

/* Where the cap aims: of the 5 % that a closed loop may lose, less what trials
 * and their errors cost.
 */
#define LOSS_AIM		420
/* A trial may come when such a part of the wait is over, if less CPU than this, in
 * percent, is seen to be saved.
 */
#define EARLY_PART		64
/* The next one comes when such a part of it is over if moving limits made one void. */
#define VOID_PART		8
#define DOUBT_PCT		10
/* Likewise after this part of it, if less than this of the rate is left at a cap. */
#define FAILS_PART		64
#define CAP_KEEPS_PCT		92
/* Of a hold-off for a CPU target, what a trial goes up and down by: so much that it tells, and
 * so little that the longest waits are hardly longer.
 */
#define AROUND_PART		5
/* Of fewer groups none at all costs little more, and tells sooner. */
#define AROUND_LEAST_MILLI	2000
/* A CPU target that is undercut by so much asks for less than a loop may wait. */
#define TARGET_UNDER_PCT	2
/* A cap may be passed by this much for a whole step. */
#define CAP_ROOM_PCT		8
/* Windows to average before the next adjustment, doubling up to the second; or to the first
 * where a load has moved and the last adjustment went only part of the way.
 */
#define ADJUST_WINDOWS		8
#define ADJUST_WINDOWS_MAX	512
/* A limit that falls by less than this part is no dip, but what polls are seen to take. */
#define DIP_PART		8
/* Times that a load moved, after which it jumps; and windows after which it does not. */
#define JUMPS			3
#define MOVED_FOR_GOOD		1024
/* Windows of one hold-off before it is judged to save nothing. */
#define IDLE_WINDOWS		8
/* Windows of one hold-off before what the CPUs did is taken for a disproof. */
#define DISPROOF_WINDOWS	32
/* What is less of all that the CPUs do, in percent, does not show. */
#define SHOWS_PCT		2U
/* Windows of one hold-off that tell where it begins. */
#define SHAPE_WINDOWS		16
/* A window whose sequences come so many times as rarely as those before has a pause. */
#define PAUSE_TIMES		8
/* Groups that come within a timer, below which it often finds none. */
#define VAIN_MILLI		1250

/* The load is not the one that was tested; its hold-off is a guess again. */
static void follow(struct netcoal_model *m, const struct netcoal_aim *t, struct netcoal_decision *d)
{
	u32 goal = netcoal_model_next_holdoff(m, t);
	bool capped = m->cap.holdoff_ns != NO_CAP;

	netcoal_sums_clear(&m->held);
	netcoal_model_moved(m);
	m->fresh = false;
	m->recent = false;
	if (capped || !goal) {
		netcoal_sums_clear(&m->base);
		netcoal_model_no_holdoff(m, d, NETCOAL_VERDICT_IDLE);
		return;
	}
	m->phase = MODEL_RUN;
	netcoal_model_back_off(m, NETCOAL_VERDICT_START, CHECK_BACKOFF_MIN);
	netcoal_model_set(d, goal, t->verdict);
}

/*
 * A CPU target is met on average over a load that jumps: met in each lull, too, it would ask
 * for far longer hold-offs there, and save no more.
 */
static bool is_averaged(const struct netcoal_model *m, const struct netcoal_aim *t)
{
	return t->cpu_target_ns && m->cap.holdoff_ns == NO_CAP && m->follows >= JUMPS &&
	       m->moved < MOVED_FOR_GOOD;
}

/* Later trials refine what earlier ones found. */
static void refine_cap(struct netcoal_model *m, const struct netcoal_aim *t)
{
	u32 before = m->cap.holdoff_ns;
	bool again = before != NO_CAP && m->trial.slow && m->backoff > CAP_BACKOFF_MIN;

	netcoal_trial_cap(&m->trial, LOSS_AIM, again ? m->cap.wait_ns : 0, t->budget_ns, t->few_max,
			  &m->cap);
	if (before != NO_CAP)
		m->cap.holdoff_ns = min_t(u64, m->cap.holdoff_ns, 2 * (u64)before);
	if (m->cap.few.holdoff_ns < t->step_ns)
		m->cap.few.frames = 0;
}

/* What a loop may lose is aimed at with some room: a step that is hardly longer has it. */
static u32 cap_in_steps(const struct netcoal_model *m, const struct netcoal_aim *t)
{
	u32 cap = m->cap.holdoff_ns, down = netcoal_steps_down(t, cap);
	u64 up = (u64)down + t->step_ns;

	return up <= t->budget_ns && up * 100 <= (u64)cap * (100 + CAP_ROOM_PCT) ? up : down;
}

/* Do its halves take turns around the hold-off that a CPU target asked for? */
static bool is_around(const struct netcoal_trial *tr, const struct netcoal_aim *t)
{
	return t->cpu_target_ns && tr->around;
}

/* What a trial found nothing against. */
static void keep(struct netcoal_model *m, const struct netcoal_aim *t, struct netcoal_decision *d)
{
	struct netcoal_trial *tr = &m->trial;

	d->setting = tr->high;
	d->verdict = t->verdict;
	m->tested = max_t(u8, m->tested, netcoal_model_order(tr->high.holdoff_ns));
	if (!is_around(tr, t)) {
		m->adjust_after = 1;
		return;
	}
	d->setting.holdoff_ns = (tr->low.holdoff_ns + tr->high.holdoff_ns) / 2;
	d->verdict = t->verdict_short;
}

/* The batch that a hold-off by time will bring, as the trial saw packets come. */
static bool cap_saves(const struct netcoal_model *m, const struct netcoal_aim *t)
{
	u32 x = netcoal_x_milli(netcoal_trial_kappa(&m->trial), cap_in_steps(m, t));
	u32 base = netcoal_sums_batch(&m->base);
	u32 batch = netcoal_ratio(base, netcoal_batch_milli(x, m->trial.after), MILLI);

	return m->cap.few.frames ||
	       netcoal_aim_saves(t, base, batch, netcoal_empty_milli(x), t->stay_pct);
}

/* Nothing is lost at what is no less than the cap: there is no loop, or none that minds. */
static bool cap_is_passed(const struct netcoal_model *m, const struct netcoal_aim *t)
{
	return m->cap.holdoff_ns != NO_CAP &&
	       (u64)m->trial.high.holdoff_ns + t->step_ns > m->cap.holdoff_ns;
}

/* Once may be by a budget that is lower for a while, and what a loop tolerates goes on. */
static void forget_cap(struct netcoal_model *m, const struct netcoal_aim *t)
{
	bool above = m->cap.holdoff_ns >= t->budget_ns;

	if (above && m->above)
		m->cap = (struct netcoal_cap){ .holdoff_ns = NO_CAP };
	m->above = above && m->cap.holdoff_ns != NO_CAP;
}

/*
 * Connections that hold-offs brought in step arrive together, and frames end a
 * wait that time would not: a pair at which nothing is lost is no word on time.
 */
static void trial_done(struct netcoal_model *m, const struct netcoal_aim *t,
		       enum netcoal_trial_end end, struct netcoal_decision *d)
{
	bool raises = end == NETCOAL_TRIAL_OPEN && m->cap.holdoff_ns != NO_CAP &&
		      m->trial.high.holdoff_ns > m->cap.holdoff_ns;
	bool few = m->trial.high.frames != t->frames_max, saves;

	if (end == NETCOAL_TRIAL_CLOSED || (raises && !few)) {
		refine_cap(m, t);
		forget_cap(m, t);
	} else if (raises) {
		m->cap.few = m->trial.high;
	} else if (end == NETCOAL_TRIAL_OPEN && !few && cap_is_passed(m, t)) {
		forget_cap(m, t);
	}
	m->phase = MODEL_RUN;
	m->after = m->trial.after && !t->after;
	m->fresh = m->trial.low.holdoff_ns <= t->holdoff_min_ns;
	m->recent = m->fresh;
	netcoal_sums_clear(&m->held);
	if (m->cap.holdoff_ns == NO_CAP) {
		netcoal_model_back_off_more(m, NETCOAL_VERDICT_START, CHECK_BACKOFF_MIN,
					    m->trial.slow ? CHECK_BACKOFF_GROWTH : 1, BACKOFF_MAX);
		keep(m, t, d);
		return;
	}
	m->adjust_after = 1;
	saves = cap_saves(m, t);
	if (!saves)
		netcoal_model_rest(m);
	/* What was too short may be still. */
	netcoal_model_back_off_more(m, NETCOAL_VERDICT_ELASTIC, CAP_BACKOFF_MIN,
				    raises ? 0 : CAP_BACKOFF_GROWTH, TEST_BACKOFF_MAX);
	d->setting = m->cap.few.frames ? m->cap.few : netcoal_model_by_time(t, cap_in_steps(m, t));
	d->verdict = NETCOAL_VERDICT_ELASTIC;
	if (!saves)
		netcoal_model_no_holdoff(m, d, NETCOAL_VERDICT_ELASTIC);
}

/*
 * Limits may move while a trial goes on, so far that its halves are not the half as unlike as
 * they should be: then nothing is lost at either, and that tells nothing.
 */
static bool trial_is_void(struct netcoal_model *m, const struct netcoal_aim *t,
			  struct netcoal_decision *d)
{
	u64 both = (u64)m->trial.low.holdoff_ns + m->trial.high.holdoff_ns;
	u32 most = max(t->budget_ns, t->holdoff_min_ns);

	if (2 * (u64)most >= both && 2 * (u64)t->holdoff_min_ns <= both)
		return false;
	m->phase = MODEL_RUN;
	m->wait = m->backoff / VOID_PART;
	netcoal_sums_clear(&m->held);
	netcoal_model_set(d, clamp(t->have.holdoff_ns, t->holdoff_min_ns, most), t->verdict);
	return true;
}

/* What a trial's hold-offs are set for. */
static u32 verdict_of_trial(const struct netcoal_model *m, const struct netcoal_aim *t)
{
	const struct netcoal_trial *tr = &m->trial;

	if (!tr->slow || m->closed == NETCOAL_VERDICT_ELASTIC)
		return NETCOAL_VERDICT_ELASTIC;
	return is_around(tr, t) || tr->high.holdoff_ns < netcoal_steps_down(t, t->budget_ns) ?
	       t->verdict_short : t->verdict;
}

/* What was measured long ago is not of one time with what this trial's high halves tell. */
static void add_to_base(struct netcoal_model *m, const struct netcoal_window *win)
{
	bool first = m->trial.slow && !m->trial.halves && m->held.windows == 1;

	if (first && !netcoal_model_base_is_recent(m))
		netcoal_sums_clear(&m->base);
	netcoal_sums_add(&m->base, win, BASE_WINDOWS);
}

/**
 * netcoal_model_trial() - a window of a trial
 * @m: the state
 * @win: the window
 * @t: the terms
 * @d: the decision
 */
void netcoal_model_trial(struct netcoal_model *m, const struct netcoal_window *win,
			 const struct netcoal_aim *t, struct netcoal_decision *d)
{
	struct netcoal_trial *tr = &m->trial;
	enum netcoal_trial_end end;

	if (trial_is_void(m, t, d))
		return;
	netcoal_sums_add(&m->held, win, HELD_WINDOWS);
	netcoal_trial_window(tr, t->pps);
	/* by what was asked for: a policy's least hold-off is its base */
	if (!tr->is_high && tr->low.holdoff_ns <= t->holdoff_min_ns)
		add_to_base(m, win);
	else if (!tr->slow)
		netcoal_model_count_lost(m, win, t);
	d->verdict = verdict_of_trial(m, t);
	if (tr->is_high && netcoal_model_stays_in_lockstep(m, win, t)) {
		netcoal_model_lockstep(m, d);
		return;
	}
	if (tr->slow && netcoal_model_load_moved(m, &m->held, t->pps)) {
		if (!is_averaged(m, t)) {
			follow(m, t, d);
			return;
		}
		trial_done(m, t, NETCOAL_TRIAL_NOISE, d);
		m->adjust_after = ADJUST_WINDOWS_MAX;
		m->fresh = false;
		return;
	}
	if (!netcoal_trial_half_done(tr, &m->held))
		return;
	end = netcoal_trial_half(tr, &m->held);
	/* Of a load that jumps threefold nobody can tell a twentieth that is lost. */
	if (end == NETCOAL_TRIAL_CLOSED && m->follows >= JUMPS && tr->slow && !tr->refine)
		end = NETCOAL_TRIAL_NOISE;
	if (end != NETCOAL_TRIAL_GOES_ON) {
		trial_done(m, t, end, d);
		return;
	}
	netcoal_trial_turn(tr, &m->held);
	netcoal_sums_clear(&m->held);
	d->setting = tr->is_high ? tr->high : tr->low;
}

/* Longest hold-off that targets, policy and loops allow, and which of them. */
static u32 limit_of(const struct netcoal_model *m, const struct netcoal_aim *t, u32 *why)
{
	u32 limit = t->budget_ns;

	*why = t->verdict;
	if (m->cap.holdoff_ns < limit) {
		*why = NETCOAL_VERDICT_ELASTIC;
		return cap_in_steps(m, t);
	}
	return netcoal_steps_down(t, limit);
}

/* Frames end the hold-off of a loop; a target that wants less goes by time. */
static bool stays_few(const struct netcoal_model *m, const struct netcoal_aim *t, u32 batch)
{
	return m->cap.few.frames && t->have.frames == m->cap.few.frames &&
	       !(t->cpu_target_ns && netcoal_aim_cpu_ns(t, t->seen_ns, batch) * 100 <=
					     (u64)t->cpu_target_ns * (100 - TARGET_UNDER_PCT));
}

/*
 * The hold-off that brings B*. Where frames end it, how long it is says nothing of batches, but
 * the trial does.
 */
static u64 wanted(const struct netcoal_model *m, const struct netcoal_aim *t, u32 base, u32 batch)
{
	u64 x;

	if (t->have.frames == t->frames_max)
		return netcoal_aim_wanted(t, base, batch);
	x = netcoal_x_of_batch(netcoal_ratio(t->batch_milli, MILLI, base), m->trial.after);
	return div64_u64(x * (NETCOAL_NS_PER_SEC / MILLI),
			 max_t(u64, netcoal_trial_kappa(&m->trial), 1));
}

/* How batches grow far beyond what was seen, nothing tells: a target gets there by parts. */
static bool goes_part_of(const struct netcoal_aim *t, u64 *want_ns)
{
	u64 most = max_t(u64, 2 * (u64)t->have.holdoff_ns, t->step_ns);

	if (!t->cpu_target_ns || *want_ns <= most)
		return false;
	*want_ns = most;
	return true;
}

/* A limit that was lower for a while had their hold-off cut. */
static void raise_few(struct netcoal_model *m, const struct netcoal_aim *t,
		      struct netcoal_decision *d)
{
	u32 want = netcoal_steps_down(t, min(m->cap.few.holdoff_ns, t->budget_ns));

	d->verdict = NETCOAL_VERDICT_ELASTIC;
	if (t->have.holdoff_ns >= want)
		return;
	d->setting.holdoff_ns = want;
	netcoal_sums_clear(&m->held);
}

/*
 * A limit that is lower now may be so for a while, and is looked at again soon; what a loop may
 * wait, a load that jumps, and a target that is met on average have their own time.
 */
static bool may_be_a_dip(const struct netcoal_model *m, const struct netcoal_aim *t, u32 limit)
{
	return !m->follows && !t->cpu_target_ns && m->cap.holdoff_ns == NO_CAP &&
	       limit < t->have.holdoff_ns - t->have.holdoff_ns / DIP_PART;
}

/* Steer the batch to B* from what it is at the present hold-off. */
static void adjust(struct netcoal_model *m, const struct netcoal_aim *t, struct netcoal_decision *d)
{
	u32 batch = netcoal_sums_batch(&m->held), base = netcoal_model_base_batch(m), why;
	u32 limit = limit_of(m, t, &why), have = t->have.holdoff_ns;
	u64 want = min_t(u64, wanted(m, t, base, batch), limit);
	u32 least = DIV_ROUND_UP(t->holdoff_min_ns, t->step_ns) * t->step_ns;
	bool far = have > max(limit, least) && t->have.frames == t->frames_max;
	bool part = goes_part_of(t, &want);

	if (have <= limit && netcoal_aim_near(t, batch, want)) {
		want = have;
		part = false;
	}
	d->verdict = want < limit && !part ? t->verdict_short : why;
	if (stays_few(m, t, batch)) {
		raise_few(m, t, d);
		return;
	}
	if (m->held.windows < m->adjust_after && !far)
		return;
	want = max_t(u64, want, least);
	if (far && may_be_a_dip(m, t, limit))
		m->adjust_after = ADJUST_WINDOWS;
	else
		m->adjust_after = min(2 * m->adjust_after, part && m->moved ? ADJUST_WINDOWS :
									     ADJUST_WINDOWS_MAX);
	if (want >= limit && why == NETCOAL_VERDICT_ELASTIC && m->cap.few.frames)
		d->setting = m->cap.few;
	else
		d->setting = netcoal_model_by_time(t, want);
	if (memcmp(&d->setting, &t->have, sizeof(t->have)))
		netcoal_sums_clear(&m->held);
}

/* The present wait is what a loop may lose, no less. */
static bool at_cap(const struct netcoal_model *m, const struct netcoal_aim *t)
{
	return m->cap.holdoff_ns != NO_CAP && (t->have.frames != t->frames_max ||
					       t->have.holdoff_ns + t->step_ns > m->cap.holdoff_ns);
}

/* What the last trial makes of a loss; one that saw none knows no bounds. */
static struct netcoal_cap cap_at(const struct netcoal_model *m, const struct netcoal_aim *t,
				 u32 share, u32 few_max)
{
	struct netcoal_cap cap;

	netcoal_trial_cap(&m->trial, share, 0, t->budget_ns, few_max, &cap);
	cap.holdoff_ns = min_t(u64, cap.holdoff_ns, 2 * (u64)m->cap.holdoff_ns);
	return cap;
}

/* A trial around the cap of a closed loop, which refines it. */
static void refine_again(struct netcoal_model *m, const struct netcoal_aim *t,
			 struct netcoal_decision *d)
{
	/* Frames at which nothing was lost ask for a word on time. */
	bool time = m->cap.few.frames && !memcmp(&m->cap.few, &m->trial.high, sizeof(m->cap.few));
	struct netcoal_cap half = cap_at(m, t, LOSS_AIM / 2, 1);
	struct netcoal_cap more = cap_at(m, t, LOSS_AIM * 3 / 2, time ? 1 : t->few_max);
	struct netcoal_setting low =
		netcoal_model_by_time(t, min(half.holdoff_ns, m->cap.holdoff_ns / 2));
	u32 step_up = min_t(u64, (u64)m->cap.holdoff_ns + t->step_ns, t->budget_ns);
	struct netcoal_setting high =
		more.few.frames ? more.few :
				  netcoal_model_by_time(t, max(more.holdoff_ns, step_up));

	netcoal_model_start_trial(m, t, &low, &high);
	netcoal_trial_slowly(&m->trial, BACKOFF_MAX, true, false);
	d->setting = low;
}

/* A trial of the present hold-off against a shorter one. */
static void trial_again(struct netcoal_model *m, const struct netcoal_aim *t, u32 low_ns,
			struct netcoal_decision *d)
{
	struct netcoal_setting low = netcoal_model_by_time(t, low_ns);
	bool even = netcoal_aim_is_even(&m->base, &m->held);

	netcoal_model_start_trial(m, t, &low, &t->have);
	netcoal_trial_slowly(&m->trial, m->backoff, false, even);
	d->setting = low;
}

/* Groups that come within a hold-off that begins after a batch, in thousandths. */
static u64 groups_within(const struct netcoal_model *m)
{
	return netcoal_x_of_batch(netcoal_ratio(netcoal_sums_batch(&m->held), MILLI,
						netcoal_model_base_batch(m)), true);
}

/*
 * A trial's shorter hold-off. A timer that mostly finds nothing is dearer than none: one
 * in whose time too few groups come, as batches tell. What a check made likely is to be known.
 */
static u32 lower(const struct netcoal_model *m, const struct netcoal_aim *t)
{
	if ((t->after && groups_within(m) / 2 < VAIN_MILLI) || netcoal_trial_suspects(&m->trial))
		return 0;
	return t->have.holdoff_ns / 2;
}

/*
 * A trial of what a CPU target asked for goes as far up as down, so that the target is met on
 * average meanwhile. Waits that begin after a batch are any part of the hold-off, so the longest
 * are hardly longer; of others a hold-off's first packet would wait for all of it.
 */
static bool try_around(struct netcoal_model *m, const struct netcoal_aim *t,
		       struct netcoal_decision *d)
{
	u32 part = netcoal_steps_down(t, t->have.holdoff_ns / AROUND_PART), why;
	struct netcoal_setting low = netcoal_model_by_time(t, t->have.holdoff_ns - part);
	struct netcoal_setting high = netcoal_model_by_time(t, t->have.holdoff_ns + part);

	if (!t->cpu_target_ns || !t->seems_after || groups_within(m) < AROUND_LEAST_MILLI ||
	    !part || t->have.frames != t->frames_max ||
	    low.holdoff_ns < t->holdoff_min_ns || high.holdoff_ns > limit_of(m, t, &why))
		return false;
	netcoal_model_start_trial(m, t, &low, &high);
	netcoal_trial_slowly(&m->trial, m->backoff, false, false);
	m->trial.around = true;
	d->setting = low;
	return true;
}

/* Is it long enough since the last trial for one before its time? */
static bool may_be_early(const struct netcoal_model *m)
{
	return (m->backoff - m->wait) * EARLY_PART >= m->backoff;
}

/*
 * A rate that is clearly below what it was without hold-off, and little CPU that is
 * saved, before it is time for a trial: the load's own doing or, as the hold-off may
 * have changed since its test, ours.
 */
static bool rate_doubtful(const struct netcoal_model *m)
{
	return m->held.windows >= IDLE_WINDOWS && m->cap.holdoff_ns == NO_CAP && may_be_early(m) &&
	       netcoal_sums_fell(&m->base, &m->held, FELL_CLEARLY) &&
	       !netcoal_aim_saw(&m->base, &m->held, DOUBT_PCT);
}

/* Is what batches promise enough of what the CPUs do, with all their other work, to be seen? */
static bool would_show(const struct netcoal_model *m, const struct netcoal_aim *t)
{
	u64 before = netcoal_aim_cpu_ns(t, t->irq_ns, netcoal_sums_batch(&m->base));
	u64 after = netcoal_aim_cpu_ns(t, t->held_ns, netcoal_sums_batch(&m->held));
	u32 least_pct = max(t->stay_pct, SHOWS_PCT);

	return m->base.packets && (before - min(before, after)) * 100 >
				  netcoal_cpu_per_packet(&m->base) * least_pct;
}

/*
 * What the CPUs did says that nothing is saved. Before that is believed, a trial
 * has to say what they do without hold-off now: other stages may have moved.
 */
static bool disproved(const struct netcoal_model *m, const struct netcoal_aim *t)
{
	return m->held.windows >= DISPROOF_WINDOWS && would_show(m, t) &&
	       netcoal_aim_disproved(&m->base, &m->held, t->stay_pct);
}

/* A loop that loses far more at its cap than a trial made of it: in step, say. */
static bool cap_fails(const struct netcoal_model *m)
{
	u64 least = (u64)max(m->trial.last_pps, m->trial.before_pps) * CAP_KEEPS_PCT;

	return m->cap.holdoff_ns != NO_CAP && m->held.windows >= IDLE_WINDOWS &&
	       (m->backoff - m->wait) * FAILS_PART >= m->backoff &&
	       netcoal_sums_pps(&m->held) * 100 < least;
}

/*
 * A hold-off that a CPU target made shorter may be too short for packets that are paced:
 * a longer one is no lockstep's, and saves, or else that shows there.
 */
static bool longer_instead(struct netcoal_model *m, const struct netcoal_aim *t,
			   struct netcoal_decision *d)
{
	u32 why, limit = limit_of(m, t, &why);

	if (!t->cpu_target_ns || !t->have.holdoff_ns || t->have.holdoff_ns >= limit ||
	    t->have.frames != t->frames_max)
		return false;
	m->lulls = 0;
	netcoal_sums_clear(&m->held);
	netcoal_model_set(d, min_t(u64, 2 * (u64)t->have.holdoff_ns, limit), t->verdict_short);
	return true;
}

/*
 * Is it another load's turn? Jumps that are too short to be followed are jumps all the same. A
 * target's long hold-off may be of a sparse load, and make the windows of a dense one long.
 */
static bool moves(struct netcoal_model *m, const struct netcoal_aim *t, struct netcoal_decision *d)
{
	bool moved = netcoal_model_load_moved(m, &m->held, t->pps);

	if (is_averaged(m, t)) {
		if (m->moved >= MOVED_WINDOWS)
			m->calm = 0;
		return false;
	}
	if (moved)
		follow(m, t, d);
	else if (m->moved && t->cpu_target_ns)
		d->next_sequences = TEST_SEQUENCES;
	return moved;
}

/* Is it another hold-off's turn, for lockstep, another load, or nothing that is saved? */
static bool run_ends(struct netcoal_model *m, const struct netcoal_window *win,
		     const struct netcoal_aim *t, struct netcoal_decision *d)
{
	if (netcoal_model_stays_in_lockstep(m, win, t) ||
	    (m->held.windows >= LOCKSTEP_WINDOWS &&
	     netcoal_model_in_lockstep(m, &m->held, t, LOCKSTEP_RUN))) {
		if (!longer_instead(m, t, d))
			netcoal_model_lockstep(m, d);
		return true;
	}
	if (moves(m, t, d))
		return true;
	if (m->held.windows >= IDLE_WINDOWS &&
	    !netcoal_model_saves(m, t, netcoal_model_base_batch(m))) {
		if (!longer_instead(m, t, d))
			netcoal_model_nothing_saved(m, d);
		return true;
	}
	if (!m->fresh || !disproved(m, t))
		return false;
	netcoal_model_nothing_saved(m, d);
	return true;
}

/*
 * Where the load paused, what CPUs did is others'. A CPU target is met on average, though, over
 * sparse parts as well.
 */
static void add_to_run(struct netcoal_model *m, const struct netcoal_window *win,
		       const struct netcoal_aim *t)
{
	struct netcoal_window own = *win;
	u64 each_ns = div_u64(win->len_ns, max(netcoal_useful_sequences(win), 1));

	if (m->held.packets && m->held.sequences && !t->cpu_target_ns &&
	    each_ns / PAUSE_TIMES > div_u64(m->held.ns, m->held.sequences))
		own.cpu_ns = min(own.cpu_ns, netcoal_cpu_per_packet(&m->held) * own.packets);
	netcoal_sums_add(&m->held, &own, HELD_WINDOWS);
	if (m->backoff - m->wait > FRESH_WINDOWS)
		m->fresh = false;
}

/* A CPU target stands and falls with what an interrupt costs, unless no hold-off is longer. */
static bool costs_doubtful(const struct netcoal_model *m, const struct netcoal_aim *t)
{
	return t->cpu_target_ns && m->held.windows >= FRESH_WINDOWS &&
	       t->have.holdoff_ns < netcoal_steps_down(t, t->budget_ns) &&
	       netcoal_costs_doubtful(&m->costs, t, &m->held);
}

/*
 * What comes without hold-off, and then a test. One that fails says little of how long the next
 * may be missed, however long the hold-off before it was believed.
 */
static void measure_anew(struct netcoal_model *m, struct netcoal_decision *d)
{
	netcoal_sums_clear(&m->base);
	m->backoff = min_t(u32, m->backoff, CHECK_BACKOFF_MOST);
	m->wait = 0;
	netcoal_model_no_holdoff(m, d, NETCOAL_VERDICT_IDLE);
}

/*
 * From no hold-off none leads on, for what batches have goes with it. Whatever made it so,
 * trains that were batches by themselves or a budget that was others' for a while, may have
 * passed. A CPU target finds its own way, see netcoal_aim_wanted().
 */
static bool begins_anew(struct netcoal_model *m, const struct netcoal_aim *t,
			struct netcoal_decision *d)
{
	if (t->have.holdoff_ns || t->cpu_target_ns)
		return false;
	measure_anew(m, d);
	return true;
}

/*
 * A test says little of a hold-off that is some times as long, as one may be when others leave
 * more of a path's target: packets that hardly waited tell nothing of those that do. A CPU
 * target gets there by parts.
 */
static bool leaps(struct netcoal_model *m, const struct netcoal_aim *t, struct netcoal_decision *d)
{
	u8 known = max_t(u8, m->tested, netcoal_model_order(t->have.holdoff_ns));

	if (m->cap.holdoff_ns != NO_CAP || t->cpu_target_ns ||
	    netcoal_model_order(d->setting.holdoff_ns) <= known + 1)
		return false;
	measure_anew(m, d);
	return true;
}

/**
 * netcoal_model_run() - a window of a hold-off that passed its test
 * @m: the state
 * @win: the window
 * @t: the terms
 * @d: the decision
 */
void netcoal_model_run(struct netcoal_model *m, const struct netcoal_window *win,
		       const struct netcoal_aim *t, struct netcoal_decision *d)
{
	d->setting = t->have;
	if (begins_anew(m, t, d))
		return;
	add_to_run(m, win, t);
	if (run_ends(m, win, t, d))
		return;
	if (t->have.frames == t->frames_max && m->held.windows >= SHAPE_WINDOWS &&
	    is_power_of_2(m->held.windows))
		netcoal_model_learn_shape(m, t);
	adjust(m, t, d);
	if (leaps(m, t, d))
		return;
	m->wait -= !!m->wait;
	if (!t->have.holdoff_ns || memcmp(&d->setting, &t->have, sizeof(t->have)))
		return;
	if (m->wait && (rate_doubtful(m) || (may_be_early(m) &&
					     (disproved(m, t) || costs_doubtful(m, t)))))
		trial_again(m, t, 0, d);
	else if (m->wait && !cap_fails(m))
		return;
	else if (at_cap(m, t))
		refine_again(m, t, d);
	else if (!try_around(m, t, d))
		trial_again(m, t, lower(m, t), d);
}
