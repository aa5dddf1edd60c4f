#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Each actuator on a driver that has it, and which one auto picks.
#
#	netns nc-a                    netns nc-b
#	+---------------------+       +---------------------+
#	| nct0 or veth0       | <---> | nct1 or veth1       |
#	|      10.9.0.1       |       |      10.9.0.2       |
#	+---------------------+       +---------------------+

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need netcoal ip ethtool

# Milli-sequences per packet of $dev under a second of round trips in bursts:
# how often it is polled for what comes
sequences_per_packet() {
	local packets sequences

	packets=$(queue_sum packets)
	sequences=$(queue_sum sequences)
	flood 1000
	packets=$(($(queue_sum packets) - packets))
	sequences=$(($(queue_sum sequences) - sequences))
	within "packets" 100 1000000 "$packets"
	echo $((1000 * sequences / packets))
}

# A longer hold-off has to make fewer sequences of the same load
reacts_to_load() {
	local policy=$1 short long

	tool policy set "$policy" rx-usecs 0:0
	traffic 300
	short=$(sequences_per_packet)
	tool policy set "$policy" rx-usecs 0:1000
	traffic 300
	long=$(sequences_per_packet)
	((long * 10 < short * 8)) ||
		fail "sequences per 1000 packets: $short at 0, $long at 1000 us"
}

test_auto_takes_queues_where_it_can() {
	make_pair nctest queues=2
	add_fixed fix 100
	attach fix
	equal "actuator" ethtool-queue "$(dev_field actuator)"
	equal "queues" 2 "$(dev_field queues)"
	eventually is_coalesce rx-usecs 100 0
	eventually is_coalesce rx-usecs 100 1
}

# A queue that is not there would be set all the same
test_auto_takes_the_device_where_queues_are_not_looked_at() {
	make_pair nctest kind=idpf queues=2
	add_fixed fix 100
	attach fix
	equal "actuator" ethtool "$(dev_field actuator)"
}

test_auto_takes_the_device_without_queues() {
	make_pair nctest
	misbehave no_queue_ops 1
	add_fixed fix 100
	attach fix
	equal "actuator" ethtool "$(dev_field actuator)"
	eventually is_coalesce rx-usecs 100
}

test_auto_defers_where_ethtool_is_missing() {
	make_pair nctest
	misbehave vanish 1
	add_fixed fix 100
	attach fix
	equal "actuator" defer "$(dev_field actuator)"
	eventually is_sysfs gro_flush_timeout 100000
}

# Its NAPIs are polled as another device's poll has them, and heed no timer
test_a_tunnel_has_nothing_to_hold_off() {
	local actuator

	make_pair nctest cells=1
	misbehave vanish 1
	for actuator in auto defer hold; do
		tool policy add $actuator latency 100us actuator $actuator
		refused attach $actuator
	done
	is_sysfs gro_flush_timeout 0
}

test_auto_defers_where_ethtool_lies() {
	make_pair nctest
	misbehave lie 1
	add_fixed fix 100
	attach fix
	equal "actuator" defer "$(dev_field actuator)"
	is_coalesce rx-usecs 30
}

test_auto_defers_where_ethtool_refuses() {
	make_pair nctest
	misbehave fail_errno 16
	add_fixed fix 100
	attach fix
	equal "actuator" defer "$(dev_field actuator)"
	is_coalesce rx-usecs 30
}

# Setting it resets the NIC, which does not show when it is asked
test_auto_defers_where_setting_does_harm() {
	local calls

	make_pair nctest kind=igbvf
	calls=$(set_calls)
	add_fixed fix 100
	attach fix
	equal "actuator" defer "$(dev_field actuator)"
	tool policy add told actuator ethtool
	refused attach told
	[[ $said == *"no actuator of the policy works"* ]] || fail "said: $said"
	is_state governing
	equal "settings" "$calls" "$(set_calls)"
}

# It turns its interrupt on whatever the kernel asks for
test_auto_holds_where_deferral_does_nothing() {
	make_pair nctest kind=mana
	misbehave vanish 1
	add_fixed fix 100
	attach fix
	equal "actuator" hold "$(dev_field actuator)"
	tool policy add told actuator defer
	refused attach told
	[[ $said == *"no actuator of the policy works"* ]] || fail "said: $said"
	is_state governing
}

