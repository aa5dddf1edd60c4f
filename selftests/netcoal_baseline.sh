#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What was found on a device is there again, to the bit, when netcoal lets go,
# whichever way it lets go.
#
#	netns nc-a                    netns nc-b
#	+---------------------+       +---------------------+
#	| nct0 or veth0       | <---> | nct1 or veth1       |
#	|      10.9.0.1       |       |      10.9.0.2       |
#	+---------------------+       +---------------------+

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need netcoal ip ethtool

# Nothing as the driver has it by itself, and no two values alike
unusual_baseline() {
	in_a ethtool -C "$dev" adaptive-rx on adaptive-tx on \
		rx-usecs 17 rx-frames 5 tx-usecs 211 tx-frames 7
	write_sysfs gro_flush_timeout 123457
	write_sysfs napi_defer_hard_irqs 3
}

# Queues that differ from one another
unusual_queues() {
	in_a ethtool --per-queue "$dev" queue_mask 1 --coalesce rx-usecs 11 tx-frames 3 >/dev/null
	in_a ethtool --per-queue "$dev" queue_mask 2 --coalesce adaptive-rx off rx-usecs 222 \
		>/dev/null
	in_a ethtool --per-queue "$dev" queue_mask 4 --coalesce adaptive-tx off >/dev/null
}

# Settings move while the model looks at a load that comes and goes
govern_a_while() {
	traffic 300
	flood 500
	traffic 300
	is_state governing
}

# after_detach ACTUATOR GOVERNOR
after_detach() {
	local before

	before=$(snapshot)
	tool policy add p latency 500us actuator "$1" governor "$2"
	attach p
	eventually is_state governing
	govern_a_while
	tool dev detach "$dev"
	same_text "baseline under $1, $2" "$before" "$(snapshot)"
	tool policy del p
}

test_after_detach() {
	local actuator

	make_pair nctest
	unusual_baseline
	for actuator in ethtool-queue ethtool defer hold; do
		after_detach $actuator fixed
	done
	after_detach ethtool-queue model
	after_detach hold model
}

test_after_detach_of_unlike_queues() {
	make_pair nctest queues=3
	unusual_baseline
	unusual_queues
	after_detach ethtool-queue fixed
	after_detach ethtool-queue model
}

# The device's knobs set all queues alike: unlike ones are not its to take
test_unlike_queues_are_not_for_the_device_actuator() {
	local before

	make_pair nctest queues=3
	unusual_baseline
	unusual_queues
	before=$(snapshot)
	tool policy add alike actuator ethtool
	refused attach alike
	same_text "baseline" "$before" "$(snapshot)"
	# once they are alike it may
	in_a ethtool -C "$dev" rx-usecs 17 tx-usecs 211 adaptive-rx on adaptive-tx on
	after_detach ethtool fixed
}

# Some drivers change no time while they adapt, and adapt by default
test_of_a_driver_that_is_fussy_while_it_adapts() {
	local before actuator

	make_pair nctest queues=2
	unusual_baseline
	misbehave fussy 1
	before=$(snapshot)
	for actuator in ethtool-queue ethtool; do
		tool policy add p latency 500us actuator $actuator governor fixed
		attach p
		is_state governing
		traffic 100
		is_coalesce rx-usecs 500
		is_state governing
		tool dev detach "$dev"
		same_text "baseline under $actuator" "$before" "$(snapshot)"
		tool policy del p
	done
}

test_after_unload() {
	local before actuator

	make_pair nctest queues=2
	unusual_baseline
	before=$(snapshot)
	for actuator in ethtool-queue ethtool defer hold; do
		load_module netcoal
		tool policy add p latency 500us actuator $actuator governor fixed
		attach p
		govern_a_while
		unload_module netcoal
		same_text "baseline after $actuator" "$before" "$(snapshot)"
	done
}

test_after_a_change_of_actuator() {
	local before actuator

	make_pair nctest queues=2
	unusual_baseline
	before=$(snapshot)
	tool policy add p latency 500us governor fixed
	attach p
	for actuator in hold defer ethtool ethtool-queue defer ethtool-queue hold ethtool; do
		tool policy set p actuator $actuator
		eventually is_state governing
		equal "actuator" $actuator "$(dev_field actuator)"
	done
	tool dev detach "$dev"
	same_text "baseline" "$before" "$(snapshot)"
}

# A proof tries values on the device; what it tries must not stay
test_after_an_attach_that_found_nothing() {
	local before

	make_pair nctest
	unusual_baseline
	in_a ethtool -C "$dev" tx-usecs 71
	before=$(snapshot)
	# too far from what a proof tries, and over all that is set
	misbehave ceiling 80
	tool policy add p actuator ethtool
	attach p 2>/dev/null || true
	! is_state governing || fail "governs what is no knob"
	same_text "baseline" "$before" "$(snapshot)"
}

test_twice_is_as_once() {
	local before i

	make_pair nctest
	unusual_baseline
	before=$(snapshot)
	add_fixed fix 100
	for ((i = 0; i < 20; i++)); do
		attach fix
		tool dev detach "$dev"
	done
	same_text "baseline" "$before" "$(snapshot)"
}

test_while_down() {
	local before

	make_pair nctest
	unusual_baseline
	before=$(snapshot)
	add_fixed fix 100
	attach fix
	ip -n "$ns_a" link set "$dev" down
	unload_module netcoal
	same_text "baseline" "$before" "$(snapshot)"
}

test_of_veth() {
	local before

	make_pair veth
	write_sysfs gro_flush_timeout 123457
	before=$(snapshot)
	after_detach defer fixed
	after_detach hold fixed
	same_text "baseline" "$before" "$(snapshot)"
}

adaptive_modes() {
	in_a ethtool -c "$dev" | grep '^Adaptive'
}

# What its adaptive mode has chosen is not the same twice, and nobody's change
test_of_a_driver_that_tells_what_it_has_chosen() {
	local actuator before

	make_pair nctest
	in_a ethtool -C "$dev" adaptive-rx on adaptive-tx on
	misbehave chooses 1
	before=$(adaptive_modes)
	for actuator in ethtool ethtool-queue; do
		tool policy add p latency 500us actuator $actuator
		attach p
		is_state governing
		equal "adaptive" off "$(adaptive_modes | grep -o off | sort -u)"
		govern_a_while
		tool dev detach "$dev"
		equal "modes after $actuator" "$before" "$(adaptive_modes)"
		tool policy del p
	done
}

test_of_queues_that_are_off_meanwhile() {
	local before

	make_pair nctest queues=4
	misbehave keeps_queues 1
	before=$(snapshot)
	tool policy add p latency 500us actuator ethtool-queue governor fixed rx-usecs 100:100
	attach p
	eventually is_coalesce rx-usecs 100 3
	in_a ethtool -L "$dev" combined 2
	govern_a_while
	tool dev detach "$dev"
	in_a ethtool -L "$dev" combined 4
	same_text "baseline" "$before" "$(snapshot)"
}

run_tests test_of_a_driver_that_tells_what_it_has_chosen \
	test_of_queues_that_are_off_meanwhile test_after_detach test_after_detach_of_unlike_queues \
	test_unlike_queues_are_not_for_the_device_actuator \
	test_of_a_driver_that_is_fussy_while_it_adapts test_after_unload \
	test_after_a_change_of_actuator test_after_an_attach_that_found_nothing \
	test_twice_is_as_once test_while_down test_of_veth
