// SPDX-License-Identifier: GPL-2.0
/*
 * load - put a load on the wire and measure one window of it
 *
 *	 netns A                    netns B
 *	[ asks, sends ] -- wire -- [ answers, receives ]    two processes, a socket or more each
 *	         \                    /
 *	          +---- tally -------+                      what they count, in shared memory
 *	                  |
 *	             [ monitor ]                            sleeps through the window, reads
 *	                                                    the machine's counters at its ends
 *
 *	 warm-up |              window             |
 *	         | settle |  latencies are taken   | the load runs on, then stops
 *	      counters                          counters
 *
 * Reading the counters holds up the only CPU of a small guest for a moment. So the load goes on
 * before and after, and latencies are taken only once that moment is over.
 */

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "die.h"
#include "polls.h"
#include "result.h"
#include "rr.h"
#include "stream.h"
#include "udp.h"

#define SETTLE_NS	5000000ull
#define DRAIN_NS	50000000ull
#define COUNT_LIMIT_NS	(600 * NSEC_PER_SEC)

/*
 * The sender of a one-way load shares a small guest's only CPU with the receiver, and stands for a
 * machine of its own. So the receiver goes first: it runs as soon as it has something to do, as if
 * it were alone, on any scheduler.
 */
static void give_way(void)
{
	struct sched_param priority = {};

	if (sched_setscheduler(0, SCHED_IDLE, &priority))
		die("lowest priority for the sender: %s", strerror(errno));
}

static void run_from(struct run *run)
{
	if (run->opt.mode != MODE_RR && !run->opt.equal)
		give_way();
	switch (run->opt.mode) {
	case MODE_RR:
		rr_client(&run->opt, &run->from_socks, run->tally);
	case MODE_STREAM:
		stream_sender(&run->opt, &run->from_socks);
	case MODE_UDP:
		udp_sender(&run->opt, &run->from_socks, run->tally);
	case MODE_RUN:
		break;
	}
}

static void run_to(struct run *run)
{
	switch (run->opt.mode) {
	case MODE_RR:
		rr_server(&run->opt, &run->to_socks);
	case MODE_STREAM:
		stream_receiver(&run->opt, &run->to_socks, run->tally);
	case MODE_UDP:
		udp_receiver(&run->opt, &run->to_socks, run->tally);
	case MODE_RUN:
		break;
	}
}

/* Start one end. It ends with the monitor, whatever ends that. */
static pid_t start(struct run *run, void (*end)(struct run *run))
{
	pid_t monitor = getpid(), pid = fork();

	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() == monitor)
		end(run);
	exit(1);
}

static void wanted_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGUSR1);
	sigaddset(set, SIGCHLD);
}

/* An end is not supposed to end before it is told to. It has said why. */
static void check_ends(void)
{
	if (waitpid(-1, NULL, WNOHANG) > 0)
		exit(1);
}

/* Sleep until a moment or, sooner, until an end reports its goal reached: then true. */
static bool wait_until(uint64_t due_ns)
{
	uint64_t now = now_ns();
	sigset_t set;
	int signal;

	wanted_signals(&set);
	while (now < due_ns) {
		struct timespec left = {
			.tv_sec = (due_ns - now) / NSEC_PER_SEC,
			.tv_nsec = (due_ns - now) % NSEC_PER_SEC,
		};

		signal = sigtimedwait(&set, NULL, &left);
		if (signal == SIGCHLD)
			check_ends();
		if (signal == SIGUSR1)
			return true;
		now = now_ns();
	}
	return false;
}

static void wait_extent(struct tally *tally, const struct extent *extent, uint64_t begin_ns,
			uint64_t begin_done)
{
	if (!extent->count) {
		wait_until(begin_ns + extent->ns);
		return;
	}
	atomic_store(&tally->goal, begin_done + extent->count);
	if (!wait_until(begin_ns + COUNT_LIMIT_NS))
		die("%llu did not come through in %llu s", (unsigned long long)extent->count,
		    COUNT_LIMIT_NS / NSEC_PER_SEC);
}

/* Warm up, then let a window pass, in which the ends take it for @phase. */
static void watch(struct run *run, struct window *window, enum phase phase)
{
	const struct options *opt = &run->opt;
	struct tally *tally = run->tally;

	wait_extent(tally, &opt->warmup, now_ns(), atomic_load(&tally->done));
	counters_begin(&window->begin, tally, &run->from, &run->to);
	wait_until(window->begin.at_ns + SETTLE_NS);
	atomic_store(&tally->begin_ns, now_ns());
	atomic_store(&tally->phase, phase);
	wait_extent(tally, &opt->length, window->begin.at_ns, window->begin.done);
	atomic_store(&tally->phase, PHASE_RUN);
	counters_end(&window->end, tally, &run->from, &run->to);
}

static void run_command(const char *option, const char *command)
{
	pid_t pid = fork();
	sigset_t none;
	int status;

	if (!pid) {
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		execl("/bin/sh", "sh", "-c", command, NULL);
		exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || status)
		die("%s: '%s' failed", option, command);
}

static void count_polls(struct run *run)
{
	bool alone = run->opt.nowhere.s_addr && !run->to.is_bond;
	uint64_t packets;

	run->polls.known = polls_start(alone ? run->opt.to.dev : NULL);
	if (!run->polls.known)
		return;
	packets = result_packets(run, nic_rx_packets(&run->from), nic_rx_packets(&run->to));
	wait_until(now_ns() + run->opt.polls_ns);
	run->polls.packets = result_packets(run, nic_rx_packets(&run->from),
					    nic_rx_packets(&run->to)) - packets;
	run->polls.count = polls_stop();
}

static void measure(struct run *run)
{
	struct tally *tally = run->tally;

	if (run->opt.nowhere.s_addr) {
		atomic_store(&tally->nowhere, true);
		watch(run, &run->reference, PHASE_RUN);
		atomic_store(&tally->nowhere, false);
	}
	watch(run, &run->window, PHASE_MEASURE);
	if (run->opt.then)
		run_command("--then", run->opt.then);
	if (run->opt.polls_ns)
		count_polls(run);
	atomic_store(&tally->phase, PHASE_STOP);
	wait_until(now_ns() + DRAIN_NS);
}

/* A foreign load: the window is its life. */
static void measure_command(struct run *run)
{
	counters_begin(&run->window.begin, run->tally, &run->from, &run->to);
	run_command("run", run->opt.command);
	counters_end(&run->window.end, run->tally, &run->from, &run->to);
}

static void stop(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void prepare(struct run *run)
{
	sigset_t set;

	wanted_signals(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	prctl(PR_SET_TIMERSLACK, 1);
	nic_open(&run->to, &run->opt.to);
	nic_open(&run->from, &run->opt.from);
	if (run->opt.mode != MODE_RUN)
		sockets_open(&run->opt, &run->from_socks, &run->to_socks);
	run->tally = tally_new();
	counters_open();
}

int main(int argc, char **argv)
{
	static struct run run;
	pid_t from, to;

	options_parse(&run.opt, argc, argv);
	prepare(&run);
	if (run.opt.mode == MODE_RUN) {
		measure_command(&run);
	} else {
		to = start(&run, run_to);
		from = start(&run, run_from);
		measure(&run);
		stop(from);
		stop(to);
	}
	result_print(&run);
	return 0;
}
