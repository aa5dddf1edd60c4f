#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Queues of one device under policies of their own.
#
#	netns nc-a              netns nc-b
#	+---------------+       +---------------+
#	| nct0 10.9.0.1 | <---> | nct1 10.9.0.2 |
#	|   queue 0     |       |               |
#	|    ...        |       |               |
#	|   queue 3     |       |               |
#	+---------------+       +---------------+

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need netcoal ip ethtool setpriv

set_up() {
	load_module netcoal
	make_pair nctest queues=4
	add_fixed fix 100
	add_fixed long 300
}

attach_queue() {
	tool dev attach "$dev" queue "$1" policy "$2"
}

# sends ROUNDS [PAUSE]: a command that sends a packet to each of 32 ports, again
# and again: some come by every queue, by a hash that differs from boot to boot
sends() {
	echo "for ((i = 0; i < $1; i++)); do
		for ((port = 7000; port < 7032; port++)); do
			echo >/dev/udp/$addr_a/\$port || :
			${2:+sleep $2}
		done
	done 2>/dev/null"
}

send_to_all() {
	in_b bash -c "$(sends 60)"
}

# The hold-offs of all queues, µs, as the driver has them
usecs() {
	local queue

	for queue in 0 1 2 3; do
		coalesce rx-usecs $queue
	done | paste -sd ' '
}

has_usecs() {
	equal "rx-usecs of the queues" "$*" "$(usecs)"
}

holdoffs() {
	local queue

	for queue in 0 1 2 3; do
		queue_field requested_holdoff_ns $queue
	done | paste -sd ' '
}

has_holdoffs() {
	equal "hold-offs of the queues" "$*" "$(holdoffs)"
}

test_two_queues_with_different_targets() {
	attach fix
	eventually has_usecs 100 100 100 100
	attach_queue 1 long
	tool policy add short latency 40us governor fixed
	attach_queue 3 short
	send_to_all
	eventually has_usecs 100 300 100 40
	equal "policies" 'long,short' "$(queue_field policy 1),$(queue_field policy 3)"
	equal "of the others" ',' "$(queue_field policy 0),$(queue_field policy 2)"
	equal "policy of the device" fix "$(dev_field policy)"
	equal "number" 2 "$(dev_field queue_policies)"
	is_state governing
}

# Where the driver has no knobs at all
test_hold_has_each_queue_by_itself() {
	tool policy set fix actuator hold
	attach fix
	equal "actuator" hold "$(dev_field actuator)"
	attach_queue 2 long
	send_to_all
	eventually has_holdoffs 100000 100000 300000 100000
}

test_a_governor_of_its_own() {
	attach fix
	tool policy add law latency 200us
	eventually has_usecs 100 100 100 100
	attach_queue 0 law
	# sparse: the model waits for nothing
	in_b bash -c "$(sends 10 0.005)"
	eventually has_usecs 0 100 100 100
	equal "verdicts" 'idle fixed' "$(queue_field verdict 0) $(queue_field verdict 1)"
	tool policy set law governor fixed
	send_to_all
	eventually has_usecs 200 100 100 100
}

test_a_change_of_the_policy_reaches_the_queue() {
	attach fix
	attach_queue 1 long
	send_to_all
	eventually has_usecs 100 300 100 100
	tool policy set long rx-usecs 0:250
	# idle queues too
	eventually has_usecs 100 250 100 100
	tool policy set fix rx-usecs 0:80
	eventually has_usecs 80 250 80 80
	equal "state" governing "$(dev_field state)"
}

test_detach_gives_the_queue_back() {
	tool policy add short latency 40us governor fixed
	attach fix
	attach_queue 1 short
	eventually has_usecs 100 40 100 100
	tool dev detach "$dev" queue 1
	equal "number" 0 "$(dev_field queue_policies)"
	equal "policy" '' "$(queue_field policy 1)"
	send_to_all
	eventually has_usecs 100 100 100 100
	refused tool dev detach "$dev" queue 1
	[[ $said == *'"1": the queue has no policy of its own'* ]] || fail "said: $said"
	is_state governing
}

