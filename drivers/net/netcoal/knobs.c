// SPDX-License-Identifier: GPL-2.0
/*
 * A driver's knobs while netcoal turns them, for all queues or one: found, proved, turned,
 * checked, put back.
 *
 * Read-modify-write, only what supported_coalesce_params names, and mode and
 * values in two steps. The actuators ethtool and ethtool-queue are the same code over two
 * pairs of driver ops, see coalesce.c.
 */
#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "actuator.h"
#include "device.h"
#include "govern.h"
#include "knobs.h"
#include "owed.h"
#include "queue.h"
#include "quirk.h"

/* Asked of a driver at take-over to see whether its knob is real. */
#define NETCOAL_TRIAL_US	250
/* Fewer frames than so many are not asked for to please a driver. */
#define NETCOAL_LEAST_FRAMES	32

/* Whole microseconds, none that the driver takes for a mode. */
static u32 netcoal_ec_usecs(const struct netcoal_device *nd, u32 holdoff_ns)
{
	u32 us = holdoff_ns / NSEC_PER_USEC;

	return netcoal_quirk_usecs(netcoal_quirk(nd->netdev), min(us, nd->ethtool.most_us));
}

/* Without a wait one packet ends it; some drivers refuse 0 for both. */
static u32 netcoal_ec_frames(const struct netcoal_device *nd, const struct netcoal_setting *set,
			     u32 us)
{
	return us ? min(set->frames, nd->ethtool.most_frames) : 1;
}

/**
 * netcoal_ec_rx_holdoff() - the receive hold-off that a driver is asked for
 * @nd: the device
 * @rx: what receiving wants
 *
 * What is sent decides alone while it rides, but for what receiving has to have at least.
 *
 * Return: ns.
 */
u32 netcoal_ec_rx_holdoff(struct netcoal_device *nd, const struct netcoal_setting *rx)
{
	struct netcoal_limits lim;

	if (!nd->tx_side.rides)
		return rx->holdoff_ns;
	netcoal_govern_limits(nd, &nd->rx, &lim);
	return max(nd->want_tx.holdoff_ns, lim.holdoff_min_ns);
}

static void netcoal_ec_put(struct netcoal_device *nd, struct ethtool_coalesce *ec,
			   const struct netcoal_setting *rx,
			   const struct netcoal_setting *tx)
{
	if (nd->rx.usable && !nd->nr_queues) {
		ec->rx_max_coalesced_frames = NETCOAL_BATCH_FRAMES;
	} else if (nd->rx.usable) {
		ec->rx_coalesce_usecs = netcoal_ec_usecs(nd, netcoal_ec_rx_holdoff(nd, rx));
		if (nd->rx.frames)
			ec->rx_max_coalesced_frames =
				netcoal_ec_frames(nd, rx, ec->rx_coalesce_usecs);
	}
	if (nd->tx.usable) {
		ec->tx_coalesce_usecs = netcoal_ec_usecs(nd, tx->holdoff_ns);
		if (nd->tx.frames)
			ec->tx_max_coalesced_frames =
				netcoal_ec_frames(nd, tx, ec->tx_coalesce_usecs);
	}
}

/* What was set can't have been another's, though it does not read back now. */
static int netcoal_ec_read_back(struct netcoal_device *nd, int rxq,
				const struct ethtool_coalesce *asked,
				struct netcoal_knobs *knobs)
{
	int err = netcoal_ec_get(nd->netdev, rxq, &knobs->last);

	knobs->unread = err;
	knobs->again = err;
	if (err)
		knobs->last = *asked;
	return err;
}

/**
 * netcoal_ec_find() - what a device has at take-over, before anything is asked of it
 * @nd: the device
 * @rxq: a queue, or NETCOAL_ALL_QUEUES
 * @knobs: gets it
 *
 * Return: 0 or the driver's error.
 */
