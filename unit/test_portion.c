// SPDX-License-Identifier: GPL-2.0
/* What of a time that several queues share is one queue's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "portion.h"

static u64 random_u64(void)
{
	u64 value = ((u64)random() << 42) ^ ((u64)random() << 21) ^ random();

	return value >> random() % 64;
}

static void polls_and_interrupts_are_work(void **state)
{
	assert_int_equal(netcoal_work_ns(700, 0, 2500), 700);
	assert_int_equal(netcoal_work_ns(700, 2, 2500), 5700);
	assert_int_equal(netcoal_work_ns(700, 2, 0), 700);
	assert_int_equal(netcoal_work_ns(U64_MAX, 1, 1), U64_MAX);
	assert_int_equal(netcoal_work_ns(U64_MAX - 2, 1, 1), U64_MAX - 1);
	assert_true(netcoal_work_ns(0, U64_MAX, U32_MAX) >= netcoal_work_ns(0, U32_MAX, U32_MAX));
}

static void by_what_each_did(void **state)
{
	assert_int_equal(netcoal_portion(1000, 1, 4), 250);
	assert_int_equal(netcoal_portion(1000, 3, 4), 750);
	assert_int_equal(netcoal_portion(1000, 0, 4), 0);
	assert_int_equal(netcoal_portion(7, 1, 2), 3);
	assert_int_equal(netcoal_portion(0, 1, 4), 0);
}

static void all_where_nothing_is_known(void **state)
{
	assert_int_equal(netcoal_portion(1000, 0, 0), 1000);
	assert_int_equal(netcoal_portion(1000, 5, 0), 1000);
}

/* Counters of another CPU are not read at one instant. */
static void never_more_than_all(void **state)
{
	assert_int_equal(netcoal_portion(1000, 4, 4), 1000);
	assert_int_equal(netcoal_portion(1000, 5, 4), 1000);
	assert_int_equal(netcoal_portion(1000, U64_MAX, 4), 1000);
}

static void no_value_overflows(void **state)
{
	assert_int_equal(netcoal_portion(U64_MAX, U64_MAX - 1, U64_MAX), U64_MAX);
	assert_int_equal(netcoal_portion(U64_MAX, 1, U64_MAX), 0);
	assert_int_equal(netcoal_portion(U64_MAX, 1, 2), U64_MAX / 2);
	assert_int_equal(netcoal_portion(U64_MAX, U32_MAX - 1, U32_MAX),
			 U64_MAX - U64_MAX / U32_MAX);
	assert_int_equal(netcoal_portion(1, U64_MAX - 1, U64_MAX), 1);
}

/* Of any values: the exact part, but for what operands of 32 bits can't tell */
static void any_values(void **state)
{
	int i;

	srandom(1);
	for (i = 0; i < 1000000; i++) {
		u64 ns = random_u64(), own = random_u64(), all = random_u64();
		u64 got = netcoal_portion(ns, own, all), want;
		u64 slack = 1 + ((ns >> 31) + 1);

		if (!all || own >= all) {
			assert_int_equal(got, ns);
			continue;
		}
		want = (unsigned __int128)ns * own / all;
		assert_true(got <= ns);
		if (all <= U32_MAX)
			assert_int_equal(got, want);
		else
			assert_true(got <= want + slack && want <= got + slack);
	}
}

/* Queues that share a CPU are charged what it did, less what rounding takes. */
static void parts_add_up(void **state)
{
	u64 busy[5], all, sum;
	int i, j;

	srandom(2);
	for (i = 0; i < 100000; i++) {
		u64 ns = random_u64() >> 20;

		for (j = 0, all = 0; j < 5; j++) {
			busy[j] = random() % 100000000;
			all += busy[j];
		}
		for (j = 0, sum = 0; j < 5; j++)
			sum += netcoal_portion(ns, busy[j], all);
		assert_true(sum <= ns && sum + 5 >= ns);
	}
}

static void hardly_anything_is_not_shared(void **state)
{
	assert_false(netcoal_is_shared(1600, 1600));
	assert_false(netcoal_is_shared(1600, 1700));
	assert_true(netcoal_is_shared(1600, 1701));
	assert_false(netcoal_is_shared(0, 0));
	assert_true(netcoal_is_shared(0, 1));
	assert_false(netcoal_is_shared(U64_MAX, 5));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(polls_and_interrupts_are_work),
		cmocka_unit_test(by_what_each_did),
		cmocka_unit_test(all_where_nothing_is_known),
		cmocka_unit_test(never_more_than_all),
		cmocka_unit_test(no_value_overflows),
		cmocka_unit_test(any_values),
		cmocka_unit_test(parts_add_up),
		cmocka_unit_test(hardly_anything_is_not_shared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
