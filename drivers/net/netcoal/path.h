/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NETCOAL_PATH_H
#define _NETCOAL_PATH_H

#include <linux/if.h>
#include <linux/list.h>
#include <linux/netcoal.h>
#include <linux/netlink.h>
#include <net/net_namespace.h>

#include "share.h"

struct netcoal_device;

/* No namespace has more: each that is added or gone is a walk over all, under rtnl. */
#define NETCOAL_PATHS_MAX	1024
/* No path bounds a device. */
#define NETCOAL_PATH_NONE	U32_MAX

/**
 * struct netcoal_path_stage - a stage of a path, by name
 * @name: of the device; "" for a remote stage
 * @device: the one of that name, or NULL
 * @figures: what its share depends on, and the share
 */
struct netcoal_path_stage {
	char name[IFNAMSIZ];
	struct netcoal_device *device;
	struct netcoal_stage figures;
};

/**
 * struct netcoal_path - devices that packets cross, with one latency budget
 * @list: in the namespace's list
 * @number: grows along the list
 * @name: its name
 * @latency_ns: the budget
 * @unmet_ns: by how much its devices' least hold-offs exceed it
 * @nr_stages: length of @stage
 * @stage: the stages, in order
 *
 * All under rtnl.
 */
struct netcoal_path {
	struct list_head list;
	unsigned long number;
	char name[NETCOAL_NAME_LEN + 1];
	u32 latency_ns;
	u32 unmet_ns;
	unsigned int nr_stages;
	struct netcoal_path_stage stage[NETCOAL_STAGES_MAX];
};

/**
 * struct netcoal_path_part - what a device has of the paths that cross it
 * @crossed: how many do, or cross the device's aggregate; read without a lock
 * @share_ns: smallest of its shares, NETCOAL_PATH_NONE for none
 * @frames_max: smallest of its bounds of frames, likewise
 * @beside_ns: longest that any of them takes to poll a packet behind it, on the same CPU
 * @later_ns: and on others
 * @new_share_ns: next @share_ns, while it is worked out
 * @new_frames_max: next @frames_max, likewise
 * @new_beside_ns: next @beside_ns, likewise
 * @new_later_ns: next @later_ns, likewise
 */
struct netcoal_path_part {
	u32 crossed;
	u32 share_ns;
	u32 frames_max;
	u32 beside_ns;
	u32 later_ns;
	u32 new_share_ns;
	u32 new_frames_max;
	u32 new_beside_ns;
	u32 new_later_ns;
};

struct netcoal_path *netcoal_path_find(struct net *net, const char *name);
int netcoal_path_check(const struct netcoal_path *path, struct netlink_ext_ack *extack);
int netcoal_path_add(struct net *net, const struct netcoal_path *new,
		     struct netlink_ext_ack *extack);
void netcoal_path_change(struct net *net, struct netcoal_path *path,
			 const struct netcoal_path *new);
void netcoal_path_del(struct net *net, struct netcoal_path *path);
void netcoal_path_free_all(struct list_head *paths);
void netcoal_path_update(struct net *net);
bool netcoal_path_crosses(const struct netcoal_device *nd);
void netcoal_path_bind(struct net *net, const char *name, struct netcoal_device *nd);
void netcoal_path_renamed(struct netcoal_device *nd, const char *to);
bool netcoal_path_due(const struct netcoal_device *nd);
void netcoal_path_turn(struct netcoal_device *nd);

#endif /* _NETCOAL_PATH_H */
