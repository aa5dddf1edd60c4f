// SPDX-License-Identifier: GPL-2.0
/*
 * What ethtool says of nctest, and how it misbehaves.
 *
 * The files in /sys/class/net/DEV/nctest/ make the driver misbehave:
 *
 *    quantise      usecs are rounded down to a multiple, as ENA does
 *    floor         usecs under this become this, as in QEMU's e1000e
 *    ceiling       usecs over this become this
 *    fail_errno    setting fails with this error number ...
 *    fail_after    ... once this many more calls have worked
 *    lie           setting succeeds and changes nothing
 *    vanish        get and set fail with EOPNOTSUPP
 *    no_queue_ops  the per-queue get and set fail with EOPNOTSUPP
 *    slow_ms       setting takes this long
 *    fussy         usecs that change while adaptive is on fail with EINVAL,
 *                  as in ice
 *    follows       tx-usecs is rx-usecs, and asking for another fails with EINVAL,
 *                  as in igc
 *    frames_most   more frames than this fail with EINVAL, as in fec and hns3
 *    busy_gets     so many gets after the next setting fail with EBUSY, as in a reset
 *    chooses       while adaptive is on, get tells what it has chosen: each time other
 *                  usecs, as mlx5 does
 *    keeps_queues  queues that ethtool -L switches off stay as they are, as in virtio-net;
 *                  else all NAPIs are made anew, and no get or set of one queue works where
 *                  it is off
 *    takes_irq     rx-usecs-irq is rx-usecs, and taken for that if that is as it was, as in sfc
 *    packet_us     polling a received packet takes so much longer, at most 100
 *    resets        each setting takes the link down and up (1), as bnx2 and gianfar do, or makes
 *                  all NAPIs anew, in the other order (2), as mlx5 does for another mode
 */
#include <linux/delay.h>
#include <linux/ethtool.h>
#include <linux/netdevice.h>

#include "nctest.h"

static void nctest_get(struct nctest *nct, struct nctest_queue *q,
		       struct ethtool_coalesce *ec)
{
	struct nctest_ring *rx = &q->ring[NCTEST_RX], *tx = &q->ring[NCTEST_TX];

	ec->rx_coalesce_usecs_irq = nct->knob[NCTEST_TAKES_IRQ] ? rx->moder.usecs :
								  nct->usecs_irq;
	ec->rx_coalesce_usecs = rx->moder.usecs;
	ec->rx_max_coalesced_frames = rx->moder.frames;
	ec->use_adaptive_rx_coalesce = rx->adaptive;
	ec->tx_coalesce_usecs = tx->moder.usecs;
	ec->tx_max_coalesced_frames = tx->moder.frames;
	ec->use_adaptive_tx_coalesce = tx->adaptive;
	if (!nct->knob[NCTEST_CHOOSES])
		return;
	nct->looks++;
	if (rx->adaptive)
		ec->rx_coalesce_usecs = nct->looks % 64;
	if (tx->adaptive)
		ec->tx_coalesce_usecs = nct->looks % 64;
}

static void nctest_set_ring(struct nctest *nct, struct nctest_ring *ring,
			    u32 usecs, u32 frames, bool adaptive)
{
	const u32 *knob = nct->knob;

	usecs = max(usecs, knob[NCTEST_FLOOR]);
	if (knob[NCTEST_CEILING])
		usecs = min(usecs, knob[NCTEST_CEILING]);
	if (knob[NCTEST_QUANTISE])
		usecs = rounddown(usecs, knob[NCTEST_QUANTISE]);

	spin_lock_irq(&ring->q->lock);
	ring->moder.usecs = usecs;
	ring->moder.frames = frames;
	ring->adaptive = adaptive;
	spin_unlock_irq(&ring->q->lock);
}

static void nctest_set(struct nctest *nct, struct nctest_queue *q,
		       const struct ethtool_coalesce *ec)
{
	u32 usecs = ec->rx_coalesce_usecs;

	nct->usecs_irq = ec->rx_coalesce_usecs_irq;
	if (nct->knob[NCTEST_TAKES_IRQ] && usecs == q->ring[NCTEST_RX].moder.usecs)
		usecs = ec->rx_coalesce_usecs_irq;
	nctest_set_ring(nct, &q->ring[NCTEST_RX], usecs,
			ec->rx_max_coalesced_frames, ec->use_adaptive_rx_coalesce);
	nctest_set_ring(nct, &q->ring[NCTEST_TX],
			nct->knob[NCTEST_FOLLOWS] ? ec->rx_coalesce_usecs : ec->tx_coalesce_usecs,
			ec->tx_max_coalesced_frames, ec->use_adaptive_tx_coalesce);
}

