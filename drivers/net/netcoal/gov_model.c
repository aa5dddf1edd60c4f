// SPDX-License-Identifier: GPL-2.0
/*
 * Governor "model": the least CPU per packet that a latency target allows.
 *
 * A queue receives λ packets per second. An interrupt costs c_i ns, wake-ups
 * and context switches included, a packet c_p ns. With a hold-off of T ns:
 *
 *    batch      B(T) = b0 + κT            b0: what forms by itself at T = 0
 *    CPU        c(T) = c_p + (c_i + c_t) / B(T)          ns per packet
 *    wait       D(T) = T (1 + κT/2) / (1 + κT)           mean; T at most
 *    frames     B*   = (c_i + c_t) / (ε c_p)             waiting for more than
 *                      B* packets buys under ε; with a CPU target,
 *                      B* = (c_i + c_t) / (target - c_p)
 *    hold-off   T*   = min(budget, T (B* - 1) / (B(T) - 1)), B(T) as measured
 *    idle rule  T*   = 0 unless c(T*) saves ε of what no hold-off costs
 *
 * κ is λ for independent packets and more for bursts, so after a first guess
 * from λ it is measured. c_t is what the actuator pays for a hold-off on top: a
 * timer for deferral and hold, nothing for hardware. So sparse traffic gets no
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
 *   elasticity  the rate falls with T. A trial alternates between a low and a
 *               high hold-off; each change is judged against the mean of the
 *               halves before and after, so that a load that merely drifts is
 *               not blamed, and the spread of the judgements says when they are
 *               enough. A rate that falls by x from wait D0 to wait D1 belongs
 *               to a loop of time R = ((1 - x) D1 - D0) / x, and the hold-off is
 *               capped where D(T) / (R + D(T)) is 4.5 %. A test that lost its
 *               rate is followed by a short trial; those from RUN take turns
 *               slowly, around the cap, or down to half of a hold-off that
 *               nothing spoke against, and if that finds a loop, a short one
 *               has to agree.
 *
 * Tests and trials repeat after twice as many windows each time, and at once
 * when λ moves by more than 3x. A window in which a setting took effect is not
 * judged.
 *
 * All arithmetic is on integers: times in ns up to a second, rates up to 1e9/s,
 * batches and x = κT in thousandths up to 1e9, shares in ten-thousandths. So
 * products of two fit 64 bits, and sums of windows are halved before they don't.
 */
#include <linux/build_bug.h>
#include <linux/kernel.h>
#include <linux/math.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "governor.h"
#include "gov_terms.h"

/* ε for frames: the last 3 % are not worth a longer wait. */
#define FRAMES_EPS_PCT		3
/* ε for the idle rule, to start to hold off, and half as much to go on. */
#define IDLE_EPS_PCT		5
/* A batch at T = 0 that says that packets come in bursts. */
#define BURST_MILLI		1100
/* Share of its rate that a closed loop may lose, and where the cap aims. */
#define LOSS_MAX		500
#define LOSS_AIM		450
/* A rate that fell by a tenth may have fallen for the hold-off. */
#define RATE_FELL_PCT		90
/* One that kept this much makes a check less urgent. */
#define RATE_KEPT_PCT		99
/* Beyond this factor in λ, for so many windows, findings no longer hold. */
#define RATE_MOVED		3
#define MOVED_WINDOWS		3
/* Loads that keep jumping are followed ever more slowly, down to a 32nd. */
#define FOLLOWS_MAX		5
/* Sequences of a window in a test, and of all its windows together. */
#define TEST_SEQUENCES		8
#define TEST_SEQUENCES_MAX	64
/* Packets that must be missing from the promised ones to call it lockstep:
 * in a test that costs, and in a run where the question is asked every window.
 */
#define LOCKSTEP_TEST		4
#define LOCKSTEP_RUN		16
/* Halves of a trial: the first in packets, later in windows, slow at a cap. */
#define SHORT_HALF_PACKETS	512
#define CHECK_HALF_WINDOWS	50
#define CAP_HALF_WINDOWS	64
#define TRIAL_JUDGEMENTS_MAX	10
/* A trial that ends undecided is believed if its error is below this. */
#define TRIAL_ERROR_MAX		100
/* Judgements that differ by more are of a load that jumps by itself: a loop of
 * a few connections is as steady as they are few.
 */
#define TRIAL_SPREAD_MAX	1500
/* Windows until the next test or trial, and by how much it grows. */
#define TEST_BACKOFF_MIN	32
#define IDLE_BACKOFF_MIN	128
#define CAP_BACKOFF_MIN		64
#define CAP_BACKOFF_GROWTH	4
#define CHECK_BACKOFF_MIN	128
#define CHECK_BACKOFF_GROWTH	8
#define BACKOFF_MAX		4096
/* A CPU target is aimed at from below, as tests cost something, too. */
#define TARGET_AIM_PCT		99
/* A batch may miss B* by this much of the CPU, by so much without a target. */
#define ADJUST_TARGET_PCT	3
#define ADJUST_FRAMES_PCT	15
/* Windows to average before the next adjustment, doubling up to this. */
#define ADJUST_WINDOWS_MAX	64
/* Learned costs stay within this factor of the calibrated ones. */
#define COST_BOUND		4
/* Two points this far apart in interrupts per packet tell their cost. */
#define APART_MILLI		100
/* Windows that sums remember, without and with hold-off. */
#define BASE_WINDOWS		16
#define HELD_WINDOWS		200
/* Windows without and with hold-off before costs are learned from them. */
#define LEARN_WINDOWS		2
/* Windows of one hold-off before it is judged to save nothing. */
#define IDLE_WINDOWS		8

