// SPDX-License-Identifier: GPL-2.0
/* When a window is over. */
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(usual_windows),
		cmocka_unit_test(short_windows_take_no_time),
		cmocka_unit_test(calm_windows_take_their_time),
		cmocka_unit_test(over_when_its_bounds_say_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
