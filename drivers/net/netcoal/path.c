// SPDX-License-Identifier: GPL-2.0
/*
 * Paths: devices that one packet crosses share one latency budget.
 *
 *    path up   eth0 ---- vif1.0 ---- remote
 *    path two  eth0 ---- vif2.0
 *
 * share.c divides each path's latency. A device in several paths gets the
 * smallest of its shares, and the paths are divided once more, one after the
 * other, with that as its bound, so that what it may not have goes to others.
 * Stages are devices by name, attached or not: one that is not governed delays
 * nothing and has no share. All under rtnl.
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "device.h"
#include "govern.h"
#include "path.h"
#include "place.h"
#include "policy.h"
#include "queue.h"
#include "window.h"

/* How often shares are worked out anew, under traffic. */
#define NETCOAL_PATH_JIFFIES	(HZ / 10)
/* Shares of devices in several paths that one update looks up anew, each in all paths. */
#define NETCOAL_PATH_LOOKS_MAX	64

/**
 * netcoal_path_find() - find a path by name
 * @net: the namespace
 * @name: the name
 *
 * Return: the path, or NULL.
 */
struct netcoal_path *netcoal_path_find(struct net *net, const char *name)
{
	struct netcoal_path *path;

	list_for_each_entry(path, &netcoal_net(net)->paths, list)
		if (!strcmp(path->name, name))
			return path;
	return NULL;
}

/* ---- figures ------------------------------------------------------------- */

/* Of several CPUs none polls the stage. */
static void netcoal_path_add_cpu(const struct netcoal_queue *q, struct netcoal_stage *s)
{
	int cpu = netcoal_place_cpu(q);

	/* no other had packets so far */
	if (!s->pps)
		s->cpu = cpu;
	else if (s->cpu != cpu)
		s->cpu = NETCOAL_SHARE_NO_CPU;
}

/* A stage is as slow as its slowest queue, and as busy as all of them. */
static void netcoal_path_add_queue(struct netcoal_queue *q, struct netcoal_stage *s)
{
	struct netcoal_decision d;
	struct netcoal_claim claim;
	u64 windows, changes;

	if (q->tx_only)
		return;
	netcoal_queue_report(q, &d, &windows, &changes);
	spin_lock(&q->lock);
	claim = q->claim;
	spin_unlock(&q->lock);
	s->holdoff_ns = max(s->holdoff_ns, d.setting.holdoff_ns);
	s->spent_ns = max(s->spent_ns, claim.ns);
	if (!windows)
		return;
	s->known = true;
	if (netcoal_queue_is_fresh(q) && claim.pps) {
		netcoal_path_add_cpu(q, s);
		s->pps += claim.pps;
		s->closed_pps += claim.closed ? claim.pps : 0;
		s->polling_ns += (u64)claim.pps * claim.poll_ns;
	}
	s->irq_cost_ns = max(s->irq_cost_ns, d.irq_cost_ns);
}

static void netcoal_path_add_device(const struct netcoal_device *nd,
				    struct netcoal_stage *s)
{
	unsigned int i;

	if (nd->state != NETCOAL_STATE_GOVERNING || nd->aggregate)
		return;
	s->usable = true;
	s->irq_cost_ns = max(s->irq_cost_ns, nd->limits.irq_cost_ns);
	for (i = 0; i < nd->nr_queues; i++)
		netcoal_path_add_queue(nd->queues[i], s);
}

/* Rates of all queues, over one and the same time. */
static void netcoal_path_rate(struct net *net)
{
	struct netcoal_net *part = netcoal_net(net);
	unsigned long elapsed = jiffies - part->paths_rated;
	struct netcoal_counts sum;
	struct netcoal_device *nd;
	unsigned int i;
	u64 hardirqs;

	if (elapsed < NETCOAL_PATH_JIFFIES / 2)
		return;
	part->paths_rated += elapsed;
	list_for_each_entry(nd, &part->devices, list) {
		for (i = 0; i < nd->nr_queues; i++) {
			struct netcoal_queue *q = nd->queues[i];

			if (q->tx_only)
				continue;
			netcoal_window_totals(q, &sum, &hardirqs);
			spin_lock(&q->lock);
			netcoal_claim_pps(&q->claim, sum.packets,
					  max(jiffies_to_msecs(elapsed), 1U));
			spin_unlock(&q->lock);
		}
	}
}

