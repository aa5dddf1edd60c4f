#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A queue without traffic wakes nobody: no window, no work, no timer of
# netcoal's runs.
#
#	netns nc-a                    netns nc-b
#	+---------------------+       +---------------------+
#	| nct0 or veth0       | <---> | nct1 or veth1       |
#	|      10.9.0.1       |       |      10.9.0.2       |
#	+---------------------+       +---------------------+

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need netcoal ip ethtool

tracefs=/sys/kernel/tracing
[[ -w $tracefs/trace ]] || skip_all "no tracefs at $tracefs"

# Timers and works of netcoal's that ran during a command, a line each
activity() {
	local event

	echo >$tracefs/trace
	for event in timer/hrtimer_expire_entry timer/timer_expire_entry \
		     workqueue/workqueue_execute_start; do
		echo 1 >$tracefs/events/$event/enable
	done
	"$@"
	echo 0 >$tracefs/events/enable
	grep 'function[= ].*netcoal' $tracefs/trace || true
}

# quiet ACTUATOR GOVERNOR: nothing happens after traffic has ended
quiet() {
	local windows seen

	tool policy add quiet latency 500us actuator "$1" governor "$2"
	attach quiet
	seen=$(activity traffic 300)
	[[ $seen ]] || fail "$1, $2: nothing ran under traffic, so this test sees nothing"
	sleep 0.5
	windows=$(dev_field windows)
	seen=$(activity sleep 3)
	equal "$1, $2: runs while idle" '' "$seen"
	equal "$1, $2: windows" "$windows" "$(dev_field windows)"
	tool dev detach "$dev"
	tool policy del quiet
}

test_ethtool() {
	make_pair nctest queues=2
	quiet ethtool model
	quiet ethtool fixed
	quiet ethtool-queue model
	quiet ethtool-queue fixed
}

test_defer() {
	make_pair veth
	quiet defer model
	quiet defer fixed
}

test_hold() {
	make_pair veth
	quiet hold model
	quiet hold fixed
}

test_devices_that_saw_no_packet() {
	local name

	make_pair nctest pairs=4 queues=8
	add_fixed fix 100
	for name in nct2 nct3 nct4 nct5; do
		ip link set $name netns "$ns_a"
		ip -n "$ns_a" link set $name up
		tool dev attach $name policy fix
	done
	tool dev attach late0 policy fix
	sleep 0.5
	equal "runs while idle" '' "$(activity sleep 3)"
	! tool -j dev show | grep -E '"windows":[1-9]' || fail "windows without a packet"
}

run_tests test_ethtool test_defer test_hold test_devices_that_saw_no_packet
