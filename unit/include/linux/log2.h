/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NETCOAL_SHIM_LOG2_H
#define _NETCOAL_SHIM_LOG2_H

#include <stdbool.h>

static inline bool is_power_of_2(unsigned long n)
{
	return n && !(n & (n - 1));
}

#endif /* _NETCOAL_SHIM_LOG2_H */
