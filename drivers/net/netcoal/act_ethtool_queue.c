// SPDX-License-Identifier: GPL-2.0
/*
 * Actuator ethtool-queue: the driver's own rx/tx-usecs and rx/tx-frames, queue by queue.
 */
#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/slab.h>

#include "actuator.h"
#include "device.h"
#include "knobs.h"
#include "queue.h"
#include "quirk.h"

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
