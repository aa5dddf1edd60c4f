// SPDX-License-Identifier: GPL-2.0
/* What the governor "model" makes of a CPU target, and of costs. */
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

struct range {
	u32 from;
	u32 to;
};

static void is_doubted(struct toy_queue *q, struct range irq_cost_ns, u32 batch_milli)
{
	toy_start(q, "model");
	toy_windows(q, 60);
	assert_in_range(q->last.irq_cost_ns, irq_cost_ns.from, irq_cost_ns.to);
	assert_true(q->last.batch_milli > batch_milli);
}

/* Believed costs say that the target is met, the CPUs say that it is not. */
static void low_belief_is_tested(void **state)
{
	struct toy_queue q = toy_poisson(200000);

	q.irq_ns = 2500;
	q.lim.irq_cost_ns = 800;
	q.lim.cpu_target_ns = 1400;
	is_doubted(&q, (struct range){ 2200, 2800 }, 2500);
}

/* The same where the target seems met only as long as a host's part is not added. */
static void low_belief_beside_a_host_is_tested(void **state)
{
	struct toy_queue q = toy_poisson(20000);

	q.irq_ns = 2000;
	q.lim.irq_cost_ns = 800;
	q.lim.irq_extra_ns = 2800;
	q.lim.cpu_target_ns = 4300;
	is_doubted(&q, (struct range){ 4500, 5100 }, 1200);
}

/* Trains have few interrupts per packet from the start; what each costs shows all the same. */
static void costs_are_learned_from_trains(void **state)
{
	struct toy_queue q = toy_poisson(400000);

	q.train = 20;
	q.irq_ns = 5000;
	q.lim.irq_cost_ns = 2000;
	q.lim.cpu_target_ns = 720;	/* 42 packets per interrupt */
	toy_start(&q, "model");
	toy_windows(&q, 400);
	assert_in_range(q.last.irq_cost_ns, 4500, 5500);
	q.packets = 0;
	q.sequences = 0;
	toy_windows(&q, 200);
	assert_in_range(q.packets / q.sequences, 37, 48);
}

/* So sparse that no two points are far enough apart to learn from. */
static struct toy_queue sparse_and_dear(void)
{
	struct toy_queue q = toy_poisson(2000);

	q.irq_ns = 2500;
	q.lim.budget_ns = 40000;
	q.lim.irq_cost_ns = 1250;
	q.lim.cpu_target_ns = 2950;
	return q;
}

static unsigned int windows_held(struct toy_queue *q, unsigned int windows)
{
	unsigned int held = 0;

	toy_start(q, "model");
	while (windows--) {
		toy_window(q);
		held += q->gov.setting.holdoff_ns > 10000;
	}
	return held;
}

/* What is believed of costs once ended each hold-off that a target had been seen to need. */
static void what_is_not_seen_to_be_met_is_missed(void **state)
{
	struct toy_queue q = sparse_and_dear();

	assert_true(windows_held(&q, 400) > 300);
	assert_int_equal(q.last.irq_cost_ns, 1250);	/* not learned */
}

/* Nor is an application's work an interrupt's. */
static void an_application_is_no_interrupt(void **state)
{
	static const u32 app_ns[] = { 3000, 20000 };
	struct toy_queue q;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(app_ns); i++) {
		q = sparse_and_dear();
		q.app_ns = app_ns[i];
		assert_true(windows_held(&q, 400) < 100);
		assert_int_equal(q.gov.setting.holdoff_ns, 0);
	}
}

/* Where nothing is held off but what a policy asks for, that is what a target is missed at. */
static void a_policys_least_is_called_saturated(void **state)
{
	struct toy_queue q = toy_loop(1, 100000);

	q.lim.holdoff_min_ns = 5000;
	q.lim.cpu_target_ns = 10;
	toy_start(&q, "model");
	toy_windows(&q, 400);
	assert_int_equal(q.last.verdict, NETCOAL_VERDICT_SATURATED);
	assert_true(q.last.closed);
}

