// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>

#include "die.h"
#include "hist.h"

/* The lower end of a bin; see hist_add(). */
static double edge(size_t bin)
{
	size_t sub = (size_t)1 << HIST_SUB_BITS;
	size_t octave = bin / sub;

	if (!octave)
		return bin;
	return (double)(sub + bin % sub) * ((size_t)1 << (octave - 1));
}

void hist_init(struct hist *h)
{
	size_t n = (size_t)HIST_OCTAVES << HIST_SUB_BITS, i;
	double *range = xzalloc((n + 1) * sizeof(*range));

	for (i = 0; i <= n; i++)
		range[i] = edge(i);
	h->h = gsl_histogram_alloc(n);
	if (!h->h)
		die("no memory for a histogram");
	gsl_histogram_set_ranges(h->h, range, n + 1);
	h->sum = 0;
	h->n = 0;
	free(range);
}

void hist_free(struct hist *h)
{
	if (h->h)
		gsl_histogram_free(h->h);
}

/* The value that a part p of all is at most: the upper end of its bin. */
double hist_quantile(const struct hist *h, double p)
{
	double left = p * h->n, lower, upper = 0;
	size_t i;

	if (!h->n)
		return 0;
	for (i = 0; i < gsl_histogram_bins(h->h); i++) {
		left -= gsl_histogram_get(h->h, i);
		if (left <= 0)
			break;
	}
	if (i == gsl_histogram_bins(h->h))
		i--;
	gsl_histogram_get_range(h->h, i, &lower, &upper);
	return upper - lower <= 1 ? lower : lower + (upper - lower) / 2;
}