/* Others than aggregates have no ports: those many need no walk over all devices. */
static struct netcoal_device *netcoal_path_next_port(const struct netcoal_device *nd,
						     const struct netcoal_device *after)
{
	return nd->aggregate ? netcoal_device_next_port(nd, after) : NULL;
}

/* What of a stage its share depends on; an aggregate is all of its ports. */
static void netcoal_path_measure(const struct netcoal_device *nd, struct netcoal_stage *s)
{
	const struct netcoal_policy_attr *attr = &nd->policy->attr;
	const struct netcoal_device *port;

	netcoal_path_add_device(nd, s);
	for (port = netcoal_path_next_port(nd, NULL); port;
	     port = netcoal_path_next_port(nd, port))
		netcoal_path_add_device(port, s);
	s->floor_ns = min_t(u64, (u64)attr->rx_usecs.min * NSEC_PER_USEC,
			    NETCOAL_TARGET_MAX_NS);
	s->bound_ns = min_t(u64, (u64)attr->rx_usecs.max * NSEC_PER_USEC,
			    NETCOAL_TARGET_MAX_NS);
	s->granted_ns = nd->path.share_ns == NETCOAL_PATH_NONE ? 0 : nd->path.share_ns;
}

static void netcoal_path_divide(struct netcoal_path *path)
{
	struct netcoal_stage stage[NETCOAL_STAGES_MAX];
	unsigned int i;

	for (i = 0; i < path->nr_stages; i++)
		stage[i] = path->stage[i].figures;
	path->unmet_ns = netcoal_share(stage, path->nr_stages, path->latency_ns);
	for (i = 0; i < path->nr_stages; i++)
		path->stage[i].figures = stage[i];
}

static void netcoal_path_look(struct netcoal_path *path)
{
	unsigned int i;

	for (i = 0; i < path->nr_stages; i++) {
		struct netcoal_path_stage *stage = &path->stage[i];
		u32 remote_ns = stage->figures.remote_ns;

		stage->figures = (struct netcoal_stage){
			.remote_ns = remote_ns,
			.cpu = NETCOAL_SHARE_NO_CPU,
		};
		if (stage->device)
			netcoal_path_measure(stage->device, &stage->figures);
	}
}

/* ---- shares -------------------------------------------------------------- */

/* A path through an aggregate is its ports' too: their windows keep it up. */
static void netcoal_path_cross(struct netcoal_device *nd)
{
	struct netcoal_device *port;

	WRITE_ONCE(nd->path.crossed, nd->path.crossed + 1);
	for (port = netcoal_path_next_port(nd, NULL); port;
	     port = netcoal_path_next_port(nd, port))
		WRITE_ONCE(port->path.crossed, port->path.crossed + 1);
}

/* Takes the smallest of each device's shares. */
static void netcoal_path_collect(struct net *net)
{
	struct netcoal_path *path;
	struct netcoal_device *nd;
	unsigned int i;

	list_for_each_entry(nd, &netcoal_net(net)->devices, list) {
		WRITE_ONCE(nd->path.crossed, 0);
		nd->path.new_share_ns = NETCOAL_PATH_NONE;
		nd->path.new_frames_max = NETCOAL_PATH_NONE;
		nd->path.new_beside_ns = 0;
		nd->path.new_later_ns = 0;
	}
	list_for_each_entry(path, &netcoal_net(net)->paths, list) {
		for (i = 0; i < path->nr_stages; i++) {
			const struct netcoal_stage *s = &path->stage[i].figures;

			nd = path->stage[i].device;
			if (!nd)
				continue;
			netcoal_path_cross(nd);
			if (!s->usable)
				continue;
			nd->path.new_share_ns = min(nd->path.new_share_ns, s->share_ns);
			if (s->frames_max)
				nd->path.new_frames_max = min(nd->path.new_frames_max,
							      s->frames_max);
			nd->path.new_beside_ns = max(nd->path.new_beside_ns, s->beside_ns);
			nd->path.new_later_ns = max(nd->path.new_later_ns, s->later_ns);
		}
	}
}

