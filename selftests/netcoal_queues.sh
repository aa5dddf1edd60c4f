#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Queues of one device under loads that differ.
#
#	netns nc-a              netns nc-b
#	+---------------+       +---------------+
#	| nct0 10.9.0.1 | <---> | nct1 10.9.0.2 |
#	|   queue 0     |       |               |
#	|    ...        |       |               |
#	|   queue 3     |       |               |
#	+---------------+       +---------------+

# shellcheck source=queues_lib.sh
. "$(dirname "$0")/queues_lib.sh"

need netcoal load ip ethtool jq awk

test_all_are_shown() {
	local shown

	add_fixed fix 100
	attach fix
	mapfile -t shown < <(tool -j dev show "$dev" queues | objects |
		sed -n 's/.*"index":\([0-9]*\).*/\1/p')
	equal "queues" '0 1 2 3' "${shown[*]}"
	equal "number" 4 "$(dev_field queues)"
}

test_packets_are_counted_where_they_come() {
	local dense sparse dense_port sparse_port before_dense before_sparse

	find_ports
	add_fixed fix 100
	attach fix
	before_dense=$(received "$dense")
	before_sparse=$(received "$sparse")
	paced "$dense_port" 5000 200ms >/dev/null
	equal "dense queue's packets" $(($(received "$dense") - before_dense)) \
		"$(queue_field packets "$dense")"
	equal "sparse queue's packets" $(($(received "$sparse") - before_sparse)) \
		"$(queue_field packets "$sparse")"
}

test_unlike_loads_get_unlike_settings() {
	local dense sparse dense_port sparse_port

	find_ports
	tool policy add model latency 200us
	attach model
	equal "actuator" ethtool-queue "$(dev_field actuator)"
	background load udp --port "$sparse_port" --pps 200 --time 2s --warmup 10ms \
		--from "$ns_b:$peer:$addr_b" --to "$ns_a:$dev:$addr_a"
	background load udp --port "$dense_port" --pps 12000 --time 2s --warmup 10ms \
		--from "$ns_b:$peer:$addr_b" --to "$ns_a:$dev:$addr_a"
	sleep 1.5
	within "dense queue's rx-usecs" 20 200 "$(coalesce rx-usecs "$dense")"
	within "sparse queue's rx-usecs" 0 5 "$(coalesce rx-usecs "$sparse")"
	within "dense queue's hold-off" 20000 200000 "$(queue_field rx_holdoff_ns "$dense")"
	within "sparse queue's hold-off" 0 5000 "$(queue_field rx_holdoff_ns "$sparse")"
}

# Packets half a millisecond apart wait for none within the first target, and that is not tried
# again for a minute; the second is for four of them
test_a_longer_target_is_tried_at_once() {
	tool policy add model latency 400us actuator ethtool
	attach model
	background load udp --pps 2000 --time 16s --warmup 10ms \
		--from "$ns_b:$peer:$addr_b" --to "$ns_a:$dev:$addr_a"
	sleep 6
	within "looks that saw a hold-off" 0 8 "$(looks_held rx-usecs)"
	tool policy set model latency 2ms
	sleep 4
	within "looks that saw a hold-off" 30 40 "$(looks_held rx-usecs)"
}

# The same on a queue by itself, whether its policy changes or it gets another one
test_a_queue_of_its_own_policy_tries_at_once() {
	local queue

	queue=$(queue_of 5400)
	tool policy add model latency 400us
	tool policy add own latency 400us
	attach model
	tool dev attach "$dev" queue "$queue" policy own
	background load udp --pps 2000 --port 5400 --time 30s --warmup 10ms \
		--from "$ns_b:$peer:$addr_b" --to "$ns_a:$dev:$addr_a"
	sleep 6
	within "looks that saw a hold-off" 0 8 "$(looks_held rx-usecs "$queue")"
	tool policy set own latency 2ms
	sleep 4
	within "looks that saw a hold-off" 30 40 "$(looks_held rx-usecs "$queue")"
	tool policy set own latency 400us
	sleep 6
	within "looks that saw a hold-off" 0 8 "$(looks_held rx-usecs "$queue")"
	tool policy set model latency 2ms
	tool dev detach "$dev" queue "$queue"
	sleep 4
	within "looks that saw a hold-off" 30 40 "$(looks_held rx-usecs "$queue")"
}

# Time that all CPUs were not idle since boot, ms; busy time goes by ticks
awake_ms() {
	awk -v cpus="$(nproc --all)" '{ printf "%d", 1000 * ($1 * cpus - $2) }' /proc/uptime
}

# The longest of a window's sequences, the first of which may be missing, is no burst's that is over
longest_are_the_windows() {
	local of

	of=$(sed -n "s/.* packets=\([0-9]*\) .* sequences=\([0-9]*\) .* longest=\([0-9]*\) .*/\1 \2 \3/p" "$1" |
		awk '{ n++; fits += $3 <= $1 && $3 * ($2 + 1) >= $1; small += $3 < 5 }
			END { print n + !n, fits + 0, (2 * small > n) }')
	equal "windows, those whose longest is possible, and are most small" "${of%% *} 1" "${of#* }"
}

# Each queue is charged its part, not all that its CPU did
test_queues_share_their_cpus_time() {
	local trace=/sys/kernel/tracing port awake charged least=75
	local -a port_of

	[[ -d $trace/events ]] || skip "no tracing"
	find_port_of_each
	add_fixed fix 100
	attach fix
	for port in "${port_of[@]}"; do
		timeout 60 load udp --port "$port" --burst 64 --pps 6400 --time 100ms --warmup 10ms \
			--from "$ns_b:$peer:$addr_b" --to "$ns_a:$dev:$addr_a" >/dev/null
		background load udp --port "$port" --pps 2000 --time 4s --warmup 10ms \
			--from "$ns_b:$peer:$addr_b" --to "$ns_a:$dev:$addr_a"
	done
	sleep 1
	echo >$trace/trace
	awake=$(awake_ms)
	echo 1 >$trace/events/netcoal/decision/enable
	sleep 1.5
	echo 0 >$trace/events/netcoal/decision/enable
	awake=$(($(awake_ms) - awake))
	charged=$(sed -n "s/.* dev=$dev .* cpu_ns=\([0-9]*\) .*/\1/p" $trace/trace |
		awk '{ sum += $1 } END { printf "%d", sum / 1e6 }')
	equal "queues with windows" 4 "$(grep -o "dev=$dev queue=[0-9]*" $trace/trace | sort -u | wc -l)"
	longest_are_the_windows $trace/trace
	# Of several CPUs others may have done other work
	(($(nproc --all) == 1)) || least=0
	within "percent charged of $awake ms" $least 115 $((100 * charged / awake))
}

test_eight_queues_on_two_pairs() {
	local queue

	unload_module netcoal
	remove_namespace "$ns_a"
	remove_namespace "$ns_b"
	unload_module nctest
	load_module netcoal
	make_pair nctest queues=8 pairs=2
	add_fixed fix 100
	attach fix
	tool dev attach nct2 policy fix
	for ((queue = 0; queue < 8; queue++)); do
		eventually is_coalesce rx-usecs 100 $queue
	done
}

run_tests test_all_are_shown test_packets_are_counted_where_they_come \
	test_unlike_loads_get_unlike_settings test_a_longer_target_is_tried_at_once \
	test_a_queue_of_its_own_policy_tries_at_once \
	test_queues_share_their_cpus_time \
	test_eight_queues_on_two_pairs
