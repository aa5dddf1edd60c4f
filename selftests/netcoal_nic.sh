#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The NICs at hand, whatever they are: governed by what their driver has, and
# as they were when netcoal lets go.
#
#	netns A                 netns B
#	+---------------+       +---------------+
#	| eth0 10.0.0.1 | <---> | eth1 10.0.0.2 |
#	+---------------+       +---------------+

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need netcoal ip ethtool

set_up() {
	load_module netcoal
	use_nic
	before=$(snapshot)
}

# A test that fails leaves the NIC to netcoal, whose unloading restores it
let_go() {
	tool dev detach "$dev"
	same_text "baseline" "$before" "$(snapshot)"
}

test_auto_governs_and_restores() {
	add_fixed fix 250
	attach fix
	eventually is_state governing
	case $(driver) in
	e1000|e1000e|igb|igc|ixgbe)
		equal "actuator" ethtool "$(dev_field actuator)"
		eventually is_coalesce rx-usecs 250
		;;
	virtio_net|veth|8139cp)
		equal "actuator" defer "$(dev_field actuator)"
		eventually is_sysfs gro_flush_timeout 250000
		;;
	esac
	traffic 400
	is_state governing
	let_go
}

# actuator NAME: governs, still passes traffic, and restores
actuator() {
	add_fixed fix 250 actuator "$1"
	if ! attach fix || [[ $(dev_field reason) == unsupported ]]; then
		same_text "baseline" "$before" "$(snapshot)"
		skip "$(driver) has no $1"
	fi
	eventually is_state governing
	equal "actuator" "$1" "$(dev_field actuator)"
	traffic 400
	is_state governing
	within "windows" 1 10000 "$(dev_field windows)"
	within "packets" 50 100000 "$(queue_sum packets)"
	let_go
}

test_ethtool_queue() {
	actuator ethtool-queue
}

test_ethtool() {
	actuator ethtool
}

test_defer() {
	actuator defer
}

# The line of an 8139 would stay up for as long as a hold lasts
test_hold() {
	if [[ $(driver) == 8139cp ]]; then
		add_fixed line 250 actuator hold
		refused attach line
		same_text "baseline" "$before" "$(snapshot)"
	else
		actuator hold
	fi
}

# usecs that are modes of some Intel drivers must never be written
test_every_short_hold_off_is_taken() {
	local usecs

	add_fixed fix 0
	attach fix
	for usecs in 1 2 3 4 5 9 10 0; do
		tool policy set fix rx-usecs 0:$usecs
		traffic 200
		is_state governing
	done
	let_go
}

test_model_governs_traffic() {
	tool policy add model latency 100us
	attach model
	traffic 600
	is_state governing
	within "windows" 2 10000 "$(dev_field windows)"
	let_go
}

test_down_and_up_while_governed() {
	add_fixed fix 250
	attach fix
	ip -n "$ns_a" link set "$dev" down
	ip -n "$ns_a" link set "$dev" up
	ip -n "$ns_a" neigh replace "$addr_b" lladdr "$(mac_of "$ns_b" "$peer")" \
		dev "$dev" nud permanent
	eventually has_carrier "$ns_a" "$dev"
	eventually is_state governing
	traffic 400
	let_go
}

test_unload_restores() {
	add_fixed fix 250
	attach fix
	traffic 300
	unload_module netcoal
	same_text "baseline" "$before" "$(snapshot)"
}

test_unload_under_traffic_restores() {
	add_fixed fix 250
	attach fix
	start_traffic
	sleep 0.5
	unload_module netcoal
	same_text "baseline" "$before" "$(snapshot)"
}

run_tests test_auto_governs_and_restores test_ethtool_queue test_ethtool test_defer \
	test_hold test_every_short_hold_off_is_taken test_model_governs_traffic \
	test_down_and_up_while_governed test_unload_restores \
	test_unload_under_traffic_restores
