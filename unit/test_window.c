// SPDX-License-Identifier: GPL-2.0
/* When a window is over, and when its traffic is what it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "governor.h"

static void usual_windows(void **state)
{
	assert_false(netcoal_window_over(0, NETCOAL_WINDOW_SEQUENCES - 1, NETCOAL_WINDOW_MIN_NS));
	assert_true(netcoal_window_over(0, NETCOAL_WINDOW_SEQUENCES, NETCOAL_WINDOW_MIN_NS));
	assert_false(netcoal_window_over(0, 1000000, NETCOAL_WINDOW_MIN_NS - 1));
	assert_false(netcoal_window_over(0, 0, NETCOAL_WINDOW_MAX_NS - 1));
	assert_true(netcoal_window_over(0, 0, NETCOAL_WINDOW_MAX_NS));
}

static void short_windows_take_no_time(void **state)
{
	assert_false(netcoal_window_over(8, 7, 0));
	assert_true(netcoal_window_over(8, 8, 0));
	assert_true(netcoal_window_over(8, 0, NETCOAL_WINDOW_MAX_NS));
}

static void calm_windows_take_their_time(void **state)
{
	u32 calm = NETCOAL_WINDOW_CALM;

	assert_false(netcoal_window_over(calm, calm, NETCOAL_WINDOW_MIN_NS - 1));
	assert_true(netcoal_window_over(calm, calm, NETCOAL_WINDOW_MIN_NS));
	assert_false(netcoal_window_over(calm, calm - 1, NETCOAL_WINDOW_CALM_MAX_NS - 1));
	assert_true(netcoal_window_over(calm, 0, NETCOAL_WINDOW_CALM_MAX_NS));
}

/* The probe looks again when a bound says so, and must not look in vain. */
static void over_when_its_bounds_say_so(void **state)
{
	u32 asked;

	for (asked = 0; asked <= NETCOAL_WINDOW_CALM; asked++) {
		u32 enough = asked ?: NETCOAL_WINDOW_SEQUENCES;

		assert_true(netcoal_window_over(asked, enough, netcoal_window_least_ns(asked)));
		assert_true(netcoal_window_over(asked, 0, netcoal_window_most_ns(asked)));
	}
}

static void alike_within_a_quarter(void **state)
{
	assert_true(netcoal_window_alike(1000, 1000));
	assert_true(netcoal_window_alike(1249, 1000));
	assert_false(netcoal_window_alike(1250, 1000));
	assert_true(netcoal_window_alike(751, 1000));
	assert_false(netcoal_window_alike(750, 1000));
	/* a third, and three times */
	assert_false(netcoal_window_alike(333, 1000));
	assert_false(netcoal_window_alike(3000, 1000));
}

static void nothing_is_like_what_is_not_known(void **state)
{
	assert_false(netcoal_window_alike(0, 0));
	assert_false(netcoal_window_alike(U64_MAX, 0));
	assert_false(netcoal_window_alike(U64_MAX, U32_MAX));
	assert_false(netcoal_window_alike(0, U32_MAX));
	assert_true(netcoal_window_alike((u64)U32_MAX + 1, U32_MAX));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(usual_windows),
		cmocka_unit_test(short_windows_take_no_time),
		cmocka_unit_test(calm_windows_take_their_time),
		cmocka_unit_test(over_when_its_bounds_say_so),
		cmocka_unit_test(alike_within_a_quarter),
		cmocka_unit_test(nothing_is_like_what_is_not_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
