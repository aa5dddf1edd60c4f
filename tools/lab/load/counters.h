/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LOAD_COUNTERS_H
#define LOAD_COUNTERS_H

#include <stdint.h>

#include "nic.h"
#include "tally.h"

/**
 * struct counters - the machine's counters at one moment
 * @at_ns: CLOCK_MONOTONIC
 * @idle_ns: time its CPUs have slept, together
 * @cpus: how many CPUs
 * @done: see struct tally
 * @departed: see struct tally
 * @rx_from: packets the asking or sending NIC received
 * @rx_to: packets the answering or receiving NIC received
 * @irqs_from: interrupts of the first
 * @irqs_to: interrupts of the second
 * @timer_irqs: local timer interrupts
 * @net_rx: runs of the NET_RX softirq
 * @switches: context switches
 */
struct counters {
	uint64_t at_ns;
	uint64_t idle_ns;
	uint64_t cpus;
	uint64_t done;
	uint64_t departed;
	uint64_t rx_from;
	uint64_t rx_to;
	uint64_t irqs_from;
	uint64_t irqs_to;
	uint64_t timer_irqs;
	uint64_t net_rx;
	uint64_t switches;
};

/**
 * struct window - a stretch of time, and the counters at its ends
 */
struct window {
	struct counters begin;
	struct counters end;
};

void counters_open(void);
void counters_begin(struct counters *counters, struct tally *tally, const struct nic *from,
		    const struct nic *to);
void counters_end(struct counters *counters, struct tally *tally, const struct nic *from,
		  const struct nic *to);

#endif /* LOAD_COUNTERS_H */
