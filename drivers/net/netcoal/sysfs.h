/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NETCOAL_SYSFS_H
#define _NETCOAL_SYSFS_H

struct net_device;

void netcoal_sysfs_add(struct net_device *netdev);
void netcoal_sysfs_remove(struct net_device *netdev);

#endif /* _NETCOAL_SYSFS_H */
