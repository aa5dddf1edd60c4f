/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NETCOAL_NETLINK_H
#define _NETCOAL_NETLINK_H

#include <linux/types.h>

struct genl_info;
struct sk_buff;
struct netlink_callback;
struct netcoal_decision;
struct netcoal_device;
struct netcoal_queue;

typedef int (*netcoal_nl_put_t)(struct sk_buff *skb, void *object);

int netcoal_nl_missing(struct genl_info *info, const char *what);
int netcoal_nl_bad(struct genl_info *info, int attr, const char *what, int err);
int netcoal_nl_reply(struct genl_info *info, netcoal_nl_put_t put, void *object);
bool netcoal_nl_is_dumped(const struct netlink_callback *cb, unsigned long number);
int netcoal_nl_dump_one(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd,
			netcoal_nl_put_t put, void *object);

void netcoal_nl_device(struct netcoal_device *nd);
void netcoal_nl_device_gone(struct netcoal_device *nd);
void netcoal_nl_decision(struct netcoal_queue *q, const struct netcoal_decision *d);
void netcoal_nl_cap(struct netcoal_device *nd);
int netcoal_nl_init(void);
void netcoal_nl_exit(void);

#endif /* _NETCOAL_NETLINK_H */
