/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NETCOAL_SHIM_MINMAX_H
#define _NETCOAL_SHIM_MINMAX_H

#define min_t(type, a, b) ({ type _a = (a); type _b = (b); _a < _b ? _a : _b; })
#define max_t(type, a, b) ({ type _a = (a); type _b = (b); _a > _b ? _a : _b; })
#define clamp_t(type, v, lo, hi) \
	({ type _lo = (lo), _hi = (hi), _v = (v); _v < _lo ? _lo : _v > _hi ? _hi : _v; })
#define min(a, b)	min_t(__typeof__(a), a, b)
#define max(a, b)	max_t(__typeof__(a), a, b)
#define clamp(v, lo, hi) clamp_t(__typeof__(v), v, lo, hi)

#endif /* _NETCOAL_SHIM_MINMAX_H */
