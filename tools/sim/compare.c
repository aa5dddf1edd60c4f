// SPDX-License-Identifier: GPL-2.0
/*
 * All loads under all policies and governors, against the best static setting
 * in hindsight.
 */
#include <errno.h>
#include <linux/kernel.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compare.h"
#include "descent.h"
#include "die.h"
#include "jobs.h"
#include "scenario.h"
#include "tunings.h"
#include "verdict.h"

static const double latencies_ns[] = { 20e3, 50e3, 100e3, 250e3 };

/* A CPU target that can't be met is tried under one latency target. */
#define UNREACHABLE_LATENCY_NS	100e3
/* What is left of a run under --quick, and how few packets it may have. */
#define QUICK_PART		4
#define QUICK_PACKETS_MIN	100000

/* In the order of tables and reports. */
const char * const compared[] = {
	"model", "fixed", "own-dim", "static", "dim", "e1000e", "i40e", "defer",
	"suspend", "rate", NULL
};

static const char * const own_names[] = { "model", "fixed", "own-dim" };
static const char * const peer_names[] = {
	"dim", "e1000e", "i40e", "defer", "suspend", "rate",
};

/**
 * struct case_of - a load under a policy
 * @sc: the load
 * @grid: its static settings
 * @peers: its peers at their tunings
 * @aim: the targets
 * @reachable: the CPU target can be met
 * @oracle: the best static setting
 */
struct case_of {
	const struct scenario *sc;
	struct grid *grid;
	struct tunings *peers;
	struct aim aim;
	bool reachable;
	const struct point *oracle;
};

/* ---- one object per load, policy and governor ------------------------------ */

static void add_details(json_t *o, const struct case_of *k, const struct result *r)
{
	const struct point *best = k->oracle;

	json_object_set_new(o, "oracle_p99_delay_ns", json_real(best->r.p99_delay_ns));
	json_object_set_new(o, "oracle_holdoff_ns",
			    json_integer(best->setting[0].holdoff_ns));
	json_object_set_new(o, "cpu_target_ns", json_real(k->aim.cpu_ns));
	json_object_set_new(o, "cpu_target_reachable", json_boolean(k->reachable));
	json_object_set_new(o, "verdict", json_string(verdict_name(r->verdict)));
	json_object_set_new(o, "saturated", json_real(r->saturated));
	json_object_set_new(o, "mean_delay_ns", json_real(r->mean_delay_ns));
	json_object_set_new(o, "p99_hold_ns", json_real(r->p99_hold_ns));
	json_object_set_new(o, "p99_latency_ns", json_real(r->p99_latency_ns));
	json_object_set_new(o, "holdoff_ns", json_real(r->holdoff_ns));
	json_object_set_new(o, "irq_per_packet", json_real(r->irq_per_packet));
	json_object_set_new(o, "changes_per_50_windows", json_real(r->changes_per_50));
	json_object_set_new(o, "utilisation", json_real(r->utilisation));
	json_object_set_new(o, "pps", json_real(r->pps));
	json_object_set_new(o, "seed", json_integer(k->sc->seed));
}

static json_t *object_of(const struct case_of *k, const char *governor,
			 const struct result *r)
{
	const struct result *zero = &k->grid->p[0].r, *best = &k->oracle->r;
	char policy[64];
	json_t *o;

	snprintf(policy, sizeof(policy), k->aim.cpu_ns ? "latency %.0fus cpu %.0fns" :
		 "latency %.0fus", k->aim.latency_ns / 1e3, k->aim.cpu_ns);
	o = json_pack("{ss ss ss sf sf sf sf sf sf sb sI}",
		      "load", k->sc->name, "policy", policy, "governor", governor,
		      "cpu_ns_per_packet", r->cpu_ns_per_packet,
		      "oracle_cpu_ns_per_packet", best->cpu_ns_per_packet,
		      "regret", r->cpu_ns_per_packet / best->cpu_ns_per_packet,
		      "p99_delay_ns", r->p99_delay_ns, "target_ns", k->aim.latency_ns,
		      "loss_pct", 100 * loss_of(r, zero),
		      "violation", violates(r, zero, k->aim.latency_ns),
		      "windows_to_settle", (json_int_t)r->windows_to_settle);
	if (!o)
		die("no memory for a result");
	add_details(o, k, r);
	return o;
}

static void run_own(json_t *list, const struct case_of *k, const char *name)
{
	struct contender c = { .ops = peer_find(name), .name = name, .device = -1 };
	struct scenario sc = *k->sc;
	struct result r;

	sc.policy.latency_ns = k->aim.latency_ns;
	sc.policy.cpu_ns = k->aim.cpu_ns;
	sim_run(&sc, &c, &r);
	json_array_append_new(list, object_of(k, name, &r));
}

static void run_case(json_t *list, struct case_of *k, const struct compare_options *o)
{
	const struct tuned *p;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(own_names); i++)
		if (!o->only || !strcmp(o->only, own_names[i]))
			run_own(list, k, own_names[i]);
	json_array_append_new(list, object_of(k, "static", &k->oracle->r));
	for (i = 0; i < ARRAY_SIZE(peer_names); i++) {
		p = tunings_best(k->peers, &k->grid->p[0].r, &k->aim, peer_names[i]);
		if (p)
			json_array_append_new(list, object_of(k, p->c.name, &p->r));
	}
}

/* ---- the cases of a load --------------------------------------------------- */

/* Only the law knows CPU targets, and what to say of one that can't be met. */
static void run_unreachable(json_t *list, struct case_of *k,
			    const struct compare_options *o)
{
	if (o->only && strcmp(o->only, "model"))
		return;
	k->aim.cpu_ns = grid_unreachable_cpu(k->grid);
	k->reachable = false;
	k->oracle = grid_best(k->grid, &(struct aim){ k->aim.latency_ns });
	run_own(list, k, "model");
	k->reachable = true;
}

