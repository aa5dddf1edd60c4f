/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NETCOAL_BINDING_H
#define _NETCOAL_BINDING_H

struct list_head;
struct net;
struct net_device;
struct netcoal_device;

void netcoal_binding_consider(struct net_device *netdev);
void netcoal_binding_consider_lower(struct net_device *netdev);
void netcoal_binding_consider_all(struct net *net);
void netcoal_binding_consider_ports(struct netcoal_device *aggregate);
int netcoal_binding_bar(const struct net_device *netdev);
void netcoal_binding_unbar(const struct net_device *netdev);
void netcoal_binding_free_bars(struct list_head *bars);

#endif /* _NETCOAL_BINDING_H */
