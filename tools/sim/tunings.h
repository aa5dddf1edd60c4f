/* SPDX-License-Identifier: GPL-2.0 */
/* The peers of a load, each at many tunings. */
#ifndef _NETCOAL_SIM_TUNINGS_H
#define _NETCOAL_SIM_TUNINGS_H

#include "oracle.h"

#define TUNINGS_MAX	512

/**
 * struct tuned - a peer at one of its tunings
 * @c: the peer
 * @r: what it came to
 */
struct tuned {
	struct contender c;
	struct result r;
};

/**
 * struct tunings - all that were tried of a load
 * @sc: the load
 * @one: they
 * @n: their number
 * @quick: no more than a few
 */
struct tunings {
	const struct scenario *sc;
	struct tuned one[TUNINGS_MAX];
	int n;
	bool quick;
};

void tunings_run(struct tunings *t, const struct scenario *sc, const char *only, bool quick);
const struct tuned *tunings_best(struct tunings *t, const struct result *at_zero,
				 const struct aim *aim, const char *name);

#endif /* _NETCOAL_SIM_TUNINGS_H */
