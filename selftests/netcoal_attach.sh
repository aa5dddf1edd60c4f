#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Attaching and detaching devices, there and not there yet.
#
#	netns nc-a              netns nc-b
#	+---------------+       +---------------+
#	| nct0 10.9.0.1 | <---> | nct1 10.9.0.2 |
#	+---------------+       +---------------+

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need netcoal ip ethtool

set_up() {
	load_module netcoal
	make_pair nctest
	add_fixed fix 100
}

test_attach_governs_and_detach_restores() {
	local before

	before=$(snapshot)
	attach fix
	is_state_for governing none
	equal "policy" fix "$(dev_field policy)"
	equal "driver" nctest "$(dev_field driver)"
	equal "queues" 1 "$(dev_field queues)"
	eventually is_coalesce rx-usecs 100
	tool dev detach "$dev"
	same_text "baseline" "$before" "$(snapshot)"
	refused tool dev show "$dev"
}

test_both_ends_of_a_wire() {
	local before

	before=$(snapshot "$ns_b" "$peer")
	in_b netcoal policy add other latency 10ms governor fixed rx-usecs 0:200
	attach fix
	in_b netcoal dev attach "$peer" policy other
	traffic 400
	is_coalesce rx-usecs 100
	in_b ethtool -c "$peer" | grep -q '^rx-usecs: *200$'
	tool dev detach "$dev"
	in_b ethtool -c "$peer" | grep -q '^rx-usecs: *200$'
	in_b netcoal dev detach "$peer"
	same_text "the peer's baseline" "$before" "$(snapshot "$ns_b" "$peer")"
}

test_attaching_again_changes_the_policy() {
	local before

	before=$(snapshot)
	add_fixed more 300
	attach fix
	attach fix
	equal "users" 1 "$(policy_field fix users)"
	eventually is_coalesce rx-usecs 100
	attach more
	eventually is_coalesce rx-usecs 300
	equal "policy" more "$(dev_field policy)"
	equal "users" 0 "$(policy_field fix users)"
	tool policy del fix
	tool dev detach "$dev"
	same_text "baseline" "$before" "$(snapshot)"
}

test_what_is_not_there_is_refused() {
	local before

	before=$(snapshot)
	refused attach nobody
	refused tool dev show "$dev"
	refused tool dev detach "$dev"
	refused tool dev show nodev0
	attach fix
	refused attach nobody
	is_state governing
	equal "policy" fix "$(dev_field policy)"
	tool dev detach "$dev"
	refused tool dev detach "$dev"
	same_text "baseline" "$before" "$(snapshot)"
}

test_a_device_that_comes_later_is_waited_for() {
	tool dev attach late0 policy fix
	dev=late0
	is_state_for waiting no-device
	equal "index" '' "$(dev_field ifindex)"
	ip -n "$ns_a" link add late0 type veth peer name late1
	in_a ethtool -K late0 gro on
	ip -n "$ns_a" link set late1 up
	ip -n "$ns_a" link set late0 up
	eventually is_state governing
	eventually is_sysfs gro_flush_timeout 100000
	tool dev detach late0
	is_sysfs gro_flush_timeout 0
}

test_one_that_arrives_by_another_name_is_waited_for() {
	tool dev attach late0 policy fix
	ip -n "$ns_a" link set "$dev" down
	ip -n "$ns_a" link set "$dev" name late0
	ip -n "$ns_a" link set late0 up
	dev=late0
	eventually is_state governing
	eventually is_coalesce rx-usecs 100
}

test_waiting_ends_with_detach() {
	tool dev attach late0 policy fix
	tool dev detach late0
	ip -n "$ns_a" link add late0 type veth peer name late1
	in_a ethtool -K late0 gro on
	ip -n "$ns_a" link set late1 up
	ip -n "$ns_a" link set late0 up
	sleep 0.5
	dev=late0
	is_sysfs gro_flush_timeout 0
	refused tool dev show late0
}

test_a_device_that_is_down_is_governed_when_up() {
	local before

	before=$(snapshot)
	ip -n "$ns_a" link set "$dev" down
	attach fix
	ip -n "$ns_a" link set "$dev" up
	eventually is_state governing
	eventually is_coalesce rx-usecs 100
	ip -n "$ns_a" link set "$dev" down
	tool dev detach "$dev"
	same_text "baseline" "$before" "$(snapshot)"
}

