/* SPDX-License-Identifier: GPL-2.0 */
/* A load's packets, one after the other. */
#ifndef _NETCOAL_SIM_SOURCE_H
#define _NETCOAL_SIM_SOURCE_H

#include "sim.h"

/**
 * struct source - an open load under way
 * @load: what it is
 * @rng: where its chances come from
 * @at_ns: time of the last packet
 * @switch_ns: when the state of an onoff or mmpp load changes
 * @high: state of an onoff or mmpp load
 * @left: packets left in the train
 * @next: next packet to replay
 */
struct source {
	const struct load *load;
	gsl_rng *rng;
	double at_ns;
	double switch_ns;
	bool high;
	int left;
	size_t next;
};

void source_start(struct source *s, const struct load *load, gsl_rng *rng);
ns_t source_next(struct source *s);
ns_t source_think(const struct load *load, gsl_rng *rng);

#endif /* _NETCOAL_SIM_SOURCE_H */
