// SPDX-License-Identifier: GPL-2.0
/* The registry, the bounds that hold whatever a governor says, and "fixed". */
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include <linux/kernel.h>

#include "gov_properties.h"
#include "governor.h"

static const struct netcoal_limits usual = {
	.budget_ns = 100000,
	.holdoff_max_ns = 1000000,
	.frames_min = 1,
	.frames_max = 256,
	.irq_cost_ns = 2500,
	.packet_cost_ns = 600,
	.step_ns = 1000,
};

static const struct netcoal_window dense = {
	.len_ns = 10000000,
	.busy_ns = 5000000,
	.packets = 10000,
	.polls = 1000,
	.sequences = 1000,
	.settled = true,
};

/* A governor that says what the test wants. */
static struct netcoal_setting says;

static void rogue_init(struct netcoal_gov *gov, const struct netcoal_limits *lim)
{
	gov->setting = says;
}

static void rogue_decide(struct netcoal_gov *gov, const struct netcoal_window *win,
			 const struct netcoal_limits *lim,
			 struct netcoal_decision *d)
{
	d->setting = says;
	d->verdict = NETCOAL_VERDICT_FIXED;
}

static const struct netcoal_gov_ops rogue = {
	.name = "rogue",
	.init = rogue_init,
	.decide = rogue_decide,
};

static void registry(void **state)
{
	assert_ptr_equal(netcoal_gov_find("model"), &netcoal_gov_model);
	assert_ptr_equal(netcoal_gov_find("fixed"), &netcoal_gov_fixed);
	assert_ptr_equal(netcoal_gov_find("dim"), &netcoal_gov_dim);
	assert_null(netcoal_gov_find(""));
	assert_null(netcoal_gov_find("mode"));
	assert_null(netcoal_gov_find("models"));
}

static void init_clears(void **state)
{
	struct netcoal_gov gov;
	size_t i;

	memset(&gov, 0xa5, sizeof(gov));
	netcoal_gov_init(&gov, &rogue, &usual);
	for (i = 0; i < ARRAY_SIZE(gov.priv); i++)
		assert_int_equal(gov.priv[i], 0);
}

static void decide_bounds(void **state)
{
	struct netcoal_limits lim = usual;
	struct netcoal_decision d;
	struct netcoal_gov gov;

	lim.holdoff_min_ns = 5500;
	says = (struct netcoal_setting){ 0, 0 };
	netcoal_gov_init(&gov, &rogue, &lim);
	netcoal_gov_decide(&gov, &dense, &lim, &d);
	/* The step below the minimum would undercut it. */
	assert_int_equal(d.setting.holdoff_ns, 6000);
	assert_int_equal(d.setting.frames, 1);

	says = (struct netcoal_setting){ UINT32_MAX, UINT32_MAX };
	netcoal_gov_decide(&gov, &dense, &lim, &d);
	assert_int_equal(d.setting.holdoff_ns, 100000);
	assert_int_equal(d.setting.frames, 256);

	/* The latency target gives way to a CPU target that is preferred. */
	lim.cpu_target_ns = 1000;
	lim.prefer = NETCOAL_PREFER_CPU;
	netcoal_gov_decide(&gov, &dense, &lim, &d);
	assert_int_equal(d.setting.holdoff_ns, 1000000);
	lim.cpu_target_ns = 0;

	/* Rounded down: a wait never outlives its promise. */
	says = (struct netcoal_setting){ 99999, 10 };
	netcoal_gov_decide(&gov, &dense, &lim, &d);
	assert_int_equal(d.setting.holdoff_ns, 99000);
	assert_memory_equal(&gov.setting, &d.setting, sizeof(d.setting));
}

/* What was decided is drawn in to limits that moved since, by the same rules. */
static void bounds_heed_what_is_preferred(void **state)
{
	struct netcoal_setting set = { 300000, 1000 };
	struct netcoal_limits lim = usual;

	lim.cpu_target_ns = 1000;
	lim.prefer = NETCOAL_PREFER_CPU;
	netcoal_gov_bound(&set, &lim);
	assert_int_equal(set.holdoff_ns, 300000);
	assert_int_equal(set.frames, 256);
	lim.prefer = NETCOAL_PREFER_LATENCY;
	netcoal_gov_bound(&set, &lim);
	assert_int_equal(set.holdoff_ns, 100000);
}

