/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/netcoal.yaml */
/* YNL-GEN uapi header */

#ifndef _UAPI_LINUX_NETCOAL_H
#define _UAPI_LINUX_NETCOAL_H

#define NETCOAL_GENL_NAME	"netcoal"
#define NETCOAL_GENL_VERSION	1

#define NETCOAL_NAME_LEN	31
#define NETCOAL_TARGET_MAX_NS	1000000000
#define NETCOAL_USECS_MAX	1000000
#define NETCOAL_FRAMES_MAX	65535
#define NETCOAL_MATCHES_MAX	8
#define NETCOAL_CAP_MAX		10000
#define NETCOAL_STAGES_MAX	8

/**
 * enum netcoal_actuator - How a setting reaches a device.
 * @NETCOAL_ACTUATOR_AUTO: The first of the following that works on the device.
 * @NETCOAL_ACTUATOR_ETHTOOL_QUEUE: The driver's per-queue rx/tx-usecs and
 *   rx/tx-frames.
 * @NETCOAL_ACTUATOR_ETHTOOL: The driver's rx/tx-usecs and rx/tx-frames.
 * @NETCOAL_ACTUATOR_DEFER: NAPI deferral, gro_flush_timeout and
 *   napi_defer_hard_irqs.
 * @NETCOAL_ACTUATOR_HOLD: The NAPI itself, held after a poll and run from a
 *   timer.
 */
enum netcoal_actuator {
	NETCOAL_ACTUATOR_AUTO,
	NETCOAL_ACTUATOR_ETHTOOL_QUEUE,
	NETCOAL_ACTUATOR_ETHTOOL,
	NETCOAL_ACTUATOR_DEFER,
	NETCOAL_ACTUATOR_HOLD,
};

/**
 * enum netcoal_prefer - Which target holds when both can't be met.
 * @NETCOAL_PREFER_LATENCY: The latency target holds, the CPU target gives way.
 * @NETCOAL_PREFER_CPU: The CPU target holds, the latency target gives way.
 */
enum netcoal_prefer {
	NETCOAL_PREFER_LATENCY,
	NETCOAL_PREFER_CPU,
};

/**
 * enum netcoal_state - What netcoal does with a device.
 * @NETCOAL_STATE_WAITING: The device is down or not in the namespace; it will
 *   be governed when it comes up.
 * @NETCOAL_STATE_GOVERNING: netcoal sets the device's coalescing.
 * @NETCOAL_STATE_OVERRIDDEN: An administrator changed a setting that netcoal
 *   governs; hands off until attached again.
 * @NETCOAL_STATE_RELEASED: The guard gave the device back, for the reason
 *   given.
 */
enum netcoal_state {
	NETCOAL_STATE_WAITING,
	NETCOAL_STATE_GOVERNING,
	NETCOAL_STATE_OVERRIDDEN,
	NETCOAL_STATE_RELEASED,
};

/**
 * enum netcoal_reason - Why a device is in its state.
 * @NETCOAL_REASON_NONE: Nothing to report.
 * @NETCOAL_REASON_NO_DEVICE: There is no such device in the namespace.
 * @NETCOAL_REASON_ADMIN: A governed setting holds a value that somebody else
 *   wrote.
 * @NETCOAL_REASON_MOVED: The device went to another network namespace.
 * @NETCOAL_REASON_UNSUPPORTED: No actuator that the policy allows works on the
 *   device.
 * @NETCOAL_REASON_ACTUATOR_ERROR: The driver refused a setting; the error
 *   number is reported beside.
 * @NETCOAL_REASON_KNOB_VANISHED: The driver no longer offers the setting.
 * @NETCOAL_REASON_MISMATCH: The driver accepted a setting but did not change
 *   it.
 * @NETCOAL_REASON_NO_QUEUES: The device has no NAPI that could be watched.
 * @NETCOAL_REASON_NO_MEMORY: No memory for the state of a queue.
 * @NETCOAL_REASON_DOWN: The device is down; it will be governed when it comes
 *   up.
 * @NETCOAL_REASON_NO_PORTS: The bond or team has no ports.
 * @NETCOAL_REASON_RESETS: The driver resets the device for each setting.
 */
