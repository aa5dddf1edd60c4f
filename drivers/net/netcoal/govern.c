// SPDX-License-Identifier: GPL-2.0
/*
 * Governing: what happens to a device between take-over and release.
 *
 *    start: queues from the NAPIs, actuator proven, baseline saved, adaptive
 *           mode off, first settings, map published to the probes
 *    work:  (under rtnl) what the queues want is merged and applied
 *    stop:  map withdrawn, works done, holds ended, baseline back
 *
 * Queues are judged by their own works without rtnl; those never outlive stop.
 */
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "coalesce.h"
#include "compat.h"
#include "device.h"
#include "gov_terms.h"
#include "govern.h"
#include "guard.h"
#include "link.h"
#include "owed.h"
#include "policy.h"
#include "portion.h"
#include "queue.h"
#include "queue_policy.h"
#include "quirk.h"
#include "sense.h"
#include "turn.h"
#include "window.h"

/* The transmit side is judged no oftener than this. */
#define NETCOAL_TX_WINDOW_NS	(10 * NSEC_PER_MSEC)
/* Where it would have the hold-off of what is received, and has not, it is looked at seldom. */
#define NETCOAL_TX_LOOK_NS	(100 * NSEC_PER_MSEC)
/* It has that once no more than one of so many runs of polls received a packet, and while so
 * many times the packets received are sent.
 */
#define NETCOAL_RIDE_BEGINS	16
#define NETCOAL_RIDE_STAYS	8
/* To free a frame that was sent takes such a part of receiving one. */
#define NETCOAL_SENT_PART	4
/* How often a device is looked at for changes by others, and rescanned. */
#define NETCOAL_CHECK_JIFFIES	HZ
/* How long a driver may answer that it is busy. */
#define NETCOAL_BUSY_JIFFIES	(10 * HZ)

/*
 * Costs that the governor starts from. What counts is their ratio, which was
 * alike on all machines measured; the size only matters for CPU targets.
 */
static unsigned int cost_irq_ns = 2500;
module_param(cost_irq_ns, uint, 0644);
MODULE_PARM_DESC(cost_irq_ns, "Cost of an interrupt with its wake-ups to start from, ns");

static unsigned int cost_packet_ns = 600;
module_param(cost_packet_ns, uint, 0644);
MODULE_PARM_DESC(cost_packet_ns, "Cost of a packet to start from, ns");

static unsigned int cost_timer_ns = 1000;
module_param(cost_timer_ns, uint, 0644);
MODULE_PARM_DESC(cost_timer_ns, "Cost of a hold-off that a timer ends to start from, ns");

static u32 netcoal_us_to_ns(u32 us)
{
	return us * NSEC_PER_USEC;	/* at most NETCOAL_USECS_MAX: 1e9 */
}

/* What a policy allows on a device, less what depends on direction. */
static void netcoal_govern_policy_limits(const struct netcoal_device *nd,
					 const struct netcoal_policy_attr *attr,
					 struct netcoal_limits *lim)
{
	const struct netcoal_path_part *path = &nd->path;

	/* paths know a bond's ports by the bond */
	if (nd->via)
		path = &nd->via->path;
	*lim = (struct netcoal_limits){
		.budget_ns = min3(attr->latency_ns, nd->path.share_ns, path->share_ns),
		.beside_ns = max(nd->path.beside_ns, path->beside_ns),
		.later_ns = max(nd->path.later_ns, path->later_ns),
		.cpu_target_ns = attr->cpu_ns,
		.prefer = attr->prefer,
		.irq_extra_ns = attr->irq_cost_ns,
		.irq_cost_ns = READ_ONCE(cost_irq_ns),
		.packet_cost_ns = READ_ONCE(cost_packet_ns),
		.holdoff_min_ns = netcoal_us_to_ns(attr->rx_usecs.min),
		.holdoff_max_ns = netcoal_us_to_ns(attr->rx_usecs.max),
		.frames_min = attr->rx_frames.min,
		.frames_max = min3(attr->rx_frames.max, nd->path.frames_max,
				   path->frames_max),
	};
	lim->frames_min = min(lim->frames_min, lim->frames_max);
}

