#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The actuator hold: bounded delay, let go on link down, never in the way of
# sockets that busy-poll.
#
#	netns nc-a                    netns nc-b
#	+---------------------+       +---------------------+
#	| nct0 or veth0       | <---> | nct1 or veth1       |
#	|      10.9.0.1       |       |      10.9.0.2       |
#	+---------------------+       +---------------------+

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need netcoal ip ethtool jq

# The driver itself delays nothing
make_fast_pair() {
	make_pair nctest "$@"
	in_a ethtool -C "$dev" rx-usecs 0 tx-usecs 0
	in_b ethtool -C "$peer" rx-usecs 0 tx-usecs 0
}

hold() {
	add_fixed hold "$1" actuator hold
	attach hold
	equal "actuator" hold "$(dev_field actuator)"
}

# round_trip mean|longest PING-OPTION...: in us
round_trip() {
	local place=5

	[[ $1 == longest ]] || place=4
	shift
	in_a ping -q "$@" "$addr_b" |
		awk -F '[/=]' -v place=$((place + 2)) '/^rtt/ { printf "%d\n", 1000 * $place }'
}

longest_round_trip() {
	round_trip longest -c 300 -l 8 -i 0.002
}

test_delay_is_bounded() {
	local free held usecs

	exact_time || skip "times are not exact here"
	make_fast_pair
	free=$(longest_round_trip)
	hold 0
	for usecs in 500 2000 5000; do
		tool policy set hold rx-usecs 0:$usecs
		traffic 300
		equal "hold-off" $((usecs * 1000)) "$(queue_field rx_holdoff_ns)"
		held=$(longest_round_trip)
		within "longest round trip, $free free, held for $usecs" 0 \
			$((free + usecs + 1000)) "$held"
	done
}

# What is sent meanwhile may have a NAPI polled again, which finds nothing.
test_it_makes_batches() {
	local packets batches

	make_fast_pair
	hold 1000
	flood 1000
	packets=$(queue_field packets)
	batches=$(($(queue_field sequences) - $(queue_field empty_polls)))
	within "batches of $packets packets" 1 $((packets * 3 / 4)) "$batches"
}

test_sparse_packets_are_not_held() {
	local free held

	exact_time || skip "times are not exact here"
	make_fast_pair
	free=$(round_trip mean -c 50 -i 0.02)
	hold 5000
	held=$(round_trip mean -c 50 -i 0.02)
	within "mean round trip, $free free" 0 $((free * 3 / 2 + 50)) "$held"
}

# napi_disable() waits for a hold: bounded by the hold-off, not by traffic
test_link_down_under_traffic() {
	local i

	make_fast_pair
	hold 10000
	start_flood
	SECONDS=0
	for ((i = 0; i < 20; i++)); do
		sleep 0.05
		ip -n "$ns_a" link set "$dev" down
		ip -n "$ns_a" link set "$dev" up
	done
	within "seconds for 20 times" 0 30 "$SECONDS"
	eventually is_state governing
}

test_peers_that_go_down() {
	local i

	make_fast_pair
	hold 10000
	start_traffic
	for ((i = 0; i < 10; i++)); do
		ip -n "$ns_b" link set "$peer" down
		ip -n "$ns_b" link set "$peer" up
	done
	is_state governing
}

test_removal_under_traffic() {
	local i

	for ((i = 0; i < 5; i++)); do
		make_pair veth
		hold 10000
		start_traffic
		sleep 0.1
		ip -n "$ns_a" link del "$dev"
		is_state waiting
		kill_background
		tool dev detach "$dev"
		tool policy del hold
		remove_namespace "$ns_a"
		remove_namespace "$ns_b"
	done
}

test_unload_under_traffic() {
	local i after

	make_fast_pair
	for ((i = 0; i < 5; i++)); do
		load_module netcoal
		hold 10000
		start_traffic
		sleep 0.1
		unload_module netcoal
		kill_background
	done
	after=$(in_a ping -q -c 10 -i 0.01 -W 1 "$addr_b")
	[[ $after == *" 10 received"* ]]
}

test_no_packet_is_left_when_it_ends() {
	local i after

	make_fast_pair
	hold 10000
	for ((i = 0; i < 5; i++)); do
		in_b ping -q -f -c 40 -l 40 -W 1 "$addr_a" >/dev/null
		tool policy set hold rx-usecs 0:0
		after=$(in_b ping -q -c 5 -i 0.005 -W 1 "$addr_a")
		[[ $after == *" 5 received"* ]]
		tool policy set hold rx-usecs 0:10000
		traffic 200
	done
}

# Mean round trip in ns of sockets that busy-poll
busy_round_trip() {
	load rr --time 500ms --warmup 300ms --datagrams --from "$ns_b:$peer:$addr_b" \
		--to "$ns_a:$dev:$addr_a" | jq '.mean_ns | floor'
}

test_busy_polling_sockets_are_not_held() {
	local free held

	exact_time || skip "times are not exact here"
	type -P load >/dev/null || skip "no program 'load'"
	make_fast_pair
	sysctl -qw net.core.busy_read=100 net.core.busy_poll=100
	free=$(busy_round_trip)
	hold 5000
	held=$(busy_round_trip)
	sysctl -qw net.core.busy_read=0 net.core.busy_poll=0
	within "mean round trip in ns, $free free" 0 $((free * 13 / 10)) "$held"
}

test_many_queues() {
	make_fast_pair queues=8
	hold 2000
	start_traffic
	flood 1000
	ip -n "$ns_a" link set "$dev" down
	ip -n "$ns_a" link set "$dev" up
	eventually is_state governing
	tool dev detach "$dev"
}

run_tests test_delay_is_bounded test_it_makes_batches test_sparse_packets_are_not_held \
	test_link_down_under_traffic test_peers_that_go_down test_removal_under_traffic \
	test_unload_under_traffic test_no_packet_is_left_when_it_ends \
	test_busy_polling_sockets_are_not_held test_many_queues
