// SPDX-License-Identifier: GPL-2.0
/*
 * Actuators ethtool and ethtool-queue: the driver's own rx/tx-usecs and
 * rx/tx-frames, for the whole device or queue by queue.
 *
 * Read-modify-write, only what supported_coalesce_params names, and mode and
 * values in two steps. Both actuators are the same code over two pairs of driver
 * ops, see coalesce.c.
 *
 * A tap has no NAPI and no times, but rx-frames: of the packets that its writer
 * has at hand, so many are received at once. Nothing waits for that, so no governor
 * is asked. But what tun keeps of a batch counts against the writer's send buffer:
 * where that is too short for a batch the writer waits for itself, and for ever
 * (vhost). How long it is can't be told here, so only a policy that names a limit is
 * heeded. And it is all or nothing: tun ends a batch that has just as many packets as
 * rx-frames says, so one that has more, for rx-frames was lowered meanwhile, grows on.
 */
#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "actuator.h"
#include "coalesce.h"
#include "device.h"
#include "govern.h"
#include "owed.h"
#include "policy.h"
#include "queue.h"
#include "quirk.h"

/* Asked of a driver at take-over to see whether its knob is real. */
#define NETCOAL_TRIAL_US	250
/* tun's most. */
#define NETCOAL_BATCH_FRAMES	64
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

/* What is sent decides alone while it rides, but for what receiving has to have at least. */
static u32 netcoal_ec_rx_holdoff(struct netcoal_device *nd, const struct netcoal_setting *rx)
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

/* What a device has at take-over, before anything is asked of it. */
static int netcoal_ec_find(struct netcoal_device *nd, int rxq, struct netcoal_knobs *knobs)
{
	int err = netcoal_ec_get(nd->netdev, rxq, &knobs->baseline);

	knobs->last = knobs->baseline;
	knobs->unread = false;
	knobs->again = false;
	return err;
}

