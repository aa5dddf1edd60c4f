#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Loading and unloading, alone, with devices attached, and under traffic.
#
#	netns nc-a              netns nc-b
#	+---------------+       +---------------+
#	| nct0 10.9.0.1 | <---> | nct1 10.9.0.2 |
#	+---------------+       +---------------+

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need netcoal ip ethtool

test_100_cycles_in_a_minute() {
	local i

	SECONDS=0
	for ((i = 0; i < 100; i++)); do
		unload_module netcoal
		load_module netcoal
	done
	within "seconds for 100 cycles" 0 60 "$SECONDS"
}

test_nothing_remains_after_unload() {
	make_pair nctest
	add_fixed fix 100
	attach fix
	unload_module netcoal
	with_sysfs test ! -e "/sys/class/net/$dev/netcoal"
	! grep -q netcoal /proc/kallsyms || fail "symbols are left"
	# and nothing of it comes back with the module
	load_module netcoal
	equal "policies and devices of a fresh module" '[][]' \
		"$(tool -j policy show)$(tool -j dev show)"
}

test_unload_restores_attached_devices() {
	local before

	make_pair nctest queues=2
	before=$(snapshot)
	add_fixed fix 100
	attach fix
	tool dev attach late0 policy fix
	eventually is_coalesce rx-usecs 100 0
	unload_module netcoal
	same_text "baseline after unload" "$before" "$(snapshot)"
}

test_cycles_under_traffic() {
	local before after i

	make_pair nctest
	before=$(snapshot)
	start_traffic
	for ((i = 0; i < 5; i++)); do
		load_module netcoal
		add_fixed fix 200
		attach fix
		sleep 0.2
		unload_module netcoal
	done
	kill_background
	same_text "baseline after 5 cycles" "$before" "$(snapshot)"
	# the wire still works
	after=$(in_a ping -q -c 5 -i 0.01 -W 1 "$addr_b")
	[[ $after == *" 5 received"* ]]
}

test_parameters_are_defaults_of_policies() {
	unload_module netcoal
	load_module netcoal latency_ns=250000 cpu_ns=900
	make_pair nctest
	tool policy add plain
	equal "latency target" 250000 "$(policy_field plain latency_ns)"
	equal "CPU target" 900 "$(policy_field plain cpu_ns)"
	echo 50000 >/sys/module/netcoal/parameters/latency_ns
	tool policy add later
	equal "latency target after a change" 50000 "$(policy_field later latency_ns)"
	equal "latency target of the earlier one" 250000 "$(policy_field plain latency_ns)"
}

test_bad_parameters_are_refused() {
	local value

	unload_module netcoal
	for value in -1 1000000001 99999999999 10us ''; do
		refused load_module netcoal "latency_ns=$value"
		! is_loaded netcoal || fail "loaded with latency_ns=$value"
	done
	load_module netcoal
	refused bash -c 'echo 1000000001 >/sys/module/netcoal/parameters/latency_ns'
	equal "latency_ns" 100000 "$(cat /sys/module/netcoal/parameters/latency_ns)"
}

run_tests test_100_cycles_in_a_minute test_nothing_remains_after_unload \
	test_unload_restores_attached_devices test_cycles_under_traffic \
	test_parameters_are_defaults_of_policies test_bad_parameters_are_refused
