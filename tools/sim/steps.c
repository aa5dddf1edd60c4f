// SPDX-License-Identifier: GPL-2.0
/*
 * DIM, one sample at a time: what selftests/netcoal_dim.sh has the kernel's
 * net_dim() do, done by the simulator's, in the same format.
 */
#include <errno.h>
#include <linux/dim.h>
#include <stdio.h>
#include <string.h>

#include "compare.h"
#include "die.h"

static void print_profile(u8 mode, int i)
{
	struct dim_cq_moder rx = net_dim_get_rx_moderation(mode, i);
	struct dim_cq_moder tx = net_dim_get_tx_moderation(mode, i);

	printf(" %u %u %u %u", rx.usec, rx.pkts, tx.usec, tx.pkts);
}

static void print_step(const struct dim *d)
{
	printf("%u %u %u %u %u %u %d %d %d", d->state, d->tune_state, d->profile_ix,
	       d->steps_right, d->steps_left, d->tired, d->prev_stats.ppms,
	       d->prev_stats.bpms, d->prev_stats.epms);
	print_profile(DIM_CQ_PERIOD_MODE_START_FROM_EQE, d->profile_ix);
	print_profile(DIM_CQ_PERIOD_MODE_START_FROM_CQE, d->profile_ix);
	putchar('\n');
}

/**
 * dim_steps() - print what DIM makes of a series of samples
 * @file: lines of a time in ns and running sums of events, packets and bytes
 */
void dim_steps(const char *file)
{
	struct dim d = { .mode = DIM_CQ_PERIOD_MODE_START_FROM_EQE };
	struct dim_sample s = { };
	unsigned long line = 0;
	FILE *in = fopen(file, "re");
	char text[256];
	long long time;

	if (!in)
		die("%s: %s", file, strerror(errno));
	while (fgets(text, sizeof(text), in)) {
		line++;
		if (sscanf(text, "%lld %hu %u %u", &time, &s.event_ctr, &s.pkt_ctr,
			   &s.byte_ctr) != 4)
			die("%s:%lu: not a time, events, packets and bytes", file, line);
		s.time = time;
		net_dim(&d, s);
		print_step(&d);
		if (d.state == DIM_APPLY_NEW_PROFILE)
			d.state = DIM_START_MEASURE;
	}
	fclose(in);
}
