/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LOAD_DIE_H
#define LOAD_DIE_H

#include <stddef.h>

void *zalloc(size_t size);
void die(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif /* LOAD_DIE_H */
