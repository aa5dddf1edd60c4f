// SPDX-License-Identifier: GPL-2.0
/*
 * How the stages of a path divide its latency L.
 *
 * A packet waits at each stage for at most that stage's hold-off T, so the
 * shares, with what is kept for remote stages, never add up to more than L. What
 * batches take to poll at the stages behind is told the one that makes them, and
 * comes off what it holds off for.
 *
 * A batch that one stage made arrives at the next as a burst. With hold-offs T1
 * and T2 and one rate, interrupts cost c1 / (1 + rate T1) + c2 / (1 + rate (T1 +
 * T2)): the second term only knows the sum, so all of it belongs to the first
 * stage. A stage that is *fed* by the one before therefore only gets what that
 * one leaves unspent:
 *
 *    pressing   T >= 7/8 share    it gets all that it can have
 *    closed     a loop            likewise, and nothing flows on
 *    else       share = 2 T, at least an eighth of that; the rest flows on
 *
 * A closed loop crosses all stages, and what each may lose adds up: the one that found
 * it takes all. Stages that tried hold-offs at the same time would also blame each
 * other, so a suspicion is enough, and T is the longest of late: one that asks for
 * less may only be trying that.
 *
 * A stage *leads* if it is the first, comes after a remote stage, or has much
 * traffic that the one before has not. Between leaders nothing is carried over:
 * the least CPU per second, the sum of rate c / (1 + rate T), is where
 *
 *    T + 1 / rate  is proportional to  sqrt(c)
 *
 * (with one rate: 1 + rate T proportional to sqrt(c)), but for those that would
 * get less than their least hold-off or more than their longest.
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/minmax.h>

#include "share.h"

#define SHARE_SECOND_NS		1000000000ULL
/* Costs beyond these are taken for these: only their ratio counts. */
#define SHARE_COST_MIN_NS	100
#define SHARE_COST_MAX_NS	100000000
/* A part of the packets that makes a stage's loops matter. */
#define SHARE_CLOSED_PART	16
/* Windows that a claim outlives what it was made for: more than half a trial takes. */
#define CLAIM_WINDOWS		80
/* Rates are means of the last few times that shares were worked out, costs of windows. */
#define CLAIM_MEAN_OF		8
/* The square root's fraction, bits. */
#define SHARE_ROOT_BITS		10
/* Largest level of the water: covers a second on the smallest root, and gaps. */
#define SHARE_LEVEL_BITS	38

static u32 mean_of_last(u32 mean, u32 now)
{
	return ((u64)mean * (CLAIM_MEAN_OF - 1) + now) / CLAIM_MEAN_OF;
}

/**
 * netcoal_claim_note() - a queue has decided
 * @c: its claim
 * @d: the decision
 */
void netcoal_claim_note(struct netcoal_claim *c, const struct netcoal_decision *d)
{
	u32 poll_ns = min_t(u32, d->cost_ns, U16_MAX);

	if (d->verdict != NETCOAL_VERDICT_SETTLE)
		c->closed = d->closed;
	if (poll_ns)
		c->poll_ns = c->poll_ns ? mean_of_last(c->poll_ns, poll_ns) : poll_ns;
	if (d->spent_ns < c->ns && ++c->age < CLAIM_WINDOWS)
		return;
	c->ns = d->spent_ns;
	c->age = 0;
}

/**
 * netcoal_claim_pps() - bring a queue's rate up to date
 * @c: its claim
 * @packets: that it ever polled, low bits
 * @elapsed_ms: time since this was done last, not 0
 *
 * Stages are told apart by their rates. Those of windows are of different moments, and
 * of a load that jumps, or is sparse, they say nothing of each other.
 */
void netcoal_claim_pps(struct netcoal_claim *c, u32 packets, u32 elapsed_ms)
{
	u64 now = div_u64((u64)(packets - c->seen) * 1000, elapsed_ms);

	c->seen = packets;
	c->pps = mean_of_last(c->pps, min_t(u64, now, U32_MAX));
}

