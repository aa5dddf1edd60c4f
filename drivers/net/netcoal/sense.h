/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NETCOAL_SENSE_H
#define _NETCOAL_SENSE_H

#include <linux/netdevice.h>
#include <linux/rcupdate.h>
#include <linux/types.h>

struct netcoal_device;
struct netcoal_queue;

/**
 * struct netcoal_polled - what one CPU did for all attached queues
 * @busy: time spent polling, in ticks of netcoal_clock()
 * @sequences: runs of polls
 *
 * Sums of the queues' own, of those that are gone as well; written and read
 * like those.
 */
struct netcoal_polled {
	u64 busy;
	u64 sequences;
};

/**
 * struct netcoal_counts - what was counted for one queue
 * @packets: work that polls reported
 * @polls: polls, empty ones included
 * @empty_polls: polls that found nothing
 * @full_polls: polls that used their whole budget
 * @sequences: runs of polls, each started by an interrupt or a timer
 * @busy: time spent polling, in ticks of netcoal_clock()
 */
struct netcoal_counts {
	u64 packets;
	u64 polls;
	u64 empty_polls;
	u64 full_polls;
	u64 sequences;
	u64 busy;
};

/**
 * struct netcoal_stat - what one CPU counted for one queue
 * @n: the counters
 * @idle_us: the CPU's idle time when the window began; the window's, not the
 *	probe's
 * @seen_sequences: sequences when the window began; likewise
 * @seen_busy: busy when the window began; likewise
 * @seen_all: what the CPU did for all queues when the window began; likewise
 * @window: number of the window that @window_sequences belongs to
 * @window_sequences: sequences of that window on this CPU
 * @kicked: number of the window whose end was reported
 * @in_sequence: the last poll used its budget, the next one continues it
 *
 * Written by the CPU it belongs to with bottom halves and preemption off,
 * read by anyone; 64-bit sums may tear on 32-bit readers, which then see one
 * odd window.
 */
struct netcoal_stat {
	struct netcoal_counts n;
	u64 idle_us;
	u64 seen_sequences;
	u64 seen_busy;
	struct netcoal_polled seen_all;
	u32 window;
	u32 window_sequences;
	u32 kicked;
	bool in_sequence;
};

/**
 * struct netcoal_map - an attached device, as the packet path finds it
 * @node: in the hash of attached devices, by @netdev
 * @rcu: for freeing after the last probe has left
 * @netdev: the device; compared, never followed
 * @device: whose it is
 * @mask: number of slots - 1, a power of two at least twice the queues
 * @slot: the queues, open addressing by their NAPI's address
 *
 * Never changed once published; a device whose NAPIs change gets a new map.
 */
struct netcoal_map {
	struct hlist_node node;
	struct rcu_head rcu;
	const struct net_device *netdev;
	struct netcoal_device *device;
	unsigned int mask;
	struct netcoal_queue *slot[];
};

struct netcoal_map *netcoal_map_alloc(struct netcoal_device *nd,
				      const struct net_device *netdev,
				      struct netcoal_queue **queues,
				      unsigned int nr_queues);
int netcoal_sense_publish(struct netcoal_map *map);
void netcoal_sense_withdraw(struct netcoal_map *map);
void netcoal_sense_polled(int cpu, struct netcoal_polled *all);
void netcoal_sense_exit(void);

#endif /* _NETCOAL_SENSE_H */
