// SPDX-License-Identifier: GPL-2.0
/*
 * The governors that can be compared. Those of netcoal run from the module's
 * own files; the others are what drivers and studies do, at each interrupt.
 */
#include <linux/dim.h>
#include <string.h>

#include "portion.h"
#include "sim.h"

/* ---- static: one setting for the whole run -------------------------------- */

/* Windows of cost and length alike for all governors, to see them settle. */
struct watch {
	struct netcoal_window start;
	struct polled start_all;
	uint32_t want;
};

/* As in the module's window.c. */
static void portion(const struct queue *q, struct watch *w, struct netcoal_window *win,
		    u64 awake_ns)
{
	struct polled all = queue_all_polled(q), was = w->start_all;
	struct netcoal_limits lim;
	u64 own_ns, all_ns;

	queue_limits(q, &lim);
	w->start_all = all;
	own_ns = netcoal_work_ns(win->busy_ns, win->sequences, lim.irq_cost_ns);
	all_ns = netcoal_work_ns(all.busy_ns - was.busy_ns, all.sequences - was.sequences,
				 lim.irq_cost_ns);
	win->cpu_ns = netcoal_portion(awake_ns, own_ns, all_ns);
	win->shared = netcoal_is_shared(own_ns, all_ns);
}

static bool watch_ended(const struct queue *q, struct watch *w,
			struct netcoal_window *win)
{
	struct netcoal_window now;

	queue_totals(q, &now);
	win->len_ns = now.len_ns - w->start.len_ns;
	win->sequences = now.sequences - w->start.sequences;
	if (!netcoal_window_over(w->want, win->sequences, win->len_ns))
		return false;
	win->busy_ns = now.busy_ns - w->start.busy_ns;
	win->packets = now.packets - w->start.packets;
	win->squares = now.squares - w->start.squares;
	win->longest = now.longest;
	win->polls = now.polls - w->start.polls;
	win->empty_polls = now.empty_polls - w->start.empty_polls;
	win->full_polls = now.full_polls - w->start.full_polls;
	win->hardirqs = 0;
	win->settled = queue_settled_since(q, w->start.len_ns);
	portion(q, w, win, now.cpu_ns - w->start.cpu_ns);
	win->starved = now.cpu_ns - w->start.cpu_ns >
		       win->len_ns - win->len_ns / NETCOAL_WINDOW_IDLE_PART;
	w->start = now;
	return true;
}

static bool watch(struct queue *q, struct watch *w, struct netcoal_window *win)
{
	if (!watch_ended(q, w, win))
		return false;
	if (win->packets)
		queue_window_done(q, win->packets);
	return true;
}

static void static_start(struct queue *q, void *state)
{
	queue_set_now(q, queue_contender(q)->setting[queue_stage_index(q)]);
}

static void static_sequence(struct queue *q, void *state, uint32_t packets)
{
	struct netcoal_window win;

	watch(q, state, &win);
}

static const struct peer_ops peer_static = {
	.name = "static",
	.help = "one hold-off and frames limit, as ethtool -C sets them",
	.size = sizeof(struct watch),
	.start = static_start,
	.sequence = static_sequence,
};

/* ---- netcoal's own --------------------------------------------------------- */

/* As in the module's govern.c. */
#define TX_WINDOW_NS	(10 * NS_PER_MS)

struct own {
	struct watch watch;
	struct netcoal_gov gov;
};

static void own_start(struct queue *q, struct own *o, const char *name)
{
	struct netcoal_limits lim;

	queue_limits(q, &lim);
	netcoal_gov_init(&o->gov, netcoal_gov_find(name), &lim);
	queue_set_now(q, o->gov.setting);
}

static void trace(const struct queue *q, const struct netcoal_window *win,
		  const struct netcoal_decision *d)
{
	if (!sim_trace)
		return;
	fprintf(sim_trace, "%d %.3f %u %u %u %u %d %d %u %u %llu %u %u %u\n",
		queue_stage_index(q), queue_now(q) / 1e6, (unsigned int)(win->len_ns / 1000),
		win->packets, win->sequences, win->empty_polls, win->settled,
		d->verdict, d->setting.holdoff_ns, d->setting.frames,
		(unsigned long long)d->pps, d->batch_milli, d->irq_cost_ns,
		d->packet_cost_ns);
}

/*
 * What the module knows of transmit: a device's counter of packets and the polls of a NAPI
 * that does nothing else, every 10 ms.
 */
static bool own_watch_tx(struct queue *q, struct own *o, struct netcoal_window *win)
{
	if (queue_now(q) - (ns_t)o->watch.start.len_ns < TX_WINDOW_NS ||
	    !watch(q, &o->watch, win))
		return false;
	*win = (struct netcoal_window){
		.len_ns = win->len_ns,
		.packets = win->packets,
		.sequences = win->sequences,
		.polls = win->sequences,
		.settled = true,
	};
	return true;
}