#define MILLI			1000U
#define TEN_THOUSAND		10000
#define X_MAX_MILLI		1000000000U
#define NO_CAP			NETCOAL_TARGET_MAX_NS

enum model_phase {
	MODEL_MEASURE,
	MODEL_TEST,
	MODEL_TRIAL,
	MODEL_RUN,
};

/**
 * struct sums - windows of one setting, summed, old ones fading
 * @ns: their length
 * @cpu_ns: time their CPUs were not idle
 * @busy_ns: time spent polling
 * @packets: packets
 * @sequences: useful poll sequences
 * @windows: how many
 */
struct sums {
	u64 ns;
	u64 cpu_ns;
	u64 busy_ns;
	u64 packets;
	u32 sequences;
	u32 windows;
};

/**
 * struct trial - alternation between two hold-offs
 * @half_ns: length of the longest half; the others take as long, or bursts
 *	would be seen in one and missed in the other
 * @before_pps: rate of the half before the last
 * @last_pps: rate of the last half
 * @square: sum of the judgements' squares
 * @sum: sum of the judgements, shares of the rate lost, in ten-thousandths
 * @low_ns: the shorter hold-off
 * @high_ns: the longer hold-off
 * @high_batch_milli: batch at the longer one, as a multiple of that without
 * @halves: finished
 * @n: judgements
 * @high: the present half is at the longer one
 * @slow: halves last for windows, not for packets
 */
struct trial {
	u64 half_ns;
	u64 before_pps;
	u64 last_pps;
	u64 square;
	s32 sum;
	u32 low_ns;
	u32 high_ns;
	u32 high_batch_milli;
	u8 halves;
	u8 n;
	bool high;
	bool slow;
};

/**
 * struct model - state of one queue and direction
 * @base: windows without hold-off
 * @held: windows with the present hold-off
 * @trial: the trial under way
 * @found_pps: λ when a test or trial ended
 * @cap_ns: longest hold-off that a closed loop tolerates
 * @backoff: windows from the last test or trial to the next
 * @wait: of these, windows to go
 * @irq_ns: c_i as learned, 0 if not
 * @packet_ns: c_p as learned
 * @phase: see the diagram above
 * @closed: NETCOAL_VERDICT_LOCKSTEP or _ELASTIC once a test showed a closed
 *	loop, _IDLE once it showed that waiting buys nothing, else _START
 * @moved: windows in a row whose λ was far from @found_pps
 * @follows: times that the load moved since the last trial
 * @adjust_after: windows to average before the next adjustment
 */
struct model {
	struct sums base;
	struct sums held;
	struct trial trial;
	u64 found_pps;
	u32 cap_ns;
	u32 backoff;
	u32 wait;
	u32 irq_ns;
	u32 packet_ns;
	u8 phase;
	u8 closed;
	u8 moved;
	u8 follows;
	u8 adjust_after;
};

/**
 * struct terms - what the law makes of a window
 * @pps: λ
 * @irq_ns: c_i
 * @holdoff_ns: c_i + c_t
 * @packet_ns: c_p
 * @batch_milli: B*
 * @budget_ns: longest wait that targets and policy allow
 * @start_pct: share of the CPU that a hold-off must promise to save
 * @stay_pct: share of the CPU that it must save
 * @verdict: the term that sets the longest wait
 * @verdict_short: the term that sets a shorter one
 * @step_ns: the actuator's granularity
 * @cpu_target: there is a CPU target
 * @reachable: there is none, or full batches reach it
 */
struct terms {
	u64 pps;
	u32 irq_ns;
	u32 holdoff_ns;
	u32 packet_ns;
	u32 batch_milli;
	u32 budget_ns;
	u32 start_pct;
	u32 stay_pct;
	enum netcoal_verdict verdict;
	enum netcoal_verdict verdict_short;
	u32 step_ns;
	bool cpu_target;
	bool reachable;
};

/* ---- sums ------------------------------------------------------------------ */

static void sums_halve(struct sums *s)
{
	s->ns /= 2;
	s->cpu_ns /= 2;
	s->busy_ns /= 2;
	s->packets /= 2;
	s->sequences /= 2;
	s->windows /= 2;
}

/* Each addend is bounded so that what has been summed stays below 2^63. */
static void sums_add(struct sums *s, const struct netcoal_window *win,
		     u32 remember)
{
	const u64 most = S64_MAX / 4;

	while (s->windows >= remember || s->sequences > U32_MAX / 4 ||
	       s->packets > most || s->ns > most || s->cpu_ns > most ||
	       s->busy_ns > most)
		sums_halve(s);
	s->ns += min(win->len_ns, most);
	s->cpu_ns += min(win->cpu_ns, most);
	s->busy_ns += min(win->busy_ns, most);
	s->packets += win->packets;
	s->sequences += min_t(u32, netcoal_useful_sequences(win), U32_MAX / 4);
	s->windows++;
}

static void sums_clear(struct sums *s)
{
	memset(s, 0, sizeof(*s));
}

