// SPDX-License-Identifier: GPL-2.0
/*
 * The guard: any doubt hands a device back, with a typed reason.
 *
 *    error                    reason          state
 *    -NETCOAL_EADMIN          admin           overridden
 *    -NETCOAL_EMISMATCH       mismatch        released
 *    -NETCOAL_ERESETS         resets          released
 *    -EOPNOTSUPP, governing   knob-vanished   released
 *    -EOPNOTSUPP, starting    unsupported     released
 *    -ENXIO                   no-queues       released
 *    -ENOMEM                  no-memory       released
 *    any other                actuator-error  released
 *
 * What may pass is none at first: the driver is resetting its device, and is asked
 * again.
 */
#include <linux/errno.h>
#include <linux/rtnetlink.h>

#include "actuator.h"
#include "device.h"
#include "govern.h"
#include "guard.h"

/* More resets by netcoal's own settings than so many, within such a time, are one too many. */
#define NETCOAL_RESETS_MAX	3
#define NETCOAL_RESETS_JIFFIES	(60 * HZ)

/**
 * netcoal_guard_is_passing() - may an error be over soon?
 * @err: a driver's
 *
 * Return: true if so: it has the device detached, is busy, or does not take back what
 * it had.
 */
bool netcoal_guard_is_passing(int err)
{
	return err == -ENODEV || err == -EBUSY || err == -EAGAIN || err == -NETCOAL_EOWED;
}

/**
 * netcoal_guard_reason() - the reason that an error stands for
 * @err: what netcoal_govern_start() returned
 *
 * Return: the reason.
 */
enum netcoal_reason netcoal_guard_reason(int err)
{
	switch (err) {
	case -ENXIO:
		return NETCOAL_REASON_NO_QUEUES;
	case -EOPNOTSUPP:
		return NETCOAL_REASON_UNSUPPORTED;
	case -ENOMEM:
		return NETCOAL_REASON_NO_MEMORY;
	case -NETCOAL_EMISMATCH:
		return NETCOAL_REASON_MISMATCH;
	case -NETCOAL_ERESETS:
		return NETCOAL_REASON_RESETS;
	case -NETCOAL_EADMIN:
		return NETCOAL_REASON_ADMIN;
	default:
		return NETCOAL_REASON_ACTUATOR_ERROR;
	}
}

/**
 * netcoal_guard_count_reset() - a driver reset its device when netcoal set it
 * @nd: the device
 *
 * Once may be chance, or what a change of its mode takes. If it does so for each setting,
 * it drops packets several times a second.
 *
 * Return: 0; -NETCOAL_ERESETS if that was once too often.
 */
int netcoal_guard_count_reset(struct netcoal_device *nd)
{
	u32 now = (u32)jiffies;

	ASSERT_RTNL();
	if (now - nd->resets_since > NETCOAL_RESETS_JIFFIES)
		nd->resets = 0;
	if (!nd->resets)
		nd->resets_since = now;
	nd->resets = min(nd->resets + 1, NETCOAL_RESETS_MAX + 1);
	return nd->resets > NETCOAL_RESETS_MAX ? -NETCOAL_ERESETS : 0;
}

/**
 * netcoal_guard_release() - hand a governed device back
 * @nd: the device
 * @err: why: what netcoal_actuator_apply() or _check() returned
 *
 * Called under rtnl, sleeps.
 */
void netcoal_guard_release(struct netcoal_device *nd, int err)
{
	enum netcoal_reason reason = netcoal_guard_reason(err);
	enum netcoal_state state = NETCOAL_STATE_RELEASED;

	ASSERT_RTNL();
	if (reason == NETCOAL_REASON_UNSUPPORTED)
		reason = NETCOAL_REASON_KNOB_VANISHED;
	if (reason == NETCOAL_REASON_ADMIN) {
		state = NETCOAL_STATE_OVERRIDDEN;
		err = 0;
		nd->overrides++;
	} else {
		nd->errors++;
	}
	netcoal_govern_stop(nd);
	netcoal_device_set_state(nd, state, reason, -err);
}
