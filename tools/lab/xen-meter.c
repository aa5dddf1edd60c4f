// SPDX-License-Identifier: GPL-2.0
/*
 * xen-meter - what domains cost, and how many interrupts and packets they took, in a window
 *
 *	xen-meter [--guest] WARMUP_MS WINDOW_MS
 *
 * Waits for WARMUP_MS, reads all counters, waits for WINDOW_MS, reads them again, and prints what
 * happened between as one JSON object:
 *
 *	window_ns	how long it was
 *	busy_ns		time that the physical CPUs were not idle, by the hypervisor's account: what
 *			the domains and the hypervisor itself cost together
 *	domain_ns	of that, the time that each domain ran, by its ID
 *	tx_irqs		interrupts of this domain's netback or netfront for what the driver's
 *	rx_irqs		"tx" and "rx" rings notify; a backend receives from a guest's tx ring
 *	timer_irqs	and of its timer
 *	rx_packets	of its vifs, or its eth0
 *	tx_packets
 *	rx_bytes	of these, with their headers
 *	tx_bytes
 *
 * --guest: this domain may not ask the hypervisor, so leave out what only that knows.
 */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>
#include <xenctrl.h>

#define CPUS_MAX	64
#define DOMAINS_MAX	16
#define TEXT_MAX	65536

struct counters {
	uint64_t at_ns;
	uint64_t idle_ns;
	uint64_t tx_irqs;
	uint64_t rx_irqs;
	uint64_t timer_irqs;
	uint64_t rx_packets;
	uint64_t tx_packets;
	uint64_t rx_bytes;
	uint64_t tx_bytes;
	int nr_cpus;
	int nr_domains;
	xc_domaininfo_t domain[DOMAINS_MAX];
};

static xc_interface *xc;
static char text[TEXT_MAX];

static void die(const char *what)
{
	fprintf(stderr, "xen-meter: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

static void sleep_until(uint64_t due_ns)
{
	struct timespec ts = { .tv_sec = due_ns / 1000000000, .tv_nsec = due_ns % 1000000000 };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) == EINTR)
		;
}

static void read_text(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n;

	if (fd < 0)
		die(path);
	while ((n = read(fd, text + len, TEXT_MAX - 1 - len)) > 0)
		len += n;
	close(fd);
	text[len] = '\0';
}

static bool ends_with(const char *line, const char *end)
{
	size_t len = strlen(line), tail = strlen(end);

	return len >= tail && !strcmp(line + len - tail, end);
}

/* Every column that is a number: one per CPU. */
static uint64_t sum_columns(const char *columns)
{
	uint64_t sum = 0, value;
	char *end;

	for (;; columns = end) {
		value = strtoull(columns, &end, 10);
		if (end == columns || (*end != ' ' && *end))
			return sum;
		sum += value;
	}
}

static void read_interrupts(struct counters *c)
{
	char *line, *rest, *colon;

	read_text("/proc/interrupts");
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		colon = strchr(line, ':');
		if (!colon)
			continue;
		if (ends_with(line, "timer0"))
			c->timer_irqs += sum_columns(colon + 1);
		else if (strstr(line, "-q") && ends_with(line, "-tx"))
			c->tx_irqs += sum_columns(colon + 1);
		else if (strstr(line, "-q") && ends_with(line, "-rx"))
			c->rx_irqs += sum_columns(colon + 1);
	}
}

static void read_packets(struct counters *c)
{
	uint64_t rx, rx_bytes, tx, tx_bytes;
	char *line, *rest, name[32];

	read_text("/proc/net/dev");
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		if (sscanf(line, " %31[^:]: %" SCNu64 " %" SCNu64
			   " %*u %*u %*u %*u %*u %*u %" SCNu64 " %" SCNu64,
			   name, &rx_bytes, &rx, &tx_bytes, &tx) != 5)
			continue;
		if (strncmp(name, "vif", 3) && strcmp(name, "eth0"))
			continue;
		c->rx_packets += rx;
		c->tx_packets += tx;
		c->rx_bytes += rx_bytes;
		c->tx_bytes += tx_bytes;
	}
}

static void read_hypervisor(struct counters *c)
{
	xc_cpuinfo_t cpus[CPUS_MAX];

	c->nr_domains = xc_domain_getinfolist(xc, 0, DOMAINS_MAX, c->domain);
	if (c->nr_domains < 0)
		die("domains");
	if (xc_getcpuinfo(xc, CPUS_MAX, cpus, &c->nr_cpus))
		die("physical CPUs");
	for (int i = 0; i < c->nr_cpus; i++)
		c->idle_ns += cpus[i].idletime;
}

/* The hypervisor is asked where the window ends: last at its begin, first at its end. */
static void read_begin(struct counters *c)
{
	read_interrupts(c);
	read_packets(c);
	if (xc)
		read_hypervisor(c);
	c->at_ns = now_ns();
}

static void read_end(struct counters *c)
{
	c->at_ns = now_ns();
	if (xc)
		read_hypervisor(c);
	read_interrupts(c);
	read_packets(c);
}

static void print_domains(const struct counters *begin, const struct counters *end)
{
	const char *comma = "";

	printf(", \"domain_ns\": {");
	for (int i = 0; i < end->nr_domains; i++)
		for (int j = 0; j < begin->nr_domains; j++) {
			if (end->domain[i].domain != begin->domain[j].domain)
				continue;
			printf("%s\"%d\": %" PRIu64, comma, end->domain[i].domain,
			       (uint64_t)(end->domain[i].cpu_time - begin->domain[j].cpu_time));
			comma = ", ";
		}
	putchar('}');
}

static void print_window(const struct counters *begin, const struct counters *end)
{
	uint64_t window_ns = end->at_ns - begin->at_ns;

	printf("{\"window_ns\": %" PRIu64, window_ns);
	if (xc) {
		printf(", \"busy_ns\": %" PRIu64,
		       end->nr_cpus * window_ns - (end->idle_ns - begin->idle_ns));
		print_domains(begin, end);
	}
	printf(", \"tx_irqs\": %" PRIu64 ", \"rx_irqs\": %" PRIu64 ", \"timer_irqs\": %" PRIu64
	       ", \"rx_packets\": %" PRIu64 ", \"tx_packets\": %" PRIu64
	       ", \"rx_bytes\": %" PRIu64 ", \"tx_bytes\": %" PRIu64 "}\n",
	       end->tx_irqs - begin->tx_irqs, end->rx_irqs - begin->rx_irqs,
	       end->timer_irqs - begin->timer_irqs, end->rx_packets - begin->rx_packets,
	       end->tx_packets - begin->tx_packets,
	       end->rx_bytes - begin->rx_bytes, end->tx_bytes - begin->tx_bytes);
}

int main(int argc, char **argv)
{
	static struct counters begin, end, warm;
	bool guest = argc > 1 && !strcmp(argv[1], "--guest");

	argc -= guest;
	argv += guest;
	if (argc != 3) {
		fprintf(stderr, "usage: xen-meter [--guest] WARMUP_MS WINDOW_MS\n");
		return 2;
	}
	xc = guest ? NULL : xc_interface_open(NULL, NULL, 0);
	if (!guest && !xc)
		die("no hypervisor");
	prctl(PR_SET_TIMERSLACK, 1);
	read_begin(&warm);
	sleep_until(warm.at_ns + strtoull(argv[1], NULL, 10) * 1000000);
	read_begin(&begin);
	sleep_until(begin.at_ns + strtoull(argv[2], NULL, 10) * 1000000);
	read_end(&end);
	print_window(&begin, &end);
	return 0;
}