static u64 sums_pps(const struct sums *s)
{
	return netcoal_pps(s->packets, s->ns);
}

/* Packets per useful sequence, at least one. */
static u32 sums_batch(const struct sums *s)
{
	return max(netcoal_ratio(s->packets, MILLI, s->sequences), MILLI);
}

/* ---- formulas -------------------------------------------------------------- */

/* x = κT, the packets that come within a hold-off, in thousandths. */
static u32 x_milli(u64 pps, u32 holdoff_ns)
{
	return min_t(u64, div_u64(pps * holdoff_ns, NETCOAL_NS_PER_SEC / MILLI),
		     X_MAX_MILLI);
}

/* D(T), the mean wait. */
static u32 mean_wait_ns(u64 kappa, u32 holdoff_ns)
{
	u64 x = x_milli(kappa, holdoff_ns);

	return div64_u64(holdoff_ns * (2 * MILLI + x), 2 * (MILLI + x));
}

/* The T whose D(T) is wait_ns: between once and twice that wait. */
static u32 holdoff_of_wait_ns(u64 kappa, u32 wait_ns)
{
	u64 t = wait_ns;
	int i;

	for (i = 0; i < 8; i++) {
		u64 x = x_milli(kappa, min_t(u64, t, NETCOAL_COST_MAX_NS));

		t = div64_u64(2 * wait_ns * (MILLI + x), 2 * MILLI + x);
	}
	return min_t(u64, t, NETCOAL_COST_MAX_NS);
}

/* c(B) = c_p + cost / B. */
static u64 cpu_ns(const struct terms *t, u32 cost_ns, u32 batch_milli)
{
	return (u64)t->packet_ns +
	       div_u64((u64)cost_ns * MILLI, max(batch_milli, MILLI));
}

/* B*, where waiting for more packets stops to pay. */
static void want_batch(struct terms *t, const struct netcoal_limits *lim)
{
	u32 spare = max_t(u32, div_u64((u64)t->packet_ns * FRAMES_EPS_PCT, 100), 1);
	u32 most = lim->frames_max * MILLI;
	u32 target = div_u64((u64)lim->cpu_target_ns * TARGET_AIM_PCT, 100);

	t->reachable = true;
	if (target > t->packet_ns) {
		spare = target - t->packet_ns;
	} else if (lim->cpu_target_ns) {
		t->batch_milli = most;
		t->reachable = false;
		return;
	}
	t->batch_milli = max(netcoal_ratio(t->holdoff_ns, MILLI, spare), MILLI);
	if (t->batch_milli > most) {
		t->reachable = !lim->cpu_target_ns;
		t->batch_milli = most;
	}
}

/* The longest wait that targets and policy allow, and what to call it. */
static void want_wait(struct terms *t, const struct netcoal_limits *lim)
{
	t->cpu_target = lim->cpu_target_ns;
	t->step_ns = lim->step_ns;
	t->budget_ns = min(lim->budget_ns, lim->holdoff_max_ns);
	if (t->cpu_target && t->reachable && lim->prefer == NETCOAL_PREFER_CPU)
		t->budget_ns = lim->holdoff_max_ns;
	t->verdict = lim->holdoff_max_ns < lim->budget_ns ? NETCOAL_VERDICT_BOUNDS :
							    NETCOAL_VERDICT_BUDGET;
	t->verdict_short = t->cpu_target ? NETCOAL_VERDICT_CPU_TARGET :
					   NETCOAL_VERDICT_FRAMES;
	/* A target asks for what little there is to save. */
	t->start_pct = t->cpu_target ? 1 : IDLE_EPS_PCT;
	t->stay_pct = t->cpu_target ? 0 : IDLE_EPS_PCT / 2;
}

static void terms_of(const struct model *m, u64 pps,
		     const struct netcoal_limits *lim, struct terms *t)
{
	u32 irq = m->irq_ns ? m->irq_ns : lim->irq_cost_ns;
	u32 packet = m->irq_ns ? m->packet_ns : lim->packet_cost_ns;

	t->pps = pps;
	t->irq_ns = min_t(u64, (u64)irq + lim->irq_extra_ns, NETCOAL_COST_MAX_NS);
	t->holdoff_ns = min_t(u64, (u64)t->irq_ns + lim->timer_cost_ns,
			      NETCOAL_COST_MAX_NS);
	t->packet_ns = clamp_t(u32, packet, 1, NETCOAL_COST_MAX_NS);
	want_batch(t, lim);
	want_wait(t, lim);
}

/* Does a batch of held, for which a hold-off was paid, save eps_pct? */
static bool saves(const struct terms *t, u32 base_milli, u32 held_milli,
		  u32 eps_pct)
{
	u64 now = cpu_ns(t, t->irq_ns, base_milli);
	u64 then = cpu_ns(t, t->holdoff_ns, held_milli);

	return then * 100 < now * (100 - eps_pct);
}

/* ---- learning c_i and c_p -------------------------------------------------- */

static u32 bounded_cost(u64 learned, u32 calibrated)
{
	u64 cal = clamp_t(u32, calibrated, 1, NETCOAL_COST_MAX_NS);

	return clamp_t(u64, learned, max_t(u64, cal / COST_BOUND, 1),
		       min_t(u64, cal * COST_BOUND, NETCOAL_COST_MAX_NS));
}

