// SPDX-License-Identifier: GPL-2.0
/* Round trips: each connection asks again as soon as it has its answer. */

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "die.h"
#include "rr.h"

/* After this long without any answer, datagrams are taken for lost. */
#define LOST_MS	200

/**
 * struct question - what one connection is waiting for
 * @asked_ns: when the message left
 * @number: at its head where datagrams may come late, after a copy was sent
 * @measured: it left in PHASE_MEASURE
 */
struct question {
	uint64_t asked_ns;
	uint32_t number;
	bool measured;
};

static struct question questions[SOCKETS_MAX];

static char *message(unsigned int size)
{
	char *buf = calloc(1, size);

	if (!buf)
		die("--size: no memory for %u bytes", size);
	return buf;
}

/* Send a whole message; its socket blocks. */
static void put(int fd, const char *buf, unsigned int size)
{
	ssize_t n;

	for (; size; buf += n, size -= n) {
		n = send(fd, buf, size, MSG_NOSIGNAL);
		if (n < 0)
			die("send %u bytes: %s", size, strerror(errno));
	}
}

/* Receive a whole message; false after LOST_MS without one, which only datagrams' sockets are set to give. */
static bool get(int fd, char *buf, unsigned int size)
{
	ssize_t n = recv(fd, buf, size, MSG_WAITALL);

	if (n < 0 && errno == EAGAIN)
		return false;
	if (n != size)
		die("receive %u bytes: %s", size, n < 0 ? strerror(errno) : "the other end has gone");
	return true;
}

static void ask(const struct options *opt, int fd, struct question *question, struct tally *tally, char *buf)
{
	question->measured = tally_phase(tally) == PHASE_MEASURE;
	if (opt->datagrams)
		memcpy(buf, &question->number, sizeof(question->number));
	question->asked_ns = now_ns();
	put(fd, buf, opt->size);
}

static bool answered(const struct options *opt, const struct question *question, const char *buf)
{
	return !opt->datagrams || !memcmp(buf, &question->number, sizeof(question->number));
}

/* One answer, or the lack of one, on one connection. */
static void turn(const struct options *opt, int fd, struct question *question, struct tally *tally, char *buf)
{
	if (!get(fd, buf, opt->size)) {
		tally->lost += question->measured;
	} else if (!answered(opt, question, buf)) {
		return;
	} else {
		if (question->measured && tally_phase(tally) == PHASE_MEASURE)
			hist_add(&tally->latency, now_ns() - question->asked_ns);
		question->number++;
		tally_done(tally, 1);
	}
	if (tally_phase(tally) == PHASE_STOP)
		pause();
	ask(opt, fd, question, tally, buf);
}

static void ask_all(const struct options *opt, struct sockets *socks, struct tally *tally, char *buf)
{
	for (unsigned int i = 0; i < socks->nr; i++)
		ask(opt, socks->fd[i], &questions[i], tally, buf);
}

/**
 * rr_client - ask, wait for the answer, ask again, until killed
 * @opt: the run's
 * @socks: one connection or more
 * @tally: where round trips are counted
 */
void rr_client(const struct options *opt, struct sockets *socks, struct tally *tally)
{
	struct timeval limit = { .tv_usec = LOST_MS * 1000 };
	unsigned int ready[SOCKETS_MAX], nr;
	char *buf = message(opt->size);

	for (unsigned int i = 0; opt->datagrams && i < socks->nr; i++)
		setsockopt(socks->fd[i], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	sockets_watch(socks, EPOLLIN);
	ask_all(opt, socks, tally, buf);
	for (;;) {
		nr = sockets_wait(socks, ready, opt->datagrams ? LOST_MS : -1);
		for (unsigned int i = 0; i < nr; i++)
			turn(opt, socks->fd[ready[i]], &questions[ready[i]], tally, buf);
		if (!nr) {
			tally->lost += socks->nr;
			ask_all(opt, socks, tally, buf);
		}
	}
}

/**
 * rr_server - send back what comes in, until killed
 * @opt: the run's
 * @socks: one connection or more
 */
void rr_server(const struct options *opt, struct sockets *socks)
{
	unsigned int ready[SOCKETS_MAX], nr;
	char *buf = message(opt->size);

	sockets_watch(socks, EPOLLIN);
	for (;;) {
		nr = sockets_wait(socks, ready, -1);
		for (unsigned int i = 0; i < nr; i++) {
			get(socks->fd[ready[i]], buf, opt->size);
			put(socks->fd[ready[i]], buf, opt->size);
		}
	}
}
