// SPDX-License-Identifier: GPL-2.0
/*
 * Static hold-offs at all stages at once, within one latency target: where
 * delays stack, and which stage's is worth it.
 */
#include <linux/kernel.h>
#include <stdio.h>

#include "compare.h"

/* Shares of the target that a stage may take, in percent. */
static const int shares[] = { 0, 10, 25, 50, 75, 100 };

#define SHARES	ARRAY_SIZE(shares)

struct sweep_state {
	const struct scenario *sc;
	struct contender c;
	struct result zero;
	struct result best;
	struct netcoal_setting best_setting[STAGES_MAX];
	bool found;
};

static void print_settings(const struct sweep_state *s,
			   const struct netcoal_setting *set)
{
	int i;

	for (i = 0; i < s->sc->n_stages; i++)
		printf("%9.1f", set[i].holdoff_ns / 1e3);
}

static void try_setting(struct sweep_state *s)
{
	struct result r;
	bool ok;
	int i;

	sim_run(s->sc, &s->c, &r);
	if (!s->zero.packets)
		s->zero = r;
	ok = r.p99_delay_ns <= DELAY_TOLERANCE * s->sc->policy.latency_ns &&
	     transactions_kept(&r, &s->zero);
	print_settings(s, s->c.setting);
	printf(" %9.0f %9.1f %9.1f %9.3f %s\n", r.cpu_ns_per_packet,
	       r.p99_delay_ns / 1e3, r.p99_latency_ns / 1e3, r.irq_per_packet,
	       ok ? "" : "over");
	if (!ok || (s->found && r.cpu_ns_per_packet >= s->best.cpu_ns_per_packet))
		return;
	s->found = true;
	s->best = r;
	for (i = 0; i < s->sc->n_stages; i++)
		s->best_setting[i] = s->c.setting[i];
}

static void sweep_stage(struct sweep_state *s, int stage, int left)
{
	size_t i;

	if (stage == s->sc->n_stages) {
		try_setting(s);
		return;
	}
	for (i = 0; i < SHARES && shares[i] <= left; i++) {
		s->c.setting[stage].holdoff_ns =
			s->sc->policy.latency_ns * shares[i] / 100;
		sweep_stage(s, stage + 1, left - shares[i]);
	}
}

/**
 * sweep_stages() - print every way to share the target, the best, and the law's
 * @sc: the scenario with its policy
 */
void sweep_stages(const struct scenario *sc)
{
	struct sweep_state s = { .sc = sc };
	struct contender model = { .ops = peer_find("model"), .name = "model",
				   .device = -1 };
	struct result r;
	int i;

	s.c = (struct contender){ .ops = peer_find("static"), .name = "static",
				  .device = -1 };
	for (i = 0; i < STAGES_MAX; i++)
		s.c.setting[i].frames = UINT32_MAX;
	for (i = 0; i < sc->n_stages; i++)
		printf("  us at %d", i);
	printf(" %9s %9s %9s %9s\n", "cpu ns", "p99 us", "lat99 us", "irq/p");
	sweep_stage(&s, 0, 100);
	sim_run(sc, &model, &r);
	printf("\nbest  ");
	print_settings(&s, s.best_setting);
	printf(": %.0f ns of CPU per packet, p99 %.1f us\n", s.best.cpu_ns_per_packet,
	       s.best.p99_delay_ns / 1e3);
	printf("model: %.0f ns of CPU per packet, p99 %.1f us, regret %.3f\n",
	       r.cpu_ns_per_packet, r.p99_delay_ns / 1e3,
	       r.cpu_ns_per_packet / s.best.cpu_ns_per_packet);
}