/*
 * Per packet, without and with hold-off, y0 = c_p + c_i x0 and y1 = c_p + c_i x1
 * with x interrupts. Other work on the CPUs is in both y: it drops out of c_i,
 * but would pass for c_p, so that is believed above its calibrated value only
 * as far as the time spent polling proves it.
 */
static void learn(struct model *m, const struct netcoal_limits *lim)
{
	const struct sums *b = &m->base, *h = &m->held;
	u64 x0, x1, y0, y1, irq, packet, proven;

	if (!b->cpu_ns || !h->cpu_ns || !b->packets || !h->packets ||
	    b->windows < LEARN_WINDOWS || h->windows < LEARN_WINDOWS)
		return;
	x0 = min_t(u64, div64_u64((u64)b->sequences * MILLI, b->packets), MILLI);
	x1 = min_t(u64, div64_u64((u64)h->sequences * MILLI, h->packets), MILLI);
	y0 = min_t(u64, div64_u64(b->cpu_ns, b->packets), NETCOAL_COST_MAX_NS);
	y1 = min_t(u64, div64_u64(h->cpu_ns, h->packets), NETCOAL_COST_MAX_NS);
	if (x0 < x1 + APART_MILLI || y0 <= y1)
		return;
	irq = bounded_cost(div64_u64((y0 - y1) * MILLI, x0 - x1), lim->irq_cost_ns);
	packet = y1 - min(y1, div_u64(irq * x1, MILLI));
	proven = max_t(u64, lim->packet_cost_ns, div64_u64(h->busy_ns, h->packets));
	/* So much more must be of other queues, which would be in c_i, too. */
	if (packet > 2 * proven)
		return;
	m->irq_ns = irq;
	m->packet_ns = bounded_cost(min(packet, proven), lim->packet_cost_ns);
}

/* ---- changing state -------------------------------------------------------- */

static void set(struct netcoal_decision *d, u32 holdoff_ns, u32 why)
{
	d->setting.holdoff_ns = holdoff_ns;
	d->verdict = why;
}

static void no_holdoff(struct model *m, struct netcoal_decision *d, u32 why)
{
	m->phase = MODEL_MEASURE;
	sums_clear(&m->held);
	set(d, 0, why);
}

static void back_off(struct model *m, u64 pps, u32 closed, u32 first, u32 growth)
{
	m->closed = closed;
	m->found_pps = pps;
	m->moved = 0;
	m->backoff = clamp_t(u32, m->backoff * growth, first, BACKOFF_MAX);
	m->wait = m->backoff;
}

/* What tests found was about another load. */
static void start_afresh(struct model *m)
{
	m->closed = NETCOAL_VERDICT_START;
	m->cap_ns = NO_CAP;
	m->backoff = 0;
	m->wait = 0;
	m->moved = 0;
	m->adjust_after = 1;
}

/* Has λ moved for good? A load that keeps jumping takes longer to convince. */
static bool load_moved(struct model *m, u64 pps, u32 follows)
{
	if (pps > m->found_pps * RATE_MOVED || pps * RATE_MOVED < m->found_pps)
		m->moved++;
	else
		m->moved = 0;
	return m->moved >= MOVED_WINDOWS << follows;
}

/* ---- MEASURE and TEST ------------------------------------------------------ */

/* The first guess of T*, packets being independent as far as anybody knows. */
static u32 first_holdoff(const struct terms *t, u32 base_milli)
{
	u64 need = div64_u64((t->batch_milli - MILLI) * (NETCOAL_NS_PER_SEC / MILLI),
			     max_t(u64, t->pps, 1));
	u32 goal = min_t(u64, need, t->budget_ns);
	u32 batch = max(base_milli, MILLI + x_milli(t->pps, goal));

	/* A target is approached from above: just too short looks like lockstep. */
	if (saves(t, base_milli, batch, t->start_pct))
		return t->cpu_target ? t->budget_ns : goal;
	/* Bursts may still be worth it: what they bring, only a test can say. */
	if (base_milli >= BURST_MILLI && base_milli < t->batch_milli)
		return t->budget_ns;
	return 0;
}

static void measure(struct model *m, const struct netcoal_window *win,
		    const struct terms *t, struct netcoal_decision *d)
{
	u32 goal;

	if (m->closed != NETCOAL_VERDICT_START && load_moved(m, t->pps, 0)) {
		start_afresh(m);
		sums_clear(&m->base);
	}
	sums_add(&m->base, win, BASE_WINDOWS);
	goal = first_holdoff(t, sums_batch(&m->base));
	if (!goal || m->wait || m->base.windows < LEARN_WINDOWS) {
		m->wait -= !!m->wait;
		set(d, 0, goal ? m->closed : NETCOAL_VERDICT_IDLE);
		return;
	}
	m->phase = MODEL_TEST;
	sums_clear(&m->held);
	set(d, goal, t->verdict);
	d->next_sequences = TEST_SEQUENCES;
}

/*
 * Lockstep: of the packets that a hold-off of this length promised beyond those
 * that come together anyway, hardly one came. Poisson arrivals do that by
 * chance in one of exp(missing) cases.
 */
