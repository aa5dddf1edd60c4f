/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NETCOAL_OWED_H
#define _NETCOAL_OWED_H

#include <linux/types.h>

struct netcoal_device;
struct netcoal_knobs;

void netcoal_owed_add(struct netcoal_device *nd, int rxq, unsigned int dirs,
		      const struct netcoal_knobs *knobs);
int netcoal_owed_settle(struct netcoal_device *nd);
bool netcoal_owed_turn(struct netcoal_device *nd);
void netcoal_owed_forget(struct netcoal_device *nd);

#endif /* _NETCOAL_OWED_H */
