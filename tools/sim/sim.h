/* SPDX-License-Identifier: GPL-2.0 */
/*
 * netcoal-sim: queues, the CPUs that poll them, and what decides when.
 *
 * A scenario is a chain of stages that every packet crosses. Each stage has
 * queues, all polled by one CPU. Loads feed the queues of the first stage; a
 * connection of a closed loop sends again when the last stage has handled its
 * packet.
 */
#ifndef _NETCOAL_SIM_H
#define _NETCOAL_SIM_H

#include <gsl/gsl_rng.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "governor.h"

#define NS_PER_US	1000
#define NS_PER_MS	1000000
#define NS_PER_SEC	1000000000LL

#define STAGES_MAX	4
#define QUEUES_MAX	16
#define LOADS_MAX	8
#define STEPS_MAX	16
#define POLL_BUDGET	64
#define VERDICTS_MAX	32
/* From this tuning on, DIM is in CQE mode. */
#define DIM_TUNING_CQE	5

typedef int64_t ns_t;

/**
 * struct costs - what a machine pays, ns of CPU
 * @name: file it came from
 * @irq_ns: taking an interrupt
 * @exit_ns: what an interrupt costs the host of a guest, unseen by the guest
 * @softirq_ns: starting softirq
 * @wake_ns: waking the application and switching to it, once per batch
 * @timer_ns: arming and taking a timer
 * @poll_ns: calling the driver's poll function
 * @packet_ns: a packet, from its descriptor to the application
 * @sent_ns: freeing a packet that was sent
 */
struct costs {
	char name[64];
	double irq_ns;
	double exit_ns;
	double softirq_ns;
	double wake_ns;
	double timer_ns;
	double poll_ns;
	double packet_ns;
	double sent_ns;
};

enum device_kind {
	DEVICE_DELAY,		/* a hold-off begins with a packet */
	DEVICE_THROTTLE,	/* with an interrupt */
	DEVICE_RESTART,		/* with a packet, and anew with each that follows */
	DEVICE_DEFER,		/* gro_flush_timeout and napi_defer_hard_irqs */
	DEVICE_HOLD,		/* NAPI taken after a poll */
	DEVICE_SUSPEND,		/* the application polls while it finds work */
};

enum rounding {
	ROUND_DOWN,
	ROUND_UP,
	ROUND_NEAREST,
};

/**
 * struct device - how a queue's setting acts
 * @kind: when a hold-off begins
 * @step_ns: hold-offs are multiples of this
 * @floor_ns: and never shorter
 * @round: how they become multiples
 * @frames_max: largest frames limit where it times hold-offs itself, 0 if there is none
 * @ring: packets that the queue holds; of a transmit queue, unfinished ones
 * @defer: timers without packets until the interrupt is armed (defer, suspend)
 */
struct device {
	enum device_kind kind;
	ns_t step_ns;
	ns_t floor_ns;
	enum rounding round;
	uint32_t frames_max;
	uint32_t ring;
	int defer;
};

static inline bool device_has_frames(const struct device *d)
{
	return d->kind <= DEVICE_RESTART && d->frames_max;
}

struct policy {
	double latency_ns;
	double cpu_ns;
	bool prefer_cpu;
};

enum load_kind {
	LOAD_POISSON,
	LOAD_CONSTANT,
	LOAD_ONOFF,
	LOAD_PARETO,
	LOAD_MMPP,
	LOAD_TRAIN,
	LOAD_INCAST,
	LOAD_LOOP,
	LOAD_REPLAY,
	LOAD_TCP,
};

struct load_step {
	double at_ms;
	double factor;
};

/**
 * struct load - where packets come from
 * @kind: how
 * @pps: mean rate of an open load
 * @on_us: mean time of a burst (onoff) or of the high state (mmpp)
 * @off_us: mean time between bursts, or of the low state
 * @low: rate of the low state as a part of the high one's (mmpp)
 * @alpha: tail exponent (pareto), > 1
 * @train: packets of a train or of an incast
 * @gap_ns: time between the packets of a train or message on the wire
 * @connections: of a loop or of TCP
 * @rtt_us: time of a loop outside of the stages
 * @think_us: mean of a random time on top of it
 * @service_us: time that the last stage's CPU serves a request, when it has
 *	nothing else to do
 * @message: packets of a request
 * @window: most packets that a TCP connection has under way
 * @bytes: of a packet, for governors that count them
 * @from: stage where packets come in
 * @to: stage where they have arrived
 * @ramp: between steps the rate changes evenly, not at once
 * @steps: the rate's factor from given times on
 * @n_steps: their number
 * @times: of packets to replay
 * @n_times: their number
 */
struct load {
	enum load_kind kind;
	double pps;
	double on_us;
	double off_us;
	double low;
	double alpha;
	int train;
	double gap_ns;
	int connections;
	double rtt_us;
	double think_us;
	double service_us;
	int message;
	int window;
	int bytes;
	int from;
	int to;
	bool ramp;
	struct load_step steps[STEPS_MAX];
	int n_steps;
	ns_t *times;
	size_t n_times;
};

/**
 * struct stage - one hop of the path
 * @costs: of its CPU
 * @device: of its queues
 * @queues: their number, all on one CPU
 * @cpu: which; stages may share it
 * @tx: packets are sent, not received: what is held off is their completion
 * @wire_ns: time that sending a packet takes
 * @app: part of the CPU's time that other work takes, if there is so much left
 * @link_ns: time from the end of this stage to the next
 */