static bool in_lockstep(const struct model *m, const struct sums *h,
			u32 holdoff_ns, u32 missing)
{
	u64 base = sums_batch(&m->base);
	u64 batch = MILLI + x_milli(sums_pps(h), holdoff_ns);
	u64 promised, formed, more;

	if (batch <= base)
		return false;
	promised = div_u64(h->sequences * (batch - base), MILLI);
	formed = div_u64(h->sequences * base, MILLI);
	more = h->packets > formed ? h->packets - formed : 0;
	return promised >= missing && more <= promised / 8;
}

static bool window_in_lockstep(const struct model *m,
			       const struct netcoal_window *win, u32 holdoff_ns,
			       u32 missing)
{
	struct sums one = { };

	sums_add(&one, win, 1);
	return in_lockstep(m, &one, holdoff_ns, missing);
}

static void lockstep(struct model *m, struct netcoal_decision *d)
{
	back_off(m, sums_pps(&m->base), NETCOAL_VERDICT_LOCKSTEP,
		 TEST_BACKOFF_MIN, 2);
	no_holdoff(m, d, NETCOAL_VERDICT_LOCKSTEP);
}

static void nothing_saved(struct model *m, struct netcoal_decision *d)
{
	back_off(m, sums_pps(&m->base), NETCOAL_VERDICT_IDLE, IDLE_BACKOFF_MIN, 2);
	no_holdoff(m, d, NETCOAL_VERDICT_IDLE);
}

/*
 * How often what comes together anyway, a packet or the packets of a message,
 * is in a batch now: that is what waits, the first for T, the last for nothing.
 */
static u32 grown_batch(const struct model *m)
{
	return max(netcoal_ratio(sums_batch(&m->held), MILLI, sums_batch(&m->base)),
		   MILLI);
}

static void start_trial(struct model *m, u32 low_ns, u32 high_ns, bool slow)
{
	memset(&m->trial, 0, sizeof(m->trial));
	m->trial.low_ns = low_ns;
	m->trial.high_ns = high_ns;
	m->trial.high_batch_milli = grown_batch(m);
	m->trial.slow = slow;
	m->phase = MODEL_TRIAL;
	sums_clear(&m->held);
}

/* The rate fell in the test: that was the first high half, now a low one. */
static void doubt(struct model *m, u32 have_ns, struct netcoal_decision *d)
{
	struct sums high = m->held;

	start_trial(m, 0, have_ns, false);
	m->trial.before_pps = sums_pps(&m->base);
	m->trial.last_pps = sums_pps(&high);
	m->trial.half_ns = high.ns;
	m->trial.halves = m->base.ns * 2 >= high.ns ? 2 : 1;
	set(d, 0, NETCOAL_VERDICT_ELASTIC);
}

static void test(struct model *m, const struct netcoal_window *win,
		 const struct terms *t, u32 have_ns, struct netcoal_decision *d)
{
	u64 base_pps = sums_pps(&m->base);

	sums_add(&m->held, win, HELD_WINDOWS);
	set(d, have_ns, t->verdict);
	if (in_lockstep(m, &m->held, have_ns, LOCKSTEP_TEST)) {
		lockstep(m, d);
	} else if (m->held.sequences < TEST_SEQUENCES_MAX) {
		d->next_sequences = TEST_SEQUENCES;
	} else if (!saves(t, sums_batch(&m->base), sums_batch(&m->held), t->stay_pct)) {
		nothing_saved(m, d);
	} else if (sums_pps(&m->held) * 100 < base_pps * RATE_FELL_PCT) {
		doubt(m, have_ns, d);
	} else {
		start_afresh(m);
		back_off(m, sums_pps(&m->held), NETCOAL_VERDICT_START,
			 sums_pps(&m->held) * 100 < base_pps * RATE_KEPT_PCT ?
			 CHECK_BACKOFF_MIN : CHECK_BACKOFF_MIN * CHECK_BACKOFF_GROWTH, 1);
		m->phase = MODEL_RUN;
	}
}

/* The load is not the one that was tested; its hold-off is a guess again. */
static void follow(struct model *m, const struct terms *t,
		   struct netcoal_decision *d)
{
	u32 goal = first_holdoff(t, MILLI);

	m->follows = min(m->follows + 1, FOLLOWS_MAX);
	sums_clear(&m->held);
	if (m->cap_ns != NO_CAP || !goal) {
		start_afresh(m);
		no_holdoff(m, d, NETCOAL_VERDICT_IDLE);
		return;
	}
	m->phase = MODEL_RUN;
	m->adjust_after = 1;
	back_off(m, t->pps, NETCOAL_VERDICT_START, CHECK_BACKOFF_MIN, 1);
	set(d, goal, t->verdict);
}

/* ---- TRIAL ----------------------------------------------------------------- */

/* κ at the longer hold-off, the trial's measure of how packets come. */
static u64 trial_kappa(const struct trial *tr)
{
	u64 x = tr->high_batch_milli - min(tr->high_batch_milli, MILLI);

	return min_t(u64, div_u64(x * (NETCOAL_NS_PER_SEC / MILLI),
				  max_t(u32, tr->high_ns, 1)), NETCOAL_PPS_MAX);
}

/*
 * The loop's own time R if the rate falls by a share x of the mean of both
 * rates; NETCOAL_TARGET_MAX_NS if it does not fall.
 */
