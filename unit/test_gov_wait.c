// SPDX-License-Identifier: GPL-2.0
/* How long packets wait, against packets drawn at random; and the loop that a trial finds. */
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

#include "gov_batch.h"
#include "gov_terms.h"
#include "gov_trial.h"
#include "gov_wait.h"

#define BATCHES		100000
/* An interrupt takes so long, and what comes meanwhile is of its batch. */
#define IRQ_NS		4000.0

static double gap_ns(double pps)
{
	return -log((random() + 1.0) / (RAND_MAX + 2.0)) * 1e9 / pps;
}

/**
 * struct drawn - what random packets came to
 * @batch: mean batch
 * @wait_ns: mean time from a packet to the interrupt
 */
struct drawn {
	double batch;
	double wait_ns;
};

static struct drawn draw(double pps, const struct netcoal_setting *set)
{
	double waits = 0, packets = 0;
	int i;

	srandom(1);
	for (i = 0; i < BATCHES; i++) {
		double at[NETCOAL_FEW_FRAMES], next = gap_ns(pps), end = set->holdoff_ns;
		u32 n = 1, j;

		at[0] = 0;
		for (; next < end && n < set->frames; next += gap_ns(pps)) {
			at[n++ % NETCOAL_FEW_FRAMES] = next;
			if (n == set->frames)
				end = next;
		}
		if (set->frames <= NETCOAL_FEW_FRAMES)
			for (j = 0; j < n; j++)
				waits += end - at[j];
		for (next = end + gap_ns(pps); next < end + IRQ_NS; next += gap_ns(pps))
			n++;
		packets += n;
	}
	return (struct drawn){ packets / BATCHES, waits / packets };
}

static struct netcoal_coming singles(double pps)
{
	double base = 1 + pps * IRQ_NS / 1e9;

	return (struct netcoal_coming){ pps / base, base * 1000, false };
}

static void assert_near(double got, double want, double part)
{
	if (fabs(got - want) > part * want)
		fail_msg("%g is not within %g of %g", got, part, want);
}

/* As many as a group's packets would have it were 15 to 20 % beside that. */
static void single_packets_wait(void **state)
{
	static const double rates[] = { 30000, 75000, 150000 };
	struct netcoal_setting set;
	struct netcoal_coming c;
	int i;

	for (i = 0; i < 3; i++) {
		c = singles(rates[i]);
		for (set.frames = 2; set.frames <= 12; set.frames += 2)
			for (set.holdoff_ns = 10000; set.holdoff_ns < 200000; set.holdoff_ns *= 2)
				assert_near(netcoal_wait_of(&c, &set),
					    draw(rates[i], &set).wait_ns, 0.02);
	}
}

static void waits_invert(void **state)
{
	struct netcoal_coming c = { .kappa = 100000 };
	struct netcoal_setting set = { .frames = U32_MAX };
	u32 wait;

	for (c.base_milli = 1000; c.base_milli < 10000; c.base_milli += 450) {
		c.after = !c.after;
		for (set.holdoff_ns = 5000; set.holdoff_ns < 1000000; set.holdoff_ns *= 2) {
			wait = netcoal_wait_of(&c, &set);
			assert_true(wait <= set.holdoff_ns);
			assert_in_range(netcoal_wait_time(&c, wait, 1000000),
					set.holdoff_ns - 500, set.holdoff_ns + 500);
		}
	}
}

/* The second train ends the hold-off, whether it brings two or all of its packets. */
static void trains_wait_whole(void **state)
{
	struct netcoal_coming c = { 10000, 8000, false };
	struct netcoal_setting set = { 200000, 10 };
	u32 wait = netcoal_wait_of(&c, &set);

	for (; set.frames <= 16; set.frames++)
		assert_int_equal(netcoal_wait_of(&c, &set), wait);
	netcoal_wait_few(&c, wait, 1000000, &set);
	assert_int_equal(set.frames, 16);
	assert_in_range(set.holdoff_ns, 195000, 205000);
}

/*
 * Two trains of 2.9 are there with 5 frames. With 6, a third may have begun, and when those
 * were taken for two, less than four fifths of the wait were used.
 */
static void trains_may_be_uneven(void **state)
{
	struct netcoal_coming c = { 20000, 2900, false };
	struct netcoal_setting few;

	netcoal_wait_few(&c, 22000, 1000000, &few);
	assert_int_equal(few.frames, 5);
	assert_in_range(netcoal_wait_of(&c, &few), 21500, 22000);
	/* Whole trains: one less, whose time hardly cuts, brings more than a trimmed one more. */
	netcoal_wait_few(&c, 28000, 1000000, &few);
	assert_int_equal(few.frames, 5);
}

/* Of all frames with a time that wait so long, none brings a tenth more. */
static void few_is_best(void **state)
{
	struct netcoal_coming c = singles(75000);
	struct netcoal_setting few, other;
	double got, most;
	u32 wait;

	for (wait = 4000; wait < 60000; wait += 4000) {
		netcoal_wait_few(&c, wait, 1000000, &few);
		assert_in_range(few.frames, 2, NETCOAL_FEW_FRAMES);
		assert_true(netcoal_wait_of(&c, &few) <= wait);
		got = draw(75000, &few).batch;
		for (other.frames = 2; other.frames <= 12; other.frames++) {
			most = 0;
			for (other.holdoff_ns = 2000; other.holdoff_ns < 300000;
			     other.holdoff_ns += 2000)
				if (netcoal_wait_of(&c, &other) <= wait)
					most = other.holdoff_ns;
			if (!most)
				continue;
			other.holdoff_ns = most;
			assert_true(draw(75000, &other).batch < 1.1 * got);
		}
	}
}