test_down_and_up_again_stays_governed() {
	local before packets

	before=$(snapshot)
	attach fix
	ip -n "$ns_a" link set "$dev" down
	ip -n "$ns_a" link set "$dev" up
	ip -n "$ns_a" neigh replace "$addr_b" lladdr "$(mac_of "$ns_b" "$peer")" dev "$dev"
	eventually is_state governing
	eventually is_coalesce rx-usecs 100
	traffic 400
	packets=$(queue_field packets)
	within "packets seen" 50 100000 "$packets"
	tool dev detach "$dev"
	same_text "baseline" "$before" "$(snapshot)"
}

test_a_device_without_napi_is_not_governed() {
	dev=lo
	! tool dev attach lo policy fix || ! is_state governing
}

test_counters_count() {
	attach fix
	traffic 600
	within "packets" 200 20000 "$(queue_field packets)"
	within "polls" 100 20000 "$(queue_field polls)"
	within "sequences" 100 20000 "$(queue_field sequences)"
	within "windows" 2 200 "$(queue_field windows)"
	within "busy time" 1 2000000000 "$(queue_field busy_ns)"
	within "device's windows" 2 200 "$(dev_field windows)"
	equal "verdict" fixed "$(queue_field verdict)"
	equal "hold-off" 100000 "$(queue_field rx_holdoff_ns)"
	equal "requested" 100000 "$(queue_field requested_holdoff_ns)"
	equal "effective" 100000 "$(queue_field effective_holdoff_ns)"
}

# A container's administrator could have the kernel walk a list without end
test_not_all_names_there_are_can_be_waited_for() {
	seq -f 'dev attach none%g policy fix' 4096 >"$scratch/batch"
	tool -batch "$scratch/batch"
	refused tool dev attach one-more policy fix
	[[ $said == *"too many devices"* ]] || fail "$said"
	equal "users" 4096 "$(policy_field fix users)"
	attach fix
	is_state_for governing none
}

# A device that is listed twice would be let go of once only
test_all_names_of_a_device_mean_the_same() {
	local before

	before=$(snapshot)
	attach fix
	ip -n "$ns_a" link property add dev "$dev" altname nct-alt
	tool policy add other latency 10ms governor fixed rx-usecs 0:60
	tool dev attach nct-alt policy other
	equal "users of fix" 0 "$(policy_field fix users)"
	equal "users of other" 1 "$(policy_field other users)"
	equal "policy" other "$(dev_field policy)"
	equal "name" "$dev" "$(tool -j dev show nct-alt | field ifname)"
	within "queues" 1 8 "$(tool -j dev show nct-alt queues | grep -c '"index"')"
	tool path add up latency 100us dev nct-alt
	equal "stage" "$dev" "$(tool -j path show up | field ifname)"
	tool path del up
	tool dev detach nct-alt
	refused tool dev show "$dev"
	tool dev attach nct-alt policy fix
	equal "name" "$dev" "$(tool -j dev show | field ifname)"
	is_sysfs netcoal/state governing
	unload_module netcoal
	same_text "baseline" "$before" "$(snapshot)"
}

# await_alternative: a policy and a path wait for a name that the device has not
await_alternative() {
	tool dev attach nct-alt policy fix
	tool path add up latency 100us dev nct-alt
	equal "reason" no-device "$(tool -j dev show nct-alt | field reason)"
}

# found_by_alternative: the device has got it, and is listed by its own
found_by_alternative() {
	equal "state" governing "$(tool -j dev show nct-alt | field state)"
	equal "name" "$dev" "$(tool -j dev show | field ifname)"
	equal "stage" "$dev" "$(tool -j path show up | field ifname)"
	is_coalesce rx-usecs 100
	equal "users" 1 "$(policy_field fix users)"
	tool dev detach "$dev"
	equal "users" 0 "$(policy_field fix users)"
	tool path set up latency 400us
	tool path del up
}

test_an_alternative_name_was_waited_for() {
	await_alternative
	ip -n "$ns_a" link property add dev "$dev" altname nct-alt
	found_by_alternative
}

