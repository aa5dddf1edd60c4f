/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LOAD_RESULT_H
#define LOAD_RESULT_H

#include "counters.h"
#include "nic.h"
#include "options.h"
#include "polls.h"
#include "sockets.h"
#include "tally.h"

/**
 * struct run - a load and all that is known of it
 * @opt: the command line
 * @from: device of the end that asks or sends
 * @to: device of the end that answers or receives
 * @from_socks: sockets of the first end
 * @to_socks: sockets of the second
 * @reference: in which datagrams went nowhere; all 0 if there was none
 * @window: that counts
 * @polls: counted after the window, if asked for
 * @tally: what the ends told
 */
struct run {
	struct options opt;
	struct nic from;
	struct nic to;
	struct sockets from_socks;
	struct sockets to_socks;
	struct window reference;
	struct window window;
	struct polls polls;
	struct tally *tally;
};

uint64_t result_packets(const struct run *run, uint64_t rx_from, uint64_t rx_to);
void result_print(const struct run *run);

#endif /* LOAD_RESULT_H */
