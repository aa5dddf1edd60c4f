// SPDX-License-Identifier: GPL-2.0
/*
 * nctest: a NIC with interrupt moderation, for testing netcoal.
 *
 * Every pair of netdevs is two NICs on one wire:
 *
 *    nct0 queue i                                  nct1 queue j
 *    ------------                                  ------------
 *    xmit --+------------- copy, hash -----------> rx ring -> moderation
 *           |                                                     | interrupt
 *           +-> tx ring -> moderation                             v
 *                              | interrupt           NAPI poll: gro_receive
 *                              v
 *                NAPI poll: free
 *
 * With split=1 a NAPI of its own polls the tx ring, as in virtio-net. With one_knob=1
 * there is no tx-usecs, and rx-usecs holds off the tx ring, too, as where one vector
 * serves both (e1000e, igb, ixgbe).
 *
 * Moderation is what hardware does.  An interrupt is raised usecs after the
 * first packet that waits in a ring, or as soon as frames wait, or at once
 * if usecs is 0; it masks itself, and the end of the poll unmasks it.  An
 * hrtimer stands for the NIC, so that every interrupt is a real one, taken in
 * hard interrupt context, and costs what an interrupt costs.
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
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/hrtimer.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <net/rtnetlink.h>

#define NCTEST_PAIRS_MAX	64
#define NCTEST_QUEUES_MAX	8
#define NCTEST_RING_SIZE	512
#define NCTEST_USECS_MAX	10000

static unsigned int pairs = 1;
module_param(pairs, uint, 0444);
MODULE_PARM_DESC(pairs, "Pairs of netdevs, 1 to 64");

static unsigned int queues = 1;
module_param(queues, uint, 0444);
MODULE_PARM_DESC(queues, "Queues of each netdev, 1 to 8");

static int node = NUMA_NO_NODE;
module_param(node, int, 0444);
MODULE_PARM_DESC(node, "NUMA node that netdevs pretend to be on, -1 for none");

static bool split;
module_param(split, bool, 0444);
MODULE_PARM_DESC(split, "Transmit rings have NAPIs of their own");

static bool one_knob;
module_param(one_knob, bool, 0444);
MODULE_PARM_DESC(one_knob, "Transmit rings have the moderation of receive rings");

static unsigned int irq;
module_param(irq, uint, 0444);
MODULE_PARM_DESC(irq, "Interrupt that queues pretend to have, 0 for none");

enum nctest_dir { NCTEST_RX, NCTEST_TX, NCTEST_DIRS };

/**
 * struct nctest_moder - one setting of interrupt moderation
 * @usecs: longest that the first packet waits, in µs, 0 for not at all
 * @frames: packets that end the wait early, 0 for no limit
 */
struct nctest_moder {
	u32 usecs;
	u32 frames;
};

static const struct nctest_moder nctest_defaults[NCTEST_DIRS] = {
	[NCTEST_RX] = { .usecs = 30, .frames = 64 },
	[NCTEST_TX] = { .usecs = 90, .frames = 48 },
};

/**
 * enum nctest_alarm - the moderation timer of a ring
 * @NCTEST_ALARM_OFF: nothing waits
 * @NCTEST_ALARM_SET: packets wait for usecs to pass
 * @NCTEST_ALARM_DUE: the interrupt is on its way
 */
enum nctest_alarm { NCTEST_ALARM_OFF, NCTEST_ALARM_SET, NCTEST_ALARM_DUE };

/**
 * struct nctest_ring - one direction of a queue, under the queue's lock
 * @q: the queue
 * @napi: polls the ring
 * @masked: an interrupt was taken, its poll has not ended
 * @skbs: packets received and not yet polled, or sent and not yet freed
 * @timer: raises the interrupt
 * @alarm: state of @timer
 * @moder: what ethtool asked for
 * @adaptive: waits only while @dense
 * @dense: the last poll found more than one packet
 * @irqs: interrupts raised
 * @packets: packets that went through
 * @bytes: their bytes
 * @dropped: packets that found the ring full
 */
