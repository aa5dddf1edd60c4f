// SPDX-License-Identifier: GPL-2.0
/* What a run came to. */
#include <math.h>
#include <string.h>

#include "engine.h"

/* Windows in a row that have to be as cheap as the rest of the run. */
#define SETTLED_WINDOWS	10
#define SETTLED_REGRET	1.10

/* The warm-up is over: what was counted so far does not count. */
void outcome_warm(struct sim *s)
{
	int i;

	s->warm_ns = s->now_ns;
	s->starts = 0;
	s->dropped = 0;
	s->warm_cost_ns = 0;
	for (i = 0; i < STAGES_MAX; i++) {
		s->warm_cost_ns += s->cpu[i].cost_ns;
		s->warm_busy_ns[i] = cpu_used_ns(s, i);
	}
}

/* The hold-off is about to change: add the one that was in force. */
void outcome_holdoff(struct queue *q)
{
	struct sim *s = q->sim;
	ns_t from = q->holdoff_since > s->warm_ns ? q->holdoff_since : s->warm_ns;

	if (s->warm_ns >= 0 && s->now_ns > from)
		q->holdoff_sum += (double)q->holdoff_ns * (s->now_ns - from);
	q->holdoff_since = s->now_ns;
}

/*
 * Windows from the start or the last step until ten in a row cost on average
 * no more than 1.10 of what the rest of the run does.
 */
static uint64_t settle_time(const struct sim *s, const struct queue *q)
{
	uint32_t first = 0, half, i, j;
	double late = 0, sum;

	while (first < q->n_notes && q->notes[first].end_ns < s->last_step_ns)
		first++;
	half = first + (q->n_notes - first) / 2;
	for (i = half; i < q->n_notes; i++)
		late += q->notes[i].cost_ns;
	if (half == q->n_notes)
		return 0;
	late /= q->n_notes - half;
	for (i = first; i + SETTLED_WINDOWS <= half; i++) {
		for (j = i, sum = 0; j < i + SETTLED_WINDOWS; j++)
			sum += q->notes[j].cost_ns;
		if (sum <= SETTLED_WINDOWS * SETTLED_REGRET * late)
			return i - first;
	}
	return half - first;
}

/* Nothing may have come after the warm-up. */
static double span_ns(const struct sim *s)
{
	return s->now_ns > s->warm_ns ? s->now_ns - s->warm_ns : 1;
}

static void fill_cpus(struct sim *s, struct result *r)
{
	double span = span_ns(s), cost = -s->warm_cost_ns, busy;
	int i;

	for (i = 0; i < STAGES_MAX; i++) {
		cost += s->cpu[i].cost_ns;
		busy = (cpu_used_ns(s, i) - s->warm_busy_ns[i]) / span;
		r->utilisation = fmax(r->utilisation, busy);
	}
	r->cpu_ns_per_packet = s->counted ? cost / s->counted : 0;
}

static void fill_queues(struct sim *s, struct result *r)
{
	double span = span_ns(s), mean_ns;
	uint64_t late = 0, windows_late = 0, settle;
	int i;

	for (i = 0; i < s->n_queues; i++) {
		struct queue *q = &s->q[i];

		outcome_holdoff(q);
		mean_ns = q->holdoff_sum / span / queue_stage(q)->queues;
		r->holdoff_ns += mean_ns;
		r->stage_holdoff_ns[q->stage] += mean_ns;
		r->windows += q->n_notes;
		late += q->changes_late;
		windows_late += q->windows_late;
		settle = settle_time(s, q);
		if (settle > r->windows_to_settle)
			r->windows_to_settle = settle;
	}
	r->changes_per_50 = windows_late ? 50.0 * late / windows_late : 0;
}

static void fill_stages(const struct sim *s, struct result *r)
{
	uint64_t early[STAGES_MAX] = { }, expired[STAGES_MAX] = { };
	int i;

	for (i = 0; i < s->n_queues; i++) {
		early[s->q[i].stage] += s->q[i].early;
		expired[s->q[i].stage] += s->q[i].expired;
	}
	for (i = 0; i < s->sc->n_stages; i++) {
		if (early[i] + expired[i])
			r->stage_expired[i] = (double)expired[i] / (early[i] + expired[i]);
		if (s->sc->n_stages == 1)
			return;
		r->stage_mean_ns[i] = hist_mean(&s->at_stage[i]);
		r->stage_p99_ns[i] = hist_quantile(&s->at_stage[i], 0.99);
	}
}

static void fill_verdicts(const struct sim *s, struct result *r)
{
	uint64_t all = 0;
	int i, most = 0;

	for (i = 0; i < VERDICTS_MAX; i++) {
		all += s->verdicts[i];
		if (s->verdicts[i] > s->verdicts[most])
			most = i;
	}
	r->verdict = all ? most : -1;
	r->saturated = all ? (double)s->verdicts[NETCOAL_VERDICT_SATURATED] / all : 0;
}

static bool closed(const struct scenario *sc)
{
	int i;

	for (i = 0; i < sc->n_loads; i++)
		if (traffic_closed(&sc->loads[i]))
			return true;
	return false;
}

void outcome_fill(struct sim *s, struct result *r)
{
	memset(r, 0, sizeof(*r));
	r->packets = s->counted;
	r->dropped = s->dropped;
	r->seconds = (s->now_ns - s->warm_ns) / 1e9;
	r->pps = r->seconds > 0 ? s->counted / r->seconds : 0;
	r->by_poll = s->sc->by_poll;
	r->closed = closed(s->sc);
	r->p50_delay_ns = hist_quantile(&s->delay, 0.5);
	r->p99_delay_ns = hist_quantile(&s->delay, 0.99);
	r->p99_hold_ns = hist_quantile(&s->hold, 0.99);
	r->p99_delay_ns = fmax(r->p99_delay_ns, r->p99_hold_ns);
	r->mean_delay_ns = hist_mean(&s->delay);
	r->p99_latency_ns = hist_quantile(&s->latency, 0.99);
	r->mean_latency_ns = hist_mean(&s->latency);
	r->irq_per_packet = s->counted ? (double)s->starts / s->counted : 0;
	fill_cpus(s, r);
	fill_queues(s, r);
	fill_stages(s, r);
	fill_verdicts(s, r);
}
