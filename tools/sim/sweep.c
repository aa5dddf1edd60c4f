// SPDX-License-Identifier: GPL-2.0
/*
 * Static settings of all stages at once, within one latency target: where
 * delays stack, which stage's is worth it, and where a downstream frames limit
 * starves.
 */
#include <linux/kernel.h>
#include <stdio.h>

#include "compare.h"
#include "oracle.h"

/* Shares of the target that a stage may take, in percent. */
static const int shares[] = { 0, 10, 25, 50, 75, 100 };
static const uint32_t limits[] = { 2, 4, 8, 16, 32, 64, 128 };

/**
 * struct sweep_state - a sweep under way
 * @sc: the scenario
 * @c: the static governor with the setting under test
 * @zero: what no hold-off comes to
 * @best: the least CPU within the target
 * @best_setting: and its setting
 */
struct sweep_state {
	const struct scenario *sc;
	struct contender c;
	struct result zero;
	struct result best;
	struct netcoal_setting best_setting[STAGES_MAX];
};

static void print_stages_head(const struct scenario *sc, const char *what)
{
	int i;

	for (i = 0; i < sc->n_stages; i++)
		printf(" %5s@%d", what, i);
}

static void print_head(const struct scenario *sc)
{
	print_stages_head(sc, "us");
	printf(" %8s %8s", "cpu ns", "p99 us");
	print_stages_head(sc, "p99");
	printf(" %8s %8s\n", "lat99 us", "irq/p");
}

static void print_settings(const struct sweep_state *s,
			   const struct netcoal_setting *set)
{
	int i;

	for (i = 0; i < s->sc->n_stages; i++)
		printf(" %7.1f", set[i].holdoff_ns / 1e3);
}

static void print_result(const struct sweep_state *s, const struct result *r)
{
	int i;

	printf(" %8.0f %8.1f", r->cpu_ns_per_packet, r->p99_delay_ns / 1e3);
	for (i = 0; i < s->sc->n_stages; i++)
		printf(" %7.1f", (s->sc->n_stages > 1 ? r->stage_p99_ns[i] :
				  r->p99_delay_ns) / 1e3);
	printf(" %8.1f %8.3f %s\n", r->p99_latency_ns / 1e3, r->irq_per_packet,
	       violates(r, &s->zero, s->sc->policy.latency_ns) ? "over" : "");
}

static void try_setting(struct sweep_state *s)
{
	struct result r;
	int i;

	sim_run(s->sc, &s->c, &r);
	if (!s->zero.packets)
		s->zero = r;
	print_settings(s, s->c.setting);
	print_result(s, &r);
	if (s->best.packets && (violates(&r, &s->zero, s->sc->policy.latency_ns) ||
				r.cpu_ns_per_packet >= s->best.cpu_ns_per_packet))
		return;
	s->best = r;
	for (i = 0; i < s->sc->n_stages; i++)
		s->best_setting[i] = s->c.setting[i];
}

static void sweep_holdoffs(struct sweep_state *s, int stage, int left)
{
	bool tx = stage < s->sc->n_stages && s->sc->stages[stage].tx;
	size_t i;

	if (stage == s->sc->n_stages) {
		try_setting(s);
		return;
	}
	for (i = 0; i < ARRAY_SIZE(shares) && shares[i] <= (tx ? 100 : left); i++) {
		s->c.setting[stage].holdoff_ns =
			s->sc->policy.latency_ns * shares[i] / 100;
		sweep_holdoffs(s, stage + 1, tx ? left : left - shares[i]);
	}
}

/* The first stage makes batches; a later one waits for so many packets. */
static void sweep_frames_at(struct sweep_state *s, int stage)
{
	double half_ns = s->sc->policy.latency_ns / 2;
	struct result r;
	size_t i;
	int j;

	for (i = 0; i < ARRAY_SIZE(limits); i++) {
		for (j = 0; j < s->sc->n_stages; j++)
			s->c.setting[j] = (struct netcoal_setting){ 0, UINT32_MAX };
		s->c.setting[0].holdoff_ns = half_ns;
		s->c.setting[stage] = (struct netcoal_setting){ half_ns, limits[i] };
		sim_run(s->sc, &s->c, &r);
		printf("%5d %7u %8.0f %8.1f %9.1f %9.3f\n", stage, limits[i],
		       r.cpu_ns_per_packet, r.p99_delay_ns / 1e3,
		       r.stage_mean_ns[stage] / 1e3, r.stage_expired[stage]);
	}
}

static void sweep_frames(struct sweep_state *s)
{
	double half_us = s->sc->policy.latency_ns / 2e3;
	int stage;

	printf("\nA hold-off of %.1f us at stage 0, and at a later one up to %.1f us "
	       "or so many frames:\n", half_us, half_us);
	printf("%5s %7s %8s %8s %9s %9s\n", "stage", "frames", "cpu ns", "p99 us",
	       "waits us", "starved");
	for (stage = 1; stage < s->sc->n_stages; stage++)
		if (device_has_frames(&s->sc->stages[stage].device))
			sweep_frames_at(s, stage);
	printf("Starved: part of the stage's hold-offs that lasted their time, as fewer "
	       "packets came.\n");
}

static void print_best(const struct sweep_state *s)
{
	struct contender model = { .ops = peer_find("model"), .name = "model",
				   .device = -1 };
	struct result r;
	int i;

	sim_run(s->sc, &model, &r);
	printf("\nbest: ");
	print_settings(s, s->best_setting);
	printf(" us: %.0f ns of CPU per packet, p99 %.1f us\n", s->best.cpu_ns_per_packet,
	       s->best.p99_delay_ns / 1e3);
	printf("model:");
	for (i = 0; i < s->sc->n_stages; i++)
		printf(" %7.1f", r.stage_holdoff_ns[i] / 1e3);
	printf(" us: %.0f ns of CPU per packet, p99 %.1f us, regret %.3f%s\n",
	       r.cpu_ns_per_packet, r.p99_delay_ns / 1e3,
	       r.cpu_ns_per_packet / s->best.cpu_ns_per_packet,
	       violates(&r, &s->zero, s->sc->policy.latency_ns) ? ", over" : "");
}

/**
 * sweep_stages() - print every way to share the target, the best, and the law's
 * @sc: the scenario with its policy
 */
void sweep_stages(const struct scenario *sc)
{
	struct sweep_state s = { .sc = sc };
	int i;

	s.c = (struct contender){ .ops = peer_find("static"), .name = "static",
				  .device = -1 };
	for (i = 0; i < STAGES_MAX; i++)
		s.c.setting[i].frames = UINT32_MAX;
	print_head(sc);
	sweep_holdoffs(&s, 0, 100);
	print_best(&s);
	if (sc->n_stages > 1)
		sweep_frames(&s);
}
