// SPDX-License-Identifier: GPL-2.0
/*
 * A search for better static settings around the best of a grid: a step up or down in
 * one stage's hold-off or frames limit, or from one stage to another, as long as that is
 * better; then a smaller step. What violates is no better, so it ends close to the limit.
 */
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <math.h>

#include "descent.h"

/* Settings that one descent may run. */
#define TRIES_ONE_STAGE	14
#define TRIES_PATH	24
/* Timers know no less. */
#define STEP_MIN_NS	500

/* Parts of a hold-off; on paths, of the target. A grid's are twice the first apart. */
static const double steps[] = { 0.1, 0.05, 0.025 };

/* Of the target, which what batches take to poll has a part of. */
static const double target_parts[] = { 1, 0.98, 0.96, 0.92 };

/* In a closed loop frames end a hold-off whose time is for when they don't come. */
static const uint32_t pair_frames[] = { 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64 };
/* The longest time is best, unless the loop loses too much by it. */
static const double pair_parts[] = { 1, 0.8, 0.6 };

/**
 * struct descent - one under way
 * @g: all settings that were tried
 * @sc: the load
 * @aim: what is better
 * @best: the best one yet
 * @left: settings that may still be run
 */
struct descent {
	struct grid *g;
	const struct scenario *sc;
	const struct aim *aim;
	const struct point *best;
	int left;
};

static bool is_better(struct descent *d, const struct netcoal_setting *setting)
{
	const struct point *p = grid_find(d->g, d->sc, setting);

	if (!p && !d->left)
		return false;
	if (!p) {
		d->left--;
		p = grid_try(d->g, d->sc, setting);
	}
	if (!grid_prefers(d->g, d->aim, p, d->best))
		return false;
	d->best = p;
	return true;
}

/* What a step changes, ns. */
static double delta_ns(const struct descent *d, int stage, double step)
{
	const struct stage *st = &d->sc->stages[stage];
	double of_ns = d->sc->n_stages > 1 ? d->aim->latency_ns :
					      d->best->setting[stage].holdoff_ns;

	return fmax(fmax(of_ns * step, st->device.step_ns), STEP_MIN_NS);
}

/* @from's hold-off grows shorter where @to's grows longer, or -1 for none. */
static bool move_time(struct descent *d, int to, int from, double delta)
{
	struct netcoal_setting setting[STAGES_MAX];
	int i;

	for (i = 0; i < STAGES_MAX; i++)
		setting[i] = d->best->setting[i];
	if (from >= 0 && setting[from].holdoff_ns < delta)
		return false;
	if (to >= 0)
		setting[to].holdoff_ns += delta;
	if (from >= 0)
		setting[from].holdoff_ns -= delta;
	return is_better(d, setting);
}

static bool move_frames(struct descent *d, double step)
{
	struct netcoal_setting setting = d->best->setting[0];
	uint32_t delta = fmax(setting.frames * step, 1);

	if (setting.frames == UINT32_MAX)
		return false;
	setting.frames += delta;
	if (is_better(d, &setting))
		return true;
	setting.frames -= 2 * delta;
	return (int)setting.frames > 0 && is_better(d, &setting);
}

static bool is_fixed(const struct descent *d, int stage)
{
	return stage >= 0 && d->sc->stages[stage].tx;
}

/* One stage's up, or from one to another, or one stage's down. */
static bool move_any_time(struct descent *d, double step)
{
	int n = d->sc->n_stages, from, to, i;

	for (i = 0; i < (n + 1) * (n + 1) - 1; i++) {
		from = i / (n + 1) - 1;
		to = i % (n + 1);
		to = to == n ? -1 : to;
		if (to == from || is_fixed(d, to) || is_fixed(d, from))
			continue;
		if (move_time(d, to, from, delta_ns(d, max(to, from), step)))
			return true;
	}
	return false;
}

static void descend(struct descent *d)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(steps) && d->left; i++)
		while (move_any_time(d, steps[i]) ||
		       (d->sc->n_stages == 1 && move_frames(d, steps[i])))
			;
}

/* The longest hold-off may be best though none of those a little shorter is. */
static void try_longest(struct descent *d)
{
	struct netcoal_setting setting = { .frames = UINT32_MAX };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(target_parts); i++) {
		setting.holdoff_ns = d->aim->latency_ns * target_parts[i];
		if (grid_prefers(d->g, d->aim, grid_try(d->g, d->sc, &setting), NULL))
			return;
	}
}

/* Packets that closed loops can have under way; frames beyond that only wait. */
static double closed_packets(const struct scenario *sc)
{
	double n = 0;
	int i;

	for (i = 0; i < sc->n_loads; i++)
		if (traffic_closed(&sc->loads[i]))
			n += sc->loads[i].connections *
			     fmax(fmax(sc->loads[i].window, sc->loads[i].message), 1);
	return n;
}

static void try_pairs(struct descent *d)
{
	double most = closed_packets(d->sc);
	struct netcoal_setting setting;
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(pair_frames) && pair_frames[i] < most; i++)
		for (j = 0; j < ARRAY_SIZE(pair_parts); j++) {
			setting.holdoff_ns = d->aim->latency_ns * pair_parts[j];
			setting.frames = pair_frames[i];
			if (grid_prefers(d->g, d->aim, grid_try(d->g, d->sc, &setting), NULL))
				break;
		}
}

/**
 * descent() - try more static settings of a load, for one aim
 * @g: those that were tried, gets more
 * @sc: the load
 * @aim: the aim
 */
void descent(struct grid *g, const struct scenario *sc, const struct aim *aim)
{
	struct descent d = {
		.g = g, .sc = sc, .aim = aim,
		.left = sc->n_stages > 1 ? TRIES_PATH : TRIES_ONE_STAGE,
	};

	if (sc->n_stages == 1) {
		try_longest(&d);
		if (device_has_frames(&sc->stages[0].device))
			try_pairs(&d);
	}
	d.best = grid_best(g, aim);
	if (d.best)
		descend(&d);
}
