// SPDX-License-Identifier: GPL-2.0
/*
 * Turns of queues that have one setting: see turn.h.
 *
 * A queue that judged windows in which another's setting was in force would find that
 * its own did nothing: a test of a hold-off that is not there looks like a closed loop,
 * which would cap all others at none, in each of them, for ever.
 *
 * The busiest queue decides most of the time. The others have short turns, in which
 * they find out whether a hold-off makes a closed loop of theirs slower; what they
 * found caps it afterwards. Their wish for no delay says that waiting buys them
 * nothing, not that it is not allowed, so it does not.
 */
#include <linux/jiffies.h>
#include <linux/minmax.h>

#include "device.h"
#include "govern.h"
#include "queue.h"
#include "turn.h"

/* A queue with less than this part of the busiest's packets caps nobody, and has no turn. */
#define NETCOAL_TURN_SHARE	16
/* One that has less than half of another's packets for so long is the busiest no more. */
#define NETCOAL_MAIN_BEHIND	DIV_ROUND_UP(HZ, 2)
/* The busiest's turns last from the first to the second, the others' for the third. */
#define NETCOAL_MAIN_LEAST	HZ
#define NETCOAL_MAIN_MOST	(16 * HZ)
#define NETCOAL_OTHER		DIV_ROUND_UP(HZ, 4)
/* Or for so long if it has found a closed loop, and looks whether that is still there. */
#define NETCOAL_OTHER_CLOSED	HZ
/* And for so much longer if the holder is trying something. */
#define NETCOAL_TURN_MOST	(16 * HZ)
/* That is looked at so often; each window's end would have a device's work done. */
#define NETCOAL_TURN_LOOK	DIV_ROUND_UP(HZ, 10)

/* What a queue decided last, if that was lately; else its pps are 0. */
static struct netcoal_decision netcoal_turn_report(struct netcoal_device *nd, unsigned int i)
{
	struct netcoal_decision d;
	u64 windows, changes;

	netcoal_queue_report(nd->queues[i], &d, &windows, &changes);
	if (!windows || !netcoal_queue_is_fresh(nd->queues[i]))
		d.pps = 0;
	return d;
}

static void netcoal_turn_ends(struct netcoal_turn *turn, unsigned long next)
{
	turn->next = next;
	WRITE_ONCE(turn->look, next);
}

/*
 * Queues that are alike are the busiest by turns, and each had to learn what the others know.
 * A window is short: where the CPU has other work besides, or packets come in bursts, one has
 * twice the rate of another's, and the next half of it.
 */
static bool netcoal_turn_stays_main(struct netcoal_device *nd, u32 most)
{
	struct netcoal_turn *turn = &nd->turn;
	u32 pps = netcoal_turn_report(nd, turn->main).pps, now = (u32)jiffies ?: 1;

	if (pps >= most / 2) {
		turn->behind = 0;
		return true;
	}
	if (!turn->behind)
		turn->behind = now;
	return pps && now - turn->behind < NETCOAL_MAIN_BEHIND;
}

static void netcoal_turn_find_main(struct netcoal_device *nd)
{
	struct netcoal_turn *turn = &nd->turn;
	u32 pps, most = 0;
	unsigned int i, busiest = turn->main;

	for (i = 0; i < nd->nr_queues; i++) {
		pps = netcoal_turn_report(nd, i).pps;
		if (pps > most) {
			most = pps;
			busiest = i;
		}
	}
	if (netcoal_turn_stays_main(nd, most))
		return;
	turn->main = busiest;
	turn->behind = 0;
	turn->main_jiffies = NETCOAL_MAIN_LEAST;
	netcoal_turn_ends(turn, jiffies);
}

static bool netcoal_turn_counts(struct netcoal_device *nd, unsigned int i)
{
	u32 pps = netcoal_turn_report(nd, i).pps;

	return pps && pps >= netcoal_turn_report(nd, nd->turn.main).pps / NETCOAL_TURN_SHARE;
}

/* The next of the others, or the main one if there is none. */
static unsigned int netcoal_turn_next_other(struct netcoal_device *nd)
{
	unsigned int n, i = nd->turn.other;

	for (n = 0; n < nd->nr_queues; n++) {
		i = (i + 1) % nd->nr_queues;
		if (i != nd->turn.main && netcoal_turn_counts(nd, i))
			return i;
	}
	return nd->turn.main;
}