static u32 loop_ns(const struct trial *tr, s32 x)
{
	u64 d0 = mean_wait_ns(trial_kappa(tr), tr->low_ns);
	u64 d1 = mean_wait_ns(trial_kappa(tr), tr->high_ns);
	u32 high, low;

	if (x <= 0)
		return NETCOAL_TARGET_MAX_NS;
	x = min(x, 2 * TEN_THOUSAND - 1);
	high = 2 * TEN_THOUSAND - x;
	low = 2 * TEN_THOUSAND + x;
	if (d1 * high <= d0 * low)
		return 0;
	return min_t(u64, div_u64(d1 * high - d0 * low, low - high),
		     NETCOAL_TARGET_MAX_NS);
}

/* Share of its rate that a loop of time R loses at the longer hold-off. */
static u32 loss_at(const struct trial *tr, s32 x)
{
	u64 d1 = mean_wait_ns(trial_kappa(tr), tr->high_ns);

	return div64_u64(d1 * TEN_THOUSAND, max_t(u64, d1 + loop_ns(tr, x), 1));
}

static u32 cap_of(const struct trial *tr, s32 x)
{
	u64 wait = div_u64((u64)loop_ns(tr, x) * LOSS_AIM, TEN_THOUSAND - LOSS_AIM);

	return holdoff_of_wait_ns(trial_kappa(tr), wait);
}

/* One more judgement: how far from its neighbours' mean was the middle half? */
static void judge(struct trial *tr, u64 pps)
{
	s64 around = (tr->before_pps + pps) / 2, mid = tr->last_pps;
	s32 x = div64_s64(2 * TEN_THOUSAND * (around - mid),
			  max_t(s64, around + mid, 1));

	/* The half that just ended is high, so the middle one was low. */
	if (tr->high)
		x = -x;
	tr->sum += x;
	tr->square += (s64)x * x;
	tr->n++;
}

/*
 * Standard error of the mean judgement; at least a third of the variance that
 * independent packets have.
 */
static u32 trial_error(const struct trial *tr, u64 half_packets)
{
	u64 mean = abs((s32)div_s64(tr->sum, tr->n));
	u64 square = div_u64(tr->square, tr->n);
	u64 spread = square - min(square, mean * mean);
	u64 least = div64_u64(TEN_THOUSAND * TEN_THOUSAND / 2,
			      max_t(u64, half_packets, 1));

	if (tr->n > 1)
		spread = div_u64(spread * tr->n, tr->n - 1);
	return int_sqrt64(div_u64(max(spread, least), tr->n));
}

/* Few judgements are believed less: Student's t for about 1 %, in tenths. */
static u32 believable(const struct trial *tr, u32 error)
{
	static const u8 t_tenths[] = { 90, 90, 90, 50, 40, 35, 30 };
	u32 n = min_t(u32, tr->n, ARRAY_SIZE(t_tenths) - 1);

	return error * t_tenths[n] / 10;
}

enum trial_end {
	TRIAL_GOES_ON,
	TRIAL_OPEN,	/* the rate stays */
	TRIAL_CLOSED,	/* it falls too much */
	TRIAL_NOISE,	/* nobody knows */
};

/*
 *    judgements that jump                                noise
 *    loss even in the worst case is small                open
 *    loss even in the best case is too much              closed; around a cap
 *                                                        only once it is known
 *                                                        to an eighth
 *    undecided at the end, known well enough             by what is likely
 *    undecided at the end, and not known well            noise
 */
static enum trial_end trial_ends(const struct model *m, u64 half_packets)
{
	const struct trial *tr = &m->trial;
	bool last = tr->n >= TRIAL_JUDGEMENTS_MAX;
	s32 mean, margin;
	u32 error;

	if (tr->n < 2)
		return TRIAL_GOES_ON;
	mean = div_s64(tr->sum, tr->n);
	error = trial_error(tr, half_packets);
	if (tr->n > 2 && (u64)error * error * tr->n >
	    TRIAL_SPREAD_MAX * TRIAL_SPREAD_MAX)
		return TRIAL_NOISE;
	margin = believable(tr, error);
	if (loss_at(tr, mean + margin) <= LOSS_MAX)
		return TRIAL_OPEN;
	if (tr->n > 2 && loss_at(tr, mean - margin) > LOSS_MAX &&
	    (last || !tr->slow || error * 8 < mean))
		return TRIAL_CLOSED;
	if (!last)
		return TRIAL_GOES_ON;
	if (error > TRIAL_ERROR_MAX)
		return TRIAL_NOISE;
	return loss_at(tr, mean) > LOSS_MAX ? TRIAL_CLOSED : TRIAL_OPEN;
}

static u32 trial_cap(const struct model *m)
{
	const struct trial *tr = &m->trial;
	u32 cap = cap_of(tr, div_s64(tr->sum, tr->n));

	/* Later trials refine what earlier ones found. */
	if (tr->slow && m->cap_ns != NO_CAP && m->backoff > CAP_BACKOFF_MIN)
		cap = div_u64(3 * (u64)cap + m->cap_ns, 4);
	return min(cap, tr->high_ns);
}

static void trial_done(struct model *m, const struct terms *t,
		       enum trial_end end, struct netcoal_decision *d)
{
	struct trial *tr = &m->trial;
	u32 batch;

