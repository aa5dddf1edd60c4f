/* SPDX-License-Identifier: GPL-2.0 */
/* Governors as the command line names them. */
#ifndef _NETCOAL_SIM_CONTENDER_H
#define _NETCOAL_SIM_CONTENDER_H

#include "sim.h"

/**
 * struct per_stage - a number for each stage; the last given is also for the rest
 */
struct per_stage {
	double x[STAGES_MAX];
	int n;
};

#define FRAMES_NONE	UINT32_MAX

/**
 * struct choice - what the command line asks for
 * @governor: a name, or several with commas between, one for each stage
 * @tuning: what they make of it
 * @usecs: hold-offs of static ones
 * @frames: and their frames limit, FRAMES_NONE if not given
 */
struct choice {
	const char *governor;
	struct per_stage tuning;
	struct per_stage usecs;
	unsigned long frames;
};

double per_stage(const struct per_stage *p, int stage);
void contender_choose(struct contender *c, const struct choice *choice);
void contender_check_stages(const struct choice *choice, const char *file, int stages);

#endif /* _NETCOAL_SIM_CONTENDER_H */
