#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Drivers that adapt by themselves may have a value up their sleeve: e1000e
# writes the last one that its adaptive mode chose at the next interrupt, over
# whatever was set meanwhile. What netcoal sets must come to stay all the same.
#
#	netns A                 netns B
#	+---------------+       +---------------+
#	| eth0 10.0.0.1 | <---- | eth1 10.0.0.2 |
#	+---------------+       +---------------+

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need netcoal ip ethtool load

set_up() {
	use_nic
	[[ $(driver) == e1000e ]] || skip "$(driver) writes no value late, as e1000e does"
	[[ $(coalesce rx-usecs) == 3 ]] || skip "$dev does not start in the adaptive mode"
	load_module netcoal
}

# The last polls of a stream choose a value, which waits for an interrupt that
# does not come
leave_a_value_waiting() {
	in_a ethtool -C "$dev" rx-usecs 3
	load stream --from "$ns_b:$peer:$addr_b" --to "$ns_a:$dev:$addr_a" \
		--time 40ms --warmup 40ms >/dev/null
}

interrupts() {
	awk -v name="$dev-rx-0" '$NF == name { for (i = 2; i < NF; i++) n += $i } END { print n }' \
		/proc/interrupts
}

# Sets $interrupts to those that an even pace raises, denser than the hold-off
count_interrupts() {
	local before

	before=$(interrupts)
	load udp --from "$ns_b:$peer:$addr_b" --to "$ns_a:$dev:$addr_a" --pps 5000 \
		--warmup 1500ms --time 500ms >/dev/null
	interrupts=$(($(interrupts) - before))
}

# The kernel drops a request that changes nothing, so change something
by_hand() {
	in_a ethtool -C "$dev" rx-usecs 1000
	traffic 20
	in_a ethtool -C "$dev" rx-usecs 2000
}

test_a_value_that_waits_does_not_win() {
	local right spoilt

	leave_a_value_waiting
	in_a ethtool -C "$dev" rx-usecs 2000
	count_interrupts
	spoilt=$interrupts
	by_hand
	count_interrupts
	right=$interrupts
	((spoilt > 2 * right)) || skip "no value was waiting: $spoilt interrupts, then $right"

	leave_a_value_waiting
	add_fixed fix 2000
	attach fix
	start_traffic
	# netcoal looks at a device that has traffic again within a second
	sleep 1.5
	kill_background
	count_interrupts
	is_state governing
	is_coalesce rx-usecs 2000
	echo "interrupts: $spoilt spoilt, $right by hand, $interrupts by netcoal"
	within "interrupts" $((right * 3 / 4)) $((right * 5 / 4)) "$interrupts"
}

run_tests test_a_value_that_waits_does_not_win
