// SPDX-License-Identifier: GPL-2.0
/*
 * Peers at the tunings that operators choose from; and for an aim each at its best
 * one, which those of a number are searched for around the best of these.
 */
#include <linux/kernel.h>
#include <string.h>

#include "die.h"
#include "tunings.h"

/* The lists are a factor of two apart. */
static const double factors[] = { 1.35, 1.15 };

/* Where several stages have the same. */
static void set_all(struct contender *c, double holdoff_ns)
{
	int i;

	for (i = 0; i < STAGES_MAX; i++)
		c->setting[i] = (struct netcoal_setting){ holdoff_ns, UINT32_MAX };
}

static bool is_same(const struct contender *a, const struct contender *b)
{
	return a->ops == b->ops && a->tuning == b->tuning && a->device == b->device &&
	       a->setting[0].holdoff_ns == b->setting[0].holdoff_ns;
}

/* Unless it has been. */
static const struct tuned *run(struct tunings *t, const struct contender *c)
{
	struct tuned *one;

	for (one = t->one; one < t->one + t->n; one++)
		if (is_same(&one->c, c))
			return one;
	if (t->n++ == TUNINGS_MAX)
		die("more than %d tunings", TUNINGS_MAX);
	one->c = *c;
	sim_run(t->sc, c, &one->r);
	return one;
}

static void try_one(struct tunings *t, const char *only, const char *name, double tuning,
		    double holdoff_us, int device)
{
	struct contender c = { .ops = peer_find(name), .name = name,
			       .tuning = tuning, .device = device };

	set_all(&c, holdoff_us * 1e3);
	if (!only || !strcmp(only, name))
		run(t, &c);
}

/**
 * tunings_run() - run a load under all peers
 * @t: gets what they come to
 * @sc: the load
 * @only: one of them, or NULL for all
 * @quick: only tunings that are seldom far from the best
 */
void tunings_run(struct tunings *t, const struct scenario *sc, const char *only, bool quick)
{
	static const double defer_us[] = { 5, 10, 20, 50, 100, 200 };
	static const double rates[] = { 4000, 8000, 16000, 32000, 64000 };
	size_t i;

	t->sc = sc;
	t->n = 0;
	t->quick = quick;
	for (i = 0; i < (quick ? 1 : 5); i++)
		try_one(t, only, "dim", quick ? 1 : i, 0, -1);
	for (i = 0; i < (quick ? 0 : 5); i++)
		try_one(t, only, "dim", DIM_TUNING_CQE + i, 0, DEVICE_RESTART);
	try_one(t, only, "e1000e", 1, 0, DEVICE_THROTTLE);
	try_one(t, only, "e1000e", 3, 0, DEVICE_THROTTLE);
	try_one(t, only, "i40e", 0, 0, DEVICE_THROTTLE);
	/* The kernel's examples have 2 deferrals, and netcoal's actuator 1. */
	for (i = quick ? 2 : 0; i < ARRAY_SIZE(defer_us); i++) {
		try_one(t, only, "defer", 1, defer_us[i], DEVICE_DEFER);
		try_one(t, only, "suspend", 1, defer_us[i], DEVICE_SUSPEND);
		if (quick)
			continue;
		try_one(t, only, "defer", 2, defer_us[i], DEVICE_DEFER);
		try_one(t, only, "suspend", 2, defer_us[i], DEVICE_SUSPEND);
	}
	for (i = 0; i < ARRAY_SIZE(rates); i++)
		try_one(t, only, "rate", rates[i], 0, -1);
}

/* How far a result is from an aim: first what is worse. */
static int rank_of(const struct result *at_zero, const struct aim *aim,
		   const struct result *r)
{
	if (violates(r, at_zero, aim->latency_ns))
		return 2;
	return aim->cpu_ns && r->cpu_ns_per_packet > TARGET_MET * aim->cpu_ns;
}

/* Where a CPU target is met, the least delay is best; else the least CPU. */
static bool is_better(const struct result *at_zero, const struct aim *aim,
		      const struct result *a, const struct result *b)
{
	int rank = rank_of(at_zero, aim, a);

	if (rank != rank_of(at_zero, aim, b))
		return rank < rank_of(at_zero, aim, b);
	if (aim->cpu_ns && !rank)
		return a->p99_delay_ns < b->p99_delay_ns;
	return a->cpu_ns_per_packet < b->cpu_ns_per_packet;
}

/* The same with its one number so many times as large; false if it has none. */
static bool scale(struct contender *c, double factor)
{
	if (!strcmp(c->name, "rate"))
		c->tuning *= factor;
	else if (!strcmp(c->name, "defer") || !strcmp(c->name, "suspend"))
		set_all(c, c->setting[0].holdoff_ns * factor);
	else
		return false;
	return true;
}

static bool improve(struct tunings *t, const struct result *at_zero, const struct aim *aim,
		    const struct tuned **best, double factor)
{
	struct contender c = (*best)->c;
	const struct tuned *one;

	if (!scale(&c, factor))
		return false;
	one = run(t, &c);
	if (!is_better(at_zero, aim, &one->r, &(*best)->r))
		return false;
	*best = one;
	return true;
}

static void refine(struct tunings *t, const struct result *at_zero, const struct aim *aim,
		   const struct tuned **best)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(factors); i++)
		if (!improve(t, at_zero, aim, best, factors[i]))
			improve(t, at_zero, aim, best, 1 / factors[i]);
}

/**
 * tunings_best() - a peer at its best tuning
 * @t: what was tried, gets more
 * @at_zero: the load without hold-off
 * @aim: what is better
 * @name: the peer
 *
 * Return: it, NULL if it was not run.
 */
const struct tuned *tunings_best(struct tunings *t, const struct result *at_zero,
				 const struct aim *aim, const char *name)
{
	const struct tuned *best = NULL;
	int i;

	for (i = 0; i < t->n; i++)
		if (!strcmp(t->one[i].c.name, name) &&
		    (!best || is_better(at_zero, aim, &t->one[i].r, &best->r)))
			best = &t->one[i];
	if (best && !t->quick)
		refine(t, at_zero, aim, &best);
	return best;
}
