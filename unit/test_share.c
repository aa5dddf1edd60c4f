// SPDX-License-Identifier: GPL-2.0
/* How the stages of a path divide its latency. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "share.h"

#define US	1000u
#define MS	1000000u

static struct netcoal_stage usable(u64 pps, u32 cost_ns, u32 spent_ns, u32 granted_ns)
{
	return (struct netcoal_stage){
		.usable = true, .known = pps, .bound_ns = 1000 * MS, .pps = pps,
		.irq_cost_ns = cost_ns, .spent_ns = spent_ns, .granted_ns = granted_ns,
	};
}

static void the_first_gets_all(void **state)
{
	struct netcoal_stage s[] = { usable(0, 2500, 0, 0), usable(0, 2500, 0, 0) };

	assert_int_equal(netcoal_share(s, 2, 500 * US), 0);
	assert_int_equal(s[0].share_ns, 500 * US);
	assert_int_equal(s[1].share_ns, 0);
	assert_int_equal(s[1].frames_max, 0);
}

static void one_that_cannot_coalesce_passes_on(void **state)
{
	struct netcoal_stage s[] = { { 0 }, usable(0, 2500, 0, 0) };

	netcoal_share(s, 2, 500 * US);
	assert_int_equal(s[0].share_ns, 0);
	assert_int_equal(s[1].share_ns, 500 * US);
}

static void what_is_unspent_flows_on(void **state)
{
	struct netcoal_stage s[] = {
		usable(10000, 2500, 100 * US, 500 * US), usable(10000, 2500, 0, 0),
	};

	netcoal_share(s, 2, 500 * US);
	assert_int_equal(s[0].share_ns, 200 * US);
	assert_int_equal(s[1].share_ns, 300 * US);
	/* it wants more again: at once */
	s[0].granted_ns = 200 * US;
	s[0].spent_ns = 180 * US;
	netcoal_share(s, 2, 500 * US);
	assert_int_equal(s[0].share_ns, 500 * US);
	assert_int_equal(s[1].share_ns, 0);
	/* one that spends nothing keeps an eighth, to begin with */
	s[0].granted_ns = 500 * US;
	s[0].spent_ns = 0;
	netcoal_share(s, 2, 500 * US);
	assert_int_equal(s[0].share_ns, 62500);
	assert_int_equal(s[1].share_ns, 437500);
}

static void remote_stages_keep_theirs(void **state)
{
	struct netcoal_stage s[] = { usable(0, 2500, 0, 0), { .remote_ns = 100 * US } };

	netcoal_share(s, 2, 500 * US);
	assert_int_equal(s[0].share_ns, 400 * US);
	assert_int_equal(s[1].share_ns, 100 * US);
}

static void bounds_hold(void **state)
{
	struct netcoal_stage s[] = { usable(0, 2500, 0, 0), usable(0, 2500, 0, 0) };

	s[0].bound_ns = 100 * US;
	netcoal_share(s, 2, 500 * US);
	assert_int_equal(s[0].share_ns, 100 * US);
	assert_int_equal(s[1].share_ns, 400 * US);
	/* the first can't use it: nobody waits for that */
	s[0].floor_ns = 20 * US;
	s[1].floor_ns = 30 * US;
	netcoal_share(s, 2, 60 * US);
	assert_int_equal(s[0].share_ns, 30 * US);
	assert_int_equal(s[1].share_ns, 30 * US);
	assert_int_equal(netcoal_share(s, 2, 40 * US), 10 * US);
	assert_int_equal(s[0].share_ns, 20 * US);
	assert_int_equal(s[1].share_ns, 30 * US);
}

