/* SPDX-License-Identifier: GPL-2.0 */
/* The static settings of a load, and the best of them in hindsight. */
#ifndef _NETCOAL_SIM_ORACLE_H
#define _NETCOAL_SIM_ORACLE_H

#include "sim.h"

#define GRID_MAX	2048

/**
 * struct point - a static setting and what it came to
 * @setting: of each stage
 * @r: the result
 */
struct point {
	struct netcoal_setting setting[STAGES_MAX];
	struct result r;
};

/**
 * struct grid - all static settings that were tried; the first is no hold-off
 */
struct grid {
	struct point p[GRID_MAX];
	int n;
};

/**
 * struct aim - what a load is judged by
 * @latency_ns: latency target
 * @cpu_ns: CPU target, 0 for none
 */
struct aim {
	double latency_ns;
	double cpu_ns;
};

/* A CPU target is met within this. */
#define TARGET_MET	1.05
/* The 99th percentile comes from bins that are 0.4 % wide. */
#define DELAY_TOLERANCE	1.005
/* Part of its transactions that a load may lose ... */
#define LOSS_MAX	0.05
/* ... unless the CPU is what bounds it. */
#define CPU_BOUND	0.97

void grid_sweep(struct grid *g, const struct scenario *sc, const double *latencies_ns,
		int n_latencies);
const struct point *grid_find(const struct grid *g, const struct scenario *sc,
			      const struct netcoal_setting *setting);
const struct point *grid_try(struct grid *g, const struct scenario *sc,
			     const struct netcoal_setting *setting);
bool grid_prefers(const struct grid *g, const struct aim *aim, const struct point *a,
		  const struct point *b);
const struct point *grid_best(const struct grid *g, const struct aim *aim);
double grid_reachable_cpu(const struct grid *g, double latency_ns, double part);
double grid_unreachable_cpu(const struct grid *g);

int grid_front(const struct grid *g, const struct point **front);

double loss_of(const struct result *r, const struct result *at_zero);
double grown_ns(const struct result *r, const struct result *at_zero);
bool violates(const struct result *r, const struct result *at_zero, double latency_ns);

#endif /* _NETCOAL_SIM_ORACLE_H */
