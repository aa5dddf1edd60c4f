/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LOAD_STREAM_H
#define LOAD_STREAM_H

#include "options.h"
#include "sockets.h"
#include "tally.h"

void stream_sender(const struct options *opt, struct sockets *socks) __attribute__((noreturn));
void stream_receiver(const struct options *opt, struct sockets *socks, struct tally *tally)
	__attribute__((noreturn));

#endif /* LOAD_STREAM_H */