static void meets_its_target(struct toy_queue *q, unsigned int windows, struct range batch_milli,
			     struct range holdoff_ns)
{
	toy_start(q, "model");
	toy_windows(q, windows);
	assert_int_equal(q->last.verdict, NETCOAL_VERDICT_CPU_TARGET);
	assert_in_range(q->last.batch_milli, batch_milli.from, batch_milli.to);
	assert_in_range(q->gov.setting.holdoff_ns, holdoff_ns.from, holdoff_ns.to);
}

static void cpu_target_stops_at_its_batch(void **state)
{
	struct toy_queue q = toy_poisson(400000);

	q.lim.cpu_target_ns = 850;	/* 10 packets per interrupt */
	meets_its_target(&q, 30, (struct range){ 8500, 12000 }, (struct range){ 19000, 26000 });
}

/*
 * Packets that are paced join a hold-off that is longer than they are apart, and none a
 * shorter one. The target's guess once was, and then none was held off for good.
 */
static void cpu_target_finds_a_pace(void **state)
{
	struct toy_queue q = toy_paced(28700);

	q.limits = true;
	q.lim.budget_ns = 250000;
	q.lim.step_ns = 4000;
	q.lim.cpu_target_ns = 2100;	/* 1.7 packets per interrupt */
	meets_its_target(&q, 400, (struct range){ 1600, 2100 }, (struct range){ 48000, 76000 });
}

/*
 * The same where a hold-off begins with a packet. That it saved nothing ended it, before
 * lockstep showed, and the whole latency target was tested again and again.
 */
static void cpu_target_comes_to_rest_at_a_pace(void **state)
{
	struct toy_queue q = toy_paced(28510);
	u64 changes;

	q.lim.cpu_target_ns = 2800;
	toy_start(&q, "model");
	toy_windows(&q, 1500);
	changes = q.changes;
	toy_windows(&q, 1500);
	assert_int_equal(q.last.verdict, NETCOAL_VERDICT_CPU_TARGET);
	assert_in_range(q.gov.setting.holdoff_ns, 35000, 71000);
	assert_true(q.changes - changes <= 20);
}

/* A load that will jump tenfold, with a CPU target. */
static void start_jumping(struct toy_queue *q, u32 cpu_target_ns)
{
	*q = toy_poisson(300000);
	q->lim.budget_ns = 250000;
	q->lim.cpu_target_ns = cpu_target_ns;
	toy_start(q, "model");
}

static void jump(struct toy_queue *q, u32 times, u32 windows)
{
	q->pps = times % 2 ? 30000 : 300000;
	toy_windows(q, windows);
}

/*
 * Over a load that jumps a CPU target is met on average, by one hold-off. Met in each lull,
 * too, it kept those packets for ten times as long.
 */
static void cpu_target_is_met_over_jumps(void **state)
{
	struct toy_queue q;
	u32 longest = 0, i;
	u64 changes;

	start_jumping(&q, 1200);	/* 4.2 packets per interrupt */
	for (i = 0; i < 20; i++)
		jump(&q, i, 150);
	changes = q.changes;
	for (; i < 40; i++) {
		jump(&q, i, 150);
		longest = max(longest, q.gov.setting.holdoff_ns);
	}
	assert_in_range(longest, 10000, 60000);
	assert_true(q.changes - changes <= 30);
}

/* Trains may meet a target by themselves, and then there is nothing to test. */
static void a_target_that_is_met_starts_no_test(void **state)
{
	struct toy_queue q = toy_poisson(60000);

	q.train = 3;
	q.lim.cpu_target_ns = 1500;	/* 1433 as they come */
	toy_start(&q, "model");
	toy_windows(&q, 4000);
	assert_int_equal(q.changes, 0);
	/* And missed by less than is heeded later, either. */
	q.lim.cpu_target_ns = 1420;
	toy_windows(&q, 4000);
	assert_int_equal(q.changes, 0);
}

