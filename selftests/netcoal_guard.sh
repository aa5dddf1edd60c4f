#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The guard: a driver that misbehaves while governed gets its device back, with
# the reason, and as it was found where the driver still lets anybody write.
#
#	netns nc-a              netns nc-b
#	+---------------+       +---------------+
#	| nct0 10.9.0.1 | <---> | nct1 10.9.0.2 |
#	+---------------+       +---------------+

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need netcoal ip ethtool

start() {
	make_pair nctest "$@"
	before=$(snapshot)
	add_fixed fix 100
	attach fix
	eventually is_state governing
	start_traffic
}

is_released() {
	is_state_for released "$1"
}

# What anybody but netcoal can still do with a released device
is_free() {
	in_a ethtool -C "$dev" rx-usecs 44
	sleep 0.2
	is_coalesce rx-usecs 44
	is_state released
}

holds_at_least_us() {
	[[ $(dev_field state) == governing && $(coalesce rx-usecs) -ge $1 ]]
}

# nctest takes 10 ms at most, with EINVAL beyond; half of that is good enough
test_a_value_beyond_the_longest_that_the_driver_takes() {
	start
	tool policy set fix latency 50ms rx-usecs 0:20000
	eventually holds_at_least_us 5000
	within "rx-usecs" 5000 10000 "$(coalesce rx-usecs)"
	equal "errors" 0 "$(dev_field errors)"
	tool dev detach "$dev"
	same_text "baseline" "$before" "$(snapshot)"
}

test_a_driver_that_fails_from_now_on() {
	start
	misbehave fail_errno 5
	tool policy set fix rx-usecs 0:300
	eventually is_released actuator-error
	equal "error" 5 "$(dev_field error)"
	misbehave fail_errno 0
	is_free
}

# As hns3 does while it resets its NIC
test_a_driver_that_is_busy_for_a_while() {
	start
	misbehave fail_errno 16
	tool policy set fix rx-usecs 0:300
	sleep 3
	is_state governing
	misbehave fail_errno 0
	eventually is_coalesce rx-usecs 300
	is_state governing
	equal "errors" 0 "$(dev_field errors)"
	tool dev detach "$dev"
	same_text "baseline" "$before" "$(snapshot)"
}

test_a_driver_that_stays_busy() {
	start
	misbehave fail_errno 16
	tool policy set fix rx-usecs 0:300
	sleep 8
	is_state governing
	eventually is_released actuator-error
	equal "error" 16 "$(dev_field error)"
}

# comes_up_busy SETTINGS: after so many that worked; with auto there would be another actuator
comes_up_busy() {
	start
	tool policy set fix actuator ethtool
	ip -n "$ns_a" link set "$dev" down
	misbehave fail_after "$1"
	misbehave fail_errno 16
	ip -n "$ns_a" link set "$dev" up
	is_released actuator-error
}

is_governed_after_all() {
	misbehave fail_errno 0
	eventually is_state governing
	tool dev detach "$dev"
	same_text "baseline" "$before" "$(snapshot)"
}

test_a_driver_that_is_busy_at_take_over() {
	comes_up_busy 0
	sleep 2
	is_released actuator-error
	equal "errors" 1 "$(dev_field errors)"
	is_governed_after_all
}

has_queues() {
	is_state governing && equal "queues" "$1" "$(dev_field queues)"
}

# What it asks of queues that are gone is no failure of the driver, whoever finds out first
test_queues_that_are_others_now() {
	local n

	start queues=4
	equal "actuator" ethtool-queue "$(dev_field actuator)"
	for n in 2 4 1 3 4; do
		in_a ethtool -L "$dev" combined $n
		sleep 0.4
		eventually has_queues $n
	done
	equal "errors" 0 "$(dev_field errors)"
	tool dev detach "$dev"
	same_text "baseline" "$before" "$(snapshot)"
}

# In the middle of a proof: what was tried is owed
test_a_driver_that_is_busy_in_a_proof() {
	comes_up_busy 3
	is_governed_after_all
}

# That it was down meanwhile is no reason to forget it
test_down_and_up_while_it_is_tried_again() {
	comes_up_busy 0
	ip -n "$ns_a" link set "$dev" down
	is_state_for waiting down
	sleep 1.2
	misbehave fail_errno 0
	ip -n "$ns_a" link set "$dev" up
	is_state governing
	equal "errors" 1 "$(dev_field errors)"
}

has_the_baseline() {
	[[ $(snapshot) == "$before" ]]
}

# What was found is put back as soon as the driver lets netcoal
test_a_driver_that_does_not_take_its_settings_back() {
	start
	misbehave fail_errno 5
	tool policy set fix rx-usecs 0:300
	eventually is_released actuator-error
	[[ $(snapshot) != "$before" ]]
	misbehave fail_errno 0
	eventually has_the_baseline
	is_released actuator-error
	attach fix
	eventually is_coalesce rx-usecs 300
	tool dev detach "$dev"
	same_text "baseline" "$before" "$(snapshot)"
}

# The mode is the last that is put back, and the device's entry is gone by then
test_a_driver_that_takes_only_a_part_back() {
	make_pair nctest
	in_a ethtool -C "$dev" adaptive-rx on adaptive-tx on rx-usecs 17 tx-usecs 211
	misbehave fussy 1
	before=$(snapshot)
	add_fixed fix 100
	attach fix
	is_state governing
	misbehave fail_after 3
	misbehave fail_errno 5
	tool dev detach "$dev"
	is_coalesce rx-usecs 17
	[[ $(snapshot) != "$before" ]]
	misbehave fail_errno 0
	eventually has_the_baseline
}

