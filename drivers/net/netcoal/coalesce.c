// SPDX-License-Identifier: GPL-2.0
/*
 * A driver's own coalescing: what it is asked and told, for all queues or one.
 *
 * Calls into the driver mirror net/ethtool/coalesce.c: rtnl, runtime PM, the
 * device present, ops->begin and ops->complete around.
 */
#include <linux/pm_runtime.h>
#include <linux/rtnetlink.h>

#include "actuator.h"
#include "coalesce.h"

/* A knob this far from what was asked for, and half of it, was not turned. */
#define NETCOAL_MISMATCH_US	32

/**
 * netcoal_ec_begin() - before a call into a driver's ethtool operations
 * @netdev: the device
 *
 * Called under rtnl.
 *
 * Return: 0, and then netcoal_ec_end() has to follow; -ENODEV while the driver has
 * the device detached, as in a reset; or the driver's error.
 */
int netcoal_ec_begin(struct net_device *netdev)
{
	struct device *parent = netdev->dev.parent;
	int err;

	ASSERT_RTNL();
	if (parent)
		pm_runtime_get_sync(parent);
	err = -ENODEV;
	if (netif_device_present(netdev) &&
	    netdev->reg_state < NETREG_UNREGISTERING) {
		err = 0;
		if (netdev->ethtool_ops->begin)
			err = netdev->ethtool_ops->begin(netdev);
	}
	if (err && parent)
		pm_runtime_put(parent);
	return err;
}

/**
 * netcoal_ec_end() - after it
 * @netdev: the device
 */
void netcoal_ec_end(struct net_device *netdev)
{
	if (netdev->ethtool_ops->complete)
		netdev->ethtool_ops->complete(netdev);
	if (netdev->dev.parent)
		pm_runtime_put(netdev->dev.parent);
}

/**
 * netcoal_ec_get() - what is set
 * @netdev: the device
 * @rxq: a queue, or NETCOAL_ALL_QUEUES
 * @ec: gets it
 *
 * Return: 0 or a negative errno.
 */
int netcoal_ec_get(struct net_device *netdev, int rxq, struct ethtool_coalesce *ec)
{
	const struct ethtool_ops *ops = netdev->ethtool_ops;
	struct kernel_ethtool_coalesce kernel = {};
	int err;

	memset(ec, 0, sizeof(*ec));
	err = netcoal_ec_begin(netdev);
	if (err)
		return err;
	if (rxq >= 0)
		err = ops->get_per_queue_coalesce(netdev, rxq, ec);
	else
		err = ops->get_coalesce(netdev, ec, &kernel, NULL);
	netcoal_ec_end(netdev);
	return err;
}

/* What goes with the setting of all queues is never netcoal's, and stays as it is. */
static int netcoal_ec_set_all(struct net_device *netdev, struct ethtool_coalesce *ec)
{
	const struct ethtool_ops *ops = netdev->ethtool_ops;
	struct kernel_ethtool_coalesce kernel = {};
	struct ethtool_coalesce now = {};
	int err;

	err = ops->get_coalesce(netdev, &now, &kernel, NULL);
	return err ?: ops->set_coalesce(netdev, ec, &kernel, NULL);
}

/**
 * netcoal_ec_set() - set it
 * @netdev: the device
 * @rxq: a queue, or NETCOAL_ALL_QUEUES
 * @ec: what to set; drivers may write to it
 *
 * Return: 0 or a negative errno.
 */
int netcoal_ec_set(struct net_device *netdev, int rxq, struct ethtool_coalesce *ec)
{
	int err;

	err = netcoal_ec_begin(netdev);
	if (err)
		return err;
	if (rxq >= 0)
		err = netdev->ethtool_ops->set_per_queue_coalesce(netdev, rxq, ec);
	else
		err = netcoal_ec_set_all(netdev, ec);
	netcoal_ec_end(netdev);
	return err;
}

/**
 * netcoal_ec_copy_rx() - what is said of receive
 * @to: gets it
 * @from: has it
 */
void netcoal_ec_copy_rx(struct ethtool_coalesce *to,
			const struct ethtool_coalesce *from)
{
	to->rx_coalesce_usecs = from->rx_coalesce_usecs;
	to->rx_max_coalesced_frames = from->rx_max_coalesced_frames;
	to->use_adaptive_rx_coalesce = from->use_adaptive_rx_coalesce;
}

/**
 * netcoal_ec_copy_tx() - what is said of transmit
 * @to: gets it
 * @from: has it
 */
