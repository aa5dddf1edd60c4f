/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The clock of the packet path: two readings a poll are much of what a probe
 * costs, so on x86 it is the bare cycle counter where the kernel trusts that.
 * Readings only mean something against others of the same CPU, or, for ages
 * of windows, roughly.
 */
#ifndef _NETCOAL_CLOCK_H
#define _NETCOAL_CLOCK_H

#include <linux/jump_label.h>
#include <linux/math64.h>
#include <linux/sched/clock.h>
#ifdef CONFIG_X86
#include <asm/tsc.h>
#endif

DECLARE_STATIC_KEY_FALSE(netcoal_clock_counts);

extern u32 netcoal_clock_mult, netcoal_clock_shift;

/**
 * netcoal_clock() - now, in ticks
 *
 * Return: the time, ever growing on one CPU.
 */
static inline u64 netcoal_clock(void)
{
#ifdef CONFIG_X86
	if (static_branch_likely(&netcoal_clock_counts))
		return rdtsc();
#endif
	return local_clock();
}

/**
 * netcoal_clock_ns() - how long some ticks are
 * @ticks: ticks
 *
 * Return: ns.
 */
static inline u64 netcoal_clock_ns(u64 ticks)
{
	return mul_u64_u32_shr(ticks, netcoal_clock_mult, netcoal_clock_shift);
}

void netcoal_clock_init(void);

#endif /* _NETCOAL_CLOCK_H */
