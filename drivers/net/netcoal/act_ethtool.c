// SPDX-License-Identifier: GPL-2.0
/*
 * Actuator ethtool: the driver's own rx/tx-usecs and rx/tx-frames, for the whole device.
 *
 * A tap has no NAPI and no times, but rx-frames: of the packets that its writer
 * has at hand, so many are received at once. Nothing waits for that, so no governor
 * is asked. But what tun keeps of a batch counts against the writer's send buffer:
 * where that is too short for a batch the writer waits for itself, and for ever
 * (vhost). How long it is can't be told here, so only a policy that names a limit is
 * heeded. And it is all or nothing: tun ends a batch that has just as many packets as
 * rx-frames says, so one that has more, for rx-frames was lowered meanwhile, grows on.
 */
#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "actuator.h"
#include "device.h"
#include "govern.h"
#include "knobs.h"
#include "owed.h"
#include "policy.h"
#include "queue.h"
#include "quirk.h"

/**
 * netcoal_ethtool_batches() - has a device rx-frames and nothing else to govern?
 * @netdev: the device
 *
 * Called under rtnl.
 *
 * Return: true for taps whose packets do not come by a NAPI.
 */
bool netcoal_ethtool_batches(const struct net_device *netdev)
{
	const struct ethtool_ops *ops = netdev->ethtool_ops;

	ASSERT_RTNL();
	return list_empty(&netdev->napi_list) && ops && ops->get_coalesce &&
	       ops->set_coalesce &&
	       ops->supported_coalesce_params == ETHTOOL_COALESCE_RX_MAX_FRAMES;
}

/**
 * netcoal_ethtool_may_batch() - does a policy have a tap's rx-frames set?
 * @policy: the policy
 *
 * Return: true if it limits them, to as many as are set or more.
 */
bool netcoal_ethtool_may_batch(const struct netcoal_policy *policy)
{
	u32 most = policy->attr.rx_frames.max;

	return most >= NETCOAL_BATCH_FRAMES && most < NETCOAL_FRAMES_MAX;
}

/* Looks whether they are taken, and puts the baseline back. What somebody set stays. */
static int netcoal_ethtool_prove_batches(struct netcoal_device *nd)
{
	struct netcoal_knobs *knobs = &nd->ethtool.knobs;
	struct ethtool_coalesce ec, asked;
	int err;

	if (!netcoal_ethtool_may_batch(nd->policy))
		return -EOPNOTSUPP;
	err = netcoal_ec_find(nd, NETCOAL_ALL_QUEUES, knobs);
	if (err)
		return err;
	if (knobs->baseline.rx_max_coalesced_frames)
		return -EOPNOTSUPP;
	asked = knobs->baseline;
	asked.rx_max_coalesced_frames = NETCOAL_BATCH_FRAMES;
	ec = asked;
	err = netcoal_ec_set(nd->netdev, NETCOAL_ALL_QUEUES, &ec) ?:
	      netcoal_ec_get(nd->netdev, NETCOAL_ALL_QUEUES, &ec);
	if (ec.rx_max_coalesced_frames != NETCOAL_BATCH_FRAMES)
		err = err ?: -EOPNOTSUPP;
	err = netcoal_ec_undo(nd, NETCOAL_ALL_QUEUES, knobs, &asked) ?: err;
	nd->rx.usable = !err;
	nd->rx.frames = !err;
	return err;
}

static bool netcoal_has_tx_napis(const struct netcoal_device *nd)
{
	unsigned int i;

	for (i = 0; i < nd->nr_queues; i++)
		if (nd->queues[i]->tx_only)
			return true;
	return false;
}

static int netcoal_ethtool_prove(struct netcoal_device *nd)
{
	const struct ethtool_ops *ops = nd->netdev->ethtool_ops;
	int err;

	if (!nd->nr_queues)
		return netcoal_ethtool_prove_batches(nd);
	/* One setting for all could not be put back where queues have their own. */
	if (!ops || !ops->get_coalesce || !ops->set_coalesce ||
	    netcoal_quirk(nd->netdev)->unfit ||
	    netcoal_queues_unlike(nd, NETCOAL_DIR_RX | NETCOAL_DIR_TX))
		return -EOPNOTSUPP;
	netcoal_ec_abilities(nd);
	err = netcoal_ec_prove(nd, NETCOAL_ALL_QUEUES, &nd->ethtool.knobs);
	/* Where vectors serve both directions, drivers have rx-usecs only, or refuse tx-usecs. */
	if (!err && !nd->tx.usable && !netcoal_has_tx_napis(nd))
		nd->tx = (struct netcoal_ability){ .rides = true, .step_ns = nd->rx.step_ns };
	return err;
}

static int netcoal_ethtool_take(struct netcoal_device *nd)
{
	struct netcoal_knobs *knobs = &nd->ethtool.knobs;

	nd->rxqs = nd->netdev->real_num_rx_queues;
	knobs->unsure = netcoal_ec_adapts(nd, &knobs->last) ? nd->nr_queues : 0;
	return netcoal_ec_take(nd, NETCOAL_ALL_QUEUES, knobs);
}

static unsigned int netcoal_count_unrun(struct netcoal_device *nd)
{
	unsigned int i, unrun = 0;

	for (i = 0; i < nd->nr_queues; i++)
		unrun += !netcoal_ec_has_run(nd->queues[i]);
	return unrun;
}

