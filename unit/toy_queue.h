/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A queue simple enough to see through: a hold-off starts with a packet or, where
 * it limits the rate of interrupts, with the last of those; all that come within it
 * make one batch, handling takes no time.
 */
#ifndef _NETCOAL_TOY_QUEUE_H
#define _NETCOAL_TOY_QUEUE_H

#include "governor.h"

enum toy_load {
	TOY_POISSON,	/* pps on average, independent */
	TOY_PACED,	/* one packet every 1/pps */
	TOY_ONOFF,	/* pps on average, in the first half of each ms */
	TOY_LOOP,	/* connections that wait for an answer, loop_ns later */
};

#define TOY_CONNECTIONS_MAX 64

/**
 * struct toy_queue - a queue, its load and its governor
 * @load: how packets come
 * @pps: rate of loads that are no loop
 * @train: packets that come at once, 0 or 1 if none do; not of TOY_LOOP
 * @loop_ns: time from a packet handled to the next of a connection
 * @connections: of TOY_LOOP
 * @poll_ns: of a packet's cost, what is said to be polling
 * @irq_ns: what an interrupt really costs, 0 if what @lim says
 * @app_ns: what the application takes for a packet
 * @limits: hold-offs limit the rate of interrupts
 * @starved: the CPU is said to have no time left
 * @lim: limits for the governor
 * @gov: the governor
 * @last: its last decision
 * @now_ns: the time
 * @packets: all packets so far
 * @sequences: all batches so far
 * @changes: settings changed so far
 */
struct toy_queue {
	enum toy_load load;
	double pps;
	double loop_ns;
	int connections;
	unsigned int train;
	u32 irq_ns;
	u32 poll_ns;
	u32 app_ns;
	bool limits;
	bool starved;
	struct netcoal_limits lim;
	struct netcoal_gov gov;
	struct netcoal_decision last;
	double now_ns;
	u64 packets;
	u64 sequences;
	u64 changes;
	/* private: */
	double next_ns[TOY_CONNECTIONS_MAX];
	u64 rng;
	u64 arrivals;
	bool fresh;
};

extern const struct netcoal_limits toy_usual;

struct toy_queue toy_paced(double pps);
struct toy_queue toy_poisson(double pps);
struct toy_queue toy_loop(int connections, double loop_ns);
void toy_start(struct toy_queue *q, const char *governor);
void toy_window(struct toy_queue *q);
void toy_windows(struct toy_queue *q, unsigned int n);
double toy_rate(struct toy_queue *q, double seconds);

#endif /* _NETCOAL_TOY_QUEUE_H */