int netcoal_ec_find(struct netcoal_device *nd, int rxq, struct netcoal_knobs *knobs)
{
	int err = netcoal_ec_get(nd->netdev, rxq, &knobs->baseline);

	knobs->last = knobs->baseline;
	knobs->unread = false;
	knobs->again = false;
	return err;
}

/**
 * netcoal_ec_undo() - put back what was found, after a trial
 * @nd: the device
 * @rxq: a queue, or NETCOAL_ALL_QUEUES
 * @knobs: has it
 * @asked: what was tried
 *
 * What a driver does not take back is owed, and reads as set by netcoal.
 *
 * Return: 0 or -NETCOAL_EOWED.
 */
int netcoal_ec_undo(struct netcoal_device *nd, int rxq, struct netcoal_knobs *knobs,
		    const struct ethtool_coalesce *asked)
{
	int err = netcoal_ec_put_back(nd->netdev, rxq, &knobs->baseline);

	if (!err)
		return 0;
	netcoal_ec_read_back(nd, rxq, asked, knobs);
	netcoal_owed_add(nd->netdev, rxq, NETCOAL_DIR_RX | NETCOAL_DIR_TX, knobs);
	return -NETCOAL_EOWED;
}

/*
 * A direction again, with all else as it is now: igc's other direction follows, and sfc takes
 * rx-usecs-irq, which follows too, for a value that does not change.
 */
static int netcoal_ec_set_beside(struct net_device *netdev, int rxq,
				 const struct ethtool_coalesce *asked,
				 const struct ethtool_coalesce *now, bool tx)
{
	struct ethtool_coalesce ec = *now;

	if (tx)
		netcoal_ec_copy_tx(&ec, asked);
	else
		netcoal_ec_copy_rx(&ec, asked);
	return netcoal_ec_set(netdev, rxq, &ec);
}

/*
 * Sets a trial hold-off in one direction and puts the baseline back. 1 if the driver
 * took it, 0 if not.
 */
static int netcoal_ec_try(struct netcoal_device *nd, int rxq, struct netcoal_knobs *knobs,
			  bool tx)
{
	struct ethtool_coalesce ec, got, asked = knobs->baseline;
	bool taken;
	u32 *us;

	us = tx ? &asked.tx_coalesce_usecs : &asked.rx_coalesce_usecs;
	*us = *us == NETCOAL_TRIAL_US ? 2 * NETCOAL_TRIAL_US : NETCOAL_TRIAL_US;
	if (tx)
		asked.use_adaptive_tx_coalesce = 0;
	else
		asked.use_adaptive_rx_coalesce = 0;

	ec = asked;
	/* Twice, as ethtool does where the mode and a value change. */
	taken = !netcoal_ec_set(nd->netdev, rxq, &ec) &&
		!netcoal_ec_get(nd->netdev, rxq, &got) &&
		!netcoal_ec_set_beside(nd->netdev, rxq, &asked, &got, tx) &&
		!netcoal_ec_get(nd->netdev, rxq, &got) &&
		!netcoal_ec_ignored(*us, tx ? got.tx_coalesce_usecs :
					      got.rx_coalesce_usecs);
	return netcoal_ec_undo(nd, rxq, knobs, &asked) ?: taken;
}

/**
 * netcoal_ec_abilities() - what a driver says that it has
 * @nd: the device; gets it for each direction
 */
void netcoal_ec_abilities(struct netcoal_device *nd)
{
	u32 has = nd->netdev->ethtool_ops->supported_coalesce_params;
	u32 step_ns = (netcoal_quirk(nd->netdev)->even ? 2 : 1) * NSEC_PER_USEC;

	nd->ethtool.most_us = NETCOAL_USECS_MAX;
	nd->ethtool.most_frames = NETCOAL_FRAMES_MAX;
	nd->rx = (struct netcoal_ability){
		.usable = has & ETHTOOL_COALESCE_RX_USECS,
		.frames = has & ETHTOOL_COALESCE_RX_MAX_FRAMES,
		.step_ns = step_ns,
	};
	nd->tx = (struct netcoal_ability){
		.usable = has & ETHTOOL_COALESCE_TX_USECS,
		.frames = has & ETHTOOL_COALESCE_TX_MAX_FRAMES,
		.step_ns = step_ns,
	};
}

