// SPDX-License-Identifier: GPL-2.0
/* The fields of the family's messages, in the order in which they are shown. */
#include <linux/netcoal.h>

#include "fields.h"
#include "names.h"

#define POLICY(attr)	NETCOAL_A_POLICY_##attr
#define DEV(attr)	NETCOAL_A_DEV_##attr
#define QUEUE(attr)	NETCOAL_A_QUEUE_##attr

/* Up to the users, what is shown is what "policy add" takes. */
static const struct nc_field policy_fields[] = {
	{ "name", "", POLICY(NAME), .kind = NC_STRING },
	{ "latency-ns", "latency", POLICY(LATENCY_NS), .kind = NC_TIME },
	{ "cpu-ns", "cpu", POLICY(CPU_NS), .kind = NC_TIME },
	{ "prefer", "prefer", POLICY(PREFER), .kind = NC_ENUM, .names = &nc_prefer_names },
	{ "governor", "governor", POLICY(GOVERNOR), .kind = NC_STRING },
	{ "actuator", "actuator", POLICY(ACTUATOR), .kind = NC_ENUM, .names = &nc_actuator_names },
	{ "rx-usecs-min", "rx-usecs", POLICY(RX_USECS_MIN), .kind = NC_U32 },
	{ "rx-usecs-max", "", POLICY(RX_USECS_MAX), .kind = NC_U32, .flags = NC_JOIN },
	{ "rx-frames-min", "rx-frames", POLICY(RX_FRAMES_MIN), .kind = NC_U32 },
	{ "rx-frames-max", "", POLICY(RX_FRAMES_MAX), .kind = NC_U32, .flags = NC_JOIN },
	{ "tx-usecs-min", "tx-usecs", POLICY(TX_USECS_MIN), .kind = NC_U32 },
	{ "tx-usecs-max", "", POLICY(TX_USECS_MAX), .kind = NC_U32, .flags = NC_JOIN },
	{ "tx-frames-min", "tx-frames", POLICY(TX_FRAMES_MIN), .kind = NC_U32 },
	{ "tx-frames-max", "", POLICY(TX_FRAMES_MAX), .kind = NC_U32, .flags = NC_JOIN },
	{ "irq-cost-ns", "irq-cost", POLICY(IRQ_COST_NS), .kind = NC_TIME },
	{ "cap-percent", "cap", POLICY(CAP_PERCENT), .kind = NC_U32, .flags = NC_HIDE_ZERO },
	{ "match-dev", "match dev", POLICY(MATCH_DEV), .kind = NC_STRING, .flags = NC_LIST },
	{ "match-driver", "match driver", POLICY(MATCH_DRIVER), .kind = NC_STRING,
	  .flags = NC_LIST },
	{ "match-bridge", "match bridge", POLICY(MATCH_BRIDGE), .kind = NC_STRING,
	  .flags = NC_LIST },
	{ "users", "users", POLICY(USERS), .kind = NC_U32 },
};

static const struct nc_field dev_fields[] = {
	{ "ifname", "", DEV(IFNAME), .kind = NC_STRING },
	{ "ifindex", "ifindex", DEV(IFINDEX), .kind = NC_U32, .flags = NC_STATS },
	{ "policy", "policy", DEV(POLICY), .kind = NC_STRING },
	{ "bound", "bound", DEV(BOUND), .kind = NC_ENUM, .flags = NC_HIDE_ZERO,
	  .names = &nc_bound_names },
	{ "via", "via", DEV(VIA), .kind = NC_STRING },
	{ "state", "state", DEV(STATE), .kind = NC_ENUM, .names = &nc_state_names },
	{ "reason", "reason", DEV(REASON), .kind = NC_ENUM, .flags = NC_HIDE_ZERO,
	  .names = &nc_reason_names },
	{ "error", "error", DEV(ERROR), .kind = NC_ERRNO, .flags = NC_HIDE_ZERO },
	{ "actuator", "actuator", DEV(ACTUATOR), .kind = NC_ENUM, .names = &nc_actuator_names },
	{ "driver", "driver", DEV(DRIVER), .kind = NC_STRING },
	{ "latency-ns", "latency", DEV(LATENCY_NS), .kind = NC_TIME },
	{ "cpu-ns", "cpu", DEV(CPU_NS), .kind = NC_TIME, .flags = NC_HIDE_ZERO },
	{ "cap-percent", "cap", DEV(CAP_PERCENT), .kind = NC_U32, .flags = NC_HIDE_ZERO },
	{ "cap-state", "cap-state", DEV(CAP_STATE), .kind = NC_ENUM, .flags = NC_HIDE_ZERO,
	  .names = &nc_cap_state_names },
	{ "cap-busy-ns", "cap-busy", DEV(CAP_BUSY_NS), .kind = NC_SPAN, .flags = NC_HIDE_ZERO },
	{ "cap-holdoff-ns", "cap-holdoff", DEV(CAP_HOLDOFF_NS), .kind = NC_TIME,
	  .flags = NC_HIDE_ZERO },
	{ "ports", "ports", DEV(PORTS), .kind = NC_U32 },
	{ "queues", "queues", DEV(QUEUES), .kind = NC_U32 },
	/* only asked for, to mean a queue instead of the device */
	{ "queue", "queue", DEV(QUEUE), .kind = NC_U32 },
	{ "queue-policies", "queue-policies", DEV(QUEUE_POLICIES), .kind = NC_U32,
	  .flags = NC_HIDE_ZERO },
	{ "remote-queues", "remote-queues", DEV(REMOTE_QUEUES), .kind = NC_U32,
	  .flags = NC_HIDE_ZERO },
	{ "node", "node", DEV(NODE), .kind = NC_U32, .flags = NC_STATS },
	{ "rx-pps", "rx-pps", DEV(RX_PPS), .kind = NC_U64, .flags = NC_STATS },
	{ "packets", "packets", DEV(PACKETS), .kind = NC_U64, .flags = NC_STATS },
	{ "sequences", "sequences", DEV(SEQUENCES), .kind = NC_U64, .flags = NC_STATS },
	{ "busy-ns", "busy", DEV(BUSY_NS), .kind = NC_SPAN, .flags = NC_STATS },
	{ "windows", "windows", DEV(WINDOWS), .kind = NC_U64, .flags = NC_STATS },
	{ "changes", "changes", DEV(CHANGES), .kind = NC_U64, .flags = NC_STATS },
	{ "overrides", "overrides", DEV(OVERRIDES), .kind = NC_U64, .flags = NC_HIDE_ZERO },
	{ "errors", "errors", DEV(ERRORS), .kind = NC_U64, .flags = NC_HIDE_ZERO },
};