/* Bounds each stage by what another path lets its device have. */
static void netcoal_path_bound(struct netcoal_path *path)
{
	const struct netcoal_device *nd;
	unsigned int i;

	for (i = 0; i < path->nr_stages; i++) {
		struct netcoal_stage *s = &path->stage[i].figures;

		nd = path->stage[i].device;
		if (nd && s->usable && s->share_ns > nd->path.new_share_ns)
			s->bound_ns = clamp(nd->path.new_share_ns, s->floor_ns,
					    s->bound_ns);
	}
}

/* Only what several paths share has a bound from another one. */
static bool netcoal_path_is_shared(const struct netcoal_path *path)
{
	const struct netcoal_device *nd;
	unsigned int i;

	for (i = 0; i < path->nr_stages; i++) {
		nd = path->stage[i].device;
		if (nd && path->stage[i].figures.usable &&
		    path->stage[i].figures.share_ns > nd->path.new_share_ns)
			return true;
	}
	return false;
}

/* The smallest share that any path leaves a device. */
static u32 netcoal_path_least_ns(struct net *net, const struct netcoal_device *nd)
{
	u32 least_ns = NETCOAL_PATH_NONE;
	struct netcoal_path *path;
	unsigned int i;

	list_for_each_entry(path, &netcoal_net(net)->paths, list)
		for (i = 0; i < path->nr_stages; i++)
			if (path->stage[i].device == nd)
				least_ns = min(least_ns, path->stage[i].figures.share_ns);
	return least_ns;
}

/*
 * A path was divided once more: what others may not have of it, devices that it alone kept
 * short have now, and the paths after it are to know. Of two paths in opposite directions
 * each would give all to the device that has nothing of the other, and both had nothing.
 */
static void netcoal_path_raise(struct net *net, const struct netcoal_path *path,
			       unsigned int *looks)
{
	unsigned int i;

	for (i = 0; i < path->nr_stages; i++) {
		const struct netcoal_stage *s = &path->stage[i].figures;
		struct netcoal_device *nd = path->stage[i].device;

		if (!nd || !s->usable || s->share_ns <= nd->path.new_share_ns)
			continue;
		if (nd->path.crossed == 1)
			nd->path.new_share_ns = s->share_ns;
		else if ((*looks)++ < NETCOAL_PATH_LOOKS_MAX)
			nd->path.new_share_ns = netcoal_path_least_ns(net, nd);
	}
}

/* What is told of a path is what its devices have. */
static void netcoal_path_trim(struct netcoal_path *path)
{
	const struct netcoal_device *nd;
	unsigned int i;

	for (i = 0; i < path->nr_stages; i++) {
		struct netcoal_stage *s = &path->stage[i].figures;

		nd = path->stage[i].device;
		if (nd && s->usable)
			s->share_ns = min(s->share_ns, nd->path.new_share_ns);
	}
}

static void netcoal_path_set_part(struct netcoal_device *nd)
{
	struct netcoal_device *port;

	WRITE_ONCE(nd->path.share_ns, nd->path.new_share_ns);
	WRITE_ONCE(nd->path.frames_max, nd->path.new_frames_max);
	nd->path.beside_ns = nd->path.new_beside_ns;
	nd->path.later_ns = nd->path.new_later_ns;
	netcoal_govern_new_limits(nd);
	for (port = netcoal_path_next_port(nd, NULL); port;
	     port = netcoal_path_next_port(nd, port))
		netcoal_govern_new_limits(port);
}

static bool netcoal_path_grows(const struct netcoal_path_part *part)
{
	return part->new_share_ns > part->share_ns ||
	       part->new_frames_max > part->frames_max;
}

/* So small a change is noise; but leaving a path is none. */
static bool netcoal_path_matters(const struct netcoal_path_part *part)
{
	return netcoal_share_matters(part->share_ns, part->new_share_ns) ||
	       netcoal_share_matters(part->frames_max, part->new_frames_max) ||
	       netcoal_share_polls_matter(part->beside_ns, part->new_beside_ns) ||
	       netcoal_share_polls_matter(part->later_ns, part->new_later_ns);
}

/* Who gets less, first: at no time have all together more than the latency. */
static void netcoal_path_apply(struct net *net)
{
	struct netcoal_device *nd;
	int grows;

	for (grows = 0; grows < 2; grows++)
		list_for_each_entry(nd, &netcoal_net(net)->devices, list)
			if (netcoal_path_grows(&nd->path) == grows &&
			    netcoal_path_matters(&nd->path))
				netcoal_path_set_part(nd);
}

