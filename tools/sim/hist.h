/* SPDX-License-Identifier: GPL-2.0 */
/* A histogram of times with logarithmic ranges: 256 bins to an octave. */
#ifndef _NETCOAL_SIM_HIST_H
#define _NETCOAL_SIM_HIST_H

#include <gsl/gsl_histogram.h>

#include "sim.h"

#define HIST_SUB_BITS	8
#define HIST_OCTAVES	32

struct hist {
	gsl_histogram *h;
	double sum;
	uint64_t n;
};

void hist_init(struct hist *h);
void hist_free(struct hist *h);
double hist_quantile(const struct hist *h, double p);

static inline double hist_mean(const struct hist *h)
{
	return h->n ? h->sum / h->n : 0;
}

/*
 * GSL would search its ranges; they are such that the bin can be computed:
 * below 256 ns a bin each, above 256 bins for every doubling.
 */
static inline void hist_add(struct hist *h, ns_t ns)
{
	uint64_t v = ns;
	int shift;

	h->sum += ns;
	h->n++;
	if (v < 1 << HIST_SUB_BITS) {
		h->h->bin[v]++;
		return;
	}
	shift = 63 - __builtin_clzll(v) - HIST_SUB_BITS;
	if (shift >= HIST_OCTAVES - 1)
		h->h->bin[h->h->n - 1]++;
	else
		h->h->bin[((size_t)shift << HIST_SUB_BITS) + (v >> shift)]++;
}

#endif /* _NETCOAL_SIM_HIST_H */