/*
 * What was found not to be worth it, or to be missed, may be otherwise under targets that
 * ask for, or allow, so much else. A path's share is not looked at, for it comes and goes.
 */
static bool netcoal_govern_asks_else(const struct netcoal_limits *now, u32 latency_ns,
				     const struct netcoal_limits *before, u32 latency_before_ns)
{
	return now->cpu_target_ns != before->cpu_target_ns ||
	       latency_ns > latency_before_ns + latency_before_ns / 2 ||
	       now->holdoff_max_ns > before->holdoff_max_ns;
}

static void netcoal_govern_own_limits(struct netcoal_device *nd, struct netcoal_queue_policy *own)
{
	const struct netcoal_policy_attr *attr = &own->policy->attr;
	struct netcoal_limits before = own->limits;

	netcoal_govern_policy_limits(nd, attr, &own->limits);
	if (netcoal_govern_asks_else(&own->limits, attr->latency_ns, &before, own->latency_ns))
		own->anew = true;
	own->latency_ns = attr->latency_ns;
}

/* The limits of a device's policy, and of those of its queues. */
static void netcoal_govern_set_limits(struct netcoal_device *nd)
{
	struct netcoal_policy_attr attr = nd->policy->attr;
	struct netcoal_queue_policy *own;

	attr.latency_ns = netcoal_device_latency_ns(nd);
	attr.cpu_ns = netcoal_device_cpu_ns(nd);
	nd->latency_ns = attr.latency_ns;
	spin_lock(&nd->lock);
	netcoal_govern_policy_limits(nd, &attr, &nd->limits);
	nd->tx_usecs = attr.tx_usecs;
	nd->tx_frames = attr.tx_frames;
	list_for_each_entry(own, &nd->queue_policies, list)
		netcoal_govern_own_limits(nd, own);
	spin_unlock(&nd->lock);
	netcoal_queue_policy_bind(nd);
}

/* A cap goes before the latency target, but not beyond the policy's bounds. */
static void netcoal_govern_limit_cap(const struct netcoal_device *nd,
				     struct netcoal_limits *lim)
{
	u32 floor_ns = min(READ_ONCE(nd->cap.floor_ns), lim->holdoff_max_ns);

	if (!floor_ns)
		return;
	lim->holdoff_min_ns = max(lim->holdoff_min_ns, floor_ns);
	lim->budget_ns = max(lim->budget_ns, floor_ns);
	lim->frames_min = lim->frames_max;
}

/* What the actuator can do for a direction. */
static void netcoal_govern_limit_ability(const struct netcoal_device *nd,
					 const struct netcoal_ability *can,
					 struct netcoal_limits *lim)
{
	const struct netcoal_actuator_ops *actuator = nd->actuator;

	lim->timer_cost_ns = can->timer ? READ_ONCE(cost_timer_ns) : 0;
	lim->has_frames = can->frames;
	lim->step_ns = max_t(u32, can->step_ns, 1);
	if (!actuator || !actuator->most_ns)
		return;
	lim->holdoff_max_ns = min(lim->holdoff_max_ns, actuator->most_ns(nd));
	lim->holdoff_min_ns = min(lim->holdoff_min_ns, lim->holdoff_max_ns);
}

/**
 * netcoal_govern_limits() - limits of a direction of a device
 * @nd: the device
 * @can: &nd->rx or &nd->tx
 * @lim: gets the limits
 */
