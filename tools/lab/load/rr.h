/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LOAD_RR_H
#define LOAD_RR_H

#include "options.h"
#include "sockets.h"
#include "tally.h"

/* The least that a datagram of this load holds: its number. */
#define RR_SIZE_MIN	((unsigned int)sizeof(uint32_t))

void rr_client(const struct options *opt, struct sockets *socks, struct tally *tally)
	__attribute__((noreturn));
void rr_server(const struct options *opt, struct sockets *socks) __attribute__((noreturn));

#endif /* LOAD_RR_H */
