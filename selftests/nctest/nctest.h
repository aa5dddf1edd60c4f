/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NCTEST_H
#define _NCTEST_H

#include <linux/ethtool.h>
#include <linux/hrtimer.h>
#include <linux/netdevice.h>
#include <linux/spinlock.h>

#define NCTEST_USECS_MAX	10000

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

/* The files that knobs.c tells of. */
enum nctest_knob {
	NCTEST_QUANTISE, NCTEST_FLOOR, NCTEST_CEILING, NCTEST_FAIL_ERRNO, NCTEST_FAIL_AFTER,
	NCTEST_LIE, NCTEST_VANISH, NCTEST_NO_QUEUE_OPS, NCTEST_SLOW_MS, NCTEST_FUSSY,
	NCTEST_FRAMES_MOST, NCTEST_FOLLOWS, NCTEST_BUSY_GETS, NCTEST_CHOOSES,
	NCTEST_KEEPS_QUEUES, NCTEST_RESETS, NCTEST_TAKES_IRQ, NCTEST_TX_SLOTS,
	NCTEST_PACKET_US,
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
 * @backwards: the last queue's are added first, under rtnl
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
	bool backwards;
	u32 knob[NCTEST_KNOBS];
	struct nctest_queue queue[];
};

extern const struct ethtool_ops nctest_ethtool_ops;
extern const struct ethtool_ops nctest_one_knob_ethtool_ops;
extern const struct attribute_group nctest_group;

void nctest_knobs_init(void);
int nctest_renew(struct net_device *dev, unsigned int n);

#endif /* _NCTEST_H */
