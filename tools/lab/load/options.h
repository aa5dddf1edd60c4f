/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LOAD_OPTIONS_H
#define LOAD_OPTIONS_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#define CONNECTIONS_MAX	256
#define STEPS_MAX	16

enum mode {
	MODE_RR,
	MODE_STREAM,
	MODE_UDP,
	MODE_RUN,
};

extern const char *const mode_names[];

/**
 * struct extent - how long a part of the run lasts
 * @ns: this long, or
 * @count: until so many round trips, bytes or datagrams are through; 0: by time
 */
struct extent {
	uint64_t ns;
	uint64_t count;
};

/**
 * struct step - a part of a profile
 * @pps: datagrams per second; 0: silence
 * @ns: how long
 */
struct step {
	unsigned int pps;
	uint64_t ns;
};

/**
 * struct place - where one end of the load lives
 * @netns: name of a network namespace, as "ip netns" knows it
 * @dev: its network device there
 * @addr: the address to bind
 */
struct place {
	char netns[64];
	char dev[IFNAMSIZ];
	struct in_addr addr;
};

/**
 * struct options - the command line
 * @mode: what kind of load
 * @datagrams: round trips over UDP instead of TCP
 * @connections: how many at once
 * @size: payload of a message (rr), a write (stream) or a datagram (udp), in bytes
 * @pps: datagrams per second (udp)
 * @bps: ceiling of each connection of a stream; 0: none
 * @steps: udp: rates one after the other, over and over, from the first when the window begins;
 *	then @pps is that of the first
 * @nr_steps: how many; 0: @pps all the time
 * @bin_ns: udp: width of the bins of a time series; 0: none
 * @polls_ns: how long to count polls after the window; 0: don't
 * @equal: stream, udp: the sender does not give way to who runs on its CPU
 * @one_way: run: packets that @to receives count, not those of both
 * @burst: how many of them leave together, one burst's gap after the last
 * @poisson: exponential gaps between bursts instead of equal ones
 * @vary: stream: writes of any size up to @size
 * @seed: of all that is drawn
 * @nowhere: udp: an address that nobody has, to tell what sending costs by itself; 0: don't
 * @warmup: what passes before the measured window
 * @length: the measured window
 * @from: the end that asks or sends
 * @to: the end that answers or receives
 * @port: first port on both ends
 * @then: a shell command to run after the window, while the load goes on; NULL: none
 * @command: run: the load, a shell command
 */
struct options {
	enum mode mode;
	bool datagrams;
	unsigned int connections;
	unsigned int size;
	unsigned int pps;
	unsigned int burst;
	struct step steps[STEPS_MAX];
	unsigned int nr_steps;
	uint64_t bin_ns;
	uint64_t polls_ns;
	bool one_way;
	bool equal;
	uint64_t bps;
	bool poisson;
	bool vary;
	uint64_t seed;
	struct in_addr nowhere;
	struct extent warmup;
	struct extent length;
	struct place from;
	struct place to;
	uint16_t port;
	const char *then;
	const char *command;
};

void options_parse(struct options *opt, int argc, char **argv);

#endif /* LOAD_OPTIONS_H */
