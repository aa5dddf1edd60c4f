// SPDX-License-Identifier: GPL-2.0
/*
 * Quirks: drivers whose coalescing is not what ethtool says, by reading the set_coalesce
 * of each driver in Linux 6.12.
 *
 * Here is what does not show at take-over, or would have the device handed back later. Other
 * rounding and refusals are lived with by whoever asks.
 */
#include <linux/glob.h>
#include <linux/netdevice.h>

#include "actuator.h"
#include "quirk.h"

static const struct netcoal_quirk netcoal_quirks[] = {
	/* Small values are modes: 1, 3, 4; some others are refused. */
	{ "e1000", .least_us = 10 },
	{ "e1000e", .least_us = 10 },
	{ "igb", .least_us = 10 },
	{ "igc", .least_us = 10 },
	{ "ixgbevf", .least_us = 2 },
	{ "ngbe", .least_us = 2 },
	{ "txgbe", .least_us = 2 },
	/* So is 1, and crossing 24 resets the NIC. */
	{ "ixgbe", .least_us = 25, .instead_us = 25 },
	/* 0 is refused, changes nothing, or leaves packets without an interrupt. */
	{ "amd-xgbe", .least_us = 1, .instead_us = 1 },
	{ "qede", .least_us = 1, .instead_us = 1 },
	{ "tg3", .least_us = 1, .instead_us = 1 },
	/* Shorter ones are none, refused, or logged each time. */
	{ "bnx2x", .least_us = 4 },
	{ "cpsw", .least_us = 16 },
	{ "cpsw-switch", .least_us = 16 },
	{ "am65-cpsw-nuss", .least_us = 20 },
	{ "icssg-prueth*", .least_us = 20 },
	/* Odd ones are rounded up, or logged each time, or read back as if they were there. */
	{ "gve", .even = true },
	{ "hns3", .even = true },
	{ "i40e", .even = true },
	{ "ice", .even = true },
	{ "iavf", .even = true, .unlocked = true },
	{ "idpf", .even = true, .whole = true },
	/* Longer ones become this. */
	{ "be2net", .most_us = 128 },
	/* Each setting, or change, resets the NIC or loses what is pending. */
	{ "bnx2", .unfit = true },
	{ "fsl-gianfar", .unfit = true },
	{ "fsl_enetc*", .unfit = true },
	{ "r8152", .unfit = true },
	{ "via-velocity", .unfit = true },
	/* It is logged each time, or hinic's when few frames are asked for. */
	{ "LiquidIO*", .unfit = true },
	{ "davinci_emac", .unfit = true },
	{ "hinic", .unfit = true },
	{ "wil6210", .unfit = true },
	/* It sets other ports, too, or some of the queues. */
	{ "cxgb3", .unfit = true },
	{ "cxgb4vf", .unfit = true },
	{ "fsl_dpaa2_eth", .unfit = true },
	{ "fsl_dpaa_mac", .unfit = true },
	{ "skge", .unfit = true },
	/* The mode before is not told, and can't be put back. */
	{ "atlantic", .unfit = true },
	{ "vmxnet3", .unfit = true },
	/* The driver goes on adapting, over what was set. */
	{ "bna", .unfit = true },
	{ "igbvf", .unfit = true },
	/* 0 is refused, what is set again shrinks, and stmmac's frames are a mode. */
	{ "dwc-xlgmac", .unfit = true },
	{ "sam_sxgbeeth", .unfit = true },
	{ "*dwmac*", .unfit = true },
	{ "ingenic-mac", .unfit = true },
	{ "intel-eth-*", .unfit = true },
	{ "qcom-ethqos", .unfit = true },
	{ "stmmaceth", .unfit = true },
	{ "tegra-mgbe", .unfit = true },
};

/**
 * netcoal_quirk() - what is known of a device's driver
 * @netdev: the device
 *
 * Return: that; of a driver that is not known, what has no effect.
 */
const struct netcoal_quirk *netcoal_quirk(const struct net_device *netdev)
{
	static const struct netcoal_quirk none;
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
	if (quirk->most_us)
		us = min(us, quirk->most_us);
	if (us < quirk->least_us)
		return quirk->instead_us;
	return quirk->even ? round_down(us, 2) : us;
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