/*
 * All that the CPUs did bounds what a packet costs, whatever is believed of interrupts. Where
 * twice their cost was, packets once waited for a target that was met without.
 */
static void a_target_that_is_seen_to_be_met_starts_no_test(void **state)
{
	struct toy_queue q = toy_poisson(200000);

	q.irq_ns = 1500;
	q.lim.irq_cost_ns = 3000;
	q.lim.cpu_target_ns = 2110;	/* 2100 as they come */
	toy_start(&q, "model");
	toy_windows(&q, 4000);
	assert_int_equal(q.changes, 0);
}

/* Where a target was met without hold-off, it may be missed later: none grows to one, too. */
static void a_target_finds_its_way_from_none(void **state)
{
	struct toy_queue q = toy_poisson(60000);

	q.train = 3;
	q.lim.cpu_target_ns = 1400;
	toy_start(&q, "model");
	toy_windows(&q, 200);
	q.lim.cpu_target_ns = 1500;
	toy_windows(&q, 2000);
	q.train = 2;
	q.pps = 150000;
	toy_windows(&q, 2000);
	assert_in_range(q.last.batch_milli, 2500, 4500);
}

/*
 * Jumps too short to be followed once passed for calm, so that after some thousand windows the
 * next was followed again, with a hold-off as long as the latency target.
 */
static void short_jumps_stay_averaged(void **state)
{
	struct toy_queue q;
	u32 longest = 0, i;

	start_jumping(&q, 1200);
	for (i = 0; i < 1000; i++) {
		jump(&q, i, 15);
		if (i >= 100)
			longest = max(longest, q.gov.setting.holdoff_ns);
	}
	assert_in_range(longest, 8000, 40000);
}

/* Nor does a check find a closed loop in them, by chance. */
static void jumps_are_no_loop(void **state)
{
	static const u32 targets_ns[] = { 1070, 1130, 1250 };
	u32 i, j, without = 0;
	struct toy_queue q;

	for (i = 0; i < ARRAY_SIZE(targets_ns); i++) {
		start_jumping(&q, targets_ns[i]);
		for (j = 0; j < 4000; j++) {
			jump(&q, j, 1 + q.packets % 20);
			without += j >= 100 && !q.gov.setting.holdoff_ns;
		}
	}
	assert_int_equal(without, 0);
}

/* The windows of a hold-off that was of a sparse load once kept a dense one long. */
static void a_step_up_soon_waits_for_less(void **state)
{
	struct toy_queue q = toy_poisson(30000);
	u64 before;

	q.lim.budget_ns = 250000;
	q.lim.cpu_target_ns = 1100;	/* 5 packets */
	toy_start(&q, "model");
	toy_windows(&q, 400);
	assert_in_range(q.gov.setting.holdoff_ns, 120000, 180000);
	q.pps = 300000;
	before = q.packets;
	while (q.gov.setting.holdoff_ns > 40000 && q.packets < before + 20000)
		toy_window(&q);
	assert_true(q.packets - before < 7000);
	toy_windows(&q, 8);
	assert_true(q.gov.setting.holdoff_ns < 20000);
}

/*
 * How long a hold-off is that frames end says nothing of one by time. A loop's target once
 * seemed to need the longest that the loop allows, which is where frames are better.
 */
