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
		sum->packets += READ_ONCE(st->n.packets);
		sum->polls += READ_ONCE(st->n.polls);
		sum->empty_polls += READ_ONCE(st->n.empty_polls);
		sum->full_polls += READ_ONCE(st->n.full_polls);
		sum->sequences += READ_ONCE(st->n.sequences);
		sum->busy += READ_ONCE(st->n.busy);
	}
	*hardirqs = netcoal_hardirqs(q);
}

/*
 * The queue's part of the time that a CPU was not idle in this window. Nobody
 * tells for whom a CPU took interrupts, woke and ran applications, so all of it
 * goes by polling time and what the sequences' interrupts are believed to cost:
 * an approximation, good where packets of all queues cause alike work.
 */
static u64 netcoal_window_portion(const struct netcoal_queue *q,
				  const struct netcoal_stat *st,
				  const struct netcoal_polled *all, u64 awake_ns)
{
	u32 irq_cost_ns = READ_ONCE(q->device->limits.irq_cost_ns);
	u64 own_ns, all_ns;

	own_ns = netcoal_work_ns(netcoal_clock_ns(READ_ONCE(st->n.busy) - st->seen_busy),
				 READ_ONCE(st->n.sequences) - st->seen_sequences,
				 irq_cost_ns);
	all_ns = netcoal_work_ns(netcoal_clock_ns(all->busy - st->seen_all.busy),
				 all->sequences - st->seen_all.sequences, irq_cost_ns);
	return netcoal_portion(awake_ns, own_ns, all_ns);
}

static void netcoal_window_mark_cpu(struct netcoal_stat *st,
				    const struct netcoal_polled *all, u64 idle_us)
{
	st->idle_us = idle_us;
	st->seen_sequences = READ_ONCE(st->n.sequences);
	st->seen_busy = READ_ONCE(st->n.busy);
	st->seen_all = *all;
}

/*
 * Time that the CPUs which served the queue in this window were not idle, as
 * far as it is this queue's, and the marks for the next window. 0 if some CPU's
 * idle time is not known.
 */
static u64 netcoal_window_cpu_ns(struct netcoal_queue *q, u64 len_ns)
{
	u64 idle_us, idle_ns, cpu_ns = 0;
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
		if (READ_ONCE(st->n.sequences) != st->seen_sequences && len_ns > idle_ns)
			cpu_ns += netcoal_window_portion(q, st, &all, len_ns - idle_ns);
		netcoal_window_mark_cpu(st, &all, idle_us);
	}
	return known ? cpu_ns : 0;
}

/**
 * netcoal_window_start() - begin the first window of a queue
 * @q: the queue, seen by no probe yet
 */
void netcoal_window_start(struct netcoal_queue *q)
{
	q->window = 1;
	q->mark_ns = ktime_get_ns();
	q->window_start = netcoal_clock();
	q->window_ends = jiffies + NETCOAL_WINDOW_TX_JIFFIES;
	netcoal_window_totals(q, &q->mark, &q->mark_hardirqs);
	q->first_hardirqs = q->mark_hardirqs;
}

/**
 * netcoal_window_end() - end a window and begin the next
 * @q: the queue
 * @win: gets what the queue did
 *
 * Called from the queue's work only, which never runs twice at once.
 */
void netcoal_window_end(struct netcoal_queue *q, struct netcoal_window *win)
{
	u64 now_ns = ktime_get_ns(), hardirqs;
	struct netcoal_counts sum;

	netcoal_window_totals(q, &sum, &hardirqs);
	win->len_ns = max_t(u64, now_ns - q->mark_ns, 1);
	win->busy_ns = netcoal_clock_ns(sum.busy - q->mark.busy);
	win->cpu_ns = netcoal_window_cpu_ns(q, win->len_ns);
	win->packets = netcoal_u32(sum.packets - q->mark.packets);
	win->polls = netcoal_u32(sum.polls - q->mark.polls);
	win->empty_polls = netcoal_u32(sum.empty_polls - q->mark.empty_polls);
	win->full_polls = netcoal_u32(sum.full_polls - q->mark.full_polls);
	win->sequences = netcoal_u32(sum.sequences - q->mark.sequences);
	win->hardirqs = netcoal_u32(hardirqs - q->mark_hardirqs);
	win->settled = !xchg(&q->unsettled, 0);

	q->mark = sum;
	q->mark_hardirqs = hardirqs;
	q->mark_ns = now_ns;
	WRITE_ONCE(q->window_start, netcoal_clock());
	WRITE_ONCE(q->window_ends, jiffies + NETCOAL_WINDOW_TX_JIFFIES);
	WRITE_ONCE(q->window, q->window + 1);
}
