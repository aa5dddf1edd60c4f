// SPDX-License-Identifier: GPL-2.0
/*
 * How a path's stages share one latency target: by the module's own share.c, as often as
 * its path.c asks. A transmit queue holds off no packet, so its stage takes nothing.
 */
#include <linux/minmax.h>

#include "engine.h"

/* The module's NETCOAL_PATH_JIFFIES. */
#define PATH_PERIOD_NS	(100 * NS_PER_MS)

static void measure(struct sim *s, int stage, struct netcoal_stage *out)
{
	const struct stage *st = &s->sc->stages[stage];
	int i;

	*out = (struct netcoal_stage){
		.usable = !st->tx,
		.cpu = st->cpu,
		.bound_ns = NETCOAL_TARGET_MAX_NS,
		.granted_ns = s->share_ns[stage],
	};
	for (i = s->first[stage]; i < s->first[stage] + st->queues && i < s->n_queues; i++) {
		struct queue *q = &s->q[i];

		if (s->now_ns)
			netcoal_claim_pps(&q->claim, q->total.packets,
					  PATH_PERIOD_NS / NS_PER_MS);
		out->known |= q->irq_cost_ns > 0;
		out->spent_ns = max(out->spent_ns, q->claim.ns);
		out->pps += q->claim.pps;
		out->polling_ns += (uint64_t)q->claim.pps * q->claim.poll_ns;
		out->closed_pps += q->claim.closed ? q->claim.pps : 0;
		out->irq_cost_ns = max(out->irq_cost_ns, q->irq_cost_ns);
	}
}

/* A share that shrank counts at once, as in the module. */
static void clamp_queues(struct sim *s, int stage)
{
	int i;

	for (i = s->first[stage]; i < s->first[stage] + s->sc->stages[stage].queues; i++) {
		struct queue *q = &s->q[i];
		struct netcoal_setting set = q->asked;

		if (q->irq_cost_ns && set.holdoff_ns > s->share_ns[stage]) {
			set.holdoff_ns = s->share_ns[stage];
			queue_set(q, set);
		}
	}
}

/**
 * stages_divide() - work out all shares, and again after the module's period
 * @s: the simulation; before its queues have started, nothing is known of them
 */
void stages_divide(struct sim *s)
{
	struct netcoal_stage stage[STAGES_MAX];
	int n = s->sc->n_stages, i;

	for (i = 0; i < n; i++)
		measure(s, i, &stage[i]);
	netcoal_share(stage, n, s->sc->policy.latency_ns);
	for (i = 0; i < n; i++) {
		s->beside_ns[i] = stage[i].beside_ns;
		s->later_ns[i] = stage[i].later_ns;
		if (!stage[i].usable || !netcoal_share_matters(s->share_ns[i], stage[i].share_ns))
			continue;
		s->share_ns[i] = stage[i].share_ns;
		if (s->n_queues)
			clamp_queues(s, i);
	}
	if (n > 1)
		heap_push(&s->heap, s->now_ns + PATH_PERIOD_NS, EV_PATH, 0, 0);
}

/**
 * stages_share() - what a queue may hold packets off for
 * @q: the queue
 *
 * Return: ns.
 */
uint32_t stages_share(const struct queue *q)
{
	const struct sim *s = q->sim;

	return queue_stage(q)->tx ? s->sc->policy.latency_ns : s->share_ns[q->stage];
}
