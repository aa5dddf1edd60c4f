/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NETCOAL_MATCH_H
#define _NETCOAL_MATCH_H

#include <linux/netcoal.h>
#include <linux/types.h>

struct net_device;
struct netcoal_policy_attr;

/**
 * enum netcoal_match_kind - what of a device a pattern is about
 * @NETCOAL_MATCH_DEV: its name
 * @NETCOAL_MATCH_DRIVER: the name of its driver, or of the driver's module
 * @NETCOAL_MATCH_BRIDGE: the name of its master
 * @NETCOAL_MATCH_KINDS: how many there are
 */
enum netcoal_match_kind {
	NETCOAL_MATCH_DEV,
	NETCOAL_MATCH_DRIVER,
	NETCOAL_MATCH_BRIDGE,
	NETCOAL_MATCH_KINDS
};

/**
 * struct netcoal_match - one pattern of a policy
 * @kind: what it is about
 * @pattern: a glob
 */
struct netcoal_match {
	enum netcoal_match_kind kind;
	char pattern[NETCOAL_NAME_LEN + 1];
};

bool netcoal_match_valid(enum netcoal_match_kind kind, const char *pattern);
bool netcoal_match(const struct netcoal_policy_attr *attr, struct net_device *netdev);

#endif /* _NETCOAL_MATCH_H */
