// SPDX-License-Identifier: GPL-2.0
/*
 * A CPU works one sequence of polls at a time off, packet by packet, and takes
 * turns between its queues when one used up its budget. In the time that softirq
 * leaves, it serves requests, one after the other; softirq interrupts that.
 */
#include <string.h>

#include "engine.h"

#define JOBS_FIRST	64

/* ---- service --------------------------------------------------------------- */

static struct job *first_job(const struct cpu *cpu)
{
	return &cpu->job[cpu->job_tail & cpu->job_mask];
}

static void serve_on(struct sim *s, int i)
{
	struct cpu *cpu = &s->cpu[i];

	if (cpu->serving || cpu->busy || cpu->job_head == cpu->job_tail)
		return;
	cpu->serving = true;
	cpu->serving_since = s->now_ns;
	heap_push(&s->heap, s->now_ns + first_job(cpu)->left_ns, EV_SERVICE, i,
		  ++cpu->service_gen);
}

static void interrupt_service(struct sim *s, struct cpu *cpu)
{
	ns_t done = s->now_ns - cpu->serving_since;

	if (!cpu->serving)
		return;
	cpu->serving = false;
	cpu->service_gen++;
	cpu->service_ns += done;
	first_job(cpu)->left_ns -= done;
}

static void grow_jobs(struct cpu *cpu)
{
	uint32_t room = cpu->job ? 2 * (cpu->job_mask + 1) : JOBS_FIRST;
	struct job *job = xzalloc(room * sizeof(*job));
	uint32_t i, n = cpu->job_head - cpu->job_tail;

	for (i = 0; i < n; i++)
		job[i] = cpu->job[(cpu->job_tail + i) & cpu->job_mask];
	free(cpu->job);
	cpu->job = job;
	cpu->job_mask = room - 1;
	cpu->job_tail = 0;
	cpu->job_head = n;
}

/* A request waits for its turn. */
void cpu_serve(struct sim *s, int i, struct job job)
{
	struct cpu *cpu = &s->cpu[i];

	if (!cpu->job || cpu->job_head - cpu->job_tail > cpu->job_mask)
		grow_jobs(cpu);
	cpu->job[cpu->job_head++ & cpu->job_mask] = job;
	serve_on(s, i);
}

void cpu_on_service(struct sim *s, int i, uint32_t gen)
{
	struct cpu *cpu = &s->cpu[i];
	struct job job;

	if (!cpu->serving || gen != cpu->service_gen)
		return;
	interrupt_service(s, cpu);
	job = *first_job(cpu);
	cpu->job_tail++;
	traffic_served(s, &job);
	serve_on(s, i);
}

/* All that the CPU did up to now. */
double cpu_used_ns(const struct sim *s, int i)
{
	const struct cpu *cpu = &s->cpu[i];

	return cpu->busy_ns + cpu->service_ns +
	       (cpu->serving ? s->now_ns - cpu->serving_since : 0);
}

/* ---- softirq --------------------------------------------------------------- */

static void spend(struct sim *s, struct cpu *cpu, double ns)
{
	ns_t whole;

	cpu->cost_ns += ns;
	cpu->busy_ns += ns;
	cpu->carry_ns += ns;
	whole = (ns_t)cpu->carry_ns;
	cpu->carry_ns -= whole;
	s->now_ns += whole;
}

/* Polling is what a probe on polls sees; the rest is elsewhere. */
static void polled(struct cpu *cpu, struct queue *q, double ns)
{
	q->busy_ns += ns;
	cpu->polled_ns += ns;
}

/* What it takes until the first poll of a sequence looks at the ring. */
static double start_cost(struct sim *s, struct queue *q)
{
	const struct costs *k = &queue_stage(q)->costs;
	double ns = k->poll_ns;

	if (q->by_app)
		return ns;
	ns += k->softirq_ns;
	s->starts++;
	ns += q->by_timer && queue_timed(q) ? k->timer_ns : k->irq_ns;
	/* The host's share: nobody's time here, but a cost. A guest's timer is an interrupt, too. */
	cpu_of(q)->cost_ns += k->exit_ns;
	return ns;
}

/* The next queue's turn; false if there is nothing to do. */
static bool next_turn(struct sim *s, int i)
{
	struct cpu *cpu = &s->cpu[i];
	struct queue *q;
	double ns;

	if (!cpu->n_todo) {
		cpu->busy = false;
		serve_on(s, i);
		return false;
	}
	cpu->busy = true;
	cpu->budget = POLL_BUDGET;
	q = &s->q[cpu->todo[0]];
	ns = q->found ? queue_stage(q)->costs.poll_ns : start_cost(s, q);
	q->total.polls++;
	polled(cpu, q, queue_stage(q)->costs.poll_ns);
	q->cost_ns += ns;
	spend(s, cpu, ns);
	return true;
}

static void drop_first(struct cpu *cpu)
{
	memmove(cpu->todo, cpu->todo + 1, --cpu->n_todo * sizeof(cpu->todo[0]));
}

/* The next packet of the poll under way is begun; its end is the next step. */
static void begin_packet(struct sim *s, struct cpu *cpu)
{
	struct queue *q = &s->q[cpu->todo[0]];
	const struct stage *st = queue_stage(q);
	double ns = st->tx ? st->costs.sent_ns : st->costs.packet_ns;

	cpu->in_packet = true;
	cpu->budget--;
	polled(cpu, q, ns);
	/* Whoever waits for a slot is rare; completions wake nobody. */
	if (!q->found && !q->by_app && !st->tx)
		ns += st->costs.wake_ns;
	q->cost_ns += ns;
	spend(s, cpu, ns);
}

/*
 * A step of the poll under way has ended: a packet, or what comes before the
 * first. Returns false when the CPU has nothing left; else now_ns is when the
 * next step ends.
 */
static bool step(struct sim *s, int i)
{
	struct cpu *cpu = &s->cpu[i];
	struct queue *q = &s->q[cpu->todo[0]];

	if (cpu->in_packet)
		queue_handle_packet(q);
	cpu->in_packet = false;
	if (!ring_empty(&q->ring) && cpu->budget) {
		begin_packet(s, cpu);
		return true;
	}
	queue_poll_done(q);
	drop_first(cpu);
	if (ring_empty(&q->ring)) {
		queue_sequence_done(q);
	} else {
		q->total.full_polls++;
		cpu->todo[cpu->n_todo++] = q->index;
	}
	return next_turn(s, i);
}

/*
 * Let the CPU work until something else happens first. Its steps move now_ns
 * ahead, so events up to there have to be taken before.
 */
void cpu_run(struct sim *s, int i)
{
	while (!s->done) {
		ns_t before = s->now_ns;

		if (!step(s, i))
			return;
		if (s->heap.n && s->heap.e[0].at_ns <= s->now_ns) {
			heap_push(&s->heap, s->now_ns, EV_CPU, i, 0);
			s->now_ns = before;
			return;
		}
	}
}

/* The CPU had no softirq to run and now has: the first step is its overhead. */
void cpu_work(struct sim *s, int i)
{
	ns_t before = s->now_ns;

	interrupt_service(s, &s->cpu[i]);
	if (!next_turn(s, i))
		return;
	heap_push(&s->heap, s->now_ns, EV_CPU, i, 0);
	s->now_ns = before;
}
