/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How long a closed loop's packets wait for a hold-off, and which hold-off, or
 * frames with a time, waits so long.
 *
 * Without hold-off a batch of b0 packets forms. Less than two are a single packet
 * and, now and then, others that came while the interrupt was taken; they wait for
 * nothing, with a hold-off as without. With λ packets per second, x = λT, and
 * D and B of gov_batch.h for single packets,
 *
 *                     mean wait  D B / (B + b0 - 1)
 *
 * Two or more are a train, and what comes within a hold-off are trains.
 */
#ifndef _NETCOAL_GOV_WAIT_H
#define _NETCOAL_GOV_WAIT_H

#include "governor.h"

/**
 * struct netcoal_coming - how packets come
 * @kappa: groups per second, up to NETCOAL_PPS_MAX: packets are @base_milli times as many
 * @base_milli: batch that forms without hold-off, in thousandths, from 1000 on
 * @after: hold-offs begin after a batch
 */
struct netcoal_coming {
	u64 kappa;
	u32 base_milli;
	bool after;
};

u32 netcoal_wait_of(const struct netcoal_coming *c, const struct netcoal_setting *set);
u32 netcoal_wait_time(const struct netcoal_coming *c, u32 wait_ns, u32 most_ns);
void netcoal_wait_few(const struct netcoal_coming *c, u32 wait_ns, u32 most_ns,
		      struct netcoal_setting *few);

#endif /* _NETCOAL_GOV_WAIT_H */
