// SPDX-License-Identifier: GPL-2.0
/*
 * Places: on which nodes of the machine a queue's parts are.
 *
 *    node 0                    node 1
 *    +-----------------+       +-----------------+
 *    | device, rings   |       | CPU that polls  |    remote: cpu
 *    | interrupt's CPU |       |                 |
 *    +-----------------+       +-----------------+
 *
 * All is found when it is asked for: the packet path notes nothing for it.
 */
#include <linux/cpumask.h>
#include <linux/irq.h>
#include <linux/netdevice.h>
#include <linux/numa.h>
#include <linux/rtnetlink.h>
#include <linux/topology.h>

#include "device.h"
#include "place.h"
#include "queue.h"

/**
 * netcoal_place_cpu() - the CPU that polls a queue
 * @q: the queue
 *
 * Return: the one whose counters saw the newest window, or most of it; -1 if none ever did.
 */
int netcoal_place_cpu(const struct netcoal_queue *q)
{
	u32 window = 0, sequences = 0, its_window, its_sequences;
	const struct netcoal_stat *st;
	int cpu, last = -1;

	for_each_cpu(cpu, q->cpus) {
		st = per_cpu_ptr(q->stat, cpu);
		its_window = READ_ONCE(st->window);
		its_sequences = (u32)READ_ONCE(st->sequences) - READ_ONCE(st->first);
		/* windows are numbered around */
		if (last >= 0 && ((s32)(its_window - window) < 0 ||
				  (its_window == window && its_sequences <= sequences)))
			continue;
		last = cpu;
		window = its_window;
		sequences = its_sequences;
	}
	return last;
}

/* The node that all CPUs are of, if they are of one. */
static int netcoal_place_node_of(const struct cpumask *cpus)
{
	int cpu, node = NUMA_NO_NODE;

	for_each_cpu(cpu, cpus) {
		if (node != NUMA_NO_NODE && cpu_to_node(cpu) != node)
			return NUMA_NO_NODE;
		node = cpu_to_node(cpu);
	}
	return node;
}

static int netcoal_place_irq_node(const struct netcoal_queue *q)
{
	int node = NUMA_NO_NODE;
	struct irq_data *data;

	if (!q->irq)
		return node;
	/* The descriptor may be freed under us by a driver that resets. */
	rcu_read_lock();
	data = irq_get_irq_data(q->irq);
	if (data)
		node = netcoal_place_node_of(irq_data_get_effective_affinity_mask(data));
	rcu_read_unlock();
	return node;
}

static enum netcoal_remote netcoal_place_remote(const struct netcoal_place *place)
{
	int home = place->node != NUMA_NO_NODE ? place->node : place->cpu_node;
	bool cpu, irq;

	if (home == NUMA_NO_NODE)
		return NETCOAL_REMOTE_NONE;
	cpu = place->cpu_node != NUMA_NO_NODE && place->cpu_node != home;
	irq = place->irq_node != NUMA_NO_NODE && place->irq_node != home;
	if (cpu && irq)
		return NETCOAL_REMOTE_BOTH;
	if (irq)
		return NETCOAL_REMOTE_IRQ;
	return cpu ? NETCOAL_REMOTE_CPU : NETCOAL_REMOTE_NONE;
}

/**
 * netcoal_place_look() - find where the parts of a queue are
 * @q: the queue of a governed device, under rtnl
 * @place: gets it
 */
void netcoal_place_look(const struct netcoal_queue *q, struct netcoal_place *place)
{
	place->node = dev_to_node(&q->device->netdev->dev);
	place->cpu = netcoal_place_cpu(q);
	place->cpu_node = place->cpu < 0 ? NUMA_NO_NODE : cpu_to_node(place->cpu);
	place->irq_node = netcoal_place_irq_node(q);
	place->remote = netcoal_place_remote(place);
}

/**
 * netcoal_place_count_remote() - how many queues of a device are spread over nodes?
 * @nd: the device
 *
 * Return: the number.
 */
unsigned int netcoal_place_count_remote(const struct netcoal_device *nd)
{
	struct netcoal_place place;
	unsigned int i, n = 0;

	ASSERT_RTNL();
	for (i = 0; i < nd->nr_queues; i++) {
		netcoal_place_look(nd->queues[i], &place);
		n += place.remote != NETCOAL_REMOTE_NONE;
	}
	return n;
}
