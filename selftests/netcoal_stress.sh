#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Everything at once, for a bounded time: attaching, detaching, policies
# changing, renames, links going down and up, administrators writing, monitors
# and dumps reading, devices going and coming, all under traffic.
#
#	netns nc-a              netns nc-b
#	+---------------+       +---------------+
#	| nct0 10.9.0.1 | <---> | nct1 10.9.0.2 |
#	| veth0 --------|---+   +---------------+
#	| veth1 --------|---+
#	+---------------+

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need netcoal ip ethtool

duration_s=4

set_up() {
	load_module netcoal
	make_pair nctest queues=4
	add_fixed fix 100
	tool policy add model latency 100us
	tool policy add hold latency 1ms actuator hold governor fixed
}

add_veth() {
	ip -n "$ns_a" link add veth0 type veth peer name veth1
	in_a ethtool -K veth0 gro on
	ip -n "$ns_a" link set veth0 up
	ip -n "$ns_a" link set veth1 up
}

# What may fail in the throng, may; what must not happen is in the kernel's log
repeat() {
	while ((SECONDS < duration_s)); do
		"$@" >/dev/null 2>&1 || true
	done
}

attach_and_detach() {
	local policy

	for policy in fix model hold; do
		attach $policy
		tool dev attach veth0 policy $policy
	done
	tool dev detach "$dev"
	tool dev detach veth0
}

change_policies() {
	tool policy set fix rx-usecs 0:$((RANDOM % 500)) actuator auto
	tool policy set fix actuator defer
	tool policy set model governor fixed
	tool policy set hold governor model latency $((RANDOM % 1000))us
	tool policy set model governor model
	tool policy set hold governor fixed
}

add_and_delete_policies() {
	tool policy add brief latency 10us
	tool dev attach brief0 policy brief
	tool policy del brief
	tool dev detach brief0
	tool policy del brief
}

rename() {
	ip -n "$ns_a" link set veth0 down
	ip -n "$ns_a" link set veth0 name other0
	ip -n "$ns_a" link set other0 up
	ip -n "$ns_a" link set other0 down
	ip -n "$ns_a" link set other0 name veth0
	ip -n "$ns_a" link set veth0 up
}

down_and_up() {
	ip -n "$ns_a" link set "$dev" down
	ip -n "$ns_a" link set "$dev" up
	sleep 0.05
}

go_and_come() {
	ip -n "$ns_a" link del veth0
	add_veth
	sleep 0.1
}

move_and_return() {
	ip -n "$ns_a" link set veth0 netns "$ns_b"
	ip -n "$ns_b" link set veth0 netns "$ns_a"
	ip -n "$ns_a" link set veth0 up
	sleep 0.05
}

administer() {
	in_a ethtool -C "$dev" rx-usecs $((RANDOM % 100))
	write_sysfs gro_flush_timeout $((RANDOM % 100000))
	misbehave fail_errno $((RANDOM % 2 * 5))
	misbehave vanish $((RANDOM % 4 == 0))
}

look() {
	tool -j dev show
	tool dev show "$dev" queues
	tool -j policy show
	with_sysfs grep -r . "/sys/class/net/$dev/netcoal/"
}

# throng COMMAND...: all at once, with traffic, then take the world apart
throng() {
	local command

	add_veth
	attach fix
	start_traffic
	start_flood
	background ip netns exec "$ns_a" netcoal monitor
	SECONDS=0
	for command; do
		repeat "$command" &
	done
	sleep $((duration_s + 1))
	kill_background
	within "seconds" "$duration_s" $((3 * duration_s)) "$SECONDS"
}

# Works as on the first day
still_governs() {
	misbehave fail_errno 0
	misbehave vanish 0
	tool dev detach "$dev" 2>/dev/null || true
	tool policy add after latency 10ms governor fixed rx-usecs 0:123
	ip -n "$ns_a" link set "$dev" up
	attach after
	eventually is_state governing
	eventually is_coalesce rx-usecs 123
}

test_control_plane() {
	throng attach_and_detach attach_and_detach change_policies add_and_delete_policies look
	still_governs
}

test_devices() {
	throng attach_and_detach change_policies rename down_and_up go_and_come move_and_return look
	still_governs
}

test_administrators_and_bad_drivers() {
	throng attach_and_detach change_policies administer down_and_up look
	still_governs
}

load_and_unload() {
	unload_module netcoal
	load_module netcoal
	add_fixed fix 100
	tool policy add model latency 100us
	tool policy add hold latency 1ms actuator hold governor fixed
}

test_loading_and_unloading() {
	throng load_and_unload attach_and_detach change_policies down_and_up look
	load_module netcoal
	still_governs
}

run_tests test_control_plane test_devices test_administrators_and_bad_drivers \
	test_loading_and_unloading
