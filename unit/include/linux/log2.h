/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NETCOAL_SHIM_LOG2_H
#define _NETCOAL_SHIM_LOG2_H

#include <stdbool.h>

static inline bool is_power_of_2(unsigned long n)
{
	return n && !(n & (n - 1));
}

static inline unsigned int ilog2(unsigned long long n)
{
	return 63 - __builtin_clzll(n);
}

#endif /* _NETCOAL_SHIM_LOG2_H */
