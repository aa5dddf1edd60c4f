// SPDX-License-Identifier: GPL-2.0
/*
 * dimtest: the kernel's net_dim(), one sample at a time.
 *
 * Writing "TIME_NS EVENTS PACKETS BYTES", running sums all, to the parameter
 * sample hands them to net_dim() as a driver would at an interrupt; reading it
 * tells what net_dim() made of them:
 *
 *    state tune profile right left tired ppms bpms epms rx-us rx-pkts tx-us tx-pkts
 *
 * followed by the last four as they are in CQE mode.
 *
 * What a driver does when a profile is chosen is done before the write returns,
 * so the next sample begins a new measurement.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/dim.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sysfs.h>

static DEFINE_MUTEX(dimtest_lock);
static struct dim dimtest_dim; /* under dimtest_lock */
static u8 dimtest_state; /* as net_dim() left it */

static void dimtest_work(struct work_struct *work)
{
	container_of(work, struct dim, work)->state = DIM_START_MEASURE;
}

/*
 * A measurement that begins is stamped with the kernel's time; samples have a
 * time of their own.
 */
static void dimtest_feed(const struct dim_sample *sample)
{
	u8 before = dimtest_dim.state;

	net_dim(&dimtest_dim, *sample);
	dimtest_state = dimtest_dim.state;
	if (dimtest_state == DIM_MEASURE_IN_PROGRESS &&
	    (before == DIM_START_MEASURE ||
	     dimtest_dim.start_sample.event_ctr == sample->event_ctr))
		dimtest_dim.start_sample.time = sample->time;
	flush_work(&dimtest_dim.work);
}

static int dimtest_set(const char *text, const struct kernel_param *param)
{
	struct dim_sample sample = {};
	u16 events;
	s64 time;

	if (sscanf(text, "%lld %hu %u %u", &time, &events, &sample.pkt_ctr,
		   &sample.byte_ctr) != 4)
		return -EINVAL;
	sample.time = time;
	sample.event_ctr = events;

	mutex_lock(&dimtest_lock);
	dimtest_feed(&sample);
	mutex_unlock(&dimtest_lock);
	return 0;
}

static int dimtest_get(char *text, const struct kernel_param *param)
{
	struct dim_cq_moder rx, tx, cqe_rx, cqe_tx;
	struct dim *dim = &dimtest_dim;
	int len;

	mutex_lock(&dimtest_lock);
	rx = net_dim_get_rx_moderation(dim->mode, dim->profile_ix);
	tx = net_dim_get_tx_moderation(dim->mode, dim->profile_ix);
	cqe_rx = net_dim_get_rx_moderation(DIM_CQ_PERIOD_MODE_START_FROM_CQE,
					   dim->profile_ix);
	cqe_tx = net_dim_get_tx_moderation(DIM_CQ_PERIOD_MODE_START_FROM_CQE,
					   dim->profile_ix);
	len = sysfs_emit(text, "%u %u %u %u %u %u %d %d %d %u %u %u %u %u %u %u %u\n",
			 dimtest_state, dim->tune_state, dim->profile_ix,
			 dim->steps_right, dim->steps_left, dim->tired,
			 dim->prev_stats.ppms, dim->prev_stats.bpms,
			 dim->prev_stats.epms, rx.usec, rx.pkts, tx.usec, tx.pkts,
			 cqe_rx.usec, cqe_rx.pkts, cqe_tx.usec, cqe_tx.pkts);
	mutex_unlock(&dimtest_lock);
	return len;
}

static const struct kernel_param_ops dimtest_ops = {
	.set = dimtest_set,
	.get = dimtest_get,
};

module_param_cb(sample, &dimtest_ops, NULL, 0600);
MODULE_PARM_DESC(sample, "A sample to feed, and what became of it");

static int __init dimtest_init(void)
{
	INIT_WORK(&dimtest_dim.work, dimtest_work);
	dimtest_dim.mode = DIM_CQ_PERIOD_MODE_START_FROM_EQE;
	return 0;
}
module_init(dimtest_init);

static void __exit dimtest_exit(void)
{
	cancel_work_sync(&dimtest_dim.work);
}
module_exit(dimtest_exit);

MODULE_DESCRIPTION("The kernel's net_dim, one sample at a time, for testing netcoal");
MODULE_LICENSE("GPL");
