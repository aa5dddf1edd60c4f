/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NETCOAL_SHIM_KERNEL_H
#define _NETCOAL_SHIM_KERNEL_H

#include <linux/types.h>

#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))

#endif /* _NETCOAL_SHIM_KERNEL_H */