static void no_few_where_time_is_as_good(void **state)
{
	struct netcoal_coming c = singles(75000);
	struct netcoal_setting few;

	netcoal_wait_few(&c, 400000, 10000000, &few);
	assert_int_equal(few.frames, 0);
	c.after = true;
	netcoal_wait_few(&c, 10000, 10000000, &few);
	assert_int_equal(few.frames, 0);
}

/* ---- a loop ---------------------------------------------------------------- */

#define LOOP_NS		400000.0
#define CONNECTIONS	32

/* 64 windows of a loop that waits as random packets do */
static struct netcoal_sums half_of(const struct netcoal_setting *set)
{
	double pps = CONNECTIONS * 1e9 / LOOP_NS;
	struct drawn d;
	int i;

	for (i = 0; i < 4; i++) {
		d = draw(pps, set);
		if (set->frames > NETCOAL_FEW_FRAMES)
			d.wait_ns = set->holdoff_ns *
				    (1 + pps * set->holdoff_ns / 2e9) / d.batch;
		pps = CONNECTIONS * 1e9 / (LOOP_NS + d.wait_ns);
	}
	return (struct netcoal_sums){
		.packets = 4096 * d.batch, .sequences = 4096, .windows = 64,
		.ns = 4096 * d.batch / pps * 1e9,
	};
}

/*
 * A load begins in larger batches than it goes on with, and what was believed to form without
 * hold-off made the loop 14 % shorter than it is.
 */
static void an_old_base_is_forgotten(void **state)
{
	struct netcoal_setting low = { 9000, 4096 }, high = { 85000, 5 };
	struct netcoal_sums s[2] = { half_of(&low), half_of(&high) };
	struct netcoal_trial tr;
	struct netcoal_cap cap;
	int i;

	netcoal_trial_start(&tr, &low, &high, 1900, false, false);
	netcoal_trial_slowly(&tr, 4096, true, false);
	for (i = 0; netcoal_trial_half(&tr, &s[i]) == NETCOAL_TRIAL_GOES_ON; i = !i)
		netcoal_trial_turn(&tr, &s[i]);
	netcoal_trial_cap(&tr, 500, 0, 1000000, 4096, &cap);
	assert_near(cap.wait_ns, LOOP_NS / 19, 0.05);
}

/* Trains of 8, behind a hold-off that begins after them: where that is, is told first. */
static void the_shape_is_judged_by_the_old_base(void **state)
{
	struct netcoal_setting low = { 40000, 4096 }, high = { 80000, 4096 };
	u32 x = 1600, batch = 8 * netcoal_batch_milli(x, true);
	struct netcoal_sums s = {
		.packets = batch * 4096 / 1000, .sequences = 4096, .windows = 64,
		/* as many trains more than one as chance has */
		.squares = ((u64)batch * batch / 1000000 + 8 * (batch - 8000) / 1000) * 4096,
		.ns = (u64)batch * 4096 / (8 * x) * 40000,
	};
	struct netcoal_trial tr;

	netcoal_trial_start(&tr, &low, &high, 8000, false, false);
	netcoal_trial_slowly(&tr, 4096, false, false);
	tr.quick = false;
	assert_int_equal(netcoal_trial_half(&tr, &s), NETCOAL_TRIAL_GOES_ON);
	netcoal_trial_turn(&tr, &s);
	assert_true(tr.after);
	assert_int_equal(tr.base_milli, 8000);
}

static void extremes(void **state)
{
	static const u64 kappas[] = { 0, 1, NETCOAL_PPS_MAX };
	static const u32 times[] = { 0, 1, 1000000000 };
	static const u32 bases[] = { 1000, 1999, 2000, 1000000000 };
	struct netcoal_coming c;
	struct netcoal_setting set;
	int i;

	for (i = 0; i < 3 * 3 * 4 * 2; i++) {
		c = (struct netcoal_coming){ kappas[i % 3], bases[i / 9 % 4], i / 36 };
		set = (struct netcoal_setting){ times[i / 3 % 3], NETCOAL_FEW_FRAMES };
		assert_true(netcoal_wait_of(&c, &set) <= set.holdoff_ns);
		assert_true(netcoal_wait_time(&c, times[i / 3 % 3], 1000000000) <= 1000000000);
		netcoal_wait_few(&c, times[i / 3 % 3], 1000000000, &set);
		assert_true(set.frames <= NETCOAL_FEW_FRAMES);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(single_packets_wait),
		cmocka_unit_test(waits_invert),
		cmocka_unit_test(trains_wait_whole),
		cmocka_unit_test(trains_may_be_uneven),
		cmocka_unit_test(few_is_best),
		cmocka_unit_test(no_few_where_time_is_as_good),
		cmocka_unit_test(an_old_base_is_forgotten),
		cmocka_unit_test(the_shape_is_judged_by_the_old_base),
		cmocka_unit_test(extremes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
