// SPDX-License-Identifier: GPL-2.0
/* What the governor "model" makes of loads, limits and costs that change while it governs. */
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <linux/kernel.h>

#include "gov_aim.h"
#include "gov_state.h"
#include "toy_queue.h"

static double batch_over(struct toy_queue *q, unsigned int windows)
{
	u64 packets = q->packets, sequences = q->sequences;

	toy_windows(q, windows);
	return (double)(q->packets - packets) / (q->sequences - sequences);
}

/* What polls and interrupts cost, per packet, over some windows. */
static double cost_of(struct toy_queue *q, unsigned int windows)
{
	return 600 + q->irq_ns / batch_over(q, windows);
}

/* Has a CPU target, and a least hold-off, and has found its way. */
static struct toy_queue targeted(double pps, u32 target_ns, u32 least_ns, bool limits)
{
	struct toy_queue q = toy_poisson(pps);

	q.irq_ns = 2500;
	q.poll_ns = 600;
	q.limits = limits;
	q.lim.cpu_target_ns = target_ns;
	q.lim.holdoff_min_ns = least_ns;
	toy_start(&q, "model");
	toy_windows(&q, 3000);
	assert_in_range(q.last.irq_cost_ns, 2400, 2600);
	return q;
}

/* What is measured without hold-off is minutes old: more work for a packet is no cheaper irq. */
static void more_work_later_does_not_unlearn_costs(void **state)
{
	struct toy_queue q = targeted(100000, 1100, 0, false);

	q.app_ns = 900;
	toy_windows(&q, 3000);
	assert_true(cost_of(&q, 5000) < 1.05 * q.lim.cpu_target_ns);
	assert_in_range(q.last.irq_cost_ns, 2400, 2600);
}

/* Nor does what is old keep from learning that interrupts became dearer. */
static void dearer_interrupts_are_learned(u32 irq_ns, double pps, u32 target_ns, bool limits)
{
	struct toy_queue q = targeted(pps, target_ns, 0, limits);

	q.irq_ns = irq_ns;
	toy_windows(&q, 3000);
	assert_in_range(q.last.irq_cost_ns, irq_ns * 95 / 100, irq_ns * 105 / 100);
	assert_true(cost_of(&q, 2000) < 1.05 * target_ns);
}

static void dearer_interrupts_later_are_learned(void **state)
{
	dearer_interrupts_are_learned(4000, 100000, 1500, false);
	dearer_interrupts_are_learned(6000, 400000, 1100, false);
	dearer_interrupts_are_learned(6000, 100000, 1500, true);
}

/* Trains that were batches by themselves left no hold-off, and none leads on from that. */
static void none_is_no_end(void **state)
{
	struct toy_queue q = toy_poisson(50000);

	toy_start(&q, "model");
	toy_windows(&q, 300);
	q.pps = 130000;
	q.train = 250;
	toy_windows(&q, 5000);
	assert_int_equal(q.gov.setting.holdoff_ns, 0);
	q.train = 2;
	toy_windows(&q, 2000);
	assert_int_equal(q.gov.setting.holdoff_ns, q.lim.budget_ns);
}

/* The same after a budget that was others' for a while. */
static void a_budget_that_returns_is_used(void **state)
{
	struct toy_queue q = toy_poisson(130000);
	u32 budget_ns = q.lim.budget_ns;

	toy_start(&q, "model");
	toy_windows(&q, 300);
	q.lim.budget_ns = 0;
	q.train = 4;
	toy_windows(&q, 1000);
	q.lim.budget_ns = budget_ns;
	toy_windows(&q, 1000);
	assert_int_equal(q.gov.setting.holdoff_ns, budget_ns);
}

