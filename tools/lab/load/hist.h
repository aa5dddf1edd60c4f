/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LOAD_HIST_H
#define LOAD_HIST_H

#include <stdint.h>

/*
 * 256 buckets per power of two: a quantile read back as the middle of its bucket is off by at most
 * 1/512, 0.2 %. Values under 256 ns have a bucket each. The top is 2^40 ns, 18 minutes; anything
 * longer counts as that.
 */
#define HIST_SUB_BITS	8
#define HIST_TOP_BITS	40
#define HIST_BUCKETS	((HIST_TOP_BITS - HIST_SUB_BITS + 1) << HIST_SUB_BITS)

/**
 * struct hist - distribution of times, in constant memory and without allocation
 * @bucket: samples by size, see hist_add()
 * @count: samples in all
 * @sum_ns: their sum, for an exact mean
 * @min_ns: the smallest, exact
 * @max_ns: the largest, exact
 *
 * All zero is an empty histogram. One writer; readers wait until it has stopped.
 */
struct hist {
	uint64_t bucket[HIST_BUCKETS];
	uint64_t count;
	uint64_t sum_ns;
	uint64_t min_ns;
	uint64_t max_ns;
};

void hist_add(struct hist *hist, uint64_t ns);
uint64_t hist_quantile(const struct hist *hist, double q);

#endif /* LOAD_HIST_H */