static void a_loop_waits_for_a_target_only(void **state)
{
	struct netcoal_model m = {
		.base = { .ns = 100000000, .windows = 16, .sequences = 5900, .packets = 7500 },
		.held = { .ns = 180000000, .windows = 100, .sequences = 6400, .packets = 13500 },
		.trial = { .kappa = 59000, .last_pps = 75000, .before_pps = 75000 },
		.cap = { .holdoff_ns = 9400, .few = { 26000, 2 } },
		.phase = MODEL_RUN, .wait = 1000, .backoff = 1000, .adjust_after = 1,
	};
	struct netcoal_window w = {
		.len_ns = 1800000, .packets = 135, .sequences = 64, .polls = 64, .settled = true,
		.squares = 290,
	};
	struct netcoal_aim t = {
		.have = { 26000, 2 }, .budget_ns = 50000, .step_ns = 1000, .frames_max = 4096,
		.few_max = 4096, .irq_ns = 2500, .held_ns = 2500, .seen_ns = 2500,
		.packet_ns = 600, .cpu_target_ns = 2018, .batch_milli = 1763, .pps = 75000,
		.verdict_short = NETCOAL_VERDICT_CPU_TARGET,
	};
	struct netcoal_decision d = {};

	netcoal_model_run(&m, &w, &t, &d);
	assert_in_range(d.setting.holdoff_ns, 6000, 7000);
	assert_int_equal(d.setting.frames, 4096);
	assert_int_equal(d.verdict, NETCOAL_VERDICT_CPU_TARGET);
}

/* Jumps once were averaged for good, and what a load had become was crept up to. */
static void what_moved_for_good_is_followed(void **state)
{
	struct toy_queue q;
	u32 i;

	start_jumping(&q, 1200);
	for (i = 0; i < 10; i++)
		jump(&q, i, 300);
	toy_windows(&q, 1500);
	assert_in_range(q.last.batch_milli, 3500, 6000);
}

/* A timer that a target would make so short that most are in vain: a longer one pays. */
static void a_target_looks_beyond_timers_in_vain(void **state)
{
	struct netcoal_model m = {};
	struct netcoal_aim t = {
		.pps = 139000, .irq_ns = 2000, .empty_ns = 1750, .packet_ns = 700,
		.cpu_target_ns = 1800, .batch_milli = 1850, .budget_ns = 21000, .start_pct = 1,
		.after = true,
	};

	assert_int_equal(netcoal_model_first_holdoff(&m, &t, 1000), 21000);
	t.cpu_target_ns = 2700;	/* met as it is */
	assert_int_equal(netcoal_model_first_holdoff(&m, &t, 1000), 0);
}

/* Windows of batches that cost cost_ns each, and packets of packet_ns. */
static struct netcoal_sums costing(u32 batch, u32 cost_ns, u32 packet_ns)
{
	return (struct netcoal_sums){
		.ns = 1000000000, .windows = 8, .sequences = 1000, .packets = 1000 * batch,
		.cpu_ns = 1000ULL * (cost_ns + batch * packet_ns),
	};
}

/*
 * Trains are too alike with and without a hold-off to tell what an interrupt costs. It costs
 * no more than all that the CPUs did; where twice that was believed, hold-offs were longer
 * than a CPU target needs.
 */
static void belief_is_bounded_by_what_is_seen(void **state)
{
	struct netcoal_sums held = costing(50, 4500, 600);
	struct netcoal_setting have = { 50000, 1024 };
	struct netcoal_limits lim = toy_usual;
	struct netcoal_costs costs = { .polled_ns = 600 };
	struct netcoal_aim t;

	lim.irq_cost_ns = 9000;
	lim.cpu_target_ns = 750;
	netcoal_aim_of(&costs, &held, &have, 500000, &lim, &t);
	assert_in_range(t.seen_ns, 4450, 4550);
	assert_in_range(t.batch_milli, 29500, 30500);
	/* Other work bounds nothing, nor does none. */
	held.cpu_ns *= 2;
	netcoal_aim_of(&costs, &held, &have, 500000, &lim, &t);
	assert_int_equal(t.seen_ns, 9000);
	held.cpu_ns = 0;
	netcoal_aim_of(&costs, &held, &have, 500000, &lim, &t);
	assert_int_equal(t.seen_ns, 9000);
}

/* What the CPUs did for a batch is taken for this, and remembered. */
static void see_costs(struct netcoal_limits *lim, struct netcoal_costs *costs,
		      struct netcoal_sums held, u32 seen_ns, u32 dearer_milli)
{
	struct netcoal_setting have = { 50000, 1024 };
	struct netcoal_aim t;

