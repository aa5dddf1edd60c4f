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
#include <sys/wait.h>
#include <unistd.h>

#include "compare.h"
#include "die.h"
#include "scenario.h"

static const double latencies_us[] = { 20, 50, 100, 250 };

#define LATENCIES	ARRAY_SIZE(latencies_us)
#define GRID_MAX	64

/* Hold-offs of the static sweep, at most a fifth apart from 3 µs on. */
static const double grid_us[] = {
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 18, 20, 24, 28, 32, 36, 42,
	50, 60, 70, 84, 100, 120, 140, 170, 200, 250,
};

/* Where frames end a hold-off early, it may be longer than the target. */
static const struct { double us; uint32_t frames; } grid_frames[] = {
	{ 500, 2 }, { 500, 4 }, { 500, 8 }, { 500, 16 }, { 500, 32 }, { 500, 64 },
	{ 500, 128 },
};

/**
 * struct point - a static setting and what it came to
 */
struct point {
	struct netcoal_setting setting;
	struct result r;
};

struct sweep {
	struct point p[GRID_MAX];
	int n;
};

/**
 * struct peer_run - a peer at one of its tunings
 */
struct peer_run {
	struct contender c;
	struct result r;
};

#define PEER_RUNS_MAX	48

static void run_static(struct sweep *sw, const struct scenario *sc, double us,
		       uint32_t frames, int device)
{
	struct contender c = { .ops = peer_find("static"), .name = "static",
			       .device = device };
	struct point *p = &sw->p[sw->n++];
	int i;

	p->setting = (struct netcoal_setting){ us * 1e3, frames };
	for (i = 0; i < sc->n_stages; i++)
		c.setting[i] = p->setting;
	sim_run(sc, &c, &p->r);
}

static void sweep(struct sweep *sw, const struct scenario *sc)
{
	size_t i;

	sw->n = 0;
	for (i = 0; i < ARRAY_SIZE(grid_us); i++)
		run_static(sw, sc, grid_us[i], UINT32_MAX, -1);
	if (!sc->stages[0].device.frames_max)
		return;
	for (i = 0; i < ARRAY_SIZE(grid_frames); i++)
		run_static(sw, sc, grid_frames[i].us, grid_frames[i].frames, -1);
}

bool transactions_kept(const struct result *r, const struct result *at_zero)
{
	return !r->closed || r->utilisation >= CPU_BOUND ||
	       r->pps >= RATE_KEPT * at_zero->pps;
}

static bool violates(const struct result *r, const struct result *at_zero,
		     double latency_ns)
{
	/* No governor undercuts what the device does at no hold-off. */
	double limit = fmax(latency_ns, at_zero->p99_delay_ns);

	return r->p99_delay_ns > DELAY_TOLERANCE * limit ||
	       !transactions_kept(r, at_zero);
}

/* The least CPU within the target. */
static const struct point *oracle(const struct sweep *sw, double latency_ns)
{
	const struct point *best = &sw->p[0];
	int i;

	for (i = 1; i < sw->n; i++)
		if (!violates(&sw->p[i].r, &sw->p[0].r, latency_ns) &&
		    sw->p[i].r.cpu_ns_per_packet < best->r.cpu_ns_per_packet)
			best = &sw->p[i];
	return best;
}

/* The least delay that meets a CPU target within the latency target. */
static const struct point *oracle_cpu(const struct sweep *sw, double latency_ns,
				      double cpu_ns)
{
	const struct point *best = NULL;
	int i;

	for (i = 0; i < sw->n; i++)
		if (!violates(&sw->p[i].r, &sw->p[0].r, latency_ns) &&
		    sw->p[i].r.cpu_ns_per_packet <= cpu_ns &&
		    (!best || sw->p[i].r.p99_delay_ns < best->r.p99_delay_ns))
			best = &sw->p[i];
	return best;
}

/*
 * A CPU target that can be met: what some setting on the way to the oracle's
 * takes, halfway between its cost and that of no hold-off. 0 if hold-offs save
 * less than a tenth, where there is nothing to aim at.
 */
