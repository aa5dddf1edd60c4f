#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Transmit hold-offs, where rings have NAPIs of their own and where they share them.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need netcoal load ip ethtool

set_up() {
	load_module netcoal
}

# looks_held_sending SECONDS PPS [WORD...]: looks_held $knob after SECONDS in which small packets
# leave $dev
looks_held_sending() {
	local held

	background load udp --pps "$2" --time "$(($1 + 3))s" --warmup 10ms "${@:3}" \
		--from "$ns_a:$dev:$addr_a" --to "$ns_b:$peer:$addr_b"
	sleep "$1"
	held=$(looks_held "$knob")
	[[ $knob == rx-usecs ]] ||
		within "packets per second" $(($2 / 2)) $((2 * $2)) "$(queue_field tx_pps)"
	echo "$held"
}

take() {
	knob=tx-usecs
	[[ $* != *one_knob=1* ]] || knob=rx-usecs
	make_pair nctest "$@"
	tool policy add model latency 400us actuator ethtool
	attach model
}

# One packet a millisecond: none that a hold-off of 400 us waits for comes
test_polls_tell_that_nothing_comes_together() {
	take split=1
	within "looks that saw a hold-off" 0 10 "$(looks_held_sending 1 1000)"
}

# The rate promises 1.4 packets a time, and nothing says otherwise
test_shared_polls_tell_nothing() {
	take
	within "looks that saw a hold-off" 20 40 "$(looks_held_sending 1 1000)"
}

# Trials, which hold off half of the time, are over after four seconds
test_what_comes_together_is_held_off() {
	take split=1
	within "looks that saw a hold-off" 30 40 "$(looks_held_sending 6 8000 --poisson)"
}

test_each_ring_gets_back_what_it_had() {
	take split=1 queues=2
	equal "queues" 4 "$(dev_field queues)"
	load udp --pps 2000 --time 200ms --warmup 10ms \
		--from "$ns_a:$dev:$addr_a" --to "$ns_b:$peer:$addr_b" >/dev/null
	tool dev detach "$dev"
	is_coalesce tx-usecs 90
	is_coalesce rx-usecs 30
}

# ethtool -G may leave the NAPIs as they are
test_frames_heed_a_ring_that_shrinks() {
	make_pair nctest split=1
	misbehave tx_slots 1000
	add_fixed fix 100
	attach fix
	is_coalesce tx-frames 1000
	misbehave tx_slots 64
	is_state governing
	eventually is_coalesce tx-frames 64
	misbehave tx_slots 512
	is_state governing
	traffic 300
	eventually is_coalesce tx-frames 512
	tool dev detach "$dev"
	is_coalesce tx-frames 48
}

test_one_knob_holds_off_what_is_sent() {
	take one_knob=1
	within "looks that saw a hold-off" 30 40 "$(looks_held_sending 6 8000 --burst 16)"
	equal "requested" "$(queue_field effective_ns)" "$(queue_field requested_ns)"
	tool dev detach "$dev"
	is_coalesce rx-usecs 30
}

# The transmit fields are there while it rides
looks_riding() {
	local riding=0 i

	for ((i = 0; i < 20; i++)); do
		[[ $(tool -j dev show "$dev" queues) != *tx_pps* ]] || ((++riding))
		sleep 0.05
	done
	echo $riding
}

test_one_knob_is_of_what_is_received() {
	take one_knob=1
	background load udp --pps 8000 --burst 16 --time 8s --warmup 10ms \
		--from "$ns_a:$dev:$addr_a" --to "$ns_b:$peer:$addr_b"
	sleep 1
	within "looks at what is sent alone" 20 20 "$(looks_riding)"
	background load udp --port 5401 --pps 2000 --time 5s --warmup 10ms \
		--from "$ns_b:$peer:$addr_b" --to "$ns_a:$dev:$addr_a"
	sleep 0.5
	within "looks at both" 0 0 "$(looks_riding)"
}

run_tests test_polls_tell_that_nothing_comes_together test_shared_polls_tell_nothing \
	test_what_comes_together_is_held_off test_each_ring_gets_back_what_it_had \
	test_frames_heed_a_ring_that_shrinks \
	test_one_knob_holds_off_what_is_sent test_one_knob_is_of_what_is_received