enum netcoal_reason {
	NETCOAL_REASON_NONE,
	NETCOAL_REASON_NO_DEVICE,
	NETCOAL_REASON_ADMIN,
	NETCOAL_REASON_MOVED,
	NETCOAL_REASON_UNSUPPORTED,
	NETCOAL_REASON_ACTUATOR_ERROR,
	NETCOAL_REASON_KNOB_VANISHED,
	NETCOAL_REASON_MISMATCH,
	NETCOAL_REASON_NO_QUEUES,
	NETCOAL_REASON_NO_MEMORY,
	NETCOAL_REASON_DOWN,
	NETCOAL_REASON_NO_PORTS,
	NETCOAL_REASON_RESETS,
};

/**
 * enum netcoal_bound - How a device came to its policy.
 * @NETCOAL_BOUND_ATTACH: It was attached by name.
 * @NETCOAL_BOUND_MATCH: It matches the policy's patterns.
 * @NETCOAL_BOUND_PORT: It is a port of a bond or team that has the policy.
 */
enum netcoal_bound {
	NETCOAL_BOUND_ATTACH,
	NETCOAL_BOUND_MATCH,
	NETCOAL_BOUND_PORT,
};

/**
 * enum netcoal_verdict - Which term of the law set the present hold-off.
 * @NETCOAL_VERDICT_START: No window has been judged.
 * @NETCOAL_VERDICT_FIXED: The policy's maximum, as the governor fixed does.
 * @NETCOAL_VERDICT_IDLE: Sparse traffic, waiting would buy nothing.
 * @NETCOAL_VERDICT_BUDGET: The latency target.
 * @NETCOAL_VERDICT_FRAMES: The batch after which waiting longer buys next to
 *   nothing.
 * @NETCOAL_VERDICT_CPU_TARGET: The least delay that reaches the CPU target.
 * @NETCOAL_VERDICT_SATURATED: Even full batches do not reach the CPU target.
 * @NETCOAL_VERDICT_LOCKSTEP: The next packet only comes after the last was
 *   answered, any delay is loss.
 * @NETCOAL_VERDICT_ELASTIC: The rate falls when the hold-off rises, capped
 *   where that costs too much.
 * @NETCOAL_VERDICT_SETTLE: The window in which a change took effect, not
 *   judged.
 * @NETCOAL_VERDICT_BOUNDS: The policy's minimum or maximum.
 * @NETCOAL_VERDICT_DIM: The kernel's net_dim.
 * @NETCOAL_VERDICT_CAP: The device's CPU cap, whatever the governor wanted.
 */
enum netcoal_verdict {
	NETCOAL_VERDICT_START,
	NETCOAL_VERDICT_FIXED,
	NETCOAL_VERDICT_IDLE,
	NETCOAL_VERDICT_BUDGET,
	NETCOAL_VERDICT_FRAMES,
	NETCOAL_VERDICT_CPU_TARGET,
	NETCOAL_VERDICT_SATURATED,
	NETCOAL_VERDICT_LOCKSTEP,
	NETCOAL_VERDICT_ELASTIC,
	NETCOAL_VERDICT_SETTLE,
	NETCOAL_VERDICT_BOUNDS,
	NETCOAL_VERDICT_DIM,
	NETCOAL_VERDICT_CAP,
};

/**
 * enum netcoal_cap_state - How a device stands to its CPU cap.
 * @NETCOAL_CAP_STATE_NONE: It has none.
 * @NETCOAL_CAP_STATE_UNDER: It costs less.
 * @NETCOAL_CAP_STATE_OVER: It would cost more, and is coalesced harder than
 *   its targets ask.
 * @NETCOAL_CAP_STATE_SATURATED: It costs more, even with the longest hold-off
 *   allowed.
 */
enum netcoal_cap_state {
	NETCOAL_CAP_STATE_NONE,
	NETCOAL_CAP_STATE_UNDER,
	NETCOAL_CAP_STATE_OVER,
	NETCOAL_CAP_STATE_SATURATED,
};

/**
 * enum netcoal_remote - What of a queue is on another NUMA node than its
 *   device, or than the CPU that polls it where the device is on none.
 * @NETCOAL_REMOTE_NONE: Nothing, as far as is known.
 * @NETCOAL_REMOTE_CPU: The CPU that polls it.
 * @NETCOAL_REMOTE_IRQ: The CPUs that get its interrupt.
 * @NETCOAL_REMOTE_BOTH: The CPU that polls it, and those that get its
 *   interrupt.
 */