struct stage {
	struct costs costs;
	struct device device;
	int queues;
	int cpu;
	bool tx;
	ns_t wire_ns;
	double app;
	ns_t link_ns;
};

struct scenario {
	char name[64];
	unsigned long seed;
	uint64_t packets;
	double warmup;
	struct policy policy;
	struct stage stages[STAGES_MAX];
	int n_stages;
	struct load loads[LOADS_MAX];
	int n_loads;
	/* What governors believe of costs, as a part of the truth. */
	double belief;
	/* Packets of a poll are handed over when it ends, not one by one. */
	bool by_poll;
};

/**
 * struct result - what a run came to, warm-up not counted
 * @packets: handled by the last stage
 * @dropped: on a full ring
 * @seconds: simulated
 * @cpu_ns_per_packet: of all stages
 * @utilisation: of the busiest CPU
 * @p50_delay_ns: median time that a packet was held off
 * @p99_delay_ns: 99th percentile of it, or of @p99_hold_ns if that is more
 * @p99_hold_ns: 99th percentile of the time that the completion of a packet
 *	sent was held off
 * @mean_delay_ns: mean
 * @p99_latency_ns: 99th percentile of the time from arrival to handled, all stages
 * @mean_latency_ns: mean
 * @irq_per_packet: interrupts and timers, all stages
 * @windows: sampling periods
 * @windows_to_settle: from the start or the last step of the load on
 * @changes_per_50: settings changed per 50 windows in the run's second half
 * @by_poll: packets were handed over at the end of polls
 * @closed: some load is a closed loop
 * @holdoff_ns: mean hold-off in force, of all stages together
 * @stage_holdoff_ns: of each
 * @stage_mean_ns: mean time that a packet was held off at each stage
 * @stage_p99_ns: 99th percentile of it
 * @stage_expired: part of each stage's hold-offs that lasted their time,
 *	because fewer packets came than its frames limit
 * @verdict: most frequent of those in the run's second half, or -1
 * @saturated: share of decisions there that call the CPU target unreachable
 */
struct result {
	uint64_t packets;
	uint64_t dropped;
	double seconds;
	double pps;
	double cpu_ns_per_packet;
	double utilisation;
	double p50_delay_ns;
	double p99_delay_ns;
	double p99_hold_ns;
	double mean_delay_ns;
	double p99_latency_ns;
	double mean_latency_ns;
	double irq_per_packet;
	uint64_t windows;
	uint64_t windows_to_settle;
	double changes_per_50;
	bool by_poll;
	bool closed;
	double holdoff_ns;
	double stage_holdoff_ns[STAGES_MAX];
	double stage_mean_ns[STAGES_MAX];
	double stage_p99_ns[STAGES_MAX];
	double stage_expired[STAGES_MAX];
	int verdict;
	double saturated;
};

struct queue;
struct peer_ops;

/**
 * struct contender - a governor with its tuning, for every stage
 * @ops: the governor
 * @name: its name in results
 * @setting: of a static one, per stage
 * @tuning: what its ops make of it
 * @device: replaces the stages' kind of device if >= 0
 * @stage: governors of single stages, instead of this one
 */
struct contender {
	const struct peer_ops *ops;
	const char *name;
	struct netcoal_setting setting[STAGES_MAX];
	double tuning;
	int device;
	const struct contender *stage[STAGES_MAX];
};

/**
 * struct peer_ops - how a governor is run
 * @name: in scenarios and results
 * @help: one line
 * @own: one of the module's
 * @tuning_max: largest tuning that makes sense to it
 * @size: bytes of its state
 * @start: sets the queue's first setting
 * @sequence: a run of polls ended that handled so many packets
 */
struct peer_ops {
	const char *name;
	const char *help;
	bool own;
	double tuning_max;
	size_t size;
	void (*start)(struct queue *q, void *state);
	void (*sequence)(struct queue *q, void *state, uint32_t packets);
};

/* What a CPU did for all its queues: time in polls, sequences of them. */
struct polled {
	u64 busy_ns;
	u64 sequences;
};

/* What governors may ask about their queue. */
const struct contender *queue_contender(const struct queue *q);
const struct stage *queue_stage(const struct queue *q);
int queue_stage_index(const struct queue *q);
const struct scenario *queue_scenario(const struct queue *q);
ns_t queue_now(const struct queue *q);
bool queue_waits_for_packet(const struct queue *q);
void queue_limits(const struct queue *q, struct netcoal_limits *lim);
void queue_totals(const struct queue *q, struct netcoal_window *w);
struct polled queue_all_polled(const struct queue *q);
bool queue_settled_since(const struct queue *q, ns_t start);
void queue_set(struct queue *q, struct netcoal_setting s);
void queue_set_now(struct queue *q, struct netcoal_setting s);
void queue_window_done(struct queue *q, uint32_t packets);
void queue_verdict(struct queue *q, const struct netcoal_decision *d);
uint32_t queue_bytes(const struct queue *q);

bool traffic_closed(const struct load *l);

void sim_run(const struct scenario *sc, const struct contender *c,
	     struct result *r);

const struct peer_ops *peer_find(const char *name);
const struct peer_ops * const *peers(void);

extern FILE *sim_trace;

#endif /* _NETCOAL_SIM_H */
