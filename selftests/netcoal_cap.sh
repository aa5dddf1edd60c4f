#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The CPU cap: a device over it is coalesced harder, only it, and what that
# cannot reach is told.
#
#	netns nc-a              netns nc-b
#	+---------------+       +---------------+
#	| nct0 10.9.0.1 | <---> | nct1 10.9.0.2 |
#	| nct2          | <---> | nct3          |
#	+---------------+       +---------------+

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need netcoal load ip ethtool jq

set_up() {
	load_module netcoal
	make_pair nctest pairs=2
	ip link set nct2 netns "$ns_a"
	ip link set nct3 netns "$ns_b"
	ip -n "$ns_a" link set nct2 up
	ip -n "$ns_b" link set nct3 up
}

# flood [PPS] [TIME]: in the background
flood() {
	background load udp --port 5400 --pps "${1-20000}" --time "${2-20s}" --warmup 10ms \
		--from "$ns_b:$peer:$addr_b" --to "$ns_a:$dev:$addr_a"
}

is_cap_state() {
	[[ $(dev_field cap_state) == "$1" ]]
}

# Polling time as percent of a CPU, over so many tenths of a second
busy_percent() {
	local before after

	before=$(dev_field busy_ns)
	sleep 1
	after=$(dev_field busy_ns)
	echo $(((after - before) / 10000000))
}

test_without_a_cap_there_is_none() {
	tool policy add free latency 0
	attach free
	equal "cap" 0 "$(policy_field free cap_percent)"
	equal "state" none "$(dev_field cap_state)"
}

test_under_the_cap_nothing_happens() {
	tool policy add wide latency 0 cap 1000
	attach wide
	equal "state" under "$(dev_field cap_state)"
	equal "percent" 1000 "$(dev_field cap_percent)"
	flood
	sleep 1
	equal "state" under "$(dev_field cap_state)"
	equal "hold-off for the cap" 0 "$(dev_field cap_holdoff_ns)"
	equal "hold-off" 0 "$(queue_field rx_holdoff_ns)"
	within "busy" 1 1000000000 "$(dev_field cap_busy_ns)"
}

# What batching saves is a part of what polling costs: ask for a part of that
test_over_the_cap_goes_beyond_the_latency_target() {
	local free cap

	tool policy add tight latency 0 governor fixed
	attach tight
	flood
	sleep 0.5
	free=$(busy_percent)
	cap=$((free * 9 / 10))
	within "busy without a cap" 5 100 "$free"
	tool policy set tight cap $cap
	# nobody looks meanwhile: that would take CPU from the flood
	sleep 4
	equal "state" over "$(dev_field cap_state)"
	within "busy with a cap of $cap" 1 $((cap + 1)) "$(busy_percent)"
	within "hold-off for the cap" 20000 50000000 "$(dev_field cap_holdoff_ns)"
	within "hold-off" 20000 50000000 "$(queue_field rx_holdoff_ns)"
	equal "verdict" cap "$(queue_field verdict)"
	is_state governing
}

test_the_model_gives_way_too() {
	tool policy add tight latency 30us cap 1 rx-usecs 0:400
	attach tight
	flood
	eventually is_cap_state saturated
	equal "hold-off" 400000 "$(queue_field rx_holdoff_ns)"
	equal "rx-usecs" 400 "$(coalesce rx-usecs)"
}

test_defer_and_hold_give_way_too() {
	local actuator

	for actuator in defer hold; do
		tool policy add $actuator latency 30us cap 1 rx-usecs 0:400 actuator $actuator
		attach $actuator
		flood 20000 4s
		eventually is_cap_state saturated
		eventually equal "hold-off by $actuator" 400000 "$(queue_field rx_holdoff_ns)"
		tool dev detach "$dev"
		kill_background
	done
}

trace=/sys/kernel/tracing

# traced EVENT COMMAND...: what the kernel traced meanwhile
traced() {
	local event=$trace/events/$1
	shift

	echo >$trace/trace
	echo 1 >"$event/enable"
	"$@"
	echo 0 >"$event/enable"
	cat $trace/trace
}

# The budgets that polls of $dev have
budgets() {
	traced napi/napi_poll sleep 0.3 |
		sed -n "s/.* for device $dev work [0-9]* budget \\([0-9]*\\)$/\\1/p" | sort -nu
}

sliced() {
	local budgets

	budgets=$(budgets)
	within "largest of the budgets" 8 32 "$(tail -n 1 <<<"$budgets")"
}

# A ring that filled up while the device was held is not taken in one go
test_hold_takes_slices_while_over_the_cap() {
	local packets sequences

	[[ -d $trace/events/napi/napi_poll ]] || skip "no tracing"
	tool policy add slices latency 30us rx-usecs 0:50000 actuator hold
	attach slices
	flood
	sleep 0.5
	equal "budgets without a cap" 64 "$(budgets)"
	tool policy set slices cap 5
	sleep 2
	equal "state" over "$(dev_field cap_state)"
	sliced
	packets=$(queue_field packets) sequences=$(queue_field sequences)
	sleep 1
	packets=$(($(queue_field packets) - packets))
	sequences=$(($(queue_field sequences) - sequences))
	within "packets of $sequences holds" $((sequences * 4)) $((sequences * 32)) $packets
	tool policy set slices cap 0
	sleep 0.3
	equal "budgets when it is lifted" 64 "$(budgets)"
}

