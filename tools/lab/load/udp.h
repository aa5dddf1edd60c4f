/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LOAD_UDP_H
#define LOAD_UDP_H

#include "options.h"
#include "sockets.h"
#include "tally.h"

/**
 * struct stamp - the head of a datagram
 * @number: counts up from 0
 * @sent_ns: CLOCK_MONOTONIC; both ends share one clock, so one-way times are exact
 * @measured: it left in PHASE_MEASURE
 */
struct stamp {
	uint64_t number;
	uint64_t sent_ns;
	uint64_t measured;
};

#define UDP_SIZE_MIN	((unsigned int)sizeof(struct stamp))

void udp_sender(const struct options *opt, struct sockets *socks, struct tally *tally)
	__attribute__((noreturn));
void udp_receiver(const struct options *opt, struct sockets *socks, struct tally *tally)
	__attribute__((noreturn));

#endif /* LOAD_UDP_H */
