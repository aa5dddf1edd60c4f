// SPDX-License-Identifier: GPL-2.0
/*
 * The oracle: all static settings of a grid, and the best of them in hindsight.
 * It knows the load; no governor does.
 */
#include <linux/kernel.h>
#include <math.h>
#include <stdlib.h>

#include "die.h"
#include "oracle.h"

/* A CPU target is some setting's own cost. */
#define ROUNDED		1.000001

/* Hold-offs of a single stage, at most a fifth apart from 3 µs on. */
static const double grid_us[] = {
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 18, 20, 24, 28, 32, 36, 42,
	50, 60, 70, 84, 100, 120, 140, 170, 200, 250,
};

/* Where frames end a hold-off early, it may be longer than the target. */
static const struct { double us; uint32_t frames; } grid_frames[] = {
	{ 500, 2 }, { 500, 4 }, { 500, 8 }, { 500, 16 }, { 500, 32 }, { 500, 64 },
	{ 500, 128 },
};

/*
 * Shares of a target, in percent, for every stage of two; fewer for more of them,
 * and all or nothing for those that transmit.
 */
static const int fine_shares[] = { 0, 10, 25, 50, 75, 100, -1 };
static const int coarse_shares[] = { 0, 25, 50, 100, -1 };
static const int tx_shares[] = { 0, 100, -1 };

static bool is_same(const struct scenario *sc, const struct netcoal_setting *a,
		    const struct netcoal_setting *b)
{
	int i;

	for (i = 0; i < sc->n_stages; i++)
		if (a[i].holdoff_ns != b[i].holdoff_ns || a[i].frames != b[i].frames)
			return false;
	return true;
}

/**
 * grid_find() - the point of a setting
 * @g: static settings
 * @sc: their load
 * @setting: of each stage
 *
 * Return: it, NULL if it was not tried.
 */
const struct point *grid_find(const struct grid *g, const struct scenario *sc,
			      const struct netcoal_setting *setting)
{
	int i;

	for (i = 0; i < g->n; i++)
		if (is_same(sc, g->p[i].setting, setting))
			return &g->p[i];
	return NULL;
}

/**
 * grid_try() - run a load under one more setting
 * @g: gets it and its result; a setting that it has is not run again
 * @sc: the load
 * @setting: of each stage
 *
 * Return: its point.
 */
const struct point *grid_try(struct grid *g, const struct scenario *sc,
			     const struct netcoal_setting *setting)
{
	struct contender c = { .ops = peer_find("static"), .name = "static",
			       .device = -1 };
	const struct point *found = grid_find(g, sc, setting);
	struct point *p = &g->p[g->n];
	int i;

	if (found)
		return found;
	if (g->n++ == GRID_MAX)
		die("more than %d static settings", GRID_MAX);
	for (i = 0; i < sc->n_stages; i++) {
		p->setting[i] = setting[i];
		c.setting[i] = setting[i];
	}
	sim_run(sc, &c, &p->r);
	return p;
}

static void try_everywhere(struct grid *g, const struct scenario *sc, double us,
			   uint32_t frames)
{
	struct netcoal_setting setting[STAGES_MAX];
	int i;

	for (i = 0; i < STAGES_MAX; i++)
		setting[i] = (struct netcoal_setting){ us * 1e3, frames };
	grid_try(g, sc, setting);
}

static const int *shares_of(const struct scenario *sc, int stage)
{
	if (sc->n_stages == 2)
		return fine_shares;
	return sc->stages[stage].tx ? tx_shares : coarse_shares;
}

/* What is left of a target flows on; a transmit stage takes from its own. */
static void try_shares(struct grid *g, const struct scenario *sc, double latency_ns,
		       struct netcoal_setting *setting, int stage, int left)
{
	bool tx = stage < sc->n_stages && sc->stages[stage].tx;
	const int *share;

	if (stage == sc->n_stages) {
		grid_try(g, sc, setting);
		return;
	}
	for (share = shares_of(sc, stage); *share >= 0; share++) {
		if (*share > (tx ? 100 : left))
			break;
		setting[stage] = (struct netcoal_setting){
			latency_ns * *share / 100, UINT32_MAX };
		try_shares(g, sc, latency_ns, setting, stage + 1,
			   tx ? left : left - *share);
	}
}

/**
 * grid_sweep() - run a load under all static settings
 * @g: gets them and their results
 * @sc: the load
 * @latencies_ns: latency targets, for several stages to share
 * @n_latencies: their number
 */
void grid_sweep(struct grid *g, const struct scenario *sc, const double *latencies_ns,
		int n_latencies)
{
	struct netcoal_setting setting[STAGES_MAX];
	int i;

	g->n = 0;
	if (sc->n_stages > 1) {
		try_everywhere(g, sc, 0, UINT32_MAX);
		for (i = 0; i < n_latencies; i++)
			try_shares(g, sc, latencies_ns[i], setting, 0, 100);
		return;
	}
	for (i = 0; i < (int)ARRAY_SIZE(grid_us); i++)
		try_everywhere(g, sc, grid_us[i], UINT32_MAX);
	if (!device_has_frames(&sc->stages[0].device))
		return;
	for (i = 0; i < (int)ARRAY_SIZE(grid_frames); i++)
		try_everywhere(g, sc, grid_frames[i].us, grid_frames[i].frames);
}

/**
 * loss_of() - transactions that hold-offs cost
 * @r: a result
 * @at_zero: the same load's without hold-off
 *
 * Return: part of a closed load's rate that is lost, or of an open load's
 * packets that are dropped, beyond what no hold-off loses.
 */
