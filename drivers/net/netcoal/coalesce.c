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
#include "device.h"

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
 * @nd: the device
 * @rxq: a queue, or NETCOAL_ALL_QUEUES
 * @ec: gets it; nd->ethtool.kernel gets what goes with that of all queues
 *
 * Return: 0 or a negative errno.
 */
int netcoal_ec_get(struct netcoal_device *nd, int rxq, struct ethtool_coalesce *ec)
{
	const struct ethtool_ops *ops = nd->netdev->ethtool_ops;
	int err;

	memset(ec, 0, sizeof(*ec));
	err = netcoal_ec_begin(nd->netdev);
	if (err)
		return err;
	if (rxq >= 0) {
		err = ops->get_per_queue_coalesce(nd->netdev, rxq, ec);
	} else {
		memset(&nd->ethtool.kernel, 0, sizeof(nd->ethtool.kernel));
		err = ops->get_coalesce(nd->netdev, ec, &nd->ethtool.kernel, NULL);
	}
	netcoal_ec_end(nd->netdev);
	return err;
}

/**
 * netcoal_ec_set() - set it; nd->ethtool.kernel goes back as it came
 * @nd: the device
 * @rxq: a queue, or NETCOAL_ALL_QUEUES
 * @ec: what to set; drivers may write to it
 *
 * Return: 0 or a negative errno.
 */
int netcoal_ec_set(struct netcoal_device *nd, int rxq, struct ethtool_coalesce *ec)
{
	const struct ethtool_ops *ops = nd->netdev->ethtool_ops;
	int err;

	err = netcoal_ec_begin(nd->netdev);
	if (err)
		return err;
	if (rxq >= 0)
		err = ops->set_per_queue_coalesce(nd->netdev, rxq, ec);
	else
		err = ops->set_coalesce(nd->netdev, ec, &nd->ethtool.kernel, NULL);
	netcoal_ec_end(nd->netdev);
	return err;
}

/**
 * netcoal_ec_put_back() - set what was found, adaptive mode included
 * @nd: the device
 * @rxq: a queue, or NETCOAL_ALL_QUEUES
 * @base: what was found
 *
 * Some drivers (ice, i40e, iavf, idpf, virtio-net) refuse a request that changes a
 * time and has the adaptive mode on: so times come first, with the mode off. Others
 * reset times with the mode: so they come once more with it.
 *
 * Return: 0 if that is what reads back; -NETCOAL_EMISMATCH or the driver's error.
 */
int netcoal_ec_put_back(struct netcoal_device *nd, int rxq,
			const struct ethtool_coalesce *base)
{
	struct ethtool_coalesce ec = *base;
	int err, i;

	ec.use_adaptive_rx_coalesce = 0;
	ec.use_adaptive_tx_coalesce = 0;
	err = netcoal_ec_set(nd, rxq, &ec);
	for (i = 0; i < 2; i++) {
		ec = *base;
		err = netcoal_ec_set(nd, rxq, &ec);
	}
	err = err ?: netcoal_ec_get(nd, rxq, &ec);
	if (err)
		return err;
	return netcoal_ec_same(&ec, base) ? 0 : -NETCOAL_EMISMATCH;
}

static void netcoal_ec_copy_rx(struct ethtool_coalesce *to,
			       const struct ethtool_coalesce *from)
{
	to->rx_coalesce_usecs = from->rx_coalesce_usecs;
	to->rx_max_coalesced_frames = from->rx_max_coalesced_frames;
	to->use_adaptive_rx_coalesce = from->use_adaptive_rx_coalesce;
}

static void netcoal_ec_copy_tx(struct ethtool_coalesce *to,
			       const struct ethtool_coalesce *from)
{
	to->tx_coalesce_usecs = from->tx_coalesce_usecs;
	to->tx_max_coalesced_frames = from->tx_max_coalesced_frames;
	to->use_adaptive_tx_coalesce = from->use_adaptive_tx_coalesce;
}

/**
 * netcoal_ec_restore() - put back what was found where it is still ours
 * @nd: the device
 * @rxq: a queue, or NETCOAL_ALL_QUEUES
 * @dirs: directions that were governed
 * @base: what was found
 * @last: what was set last
 *
 * What somebody else changed stays, and with it all of its direction.
 *
 * Return: 0; or what netcoal_ec_put_back() returns.
 */
int netcoal_ec_restore(struct netcoal_device *nd, int rxq, unsigned int dirs,
		       const struct ethtool_coalesce *base,
		       const struct ethtool_coalesce *last)
{
	struct ethtool_coalesce now, ec;
	int err;

	err = netcoal_ec_get(nd, rxq, &now);
	if (err)
		return err;
	ec = now;
	if ((dirs & NETCOAL_DIR_RX) && netcoal_ec_same_rx(&now, last))
		netcoal_ec_copy_rx(&ec, base);
	if ((dirs & NETCOAL_DIR_TX) && netcoal_ec_same_tx(&now, last))
		netcoal_ec_copy_tx(&ec, base);
	return netcoal_ec_same(&ec, &now) ? 0 : netcoal_ec_put_back(nd, rxq, &ec);
}

/**
 * netcoal_ec_note_set() - after a setting failed: did the driver keep it all the same?
 * @nd: the device
 * @rxq: a queue, or NETCOAL_ALL_QUEUES
 * @asked: what failed
 * @last: what was set before; gets what of it there is, or it would pass for another's
 */
void netcoal_ec_note_set(struct netcoal_device *nd, int rxq,
			 const struct ethtool_coalesce *asked,
			 struct ethtool_coalesce *last)
{
	struct ethtool_coalesce now;

	if (netcoal_ec_get(nd, rxq, &now))
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
