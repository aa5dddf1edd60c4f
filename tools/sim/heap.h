/* SPDX-License-Identifier: GPL-2.0 */
/* Events in order of time; those of one time in the order they were made. */
#ifndef _NETCOAL_SIM_HEAP_H
#define _NETCOAL_SIM_HEAP_H

#include <stdlib.h>

#include "die.h"
#include "sim.h"

struct event {
	ns_t at_ns;
	uint32_t order;
	uint16_t type;
	uint16_t index;
	uint32_t arg;
};

struct heap {
	struct event *e;
	size_t n;
	size_t room;
	uint32_t order;
};

static inline bool event_before(const struct event *a, const struct event *b)
{
	if (a->at_ns != b->at_ns)
		return a->at_ns < b->at_ns;
	return (int32_t)(a->order - b->order) < 0;
}

static inline void heap_push(struct heap *h, ns_t at_ns, uint16_t type,
			     uint16_t index, uint32_t arg)
{
	struct event ev = { at_ns, h->order++, type, index, arg };
	size_t i;

	if (h->n == h->room) {
		h->room = h->room ? 2 * h->room : 64;
		h->e = xrealloc(h->e, h->room * sizeof(*h->e));
	}
	for (i = h->n++; i && event_before(&ev, &h->e[(i - 1) / 2]); i = (i - 1) / 2)
		h->e[i] = h->e[(i - 1) / 2];
	h->e[i] = ev;
}

static inline void heap_pop(struct heap *h)
{
	struct event last = h->e[--h->n];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < h->n) {
		if (child + 1 < h->n && event_before(&h->e[child + 1], &h->e[child]))
			child++;
		if (!event_before(&h->e[child], &last))
			break;
		h->e[i] = h->e[child];
		i = child;
	}
	h->e[i] = last;
}

#endif /* _NETCOAL_SIM_HEAP_H */