static void own_sequence(struct queue *q, void *state, uint32_t packets)
{
	struct own *o = state;
	struct netcoal_decision d;
	struct netcoal_limits lim;
	struct netcoal_window win;

	if (queue_stage(q)->tx ? !own_watch_tx(q, o, &win) : !watch(q, &o->watch, &win))
		return;
	queue_limits(q, &lim);
	netcoal_gov_decide(&o->gov, &win, &lim, &d);
	o->watch.want = queue_stage(q)->tx ? 1 : d.next_sequences;
	queue_verdict(q, &d);
	trace(q, &win, &d);
	queue_set(q, d.setting);
}

static void model_start(struct queue *q, void *state)
{
	own_start(q, state, "model");
}

static const struct peer_ops peer_model = {
	.name = "model",
	.help = "netcoal's law",
	.own = true,
	.size = sizeof(struct own),
	.start = model_start,
	.sequence = own_sequence,
};

static void fixed_start(struct queue *q, void *state)
{
	own_start(q, state, "fixed");
}

static const struct peer_ops peer_fixed = {
	.name = "fixed",
	.help = "netcoal's governor that always takes the whole budget",
	.own = true,
	.size = sizeof(struct own),
	.start = fixed_start,
	.sequence = own_sequence,
};

static void own_dim_start(struct queue *q, void *state)
{
	own_start(q, state, "dim");
}

static const struct peer_ops peer_own_dim = {
	.name = "own-dim",
	.help = "netcoal's governor dim, which runs net_dim within the latency target",
	.own = true,
	.size = sizeof(struct own),
	.start = own_dim_start,
	.sequence = own_sequence,
};

/*
 * ---- DIM, sampled at each interrupt as drivers do -------------------------
 *
 * Rules and profiles: the kernel's lib/dim/net_dim.c and
 * Documentation/networking/net_dim.rst; dim.c has them, and
 * selftests/netcoal_dim.sh holds both against each other.
 */

struct dim_peer {
	struct watch watch;
	struct dim dim;
	struct dim_sample sample;
};

static struct netcoal_setting dim_setting(const struct queue *q, const struct dim *dim)
{
	struct dim_cq_moder m = queue_stage(q)->tx ?
		net_dim_get_tx_moderation(dim->mode, dim->profile_ix) :
		net_dim_get_rx_moderation(dim->mode, dim->profile_ix);

	return (struct netcoal_setting){ m.usec * NS_PER_US, m.pkts };
}

static void dim_start(struct queue *q, void *state)
{
	struct dim_peer *p = state;

	int tuning = queue_contender(q)->tuning;

	p->dim.mode = tuning < DIM_TUNING_CQE ? DIM_CQ_PERIOD_MODE_START_FROM_EQE :
						DIM_CQ_PERIOD_MODE_START_FROM_CQE;
	p->dim.profile_ix = tuning % NET_DIM_PARAMS_NUM_PROFILES;
	p->dim.tune_state = DIM_GOING_RIGHT;
	queue_set_now(q, dim_setting(q, &p->dim));
}

static void dim_sequence(struct queue *q, void *state, uint32_t packets)
{
	struct dim_peer *p = state;
	struct netcoal_window win;

	watch(q, &p->watch, &win);
	p->sample.time = queue_now(q);
	p->sample.event_ctr++;
	p->sample.pkt_ctr += packets;
	p->sample.byte_ctr += queue_bytes(q);
	net_dim(&p->dim, p->sample);
	if (p->dim.state == DIM_APPLY_NEW_PROFILE) {
		queue_set(q, dim_setting(q, &p->dim));
		p->dim.state = DIM_START_MEASURE;
	}
}

static const struct peer_ops peer_dim = {
	.name = "dim",
	.help = "the kernel's dynamic interrupt moderation; tuning: first profile,\n"
		"         from 5 on in CQE mode, whose hold-offs start anew with each packet",
	.tuning_max = 2 * NET_DIM_PARAMS_NUM_PROFILES - 1,
	.size = sizeof(struct dim_peer),
	.start = dim_start,
	.sequence = dim_sequence,
};

/*
 * ---- e1000e: three classes of traffic -------------------------------------
 *
 * Rules: e1000_update_itr() and e1000_set_itr() in the kernel's
 * drivers/net/ethernet/intel/e1000e/netdev.c: 70000, 20000 or 4000 interrupts
 * per second by packets and bytes of each interrupt, and a quarter of the aim
 * at a time on the way up.
 */

enum { LOWEST_LATENCY, LOW_LATENCY, BULK_LATENCY };

struct e1000e {
	struct watch watch;
	int class;
	uint32_t per_sec;
};