static double reachable_cpu(const struct sweep *sw, double latency_ns)
{
	const struct point *best = oracle(sw, latency_ns);
	double low = best->r.cpu_ns_per_packet, high = sw->p[0].r.cpu_ns_per_packet;
	double aim = low + (high - low) / 3, target = 0;
	int i;

	if (low > 0.9 * high)
		return 0;
	for (i = 0; i < sw->n; i++) {
		const struct result *r = &sw->p[i].r;

		if (sw->p[i].setting.frames == UINT32_MAX &&
		    !violates(r, &sw->p[0].r, latency_ns) &&
		    fabs(r->cpu_ns_per_packet - aim) < fabs(target - aim))
			target = r->cpu_ns_per_packet;
	}
	return target;
}

/* ---- peers, each at its own tunings ---------------------------------------- */

static void add_peer(struct peer_run *runs, int *n, const char *name,
		     double tuning, double holdoff_us, int device)
{
	struct contender *c = &runs[(*n)++].c;
	int i;

	*c = (struct contender){ .ops = peer_find(name), .name = name,
				 .tuning = tuning, .device = device };
	for (i = 0; i < STAGES_MAX; i++)
		c->setting[i] = (struct netcoal_setting){ holdoff_us * 1e3, UINT32_MAX };
}

static int peer_list(struct peer_run *runs, bool quick)
{
	static const double defer_us[] = { 5, 10, 20, 50, 100, 200 };
	static const double rates[] = { 4000, 8000, 16000, 32000, 64000 };
	size_t i;
	int n = 0;

	add_peer(runs, &n, "dim", 1, 0, -1);
	add_peer(runs, &n, "e1000e", 1, 0, DEVICE_THROTTLE);
	add_peer(runs, &n, "e1000e", 3, 0, DEVICE_THROTTLE);
	add_peer(runs, &n, "i40e", 0, 0, DEVICE_THROTTLE);
	for (i = quick ? 2 : 0; i < ARRAY_SIZE(defer_us); i++) {
		add_peer(runs, &n, "defer", 0, defer_us[i], DEVICE_DEFER);
		add_peer(runs, &n, "suspend", 0, defer_us[i], DEVICE_SUSPEND);
	}
	for (i = 0; i < ARRAY_SIZE(rates); i++)
		add_peer(runs, &n, "rate", rates[i], 0, -1);
	return n;
}

static const struct peer_run *best_tuning(const struct peer_run *runs, int n,
					  const char *name,
					  const struct result *at_zero,
					  double latency_ns)
{
	const struct peer_run *best = NULL;
	bool best_bad = true, bad;
	int i;

	for (i = 0; i < n; i++) {
		if (strcmp(runs[i].c.name, name))
			continue;
		bad = violates(&runs[i].r, at_zero, latency_ns);
		if (!best || (best_bad && !bad) ||
		    (bad == best_bad &&
		     runs[i].r.cpu_ns_per_packet < best->r.cpu_ns_per_packet)) {
			best = &runs[i];
			best_bad = bad;
		}
	}
	return best;
}

/* ---- one object per load, policy and governor ------------------------------ */

struct case_of {
	const struct scenario *sc;
	const struct sweep *sw;
	double latency_ns;
	double cpu_ns;
	const struct point *oracle;
};

static json_t *object_of(const struct case_of *k, const char *governor,
			 const struct result *r)
{
	const struct result *zero = &k->sw->p[0].r, *best = &k->oracle->r;
	double loss = r->closed ? 100 * (1 - r->pps / zero->pps) : 0;
	char policy[64];
	json_t *o;

	snprintf(policy, sizeof(policy), k->cpu_ns ? "latency %.0fus cpu %.0fns" :
		 "latency %.0fus", k->latency_ns / 1e3, k->cpu_ns);
	o = json_pack("{ss ss ss sf sf sf sf sf sf sb sI}",
		      "load", k->sc->name, "policy", policy, "governor", governor,
		      "cpu_ns_per_packet", r->cpu_ns_per_packet,
		      "oracle_cpu_ns_per_packet", best->cpu_ns_per_packet,
		      "regret", r->cpu_ns_per_packet / best->cpu_ns_per_packet,
		      "p99_delay_ns", r->p99_delay_ns, "target_ns", k->latency_ns,
		      "loss_pct", loss,
		      "violation", violates(r, zero, k->latency_ns),
		      "windows_to_settle", (json_int_t)r->windows_to_settle);
	if (!o)
		die("no memory for a result");
	json_object_set_new(o, "oracle_p99_delay_ns", json_real(best->p99_delay_ns));
	json_object_set_new(o, "oracle_holdoff_ns",
			    json_integer(k->oracle->setting.holdoff_ns));
	json_object_set_new(o, "cpu_target_ns", json_real(k->cpu_ns));
	json_object_set_new(o, "mean_delay_ns", json_real(r->mean_delay_ns));
	json_object_set_new(o, "p99_latency_ns", json_real(r->p99_latency_ns));
	json_object_set_new(o, "holdoff_ns", json_real(r->holdoff_ns));
	json_object_set_new(o, "changes_per_50_windows", json_real(r->changes_per_50));
	json_object_set_new(o, "utilisation", json_real(r->utilisation));
	json_object_set_new(o, "pps", json_real(r->pps));
	return o;
}

