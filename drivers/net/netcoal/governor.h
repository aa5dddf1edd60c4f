/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The governor: turns windows of a queue into a (hold-off, frames) pair.
 *
 * Everything here and in gov_*.c is plain arithmetic: no locks, no allocation,
 * no clock, no call into the kernel beyond division helpers. The module, the
 * unit tests and the simulator compile the same files.
 */
#ifndef _NETCOAL_GOVERNOR_H
#define _NETCOAL_GOVERNOR_H

#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/types.h>
#include <linux/netcoal.h>

/* Room for the state of a governor, per queue and direction, in bytes. */
#define NETCOAL_GOV_PRIV_SIZE	216

/**
 * struct netcoal_window - what one queue did in one sampling period
 * @len_ns: length of the window, > 0
 * @packets: packets handled
 * @polls: polls run, timer polls and empty ones included
 * @empty_polls: sequences that found nothing
 * @full_polls: polls that used their whole budget
 * @sequences: runs of polls, each started by an interrupt or a timer
 * @hardirqs: interrupts taken, or 0 where the kernel does not say
 * @squares: sum of the squares of the sequences' packets: how unlike batches are
 * @longest: packets of the longest sequence, 0 if not known
 * @busy_ns: time spent polling (softirq), a floor of what the queue cost
 * @cpu_ns: the queue's part of the time its CPUs were not idle, 0 if unknown;
 *	contains the application and everything else that ran there
 * @starved: the CPUs had no time left: what a packet cost says how many came
 * @shared: other queues were polled on its CPUs, so that what those did besides may be theirs
 * @settled: false if the window began before the present setting took effect
 *
 * Counters are those of the window alone, not running sums. Any value must be
 * survived: drivers lie, clocks stop, counters wrap.
 */
struct netcoal_window {
	u64 len_ns;
	u64 busy_ns;
	u64 cpu_ns;
	u64 squares;
	u32 packets;
	u32 polls;
	u32 empty_polls;
	u32 full_polls;
	u32 sequences;
	u32 hardirqs;
	u32 longest;
	bool starved;
	bool shared;
	bool settled;
};

/* A governor that tests something may ask for fewer, but not for less than */
#define NETCOAL_WINDOW_LEAST		8
/* A window is worth judging after this many sequences ... */
#define NETCOAL_WINDOW_SEQUENCES	64
/* ... and not before this time, so that fast queues do not decide all day; */
#define NETCOAL_WINDOW_MIN_NS		1000000
/* sparse or polled-out queues are judged after this, however little came. */
#define NETCOAL_WINDOW_MAX_NS		100000000
/* A CPU that had less of a window left for idling had no time left. */
#define NETCOAL_WINDOW_IDLE_PART	64
/* Where a governor is calm, each judgement would cost more than it finds. */
#define NETCOAL_WINDOW_CALM		256
#define NETCOAL_WINDOW_CALM_MAX_NS	1000000000
/* And while each so many sequences are like the last ones, it may go on up to */
#define NETCOAL_WINDOW_CALM_MOST	1024
/* Neither longer nor shorter, nor of more or fewer packets, by a part of: */
#define NETCOAL_WINDOW_ALIKE		4

/**
 * netcoal_window_least_ns() - the shortest that a window may be
 * @asked: sequences that the governor asked for, 0 for the usual number
 *
 * Return: in ns, where it has its sequences.
 */
static inline u32 netcoal_window_least_ns(u32 asked)
{
	return asked && asked <= NETCOAL_WINDOW_SEQUENCES ? 0 : NETCOAL_WINDOW_MIN_NS;
}

/**
 * netcoal_window_most_ns() - the longest that a window may be
 * @asked: sequences that the governor asked for, 0 for the usual number
 *
 * Return: in ns, however few sequences it has.
 */
static inline u32 netcoal_window_most_ns(u32 asked)
{
	return asked > NETCOAL_WINDOW_SEQUENCES ? NETCOAL_WINDOW_CALM_MAX_NS :
						  NETCOAL_WINDOW_MAX_NS;
}

/**
 * netcoal_window_over() - has a window got what it should have?
 * @asked: sequences that the governor asked for, 0 for the usual number: if more
 *	than that, the window may take ten times as long, else as little as it takes
 * @sequences: sequences so far
 * @len_ns: its length so far
 *
 * Return: true if so.
 */
static inline bool netcoal_window_over(u32 asked, u32 sequences, u64 len_ns)
{
	if (sequences >= (asked ? asked : NETCOAL_WINDOW_SEQUENCES))
		return len_ns >= netcoal_window_least_ns(asked);
	return len_ns >= netcoal_window_most_ns(asked);
}

/**
 * netcoal_window_alike() - is a figure of a window's part what it usually is?
 * @figure: the figure
 * @usual: what it usually is
 *
 * Return: true if they differ by less than one in NETCOAL_WINDOW_ALIKE.
 */
static inline bool netcoal_window_alike(u64 figure, u32 usual)
{
	u64 off = figure > usual ? figure - usual : usual - figure;

	return off < usual / NETCOAL_WINDOW_ALIKE;
}

/**
 * struct netcoal_setting - what a governor asks of a queue
 * @holdoff_ns: longest time that a packet waits for its interrupt or poll
 * @frames: packets that end the wait early, >= 1
 */
struct netcoal_setting {
	u32 holdoff_ns;
	u32 frames;
};