static int e1000e_class(int class, uint32_t packets, uint32_t bytes)
{
	if (!packets)
		return class;
	switch (class) {
	case LOWEST_LATENCY:
		if (bytes / packets > 8000)
			return BULK_LATENCY;
		return packets < 5 && bytes > 512 ? LOW_LATENCY : class;
	case LOW_LATENCY:
		if (bytes > 10000) {
			if (bytes / packets > 8000 || packets < 10 ||
			    bytes / packets > 1200)
				return BULK_LATENCY;
			return packets > 35 ? LOWEST_LATENCY : class;
		}
		if (bytes / packets > 2000)
			return BULK_LATENCY;
		return packets <= 2 && bytes < 512 ? LOWEST_LATENCY : class;
	default:
		if (bytes > 25000)
			return packets > 35 ? LOW_LATENCY : class;
		return bytes < 6000 ? LOW_LATENCY : class;
	}
}

static void e1000e_start(struct queue *q, void *state)
{
	struct e1000e *p = state;

	p->class = LOW_LATENCY;
	p->per_sec = 20000;
	queue_set_now(q, (struct netcoal_setting){ NS_PER_SEC / p->per_sec, UINT32_MAX });
}

/* Tuning 3 is the conservative mode, which knows no lowest latency. */
static void e1000e_sequence(struct queue *q, void *state, uint32_t packets)
{
	static const uint32_t rate[] = { 70000, 20000, 4000 };
	struct e1000e *p = state;
	struct netcoal_window win;
	uint32_t to;

	watch(q, &p->watch, &win);
	p->class = e1000e_class(p->class, packets, queue_bytes(q));
	if (queue_contender(q)->tuning == 3 && p->class == LOWEST_LATENCY)
		p->class = LOW_LATENCY;
	to = rate[p->class];
	if (to > p->per_sec) {
		uint32_t step = p->per_sec + (to >> 2);

		to = step < to ? step : to;
	}
	if (to == p->per_sec)
		return;
	p->per_sec = to;
	queue_set_now(q, (struct netcoal_setting){ NS_PER_SEC / to, UINT32_MAX });
}

static const struct peer_ops peer_e1000e = {
	.name = "e1000e",
	.help = "the e1000e driver's three classes; tuning 1 dynamic, 3 conservative",
	.tuning_max = 3,
	.size = sizeof(struct e1000e),
	.start = e1000e_start,
	.sequence = e1000e_sequence,
};

/*
 * ---- i40e: a batch of 56 to 112 packets -----------------------------------
 *
 * Rules: i40e_update_itr() and i40e_update_enable_itr() in the kernel's
 * drivers/net/ethernet/intel/i40e/i40e_txrx.c, the receive side of a vector
 * that sends nothing, on a 10G link.
 */

#define ITR_MIN_US	2
#define ITR_MAX_US	126
#define ITR_INC_US	2
#define ITR_MASK	0x1ffe
#define ITR_LATENCY	0x8000
#define JIFFY_NS	(4 * NS_PER_MS)
#define ITR_COUNTDOWN	3

struct i40e {
	struct watch watch;
	uint32_t target;	/* us, with ITR_LATENCY */
	uint32_t current;
	uint32_t packets;
	uint32_t bytes;
	ns_t next_update;	/* in jiffies */
	int countdown;
};

/* 256 times the delay that keeps a 10G link's interrupts bearable, by size. */
static uint32_t i40e_size(uint32_t bytes)
{
	if (bytes <= 60)
		return 4096;
	if (bytes <= 380)
		return bytes * 40 + 1696;
	if (bytes <= 1084)
		return bytes * 15 + 11452;
	if (bytes <= 1980)
		return bytes * 5 + 22420;
	return 32256;
}

static uint32_t i40e_by_size(const struct i40e *p, uint32_t itr)
{
	uint32_t size = i40e_size(p->bytes / p->packets);

	if (itr & ITR_LATENCY)
		size /= 2;
	/* The divisor of a 10G link. */
	itr += (size + 511) / 512 * ITR_INC_US;
	if ((itr & ITR_MASK) > ITR_MAX_US)
		itr = (itr & ITR_LATENCY) + ITR_MAX_US;
	return itr;
}

static uint32_t i40e_itr(const struct i40e *p, ns_t jiffy)
{
	uint32_t itr = ITR_MIN_US | ITR_LATENCY;

	if (jiffy > p->next_update)
		return itr;
	if (p->countdown)
		return p->target;
	if (p->packets && p->packets < 4 && p->bytes < 9000)
		return i40e_by_size(p, ITR_LATENCY);
	if (p->packets < 56) {
		itr = p->target + ITR_INC_US;
		if ((itr & ITR_MASK) > ITR_MAX_US)
			itr = (itr & ITR_LATENCY) + ITR_MAX_US;
		return itr;
	}
	if (p->packets <= 112)
		return p->current & ITR_MASK;
	if (p->packets <= 256) {
		itr = (p->current & ITR_MASK) / 2;
		return itr < ITR_MIN_US ? ITR_MIN_US : itr;
	}
	return i40e_by_size(p, 0);
}

