/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LOAD_TALLY_H
#define LOAD_TALLY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "hist.h"

#define NSEC_PER_SEC	1000000000ull

/**
 * enum phase - where a run is; only the monitor moves it on
 * @PHASE_RUN: the load runs, before and after what counts
 * @PHASE_MEASURE: latencies and datagrams count
 * @PHASE_STOP: nothing more is sent; what is under way may still arrive
 */
enum phase {
	PHASE_RUN,
	PHASE_MEASURE,
	PHASE_STOP,
};

/* Of a time series; what comes later is left out. */
#define BINS_MAX	2048

/**
 * struct bin - what was sent in one bin of a time series
 * @received: how many of those datagrams arrived
 * @takes: how many calls took them
 * @latency_sum_ns: their one-way times, together
 * @latency_max_ns: and at most
 */
struct bin {
	uint32_t received;
	uint32_t takes;
	uint64_t latency_sum_ns;
	uint64_t latency_max_ns;
};

/**
 * struct tally - what the two ends of a load tell the monitor, in memory they share
 * @phase: see enum phase
 * @done: round trips, bytes or datagrams that came through since the start
 * @departed: udp: datagrams sent since the start
 * @nowhere: udp: send to where nobody is
 * @goal: @done at which the monitor wants a SIGUSR1; 0: at none
 * @latency: round trips (rr) or one-way times (udp) that began in PHASE_MEASURE
 * @sent: udp: datagrams sent in PHASE_MEASURE
 * @received: udp: how many of those arrived
 * @gaps: udp: jumps in their sequence numbers
 * @late_sum_ns: udp: how much later than planned they were sent, together
 * @late_max_ns: udp: and at most
 * @begin_ns: when PHASE_MEASURE began
 * @bins: udp: the time series, if one was asked for
 * @lost: rr: messages without an answer, asked again
 *
 * The monitor sets @phase, @goal, @nowhere and @begin_ns. It reads @done and @departed at any time, the rest
 * once the ends are gone.
 */
struct tally {
	_Atomic enum phase phase;
	_Atomic uint64_t done;
	_Atomic uint64_t departed;
	_Atomic uint64_t goal;
	_Atomic bool nowhere;
	struct hist latency;
	uint64_t sent;
	uint64_t received;
	uint64_t gaps;
	uint64_t late_sum_ns;
	uint64_t late_max_ns;
	uint64_t lost;
	_Atomic uint64_t begin_ns;
	struct bin bins[BINS_MAX];
};

struct tally *tally_new(void);
void tally_done(struct tally *tally, uint64_t more);

static inline enum phase tally_phase(struct tally *tally)
{
	return atomic_load_explicit(&tally->phase, memory_order_relaxed);
}

static inline uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

#endif /* LOAD_TALLY_H */
