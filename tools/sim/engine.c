// SPDX-License-Identifier: GPL-2.0
/*
 * The discrete-event engine.
 *
 *     source / connection ──> ring ──> hold-off ──> CPU: softirq, polls ──> next
 *                              ^                                           stage
 *                              └── setting <── governor <── sequence ended
 *
 * A queue is armed (its next packet may start a sequence of polls), holding (a
 * timer will), or scheduled (the CPU has it to do). A CPU works one sequence
 * at a time off, packet by packet, and takes turns between its queues when one
 * used up its budget. Packets that arrive meanwhile are found by the same
 * sequence, as a driver finds them: batches form by themselves under overload.
 */
#include <gsl/gsl_rng.h>
#include <math.h>
#include <string.h>

#include "die.h"
#include "heap.h"
#include "hist.h"
#include "source.h"

enum {
	EV_SOURCE,	/* index: source */
	EV_CONNECTION,	/* index: load, arg: connection */
	EV_TIMER,	/* index: queue, arg: generation */
	EV_CPU,		/* index: stage */
	EV_APPLY,	/* index: queue */
	EV_LINK,	/* index: queue of the next stage */
};

enum queue_state {
	ARMED,
	HOLDING,
	SCHEDULED,
};

/* A setting reaches the device by a work queue, as in the module. */
#define APPLY_NS	20000
#define DEFER_COUNT	2
#define WINDOWS_MAX	(1 << 20)

struct packet {
	ns_t born_ns;		/* at the first stage */
	ns_t here_ns;		/* at this stage */
	ns_t held_ns;		/* by earlier stages */
	int32_t connection;	/* or -1 */
	uint16_t load;
	bool last;		/* of its message */
};

struct ring {
	struct packet *p;
	uint32_t mask;
	uint32_t head;
	uint32_t tail;
};

struct window_note {
	ns_t end_ns;
	float cost_ns;
};

struct sim;

struct queue {
	struct sim *sim;
	int index;
	int stage;
	enum queue_state state;
	struct ring ring;
	struct ring link;
	ns_t release_ns;	/* when the present hold-off ended */
	ns_t next_irq_ns;	/* of a throttle */
	ns_t effect_ns;		/* when the setting took effect */
	uint32_t timer_gen;
	int defer_count;
	bool by_timer;		/* the sequence was started by a timer */
	bool by_app;		/* or by the application's own poll */
	uint32_t found;		/* packets of the sequence */
	double busy_ns;		/* time in polls */
	double cost_ns;		/* all that the queue made its CPU do */
	double noted_ns;	/* of that, in windows that ended */
	struct netcoal_setting want;
	struct netcoal_setting asked;
	ns_t holdoff_ns;	/* as the device does it */
	uint32_t frames;
	struct netcoal_window total;
	void *state_of_peer;
	struct window_note *notes;
	uint32_t n_notes;
	uint64_t changes;
	uint64_t changes_late;
	uint64_t windows_late;
	double holdoff_sum;
	ns_t holdoff_since;
};

struct cpu {
	int todo[QUEUES_MAX];
	int n_todo;
	bool busy;
	bool in_packet;
	uint32_t budget;
	double carry_ns;	/* parts of a ns left from rounding */
	double busy_ns;		/* network work that the CPU itself sees */
	double cost_ns;		/* what it costs the machine, exits included */
};

struct connection {
	uint32_t left;		/* packets of the message still to send */
};

struct sim {
	const struct scenario *sc;
	const struct contender *c;
	gsl_rng *rng;
	ns_t now_ns;
	struct heap heap;
	struct queue q[STAGES_MAX * QUEUES_MAX];
	int n_queues;
	int first[STAGES_MAX];
	struct cpu cpu[STAGES_MAX];
	struct source *sources;
	int *source_queue;
	int n_sources;
	struct connection *conn[LOADS_MAX];
	struct hist delay;
	struct hist latency;
	uint64_t handled;
	uint64_t counted;
	uint64_t dropped;
	uint64_t starts;	/* interrupts and timers */
	ns_t warm_ns;
	ns_t last_step_ns;
	double warm_cost_ns;
	double warm_busy_ns[STAGES_MAX];
	uint64_t half;
	ns_t half_ns;
	bool done;
};

