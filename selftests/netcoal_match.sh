#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Policies that find their devices: by name, driver, bridge.
#
#	netns nc-a              netns nc-b
#	+---------------+       +---------------+
#	| nct0 10.9.0.1 | <---> | nct1 10.9.0.2 |
#	| vif*, br0 ... |       |               |
#	+---------------+       +---------------+

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need netcoal ip ethtool jq

set_up() {
	load_module netcoal
	make_pair nctest
}

# A device that has NAPIs and comes and goes as one of a guest does
add_vif() {
	ip -n "$ns_a" link add "$1" type veth peer name "p-$1"
	in_a ethtool -K "$1" gro on
	ip -n "$ns_a" link set "p-$1" up
}

up() {
	ip -n "$ns_a" link set "$1" up
}

# bound DEV: POLICY BOUND STATE of a device, or nothing
bound() {
	local text

	text=$(tool -j dev show "$1" 2>/dev/null) || return 0
	echo "$(field policy <<<"$text") $(field bound <<<"$text") $(field state <<<"$text")"
}

is_bound() {
	equal "$1" "$2" "$(bound "$1")"
}

timeout_of() {
	with_sysfs cat "/sys/class/net/$1/gro_flush_timeout"
}

test_one_that_comes_is_governed_at_once() {
	add_fixed vifs 100 match dev 'vif*'
	add_vif vif1
	is_bound vif1 "vifs match waiting"
	up vif1
	is_bound vif1 "vifs match governing"
	equal "hold-off" 100000 "$(timeout_of vif1)"
	is_bound p-vif1 ""
	is_bound lo ""
	equal "users" 1 "$(policy_field vifs users)"
	ip -n "$ns_a" link del vif1
	is_bound vif1 ""
	equal "users" 0 "$(policy_field vifs users)"
	add_vif vif1
	up vif1
	is_bound vif1 "vifs match governing"
}

# Each is held against each device that comes, with rtnl held
test_not_all_policies_can_match() {
	seq 64 | sed 's/.*/policy add p& match dev x&*/' >"$scratch/batch"
	tool -batch "$scratch/batch"
	refused tool policy add more match dev 'vif*'
	[[ $said == *'no more than 64 policies can match devices'* ]] || fail "said: $said"
	tool policy add more
	refused tool policy set more match dev 'vif*'
	tool policy set p1 match dev 'vif*'
	tool policy set p2 match none
	tool policy set more match dev 'y*'
}

test_one_that_is_there_is_found() {
	local before

	before=$(snapshot)
	add_fixed all 100 match dev '*'
	is_bound "$dev" "all match governing"
	is_coalesce rx-usecs 100
	is_bound lo ""
	tool policy set all match none
	is_bound "$dev" ""
	same_text "baseline" "$before" "$(snapshot)"
	tool policy set all match dev 'nct[0-3]'
	is_bound "$dev" "all match governing"
}

test_the_first_policy_wins() {
	add_fixed one 100 match dev 'vif1*'
	add_fixed two 200 match dev 'vif*'
	add_vif vif1
	add_vif vif2
	up vif1
	up vif2
	is_bound vif1 "one match governing"
	is_bound vif2 "two match governing"
	tool policy set one match none
	is_bound vif1 "two match governing"
	equal "hold-off" 200000 "$(timeout_of vif1)"
	tool policy set one match dev 'vif[12]'
	is_bound vif1 "one match governing"
	is_bound vif2 "one match governing"
	equal "hold-off" 100000 "$(timeout_of vif2)"
}

test_an_explicit_attach_wins() {
	add_fixed found 100 match dev '*'
	add_fixed mine 300
	is_bound "$dev" "found match governing"
	attach mine
	is_bound "$dev" "mine attach governing"
	is_coalesce rx-usecs 300
	tool policy set found match dev 'n*'
	ip -n "$ns_a" link set "$dev" down
	up "$dev"
	is_bound "$dev" "mine attach governing"
	# one that is waited for by name, too
	tool dev attach vif7 policy mine
	add_vif vif7
	up vif7
	tool policy set found match dev '*'
	is_bound vif7 "mine attach governing"
}

