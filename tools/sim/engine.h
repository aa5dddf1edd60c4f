/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the engine share.
 *
 *     traffic ──> queue ──> hold-off ──> CPU: softirq, polls ──> next queue
 *                   ^                          │
 *                   └─ setting <─ governor <───┘ a run of polls ended
 */
#ifndef _NETCOAL_SIM_ENGINE_H
#define _NETCOAL_SIM_ENGINE_H

#include "heap.h"
#include "hist.h"
#include "ring.h"
#include "share.h"
#include "source.h"

enum {
	EV_SOURCE,	/* index: source */
	EV_CONNECTION,	/* index: load, arg: connection */
	EV_SEND,	/* index: load, arg: connection of a tcp load */
	EV_LOST,	/* index: load, arg: connection of a tcp load */
	EV_TIMER,	/* index: queue, arg: generation */
	EV_CPU,		/* index: CPU */
	EV_SERVICE,	/* index: CPU, arg: generation */
	EV_APPLY,	/* index: queue */
	EV_LINK,	/* index: queue of the next stage */
	EV_SENT,	/* index: transmit queue */
	EV_PATH,	/* stages share their latency anew */
};

enum queue_state {
	ARMED,
	HOLDING,
	SCHEDULED,
};

#define QUEUES_ALL	(STAGES_MAX * QUEUES_MAX)
#define WINDOWS_MAX	(1 << 20)

struct window_note {
	ns_t end_ns;
	float cost_ns;
};

struct sim;

/**
 * struct queue - one queue of a stage
 * @c: its governor
 * @ring: what a poll would find; of a transmit queue, packets sent
 * @link: packets on their way from the stage before
 * @backlog: of a transmit queue, packets that wait for a slot of the ring
 * @wire: of a transmit queue, packets handed to the device
 * @polled: what the poll under way hands over when it ends
 * @unfinished: of a transmit queue, slots taken
 * @wire_free_ns: of a transmit queue, when the wire has sent all it has
 * @release_ns: when the present hold-off ended
 * @next_irq_ns: earliest next interrupt of a throttle
 * @effect_ns: when the setting took effect
 * @timer_gen: of the timer that counts; older ones were cancelled
 * @defer_count: timers left before the interrupt is armed
 * @by_timer: the present sequence was started by a timer
 * @by_app: or by the application's own poll
 * @found: packets of the present sequence
 * @found_bytes: and their bytes
 * @ended_bytes: bytes of the sequence before
 * @busy_ns: time in polls
 * @cost_ns: all that the queue made its CPU do
 * @noted_ns: of that, in windows that ended
 * @want: what the device has been told
 * @asked: what the governor asked for
 * @claim: on the latency target that stages share, if it is one of netcoal's
 * @irq_cost_ns: as last believed, likewise
 * @holdoff_ns: as the device does it
 * @frames: as the device does it
 * @total: running sums of what governors are told, and the window's longest sequence
 * @notes: windows that ended
 * @n_notes: their number
 * @early: hold-offs that frames ended, after the warm-up
 * @expired: hold-offs that lasted their time
 * @changes_late: settings changed in the run's second half
 * @windows_late: windows that ended in it
 * @holdoff_sum: hold-off times the time it was in force
 * @holdoff_since: when the present one took effect
 */
struct queue {
	struct sim *sim;
	int index;
	int stage;
	const struct contender *c;
	enum queue_state state;
	struct ring ring;
	struct ring link;
	struct ring backlog;
	struct ring wire;
	struct ring polled;
	uint32_t unfinished;
	ns_t wire_free_ns;
	ns_t release_ns;
	ns_t next_irq_ns;
	ns_t effect_ns;
	uint32_t timer_gen;
	int defer_count;
	bool by_timer;
	bool by_app;
	uint32_t found;
	uint32_t found_bytes;
	uint32_t ended_bytes;
	double busy_ns;
	double cost_ns;
	double noted_ns;
	struct netcoal_setting want;
	struct netcoal_setting asked;
	struct netcoal_claim claim;
	uint32_t irq_cost_ns;
	ns_t holdoff_ns;
	uint32_t frames;
	struct netcoal_window total;
	void *state_of_peer;
	struct window_note *notes;
	uint32_t n_notes;
	uint64_t early;
	uint64_t expired;
	uint64_t changes_late;
	uint64_t windows_late;
	double holdoff_sum;
	ns_t holdoff_since;
};

/**
 * struct job - a request that the application serves
 * @load: its load
 * @connection: and connection
 * @left_ns: CPU time it still needs
 */
struct job {
	uint16_t load;
	uint32_t connection;
	ns_t left_ns;
};

