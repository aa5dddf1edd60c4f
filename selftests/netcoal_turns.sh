#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Queues that share one setting, and take turns to find it.
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

need netcoal load ip ethtool jq

# Without queue knobs the device gets what its busiest queue wants
test_one_setting_heeds_the_busiest() {
	local dense sparse dense_port sparse_port

	find_ports
	tool policy add model latency 200us actuator ethtool
	attach model
	background load udp --port "$sparse_port" --pps 200 --time 2s --warmup 10ms \
		--from "$ns_b:$peer:$addr_b" --to "$ns_a:$dev:$addr_a"
	background load udp --port "$dense_port" --pps 12000 --time 2s --warmup 10ms \
		--from "$ns_b:$peer:$addr_b" --to "$ns_a:$dev:$addr_a"
	sleep 1.5
	within "rx-usecs" 20 200 "$(coalesce rx-usecs)"
	equal "of both queues" "$(coalesce rx-usecs "$dense")" "$(coalesce rx-usecs "$sparse")"
}

# Each judged windows in which another's setting was in force, took that for a closed loop, and
# kept the others from any hold-off. Trials, which go without half of the time, come first
test_one_setting_suits_queues_that_are_alike() {
	local port changes
	local -a port_of

	find_port_of_each
	tool policy add model latency 200us actuator ethtool
	attach model
	for port in "${port_of[@]}"; do
		background load udp --port "$port" --pps 3000 --poisson --time 24s --warmup 10ms \
			--from "$ns_b:$peer:$addr_b" --to "$ns_a:$dev:$addr_a"
	done
	sleep 20
	changes=$(dev_field changes)
	within "looks that saw a hold-off" 36 40 "$(looks_held rx-usecs)"
	within "changes meanwhile" 0 20 $(($(dev_field changes) - changes))
}

run_tests test_one_setting_heeds_the_busiest \
	test_one_setting_suits_queues_that_are_alike