void netcoal_govern_limits(struct netcoal_device *nd,
			   const struct netcoal_ability *can,
			   struct netcoal_limits *lim)
{
	spin_lock(&nd->lock);
	*lim = nd->limits;
	if (can == &nd->tx) {
		lim->transmit = true;
		/* A path is what received packets wait for; what rides has their hold-off. */
		if (!can->rides) {
			lim->budget_ns = nd->latency_ns;
			lim->beside_ns = 0;
			lim->later_ns = 0;
		}
		lim->holdoff_min_ns = netcoal_us_to_ns(nd->tx_usecs.min);
		lim->holdoff_max_ns = netcoal_us_to_ns(nd->tx_usecs.max);
		lim->frames_min = nd->tx_frames.min;
		lim->frames_max = netcoal_ring_frames(nd->tx_frames.max, nd->tx_ring);
		lim->packet_cost_ns /= NETCOAL_SENT_PART;
		if (can->rides)
			lim->holdoff_max_ns = min(lim->holdoff_max_ns, nd->limits.holdoff_max_ns);
		lim->holdoff_min_ns = min(lim->holdoff_min_ns, lim->holdoff_max_ns);
		lim->frames_min = min(lim->frames_min, lim->frames_max);
	}
	spin_unlock(&nd->lock);
	if (can == &nd->rx)
		netcoal_govern_limit_cap(nd, lim);
	netcoal_govern_limit_ability(nd, can, lim);
}

/**
 * netcoal_govern_queue_limits() - receive limits of a queue
 * @q: the queue
 * @lim: gets those of its own policy, else the device's
 */
void netcoal_govern_queue_limits(struct netcoal_queue *q, struct netcoal_limits *lim)
{
	struct netcoal_device *nd = q->device;

	spin_lock(&nd->lock);
	*lim = q->own ? *q->own : nd->limits;
	spin_unlock(&nd->lock);
	netcoal_govern_limit_cap(nd, lim);
	if (!nd->actuator->per_queue)
		lim->holdoff_max_ns = min(lim->holdoff_max_ns,
					  max(READ_ONCE(nd->turn.cap_ns), lim->holdoff_min_ns));
	netcoal_govern_limit_ability(nd, &nd->rx, lim);
}

/*
 * The queues of a device in the order they were made: lists grow at their
 * head. Receive queues are matched to NAPIs where the kernel knows, else by
 * order if there are as many; NAPIs that only transmit can't be busy-polled.
 */
static void netcoal_govern_match_rxqs(struct netcoal_device *nd)
{
	struct net_device *netdev = nd->netdev;
	unsigned int i, rxq, receive = 0;
	struct netcoal_queue *q;

	for (i = 0; i < nd->nr_queues; i++) {
		q = nd->queues[i];
		if (q->tx_only)
			continue;
		q->rxq = receive++;
		for (rxq = 0; rxq < netdev->real_num_rx_queues; rxq++)
			if (netcoal_rxq_napi(netdev, rxq) == q->napi)
				q->rxq = rxq;
	}
	if (receive == netdev->real_num_rx_queues)
		return;
	for (i = 0; i < nd->nr_queues; i++)
		nd->queues[i]->rxq = -1;
}

static unsigned int netcoal_govern_count_napis(const struct net_device *netdev)
{
	const struct napi_struct *napi;
	unsigned int n = 0;

	/* Some drivers rebuild their NAPIs without rtnl when they reset a device. */
	rcu_read_lock();
	list_for_each_entry_rcu(napi, &netdev->napi_list, dev_list)
		n++;
	rcu_read_unlock();
	return n;
}

static void netcoal_govern_free_queues(struct netcoal_device *nd)
{
	unsigned int i;

	for (i = 0; i < nd->nr_queues; i++)
		netcoal_queue_free(nd->queues[i]);
	kfree(nd->queues);
	kfree(nd->tx_side.polled);
	nd->tx_side.polled = NULL;
	nd->queues = NULL;
	nd->nr_queues = 0;
}

static int netcoal_govern_alloc_queues(struct netcoal_device *nd, unsigned int n)
{
	unsigned int i;

	nd->queues = kcalloc(n, sizeof(*nd->queues), GFP_KERNEL_ACCOUNT);
	nd->tx_side.polled = kcalloc(n, sizeof(*nd->tx_side.polled), GFP_KERNEL_ACCOUNT);
	if (!nd->queues || !nd->tx_side.polled)
		return -ENOMEM;
	nd->nr_queues = n;
	for (i = 0; i < n; i++) {
		nd->queues[i] = netcoal_queue_new(nd, i);
		if (!nd->queues[i])
			return -ENOMEM;
	}
	return 0;
}

