// SPDX-License-Identifier: GPL-2.0
/* Network namespaces and the sockets between two of them. */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "die.h"
#include "sockets.h"

/* Room for a burst of any hold-off, so that what gets lost was lost on the wire. */
#define RCVBUF_BYTES	(8 << 20)
#define CONNECT_LIMIT	((struct timeval){ .tv_sec = 10 })

/* As Debian builds iproute2. */
#define NETNS_DIR "/run/netns"

/**
 * netns_enter - move into a named network namespace
 * @name: as "ip netns" knows it; "-" for where the program was started
 *
 * A socket stays in the namespace it was opened in, whatever its process does later. So one process
 * opens them all.
 */
void netns_enter(const char *name)
{
	char path[128];
	int fd;

	if (!strcmp(name, "-"))
		return;
	snprintf(path, sizeof(path), NETNS_DIR "/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		die("network namespace %s: %s", name, strerror(errno));
	close(fd);
}

static struct sockaddr_in address(const struct place *place, unsigned int port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_addr = place->addr,
		.sin_port = htons(port),
	};
}

/* A socket bound to a place; its namespace must have been entered. */
static int bound(const struct place *place, int type, unsigned int port)
{
	struct sockaddr_in addr = address(place, port);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
	int one = 1;

	if (fd < 0)
		die("socket: %s", strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)))
		die("%s:%s: bind to port %u: %s", place->netns, inet_ntoa(place->addr), port,
		    strerror(errno));
	return fd;
}

static void connect_to(int fd, const struct place *place, unsigned int port)
{
	struct sockaddr_in addr = address(place, port);

	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
		die("connect to %s port %u: %s", inet_ntoa(place->addr), port, strerror(errno));
}

static void open_tcp(const struct options *opt, struct sockets *from, struct sockets *to)
{
	struct timeval limit = CONNECT_LIMIT, none = {};
	int one = 1, listener;

	netns_enter(opt->to.netns);
	listener = bound(&opt->to, SOCK_STREAM, opt->port);
	if (listen(listener, opt->connections))
		die("listen on port %u: %s", opt->port, strerror(errno));
	netns_enter(opt->from.netns);
	for (unsigned int i = 0; i < opt->connections; i++) {
		from->fd[i] = bound(&opt->from, SOCK_STREAM, opt->port + i);
		setsockopt(from->fd[i], SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
		connect_to(from->fd[i], &opt->to, opt->port);
		setsockopt(from->fd[i], SOL_SOCKET, SO_SNDTIMEO, &none, sizeof(none));
		to->fd[i] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (to->fd[i] < 0)
			die("accept: %s", strerror(errno));
		setsockopt(from->fd[i], IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		setsockopt(to->fd[i], IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		if (opt->bps)
			setsockopt(from->fd[i], SOL_SOCKET, SO_MAX_PACING_RATE,
				   &(uint64_t){ opt->bps / 8 }, sizeof(uint64_t));
	}
	close(listener);
}

static void open_udp_end(const struct options *opt, const struct place *here,
			 const struct place *there, struct sockets *socks)
{
	int room = RCVBUF_BYTES;

	netns_enter(here->netns);
	for (unsigned int i = 0; i < opt->connections; i++) {
		socks->fd[i] = bound(here, SOCK_DGRAM, opt->port + i);
		setsockopt(socks->fd[i], SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
		connect_to(socks->fd[i], there, opt->port + i);
	}
}

/* Called in the sender's namespace. */
static void open_nowhere(const struct options *opt, struct sockets *socks)
{
	struct place nowhere = { .addr = opt->nowhere };

	socks->nowhere = bound(&opt->from, SOCK_DGRAM, 0);
	connect_to(socks->nowhere, &nowhere, opt->port);
}

/**
 * sockets_open - connect the two ends, once in each namespace
 * @opt: who, where and how many
 * @from: the end that asks or sends
 * @to: the end that answers or receives
 */
void sockets_open(const struct options *opt, struct sockets *from, struct sockets *to)
{
	from->nowhere = -1;
	to->nowhere = -1;
	from->nr = opt->connections;
	to->nr = opt->connections;
	if (opt->mode == MODE_UDP || opt->datagrams) {
		open_udp_end(opt, &opt->to, &opt->from, to);
		open_udp_end(opt, &opt->from, &opt->to, from);
		if (opt->nowhere.s_addr)
			open_nowhere(opt, from);
	} else {
		open_tcp(opt, from, to);
	}
}

/**
 * sockets_watch - get ready for sockets_wait()
 * @socks: one end's
 * @events: EPOLLIN or EPOLLOUT
 */
void sockets_watch(struct sockets *socks, unsigned int events)
{
	socks->epoll = -1;
	if (socks->nr == 1)
		return;
	socks->epoll = epoll_create1(EPOLL_CLOEXEC);
	for (unsigned int i = 0; i < socks->nr; i++) {
		struct epoll_event event = { .events = events, .data.u32 = i };

		if (epoll_ctl(socks->epoll, EPOLL_CTL_ADD, socks->fd[i], &event))
			die("epoll: %s", strerror(errno));
	}
}

/**
 * sockets_wait - wait until some can be read or written
 * @socks: one end's, after sockets_watch()
 * @ready: their numbers
 * @timeout_ms: -1: for ever
 *
 * A single socket is always said to be ready: its end blocks in the call itself, as a plain program
 * would.
 *
 * Return: how many; 0 after the timeout.
 */
unsigned int sockets_wait(struct sockets *socks, unsigned int ready[SOCKETS_MAX], int timeout_ms)
{
	struct epoll_event events[SOCKETS_MAX];
	int nr;

	if (socks->nr == 1) {
		ready[0] = 0;
		return 1;
	}
	nr = epoll_wait(socks->epoll, events, SOCKETS_MAX, timeout_ms);
	if (nr < 0)
		die("epoll: %s", strerror(errno));
	for (int i = 0; i < nr; i++)
		ready[i] = events[i].data.u32;
	return nr;
}