/* After a trial. What a driver does not take back is owed, and reads as set by netcoal. */
static int netcoal_ec_undo(struct netcoal_device *nd, int rxq, struct netcoal_knobs *knobs,
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

static void netcoal_ec_abilities(struct netcoal_device *nd)
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

/* Gets, sets the same, gets again, then tries each direction. */
static int netcoal_ec_prove(struct netcoal_device *nd, int rxq, struct netcoal_knobs *knobs)
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

/* True also where some queue does not tell. */
static bool netcoal_queues_unlike(struct netcoal_device *nd, unsigned int dirs)
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

static unsigned int netcoal_ec_dirs(const struct netcoal_device *nd)
{
	return (nd->rx.usable ? NETCOAL_DIR_RX : 0) | (nd->tx.usable ? NETCOAL_DIR_TX : 0);
}

/**
 * netcoal_ethtool_batches() - has a device rx-frames and nothing else to govern?
 * @netdev: the device
 *
 * Called under rtnl.
 *
 * Return: true for taps whose packets do not come by a NAPI.
 */
bool netcoal_ethtool_batches(const struct net_device *netdev)
{
	const struct ethtool_ops *ops = netdev->ethtool_ops;

	ASSERT_RTNL();
	return list_empty(&netdev->napi_list) && ops && ops->get_coalesce &&
	       ops->set_coalesce &&
	       ops->supported_coalesce_params == ETHTOOL_COALESCE_RX_MAX_FRAMES;
}

/**
 * netcoal_ethtool_may_batch() - does a policy have a tap's rx-frames set?
 * @policy: the policy
 *
 * Return: true if it limits them, to as many as are set or more.
 */
bool netcoal_ethtool_may_batch(const struct netcoal_policy *policy)
{
	u32 most = policy->attr.rx_frames.max;

	return most >= NETCOAL_BATCH_FRAMES && most < NETCOAL_FRAMES_MAX;
}

/* Looks whether they are taken, and puts the baseline back. What somebody set stays. */
static int netcoal_ethtool_prove_batches(struct netcoal_device *nd)
{
	struct netcoal_knobs *knobs = &nd->ethtool.knobs;
	struct ethtool_coalesce ec, asked;
	int err;

	if (!netcoal_ethtool_may_batch(nd->policy))
		return -EOPNOTSUPP;
	err = netcoal_ec_find(nd, NETCOAL_ALL_QUEUES, knobs);
	if (err)
		return err;
	if (knobs->baseline.rx_max_coalesced_frames)
		return -EOPNOTSUPP;
	asked = knobs->baseline;
	asked.rx_max_coalesced_frames = NETCOAL_BATCH_FRAMES;
	ec = asked;
	err = netcoal_ec_set(nd->netdev, NETCOAL_ALL_QUEUES, &ec) ?:
	      netcoal_ec_get(nd->netdev, NETCOAL_ALL_QUEUES, &ec);
	if (ec.rx_max_coalesced_frames != NETCOAL_BATCH_FRAMES)
		err = err ?: -EOPNOTSUPP;
	err = netcoal_ec_undo(nd, NETCOAL_ALL_QUEUES, knobs, &asked) ?: err;
	nd->rx.usable = !err;
	nd->rx.frames = !err;
	return err;
}

static bool netcoal_has_tx_napis(const struct netcoal_device *nd)
{
	unsigned int i;

	for (i = 0; i < nd->nr_queues; i++)
		if (nd->queues[i]->tx_only)
			return true;
	return false;
}

static int netcoal_ethtool_prove(struct netcoal_device *nd)
{
	const struct ethtool_ops *ops = nd->netdev->ethtool_ops;
	int err;

	if (!nd->nr_queues)
		return netcoal_ethtool_prove_batches(nd);
	/* One setting for all could not be put back where queues have their own. */
	if (!ops || !ops->get_coalesce || !ops->set_coalesce ||
	    netcoal_quirk(nd->netdev)->unfit ||
	    netcoal_queues_unlike(nd, NETCOAL_DIR_RX | NETCOAL_DIR_TX))
		return -EOPNOTSUPP;
	netcoal_ec_abilities(nd);
	err = netcoal_ec_prove(nd, NETCOAL_ALL_QUEUES, &nd->ethtool.knobs);
	/* Where vectors serve both directions, drivers have rx-usecs only, or refuse tx-usecs. */
	if (!err && !nd->tx.usable && !netcoal_has_tx_napis(nd))
		nd->tx = (struct netcoal_ability){ .rides = true, .step_ns = nd->rx.step_ns };
	return err;
}

/* Per queue only where every receive queue is known to be one NAPI. */
static bool netcoal_queues_known(const struct netcoal_device *nd)
{
	unsigned int i, known = 0;

	for (i = 0; i < nd->nr_queues; i++)
		known += nd->queues[i]->rxq >= 0;
	return known && known == nd->netdev->real_num_rx_queues;
}

static int netcoal_ethtool_queue_prove(struct netcoal_device *nd)
{
	const struct netcoal_quirk *quirk = netcoal_quirk(nd->netdev);
	const struct ethtool_ops *ops = nd->netdev->ethtool_ops;
	struct netcoal_queue *q;
	unsigned int i;
	int err;

	if (!ops || !ops->get_per_queue_coalesce || !ops->set_per_queue_coalesce ||
	    quirk->unfit || quirk->whole || !netcoal_queues_known(nd))
		return -EOPNOTSUPP;
	netcoal_ec_abilities(nd);
	for (i = 0; i < nd->nr_queues; i++) {
		q = nd->queues[i];
		if (q->rxq < 0)
			continue;
		if (!q->knobs)
			q->knobs = kzalloc(sizeof(*q->knobs), GFP_KERNEL);
		if (!q->knobs)
			return -ENOMEM;
		err = netcoal_ec_prove(nd, q->rxq, q->knobs);
		if (err)
			return err;
	}
	return 0;
}

/* Whether a driver adapts by itself, by a flag or by a value that is a mode. */
static bool netcoal_ec_adapts(const struct netcoal_device *nd,
			      const struct ethtool_coalesce *ec)
{
	return ec->use_adaptive_rx_coalesce || ec->use_adaptive_tx_coalesce ||
	       (ec->rx_coalesce_usecs &&
		ec->rx_coalesce_usecs < netcoal_quirk(nd->netdev)->least_us);
}

static bool netcoal_ec_has_run(struct netcoal_queue *q)
{
	struct netcoal_decision d;
	u64 windows, changes;

	netcoal_queue_report(q, &d, &windows, &changes);
	return windows;
}

/*
 * A driver that was adapting may still write the value that it had chosen
 * last, at the next interrupt (e1000e) or from a work (those that use DIM), over
 * the one that was set meanwhile; get_coalesce does not tell. By the time a
 * queue has had a window that is past, so what is wanted is set once more.
 */
static int netcoal_ec_set_again(struct netcoal_device *nd, int rxq,
				const struct netcoal_knobs *knobs,
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

/* Adaptive off first, by itself: some drivers reset the values with it. */
static int netcoal_ec_take(struct netcoal_device *nd, int rxq, struct netcoal_knobs *knobs)
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

static int netcoal_ec_apply(struct netcoal_device *nd, int rxq, struct netcoal_knobs *knobs,
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

static void netcoal_ec_applied(struct netcoal_queue *q, u32 holdoff_ns,
			       const struct ethtool_coalesce *last)
{
	u64 got_ns = (u64)last->rx_coalesce_usecs * NSEC_PER_USEC;

	netcoal_govern_applied(q, holdoff_ns, min_t(u64, got_ns, U32_MAX));
}

static int netcoal_ethtool_take(struct netcoal_device *nd)
{
	struct netcoal_knobs *knobs = &nd->ethtool.knobs;

	nd->ethtool.rxqs = nd->netdev->real_num_rx_queues;
	knobs->unsure = netcoal_ec_adapts(nd, &knobs->last) ? nd->nr_queues : 0;
	return netcoal_ec_take(nd, NETCOAL_ALL_QUEUES, knobs);
}

static unsigned int netcoal_count_unrun(struct netcoal_device *nd)
{
	unsigned int i, unrun = 0;

	for (i = 0; i < nd->nr_queues; i++)
		unrun += !netcoal_ec_has_run(nd->queues[i]);
	return unrun;
}

static int netcoal_ethtool_apply(struct netcoal_device *nd)
{
	struct netcoal_knobs *knobs = &nd->ethtool.knobs;
	unsigned int i, unsure = knobs->unsure;
	u32 holdoff_ns;
	int changed;

	if (unsure)
		unsure = min(unsure, netcoal_count_unrun(nd));
	changed = netcoal_ec_apply(nd, NETCOAL_ALL_QUEUES, knobs, &nd->want_rx);
	if (!changed && unsure < knobs->unsure)
		changed = netcoal_ec_set_again(nd, NETCOAL_ALL_QUEUES, knobs, &nd->want_rx);
	if (changed <= 0)
		return changed;
	knobs->unsure = unsure;
	holdoff_ns = netcoal_ec_rx_holdoff(nd, &nd->want_rx);
	for (i = 0; i < nd->nr_queues; i++)
		netcoal_ec_applied(nd->queues[i], holdoff_ns, &knobs->last);
	return 0;
}

/* What somebody else changed of what is not governed has to stay, too. */
static int netcoal_ec_check(struct netcoal_device *nd, int rxq, struct netcoal_knobs *knobs)
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

/*
 * Did somebody set one of the queues that were set as one? Queues that came meanwhile have
 * settings of their own, and where a driver can't be asked to set one, nobody should.
 */
static bool netcoal_ethtool_one_was_set(struct netcoal_device *nd)
{
	return nd->netdev->ethtool_ops->set_per_queue_coalesce &&
	       !netcoal_quirk(nd->netdev)->whole &&
	       nd->ethtool.rxqs == nd->netdev->real_num_rx_queues &&
	       netcoal_queues_unlike(nd, netcoal_ec_dirs(nd));
}

/* As the setting of all, many drivers tell what the first queue has. */
static int netcoal_ethtool_check(struct netcoal_device *nd)
{
	int err = netcoal_ec_check(nd, NETCOAL_ALL_QUEUES, &nd->ethtool.knobs);

	return !err && netcoal_ethtool_one_was_set(nd) ? -NETCOAL_EADMIN : err;
}

/* What a direction has is what was found, or is still what was set, or is not governed. */
static bool netcoal_ec_is_found(struct netcoal_device *nd, int rxq,
				struct netcoal_knobs *knobs)
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

static bool netcoal_ethtool_is_found(struct netcoal_device *nd)
{
	return netcoal_ec_is_found(nd, NETCOAL_ALL_QUEUES, &nd->ethtool.knobs);
}

/* Some drivers have settings of queues that are switched off (virtio-net), others refuse. */
static void netcoal_ec_let_go(struct netcoal_device *nd, int rxq, struct netcoal_knobs *knobs)
{
	unsigned int dirs = netcoal_ec_dirs(nd);
	int err = netcoal_ec_restore(nd->netdev, rxq, dirs, knobs, false);

	if (err && rxq < (int)nd->netdev->real_num_rx_queues)
		netcoal_owed_add(nd->netdev, rxq, dirs, knobs);
}

/* What each queue has, to be freed; NULL if that can't be told. */
static struct ethtool_coalesce *netcoal_ethtool_look_at_each(struct netcoal_device *nd)
{
	struct ethtool_coalesce *each;
	unsigned int rxq;

	each = kcalloc(nd->ethtool.rxqs, sizeof(*each), GFP_KERNEL);
	for (rxq = 0; each && rxq < nd->ethtool.rxqs; rxq++) {
		if (!netcoal_ec_get(nd->netdev, rxq, &each[rxq]))
			continue;
		kfree(each);
		return NULL;
	}
	return each;
}

/* A direction of a queue that is not as netcoal left it is somebody's. */
static void netcoal_ethtool_put_back_one(struct netcoal_device *nd, unsigned int rxq,
					 const struct ethtool_coalesce *had)
{
	const struct ethtool_coalesce *last = &nd->ethtool.knobs.last;
	struct ethtool_coalesce ec;

	if (netcoal_ec_get(nd->netdev, rxq, &ec))
		return;
	if (nd->rx.usable && !netcoal_ec_same_rx(had, last))
		netcoal_ec_copy_rx(&ec, had);
	if (nd->tx.usable && !netcoal_ec_same_tx(had, last))
		netcoal_ec_copy_tx(&ec, had);
	netcoal_ec_put_back(nd->netdev, rxq, &ec);
}

/*
 * What a driver tells as the setting of all may be that of the queue that was set, or one that it
 * keeps apart, for queues to come: so all get what was found first.
 */
static void netcoal_ethtool_restore_but(struct netcoal_device *nd,
					const struct ethtool_coalesce *each)
{
	struct netcoal_knobs *knobs = &nd->ethtool.knobs;
	struct ethtool_coalesce ec;
	unsigned int rxq;

	if (netcoal_ec_get(nd->netdev, NETCOAL_ALL_QUEUES, &ec))
		return;
	if (nd->rx.usable)
		netcoal_ec_copy_rx(&ec, &knobs->baseline);
	if (nd->tx.usable)
		netcoal_ec_copy_tx(&ec, &knobs->baseline);
	if (netcoal_ec_put_back(nd->netdev, NETCOAL_ALL_QUEUES, &ec))
		netcoal_owed_add(nd->netdev, NETCOAL_ALL_QUEUES, netcoal_ec_dirs(nd), knobs);
	for (rxq = 0; rxq < nd->ethtool.rxqs; rxq++)
		netcoal_ethtool_put_back_one(nd, rxq, &each[rxq]);
}

static void netcoal_ethtool_restore(struct netcoal_device *nd)
{
	struct ethtool_coalesce *each = NULL;

	if (netcoal_ethtool_one_was_set(nd))
		each = netcoal_ethtool_look_at_each(nd);
	if (each)
		netcoal_ethtool_restore_but(nd, each);
	else
		netcoal_ec_let_go(nd, NETCOAL_ALL_QUEUES, &nd->ethtool.knobs);
	kfree(each);
}

static int netcoal_ethtool_queue_take(struct netcoal_device *nd)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < nd->nr_queues && !err; i++) {
		struct netcoal_knobs *knobs = nd->queues[i]->knobs;

		if (!knobs)
			continue;
		knobs->unsure = netcoal_ec_adapts(nd, &knobs->last);
		err = netcoal_ec_take(nd, nd->queues[i]->rxq, knobs);
	}
	return err;
}

/* Applies a queue's decision. 1: written, 0: nothing to do, or an error. */
static int netcoal_ethtool_queue_apply_one(struct netcoal_device *nd,
					   struct netcoal_queue *q,
					   const struct netcoal_decision *d,
					   bool has_run)
{
	int changed;

	changed = netcoal_ec_apply(nd, q->rxq, q->knobs, &d->setting);
	if (!changed && q->knobs->unsure && has_run)
		changed = netcoal_ec_set_again(nd, q->rxq, q->knobs, &d->setting);
	if (changed > 0 && has_run)
		q->knobs->unsure = false;
	return changed;
}

static int netcoal_ethtool_queue_apply(struct netcoal_device *nd)
{
	struct netcoal_decision d;
	struct netcoal_queue *q;
	u64 windows, changes;
	unsigned int i;
	int changed;

	for (i = 0; i < nd->nr_queues; i++) {
		q = nd->queues[i];
		if (!q->knobs)
			continue;
		netcoal_queue_report(q, &d, &windows, &changes);
		changed = netcoal_ethtool_queue_apply_one(nd, q, &d, windows);
		if (changed < 0)
			return changed;
		if (changed)
			netcoal_ec_applied(q, d.setting.holdoff_ns,
					   &q->knobs->last);
	}
	return 0;
}

static struct netcoal_knobs *netcoal_ethtool_queue_first(struct netcoal_device *nd)
{
	unsigned int i;

	for (i = 0; i < nd->nr_queues; i++)
		if (nd->queues[i]->knobs && !nd->queues[i]->rxq)
			return nd->queues[i]->knobs;
	return NULL;
}

/* A direction that the first queue still has as netcoal left it, and now all do. */
static void netcoal_ec_learn_copied(struct netcoal_knobs *knobs,
				    const struct netcoal_knobs *first,
				    const struct ethtool_coalesce *now)
{
	struct ethtool_coalesce *last = &knobs->last;

	if (netcoal_ec_same_rx(now, &first->last) && !netcoal_ec_same_rx(now, last)) {
		netcoal_ec_copy_rx(last, now);
		knobs->again = true;
	}
	if (netcoal_ec_same_tx(now, &first->last) && !netcoal_ec_same_tx(now, last)) {
		netcoal_ec_copy_tx(last, now);
		knobs->again = true;
	}
}

/*
 * Asked for the setting of all, many drivers tell that of the first queue, and ethtool sets all to
 * that but for what it was asked to change: so what netcoal set of the first queue's other
 * direction comes to all, and is still netcoal's. Then the first one shows that change, or else
 * somebody set single queues.
 */
static void netcoal_ethtool_queue_learn_copied(struct netcoal_device *nd,
					       const struct ethtool_coalesce *was)
{
	struct netcoal_knobs *first = netcoal_ethtool_queue_first(nd);
	struct ethtool_coalesce now;
	struct netcoal_queue *q;
	unsigned int i;

	if (!first || netcoal_queues_unlike(nd, NETCOAL_DIR_RX | NETCOAL_DIR_TX) ||
	    netcoal_ec_get(nd->netdev, 0, &now) || netcoal_ec_same(&now, was))
		return;
	for (i = 0; i < nd->nr_queues; i++) {
		q = nd->queues[i];
		if (q->knobs && q->rxq < nd->netdev->real_num_rx_queues)
			netcoal_ec_learn_copied(q->knobs, first, &now);
	}
}

static int netcoal_ethtool_queue_check_each(struct netcoal_device *nd)
{
	struct netcoal_queue *q;
	unsigned int i;
	int err = 0;

	for (i = 0; i < nd->nr_queues && !err; i++) {
		q = nd->queues[i];
		if (q->knobs)
			err = netcoal_ec_check(nd, q->rxq, q->knobs);
	}
	return err;
}

static int netcoal_ethtool_queue_check(struct netcoal_device *nd)
{
	const struct netcoal_knobs *first = netcoal_ethtool_queue_first(nd);
	struct ethtool_coalesce was = {};
	int err;

	if (first)
		was = first->last;
	err = netcoal_ethtool_queue_check_each(nd);
	if (err != -NETCOAL_EADMIN)
		return err;
	netcoal_ethtool_queue_learn_copied(nd, &was);
	return netcoal_ethtool_queue_check_each(nd);
}

/* Queues that are switched off were changed by nobody. */
static bool netcoal_ethtool_queue_is_found(struct netcoal_device *nd)
{
	struct netcoal_queue *q;
	unsigned int i;

	for (i = 0; i < nd->nr_queues; i++) {
		q = nd->queues[i];
		if (q->knobs && q->rxq < nd->netdev->real_num_rx_queues &&
		    !netcoal_ec_is_found(nd, q->rxq, q->knobs))
			return false;
	}
	return true;
}

/*
 * Queues that came meanwhile have what some drivers gave them of the first one's,
 * which was netcoal's.
 */
static void netcoal_ethtool_queue_restore_new(struct netcoal_device *nd)
{
	const struct netcoal_knobs *first = netcoal_ethtool_queue_first(nd);
	struct netcoal_knobs new;
	struct netcoal_queue *q;
	unsigned int i, rxq = 0;

	for (i = 0; i < nd->nr_queues; i++) {
		q = nd->queues[i];
		if (q->knobs)
			rxq = max_t(unsigned int, rxq, q->rxq + 1);
	}
	for (; first && rxq < nd->netdev->real_num_rx_queues; rxq++) {
		new = *first;
		netcoal_ec_let_go(nd, rxq, &new);
	}
}

static void netcoal_ethtool_queue_restore(struct netcoal_device *nd)
{
	const struct netcoal_knobs *first = netcoal_ethtool_queue_first(nd);
	struct netcoal_queue *q;
	unsigned int i;

	if (first)
		netcoal_ethtool_queue_learn_copied(nd, &first->last);
	netcoal_ethtool_queue_restore_new(nd);
	for (i = 0; i < nd->nr_queues; i++) {
		q = nd->queues[i];
		if (q->knobs)
			netcoal_ec_let_go(nd, q->rxq, q->knobs);
	}
}

const struct netcoal_actuator_ops netcoal_act_ethtool = {
	.id		= NETCOAL_ACTUATOR_ETHTOOL,
	.name		= "ethtool",
	.prove		= netcoal_ethtool_prove,
	.take		= netcoal_ethtool_take,
	.apply		= netcoal_ethtool_apply,
	.check		= netcoal_ethtool_check,
	.is_found	= netcoal_ethtool_is_found,
	.restore	= netcoal_ethtool_restore,
};

const struct netcoal_actuator_ops netcoal_act_ethtool_queue = {
	.id		= NETCOAL_ACTUATOR_ETHTOOL_QUEUE,
	.name		= "ethtool-queue",
	.per_queue	= true,
	.prove		= netcoal_ethtool_queue_prove,
	.take		= netcoal_ethtool_queue_take,
	.apply		= netcoal_ethtool_queue_apply,
	.check		= netcoal_ethtool_queue_check,
	.is_found	= netcoal_ethtool_queue_is_found,
	.restore	= netcoal_ethtool_queue_restore,
};