/* -EAGAIN if the driver made its NAPIs anew just now. */
static int netcoal_govern_watch_napis(struct netcoal_device *nd)
{
	struct napi_struct *napi;
	unsigned int i = nd->nr_queues;

	rcu_read_lock();
	list_for_each_entry_rcu(napi, &nd->netdev->napi_list, dev_list) {
		if (!i)
			break;
		i--;
		netcoal_queue_watch(nd->queues[i], napi);
	}
	rcu_read_unlock();
	return i ? -EAGAIN : 0;
}

static int netcoal_govern_make_queues(struct netcoal_device *nd)
{
	unsigned int n = netcoal_govern_count_napis(nd->netdev);
	int err;

	if (!n)
		return netcoal_ethtool_batches(nd->netdev) ? 0 : -ENXIO;
	err = netcoal_govern_alloc_queues(nd, n) ?: netcoal_govern_watch_napis(nd);
	if (err) {
		netcoal_govern_free_queues(nd);
		return err;
	}
	netcoal_govern_match_rxqs(nd);
	netcoal_queue_policy_bind(nd);
	return 0;
}

/* NAPIs come and go when a driver resets: then begin anew. */
static bool netcoal_govern_napis_changed(const struct netcoal_device *nd)
{
	const struct napi_struct *napi;
	unsigned int i = nd->nr_queues;
	bool changed = false;

	rcu_read_lock();
	list_for_each_entry_rcu(napi, &nd->netdev->napi_list, dev_list) {
		changed = !i || nd->queues[i - 1]->napi != napi ||
			  netcoal_evtchn_is_lost(&nd->queues[i - 1]->hold.evtchn);
		if (changed)
			break;
		i--;
	}
	rcu_read_unlock();
	return changed || i;
}

/*
 * Turns the driver's own mode off. Some make their NAPIs anew with it (mlx5 before
 * 6.10): those are the queues to govern, or they would be found to be others at the
 * first look, and so on for ever.
 */
static int netcoal_govern_take(struct netcoal_device *nd)
{
	int err = nd->actuator->take ? nd->actuator->take(nd) : 0;

	if (err || !nd->nr_queues || !netcoal_govern_napis_changed(nd))
		return err;
	if (nd->actuator->per_queue)
		return -EOPNOTSUPP;
	netcoal_govern_free_queues(nd);
	return netcoal_govern_make_queues(nd);
}

/* First settings, before any window: what the governors start with. */
static int netcoal_govern_first_settings(struct netcoal_device *nd)
{
	struct netcoal_limits lim;
	struct netcoal_queue *q;
	unsigned int i;
	int err;

	netcoal_govern_limits(nd, &nd->tx, &lim);
	nd->tx_side = (struct netcoal_tx){ .polled = nd->tx_side.polled };
	netcoal_gov_init(&nd->tx_side.gov, nd->policy->governor, &lim);
	nd->want_tx = nd->tx_side.gov.setting;
	netcoal_turn_start(nd);
	for (i = 0; i < nd->nr_queues; i++)
		netcoal_queue_start(nd->queues[i]);
	if (nd->nr_queues)
		nd->want_rx = nd->queues[0]->gov.setting;

	err = netcoal_actuator_apply(nd);
	if (err || !nd->actuator->apply_queue)
		return err;
	for (i = 0; i < nd->nr_queues; i++) {
		q = nd->queues[i];
		if (!q->tx_only)
			nd->actuator->apply_queue(q, &q->gov.setting);
	}
	return 0;
}

static int netcoal_govern_publish(struct netcoal_device *nd)
{
	int err;

	nd->map = netcoal_map_alloc(nd, nd->netdev, nd->queues, nd->nr_queues);
	if (!nd->map)
		return -ENOMEM;
	nd->rescan = 0;
	nd->next_check = jiffies + NETCOAL_CHECK_JIFFIES;
	nd->rescan_after = jiffies;
	err = netcoal_sense_publish(nd->map);
	if (err) {
		kfree(nd->map);
		nd->map = NULL;
	}
	return err;
}

