// SPDX-License-Identifier: GPL-2.0
/*
 * NAPI polls, counted by perf on the tracepoint napi_poll. Counting costs a part of a microsecond a
 * poll, so it has a stretch of its own, outside of the window that counts.
 */

#include <linux/perf_event.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "die.h"
#include "polls.h"

#define CPUS_MAX	1024
#define TRACEPOINT	"/sys/kernel/tracing/events/napi/napi_poll/id"

static int events[CPUS_MAX];
static long nr_events;

static unsigned long tracepoint_id(void)
{
	FILE *file = fopen(TRACEPOINT, "re");
	unsigned long id = 0;

	if (!file)
		return 0;
	if (fscanf(file, "%lu", &id) != 1)
		id = 0;
	fclose(file);
	return id;
}

static int open_event(unsigned long id, long cpu)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
		.config = id,
	};

	return syscall(SYS_perf_event_open, &attr, -1, (int)cpu, -1, PERF_FLAG_FD_CLOEXEC);
}

static void close_events(void)
{
	while (nr_events)
		close(events[--nr_events]);
}

/**
 * polls_start - begin to count polls
 * @dev: of this device only; NULL: of all
 *
 * Return: false where the kernel does not let us.
 */
bool polls_start(const char *dev)
{
	unsigned long id = tracepoint_id();
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	char filter[64];

	snprintf(filter, sizeof(filter), "dev_name == \"%s\"", dev ? dev : "");
	for (nr_events = 0; id && nr_events < cpus && nr_events < CPUS_MAX; nr_events++) {
		int fd = open_event(id, nr_events);

		if (fd < 0 || (dev && ioctl(fd, PERF_EVENT_IOC_SET_FILTER, filter))) {
			close_events();
			return false;
		}
		events[nr_events] = fd;
	}
	return nr_events;
}

/**
 * polls_stop - stop counting
 *
 * Return: polls since polls_start(), which returned true.
 */
uint64_t polls_stop(void)
{
	uint64_t sum = 0, value;

	for (long i = 0; i < nr_events; i++)
		if (read(events[i], &value, sizeof(value)) == sizeof(value))
			sum += value;
	close_events();
	return sum;
}
