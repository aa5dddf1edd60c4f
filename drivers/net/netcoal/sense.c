// SPDX-License-Identifier: GPL-2.0
/*
 * Sense: the only part of netcoal in the packet path.
 *
 * One probe on the tracepoint napi_poll, which fires after every poll, finds
 * the queue that the NAPI belongs to and adds to that queue's counters of this
 * CPU. It takes no lock, allocates nothing and writes no cache line that
 * another CPU writes. What a poll cost is the time since the softirq began or
 * since the poll before it, whichever is later, so a second probe notes when
 * NET_RX starts.
 *
 * NAPIs that only clean transmit rings are but counted: nothing is judged by
 * what they do, and where a driver has them they are half of all polls. Their
 * time goes to the poll that follows in the same softirq, if there is one.
 *
 * Where packets come one by one, a poll is most of what netcoal costs them. So
 * queues are found by their NAPIs at once, what can be told from other counters
 * is not counted, and all that happens once a window or only to some polls is in
 * functions of their own: the others need no stack. A poll that nobody attached
 * costs two failed look-ups; with no device attached the probes are not even
 * registered.
 */
#include <linux/hash.h>
#include <linux/hashtable.h>
#include <linux/interrupt.h>
#include <linux/percpu.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/tracepoint.h>
#include <trace/events/napi.h>

#include "act_hold.h"
#include "clock.h"
#include "device.h"
#include "govern.h"
#include "queue.h"
#include "sense.h"
#include "window.h"

/* Of 1024 attached queues or devices one is still found in one or two steps. */
#define NETCOAL_QUEUE_BITS	11
#define NETCOAL_MAP_BITS	10
/* No poll takes so many ticks: the clock was set, or nobody noted the start. */
#define NETCOAL_TICKS_MAX_BITS	32
#define NETCOAL_START_UNKNOWN	BIT_ULL(63)
/* A sequence that found more is long enough, so that a window's squares fit 32 bits. */
#define NETCOAL_RUN_MAX		1023

/* What polling on a CPU takes: since when, and how much so far. */
struct netcoal_cpu {
	u64 start;
	struct netcoal_polled polled;
};

static DEFINE_READ_MOSTLY_HASHTABLE(netcoal_queues, NETCOAL_QUEUE_BITS);
static DEFINE_READ_MOSTLY_HASHTABLE(netcoal_maps, NETCOAL_MAP_BITS);
static unsigned int netcoal_nr_maps;		/* under rtnl */
static struct tracepoint *netcoal_softirq_entry;
static DEFINE_STATIC_KEY_FALSE(netcoal_polls_timed);
static DEFINE_PER_CPU(struct netcoal_cpu, netcoal_cpu);

static struct netcoal_map *netcoal_map_find(const struct net_device *netdev)
{
	struct netcoal_map *map;

	hash_for_each_possible_rcu(netcoal_maps, map, node,
				   (unsigned long)netdev)
		if (map->netdev == netdev)
			return map;
	return NULL;
}

/* A NAPI may have been freed and its place taken by that of another device. */
static struct netcoal_queue *netcoal_queue_find(const struct napi_struct *napi)
{
	struct netcoal_queue *q;

	hash_for_each_possible_rcu(netcoal_queues, q, node, (unsigned long)napi)
		if (q->napi == napi && q->netdev == napi->dev)
			return q;
	return NULL;
}

/*
 * Ticks of this poll; 0 outside of the softirq, where nobody noted its start:
 * for busy pollers and NAPIs with a thread of their own.
 */
static __always_inline u64 netcoal_poll_ticks(u64 now)
{
	u64 ticks = now - __this_cpu_read(netcoal_cpu.start);

	__this_cpu_write(netcoal_cpu.start, now);
	if (!static_branch_likely(&netcoal_polls_timed) || !in_serving_softirq() ||
	    ticks >> NETCOAL_TICKS_MAX_BITS)
		return 0;
	return ticks;
}