/**
 * netcoal_govern_start() - take a device over
 * @nd: the device: it exists and is up
 *
 * Called under rtnl.
 *
 * Return: 0; -ENXIO: no NAPI; -EOPNOTSUPP: no actuator; -ENODEV: the driver has it
 * detached; -NETCOAL_EOWED: nor does it take back what it had before; -NETCOAL_ERESETS:
 * it resets it for each setting; -ENOMEM; or the driver's error. On error the device is as
 * it was.
 */
int netcoal_govern_start(struct netcoal_device *nd)
{
	struct netcoal_queue_policy *own;
	int err;

	ASSERT_RTNL();
	if (netcoal_quirk_in_reset(nd->netdev))
		return -ENODEV;
	if (netcoal_owed_settle(nd->netdev))
		return -NETCOAL_EOWED;
	nd->stale = false;
	nd->busy = false;
	netcoal_govern_set_limits(nd);
	/* Queues that are new have found nothing yet. */
	list_for_each_entry(own, &nd->queue_policies, list)
		own->anew = false;
	nd->tx_ring = netcoal_ec_tx_ring(nd->netdev);
	netcoal_cap_start(nd);
	err = netcoal_govern_make_queues(nd);
	if (err)
		return err;
	err = netcoal_actuator_pick(nd);
	if (err)
		goto free_queues;
	err = netcoal_govern_take(nd) ?: netcoal_govern_first_settings(nd) ?:
	      netcoal_govern_publish(nd);
	if (err)
		goto restore;
	return 0;

restore:
	nd->actuator->restore(nd);
	nd->actuator = NULL;
free_queues:
	netcoal_govern_free_queues(nd);
	return err;
}

/**
 * netcoal_govern_stop() - give a device back as it was found
 * @nd: a governed device; an aggregate has nothing to give back
 *
 * What an administrator changed meanwhile stays. Called under rtnl, sleeps.
 */
void netcoal_govern_stop(struct netcoal_device *nd)
{
	unsigned int i;

	ASSERT_RTNL();
	if (nd->aggregate)
		return;
	netcoal_sense_withdraw(nd->map);
	nd->map = NULL;
	for (i = 0; i < nd->nr_queues; i++)
		cancel_work_sync(&nd->queues[i]->work);
	nd->actuator->restore(nd);
	nd->actuator = NULL;
	netcoal_govern_free_queues(nd);
}

/* Runs of polls of the queues that clean transmit rings, since they were last counted. */
struct netcoal_cleaned {
	unsigned int queues;
	u32 received;
	u32 most;
	u64 all;
};

static void netcoal_govern_count_runs(struct netcoal_device *nd, struct netcoal_cleaned *c)
{
	struct netcoal_tx *side = &nd->tx_side;
	u32 now, received = 0, runs;
	unsigned int i;

	memset(c, 0, sizeof(*c));
	for (i = 0; i < nd->nr_queues; i++) {
		if (!nd->queues[i]->tx_only && !nd->tx.rides)
			continue;
		now = netcoal_window_polled(nd->queues[i], &received);
		runs = now - side->polled[i];
		side->polled[i] = now;
		c->queues++;
		c->most = max(c->most, runs);
		c->all += runs;
	}
	c->received = received - side->received;
	side->received = received;
}

/*
 * How often transmit rings were cleaned: as often as the busiest NAPI that does only that was
 * polled, whose part of the packets goes by polls. XDP may have such NAPIs besides. Of those
 * that receive, too, nothing tells which poll cleaned how many, unless hardly any received.
 */
static void netcoal_govern_count_tx(struct netcoal_device *nd, const struct netcoal_cleaned *c,
				    struct netcoal_window *win)
{
	bool counted = nd->tx.rides ? c->all :
		       c->queues && c->queues >= nd->netdev->real_num_tx_queues;

	if (counted) {
		win->packets = netcoal_portion(win->packets, c->most, c->all);
		win->sequences = max(c->most, 1U);
	} else {
		win->sequences = netcoal_promised_sequences(win, &nd->want_tx);
	}
	win->polls = win->sequences;
}

/*
 * What is sent can have the hold-off of what is received only while that is next to nothing,
 * and no closed loop: else it would wait for what is none of its business. Of runs of polls
 * a hold-off makes fewer, so what began by them goes on by packets.
 */
