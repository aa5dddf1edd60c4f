/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NETCOAL_SHIM_MATH_H
#define _NETCOAL_SHIM_MATH_H

#include <stdlib.h>
#include <linux/types.h>

/* The largest number whose square is not above x. */
static inline u32 int_sqrt64(u64 x)
{
	u64 bit = x ? 1ULL << ((63 - __builtin_clzll(x)) & ~1) : 0, root = 0;

	for (; bit; bit >>= 2) {
		u64 next = root + bit;

		root >>= 1;
		if (x >= next) {
			x -= next;
			root += bit;
		}
	}
	return root;
}

#endif /* _NETCOAL_SHIM_MATH_H */
