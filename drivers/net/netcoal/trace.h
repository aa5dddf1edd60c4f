/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM netcoal

#if !defined(_NETCOAL_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _NETCOAL_TRACE_H

#include <linux/tracepoint.h>

#include "device.h"
#include "governor.h"
#include "queue.h"

/*
 * Every term of a decision: the window as it was measured, the costs as they
 * were taken, and what came of them. Times in ns, rates in packets per second.
 */
TRACE_EVENT(decision,
	TP_PROTO(const struct netcoal_queue *q, const struct netcoal_window *win,
		 const struct netcoal_decision *d, bool changed),
	TP_ARGS(q, win, d, changed),
	TP_STRUCT__entry(
		__array(char, name, IFNAMSIZ)
		__field(u32, index)
		__field(u32, napi_id)
		__field(u64, len_ns)
		__field(u64, busy_ns)
		__field(u64, cpu_ns)
		__field(u32, packets)
		__field(u32, polls)
		__field(u32, empty_polls)
		__field(u32, full_polls)
		__field(u32, sequences)
		__field(u32, hardirqs)
		__field(u32, longest)
		__field(bool, settled)
		__field(u64, pps)
		__field(u32, batch_milli)
		__field(u32, cost_ns)
		__field(u32, irq_cost_ns)
		__field(u32, packet_cost_ns)
		__field(u32, want_frames)
		__field(u32, holdoff_ns)
		__field(u32, frames)
		__field(u32, verdict)
		__field(bool, changed)
	),
	TP_fast_assign(
		strscpy(__entry->name, q->device->netdev->name, IFNAMSIZ);
		__entry->index = q->index;
		__entry->napi_id = q->napi_id;
		__entry->len_ns = win->len_ns;
		__entry->busy_ns = win->busy_ns;
		__entry->cpu_ns = win->cpu_ns;
		__entry->packets = win->packets;
		__entry->polls = win->polls;
		__entry->empty_polls = win->empty_polls;
		__entry->full_polls = win->full_polls;
		__entry->sequences = win->sequences;
		__entry->hardirqs = win->hardirqs;
		__entry->longest = win->longest;
		__entry->settled = win->settled;
		__entry->pps = d->pps;
		__entry->batch_milli = d->batch_milli;
		__entry->cost_ns = d->cost_ns;
		__entry->irq_cost_ns = d->irq_cost_ns;
		__entry->packet_cost_ns = d->packet_cost_ns;
		__entry->want_frames = d->want_frames;
		__entry->holdoff_ns = d->setting.holdoff_ns;
		__entry->frames = d->setting.frames;
		__entry->verdict = d->verdict;
		__entry->changed = changed;
	),
	TP_printk("dev=%s queue=%u napi_id=%u len_ns=%llu busy_ns=%llu cpu_ns=%llu packets=%u polls=%u empty=%u full=%u sequences=%u hardirqs=%u longest=%u settled=%d pps=%llu batch_milli=%u cost_ns=%u irq_cost_ns=%u packet_cost_ns=%u want_frames=%u holdoff_ns=%u frames=%u verdict=%s changed=%d",
		  __entry->name, __entry->index, __entry->napi_id,
		  __entry->len_ns, __entry->busy_ns, __entry->cpu_ns,
		  __entry->packets, __entry->polls, __entry->empty_polls,
		  __entry->full_polls, __entry->sequences, __entry->hardirqs,
		  __entry->longest, __entry->settled, __entry->pps, __entry->batch_milli,
		  __entry->cost_ns, __entry->irq_cost_ns,
		  __entry->packet_cost_ns, __entry->want_frames,
		  __entry->holdoff_ns, __entry->frames,
		  __print_symbolic(__entry->verdict,
			{ NETCOAL_VERDICT_START,	"start" },
			{ NETCOAL_VERDICT_FIXED,	"fixed" },
			{ NETCOAL_VERDICT_IDLE,		"idle" },
			{ NETCOAL_VERDICT_BUDGET,	"budget" },
			{ NETCOAL_VERDICT_FRAMES,	"frames" },
			{ NETCOAL_VERDICT_CPU_TARGET,	"cpu-target" },
			{ NETCOAL_VERDICT_SATURATED,	"saturated" },
			{ NETCOAL_VERDICT_LOCKSTEP,	"lockstep" },
			{ NETCOAL_VERDICT_ELASTIC,	"elastic" },
			{ NETCOAL_VERDICT_SETTLE,	"settle" },
			{ NETCOAL_VERDICT_BOUNDS,	"bounds" },
			{ NETCOAL_VERDICT_DIM,		"dim" },
			{ NETCOAL_VERDICT_CAP,		"cap" }),
		  __entry->changed)
);

/* A device compared with its CPU cap: what it used of it, and what it gets. */
TRACE_EVENT(cap,
	TP_PROTO(const struct netcoal_device *nd, enum netcoal_cap_state state),
	TP_ARGS(nd, state),
	TP_STRUCT__entry(
		__array(char, name, IFNAMSIZ)
		__field(u32, percent)
		__field(u64, busy_ns)
		__field(u64, pps)
		__field(u32, floor_ns)
		__field(u32, state)
	),
	TP_fast_assign(
		strscpy(__entry->name, nd->netdev->name, IFNAMSIZ);
		__entry->percent = nd->cap.percent;
		__entry->busy_ns = nd->cap.busy_ns;
		__entry->pps = nd->cap.pps;
		__entry->floor_ns = nd->cap.floor_ns;
		__entry->state = state;
	),
	TP_printk("dev=%s percent=%u busy_ns=%llu pps=%llu floor_ns=%u state=%s",
		  __entry->name, __entry->percent, __entry->busy_ns, __entry->pps,
		  __entry->floor_ns,
		  __print_symbolic(__entry->state,
			{ NETCOAL_CAP_STATE_NONE,	"none" },
			{ NETCOAL_CAP_STATE_UNDER,	"under" },
			{ NETCOAL_CAP_STATE_OVER,	"over" },
			{ NETCOAL_CAP_STATE_SATURATED,	"saturated" }))
);

#endif /* _NETCOAL_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