static bool nctest_fussy(const struct nctest_queue *q, const struct ethtool_coalesce *ec)
{
	return (ec->use_adaptive_rx_coalesce &&
		ec->rx_coalesce_usecs != q->ring[NCTEST_RX].moder.usecs) ||
	       (ec->use_adaptive_tx_coalesce &&
		ec->tx_coalesce_usecs != q->ring[NCTEST_TX].moder.usecs);
}

/* Returns 0 if the setting may go ahead, 1 to pretend it did, or an error. */
static int nctest_may_set(struct nctest *nct, const struct nctest_queue *q,
			  const struct ethtool_coalesce *ec)
{
	u32 *knob = nct->knob, frames;

	nct->set_calls++;
	if (knob[NCTEST_SLOW_MS])
		msleep(knob[NCTEST_SLOW_MS]);
	if (knob[NCTEST_VANISH])
		return -EOPNOTSUPP;
	if (knob[NCTEST_FAIL_ERRNO]) {
		if (!knob[NCTEST_FAIL_AFTER])
			return -(int)knob[NCTEST_FAIL_ERRNO];
		knob[NCTEST_FAIL_AFTER]--;
	}
	if (ec->rx_coalesce_usecs > NCTEST_USECS_MAX || ec->tx_coalesce_usecs > NCTEST_USECS_MAX)
		return -EINVAL;
	frames = max(ec->rx_max_coalesced_frames, ec->tx_max_coalesced_frames);
	if (knob[NCTEST_FRAMES_MOST] && frames > knob[NCTEST_FRAMES_MOST])
		return -EINVAL;
	if (knob[NCTEST_FOLLOWS] && ec->tx_coalesce_usecs != q->ring[NCTEST_TX].moder.usecs)
		return -EINVAL;
	if (knob[NCTEST_FUSSY] && nctest_fussy(q, ec))
		return -EINVAL;
	nct->busy = knob[NCTEST_BUSY_GETS];
	return knob[NCTEST_LIE] ? 1 : 0;
}

static int nctest_may_get(struct nctest *nct)
{
	u32 *knob = nct->knob;

	if (knob[NCTEST_VANISH])
		return -EOPNOTSUPP;
	if (!nct->busy || !knob[NCTEST_BUSY_GETS])
		return 0;
	nct->busy = --knob[NCTEST_BUSY_GETS];
	return -EBUSY;
}

static void nctest_reset(struct net_device *dev)
{
	struct nctest *nct = netdev_priv(dev);
	bool up = netif_carrier_ok(dev);

	if (nct->knob[NCTEST_RESETS] == 1 && up) {
		netif_carrier_off(dev);
		netif_carrier_on(dev);
	} else if (nct->knob[NCTEST_RESETS] == 2) {
		nct->backwards = !nct->backwards;
		nctest_renew(dev, dev->real_num_rx_queues);
	}
}

static int nctest_get_coalesce(struct net_device *dev, struct ethtool_coalesce *ec,
			       struct kernel_ethtool_coalesce *kec,
			       struct netlink_ext_ack *extack)
{
	struct nctest *nct = netdev_priv(dev);
	int err = nctest_may_get(nct);

	if (!err)
		nctest_get(nct, &nct->queue[0], ec);
	return err;
}

static int nctest_set_coalesce(struct net_device *dev, struct ethtool_coalesce *ec,
			       struct kernel_ethtool_coalesce *kec,
			       struct netlink_ext_ack *extack)
{
	struct nctest *nct = netdev_priv(dev);
	int err = nctest_may_set(nct, &nct->queue[0], ec);
	unsigned int i;

	for (i = 0; !err && i < dev->num_rx_queues; i++)
		nctest_set(nct, &nct->queue[i], ec);
	nctest_reset(dev);
	return min(err, 0);
}