struct nctest_ring {
	struct nctest_queue *q;
	struct napi_struct *napi;
	bool masked;
	struct sk_buff_head skbs;
	struct hrtimer timer;
	enum nctest_alarm alarm;
	struct nctest_moder moder;
	bool adaptive;
	bool dense;
	u64 irqs;
	u64 packets;
	u64 bytes;
	u64 dropped;
};

/**
 * struct nctest_queue - a receive and a transmit ring with one interrupt, or two
 * @napi: polls the receive ring, and the other if that has none of its own
 * @tx_napi: polls the transmit ring, if split
 * @lock: protects all that follows
 * @up: the device is up
 * @ring: the two directions
 */
struct nctest_queue {
	struct napi_struct napi;
	struct napi_struct tx_napi;
	spinlock_t lock; /* taken in hard interrupt context */
	bool up;
	struct nctest_ring ring[NCTEST_DIRS];
};

/* The knobs at the head of this file. */
enum nctest_knob {
	NCTEST_QUANTISE, NCTEST_FLOOR, NCTEST_CEILING, NCTEST_FAIL_ERRNO, NCTEST_FAIL_AFTER,
	NCTEST_LIE, NCTEST_VANISH, NCTEST_NO_QUEUE_OPS, NCTEST_SLOW_MS, NCTEST_FUSSY,
	NCTEST_FRAMES_MOST, NCTEST_FOLLOWS, NCTEST_BUSY_GETS, NCTEST_CHOOSES,
	NCTEST_KEEPS_QUEUES,
	NCTEST_KNOBS
};

/**
 * struct nctest - private data of a netdev
 * @peer: the other end of the wire; both ends go in one unregistration, which
 *	stops both before it frees either
 * @set_calls: calls of set_coalesce and set_per_queue_coalesce, under rtnl
 * @busy: was set with busy_gets, under rtnl
 * @usecs_irq: rx-usecs-irq, a setting that means nothing here, under rtnl
 * @looks: times that what adaptive has chosen was told, under rtnl
 * @napis: queues that have their NAPIs, under rtnl
 * @knob: how to misbehave, read and written without a lock
 * @queue: the queues
 */
struct nctest {
	struct net_device *peer;
	u32 set_calls;
	bool busy;
	u32 usecs_irq;
	u32 looks;
	unsigned int napis;
	u32 knob[NCTEST_KNOBS];
	struct nctest_queue queue[];
};

/* ---- interrupts ---------------------------------------------------------- */

/* Called with the queue's lock held, when packets may wait in @ring. */
static void nctest_moderate(struct nctest_ring *ring)
{
	u32 waiting = skb_queue_len(&ring->skbs);
	struct nctest_moder *moder = one_knob ? &ring->q->ring[NCTEST_RX].moder : &ring->moder;
	bool due = !moder->usecs || (moder->frames && waiting >= moder->frames) ||
		   (ring->adaptive && !ring->dense);
	enum nctest_alarm alarm = due ? NCTEST_ALARM_DUE : NCTEST_ALARM_SET;
	u64 delay_ns = due ? 0 : (u64)moder->usecs * NSEC_PER_USEC;

	if (!waiting || !ring->q->up || ring->masked || ring->alarm >= alarm)
		return;
	ring->alarm = alarm;
	hrtimer_start(&ring->timer, ns_to_ktime(delay_ns), HRTIMER_MODE_REL_PINNED);
}

/* Rings that one NAPI polls share their interrupt. Called with the queue's lock held. */
static void nctest_mask(struct nctest_queue *q, const struct napi_struct *napi, bool masked)
{
	enum nctest_dir dir;

	for (dir = 0; dir < NCTEST_DIRS; dir++) {
		if (q->ring[dir].napi != napi)
			continue;
		q->ring[dir].masked = masked;
		nctest_moderate(&q->ring[dir]);
	}
}

static enum hrtimer_restart nctest_interrupt(struct hrtimer *timer)
{
	struct nctest_ring *ring = container_of(timer, struct nctest_ring, timer);
	struct nctest_queue *q = ring->q;
	unsigned long flags;
	bool raise;

	spin_lock_irqsave(&q->lock, flags);
	raise = ring->alarm != NCTEST_ALARM_OFF && q->up && !ring->masked &&
		!skb_queue_empty(&ring->skbs);
	ring->alarm = NCTEST_ALARM_OFF;
	if (raise) {
		nctest_mask(q, ring->napi, true);
		ring->irqs++;
	}
	spin_unlock_irqrestore(&q->lock, flags);