FILE *sim_trace;

static void fire(struct queue *q, bool by_timer);
static void cpu_work(struct sim *s, int stage);

const struct contender *queue_contender(const struct queue *q)
{
	return q->sim->c;
}

const struct stage *queue_stage(const struct queue *q)
{
	return &q->sim->sc->stages[q->stage];
}

int queue_stage_index(const struct queue *q)
{
	return q->stage;
}

const struct scenario *queue_scenario(const struct queue *q)
{
	return q->sim->sc;
}

ns_t queue_now(const struct queue *q)
{
	return q->sim->now_ns;
}

static enum device_kind kind_of(const struct queue *q)
{
	return q->sim->c->device >= 0 ? (enum device_kind)q->sim->c->device :
		queue_stage(q)->device.kind;
}

static bool timer_kind(enum device_kind kind)
{
	return kind == DEVICE_DEFER || kind == DEVICE_HOLD || kind == DEVICE_SUSPEND;
}

/*
 * A path's stages share one latency target. They take from it in the order in
 * which packets cross them, for a batch made early is one for all that follow.
 */
static uint32_t budget_left(const struct queue *q)
{
	const struct sim *s = q->sim;
	double left = s->sc->policy.latency_ns;
	int stage;

	for (stage = 0; stage < q->stage; stage++) {
		int queues = s->sc->stages[stage].queues, i;
		ns_t longest = 0;

		for (i = 0; i < queues; i++) {
			const struct queue *up = &s->q[s->first[stage] + i];

			if (up->asked.holdoff_ns > longest)
				longest = up->asked.holdoff_ns;
		}
		left -= longest;
	}
	return left > 0 ? left : 0;
}

/* What the module would tell a governor of this queue. */
void queue_limits(const struct queue *q, struct netcoal_limits *lim)
{
	const struct scenario *sc = q->sim->sc;
	const struct stage *st = queue_stage(q);
	const struct costs *k = &st->costs;

	*lim = (struct netcoal_limits){
		.budget_ns = budget_left(q),
		.cpu_target_ns = sc->policy.cpu_ns,
		.prefer = sc->policy.prefer_cpu ? NETCOAL_PREFER_CPU :
						  NETCOAL_PREFER_LATENCY,
		.holdoff_max_ns = NETCOAL_TARGET_MAX_NS,
		.frames_min = 1,
		.frames_max = st->device.frames_max ?: NETCOAL_FRAMES_MAX,
		.irq_cost_ns = sc->belief * (k->irq_ns + k->softirq_ns +
					     k->wake_ns + k->poll_ns),
		.packet_cost_ns = k->packet_ns,
		.irq_extra_ns = k->exit_ns,
		.timer_cost_ns = timer_kind(kind_of(q)) ? k->timer_ns : 0,
		.step_ns = st->device.step_ns,
		.has_frames = st->device.frames_max,
	};
}

/* Running sums, as sense keeps them; len_ns is the time. */
void queue_totals(const struct queue *q, struct netcoal_window *w)
{
	const struct sim *s = q->sim;
	double net = s->cpu[q->stage].busy_ns;
	double other = queue_stage(q)->app * s->now_ns;

	*w = q->total;
	w->len_ns = s->now_ns;
	w->busy_ns = q->busy_ns;
	w->cpu_ns = fmin(net + other, s->now_ns);
}

bool queue_settled_since(const struct queue *q, ns_t start)
{
	return q->effect_ns <= start;
}

/* A window ended: note what its packets cost. */
void queue_window_done(struct queue *q, uint32_t packets)
{
	double cost_ns = (q->cost_ns - q->noted_ns) / packets;
	struct sim *s = q->sim;

	q->noted_ns = q->cost_ns;
	if (s->handled >= s->half)
		q->windows_late++;
	if (q->n_notes >= WINDOWS_MAX)
		return;
	if (!(q->n_notes & (q->n_notes + 1)))
		q->notes = xrealloc(q->notes, 2 * (q->n_notes + 1) * sizeof(*q->notes));
	q->notes[q->n_notes++] = (struct window_note){ s->now_ns, cost_ns };
}