static int nctest_may_ask(const struct nctest *nct, u32 index)
{
	if (index >= nct->napis)
		return -EINVAL;
	return nct->knob[NCTEST_NO_QUEUE_OPS] ? -EOPNOTSUPP : 0;
}

static int nctest_get_queue_coalesce(struct net_device *dev, u32 index,
				     struct ethtool_coalesce *ec)
{
	struct nctest *nct = netdev_priv(dev);
	int err = nctest_may_ask(nct, index) ?: nctest_may_get(nct);

	if (!err)
		nctest_get(nct, &nct->queue[index], ec);
	return err;
}

static int nctest_set_queue_coalesce(struct net_device *dev, u32 index,
				     struct ethtool_coalesce *ec)
{
	struct nctest *nct = netdev_priv(dev);
	int err = nctest_may_ask(nct, index) ?: nctest_may_set(nct, &nct->queue[index], ec);

	if (!err)
		nctest_set(nct, &nct->queue[index], ec);
	nctest_reset(dev);
	return min(err, 0);
}

static void nctest_get_channels(struct net_device *dev, struct ethtool_channels *ch)
{
	ch->max_combined = dev->num_rx_queues;
	ch->combined_count = dev->real_num_rx_queues;
}

static int nctest_set_channels(struct net_device *dev, struct ethtool_channels *ch)
{
	struct nctest *nct = netdev_priv(dev);
	unsigned int n = ch->combined_count;

	if (nct->knob[NCTEST_KEEPS_QUEUES])
		return netif_set_real_num_queues(dev, n, n);
	return nctest_renew(dev, n);
}

static const char nctest_stat_names[][ETH_GSTRING_LEN] = {
	"rx%u_packets", "rx%u_irqs", "tx%u_packets", "tx%u_irqs",
};

static int nctest_get_sset_count(struct net_device *dev, int set)
{
	if (set != ETH_SS_STATS)
		return -EOPNOTSUPP;
	return dev->num_rx_queues * ARRAY_SIZE(nctest_stat_names) + 1;
}

static void nctest_get_strings(struct net_device *dev, u32 set, u8 *data)
{
	unsigned int i, n;

	for (i = 0; i < dev->num_rx_queues; i++)
		for (n = 0; n < ARRAY_SIZE(nctest_stat_names); n++)
			ethtool_sprintf(&data, nctest_stat_names[n], i);
	ethtool_sprintf(&data, "%s", "set_calls");
}

static void nctest_get_stats(struct net_device *dev, struct ethtool_stats *stats, u64 *data)
{
	struct nctest *nct = netdev_priv(dev);
	unsigned int i;

	for (i = 0; i < dev->num_rx_queues; i++) {
		struct nctest_queue *q = &nct->queue[i];

		spin_lock_irq(&q->lock);
		*data++ = q->ring[NCTEST_RX].packets;
		*data++ = q->ring[NCTEST_RX].irqs;
		*data++ = q->ring[NCTEST_TX].packets;
		*data++ = q->ring[NCTEST_TX].irqs;
		spin_unlock_irq(&q->lock);
	}
	*data = nct->set_calls;
}

/* Rings are as long as they are; what is told of the one for transmit is a knob. */
static void nctest_get_ringparam(struct net_device *dev, struct ethtool_ringparam *ring,
				 struct kernel_ethtool_ringparam *kernel_ring,
				 struct netlink_ext_ack *extack)
{
	const struct nctest *nct = netdev_priv(dev);

	ring->tx_pending = nct->knob[NCTEST_TX_SLOTS];
}

#define NCTEST_ETHTOOL_OPS						\
	.get_coalesce		= nctest_get_coalesce,			\
	.set_coalesce		= nctest_set_coalesce,			\
	.get_per_queue_coalesce	= nctest_get_queue_coalesce,		\
	.set_per_queue_coalesce	= nctest_set_queue_coalesce,		\
	.get_ringparam		= nctest_get_ringparam,			\
	.get_channels		= nctest_get_channels,			\
	.set_channels		= nctest_set_channels,			\
	.get_link		= ethtool_op_get_link,			\
	.get_sset_count		= nctest_get_sset_count,		\
	.get_strings		= nctest_get_strings,			\
	.get_ethtool_stats	= nctest_get_stats

