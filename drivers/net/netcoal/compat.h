/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All that differs between the kernels netcoal builds for. Kbuild sets
 * NETCOAL_HAVE_* by looking into the kernel's headers.
 */
#ifndef _NETCOAL_COMPAT_H
#define _NETCOAL_COMPAT_H

#include <linux/hrtimer.h>
#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <linux/netdevice.h>
#include <net/genetlink.h>
#ifdef NETCOAL_HAVE_RXQ_NAPI
#include <net/netdev_rx_queue.h>
#endif

/*
 * Where devices have a lock of their own, settings need it beside rtnl and
 * notifiers run with it held. Better no module than one that deadlocks.
 */
#ifdef NETCOAL_HAVE_NETDEV_LOCK_OPS
#error "netcoal does not know this kernel's device locks yet"
#endif

/* Where NAPIs have deferral each by itself, what is set of the device is not what they do. */
#ifdef NETCOAL_HAVE_NAPI_CONFIG
#error "netcoal does not know this kernel's deferral of each NAPI yet"
#endif

/**
 * netcoal_napi_irq() - the interrupt that starts a NAPI
 * @napi: the NAPI
 *
 * Return: its number, or 0 where the kernel or the driver does not say.
 */
static inline unsigned int netcoal_napi_irq(const struct napi_struct *napi)
{
#ifdef NETCOAL_HAVE_NAPI_IRQ
	return napi->irq > 0 ? napi->irq : 0;
#else
	return 0;
#endif
}

/**
 * netcoal_rxq_napi() - the NAPI that serves a receive queue
 * @dev: the device, under rtnl
 * @rxq: number of the receive queue, below real_num_rx_queues
 *
 * Return: the NAPI, or NULL where the kernel or the driver does not say.
 */
static inline struct napi_struct *netcoal_rxq_napi(struct net_device *dev,
						   unsigned int rxq)
{
#ifdef NETCOAL_HAVE_RXQ_NAPI
	return __netif_get_rx_queue(dev, rxq)->napi;
#else
	return NULL;
#endif
}

/* hrtimer_init() went away when hrtimer_setup() had replaced it. */
static inline void netcoal_hrtimer_setup(struct hrtimer *timer,
					 enum hrtimer_restart (*fn)(struct hrtimer *))
{
#ifdef NETCOAL_HAVE_HRTIMER_SETUP
	hrtimer_setup(timer, fn, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED);
#else
	hrtimer_init(timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED);
	timer->function = fn;
#endif
}

/*
 * A message with a name in it. Where the kernel has no room for one in the
 * extended ack, it is kept here until the answer is sent, right after; should
 * more than NETCOAL_MESSAGES requests fail at once, one may read another's.
 */
#define NETCOAL_MESSAGES	8

static inline __printf(2, 3)
void netcoal_extack_fmt(struct netlink_ext_ack *extack, const char *fmt, ...)
{
#ifdef NETCOAL_HAVE_EXTACK_FMT
	char *text = extack->_msg_buf;
	size_t len = sizeof(extack->_msg_buf);
#else
	static char messages[NETCOAL_MESSAGES][80];
	static atomic_t turn;
	char *text = messages[(u32)atomic_inc_return(&turn) % NETCOAL_MESSAGES];
	size_t len = sizeof(messages[0]);
#endif
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, len, fmt, args);
	va_end(args);
	extack->_msg = text;
}

/* The attributes that came with a dump request. */
static inline struct nlattr **netcoal_dump_attrs(struct netlink_callback *cb)
{
#ifdef NETCOAL_HAVE_GENL_INFO_DUMP
	return genl_info_dump(cb)->attrs;
#else
	return genl_dumpit_info(cb)->attrs;
#endif
}

/*
 * Older attribute policies point to their ranges without const, though they
 * only read them; the generator makes the ranges const.
 */
#ifndef NETCOAL_HAVE_CONST_RANGE
#undef NLA_POLICY_FULL_RANGE
#define NLA_POLICY_FULL_RANGE(tp, _range) {				\
	.type = NLA_ENSURE_UINT_OR_BINARY_TYPE(tp),			\
	.validation_type = NLA_VALIDATE_RANGE_PTR,			\
	.range = (struct netlink_range_validation *)(_range),		\
}
#endif

#endif /* _NETCOAL_COMPAT_H */
