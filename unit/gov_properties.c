// SPDX-License-Identifier: GPL-2.0
/*
 * Whatever a driver reports and a policy asks for, a decision is within its
 * limits, and nothing overflows or divides by zero (the sanitizers watch).
 */
#include <stdio.h>
#include <string.h>

#include <linux/kernel.h>

#include "gov_properties.h"
#include "governor.h"

#define WINDOWS 200

static u64 rng;

static u64 draw(void)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return rng;
}

/* Extremes and plausible values of every magnitude, alike. */
static u64 draw_any(void)
{
	static const u64 extreme[] = {
		0, 1, 2, 63, 64, 1000, S32_MAX, (u64)S32_MAX + 1, U32_MAX - 1,
		U32_MAX, (u64)U32_MAX + 1, 1000000000, S64_MAX,
		(u64)S64_MAX + 1, U64_MAX - 1, U64_MAX,
	};

	if (draw() % 4 == 0)
		return extreme[draw() % ARRAY_SIZE(extreme)];
	return draw() >> (draw() % 64);
}

static void draw_window(struct netcoal_window *w)
{
	memset(w, 0, sizeof(*w));
	w->len_ns = draw_any();
	w->busy_ns = draw_any();
	w->cpu_ns = draw_any();
	w->squares = draw_any();
	w->longest = draw_any();
	w->packets = draw_any();
	w->polls = draw_any();
	w->empty_polls = draw_any();
	w->full_polls = draw_any();
	w->sequences = draw_any();
	w->hardirqs = draw_any();
	w->starved = draw() % 2;
	w->shared = draw() % 2;
	w->settled = draw() % 8;
	if (draw() % 2)
		return;
	/* A window as a driver would report it. */
	w->len_ns = 1000000 + draw() % 100000000;
	w->sequences = 1 + draw() % 2000;
	w->packets = w->sequences * (1 + draw() % 40);
	w->squares = (u64)w->packets * w->packets / w->sequences * (1 + draw() % 3);
	w->longest = w->packets / w->sequences * (1 + draw() % 3);
	w->polls = w->sequences + draw() % 10;
	w->empty_polls = draw() % w->sequences;
	w->busy_ns = draw() % w->len_ns;
}

static void draw_limits(struct netcoal_limits *l)
{
	memset(l, 0, sizeof(*l));
	l->budget_ns = draw_any();
	l->cpu_target_ns = draw() % 2 ? draw_any() : 0;
	l->prefer = draw() % 2 ? NETCOAL_PREFER_CPU : NETCOAL_PREFER_LATENCY;
	l->holdoff_min_ns = draw() % 2 ? draw_any() : 0;
	l->holdoff_max_ns = draw_any();
	l->frames_min = draw_any();
	l->frames_max = draw_any();
	l->irq_cost_ns = draw_any();
	l->packet_cost_ns = draw_any();
	l->irq_extra_ns = draw_any();
	l->timer_cost_ns = draw_any();
	l->step_ns = draw() % 2 ? draw_any() : 1000;
	l->has_frames = draw() % 2;
	l->transmit = draw() % 2;
}

static const char *broken(const struct netcoal_setting *s,
			  const struct netcoal_limits *l)
{
	u32 max = l->holdoff_max_ns < NETCOAL_TARGET_MAX_NS ?
		  l->holdoff_max_ns : NETCOAL_TARGET_MAX_NS;
	u32 min = l->holdoff_min_ns < max ? l->holdoff_min_ns : max;
	u32 frames_max = l->frames_max < NETCOAL_FRAMES_MAX ?
			 l->frames_max : NETCOAL_FRAMES_MAX;

	if (s->holdoff_ns > max)
		return "hold-off above the policy's maximum";
	if (s->holdoff_ns < min)
		return "hold-off below the policy's minimum";
	if (!s->frames)
		return "no frames";
	if (frames_max && s->frames > frames_max)
		return "frames above the policy's maximum";
	if (s->frames < l->frames_min && s->frames != (frames_max ? frames_max : 1))
		return "frames below the policy's minimum";
	if ((l->prefer == NETCOAL_PREFER_LATENCY || !l->cpu_target_ns) &&
	    s->holdoff_ns > l->budget_ns &&
	    s->holdoff_ns >= (u64)min + (l->step_ns ? l->step_ns : 1))
		return "hold-off above the latency target";
	return NULL;
}

static const char *run_sequence(const struct netcoal_gov_ops *ops)
{
	struct netcoal_gov gov;
	struct netcoal_limits l;
	struct netcoal_window w;
	struct netcoal_decision d;
	const char *what;
	int i;

	draw_limits(&l);
	netcoal_gov_init(&gov, ops, &l);
	for (i = 0; i < WINDOWS; i++) {
		if (draw() % 64 == 0)
			draw_limits(&l);
		draw_window(&w);
		netcoal_gov_decide(&gov, &w, &l, &d);
		what = broken(&d.setting, &l);
		if (!what && memcmp(&gov.setting, &d.setting, sizeof(d.setting)))
			what = "the setting in force is not the decision's";
		if (!what && d.verdict > NETCOAL_VERDICT_DIM)
			what = "unknown verdict";
		if (what)
			return what;
	}
	return NULL;
}

int gov_properties(const char *name, unsigned int seed, unsigned int rounds,
		   char *why, unsigned long size)
{
	const struct netcoal_gov_ops *ops = netcoal_gov_find(name);
	const char *what;
	unsigned int i;

	if (!ops) {
		snprintf(why, size, "no governor %s", name);
		return -1;
	}
	for (i = 0; i < rounds; i++) {
		rng = 0x9e3779b97f4a7c15ULL * (seed + i + 1);
		what = run_sequence(ops);
		if (what) {
			snprintf(why, size, "%s, seed %u: %s", name, seed + i, what);
			return -1;
		}
	}
	return 0;
}
