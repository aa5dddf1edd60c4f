// SPDX-License-Identifier: GPL-2.0
/* A bulk stream: TCP, one way, as fast as it goes. */

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "die.h"
#include "draw.h"
#include "stream.h"

/* A single socket blocks; of several, none may hold up the others. */
static int flags(const struct sockets *socks)
{
	return socks->nr > 1 ? MSG_DONTWAIT : 0;
}

static unsigned int write_size(const struct options *opt, uint64_t *state)
{
	return opt->vary ? 1 + draw(state) % opt->size : opt->size;
}

/**
 * stream_sender - write until killed
 * @opt: the run's
 * @socks: one connection or more
 *
 * Where time is counted in instructions nothing ever varies by itself, and writes of one size may
 * settle in a rhythm that no other machine has. Drawn sizes keep them out of it.
 */
void stream_sender(const struct options *opt, struct sockets *socks)
{
	unsigned int ready[SOCKETS_MAX], nr;
	char *buf = zalloc(opt->size);
	uint64_t state = opt->seed;

	sockets_watch(socks, EPOLLOUT);
	for (;;) {
		nr = sockets_wait(socks, ready, -1);
		for (unsigned int i = 0; i < nr; i++)
			if (send(socks->fd[ready[i]], buf, write_size(opt, &state),
				 MSG_NOSIGNAL | flags(socks)) < 0 &&
			    errno != EAGAIN)
				die("send up to %u bytes: %s", opt->size, strerror(errno));
	}
}

/**
 * stream_receiver - read until killed
 * @opt: the run's
 * @socks: one connection or more
 * @tally: where bytes are counted
 */
void stream_receiver(const struct options *opt, struct sockets *socks, struct tally *tally)
{
	unsigned int ready[SOCKETS_MAX], nr;
	char *buf = zalloc(opt->size);
	ssize_t n;

	sockets_watch(socks, EPOLLIN);
	for (;;) {
		nr = sockets_wait(socks, ready, -1);
		for (unsigned int i = 0; i < nr; i++) {
			n = recv(socks->fd[ready[i]], buf, opt->size, flags(socks));
			if (!n)
				die("receive: the other end has gone");
			if (n > 0)
				tally_done(tally, n);
			else if (errno != EAGAIN)
				die("receive: %s", strerror(errno));
		}
	}
}
