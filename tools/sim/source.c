// SPDX-License-Identifier: GPL-2.0
#include <gsl/gsl_randist.h>
#include <math.h>

#include "source.h"

/* The rate's factor at a time: that of the last step, or between two. */
static double factor_at(const struct load *l, double ns)
{
	double ms = ns / NS_PER_MS, part;
	int i;

	if (!l->n_steps || ms < l->steps[0].at_ms)
		return 1;
	for (i = 1; i < l->n_steps && l->steps[i].at_ms <= ms; i++)
		;
	if (!l->ramp || i == l->n_steps)
		return l->steps[i - 1].factor;
	part = (ms - l->steps[i - 1].at_ms) / (l->steps[i].at_ms - l->steps[i - 1].at_ms);
	return l->steps[i - 1].factor + part * (l->steps[i].factor - l->steps[i - 1].factor);
}

static double exponential(struct source *s, double mean)
{
	return -mean * log(gsl_rng_uniform_pos(s->rng));
}

/*
 * Two states with Poisson arrivals in each. Arrivals have no memory: one that
 * would come after the state ends is drawn anew from there.
 */
static double modulated(struct source *s, double f)
{
	const struct load *l = s->load;
	double low = l->kind == LOAD_MMPP ? l->low : 0;
	double share = l->on_us / (l->on_us + l->off_us);
	double high_pps = l->pps / (share + low * (1 - share));

	for (;;) {
		double pps = f * high_pps * (s->high ? 1 : low);
		double gap = pps > 0 ? exponential(s, NS_PER_SEC / pps) : INFINITY;

		if (s->at_ns + gap < s->switch_ns)
			return s->at_ns + gap;
		s->at_ns = s->switch_ns;
		s->high = !s->high;
		s->switch_ns += exponential(s, 1e3 * (s->high ? l->on_us : l->off_us));
	}
}

static double train(struct source *s, double f)
{
	const struct load *l = s->load;
	double mean = l->train * NS_PER_SEC / (f * l->pps);
	double length = (l->train - 1) * l->gap_ns;
	double pause = mean > length ? mean - length : 0;

	if (s->left > 0) {
		s->left--;
		return s->at_ns + l->gap_ns;
	}
	s->left = l->train - 1;
	return s->at_ns + (l->kind == LOAD_INCAST ? pause : exponential(s, pause));
}

static double following(struct source *s)
{
	const struct load *l = s->load;
	double f = factor_at(l, s->at_ns);
	double mean = NS_PER_SEC / (f * l->pps);

	switch (l->kind) {
	case LOAD_POISSON:
		return s->at_ns + exponential(s, mean);
	case LOAD_CONSTANT:
		return s->at_ns + mean;
	case LOAD_PARETO:
		return s->at_ns + gsl_ran_pareto(s->rng, l->alpha,
						 mean * (l->alpha - 1) / l->alpha);
	case LOAD_ONOFF:
	case LOAD_MMPP:
		return modulated(s, f);
	case LOAD_TRAIN:
	case LOAD_INCAST:
		return train(s, f);
	default:
		return s->next < l->n_times ? l->times[s->next++] : INFINITY;
	}
}

/* Time of the next packet, or -1 if there is none. */
ns_t source_next(struct source *s)
{
	s->at_ns = following(s);
	return s->at_ns < 9e18 ? (ns_t)s->at_ns : -1;
}

void source_start(struct source *s, const struct load *load, gsl_rng *rng)
{
	*s = (struct source){ .load = load, .rng = rng, .high = true };
	s->switch_ns = load->on_us > 0 ? exponential(s, 1e3 * load->on_us) : INFINITY;
}

/* Time from a packet handled to the next of its connection. */
ns_t source_think(const struct load *load, gsl_rng *rng)
{
	double ns = 1e3 * load->rtt_us;

	if (load->think_us > 0)
		ns -= 1e3 * load->think_us * log(gsl_rng_uniform_pos(rng));
	return (ns_t)ns;
}
