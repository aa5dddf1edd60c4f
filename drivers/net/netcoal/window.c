// SPDX-License-Identifier: GPL-2.0
/*
 * Windows: from running per-CPU sums to what a queue did in one period.
 */
#include <linux/cpumask.h>
#include <linux/irq.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/tick.h>

#include "clock.h"
#include "compat.h"
#include "device.h"
#include "portion.h"
#include "window.h"

static u32 netcoal_u32(u64 value)
{
	return min_t(u64, value, U32_MAX);
}

static u64 netcoal_hardirqs(const struct netcoal_queue *q)
{
	struct irq_data *data;
	struct irq_desc *desc;
	u64 sum = 0;
	int cpu;

	if (!q->irq)
		return 0;

	/* The descriptor may be freed under us by a driver that resets. */
	rcu_read_lock();
	data = irq_get_irq_data(q->irq);
	if (data) {
		desc = irq_data_to_desc(data);
		for_each_cpu(cpu, q->cpus)
			sum += irq_desc_kstat_cpu(desc, cpu);
	}
	rcu_read_unlock();
	return sum;
}

/**
 * netcoal_window_totals() - a queue's counters since attach, over all CPUs
 * @q: the queue
 * @sum: gets the sums
 * @hardirqs: gets the interrupts, 0 where the kernel does not say
 */
void netcoal_window_totals(const struct netcoal_queue *q,
			   struct netcoal_counts *sum, u64 *hardirqs)
{
	const struct netcoal_stat *st;
	int cpu;

	memset(sum, 0, sizeof(*sum));
	for_each_cpu(cpu, q->cpus) {
		st = per_cpu_ptr(q->stat, cpu);
		sum->packets += READ_ONCE(st->packets);
		sum->polls += READ_ONCE(st->more_polls);
		sum->empty_polls += READ_ONCE(st->empty_polls);
		sum->full_polls += READ_ONCE(st->full_polls);
		sum->sequences += READ_ONCE(st->sequences);
		sum->busy += READ_ONCE(st->busy);
		sum->squares += READ_ONCE(st->squares);
	}
	sum->polls += sum->sequences;
	if (q->tx_only)
		sum->empty_polls = sum->polls;
	*hardirqs = netcoal_hardirqs(q);
}

/*
 * Adds the queue's part of the time that a CPU was not idle in this window. Nobody
 * tells for whom a CPU took interrupts, woke and ran applications, so all of it
 * goes by polling time and what the sequences' interrupts are believed to cost:
 * an approximation, good where packets of all queues cause alike work. Where there are
 * other queues at all, the window says so.
 */
static void netcoal_window_portion(const struct netcoal_queue *q,
				   const struct netcoal_stat *st,
				   const struct netcoal_polled *all, u64 awake_ns,
				   struct netcoal_window *win)
{
	u32 irq_cost_ns = READ_ONCE(q->device->limits.irq_cost_ns);
	u64 own_ns, all_ns;

	own_ns = netcoal_work_ns(netcoal_clock_ns(READ_ONCE(st->busy) - st->seen_busy),
				 (u32)READ_ONCE(st->sequences) - st->seen_sequences,
				 irq_cost_ns);
	all_ns = netcoal_work_ns(netcoal_clock_ns(all->busy - st->seen_all_busy),
				 (u32)all->sequences - st->seen_all_sequences,
				 irq_cost_ns);
	win->cpu_ns += netcoal_portion(awake_ns, own_ns, all_ns);
	win->shared |= netcoal_is_shared(own_ns, all_ns);
}

static void netcoal_window_mark_cpu(struct netcoal_stat *st,
				    const struct netcoal_polled *all, u64 idle_us)
{
	st->idle_us = idle_us;
	st->seen_sequences = READ_ONCE(st->sequences);
	st->seen_busy = READ_ONCE(st->busy);
	st->seen_all_sequences = all->sequences;
	st->seen_all_busy = all->busy;
}

/*
 * Time that the CPUs which served the queue in this window were not idle, as
 * far as it is this queue's, and the marks for the next window. 0 if some CPU's
 * idle time is not known. One with hardly any starves the queue.
 */
static void netcoal_window_cpu(struct netcoal_queue *q, struct netcoal_window *win)
{
	u64 idle_us, idle_ns;
	struct netcoal_polled all;
	struct netcoal_stat *st;
	bool known = true;
	int cpu;

	for_each_cpu(cpu, q->cpus) {
		st = per_cpu_ptr(q->stat, cpu);
		idle_us = get_cpu_idle_time_us(cpu, NULL);
		if (idle_us == (u64)-1)
			known = false;
		netcoal_sense_polled(cpu, &all);
		idle_ns = (idle_us - st->idle_us) * NSEC_PER_USEC;
		if ((u32)READ_ONCE(st->sequences) != st->seen_sequences &&
		    win->len_ns > idle_ns) {
			netcoal_window_portion(q, st, &all, win->len_ns - idle_ns, win);
			win->starved |= idle_ns < win->len_ns / NETCOAL_WINDOW_IDLE_PART;
		}
		netcoal_window_mark_cpu(st, &all, idle_us);
	}
	if (!known)
		win->cpu_ns = 0;
}