test_auto_defers_on_veth() {
	make_pair veth
	add_fixed fix 100
	attach fix
	equal "actuator" defer "$(dev_field actuator)"
	eventually is_sysfs gro_flush_timeout 100000
}

test_what_a_driver_has_not_is_refused_or_released() {
	local before actuator

	make_pair veth
	before=$(snapshot)
	for actuator in ethtool ethtool-queue; do
		tool policy add $actuator actuator $actuator
		! attach $actuator 2>/dev/null || is_state_for released unsupported
		same_text "baseline" "$before" "$(snapshot)"
		tool dev detach "$dev" 2>/dev/null || true
	done
}

test_ethtool_reacts_to_load() {
	make_pair nctest
	add_fixed fix 100 actuator ethtool
	attach fix
	reacts_to_load fix
	is_state governing
}

test_ethtool_queue_reacts_to_load() {
	make_pair nctest queues=2
	add_fixed fix 100 actuator ethtool-queue
	attach fix
	reacts_to_load fix
	is_state governing
}

test_defer_reacts_to_load_on_veth() {
	make_pair veth
	add_fixed fix 100 actuator defer
	attach fix
	reacts_to_load fix
	is_state governing
}

test_defer_reacts_to_load_on_nctest() {
	make_pair nctest
	add_fixed fix 100 actuator defer
	in_a ethtool -C "$dev" rx-usecs 0 tx-usecs 0
	attach fix
	reacts_to_load fix
	is_state governing
}

test_hold_reacts_to_load_on_veth() {
	make_pair veth
	add_fixed fix 100 actuator hold
	attach fix
	reacts_to_load fix
	is_state governing
}

test_hold_reacts_to_load_on_nctest() {
	local before

	make_pair nctest
	in_a ethtool -C "$dev" rx-usecs 0 tx-usecs 0
	before=$(snapshot)
	add_fixed fix 100 actuator hold
	attach fix
	reacts_to_load fix
	is_state governing
	same_text "the driver's own settings" "$before" "$(snapshot)"
}

test_frames_reach_the_driver() {
	make_pair nctest
	tool policy add few latency 10ms governor fixed rx-usecs 0:100 rx-frames 1:16 \
		tx-usecs 0:80 tx-frames 1:12
	attach few
	eventually is_coalesce rx-usecs 100
	eventually is_coalesce rx-frames 16
	traffic 400
	eventually is_coalesce tx-usecs 80
	eventually is_coalesce tx-frames 12
}

test_the_drivers_adaptive_mode_is_off_while_governed() {
	local before

	make_pair nctest
	in_a ethtool -C "$dev" adaptive-rx on adaptive-tx on
	before=$(snapshot)
	add_fixed fix 100
	attach fix
	eventually is_coalesce rx-usecs 100
	[[ $(coalesce "Adaptive RX") == off* ]]
	tool dev detach "$dev"
	same_text "baseline" "$before" "$(snapshot)"
	[[ $(coalesce "Adaptive RX") == on* ]]
}

make_rounding() {
	make_pair nctest
	misbehave quantise 50
	in_a ethtool -C "$dev" rx-usecs 50 tx-usecs 100
}

govern_rounding() {
	local actuator=$1

	add_fixed "$actuator" 140 tx-usecs 0:130 actuator "$actuator"
	attach "$actuator"
	eventually is_coalesce rx-usecs 100
}

test_a_rounding_driver_is_reported_as_it_is() {
	make_rounding
	add_fixed fix 140
	attach fix
	eventually is_coalesce rx-usecs 100
	traffic 300
	is_state governing
	equal "requested" 140000 "$(queue_field requested_holdoff_ns)"
	equal "effective" 100000 "$(queue_field effective_holdoff_ns)"
}

set_calls() {
	in_a ethtool -S "$dev" | sed -n 's/^ *set_calls: //p'
}