	if (raise)
		napi_schedule(ring->napi);
	return HRTIMER_NORESTART;
}

static void nctest_unmask(struct nctest_queue *q, const struct napi_struct *napi)
{
	unsigned long flags;

	spin_lock_irqsave(&q->lock, flags);
	nctest_mask(q, napi, false);
	spin_unlock_irqrestore(&q->lock, flags);
}

/* ---- packets ------------------------------------------------------------- */

static void nctest_free_sent(struct nctest_queue *q, int budget)
{
	struct nctest_ring *ring = &q->ring[NCTEST_TX];
	u16 index = q - ((struct nctest *)netdev_priv(q->napi.dev))->queue;
	struct sk_buff_head sent;
	struct sk_buff *skb;
	unsigned long flags;

	__skb_queue_head_init(&sent);
	spin_lock_irqsave(&q->lock, flags);
	ring->dense = skb_queue_len(&ring->skbs) > 1;
	skb_queue_splice_init(&ring->skbs, &sent);
	if (q->up)
		netif_wake_subqueue(q->napi.dev, index);
	spin_unlock_irqrestore(&q->lock, flags);

	while ((skb = __skb_dequeue(&sent)))
		napi_consume_skb(skb, budget);
}

static int nctest_receive(struct nctest_queue *q, int budget)
{
	struct nctest_ring *ring = &q->ring[NCTEST_RX];
	struct sk_buff *skb;
	unsigned long flags;
	int work;

	for (work = 0; work < budget; work++) {
		spin_lock_irqsave(&q->lock, flags);
		skb = __skb_dequeue(&ring->skbs);
		if (!skb)
			ring->dense = work > 1;
		spin_unlock_irqrestore(&q->lock, flags);
		if (!skb)
			break;
		skb->protocol = eth_type_trans(skb, q->napi.dev);
		napi_gro_receive(&q->napi, skb);
	}
	return work;
}

static int nctest_poll(struct napi_struct *napi, int budget)
{
	struct nctest_queue *q = container_of(napi, struct nctest_queue, napi);
	int work;

	if (!split)
		nctest_free_sent(q, budget);
	work = nctest_receive(q, budget);
	if (work < budget && napi_complete_done(napi, work))
		nctest_unmask(q, napi);
	return work;
}

static int nctest_poll_tx(struct napi_struct *napi, int budget)
{
	struct nctest_queue *q = container_of(napi, struct nctest_queue, tx_napi);

	nctest_free_sent(q, budget);
	if (napi_complete_done(napi, 0))
		nctest_unmask(q, napi);
	return 0;
}

/* Returns false if the ring is full or the device down: the skb is not taken. */
static bool nctest_ring_add(struct nctest_ring *ring, struct sk_buff *skb)
{
	bool added = ring->q->up && skb_queue_len(&ring->skbs) < NCTEST_RING_SIZE;

	if (added) {
		__skb_queue_tail(&ring->skbs, skb);
		ring->packets++;
		ring->bytes += skb->len;
		nctest_moderate(ring);
	} else {
		ring->dropped++;
	}
	return added;
}

/*
 * A copy, as DMA makes one, so the two stacks share nothing. The receiver picks
 * the queue by what is in the packet, as RSS does: a flow keeps its queue.
 */
static void nctest_wire(struct sk_buff *skb, struct net_device *to)
{
	u16 index = reciprocal_scale(__skb_get_hash_symmetric(skb), to->real_num_rx_queues);
	struct nctest_queue *q = &((struct nctest *)netdev_priv(to))->queue[index];
	struct sk_buff *copy = netdev_alloc_skb_ip_align(to, skb->len);
	unsigned long flags;
	bool added;

	if (!copy)
		return;
	skb_copy_bits(skb, 0, skb_put(copy, skb->len), skb->len);
	skb_record_rx_queue(copy, index);

	spin_lock_irqsave(&q->lock, flags);
	added = nctest_ring_add(&q->ring[NCTEST_RX], copy);
	spin_unlock_irqrestore(&q->lock, flags);
	if (!added)
		dev_kfree_skb_any(copy);
}

