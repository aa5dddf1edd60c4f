#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A guest with virtio-net, its host with tap, vhost-net and a NIC: netcoal in the
# one, in the other, and in both. Runs in the lab's --kvm machine.
#
#	netns A                   netns B, the host                  the guest
#	+----------+         +--------------------------+         +------------+
#	|     eth0 |         | eth1 --- br0 ---- tap0   |         | eth0       |
#	| 10.0.0.1 | <-hub-> |       10.0.0.2   vhost   | <-----> | 10.0.0.3   |
#	+----------+         +--------------------------+         +------------+
#
# A machine in a machine in an emulator: only counts and coarse ratios hold.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

type -P guest guest-boot >/dev/null || skip_all "no guest: this is for the lab's --kvm"
need netcoal ip ethtool jq

set_up() {
	load_module netcoal
	ns_a=B dev=tap0 addr_b=10.0.0.1 ns_b=A addr_a=10.0.0.3
}

# The guest's end is taken apart as well
tear_down() {
	local status=0

	kill_background
	guest sh -c 'grep -q "^netcoal " /proc/modules && rmmod netcoal; true' || status=1
	unload_module netcoal || status=1
	return $status
}

guest_interrupts() {
	guest cat /proc/interrupts | awk '/-input/ { for (i = 2; i <= 3 && $i ~ /^[0-9]+$/; i++) sum += $i }
					  END { print sum + 0 }'
}

guest_packets() {
	guest cat /sys/class/net/eth0/statistics/rx_packets
}

guest_field() {
	guest netcoal -j dev show eth0 | field "$1"
}

guest_snapshot() {
	guest sh -c 'ethtool -c eth0; cd /sys/class/net/eth0 &&
		cat gro_flush_timeout napi_defer_hard_irqs' 2>&1
}

guest_governs() {
	guest modprobe netcoal
	guest netcoal policy add p "$@"
	guest netcoal dev attach eth0 policy p
	equal "state" governing "$(guest_field state)"
}

# Datagrams that nobody asked for and nobody answers. So few that a guest on a busy
# machine still has time between them: else batches form by themselves.
send_to_guest() {
	guest sh -c 'sockperf server -i 10.0.0.3 -p 5001 >/dev/null 2>&1 &'
	in_b timeout 60 sockperf throughput -i 10.0.0.3 -p 5001 --mps=200 -t 3 -m 64 \
		>/dev/null
	guest pkill sockperf
}

# Sets irqs and packets: of the guest, while they are sent
count_guest_interrupts() {
	irqs=$(guest_interrupts) packets=$(guest_packets)
	send_to_guest
	irqs=$(($(guest_interrupts) - irqs)) packets=$(($(guest_packets) - packets))
	echo "$1: $packets packets, $irqs interrupts"
	within "packets" 300 1500 "$packets"
}

test_the_guest_governs_itself() {
	local before

	before=$(guest_snapshot)
	guest_governs latency 2ms governor fixed
	equal "actuator" defer "$(guest_field actuator)"
	send_to_guest
	guest rmmod netcoal
	same_text "baseline" "$before" "$(guest_snapshot)"
}

# Three turns each, in turns: this machine is never alone
test_fewer_interrupts_in_the_guest() {
	local irqs packets without=0 with=0

	for _ in 1 2 3; do
		count_guest_interrupts "without"
		without=$((without + irqs))
		guest_governs latency 20ms governor fixed
		count_guest_interrupts "with"
		with=$((with + irqs))
		guest rmmod netcoal
	done
	within "interrupts, $without without" 1 $((without * 2 / 3)) $with
}

test_hold_in_the_guest() {
	local irqs packets

	guest_governs latency 20ms governor fixed actuator hold
	equal "actuator" hold "$(guest_field actuator)"
	count_guest_interrupts "hold"
	within "interrupts of $packets packets" 1 $((packets * 2 / 3)) "$irqs"
	in_b ping -q -c 20 -i 0.05 -W 2 10.0.0.3
}