/* 1 + rate T proportional to sqrt(c), where a remote stage parts two leaders. */
static void leaders_share_by_the_root_of_their_costs(void **state)
{
	struct netcoal_stage s[] = {
		usable(100000, 10000, 0, 0), { .remote_ns = 1 }, usable(100000, 2500, 0, 0),
	};
	double one, other;

	netcoal_share(s, 3, 500 * US + 1);
	one = 1 + 1e5 * s[0].share_ns / 1e9;
	other = 1 + 1e5 * s[2].share_ns / 1e9;
	assert_in_range(1000 * one / other, 1990, 2010);
	assert_int_equal(s[0].share_ns + s[2].share_ns, 500 * US);
	/* own traffic parts them, too: T + 1 / rate */
	s[1] = usable(400000, 2500, 0, 0);
	netcoal_share(s, 2, 500 * US);
	assert_in_range(1000.0 * (s[0].share_ns + 10000) / (s[1].share_ns + 2500), 1990, 2010);
	assert_int_equal(s[0].share_ns + s[1].share_ns, 500 * US);
}

/* No other division of two leaders costs less CPU. */
static void the_division_is_the_best(void **state)
{
	const u64 rates[] = { 2000, 20000, 200000 };
	const u32 costs[] = { 500, 2500, 20000 };

	for (int i = 0; i < 81; i++) {
		u64 a = rates[i % 3], b = rates[i / 3 % 3];
		u32 ca = costs[i / 9 % 3], cb = costs[i / 27];
		struct netcoal_stage s[] = {
			usable(a, ca, 0, 0), { .remote_ns = 1 }, usable(b, cb, 0, 0),
		};
		double least = INFINITY, got;

		netcoal_share(s, 3, 300 * US + 1);
		got = a * ca / (1 + a * (s[0].share_ns / 1e9)) +
		      b * cb / (1 + b * (s[2].share_ns / 1e9));
		for (int us = 0; us <= 300; us++)
			least = fmin(least, a * ca / (1 + a * us / 1e6) +
				     b * cb / (1 + b * (300 - us) / 1e6));
		assert_true(got <= least * 1.0001);
	}
}

/* Each would take what such a loop may lose, and take the others' losses for its own. */
static void a_closed_loop_leaves_nothing(void **state)
{
	struct netcoal_stage s[] = {
		usable(10000, 2500, 20 * US, 500 * US), usable(10000, 2500, 0, 0),
		usable(10000, 2500, 0, 0),
	};

	s[0].closed_pps = 10000;
	netcoal_share(s, 3, 500 * US);
	assert_int_equal(s[0].share_ns, 500 * US);
	assert_int_equal(s[1].share_ns, 0);
	assert_int_equal(s[2].share_ns, 0);
	/* found by the second: the first keeps what it has */
	s[0].closed_pps = 0;
	s[1].closed_pps = 10000;
	netcoal_share(s, 3, 500 * US);
	assert_int_equal(s[0].share_ns, 62500);
	assert_int_equal(s[1].share_ns, 437500);
	assert_int_equal(s[2].share_ns, 0);
	/* of a few packets among many it is none of the stage's */
	s[1].closed_pps = 600;
	s[1].granted_ns = 400 * US;
	netcoal_share(s, 3, 500 * US);
	assert_in_range(s[2].share_ns, 1, 500 * US);
}

static void decide(struct netcoal_claim *c, u32 spent_ns, u32 verdict, int windows)
{
	struct netcoal_decision d = { .spent_ns = spent_ns, .verdict = verdict };

	d.closed = verdict == NETCOAL_VERDICT_ELASTIC;
	while (windows--)
		netcoal_claim_note(c, &d);
}

/* One that asks for less may only be trying that; a window that settles says nothing. */
static void a_claim_outlives_half_a_trial(void **state)
{
	struct netcoal_claim c = { 0 };

	decide(&c, 100, NETCOAL_VERDICT_BUDGET, 1);
	decide(&c, 50, NETCOAL_VERDICT_ELASTIC, 64);
	assert_int_equal(c.ns, 100);
	decide(&c, 100, NETCOAL_VERDICT_SETTLE, 1);
	assert_true(c.closed);
	decide(&c, 50, NETCOAL_VERDICT_BUDGET, 80);
	assert_int_equal(c.ns, 50);
	assert_false(c.closed);
}