# It was, whenever the device was looked at, and no window was of one setting
test_a_rounding_driver_is_asked_once() {
	local actuator before

	make_rounding
	for actuator in ethtool ethtool-queue; do
		govern_rounding "$actuator"
		eventually is_coalesce tx-usecs 100
		traffic 100
		before=$(set_calls)
		traffic 2000
		within "settings meanwhile" 0 1 $(($(set_calls) - before))
		is_state governing
		tool dev detach "$dev"
		is_coalesce rx-usecs 50
		is_coalesce tx-usecs 100
	done
}

# What it made of that was taken for an administrator's
test_a_rounding_driver_that_can_not_be_read_back() {
	local actuator

	make_rounding
	for actuator in ethtool ethtool-queue; do
		govern_rounding "$actuator"
		misbehave busy_gets 1
		tool policy set "$actuator" rx-usecs 0:240
		traffic 100
		eventually is_coalesce rx-usecs 200
		traffic 2000
		is_state governing
		misbehave busy_gets 1
		tool policy set "$actuator" rx-usecs 0:340
		traffic 100
		eventually is_coalesce rx-usecs 300
		tool dev detach "$dev"
		is_coalesce rx-usecs 50
		is_coalesce tx-usecs 100
	done
}

# govern_as DRIVER USECS: nctest as if it were another's, with that hold-off
govern_as() {
	make_pair nctest "kind=$1"
	add_fixed fix "$2" actuator ethtool tx-usecs "0:$2"
	attach fix
	eventually is_state governing
	traffic 300
}

test_a_driver_that_logs_odd_times() {
	govern_as ice 101
	eventually is_coalesce rx-usecs 100
	equal "requested" 100000 "$(queue_field requested_holdoff_ns)"
}

test_a_driver_that_refuses_none() {
	govern_as tg3 0
	eventually is_coalesce rx-usecs 1
	eventually is_coalesce tx-usecs 1
	is_state governing
}

test_a_driver_that_takes_short_times_for_none() {
	govern_as am65-cpsw-nuss 19
	eventually is_coalesce rx-usecs 0
	tool policy set fix rx-usecs 0:20
	traffic 300
	eventually is_coalesce rx-usecs 20
}

# It would pass for a knob that does not turn
test_a_driver_that_has_no_long_times() {
	make_pair nctest kind=be2net
	misbehave ceiling 128
	add_fixed fix 1000 actuator ethtool
	attach fix
	eventually is_coalesce rx-usecs 128
	traffic 300
	is_state governing
}

# What is set twice, as at take-over, was taken back by what went with it
test_a_driver_that_takes_back_what_is_set_twice() {
	make_pair nctest
	misbehave takes_irq 1
	add_fixed fix 100 actuator ethtool
	attach fix
	eventually is_coalesce rx-usecs 100
	tool dev detach "$dev"
	is_coalesce rx-usecs 30
}

# While its link is down it may be freeing what it would be asked about
test_a_driver_that_resets_without_rtnl() {
	govern_as iavf 100
	ip -n "$ns_b" link set "$peer" down
	misbehave vanish 1
	sleep 2.5
	is_state governing
	misbehave vanish 0
	attach fix
	equal "reason" down "$(dev_field reason)"
	ip -n "$ns_b" link set "$peer" up
	eventually is_state governing
	misbehave vanish 1
	tool policy set fix rx-usecs 0:50
	eventually is_state released
}

test_a_slow_driver_delays_nobody() {
	local before

	make_pair nctest
	before=$(snapshot)
	misbehave slow_ms 50
	add_fixed fix 100
	SECONDS=0
	attach fix
	eventually is_coalesce rx-usecs 100
	tool dev detach "$dev"
	within "seconds" 0 10 "$SECONDS"
	same_text "baseline" "$before" "$(snapshot)"
}

# Known of drivers for a NIC with few bits for them: 255, or 128
test_frames_that_a_driver_refuses() {
	make_pair nctest
	misbehave frames_most 255
	add_fixed fix 100 actuator ethtool
	attach fix
	eventually is_coalesce rx-usecs 100
	is_coalesce rx-frames 255
	is_coalesce tx-frames 255
	is_state governing
}

