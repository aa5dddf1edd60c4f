// SPDX-License-Identifier: GPL-2.0
/*
 * xen-meter - what Xen says that its domains cost
 *
 *	xen-meter	one line: NOW IDLE DOMID=NS...
 *
 * All in ns: the time, the time that the physical CPUs were idle, and the time that each domain
 * ran. What is in none of these, the hypervisor took while no domain ran.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <xenctrl.h>

#define CPUS_MAX	64
#define DOMAINS_MAX	64

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

int main(void)
{
	xc_interface *xc = xc_interface_open(NULL, NULL, 0);
	xc_domaininfo_t domains[DOMAINS_MAX];
	xc_cpuinfo_t cpus[CPUS_MAX];
	uint64_t idle_ns = 0, at_ns;
	int nr_cpus, nr_domains;

	if (!xc) {
		perror("xen-meter: no hypervisor");
		return 1;
	}
	nr_domains = xc_domain_getinfolist(xc, 0, DOMAINS_MAX, domains);
	at_ns = now_ns();
	if (nr_domains < 0 || xc_getcpuinfo(xc, CPUS_MAX, cpus, &nr_cpus)) {
		perror("xen-meter");
		return 1;
	}
	for (int i = 0; i < nr_cpus; i++)
		idle_ns += cpus[i].idletime;
	printf("%" PRIu64 " %" PRIu64, at_ns, idle_ns);
	for (int i = 0; i < nr_domains; i++)
		printf(" %d=%" PRIu64, domains[i].domain, (uint64_t)domains[i].cpu_time);
	putchar('\n');
	return 0;
}