static void netcoal_turn_begin(struct netcoal_device *nd, unsigned int holder)
{
	struct netcoal_turn *turn = &nd->turn;
	bool closed = netcoal_turn_report(nd, holder).closed;

	if (holder == turn->main) {
		netcoal_turn_ends(turn, jiffies + turn->main_jiffies);
		turn->main_jiffies = min_t(unsigned long, 2 * turn->main_jiffies,
					   NETCOAL_MAIN_MOST);
	} else {
		netcoal_turn_ends(turn, jiffies + (closed ? NETCOAL_OTHER_CLOSED : NETCOAL_OTHER));
		turn->other = holder;
	}
	WRITE_ONCE(turn->holder, holder);
}

static bool netcoal_turn_is_over(struct netcoal_device *nd)
{
	const struct netcoal_turn *turn = &nd->turn;

	if (!netcoal_turn_counts(nd, turn->holder))
		return true;
	if (time_before(jiffies, turn->next))
		return false;
	return !netcoal_turn_report(nd, turn->holder).trying ||
	       time_after(jiffies, turn->next + NETCOAL_TURN_MOST);
}

/* Of closed loops but the holder's, which finds out by itself. */
static u32 netcoal_turn_cap_ns(struct netcoal_device *nd)
{
	struct netcoal_decision d;
	u32 cap_ns = U32_MAX;
	unsigned int i;

	for (i = 0; i < nd->nr_queues; i++) {
		d = netcoal_turn_report(nd, i);
		if (i != nd->turn.holder && d.closed && netcoal_turn_counts(nd, i))
			cap_ns = min(cap_ns, d.setting.holdoff_ns);
	}
	return cap_ns;
}

/**
 * netcoal_turn_has_closed() - was a closed loop found in what is received?
 * @nd: a governed device
 *
 * Return: true if a queue found one, and was busy lately.
 */
bool netcoal_turn_has_closed(struct netcoal_device *nd)
{
	struct netcoal_decision d;
	unsigned int i;

	for (i = 0; i < nd->nr_queues; i++) {
		d = netcoal_turn_report(nd, i);
		if (d.pps && d.closed)
			return true;
	}
	return false;
}

/**
 * netcoal_turn_start() - before any queue has a window
 * @nd: the device, with its queues
 */
void netcoal_turn_start(struct netcoal_device *nd)
{
	unsigned int first = 0;

	while (first + 1 < nd->nr_queues && nd->queues[first]->tx_only)
		first++;
	nd->turn = (struct netcoal_turn){
		.holder = first,
		.main = first,
		.next = jiffies,
		.look = jiffies,
		.main_jiffies = NETCOAL_MAIN_LEAST,
		.cap_ns = U32_MAX,
	};
}

/**
 * netcoal_turn_has() - is it a queue's turn to decide?
 * @q: the queue
 *
 * Called from its work.
 *
 * Return: true if so, or if it has a setting of its own.
 */
bool netcoal_turn_has(const struct netcoal_queue *q)
{
	return q->device->actuator->per_queue || READ_ONCE(q->device->turn.holder) == q->index;
}

/**
 * netcoal_turn_due() - is it time to look whose turn it is?
 * @nd: a governed device
 *
 * Called from queues' works.
 *
 * Return: true if the present turn may end.
 */
bool netcoal_turn_due(const struct netcoal_device *nd)
{
	return nd->nr_queues > 1 && !nd->actuator->per_queue &&
	       time_after_eq(jiffies, READ_ONCE(nd->turn.look));
}

/**
 * netcoal_turn_merge() - one setting for all queues of a device
 * @nd: a governed device; without queues nothing is to do
 *
 * Of the queue whose turn it is, capped by those whose traffic suffers from waiting.
 * Called under rtnl.
 */
void netcoal_turn_merge(struct netcoal_device *nd)
{
	struct netcoal_turn *turn = &nd->turn;
	struct netcoal_limits lim;
	struct netcoal_decision d;

	if (!nd->nr_queues)
		return;
	netcoal_turn_find_main(nd);
	if (!netcoal_turn_report(nd, turn->main).pps)
		return;
	if (netcoal_turn_is_over(nd))
		netcoal_turn_begin(nd, turn->holder == turn->main ? netcoal_turn_next_other(nd) :
								     turn->main);
	else if (netcoal_turn_due(nd))
		WRITE_ONCE(turn->look, jiffies + NETCOAL_TURN_LOOK);
	WRITE_ONCE(turn->cap_ns, netcoal_turn_cap_ns(nd));
	d = netcoal_turn_report(nd, turn->holder);
	if (!d.pps)
		return;
	nd->want_rx = d.setting;
	nd->want_rx.holdoff_ns = min(nd->want_rx.holdoff_ns, turn->cap_ns);
	/* A CPU cap may have moved since it was decided. */
	netcoal_govern_limits(nd, &nd->rx, &lim);
	netcoal_gov_bound(&nd->want_rx, &lim);
}