/* And where a policy's least hold-off is all that there is meanwhile. */
static void a_budget_that_returns_to_the_least_is_used(void **state)
{
	struct toy_queue q = toy_poisson(130000);
	u32 budget_ns = q.lim.budget_ns;
	int i;

	q.lim.holdoff_min_ns = 10000;
	toy_start(&q, "model");
	toy_windows(&q, 12000);
	assert_int_equal(q.gov.setting.holdoff_ns, budget_ns);
	q.lim.budget_ns = 0;
	toy_windows(&q, 100);
	assert_int_equal(q.gov.setting.holdoff_ns, 10000);
	q.train = 2;
	q.lim.budget_ns = budget_ns;
	for (i = 0; i < 1000 && q.gov.setting.holdoff_ns < budget_ns; i++)
		toy_window(&q);
	assert_int_not_equal(i, 1000);
}

/* What is too much at the least hold-off already was taken for too little to tell. */
static void a_least_hold_off_that_is_enough_stays(void **state)
{
	struct toy_queue q = toy_poisson(112500);
	u64 changes;

	q.poll_ns = 2400;
	q.lim.packet_cost_ns = 2400;
	q.lim.holdoff_min_ns = 160000;
	q.lim.budget_ns = 800000;
	toy_start(&q, "model");
	toy_windows(&q, 1500);
	q.pps = 337500;
	changes = q.changes;
	toy_windows(&q, 4000);
	assert_int_equal(q.gov.setting.holdoff_ns, 160000);
	assert_in_range(q.changes - changes, 0, 10);
}

/* A limit that was lower for a few windows was believed for 512 more. */
static void a_budget_that_dips_is_soon_used_again(void **state)
{
	struct toy_queue q = toy_poisson(130000);
	u32 budget_ns = q.lim.budget_ns;

	toy_start(&q, "model");
	toy_windows(&q, 12000);
	q.lim.budget_ns = 5000;
	toy_windows(&q, 4);
	assert_in_range(q.gov.setting.holdoff_ns, 1, 5000);
	q.lim.budget_ns = budget_ns;
	toy_windows(&q, 40);
	assert_int_equal(q.gov.setting.holdoff_ns, budget_ns);
}

/*
 * A path's share may be so little that a loop does not mind it, and then all of the target. It
 * was taken for what had passed the test, and the loop lost a third of its rate until a check.
 */
static void a_budget_that_grows_is_tested(void **state)
{
	struct toy_queue q = toy_loop(8, 150000);
	u32 budget_ns = q.lim.budget_ns;
	int i, untried = 0;

	q.lim.budget_ns = 5000;
	toy_start(&q, "model");
	toy_windows(&q, 400);
	assert_in_range(q.gov.setting.holdoff_ns, 1, 5000);
	q.lim.budget_ns = budget_ns;
	for (i = 0; i < 600; i++) {
		toy_window(&q);
		untried += q.gov.setting.holdoff_ns > 20000 && !q.last.trying;
	}
	assert_int_equal(untried, 0);
	assert_in_range(q.gov.setting.holdoff_ns, 1, 20000);
}

/* But where nothing is lost it is had soon. */
static void a_budget_that_grows_is_used(void **state)
{
	struct toy_queue q = toy_poisson(130000);
	u32 budget_ns = q.lim.budget_ns;

	q.lim.budget_ns = 5000;
	toy_start(&q, "model");
	toy_windows(&q, 400);
	assert_in_range(q.gov.setting.holdoff_ns, 1, 5000);
	q.lim.budget_ns = budget_ns;
	toy_windows(&q, 60);
	assert_int_equal(q.gov.setting.holdoff_ns, budget_ns);
}

/* One that fails after a budget that was others' was followed by as long a pause as was believed. */
static void a_test_that_fails_later_is_repeated_soon(void **state)
{
	struct toy_queue q = toy_poisson(20000);
	struct netcoal_model *m = netcoal_gov_priv(&q.gov);
	u32 budget_ns = q.lim.budget_ns;
	int i;

	toy_start(&q, "model");
	toy_windows(&q, 12000);
	assert_true(m->backoff >= 2 * CHECK_BACKOFF_MOST);
	q.lim.budget_ns = 0;
	toy_windows(&q, 4);
	assert_int_equal(q.gov.setting.holdoff_ns, 0);
	/* packets just too far apart for the hold-off */
	q.load = TOY_PACED;
	q.pps = 9000;
	q.lim.budget_ns = budget_ns;
	for (i = 0; i < 200 && m->closed != NETCOAL_VERDICT_LOCKSTEP; i++)
		toy_window(&q);
	assert_int_equal(m->closed, NETCOAL_VERDICT_LOCKSTEP);
	assert_in_range(m->wait, 1, 2 * CHECK_BACKOFF_MOST);
}