test_a_driver_that_fails_later() {
	local i

	start
	misbehave fail_after 5
	misbehave fail_errno 5
	for ((i = 1; i < 10; i++)); do
		tool policy set fix rx-usecs 0:$((200 + 50 * i))
		sleep 0.2
	done
	eventually is_released actuator-error
	misbehave fail_errno 0
	is_free
}

test_a_knob_that_vanishes() {
	start
	misbehave vanish 1
	tool policy set fix rx-usecs 0:300
	eventually is_released knob-vanished
	misbehave vanish 0
	is_free
}

test_queue_knobs_that_vanish() {
	start queues=2
	equal "actuator" ethtool-queue "$(dev_field actuator)"
	misbehave no_queue_ops 1
	tool policy set fix rx-usecs 0:300
	eventually is_released knob-vanished
	misbehave no_queue_ops 0
	is_free
}

test_a_knob_that_turns_no_more() {
	start
	misbehave lie 1
	tool policy set fix rx-usecs 0:900
	eventually is_released mismatch
	misbehave lie 0
	is_free
}

test_a_knob_that_turns_only_so_far() {
	start
	misbehave ceiling 120
	tool policy set fix rx-usecs 0:2000
	eventually is_released mismatch
	same_text "baseline" "$before" "$(snapshot)"
	is_free
}

# Off by a little is rounding, which is reported and lived with
test_rounding_is_no_offence() {
	start
	misbehave floor 128
	tool policy set fix rx-usecs 0:110
	eventually is_coalesce rx-usecs 128
	sleep 0.3
	is_state governing
	equal "requested" 110000 "$(queue_field requested_holdoff_ns)"
	equal "effective" 128000 "$(queue_field effective_holdoff_ns)"
}

gets_another_time() {
	tool policy set fix rx-usecs "0:$((100 + RANDOM % 100))"
	sleep 0.1
	is_released resets
}

# resets_for_each_setting N [QUEUES]: nctest's way to reset is N
resets_for_each_setting() {
	start "queues=${2:-1}"
	tool policy set fix actuator ethtool
	misbehave resets "$1"
	eventually gets_another_time
	equal "errors" 1 "$(dev_field errors)"
	refused attach fix
	[[ $said == *"resets the device for each setting"* ]] || fail "said: $said"
	misbehave resets 0
	same_text "baseline" "$before" "$(snapshot)"
	is_free
}

test_a_driver_whose_link_goes_down_for_each_setting() {
	resets_for_each_setting 1
}

test_a_driver_with_new_napis_for_each_setting() {
	resets_for_each_setting 2
}

# In another order, so that queues are others
test_a_driver_with_other_napis_for_each_setting() {
	resets_for_each_setting 2 2
}

# As mlx5's, for another mode, or by chance
test_a_driver_that_resets_once() {
	start
	misbehave resets 1
	tool policy set fix rx-usecs 0:300
	eventually is_coalesce rx-usecs 300
	is_state governing
	misbehave resets 0
	tool policy set fix rx-usecs 0:200
	eventually is_coalesce rx-usecs 200
	is_state governing
	equal "errors" 0 "$(dev_field errors)"
}

test_it_stays_released() {
	start
	misbehave ceiling 120
	tool policy set fix rx-usecs 0:2000
	eventually is_released mismatch
	misbehave ceiling 0
	tool policy set fix rx-usecs 0:200
	sleep 0.5
	is_released mismatch
	same_text "baseline" "$before" "$(snapshot)"
}

test_attach_governs_again() {
	start
	misbehave ceiling 120
	tool policy set fix rx-usecs 0:2000
	eventually is_released mismatch
	misbehave ceiling 0
	attach fix
	eventually is_state governing
	eventually is_coalesce rx-usecs 2000
	tool dev detach "$dev"
	same_text "baseline" "$before" "$(snapshot)"
}

test_it_can_be_detached_and_unloaded() {
	start
	misbehave fail_errno 5
	tool policy set fix rx-usecs 0:300
	eventually is_released actuator-error
	tool dev detach "$dev"
	equal "users" 0 "$(policy_field fix users)"
	attach fix 2>/dev/null || true
	unload_module netcoal
}

test_a_driver_that_fails_while_netcoal_is_unloaded() {
	start
	misbehave fail_errno 5
	unload_module netcoal
	misbehave fail_errno 0
	in_a ethtool -C "$dev" rx-usecs 44
	is_coalesce rx-usecs 44
}

run_tests test_a_value_beyond_the_longest_that_the_driver_takes \
	test_a_driver_that_fails_from_now_on \
	test_a_driver_that_is_busy_for_a_while test_a_driver_that_stays_busy \
	test_a_driver_that_is_busy_at_take_over \
	test_queues_that_are_others_now \
	test_a_driver_that_is_busy_in_a_proof \
	test_down_and_up_while_it_is_tried_again \
	test_a_driver_that_takes_only_a_part_back \
	test_a_driver_that_does_not_take_its_settings_back \
	test_a_driver_that_fails_later test_a_knob_that_vanishes \
	test_queue_knobs_that_vanish test_a_knob_that_turns_no_more \
	test_a_knob_that_turns_only_so_far test_rounding_is_no_offence \
	test_a_driver_whose_link_goes_down_for_each_setting \
	test_a_driver_with_new_napis_for_each_setting \
	test_a_driver_with_other_napis_for_each_setting test_a_driver_that_resets_once \
	test_it_stays_released test_attach_governs_again \
	test_it_can_be_detached_and_unloaded \
	test_a_driver_that_fails_while_netcoal_is_unloaded
