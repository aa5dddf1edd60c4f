/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NETCOAL_GOVERN_H
#define _NETCOAL_GOVERN_H

#include <linux/types.h>

#include "actuator.h"
#include "device.h"

int netcoal_govern_start(struct netcoal_device *nd);
void netcoal_govern_stop(struct netcoal_device *nd);
bool netcoal_govern_concede(struct netcoal_device *nd);
void netcoal_govern_check(struct netcoal_device *nd);
void netcoal_govern_new_limits(struct netcoal_device *nd);

void netcoal_govern_limits(struct netcoal_device *nd,
			   const struct netcoal_ability *can,
			   struct netcoal_limits *lim);
void netcoal_govern_queue_limits(struct netcoal_queue *q, struct netcoal_limits *lim);
void netcoal_govern_kick(struct netcoal_device *nd, bool changed);
void netcoal_govern_rescan(struct netcoal_device *nd);
void netcoal_govern_applied(struct netcoal_queue *q, u32 requested_ns,
			    u32 effective_ns);
void netcoal_govern_work(struct work_struct *work);

#endif /* _NETCOAL_GOVERN_H */