	netcoal_aim_of(costs, &held, &have, 200000, lim, &t);
	assert_int_equal(t.seen_ns, seen_ns);
	assert_int_equal(t.dearer_milli, dearer_milli);
	costs->dearer_milli = t.dearer_milli;
}

/*
 * An interrupt may cost twice what was calibrated, but a reader's work, which grows with the
 * batch, is none. A shorter hold-off has less of that in a batch, and would be a dear
 * interrupt again.
 */
static void a_readers_work_stays_that(void **state)
{
	struct netcoal_limits lim = toy_usual;
	struct netcoal_costs costs = {};

	lim.cpu_target_ns = 850;
	see_costs(&lim, &costs, costing(2, 5000, 600), 5000, 2000);
	see_costs(&lim, &costs, (struct netcoal_sums){}, 5000, 2000);
	see_costs(&lim, &costs, costing(10, 2500, 2600), 2500, NETCOAL_NO_DEARER);
	see_costs(&lim, &costs, costing(2, 2500, 2600), 2500, NETCOAL_NO_DEARER);
	lim.cpu_target_ns = 0;
	see_costs(&lim, &costs, costing(2, 5000, 600), 2500, 0);
}

/* A host's part is no dearer for that. */
static void a_hosts_part_is_no_dearer(void **state)
{
	struct netcoal_limits lim = toy_usual;
	struct netcoal_costs costs = {};

	lim.cpu_target_ns = 850;
	lim.irq_extra_ns = 10000;
	see_costs(&lim, &costs, costing(2, 5000, 600), 15000, 2000);
	see_costs(&lim, &costs, costing(2, 2500, 20600), 12500, NETCOAL_NO_DEARER);
}

/* Batches of paced packets are even; of sparse ones that come by chance it can't be told. */
static void evenness_has_to_show(void **state)
{
	struct netcoal_sums base = { .sequences = 100, .packets = 100, .squares = 100 };
	struct netcoal_sums two = { .sequences = 100, .packets = 200, .squares = 400 };
	struct netcoal_sums few = { .sequences = 100, .packets = 110, .squares = 130 };
	struct netcoal_sums chance = { .sequences = 100, .packets = 200, .squares = 500 };
	struct netcoal_sums sent = { .sequences = 100, .packets = 200 };

	assert_true(netcoal_aim_is_even(&base, &two));
	assert_false(netcoal_aim_is_even(&base, &few));
	assert_false(netcoal_aim_is_even(&base, &chance));
	assert_false(netcoal_aim_is_even(&base, &sent));
}

/* Where costs are learned, what CPUs did besides is other work. */
static void what_is_learned_is_believed(void **state)
{
	struct netcoal_sums held = costing(50, 90000, 600);
	struct netcoal_setting have = { 50000, 1024 };
	struct netcoal_limits lim = toy_usual;
	struct netcoal_costs costs = { .irq_ns = 9000, .packet_ns = 600, .polled_ns = 600 };
	struct netcoal_aim t;

	lim.cpu_target_ns = 750;
	netcoal_aim_of(&costs, &held, &have, 500000, &lim, &t);
	assert_int_equal(t.seen_ns, 9000);
}

/* A guest's timers are interrupts, too: a host's part is in those that find nothing. */
static void a_host_pays_for_timers_in_vain(void **state)
{
	struct netcoal_sums held = costing(4, 2000, 600);
	struct netcoal_setting have = { 50000, 1024 };
	struct netcoal_limits lim = toy_usual;
	struct netcoal_costs costs = { .irq_ns = 2500, .packet_ns = 600, .polled_ns = 600 };
	struct netcoal_aim t;
	u32 seen_ns;

	lim.cpu_target_ns = 1000;
	lim.timer_cost_ns = 500;
	held.empty = held.sequences;
	netcoal_aim_of(&costs, &held, &have, 500000, &lim, &t);
	seen_ns = t.seen_ns;
	assert_in_range(seen_ns, 1950, 2050);
	assert_true(netcoal_aim_saves(&t, 1000, 1700, 1000, 5));
	lim.irq_extra_ns = 4000;
	netcoal_aim_of(&costs, &held, &have, 500000, &lim, &t);
	assert_int_equal(t.seen_ns, seen_ns + 8000);
	assert_false(netcoal_aim_saves(&t, 1000, 1700, 1000, 5));
}