static void run_own(json_t *list, const struct case_of *k, const char *name)
{
	struct contender c = { .ops = peer_find(name), .name = name, .device = -1 };
	struct scenario sc = *k->sc;
	struct result r;

	sc.policy.latency_ns = k->latency_ns;
	sc.policy.cpu_ns = k->cpu_ns;
	sim_run(&sc, &c, &r);
	json_array_append_new(list, object_of(k, name, &r));
}

static const char * const peer_names[] = {
	"dim", "e1000e", "i40e", "defer", "suspend", "rate",
};

static void run_case(json_t *list, const struct case_of *k,
		     const struct compare_options *o,
		     const struct peer_run *runs, int n_runs)
{
	const struct peer_run *p;
	size_t i;

	if (!o->only || !strcmp(o->only, "model"))
		run_own(list, k, "model");
	if (!o->only || !strcmp(o->only, "fixed"))
		run_own(list, k, "fixed");
	if (!o->only || !strcmp(o->only, "own-dim"))
		run_own(list, k, "own-dim");
	json_array_append_new(list, object_of(k, "static", &k->oracle->r));
	for (i = 0; i < ARRAY_SIZE(peer_names); i++) {
		p = best_tuning(runs, n_runs, peer_names[i], &k->sw->p[0].r,
				k->latency_ns);
		if (p)
			json_array_append_new(list, object_of(k, p->c.name, &p->r));
	}
}

static json_t *compare_load(const struct scenario *sc,
			    const struct compare_options *o)
{
	static struct peer_run runs[PEER_RUNS_MAX];
	static struct sweep sw;
	struct case_of k = { .sc = sc, .sw = &sw };
	json_t *list = json_array();
	int i, n = 0;
	size_t l;

	sweep(&sw, sc);
	if (!o->only)
		n = peer_list(runs, o->quick);
	for (i = 0; i < n; i++)
		sim_run(sc, &runs[i].c, &runs[i].r);
	for (l = 0; l < LATENCIES; l++) {
		k.latency_ns = 1e3 * latencies_us[l];
		k.cpu_ns = 0;
		k.oracle = oracle(&sw, k.latency_ns);
		run_case(list, &k, o, runs, n);
		k.cpu_ns = reachable_cpu(&sw, k.latency_ns);
		k.oracle = oracle_cpu(&sw, k.latency_ns, k.cpu_ns * 1.000001);
		if (k.cpu_ns && k.oracle)
			run_case(list, &k, o, runs, n);
	}
	return list;
}

/* ---- jobs ------------------------------------------------------------------ */

struct job {
	pid_t pid;
	FILE *out;
};

static void job_start(struct job *job, const char *file,
		      const struct compare_options *o)
{
	struct scenario sc;

	job->out = tmpfile();
	if (!job->out)
		die("temporary file: %s", strerror(errno));
	fflush(stdout);
	job->pid = fork();
	if (job->pid < 0)
		die("fork: %s", strerror(errno));
	if (job->pid)
		return;
	scenario_load(&sc, file);
	if (o->seed)
		sc.seed = o->seed;
	if (o->quick)
		sc.packets = sc.packets / 2 > 1000 ? sc.packets / 2 : sc.packets;
	json_dumpf(compare_load(&sc, o), job->out, JSON_COMPACT);
	fflush(job->out);
	_exit(0);
}

