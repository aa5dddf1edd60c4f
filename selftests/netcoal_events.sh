#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Events: the monitor hears of devices and of decisions.
#
#	netns nc-a              netns nc-b
#	+---------------+       +---------------+
#	| nct0 10.9.0.1 | <---> | nct1 10.9.0.2 |
#	+---------------+       +---------------+

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need netcoal ip ethtool jq

set_up() {
	load_module netcoal
	make_pair nctest
	add_fixed fix 100
	: >"$scratch/events"
	timeout 60 ip netns exec "$ns_a" netcoal -j monitor >"$scratch/events" 2>&1 &
	listens
}

# A device that is only waited for makes events without any other effect
listens() {
	local i

	for ((i = 0; i < 100; i++)); do
		tool dev attach none0 policy fix
		tool dev detach none0
		[[ ! -s $scratch/events ]] || return 0
		sleep 0.05
	done
	fail "the monitor hears nothing"
}

# heard WORD...: an event of $dev with all these words in it
heard() {
	(($(count "$@") > 0))
}

count() {
	local events word

	events=$(grep -F "\"ifname\":\"$dev\"" "$scratch/events" || true)
	for word; do
		events=$(grep -F "$word" <<<"$events" || true)
	done
	grep -c . <<<"$events" || true
}

test_attach_and_detach() {
	attach fix
	eventually heard '"state":"governing"' '"policy":"fix"'
	tool dev detach "$dev"
	eventually heard '"event":"dev-gone"' '"policy":"fix"'
	equal "events of attach" 1 "$(count '"state":"governing"')"
	equal "events of detach" 1 "$(count '"event":"dev-gone"')"
}

test_override() {
	attach fix
	start_traffic
	in_a ethtool -C "$dev" rx-usecs 77
	eventually heard '"state":"overridden"' '"reason":"admin"'
	equal "events" 1 "$(count '"state":"overridden"')"
}

test_release() {
	attach fix
	start_traffic
	misbehave fail_errno 5
	tool policy set fix rx-usecs 0:50
	eventually heard '"state":"released"' '"reason":"actuator-error"' '"error":5'
	equal "events" 1 "$(count '"state":"released"')"
}

test_waiting() {
	attach fix
	ip -n "$ns_a" link set "$dev" down
	eventually heard '"state":"waiting"'
	ip -n "$ns_a" link set "$dev" up
	eventually heard '"state":"governing"'
	ip -n "$ns_a" link del "$dev"
	eventually heard '"state":"waiting"' '"reason":"no-device"'
}

test_decisions() {
	tool policy set fix governor model latency 200us
	attach fix
	traffic 300
	flood 1000
	traffic 300
	eventually heard '"event":"decision-event"'
	jq -e -s 'map(select(.event == "decision-event")) |
		all(.[]; .index == 0 and .rx_holdoff_ns <= 200000 and .rx_frames >= 1 and
			 .rx_pps > 0 and .batch_milli > 0)' "$scratch/events" >/dev/null
}

# A thousand decisions a second must not become a thousand messages
test_decisions_are_rate_limited() {
	local i

	attach fix
	start_traffic
	SECONDS=0
	for ((i = 0; i < 60; i++)); do
		tool policy set fix rx-usecs 0:$((50 + i % 2 * 50))
	done
	sleep 1
	within "decision events in $SECONDS s" 1 $((20 * (SECONDS + 1))) "$(count '"event":"decision-event"')"
}

test_another_namespace_hears_nothing() {
	local theirs=$scratch/theirs

	timeout 60 ip netns exec "$ns_b" netcoal -j monitor >"$theirs" 2>&1 &
	sleep 0.3
	attach fix
	traffic 300
	tool dev detach "$dev"
	eventually heard '"event":"dev-gone"'
	equal "what the other namespace heard" '' "$(cat "$theirs")"
}

run_tests test_attach_and_detach test_override test_release test_waiting \
	test_decisions test_decisions_are_rate_limited \
	test_another_namespace_hears_nothing