/* For the next poll of this CPU: here the one before ended. */
static noinline void netcoal_probe_unknown(const struct napi_struct *napi)
{
	struct netcoal_map *map;

	__this_cpu_write(netcoal_cpu.start, netcoal_clock());
	map = netcoal_map_find(napi->dev);
	if (map)
		netcoal_govern_rescan(map->device);
}

static noinline void netcoal_look_tx(struct netcoal_queue *q, struct netcoal_stat *st)
{
	st->due = jiffies;
	st->window = jiffies;
	netcoal_queue_seen_here(q);
	netcoal_govern_kick(q->device, false);
}

static __always_inline void netcoal_probe_tx(struct netcoal_queue *q)
{
	struct netcoal_stat *st = this_cpu_ptr(q->stat);

	st->sequences++;
	if (unlikely(jiffies - (unsigned long)st->due >= NETCOAL_TX_LOOK_JIFFIES))
		netcoal_look_tx(q, st);
}

/* What few polls need, and what they need that holds follow or precede. */
static noinline void netcoal_look(struct netcoal_queue *q, struct napi_struct *napi,
				  int work, int budget, u64 now)
{
	struct netcoal_stat *st = this_cpu_ptr(q->stat);

	netcoal_hold_after_poll(q, napi, work, budget);
	if (netcoal_window_due(st, now) && netcoal_window_look(q, st, now))
		netcoal_queue_kick(q, st);
}

static __always_inline void netcoal_probe_rx(struct netcoal_queue *q,
					     struct napi_struct *napi, int work,
					     int budget, u64 now)
{
	struct netcoal_stat *st = this_cpu_ptr(q->stat);
	u64 ticks = netcoal_poll_ticks(now);
	u32 run = st->run;

	st->busy += ticks;
	__this_cpu_add(netcoal_cpu.polled.busy, ticks);
	if (likely(!run)) {
		st->sequences++;
		__this_cpu_inc(netcoal_cpu.polled.sequences);
	} else {
		st->more_polls++;
		st->run = 0;
	}
	if (unlikely(work >= budget)) {
		st->full_polls++;
		st->run = min_t(u32, run + work, NETCOAL_RUN_MAX);
	}
	if (work > 0) {
		st->packets += work;
		/* (run + work)^2 - run^2 */
		if (likely(run < NETCOAL_RUN_MAX))
			st->squares += work * (2 * run + work);
		if (unlikely(run + work > st->longest))
			st->longest = min_t(u32, run + work, U16_MAX);
	} else if (likely(!run)) {
		/* a full poll's repoll is the same sequence */
		st->empty_polls++;
	}
	if (netcoal_window_due(st, now) || netcoal_hold_wants(q))
		netcoal_look(q, napi, work, budget, now);
}

/* Apart from the others, for a call makes a probe save registers. */
static noinline void netcoal_probe_rx_by_clock(struct netcoal_queue *q,
					       struct napi_struct *napi,
					       int work, int budget)
{
	netcoal_probe_rx(q, napi, work, budget, netcoal_clock());
}

static void netcoal_probe_poll(void *data, struct napi_struct *napi, int work,
			       int budget)
{
	struct netcoal_queue *q;

	/* netpoll may run inside of anything, even of a workqueue's lock */
	if (unlikely(!budget))
		return;

	/* Holds RCU's grace periods off, too. */
	preempt_disable();
	q = netcoal_queue_find(napi);
	if (unlikely(!q))
		netcoal_probe_unknown(napi);
	else if (q->tx_only)
		netcoal_probe_tx(q);
	else if (netcoal_clock_is_counter())
		netcoal_probe_rx(q, napi, work, budget, netcoal_clock_counter());
	else
		netcoal_probe_rx_by_clock(q, napi, work, budget);
	preempt_enable();
}

static void netcoal_probe_softirq(void *data, unsigned int vec)
{
	if (vec == NET_RX_SOFTIRQ)
		__this_cpu_write(netcoal_cpu.start, netcoal_clock());
}

static void netcoal_find_softirq_entry(struct tracepoint *tp, void *found)
{
	if (!strcmp(tp->name, "softirq_entry"))
		*(struct tracepoint **)found = tp;
}

