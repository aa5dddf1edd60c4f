/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the governor "model" remembers of a queue, and what its phases share. The
 * law is told in gov_model.c.
 */
#ifndef _NETCOAL_GOV_STATE_H
#define _NETCOAL_GOV_STATE_H

#include <linux/log2.h>
#include <linux/minmax.h>

#include "gov_aim.h"
#include "gov_sums.h"
#include "gov_terms.h"
#include "gov_trial.h"
#include "governor.h"

/* A rate that fell by so many tenths of what chance does to independent packets
 * may have fallen for the hold-off; by so many, and so far, it did, clearly.
 */
#define FELL_MAYBE		15
#define FELL_CLEARLY		30
#define RATE_STAYS_PCT		80
/* Sequences of a window in a test, and of one that may be another load's. */
#define TEST_SEQUENCES		8
/* Beyond this factor in λ, for so many windows, findings no longer hold. */
#define RATE_MOVED		3
#define MOVED_WINDOWS		3
/* Packets that must be missing from the promised ones to call it lockstep:
 * in a test that costs, and in a run where the question is asked every window.
 */
#define LOCKSTEP_TEST		4
#define LOCKSTEP_RUN		16
/* And windows in a row where they are, in a run or a trial. */
#define LOCKSTEP_WINDOWS	4
/* Windows until the next test or trial, and by how much it grows. */
#define TEST_BACKOFF_MIN	32
#define IDLE_BACKOFF_MIN	128
#define CAP_BACKOFF_MIN		64
#define CAP_BACKOFF_GROWTH	8
#define CHECK_BACKOFF_MIN	64
#define CHECK_BACKOFF_MOST	512
#define CHECK_BACKOFF_GROWTH	64
#define BACKOFF_MAX		65535
#define TEST_BACKOFF_MAX	4096
/* Windows that sums without hold-off remember. */
#define BASE_WINDOWS		16
/* Windows after which what was measured without hold-off may not hold any more. */
#define FRESH_WINDOWS		128

#define MILLI			NETCOAL_MILLI
#define NO_CAP			NETCOAL_TARGET_MAX_NS

enum netcoal_model_phase {
	MODEL_MEASURE,
	MODEL_TEST,
	MODEL_TRIAL,
	MODEL_RUN,
};

/**
 * struct netcoal_model - state of one queue and direction
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
 * @calm: windows in which the load did not move
 * @moved: windows in a row whose λ was far from @found_pps
 * @closed: NETCOAL_VERDICT_LOCKSTEP or _ELASTIC once a test showed a closed
 *	loop, _IDLE once it showed that waiting buys nothing, else _START
 * @lighter: windows in a row whose batches took clearly less to poll than @held's
 * @phase: see the diagram in gov_model.c
 * @follows: times that it moved, less those long past
 * @lulls: windows in a row that looked like lockstep
 * @after: the device's hold-offs seem to begin after a batch
 * @fresh: @base is of the last trial, and that was not long ago
 * @recent: @base is of the last test or trial
 * @above: a loop tolerated more than the latency target, when that was last tried
 * @tested: the longest hold-off that no test or trial spoke against, by netcoal_model_order()
 */
struct netcoal_model {
	struct netcoal_sums base;
	struct netcoal_sums held;
	struct netcoal_trial trial;
	struct netcoal_cap cap;
	u32 found_pps;
	u32 rest;
	s32 lost;
	struct netcoal_costs costs;
	u32 found_batch;
	u16 backoff;
	u16 wait;
	u16 share;
	u16 adjust_after;
	u16 calm;
	u16 moved;
	u8 closed;
	u8 lighter;
	u8 phase:2;
	u8 follows:3;
	u8 lulls:3;
	bool after:1;
	bool fresh:1;
	bool recent:1;
	bool above:1;
	u8 tested:4;
};

/* The order of a hold-off: log2 of what is about a µs, at most 15, which is beyond 32 ms. */
static inline u8 netcoal_model_order(u32 holdoff_ns)
{
	return min_t(u32, ilog2((holdoff_ns >> 10) | 1), 15);
}

static inline void netcoal_model_set(struct netcoal_decision *d, u32 holdoff_ns, u32 why)
{
	d->setting.holdoff_ns = holdoff_ns;
	d->verdict = why;
}

static inline struct netcoal_setting netcoal_model_by_time(const struct netcoal_aim *t,
							   u32 holdoff_ns)
{
	return (struct netcoal_setting){holdoff_ns, t->frames_max};
}

/* Is what was measured without hold-off of the last test or trial, and that not long ago? */
static inline bool netcoal_model_base_is_recent(const struct netcoal_model *m)
{
	return m->recent && m->backoff - m->wait <= FRESH_WINDOWS;
}

/* gov_state.c */
bool netcoal_model_saves(const struct netcoal_model *m, const struct netcoal_aim *t,
			 u32 base_milli);
u32 netcoal_model_base_batch(const struct netcoal_model *m);
void netcoal_model_guess_share(struct netcoal_model *m);
void netcoal_model_learn_share(struct netcoal_model *m, const struct netcoal_window *win,
			       const struct netcoal_setting *have,
			       const struct netcoal_limits *lim);
void netcoal_model_learn_shape(struct netcoal_model *m, const struct netcoal_aim *t);
void netcoal_model_no_holdoff(struct netcoal_model *m, struct netcoal_decision *d, u32 why);
void netcoal_model_back_off(struct netcoal_model *m, u32 closed, u32 windows);
void netcoal_model_back_off_more(struct netcoal_model *m, u32 closed, u32 least, u32 growth,
				 u32 most);
void netcoal_model_count_lost(struct netcoal_model *m, const struct netcoal_window *win,
			      const struct netcoal_aim *t);
void netcoal_model_rest(struct netcoal_model *m);
void netcoal_model_start_afresh(struct netcoal_model *m);
void netcoal_model_moved(struct netcoal_model *m);
bool netcoal_model_load_moved(struct netcoal_model *m, const struct netcoal_sums *now, u64 pps);
bool netcoal_model_base_meets(const struct netcoal_model *m, const struct netcoal_aim *t);
u32 netcoal_model_first_holdoff(const struct netcoal_model *m, const struct netcoal_aim *t,
				u32 base_milli);
u32 netcoal_model_next_holdoff(const struct netcoal_model *m, const struct netcoal_aim *t);
bool netcoal_model_in_lockstep(const struct netcoal_model *m, const struct netcoal_sums *h,
			       const struct netcoal_aim *t, u32 missing);
bool netcoal_model_window_in_lockstep(const struct netcoal_model *m,
				      const struct netcoal_window *win, const struct netcoal_aim *t,
				      u32 missing);
bool netcoal_model_stays_in_lockstep(struct netcoal_model *m, const struct netcoal_window *win,
				     const struct netcoal_aim *t);
void netcoal_model_lockstep(struct netcoal_model *m, struct netcoal_decision *d);
void netcoal_model_nothing_saved(struct netcoal_model *m, struct netcoal_decision *d);
void netcoal_model_start_trial(struct netcoal_model *m, const struct netcoal_aim *t,
			       const struct netcoal_setting *low,
			       const struct netcoal_setting *high);

/* gov_run.c */
void netcoal_model_trial(struct netcoal_model *m, const struct netcoal_window *win,
			 const struct netcoal_aim *t, struct netcoal_decision *d);
void netcoal_model_run(struct netcoal_model *m, const struct netcoal_window *win,
		       const struct netcoal_aim *t, struct netcoal_decision *d);

#endif /* _NETCOAL_GOV_STATE_H */
