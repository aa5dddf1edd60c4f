// SPDX-License-Identifier: GPL-2.0
/*
 * Event channels: what is Xen's about the interrupts and timers of a NAPI.
 *
 * At the end of each poll netback and netfront ask their ring for an event at
 * the next packet. While hold keeps the NAPI that event is one too many: its
 * interrupt wakes the domain, finds the NAPI taken and leaves. So it is masked
 * for as long as holds follow each other. The sender then still notifies, once
 * a hold, but nobody is woken; what it notified of, the next poll takes.
 *
 *    packet   irq  poll           timer  poll         timer  poll (empty)
 *    ---|------|---[##]~~~~~~~~~~~~~|----[####]~~~~~~~~~|-----[]   let go
 *                     |==== masked ==:===================:====|
 *                                 forget              forget
 *
 * The pending bit is forgotten before a poll and never after one: packets that
 * come later set it again, and unmasking delivers it.
 *
 * Which interrupt it is, the kernel does not say. The drivers register theirs
 * for the queue that has the NAPI inside, under a name that ends with the ring
 * it is for. A driver that has one event for both rings is left alone: the
 * other ring may not wait.
 */
#include <linux/device.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <linux/irqnr.h>
#include <linux/rcupdate.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/time64.h>
#include <xen/events.h>
#include <xen/xen.h>

#include "evtchn.h"

/* The queues of a vif lie in one array, each with rooms for a ring of pages. */
#define NETCOAL_EVTCHN_QUEUE_MAX	SZ_1M

/* Times of a Xen guest's timers. The least that can be programmed, TIMER_SLOP of
 * arch/x86/xen/time.c; and how late the hypervisor's timer_slop lets one be that
 * is due soon after another. That is seldom: so only a part of a hold is given
 * for it.
 */
#define NETCOAL_EVTCHN_TIMER_LEAST_NS	(100 * NSEC_PER_USEC)
#define NETCOAL_EVTCHN_TIMER_LATE_NS	(50 * NSEC_PER_USEC)
#define NETCOAL_EVTCHN_TIMER_LATE_PART	16

/* The ring that the NAPI polls: a backend receives what a guest transmits. */
static const char *netcoal_evtchn_ring(const struct net_device *netdev)
{
	const struct device *parent = netdev->dev.parent;

	if (!xen_domain() || !parent || !parent->bus)
		return NULL;
	if (!strcmp(parent->bus->name, "xen-backend"))
		return "-tx";
	if (!strcmp(parent->bus->name, "xen"))
		return "-rx";
	return NULL;
}

/* What an interrupt for this ring is registered for, if near below the NAPI. */
static const void *netcoal_evtchn_owner(struct irq_desc *desc, const char *ring,
					const struct napi_struct *napi)
{
	const struct irqaction *action;
	const void *owner = NULL;
	unsigned long flags;
	size_t len;

	raw_spin_lock_irqsave(&desc->lock, flags);
	action = desc->action;
	len = action && action->name ? strlen(action->name) : 0;
	if (len > strlen(ring) && !action->next &&
	    !strcmp(action->name + len - strlen(ring), ring) &&
	    action->dev_id <= (void *)napi &&
	    (void *)napi - action->dev_id < NETCOAL_EVTCHN_QUEUE_MAX)
		owner = action->dev_id;
	raw_spin_unlock_irqrestore(&desc->lock, flags);
	return owner;
}

/**
 * netcoal_evtchn_find() - find the event channel that starts a NAPI
 * @ec: filled in; all zero if there is none
 * @netdev: the device
 * @napi: its NAPI
 */
void netcoal_evtchn_find(struct netcoal_evtchn *ec, const struct net_device *netdev,
			 const struct napi_struct *napi)
{
	const char *ring = netcoal_evtchn_ring(netdev);
	struct irq_data *data;
	const void *owner;
	int irq;

	if (!ring)
		return;
	rcu_read_lock();
	for (irq = 1; irq < nr_irqs; irq++) {
		data = irq_get_irq_data(irq);
		owner = data ? netcoal_evtchn_owner(irq_data_to_desc(data), ring,
						    napi) : NULL;
		if (owner > ec->owner) {
			ec->irq = irq;
			ec->owner = owner;
		}
	}
	rcu_read_unlock();
}