enum netcoal_remote {
	NETCOAL_REMOTE_NONE,
	NETCOAL_REMOTE_CPU,
	NETCOAL_REMOTE_IRQ,
	NETCOAL_REMOTE_BOTH,
};

enum {
	NETCOAL_A_POLICY_NAME = 1,
	NETCOAL_A_POLICY_LATENCY_NS,
	NETCOAL_A_POLICY_CPU_NS,
	NETCOAL_A_POLICY_PREFER,
	NETCOAL_A_POLICY_GOVERNOR,
	NETCOAL_A_POLICY_ACTUATOR,
	NETCOAL_A_POLICY_RX_USECS_MIN,
	NETCOAL_A_POLICY_RX_USECS_MAX,
	NETCOAL_A_POLICY_RX_FRAMES_MIN,
	NETCOAL_A_POLICY_RX_FRAMES_MAX,
	NETCOAL_A_POLICY_TX_USECS_MIN,
	NETCOAL_A_POLICY_TX_USECS_MAX,
	NETCOAL_A_POLICY_TX_FRAMES_MIN,
	NETCOAL_A_POLICY_TX_FRAMES_MAX,
	NETCOAL_A_POLICY_IRQ_COST_NS,
	NETCOAL_A_POLICY_USERS,
	NETCOAL_A_POLICY_MATCH_DEV,
	NETCOAL_A_POLICY_MATCH_DRIVER,
	NETCOAL_A_POLICY_MATCH_BRIDGE,
	NETCOAL_A_POLICY_MATCH_NONE,
	NETCOAL_A_POLICY_CAP_PERCENT,

	__NETCOAL_A_POLICY_MAX
};
#define NETCOAL_A_POLICY_MAX (__NETCOAL_A_POLICY_MAX - 1)

enum {
	NETCOAL_A_DEV_IFNAME = 1,
	NETCOAL_A_DEV_IFINDEX,
	NETCOAL_A_DEV_POLICY,
	NETCOAL_A_DEV_STATE,
	NETCOAL_A_DEV_REASON,
	NETCOAL_A_DEV_ERROR,
	NETCOAL_A_DEV_ACTUATOR,
	NETCOAL_A_DEV_DRIVER,
	NETCOAL_A_DEV_LATENCY_NS,
	NETCOAL_A_DEV_CPU_NS,
	NETCOAL_A_DEV_QUEUES,
	NETCOAL_A_DEV_WINDOWS,
	NETCOAL_A_DEV_CHANGES,
	NETCOAL_A_DEV_OVERRIDES,
	NETCOAL_A_DEV_ERRORS,
	NETCOAL_A_DEV_PAD,
	NETCOAL_A_DEV_BOUND,
	NETCOAL_A_DEV_VIA,
	NETCOAL_A_DEV_PORTS,
	NETCOAL_A_DEV_RX_PPS,
	NETCOAL_A_DEV_PACKETS,
	NETCOAL_A_DEV_SEQUENCES,
	NETCOAL_A_DEV_BUSY_NS,
	NETCOAL_A_DEV_CAP_PERCENT,
	NETCOAL_A_DEV_CAP_STATE,
	NETCOAL_A_DEV_CAP_BUSY_NS,
	NETCOAL_A_DEV_CAP_HOLDOFF_NS,
	NETCOAL_A_DEV_QUEUE,
	NETCOAL_A_DEV_QUEUE_POLICIES,
	NETCOAL_A_DEV_NODE,
	NETCOAL_A_DEV_REMOTE_QUEUES,

	__NETCOAL_A_DEV_MAX
};
#define NETCOAL_A_DEV_MAX (__NETCOAL_A_DEV_MAX - 1)