/* Tries a direction that the driver has; usable tells what came of it. */
static int netcoal_ec_prove_direction(struct netcoal_device *nd, int rxq,
				      struct netcoal_knobs *knobs, bool tx, bool *usable)
{
	int taken = *usable ? netcoal_ec_try(nd, rxq, knobs, tx) : 0;

	*usable = taken > 0;
	return min(taken, 0);
}

/**
 * netcoal_ec_prove() - are a driver's knobs real?
 * @nd: the device; gets which directions can be used
 * @rxq: a queue, or NETCOAL_ALL_QUEUES
 * @knobs: gets what was found
 *
 * Gets, sets the same, gets again, then tries each direction.
 *
 * Return: 0, and all is as it was; -EOPNOTSUPP, -NETCOAL_EOWED or the driver's error.
 */
int netcoal_ec_prove(struct netcoal_device *nd, int rxq, struct netcoal_knobs *knobs)
{
	struct ethtool_coalesce ec, got;
	int err;

	err = netcoal_ec_find(nd, rxq, knobs);
	if (err)
		return err;
	ec = knobs->baseline;
	err = netcoal_ec_set(nd->netdev, rxq, &ec);
	if (err)
		return err;
	err = netcoal_ec_get(nd->netdev, rxq, &got);
	if (err || !netcoal_ec_alike(&got, &knobs->baseline))
		return netcoal_ec_undo(nd, rxq, knobs, &knobs->baseline) ?:
		       err ?: -EOPNOTSUPP;

	err = netcoal_ec_prove_direction(nd, rxq, knobs, false, &nd->rx.usable) ?:
	      netcoal_ec_prove_direction(nd, rxq, knobs, true, &nd->tx.usable);
	if (err)
		return err;
	return nd->rx.usable ? 0 : -EOPNOTSUPP;
}

/**
 * netcoal_queues_unlike() - have queues settings of their own?
 * @nd: the device
 * @dirs: directions that count
 *
 * Return: true also where some queue does not tell; false where none can be asked.
 */
bool netcoal_queues_unlike(struct netcoal_device *nd, unsigned int dirs)
{
	const struct ethtool_ops *ops = nd->netdev->ethtool_ops;
	struct ethtool_coalesce first, ec;
	unsigned int i;

	if (!ops->get_per_queue_coalesce || netcoal_ec_begin(nd->netdev))
		return false;
	memset(&first, 0, sizeof(first));
	for (i = 0; i < nd->netdev->real_num_rx_queues; i++) {
		memset(&ec, 0, sizeof(ec));
		if (ops->get_per_queue_coalesce(nd->netdev, i, i ? &ec : &first))
			break;
		if (i && (((dirs & NETCOAL_DIR_RX) && !netcoal_ec_same_rx(&ec, &first)) ||
			  ((dirs & NETCOAL_DIR_TX) && !netcoal_ec_same_tx(&ec, &first))))
			break;
	}
	netcoal_ec_end(nd->netdev);
	return i && i < nd->netdev->real_num_rx_queues;
}

/**
 * netcoal_ec_dirs() - directions that are governed
 * @nd: the device
 *
 * Return: NETCOAL_DIR_RX, NETCOAL_DIR_TX or both.
 */
unsigned int netcoal_ec_dirs(const struct netcoal_device *nd)
{
	return (nd->rx.usable ? NETCOAL_DIR_RX : 0) | (nd->tx.usable ? NETCOAL_DIR_TX : 0);
}

/**
 * netcoal_ec_adapts() - does a driver adapt by itself?
 * @nd: the device
 * @ec: what is set
 *
 * Return: true if a flag says so, or a value that is a mode.
 */