	if (end == TRIAL_CLOSED)
		m->cap_ns = trial_cap(m);
	else if (end == TRIAL_OPEN)
		m->cap_ns = tr->high_ns < t->budget_ns && m->cap_ns != NO_CAP ?
			    tr->high_ns : NO_CAP;
	if (m->cap_ns == NO_CAP)
		back_off(m, t->pps, NETCOAL_VERDICT_START, CHECK_BACKOFF_MIN,
			 CHECK_BACKOFF_GROWTH);
	else
		back_off(m, t->pps, NETCOAL_VERDICT_ELASTIC, CAP_BACKOFF_MIN,
			 CAP_BACKOFF_GROWTH);
	m->phase = MODEL_RUN;
	m->adjust_after = 1;
	sums_clear(&m->held);
	set(d, min(m->cap_ns, tr->high_ns), m->cap_ns < tr->high_ns ?
	    NETCOAL_VERDICT_ELASTIC : t->verdict);
	batch = netcoal_ratio(sums_batch(&m->base),
			      MILLI + x_milli(trial_kappa(tr), d->setting.holdoff_ns),
			      MILLI);
	if (!saves(t, sums_batch(&m->base), batch, t->stay_pct))
		no_holdoff(m, d, m->closed == NETCOAL_VERDICT_START ?
			   NETCOAL_VERDICT_IDLE : m->closed);
}

static bool half_done(const struct model *m)
{
	const struct sums *h = &m->held;

	if (h->ns < m->trial.half_ns)
		return false;
	if (m->trial.slow)
		return h->windows >= (m->cap_ns == NO_CAP ? CHECK_HALF_WINDOWS :
							    CAP_HALF_WINDOWS);
	return h->packets >= SHORT_HALF_PACKETS && h->sequences >= TEST_SEQUENCES;
}

static void trial(struct model *m, const struct netcoal_window *win,
		  const struct terms *t, u32 have_ns, struct netcoal_decision *d)
{
	struct trial *tr = &m->trial;
	enum trial_end end;
	u64 pps;

	sums_add(&m->held, win, HELD_WINDOWS);
	if (!have_ns)
		sums_add(&m->base, win, BASE_WINDOWS);
	set(d, have_ns, m->closed == NETCOAL_VERDICT_ELASTIC ?
	    NETCOAL_VERDICT_ELASTIC : t->verdict);
	if (tr->high && window_in_lockstep(m, win, have_ns, LOCKSTEP_RUN)) {
		lockstep(m, d);
		return;
	}
	if (tr->slow && load_moved(m, t->pps, m->follows)) {
		follow(m, t, d);
		return;
	}
	if (!half_done(m))
		return;
	pps = sums_pps(&m->held);
	if (tr->high)
		tr->high_batch_milli = grown_batch(m);
	if (tr->halves >= 2)
		judge(tr, pps);
	end = trial_ends(m, m->held.packets);
	if (end == TRIAL_CLOSED && tr->slow && m->cap_ns == NO_CAP) {
		/* So far nobody knew of a loop: a short trial has to agree. */
		start_trial(m, 0, tr->high_ns, false);
		set(d, 0, d->verdict);
		return;
	}
	if (end != TRIAL_GOES_ON) {
		trial_done(m, t, end, d);
		return;
	}
	tr->half_ns = max(tr->half_ns, m->held.ns);
	tr->before_pps = tr->last_pps;
	tr->last_pps = pps;
	tr->halves = min(tr->halves + 1, 2);
	tr->high = !tr->high;
	sums_clear(&m->held);
	set(d, tr->high ? tr->high_ns : tr->low_ns, d->verdict);
}

/* ---- RUN ------------------------------------------------------------------- */

/* Longest hold-off that targets, policy and loops allow, and which of them. */
static u32 limit_of(const struct model *m, const struct terms *t, u32 *why)
{
	u32 limit = t->budget_ns;

	*why = t->cpu_target ? NETCOAL_VERDICT_SATURATED : t->verdict;
	if (m->cap_ns < limit) {
		*why = NETCOAL_VERDICT_ELASTIC;
		limit = m->cap_ns;
	}
	return limit - limit % t->step_ns;
}

/* Is the batch near enough to B*, in CPU with a target, else in packets? */
static bool near_enough(const struct terms *t, u32 batch_milli)
{
	u64 have = cpu_ns(t, t->holdoff_ns, batch_milli);
	u64 want = cpu_ns(t, t->holdoff_ns, t->batch_milli);

	if (!t->cpu_target) {
		have = (u64)batch_milli * 100;
		want = t->batch_milli;
		return have >= want * (100 - ADJUST_FRAMES_PCT) &&
		       have <= want * (100 + 2 * ADJUST_FRAMES_PCT);
	}
	return have * 100 <= want * (100 + ADJUST_TARGET_PCT) &&
	       want * 100 <= have * (100 + ADJUST_TARGET_PCT / 2);
}

/*
 * The least delay that reaches a target: a step down if that misses it by less
 * than is tolerated, else a step up.
 */
static u64 stepped(const struct terms *t, u64 want_ns, u32 have_ns, u32 batch_milli)
{
	u64 down = div_u64(want_ns, t->step_ns) * t->step_ns;
	u64 more = div_u64((batch_milli - MILLI) * min_t(u64, down, NETCOAL_COST_MAX_NS),
			   max_t(u32, have_ns, 1));

	if (cpu_ns(t, t->holdoff_ns, min_t(u64, MILLI + more, U32_MAX)) * 100 <=
	    cpu_ns(t, t->holdoff_ns, t->batch_milli) * (100 + ADJUST_TARGET_PCT))
		return down;
	return down + t->step_ns;
}

