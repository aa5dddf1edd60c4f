// SPDX-License-Identifier: GPL-2.0
/*
 * Scenarios drawn at random: loads, costs, devices, beliefs and targets that
 * nobody chose, and so nobody tuned to. The same seed draws the same.
 */
#include <gsl/gsl_rng.h>
#include <linux/kernel.h>
#include <math.h>
#include <string.h>

#include "die.h"
#include "draw.h"

/* Simulated, if the packets allow. */
#define DRAW_SECONDS	4
#define PACKETS_MIN	150000
#define PACKETS_MAX	1200000
/* A CPU that packets alone fill has nothing left to govern. */
#define SHARE_MAX	0.75

static int drawn(gsl_rng *rng, int n)
{
	return gsl_rng_uniform_int(rng, n);
}

static bool chance(gsl_rng *rng, double p)
{
	return gsl_rng_uniform(rng) < p;
}

static double between(gsl_rng *rng, double low, double high)
{
	return low + (high - low) * gsl_rng_uniform(rng);
}

/* Every factor of two is as likely as the next; three digits are enough. */
static double scaled(gsl_rng *rng, double low, double high)
{
	double x = low * pow(high / low, gsl_rng_uniform(rng));
	double digit = pow(10, floor(log10(x)) - 2);

	return round(x / digit) * digit;
}

static void set(json_t *o, const char *key, double value)
{
	json_object_set_new(o, key, value == floor(value) ? json_integer(value) :
							    json_real(value));
}

static void set_word(json_t *o, const char *key, const char *word)
{
	json_object_set_new(o, key, json_string(word));
}

static json_t *draw_costs(gsl_rng *rng, double *packet_ns)
{
	json_t *costs = json_object();

	*packet_ns = scaled(rng, 150, 1500);
	set(costs, "irq_ns", scaled(rng, 200, 2000));
	set(costs, "softirq_ns", scaled(rng, 100, 800));
	set(costs, "wake_ns", scaled(rng, 400, 3000));
	set(costs, "timer_ns", scaled(rng, 200, 1500));
	set(costs, "poll_ns", scaled(rng, 50, 400));
	set(costs, "packet_ns", *packet_ns);
	if (chance(rng, 0.3))
		set(costs, "exit_ns", scaled(rng, 300, 3000));
	return costs;
}

static json_t *draw_device(gsl_rng *rng)
{
	static const char * const kinds[] = {
		"delay", "delay", "delay", "delay", "throttle", "defer", "defer", "hold",
	};
	static const int steps_us[] = { 1, 1, 1, 2, 4, 8 };
	static const char * const rounds[] = { "down", "up", "nearest" };
	const char *kind = kinds[drawn(rng, ARRAY_SIZE(kinds))];
	json_t *device = json_object();

	set_word(device, "kind", kind);
	if (!strcmp(kind, "delay") || !strcmp(kind, "throttle")) {
		set(device, "step_us", steps_us[drawn(rng, ARRAY_SIZE(steps_us))]);
		set_word(device, "round", rounds[drawn(rng, ARRAY_SIZE(rounds))]);
		set(device, "frames_max", chance(rng, 0.5) ? 4096 : 0);
	}
	return device;
}

static json_t *draw_stage(gsl_rng *rng, double *packet_ns)
{
	json_t *stage = json_object();

	json_object_set_new(stage, "costs", draw_costs(rng, packet_ns));
	json_object_set_new(stage, "device", draw_device(rng));
	if (chance(rng, 0.3))
		set(stage, "app", round(between(rng, 2, 30)) / 100);
	return stage;
}

/* Mostly one that receives; else one that sends, or a path of two or three. */
static json_t *draw_stages(gsl_rng *rng, double *packet_ns)
{
	json_t *stages = json_array(), *stage = draw_stage(rng, packet_ns);
	int more = chance(rng, 0.12) ? 1 + drawn(rng, 2) : 0;
	double next_ns;

	if (!more && chance(rng, 0.1)) {
		json_object_set_new(stage, "transmit", json_true());
		set(stage, "wire_ns", round(scaled(rng, 7, 1200)));
	}
	json_array_append_new(stages, stage);
	for (; more; more--) {
		json_array_append_new(stages, draw_stage(rng, &next_ns));
		*packet_ns = fmax(*packet_ns, next_ns);
	}
	return stages;
}

