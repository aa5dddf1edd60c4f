/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NETCOAL_SENSE_H
#define _NETCOAL_SENSE_H

#include <linux/netdevice.h>
#include <linux/rcupdate.h>
#include <linux/types.h>

struct netcoal_device;
struct netcoal_queue;

/* A queue that only transmits has its CPU look after its device so often. */
#define NETCOAL_TX_LOOK_JIFFIES	(HZ / 10)

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
 * struct netcoal_counts - what was counted for one queue, over all CPUs
 * @packets: work that polls reported
 * @polls: polls, empty ones included
 * @empty_polls: sequences that found nothing
 * @full_polls: polls that used their whole budget
 * @sequences: runs of polls, each started by an interrupt or a timer
 * @busy: time spent polling, in ticks of netcoal_clock()
 * @squares: of the sequences' packets, summed; the low bits
 */
struct netcoal_counts {
	u64 packets;
	u64 polls;
	u64 empty_polls;
	u64 full_polls;
	u64 sequences;
	u64 busy;
	u32 squares;
};

/**
 * struct netcoal_stat - what one CPU counted for one queue
 * @packets: as in struct netcoal_counts
 * @sequences: likewise
 * @busy: likewise
 * @due: netcoal_clock() when the probe has to look after the window; of a queue
 *	that only transmits, jiffies when it last looked after the device
 * @enough: sequences, their low bits, when likewise
 * @run: packets of the sequence so far, if the last poll used its budget, else 0
 * @longest: packets of the window's longest sequence
 * @kicked: the end of the window was reported
 * @squares: as in struct netcoal_counts, low bits
 * @window: number of the window that this CPU knows of
 * @more_polls: polls but the first of each sequence
 * @empty_polls: as in struct netcoal_counts
 * @full_polls: likewise
 * @first: sequences, their low bits, when it came to know of it
 * @part_packets: packets, their low bits, when the present part of it began
 * @part_start: netcoal_clock() then
 * @seen_sequences: sequences, their low bits, when the window began; the
 *	window's, not the probe's
 * @seen_busy: busy when the window began; likewise
 * @seen_all_sequences: of all queues that the CPU polled; likewise
 * @seen_all_busy: likewise
 * @idle_us: the CPU's idle time when the window began; likewise
 *
 * Written by the CPU it belongs to with bottom halves and preemption off,
 * read by anyone; 64-bit sums may tear on 32-bit readers, which then see one
 * odd window.
 */
struct netcoal_stat {
	/* all that most polls need */
	u64 packets;
	u64 sequences;
	u64 busy;
	u64 due;
	u32 enough;
	u16 run;
	u16 longest;
	bool kicked;
	u32 squares;
	u32 window;

	u64 more_polls;
	u64 empty_polls;
	u64 full_polls;
	u32 first;
	u32 part_packets;
	u32 seen_sequences;
	u32 seen_all_sequences;
	u64 part_start;

	u64 seen_busy;
	u64 seen_all_busy;
	u64 idle_us;
};

/**
 * struct netcoal_map - an attached device, as the packet path finds it
 * @node: in the hash of attached devices, by @netdev
 * @netdev: the device; compared, never followed
 * @device: whose it is
 * @queues: its queues, each in the hash of queues
 * @nr_queues: how many
 *
 * Never changed once published; a device whose NAPIs change gets a new map.
 */
struct netcoal_map {
	struct hlist_node node;
	const struct net_device *netdev;
	struct netcoal_device *device;
	struct netcoal_queue **queues;
	unsigned int nr_queues;
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