static ns_t quantised(const struct device *d, ns_t ns)
{
	ns_t step = d->step_ns > 0 ? d->step_ns : 1;

	if (d->round == ROUND_UP)
		ns += step - 1;
	else if (d->round == ROUND_NEAREST)
		ns += step / 2;
	ns -= ns % step;
	return ns > d->floor_ns ? ns : d->floor_ns;
}

static void take_effect(struct queue *q)
{
	const struct device *d = &queue_stage(q)->device;
	struct sim *s = q->sim;
	ns_t from = q->holdoff_since > s->warm_ns ? q->holdoff_since : s->warm_ns;

	if (s->warm_ns >= 0 && s->now_ns > from)
		q->holdoff_sum += (double)q->holdoff_ns * (s->now_ns - from);
	q->holdoff_since = s->now_ns;
	q->holdoff_ns = quantised(d, q->want.holdoff_ns);
	q->frames = d->frames_max && q->want.frames < d->frames_max ?
		    q->want.frames : d->frames_max ?: UINT32_MAX;
	q->effect_ns = s->now_ns;
}

/* A setting that a driver's interrupt handler writes acts at once. */
void queue_set_now(struct queue *q, struct netcoal_setting set)
{
	if (!memcmp(&set, &q->asked, sizeof(set)))
		return;
	q->asked = set;
	q->want = set;
	q->changes++;
	if (q->sim->handled >= q->sim->half)
		q->changes_late++;
	take_effect(q);
}

void queue_set(struct queue *q, struct netcoal_setting set)
{
	if (!memcmp(&set, &q->asked, sizeof(set)))
		return;
	q->asked = set;
	q->changes++;
	if (q->sim->handled >= q->sim->half)
		q->changes_late++;
	q->effect_ns = INT64_MAX;
	heap_push(&q->sim->heap, q->sim->now_ns + APPLY_NS, EV_APPLY, q->index, 0);
}

static bool ring_empty(const struct ring *r)
{
	return r->head == r->tail;
}

static uint32_t ring_count(const struct ring *r)
{
	return r->head - r->tail;
}

static void ring_put(struct ring *r, const struct packet *p)
{
	r->p[r->head++ & r->mask] = *p;
}

static void ring_init(struct ring *r, uint32_t room)
{
	uint32_t n = 1;

	while (n < room)
		n *= 2;
	r->p = xzalloc(n * sizeof(*r->p));
	r->mask = n - 1;
}

static void timer_at(struct queue *q, ns_t at_ns)
{
	q->state = HOLDING;
	heap_push(&q->sim->heap, at_ns, EV_TIMER, q->index, ++q->timer_gen);
}

/* A packet finds the queue armed: when does its interrupt come? */
static void first_packet(struct queue *q)
{
	struct sim *s = q->sim;

	switch (kind_of(q)) {
	case DEVICE_DELAY:
		if (q->holdoff_ns > 0 && q->frames > 1)
			timer_at(q, s->now_ns + q->holdoff_ns);
		else
			fire(q, false);
		break;
	case DEVICE_THROTTLE:
		if (s->now_ns < q->next_irq_ns && q->frames > 1)
			timer_at(q, q->next_irq_ns);
		else
			fire(q, false);
		break;
	default:
		fire(q, false);
	}
}

static void enqueue(struct queue *q, const struct packet *p)
{
	struct sim *s = q->sim;

	if (ring_count(&q->ring) >= queue_stage(q)->device.ring) {
		s->dropped++;
		/* A lost packet of a loop is sent again after a while. */
		if (p->connection >= 0 && p->last)
			heap_push(&s->heap, s->now_ns + 10 * NS_PER_MS, EV_CONNECTION,
				  p->load, p->connection);
		return;
	}
	ring_put(&q->ring, p);
	if (q->state == ARMED)
		first_packet(q);
	else if (q->state == HOLDING && !timer_kind(kind_of(q)) &&
		 ring_count(&q->ring) >= q->frames)
		fire(q, false);
}

static void fire(struct queue *q, bool by_timer)
{
	struct sim *s = q->sim;
	struct cpu *cpu = &s->cpu[q->stage];

	q->timer_gen++;
	q->state = SCHEDULED;
	q->by_timer = by_timer;
	q->by_app = false;
	q->release_ns = s->now_ns;
	q->found = 0;
	cpu->todo[cpu->n_todo++] = q->index;
	if (!cpu->busy)
		cpu_work(s, q->stage);
}

