// SPDX-License-Identifier: GPL-2.0
/*
 * A queue, and the device that holds it off.
 *
 * It is armed (its next packet may start a sequence of polls), holding (a timer
 * will), or scheduled (the CPU has it to do). Packets that arrive while it is
 * scheduled are found by the same sequence, as a driver finds them: batches form
 * by themselves under overload.
 *
 * A transmit queue hands packets to the wire at once, as long as a slot of its
 * ring is free; those sent wait in the ring for the poll that frees their slots.
 */
#include <linux/minmax.h>
#include <math.h>
#include <string.h>

#include "engine.h"

/* A setting reaches the device by a work queue, as in the module. */
#define APPLY_NS	20000
/* txqueuelen of an Ethernet device. */
#define BACKLOG_PACKETS	1000
#define LINK_PACKETS	(1 << 16)

/* ---- what governors may ask ------------------------------------------------ */

const struct contender *queue_contender(const struct queue *q)
{
	return q->c;
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
	return q->c->device >= 0 ? (enum device_kind)q->c->device :
		queue_stage(q)->device.kind;
}

/* Its hold-offs are a timer's, not the device's. */
bool queue_timed(const struct queue *q)
{
	enum device_kind kind = kind_of(q);

	return kind == DEVICE_DEFER || kind == DEVICE_HOLD || kind == DEVICE_SUSPEND;
}

/* A hold-off begins with a packet, which itself waits for some time to come. */
bool queue_waits_for_packet(const struct queue *q)
{
	return kind_of(q) == DEVICE_DELAY || kind_of(q) == DEVICE_RESTART;
}

/* Of the hold-offs that it has; 0 for none. */
static uint32_t frames_limit(const struct queue *q)
{
	return queue_timed(q) ? 0 : queue_stage(q)->device.frames_max;
}

/* What the module would tell a governor of this queue. */
void queue_limits(const struct queue *q, struct netcoal_limits *lim)
{
	const struct scenario *sc = q->sim->sc;
	const struct stage *st = queue_stage(q);
	const struct costs *k = &st->costs;

	uint32_t frames_max = frames_limit(q) ?: NETCOAL_FRAMES_MAX;

	*lim = (struct netcoal_limits){
		.budget_ns = stages_share(q),
		.beside_ns = q->sim->beside_ns[q->stage],
		.later_ns = q->sim->later_ns[q->stage],
		.cpu_target_ns = sc->policy.cpu_ns,
		.prefer = sc->policy.prefer_cpu ? NETCOAL_PREFER_CPU :
						  NETCOAL_PREFER_LATENCY,
		.holdoff_max_ns = NETCOAL_TARGET_MAX_NS,
		.frames_min = 1,
		.frames_max = st->tx ? netcoal_ring_frames(frames_max, st->device.ring) :
				       frames_max,
		.irq_cost_ns = sc->belief * (k->irq_ns + k->softirq_ns + k->poll_ns +
					     (st->tx ? 0 : k->wake_ns)),
		.packet_cost_ns = st->tx ? k->sent_ns : k->packet_ns,
		.irq_extra_ns = k->exit_ns,
		.timer_cost_ns = queue_timed(q) ? k->timer_ns : 0,
		.step_ns = st->device.step_ns,
		.has_frames = frames_limit(q),
		.transmit = st->tx,
	};
}

/* Running sums, as sense keeps them, but for the window's longest sequence; len_ns is the
 * time, cpu_ns all queues'.
 */
void queue_totals(const struct queue *q, struct netcoal_window *w)
{
	const struct sim *s = q->sim;
	const struct stage *st = queue_stage(q);

	*w = q->total;
	w->len_ns = s->now_ns;
	w->busy_ns = q->busy_ns;
	w->cpu_ns = fmin(cpu_used_ns(s, st->cpu) + st->app * s->now_ns, s->now_ns);
}

/* Running sums, too. */
struct polled queue_all_polled(const struct queue *q)
{
	const struct cpu *cpu = &q->sim->cpu[queue_stage(q)->cpu];

	return (struct polled){ cpu->polled_ns, cpu->sequences };
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
	q->total.longest = 0;
	if (s->handled >= s->half)
		q->windows_late++;
	if (q->n_notes >= WINDOWS_MAX)
		return;
	if (!(q->n_notes & (q->n_notes + 1)))
		q->notes = xrealloc(q->notes, 2 * (q->n_notes + 1) * sizeof(*q->notes));
	q->notes[q->n_notes++] = (struct window_note){ s->now_ns, cost_ns };
}

/* Of the packets of the sequence that ended. */
uint32_t queue_bytes(const struct queue *q)
{
	return q->ended_bytes;
}

/* Why a governor decided as it did; only late decisions are counted. */
void queue_verdict(struct queue *q, const struct netcoal_decision *d)
{
	netcoal_claim_note(&q->claim, d);
	q->irq_cost_ns = d->irq_cost_ns;
	if (q->sim->handled >= q->sim->half && d->verdict < VERDICTS_MAX)
		q->sim->verdicts[d->verdict]++;
}