/* What an event says of a device and its cap: all of it matters. */
static const struct nc_field cap_fields[] = {
	{ "ifname", "", DEV(IFNAME), .kind = NC_STRING },
	{ "ifindex", "ifindex", DEV(IFINDEX), .kind = NC_U32, .flags = NC_STATS },
	{ "policy", "policy", DEV(POLICY), .kind = NC_STRING },
	{ "cap-state", "state", DEV(CAP_STATE), .kind = NC_ENUM, .names = &nc_cap_state_names },
	{ "cap-percent", "cap", DEV(CAP_PERCENT), .kind = NC_U32 },
	{ "cap-busy-ns", "busy", DEV(CAP_BUSY_NS), .kind = NC_SPAN },
	{ "rx-pps", "rx-pps", DEV(RX_PPS), .kind = NC_U64 },
	{ "cap-holdoff-ns", "holdoff", DEV(CAP_HOLDOFF_NS), .kind = NC_TIME },
};

static const struct nc_field queue_fields[] = {
	{ "ifname", "", QUEUE(IFNAME), .kind = NC_STRING, .flags = NC_HIDE_NESTED },
	{ "ifindex", "ifindex", QUEUE(IFINDEX), .kind = NC_U32,
	  .flags = NC_HIDE_NESTED | NC_STATS },
	{ "index", "queue", QUEUE(INDEX), .kind = NC_U32 },
	{ "napi-id", "napi", QUEUE(NAPI_ID), .kind = NC_U32, .flags = NC_HIDE_ZERO },
	{ "policy", "policy", QUEUE(POLICY), .kind = NC_STRING },
	{ "state", "state", QUEUE(STATE), .kind = NC_ENUM, .names = &nc_state_names },
	{ "reason", "reason", QUEUE(REASON), .kind = NC_ENUM, .flags = NC_HIDE_ZERO,
	  .names = &nc_reason_names },
	{ "verdict", "verdict", QUEUE(VERDICT), .kind = NC_ENUM, .names = &nc_verdict_names },
	{ "rx-holdoff-ns", "rx-holdoff", QUEUE(RX_HOLDOFF_NS), .kind = NC_TIME },
	{ "rx-frames", "rx-frames", QUEUE(RX_FRAMES), .kind = NC_U32 },
	{ "tx-holdoff-ns", "tx-holdoff", QUEUE(TX_HOLDOFF_NS), .kind = NC_TIME },
	{ "tx-frames", "tx-frames", QUEUE(TX_FRAMES), .kind = NC_U32 },
	{ "requested-holdoff-ns", "requested", QUEUE(REQUESTED_HOLDOFF_NS), .kind = NC_TIME },
	{ "effective-holdoff-ns", "effective", QUEUE(EFFECTIVE_HOLDOFF_NS), .kind = NC_TIME },
	{ "rx-pps", "rx-pps", QUEUE(RX_PPS), .kind = NC_U64 },
	{ "tx-pps", "tx-pps", QUEUE(TX_PPS), .kind = NC_U64 },
	{ "batch-milli", "batch", QUEUE(BATCH_MILLI), .kind = NC_MILLI },
	{ "cpu-ns-per-packet", "cpu", QUEUE(CPU_NS_PER_PACKET), .kind = NC_SPAN },
	{ "last-cpu", "last-cpu", QUEUE(LAST_CPU), .kind = NC_U32 },
	{ "remote", "remote", QUEUE(REMOTE), .kind = NC_ENUM, .flags = NC_HIDE_ZERO,
	  .names = &nc_remote_names },
	{ "node", "node", QUEUE(NODE), .kind = NC_U32, .flags = NC_HIDE_LOCAL },
	{ "cpu-node", "cpu-node", QUEUE(CPU_NODE), .kind = NC_U32, .flags = NC_HIDE_LOCAL },
	{ "irq", "irq", QUEUE(IRQ), .kind = NC_U32, .flags = NC_HIDE_LOCAL },
	{ "irq-node", "irq-node", QUEUE(IRQ_NODE), .kind = NC_U32, .flags = NC_HIDE_LOCAL },
	{ "packets", "packets", QUEUE(PACKETS), .kind = NC_U64, .flags = NC_STATS },
	{ "polls", "polls", QUEUE(POLLS), .kind = NC_U64, .flags = NC_STATS },
	{ "empty-polls", "empty", QUEUE(EMPTY_POLLS), .kind = NC_U64, .flags = NC_STATS },
	{ "full-polls", "full", QUEUE(FULL_POLLS), .kind = NC_U64, .flags = NC_STATS },
	{ "sequences", "sequences", QUEUE(SEQUENCES), .kind = NC_U64, .flags = NC_STATS },
	{ "hardirqs", "hardirqs", QUEUE(HARDIRQS), .kind = NC_U64, .flags = NC_STATS },
	{ "busy-ns", "busy", QUEUE(BUSY_NS), .kind = NC_SPAN, .flags = NC_STATS },
	{ "windows", "windows", QUEUE(WINDOWS), .kind = NC_U64, .flags = NC_STATS },
	{ "changes", "changes", QUEUE(CHANGES), .kind = NC_U64, .flags = NC_STATS },
	{ "irq-cost-ns", "irq-cost", QUEUE(IRQ_COST_NS), .kind = NC_SPAN, .flags = NC_STATS },
	{ "packet-cost-ns", "packet-cost", QUEUE(PACKET_COST_NS), .kind = NC_SPAN,
	  .flags = NC_STATS },
};