# Limits that are tightened and given back before a packet came
test_an_idle_queue_comes_back_to_its_old_setting() {
	tool policy set fix actuator hold
	tool policy add short latency 40us governor fixed
	attach fix
	send_to_all
	attach_queue 1 short
	eventually has_holdoffs 100000 40000 100000 100000
	tool dev detach "$dev" queue 1
	send_to_all
	eventually has_holdoffs 100000 100000 100000 100000
}

test_it_survives_down_up_and_another_policy() {
	attach fix
	attach_queue 2 long
	in_a ip link set "$dev" down
	is_state_for waiting down
	equal "number" 1 "$(dev_field queue_policies)"
	refused tool policy del long
	[[ $said == *"in use by a queue of $dev"* ]] || fail "said: $said"
	in_a ip link set "$dev" up
	eventually is_state governing
	eventually has_usecs 100 100 300 100
	add_fixed other 60
	attach other
	eventually has_usecs 60 60 300 60
	# a queue that is not there now can be given back all the same
	in_a ip link set "$dev" down
	tool dev detach "$dev" queue 2
	in_a ip link set "$dev" up
	eventually has_usecs 60 60 60 60
}

# As at boot, before the driver is loaded; a queue that never comes does no harm
test_it_is_waited_for() {
	attach fix
	in_a ip link set "$dev" down
	attach_queue 1 long
	attach_queue 9 long
	in_a ip link set "$dev" up
	eventually is_state governing
	send_to_all
	eventually has_usecs 100 300 100 100
	equal "users" 2 "$(policy_field long users)"
	tool dev attach late0 policy fix
	tool dev attach late0 queue 2 policy long
	in_a ip link set "$dev" down
	tool dev detach "$dev"
	in_a ip link set "$dev" name late0
	dev=late0
	in_a ip link set late0 up
	eventually is_state governing
	send_to_all
	eventually has_usecs 100 100 300 100
}

test_bad_indexes_are_refused() {
	local index

	refused tool dev attach "$dev" queue 0 policy fix
	[[ $said == *'device is not attached'* ]] || fail "said: $said"
	attach fix
	for index in 4 64 4294967295; do
		refused attach_queue $index long
		[[ $said == *"queue \"$index\": no such queue is governed, the device has 4"* ]] ||
			fail "said: $said"
	done
	for index in -1 one 4294967296 1.5; do
		refused attach_queue $index long
	done
	refused attach_queue 0 nobody
	refused tool dev detach "$dev" queue 4
	in_a ip link set "$dev" down
	refused attach_queue 4096 long
	[[ $said == *'queue "4096": no device has more than 4096 queues'* ]] || fail "said: $said"
	equal "number" 0 "$(dev_field queue_policies)"
	equal "users" 0 "$(policy_field long users)"
}

test_actuators_of_the_whole_device_are_refused() {
	local actuator before

	for actuator in ethtool defer; do
		tool policy set fix actuator $actuator
		attach fix
		before=$(snapshot)
		refused attach_queue 1 long
		[[ $said == *"queue \"1\": actuator $actuator sets the whole device"* ]] ||
			fail "said: $said"
		same_text "settings" "$before" "$(snapshot)"
		equal "users" 0 "$(policy_field long users)"
		equal "actuator" $actuator "$(dev_field actuator)"
	done
}

# Nothing is switched behind anybody's back
test_a_policy_for_the_whole_device_is_refused_later() {
	local before

	before=$(snapshot)
	attach fix
	attach_queue 1 long
	tool policy add whole actuator defer
	refused attach whole
	[[ $said == *"can't keep queues under policies of their own"* ]] || fail "said: $said"
	is_state governing
	equal "policy" fix "$(dev_field policy)"
	send_to_all
	eventually has_usecs 100 300 100 100
	tool policy set fix actuator defer
	is_state_for released unsupported
	same_text "settings" "$before" "$(snapshot)"
	tool dev detach "$dev" queue 1
	attach fix
	is_state governing
	equal "actuator" defer "$(dev_field actuator)"
}