enum {
	NETCOAL_A_QUEUE_IFNAME = 1,
	NETCOAL_A_QUEUE_IFINDEX,
	NETCOAL_A_QUEUE_INDEX,
	NETCOAL_A_QUEUE_NAPI_ID,
	NETCOAL_A_QUEUE_STATE,
	NETCOAL_A_QUEUE_REASON,
	NETCOAL_A_QUEUE_VERDICT,
	NETCOAL_A_QUEUE_RX_HOLDOFF_NS,
	NETCOAL_A_QUEUE_RX_FRAMES,
	NETCOAL_A_QUEUE_TX_HOLDOFF_NS,
	NETCOAL_A_QUEUE_TX_FRAMES,
	NETCOAL_A_QUEUE_REQUESTED_HOLDOFF_NS,
	NETCOAL_A_QUEUE_EFFECTIVE_HOLDOFF_NS,
	NETCOAL_A_QUEUE_RX_PPS,
	NETCOAL_A_QUEUE_TX_PPS,
	NETCOAL_A_QUEUE_BATCH_MILLI,
	NETCOAL_A_QUEUE_CPU_NS_PER_PACKET,
	NETCOAL_A_QUEUE_PACKETS,
	NETCOAL_A_QUEUE_POLLS,
	NETCOAL_A_QUEUE_EMPTY_POLLS,
	NETCOAL_A_QUEUE_FULL_POLLS,
	NETCOAL_A_QUEUE_SEQUENCES,
	NETCOAL_A_QUEUE_HARDIRQS,
	NETCOAL_A_QUEUE_BUSY_NS,
	NETCOAL_A_QUEUE_WINDOWS,
	NETCOAL_A_QUEUE_CHANGES,
	NETCOAL_A_QUEUE_IRQ_COST_NS,
	NETCOAL_A_QUEUE_PACKET_COST_NS,
	NETCOAL_A_QUEUE_PAD,
	NETCOAL_A_QUEUE_POLICY,
	NETCOAL_A_QUEUE_LAST_CPU,
	NETCOAL_A_QUEUE_REMOTE,
	NETCOAL_A_QUEUE_NODE,
	NETCOAL_A_QUEUE_CPU_NODE,
	NETCOAL_A_QUEUE_IRQ,
	NETCOAL_A_QUEUE_IRQ_NODE,

	__NETCOAL_A_QUEUE_MAX
};
#define NETCOAL_A_QUEUE_MAX (__NETCOAL_A_QUEUE_MAX - 1)

enum {
	NETCOAL_A_PATH_STAGE_IFNAME = 1,
	NETCOAL_A_PATH_STAGE_REMOTE_NS,
	NETCOAL_A_PATH_STAGE_SHARE_NS,
	NETCOAL_A_PATH_STAGE_STATE,
	NETCOAL_A_PATH_STAGE_HOLDOFF_NS,
	NETCOAL_A_PATH_STAGE_FRAMES_MAX,
	NETCOAL_A_PATH_STAGE_RX_PPS,
	NETCOAL_A_PATH_STAGE_IRQ_COST_NS,
	NETCOAL_A_PATH_STAGE_PAD,

	__NETCOAL_A_PATH_STAGE_MAX
};
#define NETCOAL_A_PATH_STAGE_MAX (__NETCOAL_A_PATH_STAGE_MAX - 1)

enum {
	NETCOAL_A_PATH_NAME = 1,
	NETCOAL_A_PATH_LATENCY_NS,
	NETCOAL_A_PATH_STAGE,
	NETCOAL_A_PATH_UNMET_NS,

	__NETCOAL_A_PATH_MAX
};
#define NETCOAL_A_PATH_MAX (__NETCOAL_A_PATH_MAX - 1)

enum {
	NETCOAL_CMD_UNSPEC,
	NETCOAL_CMD_POLICY_NEW,
	NETCOAL_CMD_POLICY_SET,
	NETCOAL_CMD_POLICY_DEL,
	NETCOAL_CMD_POLICY_GET,
	NETCOAL_CMD_DEV_ATTACH,
	NETCOAL_CMD_DEV_DETACH,
	NETCOAL_CMD_DEV_GET,
	NETCOAL_CMD_QUEUE_GET,
	NETCOAL_CMD_DEV_EVENT,
	NETCOAL_CMD_DEV_GONE,
	NETCOAL_CMD_DECISION_EVENT,
	NETCOAL_CMD_CAP_EVENT,
	NETCOAL_CMD_PATH_NEW,
	NETCOAL_CMD_PATH_SET,
	NETCOAL_CMD_PATH_DEL,
	NETCOAL_CMD_PATH_GET,

	__NETCOAL_CMD_MAX
};
#define NETCOAL_CMD_MAX (__NETCOAL_CMD_MAX - 1)

#define NETCOAL_MCGRP_EVENTS	"events"

#endif /* _UAPI_LINUX_NETCOAL_H */