static void job_end(struct job *jobs, int n, int done)
{
	int status;
	pid_t pid = wait(&status);

	if (pid < 0)
		die("wait: %s", strerror(errno));
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		die("a comparison failed");
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r[%.*s%*s] %d/%d loads%s", done * 40 / n,
			"########################################",
			40 - done * 40 / n, "", done, n, done == n ? "\n" : "");
}

static json_t *collect(struct job *jobs, int n)
{
	json_t *all = json_array(), *part;
	int i;

	for (i = 0; i < n; i++) {
		rewind(jobs[i].out);
		part = json_loadf(jobs[i].out, 0, NULL);
		if (!part)
			die("a comparison left no result");
		json_array_extend(all, part);
		json_decref(part);
		fclose(jobs[i].out);
	}
	return all;
}

static json_t *run_jobs(char * const *files, int n, const struct compare_options *o)
{
	struct job *jobs = xzalloc(n * sizeof(*jobs) + 1);
	int started = 0, done = 0;
	json_t *all;

	while (done < n) {
		if (started < n && started - done < o->jobs) {
			job_start(&jobs[started], files[started], o);
			started++;
			continue;
		}
		job_end(jobs, n, ++done);
	}
	all = collect(jobs, n);
	free(jobs);
	return all;
}

/* ---- the table ------------------------------------------------------------- */

static double real_of(json_t *o, const char *key)
{
	return json_number_value(json_object_get(o, key));
}

static const char *string_of(json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

/* Met, or there was nothing to meet. */
static bool target_met(json_t *o)
{
	double target = real_of(o, "cpu_target_ns");

	return !target || (real_of(o, "cpu_ns_per_packet") <= 1.05 * target &&
			   real_of(o, "p99_delay_ns") <=
			   1.15 * real_of(o, "oracle_p99_delay_ns") + 1000);
}

static void print_row(json_t *o)
{
	printf("%-22s %-26s %-8s %8.0f %6.3f %9.1f %6.1f %s%s%s %5lld %5.2f\n",
	       string_of(o, "load"), string_of(o, "policy"), string_of(o, "governor"),
	       real_of(o, "cpu_ns_per_packet"), real_of(o, "regret"),
	       real_of(o, "p99_delay_ns") / 1e3, real_of(o, "loss_pct"),
	       json_is_true(json_object_get(o, "violation")) ? "V" : "-",
	       real_of(o, "regret") > 1.10 ? "R" : "-",
	       target_met(o) ? "-" : "T",
	       (long long)json_integer_value(json_object_get(o, "windows_to_settle")),
	       real_of(o, "changes_per_50_windows"));
}

static void print_summary(json_t *all, const char *governor)
{
	double log_sum = 0, worst = 0, regret;
	int n = 0, violations = 0, over = 0, missed = 0;
	size_t i;
	json_t *o;

	json_array_foreach(all, i, o) {
		if (strcmp(string_of(o, "governor"), governor))
			continue;
		regret = real_of(o, "regret");
		log_sum += log(regret);
		worst = fmax(worst, regret);
		over += regret > 1.10;
		violations += json_is_true(json_object_get(o, "violation"));
		missed += !target_met(o);
		n++;
	}
	if (!n)
		return;
	printf("%-8s %3d cases, regret %.3f mean %.3f worst, %d over 1.10, ",
	       governor, n, exp(log_sum / n), worst, over);
	printf("%d violations, %d CPU targets missed\n", violations, missed);
}

int compare(char * const *files, int n, const struct compare_options *o)
{
	static const char * const names[] = {
		"model", "fixed", "own-dim", "static", "dim", "e1000e", "i40e", "defer",
		"suspend", "rate",
	};
	json_t *all = run_jobs(files, n, o), *row;
	size_t i;

	printf("%-22s %-26s %-8s %8s %6s %9s %6s %s %s %s\n", "load", "policy",
	       "governor", "cpu ns", "regret", "p99 us", "loss %", "bad", "settle",
	       "changes");
	json_array_foreach(all, i, row)
		print_row(row);
	for (i = 0; i < ARRAY_SIZE(names); i++)
		print_summary(all, names[i]);
	if (o->json && json_dump_file(all, o->json, JSON_INDENT(1) | JSON_REAL_PRECISION(9)))
		die("%s: %s", o->json, strerror(errno));
	if (o->html)
		report_html(o->html, all);
	json_decref(all);
	return 0;
}