test_slices_end_with_whatever_ends_the_hold() {
	local end before

	[[ -d $trace/events/napi/napi_poll ]] || skip "no tracing"
	before=$(snapshot)
	flood 20000 60s
	for end in "tool dev detach $dev" "ip -n $ns_a link set $dev down" "unload_module netcoal"; do
		load_module netcoal
		tool policy add slices latency 30us cap 5 rx-usecs 0:50000 actuator hold
		attach slices
		sleep 2
		sliced
		$end
		ip -n "$ns_a" link set "$dev" up
		[[ ! -d /sys/module/netcoal ]] || unload_module netcoal
		equal "budgets after $end" 64 "$(budgets)"
	done
	kill_background
	same_text "baseline" "$before" "$(snapshot)"
	in_a ping -q -c 5 -i 0.01 -W 1 "$addr_b"
}

heard() {
	grep '"event":"cap-event"' "$scratch/events" | grep -q "\"cap_state\":\"$1\""
}

test_saturation_is_told_with_figures() {
	local event

	tool policy add tight latency 30us cap 1 rx-usecs 0:100
	timeout 60 ip netns exec "$ns_a" netcoal -j monitor >"$scratch/events" 2>&1 &
	sleep 0.3
	attach tight
	flood
	eventually heard saturated
	heard over
	event=$(grep '"cap_state":"saturated"' "$scratch/events" | head -n 1)
	equal "device" "$dev" "$(field ifname <<<"$event")"
	equal "policy" tight "$(field policy <<<"$event")"
	equal "cap" 1 "$(field cap_percent <<<"$event")"
	within "busy" 10000001 1000000000 "$(field cap_busy_ns <<<"$event")"
	within "rate" 5000 40000 "$(field rx_pps <<<"$event")"
	equal "hold-off" 100000 "$(field cap_holdoff_ns <<<"$event")"
	equal "times" 1 "$(grep -c '"cap_state":"saturated"' "$scratch/events")"
}

test_the_monitor_prints_it() {
	tool policy add tight latency 30us cap 1 rx-usecs 0:100
	timeout 60 ip netns exec "$ns_a" netcoal monitor >"$scratch/events" 2>&1 &
	sleep 0.3
	attach tight
	flood
	eventually grep -qE "^cap $dev policy tight state saturated cap 1 busy [0-9.]+ms rx-pps [0-9]+ holdoff 100us$" \
		"$scratch/events"
}

test_it_is_traced() {
	[[ -d $trace/events/netcoal/cap ]] || skip "no tracing"
	echo >$trace/trace
	echo 1 >$trace/events/netcoal/cap/enable
	tool policy add tight latency 30us cap 1 rx-usecs 0:100
	attach tight
	flood 20000 2s
	eventually grep -q "cap: dev=$dev percent=1 .*floor_ns=100000 state=saturated" $trace/trace
	echo 0 >$trace/events/netcoal/cap/enable
}

test_neighbours_keep_theirs() {
	local before

	tool policy add tight latency 30us cap 1 rx-usecs 0:400
	before=$(in_a ethtool -c nct2)
	tool dev attach nct2 policy tight
	attach tight
	flood
	eventually is_cap_state saturated
	equal "neighbour's state" under "$(tool -j dev show nct2 | field cap_state)"
	equal "neighbour's hold-off" 0 "$(tool -j dev show nct2 | field cap_holdoff_ns)"
	tool dev detach nct2
	same_text "neighbour's baseline" "$before" "$(in_a ethtool -c nct2)"
}

test_it_ends_with_the_flood() {
	tool policy add tight latency 30us cap 1 rx-usecs 0:400
	attach tight
	flood 20000 2s
	eventually is_cap_state saturated
	kill_background
	# a round trip now and then, too few for the cap
	background nsenter --net="/run/netns/$ns_a" ping -q -i 0.05 -w 60 "$addr_b"
	eventually is_cap_state under
	equal "hold-off for the cap" 0 "$(dev_field cap_holdoff_ns)"
	eventually is_coalesce rx-usecs 0
}

test_it_may_be_lifted() {
	tool policy add tight latency 30us cap 1 rx-usecs 0:400
	attach tight
	flood
	eventually is_cap_state saturated
	tool policy set tight cap 0
	eventually is_cap_state none
	eventually is_no_longer_than 30000
	tool policy set tight cap 1
	eventually is_cap_state saturated
	tool policy set tight rx-usecs 0:200
	eventually is_coalesce rx-usecs 200
}

is_no_longer_than() {
	(($(queue_field rx_holdoff_ns) <= $1))
}

test_it_is_gone_when_the_device_goes_down() {
	local before

	before=$(snapshot)
	tool policy add tight latency 30us cap 1 rx-usecs 0:400
	attach tight
	flood
	eventually is_cap_state saturated
	ip -n "$ns_a" link set "$dev" down
	equal "state" none "$(dev_field cap_state)"
	kill_background
	ip -n "$ns_a" link set "$dev" up
	equal "state" under "$(dev_field cap_state)"
	tool dev detach "$dev"
	same_text "baseline" "$before" "$(snapshot)"
}

run_tests test_without_a_cap_there_is_none test_under_the_cap_nothing_happens \
	test_over_the_cap_goes_beyond_the_latency_target test_the_model_gives_way_too \
	test_defer_and_hold_give_way_too test_hold_takes_slices_while_over_the_cap \
	test_slices_end_with_whatever_ends_the_hold test_saturation_is_told_with_figures \
	test_the_monitor_prints_it test_it_is_traced test_neighbours_keep_theirs \
	test_it_ends_with_the_flood test_it_may_be_lifted \
	test_it_is_gone_when_the_device_goes_down