/**
 * struct netcoal_limits - what a governor has to keep within
 * @budget_ns: the latency target, or the queue's share of it
 * @beside_ns: what polling a packet takes at later stages of its path that are polled by the
 *	same CPU, 0 if none is
 * @later_ns: the same of other CPUs, of the one where it takes longest
 * @cpu_target_ns: CPU target per packet, 0 for none
 * @prefer: the target that wins when both can't be met
 * @holdoff_min_ns: policy's least hold-off
 * @holdoff_max_ns: policy's longest hold-off, >= @holdoff_min_ns
 * @frames_min: policy's least frames limit, >= 1
 * @frames_max: policy's largest frames limit, >= @frames_min
 * @irq_cost_ns: calibrated cost of one interrupt, wake-ups and context
 *	switches included; a start for what is learned
 * @packet_cost_ns: calibrated cost of one packet
 * @irq_extra_ns: cost of an interrupt that this kernel can't see
 *	(a guest's exit), from the policy
 * @timer_cost_ns: what the actuator pays for one hold-off instead of an
 *	interrupt (a timer for defer and hold, 0 for hardware)
 * @step_ns: the actuator's granularity, a hold-off is a multiple of it; >= 1
 * @has_frames: the actuator can end a hold-off early after @frames packets
 * @transmit: all this is about interrupts of what was sent
 */
struct netcoal_limits {
	u32 budget_ns;
	u32 beside_ns;
	u32 later_ns;
	u32 cpu_target_ns;
	enum netcoal_prefer prefer;
	u32 holdoff_min_ns;
	u32 holdoff_max_ns;
	u32 frames_min;
	u32 frames_max;
	u32 irq_cost_ns;
	u32 packet_cost_ns;
	u32 irq_extra_ns;
	u32 timer_cost_ns;
	u32 step_ns;
	bool has_frames;
	bool transmit;
};

/**
 * struct netcoal_decision - a setting and every term that led to it
 * @setting: what the queue should have from now on
 * @pps: packets per second of the window
 * @batch_milli: packets per sequence of the window, times 1000
 * @cost_ns: softirq time per packet of the window
 * @irq_cost_ns: cost of an interrupt, as taken
 * @packet_cost_ns: cost of a packet, as taken
 * @spent_ns: of the latency target, what the setting takes; more than the
 *	hold-off where larger batches take longer to poll
 * @want_frames: N*, the batch after which waiting buys next to nothing
 * @next_sequences: sequences that the next window should at least have, 0 for
 *	the usual number; a test of a setting asks for few, as it may cost,
 *	NETCOAL_WINDOW_CALM says that nothing is at stake
 * @verdict: the term that set the hold-off, an enum netcoal_verdict
 * @closed: a closed loop bounds the hold-off, whatever the verdict
 * @trying: a setting is on trial, and others should wait for what comes of that
 */
struct netcoal_decision {
	struct netcoal_setting setting;
	u32 pps;
	u32 batch_milli;
	u32 cost_ns;
	u32 irq_cost_ns;
	u32 packet_cost_ns;
	u32 spent_ns;
	u16 want_frames;
	u16 next_sequences;
	u8 verdict;
	bool closed;
	bool trying;
};

/*
 * Frames whose completion may be held off at once: more than a ring has slots
 * for would wait, and look like those of a closed loop. A ring of 0 is not known.
 */
static inline u32 netcoal_ring_frames(u32 frames_max, u32 ring)
{
	return ring ? min(frames_max, ring) : frames_max;
}

/*
 * How often a driver cleaned its transmit rings is told only where NAPIs do nothing else;
 * otherwise it is taken to be what the setting promises.
 */
static inline u32 netcoal_promised_sequences(const struct netcoal_window *win,
					     const struct netcoal_setting *set)
{
	u64 len_us = max_t(u64, div_u64(win->len_ns, 1000), 1);
	u64 milli = 1000 + div64_u64((u64)win->packets * set->holdoff_ns, len_us);

	milli = min_t(u64, milli, 1000 * max_t(u64, set->frames, 1));
	return max_t(u64, div64_u64(1000 * (u64)win->packets, milli), 1);
}

/**
 * struct netcoal_gov - one governor's state for one queue and direction
 * @ops: the governor
 * @setting: the setting now in force
 * @priv: the governor's own, see netcoal_gov_priv()
 */
struct netcoal_gov {
	const struct netcoal_gov_ops *ops;
	struct netcoal_setting setting;
	u64 priv[NETCOAL_GOV_PRIV_SIZE / sizeof(u64)];
};

/**
 * struct netcoal_gov_ops - a governor
 * @name: its name in a policy, shorter than NETCOAL_NAME_LEN
 * @priv_size: bytes of struct netcoal_gov.priv that it uses
 * @init: starts afresh, priv is zeroed; sets gov->setting. Limits are sane.
 * @decide: judges a window; fills *d, setting included. Never fails.
 */
struct netcoal_gov_ops {
	const char *name;
	size_t priv_size;
	void (*init)(struct netcoal_gov *gov, const struct netcoal_limits *lim);
	void (*decide)(struct netcoal_gov *gov, const struct netcoal_window *win,
		       const struct netcoal_limits *lim,
		       struct netcoal_decision *d);
};

extern const struct netcoal_gov_ops netcoal_gov_fixed;
extern const struct netcoal_gov_ops netcoal_gov_model;
#ifdef NETCOAL_HAVE_DIM
extern const struct netcoal_gov_ops netcoal_gov_dim;
#endif

const struct netcoal_gov_ops *netcoal_gov_find(const char *name);
void netcoal_gov_bound(struct netcoal_setting *s, const struct netcoal_limits *lim);
void netcoal_gov_init(struct netcoal_gov *gov, const struct netcoal_gov_ops *ops,
		      const struct netcoal_limits *lim);
void netcoal_gov_decide(struct netcoal_gov *gov, const struct netcoal_window *win,
			const struct netcoal_limits *lim,
			struct netcoal_decision *d);

static inline void *netcoal_gov_priv(struct netcoal_gov *gov)
{
	return gov->priv;
}

#endif /* _NETCOAL_GOVERNOR_H */