const struct ethtool_ops nctest_one_knob_ethtool_ops = {
	.supported_coalesce_params = ETHTOOL_COALESCE_RX_USECS |
				     ETHTOOL_COALESCE_RX_MAX_FRAMES,
	NCTEST_ETHTOOL_OPS,
};

const struct ethtool_ops nctest_ethtool_ops = {
	.supported_coalesce_params = ETHTOOL_COALESCE_USECS | ETHTOOL_COALESCE_MAX_FRAMES |
				     ETHTOOL_COALESCE_USE_ADAPTIVE |
				     ETHTOOL_COALESCE_RX_USECS_IRQ,
	NCTEST_ETHTOOL_OPS,
};

/* One knob's file; container_of() leads from the attribute to its place. */
struct nctest_knob_attr {
	struct device_attribute attr;
	enum nctest_knob knob;
};

static u32 *nctest_knob(struct device *dev, struct device_attribute *attr)
{
	struct nctest *nct = netdev_priv(to_net_dev(dev));

	return &nct->knob[container_of(attr, struct nctest_knob_attr, attr)->knob];
}

static ssize_t nctest_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", READ_ONCE(*nctest_knob(dev, attr)));
}

static ssize_t nctest_store(struct device *dev, struct device_attribute *attr,
			    const char *buf, size_t len)
{
	u32 value;
	int err = kstrtou32(buf, 0, &value);

	if (err)
		return err;
	if (value > NCTEST_USECS_MAX)
		return -ERANGE;
	WRITE_ONCE(*nctest_knob(dev, attr), value);
	return len;
}

static struct nctest_knob_attr nctest_knob_attrs[NCTEST_KNOBS] = {
	{ __ATTR(quantise, 0644, nctest_show, nctest_store), NCTEST_QUANTISE },
	{ __ATTR(floor, 0644, nctest_show, nctest_store), NCTEST_FLOOR },
	{ __ATTR(ceiling, 0644, nctest_show, nctest_store), NCTEST_CEILING },
	{ __ATTR(fail_errno, 0644, nctest_show, nctest_store), NCTEST_FAIL_ERRNO },
	{ __ATTR(fail_after, 0644, nctest_show, nctest_store), NCTEST_FAIL_AFTER },
	{ __ATTR(lie, 0644, nctest_show, nctest_store), NCTEST_LIE },
	{ __ATTR(vanish, 0644, nctest_show, nctest_store), NCTEST_VANISH },
	{ __ATTR(no_queue_ops, 0644, nctest_show, nctest_store), NCTEST_NO_QUEUE_OPS },
	{ __ATTR(slow_ms, 0644, nctest_show, nctest_store), NCTEST_SLOW_MS },
	{ __ATTR(fussy, 0644, nctest_show, nctest_store), NCTEST_FUSSY },
	{ __ATTR(frames_most, 0644, nctest_show, nctest_store), NCTEST_FRAMES_MOST },
	{ __ATTR(follows, 0644, nctest_show, nctest_store), NCTEST_FOLLOWS },
	{ __ATTR(busy_gets, 0644, nctest_show, nctest_store), NCTEST_BUSY_GETS },
	{ __ATTR(chooses, 0644, nctest_show, nctest_store), NCTEST_CHOOSES },
	{ __ATTR(keeps_queues, 0644, nctest_show, nctest_store), NCTEST_KEEPS_QUEUES },
	{ __ATTR(takes_irq, 0644, nctest_show, nctest_store), NCTEST_TAKES_IRQ },
	{ __ATTR(resets, 0644, nctest_show, nctest_store), NCTEST_RESETS },
	{ __ATTR(tx_slots, 0644, nctest_show, nctest_store), NCTEST_TX_SLOTS },
	{ __ATTR(packet_us, 0644, nctest_show, nctest_store), NCTEST_PACKET_US },
};

static struct attribute *nctest_attrs[NCTEST_KNOBS + 1];

const struct attribute_group nctest_group = {
	.name = "nctest",
	.attrs = nctest_attrs,
};

/* Before any device is made: container_of() tells knobs from their attributes. */
void nctest_knobs_init(void)
{
	unsigned int i;

	for (i = 0; i < NCTEST_KNOBS; i++)
		nctest_attrs[i] = &nctest_knob_attrs[i].attr.attr;
}
