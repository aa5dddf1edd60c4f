/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NETCOAL_KNOBS_H
#define _NETCOAL_KNOBS_H

#include "coalesce.h"

struct netcoal_device;
struct netcoal_queue;
struct netcoal_setting;

/* tun's most, and all that is asked of it. */
#define NETCOAL_BATCH_FRAMES	64

u32 netcoal_ec_rx_holdoff(struct netcoal_device *nd, const struct netcoal_setting *rx);
int netcoal_ec_find(struct netcoal_device *nd, int rxq, struct netcoal_knobs *knobs);
int netcoal_ec_undo(struct netcoal_device *nd, int rxq, struct netcoal_knobs *knobs,
		    const struct ethtool_coalesce *asked);
void netcoal_ec_abilities(struct netcoal_device *nd);
int netcoal_ec_prove(struct netcoal_device *nd, int rxq, struct netcoal_knobs *knobs);
bool netcoal_queues_unlike(struct netcoal_device *nd, unsigned int dirs);
unsigned int netcoal_ec_dirs(const struct netcoal_device *nd);
bool netcoal_ec_adapts(const struct netcoal_device *nd, const struct ethtool_coalesce *ec);
bool netcoal_ec_has_run(struct netcoal_queue *q);
int netcoal_ec_set_again(struct netcoal_device *nd, int rxq, const struct netcoal_knobs *knobs,
			 const struct netcoal_setting *rx);
int netcoal_ec_take(struct netcoal_device *nd, int rxq, struct netcoal_knobs *knobs);
int netcoal_ec_apply(struct netcoal_device *nd, int rxq, struct netcoal_knobs *knobs,
		     const struct netcoal_setting *rx);
void netcoal_ec_applied(struct netcoal_queue *q, u32 holdoff_ns,
			const struct ethtool_coalesce *last);
int netcoal_ec_check(struct netcoal_device *nd, int rxq, struct netcoal_knobs *knobs);
bool netcoal_ec_is_found(struct netcoal_device *nd, int rxq, struct netcoal_knobs *knobs);
void netcoal_ec_let_go(struct netcoal_device *nd, int rxq, struct netcoal_knobs *knobs);

#endif /* _NETCOAL_KNOBS_H */
