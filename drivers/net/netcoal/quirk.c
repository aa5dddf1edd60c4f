// SPDX-License-Identifier: GPL-2.0
/*
 * Quirks: drivers whose coalescing is not what ethtool says, by reading the set_coalesce
 * of each driver in Linux 6.12.
 *
 * What is seen whenever a driver is asked (a setting that is refused, rounded or ignored) is no
 * quirk; those are lived with, or handed back, by whoever asked.
 */
#include <linux/glob.h>
#include <linux/netdevice.h>

#include "actuator.h"
#include "quirk.h"

#define NETCOAL_TIMES(_drivers, _least_us, _instead_us) {		\
	.drivers = (_drivers), .least_us = (_least_us),			\
	.instead_us = (_instead_us), .step_us = 1 }
#define NETCOAL_STEPS(_drivers, _step_us) {				\
	.drivers = (_drivers), .least_us = 1, .step_us = (_step_us) }
#define NETCOAL_UNFIT(_drivers) {					\
	.drivers = (_drivers), .least_us = 1, .step_us = 1, .unfit = true }

static const struct netcoal_quirk netcoal_quirks[] = {
	/* Small values are modes: 1, 3, 4; some others are refused. */
	NETCOAL_TIMES("e1000", 10, 0),
	NETCOAL_TIMES("e1000e", 10, 0),
	NETCOAL_TIMES("igb", 10, 0),
	NETCOAL_TIMES("igc", 10, 0),
	NETCOAL_TIMES("ixgbevf", 2, 0),
	NETCOAL_TIMES("ngbe", 2, 0),
	NETCOAL_TIMES("txgbe", 2, 0),
	/* So is 1, and crossing 24 resets the NIC. */
	NETCOAL_TIMES("ixgbe", 25, 25),
	/* 0 is refused, or changes nothing. */
	NETCOAL_TIMES("tg3", 1, 1),
	NETCOAL_TIMES("qede", 1, 1),
	/* Shorter ones are none, refused, or logged each time. */
	NETCOAL_TIMES("bnx2x", 4, 0),
	NETCOAL_TIMES("hinic", 9, 0),
	NETCOAL_TIMES("cpsw", 16, 0),
	NETCOAL_TIMES("cpsw-switch", 16, 0),
	NETCOAL_TIMES("am65-cpsw-nuss", 20, 0),
	NETCOAL_TIMES("icssg-prueth*", 20, 0),
	/* Odd ones are rounded up, or logged each time, or read back as if they were there. */
	NETCOAL_STEPS("gve", 2),
	NETCOAL_STEPS("hns3", 2),
	NETCOAL_STEPS("i40e", 2),
	NETCOAL_STEPS("ice", 2),
	NETCOAL_STEPS("idpf", 2),
	{ .drivers = "iavf", .least_us = 1, .step_us = 2, .unlocked = true },
	/* Each setting, or change, resets the NIC or loses what is pending. */
	NETCOAL_UNFIT("bnx2"),
	NETCOAL_UNFIT("fsl-gianfar"),
	NETCOAL_UNFIT("fsl_enetc*"),
	NETCOAL_UNFIT("r8152"),
	NETCOAL_UNFIT("via-velocity"),
	/* It is logged each time. */
	NETCOAL_UNFIT("LiquidIO*"),
	NETCOAL_UNFIT("davinci_emac"),
	NETCOAL_UNFIT("wil6210"),
	/* It sets other ports, too, or some of the queues. */
	NETCOAL_UNFIT("cxgb3"),
	NETCOAL_UNFIT("cxgb4vf"),
	NETCOAL_UNFIT("fsl_dpaa2_eth"),
	NETCOAL_UNFIT("fsl_dpaa_mac"),
	NETCOAL_UNFIT("skge"),
	/* The mode before is not told, and can't be put back. */
	NETCOAL_UNFIT("atlantic"),
	NETCOAL_UNFIT("vmxnet3"),
	/* The driver goes on adapting, over what was set. */
	NETCOAL_UNFIT("bna"),
	NETCOAL_UNFIT("igbvf"),
	/* 0 is refused, what is set again shrinks, and stmmac's frames are a mode. */
	NETCOAL_UNFIT("dwc-xlgmac"),
	NETCOAL_UNFIT("sam_sxgbeeth"),
	NETCOAL_UNFIT("*dwmac*"),
	NETCOAL_UNFIT("ingenic-mac"),
	NETCOAL_UNFIT("intel-eth-*"),
	NETCOAL_UNFIT("qcom-ethqos"),
	NETCOAL_UNFIT("stmmaceth"),
	NETCOAL_UNFIT("tegra-mgbe"),
};

/**
 * netcoal_quirk() - what is known of a device's driver
 * @netdev: the device
 *
 * Return: that; of a driver that is not known, what has no effect.
 */
const struct netcoal_quirk *netcoal_quirk(const struct net_device *netdev)
{
	static const struct netcoal_quirk none = NETCOAL_STEPS("", 1);
	const char *driver = netcoal_actuator_driver(netdev);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(netcoal_quirks); i++)
		if (glob_match(netcoal_quirks[i].drivers, driver))
			return &netcoal_quirks[i];
	return &none;
}

/**
 * netcoal_quirk_usecs() - a hold-off that a driver takes for a time
 * @quirk: what is known of it
 * @us: the hold-off that is wanted, µs
 *
 * Return: one that is not longer, in µs, unless the driver has none so short.
 */
u32 netcoal_quirk_usecs(const struct netcoal_quirk *quirk, u32 us)
{
	return us < quirk->least_us ? quirk->instead_us : us - us % quirk->step_us;
}

/* Its queues may go without rtnl. */
static bool netcoal_quirk_lacks_link(const struct net_device *netdev)
{
	return netcoal_quirk(netdev)->unlocked && !netif_carrier_ok(netdev);
}

/**
 * netcoal_quirk_is_up() - can a device be governed?
 * @netdev: the device
 *
 * Return: true if it is up and, where that is what a reset begins with, has a link.
 */
bool netcoal_quirk_is_up(const struct net_device *netdev)
{
	return netif_running(netdev) && !netcoal_quirk_lacks_link(netdev);
}

/**
 * netcoal_quirk_in_reset() - may a driver be resetting a device?
 * @netdev: the device, which was up when it was taken over
 *
 * Called under rtnl.
 *
 * Return: true if its driver should not be asked for anything now.
 */
bool netcoal_quirk_in_reset(const struct net_device *netdev)
{
	return !netif_device_present(netdev) || netcoal_quirk_lacks_link(netdev);
}