static bool netcoal_govern_may_ride(struct netcoal_device *nd, const struct netcoal_cleaned *c,
				    u64 sent)
{
	if (!nd->tx.rides || netcoal_turn_has_closed(nd))
		return false;
	return nd->tx_side.rides ? (u64)c->received * NETCOAL_RIDE_STAYS < sent :
				   (u64)c->received * NETCOAL_RIDE_BEGINS < c->all;
}

static void netcoal_govern_decide_tx(struct netcoal_device *nd, u64 packets, u64 len_ns,
				     const struct netcoal_cleaned *c)
{
	struct netcoal_window win = {
		.settled = true,
		.len_ns = len_ns,
		.packets = min_t(u64, packets, U32_MAX),
	};
	struct netcoal_decision d;
	struct netcoal_limits lim;

	netcoal_govern_count_tx(nd, c, &win);
	if (!win.packets)
		return;
	netcoal_govern_limits(nd, &nd->tx, &lim);
	netcoal_gov_decide(&nd->tx_side.gov, &win, &lim, &d);
	nd->want_tx = d.setting;
	WRITE_ONCE(nd->tx_side.pps, netcoal_pps(packets, len_ns));
}

static bool netcoal_govern_tx_due(const struct netcoal_device *nd, u64 now_ns)
{
	const struct netcoal_tx *side = &nd->tx_side;
	bool rides = READ_ONCE(side->rides);
	u32 window_ns = nd->tx.usable || rides ? NETCOAL_TX_WINDOW_NS : NETCOAL_TX_LOOK_NS;

	return (nd->tx.usable || nd->tx.rides) && now_ns - READ_ONCE(side->mark_ns) >= window_ns;
}

/* Packets sent since the last look. */
static u64 netcoal_govern_count_sent(struct netcoal_device *nd)
{
	u64 before = nd->tx_side.packets;
	struct rtnl_link_stats64 stats;

	dev_get_stats(nd->netdev, &stats);
	nd->tx_side.packets = stats.tx_packets;
	return stats.tx_packets - min(before, stats.tx_packets);
}

/*
 * Transmit counters belong to the device, and so does the setting. Some drivers ask the
 * device for them, register by register, so they are not looked at where nothing rides.
 */
static void netcoal_govern_judge_tx(struct netcoal_device *nd)
{
	struct netcoal_tx *side = &nd->tx_side;
	u64 now_ns = ktime_get_ns(), sent = 0;
	struct netcoal_cleaned c;
	bool goes_on;

	if (!netcoal_govern_tx_due(nd, now_ns))
		return;
	netcoal_govern_count_runs(nd, &c);
	goes_on = nd->tx.usable || side->rides;
	if (goes_on)
		sent = netcoal_govern_count_sent(nd);
	WRITE_ONCE(side->rides, netcoal_govern_may_ride(nd, &c, sent));
	if (!goes_on && side->rides)
		netcoal_govern_count_sent(nd);
	else if (goes_on && side->mark_ns && (nd->tx.usable || side->rides))
		netcoal_govern_decide_tx(nd, sent, now_ns - side->mark_ns, &c);
	side->mark_ns = now_ns;
}

/*
 * A driver that resets its device detaches it meanwhile, or is busy: ask again later,
 * but one that is busy not for ever.
 */
static void netcoal_govern_failed(struct netcoal_device *nd, int err)
{
	bool busy = err && err != -ENODEV && netcoal_guard_is_passing(err);

	if (busy && !nd->busy)
		nd->busy_since = jiffies;
	nd->busy = busy;
	if (!err || err == -ENODEV ||
	    (busy && time_before(jiffies, nd->busy_since + NETCOAL_BUSY_JIFFIES)))
		return;
	netcoal_guard_release(nd, err);
}

/**
 * netcoal_govern_concede() - hand a device back that somebody set, before it is stopped
 * @nd: the device
 *
 * Stopped, it keeps what was written, which the next start would take for what it found
 * and write over. What was found may be the doing of a driver that made its NAPIs anew; all
 * else is somebody's. Called under rtnl, sleeps.
 *
 * Return: true if it is handed back: it is overridden.
 */