/* A loop that tolerates less than a policy's least hold-off ends like any other. */
static void a_loop_below_the_least_hold_off_ends(void **state)
{
	struct toy_queue q = toy_loop(8, 150000);

	q.lim.holdoff_min_ns = 30000;
	toy_start(&q, "model");
	toy_rate(&q, 5);
	assert_int_equal(q.gov.setting.holdoff_ns, 30000);
	q.load = TOY_POISSON;
	q.pps = 60000;
	toy_windows(&q, 10000);
	assert_int_equal(q.gov.setting.holdoff_ns, q.lim.budget_ns);
}

/* What a loop tolerated was kept at the budget of its end, for as long as nothing was lost. */
static void a_cap_at_the_budget_ends_with_its_loop(void **state)
{
	struct toy_queue q = toy_loop(8, 150000);
	u32 budget_ns = q.lim.budget_ns;

	q.lim.budget_ns = 40000;
	toy_start(&q, "model");
	toy_rate(&q, 10);
	assert_in_range(q.gov.setting.holdoff_ns, 1, 20000);
	q.load = TOY_POISSON;
	q.pps = 60000;
	toy_windows(&q, 20000);
	assert_int_equal(q.gov.setting.holdoff_ns, 40000);
	q.lim.budget_ns = budget_ns;
	toy_windows(&q, 1000);
	assert_int_equal(q.gov.setting.holdoff_ns, budget_ns);
}

static double rate_without(int connections, double loop_ns)
{
	struct toy_queue q = toy_loop(connections, loop_ns);

	q.lim.holdoff_max_ns = 0;
	toy_start(&q, "fixed");
	return toy_rate(&q, 2);
}

enum dip { BUDGET, LEAST, MOST };

static void dip_for(struct toy_queue *q, enum dip of, u32 to_ns, double seconds)
{
	const struct netcoal_limits usual = q->lim;

	q->lim.budget_ns = of == BUDGET ? to_ns : usual.budget_ns;
	q->lim.holdoff_min_ns = of == LEAST ? to_ns : usual.holdoff_min_ns;
	q->lim.holdoff_max_ns = of == MOST ? to_ns : usual.holdoff_max_ns;
	toy_rate(q, seconds);
	q->lim = usual;
	toy_rate(q, 1);
}

static void a_loop_outlasts(int connections, double loop_ns, enum dip of, u32 to_ns)
{
	struct toy_queue q = toy_loop(connections, loop_ns);
	double rate = rate_without(connections, loop_ns);
	struct netcoal_model *m = netcoal_gov_priv(&q.gov);
	int i, slow = 0;

	toy_start(&q, "model");
	toy_rate(&q, 5);
	assert_int_not_equal(m->cap.holdoff_ns, NO_CAP);
	for (i = 0; i < 100; i++)
		dip_for(&q, of, to_ns, 0.2);
	for (i = 0; i < 30; i++)
		slow += toy_rate(&q, 1) < 0.93 * rate;
	assert_in_range(slow, 0, 3);
}

/* A trial whose halves were both cut to the same limit has not found that nothing is lost. */
static void a_loop_is_not_forgotten_when_limits_dip(void **state)
{
	a_loop_outlasts(8, 300000, BUDGET, 12500);
	a_loop_outlasts(4, 200000, BUDGET, 5000);
	a_loop_outlasts(8, 300000, MOST, 12000);
	a_loop_outlasts(16, 600000, LEAST, 80000);
}