void netcoal_ec_copy_tx(struct ethtool_coalesce *to,
			const struct ethtool_coalesce *from)
{
	to->tx_coalesce_usecs = from->tx_coalesce_usecs;
	to->tx_max_coalesced_frames = from->tx_max_coalesced_frames;
	to->use_adaptive_tx_coalesce = from->use_adaptive_tx_coalesce;
}

/**
 * netcoal_ec_alike() - is all the same but for what a driver chooses by itself?
 * @a: a setting
 * @b: another one
 *
 * Return: true if so.
 */
bool netcoal_ec_alike(const struct ethtool_coalesce *a, const struct ethtool_coalesce *b)
{
	struct ethtool_coalesce as_b = *a;

	if (!netcoal_ec_alike_rx(a, b) || !netcoal_ec_alike_tx(a, b))
		return false;
	netcoal_ec_copy_rx(&as_b, b);
	netcoal_ec_copy_tx(&as_b, b);
	return netcoal_ec_same(&as_b, b);
}

static struct ethtool_coalesce netcoal_ec_mode_off(const struct ethtool_coalesce *ec)
{
	struct ethtool_coalesce off = *ec;

	off.use_adaptive_rx_coalesce = 0;
	off.use_adaptive_tx_coalesce = 0;
	return off;
}

/* Twice, as ethtool does where the mode and a value change: some reset one with the other. */
static int netcoal_ec_set_whole(struct net_device *netdev, int rxq,
				const struct ethtool_coalesce *whole,
				struct ethtool_coalesce *got)
{
	*got = *whole;
	netcoal_ec_set(netdev, rxq, got);
	*got = *whole;
	return netcoal_ec_set(netdev, rxq, got) ?: netcoal_ec_get(netdev, rxq, got);
}

/**
 * netcoal_ec_put_back() - set what was found, adaptive mode included
 * @netdev: the device
 * @rxq: a queue, or NETCOAL_ALL_QUEUES
 * @base: what was found
 *
 * Some drivers (ice, i40e, iavf, idpf, virtio-net) refuse a request that changes a
 * time and has the adaptive mode on, and ionic one whose transmit time is not the
 * receive time that it has. Where it can't be done at once, the receive time comes
 * first, with the mode off, then the other, then the mode.
 *
 * Return: 0 if that is what reads back, but for what the mode may have chosen since;
 * -NETCOAL_EMISMATCH or the driver's error.
 */
int netcoal_ec_put_back(struct net_device *netdev, int rxq,
			const struct ethtool_coalesce *base)
{
	struct ethtool_coalesce before, now, part;
	int err;

	err = netcoal_ec_get(netdev, rxq, &before);
	if (err)
		return err;
	err = netcoal_ec_set_whole(netdev, rxq, base, &now);
	if (!err && netcoal_ec_same(&now, base))
		return 0;
	if (err)
		err = netcoal_ec_get(netdev, rxq, &now);
	if (err)
		return err;
	/* A direction that is as it was, or adapts as it did, may be another's: its mode stays. */
	if (!netcoal_ec_same_rx(&now, base) &&
	    !(before.use_adaptive_rx_coalesce && netcoal_ec_alike_rx(&now, base))) {
		netcoal_ec_copy_rx(&now, base);
		now.use_adaptive_rx_coalesce = 0;
		part = now;
		netcoal_ec_set(netdev, rxq, &part);
	}
	if (!netcoal_ec_same_tx(&now, base) &&
	    !(before.use_adaptive_tx_coalesce && netcoal_ec_alike_tx(&now, base))) {
		netcoal_ec_copy_tx(&now, base);
		now.use_adaptive_tx_coalesce = 0;
		part = now;
		netcoal_ec_set(netdev, rxq, &part);
	}
	err = netcoal_ec_set_whole(netdev, rxq, base, &now);
	if (err)
		return err;
	return netcoal_ec_alike(&now, base) ? 0 : -NETCOAL_EMISMATCH;
}

/**
 * netcoal_ec_ignored() - did a driver not do what it was asked?
 * @asked_us: the time it was asked for
 * @got_us: what reads back
 *
 * Devices round, and floor; a knob that is nowhere near was never turned.
 *
 * Return: true if so.
 */
bool netcoal_ec_ignored(u32 asked_us, u32 got_us)
{
	u32 most = max(asked_us, got_us), least = min(asked_us, got_us);

	return most - least > most / 2 + NETCOAL_MISMATCH_US;
}

