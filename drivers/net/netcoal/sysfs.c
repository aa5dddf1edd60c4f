// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/class/net/DEV/netcoal/: for operators with nothing but a shell.
 *
 *    policy             name; write one to attach, "none" or nothing to detach
 *    latency_target_us  in force; write to give the device one of its own
 *    cpu_target_ns      likewise, per packet, 0 for none
 *    state, reason      as in netlink
 *    actuator           in use
 *    rx_holdoff_ns, rx_frames, rx_pps, batch_milli    of the busiest queue
 *
 * The directory hangs on the net_device, whose removal waits for these files
 * under rtnl: so nothing here may wait for rtnl.
 */
#include <linux/device.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "actuator.h"
#include "device.h"
#include "govern.h"
#include "policy.h"
#include "queue.h"
#include "sysfs.h"

typedef ssize_t (*netcoal_show_t)(const struct netcoal_device *nd, char *buf);

static const char * const netcoal_state_names[] = {
	[NETCOAL_STATE_WAITING]		= "waiting",
	[NETCOAL_STATE_GOVERNING]	= "governing",
	[NETCOAL_STATE_OVERRIDDEN]	= "overridden",
	[NETCOAL_STATE_RELEASED]	= "released",
};

static const char * const netcoal_reason_names[] = {
	[NETCOAL_REASON_NONE]		= "none",
	[NETCOAL_REASON_NO_DEVICE]	= "no-device",
	[NETCOAL_REASON_ADMIN]		= "admin",
	[NETCOAL_REASON_MOVED]		= "moved",
	[NETCOAL_REASON_UNSUPPORTED]	= "unsupported",
	[NETCOAL_REASON_ACTUATOR_ERROR]	= "actuator-error",
	[NETCOAL_REASON_KNOB_VANISHED]	= "knob-vanished",
	[NETCOAL_REASON_MISMATCH]	= "mismatch",
	[NETCOAL_REASON_NO_QUEUES]	= "no-queues",
	[NETCOAL_REASON_NO_MEMORY]	= "no-memory",
	[NETCOAL_REASON_DOWN]		= "down",
	[NETCOAL_REASON_NO_PORTS]	= "no-ports",
	[NETCOAL_REASON_RESETS]		= "resets",
};

static const char * const netcoal_actuator_names[] = {
	[NETCOAL_ACTUATOR_AUTO]		 = "auto",
	[NETCOAL_ACTUATOR_ETHTOOL_QUEUE] = "ethtool-queue",
	[NETCOAL_ACTUATOR_ETHTOOL]	 = "ethtool",
	[NETCOAL_ACTUATOR_DEFER]	 = "defer",
	[NETCOAL_ACTUATOR_HOLD]		 = "hold",
};

/* The device behind a file, NULL if it is not attached. */
static struct netcoal_device *netcoal_sysfs_device(const struct net_device *netdev)
{
	struct netcoal_device *nd;

	nd = netcoal_device_find(dev_net(netdev), netdev->name);
	return nd && nd->netdev == netdev ? nd : NULL;
}

static ssize_t netcoal_sysfs_show(struct device *dev, char *buf, netcoal_show_t show)
{
	struct net_device *netdev = to_net_dev(dev);
	struct netcoal_device *nd;
	ssize_t ret;

	if (!rtnl_trylock())
		return restart_syscall();
	nd = netcoal_sysfs_device(netdev);
	if (nd && nd->state == NETCOAL_STATE_GOVERNING)
		netcoal_govern_check(nd);
	ret = nd ? show(nd, buf) : sysfs_emit(buf, "\n");
	rtnl_unlock();
	return ret;
}

/* The decision of the queue with the most packets of late; zeros if there is none. */
static struct netcoal_decision netcoal_sysfs_busiest(const struct netcoal_device *nd)
{
	struct netcoal_decision d, most = { .pps = 0 };
	u64 windows, changes;
	unsigned int i;

	for (i = 0; i < nd->nr_queues; i++) {
		netcoal_queue_report(nd->queues[i], &d, &windows, &changes);
		if (windows && d.pps >= most.pps && netcoal_queue_is_fresh(nd->queues[i]))
			most = d;
	}
	return most;
}

