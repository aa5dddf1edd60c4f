// SPDX-License-Identifier: GPL-2.0
/*
 * Where packets come from and what becomes of them: open loads that send
 * whatever happens, closed loops that wait for an answer, and windows of TCP.
 */
#include <math.h>

#include "engine.h"

/* When a loop sends a lost message again. */
#define RESEND_NS	(10 * NS_PER_MS)
#define WINDOW_FIRST	10

bool traffic_closed(const struct load *l)
{
	return l->kind == LOAD_LOOP || l->kind == LOAD_TCP;
}

static struct queue *first_queue(struct sim *s, int load, uint32_t i)
{
	int from = s->sc->loads[load].from;

	return &s->q[s->first[from] + i % s->sc->stages[from].queues];
}

/* ---- open loads ------------------------------------------------------------ */

void traffic_on_source(struct sim *s, int i)
{
	struct source *src = &s->sources[i];
	struct packet p = { s->now_ns, s->now_ns, 0, -1,
			    src->load - s->sc->loads, true };
	ns_t next = source_next(src);

	if (next >= 0)
		heap_push(&s->heap, next, EV_SOURCE, i, 0);
	queue_take(&s->q[s->source_queue[i]], &p);
}

/* ---- closed loops ---------------------------------------------------------- */

static void loop_send(struct sim *s, int load, uint32_t i)
{
	const struct load *l = &s->sc->loads[load];
	struct connection *c = &s->conn[load][i];
	struct packet p = { s->now_ns, s->now_ns, 0, i, load, false };

	if (!c->left)
		c->left = l->message;
	p.last = !--c->left;
	if (c->left)
		heap_push(&s->heap, s->now_ns + (ns_t)l->gap_ns, EV_CONNECTION, load, i);
	queue_take(first_queue(s, load, i), &p);
}

/* The answer is on its way, and then the client thinks. */
static void loop_again(struct sim *s, uint16_t load, uint32_t connection)
{
	heap_push(&s->heap, s->now_ns + source_think(&s->sc->loads[load], s->rng),
		  EV_CONNECTION, load, connection);
}

void traffic_served(struct sim *s, const struct job *job)
{
	loop_again(s, job->load, job->connection);
}

static void loop_arrived(struct queue *q, const struct packet *p)
{
	struct sim *s = q->sim;
	const struct load *l = &s->sc->loads[p->load];

	if (!p->last)
		return;
	if (l->service_us > 0)
		cpu_serve(s, queue_stage(q)->cpu, (struct job){
			p->load, p->connection, 1e3 * l->service_us });
	else
		loop_again(s, p->load, p->connection);
}

/* ---- windows of TCP -------------------------------------------------------- */

/* As many as the window allows, one after the other on the sender's link. */
static void tcp_fill(struct sim *s, int load, uint32_t i)
{
	const struct load *l = &s->sc->loads[load];
	struct connection *c = &s->conn[load][i];

	while (c->unacked < (uint32_t)c->window) {
		if (c->next_ns < s->now_ns)
			c->next_ns = s->now_ns;
		heap_push(&s->heap, c->next_ns, EV_SEND, load, i);
		c->next_ns += l->gap_ns > 1 ? l->gap_ns : 1;
		c->unacked++;
	}
}

void traffic_on_send(struct sim *s, int load, uint32_t i)
{
	struct packet p = { s->now_ns, s->now_ns, 0, i, load, true };

	queue_take(first_queue(s, load, i), &p);
}

/* An ACK: slow start up to the threshold, one packet per round trip beyond. */
static void tcp_acked(struct sim *s, int load, uint32_t i)
{
	const struct load *l = &s->sc->loads[load];
	struct connection *c = &s->conn[load][i];

	if (c->unacked)
		c->unacked--;
	c->window += c->window < c->threshold ? 1 : 1 / c->window;
	if (c->window > l->window)
		c->window = l->window;
	tcp_fill(s, load, i);
}