double loss_of(const struct result *r, const struct result *at_zero)
{
	double lost = r->dropped, lost_at_zero = at_zero->dropped;

	if (r->closed)
		return 1 - r->pps / at_zero->pps;
	return lost / (r->packets + lost + 1) -
	       lost_at_zero / (at_zero->packets + lost_at_zero + 1);
}

/**
 * grown_ns() - by how much the 99th percentile of latency grew
 * @r: a result
 * @at_zero: the same load's without hold-off
 *
 * Return: more than packets were held off where polls hand over at their end,
 * since larger batches take longer to poll.
 */
double grown_ns(const struct result *r, const struct result *at_zero)
{
	return r->p99_latency_ns - at_zero->p99_latency_ns;
}

/**
 * violates() - does a result break its policy?
 * @r: the result
 * @at_zero: the same load's without hold-off
 * @latency_ns: the latency target
 */
bool violates(const struct result *r, const struct result *at_zero, double latency_ns)
{
	/* No governor undercuts what the device does at no hold-off. */
	double limit = fmax(latency_ns, at_zero->p99_delay_ns);

	return r->p99_delay_ns > DELAY_TOLERANCE * limit ||
	       (r->by_poll && grown_ns(r, at_zero) > DELAY_TOLERANCE * limit) ||
	       (r->utilisation < CPU_BOUND && loss_of(r, at_zero) > LOSS_MAX);
}

/**
 * grid_prefers() - is a setting what an aim asks for, and more so than another?
 * @g: the load's static settings
 * @aim: the aim; with a CPU target, the least delay that meets it, else the least CPU
 * @a: the one
 * @b: the other, which is within the aim; NULL for none
 */
bool grid_prefers(const struct grid *g, const struct aim *aim, const struct point *a,
		  const struct point *b)
{
	if (violates(&a->r, &g->p[0].r, aim->latency_ns) ||
	    (aim->cpu_ns && a->r.cpu_ns_per_packet > aim->cpu_ns * ROUNDED))
		return false;
	if (!b)
		return true;
	return aim->cpu_ns ? a->r.p99_delay_ns < b->r.p99_delay_ns :
			     a->r.cpu_ns_per_packet < b->r.cpu_ns_per_packet;
}

/**
 * grid_best() - the best setting for an aim
 * @g: the load's static settings
 * @aim: the aim
 *
 * Return: its point; no hold-off where none keeps a latency target, NULL where none
 * meets a CPU target.
 */
const struct point *grid_best(const struct grid *g, const struct aim *aim)
{
	const struct point *best = aim->cpu_ns ? NULL : &g->p[0];
	int i;

	for (i = 0; i < g->n; i++)
		if (grid_prefers(g, aim, &g->p[i], best))
			best = &g->p[i];
	return best;
}

/**
 * grid_reachable_cpu() - a CPU target that can be met
 * @g: the load's static settings
 * @latency_ns: the latency target
 * @part: how far from the oracle's cost to that of no hold-off, 0 to 1
 *
 * Return: what some setting without frames takes about there; 0 if hold-offs
 * save less than a tenth, where there is nothing to aim at.
 */
double grid_reachable_cpu(const struct grid *g, double latency_ns, double part)
{
	const struct point *best = grid_best(g, &(struct aim){ latency_ns });
	double low = best->r.cpu_ns_per_packet, high = g->p[0].r.cpu_ns_per_packet;
	double aim = low + (high - low) * part, target = 0;
	int i;

	if (low > 0.9 * high)
		return 0;
	for (i = 0; i < g->n; i++) {
		const struct result *r = &g->p[i].r;

		if (g->p[i].setting[0].frames == UINT32_MAX &&
		    !violates(r, &g->p[0].r, latency_ns) &&
		    fabs(r->cpu_ns_per_packet - aim) < fabs(target - aim))
			target = r->cpu_ns_per_packet;
	}
	return target;
}

static int by_delay(const void *a, const void *b)
{
	const struct result *x = &(*(const struct point * const *)a)->r;
	const struct result *y = &(*(const struct point * const *)b)->r;

	if (x->p99_delay_ns != y->p99_delay_ns)
		return x->p99_delay_ns < y->p99_delay_ns ? -1 : 1;
	return x->cpu_ns_per_packet < y->cpu_ns_per_packet ? -1 :
	       x->cpu_ns_per_packet > y->cpu_ns_per_packet;
}

/**
 * grid_front() - the settings that cost less than all with a shorter delay
 * @g: the load's static settings
 * @front: room for GRID_MAX of them, gets those whose transactions are kept, in
 *	the order of their delays
 *
 * Return: how many.
 */
int grid_front(const struct grid *g, const struct point **front)
{
	int i, n = 0, kept = 0;

	for (i = 0; i < g->n; i++)
		if (!violates(&g->p[i].r, &g->p[0].r, INFINITY))
			front[n++] = &g->p[i];
	qsort(front, n, sizeof(*front), by_delay);
	for (i = 0; i < n; i++)
		if (!kept || front[i]->r.cpu_ns_per_packet <
			     front[kept - 1]->r.cpu_ns_per_packet)
			front[kept++] = front[i];
	return kept;
}

/* Less than any setting takes, whatever its delay. */
double grid_unreachable_cpu(const struct grid *g)
{
	double least = g->p[0].r.cpu_ns_per_packet;
	int i;

	for (i = 1; i < g->n; i++)
		least = fmin(least, g->p[i].r.cpu_ns_per_packet);
	return 0.8 * least;
}