static ssize_t netcoal_show_policy(const struct netcoal_device *nd, char *buf)
{
	return sysfs_emit(buf, "%s\n", nd->policy->name);
}

static ssize_t netcoal_show_latency(const struct netcoal_device *nd, char *buf)
{
	return sysfs_emit(buf, "%u\n", netcoal_device_latency_ns(nd) / (u32)NSEC_PER_USEC);
}

static ssize_t netcoal_show_cpu(const struct netcoal_device *nd, char *buf)
{
	return sysfs_emit(buf, "%u\n", netcoal_device_cpu_ns(nd));
}

static ssize_t netcoal_show_state(const struct netcoal_device *nd, char *buf)
{
	return sysfs_emit(buf, "%s\n", netcoal_state_names[nd->state]);
}

static ssize_t netcoal_show_reason(const struct netcoal_device *nd, char *buf)
{
	return sysfs_emit(buf, "%s\n", netcoal_reason_names[nd->reason]);
}

static ssize_t netcoal_show_actuator(const struct netcoal_device *nd, char *buf)
{
	return sysfs_emit(buf, "%s\n", nd->actuator ?
			  netcoal_actuator_names[nd->actuator->id] : "");
}

static ssize_t netcoal_show_holdoff(const struct netcoal_device *nd, char *buf)
{
	return sysfs_emit(buf, "%u\n", netcoal_sysfs_busiest(nd).setting.holdoff_ns);
}

static ssize_t netcoal_show_frames(const struct netcoal_device *nd, char *buf)
{
	return sysfs_emit(buf, "%u\n", netcoal_sysfs_busiest(nd).setting.frames);
}

static ssize_t netcoal_show_pps(const struct netcoal_device *nd, char *buf)
{
	return sysfs_emit(buf, "%u\n", netcoal_sysfs_busiest(nd).pps);
}

static ssize_t netcoal_show_batch(const struct netcoal_device *nd, char *buf)
{
	return sysfs_emit(buf, "%u\n", netcoal_sysfs_busiest(nd).batch_milli);
}

#define NETCOAL_SHOW(name, show)						\
static ssize_t name##_show(struct device *dev, struct device_attribute *attr,	\
			   char *buf)						\
{										\
	return netcoal_sysfs_show(dev, buf, show);				\
}

NETCOAL_SHOW(policy, netcoal_show_policy)
NETCOAL_SHOW(latency_target_us, netcoal_show_latency)
NETCOAL_SHOW(cpu_target_ns, netcoal_show_cpu)
NETCOAL_SHOW(state, netcoal_show_state)
NETCOAL_SHOW(reason, netcoal_show_reason)
NETCOAL_SHOW(actuator, netcoal_show_actuator)
NETCOAL_SHOW(rx_holdoff_ns, netcoal_show_holdoff)
NETCOAL_SHOW(rx_frames, netcoal_show_frames)
NETCOAL_SHOW(rx_pps, netcoal_show_pps)
NETCOAL_SHOW(batch_milli, netcoal_show_batch)

static int netcoal_sysfs_allowed(struct device *dev)
{
	struct net *net = dev_net(to_net_dev(dev));

	return ns_capable(net->user_ns, CAP_NET_ADMIN) ? 0 : -EPERM;
}

static int netcoal_sysfs_set_policy(struct net_device *netdev, const char *name)
{
	struct netcoal_device *nd = netcoal_sysfs_device(netdev);
	struct netcoal_policy *policy;

	if (!*name || !strcmp(name, "none"))
		return nd ? netcoal_device_detach(nd) : 0;
	policy = netcoal_policy_find(dev_net(netdev), name);
	if (!policy)
		return -ENOENT;
	return netcoal_device_attach(dev_net(netdev), netdev->name, policy, NULL);
}

