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
#include <linux/time64.h>
#ifdef CONFIG_X86
#include <asm/tsc.h>
#endif

DECLARE_STATIC_KEY_FALSE(netcoal_clock_counts);

extern u32 netcoal_clock_mult, netcoal_clock_shift, netcoal_clock_khz;

/**
 * netcoal_clock_is_counter() - does a reading take but an instruction?
 *
 * Return: true if so; else a function is called for it.
 */
static inline bool netcoal_clock_is_counter(void)
{
	return static_branch_likely(&netcoal_clock_counts);
}

/**
 * netcoal_clock_counter() - now, in ticks, where netcoal_clock_is_counter()
 *
 * Return: as netcoal_clock().
 */
static inline u64 netcoal_clock_counter(void)
{
#ifdef CONFIG_X86
	return rdtsc();
#else
	return local_clock();
#endif
}

/**
 * netcoal_clock() - now, in ticks
 *
 * Return: the time, ever growing on one CPU.
 */
static inline u64 netcoal_clock(void)
{
	return netcoal_clock_is_counter() ? netcoal_clock_counter() : local_clock();
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

/**
 * netcoal_clock_ticks() - how many ticks some time takes
 * @ns: the time; what is left of whole milliseconds is not heeded
 *
 * Return: ticks.
 */
static inline u64 netcoal_clock_ticks(u32 ns)
{
	return (u64)(ns / NSEC_PER_MSEC) * netcoal_clock_khz;
}

void netcoal_clock_init(void);

#endif /* _NETCOAL_CLOCK_H */