test_detached_stays_so_until_it_comes_anew() {
	add_fixed vifs 100 match dev 'vif*'
	add_vif vif1
	up vif1
	tool dev detach vif1
	is_bound vif1 ""
	equal "hold-off" 0 "$(timeout_of vif1)"
	ip -n "$ns_a" link set vif1 down
	up vif1
	tool policy set vifs match dev 'v*'
	is_bound vif1 ""
	ip -n "$ns_a" link del vif1
	add_vif vif1
	up vif1
	is_bound vif1 "vifs match governing"
	# attached by name after all
	tool dev detach vif1
	tool dev attach vif1 policy vifs
	is_bound vif1 "vifs attach governing"
}

test_renames_are_followed() {
	add_fixed vifs 100 match dev 'vif*'
	add_vif other
	is_bound other ""
	ip -n "$ns_a" link set other name vif3
	up vif3
	is_bound vif3 "vifs match governing"
	ip -n "$ns_a" link set vif3 down
	ip -n "$ns_a" link set vif3 name other
	up other
	is_bound other ""
	equal "hold-off" 0 "$(timeout_of other)"
}

test_a_waiting_name_beats_a_match() {
	add_fixed vifs 100 match dev '*'
	add_fixed mine 300
	tool dev attach late0 policy mine
	add_vif other
	is_bound other "vifs match waiting"
	ip -n "$ns_a" link set other name late0
	up late0
	is_bound late0 "mine attach governing"
	is_bound other ""
}

test_drivers_match() {
	add_fixed tests 100 match driver nctest
	is_bound "$dev" "tests match governing"
	add_vif vif1
	up vif1
	is_bound vif1 ""
	tool policy set tests match driver 'v?th'
	is_bound "$dev" ""
	is_bound vif1 "tests match governing"
}

# By the names of its driver and of its module, with dashes or underscores
test_real_drivers_match() {
	local driver

	use_nic
	driver=$(driver)
	add_fixed nic 100 match driver "${driver//_/-}"
	is_bound "$dev" "nic match governing"
	tool policy set nic match driver "${driver//-/_}"
	is_bound "$dev" "nic match governing"
}

test_bridges_match() {
	modprobe -q bridge || skip "no bridges"
	add_fixed guests 100 match bridge 'xenbr*'
	add_vif vif1
	up vif1
	is_bound vif1 ""
	ip -n "$ns_a" link add xenbr0 type bridge
	ip -n "$ns_a" link add br1 type bridge
	ip -n "$ns_a" link set vif1 master xenbr0
	is_bound vif1 "guests match governing"
	ip -n "$ns_a" link set vif1 master br1
	is_bound vif1 ""
	equal "hold-off" 0 "$(timeout_of vif1)"
	# the bridge's own name counts
	ip -n "$ns_a" link set br1 name xenbr1
	is_bound vif1 "guests match governing"
	ip -n "$ns_a" link set vif1 nomaster
	is_bound vif1 ""
	ip -n "$ns_a" link set vif1 master xenbr0
	ip -n "$ns_a" link del xenbr0
	is_bound vif1 ""
	is_bound xenbr1 ""
}

test_kinds_must_all_match() {
	modprobe -q bridge || skip "no bridges"
	ip -n "$ns_a" link add br0 type bridge
	add_vif vif1
	add_vif tap1
	up vif1
	up tap1
	add_fixed both 100 match dev 'vif*' match dev 'tap*' match bridge br0
	is_bound vif1 ""
	ip -n "$ns_a" link set vif1 master br0
	ip -n "$ns_a" link set tap1 master br0
	ip -n "$ns_a" link set "$dev" master br0
	is_bound vif1 "both match governing"
	is_bound tap1 "both match governing"
	is_bound "$dev" ""
}

test_a_match_is_shown() {
	local text

	add_fixed p 100 match dev 'vif*' match driver xen-netback match bridge xenbr0
	text=$(tool policy show p)
	[[ $text == *" match dev vif* match driver xen-netback match bridge xenbr0 users 0" ]] ||
		fail "shown as: $text"
	equal "as JSON" '["vif*"] ["xen-netback"] ["xenbr0"]' \
		"$(tool -j policy show p | jq -rc '.[0] | "\(.match_dev) \(.match_driver) \(.match_bridge)"')"
	tool policy set p latency 20ms
	equal "kept" "vif*" "$(tool -j policy show p | jq -r '.[0].match_dev[0]')"
	tool policy set p match dev a match dev b
	equal "replaced" '["a","b"] null' \
		"$(tool -j policy show p | jq -rc '.[0] | "\(.match_dev) \(.match_driver)"')"
	add_vif vif1
	tool policy set p match dev vif1
	up vif1
	tool dev show vif1 | grep -q '^vif1 policy p bound match state governing'
}

