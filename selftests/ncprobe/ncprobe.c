// SPDX-License-Identifier: GPL-2.0
/*
 * ncprobe: what the probes on napi_poll cost, in the manner of the kernel's
 * tracepoint benchmark: the tracepoint in a loop, in a softirq, with nothing
 * around it.
 *
 *    cd /sys/module/ncprobe/parameters
 *    echo 8 >most              the first NAPIs of devices named like prefix
 *    echo 1 >empty             with a probe of its own that does nothing
 *    echo 100000 >run          that many polls, the NAPIs one after the other
 *    cat run                   NS POLLS NAPIS of the last run
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/completion.h>
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/net_namespace.h>
#include <trace/events/napi.h>

#define NCPROBE_NAPIS_MAX	1024
#define NCPROBE_POLLS_MAX	1000000
/* As many as a driver's poll might find, of a budget of 64. */
#define NCPROBE_WORK		1

static char *prefix = "nct";
module_param(prefix, charp, 0444);
MODULE_PARM_DESC(prefix, "Devices with such names, in any namespace");

static unsigned int most = NCPROBE_NAPIS_MAX;
module_param(most, uint, 0644);
MODULE_PARM_DESC(most, "NAPIs at most, 1 to 1024");

static bool empty;
module_param(empty, bool, 0644);
MODULE_PARM_DESC(empty, "With a probe that does nothing");

static struct napi_struct *ncprobe_napis[NCPROBE_NAPIS_MAX];	/* under rtnl */
static unsigned int ncprobe_nr;
static unsigned int ncprobe_polls;
static u64 ncprobe_ns;
static DECLARE_COMPLETION(ncprobe_done);

static void ncprobe_empty(void *data, struct napi_struct *napi, int work, int budget)
{
}

static void ncprobe_add_napis(struct net_device *dev, unsigned int limit)
{
	struct napi_struct *napi;

	list_for_each_entry(napi, &dev->napi_list, dev_list)
		if (ncprobe_nr < limit)
			ncprobe_napis[ncprobe_nr++] = napi;
}

static void ncprobe_find_napis(unsigned int limit)
{
	struct net_device *dev;
	struct net *net;

	ncprobe_nr = 0;
	down_read(&net_rwsem);
	for_each_net(net)
		for_each_netdev(net, dev)
			if (strstarts(dev->name, prefix))
				ncprobe_add_napis(dev, limit);
	up_read(&net_rwsem);
}

static void ncprobe_loop(struct tasklet_struct *unused)
{
	unsigned int i, at = 0;
	u64 start_ns = ktime_get_ns();

	for (i = 0; i < ncprobe_polls; i++) {
		trace_napi_poll(ncprobe_napis[at], NCPROBE_WORK, NAPI_POLL_WEIGHT);
		if (++at == ncprobe_nr)
			at = 0;
	}
	ncprobe_ns = ktime_get_ns() - start_ns;
	complete(&ncprobe_done);
}

static DECLARE_TASKLET(ncprobe_tasklet, ncprobe_loop);

static int ncprobe_measure(unsigned int polls)
{
	bool with_empty = empty;
	int err = 0;

	ncprobe_find_napis(min_t(unsigned int, most, NCPROBE_NAPIS_MAX));
	if (!ncprobe_nr)
		return -ENODEV;
	if (with_empty)
		err = register_trace_napi_poll(ncprobe_empty, NULL);
	if (err)
		return err;
	ncprobe_polls = polls;
	reinit_completion(&ncprobe_done);
	tasklet_schedule(&ncprobe_tasklet);
	wait_for_completion(&ncprobe_done);
	if (with_empty) {
		unregister_trace_napi_poll(ncprobe_empty, NULL);
		tracepoint_synchronize_unregister();
	}
	return 0;
}

/* Under rtnl no device goes away. */
static int ncprobe_run(const char *text, const struct kernel_param *kp)
{
	unsigned int polls;
	int err;

	err = kstrtouint(text, 0, &polls);
	if (err)
		return err;
	if (!polls || polls > NCPROBE_POLLS_MAX || !most)
		return -ERANGE;
	rtnl_lock();
	err = ncprobe_measure(polls);
	rtnl_unlock();
	return err;
}

static int ncprobe_show(char *text, const struct kernel_param *kp)
{
	return scnprintf(text, PAGE_SIZE, "%llu %u %u\n", ncprobe_ns, ncprobe_polls, ncprobe_nr);
}

static const struct kernel_param_ops ncprobe_run_ops = {
	.set = ncprobe_run,
	.get = ncprobe_show,
};

module_param_cb(run, &ncprobe_run_ops, NULL, 0644);
MODULE_PARM_DESC(run, "Written: so many polls; read: ns, polls and NAPIs of the last run");

static void __exit ncprobe_exit(void)
{
	tasklet_kill(&ncprobe_tasklet);
}
module_exit(ncprobe_exit);

MODULE_DESCRIPTION("What the probes on napi_poll cost");
MODULE_LICENSE("GPL");