/*
 * Is it still the one that was found, of the same driver for the same queue? Numbers
 * of interrupts are given anew as soon as they are free, so a device that reconnects
 * may have left its own to a disk. The descriptor lives on while this RCU reader does.
 */
static bool netcoal_evtchn_is_ours(const struct netcoal_evtchn *ec, bool masked)
{
	struct irq_data *data = irq_get_irq_data(ec->irq);
	struct irq_desc *desc;
	unsigned long flags;
	bool ours;

	if (!data)
		return false;
	desc = irq_data_to_desc(data);
	raw_spin_lock_irqsave(&desc->lock, flags);
	ours = desc->action && desc->action->dev_id == ec->owner && (!masked || desc->depth);
	raw_spin_unlock_irqrestore(&desc->lock, flags);
	return ours;
}

/**
 * netcoal_evtchn_mask() - keep a NAPI's event from interrupting
 * @ec: its event channel, may be none
 *
 * Only for who holds the NAPI's SCHED: nobody takes the interrupt away before
 * that is given back. But it may have been taken away earlier.
 */
void netcoal_evtchn_mask(struct netcoal_evtchn *ec)
{
	if (!ec->irq || READ_ONCE(ec->lost) || READ_ONCE(ec->masked))
		return;
	rcu_read_lock();
	if (netcoal_evtchn_is_ours(ec, false)) {
		/* in this order: who finds it masked may have it enabled at once */
		disable_irq_nosync(ec->irq);
		WRITE_ONCE(ec->masked, 1);
	} else {
		WRITE_ONCE(ec->lost, true);
	}
	rcu_read_unlock();
}

/**
 * netcoal_evtchn_unmask() - let a NAPI's event interrupt again
 * @ec: its event channel
 *
 * One that came meanwhile is delivered. A driver that takes its device down
 * may have freed the interrupt as soon as the NAPI was given back; its
 * descriptor lives on until this RCU reader has left.
 */
void netcoal_evtchn_unmask(struct netcoal_evtchn *ec)
{
	if (!READ_ONCE(ec->masked) || !xchg(&ec->masked, 0))
		return;
	rcu_read_lock();
	if (netcoal_evtchn_is_ours(ec, true))
		enable_irq(ec->irq);
	else
		WRITE_ONCE(ec->lost, true);
	rcu_read_unlock();
}

/**
 * netcoal_evtchn_forget() - forget an event that a poll is about to serve
 * @ec: its event channel, may be masked
 *
 * Only for who holds the NAPI's SCHED, before the poll.
 */
void netcoal_evtchn_forget(struct netcoal_evtchn *ec)
{
	if (!READ_ONCE(ec->masked))
		return;
	rcu_read_lock();
	if (netcoal_evtchn_is_ours(ec, true))
		xen_clear_irq_pending(ec->irq);
	else
		WRITE_ONCE(ec->lost, true);
	rcu_read_unlock();
}

/**
 * netcoal_evtchn_timer_least_ns() - shortest time that a timer takes
 *
 * Return: in ns, 0 where there is no such limit.
 */
u32 netcoal_evtchn_timer_least_ns(void)
{
	return xen_domain() ? NETCOAL_EVTCHN_TIMER_LEAST_NS : 0;
}

/**
 * netcoal_evtchn_timer_late_ns() - how much later a timer may be than asked
 * @holdoff_ns: what is asked
 *
 * Return: in ns, 0 where that is nothing to speak of.
 */
u32 netcoal_evtchn_timer_late_ns(u32 holdoff_ns)
{
	return xen_domain() ? min_t(u32, NETCOAL_EVTCHN_TIMER_LATE_NS,
				    holdoff_ns / NETCOAL_EVTCHN_TIMER_LATE_PART) : 0;
}
