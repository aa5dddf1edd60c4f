/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Portions: what of a time that several queues share is one queue's. Plain
 * arithmetic, as the governors; the simulator divides with it, too.
 */
#ifndef _NETCOAL_PORTION_H
#define _NETCOAL_PORTION_H

#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/types.h>

/**
 * netcoal_work_ns() - what a CPU did for a queue, or for several
 * @busy_ns: time spent polling
 * @sequences: runs of polls
 * @irq_cost_ns: what an interrupt costs beside its polls
 *
 * Return: time, U64_MAX if it is beyond.
 */
static inline u64 netcoal_work_ns(u64 busy_ns, u64 sequences, u32 irq_cost_ns)
{
	u64 irqs_ns = min_t(u64, sequences, U32_MAX) * irq_cost_ns;

	return busy_ns > U64_MAX - irqs_ns ? U64_MAX : busy_ns + irqs_ns;
}

/**
 * netcoal_portion() - ns * own / all, for any values
 * @ns: time to divide
 * @own: what one did, in any unit
 * @all: what all did, in the same
 *
 * Where @all does not fit into 32 bits, both lose low bits until it does.
 *
 * Return: the part, at most @ns; all of it if @all is 0 or less than @own.
 */
static inline u64 netcoal_portion(u64 ns, u64 own, u64 all)
{
	u64 times;

	if (!all || own >= all)
		return ns;
	while (all > U32_MAX) {
		all >>= 1;
		own >>= 1;
	}
	times = div_u64(ns, all);
	return times * own + div_u64((ns - times * all) * own, all);
}

/* Of all that polls cost on a CPU, what may be other queues' and still be none of it. */
#define NETCOAL_SHARED_PART	16

/**
 * netcoal_is_shared() - is a CPU more than one queue's?
 * @own: what one did, in any unit
 * @all: what all did, in the same
 *
 * Return: true if others did more than hardly anything.
 */
static inline bool netcoal_is_shared(u64 own, u64 all)
{
	return all > own && all - own > own / NETCOAL_SHARED_PART;
}

#endif /* _NETCOAL_PORTION_H */