/* A timer's hold-off that saves: what the last trial measured is too old to say it does not. */
static void an_old_trial_ends_nothing(void **state)
{
	struct toy_queue q = toy_poisson(13000);
	struct netcoal_model *m = netcoal_gov_priv(&q.gov);
	double start_ns, none_ns = 0, before_ns;
	int i;

	q.lim.timer_cost_ns = 400;
	q.limits = true;
	q.irq_ns = 2500;
	q.poll_ns = 600;
	q.app_ns = 2000;
	toy_start(&q, "model");
	for (i = 0; i < 60000 && !(m->phase == MODEL_RUN && m->backoff == 4096 &&
				   m->backoff - m->wait == 400); i++)
		toy_window(&q);
	assert_int_not_equal(i, 60000);
	q.app_ns = 3500;
	start_ns = q.now_ns;
	for (i = 0; i < 12000; i++) {
		before_ns = q.now_ns;
		toy_window(&q);
		none_ns += q.gov.setting.holdoff_ns ? 0 : q.now_ns - before_ns;
	}
	assert_true(none_ns < (q.now_ns - start_ns) / 20);
}

/* Heavier packets raise doubts, which trials down to a policy's least hold-off settle as well. */
static void a_least_hold_off_can_be_doubted_away(void **state)
{
	struct toy_queue q = toy_poisson(50000);
	unsigned int i, trying = 0;

	q.lim.holdoff_min_ns = 20000;
	q.poll_ns = 600;
	toy_start(&q, "model");
	toy_windows(&q, 600);
	q.app_ns = 3000;
	for (i = 0; i < 20000; i++) {
		toy_window(&q);
		trying += q.last.trying;
	}
	assert_in_range(trying, 0, 2000);
}

/* Batches grow with what a hold-off has beyond the least one, which is what the base had. */
static void a_target_is_met_near_the_least_hold_off(void **state)
{
	struct toy_queue q = targeted(100000, 1100, 30000, false);	/* by 40 us */
	unsigned int changes = q.changes;

	assert_true(cost_of(&q, 10000) > 0.95 * q.lim.cpu_target_ns);
	assert_in_range(q.changes - changes, 0, 20);
}

/* Where the least hold-off is more than half of what a target is sought with, too. */
static void an_unreachable_target_stays_at_the_limit(void **state)
{
	struct toy_queue q = toy_poisson(30000);
	unsigned int i, shorter = 0;

	q.irq_ns = 2500;
	q.lim.cpu_target_ns = 700;
	q.lim.holdoff_min_ns = 60000;
	toy_start(&q, "model");
	toy_windows(&q, 500);
	for (i = 0; i < 10000; i++) {
		toy_window(&q);
		shorter += !q.last.trying && q.gov.setting.holdoff_ns < q.lim.budget_ns;
	}
	assert_int_equal(shorter, 0);
}

/* The CPUs say that a target is met without hold-off, only believed costs do not. */
static void what_is_seen_to_be_met_is_not_saturated(void **state)
{
	struct toy_queue q = toy_poisson(200000);
	int i;

	q.irq_ns = 1500;
	q.lim.irq_cost_ns = 3000;
	q.lim.cpu_target_ns = 2110;
	toy_start(&q, "model");
	toy_windows(&q, 4000);
	for (i = 0; i < 100; i++) {
		toy_window(&q);
		assert_int_not_equal(q.last.verdict, NETCOAL_VERDICT_SATURATED);
	}
}