/* What batches behind a timer cost says little of a timer that is much shorter. */
static void timers_get_shorter_by_halves(void **state)
{
	struct netcoal_aim t = {
		.have = { 57000, 1024 }, .irq_ns = 3500, .seen_ns = 1200, .packet_ns = 500,
		.cpu_target_ns = 2200, .batch_milli = 1000, .frames_max = 1024, .step_ns = 1000,
	};

	assert_int_equal(netcoal_aim_wanted(&t, 1000, 4000), 1000);
	t.after = true;
	t.seems_after = true;
	assert_int_equal(netcoal_aim_wanted(&t, 1000, 4000), 28000);
}

/*
 * A check took turns between half of a hold-off and all of it, for a fifth of a run of
 * seconds, so its target was missed.
 */
static void a_check_meets_its_target_meanwhile(void **state)
{
	u32 i, rest, least = U32_MAX, most = 0, saturated = 0;
	double before, trying_ns = 0, area = 0;
	struct toy_queue q = toy_poisson(100000);

	q.limits = true;
	q.lim.budget_ns = 250000;
	q.lim.cpu_target_ns = 1225;	/* 4 packets */
	toy_start(&q, "model");
	toy_windows(&q, 400);
	rest = q.gov.setting.holdoff_ns;
	for (i = 0; i < 6000; i++) {
		u32 had = q.gov.setting.holdoff_ns;
		bool tried = q.last.trying;

		before = q.now_ns;
		toy_window(&q);
		least = min(least, q.gov.setting.holdoff_ns);
		most = max(most, q.gov.setting.holdoff_ns);
		saturated += q.last.verdict == NETCOAL_VERDICT_SATURATED;
		if (tried) {
			trying_ns += q.now_ns - before;
			area += had * (q.now_ns - before);
		}
	}
	assert_true(trying_ns > 0);
	assert_in_range((u32)(area / trying_ns), rest * 97 / 100, rest * 103 / 100);
	assert_in_range(rest, 37000, 43000);
	assert_in_range(least, rest * 3 / 4, rest * 9 / 10);
	assert_in_range(most, rest * 11 / 10, rest * 5 / 4);
	assert_in_range(q.gov.setting.holdoff_ns, rest * 9 / 10, rest * 11 / 10);
	assert_int_equal(saturated, 0);
}

/* Nor do batches of a short timer, of which interrupts begin some, say what those cost. */
static void short_timers_unlearn_nothing(void **state)
{
	struct netcoal_sums base = costing(1, 2500, 600), close = costing(1, 2500, 600);
	struct netcoal_sums far = costing(20, 2500, 600);
	struct netcoal_limits lim = toy_usual;
	struct netcoal_costs costs = {};

	base.packets = base.sequences = 20000;
	base.cpu_ns = 20000ULL * (2500 + 600);
	lim.timer_cost_ns = 500;
	netcoal_costs_learn(&costs, &base, &far, &lim);
	assert_in_range(costs.irq_ns, 2400, 2600);
	close.packets = 20000;
	close.sequences = 14000;
	close.cpu_ns = 20000ULL * 1100;
	netcoal_costs_learn(&costs, &base, &close, &lim);
	assert_in_range(costs.irq_ns, 2400, 2600);
}

/*
 * An application that has a part of the CPU is in both points, and drops out of what interrupts
 * cost. That was believed then as calibrated, unless other queues may have done it: an interrupt
 * of 12 us passed for one of 2.5, and a target for met that was missed by a third.
 */
