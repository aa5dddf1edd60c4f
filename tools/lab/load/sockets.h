/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LOAD_SOCKETS_H
#define LOAD_SOCKETS_H

#include "options.h"

#define SOCKETS_MAX	CONNECTIONS_MAX

/**
 * struct sockets - the connected sockets of one end
 * @fd: one per connection
 * @nr: how many
 * @nowhere: to an address that nobody has; -1 where none was asked for
 * @epoll: waits for any of them; -1 where there is only one
 */
struct sockets {
	int fd[SOCKETS_MAX];
	unsigned int nr;
	int nowhere;
	int epoll;
};

void netns_enter(const char *name);
void sockets_open(const struct options *opt, struct sockets *from, struct sockets *to);
void sockets_watch(struct sockets *socks, unsigned int events);
unsigned int sockets_wait(struct sockets *socks, unsigned int ready[SOCKETS_MAX], int timeout_ms);

#endif /* LOAD_SOCKETS_H */
