// SPDX-License-Identifier: GPL-2.0
/*
 * The machine's counters.
 *
 * CPU use is window - idle, and idle is the kernel's own idle_sleeptime, in ns, from
 * /proc/timer_list. The kernel adds to it when an interrupt or a wake-up ends a sleep
 * (kernel/time/tick-sched.c: tick_irq_enter(), tick_nohz_idle_exit()), so it is up to date on any
 * CPU that is not asleep. On one CPU the reader itself keeps it awake, from the first byte read to
 * the last: then idle is exact for every moment in between, and reading, slow as it is, need only
 * stay outside of the window. With more CPUs it misses what the others' present sleeps have lasted.
 * Handlers and softirqs that interrupt a sleep are counted as busy, unlike in /proc/stat, which
 * counts ticks.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "counters.h"
#include "die.h"

/* A file under /proc, kept open, and its text as last read. */
struct proc {
	const char *path;
	int fd;
	char *text;
	size_t room;
};

static struct proc timer_list = { .path = "/proc/timer_list" };
static struct proc interrupts = { .path = "/proc/interrupts" };
static struct proc softirqs = { .path = "/proc/softirqs" };
static struct proc stat = { .path = "/proc/stat" };

static void proc_grow(struct proc *proc)
{
	proc->room = proc->room ? 2 * proc->room : 65536;
	proc->text = realloc(proc->text, proc->room);
	if (!proc->text)
		die("%s: no memory for %zu bytes", proc->path, proc->room);
}

static const char *proc_read(struct proc *proc)
{
	size_t len = 0;
	ssize_t n;

	do {
		if (len + 1 >= proc->room)
			proc_grow(proc);
		n = pread(proc->fd, proc->text + len, proc->room - len - 1, len);
		if (n < 0)
			die("%s: %s", proc->path, strerror(errno));
		len += n;
	} while (n);
	proc->text[len] = '\0';
	return proc->text;
}

static void proc_open(struct proc *proc)
{
	proc->fd = open(proc->path, O_RDONLY | O_CLOEXEC);
	if (proc->fd < 0)
		die("%s: %s", proc->path, strerror(errno));
	proc_read(proc);
}

/**
 * counters_open - open the files and size the buffers
 *
 * So that nothing is allocated once the load runs.
 */
void counters_open(void)
{
	proc_open(&timer_list);
	proc_open(&interrupts);
	proc_open(&softirqs);
	proc_open(&stat);
}

/* Sum of the numbers that stand one per CPU after the colon. */
static uint64_t sum_columns(const char *text)
{
	uint64_t sum = 0, value;
	char *end;

	for (;;) {
		value = strtoull(text, &end, 10);
		if (end == text || (*end != ' ' && *end != '\n'))
			return sum;
		sum += value;
		text = end;
	}
}

static void read_idle(struct counters *counters)
{
	static const char * const keys[] = { "  .idle_sleeptime", "  .iowait_sleeptime" };

	proc_read(&timer_list);
	counters->idle_ns = 0;
	counters->cpus = 0;
	for (int i = 0; i < 2; i++) {
		for (const char *line = timer_list.text; (line = strstr(line, keys[i])); line++) {
			counters->idle_ns += strtoull(strchr(line, ':') + 1, NULL, 10);
			counters->cpus += i == 0;
		}
	}
	if (!counters->cpus)
		die("%s: no idle_sleeptime", timer_list.path);
}

static void read_interrupts(struct counters *counters, const struct nic *from, const struct nic *to)
{
	const char *line = strchr(proc_read(&interrupts), '\n');
	uint64_t sum;
	char *colon;

	counters->irqs_from = 0;
	counters->irqs_to = 0;
	for (; line; line = strchr(line + 1, '\n')) {
		unsigned int irq = strtoul(line, &colon, 10);

		if (!strncmp(line, "\n LOC:", 6) || !strncmp(line, "\nLOC:", 5)) {
			counters->timer_irqs = sum_columns(strchr(line, ':') + 1);
			continue;
		}
		if (*colon != ':')
			continue;
		sum = sum_columns(colon + 1);
		counters->irqs_from += nic_has_irq(from, irq) ? sum : 0;
		counters->irqs_to += nic_has_irq(to, irq) ? sum : 0;
	}
}

static uint64_t value_of(struct proc *proc, const char *key)
{
	const char *found = strstr(proc_read(proc), key);

	if (!found)
		die("%s: no %s", proc->path, key);
	return sum_columns(found + strlen(key));
}

/* What can be read in a moment; with traffic going on, the less time passes the better. */
static void read_rest(struct counters *counters, struct tally *tally, const struct nic *from,
		      const struct nic *to)
{
	counters->switches = value_of(&stat, "ctxt");
	counters->net_rx = value_of(&softirqs, "NET_RX:");
	read_interrupts(counters, from, to);
	counters->rx_from = nic_rx_packets(from);
	counters->rx_to = nic_rx_packets(to);
	counters->done = atomic_load(&tally->done);
	counters->departed = atomic_load(&tally->departed);
}

/**
 * counters_begin - read all counters; the window begins when this returns
 * @counters: filled in
 * @tally: of the run
 * @from: asking or sending device
 * @to: answering or receiving device
 */
void counters_begin(struct counters *counters, struct tally *tally, const struct nic *from,
		    const struct nic *to)
{
	read_idle(counters);
	read_rest(counters, tally, from, to);
	counters->at_ns = now_ns();
}

/**
 * counters_end - read all counters; the window ended when this was called
 * @counters: filled in
 * @tally: of the run
 * @from: asking or sending device
 * @to: answering or receiving device
 */
void counters_end(struct counters *counters, struct tally *tally, const struct nic *from,
		  const struct nic *to)
{
	counters->at_ns = now_ns();
	read_rest(counters, tally, from, to);
	read_idle(counters);
}