/* Of those CPUs that know of the window, from when they do. */
static u32 netcoal_window_longest(const struct netcoal_queue *q)
{
	const struct netcoal_stat *st;
	u32 longest = 0;
	int cpu;

	for_each_cpu(cpu, q->cpus) {
		st = per_cpu_ptr(q->stat, cpu);
		if (READ_ONCE(st->window) == q->window)
			longest = max_t(u32, longest, READ_ONCE(st->longest));
	}
	return longest;
}

static void netcoal_window_mark(struct netcoal_queue *q, const struct netcoal_counts *sum,
				u64 hardirqs, u64 now_ns)
{
	q->mark = (struct netcoal_mark){
		.busy = sum->busy,
		.packets = sum->packets,
		.polls = sum->polls,
		.empty_polls = sum->empty_polls,
		.full_polls = sum->full_polls,
		.sequences = sum->sequences,
		.hardirqs = hardirqs,
	};
	q->mark_squares = sum->squares;
	q->mark_ns = now_ns;
	WRITE_ONCE(q->window_start, netcoal_clock());
}

/**
 * netcoal_window_start() - begin the first window of a queue
 * @q: the queue, seen by no probe yet
 */
void netcoal_window_start(struct netcoal_queue *q)
{
	struct netcoal_counts sum;
	u64 hardirqs;

	netcoal_window_totals(q, &sum, &hardirqs);
	netcoal_window_mark(q, &sum, hardirqs, ktime_get_ns());
	q->first_hardirqs = hardirqs;
	q->window = 1;
}

/**
 * netcoal_window_end() - end a window
 * @q: the queue
 * @win: gets what the queue did
 *
 * The next begins here, but probes count its sequences from
 * netcoal_window_next() on. Called from the queue's work only, which never runs
 * twice at once.
 */
void netcoal_window_end(struct netcoal_queue *q, struct netcoal_window *win)
{
	u64 now_ns = ktime_get_ns(), hardirqs;
	struct netcoal_counts sum;

	netcoal_window_totals(q, &sum, &hardirqs);
	win->len_ns = max_t(u64, now_ns - q->mark_ns, 1);
	win->busy_ns = netcoal_clock_ns(sum.busy - q->mark.busy);
	win->starved = false;
	win->shared = false;
	win->cpu_ns = 0;
	netcoal_window_cpu(q, win);
	win->packets = (u32)sum.packets - q->mark.packets;
	win->polls = (u32)sum.polls - q->mark.polls;
	win->empty_polls = (u32)sum.empty_polls - q->mark.empty_polls;
	win->full_polls = (u32)sum.full_polls - q->mark.full_polls;
	win->sequences = (u32)sum.sequences - q->mark.sequences;
	win->hardirqs = (u32)hardirqs - q->mark.hardirqs;
	win->squares = sum.squares - q->mark_squares;
	win->longest = netcoal_window_longest(q);
	win->settled = !xchg(&q->unsettled, 0);
	netcoal_window_mark(q, &sum, hardirqs, now_ns);
}

/**
 * netcoal_window_expect() - say what the next window shall have
 * @q: the queue
 * @win: the one just judged
 * @next_sequences: what the governor asks for
 *
 * Called from the queue's work only, before netcoal_window_next().
 */
void netcoal_window_expect(struct netcoal_queue *q, const struct netcoal_window *win,
			   u32 next_sequences)
{
	bool calm = next_sequences >= NETCOAL_WINDOW_CALM && win->sequences;
	u64 usual_ns = calm ? div_u64(win->len_ns * next_sequences, win->sequences) : 0;

	WRITE_ONCE(q->window_sequences, next_sequences ?
		   max_t(u32, next_sequences, NETCOAL_WINDOW_LEAST) : 0);
	WRITE_ONCE(q->usual_ns, netcoal_u32(usual_ns));
	if (calm)
		WRITE_ONCE(q->usual_packets,
			   netcoal_u32(div_u64((u64)win->packets * next_sequences,
					       win->sequences)));
}

/**
 * netcoal_window_next() - let the probes see that the window is another one
 * @q: the queue
 *
 * Called from the queue's work only. The CPU that it runs on is the one that had
 * the last window judged: until told, it does not look, so that polls while a work
 * waits for its turn cost nothing more. Others look soon enough.
 */
