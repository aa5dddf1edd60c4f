#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A loop beside dense traffic, on queues that share one setting and take turns to find it. It keeps
# a CPU busy for 24 s, which the lab takes minutes for.
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

# Who only waits for answers has a turn to find out what a hold-off costs
test_one_setting_heeds_a_loop_beside_dense_traffic() {
	local -a port_of

	find_port_of_each
	tool policy add model latency 200us actuator ethtool
	attach model
	background load udp --port "${port_of[0]}" --pps 12000 --poisson --time 24s --warmup 10ms \
		--from "$ns_b:$peer:$addr_b" --to "$ns_a:$dev:$addr_a"
	background load rr --datagrams --port "${port_of[1]}" --time 24s --warmup 10ms \
		--from "$ns_b:$peer:$addr_b" --to "$ns_a:$dev:$addr_a"
	sleep 20
	within "looks that saw a hold-off" 0 8 "$(looks_held rx-usecs)"
}

run_tests test_one_setting_heeds_a_loop_beside_dense_traffic
