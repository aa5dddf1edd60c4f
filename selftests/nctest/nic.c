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
 * What ethtool says of it, and how it misbehaves, is in knobs.c.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/etherdevice.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <net/rtnetlink.h>

#include "nctest.h"

#define NCTEST_PAIRS_MAX	64
#define NCTEST_QUEUES_MAX	8
#define NCTEST_RING_SIZE	512

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

static bool cells;
module_param(cells, bool, 0444);
MODULE_PARM_DESC(cells, "NAPIs are a tunnel's gro_cells, which can't be busy-polled");

static bool one_knob;
module_param(one_knob, bool, 0444);
MODULE_PARM_DESC(one_knob, "Transmit rings have the moderation of receive rings");

static unsigned int irq;
module_param(irq, uint, 0444);
MODULE_PARM_DESC(irq, "Interrupt that queues pretend to have, 0 for none");

static char *kind = "nctest";
module_param(kind, charp, 0444);
MODULE_PARM_DESC(kind, "Driver that it pretends to be");

static const struct nctest_moder nctest_defaults[NCTEST_DIRS] = {
	[NCTEST_RX] = { .usecs = 30, .frames = 64 },
	[NCTEST_TX] = { .usecs = 90, .frames = 48 },
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

static void nctest_dawdle(const struct net_device *dev)
{
	const struct nctest *nct = netdev_priv(dev);

	udelay(min(READ_ONCE(nct->knob[NCTEST_PACKET_US]), 100U));
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
		nctest_dawdle(q->napi.dev);
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

static void nctest_start_queues(struct net_device *dev)
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
}

static int nctest_open(struct net_device *dev)
{
	struct nctest *nct = netdev_priv(dev);

	nctest_start_queues(dev);
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

static void nctest_stop_queues(struct net_device *dev)
{
	struct nctest *nct = netdev_priv(dev);
	unsigned int i;

	for (i = 0; i < nct->napis; i++)
		nctest_stop_queue(&nct->queue[i]);
}

static int nctest_stop(struct net_device *dev)
{
	struct nctest *nct = netdev_priv(dev);

	netif_carrier_off(dev);
	netif_carrier_off(nct->peer);
	netif_tx_disable(dev);
	nctest_stop_queues(dev);
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

static void nctest_add_napi(struct net_device *dev, struct nctest_queue *q)
{
	if (cells)
		set_bit(NAPI_STATE_NO_BUSY_POLL, &q->napi.state);
	netif_napi_add(dev, &q->napi, nctest_poll);
	if (split)
		netif_napi_add_tx(dev, &q->tx_napi, nctest_poll_tx);
#ifdef NCTEST_HAVE_NAPI_IRQ
	if (irq)
		netif_napi_set_irq(&q->napi, irq);
#endif
}

static void nctest_add_napis(struct net_device *dev, unsigned int n)
{
	struct nctest *nct = netdev_priv(dev);
	unsigned int i;

	nct->napis = n;
	for (i = 0; i < n; i++)
		nctest_add_napi(dev, &nct->queue[nct->backwards ? n - 1 - i : i]);
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

/**
 * nctest_renew() - make all NAPIs anew
 * @dev: the device; its link stays up
 * @n: so many queues are to have one
 *
 * Called under rtnl.
 *
 * Return: 0, or a negative errno, and then there are as many as before.
 */
int nctest_renew(struct net_device *dev, unsigned int n)
{
	bool up = netif_running(dev);
	int err;

	netif_tx_disable(dev);
	if (up)
		nctest_stop_queues(dev);
	nctest_del_napis(dev);
	err = netif_set_real_num_queues(dev, n, n);
	nctest_add_napis(dev, dev->real_num_rx_queues);
	if (up)
		nctest_start_queues(dev);
	netif_tx_wake_all_queues(dev);
	return err;
}

static const struct net_device_ops nctest_netdev_ops = {
	.ndo_open		= nctest_open,
	.ndo_stop		= nctest_stop,
	.ndo_start_xmit		= nctest_xmit,
	.ndo_get_stats64	= nctest_get_stats64,
	.ndo_validate_addr	= eth_validate_addr,
	.ndo_set_mac_address	= eth_mac_addr,
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

	nctest_knobs_init();
	if (!pairs || pairs > NCTEST_PAIRS_MAX || !queues || queues > NCTEST_QUEUES_MAX) {
		pr_err("pairs=%u queues=%u: out of range\n", pairs, queues);
		return -EINVAL;
	}
	nctest_link_ops.kind = kind;
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
