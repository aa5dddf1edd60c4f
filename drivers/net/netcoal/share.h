/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shares: how the stages of a path divide its latency. Plain arithmetic, as
 * the governors: no locks, no allocation, no call into the kernel beyond
 * division helpers.
 */
#ifndef _NETCOAL_SHARE_H
#define _NETCOAL_SHARE_H

#include <linux/types.h>

#include "governor.h"

/**
 * struct netcoal_claim - what a queue takes of the latency that its path shares
 * @ns: longest hold-off that it asked for lately
 * @age: windows since it asked for as much
 * @closed: it found a closed loop, or suspects one
 * @poll_ns: what polling a packet takes, of the last windows, at most 65 us
 * @seen: packets that @pps knows of, low bits
 * @pps: packets per second, of the last second or so
 */
struct netcoal_claim {
	u32 ns;
	u8 age;
	bool closed;
	u16 poll_ns;
	u32 seen;
	u32 pps;
};

/* No CPU polls all of a stage. */
#define NETCOAL_SHARE_NO_CPU	(-1)

/**
 * struct netcoal_stage - a stage of a path
 * @usable: a governed device, which can coalesce; else a remote stage, or one
 *	that delays nothing
 * @known: a window was judged, so that the figures mean something
 * @remote_ns: budget that a remote stage keeps
 * @floor_ns: least hold-off that its policy allows
 * @bound_ns: longest hold-off that it may have, >= @floor_ns
 * @holdoff_ns: hold-off that it has, only to be shown
 * @spent_ns: longest claim of its queues
 * @granted_ns: share that it has
 * @pps: packets per second, 0 if not known
 * @closed_pps: of these, of queues that found a closed loop
 * @polling_ns: of a second, what polling all of @pps takes
 * @cpu: the one that polls it, NETCOAL_SHARE_NO_CPU if several do
 * @irq_cost_ns: what one interrupt costs, or what else begins a batch
 * @share_ns: gets the share
 * @frames_max: gets what the batches of the stage before bring, 0 for no bound
 * @beside_ns: gets what polling a packet takes at the stages behind on the same CPU
 * @later_ns: gets the same of that other CPU where it takes longest
 */
struct netcoal_stage {
	bool usable;
	bool known;
	u32 remote_ns;
	u32 floor_ns;
	u32 bound_ns;
	u32 holdoff_ns;
	u32 spent_ns;
	u32 granted_ns;
	u64 pps;
	u64 closed_pps;
	u64 polling_ns;
	int cpu;
	u32 irq_cost_ns;
	u32 share_ns;
	u32 frames_max;
	u32 beside_ns;
	u32 later_ns;
};

/* What grows by less than this part of it is left as it is. */
#define NETCOAL_SHARE_GROWTH	16

/**
 * netcoal_share_matters() - is a share, or a limit of frames, another one?
 * @old: as it is
 * @now: as it was worked out
 *
 * Return: true if it shrank, or grew by more than noise.
 */
static inline bool netcoal_share_matters(u32 old, u32 now)
{
	return now < old || now - old > old / NETCOAL_SHARE_GROWTH;
}

/**
 * netcoal_share_polls_matter() - do later stages take another time to poll a packet?
 * @old: as it is
 * @now: as it was worked out
 *
 * Return: true if it is more or less by more than noise.
 */
static inline bool netcoal_share_polls_matter(u32 old, u32 now)
{
	return (now > old ? now - old : old - now) > old / NETCOAL_SHARE_GROWTH;
}

void netcoal_claim_note(struct netcoal_claim *c, const struct netcoal_decision *d);
void netcoal_claim_pps(struct netcoal_claim *c, u32 packets, u32 elapsed_ms);
u32 netcoal_share(struct netcoal_stage *stage, unsigned int n, u32 latency_ns);

#endif /* _NETCOAL_SHARE_H */