static const struct nc_field path_fields[] = {
	{ "name", "", NETCOAL_A_PATH_NAME, .kind = NC_STRING },
	{ "latency-ns", "latency", NETCOAL_A_PATH_LATENCY_NS, .kind = NC_TIME },
	{ "unmet-ns", "unmet", NETCOAL_A_PATH_UNMET_NS, .kind = NC_TIME, .flags = NC_HIDE_ZERO },
};

#define STAGE(attr)	NETCOAL_A_PATH_STAGE_##attr

static const struct nc_field stage_fields[] = {
	{ "ifname", "dev", STAGE(IFNAME), .kind = NC_STRING },
	{ "remote-ns", "remote", STAGE(REMOTE_NS), .kind = NC_TIME },
	{ "share-ns", "share", STAGE(SHARE_NS), .kind = NC_TIME },
	{ "state", "state", STAGE(STATE), .kind = NC_ENUM, .names = &nc_state_names },
	{ "holdoff-ns", "holdoff", STAGE(HOLDOFF_NS), .kind = NC_TIME },
	{ "frames-max", "frames", STAGE(FRAMES_MAX), .kind = NC_U32 },
	{ "rx-pps", "rx-pps", STAGE(RX_PPS), .kind = NC_U64 },
	{ "irq-cost-ns", "irq-cost", STAGE(IRQ_COST_NS), .kind = NC_SPAN, .flags = NC_STATS },
};

#define FIELDS(fields)	{ NC_ARRAY_SIZE(fields), fields }

const struct nc_fields nc_policy_fields = FIELDS(policy_fields);
const struct nc_fields nc_dev_fields = FIELDS(dev_fields);
const struct nc_fields nc_queue_fields = FIELDS(queue_fields);
const struct nc_fields nc_cap_fields = FIELDS(cap_fields);
const struct nc_fields nc_path_fields = FIELDS(path_fields);
const struct nc_fields nc_stage_fields = FIELDS(stage_fields);

_Static_assert(NC_ARRAY_SIZE(policy_fields) <= NC_FIELDS_MAX, "layouts too small");
_Static_assert(NC_ARRAY_SIZE(dev_fields) <= NC_FIELDS_MAX, "layouts too small");
_Static_assert(NC_ARRAY_SIZE(queue_fields) <= NC_FIELDS_MAX, "layouts too small");
