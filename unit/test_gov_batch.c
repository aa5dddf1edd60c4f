// SPDX-License-Identifier: GPL-2.0
/* What a hold-off brings together, against closed forms. */
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>

#include "gov_batch.h"

static void empty_is_exponential(void **state)
{
	u32 x;

	for (x = 0; x < 20000; x += 100)
		assert_true(fabs(netcoal_empty_milli(x) - 1000 * exp(x / -1e3)) < 3);
	assert_int_equal(netcoal_empty_milli(UINT32_MAX), 0);
}

static void batches_invert(void **state)
{
	u32 x, after;

	for (after = 0; after < 2; after++)
		for (x = 1500; x < 1000000; x = x * 3 / 2)
			assert_in_range(netcoal_x_of_batch(netcoal_batch_milli(x, after),
							   after), x - 5, x + 5);
	assert_int_equal(netcoal_x_of_batch(0, true), 0);
	assert_int_equal(netcoal_x_of_batch(1000, false), 0);
}

/* With ever more time, N frames alone decide: (N - 1) / 2κ, a batch of N. */
static void frames_decide(void **state)
{
	struct netcoal_gathered g;
	u32 n;

	for (n = 1; n <= NETCOAL_FEW_FRAMES; n++) {
		netcoal_gather(100000, 1000000, n, &g);
		assert_in_range(g.batch_milli, 1000 * n - 2, 1000 * n);
		assert_in_range(g.wait_ns, 4990 * (n - 1), 5010 * (n - 1) + 1);
	}
	/* And with few packets time does. */
	netcoal_gather(100000, 10000, NETCOAL_FEW_FRAMES, &g);
	assert_in_range(g.batch_milli, 1990, 2010);
	assert_in_range(g.wait_ns, 7400, 7600);
}

/* Halfway between the two, nobody knows. */
static void shapes_are_told_apart(void **state)
{
	u32 x, before, after;

	for (x = 500; x < 16000; x += 500) {
		before = netcoal_batch_milli(x, false);
		after = netcoal_batch_milli(x, true);
		assert_int_equal(netcoal_shape_of(x, before), NETCOAL_SHAPE_BEFORE);
		assert_int_equal(netcoal_shape_of(x, 2 * before), NETCOAL_SHAPE_BEFORE);
		assert_int_equal(netcoal_shape_of(x, after), NETCOAL_SHAPE_AFTER);
		assert_int_equal(netcoal_shape_of(x, (before + after) / 2), NETCOAL_SHAPE_UNKNOWN);
	}
}

static void extremes(void **state)
{
	static const u64 kappas[] = { 0, 1, 1000000000 };
	static const u32 times[] = { 0, 1, 1000000000 };
	struct netcoal_gathered g;
	int i, j;

	for (i = 0; i < 3; i++)
		for (j = 0; j < 3; j++) {
			netcoal_gather(kappas[i], times[j], NETCOAL_FEW_FRAMES, &g);
			assert_true(g.wait_ns <= times[j]);
			assert_true(netcoal_wait_ns(kappas[i], times[j], true) <= times[j]);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_is_exponential),
		cmocka_unit_test(batches_invert),
		cmocka_unit_test(frames_decide),
		cmocka_unit_test(shapes_are_told_apart),
		cmocka_unit_test(extremes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
