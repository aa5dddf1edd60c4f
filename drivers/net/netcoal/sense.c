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
 * A poll that nobody attached costs one failed look-up; with no device
 * attached the probes are not even registered.
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

/* 1024 attached devices still find their map in one or two steps. */
#define NETCOAL_MAP_BITS	10

static DEFINE_READ_MOSTLY_HASHTABLE(netcoal_maps, NETCOAL_MAP_BITS);
static unsigned int netcoal_nr_maps;		/* under rtnl */
static struct tracepoint *netcoal_softirq_entry;
static DEFINE_PER_CPU(u64, netcoal_poll_start);
static DEFINE_PER_CPU(struct netcoal_polled, netcoal_polled);

static struct netcoal_map *netcoal_map_find(const struct net_device *netdev)
{
	struct netcoal_map *map;

	hash_for_each_possible_rcu(netcoal_maps, map, node,
				   (unsigned long)netdev)
		if (map->netdev == netdev)
			return map;
	return NULL;
}

static unsigned int netcoal_slot(const struct napi_struct *napi)
{
	return hash_ptr(napi, 32);
}

static struct netcoal_queue *netcoal_map_queue(const struct netcoal_map *map,
					       const struct napi_struct *napi)
{
	unsigned int i = netcoal_slot(napi);
	struct netcoal_queue *q;

	/* At least half of the slots are empty, so this ends soon. */
	for (;; i++) {
		q = map->slot[i & map->mask];
		if (!q || q->napi == napi)
			return q;
	}
}

/* Ticks of this poll; 0 outside of the softirq, where nobody noted its start. */
static u64 netcoal_poll_ticks(const struct napi_struct *napi, u64 now)
{
	u64 start = __this_cpu_read(netcoal_poll_start);

	__this_cpu_write(netcoal_poll_start, now);
	if (!netcoal_softirq_entry || !in_serving_softirq() ||
	    test_bit(NAPI_STATE_THREADED, &napi->state))
		return 0;
	return start && now > start ? now - start : 0;
}

static void netcoal_count(struct netcoal_queue *q, struct netcoal_stat *st,
			  int work, int budget, u64 ticks)
{
	st->n.polls++;
	st->n.busy += ticks;
	__this_cpu_add(netcoal_polled.busy, ticks);
	if (st->window != READ_ONCE(q->window)) {
		st->window = READ_ONCE(q->window);
		st->window_sequences = 0;
	}
	if (!st->in_sequence) {
		st->n.sequences++;
		st->window_sequences++;
		__this_cpu_inc(netcoal_polled.sequences);
	}
	st->in_sequence = work >= budget;
	if (work > 0)
		st->n.packets += work;
	else
		st->n.empty_polls++;
	if (work >= budget)
		st->n.full_polls++;
}

static void netcoal_count_tx(struct netcoal_queue *q, struct netcoal_stat *st)
{
	st->n.polls++;
	st->n.empty_polls++;
	st->n.sequences++;
	st->window = READ_ONCE(q->window);
	if (netcoal_window_due_tx(q, st))
		netcoal_queue_kick(q, st);
}

static void netcoal_probe_queue(struct netcoal_queue *q, struct napi_struct *napi,
				int work, int budget)
{
	struct netcoal_stat *st = this_cpu_ptr(q->stat);
	u64 now;

	if (unlikely(!cpumask_test_cpu(smp_processor_id(), q->cpus)))
		cpumask_set_cpu(smp_processor_id(), q->cpus);
	if (q->tx_only) {
		netcoal_count_tx(q, st);
		return;
	}
	now = netcoal_clock();
	netcoal_count(q, st, work, budget, netcoal_poll_ticks(napi, now));
	netcoal_hold_after_poll(q, napi, work, budget);
	if (netcoal_window_due(q, st, now))
		netcoal_queue_kick(q, st);
}

static void netcoal_probe_poll(void *data, struct napi_struct *napi, int work,
			       int budget)
{
	struct netcoal_queue *q;
	struct netcoal_map *map;

	/* netpoll may run inside of anything, even of a workqueue's lock */
	if (!budget)
		return;

	/* Holds RCU's grace periods off, too. */
	preempt_disable();
	map = netcoal_map_find(napi->dev);
	q = map ? netcoal_map_queue(map, napi) : NULL;
	if (likely(q)) {
		netcoal_probe_queue(q, napi, work, budget);
	} else {
		netcoal_poll_ticks(napi, netcoal_clock());
		if (map)
			netcoal_govern_rescan(map->device);
	}
	preempt_enable();
}

static void netcoal_probe_softirq(void *data, unsigned int vec)
{
	if (vec == NET_RX_SOFTIRQ)
		__this_cpu_write(netcoal_poll_start, netcoal_clock());
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
	int err;

	for_each_kernel_tracepoint(netcoal_find_softirq_entry, &tp);
	if (tp) {
		err = tracepoint_probe_register(tp, netcoal_probe_softirq, NULL);
		if (err)
			return err;
		WRITE_ONCE(netcoal_softirq_entry, tp);
	}

	err = register_trace_napi_poll(netcoal_probe_poll, NULL);
	if (err && tp) {
		WRITE_ONCE(netcoal_softirq_entry, NULL);
		tracepoint_probe_unregister(tp, netcoal_probe_softirq, NULL);
	}
	return err;
}

static void netcoal_probes_unregister(void)
{
	struct tracepoint *tp = netcoal_softirq_entry;

	unregister_trace_napi_poll(netcoal_probe_poll, NULL);
	WRITE_ONCE(netcoal_softirq_entry, NULL);
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
	unsigned int slots = roundup_pow_of_two(max(2 * nr_queues, 1U));
	struct netcoal_map *map;
	unsigned int i, at;

	map = kzalloc_node(struct_size(map, slot, slots), GFP_KERNEL,
			   dev_to_node(&nd->netdev->dev));
	if (!map)
		return NULL;
	map->netdev = netdev;
	map->device = nd;
	map->mask = slots - 1;
	for (i = 0; i < nr_queues; i++) {
		at = netcoal_slot(queues[i]->napi);
		while (map->slot[at & map->mask])
			at++;
		map->slot[at & map->mask] = queues[i];
	}
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
	int err;

	ASSERT_RTNL();
	if (!netcoal_nr_maps) {
		err = netcoal_probes_register();
		if (err)
			return err;
	}
	netcoal_nr_maps++;
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
	ASSERT_RTNL();
	hash_del_rcu(&map->node);
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
	const struct netcoal_polled *polled = per_cpu_ptr(&netcoal_polled, cpu);

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