static void cpu_spend(struct sim *s, int stage, double ns)
{
	struct cpu *cpu = &s->cpu[stage];
	ns_t whole;

	cpu->cost_ns += ns;
	cpu->busy_ns += ns;
	cpu->carry_ns += ns;
	whole = (ns_t)cpu->carry_ns;
	cpu->carry_ns -= whole;
	s->now_ns += whole;
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
	if (q->by_timer && timer_kind(kind_of(q))) {
		ns += k->timer_ns;
	} else {
		ns += k->irq_ns;
		/* The host's share: nobody's time here, but a cost. */
		s->cpu[q->stage].cost_ns += k->exit_ns;
	}
	return ring_empty(&q->ring) ? ns : ns + k->wake_ns;
}

static void count_packet(struct sim *s, const struct packet *p, ns_t held_ns)
{
	s->handled++;
	if (s->handled == s->half)
		s->half_ns = s->now_ns;
	if (s->warm_ns < 0)
		return;
	hist_add(&s->delay, held_ns);
	hist_add(&s->latency, s->now_ns - p->born_ns);
	if (++s->counted >= s->sc->packets)
		s->done = true;
}

static void finish(struct sim *s, const struct packet *p)
{
	const struct load *l = &s->sc->loads[p->load];

	if (p->connection >= 0 && p->last)
		heap_push(&s->heap, s->now_ns + source_think(l, s->rng),
			  EV_CONNECTION, p->load, p->connection);
}

static void handle_packet(struct queue *q)
{
	struct sim *s = q->sim;
	struct packet *p = &q->ring.p[q->ring.tail++ & q->ring.mask];
	ns_t held = p->held_ns;
	struct queue *next;

	if (q->release_ns > p->here_ns)
		held += q->release_ns - p->here_ns;
	q->found++;
	if (q->stage + 1 == s->sc->n_stages) {
		count_packet(s, p, held);
		finish(s, p);
		return;
	}
	next = &s->q[s->first[q->stage + 1] +
		     q->index % s->sc->stages[q->stage + 1].queues];
	p->held_ns = held;
	if (ring_count(&next->link) > next->link.mask)
		die("stage %d: more than %u packets under way", q->stage + 1,
		    next->link.mask);
	ring_put(&next->link, p);
	heap_push(&s->heap, s->now_ns + queue_stage(q)->link_ns, EV_LINK,
		  next->index, 0);
}

/* The sequence is over: what starts the next? */
static void rearm(struct queue *q)
{
	struct sim *s = q->sim;
	ns_t t = q->holdoff_ns;

	switch (kind_of(q)) {
	case DEVICE_THROTTLE:
		q->next_irq_ns = q->release_ns + t;
		break;
	case DEVICE_DEFER:
	case DEVICE_SUSPEND:
		if (q->found)
			q->defer_count = DEFER_COUNT;
		if (t > 0 && q->defer_count > 0) {
			q->defer_count--;
			timer_at(q, s->now_ns + t);
			return;
		}
		break;
	case DEVICE_HOLD:
		if (t > 0 && q->found) {
			timer_at(q, s->now_ns + t);
			return;
		}
		break;
	default:
		break;
	}
	q->state = ARMED;
	if (!ring_empty(&q->ring))
		first_packet(q);
}

static void sequence_done(struct queue *q)
{
	uint32_t found = q->found;
	bool poll_again = kind_of(q) == DEVICE_SUSPEND && found;

	q->total.sequences++;
	if (!found)
		q->total.empty_polls++;
	q->total.packets += found;
	if (poll_again) {
		fire(q, false);
		q->by_app = true;
	} else {
		rearm(q);
	}
	q->sim->c->ops->sequence(q, q->state_of_peer, found);
}

/* The next queue's turn; false if there is nothing to do. */
static bool cpu_next(struct sim *s, int stage)
{
	struct cpu *cpu = &s->cpu[stage];
	struct queue *q;
	double ns;

	if (!cpu->n_todo) {
		cpu->busy = false;
		return false;
	}
	cpu->busy = true;
	cpu->budget = POLL_BUDGET;
	q = &s->q[cpu->todo[0]];
	ns = q->found ? queue_stage(q)->costs.poll_ns : start_cost(s, q);
	q->total.polls++;
	/* Polling is what a probe on polls sees; the rest is elsewhere. */
	q->busy_ns += queue_stage(q)->costs.poll_ns;
	q->cost_ns += ns;
	cpu_spend(s, stage, ns);
	return true;
}