/* A pair of time and frames whose time a limit had cut gets it back with the limit. */
static void a_pair_gets_its_time_back(void **state)
{
	struct toy_queue q = toy_loop(5, 400000);
	struct netcoal_model *m = netcoal_gov_priv(&q.gov);
	u32 budget_ns = q.lim.budget_ns;
	struct netcoal_setting had;
	int i;

	q.lim.has_frames = true;
	toy_start(&q, "model");
	toy_rate(&q, 10);
	for (i = 0; i < 20000 && !(m->phase == MODEL_RUN && m->wait > 1500); i++)
		toy_window(&q);
	assert_int_not_equal(i, 20000);
	had = q.gov.setting;
	assert_in_range(had.frames, 2, NETCOAL_FEW_FRAMES);
	q.lim.budget_ns = had.holdoff_ns / 4000 * 1000;
	toy_windows(&q, 3);
	assert_true(q.gov.setting.holdoff_ns <= q.lim.budget_ns);
	q.lim.budget_ns = budget_ns;
	toy_windows(&q, 3);
	assert_memory_equal(&q.gov.setting, &had, sizeof(had));
}

/* A hold-off that was believed for long made the next one be missed for as long. */
static void what_was_believed_is_not_missed_for_as_long(void **state)
{
	struct toy_queue q = toy_poisson(12000);
	const struct netcoal_model *m = netcoal_gov_priv(&q.gov);
	int i;

	toy_start(&q, "model");
	for (i = 0; i < 20000 && !(m->phase == MODEL_RUN && m->backoff >= 4096); i++)
		toy_window(&q);
	assert_int_not_equal(i, 20000);
	q.load = TOY_PACED;
	q.pps = 9000;
	for (i = 0; i < 100 && q.gov.setting.holdoff_ns; i++)
		toy_window(&q);
	assert_int_equal(q.gov.setting.holdoff_ns, 0);
	q.load = TOY_POISSON;
	q.pps = 12000;
	/* those of a calm load count for several */
	for (i = 0; i < 512 && m->phase != MODEL_RUN; i++)
		toy_window(&q);
	assert_int_not_equal(i, 512);
	assert_int_not_equal(q.gov.setting.holdoff_ns, 0);
}

/* Where a trial's short half did not tell, none did as long as the loop was known. */
static void a_cap_tells_where_hold_offs_begin(void **state)
{
	struct toy_queue q = toy_loop(16, 200000);
	struct netcoal_model *m = netcoal_gov_priv(&q.gov);
	int i;

	q.limits = true;
	toy_start(&q, "model");
	for (i = 0; i < 20000 && !(m->phase == MODEL_RUN && m->cap.holdoff_ns != NO_CAP &&
				   m->wait > 200); i++)
		toy_window(&q);
	assert_int_not_equal(i, 20000);
	m->after = false;
	toy_windows(&q, 100);
	assert_int_equal(m->phase, MODEL_RUN);
	assert_true(m->after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(more_work_later_does_not_unlearn_costs),
		cmocka_unit_test(dearer_interrupts_later_are_learned),
		cmocka_unit_test(none_is_no_end),
		cmocka_unit_test(a_budget_that_returns_is_used),
		cmocka_unit_test(a_budget_that_returns_to_the_least_is_used),
		cmocka_unit_test(a_least_hold_off_that_is_enough_stays),
		cmocka_unit_test(a_budget_that_dips_is_soon_used_again),
		cmocka_unit_test(a_budget_that_grows_is_tested),
		cmocka_unit_test(a_budget_that_grows_is_used),
		cmocka_unit_test(a_test_that_fails_later_is_repeated_soon),
		cmocka_unit_test(a_loop_below_the_least_hold_off_ends),
		cmocka_unit_test(a_cap_at_the_budget_ends_with_its_loop),
		cmocka_unit_test(a_loop_is_not_forgotten_when_limits_dip),
		cmocka_unit_test(an_old_trial_ends_nothing),
		cmocka_unit_test(a_least_hold_off_can_be_doubted_away),
		cmocka_unit_test(a_target_is_met_near_the_least_hold_off),
		cmocka_unit_test(an_unreachable_target_stays_at_the_limit),
		cmocka_unit_test(what_is_seen_to_be_met_is_not_saturated),
		cmocka_unit_test(a_pair_gets_its_time_back),
		cmocka_unit_test(what_was_believed_is_not_missed_for_as_long),
		cmocka_unit_test(a_cap_tells_where_hold_offs_begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