/**
 * struct cpu - polls queues, and serves requests in the time that is left
 * @todo: queues with a sequence begun or due, in turn
 * @n_todo: their number
 * @busy: with softirq
 * @in_packet: a packet is half done
 * @budget: packets left in the poll under way
 * @carry_ns: parts of a ns left from rounding
 * @busy_ns: network work that the CPU itself sees
 * @polled_ns: of that, in polls of any queue
 * @sequences: of polls, of any queue
 * @cost_ns: what it costs the machine, exits included
 * @job: requests to serve, a ring
 * @job_mask: its size less one
 * @job_head: where the next one goes
 * @job_tail: the one under way
 * @serving: the one under way is not interrupted
 * @serving_since: since when
 * @service_gen: of the end of service that counts
 * @service_ns: time spent in service
 */
struct cpu {
	int todo[QUEUES_ALL];
	int n_todo;
	bool busy;
	bool in_packet;
	uint32_t budget;
	double carry_ns;
	double busy_ns;
	double polled_ns;
	uint64_t sequences;
	double cost_ns;
	struct job *job;
	uint32_t job_mask;
	uint32_t job_head;
	uint32_t job_tail;
	bool serving;
	ns_t serving_since;
	uint32_t service_gen;
	double service_ns;
};

/**
 * struct connection - of a closed loop or a tcp load
 * @left: packets of the message still to send
 * @unacked: tcp: packets under way
 * @window: tcp: packets that may be
 * @threshold: tcp: where slow start ends
 * @next_ns: tcp: when the sender's link is free
 * @recover_ns: tcp: losses before that are one with the last
 */
struct connection {
	uint32_t left;
	uint32_t unacked;
	double window;
	double threshold;
	ns_t next_ns;
	ns_t recover_ns;
};

struct sim {
	const struct scenario *sc;
	const struct contender *c;
	gsl_rng *rng;
	ns_t now_ns;
	struct heap heap;
	struct queue q[QUEUES_ALL];
	int n_queues;
	int first[STAGES_MAX];
	uint32_t share_ns[STAGES_MAX];	/* of the latency target */
	/* what polling a packet takes at the stages behind, by the same CPU and by others */
	uint32_t beside_ns[STAGES_MAX], later_ns[STAGES_MAX];
	struct cpu cpu[STAGES_MAX];
	struct source *sources;
	int *source_queue;
	int n_sources;
	struct connection *conn[LOADS_MAX];
	struct hist delay;	/* of packets */
	struct hist latency;
	struct hist hold;	/* of sent packets' buffers */
	struct hist at_stage[STAGES_MAX];	/* delays, if there are several */
	uint64_t warmup;	/* packets that do not count */
	uint64_t packets;	/* and those that do */
	uint64_t handled;
	uint64_t counted;
	uint64_t dropped;
	uint64_t starts;	/* interrupts and timers */
	ns_t warm_ns;
	ns_t last_step_ns;
	double warm_cost_ns;
	double warm_busy_ns[STAGES_MAX];
	uint64_t half;
	uint32_t verdicts[VERDICTS_MAX];
	bool done;
};

/* queue.c */
void queue_start(struct sim *s, int stage);
void queue_free(struct queue *q);
void queue_take(struct queue *q, struct packet *p);
void queue_enqueue(struct queue *q, const struct packet *p);
void queue_fire(struct queue *q, bool by_timer);
void queue_poll_done(struct queue *q);
void queue_sequence_done(struct queue *q);
void queue_on_timer(struct queue *q, uint32_t gen);
void queue_on_apply(struct queue *q);
void queue_on_link(struct queue *q);
void queue_on_sent(struct queue *q);
void queue_handle_packet(struct queue *q);
bool queue_timed(const struct queue *q);

/* stages.c */
void stages_divide(struct sim *s);
uint32_t stages_share(const struct queue *q);

/* cpu.c */
void cpu_work(struct sim *s, int cpu);
void cpu_run(struct sim *s, int cpu);
void cpu_serve(struct sim *s, int cpu, struct job job);
void cpu_on_service(struct sim *s, int cpu, uint32_t gen);
double cpu_used_ns(const struct sim *s, int cpu);
static inline struct cpu *cpu_of(struct queue *q)
{
	return &q->sim->cpu[q->sim->sc->stages[q->stage].cpu];
}

/* traffic.c */
void traffic_start(struct sim *s);
void traffic_free(struct sim *s);
void traffic_on_source(struct sim *s, int i);
void traffic_on_connection(struct sim *s, int load, uint32_t i);
void traffic_on_send(struct sim *s, int load, uint32_t i);
void traffic_on_lost(struct sim *s, int load, uint32_t i);
void traffic_dropped(struct sim *s, const struct packet *p);
void traffic_arrived(struct queue *q, const struct packet *p, ns_t held_ns);
void traffic_served(struct sim *s, const struct job *job);

/* outcome.c */
void outcome_warm(struct sim *s);
void outcome_fill(struct sim *s, struct result *r);
void outcome_holdoff(struct queue *q);

#endif /* _NETCOAL_SIM_ENGINE_H */
