// SPDX-License-Identifier: GPL-2.0
/*
 * Actuator defer: the kernel's own NAPI deferral, for drivers that honour the
 * answer of napi_complete_done(). After a poll with work the interrupt stays
 * off and a timer polls gro_flush_timeout later; after napi_defer_hard_irqs
 * timer polls that found nothing the interrupt is turned on again.
 *
 * One empty poll is enough: a second would keep segments that GRO holds for a
 * second hold-off, twice what the policy promised.
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "actuator.h"
#include "device.h"
#include "govern.h"
#include "queue.h"

#define NETCOAL_DEFER_HARD_IRQS	1

/*
 * These drivers re-enable their interrupt whatever napi_complete_done() says, ask it in a way
 * that never defers, or have none to leave off, in Linux 6.12: deferral only adds timer polls
 * there.
 */
static const char * const netcoal_defer_deaf[] = {
	"ATL1E", "LiquidIO", "LiquidIO_VF", "S2IO", "ag71xx", "altera_tse", "alx",
	"atl1", "atl1c", "atlantic", "ave", "b44", "bcm4908_enet", "bcm63xx_enet",
	"bcm63xx_enetsw", "bcmgenet", "be2net", "bgmac-enet", "bgmac_bcma", "bna",
	"bnx2", "brcm-systemport", "calxedaxgmac", "cassini", "cpsw", "cpsw-switch",
	"cxgb", "cxgb3", "cxgb4", "cxgb4vf", "davinci_emac", "dnet", "dwc-xlgmac",
	"et131x", "ethoc", "fec", "fjes", "forcedeth", "fs_enet", "fsl-gianfar",
	"fsl_dpaa2_eth", "fsl_dpaa2_switch", "fsl_dpaa_mac", "fsl_enetc",
	"fsl_enetc_vf", "ftgmac100", "ftmac100", "gem", "grlib-greth", "hinic",
	"hip04-ether", "hisi-femac", "hisi-gmac", "hns-nic", "hns3", "ixp4xx_eth",
	"jme", "korina", "lan78xx", "lpc-eth", "ltq_etop", "mana", "moxart-ethernet",
	"mv643xx_eth_port", "mvneta", "mvpp2", "myri10ge", "natsemi", "netcp-1.0",
	"netxen_nic", "nicvf", "niu", "nixge", "octeon_ep", "octeon_mgmt", "owl-emac",
	"pasemi_mac", "pch_gbe", "ps3_gelic_driver", "pxa168-eth", "qcom-emac", "qede",
	"qlcnic", "r6040", "r8152", "rockchip_emac", "rocker", "sam_sxgbeeth",
	"sb1250-mac", "sfc_falcon", "sh-eth", "sky2", "slicoss", "smsc911x",
	"smsc9420", "sp7021_emac", "spidernet", "starfire", "tc35815", "tehuti", "tg3",
	"thunderbolt-net", "tulip", "tun", "typhoon", "ucc_geth", "via-rhine",
	"via-velocity", "vif", "vmxnet3", "vnet_port", "vsw_port", "w5100", "w5300",
	"wireguard", "xen_netback", "xen_netfront", "xgene-enet", "xgene-enet-v2",
};

static void netcoal_defer_write(struct net_device *netdev, unsigned long timeout_ns,
				unsigned int hard_irqs)
{
	/* A deferral without a time-out would leave the interrupt off. */
	if (hard_irqs) {
		WRITE_ONCE(netdev->gro_flush_timeout, timeout_ns);
		WRITE_ONCE(netdev->napi_defer_hard_irqs, hard_irqs);
	} else {
		WRITE_ONCE(netdev->napi_defer_hard_irqs, hard_irqs);
		WRITE_ONCE(netdev->gro_flush_timeout, timeout_ns);
	}
}

static int netcoal_defer_prove(struct netcoal_device *nd)
{
	const char *driver = netcoal_actuator_driver(nd->netdev);

	if (match_string(netcoal_defer_deaf, ARRAY_SIZE(netcoal_defer_deaf),
			 driver) >= 0)
		return -EOPNOTSUPP;

	nd->defer.baseline_ns = READ_ONCE(nd->netdev->gro_flush_timeout);
	nd->defer.baseline_irqs = READ_ONCE(nd->netdev->napi_defer_hard_irqs);
	nd->defer.last_ns = nd->defer.baseline_ns;
	nd->defer.last_irqs = nd->defer.baseline_irqs;
	nd->rx = (struct netcoal_ability){
		.usable = true, .timer = true, .step_ns = 1,
	};
	return 0;
}

static int netcoal_defer_check(struct netcoal_device *nd)
{
	if (nd->netdev->gro_flush_timeout != nd->defer.last_ns ||
	    nd->netdev->napi_defer_hard_irqs != nd->defer.last_irqs)
		return -NETCOAL_EADMIN;
	return 0;
}

static bool netcoal_defer_is_found(struct netcoal_device *nd)
{
	return nd->netdev->gro_flush_timeout == nd->defer.baseline_ns &&
	       nd->netdev->napi_defer_hard_irqs == nd->defer.baseline_irqs;
}

static int netcoal_defer_apply(struct netcoal_device *nd)
{
	u32 holdoff_ns = nd->want_rx.holdoff_ns;
	unsigned int i;

	if (holdoff_ns == nd->defer.last_ns &&
	    nd->defer.last_irqs == (holdoff_ns ? NETCOAL_DEFER_HARD_IRQS : 0))
		return 0;

	nd->defer.last_ns = holdoff_ns;
	nd->defer.last_irqs = holdoff_ns ? NETCOAL_DEFER_HARD_IRQS : 0;
	netcoal_defer_write(nd->netdev, nd->defer.last_ns, nd->defer.last_irqs);
	for (i = 0; i < nd->nr_queues; i++)
		if (!nd->queues[i]->tx_only)
			netcoal_govern_applied(nd->queues[i], holdoff_ns, holdoff_ns);
	return 0;
}

/* A knob that somebody else turned stays; the other goes back all the same. */
static void netcoal_defer_restore(struct netcoal_device *nd)
{
	struct net_device *netdev = nd->netdev;
	unsigned long timeout_ns = netdev->gro_flush_timeout;
	unsigned int hard_irqs = netdev->napi_defer_hard_irqs;

	netcoal_defer_write(netdev,
			    timeout_ns == nd->defer.last_ns ?
			    nd->defer.baseline_ns : timeout_ns,
			    hard_irqs == nd->defer.last_irqs ?
			    nd->defer.baseline_irqs : hard_irqs);
}

const struct netcoal_actuator_ops netcoal_act_defer = {
	.id		= NETCOAL_ACTUATOR_DEFER,
	.name		= "defer",
	.prove		= netcoal_defer_prove,
	.apply		= netcoal_defer_apply,
	.check		= netcoal_defer_check,
	.is_found	= netcoal_defer_is_found,
	.restore	= netcoal_defer_restore,
};