static void costs_beside_an_application_are_learned(void **state)
{
	struct netcoal_sums base = costing(1, 5000, 600), held = costing(20, 5000, 600);
	struct netcoal_limits lim = toy_usual;
	struct netcoal_costs costs = {};

	base.packets = base.sequences = 20000;
	base.cpu_ns = 20000ULL * (5000 + 600 + 1500);
	held.cpu_ns += 20000ULL * 1500;
	base.shared = 1;
	netcoal_costs_learn(&costs, &base, &held, &lim);
	assert_int_equal(costs.irq_ns, 0);
	base.shared = 0;
	netcoal_costs_learn(&costs, &base, &held, &lim);
	assert_in_range(costs.irq_ns, 4900, 5100);
	assert_in_range(costs.packet_ns, 550, 650);
	/* Near points would say what an application did meanwhile. */
	held.sequences = 12000;
	held.cpu_ns = 20000ULL * 5400;
	netcoal_costs_learn(&costs, &base, &held, &lim);
	assert_in_range(costs.irq_ns, 4900, 5100);

	/* An application may do far more than what is saved, but not hide it. */
	costs = (struct netcoal_costs){};
	held = costing(20, 5000, 600);
	base.cpu_ns = 20000ULL * (5000 + 600 + 25000);
	held.cpu_ns += 20000ULL * 25000;
	netcoal_costs_learn(&costs, &base, &held, &lim);
	assert_in_range(costs.irq_ns, 4900, 5100);
	costs = (struct netcoal_costs){};
	base.cpu_ns += 20000ULL * 15000;
	held.cpu_ns += 20000ULL * 15000;
	netcoal_costs_learn(&costs, &base, &held, &lim);
	assert_int_equal(costs.irq_ns, 0);
}

/* A slow machine's interrupts may cost five times what is believed. */
static void costs_far_from_belief_are_learned(void **state)
{
	struct toy_queue q = toy_poisson(50000);

	q.irq_ns = 12500;
	q.app_ns = 15000;
	q.lim.cpu_target_ns = 4000;
	toy_start(&q, "model");
	toy_windows(&q, 60);
	assert_in_range(q.last.irq_cost_ns, 11500, 13500);
	assert_true(q.last.batch_milli > 3000);
}

/* What is believed of an interrupt's cost does not matter for long. */
static void costs_are_learned(void **state)
{
	struct toy_queue q = toy_poisson(400000);

	q.irq_ns = 5000;
	q.lim.cpu_target_ns = 1100;	/* 10 packets at what it really costs */
	toy_start(&q, "model");
	toy_windows(&q, 60);
	assert_in_range(q.last.irq_cost_ns, 4500, 5500);
	assert_in_range(q.last.packet_cost_ns, 540, 660);
	assert_in_range(q.last.batch_milli, 8000, 13000);

	/* What can't be this queue's alone is not believed. */
	q = toy_poisson(400000);
	q.irq_ns = 500000;
	toy_start(&q, "model");
	toy_windows(&q, 60);
	assert_int_equal(q.last.irq_cost_ns, toy_usual.irq_cost_ns);
}

static void unreachable_cpu_target_says_so(void **state)
{
	struct toy_queue q = toy_poisson(400000);

	q.lim.cpu_target_ns = 500;
	toy_start(&q, "model");
	toy_windows(&q, 30);
	assert_int_equal(q.last.verdict, NETCOAL_VERDICT_SATURATED);
	assert_int_equal(q.gov.setting.holdoff_ns, 100000);
}

/* The largest batch may be brought before the latency target is used up, and be too small. */
static void the_largest_batch_may_be_too_small(void **state)
{
	struct toy_queue q = toy_poisson(400000);

	q.lim.frames_max = 16;
	q.lim.cpu_target_ns = 500;
	q.lim.budget_ns = 50000;
	toy_start(&q, "model");
	toy_windows(&q, 30);
	q.lim.budget_ns = 100000;
	toy_windows(&q, 30);
	assert_int_equal(q.last.verdict, NETCOAL_VERDICT_SATURATED);
	assert_in_range(q.gov.setting.holdoff_ns, 30000, 70000);
}

