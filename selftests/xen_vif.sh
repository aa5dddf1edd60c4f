#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Netback and netfront governed by hold, under traffic. For dom0 of the lab's Xen
# machine.
#
#	dom0                              guest N
#	+-------------------+             +-------------------+
#	| vifID.0  10.0.N.1 | <- rings -> | eth0     10.0.N.2 |
#	+-------------------+             +-------------------+

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need netcoal ip xl domu dom0-start xen-load

# shellcheck source=xen_lib.sh
. "$(dirname "$0")/xen_lib.sh"

test_backend_is_held() {
	local free held

	flow_in 1 5000
	hold 0
	free=$(interrupts_per_thousand)
	within "interrupts of 1000 packets, free" 500 1100 "$free"
	tool policy set hold rx-usecs 0:500
	sleep 0.3
	held=$(interrupts_per_thousand)
	within "interrupts of 1000 packets, held" 0 $((free / 5)) "$held"
	tool policy set hold rx-usecs 0:0
	sleep 0.3
	free=$(interrupts_per_thousand)
	within "interrupts of 1000 packets, let go" 500 1100 "$free"
}

# One in five is left out, each with a batch of its own: 12 in ten. Fewer where the
# machine is busy: this one's clock is real, and its timers come late.
test_long_holds_are_seldom_left_out() {
	local at sequences

	flow_in 1 5000
	tool policy add long latency 100ms governor fixed rx-usecs 0:40000 actuator hold
	attach long
	sleep 0.5
	at=${EPOCHREALTIME/./} sequences=$(queue_field sequences)
	sleep 2
	sequences=$(($(queue_field sequences) - sequences))
	at=$((${EPOCHREALTIME/./} - at))
	within "batches in ten holds of 40 ms" 2 16 $((sequences * 400000 / at))
}

test_frontend_is_held() {
	local first packets sequences

	domu 1 sh -c 'modprobe netcoal &&
		netcoal policy add hold latency 10ms governor fixed rx-usecs 0:1000 &&
		netcoal dev attach eth0 policy hold'
	[[ $(domu 1 netcoal -j dev show eth0 | field actuator) == hold ]]
	flow_out 1 5000
	sleep 0.5
	first=$(domu 1 netcoal -j dev show eth0 queues | objects | grep '"index":0,')
	packets=$(field packets <<<"$first") sequences=$(field sequences <<<"$first")
	within "packets" 100 1000000 "$packets"
	within "sequences of $packets packets" 1 $((packets / 3)) "$sequences"
}

test_nothing_stays_behind_after_bursts() {
	local i after

	hold 2000
	for ((i = 0; i < 10; i++)); do
		domu 1 ping -q -f -c 40 -l 40 -W 1 10.0.1.1 >/dev/null
		after=$(ping -q -c 5 -i 0.005 -W 1 10.0.1.2)
		[[ $after == *" 5 received"* ]]
	done
}

test_link_down_under_traffic() {
	local i after

	hold 5000
	flow_in 1 3000
	for ((i = 0; i < 10; i++)); do
		sleep 0.05
		ip link set "$dev" down
		ip link set "$dev" up
	done
	ip neigh replace 10.0.1.2 lladdr 00:16:3e:00:00:01 dev "$dev" nud permanent
	eventually is_state governing
	after=$(ping -q -c 10 -i 0.01 -W 1 10.0.1.2)
	[[ $after == *" 10 received"* ]]
}

test_unload_under_traffic() {
	local i after

	flow_in 1 5000
	for ((i = 0; i < 5; i++)); do
		load_module netcoal
		hold 5000
		sleep 0.1
		unload_module netcoal
	done
	after=$(ping -q -c 10 -i 0.01 -W 1 10.0.1.2)
	[[ $after == *" 10 received"* ]]
}

test_frontend_unloads_under_traffic() {
	local i after

	flow_out 1 5000
	for ((i = 0; i < 3; i++)); do
		domu 1 sh -c 'modprobe netcoal &&
			netcoal policy add hold latency 10ms governor fixed rx-usecs 0:5000 &&
			netcoal dev attach eth0 policy hold && sleep 0.2 && rmmod netcoal'
	done
	after=$(ping -q -c 10 -i 0.01 -W 1 10.0.1.2)
	[[ $after == *" 10 received"* ]]
}

run_tests test_backend_is_held test_long_holds_are_seldom_left_out \
	test_frontend_is_held test_nothing_stays_behind_after_bursts \
	test_link_down_under_traffic test_unload_under_traffic \
	test_frontend_unloads_under_traffic