# Asking for fewer frames alone is in vain, and so is asking for less time
test_frames_and_times_that_a_driver_refuses() {
	local actuator before

	make_pair nctest
	misbehave frames_most 255
	before=$(snapshot)
	for actuator in ethtool ethtool-queue; do
		tool policy add "$actuator" latency 50ms governor fixed rx-usecs 0:20000 \
			actuator "$actuator"
		attach "$actuator"
		eventually is_coalesce rx-usecs 7812
		is_coalesce rx-frames 255
		traffic 300
		is_state governing
		tool dev detach "$dev"
		same_text "baseline" "$before" "$(snapshot)"
	done
}

# What it took of what was asked was taken for an administrator's
test_a_driver_that_is_busy_when_its_limits_are_found() {
	local before

	make_pair nctest
	misbehave frames_most 255
	before=$(snapshot)
	tool policy add fix latency 50ms governor fixed rx-usecs 0:100 tx-usecs 0:100 \
		actuator ethtool
	attach fix
	eventually is_coalesce rx-usecs 100
	misbehave busy_gets 1
	tool policy set fix rx-usecs 0:20000
	traffic 300
	eventually is_coalesce rx-usecs 7812
	traffic 2000
	is_state governing
	tool dev detach "$dev"
	same_text "baseline" "$before" "$(snapshot)"
}

test_a_driver_whose_transmit_follows() {
	local before

	make_pair nctest
	misbehave follows 1
	in_a ethtool -C "$dev" rx-usecs 0 tx-usecs "$(coalesce tx-usecs)"
	before=$(snapshot)
	add_fixed fix 400 actuator ethtool
	attach fix
	eventually is_coalesce rx-usecs 400
	is_coalesce tx-usecs 400
	is_state governing
	tool dev detach "$dev"
	same_text "baseline" "$before" "$(snapshot)"
}

# What is set once more, as the driver may have written over it, is not what was found
test_one_that_adapted_is_set_again_as_it_follows() {
	local before

	make_pair nctest
	misbehave follows 1
	in_a ethtool -C "$dev" rx-usecs 0 tx-usecs "$(coalesce tx-usecs)"
	in_a ethtool -C "$dev" adaptive-rx on tx-usecs "$(coalesce tx-usecs)"
	before=$(snapshot)
	add_fixed fix 400 actuator ethtool
	attach fix
	eventually is_coalesce rx-usecs 400
	traffic 3000
	is_state governing
	is_coalesce rx-usecs 400
	tool dev detach "$dev"
	same_text "baseline" "$before" "$(snapshot)"
}

run_tests test_auto_takes_queues_where_it_can \
	test_auto_takes_the_device_without_queues \
	test_auto_takes_the_device_where_queues_are_not_looked_at \
	test_auto_defers_where_ethtool_is_missing \
	test_a_tunnel_has_nothing_to_hold_off \
	test_auto_defers_where_ethtool_lies test_auto_defers_where_ethtool_refuses \
	test_auto_defers_where_setting_does_harm test_auto_holds_where_deferral_does_nothing \
	test_auto_defers_on_veth test_what_a_driver_has_not_is_refused_or_released \
	test_ethtool_reacts_to_load test_ethtool_queue_reacts_to_load \
	test_defer_reacts_to_load_on_veth test_defer_reacts_to_load_on_nctest \
	test_hold_reacts_to_load_on_veth test_hold_reacts_to_load_on_nctest \
	test_frames_reach_the_driver test_frames_that_a_driver_refuses \
	test_frames_and_times_that_a_driver_refuses \
	test_a_driver_that_is_busy_when_its_limits_are_found \
	test_a_driver_whose_transmit_follows test_one_that_adapted_is_set_again_as_it_follows \
	test_the_drivers_adaptive_mode_is_off_while_governed \
	test_a_rounding_driver_is_reported_as_it_is test_a_rounding_driver_is_asked_once \
	test_a_rounding_driver_that_can_not_be_read_back \
	test_a_driver_that_logs_odd_times test_a_driver_that_refuses_none \
	test_a_driver_that_takes_short_times_for_none test_a_driver_that_has_no_long_times \
	test_a_driver_that_takes_back_what_is_set_twice test_a_driver_that_resets_without_rtnl \
	test_a_slow_driver_delays_nobody
