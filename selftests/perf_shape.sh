#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The shape of what netcoal is for, in coarse ratios that a deterministic lab
# repeats exactly: fewer interrupts and less CPU per packet within the latency
# target, nothing lost where waiting buys nothing, a probe that costs little.
#
#	netns A                 netns B
#	+---------------+       +---------------+
#	| eth0 10.0.0.1 | ----> | eth1 10.0.0.2 |
#	+---------------+       +---------------+

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need netcoal load ip ethtool jq

exact_time || skip_all "times are not exact here (set NETCOAL_EXACT_TIME if they are)"

set_up() {
	use_nic
	[[ $(driver) == virtio_net ]] || skip "$(driver), not virtio_net"
}

# Both ends are under one policy, as in a host's two guests
attach_both() {
	local netns

	load_module netcoal
	for netns in "$ns_a" "$ns_b"; do
		ip netns exec "$netns" netcoal policy add p "$@"
	done
	in_a netcoal dev attach "$dev" policy p
	in_b netcoal dev attach "$peer" policy p
}

# measure NAME LOAD [OPTION...]: one window into $scratch/NAME
measure() {
	local name=$1
	shift

	load "$@" >"$scratch/$name"
	echo "$name: $(jq -c '{cpu_ns_per_packet, mean_ns, p50_ns, p99_ns, irq_per_packet, pps}' \
		"$scratch/$name")"
}

# A counter of the receiver's queues
received() {
	local ns_a=$ns_b dev=$peer

	queue_sum "$1"
}

# holds FILTER: over the measurements m-NAME, each as .NAME
holds() {
	jq -n -e "[inputs | {(input_filename | sub(\".*/m-\"; \"\")): .}] | add | $1" \
		"$scratch"/m-* >/dev/null || fail "does not hold: $1"
}

# What the receiver's packets cost: the same sender, sending to nobody, is
# measured first and taken off. A CPU with no time left would hide all savings.
# At 20 kpps starts differ by a tenth of the CPU, it seems by whether hold-offs, in
# which two packets come then, are in step with the sender; at this rate by 0.2 %.
test_paced_packets_within_the_latency_target() {
	local nowhere=10.0.0.99 sequences packets

	# what booting left to be done is not the packets' cost
	sleep 3
	ip -n "$ns_a" neigh replace $nowhere lladdr 02:00:00:00:00:99 dev "$dev" nud permanent
	measure m-default udp --pps 24000 --time 400ms --nowhere $nowhere
	jq -e '.cpu_share < 0.9' "$scratch/m-default" >/dev/null ||
		skip "the CPU is too slow for 24 kpps; the lab has a faster one with --shift 0"
	attach_both latency 100us
	# past the first check whether the hold-off costs packets, at half of it
	measure warm-up udp --pps 24000 --time 1500ms
	sequences=$(received sequences) packets=$(received packets)
	measure m-netcoal udp --pps 24000 --time 400ms --nowhere $nowhere
	sequences=$(($(received sequences) - sequences)) packets=$(($(received packets) - packets))
	in_b netcoal -s dev show "$peer"
	holds '.netcoal.cpu_ns_per_packet <= 0.60 * .default.cpu_ns_per_packet'
	holds '.netcoal.p99_ns <= .default.p99_ns + 100000'
	within "sequences of $packets packets" 1 $((packets * 6 / 10)) $sequences
}

test_round_trips_lose_nothing() {
	measure m-default rr --time 300ms
	attach_both latency 100us
	measure m-netcoal rr --time 300ms
	holds '.netcoal.mean_ns <= 1.05 * .default.mean_ns'
}

test_hold_is_as_good_as_defer() {
	local usecs

	for usecs in 50 200; do
		attach_both latency 1ms governor fixed actuator defer rx-usecs 0:$usecs
		measure m-defer udp --pps 20000 --time 250ms --warmup 50ms
		unload_module netcoal
		attach_both latency 1ms governor fixed actuator hold rx-usecs 0:$usecs
		measure m-hold udp --pps 20000 --time 250ms --warmup 50ms
		unload_module netcoal
		holds '.hold.cpu_ns_per_packet <= 1.15 * .defer.cpu_ns_per_packet'
	done
}

# At a rate that the CPU has time for, so that nothing else moves
test_the_probe_costs_little() {
	measure m-without udp --pps 8000 --time 300ms
	load_module netcoal
	measure m-loaded udp --pps 8000 --time 300ms
	unload_module netcoal
	attach_both latency 0 governor fixed
	measure m-attached udp --pps 8000 --time 300ms
	holds '.loaded.cpu_ns_per_packet <= 1.02 * .without.cpu_ns_per_packet'
	holds '.attached.cpu_ns_per_packet <= 1.03 * .without.cpu_ns_per_packet'
}

# What is too sparse to be held off is judged a few times a second, and yet what
# comes next is noticed.
test_calm_traffic_is_seldom_judged() {
	local windows

	attach_both latency 100us
	measure warm-up udp --pps 2000 --time 1500ms
	windows=$(received windows)
	measure m-calm udp --pps 2000 --time 2s
	within "windows of 4000 packets" 1 10 $(($(received windows) - windows))
	equal "hold-off of 2 kpps" 0 "$(received rx_holdoff_ns)"
	measure m-dense udp --pps 20000 --time 500ms
	within "hold-off of 20 kpps" 20000 100000 "$(received rx_holdoff_ns)"
}

run_tests test_paced_packets_within_the_latency_target test_round_trips_lose_nothing \
	test_hold_is_as_good_as_defer test_the_probe_costs_little \
	test_calm_traffic_is_seldom_judged