static void i40e_start(struct queue *q, void *state)
{
	struct i40e *p = state;

	p->target = 50;
	p->current = 50;
	queue_set_now(q, (struct netcoal_setting){ 50 * NS_PER_US, UINT32_MAX });
}

static void i40e_sequence(struct queue *q, void *state, uint32_t packets)
{
	struct i40e *p = state;
	struct netcoal_window win;
	ns_t jiffy = queue_now(q) / JIFFY_NS;

	watch(q, &p->watch, &win);
	p->packets = packets;
	p->bytes = queue_bytes(q);
	p->target = i40e_itr(p, jiffy);
	p->next_update = jiffy + 1;
	if (p->target != p->current) {
		p->current = p->target;
		p->countdown = ITR_COUNTDOWN;
		queue_set_now(q, (struct netcoal_setting){
			(p->current & ITR_MASK) * NS_PER_US, UINT32_MAX });
	} else if (p->countdown) {
		p->countdown--;
	}
}

static const struct peer_ops peer_i40e = {
	.name = "i40e",
	.help = "the i40e driver's search for batches of 56 to 112 packets",
	.size = sizeof(struct i40e),
	.start = i40e_start,
	.sequence = i40e_sequence,
};

/*
 * ---- rate-based: a constant rate of interrupts ----------------------------
 *
 * ESXi's default for vmxnet3, coalescingScheme rbc: coalescingParams gives
 * interrupts per second, 100 to 100000, 4000 where it is left out (VMware,
 * Performance Best Practices for vSphere, "Virtual Network Interrupt
 * Coalescing"). The guest's driver takes rx-usecs for the rate's inverse
 * (VMXNET3_COAL_RBC_RATE in drivers/net/vmxnet3/vmxnet3_int.h). How the host
 * keeps to the rate is not published; here, a hold-off that begins with a packet
 * makes up for the time that it took to come.
 */

struct rate_based {
	struct watch watch;
};

static void rate_sequence(struct queue *q, void *state, uint32_t packets)
{
	struct rate_based *p = state;
	struct netcoal_window win;
	double holdoff = 1e9 / (queue_contender(q)->tuning ?: 4000);

	if (!watch(q, &p->watch, &win) || !win.packets)
		return;
	if (queue_waits_for_packet(q))
		holdoff -= (double)win.len_ns / win.packets;
	queue_set(q, (struct netcoal_setting){ holdoff > 0 ? holdoff : 0, UINT32_MAX });
}

static void rate_start(struct queue *q, void *state)
{
	queue_set_now(q, (struct netcoal_setting){ 0, UINT32_MAX });
}

static const struct peer_ops peer_rate = {
	.name = "rate",
	.help = "a constant rate of interrupts, as vmxnet3's; tuning: per second",
	.tuning_max = 1e9,
	.size = sizeof(struct rate_based),
	.start = rate_start,
	.sequence = rate_sequence,
};

/*
 * ---- deferral and suspension: static, but of another kind of device -------
 *
 * Rules: the kernel's Documentation/networking/napi.rst, "Software IRQ
 * coalescing" and "IRQ suspension", napi_complete_done() and busy_poll_stop()
 * in net/core/dev.c: a poll that found packets starts the count of deferrals
 * anew, each timer without packets takes one off, and the interrupt is armed
 * when none is left. Under suspension the application polls as long as it
 * finds packets, and each of its polls starts the count anew.
 */

static const struct peer_ops peer_defer = {
	.name = "defer",
	.help = "a fixed gro_flush_timeout; tuning: napi_defer_hard_irqs",
	.tuning_max = 1000,
	.size = sizeof(struct watch),
	.start = static_start,
	.sequence = static_sequence,
};

static const struct peer_ops peer_suspend = {
	.name = "suspend",
	.help = "interrupts suspended while the application keeps up; tuning: as defer",
	.tuning_max = 1000,
	.size = sizeof(struct watch),
	.start = static_start,
	.sequence = static_sequence,
};

static const struct peer_ops * const all[] = {
	&peer_model, &peer_static, &peer_fixed, &peer_own_dim, &peer_dim, &peer_e1000e,
	&peer_i40e, &peer_rate, &peer_defer, &peer_suspend, NULL,
};

const struct peer_ops * const *peers(void)
{
	return all;
}

const struct peer_ops *peer_find(const char *name)
{
	int i;

	for (i = 0; all[i]; i++)
		if (!strcmp(all[i]->name, name))
			return all[i];
	return NULL;
}
