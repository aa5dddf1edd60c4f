// SPDX-License-Identifier: GPL-2.0
#include <linux/kernel.h>
#include <linux/netcoal.h>

#include "verdict.h"

static const char * const names[] = {
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
};

/* The name that the netlink family has for it; "none" of governors without. */
const char *verdict_name(int verdict)
{
	if (verdict < 0)
		return "none";
	return verdict < (int)ARRAY_SIZE(names) && names[verdict] ? names[verdict] : "other";
}
