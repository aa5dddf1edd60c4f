/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/netcoal.yaml */
/* YNL-GEN kernel header */

#ifndef _LINUX_NETCOAL_GEN_H
#define _LINUX_NETCOAL_GEN_H

#include <net/netlink.h>
#include <net/genetlink.h>

#include <uapi/linux/netcoal.h>

/* Common nested types */
extern const struct nla_policy netcoal_path_stage_nl_policy[NETCOAL_A_PATH_STAGE_PAD + 1];

extern const struct nla_policy netcoal_policy_new_nl_policy[NETCOAL_A_POLICY_CAP_PERCENT + 1];

extern const struct nla_policy netcoal_policy_set_nl_policy[NETCOAL_A_POLICY_CAP_PERCENT + 1];

extern const struct nla_policy netcoal_policy_del_nl_policy[NETCOAL_A_POLICY_NAME + 1];

extern const struct nla_policy netcoal_policy_get_nl_policy[NETCOAL_A_POLICY_NAME + 1];

extern const struct nla_policy netcoal_dev_attach_nl_policy[NETCOAL_A_DEV_QUEUE + 1];

extern const struct nla_policy netcoal_dev_detach_nl_policy[NETCOAL_A_DEV_QUEUE + 1];

extern const struct nla_policy netcoal_dev_get_nl_policy[NETCOAL_A_DEV_IFNAME + 1];

extern const struct nla_policy netcoal_queue_get_nl_policy[NETCOAL_A_QUEUE_INDEX + 1];

extern const struct nla_policy netcoal_path_new_nl_policy[NETCOAL_A_PATH_STAGE + 1];

extern const struct nla_policy netcoal_path_set_nl_policy[NETCOAL_A_PATH_STAGE + 1];

extern const struct nla_policy netcoal_path_del_nl_policy[NETCOAL_A_PATH_NAME + 1];

extern const struct nla_policy netcoal_path_get_nl_policy[NETCOAL_A_PATH_NAME + 1];

/* Ops table for netcoal */
extern const struct genl_ops netcoal_nl_ops[12];

int netcoal_nl_policy_new_doit(struct sk_buff *skb, struct genl_info *info);
int netcoal_nl_policy_set_doit(struct sk_buff *skb, struct genl_info *info);
int netcoal_nl_policy_del_doit(struct sk_buff *skb, struct genl_info *info);
int netcoal_nl_policy_get_doit(struct sk_buff *skb, struct genl_info *info);
int netcoal_nl_policy_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb);
int netcoal_nl_dev_attach_doit(struct sk_buff *skb, struct genl_info *info);
int netcoal_nl_dev_detach_doit(struct sk_buff *skb, struct genl_info *info);
int netcoal_nl_dev_get_doit(struct sk_buff *skb, struct genl_info *info);
int netcoal_nl_dev_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int netcoal_nl_queue_get_doit(struct sk_buff *skb, struct genl_info *info);
int netcoal_nl_queue_get_dumpit(struct sk_buff *skb,
				struct netlink_callback *cb);
int netcoal_nl_path_new_doit(struct sk_buff *skb, struct genl_info *info);
int netcoal_nl_path_set_doit(struct sk_buff *skb, struct genl_info *info);
int netcoal_nl_path_del_doit(struct sk_buff *skb, struct genl_info *info);
int netcoal_nl_path_get_doit(struct sk_buff *skb, struct genl_info *info);
int netcoal_nl_path_get_dumpit(struct sk_buff *skb,
			       struct netlink_callback *cb);

enum {
	NETCOAL_NLGRP_EVENTS,
};

#endif /* _LINUX_NETCOAL_GEN_H */