# The guest is told its share of a budget by policy: neither sees the other
test_both_ends_and_the_nic() {
	local before name

	before=$(snapshot B tap0; snapshot B eth1)
	tool policy add nic latency 1ms
	tool policy add taps latency 1ms rx-frames 1:64 match driver tun
	tool dev attach eth1 policy nic
	guest_governs latency 500us
	equal "of the tap" "governing ethtool" "$(dev_field state) $(dev_field actuator)"
	is_coalesce rx-frames 64
	in_b ping -q -f -l 8 -c 500 -W 2 10.0.0.3
	for name in tap0 eth1; do
		equal "$name" governing "$(tool -j dev show $name | field state)"
	done
	equal "in the guest" governing "$(guest_field state)"
	unload_module netcoal
	same_text "baselines" "$before" "$(snapshot B tap0; snapshot B eth1)"
}

# vhost's thread: what it ran, in us. A kernel thread of its own up to 6.3, then a
# thread of QEMU's
vhost_us() {
	local comm sum=0 ns

	while read -r comm; do
		read -r ns _ <"${comm%/comm}/schedstat"
		sum=$((sum + ns / 1000))
	done < <(grep -ls '^vhost-' /proc/[0-9]*/task/[0-9]*/comm)
	((sum)) || fail "no vhost thread"
	echo $sum
}

tap_packets() {
	in_a cat /proc/net/dev | awk '$1 == "tap0:" { print $3 }'
}

send_from_guest() {
	GUEST_TIMEOUT=60 guest timeout 20 sockperf throughput -i 10.0.0.2 -p 5001 \
		--mps=max -t 2 -m 64 >/dev/null
}

# ns of vhost's thread for each packet from the guest
vhost_cost() {
	local us packets

	us=$(vhost_us) packets=$(tap_packets)
	send_from_guest
	us=$(($(vhost_us) - us)) packets=$(($(tap_packets) - packets))
	within "packets" 1000 100000000 "$packets"
	echo $((us * 1000 / packets))
}

# A limited send buffer has vhost hand its packets over one by one
test_the_tap_batches_what_the_guest_sends() {
	local without=0 with=0

	guest-boot vhost=on,sndbuf=10485760
	background nsenter --net=/run/netns/B sockperf server -i 10.0.0.2 -p 5001
	tool policy add p latency 1ms rx-frames 1:64
	for _ in 1 2 3; do
		is_coalesce rx-frames 0
		without=$((without + $(vhost_cost)))
		attach p
		is_coalesce rx-frames 64
		with=$((with + $(vhost_cost)))
		tool dev detach "$dev"
	done
	echo "ns per packet of vhost: $((without / 3)) without, $((with / 3)) with"
	within "ns per packet, $((without / 3)) without" 1 $((without * 4 / 15)) $((with / 3))
}

ping_from_guest() {
	guest ping -q -f -l 8 -c 100 -w 5 10.0.0.2
}

# What tun keeps of a batch, for the end of which vhost has no room, stops the guest for good.
# So a policy that does not ask for it leaves the tap alone
test_a_short_send_buffer_stops_no_guest() {
	guest-boot vhost=on,sndbuf=1600
	tool policy add taps latency 1ms match driver tun
	is_state_for released unsupported
	is_coalesce rx-frames 0
	ping_from_guest
	tool policy set taps match none
	ping_from_guest
}

test_two_queues_in_the_guest() {
	local queues

	guest-boot vhost=on,queues=2 mq=on,vectors=6
	guest ethtool -L eth0 combined 2
	guest_governs latency 2ms governor fixed
	queues=$(guest_field queues)
	# receive and transmit have a NAPI each
	equal "NAPIs" 4 "$queues"
	send_to_guest
	guest ethtool -L eth0 combined 1
	send_to_guest
	equal "state" governing "$(guest_field state)"
}

# The guest ends as a host that fails ends it, under traffic and governed
test_the_guest_is_killed_and_comes_again() {
	tool policy add taps latency 1ms rx-frames 1:64 match driver tun
	is_state governing
	guest_governs latency 5ms governor fixed actuator hold
	background nsenter --net=/run/netns/A ping -q -f -l 8 -w 60 10.0.0.3
	sleep 1
	guest-boot
	kill_background
	is_state governing
	is_coalesce rx-frames 64
	in_b ping -q -c 5 -i 0.1 -W 2 10.0.0.3
}

run_tests test_the_guest_governs_itself test_fewer_interrupts_in_the_guest \
	test_hold_in_the_guest test_both_ends_and_the_nic \
	test_the_guest_is_killed_and_comes_again \
	test_the_tap_batches_what_the_guest_sends test_a_short_send_buffer_stops_no_guest \
	test_two_queues_in_the_guest