/* Half the window, once for all that is lost within a round trip. */
void traffic_on_lost(struct sim *s, int load, uint32_t i)
{
	struct connection *c = &s->conn[load][i];

	if (c->unacked)
		c->unacked--;
	if (s->now_ns >= c->recover_ns) {
		c->threshold = fmax(c->window / 2, 2);
		c->window = c->threshold;
		c->recover_ns = s->now_ns + (ns_t)(1e3 * s->sc->loads[load].rtt_us);
	}
	tcp_fill(s, load, i);
}

/* ---- all of them ----------------------------------------------------------- */

/* It is a loop's turn, or an ACK came. */
void traffic_on_connection(struct sim *s, int load, uint32_t i)
{
	if (s->sc->loads[load].kind == LOAD_TCP)
		tcp_acked(s, load, i);
	else
		loop_send(s, load, i);
}

void traffic_dropped(struct sim *s, const struct packet *p)
{
	const struct load *l = &s->sc->loads[p->load];

	s->dropped++;
	if (p->connection < 0)
		return;
	if (l->kind == LOAD_TCP)
		heap_push(&s->heap, s->now_ns + (ns_t)(1e3 * l->rtt_us) + 1, EV_LOST,
			  p->load, p->connection);
	else if (p->last)
		heap_push(&s->heap, s->now_ns + RESEND_NS, EV_CONNECTION, p->load,
			  p->connection);
}

/* A packet is through its last stage. */
void traffic_arrived(struct queue *q, const struct packet *p, ns_t held_ns)
{
	struct sim *s = q->sim;

	s->handled++;
	if (s->warm_ns >= 0) {
		hist_add(&s->delay, held_ns);
		hist_add(&s->latency, s->now_ns - p->born_ns);
		if (++s->counted >= s->packets)
			s->done = true;
	}
	if (p->connection < 0)
		return;
	if (s->sc->loads[p->load].kind == LOAD_TCP)
		heap_push(&s->heap, s->now_ns + source_think(&s->sc->loads[p->load], s->rng),
			  EV_CONNECTION, p->load, p->connection);
	else
		loop_arrived(q, p);
}

static void start_connections(struct sim *s, int load)
{
	const struct load *l = &s->sc->loads[load];
	double cycle = 1e3 * (l->rtt_us + l->think_us) + 1;
	int i;

	s->conn[load] = xzalloc(l->connections * sizeof(*s->conn[load]));
	for (i = 0; i < l->connections; i++) {
		s->conn[load][i].window = fmin(WINDOW_FIRST, l->window) - 1;
		s->conn[load][i].threshold = l->window;
		heap_push(&s->heap, gsl_rng_uniform(s->rng) * cycle, EV_CONNECTION,
			  load, i);
	}
}

static void start_source(struct sim *s, int load, int queue)
{
	struct source *src = &s->sources[s->n_sources];
	ns_t first;

	source_start(src, &s->sc->loads[load], s->rng);
	s->source_queue[s->n_sources] = queue;
	first = source_next(src);
	if (first >= 0)
		heap_push(&s->heap, first, EV_SOURCE, s->n_sources, 0);
	s->n_sources++;
}

/* Every queue of its first stage gets its own stream of each open load. */
void traffic_start(struct sim *s)
{
	const struct scenario *sc = s->sc;
	int i, j;

	s->sources = xzalloc(LOADS_MAX * QUEUES_MAX * sizeof(*s->sources));
	s->source_queue = xzalloc(LOADS_MAX * QUEUES_MAX * sizeof(int));
	for (i = 0; i < sc->n_loads; i++) {
		int from = sc->loads[i].from;

		if (traffic_closed(&sc->loads[i])) {
			start_connections(s, i);
			continue;
		}
		for (j = 0; j < sc->stages[from].queues; j++)
			start_source(s, i, s->first[from] + j);
	}
}

void traffic_free(struct sim *s)
{
	int i;

	for (i = 0; i < LOADS_MAX; i++)
		free(s->conn[i]);
	free(s->sources);
	free(s->source_queue);
}
