// SPDX-License-Identifier: GPL-2.0
/*
 * Matching: which devices a policy means without having been told of each.
 *
 *    match dev vif*  match dev tap*  match bridge xenbr0
 *    '------- either of these -----' '----- and this --'
 *
 * Nothing here asks a driver anything: devices are looked at while they come.
 */
#include <linux/ctype.h>
#include <linux/device.h>
#include <linux/glob.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "actuator.h"
#include "match.h"
#include "policy.h"

/**
 * netcoal_match_valid() - may a policy have a pattern?
 * @kind: what it is about
 * @pattern: the pattern
 *
 * Return: true unless nothing could ever match it.
 */
bool netcoal_match_valid(enum netcoal_match_kind kind, const char *pattern)
{
	const char *c;

	for (c = pattern; *c; c++)
		if (!isascii(*c) || iscntrl(*c) ||
		    (kind != NETCOAL_MATCH_DRIVER && strchr("/: ", *c)))
			return false;
	return c > pattern;
}

/* A module's name has underscores where its file's and most people's has dashes. */
static bool netcoal_match_driver_name(const char *pattern, const char *name)
{
	char plain_pattern[NETCOAL_NAME_LEN + 1], plain_name[MODULE_NAME_LEN];
	bool range = strchr(pattern, '[');

	strscpy(plain_pattern, pattern, sizeof(plain_pattern));
	strscpy(plain_name, name, sizeof(plain_name));
	/* within brackets a dash is not itself */
	if (!range)
		strreplace(plain_pattern, '-', '_');
	strreplace(plain_name, '-', '_');
	return glob_match(plain_pattern, plain_name) || glob_match(pattern, name);
}

static bool netcoal_match_driver(const char *pattern, const struct net_device *netdev)
{
	const struct device *parent = netdev->dev.parent;
	const char *driver = netcoal_actuator_driver(netdev);

	if (*driver && netcoal_match_driver_name(pattern, driver))
		return true;
	return parent && parent->driver && parent->driver->owner &&
	       netcoal_match_driver_name(pattern, module_name(parent->driver->owner));
}

static bool netcoal_match_one(const struct netcoal_match *match,
			      struct net_device *netdev)
{
	const struct net_device *master;

	switch (match->kind) {
	case NETCOAL_MATCH_DEV:
		return glob_match(match->pattern, netdev->name);
	case NETCOAL_MATCH_DRIVER:
		return netcoal_match_driver(match->pattern, netdev);
	case NETCOAL_MATCH_BRIDGE:
		master = netdev_master_upper_dev_get(netdev);
		return master && glob_match(match->pattern, master->name);
	default:
		return false;
	}
}

/**
 * netcoal_match() - does a policy mean a device?
 * @attr: what the policy says
 * @netdev: the device
 *
 * Called under rtnl.
 *
 * Return: true if of each kind of pattern that the policy has one matches; false
 * if it has none.
 */
bool netcoal_match(const struct netcoal_policy_attr *attr, struct net_device *netdev)
{
	unsigned int asked = 0, met = 0, i;

	ASSERT_RTNL();
	for (i = 0; i < attr->nr_matches; i++) {
		asked |= BIT(attr->match[i].kind);
		if (netcoal_match_one(&attr->match[i], netdev))
			met |= BIT(attr->match[i].kind);
	}
	return asked && met == asked;
}