/* By the rates of their last windows, a load that jumps made each stage a leader in turn. */
static void rates_are_of_one_time(void **state)
{
	struct netcoal_claim c = { 0 };
	u32 packets = 0;
	int i;

	for (i = 0; i < 200; i++) {
		netcoal_claim_pps(&c, packets += i % 2 ? 2000 : 20000, 100);
		if (i > 40)
			assert_in_range(c.pps, 95000, 125000);
	}
	c = (struct netcoal_claim){ .seen = U32_MAX - 994 };
	netcoal_claim_pps(&c, 5, 1000);
	assert_int_equal(c.pps, 1000 / 8);
}

static void frames_are_what_the_batch_brings(void **state)
{
	struct netcoal_stage s[] = {
		usable(50000, 2500, 200 * US, 200 * US), usable(50000, 2500, 0, 0),
	};

	netcoal_share(s, 2, 200 * US);
	assert_int_equal(s[0].frames_max, 0);
	assert_int_equal(s[1].frames_max, 11);
	/* no batch, no bound; nor for who has other traffic */
	s[0].spent_ns = 0;
	netcoal_share(s, 2, 200 * US);
	assert_int_equal(s[1].frames_max, 0);
	s[0].spent_ns = 200 * US;
	s[1].pps = 200000;
	netcoal_share(s, 2, 200 * US);
	assert_int_equal(s[1].frames_max, 0);
}

/* It takes so long to poll a packet, by that CPU. */
static struct netcoal_stage polled(u32 poll_ns, int cpu)
{
	struct netcoal_stage s = usable(50000, 2500, 0, 0);

	s.polling_ns = s.pps * poll_ns;
	s.cpu = cpu;
	return s;
}

static void are_polls(const struct netcoal_stage *s, u32 beside_ns, u32 later_ns)
{
	assert_int_equal(s->beside_ns, beside_ns);
	assert_int_equal(s->later_ns, later_ns);
}

/* One CPU polls one stage after the other, several poll at once. */
static void polls_behind_are_told(void **state)
{
	struct netcoal_stage s[] = {
		polled(300, 0), polled(1400, 1), { .remote_ns = 1 }, polled(500, 2),
	};

	netcoal_share(s, 4, 200 * US);
	are_polls(&s[0], 0, 1400);
	are_polls(&s[1], 0, 500);
	are_polls(&s[2], 0, 0);
	are_polls(&s[3], 0, 0);
	s[3].cpu = 1;
	netcoal_share(s, 4, 200 * US);
	are_polls(&s[0], 0, 1900);
	are_polls(&s[1], 500, 0);
	s[0].cpu = 1;
	netcoal_share(s, 4, 200 * US);
	are_polls(&s[0], 1900, 0);
	/* a tenth of the packets take a tenth of the time, others' do not count */
	s[0].cpu = 0;
	s[3].pps /= 10;
	s[3].polling_ns /= 10;
	netcoal_share(s, 4, 200 * US);
	are_polls(&s[0], 0, 1450);
	s[3] = polled(500, 1);
	s[3].pps *= 10;
	s[3].polling_ns *= 10;
	netcoal_share(s, 4, 200 * US);
	are_polls(&s[0], 0, 1900);
	s[3] = polled(500, 1);
	/* what several CPUs poll is none's */
	s[0].cpu = s[1].cpu = NETCOAL_SHARE_NO_CPU;
	netcoal_share(s, 4, 200 * US);
	are_polls(&s[0], 0, 1400);
	/* nor does what has no traffic, or is not governed, poll any */
	s[1].pps = 0;
	s[3].usable = false;
	netcoal_share(s, 4, 200 * US);
	are_polls(&s[0], 0, 0);
}