void netcoal_window_next(struct netcoal_queue *q)
{
	/* with what the window shall have: netcoal_window_look() pairs with it */
	smp_store_release(&q->window, q->window + 1);
	local_bh_disable();
	preempt_disable();
	this_cpu_ptr(q->stat)->due = 0;
	preempt_enable();
	local_bh_enable();
}

/**
 * netcoal_window_polled() - how often was a queue polled since attach?
 * @q: the queue
 * @received: its packets are added to this
 *
 * Return: runs of polls, modulo 2^32 as @received.
 */
u32 netcoal_window_polled(const struct netcoal_queue *q, u32 *received)
{
	const struct netcoal_stat *st;
	u32 sequences = 0;
	int cpu;

	for_each_cpu(cpu, q->cpus) {
		st = per_cpu_ptr(q->stat, cpu);
		sequences += READ_ONCE(st->sequences);
		*received += READ_ONCE(st->packets);
	}
	return sequences;
}

/* ---- asked by the probe ---------------------------------------------------- */

static u32 netcoal_window_asked(const struct netcoal_queue *q)
{
	return READ_ONCE(q->window_sequences) ?: NETCOAL_WINDOW_SEQUENCES;
}

static void netcoal_window_begin_part(const struct netcoal_queue *q,
				      struct netcoal_stat *st, u32 asked, u64 now)
{
	st->part_start = now;
	st->part_packets = st->packets;
	st->due = READ_ONCE(q->window_start) +
		  netcoal_clock_ticks(netcoal_window_most_ns(asked));
}

/* The sequence that the poll is of is the first one. */
static void netcoal_window_enter(struct netcoal_queue *q, struct netcoal_stat *st,
				 u32 window, u64 now)
{
	u32 asked = netcoal_window_asked(q);

	st->longest = 0;
	st->window = window;
	st->kicked = false;
	st->first = (u32)st->sequences - 1;
	st->enough = st->first + asked;
	netcoal_window_begin_part(q, st, asked, now);
	netcoal_queue_seen_here(q);
}

/*
 * A window that nothing depends on goes on while its traffic is what it was. A
 * change is judged at once, by this window and the next.
 */
static bool netcoal_window_goes_on(const struct netcoal_queue *q, struct netcoal_stat *st,
				   u32 asked, u32 sequences, u64 now)
{
	u32 usual_ns = READ_ONCE(q->usual_ns), packets = (u32)st->packets - st->part_packets;

	if (!usual_ns || sequences + asked > NETCOAL_WINDOW_CALM_MOST ||
	    now >= READ_ONCE(q->window_start) +
		   netcoal_clock_ticks(netcoal_window_most_ns(asked)) ||
	    !netcoal_window_alike(netcoal_clock_ns(now - st->part_start), usual_ns) ||
	    !netcoal_window_alike(packets, READ_ONCE(q->usual_packets)))
		return false;
	st->enough = (u32)st->sequences + asked;
	netcoal_window_begin_part(q, st, asked, now);
	return true;
}

/* A clock that was set back ends a window; that of another CPU may but lag. */
static bool netcoal_window_is_over(u32 asked, u32 sequences, u64 start, u64 now)
{
	if (now < start)
		return start - now > netcoal_clock_ticks(netcoal_window_most_ns(asked));
	return netcoal_window_over(asked, sequences, netcoal_clock_ns(now - start));
}

/**
 * netcoal_window_look() - is the queue's window over?
 * @q: the queue
 * @st: this CPU's counters of it
 * @now: netcoal_clock()
 *
 * Called by the probe when netcoal_window_due(). A CPU that meets a new window
 * only enters it then; until then it still counted for the old one, and no
 * window ends before one CPU has had as many sequences of it as it shall have.
 *
 * Return: true once a window, when it is over.
 */
bool netcoal_window_look(struct netcoal_queue *q, struct netcoal_stat *st, u64 now)
{
	/* before what it shall have: pairs with netcoal_window_next() */
	u32 window = smp_load_acquire(&q->window), asked, sequences;
	u64 start = READ_ONCE(q->window_start);

	if (st->window != window) {
		netcoal_window_enter(q, st, window, now);
		return false;
	}
	if (st->kicked) {
		st->due = now + netcoal_clock_ticks(NETCOAL_WINDOW_MIN_NS);
		/* should the clock be set back meanwhile */
		st->enough = (u32)st->sequences + NETCOAL_WINDOW_SEQUENCES;
		return false;
	}
	asked = netcoal_window_asked(q);
	sequences = (u32)st->sequences - st->first;
	if (netcoal_window_is_over(asked, sequences, start, now))
		return !netcoal_window_goes_on(q, st, asked, sequences, now);
	st->due = start + netcoal_clock_ticks(sequences < asked ?
					      netcoal_window_most_ns(asked) :
					      netcoal_window_least_ns(asked));
	/* should the clock be set back meanwhile */
	if (sequences >= asked)
		st->enough = (u32)st->sequences + asked;
	return false;
}
