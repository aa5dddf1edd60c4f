#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A guest's tap on its host: no NAPI, but rx-frames.
#
#	netns nc-a, the host
#	+----------------------+
#	| tap0  (no guest yet) |
#	+----------------------+
#
# What it does to packets is seen in the KVM lab (netcoal_kvm.sh).

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need netcoal ip ethtool

set_up() {
	load_module netcoal
	modprobe -q tun || skip "no tun"
	ns_a=nc-a dev=tap0
	add_namespace "$ns_a"
	add_tap
}

add_tap() {
	ip -n "$ns_a" tuntap add "$dev" mode tap || skip "no taps"
	ip -n "$ns_a" link set "$dev" up
}

test_a_policy_that_limits_frames_has_them_set() {
	local before

	before=$(snapshot)
	tool policy add p latency 100us rx-frames 1:64
	attach p
	is_state governing
	equal "actuator" ethtool "$(dev_field actuator)"
	equal "queues" 0 "$(dev_field queues)"
	is_coalesce rx-frames 64
	tool policy set p latency 200us rx-frames 1:100
	is_state governing
	is_coalesce rx-frames 64
	tool dev detach "$dev"
	same_text "baseline" "$before" "$(snapshot)"
}

# What tun keeps of a batch may be all that a guest's send buffer has room for, and a batch that
# is larger than rx-frames when those are lowered does not end
test_other_policies_leave_it_alone() {
	local most

	for most in 65535 63; do
		tool policy add p$most latency 100us rx-frames 1:$most
		refused attach p$most
		[[ $said == *rx-frames* ]] || fail "$said"
		is_coalesce rx-frames 0
	done
}

test_a_limit_comes_and_goes() {
	tool policy add p latency 100us match driver tun
	is_state_for released unsupported
	is_coalesce rx-frames 0
	tool policy set p rx-frames 1:64
	is_state governing
	is_coalesce rx-frames 64
	tool policy set p rx-frames 1:16
	is_state_for released unsupported
	is_coalesce rx-frames 0
}

test_what_somebody_set_stays() {
	in_a ethtool -C "$dev" rx-frames 7
	tool policy add p latency 100us rx-frames 1:64
	refused attach p
	is_coalesce rx-frames 7
}

test_unloading_puts_it_back() {
	tool policy add p latency 100us rx-frames 1:64
	attach p
	is_coalesce rx-frames 64
	unload_module netcoal
	is_coalesce rx-frames 0
}

test_an_administrators_change_wins() {
	tool policy add p latency 100us rx-frames 1:64
	attach p
	in_a ethtool -C "$dev" rx-frames 5
	eventually is_state_for overridden admin
	tool dev detach "$dev"
	is_coalesce rx-frames 5
}

test_down_and_up() {
	tool policy add p latency 100us rx-frames 1:64
	attach p
	ip -n "$ns_a" link set "$dev" down
	is_state waiting
	is_coalesce rx-frames 0
	ip -n "$ns_a" link set "$dev" up
	is_state governing
	is_coalesce rx-frames 64
}

# As a guest that ends takes its tap away, and the next one brings it again
test_it_goes_and_comes_again() {
	tool policy add p latency 100us rx-frames 1:64
	attach p
	ip -n "$ns_a" link del "$dev"
	is_state_for waiting no-device
	add_tap
	is_state governing
	is_coalesce rx-frames 64
}

test_it_matches() {
	tool policy add p latency 100us rx-frames 1:64 match driver tun
	is_state governing
	is_coalesce rx-frames 64
	tool policy set p match none
	is_coalesce rx-frames 0
}

test_there_is_nothing_to_hold() {
	local actuator

	for actuator in hold defer ethtool-queue; do
		tool policy add $actuator latency 100us rx-frames 1:64 actuator $actuator
		refused attach $actuator
	done
	is_coalesce rx-frames 0
}

run_tests test_a_policy_that_limits_frames_has_them_set test_other_policies_leave_it_alone \
	test_a_limit_comes_and_goes test_what_somebody_set_stays test_unloading_puts_it_back \
	test_an_administrators_change_wins test_down_and_up test_it_goes_and_comes_again \
	test_it_matches test_there_is_nothing_to_hold