static netdev_tx_t nctest_xmit(struct sk_buff *skb, struct net_device *dev)
{
	u16 index = skb_get_queue_mapping(skb);
	struct nctest *nct = netdev_priv(dev);
	struct nctest_queue *q = &nct->queue[index];
	struct nctest_ring *ring = &q->ring[NCTEST_TX];
	unsigned long flags;
	bool added;

	if (eth_skb_pad(skb))
		return NETDEV_TX_OK;
	skb_tx_timestamp(skb);
	nctest_wire(skb, nct->peer);

	spin_lock_irqsave(&q->lock, flags);
	added = nctest_ring_add(ring, skb);
	if (skb_queue_len(&ring->skbs) == NCTEST_RING_SIZE)
		netif_stop_subqueue(dev, index);
	spin_unlock_irqrestore(&q->lock, flags);
	if (!added)
		dev_kfree_skb_any(skb);
	return NETDEV_TX_OK;
}

/* ---- the netdev ---------------------------------------------------------- */

static int nctest_open(struct net_device *dev)
{
	struct nctest *nct = netdev_priv(dev);
	unsigned int i;

	for (i = 0; i < nct->napis; i++) {
		struct nctest_queue *q = &nct->queue[i];

		napi_enable(&q->napi);
		if (split)
			napi_enable(&q->tx_napi);
		spin_lock_irq(&q->lock);
		q->up = true;
		q->ring[NCTEST_RX].masked = false;
		q->ring[NCTEST_TX].masked = false;
		spin_unlock_irq(&q->lock);
	}
	netif_tx_start_all_queues(dev);
	if (netif_running(nct->peer)) {
		netif_carrier_on(dev);
		netif_carrier_on(nct->peer);
	}
	return 0;
}

static void nctest_stop_queue(struct nctest_queue *q)
{
	enum nctest_dir dir;

	spin_lock_irq(&q->lock);
	q->up = false;
	spin_unlock_irq(&q->lock);

	napi_disable(&q->napi);
	if (split)
		napi_disable(&q->tx_napi);
	for (dir = 0; dir < NCTEST_DIRS; dir++) {
		struct nctest_ring *ring = &q->ring[dir];

		hrtimer_cancel(&ring->timer);
		ring->alarm = NCTEST_ALARM_OFF;
		__skb_queue_purge(&ring->skbs);
	}
}

static int nctest_stop(struct net_device *dev)
{
	struct nctest *nct = netdev_priv(dev);
	unsigned int i;

	netif_carrier_off(dev);
	netif_carrier_off(nct->peer);
	netif_tx_disable(dev);
	for (i = 0; i < nct->napis; i++)
		nctest_stop_queue(&nct->queue[i]);
	return 0;
}

static void nctest_get_stats64(struct net_device *dev, struct rtnl_link_stats64 *s)
{
	struct nctest *nct = netdev_priv(dev);
	unsigned int i;

	for (i = 0; i < dev->num_rx_queues; i++) {
		struct nctest_queue *q = &nct->queue[i];
		unsigned long flags;

		spin_lock_irqsave(&q->lock, flags);
		s->rx_packets += q->ring[NCTEST_RX].packets;
		s->rx_bytes += q->ring[NCTEST_RX].bytes;
		s->rx_missed_errors += q->ring[NCTEST_RX].dropped;
		s->tx_packets += q->ring[NCTEST_TX].packets;
		s->tx_bytes += q->ring[NCTEST_TX].bytes;
		s->tx_dropped += q->ring[NCTEST_TX].dropped;
		spin_unlock_irqrestore(&q->lock, flags);
	}
}

static const struct net_device_ops nctest_netdev_ops = {
	.ndo_open		= nctest_open,
	.ndo_stop		= nctest_stop,
	.ndo_start_xmit		= nctest_xmit,
	.ndo_get_stats64	= nctest_get_stats64,
	.ndo_validate_addr	= eth_validate_addr,
	.ndo_set_mac_address	= eth_mac_addr,
};

/* ---- ethtool, and how it misbehaves -------------------------------------- */

