#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Rename, move to another namespace, removal: a device's life while governed.
#
#	netns nc-a              netns nc-b              netns nc-c
#	+---------------+       +---------------+       +----------+
#	| nct0 10.9.0.1 | <---> | nct1 10.9.0.2 |       | (empty)  |
#	+---------------+       +---------------+       +----------+

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need netcoal ip ethtool

set_up() {
	load_module netcoal
	make_pair nctest
	add_namespace nc-c
	add_fixed fix 100
}

is_gone() {
	! ip -n "$ns_a" link show dev "$dev"
}

test_rename_is_followed() {
	local before

	before=$(snapshot)
	attach fix
	eventually is_coalesce rx-usecs 100
	ip -n "$ns_a" link set "$dev" down
	ip -n "$ns_a" link set "$dev" name new0
	refused tool dev show "$dev"
	dev=new0
	ip -n "$ns_a" link set "$dev" up
	eventually is_state governing
	equal "policy" fix "$(dev_field policy)"
	tool policy set fix rx-usecs 0:50
	eventually is_coalesce rx-usecs 50
	tool dev detach new0
	same_text "baseline" "${before//nct0/new0}" "$(snapshot)"
}

test_move_lets_go() {
	local before

	before=$(snapshot)
	attach fix
	eventually is_coalesce rx-usecs 100
	ip -n "$ns_a" link set "$dev" netns nc-c
	eventually same_text "baseline" "$before" "$(snapshot nc-c "$dev")"
	! is_state governing || fail "still governed in the old namespace"
	equal "devices of the new namespace" '[]' "$(ip netns exec nc-c netcoal -j dev show)"
}

test_a_moved_device_is_not_governed_by_either() {
	attach fix
	ip -n "$ns_a" link set "$dev" netns nc-c
	tool policy set fix rx-usecs 0:400
	ip -n nc-c link set "$dev" up
	sleep 0.5
	ns_a=nc-c
	is_coalesce rx-usecs 30
}

test_a_moved_device_that_returns_can_be_attached() {
	attach fix
	ip -n "$ns_a" link set "$dev" netns nc-c
	ip -n nc-c link set "$dev" netns "$ns_a"
	ip -n "$ns_a" link set "$dev" up
	attach fix
	eventually is_state governing
	eventually is_coalesce rx-usecs 100
}

test_another_namespace_can_take_a_moved_device() {
	attach fix
	ip -n "$ns_a" link set "$dev" netns nc-c
	ns_a=nc-c
	add_fixed theirs 200
	attach theirs
	ip -n nc-c link set "$dev" up
	eventually is_state governing
	eventually is_coalesce rx-usecs 200
}

test_a_removed_device_is_waited_for() {
	attach fix
	start_traffic
	ip -n "$ns_a" link del "$dev"
	eventually is_gone
	is_state_for waiting no-device
	kill_background
	unload_module nctest
	make_nctest
	set_up_ends
	eventually is_state governing
	eventually is_coalesce rx-usecs 100
}

test_a_driver_goes_under_traffic() {
	local i

	for ((i = 0; i < 3; i++)); do
		attach fix
		start_traffic
		sleep 0.2
		unload_module nctest
		eventually is_state waiting
		kill_background
		make_nctest
		set_up_ends
		eventually is_state governing
	done
}

test_veth_goes_under_each_actuator() {
	local actuator

	for actuator in defer hold; do
		tool policy set fix actuator $actuator
		ip -n "$ns_a" link add gone0 type veth peer name gone1
		in_a ethtool -K gone0 gro on
		ip -n "$ns_a" link set gone1 up
		ip -n "$ns_a" link set gone0 up
		dev=gone0
		attach fix
		eventually is_state governing
		ip -n "$ns_a" link del gone0
		is_state waiting
		tool dev detach gone0
		equal "users" 0 "$(policy_field fix users)"
	done
}

test_a_namespace_ends_with_a_governed_device() {
	ns_a=nc-c
	ip -n nc-c link add gone0 type veth peer name gone1
	in_a ethtool -K gone0 gro on
	ip -n nc-c link set gone1 up
	ip -n nc-c link set gone0 up
	dev=gone0
	add_fixed theirs 100
	attach theirs
	tool dev attach never0 policy theirs
	eventually is_state governing
	ip netns del nc-c
	ns_a=nc-a
	# the rest goes on
	equal "policy" fix "$(policy_field fix name)"
}

test_a_namespace_ends_and_gives_back_its_device() {
	local before

	# a physical device goes back to the first namespace; ours has a kind,
	# so it goes with its namespace, and its peer with it
	before=$(ip -n "$ns_b" link show | grep -c nct1)
	equal "peers" 1 "$before"
	attach fix
	kill_background
	ip netns del nc-a
	eventually bash -c "! ip -n $ns_b link show dev $peer"
	add_namespace nc-a
	equal "policies of a new namespace" '[]' "$(tool -j policy show)"
}

run_tests test_rename_is_followed test_move_lets_go \
	test_a_moved_device_is_not_governed_by_either \
	test_a_moved_device_that_returns_can_be_attached \
	test_another_namespace_can_take_a_moved_device \
	test_a_removed_device_is_waited_for test_a_driver_goes_under_traffic \
	test_veth_goes_under_each_actuator \
	test_a_namespace_ends_with_a_governed_device \
	test_a_namespace_ends_and_gives_back_its_device