static int netcoal_ethtool_apply(struct netcoal_device *nd)
{
	struct netcoal_knobs *knobs = &nd->ethtool.knobs;
	unsigned int i, unsure = knobs->unsure;
	u32 holdoff_ns;
	int changed;

	if (unsure)
		unsure = min(unsure, netcoal_count_unrun(nd));
	changed = netcoal_ec_apply(nd, NETCOAL_ALL_QUEUES, knobs, &nd->want_rx);
	if (!changed && unsure < knobs->unsure)
		changed = netcoal_ec_set_again(nd, NETCOAL_ALL_QUEUES, knobs, &nd->want_rx);
	if (changed <= 0)
		return changed;
	knobs->unsure = unsure;
	holdoff_ns = netcoal_ec_rx_holdoff(nd, &nd->want_rx);
	for (i = 0; i < nd->nr_queues; i++)
		netcoal_ec_applied(nd->queues[i], holdoff_ns, &knobs->last);
	return 0;
}

/*
 * Did somebody set one of the queues that were set as one? Queues that came meanwhile have
 * settings of their own, and where a driver can't be asked to set one, nobody should.
 */
static bool netcoal_ethtool_one_was_set(struct netcoal_device *nd)
{
	return nd->netdev->ethtool_ops->set_per_queue_coalesce &&
	       !netcoal_quirk(nd->netdev)->whole &&
	       nd->rxqs == nd->netdev->real_num_rx_queues &&
	       netcoal_queues_unlike(nd, netcoal_ec_dirs(nd));
}

/* As the setting of all, many drivers tell what the first queue has. */
static int netcoal_ethtool_check(struct netcoal_device *nd)
{
	int err = netcoal_ec_check(nd, NETCOAL_ALL_QUEUES, &nd->ethtool.knobs);

	return !err && netcoal_ethtool_one_was_set(nd) ? -NETCOAL_EADMIN : err;
}

static bool netcoal_ethtool_is_found(struct netcoal_device *nd)
{
	return netcoal_ec_is_found(nd, NETCOAL_ALL_QUEUES, &nd->ethtool.knobs);
}

/* What each queue has, to be freed; NULL if that can't be told. */
static struct ethtool_coalesce *netcoal_ethtool_look_at_each(struct netcoal_device *nd)
{
	struct ethtool_coalesce *each;
	unsigned int rxq;

	each = kcalloc(nd->rxqs, sizeof(*each), GFP_KERNEL);
	for (rxq = 0; each && rxq < nd->rxqs; rxq++) {
		if (!netcoal_ec_get(nd->netdev, rxq, &each[rxq]))
			continue;
		kfree(each);
		return NULL;
	}
	return each;
}

/* A direction of a queue that is not as netcoal left it is somebody's. */
static void netcoal_ethtool_put_back_one(struct netcoal_device *nd, unsigned int rxq,
					 const struct ethtool_coalesce *had)
{
	const struct ethtool_coalesce *last = &nd->ethtool.knobs.last;
	struct ethtool_coalesce ec, now;

	if (netcoal_ec_get(nd->netdev, rxq, &now))
		return;
	ec = now;
	if (nd->rx.usable && !netcoal_ec_same_rx(had, last))
		netcoal_ec_copy_rx(&ec, had);
	if (nd->tx.usable && !netcoal_ec_same_tx(had, last))
		netcoal_ec_copy_tx(&ec, had);
	if (!netcoal_ec_same(&ec, &now))
		netcoal_ec_put_back(nd->netdev, rxq, &ec);
}

/*
 * What a driver tells as the setting of all may be that of the queue that was set, or one that it
 * keeps apart, for queues to come: so all get what was found first.
 */
static void netcoal_ethtool_restore_but(struct netcoal_device *nd,
					const struct ethtool_coalesce *each)
{
	struct netcoal_knobs *knobs = &nd->ethtool.knobs;
	struct ethtool_coalesce ec;
	unsigned int rxq;

	if (netcoal_ec_get(nd->netdev, NETCOAL_ALL_QUEUES, &ec))
		return;
	if (nd->rx.usable)
		netcoal_ec_copy_rx(&ec, &knobs->baseline);
	if (nd->tx.usable)
		netcoal_ec_copy_tx(&ec, &knobs->baseline);
	if (netcoal_ec_put_back(nd->netdev, NETCOAL_ALL_QUEUES, &ec))
		netcoal_owed_add(nd->netdev, NETCOAL_ALL_QUEUES, netcoal_ec_dirs(nd), knobs);
	for (rxq = 0; rxq < nd->rxqs; rxq++)
		netcoal_ethtool_put_back_one(nd, rxq, &each[rxq]);
}

static void netcoal_ethtool_restore(struct netcoal_device *nd)
{
	struct ethtool_coalesce *each = NULL;

	if (netcoal_ethtool_one_was_set(nd))
		each = netcoal_ethtool_look_at_each(nd);
	if (each)
		netcoal_ethtool_restore_but(nd, each);
	else
		netcoal_ec_let_go(nd, NETCOAL_ALL_QUEUES, &nd->ethtool.knobs);
	kfree(each);
}

const struct netcoal_actuator_ops netcoal_act_ethtool = {
	.id		= NETCOAL_ACTUATOR_ETHTOOL,
	.name		= "ethtool",
	.prove		= netcoal_ethtool_prove,
	.take		= netcoal_ethtool_take,
	.apply		= netcoal_ethtool_apply,
	.check		= netcoal_ethtool_check,
	.is_found	= netcoal_ethtool_is_found,
	.restore	= netcoal_ethtool_restore,
};
