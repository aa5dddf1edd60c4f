// SPDX-License-Identifier: GPL-2.0
/*
 * Governor "fixed": the longest hold-off that latency target and policy allow,
 * whatever the load. What an operator would write with ethtool -C, and the
 * yardstick for everything that adapts.
 */
#include <linux/minmax.h>

#include "governor.h"
#include "gov_terms.h"

static void fixed_set(struct netcoal_setting *s, const struct netcoal_limits *lim)
{
	s->holdoff_ns = min(lim->budget_ns, lim->holdoff_max_ns);
	s->frames = lim->frames_max;
}

static void fixed_init(struct netcoal_gov *gov, const struct netcoal_limits *lim)
{
	fixed_set(&gov->setting, lim);
}

static void fixed_decide(struct netcoal_gov *gov, const struct netcoal_window *win,
			 const struct netcoal_limits *lim,
			 struct netcoal_decision *d)
{
	netcoal_terms_fill(win, lim, d);
	fixed_set(&d->setting, lim);
	d->want_frames = d->setting.frames;
	d->verdict = NETCOAL_VERDICT_FIXED;
}

const struct netcoal_gov_ops netcoal_gov_fixed = {
	.name = "fixed",
	.init = fixed_init,
	.decide = fixed_decide,
};