test_bad_patterns_are_refused() {
	local words

	add_fixed p 100 match dev x
	for words in 'match dev' 'match' 'match dev a/b' 'match bridge a:b' 'match who x' \
		     'match dev 0123456789012345678901234567890123456789' \
		     'match dev a match none' \
		     'match dev 1 match dev 2 match dev 3 match dev 4 match dev 5 match dev 6 match dev 7 match dev 8 match dev 9'; do
		# shellcheck disable=SC2086  # several words
		refused tool policy set p $words
		equal "after '$words'" '["x"]' "$(tool -j policy show p | jq -c '.[0].match_dev')"
	done
	refused tool policy set p match dev ok match dev a/b
	[[ $said == *'match dev "a/b": nothing can match the pattern'* ]] || fail "said: $said"
}

test_one_that_cannot_be_governed_says_so() {
	ip -n "$ns_a" link add none0 type veth peer name none0p
	in_a ethtool -K none0 gro off
	up none0p
	up none0
	add_fixed p 100 match dev none0
	is_bound none0 "p match released"
	equal "reason" no-queues "$(tool -j dev show none0 | field reason)"
	in_a ethtool -K none0 gro on
	is_bound none0 "p match governing"
}

test_moving_to_another_namespace_lets_go() {
	add_fixed p 100 match dev 'vif*'
	add_vif vif1
	up vif1
	is_bound vif1 "p match governing"
	in_b netcoal policy add q latency 10ms governor fixed rx-usecs 0:200 match dev 'vif*'
	ip -n "$ns_a" link set vif1 netns "$ns_b"
	is_bound vif1 ""
	equal "users" 0 "$(policy_field p users)"
	ip -n "$ns_b" link set vif1 up
	equal "policy there" q "$(in_b netcoal -j dev show vif1 | field policy)"
	equal "state there" governing "$(in_b netcoal -j dev show vif1 | field state)"
}

# A port that leaves the namespace is taken from its bridge on the way
test_a_port_that_moves_is_not_bound_again() {
	modprobe -q bridge || skip "no bridges"
	ip -n "$ns_a" link add br0 type bridge
	add_fixed p 100 match dev 'vif*'
	add_vif vif1
	up vif1
	ip -n "$ns_a" link set vif1 master br0
	ip -n "$ns_a" link set vif1 netns "$ns_b"
	equal "users" 0 "$(policy_field p users)"
	is_bound vif1 ""
	tool policy del p
}

test_a_namespace_ends_with_matches() {
	add_fixed p 100 match dev '*'
	add_vif vif1
	up vif1
	add_vif vif2
	up vif2
	tool dev detach vif2
	remove_namespace "$ns_b"
	ip netns del "$ns_a"
	ip netns add "$ns_a"
}

test_the_module_goes_with_matches() {
	local before

	add_vif vif1
	up vif1
	before=$(snapshot "$ns_a" vif1)
	add_fixed p 100 match dev '*'
	is_bound vif1 "p match governing"
	unload_module netcoal
	same_text "baseline" "$before" "$(snapshot "$ns_a" vif1)"
}

test_many_come_and_go() {
	local i

	add_fixed p 100 match dev 'vif*'
	for ((i = 0; i < 30; i++)); do
		echo "link add vif$i type veth peer name p$i"
		echo "link set vif$i up"
	done | ip -n "$ns_a" -batch -
	equal "bound" 30 "$(tool -j dev show | jq 'map(select(.bound == "match")) | length')"
	for ((i = 0; i < 30; i++)); do
		echo "link del vif$i"
	done | ip -n "$ns_a" -batch -
	equal "bound" 0 "$(tool -j dev show | jq length)"
	tool policy del p
}

run_tests test_one_that_comes_is_governed_at_once test_one_that_is_there_is_found \
	test_not_all_policies_can_match \
	test_the_first_policy_wins test_an_explicit_attach_wins \
	test_detached_stays_so_until_it_comes_anew test_renames_are_followed \
	test_a_waiting_name_beats_a_match test_drivers_match test_real_drivers_match \
	test_bridges_match test_kinds_must_all_match test_a_match_is_shown \
	test_bad_patterns_are_refused test_one_that_cannot_be_governed_says_so \
	test_moving_to_another_namespace_lets_go \
	test_a_port_that_moves_is_not_bound_again test_a_namespace_ends_with_matches \
	test_the_module_goes_with_matches test_many_come_and_go