bool netcoal_govern_concede(struct netcoal_device *nd)
{
	ASSERT_RTNL();
	if (nd->state != NETCOAL_STATE_GOVERNING || nd->aggregate ||
	    netcoal_quirk_in_reset(nd->netdev) ||
	    netcoal_actuator_check(nd) != -NETCOAL_EADMIN)
		return false;
	if ((nd->stale || netcoal_govern_napis_changed(nd)) && netcoal_actuator_is_found(nd))
		return false;
	netcoal_guard_release(nd, -NETCOAL_EADMIN);
	return true;
}

/* A ring that was made shorter may keep its NAPIs; more frames than it has slots never come. */
static void netcoal_govern_heed_ring(struct netcoal_device *nd)
{
	u32 slots = netcoal_ec_tx_ring(nd->netdev);

	if (slots == nd->tx_ring)
		return;
	spin_lock(&nd->lock);
	nd->tx_ring = slots;
	spin_unlock(&nd->lock);
	netcoal_govern_new_limits(nd);
}

/**
 * netcoal_govern_check() - look whether a device is still ours to set
 * @nd: a governed device
 *
 * If not, it is handed back with the reason. One whose NAPIs are others now
 * begins anew; one that its driver is resetting is let be. Called under rtnl.
 */
void netcoal_govern_check(struct netcoal_device *nd)
{
	int err;

	if (nd->aggregate) {
		netcoal_link_check(nd);
		return;
	}
	nd->next_check = jiffies + NETCOAL_CHECK_JIFFIES;
	/* What its driver has in pieces is not for looking at. */
	if (netcoal_quirk_in_reset(nd->netdev))
		return;
	err = netcoal_actuator_check(nd);
	nd->stale |= netcoal_govern_napis_changed(nd);
	if (nd->stale && !netcoal_guard_is_passing(err))
		netcoal_device_restart(nd);
	else if (err)	/* only what can be set shows that it is over */
		netcoal_govern_failed(nd, err);
	else if (nd->tx.usable)
		netcoal_govern_heed_ring(nd);
}

/* What a driver refuses because its queues are others now is no failure of anybody. */
static void netcoal_govern_apply(struct netcoal_device *nd)
{
	int err = netcoal_actuator_apply(nd);

	if (err && err != -NETCOAL_ERESETS && !netcoal_guard_is_passing(err) &&
	    netcoal_govern_napis_changed(nd))
		netcoal_govern_check(nd);
	else
		netcoal_govern_failed(nd, err);
}

static void netcoal_govern_turn(struct netcoal_device *nd)
{
	if (!nd->aggregate && netcoal_quirk_in_reset(nd->netdev)) {
		/* What was seen meanwhile is looked at then; it may not be seen again. */
		queue_delayed_work(netcoal_wq, &nd->work, NETCOAL_CHECK_JIFFIES);
		return;
	}
	if (xchg(&nd->rescan, 0) || time_after(jiffies, nd->next_check)) {
		nd->rescan_after = jiffies + NETCOAL_CHECK_JIFFIES;
		netcoal_govern_check(nd);
		if (nd->state != NETCOAL_STATE_GOVERNING)
			return;
	}
	netcoal_cap_turn(nd);
	netcoal_path_turn(nd);
	netcoal_govern_judge_tx(nd);
	netcoal_turn_merge(nd);
	netcoal_govern_apply(nd);
	if (nd->state == NETCOAL_STATE_GOVERNING && nd->stale)
		queue_delayed_work(netcoal_wq, &nd->work, NETCOAL_CHECK_JIFFIES);
}

/**
 * netcoal_govern_work() - apply what the queues of a device want
 * @work: &netcoal_device.work
 */
void netcoal_govern_work(struct work_struct *work)
{
	struct netcoal_device *nd = container_of(to_delayed_work(work),
						 struct netcoal_device, work);

	/* Who holds rtnl may be waiting for this work to end. */
	if (!rtnl_trylock()) {
		queue_delayed_work(netcoal_wq, &nd->work, 1);
		return;
	}
	if (nd->state == NETCOAL_STATE_GOVERNING)
		netcoal_govern_turn(nd);
	else if (nd->retries)
		netcoal_device_retry(nd);
	rtnl_unlock();
}