static void cpu_drop_first(struct cpu *cpu)
{
	memmove(cpu->todo, cpu->todo + 1, --cpu->n_todo * sizeof(cpu->todo[0]));
}

/* The next packet of the poll under way is begun; its end is the next step. */
static void begin_packet(struct sim *s, int stage)
{
	struct cpu *cpu = &s->cpu[stage];
	struct queue *q = &s->q[cpu->todo[0]];
	double ns = queue_stage(q)->costs.packet_ns;

	cpu->in_packet = true;
	cpu->budget--;
	q->busy_ns += ns;
	q->cost_ns += ns;
	cpu_spend(s, stage, ns);
}

/*
 * A step of the poll under way has ended: a packet, or what comes before the
 * first. Returns false when the CPU has nothing left; else now_ns is when the
 * next step ends.
 */
static bool cpu_step(struct sim *s, int stage)
{
	struct cpu *cpu = &s->cpu[stage];
	struct queue *q = &s->q[cpu->todo[0]];

	if (cpu->in_packet)
		handle_packet(q);
	cpu->in_packet = false;
	if (!ring_empty(&q->ring) && cpu->budget) {
		begin_packet(s, stage);
		return true;
	}
	cpu_drop_first(cpu);
	if (ring_empty(&q->ring)) {
		sequence_done(q);
	} else {
		q->total.full_polls++;
		cpu->todo[cpu->n_todo++] = q->index;
	}
	return cpu_next(s, stage);
}

/*
 * Let the CPU work until something else happens first. Its steps move now_ns
 * ahead, so events up to there have to be taken before.
 */
static void cpu_run(struct sim *s, int stage)
{
	while (!s->done) {
		ns_t before = s->now_ns;

		if (!cpu_step(s, stage))
			return;
		if (s->heap.n && s->heap.e[0].at_ns <= s->now_ns) {
			heap_push(&s->heap, s->now_ns, EV_CPU, stage, 0);
			s->now_ns = before;
			return;
		}
	}
}

/* The CPU was idle and has work: the first step is its overhead. */
static void cpu_work(struct sim *s, int stage)
{
	ns_t before = s->now_ns;

	if (!cpu_next(s, stage))
		return;
	heap_push(&s->heap, s->now_ns, EV_CPU, stage, 0);
	s->now_ns = before;
}

static void on_source(struct sim *s, int i)
{
	struct source *src = &s->sources[i];
	struct queue *q = &s->q[s->source_queue[i]];
	struct packet p = { s->now_ns, s->now_ns, 0, -1,
			    src->load - s->sc->loads, true };
	ns_t next;

	next = source_next(src);
	if (next >= 0)
		heap_push(&s->heap, next, EV_SOURCE, i, 0);
	enqueue(q, &p);
}

static void on_connection(struct sim *s, int load, uint32_t i)
{
	const struct load *l = &s->sc->loads[load];
	struct connection *c = &s->conn[load][i];
	struct packet p = { s->now_ns, s->now_ns, 0, i, load, false };

	if (!c->left)
		c->left = l->message;
	p.last = !--c->left;
	if (c->left)
		heap_push(&s->heap, s->now_ns + (ns_t)l->gap_ns, EV_CONNECTION, load, i);
	enqueue(&s->q[i % s->sc->stages[0].queues], &p);
}

static void on_timer(struct sim *s, struct queue *q, uint32_t gen)
{
	if (gen == q->timer_gen && q->state == HOLDING)
		fire(q, timer_kind(kind_of(q)));
}

static void on_link(struct sim *s, struct queue *q)
{
	struct packet p = q->link.p[q->link.tail++ & q->link.mask];

	p.here_ns = s->now_ns;
	enqueue(q, &p);
}

static void on_warm(struct sim *s)
{
	int i;

	s->warm_ns = s->now_ns;
	s->starts = 0;
	s->dropped = 0;
	s->warm_cost_ns = 0;
	for (i = 0; i < s->sc->n_stages; i++) {
		s->warm_cost_ns += s->cpu[i].cost_ns;
		s->warm_busy_ns[i] = s->cpu[i].busy_ns;
	}
}