/* Drawn loads have CPU targets all over the place, by their seeds. */
static double target_part(const struct scenario *sc, const struct compare_options *o)
{
	double golden = sc->seed * 0.6180339887;

	return o->own_policy ? 0.1 + 0.8 * (golden - floor(golden)) : 1.0 / 3;
}

static void run_latency(json_t *list, struct case_of *k, const struct aim *aim,
			const struct compare_options *o)
{
	k->aim = (struct aim){ aim->latency_ns };
	k->reachable = true;
	k->oracle = grid_best(k->grid, &k->aim);
	run_case(list, k, o);
	/* A CPU target is a device's; stages share only the latency target. */
	if (k->sc->n_stages > 1)
		return;
	k->aim = *aim;
	k->oracle = aim->cpu_ns ? grid_best(k->grid, aim) : NULL;
	if (k->oracle)
		run_case(list, k, o);
	if (aim->latency_ns == UNREACHABLE_LATENCY_NS || o->own_policy)
		run_unreachable(list, k, o);
}

/* All settings that there will be: what is found for one aim may be best for another. */
static void try_settings(struct case_of *k, struct aim *aims, int n,
			 const struct compare_options *o)
{
	int i;

	for (i = 0; i < n && !o->quick; i++)
		descent(k->grid, k->sc, &aims[i]);
	for (i = 0; i < n && k->sc->n_stages == 1; i++)
		aims[i].cpu_ns = grid_reachable_cpu(k->grid, aims[i].latency_ns,
						    target_part(k->sc, o));
	for (i = 0; i < n && !o->quick; i++)
		if (aims[i].cpu_ns)
			descent(k->grid, k->sc, &aims[i]);
}

/* The load's first object of the best static setting has its front with it. */
static void add_front(json_t *list, const struct grid *grid)
{
	static const struct point *front[GRID_MAX];
	int i, n = grid_front(grid, front);
	json_t *points = json_array(), *o;
	size_t k;

	for (i = 0; i < n; i++)
		json_array_append_new(points, json_pack("[ff]", front[i]->r.p99_delay_ns,
							front[i]->r.cpu_ns_per_packet));
	json_array_foreach(list, k, o)
		if (!strcmp(json_string_value(json_object_get(o, "governor")), "static")) {
			json_object_set_new(o, "front", points);
			return;
		}
	json_decref(points);
}

static json_t *compare_load(const struct scenario *sc,
			    const struct compare_options *o)
{
	static struct tunings peers;
	static struct grid grid;
	struct case_of k = { .sc = sc, .grid = &grid, .peers = &peers };
	const double *latencies = o->own_policy ? &sc->policy.latency_ns : latencies_ns;
	int i, n_latencies = o->own_policy ? 1 : (int)ARRAY_SIZE(latencies_ns);
	struct aim aims[ARRAY_SIZE(latencies_ns)] = { };
	json_t *list = json_array();

	grid_sweep(&grid, sc, latencies, n_latencies);
	for (i = 0; i < n_latencies; i++)
		aims[i].latency_ns = latencies[i];
	try_settings(&k, aims, n_latencies, o);
	tunings_run(&peers, sc, o->only, o->quick);
	for (i = 0; i < n_latencies; i++)
		run_latency(list, &k, &aims[i], o);
	add_front(list, &grid);
	return list;
}

struct work {
	char * const *files;
	const struct compare_options *o;
};

static json_t *work_on(int i, void *arg)
{
	const struct work *w = arg;
	const struct compare_options *o = w->o;
	struct scenario sc;

	if (o->drawn) {
		scenario_draw(&sc, (o->seed ?: 1) + i);
	} else {
		scenario_load(&sc, w->files[i]);
		if (o->seed)
			sc.seed = o->seed;
	}
	if (o->packets)
		sc.packets = o->packets;
	sc.by_poll &= !o->by_packet;
	if (o->quick && sc.packets > QUICK_PACKETS_MIN)
		sc.packets = fmax(sc.packets / QUICK_PART, QUICK_PACKETS_MIN);
	return compare_load(&sc, o);
}

/*
 * Before anything runs: minutes later is late to say that a file can't be written. What
 * is in it stays until there is something better.
 */
static FILE *open_result(const char *file)
{
	FILE *f = file ? fopen(file, "ae") : NULL;

	if (file && !f)
		die("%s: %s", file, strerror(errno));
	return f;
}

static void put_json(FILE *f, json_t *all)
{
	json_dumpf(all, f, JSON_INDENT(1) | JSON_REAL_PRECISION(9));
}

/* A pipe has nothing to be taken out. */
static void write_result(const char *file, FILE *f, json_t *all,
			 void (*put)(FILE *f, json_t *all))
{
	if (!f)
		return;
	if (ftruncate(fileno(f), 0) && errno != EINVAL)
		die("%s: %s", file, strerror(errno));
	put(f, all);
	if (ferror(f) || fclose(f))
		die("%s: %s", file, strerror(errno));
}

/**
 * compare() - compare governors, print the table, write results and report
 * @files: scenarios
 * @n: their number
 * @o: what to compare
 *
 * Return: 0; what goes wrong ends the program.
 */
int compare(char * const *files, int n, const struct compare_options *o)
{
	struct work w = { files, o };
	FILE *json = open_result(o->json), *html = open_result(o->html);
	json_t *all = jobs_run(o->drawn ?: n, o->jobs, work_on, &w);

	print_table(all);
	write_result(o->json, json, all, put_json);
	write_result(o->html, html, all, report_html);
	json_decref(all);
	return 0;
}