static void draw_steps(gsl_rng *rng, json_t *load)
{
	json_t *steps = json_array(), *step;
	int i, n = 1 + drawn(rng, 4);
	double at_ms = 0;

	for (i = 0; i < n; i++) {
		at_ms += round(between(rng, 200, 1500));
		step = json_object();
		set(step, "at_ms", at_ms);
		set(step, "factor", scaled(rng, 0.1, 1));
		json_array_append_new(steps, step);
	}
	json_object_set_new(load, "steps", steps);
	if (chance(rng, 0.3))
		json_object_set_new(load, "ramp", json_true());
}

static json_t *draw_open(gsl_rng *rng, double pps)
{
	static const char * const kinds[] = {
		"poisson", "poisson", "constant", "onoff", "pareto", "mmpp", "train",
		"incast",
	};
	const char *kind = kinds[drawn(rng, ARRAY_SIZE(kinds))];
	json_t *load = json_object();
	double low;

	set_word(load, "kind", kind);
	set(load, "pps", pps);
	set(load, "bytes", 60 + drawn(rng, 1440));
	if (!strcmp(kind, "onoff") || !strcmp(kind, "mmpp")) {
		set(load, "on_us", scaled(rng, 200, 20000));
		set(load, "off_us", scaled(rng, 200, 20000));
		low = scaled(rng, 0.02, 0.5);
		if (!strcmp(kind, "mmpp"))
			set(load, "low", low);
	} else if (!strcmp(kind, "pareto")) {
		set(load, "alpha", round(between(rng, 120, 300)) / 100);
	} else if (!strcmp(kind, "train") || !strcmp(kind, "incast")) {
		set(load, "train", round(scaled(rng, 2, 64)));
		set(load, "gap_ns", round(scaled(rng, 50, 1500)));
	}
	if (chance(rng, 0.3))
		draw_steps(rng, load);
	return load;
}

static json_t *draw_closed(gsl_rng *rng)
{
	json_t *load = json_object();
	bool tcp = chance(rng, 0.25);

	set_word(load, "kind", tcp ? "tcp" : "loop");
	set(load, "connections", round(tcp ? scaled(rng, 1, 8) : scaled(rng, 1, 300)));
	set(load, "rtt_us", round(scaled(rng, 30, 1000)));
	if (chance(rng, 0.7))
		set(load, "think_us", round(scaled(rng, 5, 1000)));
	set(load, "gap_ns", round(scaled(rng, 100, 2000)));
	if (tcp) {
		set(load, "window", round(scaled(rng, 4, 128)));
		set(load, "bytes", 1500);
		return load;
	}
	if (chance(rng, 0.3))
		set(load, "message", round(scaled(rng, 2, 16)));
	if (chance(rng, 0.3))
		set(load, "service_us", scaled(rng, 0.5, 5));
	return load;
}

static double draw_loads(gsl_rng *rng, json_t *loads, double packet_ns)
{
	double pps_max = SHARE_MAX * 1e9 / packet_ns, pps = 300000;

	if (chance(rng, 0.4)) {
		json_array_append_new(loads, draw_closed(rng));
		return pps;
	}
	pps = round(scaled(rng, 3000, pps_max));
	json_array_append_new(loads, draw_open(rng, pps));
	if (chance(rng, 0.1)) {
		json_array_append_new(loads, draw_open(rng, round(pps / 10)));
		pps *= 1.1;
	}
	return pps;
}

/**
 * draw_scenario() - draw a scenario
 * @seed: what from
 *
 * Return: the scenario as its file would have it.
 */
json_t *draw_scenario(unsigned long seed)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_taus2);
	json_t *o = json_object(), *policy = json_object(), *loads = json_array();
	json_t *stages;
	double packet_ns, pps;
	char about[64];

	if (!rng || !o || !policy || !loads)
		die("no memory to draw a scenario");
	gsl_rng_set(rng, seed * 2654435761u + 1);
	snprintf(about, sizeof(about), "drawn from seed %lu", seed);
	set_word(o, "about", about);
	set(o, "seed", seed);
	stages = draw_stages(rng, &packet_ns);
	pps = draw_loads(rng, loads, packet_ns);
	set(o, "packets", round(fmin(fmax(pps * DRAW_SECONDS, PACKETS_MIN), PACKETS_MAX)));
	set(o, "belief", scaled(rng, 0.4, 2.5));
	set(policy, "latency_us", round(scaled(rng, 15, 300)));
	json_object_set_new(o, "policy", policy);
	json_object_set_new(o, "stages", stages);
	json_object_set_new(o, "loads", loads);
	gsl_rng_free(rng);
	return o;
}
