// SPDX-License-Identifier: GPL-2.0
/* Round trips: each connection asks again as soon as it has its answer. */

#include <errno.h>
#include <stdbool.h>
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
 * @fd: its socket
 * @asked_ns: when the message left
 * @number: at its head where datagrams may come late, after a copy was sent
 * @measured: it left in PHASE_MEASURE
 */
struct question {
	int fd;
	uint64_t asked_ns;
	uint32_t number;
	bool measured;
};

/**
 * struct client - the end that asks
 * @opt: the run's
 * @tally: where round trips are counted
 * @buf: a message
 * @questions: one per connection
 */
struct client {
	const struct options *opt;
	struct tally *tally;
	char *buf;
	struct question questions[SOCKETS_MAX];
};

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

/* Receive a whole message; false after LOST_MS without one, which only datagrams can lead to. */
static bool get(int fd, char *buf, unsigned int size)
{
	ssize_t n = recv(fd, buf, size, MSG_WAITALL);

	if (n < 0 && errno == EAGAIN)
		return false;
	if (n != size)
		die("receive %u bytes: %s", size,
		    n < 0 ? strerror(errno) : "the other end has gone");
	return true;
}

static void ask(struct client *client, struct question *question)
{
	question->measured = tally_phase(client->tally) == PHASE_MEASURE;
	if (client->opt->datagrams)
		memcpy(client->buf, &question->number, sizeof(question->number));
	question->asked_ns = now_ns();
	put(question->fd, client->buf, client->opt->size);
}

static void ask_all(struct client *client)
{
	for (unsigned int i = 0; i < client->opt->connections; i++)
		ask(client, &client->questions[i]);
}

/* A datagram may answer a question that was given up; TCP's answers come in order. */
static bool answers(const struct client *client, const struct question *question)
{
	return !client->opt->datagrams ||
	       !memcmp(client->buf, &question->number, sizeof(question->number));
}

static void count(struct client *client, struct question *question)
{
	if (question->measured && tally_phase(client->tally) == PHASE_MEASURE)
		hist_add(&client->tally->latency, now_ns() - question->asked_ns);
	question->number++;
	tally_done(client->tally, 1);
}

/* One answer, or the lack of one, on one connection. */
static void turn(struct client *client, struct question *question)
{
	if (!get(question->fd, client->buf, client->opt->size))
		client->tally->lost += question->measured;
	else if (answers(client, question))
		count(client, question);
	else
		return;
	while (tally_phase(client->tally) == PHASE_STOP)
		pause();
	ask(client, question);
}

static void prepare(struct client *client, struct sockets *socks)
{
	struct timeval limit = { .tv_usec = LOST_MS * 1000 };

	for (unsigned int i = 0; i < socks->nr; i++) {
		client->questions[i].fd = socks->fd[i];
		if (client->opt->datagrams)
			setsockopt(socks->fd[i], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	}
	sockets_watch(socks, EPOLLIN);
}

/**
 * rr_client - ask, wait for the answer, ask again, until killed
 * @opt: the run's
 * @socks: one connection or more
 * @tally: where round trips are counted
 */
void rr_client(const struct options *opt, struct sockets *socks, struct tally *tally)
{
	struct client client = { .opt = opt, .tally = tally, .buf = zalloc(opt->size) };
	int timeout_ms = opt->datagrams ? LOST_MS : -1;
	unsigned int ready[SOCKETS_MAX], nr;

	prepare(&client, socks);
	ask_all(&client);
	for (;;) {
		nr = sockets_wait(socks, ready, timeout_ms);
		for (unsigned int i = 0; i < nr; i++)
			turn(&client, &client.questions[ready[i]]);
		if (!nr) {
			tally->lost += socks->nr;
			ask_all(&client);
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
	char *buf = zalloc(opt->size);

	sockets_watch(socks, EPOLLIN);
	for (;;) {
		nr = sockets_wait(socks, ready, -1);
		for (unsigned int i = 0; i < nr; i++) {
			get(socks->fd[ready[i]], buf, opt->size);
			put(socks->fd[ready[i]], buf, opt->size);
		}
	}
}
