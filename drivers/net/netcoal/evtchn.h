/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NETCOAL_EVTCHN_H
#define _NETCOAL_EVTCHN_H

#include <linux/compiler.h>
#include <linux/netdevice.h>
#include <linux/types.h>

/**
 * struct netcoal_evtchn - the event channel that starts a NAPI under Xen
 * @owner: what the driver registered the interrupt for, to know it again
 * @irq: its interrupt, 0: there is none
 * @masked: 1 while netcoal keeps it masked
 * @lost: it is another's now: the driver took its own down and has a new one
 */
struct netcoal_evtchn {
	const void *owner;
	unsigned int irq;
	u8 masked;
	bool lost;
};

/**
 * netcoal_evtchn_is_lost() - has the event channel to be found anew?
 * @ec: the event channel, may be none
 *
 * Return: true if it was found to be another's.
 */
static inline bool netcoal_evtchn_is_lost(const struct netcoal_evtchn *ec)
{
	return READ_ONCE(ec->lost);
}

#if IS_ENABLED(CONFIG_XEN)
void netcoal_evtchn_find(struct netcoal_evtchn *ec, const struct net_device *netdev,
			 const struct napi_struct *napi);
void netcoal_evtchn_mask(struct netcoal_evtchn *ec);
void netcoal_evtchn_unmask(struct netcoal_evtchn *ec);
void netcoal_evtchn_forget(struct netcoal_evtchn *ec);
u32 netcoal_evtchn_timer_least_ns(void);
u32 netcoal_evtchn_timer_late_ns(u32 holdoff_ns);
#else
static inline void netcoal_evtchn_find(struct netcoal_evtchn *ec,
				       const struct net_device *netdev,
				       const struct napi_struct *napi) { }
static inline void netcoal_evtchn_mask(struct netcoal_evtchn *ec) { }
static inline void netcoal_evtchn_unmask(struct netcoal_evtchn *ec) { }
static inline void netcoal_evtchn_forget(struct netcoal_evtchn *ec) { }
static inline u32 netcoal_evtchn_timer_least_ns(void) { return 0; }
static inline u32 netcoal_evtchn_timer_late_ns(u32 holdoff_ns) { return 0; }
#endif

#endif /* _NETCOAL_EVTCHN_H */
