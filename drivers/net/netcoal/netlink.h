/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NETCOAL_NETLINK_H
#define _NETCOAL_NETLINK_H

struct netcoal_decision;
struct netcoal_device;
struct netcoal_queue;

void netcoal_nl_device(struct netcoal_device *nd);
void netcoal_nl_device_gone(struct netcoal_device *nd);
void netcoal_nl_decision(struct netcoal_queue *q, const struct netcoal_decision *d);
void netcoal_nl_cap(struct netcoal_device *nd);
int netcoal_nl_init(void);
void netcoal_nl_exit(void);

#endif /* _NETCOAL_NETLINK_H */
