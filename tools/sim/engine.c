// SPDX-License-Identifier: GPL-2.0
/*
 * The discrete-event engine: takes events in the order of their time until
 * enough packets are through.
 */
#include <math.h>

#include "cache.h"
#include "engine.h"

FILE *sim_trace;

static void dispatch(struct sim *s, const struct event *ev)
{
	s->now_ns = ev->at_ns;
	switch (ev->type) {
	case EV_SOURCE:
		traffic_on_source(s, ev->index);
		break;
	case EV_CONNECTION:
		traffic_on_connection(s, ev->index, ev->arg);
		break;
	case EV_SEND:
		traffic_on_send(s, ev->index, ev->arg);
		break;
	case EV_LOST:
		traffic_on_lost(s, ev->index, ev->arg);
		break;
	case EV_TIMER:
		queue_on_timer(&s->q[ev->index], ev->arg);
		break;
	case EV_CPU:
		cpu_run(s, ev->index);
		break;
	case EV_SERVICE:
		cpu_on_service(s, ev->index, ev->arg);
		break;
	case EV_APPLY:
		queue_on_apply(&s->q[ev->index]);
		break;
	case EV_LINK:
		queue_on_link(&s->q[ev->index]);
		break;
	case EV_SENT:
		queue_on_sent(&s->q[ev->index]);
		break;
	case EV_PATH:
		stages_divide(s);
		break;
	}
}

static ns_t last_step(const struct scenario *sc)
{
	double ms = 0;
	int i;

	for (i = 0; i < sc->n_loads; i++)
		if (sc->loads[i].n_steps &&
		    sc->loads[i].steps[sc->loads[i].n_steps - 1].at_ms > ms)
			ms = sc->loads[i].steps[sc->loads[i].n_steps - 1].at_ms;
	return ms * NS_PER_MS;
}

/* Where all loads are replays, they may have less than what is asked for. */
static uint64_t packets_of(const struct scenario *sc)
{
	double there = 0;
	int i;

	for (i = 0; i < sc->n_loads; i++) {
		const struct load *l = &sc->loads[i];

		if (l->kind != LOAD_REPLAY)
			return sc->packets;
		there += (double)l->n_times * sc->stages[l->from].queues;
	}
	return fmax(fmin(sc->packets, there / (1 + sc->warmup)), 1);
}

static struct sim *start(const struct scenario *sc, const struct contender *c)
{
	struct sim *s = xzalloc(sizeof(*s));
	int stage;

	s->sc = sc;
	s->c = c;
	s->rng = gsl_rng_alloc(gsl_rng_taus2);
	gsl_rng_set(s->rng, sc->seed);
	s->warm_ns = -1;
	s->packets = packets_of(sc);
	s->warmup = sc->warmup * s->packets;
	s->half = s->warmup + s->packets / 2;
	s->last_step_ns = last_step(sc);
	hist_init(&s->delay);
	hist_init(&s->latency);
	hist_init(&s->hold);
	for (stage = 0; sc->n_stages > 1 && stage < sc->n_stages; stage++)
		hist_init(&s->at_stage[stage]);
	stages_divide(s);
	for (stage = 0; stage < sc->n_stages; stage++)
		queue_start(s, stage);
	traffic_start(s);
	return s;
}

static void release(struct sim *s)
{
	int i;

	for (i = 0; i < s->n_queues; i++)
		queue_free(&s->q[i]);
	for (i = 0; i < STAGES_MAX; i++)
		free(s->cpu[i].job);
	traffic_free(s);
	free(s->heap.e);
	hist_free(&s->delay);
	hist_free(&s->latency);
	hist_free(&s->hold);
	for (i = 0; i < STAGES_MAX; i++)
		hist_free(&s->at_stage[i]);
	gsl_rng_free(s->rng);
	free(s);
}

static void simulate(const struct scenario *sc, const struct contender *c,
		     struct result *r)
{
	struct sim *s = start(sc, c);
	struct event ev;

	if (!s->warmup)
		outcome_warm(s);
	while (!s->done && s->heap.n) {
		ev = s->heap.e[0];
		heap_pop(&s->heap);
		dispatch(s, &ev);
		if (s->warm_ns < 0 && s->handled >= s->warmup)
			outcome_warm(s);
	}
	if (s->warm_ns < 0)
		outcome_warm(s);
	outcome_fill(s, r);
	release(s);
}

/**
 * sim_run() - run a scenario under one governor, unless the result is at hand
 * @sc: the scenario
 * @c: the governor with its tuning
 * @r: gets what came out
 */
void sim_run(const struct scenario *sc, const struct contender *c,
	     struct result *r)
{
	/* What is kept has no decisions to trace. */
	if (!sim_trace && cache_get(sc, c, r))
		return;
	simulate(sc, c, r);
	cache_put(sc, c, r);
}