bool netcoal_ec_adapts(const struct netcoal_device *nd, const struct ethtool_coalesce *ec)
{
	return ec->use_adaptive_rx_coalesce || ec->use_adaptive_tx_coalesce ||
	       (ec->rx_coalesce_usecs &&
		ec->rx_coalesce_usecs < netcoal_quirk(nd->netdev)->least_us);
}

/**
 * netcoal_ec_has_run() - had a queue a window yet?
 * @q: the queue
 *
 * Return: true if so.
 */
bool netcoal_ec_has_run(struct netcoal_queue *q)
{
	struct netcoal_decision d;
	u64 windows, changes;

	netcoal_queue_report(q, &d, &windows, &changes);
	return windows;
}

/**
 * netcoal_ec_set_again() - set once more what is wanted
 * @nd: the device
 * @rxq: a queue, or NETCOAL_ALL_QUEUES
 * @knobs: its knobs
 * @rx: what receiving wants
 *
 * A driver that was adapting may still write the value that it had chosen
 * last, at the next interrupt (e1000e) or from a work (those that use DIM), over
 * the one that was set meanwhile; get_coalesce does not tell. By the time a
 * queue has had a window that is past, so what is wanted is set once more.
 *
 * Return: 1 or the driver's error.
 */
int netcoal_ec_set_again(struct netcoal_device *nd, int rxq, const struct netcoal_knobs *knobs,
			 const struct netcoal_setting *rx)
{
	struct ethtool_coalesce ec = knobs->last;
	int err;

	netcoal_ec_put(nd, &ec, rx, &nd->want_tx);
	err = netcoal_ec_set(nd->netdev, rxq, &ec);
	return err ?: 1;
}

static void netcoal_ec_note_asked(struct netcoal_knobs *knobs, const struct ethtool_coalesce *ec)
{
	knobs->asked = (struct netcoal_asked){
		.rx_usecs = ec->rx_coalesce_usecs,
		.rx_frames = ec->rx_max_coalesced_frames,
		.tx_usecs = ec->tx_coalesce_usecs,
		.tx_frames = ec->tx_max_coalesced_frames,
	};
}

/* To ask again for what was rounded would change nothing, and unsettle all queues. */
static bool netcoal_ec_was_asked(const struct netcoal_knobs *knobs,
				 const struct ethtool_coalesce *ec)
{
	return knobs->asked.rx_usecs == ec->rx_coalesce_usecs &&
	       knobs->asked.rx_frames == ec->rx_max_coalesced_frames &&
	       knobs->asked.tx_usecs == ec->tx_coalesce_usecs &&
	       knobs->asked.tx_frames == ec->tx_max_coalesced_frames;
}

/**
 * netcoal_ec_take() - turn the driver's own adaptive mode off
 * @nd: the device
 * @rxq: a queue, or NETCOAL_ALL_QUEUES
 * @knobs: its knobs
 *
 * By itself, before anything else: some drivers reset the values with it.
 *
 * Return: 0 or the driver's error.
 */
int netcoal_ec_take(struct netcoal_device *nd, int rxq, struct netcoal_knobs *knobs)
{
	struct ethtool_coalesce ec = knobs->last, asked;
	int err = 0;

	if (nd->rx.usable)
		ec.use_adaptive_rx_coalesce = 0;
	if (nd->tx.usable)
		ec.use_adaptive_tx_coalesce = 0;
	if (!netcoal_ec_same(&ec, &knobs->last)) {
		asked = ec;
		err = netcoal_ec_set(nd->netdev, rxq, &ec);
		if (err)
			netcoal_ec_note_set(nd->netdev, rxq, &asked, &knobs->last);
		err = err ?: netcoal_ec_read_back(nd, rxq, &asked, knobs);
	}
	netcoal_ec_note_asked(knobs, &knobs->last);
	return err;
}

static bool netcoal_ec_is_too_much(int err)
{
	return err == -EINVAL || err == -ERANGE;
}

static bool netcoal_ec_has_frames(const struct netcoal_device *nd)
{
	return nd->rx.frames || nd->tx.frames;
}

