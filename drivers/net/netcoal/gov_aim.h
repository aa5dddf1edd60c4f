/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the law aims at: costs, learned or believed, and the batch and the wait
 * that they and the limits make worth wanting.
 */
#ifndef _NETCOAL_GOV_AIM_H
#define _NETCOAL_GOV_AIM_H

#include <linux/math64.h>

#include "gov_sums.h"

/* That CPUs did more is other work than a batch's, until the load moves. */
#define NETCOAL_NO_DEARER	1

/**
 * struct netcoal_costs - costs as learned
 * @irq_ns: c_i, 0 if not learned
 * @packet_ns: c_p, if c_i is learned
 * @dearer_milli: if it is not, how many times what is calibrated a batch was seen to cost, a
 *	host's part left out, in thousandths, 0 if no more, or NETCOAL_NO_DEARER
 * @polled_ns: what a packet takes to poll, 0 if not learned; with a CPU target c_p is at
 *	least that
 * @far: c_i is of two batches of which one is at least twice as large
 * @rest_ns: what CPUs did for a packet beside interrupts, and whatever else they did, when c_i
 *	was learned
 */
struct netcoal_costs {
	u32 irq_ns;
	union {
		u32 packet_ns;
		u32 dearer_milli;
	};
	u32 polled_ns:31;
	u32 far:1;
	u32 rest_ns;
};

/**
 * enum netcoal_begin - what a hold-off begins with
 * @NETCOAL_BEGIN_PACKET: its first packet
 * @NETCOAL_BEGIN_POLLED: the end of the last batch's polls, as a timer's does
 * @NETCOAL_BEGIN_IRQ: the interrupt of the last batch, as where a NIC limits the rate of
 *	those, so that it contains that batch's polls
 */
enum netcoal_begin {
	NETCOAL_BEGIN_PACKET,
	NETCOAL_BEGIN_POLLED,
	NETCOAL_BEGIN_IRQ,
};

/**
 * struct netcoal_aim - the terms of a decision
 * @pps: λ
 * @have: the setting in force
 * @irq_ns: c_i
 * @unseen_ns: of that, what these CPUs don't see, a host's part
 * @empty_ns: c_e
 * @held_ns: c_i + e c_e, with e as measured
 * @seen_ns: the same, or with a CPU target what the CPUs did for a batch, if that was less, or
 *	up to four times as much and costs are not learned
 * @dearer_milli: as in &struct netcoal_costs, 0 if those are learned or there is no CPU target
 * @packet_ns: c_p
 * @batch_milli: B*
 * @cpu_target_ns: CPU target, 0 if there is none
 * @budget_ns: longest wait that targets and policy allow
 * @frames_max: policy's and actuator's largest frames limit
 * @few_max: largest that may end a hold-off early, 1 if none can or a policy asks for more
 * @holdoff_min_ns: the policy's least hold-off
 * @start_pct: share of the CPU that a hold-off must promise to save
 * @stay_pct: share of the CPU that it must save
 * @verdict: the term that sets the longest wait
 * @verdict_short: the term that sets a shorter one
 * @step_ns: the actuator's granularity
 * @after: hold-offs begin after a batch, see gov_batch.h
 * @seems_after: they seem to, of a timer or a NIC
 */
struct netcoal_aim {
	u64 pps;
	struct netcoal_setting have;
	u32 irq_ns;
	u32 unseen_ns;
	u32 empty_ns;
	u32 held_ns;
	u32 seen_ns;
	u32 dearer_milli;
	u32 packet_ns;
	u32 batch_milli;
	u32 cpu_target_ns;
	u32 budget_ns;
	u32 frames_max;
	u32 few_max;
	u32 holdoff_min_ns;
	u32 start_pct;
	u32 stay_pct;
	enum netcoal_verdict verdict;
	enum netcoal_verdict verdict_short;
	u32 step_ns;
	bool after;
	bool seems_after;
};

/* What the actuator can do that is not longer. */
static inline u64 netcoal_steps_down(const struct netcoal_aim *t, u64 holdoff_ns)
{
	return div_u64(holdoff_ns, t->step_ns) * t->step_ns;
}

u64 netcoal_aim_cpu_ns(const struct netcoal_aim *t, u32 cost_ns, u32 batch_milli);
void netcoal_aim_of(const struct netcoal_costs *costs, const struct netcoal_sums *held,
		    const struct netcoal_setting *have, u64 pps,
		    const struct netcoal_limits *lim, struct netcoal_aim *t);
u32 netcoal_aim_share(const struct netcoal_sums *base, const struct netcoal_sums *held,
		      u32 irq_ns, u32 holdoff_ns, const struct netcoal_limits *lim,
		      enum netcoal_begin begin);
bool netcoal_aim_met(const struct netcoal_aim *t, u64 cpu_ns);
bool netcoal_aim_is_even(const struct netcoal_sums *base, const struct netcoal_sums *held);
bool netcoal_aim_saves(const struct netcoal_aim *t, u32 base_milli, u32 held_milli,
		       u32 empty_milli, u32 eps_pct);
bool netcoal_aim_saw(const struct netcoal_sums *base, const struct netcoal_sums *held,
		     u32 least_pct);
bool netcoal_aim_disproved(const struct netcoal_sums *base,
			   const struct netcoal_sums *held, u32 least_pct);
u64 netcoal_aim_wanted(const struct netcoal_aim *t, u32 base, u32 batch);
bool netcoal_aim_near(const struct netcoal_aim *t, u32 batch, u64 want_ns);
u64 netcoal_cpu_per_packet(const struct netcoal_sums *s);
bool netcoal_costs_doubtful(const struct netcoal_costs *costs, const struct netcoal_aim *t,
			    const struct netcoal_sums *held);
void netcoal_costs_learn(struct netcoal_costs *costs, const struct netcoal_sums *b,
			 const struct netcoal_sums *h,
			 const struct netcoal_limits *lim);

#endif /* _NETCOAL_GOV_AIM_H */
