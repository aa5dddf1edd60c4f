// SPDX-License-Identifier: GPL-2.0
/* Names of the enums' values, as in the specification of the family. */
#include <linux/netcoal.h>

#include "names.h"
#include "tool.h"

#define NAMES(name)	{ NC_ARRAY_SIZE(name), name }

static const char *const actuators[] = {
	[NETCOAL_ACTUATOR_AUTO] = "auto",
	[NETCOAL_ACTUATOR_ETHTOOL_QUEUE] = "ethtool-queue",
	[NETCOAL_ACTUATOR_ETHTOOL] = "ethtool",
	[NETCOAL_ACTUATOR_DEFER] = "defer",
	[NETCOAL_ACTUATOR_HOLD] = "hold",
};

static const char *const prefers[] = {
	[NETCOAL_PREFER_LATENCY] = "latency",
	[NETCOAL_PREFER_CPU] = "cpu",
};

static const char *const states[] = {
	[NETCOAL_STATE_WAITING] = "waiting",
	[NETCOAL_STATE_GOVERNING] = "governing",
	[NETCOAL_STATE_OVERRIDDEN] = "overridden",
	[NETCOAL_STATE_RELEASED] = "released",
};

static const char *const reasons[] = {
	[NETCOAL_REASON_NONE] = "none",
	[NETCOAL_REASON_NO_DEVICE] = "no-device",
	[NETCOAL_REASON_ADMIN] = "admin",
	[NETCOAL_REASON_MOVED] = "moved",
	[NETCOAL_REASON_UNSUPPORTED] = "unsupported",
	[NETCOAL_REASON_ACTUATOR_ERROR] = "actuator-error",
	[NETCOAL_REASON_KNOB_VANISHED] = "knob-vanished",
	[NETCOAL_REASON_MISMATCH] = "mismatch",
	[NETCOAL_REASON_NO_QUEUES] = "no-queues",
	[NETCOAL_REASON_NO_MEMORY] = "no-memory",
	[NETCOAL_REASON_DOWN] = "down",
	[NETCOAL_REASON_NO_PORTS] = "no-ports",
	[NETCOAL_REASON_RESETS] = "resets",
};

static const char *const bounds[] = {
	[NETCOAL_BOUND_ATTACH] = "attach",
	[NETCOAL_BOUND_MATCH] = "match",
	[NETCOAL_BOUND_PORT] = "port",
};

static const char *const verdicts[] = {
	[NETCOAL_VERDICT_START] = "start",
	[NETCOAL_VERDICT_FIXED] = "fixed",
	[NETCOAL_VERDICT_IDLE] = "idle",
	[NETCOAL_VERDICT_BUDGET] = "budget",
	[NETCOAL_VERDICT_FRAMES] = "frames",
	[NETCOAL_VERDICT_CPU_TARGET] = "cpu-target",
	[NETCOAL_VERDICT_SATURATED] = "saturated",
	[NETCOAL_VERDICT_LOCKSTEP] = "lockstep",
	[NETCOAL_VERDICT_ELASTIC] = "elastic",
	[NETCOAL_VERDICT_SETTLE] = "settle",
	[NETCOAL_VERDICT_BOUNDS] = "bounds",
	[NETCOAL_VERDICT_DIM] = "dim",
	[NETCOAL_VERDICT_CAP] = "cap",
};

static const char *const cap_states[] = {
	[NETCOAL_CAP_STATE_NONE] = "none",
	[NETCOAL_CAP_STATE_UNDER] = "under",
	[NETCOAL_CAP_STATE_OVER] = "over",
	[NETCOAL_CAP_STATE_SATURATED] = "saturated",
};

static const char *const remotes[] = {
	[NETCOAL_REMOTE_NONE] = "none",
	[NETCOAL_REMOTE_CPU] = "cpu",
	[NETCOAL_REMOTE_IRQ] = "irq",
	[NETCOAL_REMOTE_BOTH] = "both",
};

const struct nc_names nc_actuator_names = NAMES(actuators);
const struct nc_names nc_prefer_names = NAMES(prefers);
const struct nc_names nc_state_names = NAMES(states);
const struct nc_names nc_reason_names = NAMES(reasons);
const struct nc_names nc_bound_names = NAMES(bounds);
const struct nc_names nc_cap_state_names = NAMES(cap_states);
const struct nc_names nc_remote_names = NAMES(remotes);
const struct nc_names nc_verdict_names = NAMES(verdicts);
