// SPDX-License-Identifier: GPL-2.0
/* A logarithmic histogram of times. */

#include "hist.h"

#define HIST_SUB	(1u << HIST_SUB_BITS)

static unsigned int hist_index(uint64_t ns)
{
	unsigned int octave;

	if (ns < HIST_SUB)
		return ns;
	if (ns >> HIST_TOP_BITS)
		return HIST_BUCKETS - 1;
	octave = 63 - __builtin_clzll(ns) - HIST_SUB_BITS;
	return (octave << HIST_SUB_BITS) + (ns >> octave);
}

static uint64_t hist_middle(unsigned int index)
{
	unsigned int octave;

	if (index < 2 * HIST_SUB)
		return index;
	octave = (index >> HIST_SUB_BITS) - 1;
	return ((uint64_t)(HIST_SUB + index % HIST_SUB) << octave) + (1ull << octave) / 2;
}

/**
 * hist_add - count one sample
 * @hist: where
 * @ns: the sample
 */
void hist_add(struct hist *hist, uint64_t ns)
{
	hist->bucket[hist_index(ns)]++;
	hist->sum_ns += ns;
	if (!hist->count++ || ns < hist->min_ns)
		hist->min_ns = ns;
	if (ns > hist->max_ns)
		hist->max_ns = ns;
}

/**
 * hist_quantile - the value that a share @q of the samples do not exceed
 * @hist: at least one sample
 * @q: 0 to 1
 *
 * Return: the nearest-rank quantile, within 0.2 %; the extremes are exact.
 */
uint64_t hist_quantile(const struct hist *hist, double q)
{
	double exact = q * hist->count;
	uint64_t rank = exact, seen = 0, ns;
	unsigned int i;

	if (rank < exact || !rank)
		rank++;
	if (rank == 1)
		return hist->min_ns;
	if (rank >= hist->count)
		return hist->max_ns;
	for (i = 0; i < HIST_BUCKETS - 1; i++) {
		seen += hist->bucket[i];
		if (seen >= rank)
			break;
	}
	ns = hist_middle(i);
	if (ns < hist->min_ns)
		return hist->min_ns;
	return ns > hist->max_ns ? hist->max_ns : ns;
}
