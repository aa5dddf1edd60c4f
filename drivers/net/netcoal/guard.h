/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NETCOAL_GUARD_H
#define _NETCOAL_GUARD_H

#include <linux/netcoal.h>

struct netcoal_device;

bool netcoal_guard_is_passing(int err);
enum netcoal_reason netcoal_guard_reason(int err);
int netcoal_guard_count_reset(struct netcoal_device *nd);
void netcoal_guard_release(struct netcoal_device *nd, int err);

#endif /* _NETCOAL_GUARD_H */