/* ---- settings -------------------------------------------------------------- */

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
	uint32_t limit = frames_limit(q);

	outcome_holdoff(q);
	q->holdoff_ns = quantised(&queue_stage(q)->device, q->want.holdoff_ns);
	q->frames = limit ? min(q->want.frames, limit) : UINT32_MAX;
	q->effect_ns = q->sim->now_ns;
}

static bool changes(struct queue *q, const struct netcoal_setting *set)
{
	if (set->holdoff_ns == q->asked.holdoff_ns && set->frames == q->asked.frames)
		return false;
	q->asked = *set;
	if (q->sim->handled >= q->sim->half)
		q->changes_late++;
	return true;
}

/* A setting that a driver's interrupt handler writes acts at once. */
void queue_set_now(struct queue *q, struct netcoal_setting set)
{
	if (!changes(q, &set))
		return;
	q->want = set;
	take_effect(q);
}

void queue_set(struct queue *q, struct netcoal_setting set)
{
	if (!changes(q, &set))
		return;
	q->effect_ns = INT64_MAX;
	heap_push(&q->sim->heap, q->sim->now_ns + APPLY_NS, EV_APPLY, q->index, 0);
}

void queue_on_apply(struct queue *q)
{
	q->want = q->asked;
	take_effect(q);
}

/* ---- hold-offs ------------------------------------------------------------- */

static void timer_at(struct queue *q, ns_t at_ns)
{
	q->state = HOLDING;
	heap_push(&q->sim->heap, at_ns, EV_TIMER, q->index, ++q->timer_gen);
}

/* A packet finds the queue armed: when does its interrupt come? */
static void first_packet(struct queue *q)
{
	ns_t now = q->sim->now_ns;

	switch (kind_of(q)) {
	case DEVICE_DELAY:
	case DEVICE_RESTART:
		if (q->holdoff_ns > 0 && q->frames > 1)
			timer_at(q, now + q->holdoff_ns);
		else
			queue_fire(q, false);
		break;
	case DEVICE_THROTTLE:
		if (now < q->next_irq_ns && q->frames > 1)
			timer_at(q, q->next_irq_ns);
		else
			queue_fire(q, false);
		break;
	default:
		queue_fire(q, false);
	}
}

void queue_on_timer(struct queue *q, uint32_t gen)
{
	if (gen != q->timer_gen || q->state != HOLDING)
		return;
	q->expired += q->sim->warm_ns >= 0;
	queue_fire(q, queue_timed(q));
}

/* A sequence of polls is due. */
void queue_fire(struct queue *q, bool by_timer)
{
	struct sim *s = q->sim;
	struct cpu *cpu = cpu_of(q);

	q->timer_gen++;
	q->state = SCHEDULED;
	q->by_timer = by_timer;
	q->by_app = false;
	q->release_ns = s->now_ns;
	q->found = 0;
	q->found_bytes = 0;
	cpu->todo[cpu->n_todo++] = q->index;
	if (!cpu->busy)
		cpu_work(s, queue_stage(q)->cpu);
}

