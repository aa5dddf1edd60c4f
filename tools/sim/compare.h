/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NETCOAL_SIM_COMPARE_H
#define _NETCOAL_SIM_COMPARE_H

#include <jansson.h>

#include "sim.h"

/**
 * struct compare_options - what to compare
 * @json: file for the results, or NULL
 * @html: file for the report, or NULL
 * @only: one governor beside the oracle, or NULL for all
 * @seed: instead of the scenarios' own, 0 for these
 * @packets: likewise
 * @drawn: loads to draw at random instead of scenarios
 * @jobs: processes
 * @quick: fewer packets, tunings and cases
 * @by_packet: polls hand packets over one by one, and latency is not judged
 * @own_policy: judge under the scenarios' own latency targets
 */
struct compare_options {
	const char *json;
	const char *html;
	const char *only;
	unsigned long seed;
	unsigned long packets;
	int drawn;
	int jobs;
	bool quick;
	bool own_policy;
	bool by_packet;
};

/* A governor may cost so much more than the best static setting. */
#define REGRET_MAX	1.10

/**
 * struct summary - a governor's cases
 * @violations: of all
 * @cases: with a latency target alone
 * @mean: geometric mean of their regrets, where nothing is violated
 * @worst: and the worst
 * @over: how many are over REGRET_MAX
 * @targets: cases with a CPU target
 * @missed: of these, missed
 */
struct summary {
	int violations;
	int cases;
	double mean;
	double worst;
	int over;
	int targets;
	int missed;
};

extern const char * const compared[];

int compare(char * const *files, int n, const struct compare_options *o);
bool target_met(json_t *o);
bool summarise(json_t *all, const char *governor, struct summary *s);
void print_table(json_t *all);
void report_html(FILE *out, json_t *all);
void dim_steps(const char *file);
void sweep_stages(const struct scenario *sc);

#endif /* _NETCOAL_SIM_COMPARE_H */
