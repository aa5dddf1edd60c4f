/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NETCOAL_PLACE_H
#define _NETCOAL_PLACE_H

#include <linux/netcoal.h>

struct netcoal_device;
struct netcoal_queue;

/**
 * struct netcoal_place - where the parts of a queue are in the machine
 * @node: node of the device, and so of its rings and of netcoal's state
 * @cpu: CPU that polled most in the newest window, -1 if none ever did
 * @cpu_node: node of that CPU
 * @irq_node: node of the CPUs that get the interrupt; none if they are of
 *	several, or not known
 * @remote: what is on another node than the device, or than the CPU where the
 *	device is on none
 *
 * Nodes are NUMA_NO_NODE where there is none to tell.
 */
struct netcoal_place {
	int node;
	int cpu;
	int cpu_node;
	int irq_node;
	enum netcoal_remote remote;
};

int netcoal_place_cpu(const struct netcoal_queue *q);
void netcoal_place_look(const struct netcoal_queue *q, struct netcoal_place *place);
unsigned int netcoal_place_count_remote(const struct netcoal_device *nd);

#endif /* _NETCOAL_PLACE_H */