/* softirq_entry is not exported by name, only through the walk. */
static int netcoal_probes_register(void)
{
	struct tracepoint *tp = NULL;
	int cpu, err;

	for_each_possible_cpu(cpu)
		per_cpu(netcoal_cpu, cpu).start = NETCOAL_START_UNKNOWN;
	for_each_kernel_tracepoint(netcoal_find_softirq_entry, &tp);
	if (tp) {
		err = tracepoint_probe_register(tp, netcoal_probe_softirq, NULL);
		if (err)
			return err;
		static_branch_enable(&netcoal_polls_timed);
	}

	err = register_trace_napi_poll(netcoal_probe_poll, NULL);
	if (err && tp)
		tracepoint_probe_unregister(tp, netcoal_probe_softirq, NULL);
	else
		netcoal_softirq_entry = tp;
	return err;
}

static void netcoal_probes_unregister(void)
{
	struct tracepoint *tp = netcoal_softirq_entry;

	unregister_trace_napi_poll(netcoal_probe_poll, NULL);
	netcoal_softirq_entry = NULL;
	if (tp)
		tracepoint_probe_unregister(tp, netcoal_probe_softirq, NULL);
}

/**
 * netcoal_map_alloc() - make the map through which probes find queues
 * @nd: the device, as netcoal knows it
 * @netdev: the device
 * @queues: its queues
 * @nr_queues: how many
 *
 * Return: the map, to be published or freed with kfree(), or NULL.
 */
struct netcoal_map *netcoal_map_alloc(struct netcoal_device *nd,
				      const struct net_device *netdev,
				      struct netcoal_queue **queues,
				      unsigned int nr_queues)
{
	struct netcoal_map *map;

	map = kzalloc_node(sizeof(*map), GFP_KERNEL, dev_to_node(&nd->netdev->dev));
	if (!map)
		return NULL;
	map->netdev = netdev;
	map->device = nd;
	map->queues = queues;
	map->nr_queues = nr_queues;
	return map;
}

/**
 * netcoal_sense_publish() - let the probes see a map
 * @map: the map; its device has none published
 *
 * The first one registers the probes. Called under rtnl.
 *
 * Return: 0, or what registering the probes returned.
 */
int netcoal_sense_publish(struct netcoal_map *map)
{
	unsigned int i;
	int err;

	ASSERT_RTNL();
	if (!netcoal_nr_maps) {
		err = netcoal_probes_register();
		if (err)
			return err;
	}
	netcoal_nr_maps++;
	for (i = 0; i < map->nr_queues; i++)
		hash_add_rcu(netcoal_queues, &map->queues[i]->node,
			     (unsigned long)map->queues[i]->napi);
	hash_add_rcu(netcoal_maps, &map->node, (unsigned long)map->netdev);
	return 0;
}

/**
 * netcoal_sense_withdraw() - take a map back from the probes, and free it
 * @map: a published map
 *
 * When this returns no probe sees the map or its queues any more, and none
 * will start a hold or kick a window of theirs. Called under rtnl, sleeps.
 */
void netcoal_sense_withdraw(struct netcoal_map *map)
{
	unsigned int i;

	ASSERT_RTNL();
	hash_del_rcu(&map->node);
	for (i = 0; i < map->nr_queues; i++)
		hash_del_rcu(&map->queues[i]->node);
	if (!--netcoal_nr_maps)
		netcoal_probes_unregister();
	synchronize_net();
	kfree(map);
}

/**
 * netcoal_sense_polled() - what a CPU did for all attached queues
 * @cpu: the CPU
 * @all: gets running sums, of which only differences mean something
 */
void netcoal_sense_polled(int cpu, struct netcoal_polled *all)
{
	const struct netcoal_polled *polled = &per_cpu_ptr(&netcoal_cpu, cpu)->polled;

	all->busy = READ_ONCE(polled->busy);
	all->sequences = READ_ONCE(polled->sequences);
}

/**
 * netcoal_sense_exit() - wait for the last probe before the module goes
 */
void netcoal_sense_exit(void)
{
	tracepoint_synchronize_unregister();
	synchronize_rcu();
}
