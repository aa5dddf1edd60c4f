// SPDX-License-Identifier: GPL-2.0
#include <math.h>
#include <string.h>

#include "toy_queue.h"

/* Limits of a queue that may have 100 us. */
const struct netcoal_limits toy_usual = {
	.budget_ns = 100000,
	.holdoff_max_ns = 1000000,
	.frames_min = 1,
	.frames_max = 1024,
	.irq_cost_ns = 2500,
	.packet_cost_ns = 600,
	.step_ns = 1000,
};

struct toy_queue toy_paced(double pps)
{
	return (struct toy_queue){ .load = TOY_PACED, .pps = pps, .lim = toy_usual };
}

struct toy_queue toy_poisson(double pps)
{
	return (struct toy_queue){ .load = TOY_POISSON, .pps = pps, .lim = toy_usual };
}

struct toy_queue toy_loop(int connections, double loop_ns)
{
	return (struct toy_queue){ .load = TOY_LOOP, .connections = connections,
				   .loop_ns = loop_ns, .lim = toy_usual };
}

static double uniform(struct toy_queue *q)
{
	q->rng ^= q->rng << 13;
	q->rng ^= q->rng >> 7;
	q->rng ^= q->rng << 17;
	return ((q->rng >> 11) + 1) / 9007199254740993.0;
}

/* The time after so many ns more in which the load is on. */
static double while_on(double now_ns, double ns)
{
	double start = floor(now_ns / 1e6) * 1e6;
	double on = fmin(now_ns - start, 5e5) + ns;

	return start + floor(on / 5e5) * 1e6 + fmod(on, 5e5);
}

/* When the packet that follows one handled at handled_ns arrives. */
static double following(struct toy_queue *q, double arrived_ns, double handled_ns)
{
	unsigned int train = max(q->train, 1U);
	double trains_per_s = q->pps / train;

	if (q->load != TOY_LOOP && ++q->arrivals % train)
		return arrived_ns;
	switch (q->load) {
	case TOY_POISSON:
		return arrived_ns - log(uniform(q)) * 1e9 / trains_per_s;
	case TOY_ONOFF:
		return while_on(arrived_ns, -log(uniform(q)) * 5e8 / trains_per_s);
	case TOY_PACED:
		return arrived_ns + 1e9 / trains_per_s;
	default:
		return handled_ns - log(uniform(q)) * q->loop_ns;
	}
}

static int sources(const struct toy_queue *q)
{
	return q->load == TOY_LOOP ? q->connections : 1;
}

static int earliest(const struct toy_queue *q)
{
	int i, first = 0;

	for (i = 1; i < sources(q); i++)
		if (q->next_ns[i] < q->next_ns[first])
			first = i;
	return first;
}

/* One batch: from its first packet to the end of the hold-off, or its last. */
static u32 batch(struct toy_queue *q)
{
	double first = q->next_ns[earliest(q)];
	double end = q->limits ? fmax(first, q->now_ns + q->gov.setting.holdoff_ns) :
				 first + q->gov.setting.holdoff_ns;
	int came[TOY_CONNECTIONS_MAX], i;
	u32 n = 0, waiting = 0;

	while (q->next_ns[earliest(q)] <= end && n < q->gov.setting.frames) {
		i = earliest(q);
		if (++n == q->gov.setting.frames)
			end = q->next_ns[i];
		if (q->load == TOY_LOOP) {
			came[waiting++] = i;
			q->next_ns[i] = INFINITY;
		} else {
			q->next_ns[i] = following(q, q->next_ns[i], end);
		}
	}
	while (waiting--)
		q->next_ns[came[waiting]] = following(q, 0, end);
	q->now_ns = end;
	q->packets += n;
	q->sequences++;
	return n;
}

void toy_start(struct toy_queue *q, const char *governor)
{
	int i;

	q->rng = 88172645463325252ULL;
	q->fresh = true;
	netcoal_gov_init(&q->gov, netcoal_gov_find(governor), &q->lim);
	for (i = 0; i < sources(q); i++)
		q->next_ns[i] = following(q, 0, 0);
}

void toy_window(struct toy_queue *q)
{
	struct netcoal_setting before = q->gov.setting;
	struct netcoal_window w = { .settled = !q->fresh };
	double start = q->now_ns, len = 0;

	while (!netcoal_window_over(q->last.next_sequences, w.sequences, len)) {
		u32 n = batch(q);

		w.packets += n;
		w.squares += (u64)n * n;
		w.longest = max(w.longest, n);
		w.sequences++;
		len = q->now_ns - start;
	}
	w.len_ns = len;
	w.polls = w.sequences;
	w.starved = q->starved;
	w.busy_ns = w.packets * (u64)q->poll_ns;
	w.cpu_ns = w.packets * ((u64)q->lim.packet_cost_ns + q->app_ns) +
		   w.sequences * (u64)(q->irq_ns ?: q->lim.irq_cost_ns);
	netcoal_gov_decide(&q->gov, &w, &q->lim, &q->last);
	q->fresh = memcmp(&before, &q->gov.setting, sizeof(before));
	q->changes += q->fresh;
}

void toy_windows(struct toy_queue *q, unsigned int n)
{
	while (n--)
		toy_window(q);
}

/* Packets per second over a while, in which the governor goes on. */
double toy_rate(struct toy_queue *q, double seconds)
{
	double start = q->now_ns;
	u64 packets = q->packets;

	while (q->now_ns < start + seconds * 1e9)
		toy_window(q);
	return (q->packets - packets) * 1e9 / (q->now_ns - start);
}