/* False if there are no fewer. Ends of 128 and 255 frames are known. */
static bool netcoal_ec_fewer_frames(struct netcoal_device *nd)
{
	if (nd->ethtool.most_frames <= NETCOAL_LEAST_FRAMES)
		return false;
	nd->ethtool.most_frames = max(nd->ethtool.most_frames / 2, (u32)NETCOAL_LEAST_FRAMES);
	return true;
}

/*
 * Asks for less of what a driver may have refused, frames or else time; false if it takes no
 * less.
 */
static bool netcoal_ec_ask_less(struct netcoal_device *nd)
{
	if (nd->ethtool.most_us == NETCOAL_USECS_MAX && netcoal_ec_has_frames(nd) &&
	    netcoal_ec_fewer_frames(nd))
		return true;
	if (nd->ethtool.most_us <= NETCOAL_TRIAL_US)
		return false;
	nd->ethtool.most_us = max(nd->ethtool.most_us / 2, (u32)NETCOAL_TRIAL_US);
	return true;
}

static int netcoal_ec_ask(struct netcoal_device *nd, int rxq, const struct ethtool_coalesce *asked)
{
	struct ethtool_coalesce ec = *asked;

	return netcoal_ec_set(nd->netdev, rxq, &ec);
}

/*
 * It was the time that a driver refused, so how many frames it takes is not known yet: the
 * fewest that are asked for have been set.
 */
static void netcoal_ec_set_most_frames(struct netcoal_device *nd, int rxq,
				       const struct netcoal_setting *rx,
				       struct ethtool_coalesce *asked)
{
	struct ethtool_coalesce more = *asked;
	int err;

	nd->ethtool.most_frames = NETCOAL_FRAMES_MAX;
	do {
		netcoal_ec_put(nd, &more, rx, &nd->want_tx);
		if (netcoal_ec_same(&more, asked))
			return;
		err = netcoal_ec_ask(nd, rxq, &more);
	} while (netcoal_ec_is_too_much(err) && netcoal_ec_fewer_frames(nd));
	if (err)
		nd->ethtool.most_frames = NETCOAL_LEAST_FRAMES;
	else
		*asked = more;
}

/*
 * Sets what is wanted. How long a driver's longest hold-off is, and how many frames may
 * end it, can only be found by asking for less and less; it took the trial's, so that is
 * the end.
 */
static int netcoal_ec_set_most(struct netcoal_device *nd, int rxq,
			       const struct netcoal_knobs *knobs,
			       const struct netcoal_setting *rx,
			       struct ethtool_coalesce *asked)
{
	const u32 most_us = nd->ethtool.most_us;
	int err;

	do {
		*asked = knobs->last;
		netcoal_ec_put(nd, asked, rx, &nd->want_tx);
		if (!knobs->again && (netcoal_ec_same(asked, &knobs->last) ||
				      netcoal_ec_was_asked(knobs, asked)))
			return 0;
		err = netcoal_ec_ask(nd, rxq, asked);
	} while (netcoal_ec_is_too_much(err) && netcoal_ec_ask_less(nd));
	if (!err && nd->ethtool.most_us < most_us && netcoal_ec_has_frames(nd))
		netcoal_ec_set_most_frames(nd, rxq, rx, asked);
	return err ?: 1;
}

/**
 * netcoal_ec_apply() - bring knobs to what is wanted
 * @nd: the device
 * @rxq: a queue, or NETCOAL_ALL_QUEUES
 * @knobs: its knobs
 * @rx: what receiving wants
 *
 * Return: 1 if something was set, 0 if it was so already, -NETCOAL_EMISMATCH if the
 * driver took it and did nothing, or its error.
 */
