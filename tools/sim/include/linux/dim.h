/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's dynamic interrupt moderation for programs: the same names and
 * fields as <linux/dim.h>, as far as net_dim() needs them. dim.c implements it
 * after the kernel's documented behaviour.
 */
#ifndef _NETCOAL_SIM_DIM_H
#define _NETCOAL_SIM_DIM_H

#include <linux/types.h>

#define DIM_NEVENTS			64
#define NET_DIM_PARAMS_NUM_PROFILES	5

typedef s64 ktime_t;

struct work_struct {
	unsigned long data;
};

#define WORK_STRUCT_PENDING_BIT	0
#define work_data_bits(work)	(&(work)->data)
#define INIT_WORK(work, func)	((work)->data = 0)
#define __set_bit(nr, addr)	(*(addr) |= 1UL << (nr))

struct dim_cq_moder {
	u16 usec;
	u16 pkts;
	u16 comps;
	u8 cq_period_mode;
};

struct dim_sample {
	ktime_t time;
	u32 pkt_ctr;
	u32 byte_ctr;
	u16 event_ctr;
	u32 comp_ctr;
};

struct dim_stats {
	int ppms;
	int bpms;
	int epms;
	int cpms;
	int cpe_ratio;
};

struct dim {
	u8 state;
	struct dim_stats prev_stats;
	struct dim_sample start_sample;
	struct dim_sample measuring_sample;
	struct work_struct work;
	void *priv;
	u8 profile_ix;
	u8 mode;
	u8 tune_state;
	u8 steps_right;
	u8 steps_left;
	u8 tired;
};

enum dim_cq_period_mode {
	DIM_CQ_PERIOD_MODE_START_FROM_EQE = 0x0,
	DIM_CQ_PERIOD_MODE_START_FROM_CQE = 0x1,
};

enum dim_state {
	DIM_START_MEASURE,
	DIM_MEASURE_IN_PROGRESS,
	DIM_APPLY_NEW_PROFILE,
};

enum dim_tune_state {
	DIM_PARKING_ON_TOP,
	DIM_PARKING_TIRED,
	DIM_GOING_RIGHT,
	DIM_GOING_LEFT,
};

struct dim_cq_moder net_dim_get_rx_moderation(u8 cq_period_mode, int ix);
struct dim_cq_moder net_dim_get_tx_moderation(u8 cq_period_mode, int ix);
void net_dim(struct dim *dim, struct dim_sample end_sample);

#endif /* _NETCOAL_SIM_DIM_H */
