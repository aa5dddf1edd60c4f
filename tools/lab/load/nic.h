/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LOAD_NIC_H
#define LOAD_NIC_H

#include <stdbool.h>
#include <stdint.h>

#include "options.h"

#define NIC_IRQS_MAX	256

/**
 * struct nic - a network device under measurement
 * @rtnl: a netlink socket in its namespace
 * @ifindex: its number there
 * @is_bond: its interrupts are those of its ports
 * @driver: name of the driver; empty where it does not tell
 * @irq: the interrupt lines of its PCI device
 * @nr_irqs: how many; 0 where it has none, as a veth
 */
struct nic {
	int rtnl;
	int ifindex;
	bool is_bond;
	char driver[32];
	unsigned int irq[NIC_IRQS_MAX];
	unsigned int nr_irqs;
};

void nic_open(struct nic *nic, const struct place *place);
uint64_t nic_rx_packets(const struct nic *nic);
bool nic_has_irq(const struct nic *nic, unsigned int irq);

#endif /* LOAD_NIC_H */