/**
 * netcoal_path_update() - work out all shares anew
 * @net: the namespace
 */
void netcoal_path_update(struct net *net)
{
	struct list_head *paths = &netcoal_net(net)->paths;
	struct netcoal_path *path;
	unsigned int looks = 0;
	bool shared = false;

	ASSERT_RTNL();
	if (list_empty(paths) && !netcoal_net(net)->has_shares)
		return;
	netcoal_net(net)->has_shares = !list_empty(paths);
	if (!list_empty(paths))
		netcoal_path_rate(net);
	list_for_each_entry(path, paths, list) {
		netcoal_path_look(path);
		netcoal_path_divide(path);
	}
	netcoal_path_collect(net);
	list_for_each_entry(path, paths, list) {
		if (!netcoal_path_is_shared(path))
			continue;
		shared = true;
		netcoal_path_bound(path);
		netcoal_path_divide(path);
		netcoal_path_raise(net, path, &looks);
	}
	if (shared) {
		netcoal_path_collect(net);
		list_for_each_entry(path, paths, list)
			netcoal_path_trim(path);
	}
	netcoal_path_apply(net);
}

/**
 * netcoal_path_crosses() - does a path cross a device, or its aggregate?
 * @nd: the device
 *
 * Return: true if its state is anything to shares.
 */
bool netcoal_path_crosses(const struct netcoal_device *nd)
{
	return nd->path.crossed || (nd->via && nd->via->path.crossed);
}

/**
 * netcoal_path_due() - is it time to work out the shares anew?
 * @nd: a governed device
 *
 * Asked for netcoal_govern_kick(), without a lock. All paths of a namespace have one
 * period, whichever device asks first.
 *
 * Return: true if so.
 */
bool netcoal_path_due(const struct netcoal_device *nd)
{
	return READ_ONCE(nd->path.crossed) &&
	       time_after_eq(jiffies, READ_ONCE(netcoal_net(nd->net)->paths_due));
}

/**
 * netcoal_path_turn() - work out the shares anew, if it is time
 * @nd: a governed device
 */
void netcoal_path_turn(struct netcoal_device *nd)
{
	if (!netcoal_path_due(nd))
		return;
	netcoal_path_update(nd->net);
	/* from the end: however long it takes, others get rtnl in between */
	WRITE_ONCE(netcoal_net(nd->net)->paths_due, jiffies + NETCOAL_PATH_JIFFIES);
}

/* ---- paths --------------------------------------------------------------- */

static void netcoal_path_bind_stage(struct netcoal_path_stage *stage, struct netcoal_device *nd)
{
	stage->device = nd;
	if (nd)
		WRITE_ONCE(nd->path.crossed, nd->path.crossed + 1);
}

/**
 * netcoal_path_bind() - a name means another device now, or none
 * @net: the namespace
 * @name: the name
 * @nd: the device, or NULL
 */
void netcoal_path_bind(struct net *net, const char *name, struct netcoal_device *nd)
{
	struct netcoal_path *path;
	unsigned int i;

	ASSERT_RTNL();
	list_for_each_entry(path, &netcoal_net(net)->paths, list)
		for (i = 0; i < path->nr_stages; i++)
			if (!strcmp(path->stage[i].name, name))
				netcoal_path_bind_stage(&path->stage[i], nd);
}

/* All that a path names is bound. */
static void netcoal_path_bind_all(struct net *net, struct netcoal_path *path)
{
	struct netcoal_path_stage *stage;

	for (stage = path->stage; stage < path->stage + path->nr_stages; stage++)
		netcoal_path_bind_stage(stage, *stage->name ?
					netcoal_device_listed(net, stage->name) : NULL);
}

static bool netcoal_path_is_twice(const struct netcoal_path *path, unsigned int i)
{
	unsigned int j;

	for (j = 0; j < i; j++)
		if (*path->stage[i].name &&
		    !strcmp(path->stage[i].name, path->stage[j].name))
			return true;
	return false;
}

