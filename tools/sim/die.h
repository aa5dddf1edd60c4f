/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NETCOAL_SIM_DIE_H
#define _NETCOAL_SIM_DIE_H

#include <stddef.h>

void die(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));
void *xrealloc(void *p, size_t size);
void *xzalloc(size_t size);

#endif /* _NETCOAL_SIM_DIE_H */
