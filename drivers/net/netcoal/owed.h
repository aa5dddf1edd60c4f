/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NETCOAL_OWED_H
#define _NETCOAL_OWED_H

struct net_device;
struct netcoal_knobs;

void netcoal_owed_add(struct net_device *netdev, int rxq, unsigned int dirs,
		      const struct netcoal_knobs *knobs);
int netcoal_owed_settle(struct net_device *netdev);
void netcoal_owed_forget(struct net_device *netdev);
void netcoal_owed_exit(void);

#endif /* _NETCOAL_OWED_H */