static void dispatch(struct sim *s, const struct event *ev)
{
	s->now_ns = ev->at_ns;
	switch (ev->type) {
	case EV_SOURCE:
		on_source(s, ev->index);
		break;
	case EV_CONNECTION:
		on_connection(s, ev->index, ev->arg);
		break;
	case EV_TIMER:
		on_timer(s, &s->q[ev->index], ev->arg);
		break;
	case EV_CPU:
		cpu_run(s, ev->index);
		break;
	case EV_APPLY:
		s->q[ev->index].want = s->q[ev->index].asked;
		take_effect(&s->q[ev->index]);
		break;
	case EV_LINK:
		on_link(s, &s->q[ev->index]);
		break;
	}
}

static void start_queues(struct sim *s)
{
	const struct scenario *sc = s->sc;
	int stage, i;

	for (stage = 0; stage < sc->n_stages; stage++) {
		s->first[stage] = s->n_queues;
		for (i = 0; i < sc->stages[stage].queues; i++) {
			struct queue *q = &s->q[s->n_queues];

			q->sim = s;
			q->index = s->n_queues++;
			q->stage = stage;
			ring_init(&q->ring, sc->stages[stage].device.ring);
			if (stage)
				ring_init(&q->link, 1 << 16);
			q->state_of_peer = xzalloc(s->c->ops->size + 1);
			s->c->ops->start(q, q->state_of_peer);
			q->want = q->asked;
			take_effect(q);
			q->changes = 0;
		}
	}
}

static int open_loads(const struct scenario *sc)
{
	int i, n = 0;

	for (i = 0; i < sc->n_loads; i++)
		n += sc->loads[i].kind != LOAD_LOOP;
	return n;
}

static void start_loop(struct sim *s, int load)
{
	const struct load *l = &s->sc->loads[load];
	double cycle = 1e3 * (l->rtt_us + l->think_us) + 1;
	int i;

	s->conn[load] = xzalloc(l->connections * sizeof(*s->conn[load]));
	for (i = 0; i < l->connections; i++)
		heap_push(&s->heap, gsl_rng_uniform(s->rng) * cycle, EV_CONNECTION,
			  load, i);
}

/* Every queue of the first stage gets its own stream of each open load. */
static void start_loads(struct sim *s)
{
	const struct scenario *sc = s->sc;
	int i, j, queues = sc->stages[0].queues;
	ns_t first;

	s->sources = xzalloc(open_loads(sc) * queues * sizeof(*s->sources) + 1);
	s->source_queue = xzalloc(open_loads(sc) * queues * sizeof(int) + 1);
	for (i = 0; i < sc->n_loads; i++) {
		if (sc->loads[i].kind == LOAD_LOOP) {
			start_loop(s, i);
			continue;
		}
		for (j = 0; j < queues; j++) {
			source_start(&s->sources[s->n_sources], &sc->loads[i], s->rng);
			s->source_queue[s->n_sources] = j;
			first = source_next(&s->sources[s->n_sources]);
			if (first >= 0)
				heap_push(&s->heap, first, EV_SOURCE, s->n_sources, 0);
			s->n_sources++;
		}
	}
}

static ns_t last_step(const struct scenario *sc)
{
	double ms = 0;
	int i;

	for (i = 0; i < sc->n_loads; i++)
		if (sc->loads[i].n_steps &&
		    sc->loads[i].steps[sc->loads[i].n_steps - 1].at_ms > ms)
			ms = sc->loads[i].steps[sc->loads[i].n_steps - 1].at_ms;
	return ms * NS_PER_MS;
}

/*
 * Windows from the start or the last step until ten in a row cost on average
 * no more than 1.10 of what the rest of the run does.
 */
static uint64_t settle_time(const struct sim *s, const struct queue *q)
{
	uint32_t first = 0, half, i, j;
	double late = 0, sum;

	while (first < q->n_notes && q->notes[first].end_ns < s->last_step_ns)
		first++;
	half = first + (q->n_notes - first) / 2;
	for (i = half; i < q->n_notes; i++)
		late += q->notes[i].cost_ns;
	if (half == q->n_notes)
		return 0;
	late /= q->n_notes - half;
	for (i = first; i + 10 <= half; i++) {
		for (j = i, sum = 0; j < i + 10; j++)
			sum += q->notes[j].cost_ns;
		if (sum <= 10 * 1.10 * late)
			return i - first;
	}
	return half - first;
}