# Nobody is told of the names of devices that are down
test_an_alternative_name_was_waited_for_while_down() {
	await_alternative
	ip -n "$ns_a" link set "$dev" down
	ip -n "$ns_a" link property add dev "$dev" altname nct-alt
	equal "state" waiting "$(tool -j dev show nct-alt | field state)"
	ip -n "$ns_a" link set "$dev" up
	found_by_alternative
}

test_one_that_is_attached_needs_no_alternative_name() {
	tool dev attach nct-alt policy fix
	add_fixed other 60
	attach other
	ip -n "$ns_a" link property add dev "$dev" altname nct-alt
	equal "users of fix" 0 "$(policy_field fix users)"
	equal "policy" other "$(dev_field policy)"
	tool dev detach "$dev"
	ip -n "$ns_a" link set "$dev" down
	ip -n "$ns_a" link set "$dev" up
	refused tool dev show "$dev"
	is_coalesce rx-usecs 30
}

# One that only matched gives way to who waited, but not what somebody wrote meanwhile
test_what_somebody_wrote_outlives_an_alternative_name() {
	tool dev attach nct-alt policy fix
	add_fixed found 60 match dev "$dev"
	is_coalesce rx-usecs 60
	in_a ethtool -C "$dev" rx-usecs 77
	ip -n "$ns_a" link property add dev "$dev" altname nct-alt
	is_coalesce rx-usecs 77
	equal "state" overridden "$(dev_field state)"
	equal "policy" fix "$(dev_field policy)"
	attach fix
	eventually is_coalesce rx-usecs 100
}

# What waits for a name that another device has besides gives way to that device
test_names_that_are_waited_for_give_way() {
	ip -n "$ns_a" link set "$dev" down
	await_alternative
	ip -n "$ns_a" link property add dev "$dev" altname nct-alt
	tool path set up latency 200us
	tool dev attach nct-alt policy fix
	equal "users" 1 "$(policy_field fix users)"
	tool path set up latency 300us
	tool dev detach "$dev"
	equal "users" 0 "$(policy_field fix users)"
	tool path set up latency 400us
	tool path del up
}

# Shows devices while many go, and counts how often some had gone, and others not
show_while_devices_go() {
	tool -batch "$scratch/batch"
	tool -batch "$scratch/gone" &
	while [[ $(jobs -r) ]]; do
		tool dev show | grep -o 'none[0-9]*' | sort >"$scratch/shown"
		equal "twice" "" "$(uniq -d "$scratch/shown")"
		equal "those that stay" 1000 \
			"$(grep -cxFf <(seq -f none%g 2001 3000) "$scratch/shown")"
		[[ $(wc -l <"$scratch/shown") =~ ^(3000|1000)$ ]] || ((++between))
	done
	wait $!
}

# Many devices are shown in parts, and what is shown changes in between
test_what_goes_while_devices_are_shown_hides_no_other() {
	local between=0 i

	seq -f 'dev attach none%g policy fix' 3000 >"$scratch/batch"
	seq -f 'dev detach none%g' 2000 >"$scratch/gone"
	for ((i = 0; i < 5 && !between; i++)); do
		show_while_devices_go
	done
	((between > 0)) || fail "nothing went while devices were shown"
	equal "users" 1000 "$(policy_field fix users)"
}

run_tests test_all_names_of_a_device_mean_the_same \
	test_an_alternative_name_was_waited_for \
	test_an_alternative_name_was_waited_for_while_down \
	test_one_that_is_attached_needs_no_alternative_name \
	test_what_somebody_wrote_outlives_an_alternative_name \
	test_names_that_are_waited_for_give_way \
	test_what_goes_while_devices_are_shown_hides_no_other \
	test_attach_governs_and_detach_restores test_both_ends_of_a_wire \
	test_attaching_again_changes_the_policy test_what_is_not_there_is_refused \
	test_a_device_that_comes_later_is_waited_for \
	test_one_that_arrives_by_another_name_is_waited_for \
	test_waiting_ends_with_detach test_a_device_that_is_down_is_governed_when_up \
	test_down_and_up_again_stays_governed \
	test_a_device_without_napi_is_not_governed test_counters_count \
	test_not_all_names_there_are_can_be_waited_for
