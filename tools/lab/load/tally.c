// SPDX-License-Identifier: GPL-2.0
/* What the ends of a load tell the monitor. */

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "die.h"
#include "tally.h"

/**
 * tally_new - a tally that stays shared across fork(), its pages in place
 */
struct tally *tally_new(void)
{
	struct tally *tally = mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (tally == MAP_FAILED)
		die("no memory for %zu bytes of results: %s", sizeof(*tally), strerror(errno));
	return tally;
}

/**
 * tally_done - count what came through, and wake the monitor where it waits for that
 * @tally: of the run
 * @more: round trips, bytes or datagrams
 */
void tally_done(struct tally *tally, uint64_t more)
{
	uint64_t done = atomic_load_explicit(&tally->done, memory_order_relaxed) + more;
	uint64_t goal = atomic_load_explicit(&tally->goal, memory_order_relaxed);

	atomic_store_explicit(&tally->done, done, memory_order_relaxed);
	if (!goal || done < goal)
		return;
	atomic_store_explicit(&tally->goal, 0, memory_order_relaxed);
	kill(getppid(), SIGUSR1);
}