static void fill_stage_figures(struct sim *s, struct result *r)
{
	double span = s->now_ns - s->warm_ns, cost = -s->warm_cost_ns, busy;
	int i;

	for (i = 0; i < s->sc->n_stages; i++) {
		cost += s->cpu[i].cost_ns;
		busy = (s->cpu[i].busy_ns - s->warm_busy_ns[i]) / span;
		r->utilisation = fmax(r->utilisation, busy);
	}
	r->cpu_ns_per_packet = s->counted ? cost / s->counted : 0;
}

static void fill_queue_figures(struct sim *s, struct result *r)
{
	double span = s->now_ns - s->warm_ns;
	uint64_t late = 0, windows_late = 0, settle;
	int i;

	for (i = 0; i < s->n_queues; i++) {
		struct queue *q = &s->q[i];

		take_effect(q);
		r->holdoff_ns += q->holdoff_sum / span;
		r->windows += q->n_notes;
		late += q->changes_late;
		windows_late += q->windows_late;
		settle = settle_time(s, q);
		if (settle > r->windows_to_settle)
			r->windows_to_settle = settle;
	}
	r->holdoff_ns /= s->sc->stages[0].queues;
	r->changes_per_50 = windows_late ? 50.0 * late / windows_late : 0;
}

static void fill(struct sim *s, struct result *r)
{
	memset(r, 0, sizeof(*r));
	r->packets = s->counted;
	r->dropped = s->dropped;
	r->seconds = (s->now_ns - s->warm_ns) / 1e9;
	r->pps = r->seconds > 0 ? s->counted / r->seconds : 0;
	r->closed = open_loads(s->sc) < s->sc->n_loads;
	r->p50_delay_ns = hist_quantile(&s->delay, 0.5);
	r->p99_delay_ns = hist_quantile(&s->delay, 0.99);
	r->mean_delay_ns = hist_mean(&s->delay);
	r->p99_latency_ns = hist_quantile(&s->latency, 0.99);
	r->mean_latency_ns = hist_mean(&s->latency);
	r->irq_per_packet = s->counted ? (double)s->starts / s->counted : 0;
	fill_stage_figures(s, r);
	fill_queue_figures(s, r);
}

static void release(struct sim *s)
{
	int i;

	for (i = 0; i < s->n_queues; i++) {
		free(s->q[i].ring.p);
		free(s->q[i].link.p);
		free(s->q[i].state_of_peer);
		free(s->q[i].notes);
	}
	for (i = 0; i < LOADS_MAX; i++)
		free(s->conn[i]);
	free(s->sources);
	free(s->source_queue);
	free(s->heap.e);
	hist_free(&s->delay);
	hist_free(&s->latency);
	gsl_rng_free(s->rng);
	free(s);
}

/**
 * sim_run() - run a scenario under one governor
 * @sc: the scenario
 * @c: the governor with its tuning
 * @r: gets what came out
 */
void sim_run(const struct scenario *sc, const struct contender *c,
	     struct result *r)
{
	struct sim *s = xzalloc(sizeof(*s));
	uint64_t warmup = sc->warmup * sc->packets;
	struct event ev;

	s->sc = sc;
	s->c = c;
	s->rng = gsl_rng_alloc(gsl_rng_taus2);
	gsl_rng_set(s->rng, sc->seed);
	s->warm_ns = -1;
	s->half = warmup + sc->packets / 2;
	s->last_step_ns = last_step(sc);
	hist_init(&s->delay);
	hist_init(&s->latency);
	start_queues(s);
	start_loads(s);
	while (!s->done && s->heap.n) {
		ev = s->heap.e[0];
		heap_pop(&s->heap);
		dispatch(s, &ev);
		if (s->warm_ns < 0 && s->handled >= warmup)
			on_warm(s);
	}
	if (s->warm_ns < 0)
		on_warm(s);
	fill(s, r);
	release(s);
}
