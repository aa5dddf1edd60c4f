/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NETCOAL_SLICE_H
#define _NETCOAL_SLICE_H

#include <linux/netdevice.h>
#include <linux/types.h>

struct netcoal_queue;

/**
 * struct netcoal_slice - how much of a held NAPI's work is done at once
 * @weight: the driver's budget
 * @want: budget that a poll shall have and that ends it, 0 for the driver's and
 *	none; written under rtnl
 * @now: the budget that the NAPI has because of it, 0 for the driver's
 * @open: a hold follows a full poll; more than 1 while the softirq that polled
 *	may still be at it
 * @touched: the NAPI's budget was ever changed; two CPUs may both have just polled
 *	it, so @now may not be what it has
 * @gro: polls that it keeps the driver's budget, since GRO merges
 *
 * All but @want and @weight belong to whoever polls the NAPI.
 */
struct netcoal_slice {
	int weight;
	u16 want;
	u16 now;
	u8 open;
	u8 gro;
	bool touched;
};

void netcoal_slice_budget(struct netcoal_slice *slice, struct napi_struct *napi,
			  bool held);
bool netcoal_slice_take(struct netcoal_queue *q, struct napi_struct *napi);
bool netcoal_slice_too_early(struct netcoal_slice *slice);
void netcoal_slice_settle(const struct netcoal_slice *slice);
void netcoal_slice_end(struct netcoal_slice *slice, struct napi_struct *napi);
void netcoal_slice_release(struct netcoal_queue *q);

#endif /* _NETCOAL_SLICE_H */
