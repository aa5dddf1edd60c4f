// SPDX-License-Identifier: GPL-2.0
/*
 * Governor "dim": the kernel's own dynamic interrupt moderation, on any queue
 * that netcoal can actuate. It climbs a ladder of five hold-offs, and knows of
 * no target: the latency target caps what it asks for.
 *
 * net_dim() wants a sample at every interrupt and judges 64 of them. A window
 * is that many or more, so it is scaled to exactly 64 events and handed over as
 * one sample. It also wants to queue work when it changes its mind; that work
 * is marked pending for ever, so it never runs, and the state of struct dim
 * says the same.
 */
#include <linux/build_bug.h>
#include <linux/dim.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "governor.h"
#include "gov_terms.h"

/*
 * net_dim() works with ints, per ms: a sample beyond these would overflow them.
 * A window of that length or with so many packets is no window anyway.
 */
#define DIM_LEN_MAX_NS		(10 * NETCOAL_NS_PER_SEC)
#define DIM_PACKETS_MAX		(S32_MAX / 1000)

/**
 * struct dim_queue - DIM on one queue and direction
 * @dim: the kernel's
 * @sample: running sums, as a driver keeps them
 */
struct dim_queue {
	struct dim dim;
	struct dim_sample sample;
};

static void dim_advance(struct dim_sample *s, const struct netcoal_window *win)
{
	u32 sequences = max_t(u32, win->sequences, 1);
	u64 len = min_t(u64, win->len_ns, DIM_LEN_MAX_NS);
	u32 packets = min_t(u32, netcoal_ratio(win->packets, DIM_NEVENTS, sequences),
			    DIM_PACKETS_MAX);

	/* net_dim() skips a sample in which no µs passed, but keeps its sums. */
	s->time += max_t(u64, div_u64(len * DIM_NEVENTS, sequences), 1000);
	s->event_ctr += DIM_NEVENTS;
	s->pkt_ctr += packets;
	/* Nobody counts bytes here; all packets are taken to be alike. */
	s->byte_ctr += packets;
}

static struct netcoal_setting dim_setting(const struct dim *dim, const struct netcoal_limits *lim)
{
	struct dim_cq_moder moder = lim->transmit ?
		net_dim_get_tx_moderation(dim->mode, dim->profile_ix) :
		net_dim_get_rx_moderation(dim->mode, dim->profile_ix);

	return (struct netcoal_setting){
		.holdoff_ns = moder.usec * 1000,
		.frames = min_t(u32, lim->frames_max, moder.pkts),
	};
}

static void dim_decide(struct netcoal_gov *gov, const struct netcoal_window *win,
		       const struct netcoal_limits *lim,
		       struct netcoal_decision *d)
{
	struct dim_queue *s = netcoal_gov_priv(gov);

	netcoal_terms_fill(win, lim, d);
	d->next_sequences = DIM_NEVENTS;
	d->verdict = NETCOAL_VERDICT_DIM;
	if (win->settled) {
		dim_advance(&s->sample, win);
		net_dim(&s->dim, s->sample);
		/* A new start has the kernel's time; ours is that of the windows. */
		if (s->dim.start_sample.event_ctr == s->sample.event_ctr)
			s->dim.start_sample.time = s->sample.time;
		if (s->dim.state == DIM_APPLY_NEW_PROFILE)
			s->dim.state = DIM_START_MEASURE;
	}
	d->setting = dim_setting(&s->dim, lim);
	d->want_frames = d->setting.frames;
}

static void dim_init(struct netcoal_gov *gov, const struct netcoal_limits *lim)
{
	struct dim_queue *s = netcoal_gov_priv(gov);

	BUILD_BUG_ON(sizeof(*s) > NETCOAL_GOV_PRIV_SIZE);
	INIT_WORK(&s->dim.work, NULL);
	__set_bit(WORK_STRUCT_PENDING_BIT, work_data_bits(&s->dim.work));
	s->dim.mode = DIM_CQ_PERIOD_MODE_START_FROM_EQE;
	s->dim.profile_ix = 1;
	s->dim.tune_state = DIM_GOING_RIGHT;
	gov->setting.holdoff_ns = dim_setting(&s->dim, lim).holdoff_ns;
}

const struct netcoal_gov_ops netcoal_gov_dim = {
	.name = "dim",
	.priv_size = sizeof(struct dim_queue),
	.init = dim_init,
	.decide = dim_decide,
};
