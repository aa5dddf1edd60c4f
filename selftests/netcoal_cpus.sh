#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Where packets are handled other than in the softirq of the CPU that had the
# interrupt: RPS, threaded NAPI, XDP, sockets that busy-poll by AF_XDP, CPUs that
# go and come.
#
#	netns nc-a              netns nc-b
#	+---------------+       +---------------+
#	| nct0 or veth0 | <---> | nct1 or veth1 |
#	|      10.9.0.1 |       |      10.9.0.2 |
#	+---------------+       +---------------+

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
}

# What came since the attach was counted, and came in batches
is_batched() {
	local packets sequences

	packets=$(queue_sum packets)
	sequences=$(queue_sum sequences)
	within "packets" "$1" "$2" "$packets"
	within "sequences of $packets packets" 1 $((packets * 3 / 4)) "$sequences"
}

all_cpus() {
	printf '%x' $(((1 << $(nproc --all)) - 1))
}

# Packets change the CPU (or only the queue, where there is one) after the poll
test_rps() {
	local queue

	make_fast_pair queues=2
	for queue in 0 1; do
		write_sysfs queues/rx-$queue/rps_cpus "$(all_cpus)"
	done
	hold 10000
	flood 1000
	is_batched 900 3000
	tool policy add auto latency 500us
	attach auto
	flood 1000
	is_state governing
}

# The thread is woken by the timer of a hold as by an interrupt
test_threaded_napi() {
	make_fast_pair queues=2
	write_sysfs threaded 1 || skip "no threaded NAPI"
	hold 10000
	flood 1000
	is_batched 900 3000
}

test_threaded_while_held() {
	local i

	make_fast_pair
	hold 2000
	start_flood
	for ((i = 0; i < 10; i++)); do
		write_sysfs threaded $((i % 2 ^ 1))
		sleep 0.03
	done
	flood 200
	kill_background
	is_state governing
	ip -n "$ns_a" link set "$dev" down
	ip -n "$ns_a" link set "$dev" up
	flood 200
	is_state governing
}

# What a thread's polls cost is not told by the softirq: no cost, no nonsense
test_threads_have_no_softirq_time() {
	make_fast_pair
	write_sysfs threaded 1 || skip "no threaded NAPI"
	tool policy add auto latency 500us
	attach auto
	flood 500
	equal "busy time" 0 "$(queue_sum busy_ns)"
	is_state governing
}

# start_xdp WHAT SECONDS: sets xdp_pid
start_xdp() {
	type -P xdp >/dev/null || skip "no program xdp"
	rm -f "$scratch/xdp"
	timeout 60 nsenter --net="/run/netns/$ns_a" xdp "$1" "$dev" "$2" \
		>"$scratch/xdp" 2>&1 &
	xdp_pid=$!
	eventually grep -q . "$scratch/xdp"
	grep -qx attached "$scratch/xdp" || skip "$(cat "$scratch/xdp")"
}

# veth turns its NAPIs on or off with XDP; GRO is off here, so it makes them
test_xdp_comes_and_goes() {
	make_pair veth
	in_a ethtool -K "$dev" gro off
	add_fixed fix 500
	refused attach fix
	start_xdp pass 30
	attach fix
	is_state governing
	flood 500
	is_batched 400 2000
	kill_background
	eventually is_state_for released no-queues
	equal "gro_flush_timeout" 0 "$(sysfs gro_flush_timeout)"
	flood 100
}

test_xdp_on_a_governed_device() {
	make_pair veth
	hold 10000
	start_flood
	start_xdp pass 0.3
	wait "$xdp_pid" || fail "xdp: $?"
	kill_background
	flood 100
	is_state governing
}

test_dropped_packets_are_packets() {
	make_pair veth
	add_fixed fix 500
	start_xdp drop 30
	attach fix
	in_b ping -q -c 200 -i 0.002 -W 0.01 "$addr_a" >/dev/null || true
	within "packets" 190 210 "$(queue_sum packets)"
}

# With all that its documentation asks for: deferral on, prefer busy polling
test_busy_polling_by_af_xdp() {
	local actuator packets before

	make_pair veth
	# as many queues as CPUs otherwise, and the socket is of the first
	in_a ethtool -L "$dev" rx 1 tx 1 2>/dev/null || true
	in_b ethtool -L "$peer" rx 1 tx 1 2>/dev/null || true
	for actuator in hold defer; do
		write_sysfs napi_defer_hard_irqs 2
		write_sysfs gro_flush_timeout 200000
		before=$(snapshot)
		add_fixed $actuator 2000 actuator $actuator
		start_xdp poll 5
		attach $actuator
		in_b ping -q -c 200 -i 0.005 -W 0.01 "$addr_a" >/dev/null || true
		wait "$xdp_pid" || fail "xdp: $?"
		packets=$(tail -n 1 "$scratch/xdp")
		within "packets with $actuator" 195 205 "$packets"
		is_state governing
		tool dev detach "$dev"
		same_text "baseline" "$before" "$(snapshot)"
	done
}

# CPU 0 stays. Whatever was on the other one goes on here.
test_a_cpu_goes_and_comes_under_traffic() {
	local cpu=/sys/devices/system/cpu/cpu1/online i actuator

	[[ -w $cpu ]] || skip "no second CPU that could go"
	make_fast_pair queues=2
	for actuator in hold auto defer; do
		add_fixed $actuator 1000 actuator $actuator
		attach $actuator
		background taskset -c 1 nsenter --net="/run/netns/$ns_b" \
			ping -q -f -l 16 -w 60 "$addr_a"
		start_flood
		for ((i = 0; i < 3; i++)); do
			sleep 0.2
			echo 0 >$cpu
			sleep 0.2
			echo 1 >$cpu
		done
		kill_background
		is_state governing
		flood 200
		within "packets" 200 100000000 "$(queue_sum packets)"
	done
	echo 0 >$cpu
	unload_module netcoal
	load_module netcoal
	add_fixed again 1000
	attach again
	echo 1 >$cpu
	flood 200
	is_state governing
}

run_tests test_rps test_threaded_napi test_threaded_while_held \
	test_threads_have_no_softirq_time test_xdp_comes_and_goes \
	test_xdp_on_a_governed_device test_dropped_packets_are_packets \
	test_busy_polling_by_af_xdp test_a_cpu_goes_and_comes_under_traffic
