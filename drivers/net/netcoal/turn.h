/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Queues that have one setting take turns: only one at a time decides, so that what
 * it asks for is in force, and what it sees is what came of that.
 */
#ifndef _NETCOAL_TURN_H
#define _NETCOAL_TURN_H

#include <linux/types.h>

struct netcoal_device;
struct netcoal_queue;

/**
 * struct netcoal_turn - which queue of a device decides
 * @holder: its index; read without a lock
 * @main: the one whose turn is long: the busiest, or one that has half as much most of the time
 * @other: the last one that had a short turn
 * @next: jiffies when it may end
 * @look: jiffies when to look next whether it does; read without a lock
 * @main_jiffies: how long the next one of @main lasts
 * @cap_ns: longest hold-off that the others' closed loops allow; read without a lock
 * @behind: since when @main has less than that, in jiffies, low 32 bits; 0 if it has not
 */
struct netcoal_turn {
	unsigned int holder;
	unsigned int main;
	unsigned int other;
	unsigned long next;
	unsigned long look;
	unsigned long main_jiffies;
	u32 cap_ns;
	u32 behind;
};

void netcoal_turn_start(struct netcoal_device *nd);
bool netcoal_turn_has(const struct netcoal_queue *q);
bool netcoal_turn_due(const struct netcoal_device *nd);
bool netcoal_turn_has_closed(struct netcoal_device *nd);
void netcoal_turn_merge(struct netcoal_device *nd);

#endif /* _NETCOAL_TURN_H */