int netcoal_ec_apply(struct netcoal_device *nd, int rxq, struct netcoal_knobs *knobs,
		     const struct netcoal_setting *rx)
{
	struct ethtool_coalesce asked, *last = &knobs->last;
	int ret, err;

	ret = netcoal_ec_set_most(nd, rxq, knobs, rx, &asked);
	if (ret < 0)
		netcoal_ec_note_set(nd->netdev, rxq, &asked, last);
	if (ret)
		netcoal_ec_note_asked(knobs, ret < 0 ? last : &asked);
	if (ret <= 0)
		return ret;
	err = netcoal_ec_read_back(nd, rxq, &asked, knobs);
	if (err)
		return err;
	if ((nd->rx.usable &&
	     netcoal_ec_ignored(asked.rx_coalesce_usecs, last->rx_coalesce_usecs)) ||
	    (nd->tx.usable &&
	     netcoal_ec_ignored(asked.tx_coalesce_usecs, last->tx_coalesce_usecs)))
		return -NETCOAL_EMISMATCH;
	return ret;
}

/**
 * netcoal_ec_applied() - tell a queue what became of its hold-off
 * @q: the queue
 * @holdoff_ns: what was asked for
 * @last: what reads back
 */
void netcoal_ec_applied(struct netcoal_queue *q, u32 holdoff_ns,
			const struct ethtool_coalesce *last)
{
	u64 got_ns = (u64)last->rx_coalesce_usecs * NSEC_PER_USEC;

	netcoal_govern_applied(q, holdoff_ns, min_t(u64, got_ns, U32_MAX));
}

/**
 * netcoal_ec_check() - has a driver what was set last?
 * @nd: the device
 * @rxq: a queue, or NETCOAL_ALL_QUEUES
 * @knobs: its knobs
 *
 * What somebody else changed of what is not governed has to stay, too.
 *
 * Return: 0, -NETCOAL_EADMIN or the driver's error.
 */
int netcoal_ec_check(struct netcoal_device *nd, int rxq, struct netcoal_knobs *knobs)
{
	struct ethtool_coalesce now, *last = &knobs->last;
	int err;

	err = netcoal_ec_get(nd->netdev, rxq, &now);
	if (err)
		return err;
	netcoal_ec_learn(knobs, &now);
	if ((nd->rx.usable && !netcoal_ec_same_rx(&now, last)) ||
	    (nd->tx.usable && !netcoal_ec_same_tx(&now, last)))
		return -NETCOAL_EADMIN;
	*last = now;
	return 0;
}

/**
 * netcoal_ec_is_found() - has a driver what was found?
 * @nd: the device
 * @rxq: a queue, or NETCOAL_ALL_QUEUES
 * @knobs: its knobs
 *
 * What a direction has is what was found, or is still what was set, or is not governed.
 *
 * Return: true if so.
 */
bool netcoal_ec_is_found(struct netcoal_device *nd, int rxq, struct netcoal_knobs *knobs)
{
	struct ethtool_coalesce now;

	if (netcoal_ec_get(nd->netdev, rxq, &now))
		return false;
	netcoal_ec_learn(knobs, &now);
	return (!nd->rx.usable || netcoal_ec_alike_rx(&now, &knobs->baseline) ||
		netcoal_ec_same_rx(&now, &knobs->last)) &&
	       (!nd->tx.usable || netcoal_ec_alike_tx(&now, &knobs->baseline) ||
		netcoal_ec_same_tx(&now, &knobs->last));
}

/**
 * netcoal_ec_let_go() - put back what was found, or note that it is owed
 * @nd: the device
 * @rxq: a queue, or NETCOAL_ALL_QUEUES
 * @knobs: its knobs
 *
 * Some drivers have settings of queues that are switched off (virtio-net), others refuse.
 */
void netcoal_ec_let_go(struct netcoal_device *nd, int rxq, struct netcoal_knobs *knobs)
{
	unsigned int dirs = netcoal_ec_dirs(nd);
	int err = netcoal_ec_restore(nd->netdev, rxq, dirs, knobs, false);

	if (err && rxq < (int)nd->netdev->real_num_rx_queues)
		netcoal_owed_add(nd->netdev, rxq, dirs, knobs);
}
