/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's <linux/sched/clock.h>, for modules of a user-mode Linux: there local_clock()
 * counts ticks of the timer, which costs nothing. On x86 netcoal reads the cycle counter, and
 * so it does here.
 */
#include_next <linux/sched/clock.h>

#define local_clock() __builtin_ia32_rdtsc()