/*
 * Where other work hides what interrupts cost, polls still tell that a packet takes more than
 * is believed. Such a target once passed for met, and nothing was held off.
 */
static void polls_tell_of_an_unreachable_cpu_target(void **state)
{
	struct toy_queue q = toy_poisson(100000);

	q.lim.cpu_target_ns = 4000;
	q.lim.packet_cost_ns = 600;
	q.poll_ns = 4100;
	q.app_ns = 20000;
	toy_start(&q, "model");
	toy_windows(&q, 1000);
	assert_int_equal(q.last.verdict, NETCOAL_VERDICT_SATURATED);
	assert_true(q.gov.setting.holdoff_ns >= 40000);
}

static void preferred_cpu_target_goes_beyond_the_budget(void **state)
{
	struct toy_queue q = toy_poisson(50000);

	q.lim.cpu_target_ns = 850;
	toy_start(&q, "model");
	toy_windows(&q, 30);
	assert_int_equal(q.last.verdict, NETCOAL_VERDICT_SATURATED);
	assert_int_equal(q.gov.setting.holdoff_ns, 100000);
	q.lim.prefer = NETCOAL_PREFER_CPU;
	toy_start(&q, "model");
	toy_windows(&q, 60);
	assert_int_equal(q.last.verdict, NETCOAL_VERDICT_CPU_TARGET);
	assert_in_range(q.gov.setting.holdoff_ns, 140000, 230000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(low_belief_is_tested),
		cmocka_unit_test(low_belief_beside_a_host_is_tested),
		cmocka_unit_test(costs_are_learned_from_trains),
		cmocka_unit_test(what_is_not_seen_to_be_met_is_missed),
		cmocka_unit_test(an_application_is_no_interrupt),
		cmocka_unit_test(a_policys_least_is_called_saturated),
		cmocka_unit_test(cpu_target_stops_at_its_batch),
		cmocka_unit_test(cpu_target_finds_a_pace),
		cmocka_unit_test(cpu_target_comes_to_rest_at_a_pace),
		cmocka_unit_test(cpu_target_is_met_over_jumps),
		cmocka_unit_test(short_jumps_stay_averaged),
		cmocka_unit_test(jumps_are_no_loop),
		cmocka_unit_test(a_step_up_soon_waits_for_less),
		cmocka_unit_test(a_loop_waits_for_a_target_only),
		cmocka_unit_test(a_target_that_is_met_starts_no_test),
		cmocka_unit_test(a_target_that_is_seen_to_be_met_starts_no_test),
		cmocka_unit_test(a_target_finds_its_way_from_none),
		cmocka_unit_test(what_moved_for_good_is_followed),
		cmocka_unit_test(a_target_looks_beyond_timers_in_vain),
		cmocka_unit_test(belief_is_bounded_by_what_is_seen),
		cmocka_unit_test(a_readers_work_stays_that),
		cmocka_unit_test(a_hosts_part_is_no_dearer),
		cmocka_unit_test(evenness_has_to_show),
		cmocka_unit_test(what_is_learned_is_believed),
		cmocka_unit_test(a_host_pays_for_timers_in_vain),
		cmocka_unit_test(timers_get_shorter_by_halves),
		cmocka_unit_test(a_check_meets_its_target_meanwhile),
		cmocka_unit_test(short_timers_unlearn_nothing),
		cmocka_unit_test(costs_beside_an_application_are_learned),
		cmocka_unit_test(costs_far_from_belief_are_learned),
		cmocka_unit_test(costs_are_learned),
		cmocka_unit_test(unreachable_cpu_target_says_so),
		cmocka_unit_test(the_largest_batch_may_be_too_small),
		cmocka_unit_test(polls_tell_of_an_unreachable_cpu_target),
		cmocka_unit_test(preferred_cpu_target_goes_beyond_the_budget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
