/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shares: how the stages of a path divide its latency. Plain arithmetic, as
 * the governors: no locks, no allocation, no call into the kernel beyond
 * division helpers.
 */
#ifndef _NETCOAL_SHARE_H
#define _NETCOAL_SHARE_H

#include <linux/types.h>

/**
 * struct netcoal_stage - a stage of a path
 * @usable: a governed device, which can coalesce; else a remote stage, or one
 *	that delays nothing
 * @known: a window was judged, so that the figures mean something
 * @remote_ns: budget that a remote stage keeps
 * @floor_ns: least hold-off that its policy allows
 * @bound_ns: longest hold-off that it may have, >= @floor_ns
 * @spent_ns: hold-off that it has
 * @granted_ns: share that it has
 * @pps: packets per second, 0 if not known
 * @irq_cost_ns: what one interrupt costs, or what else begins a batch
 * @share_ns: gets the share
 * @frames_max: gets what the batches of the stage before bring, 0 for no bound
 */
struct netcoal_stage {
	bool usable;
	bool known;
	u32 remote_ns;
	u32 floor_ns;
	u32 bound_ns;
	u32 spent_ns;
	u32 granted_ns;
	u64 pps;
	u32 irq_cost_ns;
	u32 share_ns;
	u32 frames_max;
};

u32 netcoal_share(struct netcoal_stage *stage, unsigned int n, u32 latency_ns);

#endif /* _NETCOAL_SHARE_H */
