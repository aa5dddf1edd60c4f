// SPDX-License-Identifier: GPL-2.0
/*
 * The registry of governors, and the last line of defence between what a
 * governor says and what a device gets.
 */
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "governor.h"

static const struct netcoal_gov_ops * const governors[] = {
	&netcoal_gov_model,
	&netcoal_gov_fixed,
#ifdef NETCOAL_HAVE_DIM
	&netcoal_gov_dim,
#endif
};

/**
 * netcoal_gov_find() - look a governor up by its name
 * @name: the name that a policy gives
 *
 * Return: the governor, or NULL if there is none of that name.
 */
const struct netcoal_gov_ops *netcoal_gov_find(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(governors); i++)
		if (!strcmp(governors[i]->name, name))
			return governors[i];
	return NULL;
}

/*
 * Limits come from a policy, a path's share and an actuator, each of which
 * keeps its own order; only together can they contradict one another.
 */
static struct netcoal_limits sane_limits(const struct netcoal_limits *lim)
{
	struct netcoal_limits l = *lim;

	l.holdoff_max_ns = min_t(u32, l.holdoff_max_ns, NETCOAL_TARGET_MAX_NS);
	l.holdoff_min_ns = min(l.holdoff_min_ns, l.holdoff_max_ns);
	l.budget_ns = min_t(u32, l.budget_ns, NETCOAL_TARGET_MAX_NS);
	l.frames_max = clamp_t(u32, l.frames_max, 1, NETCOAL_FRAMES_MAX);
	l.frames_min = clamp_t(u32, l.frames_min, 1, l.frames_max);
	l.step_ns = clamp_t(u32, l.step_ns, 1, NETCOAL_TARGET_MAX_NS);
	return l;
}

/* The latency target gives way only to a CPU target that is preferred. */
static u32 longest_holdoff(const struct netcoal_limits *lim)
{
	if (lim->cpu_target_ns && lim->prefer == NETCOAL_PREFER_CPU)
		return lim->holdoff_max_ns;
	return clamp(lim->budget_ns, lim->holdoff_min_ns, lim->holdoff_max_ns);
}

/*
 * Round down to the actuator's step, so that a wait never outlives what was
 * promised, unless that would undercut the policy's least hold-off.
 */
static u32 bounded_holdoff(u32 holdoff_ns, const struct netcoal_limits *lim)
{
	u32 ns = clamp(holdoff_ns, lim->holdoff_min_ns, longest_holdoff(lim));
	u32 rest = ns % lim->step_ns;

	if (rest && ns - rest < lim->holdoff_min_ns)
		return min_t(u32, ns - rest + lim->step_ns, lim->holdoff_max_ns);
	return ns - rest;
}

static void bound(struct netcoal_setting *s, const struct netcoal_limits *lim)
{
	s->holdoff_ns = bounded_holdoff(s->holdoff_ns, lim);
	s->frames = clamp(s->frames, lim->frames_min, lim->frames_max);
}

/**
 * netcoal_gov_bound() - draw a setting in
 * @s: the setting
 * @lim: the limits, which may have moved since it was decided
 *
 * By the rules that bound whatever a governor says.
 */
void netcoal_gov_bound(struct netcoal_setting *s, const struct netcoal_limits *lim)
{
	struct netcoal_limits l = sane_limits(lim);

	bound(s, &l);
}

/**
 * netcoal_gov_init() - start a governor on a queue
 * @gov: the queue's governor state, overwritten
 * @ops: the governor to run
 * @lim: the queue's limits
 *
 * On return @gov->setting is what the queue should start with.
 */
void netcoal_gov_init(struct netcoal_gov *gov, const struct netcoal_gov_ops *ops,
		      const struct netcoal_limits *lim)
{
	struct netcoal_limits l = sane_limits(lim);

	memset(gov, 0, sizeof(*gov));
	gov->ops = ops;
	gov->setting.frames = l.frames_max;
	ops->init(gov, &l);
	bound(&gov->setting, &l);
}

/* A window nobody could learn from: the clock stood still, or nothing came. */
static bool judgeable(const struct netcoal_window *win)
{
	return win->len_ns && win->packets;
}

/**
 * netcoal_gov_decide() - let a queue's governor judge a window
 * @gov: the queue's governor state
 * @win: what the queue did
 * @lim: the queue's limits, which may have changed since the last window
 * @d: filled with the decision and its terms
 *
 * The setting in @d is within @lim whatever the governor said, and is
 * remembered in @gov->setting as the one in force. Of a window that nobody could learn
 * from the verdict is NETCOAL_VERDICT_START, and the setting stays.
 */
void netcoal_gov_decide(struct netcoal_gov *gov, const struct netcoal_window *win,
			const struct netcoal_limits *lim,
			struct netcoal_decision *d)
{
	struct netcoal_limits l = sane_limits(lim);

	memset(d, 0, sizeof(*d));
	d->setting = gov->setting;
	d->verdict = NETCOAL_VERDICT_START;
	if (judgeable(win))
		gov->ops->decide(gov, win, &l, d);
	bound(&d->setting, &l);
	d->spent_ns = max(d->spent_ns, d->setting.holdoff_ns);
	gov->setting = d->setting;
}
