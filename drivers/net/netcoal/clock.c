// SPDX-License-Identifier: GPL-2.0
#include <linux/clocksource.h>
#include <linux/ktime.h>

#include "clock.h"

/* Longest time whose ticks are still converted exactly. */
#define NETCOAL_CLOCK_SPAN_S	3600

DEFINE_STATIC_KEY_FALSE(netcoal_clock_counts);
u32 netcoal_clock_mult __ro_after_init = 1;
u32 netcoal_clock_shift __ro_after_init;
u32 netcoal_clock_khz __ro_after_init = NSEC_PER_MSEC;

/**
 * netcoal_clock_init() - choose the clock
 */
void __init netcoal_clock_init(void)
{
#ifdef CONFIG_X86
	if (!boot_cpu_has(X86_FEATURE_TSC) || !tsc_khz || check_tsc_unstable())
		return;
	clocks_calc_mult_shift(&netcoal_clock_mult, &netcoal_clock_shift, tsc_khz,
			       NSEC_PER_MSEC, NETCOAL_CLOCK_SPAN_S * MSEC_PER_SEC);
	netcoal_clock_khz = tsc_khz;
	static_branch_enable(&netcoal_clock_counts);
#endif
}