/**
 * netcoal_govern_kick() - have settings applied, or others' changes noticed
 * @nd: a governed device
 * @changed: a queue wants something else than before
 *
 * Called from queues' works, and in the packet path for those without.
 */
void netcoal_govern_kick(struct netcoal_device *nd, bool changed)
{
	if (changed || netcoal_govern_tx_due(nd, ktime_get_ns()) ||
	    netcoal_cap_due(nd) || netcoal_path_due(nd) ||
	    time_after(jiffies, READ_ONCE(nd->next_check)))
		queue_delayed_work(netcoal_wq, &nd->work, 0);
}

/**
 * netcoal_govern_rescan() - an unknown NAPI of a governed device was polled
 * @nd: the device
 *
 * Called by the probe; at most once a second it asks for a look.
 */
void netcoal_govern_rescan(struct netcoal_device *nd)
{
	if (READ_ONCE(nd->rescan) ||
	    time_before(jiffies, READ_ONCE(nd->rescan_after)))
		return;
	WRITE_ONCE(nd->rescan, 1);
	queue_delayed_work(netcoal_wq, &nd->work, 0);
}

/**
 * netcoal_govern_applied() - a queue's setting reached the device
 * @q: the queue
 * @requested_ns: hold-off that was asked for
 * @effective_ns: hold-off that reads back
 */
void netcoal_govern_applied(struct netcoal_queue *q, u32 requested_ns,
			    u32 effective_ns)
{
	if (q->requested_ns != requested_ns || q->effective_ns != effective_ns)
		WRITE_ONCE(q->device->changes, q->device->changes + 1);
	WRITE_ONCE(q->requested_ns, requested_ns);
	WRITE_ONCE(q->effective_ns, effective_ns);
	WRITE_ONCE(q->unsettled, 1);
}

/* Those queues whose targets are others now. */
static void netcoal_govern_queues_begin_anew(struct netcoal_device *nd, bool all)
{
	struct netcoal_queue_policy *own;
	unsigned int i;

	for (i = 0; i < nd->nr_queues; i++) {
		own = netcoal_queue_policy_find(nd, i);
		if (own ? own->anew : all)
			netcoal_queue_begin_anew(nd->queues[i]);
		if (own)
			own->anew = false;
	}
}

static void netcoal_govern_begin_anew(struct netcoal_device *nd,
				      const struct netcoal_limits *before, u32 latency_ns)
{
	struct netcoal_limits lim;
	bool all = netcoal_govern_asks_else(&nd->limits, nd->latency_ns, before, latency_ns);

	netcoal_govern_queues_begin_anew(nd, all);
	if (!all)
		return;
	netcoal_turn_start(nd);
	netcoal_govern_limits(nd, &nd->tx, &lim);
	netcoal_gov_init(&nd->tx_side.gov, nd->policy->governor, &lim);
	nd->want_tx = nd->tx_side.gov.setting;
	WRITE_ONCE(nd->tx_side.mark_ns, 0);
}

/**
 * netcoal_govern_new_limits() - a governed device's targets changed
 * @nd: the device
 *
 * Settings beyond the new limits are drawn in at once, also on idle queues;
 * the rest is for the next windows. Called under rtnl.
 */
void netcoal_govern_new_limits(struct netcoal_device *nd)
{
	struct netcoal_limits lim, before = nd->limits;
	u32 latency_ns = nd->latency_ns;
	unsigned int i;

	netcoal_govern_set_limits(nd);
	if (nd->state != NETCOAL_STATE_GOVERNING || nd->aggregate)
		return;
	for (i = 0; i < nd->nr_queues; i++)
		netcoal_queue_clamp(nd->queues[i]);
	netcoal_govern_begin_anew(nd, &before, latency_ns);
	netcoal_govern_limits(nd, &nd->rx, &lim);
	netcoal_gov_bound(&nd->want_rx, &lim);
	netcoal_govern_limits(nd, &nd->tx, &lim);
	netcoal_gov_bound(&nd->want_tx, &lim);
	netcoal_govern_kick(nd, true);
}