static bool netcoal_ec_near(u32 asked_us, u32 asked_frames, u32 got_us, u32 got_frames)
{
	return !netcoal_ec_ignored(asked_us, got_us) &&
	       max(asked_frames, got_frames) / 2 <= min(asked_frames, got_frames);
}

/**
 * netcoal_ec_learn() - what a driver made of a request that it could not tell of then
 * @knobs: what was found and set; what was set last becomes what reads back, if it is near
 * @now: what reads back now
 *
 * What a driver rounded would pass for another's.
 */
void netcoal_ec_learn(struct netcoal_knobs *knobs, const struct ethtool_coalesce *now)
{
	struct ethtool_coalesce *last = &knobs->last;

	if (!knobs->unread)
		return;
	knobs->unread = false;
	if (last->use_adaptive_rx_coalesce == now->use_adaptive_rx_coalesce &&
	    netcoal_ec_near(last->rx_coalesce_usecs, last->rx_max_coalesced_frames,
			    now->rx_coalesce_usecs, now->rx_max_coalesced_frames))
		netcoal_ec_copy_rx(last, now);
	if (last->use_adaptive_tx_coalesce == now->use_adaptive_tx_coalesce &&
	    netcoal_ec_near(last->tx_coalesce_usecs, last->tx_max_coalesced_frames,
			    now->tx_coalesce_usecs, now->tx_max_coalesced_frames))
		netcoal_ec_copy_tx(last, now);
}

/**
 * netcoal_ec_restore() - put back what was found where it is still ours
 * @netdev: the device
 * @rxq: a queue, or NETCOAL_ALL_QUEUES
 * @dirs: directions that were governed
 * @knobs: what was found, and what was set last
 * @again: the driver did not take it back before, or only a part of it
 *
 * What somebody else changed stays, and with it all of its direction.
 *
 * Return: 0; or what netcoal_ec_put_back() returns.
 */
int netcoal_ec_restore(struct net_device *netdev, int rxq, unsigned int dirs,
		       struct netcoal_knobs *knobs, bool again)
{
	struct ethtool_coalesce part = netcoal_ec_mode_off(&knobs->baseline);
	struct ethtool_coalesce now, ec;
	int err;

	err = netcoal_ec_get(netdev, rxq, &now);
	if (err)
		return err;
	netcoal_ec_learn(knobs, &now);
	ec = now;
	if ((dirs & NETCOAL_DIR_RX) && (netcoal_ec_same_rx(&now, &knobs->last) ||
					(again && netcoal_ec_same_rx(&now, &part))))
		netcoal_ec_copy_rx(&ec, &knobs->baseline);
	if ((dirs & NETCOAL_DIR_TX) && (netcoal_ec_same_tx(&now, &knobs->last) ||
					(again && netcoal_ec_same_tx(&now, &part))))
		netcoal_ec_copy_tx(&ec, &knobs->baseline);
	return netcoal_ec_same(&ec, &now) ? 0 : netcoal_ec_put_back(netdev, rxq, &ec);
}

/**
 * netcoal_ec_note_set() - after a setting failed: did the driver keep it all the same?
 * @netdev: the device
 * @rxq: a queue, or NETCOAL_ALL_QUEUES
 * @asked: what failed
 * @last: what was set before; gets what of it there is, or it would pass for another's
 */
void netcoal_ec_note_set(struct net_device *netdev, int rxq,
			 const struct ethtool_coalesce *asked,
			 struct ethtool_coalesce *last)
{
	struct ethtool_coalesce now;

	if (netcoal_ec_get(netdev, rxq, &now))
		return;
	if (netcoal_ec_same_rx(&now, asked))
		netcoal_ec_copy_rx(last, &now);
	if (netcoal_ec_same_tx(&now, asked))
		netcoal_ec_copy_tx(last, &now);
}

/**
 * netcoal_ec_tx_ring() - slots of a device's transmit rings
 * @netdev: the device
 *
 * Return: how many, 0 if the driver does not say.
 */
u32 netcoal_ec_tx_ring(struct net_device *netdev)
{
	struct kernel_ethtool_ringparam kernel_ring = {};
	struct ethtool_ringparam ring = {};

	if (!netdev->ethtool_ops || !netdev->ethtool_ops->get_ringparam ||
	    netcoal_ec_begin(netdev))
		return 0;
	netdev->ethtool_ops->get_ringparam(netdev, &ring, &kernel_ring, NULL);
	netcoal_ec_end(netdev);
	return ring.tx_pending;
}
