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

test_all_that_the_policy_allows() {
	local before

	before=$(snapshot)
	tool policy add p latency 100us rx-frames 1:65534
	attach p
	is_state governing
	equal "actuator" ethtool "$(dev_field actuator)"
	equal "queues" 0 "$(dev_field queues)"
	# tun's most
	is_coalesce rx-frames 64
	tool policy set p rx-frames 1:16
	eventually is_coalesce rx-frames 16
	tool policy set p rx-frames 1:1
	eventually is_coalesce rx-frames 1
	tool dev detach "$dev"
	same_text "baseline" "$before" "$(snapshot)"
}

# What tun keeps of a batch may be all that a guest's send buffer has room for
test_a_policy_without_a_limit_is_refused() {
	tool policy add p latency 100us
	refused attach p
	[[ $said == *rx-frames* ]] || fail "$said"
	is_coalesce rx-frames 0
	tool policy set p match driver tun
	is_state_for released unsupported
	is_coalesce rx-frames 0
}

test_a_limit_that_goes_takes_rx_frames_along() {
	tool policy add p latency 100us rx-frames 1:16
	attach p
	is_coalesce rx-frames 16
	tool policy set p rx-frames 1:65535
	is_state_for released unsupported
	is_coalesce rx-frames 0
	tool policy set p rx-frames 1:4
	attach p
	is_coalesce rx-frames 4
}

# What tun has in hand when rx-frames gets 0 stays there, so a batch has to end before
test_a_batch_ends_before_it_is_let_go() {
	local trace=/sys/kernel/tracing frames

	[[ -e $trace/kprobe_events ]] || skip "no kprobes"
	tool policy add p latency 100us rx-frames 1:64
	attach p
	# struct ethtool_coalesce is the second argument, and the frames are its third word
	echo 'p:netcoal_tap tun_set_coalesce frames=+8(%si):u32' >$trace/kprobe_events ||
		skip "no probe of tun"
	echo >$trace/trace
	echo 1 >$trace/events/kprobes/netcoal_tap/enable
	tool dev detach "$dev"
	echo 0 >$trace/events/kprobes/netcoal_tap/enable
	# The trace goes with the probe
	frames=$(sed -n 's/.* netcoal_tap: .* frames=//p' $trace/trace | uniq)
	echo >$trace/kprobe_events
	equal "frames" '1 0' "${frames//$'\n'/ }"
	is_coalesce rx-frames 0
}

test_what_was_set_comes_back() {
	in_a ethtool -C "$dev" rx-frames 7
	tool policy add p latency 100us rx-frames 1:64
	attach p
	is_coalesce rx-frames 64
	unload_module netcoal
	is_coalesce rx-frames 7
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

run_tests test_all_that_the_policy_allows test_a_policy_without_a_limit_is_refused \
	test_a_limit_that_goes_takes_rx_frames_along test_a_batch_ends_before_it_is_let_go \
	test_what_was_set_comes_back \
	test_an_administrators_change_wins test_down_and_up test_it_goes_and_comes_again \
	test_it_matches test_there_is_nothing_to_hold