test_a_policy_in_use_cannot_be_deleted() {
	attach fix
	attach_queue 1 long
	attach_queue 2 long
	equal "users" 2 "$(policy_field long users)"
	refused tool policy del long
	[[ $said == *"in use by $dev queue 1, $dev queue 2"* ]] || fail "said: $said"
	# the same again, and another one
	attach_queue 1 long
	equal "users" 2 "$(policy_field long users)"
	attach_queue 1 fix
	equal "users" '1 2' "$(policy_field long users) $(policy_field fix users)"
	tool dev detach "$dev"
	equal "users" '0 0' "$(policy_field long users) $(policy_field fix users)"
	tool policy del long
}

test_what_was_found_comes_back() {
	local before

	before=$(snapshot)
	attach fix
	attach_queue 1 long
	send_to_all
	eventually has_usecs 100 300 100 100
	tool dev detach "$dev"
	same_text "settings" "$before" "$(snapshot)"
	attach fix
	eventually has_usecs 100 100 100 100
	attach_queue 3 long
	unload_module netcoal
	same_text "settings" "$before" "$(snapshot)"
}

test_nobody_may_not_change() {
	attach fix
	attach_queue 1 long
	for words in 'attach nct0 queue 2 policy long' 'detach nct0 queue 1'; do
		# shellcheck disable=SC2086  # several words
		refused with_sysfs setpriv --reuid 65534 --regid 65534 --clear-groups \
			netcoal dev $words
		[[ $said == *ermitted* || $said == *ermission* ]] ||
			fail "'$words' refused for another reason: $said"
	done
	equal "number" 1 "$(dev_field queue_policies)"
}

# Attached and given back under traffic, again and again
test_changes_under_traffic() {
	local i

	attach fix
	tool policy add law latency 200us
	background nsenter --net="/run/netns/$ns_b" bash -c "$(sends 100000)"
	for ((i = 0; i < 60; i++)); do
		echo "dev attach $dev queue $((i % 4)) policy long"
		echo "dev attach $dev queue $((i % 3)) policy law"
		echo "policy set law governor $([[ $((i % 2)) == 0 ]] && echo fixed || echo model)"
		echo "dev detach $dev queue $((i % 4))"
	done >"$scratch/batch"
	tool -force -batch "$scratch/batch" || true
	for i in 0 1 2 3; do
		tool dev detach "$dev" queue $i || true
	done
	eventually has_usecs 100 100 100 100
	is_state governing
	equal "users" '0 0' "$(policy_field long users) $(policy_field law users)"
}

# A queue that only transmits: virtio-net has one for each that receives
test_a_real_nic_by_hold() {
	ns_a='' ns_b=''
	use_nic
	[[ $(driver) == virtio_net ]] || skip "no virtio-net"
	tool policy add held latency 10ms governor fixed rx-usecs 0:100 actuator hold
	tool policy add longer latency 10ms governor fixed rx-usecs 0:400
	attach held
	attach_queue 0 longer
	refused attach_queue 1 longer
	[[ $said == *'"1": the queue only transmits'* ]] || fail "said: $said"
	traffic 200
	eventually equal "hold-off" 400000 "$(queue_field requested_holdoff_ns 0)"
	tool policy set held actuator auto
	is_state_for released unsupported
	tool dev detach "$dev" queue 0
	attach held
	is_state governing
	refused attach_queue 0 longer
	[[ $said == *'actuator defer sets the whole device'* ]] || fail "said: $said"
	tool dev detach "$dev"
}

run_tests test_two_queues_with_different_targets test_hold_has_each_queue_by_itself \
	test_a_governor_of_its_own test_a_change_of_the_policy_reaches_the_queue \
	test_detach_gives_the_queue_back test_an_idle_queue_comes_back_to_its_old_setting \
	test_it_survives_down_up_and_another_policy test_it_is_waited_for \
	test_bad_indexes_are_refused \
	test_actuators_of_the_whole_device_are_refused \
	test_a_policy_for_the_whole_device_is_refused_later \
	test_a_policy_in_use_cannot_be_deleted test_what_was_found_comes_back \
	test_nobody_may_not_change test_changes_under_traffic test_a_real_nic_by_hold