/* napi_defer_hard_irqs: the device's, or what a peer is tuned to. */
static int defer_count(const struct queue *q)
{
	return q->c->device >= 0 && q->c->tuning >= 1 ? q->c->tuning :
		queue_stage(q)->device.defer;
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
		/* busy_poll_stop() starts to count anew, whatever it found. */
		if (q->found || q->by_app)
			q->defer_count = defer_count(q);
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

void queue_sequence_done(struct queue *q)
{
	uint32_t found = q->found;
	bool poll_again = kind_of(q) == DEVICE_SUSPEND && found;

	q->ended_bytes = q->found_bytes;
	q->total.sequences++;
	cpu_of(q)->sequences++;
	if (!found)
		q->total.empty_polls++;
	q->total.packets += found;
	q->total.squares += (uint64_t)found * found;
	q->total.longest = max(q->total.longest, found);
	if (poll_again) {
		queue_fire(q, false);
		q->by_app = true;
	} else {
		rearm(q);
	}
	q->c->ops->sequence(q, q->state_of_peer, found);
}

/* ---- packets --------------------------------------------------------------- */

/* A packet, or the completion of one, is there for a poll to find. */
void queue_enqueue(struct queue *q, const struct packet *p)
{
	if (ring_count(&q->ring) >= queue_stage(q)->device.ring) {
		traffic_dropped(q->sim, p);
		return;
	}
	ring_put(&q->ring, p);
	if (q->state == ARMED) {
		first_packet(q);
	} else if (q->state == HOLDING && !queue_timed(q) &&
		   ring_count(&q->ring) >= q->frames) {
		q->early += q->sim->warm_ns >= 0;
		queue_fire(q, false);
	} else if (q->state == HOLDING && kind_of(q) == DEVICE_RESTART) {
		timer_at(q, q->sim->now_ns + q->holdoff_ns);
	}
}

static void send(struct queue *q, struct packet *p)
{
	struct sim *s = q->sim;

	p->held_ns += s->now_ns - p->here_ns;
	q->unfinished++;
	q->wire_free_ns = (q->wire_free_ns > s->now_ns ? q->wire_free_ns : s->now_ns) +
			  queue_stage(q)->wire_ns;
	ring_put(&q->wire, p);
	heap_push(&s->heap, q->wire_free_ns, EV_SENT, q->index, 0);
}

static void transmit(struct queue *q, struct packet *p)
{
	if (q->unfinished < queue_stage(q)->device.ring)
		send(q, p);
	else if (ring_count(&q->backlog) < BACKLOG_PACKETS)
		ring_put(&q->backlog, p);
	else
		traffic_dropped(q->sim, p);
}

/* A packet comes to its stage. */
void queue_take(struct queue *q, struct packet *p)
{
	p->here_ns = q->sim->now_ns;
	if (queue_stage(q)->tx)
		transmit(q, p);
	else
		queue_enqueue(q, p);
}

/* The packet goes on, or has arrived. */
static void pass_on(struct queue *q, struct packet *p, ns_t held_ns)
{
	struct sim *s = q->sim;
	struct queue *next;

	if (q->stage == s->sc->loads[p->load].to) {
		traffic_arrived(q, p, held_ns);
		return;
	}
	next = &s->q[s->first[q->stage + 1] +
		     q->index % s->sc->stages[q->stage + 1].queues];
	p->held_ns = held_ns;
	if (ring_full(&next->link))
		die("stage %d: more than %u packets under way", q->stage + 1,
		    next->link.mask);
	ring_put(&next->link, p);
	heap_push(&s->heap, s->now_ns + queue_stage(q)->link_ns, EV_LINK,
		  next->index, 0);
}

void queue_on_link(struct queue *q)
{
	struct packet p = *ring_get(&q->link);

	queue_take(q, &p);
}

/* A packet has left; what is left of it is a slot to be freed. */
void queue_on_sent(struct queue *q)
{
	struct packet p = *ring_get(&q->wire), completion = p;

	completion.here_ns = q->sim->now_ns;
	pass_on(q, &p, p.held_ns);
	queue_enqueue(q, &completion);
}

static ns_t held_off(const struct queue *q, const struct packet *p)
{
	return q->release_ns > p->here_ns ? q->release_ns - p->here_ns : 0;
}

static void free_slot(struct queue *q, const struct packet *completion)
{
	struct sim *s = q->sim;
	struct packet waiting;

	if (s->warm_ns >= 0)
		hist_add(&s->hold, held_off(q, completion));
	q->unfinished--;
	if (ring_empty(&q->backlog))
		return;
	waiting = *ring_get(&q->backlog);
	send(q, &waiting);
}

/* The poll under way is through with a packet. */
void queue_handle_packet(struct queue *q)
{
	struct packet *p = ring_get(&q->ring);
	struct sim *s = q->sim;

	if (s->sc->n_stages > 1 && s->warm_ns >= 0)
		hist_add(&s->at_stage[q->stage], held_off(q, p));
	q->found++;
	q->found_bytes += q->sim->sc->loads[p->load].bytes;
	if (queue_stage(q)->tx)
		free_slot(q, p);
	else if (s->sc->by_poll && q->stage == s->sc->loads[p->load].to)
		ring_put(&q->polled, p);
	else
		pass_on(q, p, p->held_ns + held_off(q, p));
}

/* The application runs after a poll; what is forwarded goes one by one. */
void queue_poll_done(struct queue *q)
{
	while (!ring_empty(&q->polled)) {
		struct packet *p = ring_get(&q->polled);

		pass_on(q, p, p->held_ns + held_off(q, p));
	}
}

/* ---- life ------------------------------------------------------------------ */

static void start_one(struct sim *s, int stage)
{
	const struct stage *st = &s->sc->stages[stage];
	struct queue *q = &s->q[s->n_queues];

	q->sim = s;
	q->index = s->n_queues++;
	q->stage = stage;
	q->c = s->c->stage[stage] ?: s->c;
	ring_init(&q->ring, st->device.ring);
	if (s->sc->by_poll)
		ring_init(&q->polled, POLL_BUDGET);
	if (stage)
		ring_init(&q->link, LINK_PACKETS);
	if (st->tx) {
		ring_init(&q->backlog, BACKLOG_PACKETS);
		ring_init(&q->wire, st->device.ring);
	}
	q->state_of_peer = xzalloc(q->c->ops->size + 1);
	q->c->ops->start(q, q->state_of_peer);
	q->want = q->asked;
	take_effect(q);
	q->changes_late = 0;
}

void queue_start(struct sim *s, int stage)
{
	int i;

	s->first[stage] = s->n_queues;
	for (i = 0; i < s->sc->stages[stage].queues; i++)
		start_one(s, stage);
}

void queue_free(struct queue *q)
{
	free(q->ring.p);
	free(q->link.p);
	free(q->backlog.p);
	free(q->wire.p);
	free(q->polled.p);
	free(q->state_of_peer);
	free(q->notes);
}
