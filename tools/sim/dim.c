// SPDX-License-Identifier: GPL-2.0
/*
 * Dynamic interrupt moderation as the kernel does it: climb a ladder of five
 * profiles, compare what each brought (bytes, then packets, then fewer events,
 * a tenth being significant), turn where it got worse, park on the top.
 */
#include <linux/dim.h>
#include <stdlib.h>

enum {
	SAME,
	BETTER,
	WORSE,
};

enum {
	STEPPED,
	TOO_TIRED,
	ON_EDGE,
};

/* µs and packets, as ethtool -c shows them, by mode. */
static const struct dim_cq_moder rx_ladder[][NET_DIM_PARAMS_NUM_PROFILES] = {
	[DIM_CQ_PERIOD_MODE_START_FROM_EQE] = {
		{ .usec = 1, .pkts = 256 },
		{ .usec = 8, .pkts = 256 },
		{ .usec = 64, .pkts = 256 },
		{ .usec = 128, .pkts = 256 },
		{ .usec = 256, .pkts = 256 },
	},
	[DIM_CQ_PERIOD_MODE_START_FROM_CQE] = {
		{ .usec = 2, .pkts = 256 },
		{ .usec = 8, .pkts = 128 },
		{ .usec = 16, .pkts = 64 },
		{ .usec = 32, .pkts = 64 },
		{ .usec = 64, .pkts = 64 },
	},
};

static const struct dim_cq_moder tx_ladder[][NET_DIM_PARAMS_NUM_PROFILES] = {
	[DIM_CQ_PERIOD_MODE_START_FROM_EQE] = {
		{ .usec = 1, .pkts = 128 },
		{ .usec = 8, .pkts = 128 },
		{ .usec = 32, .pkts = 128 },
		{ .usec = 64, .pkts = 128 },
		{ .usec = 128, .pkts = 128 },
	},
	[DIM_CQ_PERIOD_MODE_START_FROM_CQE] = {
		{ .usec = 5, .pkts = 128 },
		{ .usec = 8, .pkts = 64 },
		{ .usec = 16, .pkts = 32 },
		{ .usec = 32, .pkts = 32 },
		{ .usec = 64, .pkts = 32 },
	},
};

struct dim_cq_moder net_dim_get_rx_moderation(u8 cq_period_mode, int ix)
{
	struct dim_cq_moder moder = rx_ladder[cq_period_mode][ix];

	moder.cq_period_mode = cq_period_mode;
	return moder;
}

struct dim_cq_moder net_dim_get_tx_moderation(u8 cq_period_mode, int ix)
{
	struct dim_cq_moder moder = tx_ladder[cq_period_mode][ix];

	moder.cq_period_mode = cq_period_mode;
	return moder;
}

static bool differ(int value, int ref)
{
	return ref && 100UL * abs(value - ref) / ref > 10;
}

/* The first measure that differs decides; more is better but of events. */
static int compare(const struct dim_stats *now, const struct dim_stats *then)
{
	if (!then->bpms)
		return now->bpms ? BETTER : SAME;
	if (differ(now->bpms, then->bpms))
		return now->bpms > then->bpms ? BETTER : WORSE;
	if (!then->ppms)
		return now->ppms ? BETTER : SAME;
	if (differ(now->ppms, then->ppms))
		return now->ppms > then->ppms ? BETTER : WORSE;
	if (!then->epms)
		return SAME;
	if (differ(now->epms, then->epms))
		return now->epms < then->epms ? BETTER : WORSE;
	return SAME;
}

static int step(struct dim *d)
{
	if (d->tired == NET_DIM_PARAMS_NUM_PROFILES * 2)
		return TOO_TIRED;
	if (d->tune_state == DIM_GOING_RIGHT) {
		if (d->profile_ix == NET_DIM_PARAMS_NUM_PROFILES - 1)
			return ON_EDGE;
		d->profile_ix++;
		d->steps_right++;
	} else if (d->tune_state == DIM_GOING_LEFT) {
		if (!d->profile_ix)
			return ON_EDGE;
		d->profile_ix--;
		d->steps_left++;
	}
	d->tired++;
	return STEPPED;
}

static void exit_parking(struct dim *d)
{
	d->tune_state = d->profile_ix ? DIM_GOING_LEFT : DIM_GOING_RIGHT;
	step(d);
}

static void turn(struct dim *d)
{
	if (d->tune_state == DIM_GOING_RIGHT) {
		d->tune_state = DIM_GOING_LEFT;
		d->steps_left = 0;
	} else {
		d->tune_state = DIM_GOING_RIGHT;
		d->steps_right = 0;
	}
}

static bool on_top(const struct dim *d)
{
	if (d->tune_state == DIM_GOING_RIGHT)
		return d->steps_left > 1 && d->steps_right == 1;
	return d->steps_right > 1 && d->steps_left == 1;
}

static void park(struct dim *d, u8 where)
{
	d->steps_right = 0;
	d->steps_left = 0;
	if (where == DIM_PARKING_ON_TOP)
		d->tired = 0;
	d->tune_state = where;
}

static void climb(struct dim *d, const struct dim_stats *stats)
{
	if (compare(stats, &d->prev_stats) != BETTER)
		turn(d);
	if (on_top(d)) {
		park(d, DIM_PARKING_ON_TOP);
		return;
	}
	switch (step(d)) {
	case ON_EDGE:
		park(d, DIM_PARKING_ON_TOP);
		break;
	case TOO_TIRED:
		park(d, DIM_PARKING_TIRED);
		break;
	}
}

static bool decide(struct dim *d, const struct dim_stats *stats)
{
	u8 before = d->tune_state, profile = d->profile_ix;

	switch (d->tune_state) {
	case DIM_PARKING_ON_TOP:
		if (compare(stats, &d->prev_stats) != SAME)
			exit_parking(d);
		break;
	case DIM_PARKING_TIRED:
		if (!--d->tired)
			exit_parking(d);
		break;
	default:
		climb(d, stats);
	}
	if (before != DIM_PARKING_ON_TOP || d->tune_state != DIM_PARKING_ON_TOP)
		d->prev_stats = *stats;
	return d->profile_ix != profile;
}

/* Per ms, rounded up; 32 bits would overflow at 4 MB in a measurement. */
static int per_ms(u32 count, u32 us)
{
	return (count * 1000ULL + us - 1) / us;
}

static bool stats_of(const struct dim_sample *from, const struct dim_sample *to,
		     struct dim_stats *stats)
{
	u32 us = (to->time - from->time) / 1000;

	if (!us)
		return false;
	stats->ppms = per_ms(to->pkt_ctr - from->pkt_ctr, us);
	stats->bpms = per_ms(to->byte_ctr - from->byte_ctr, us);
	stats->epms = per_ms(DIM_NEVENTS, us);
	stats->cpms = per_ms(to->comp_ctr - from->comp_ctr, us);
	stats->cpe_ratio = stats->epms ? stats->cpms * 100 / stats->epms : 0;
	return true;
}

void net_dim(struct dim *d, struct dim_sample end)
{
	struct dim_stats stats;

	if (d->state == DIM_APPLY_NEW_PROFILE)
		return;
	if (d->state == DIM_MEASURE_IN_PROGRESS) {
		if ((u16)(end.event_ctr - d->start_sample.event_ctr) < DIM_NEVENTS)
			return;
		if (!stats_of(&d->start_sample, &end, &stats))
			return;
		if (decide(d, &stats)) {
			d->state = DIM_APPLY_NEW_PROFILE;
			return;
		}
	}
	d->start_sample = end;
	d->state = DIM_MEASURE_IN_PROGRESS;
}
