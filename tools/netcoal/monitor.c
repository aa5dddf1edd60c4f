// SPDX-License-Identifier: GPL-2.0
/* netcoal monitor: what happens, as it happens. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/netcoal.h>
#include <linux/sock_diag.h>
#include <poll.h>
#include <signal.h>
#include <stdio_ext.h>
#include <string.h>
#include <sys/socket.h>

#include "event.h"
#include "print.h"
#include "request.h"

/* Room for a burst of events; without privilege net.core.rmem_max bounds it. */
#define RECEIVE_BUFFER_LEN	(1 << 20)

/* No event comes near it. */
#define DATAGRAM_LEN	16384

/**
 * struct monitor - a monitor at work
 * @ctx: the run
 * @nl: its own conversation, so that no answer gets between the events
 * @drops: datagrams that found the socket full, as the kernel counts them
 */
struct monitor {
	struct nc_ctx *ctx;
	struct nc_nl nl;
	uint32_t drops;
};

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

/* The first signal ends the monitor, also in a write; a second one kills. */
static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = stop, .sa_flags = SA_RESETHAND };

	stopped = 0;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

/* Waits until there is something to read, or a signal came. */
static void wait_for_event(const struct monitor *mon)
{
	struct pollfd fd = { .fd = mnl_socket_get_fd(mon->nl.sock), .events = POLLIN };
	sigset_t ends, before;

	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigprocmask(SIG_BLOCK, &ends, &before);
	if (!stopped)
		ppoll(&fd, 1, NULL, &before);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

/* ENOBUFS only says that something was lost; the socket knows how much. */
static enum nc_exit report_lost(struct monitor *mon)
{
	uint32_t info[SK_MEMINFO_VARS] = { 0 };
	socklen_t len = sizeof(info);
	uint32_t lost;

	if (getsockopt(mnl_socket_get_fd(mon->nl.sock), SOL_SOCKET, SO_MEMINFO, info, &len))
		return NC_EXIT_OK;
	lost = info[SK_MEMINFO_DROPS] - mon->drops;
	mon->drops = info[SK_MEMINFO_DROPS];
	return lost ? nc_print_lost(mon->ctx, lost) : NC_EXIT_OK;
}

/* Follows the module when it is unloaded and loaded again. */
static enum nc_exit follow_module(struct monitor *mon, const struct nlmsghdr *nlh)
{
	const char *name = nc_get_string(nlh, CTRL_ATTR_FAMILY_NAME);
	int error;

	if (!name || strcmp(name, NETCOAL_GENL_NAME))
		return NC_EXIT_OK;
	switch (nc_genl_cmd(nlh)) {
	case CTRL_CMD_DELFAMILY:
		mon->nl.family = 0;
		return nc_print_module(mon->ctx, "unloaded");
	case CTRL_CMD_NEWFAMILY:
		nc_nl_read_family(&mon->nl, nlh);
		error = nc_nl_join(&mon->nl, mon->nl.events);
		if (!error)
			return nc_print_module(mon->ctx, "loaded");
		nc_error(mon->ctx, "cannot listen to events: %s", strerror(error));
		return NC_EXIT_KERNEL;
	default:
		return NC_EXIT_OK;
	}
}

static enum nc_exit handle(struct monitor *mon, const struct nlmsghdr *nlh)
{
	if (nlh->nlmsg_type == GENL_ID_CTRL)
		return follow_module(mon, nlh);
	if (nlh->nlmsg_type == mon->nl.family)
		return nc_print_event(mon->ctx, nlh);
	return NC_EXIT_OK;
}

/* Reads one datagram and prints the events in it. */
static enum nc_exit read_events(struct monitor *mon)
{
	_Alignas(struct nlmsghdr) char buf[DATAGRAM_LEN];
	ssize_t got = mnl_socket_recvfrom(mon->nl.sock, buf, sizeof(buf));
	const struct nlmsghdr *nlh = (const void *)buf;
	enum nc_exit result;
	int left = (int)got;

	if (got < 0 && errno != ENOBUFS && errno != EINTR) {
		nc_error(mon->ctx, "cannot read events: %s", strerror(errno));
		return NC_EXIT_KERNEL;
	}
	result = report_lost(mon);
	for (; result == NC_EXIT_OK && mnl_nlmsg_ok(nlh, left);
	     nlh = mnl_nlmsg_next(nlh, &left))
		result = handle(mon, nlh);
	if (stopped)
		return NC_EXIT_OK;
	return result == NC_EXIT_OK ? nc_flush(mon->ctx) : result;
}

static int start_listening(struct nc_nl *nl)
{
	int len = RECEIVE_BUFFER_LEN;
	int error = nc_nl_open(nl);
	int fd;

	if (!error)
		error = nc_nl_lookup(nl);
	if (error)
		return error;
	fd = mnl_socket_get_fd(nl->sock);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &len, sizeof(len)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &len, sizeof(len));
	error = nc_nl_join(nl, nl->events);
	/* The group of the controller has its own number, in every kernel. */
	return error ? error : nc_nl_join(nl, GENL_ID_CTRL);
}

static enum nc_exit run(struct monitor *mon)
{
	enum nc_exit result = NC_EXIT_OK;

	catch_signals();
	while (result == NC_EXIT_OK && !stopped) {
		wait_for_event(mon);
		if (!stopped)
			result = read_events(mon);
	}
	/* Whoever stops us does not wait for a reader that reads no more. */
	if (stopped) {
		__fpurge(mon->ctx->out);
		clearerr(mon->ctx->out);
	}
	return result;
}

static enum nc_exit monitor_help(struct nc_ctx *ctx)
{
	fputs("Usage: netcoal [ -j ] [ -t ] monitor\n", ctx->out);
	return NC_EXIT_OK;
}

/**
 * nc_monitor() - runs "netcoal monitor" until SIGINT or SIGTERM
 * @ctx: the run
 * @args: the words after it
 *
 * Return: how it went.
 */
enum nc_exit nc_monitor(struct nc_ctx *ctx, struct nc_args *args)
{
	struct monitor mon = { .ctx = ctx };
	enum nc_exit result = NC_EXIT_KERNEL;
	int error;

	if (nc_wants_help(args))
		return monitor_help(ctx);
	if (!nc_no_more(ctx, args))
		return NC_EXIT_USAGE;
	error = start_listening(&mon.nl);
	if (error)
		nc_complain_open(ctx, error);
	else
		result = run(&mon);
	nc_nl_close(&mon.nl);
	return result;
}
