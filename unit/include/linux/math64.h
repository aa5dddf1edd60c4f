/* SPDX-License-Identifier: GPL-2.0 */
/* A zero divisor is for the undefined-behaviour sanitizer to find. */
#ifndef _NETCOAL_SHIM_MATH64_H
#define _NETCOAL_SHIM_MATH64_H

#include <linux/types.h>

#ifdef NETCOAL_SHIM_EXTERN_DIV
u64 div_u64(u64 dividend, u32 divisor);
s64 div_s64(s64 dividend, s32 divisor);
u64 div64_u64(u64 dividend, u64 divisor);
s64 div64_s64(s64 dividend, s64 divisor);
#else
static inline u64 div_u64(u64 dividend, u32 divisor)
{
	return dividend / divisor;
}

static inline s64 div_s64(s64 dividend, s32 divisor)
{
	return dividend / divisor;
}

static inline u64 div64_u64(u64 dividend, u64 divisor)
{
	return dividend / divisor;
}

static inline s64 div64_s64(s64 dividend, s64 divisor)
{
	return dividend / divisor;
}
#endif

#endif /* _NETCOAL_SHIM_MATH64_H */
