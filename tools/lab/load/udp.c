// SPDX-License-Identifier: GPL-2.0
/* Paced datagrams, one way, each stamped with the time it left. */

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "die.h"
#include "draw.h"
#include "udp.h"

/* Gaps are drawn before the start and then repeat, so that drawing them costs the run nothing. */
#define GAPS	65536

static uint64_t gaps_ns[GAPS];

static void plan(const struct options *opt)
{
	double mean_ns = (double)NSEC_PER_SEC / opt->pps * opt->burst;
	uint64_t state = opt->seed;

	for (unsigned int i = 0; i < GAPS; i++) {
		/* Equal gaps need not be whole ns: round the sum, not the gap. */
		gaps_ns[i] = llround((i + 1) * mean_ns) - llround(i * mean_ns);
		if (opt->poisson)
			gaps_ns[i] = llround(-mean_ns *
					     log(((draw(&state) >> 11) + 0.5) / (1ull << 53)));
	}
}

/* Sleeping, not spinning: the sender must not use the CPU whose use is measured. */
static void sleep_until(uint64_t due_ns)
{
	struct timespec ts = { .tv_sec = due_ns / NSEC_PER_SEC, .tv_nsec = due_ns % NSEC_PER_SEC };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) == EINTR)
		;
}

static void count_sent(struct tally *tally, uint64_t late_ns)
{
	tally->sent++;
	tally->late_sum_ns += late_ns;
	if (late_ns > tally->late_max_ns)
		tally->late_max_ns = late_ns;
}

/* Stamp a datagram that was due at @due_ns, and count it as one on its way. */
static void stamp_now(struct stamp *stamp, struct tally *tally, uint64_t due_ns)
{
	stamp->number = tally->departed++;
	stamp->measured = tally_phase(tally) == PHASE_MEASURE;
	stamp->sent_ns = now_ns();
	if (stamp->measured)
		count_sent(tally, stamp->sent_ns - due_ns);
}

/**
 * struct pace - when the next burst is due
 * @due_ns: then
 * @step: place in the profile
 * @step_end_ns: when that step is over
 * @gap: place in the gaps
 * @began: the profile began anew with the window
 */
struct pace {
	uint64_t due_ns;
	unsigned int step;
	uint64_t step_end_ns;
	unsigned int gap;
	bool began;
};

static void enter_step(const struct options *opt, struct pace *pace, unsigned int step)
{
	pace->step = step % opt->nr_steps;
	pace->step_end_ns = pace->due_ns + opt->steps[pace->step].ns;
}

/* Along the profile; a step of silence only moves the time on. */
static void advance_profile(const struct options *opt, struct tally *tally, struct pace *pace)
{
	if (!pace->began && tally_phase(tally) == PHASE_MEASURE) {
		pace->began = true;
		pace->due_ns = now_ns();
		enter_step(opt, pace, 0);
	}
	if (opt->steps[pace->step].pps)
		pace->due_ns += NSEC_PER_SEC * opt->burst / opt->steps[pace->step].pps;
	while (pace->due_ns >= pace->step_end_ns || !opt->steps[pace->step].pps) {
		pace->due_ns = pace->step_end_ns;
		enter_step(opt, pace, pace->step + 1);
	}
}

static void advance(const struct options *opt, struct tally *tally, struct pace *pace)
{
	if (opt->nr_steps) {
		advance_profile(opt, tally, pace);
		return;
	}
	pace->due_ns += gaps_ns[pace->gap];
	pace->gap = (pace->gap + 1) % GAPS;
}

static int destination(const struct sockets *socks, struct tally *tally)
{
	return tally->nowhere ? socks->nowhere : socks->fd[0];
}

/**
 * udp_sender - send at the set pace, until killed
 * @opt: the run's
 * @socks: one socket
 * @tally: where sent datagrams are counted
 *
 * A sender that fell behind sends without a pause until it has caught up: the load is an open loop.
 */
void udp_sender(const struct options *opt, struct sockets *socks, struct tally *tally)
{
	struct stamp *datagram = zalloc(opt->size);
	struct pace pace = { .due_ns = now_ns() };

	if (opt->nr_steps)
		enter_step(opt, &pace, 0);
	else
		plan(opt);
	while (tally_phase(tally) != PHASE_STOP) {
		advance(opt, tally, &pace);
		sleep_until(pace.due_ns);
		for (unsigned int i = 0; i < opt->burst; i++) {
			stamp_now(datagram, tally, pace.due_ns);
			if (send(destination(socks, tally), datagram, opt->size, 0) < 0 &&
			    errno != ENOBUFS)
				die("send %u bytes: %s", opt->size, strerror(errno));
		}
	}
	for (;;)
		pause();
}

/* What a receiver takes at once, as servers of datagrams do that see many. */
#define AT_ONCE		32

/* Into the bin in which it was sent; @first of those that one call took. */
static void count_bin(const struct options *opt, struct tally *tally, const struct stamp *datagram,
		      uint64_t latency_ns, bool first)
{
	uint64_t i = (datagram->sent_ns - tally->begin_ns) / opt->bin_ns;
	struct bin *bin = &tally->bins[i];

	if (i >= BINS_MAX)
		return;
	bin->received++;
	bin->takes += first;
	bin->latency_sum_ns += latency_ns;
	if (latency_ns > bin->latency_max_ns)
		bin->latency_max_ns = latency_ns;
}

static void count_received(struct tally *tally, const struct stamp *datagram, uint64_t *expected,
			   uint64_t arrived_ns)
{
	if (datagram->measured) {
		tally->received++;
		tally->gaps += datagram->number != *expected;
		hist_add(&tally->latency, arrived_ns - datagram->sent_ns);
	}
	*expected = datagram->number + 1;
	tally_done(tally, 1);
}

/**
 * udp_receiver - receive and time datagrams, until killed
 * @opt: the run's
 * @socks: one socket
 * @tally: where received datagrams are counted
 *
 * Sleeps for the first datagram, then takes all that have arrived.
 */
void udp_receiver(const struct options *opt, struct sockets *socks, struct tally *tally)
{
	struct mmsghdr messages[AT_ONCE] = {};
	struct iovec buffers[AT_ONCE];
	uint64_t expected = 0, arrived_ns;
	const struct stamp *datagram;
	int n;

	for (int i = 0; i < AT_ONCE; i++) {
		buffers[i] = (struct iovec){ zalloc(opt->size), opt->size };
		messages[i].msg_hdr.msg_iov = &buffers[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	for (;;) {
		n = recvmmsg(socks->fd[0], messages, AT_ONCE, MSG_WAITFORONE, NULL);
		arrived_ns = now_ns();
		if (n < 0)
			die("receive %u bytes: %s", opt->size, strerror(errno));
		for (int i = 0; i < n; i++) {
			if (messages[i].msg_len != opt->size)
				die("receive %u bytes: got %u", opt->size, messages[i].msg_len);
			datagram = buffers[i].iov_base;
			count_received(tally, datagram, &expected, arrived_ns);
			if (opt->bin_ns && datagram->measured)
				count_bin(opt, tally, datagram, arrived_ns - datagram->sent_ns, !i);
		}
	}
}