static void empty_window_keeps(void **state)
{
	struct netcoal_window none = dense;
	struct netcoal_decision d;
	struct netcoal_gov gov;

	says = (struct netcoal_setting){ 50000, 10 };
	netcoal_gov_init(&gov, &rogue, &usual);
	netcoal_gov_decide(&gov, &dense, &usual, &d);
	says = (struct netcoal_setting){ 70000, 20 };
	none.packets = 0;
	netcoal_gov_decide(&gov, &none, &usual, &d);
	assert_int_equal(d.setting.holdoff_ns, 50000);
	assert_int_equal(d.verdict, NETCOAL_VERDICT_START);
	none = dense;
	none.len_ns = 0;
	netcoal_gov_decide(&gov, &none, &usual, &d);
	assert_int_equal(d.setting.holdoff_ns, 50000);
}

static void fixed(void **state)
{
	struct netcoal_limits lim = usual;
	struct netcoal_decision d;
	struct netcoal_gov gov;

	netcoal_gov_init(&gov, &netcoal_gov_fixed, &lim);
	assert_int_equal(gov.setting.holdoff_ns, 100000);
	lim.holdoff_max_ns = 40000;
	netcoal_gov_decide(&gov, &dense, &lim, &d);
	assert_int_equal(d.setting.holdoff_ns, 40000);
	assert_int_equal(d.setting.frames, 256);
	assert_int_equal(d.verdict, NETCOAL_VERDICT_FIXED);
	assert_int_equal(d.pps, 1000000);
	assert_int_equal(d.batch_milli, 10000);
	assert_int_equal(d.cost_ns, 500);
}

/* More packets for the same events is better, so DIM climbs; then it parks. */
static struct netcoal_decision dim_at_top(struct netcoal_gov *gov, const struct netcoal_limits *lim)
{
	struct netcoal_window win = dense;
	struct netcoal_decision d;
	int i;

	netcoal_gov_init(gov, &netcoal_gov_dim, lim);
	assert_int_equal(gov->setting.holdoff_ns, 8000);
	for (i = 0; i < 6; i++) {
		/* A longer hold-off lets 1.2 times as many through. */
		netcoal_gov_decide(gov, &win, lim, &d);
		win.packets = win.packets * 12 / 10;
	}
	assert_int_equal(d.verdict, NETCOAL_VERDICT_DIM);
	return d;
}

static void dim_climbs(void **state)
{
	struct netcoal_limits lim = usual;
	struct netcoal_window win = dense;
	struct netcoal_decision d;
	struct netcoal_gov gov;

	lim.budget_ns = 1000000;
	assert_int_equal(dim_at_top(&gov, &lim).setting.holdoff_ns, 256000);
	/* It knows of no target, but is held to one. */
	lim.budget_ns = 100000;
	netcoal_gov_decide(&gov, &win, &lim, &d);
	assert_int_equal(d.setting.holdoff_ns, 100000);
}

static void dim_has_a_ladder_for_transmit(void **state)
{
	struct netcoal_limits lim = usual;
	struct netcoal_decision d;
	struct netcoal_gov gov;

	lim.budget_ns = 1000000;
	lim.frames_max = 1000;
	lim.transmit = true;
	d = dim_at_top(&gov, &lim);
	assert_int_equal(d.setting.holdoff_ns, 128000);
	assert_int_equal(d.setting.frames, 128);
}

static void properties(void **state)
{
	static const char * const names[] = { "model", "fixed", "dim" };
	char why[200] = "";
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (gov_properties(names[i], 1, 2000, why, sizeof(why)))
			fail_msg("%s", why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(registry),
		cmocka_unit_test(init_clears),
		cmocka_unit_test(decide_bounds),
		cmocka_unit_test(bounds_heed_what_is_preferred),
		cmocka_unit_test(empty_window_keeps),
		cmocka_unit_test(fixed),
		cmocka_unit_test(dim_climbs),
		cmocka_unit_test(dim_has_a_ladder_for_transmit),
		cmocka_unit_test(properties),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