static u64 share_root(u64 value)
{
	u64 root = 0, bit = 1ULL << 62;

	for (; bit; bit >>= 2) {
		if (value >= root + bit) {
			value -= root + bit;
			root = (root >> 1) + bit;
		} else {
			root >>= 1;
		}
	}
	return root;
}

/* sqrt(c), times 2^SHARE_ROOT_BITS */
static u64 share_root_cost(const struct netcoal_stage *s)
{
	u64 cost = clamp_t(u32, s->irq_cost_ns, SHARE_COST_MIN_NS, SHARE_COST_MAX_NS);

	return share_root(cost << (2 * SHARE_ROOT_BITS));
}

/* What packets wait for one another without any hold-off, ns. */
static u64 share_gap_ns(const struct netcoal_stage *s)
{
	return s->pps ? div64_u64(SHARE_SECOND_NS, s->pps) : 0;
}

/* The usable stage before stage @i with nothing remote between, or NULL. */
static const struct netcoal_stage *share_upstream(const struct netcoal_stage *stage,
						  unsigned int i)
{
	while (i-- && !stage[i].remote_ns)
		if (stage[i].usable)
			return &stage[i];
	return NULL;
}

/* Most of the traffic of a fed stage has passed the one before. */
static bool share_leads(const struct netcoal_stage *stage, unsigned int i)
{
	const struct netcoal_stage *up = share_upstream(stage, i);

	return !up || (up->pps && stage[i].pps > up->pps + div_u64(up->pps, 3));
}

/* What a leader gets at a level of the water. */
static u32 share_at(const struct netcoal_stage *s, u64 level)
{
	u64 sum = (level * share_root_cost(s)) >> (2 * SHARE_ROOT_BITS);
	u64 gap = share_gap_ns(s), want = sum > gap ? sum - gap : 0;

	return clamp_t(u64, want, s->floor_ns, s->bound_ns);
}

static u64 share_sum_at(const struct netcoal_stage *stage, unsigned int n, u64 level)
{
	u64 sum = 0;
	unsigned int i;

	for (i = 0; i < n; i++)
		if (stage[i].usable && share_leads(stage, i))
			sum += share_at(&stage[i], level);
	return sum;
}

/*
 * Divides between the leaders; the crumbs go to the first that may have them.
 * Returns what none of them may have.
 */
static u64 share_between_leaders(struct netcoal_stage *stage, unsigned int n, u64 budget_ns)
{
	u64 level = 0, left, room;
	int bit;
	unsigned int i;

	for (bit = SHARE_LEVEL_BITS; bit >= 0; bit--)
		if (share_sum_at(stage, n, level | 1ULL << bit) <= budget_ns)
			level |= 1ULL << bit;
	left = budget_ns - share_sum_at(stage, n, level);
	for (i = 0; i < n; i++) {
		if (!stage[i].usable || !share_leads(stage, i))
			continue;
		stage[i].share_ns = share_at(&stage[i], level);
		room = min_t(u64, left, stage[i].bound_ns - stage[i].share_ns);
		stage[i].share_ns += room;
		left -= room;
	}
	return left;
}

static bool share_is_closed(const struct netcoal_stage *s)
{
	return s->closed_pps && s->closed_pps >= s->pps / SHARE_CLOSED_PART;
}

static bool share_presses(const struct netcoal_stage *s)
{
	return !s->known || share_is_closed(s) ||
	       (u64)s->spent_ns * 8 >= (u64)s->granted_ns * 7;
}

static bool share_is_last(const struct netcoal_stage *stage, unsigned int n, unsigned int i)
{
	while (++i < n)
		if (stage[i].usable)
			return false;
	return true;
}

