/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NETCOAL_COALESCE_H
#define _NETCOAL_COALESCE_H

#include <linux/bits.h>
#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/string.h>

/* Instead of a queue's number: the setting that all have */
#define NETCOAL_ALL_QUEUES	(-1)

/* Directions of a setting */
#define NETCOAL_DIR_RX		BIT(0)
#define NETCOAL_DIR_TX		BIT(1)

/**
 * struct netcoal_asked - what a driver was asked for
 * @rx_usecs: µs that received packets may wait
 * @rx_frames: packets that end that
 * @tx_usecs: µs that sent packets may wait for their interrupt
 * @tx_frames: packets that end that
 */
struct netcoal_asked {
	u32 rx_usecs;
	u32 rx_frames;
	u32 tx_usecs;
	u32 tx_frames;
};

/**
 * struct netcoal_knobs - a driver's knobs, as they were found and left
 * @baseline: found at take-over
 * @last: what the driver read back last
 * @asked: what it made that of; many round
 * @unread: @last is what was asked, for the driver was busy when it was to read it back
 * @again: so it is asked once more, also if that would change nothing
 * @unsure: queues over whose @last the driver's adaptive mode may still write
 */
struct netcoal_knobs {
	struct ethtool_coalesce baseline;
	struct ethtool_coalesce last;
	struct netcoal_asked asked;
	bool unread;
	bool again;
	unsigned int unsure;
};

static inline bool netcoal_ec_same(const struct ethtool_coalesce *a,
				   const struct ethtool_coalesce *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static inline bool netcoal_ec_same_rx(const struct ethtool_coalesce *a,
				      const struct ethtool_coalesce *b)
{
	return a->rx_coalesce_usecs == b->rx_coalesce_usecs &&
	       a->rx_max_coalesced_frames == b->rx_max_coalesced_frames &&
	       a->use_adaptive_rx_coalesce == b->use_adaptive_rx_coalesce;
}

static inline bool netcoal_ec_same_tx(const struct ethtool_coalesce *a,
				      const struct ethtool_coalesce *b)
{
	return a->tx_coalesce_usecs == b->tx_coalesce_usecs &&
	       a->tx_max_coalesced_frames == b->tx_max_coalesced_frames &&
	       a->use_adaptive_tx_coalesce == b->use_adaptive_tx_coalesce;
}

/*
 * While its adaptive mode is on, a driver may tell what that has chosen (mlx5), which differs
 * from one look to the next.
 */
static inline bool netcoal_ec_alike_rx(const struct ethtool_coalesce *a,
				       const struct ethtool_coalesce *b)
{
	return netcoal_ec_same_rx(a, b) ||
	       (a->use_adaptive_rx_coalesce && b->use_adaptive_rx_coalesce);
}

static inline bool netcoal_ec_alike_tx(const struct ethtool_coalesce *a,
				       const struct ethtool_coalesce *b)
{
	return netcoal_ec_same_tx(a, b) ||
	       (a->use_adaptive_tx_coalesce && b->use_adaptive_tx_coalesce);
}

bool netcoal_ec_alike(const struct ethtool_coalesce *a, const struct ethtool_coalesce *b);
int netcoal_ec_begin(struct net_device *netdev);
void netcoal_ec_end(struct net_device *netdev);
int netcoal_ec_get(struct net_device *netdev, int rxq, struct ethtool_coalesce *ec);
int netcoal_ec_set(struct net_device *netdev, int rxq, struct ethtool_coalesce *ec);
void netcoal_ec_copy_rx(struct ethtool_coalesce *to, const struct ethtool_coalesce *from);
void netcoal_ec_copy_tx(struct ethtool_coalesce *to, const struct ethtool_coalesce *from);
int netcoal_ec_put_back(struct net_device *netdev, int rxq,
			const struct ethtool_coalesce *base);
bool netcoal_ec_ignored(u32 asked_us, u32 got_us);
void netcoal_ec_learn(struct netcoal_knobs *knobs, const struct ethtool_coalesce *now);
int netcoal_ec_restore(struct net_device *netdev, int rxq, unsigned int dirs,
		       struct netcoal_knobs *knobs, bool again);
void netcoal_ec_note_set(struct net_device *netdev, int rxq,
			 const struct ethtool_coalesce *asked,
			 struct ethtool_coalesce *last);
u32 netcoal_ec_tx_ring(struct net_device *netdev);

#endif /* _NETCOAL_COALESCE_H */
