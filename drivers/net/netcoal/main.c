// SPDX-License-Identifier: GPL-2.0
/*
 * netcoal: adaptive interrupt coalescing that meets a latency target and a
 * CPU-per-packet target. See Documentation/netcoal.rst.
 */
#include <linux/module.h>
#include <net/genetlink.h>

#include "clock.h"
#include "device.h"
#include "netlink.h"
#include "notify.h"
#include "owed.h"
#include "queue.h"
#include "sense.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

static int __init netcoal_init(void)
{
	int err;

	netcoal_clock_init();
	err = netcoal_queue_init();
	if (err)
		return err;
	err = netcoal_device_init();
	if (err)
		goto err_device;
	err = netcoal_notify_init();
	if (err)
		goto err_notify;
	err = netcoal_nl_init();
	if (err)
		goto err_netlink;
	return 0;

err_netlink:
	netcoal_notify_exit();
	netcoal_owed_exit();
err_notify:
	netcoal_device_exit();
err_device:
	netcoal_queue_exit();
	return err;
}

static void __exit netcoal_exit(void)
{
	netcoal_nl_exit();
	netcoal_notify_exit();
	netcoal_owed_exit();
	netcoal_device_exit();
	netcoal_sense_exit();
	netcoal_queue_exit();
}

module_init(netcoal_init);
module_exit(netcoal_exit);

MODULE_DESCRIPTION("Adaptive interrupt coalescing with a latency and a CPU target");
MODULE_AUTHOR("The netcoal developers");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1.0");
MODULE_ALIAS_GENL_FAMILY(NETCOAL_GENL_NAME);