/* What a stage may not have or leaves unspent flows on to those after it. */
static void share_flow_on(struct netcoal_stage *stage, unsigned int n, u64 carried_ns)
{
	u64 most_ns;
	unsigned int i;

	for (i = 0; i < n; i++) {
		struct netcoal_stage *s = &stage[i];

		if (!s->usable)
			continue;
		carried_ns += s->share_ns;
		most_ns = min_t(u64, carried_ns, s->bound_ns);
		s->share_ns = most_ns;
		if (!share_is_last(stage, n, i) && !share_presses(s))
			s->share_ns = clamp_t(u64, max_t(u64, 2ULL * s->spent_ns, most_ns / 8),
					      min_t(u64, s->floor_ns, most_ns), most_ns);
		carried_ns = share_is_closed(s) ? 0 : carried_ns - s->share_ns;
	}
}

/*
 * What polling a packet takes at stages behind @i that one CPU polls. Of a stage that has only
 * some of the packets, those are as many of each batch.
 */
static u64 share_polls_on(const struct netcoal_stage *stage, unsigned int n, unsigned int i,
			  int cpu)
{
	u64 sum_ns = 0, pps = stage[i].pps;

	while (++i < n)
		if (stage[i].usable && stage[i].pps && stage[i].cpu == cpu)
			sum_ns += div64_u64(stage[i].polling_ns, max(stage[i].pps, pps));
	return min_t(u64, sum_ns, U32_MAX);
}

/*
 * Packets are passed on one by one, so of a batch the first waits for as many to be polled as
 * the slowest CPU polls, at all stages that it has. What several CPUs poll is taken to be polled
 * by one more: each has a part of many flows' packets, but all of one's.
 */
static void share_tell_polls(struct netcoal_stage *stage, unsigned int n)
{
	unsigned int i, j;

	for (i = 0; i < n; i++) {
		struct netcoal_stage *s = &stage[i];

		s->beside_ns = 0;
		s->later_ns = 0;
		for (j = i + 1; s->usable && j < n; j++) {
			u32 polls_ns = share_polls_on(stage, n, i, stage[j].cpu);

			if (stage[j].cpu == s->cpu && s->cpu != NETCOAL_SHARE_NO_CPU)
				s->beside_ns = polls_ns;
			else
				s->later_ns = max(s->later_ns, polls_ns);
		}
	}
}

/* More frames than the batches bring only wait for the timer. */
static u32 share_frames(const struct netcoal_stage *stage, unsigned int i)
{
	const struct netcoal_stage *up = share_upstream(stage, i);
	u64 batch;

	if (!up || !up->known || share_leads(stage, i))
		return 0;
	batch = 1 + div64_u64(min_t(u64, up->pps, SHARE_SECOND_NS) * up->spent_ns, SHARE_SECOND_NS);
	return batch > 1 ? min_t(u64, batch, U32_MAX) : 0;
}

/**
 * netcoal_share() - divide the latency of a path between its stages
 * @stage: the stages, in the order in which packets cross them
 * @n: how many
 * @latency_ns: what they have together
 *
 * Fills @share_ns, @frames_max, @beside_ns and @later_ns of each. Shares add up to at
 * most @latency_ns unless that is less than the least hold-offs and what remote stages
 * keep; each then gets the least.
 *
 * Return: by how much that is more than @latency_ns, 0 in all other cases.
 */
u32 netcoal_share(struct netcoal_stage *stage, unsigned int n, u32 latency_ns)
{
	u64 least_ns = 0, fed_ns = 0, kept_ns = 0;
	unsigned int i;

	share_tell_polls(stage, n);
	for (i = 0; i < n; i++) {
		struct netcoal_stage *s = &stage[i];

		s->share_ns = s->usable ? s->floor_ns : s->remote_ns;
		least_ns += s->share_ns;
		kept_ns += s->usable ? 0 : s->remote_ns;
		if (s->usable && !share_leads(stage, i))
			fed_ns += s->floor_ns;
		s->frames_max = s->usable ? share_frames(stage, i) : 0;
	}
	if (least_ns > latency_ns)
		return min_t(u64, least_ns - latency_ns, U32_MAX);
	share_flow_on(stage, n, share_between_leaders(stage, n,
						      latency_ns - kept_ns - fed_ns));
	return 0;
}