/*
 * Steer the batch to B* from what it is at the present hold-off: B - 1 goes
 * with T.
 */
static void adjust(struct model *m, const struct terms *t, u32 have_ns,
		   struct netcoal_decision *d)
{
	u32 batch = sums_batch(&m->held), why, limit = limit_of(m, t, &why);
	u64 want = limit;

	if (batch > MILLI)
		want = div_u64((u64)have_ns * (t->batch_milli - MILLI), batch - MILLI);
	if (t->cpu_target)
		want = stepped(t, want, have_ns, batch);
	want = min_t(u64, want, limit);
	if (have_ns <= limit && near_enough(t, batch))
		want = have_ns;
	set(d, have_ns, want < limit ? t->verdict_short : why);
	if (m->held.windows < m->adjust_after && have_ns <= limit)
		return;
	m->adjust_after = min(2 * m->adjust_after, ADJUST_WINDOWS_MAX);
	if (want == have_ns)
		return;
	sums_clear(&m->held);
	d->setting.holdoff_ns = want;
}

/*
 * Time for a trial: around the cap of a closed loop, else down to the half, which
 * costs little CPU.
 */
static void trial_again(struct model *m, const struct terms *t, u32 have_ns,
			struct netcoal_decision *d)
{
	u32 low = have_ns / 2, high = have_ns;

	if (m->cap_ns != NO_CAP) {
		low = m->cap_ns / 2;
		high = min_t(u64, (u64)m->cap_ns * 3 / 2, t->budget_ns);
	}
	start_trial(m, low, high, true);
	set(d, low, d->verdict);
}

/*
 * The batch that would form without hold-off: as last measured if the load is
 * still much the same, else single packets.
 */
static u32 base_batch(const struct model *m)
{
	u64 then = sums_pps(&m->base), now = sums_pps(&m->held);

	return now < 2 * then && then < 2 * now ? sums_batch(&m->base) : MILLI;
}

static void run(struct model *m, const struct netcoal_window *win,
		const struct terms *t, u32 have_ns, struct netcoal_decision *d)
{
	sums_add(&m->held, win, HELD_WINDOWS);
	if (window_in_lockstep(m, win, have_ns, LOCKSTEP_RUN) ||
	    in_lockstep(m, &m->held, have_ns, LOCKSTEP_RUN)) {
		lockstep(m, d);
		return;
	}
	if (load_moved(m, t->pps, m->follows)) {
		follow(m, t, d);
		return;
	}
	if (m->held.windows >= IDLE_WINDOWS &&
	    !saves(t, base_batch(m), sums_batch(&m->held), t->stay_pct)) {
		nothing_saved(m, d);
		return;
	}
	adjust(m, t, have_ns, d);
	m->wait -= !!m->wait;
	if (!m->wait && d->setting.holdoff_ns == have_ns && have_ns)
		trial_again(m, t, have_ns, d);
}

/* ---- the governor ---------------------------------------------------------- */

/*
 * A window in which a setting took effect says little of either, except in a
 * test: where lockstep shows even so, every further packet would be late.
 */
static void settle(struct model *m, const struct netcoal_window *win, u32 have_ns,
		   struct netcoal_decision *d)
{
	set(d, have_ns, NETCOAL_VERDICT_SETTLE);
	if (m->phase != MODEL_TEST)
		return;
	d->next_sequences = TEST_SEQUENCES;
	if (d->pps * 5 < sums_pps(&m->base) * 4 &&
	    window_in_lockstep(m, win, have_ns, LOCKSTEP_TEST))
		lockstep(m, d);
}

static void model_decide(struct netcoal_gov *gov, const struct netcoal_window *win,
			 const struct netcoal_limits *lim,
			 struct netcoal_decision *d)
{
	struct model *m = netcoal_gov_priv(gov);
	u32 have_ns = gov->setting.holdoff_ns;
	struct terms t;

	netcoal_terms_fill(win, lim, d);
	learn(m, lim);
	terms_of(m, d->pps, lim, &t);
	d->irq_cost_ns = t.irq_ns;
	d->packet_cost_ns = t.packet_ns;
	d->want_frames = DIV_ROUND_UP(t.batch_milli, MILLI);
	d->setting.frames = lim->frames_max;
	if (!win->settled)
		settle(m, win, have_ns, d);
	else if (m->phase == MODEL_MEASURE)
		measure(m, win, &t, d);
	else if (m->phase == MODEL_TEST)
		test(m, win, &t, have_ns, d);
	else if (m->phase == MODEL_TRIAL)
		trial(m, win, &t, have_ns, d);
	else
		run(m, win, &t, have_ns, d);
}

static void model_init(struct netcoal_gov *gov, const struct netcoal_limits *lim)
{
	struct model *m = netcoal_gov_priv(gov);

	BUILD_BUG_ON(sizeof(*m) > NETCOAL_GOV_PRIV_SIZE);
	start_afresh(m);
	gov->setting.holdoff_ns = lim->holdoff_min_ns;
}

const struct netcoal_gov_ops netcoal_gov_model = {
	.name = "model",
	.priv_size = sizeof(struct model),
	.init = model_init,
	.decide = model_decide,
};
