// SPDX-License-Identifier: GPL-2.0
/* A network device: its counters, through netlink, and the interrupt lines it owns. */

#include <dirent.h>
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "die.h"
#include "nic.h"
#include "sockets.h"

/* The driver's name, and what /sys/bus/pci calls the device; virtio-net names its PCI parent. */
static bool driver_info(const char *dev, struct ethtool_drvinfo *info)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = { .ifr_data = (void *)info };
	bool known;

	if (fd < 0)
		die("socket: %s", strerror(errno));
	info->cmd = ETHTOOL_GDRVINFO;
	memcpy(request.ifr_name, dev, sizeof(request.ifr_name));
	known = !ioctl(fd, SIOCETHTOOL, &request);
	close(fd);
	return known;
}

static void add_irq(struct nic *nic, unsigned int irq)
{
	if (nic->nr_irqs == NIC_IRQS_MAX)
		die("a device with more than %u interrupt lines", NIC_IRQS_MAX);
	nic->irq[nic->nr_irqs++] = irq;
}

/* Message-signalled interrupts, as many as the driver asked for. */
static void find_msi(struct nic *nic, const char *bus)
{
	struct dirent *entry;
	char path[128];
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/msi_irqs", bus);
	dir = opendir(path);
	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			add_irq(nic, atoi(entry->d_name));
	closedir(dir);
}

/* The one line of a device on classic interrupts. */
static void find_intx(struct nic *nic, const char *bus)
{
	unsigned int irq;
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/irq", bus);
	file = fopen(path, "re");
	if (!file)
		return;
	if (fscanf(file, "%u", &irq) == 1 && irq)
		add_irq(nic, irq);
	fclose(file);
}

/* Number of the device that another is a port of; 0 where there is none. */
static int master_of(const struct nic *nic, int ifindex)
{
	struct {
		struct nlmsghdr head;
		struct ifinfomsg body;
	} request = {
		.head = {
			.nlmsg_len = sizeof(request),
			.nlmsg_type = RTM_GETLINK,
			.nlmsg_flags = NLM_F_REQUEST,
		},
		.body.ifi_index = ifindex,
	};
	static char answer[32768] __attribute__((aligned(8)));
	struct nlmsghdr *head = (struct nlmsghdr *)answer;
	struct rtattr *attr;
	ssize_t len;

	if (send(nic->rtnl, &request, sizeof(request), 0) < 0)
		die("netlink: %s", strerror(errno));
	len = recv(nic->rtnl, answer, sizeof(answer), 0);
	if (len < (ssize_t)NLMSG_LENGTH(sizeof(struct ifinfomsg)) ||
	    head->nlmsg_type != RTM_NEWLINK)
		return 0;
	len = IFLA_PAYLOAD(head);
	for (attr = IFLA_RTA(NLMSG_DATA(head)); RTA_OK(attr, len); attr = RTA_NEXT(attr, len))
		if (attr->rta_type == IFLA_MASTER)
			return *(int *)RTA_DATA(attr);
	return 0;
}

static void find_irqs(struct nic *nic, const char *bus)
{
	unsigned int before = nic->nr_irqs;

	if (!bus[0])
		return;
	find_msi(nic, bus);
	if (nic->nr_irqs == before)
		find_intx(nic, bus);
}

/* Of every device of this namespace whose master is the bond, by what "ip link" would show. */
static void find_ports_irqs(struct nic *nic)
{
	struct if_nameindex *names = if_nameindex(), *name;

	for (name = names; name && name->if_index; name++) {
		struct ethtool_drvinfo info = {};

		if (master_of(nic, name->if_index) == nic->ifindex &&
		    driver_info(name->if_name, &info))
			find_irqs(nic, info.bus_info);
	}
	if_freenameindex(names);
}

/**
 * nic_open - get ready to count on a device
 * @nic: filled in
 * @place: where it is; moves the caller into that namespace
 */
void nic_open(struct nic *nic, const struct place *place)
{
	struct ethtool_drvinfo info = {};

	*nic = (struct nic){};
	netns_enter(place->netns);
	nic->ifindex = if_nametoindex(place->dev);
	if (!nic->ifindex)
		die("no device %s in network namespace %s", place->dev, place->netns);
	nic->rtnl = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (nic->rtnl < 0)
		die("netlink: %s", strerror(errno));
	if (!driver_info(place->dev, &info))
		return;
	memcpy(nic->driver, info.driver, sizeof(nic->driver));
	nic->is_bond = !strcmp(nic->driver, "bonding");
	if (nic->is_bond)
		find_ports_irqs(nic);
	else
		find_irqs(nic, info.bus_info);
}

/**
 * nic_rx_packets - packets received since the device came up
 * @nic: after nic_open()
 */
uint64_t nic_rx_packets(const struct nic *nic)
{
	struct {
		struct nlmsghdr head;
		struct if_stats_msg body;
	} request = {
		.head = {
			.nlmsg_len = sizeof(request),
			.nlmsg_type = RTM_GETSTATS,
			.nlmsg_flags = NLM_F_REQUEST,
		},
		.body = {
			.ifindex = nic->ifindex,
			.filter_mask = IFLA_STATS_FILTER_BIT(IFLA_STATS_LINK_64),
		},
	};
	struct {
		struct nlmsghdr head;
		struct if_stats_msg body;
		struct nlattr attr;
		struct rtnl_link_stats64 stats;
	} answer;
	/* Older kernels have fewer counters; the first is enough. */
	size_t least = offsetof(typeof(answer), stats.tx_packets);

	if (send(nic->rtnl, &request, sizeof(request), 0) < 0)
		die("netlink: %s", strerror(errno));
	if (recv(nic->rtnl, &answer, sizeof(answer), 0) < (ssize_t)least ||
	    answer.head.nlmsg_type != RTM_NEWSTATS || answer.attr.nla_type != IFLA_STATS_LINK_64)
		die("netlink: no statistics of device %d", nic->ifindex);
	return answer.stats.rx_packets;
}

/**
 * nic_has_irq - whether an interrupt line belongs to a device
 * @nic: after nic_open()
 * @irq: number as in /proc/interrupts
 */
bool nic_has_irq(const struct nic *nic, unsigned int irq)
{
	for (unsigned int i = 0; i < nic->nr_irqs; i++)
		if (nic->irq[i] == irq)
			return true;
	return false;
}