/**
 * netcoal_path_check() - what must hold of a path as a whole
 * @path: the path; each of its values was checked
 * @extack: gets the reason of an error
 *
 * Return: 0 or -EINVAL.
 */
int netcoal_path_check(const struct netcoal_path *path, struct netlink_ext_ack *extack)
{
	u64 remote_ns = 0;
	unsigned int i, devices = 0;

	for (i = 0; i < path->nr_stages; i++) {
		devices += !!*path->stage[i].name;
		remote_ns += path->stage[i].figures.remote_ns;
		if (netcoal_path_is_twice(path, i)) {
			NL_SET_ERR_MSG(extack, "a device is in the path twice");
			return -EINVAL;
		}
	}
	if (!devices) {
		NL_SET_ERR_MSG(extack, "path has no device");
		return -EINVAL;
	}
	if (remote_ns > path->latency_ns) {
		NL_SET_ERR_MSG(extack, "remote stages keep more than the latency");
		return -EINVAL;
	}
	return 0;
}

/**
 * netcoal_path_add() - add a path to a namespace
 * @net: the namespace
 * @new: the path, checked, which is copied
 * @extack: gets the reason of an error
 *
 * Return: 0, -EEXIST, -ENOSPC or -ENOMEM.
 */
int netcoal_path_add(struct net *net, const struct netcoal_path *new,
		     struct netlink_ext_ack *extack)
{
	struct netcoal_path *path;

	ASSERT_RTNL();
	if (netcoal_path_find(net, new->name)) {
		NL_SET_ERR_MSG(extack, "path exists");
		return -EEXIST;
	}
	if (netcoal_list_is_full(&netcoal_net(net)->paths, NETCOAL_PATHS_MAX)) {
		NL_SET_ERR_MSG(extack, "too many paths");
		return -ENOSPC;
	}
	path = kmemdup(new, sizeof(*new), GFP_KERNEL_ACCOUNT);
	if (!path)
		return -ENOMEM;
	path->number = netcoal_net(net)->numbered++;
	list_add_tail(&path->list, &netcoal_net(net)->paths);
	netcoal_path_bind_all(net, path);
	netcoal_path_update(net);
	return 0;
}

/**
 * netcoal_path_change() - change a path
 * @net: the namespace
 * @path: the path
 * @new: what it shall be, checked; name, number and list are ignored
 */
void netcoal_path_change(struct net *net, struct netcoal_path *path,
			 const struct netcoal_path *new)
{
	ASSERT_RTNL();
	path->latency_ns = new->latency_ns;
	path->nr_stages = new->nr_stages;
	memcpy(path->stage, new->stage, sizeof(path->stage));
	netcoal_path_bind_all(net, path);
	netcoal_path_update(net);
}

/**
 * netcoal_path_del() - delete a path
 * @net: the namespace
 * @path: the path, freed
 */
void netcoal_path_del(struct net *net, struct netcoal_path *path)
{
	ASSERT_RTNL();
	list_del(&path->list);
	kfree(path);
	netcoal_path_update(net);
}

/**
 * netcoal_path_free_all() - free the paths of a namespace that ends
 * @paths: its list
 */
void netcoal_path_free_all(struct list_head *paths)
{
	struct netcoal_path *path, *next;

	list_for_each_entry_safe(path, next, paths, list)
		kfree(path);
	INIT_LIST_HEAD(paths);
}

/**
 * netcoal_path_renamed() - follow the rename of a device that has a policy
 * @nd: the device, by its name until now
 * @to: its new name
 *
 * A path that has the new name already keeps both stages as they are.
 */
void netcoal_path_renamed(struct netcoal_device *nd, const char *to)
{
	struct netcoal_path *path;
	unsigned int i, old;
	bool taken;

	ASSERT_RTNL();
	list_for_each_entry(path, &netcoal_net(nd->net)->paths, list) {
		taken = false;
		old = path->nr_stages;
		for (i = 0; i < path->nr_stages; i++) {
			taken |= !strcmp(path->stage[i].name, to);
			if (!strcmp(path->stage[i].name, nd->name))
				old = i;
		}
		if (old < path->nr_stages && !taken)
			strscpy(path->stage[old].name, to, sizeof(path->stage[old].name));
	}
	netcoal_path_bind(nd->net, nd->name, NULL);
	netcoal_path_bind(nd->net, to, nd);
}
