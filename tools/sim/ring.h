/* SPDX-License-Identifier: GPL-2.0 */
/* Packets in the order they came. */
#ifndef _NETCOAL_SIM_RING_H
#define _NETCOAL_SIM_RING_H

#include "die.h"
#include "sim.h"

/**
 * struct packet - one packet
 * @born_ns: when it came to its first stage
 * @here_ns: and to this one
 * @held_ns: for how long earlier stages held it off
 * @connection: of a closed loop, or -1
 * @load: where it is from
 * @last: of its message
 */
struct packet {
	ns_t born_ns;
	ns_t here_ns;
	ns_t held_ns;
	int32_t connection;
	uint16_t load;
	bool last;
};

struct ring {
	struct packet *p;
	uint32_t mask;
	uint32_t head;
	uint32_t tail;
};

static inline bool ring_empty(const struct ring *r)
{
	return r->head == r->tail;
}

static inline uint32_t ring_count(const struct ring *r)
{
	return r->head - r->tail;
}

static inline bool ring_full(const struct ring *r)
{
	return ring_count(r) > r->mask;
}

/*
 * An empty ring starts over: a short queue stays in few cache lines and pages.
 * What ring_get() returned last does not outlive this.
 */
static inline void ring_put(struct ring *r, const struct packet *p)
{
	if (ring_empty(r))
		r->head = r->tail = 0;
	r->p[r->head++ & r->mask] = *p;
}

static inline struct packet *ring_get(struct ring *r)
{
	return &r->p[r->tail++ & r->mask];
}

static inline void ring_init(struct ring *r, uint32_t room)
{
	uint32_t n = 1;

	while (n < room)
		n *= 2;
	r->p = xzalloc(n * sizeof(*r->p));
	r->mask = n - 1;
}

#endif /* _NETCOAL_SIM_RING_H */
