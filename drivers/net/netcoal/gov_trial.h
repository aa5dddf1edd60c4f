/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Trials: does the rate of packets fall when they are held off, and by how much?
 *
 * A trial alternates between a low and a high setting. The rate of each half is
 * judged against the mean of the halves before and after, so that a load that
 * merely drifts is not blamed, and the spread of the judgements says when they
 * are enough.
 */
#ifndef _NETCOAL_GOV_TRIAL_H
#define _NETCOAL_GOV_TRIAL_H

#include "gov_sums.h"

/* Windows that sums with one hold-off remember. */
#define HELD_WINDOWS		512

/**
 * struct netcoal_trial - alternation between two settings
 * @half_us: length of the longest half; the others take as long, those without hold-off
 *	half of it, for bursts would be seen in one and missed in the other; but not for
 *	more than a few times what they need, for that may have been a pause in the load
 * @before_pps: rate of the half before the last
 * @last_pps: rate of the last half
 * @least_pps: of a window at @low, the lowest rate of all, 0 before there was one
 * @kappa: groups of packets per second, as the last high half showed
 * @square: sum of the judgements' squares: ten, of 20000 at most
 * @sum: sum of the judgements, shares of the rate lost, in ten-thousandths
 * @base_milli: packets of a group: the batch that forms without hold-off, as low halves tell
 * @low: the setting with the shorter wait
 * @high: the setting with the longer wait
 * @doubt: such a share that a test seemed to lose, 0 if none did; all that is
 *	asked is whether it was chance
 * @half_windows: windows of a half, if @slow
 * @halves: finished, 2 for more
 * @n: judgements
 * @is_high: the present half is at @high
 * @slow: halves last for windows, not for packets
 * @refine: a loop is known, all that is asked is its time
 * @quick: halves are still short: an even load needs no longer ones
 * @after: hold-offs begin after a batch, as far as is known: see gov_batch.h
 * @timer: they are a timer's, which is known to
 * @around: halves take turns around the hold-off that a CPU target asked for
 */
struct netcoal_trial {
	u32 half_us;
	u32 before_pps;
	u32 last_pps;
	u32 least_pps;
	u32 kappa;
	u32 square;
	s32 sum;
	u32 base_milli;
	struct netcoal_setting low;
	struct netcoal_setting high;
	s16 doubt;
	u8 half_windows;
	u8 halves;
	u8 n;
	bool is_high:1;
	bool slow:1;
	bool refine:1;
	bool quick:1;
	bool after:1;
	bool timer:1;
	bool around:1;
};

enum netcoal_trial_end {
	NETCOAL_TRIAL_GOES_ON,
	NETCOAL_TRIAL_OPEN,	/* the rate stays */
	NETCOAL_TRIAL_CLOSED,	/* it falls too much */
	NETCOAL_TRIAL_NOISE,	/* nobody knows */
};

/**
 * struct netcoal_cap - the longest waits that a closed loop tolerates
 * @holdoff_ns: by time alone
 * @wait_ns: mean wait that it loses what it may at
 * @few: the same mean wait, by time and frames; frames is 0 if that is no better
 */
struct netcoal_cap {
	u32 holdoff_ns;
	u32 wait_ns;
	struct netcoal_setting few;
};

void netcoal_trial_start(struct netcoal_trial *tr, const struct netcoal_setting *low,
			 const struct netcoal_setting *high, u32 base_milli,
			 bool after, bool timer);
void netcoal_trial_slowly(struct netcoal_trial *tr, u32 windows, bool refine, bool even);
void netcoal_trial_window(struct netcoal_trial *tr, u64 pps);
bool netcoal_trial_half_done(const struct netcoal_trial *tr,
			     const struct netcoal_sums *s);
enum netcoal_trial_end netcoal_trial_half(struct netcoal_trial *tr,
					  const struct netcoal_sums *s);
void netcoal_trial_lasts(struct netcoal_trial *tr, const struct netcoal_sums *s);
void netcoal_trial_turn(struct netcoal_trial *tr, const struct netcoal_sums *s);
bool netcoal_trial_suspects(const struct netcoal_trial *tr);
u64 netcoal_trial_kappa(const struct netcoal_trial *tr);
void netcoal_trial_cap(const struct netcoal_trial *tr, u32 share, u32 before_ns,
		       u32 most_ns, u32 frames_max, struct netcoal_cap *cap);

#endif /* _NETCOAL_GOV_TRIAL_H */