/* A window without packets says nothing of what one takes. */
static void polls_are_of_the_last_windows(void **state)
{
	struct netcoal_decision d = { .cost_ns = 800 };
	struct netcoal_claim c = { 0 };
	int i;

	netcoal_claim_note(&c, &d);
	assert_int_equal(c.poll_ns, 800);
	d.cost_ns = 0;
	netcoal_claim_note(&c, &d);
	assert_int_equal(c.poll_ns, 800);
	d.cost_ns = 1600;
	netcoal_claim_note(&c, &d);
	assert_int_equal(c.poll_ns, 900);
	for (i = 0; i < 100; i++)
		netcoal_claim_note(&c, &d);
	assert_in_range(c.poll_ns, 1590, 1600);
	d.cost_ns = U32_MAX;
	for (i = 0; i < 100; i++)
		netcoal_claim_note(&c, &d);
	assert_in_range(c.poll_ns, U16_MAX - 10, U16_MAX);
}

static u32 draw(u32 *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

static u32 some_ns(u32 *seed)
{
	return draw(seed) % (1u << draw(seed) % 30);
}

static void draw_stage(struct netcoal_stage *s, u32 *seed)
{
	memset(s, 0, sizeof(*s));
	if (draw(seed) % 4 == 0) {
		s->remote_ns = draw(seed) % 2 ? some_ns(seed) : 0;
		return;
	}
	s->usable = true;
	s->known = draw(seed) % 4;
	s->floor_ns = draw(seed) % 2 ? 0 : some_ns(seed) / 8;
	s->bound_ns = s->floor_ns + some_ns(seed);
	s->spent_ns = some_ns(seed);
	s->granted_ns = some_ns(seed);
	s->pps = draw(seed) % 8 ? draw(seed) >> draw(seed) % 32 : (u64)draw(seed) << 32;
	s->irq_cost_ns = draw(seed) >> draw(seed) % 32;
	s->polling_ns = draw(seed) % 8 ? some_ns(seed) : (u64)draw(seed) << 32;
	s->cpu = (int)(draw(seed) % 4) - 1;
}

/* Whatever the figures: never more than the latency, nobody out of bounds. */
static void nothing_breaks_the_budget(void **state)
{
	u32 seed = 1;

	for (int round = 0; round < 100000; round++) {
		struct netcoal_stage s[8];
		unsigned int n = 1 + draw(&seed) % 8, i;
		u32 latency_ns = some_ns(&seed), unmet_ns;
		u64 sum = 0;

		for (i = 0; i < n; i++)
			draw_stage(&s[i], &seed);
		unmet_ns = netcoal_share(s, n, latency_ns);
		for (i = 0; i < n; i++) {
			sum += s[i].share_ns;
			if (!s[i].usable) {
				assert_int_equal(s[i].share_ns, s[i].remote_ns);
				continue;
			}
			assert_in_range(s[i].share_ns, s[i].floor_ns, s[i].bound_ns);
		}
		assert_true(sum <= (u64)latency_ns + unmet_ns);
		assert_true(!unmet_ns || sum == (u64)latency_ns + unmet_ns);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_gets_all),
		cmocka_unit_test(one_that_cannot_coalesce_passes_on),
		cmocka_unit_test(what_is_unspent_flows_on),
		cmocka_unit_test(remote_stages_keep_theirs),
		cmocka_unit_test(bounds_hold),
		cmocka_unit_test(leaders_share_by_the_root_of_their_costs),
		cmocka_unit_test(the_division_is_the_best),
		cmocka_unit_test(a_closed_loop_leaves_nothing),
		cmocka_unit_test(a_claim_outlives_half_a_trial),
		cmocka_unit_test(rates_are_of_one_time),
		cmocka_unit_test(frames_are_what_the_batch_brings),
		cmocka_unit_test(polls_behind_are_told),
		cmocka_unit_test(polls_are_of_the_last_windows),
		cmocka_unit_test(nothing_breaks_the_budget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