static ssize_t policy_store(struct device *dev, struct device_attribute *attr,
			    const char *buf, size_t len)
{
	char name[NETCOAL_NAME_LEN + 2];	/* with a newline */
	int err = netcoal_sysfs_allowed(dev);

	if (err)
		return err;
	if (len >= sizeof(name))
		return -EINVAL;
	strscpy(name, buf, sizeof(name));
	if (!rtnl_trylock())
		return restart_syscall();
	err = netcoal_sysfs_set_policy(to_net_dev(dev), strim(name));
	rtnl_unlock();
	return err ?: len;
}

static ssize_t netcoal_sysfs_set_targets(struct device *dev, const u32 *latency_ns,
					 const u32 *cpu_ns, size_t len)
{
	struct netcoal_device *nd;
	int err = -ENOENT;

	if (!rtnl_trylock())
		return restart_syscall();
	nd = netcoal_sysfs_device(to_net_dev(dev));
	if (nd)
		err = netcoal_device_own_targets(nd, latency_ns, cpu_ns);
	rtnl_unlock();
	return err ?: len;
}

static ssize_t latency_target_us_store(struct device *dev,
				       struct device_attribute *attr,
				       const char *buf, size_t len)
{
	int err = netcoal_sysfs_allowed(dev);
	u32 ns;

	err = err ?: kstrtou32(buf, 10, &ns);
	if (err)
		return err;
	if (ns > NETCOAL_TARGET_MAX_NS / NSEC_PER_USEC)
		return -EINVAL;
	ns *= NSEC_PER_USEC;
	return netcoal_sysfs_set_targets(dev, &ns, NULL, len);
}

static ssize_t cpu_target_ns_store(struct device *dev,
				   struct device_attribute *attr,
				   const char *buf, size_t len)
{
	int err = netcoal_sysfs_allowed(dev);
	u32 ns;

	err = err ?: kstrtou32(buf, 10, &ns);
	if (err)
		return err;
	return netcoal_sysfs_set_targets(dev, NULL, &ns, len);
}

static DEVICE_ATTR_RW(policy);
static DEVICE_ATTR_RW(latency_target_us);
static DEVICE_ATTR_RW(cpu_target_ns);
static DEVICE_ATTR_RO(state);
static DEVICE_ATTR_RO(reason);
static DEVICE_ATTR_RO(actuator);
static DEVICE_ATTR_RO(rx_holdoff_ns);
static DEVICE_ATTR_RO(rx_frames);
static DEVICE_ATTR_RO(rx_pps);
static DEVICE_ATTR_RO(batch_milli);

static struct attribute *netcoal_sysfs_attrs[] = {
	&dev_attr_policy.attr,
	&dev_attr_latency_target_us.attr,
	&dev_attr_cpu_target_ns.attr,
	&dev_attr_state.attr,
	&dev_attr_reason.attr,
	&dev_attr_actuator.attr,
	&dev_attr_rx_holdoff_ns.attr,
	&dev_attr_rx_frames.attr,
	&dev_attr_rx_pps.attr,
	&dev_attr_batch_milli.attr,
	NULL,
};

static const struct attribute_group netcoal_sysfs_group = {
	.name = "netcoal",
	.attrs = netcoal_sysfs_attrs,
};

/**
 * netcoal_sysfs_add() - give a device its directory
 * @netdev: the device, under rtnl
 */
void netcoal_sysfs_add(struct net_device *netdev)
{
	/* A device without the directory is governed all the same. */
	if (sysfs_create_group(&netdev->dev.kobj, &netcoal_sysfs_group))
		netdev_warn(netdev, "netcoal: no sysfs directory\n");
}

/**
 * netcoal_sysfs_remove() - take it away, after its users have left
 * @netdev: the device, under rtnl
 *
 * A device that somebody still holds is told again and again to unregister,
 * long after its directory went.
 */
void netcoal_sysfs_remove(struct net_device *netdev)
{
	struct kobject *kobj = &netdev->dev.kobj;
	struct kernfs_node *dir;

	dir = kobj->sd ? sysfs_get_dirent(kobj->sd, netcoal_sysfs_group.name) : NULL;
	if (!dir)
		return;
	sysfs_put(dir);
	sysfs_remove_group(kobj, &netcoal_sysfs_group);
}