static void nctest_get(struct nctest *nct, struct nctest_queue *q,
		       struct ethtool_coalesce *ec)
{
	struct nctest_ring *rx = &q->ring[NCTEST_RX], *tx = &q->ring[NCTEST_TX];

	ec->rx_coalesce_usecs_irq = nct->usecs_irq;
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
	nct->usecs_irq = ec->rx_coalesce_usecs_irq;
	nctest_set_ring(nct, &q->ring[NCTEST_RX], ec->rx_coalesce_usecs,
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
	return min(err, 0);
}

static int nctest_get_queue_coalesce(struct net_device *dev, u32 index,
				     struct ethtool_coalesce *ec)
{
	struct nctest *nct = netdev_priv(dev);
	int err;

	if (index >= nct->napis)
		return -EINVAL;
	if (nct->knob[NCTEST_NO_QUEUE_OPS])
		return -EOPNOTSUPP;
	err = nctest_may_get(nct);
	if (!err)
		nctest_get(nct, &nct->queue[index], ec);
	return err;
}

static int nctest_set_queue_coalesce(struct net_device *dev, u32 index,
				     struct ethtool_coalesce *ec)
{
	struct nctest *nct = netdev_priv(dev);
	int err;

	if (index >= nct->napis)
		return -EINVAL;
	if (nct->knob[NCTEST_NO_QUEUE_OPS])
		return -EOPNOTSUPP;
	err = nctest_may_set(nct, &nct->queue[index], ec);
	if (!err)
		nctest_set(nct, &nct->queue[index], ec);
	return min(err, 0);
}

static void nctest_get_channels(struct net_device *dev, struct ethtool_channels *ch)
{
	ch->max_combined = dev->num_rx_queues;
	ch->combined_count = dev->real_num_rx_queues;
}

static void nctest_add_napis(struct net_device *dev, unsigned int n)
{
	struct nctest *nct = netdev_priv(dev);

	for (nct->napis = 0; nct->napis < n; nct->napis++) {
		struct nctest_queue *q = &nct->queue[nct->napis];

		netif_napi_add(dev, &q->napi, nctest_poll);
		if (split)
			netif_napi_add_tx(dev, &q->tx_napi, nctest_poll_tx);
#ifdef NCTEST_HAVE_NAPI_IRQ
		if (irq)
			netif_napi_set_irq(&q->napi, irq);
#endif
	}
}

static void nctest_del_napis(struct net_device *dev)
{
	struct nctest *nct = netdev_priv(dev);
	unsigned int i;

	for (i = 0; i < nct->napis; i++) {
		netif_napi_del(&nct->queue[i].napi);
		if (split)
			netif_napi_del(&nct->queue[i].tx_napi);
	}
}

static int nctest_set_channels(struct net_device *dev, struct ethtool_channels *ch)
{
	struct nctest *nct = netdev_priv(dev);
	unsigned int n = ch->combined_count;
	bool up = netif_running(dev);
	int err;

	if (nct->knob[NCTEST_KEEPS_QUEUES])
		return netif_set_real_num_queues(dev, n, n);
	if (up)
		nctest_stop(dev);
	nctest_del_napis(dev);
	err = netif_set_real_num_queues(dev, n, n);
	nctest_add_napis(dev, dev->real_num_rx_queues);
	if (up)
		nctest_open(dev);
	return err;
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

#define NCTEST_ETHTOOL_OPS						\
	.get_coalesce		= nctest_get_coalesce,			\
	.set_coalesce		= nctest_set_coalesce,			\
	.get_per_queue_coalesce	= nctest_get_queue_coalesce,		\
	.set_per_queue_coalesce	= nctest_set_queue_coalesce,		\
	.get_channels		= nctest_get_channels,			\
	.set_channels		= nctest_set_channels,			\
	.get_link		= ethtool_op_get_link,			\
	.get_sset_count		= nctest_get_sset_count,		\
	.get_strings		= nctest_get_strings,			\
	.get_ethtool_stats	= nctest_get_stats

static const struct ethtool_ops nctest_one_knob_ethtool_ops = {
	.supported_coalesce_params = ETHTOOL_COALESCE_RX_USECS |
				     ETHTOOL_COALESCE_RX_MAX_FRAMES,
	NCTEST_ETHTOOL_OPS,
};

static const struct ethtool_ops nctest_ethtool_ops = {
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
};

static struct attribute *nctest_attrs[NCTEST_KNOBS + 1];

static const struct attribute_group nctest_group = {
	.name = "nctest",
	.attrs = nctest_attrs,
};

/* ---- life cycle ---------------------------------------------------------- */

/* Both ends go together, so that neither ever transmits to freed memory. */
static void nctest_dellink(struct net_device *dev, struct list_head *head)
{
	struct nctest *nct = netdev_priv(dev);

	unregister_netdevice_queue(dev, head);
	unregister_netdevice_queue(nct->peer, head);
}

static struct rtnl_link_ops nctest_link_ops = {
	.kind		= "nctest",
	.dellink	= nctest_dellink,
};

static void nctest_init_ring(struct nctest_queue *q, enum nctest_dir dir)
{
	struct nctest_ring *ring = &q->ring[dir];

	ring->q = q;
	ring->napi = split && dir == NCTEST_TX ? &q->tx_napi : &q->napi;
	__skb_queue_head_init(&ring->skbs);
	hrtimer_init(&ring->timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED);
	ring->timer.function = nctest_interrupt;
	ring->moder = nctest_defaults[dir];
}

static struct net_device *nctest_alloc(void)
{
	struct net_device *dev;
	struct nctest *nct;
	unsigned int i;

	dev = alloc_netdev_mqs(struct_size(nct, queue, queues), "nct%d", NET_NAME_ENUM,
			       ether_setup, queues, queues);
	if (!dev)
		return NULL;
	dev->netdev_ops = &nctest_netdev_ops;
	dev->ethtool_ops = one_knob ? &nctest_one_knob_ethtool_ops : &nctest_ethtool_ops;
	dev->rtnl_link_ops = &nctest_link_ops;
	dev->sysfs_groups[0] = &nctest_group;
	dev->needs_free_netdev = true;
	eth_hw_addr_random(dev);
	netif_carrier_off(dev);

	nct = netdev_priv(dev);
	for (i = 0; i < queues; i++) {
		struct nctest_queue *q = &nct->queue[i];

		spin_lock_init(&q->lock);
		nctest_init_ring(q, NCTEST_RX);
		nctest_init_ring(q, NCTEST_TX);
	}
	nctest_add_napis(dev, queues);
	return dev;
}

/* Called under rtnl, so that no end comes up before the other is there. */
static int nctest_add_pair(void)
{
	struct net_device *a = nctest_alloc(), *b = nctest_alloc();
	int err = -ENOMEM;

	if (!a || !b)
		goto err_free;
	((struct nctest *)netdev_priv(a))->peer = b;
	((struct nctest *)netdev_priv(b))->peer = a;
	err = register_netdevice(a);
	if (err)
		goto err_free;
	err = register_netdevice(b);
	if (err)
		goto err_unregister;
	/* registering forgets it, as there is no bus to tell */
	set_dev_node(&a->dev, node);
	set_dev_node(&b->dev, node);
	return 0;

err_unregister:
	unregister_netdevice(a);
	a = NULL;
err_free:
	if (b)
		free_netdev(b);
	if (a)
		free_netdev(a);
	return err;
}

static int __init nctest_init(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < NCTEST_KNOBS; i++)
		nctest_attrs[i] = &nctest_knob_attrs[i].attr.attr;
	if (!pairs || pairs > NCTEST_PAIRS_MAX || !queues || queues > NCTEST_QUEUES_MAX) {
		pr_err("pairs=%u queues=%u: out of range\n", pairs, queues);
		return -EINVAL;
	}
	err = rtnl_link_register(&nctest_link_ops);
	for (i = 0; !err && i < pairs; i++) {
		rtnl_lock();
		err = nctest_add_pair();
		rtnl_unlock();
		if (err)
			rtnl_link_unregister(&nctest_link_ops);
	}
	return err;
}
module_init(nctest_init);

static void __exit nctest_exit(void)
{
	rtnl_link_unregister(&nctest_link_ops);
}
module_exit(nctest_exit);

MODULE_DESCRIPTION("A NIC with interrupt moderation, for testing netcoal");
MODULE_LICENSE("GPL");
