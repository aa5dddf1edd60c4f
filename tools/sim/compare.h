/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NETCOAL_SIM_COMPARE_H
#define _NETCOAL_SIM_COMPARE_H

#include <jansson.h>

#include "sim.h"

struct compare_options {
	const char *json;
	const char *html;
	const char *only;	/* one governor beside the oracle */
	unsigned long seed;	/* 0: the scenarios' own */
	int jobs;
	bool quick;
};

int compare(char * const *files, int n, const struct compare_options *o);
void report_html(const char *file, json_t *all);
void dim_steps(const char *file);
void sweep_stages(const struct scenario *sc);
bool transactions_kept(const struct result *r, const struct result *at_zero);

/* The 99th percentile comes from bins that are 0.4 % wide. */
#define DELAY_TOLERANCE	1.005
/* A closed loop keeps this part of the transactions it has at no delay ... */
#define RATE_KEPT	0.95
/* ... unless the CPU is what bounds it. */
#define CPU_BOUND	0.97

#endif /* _NETCOAL_SIM_COMPARE_H */
