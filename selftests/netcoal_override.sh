#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# An administrator's own change wins: netcoal takes its hands off, says so, and
# leaves what he wrote, also when it is unloaded.
#
#	netns nc-a                    netns nc-b
#	+---------------------+       +---------------------+
#	| nct0 or veth0       | <---> | nct1 or veth1       |
#	|      10.9.0.1       |       |      10.9.0.2       |
#	+---------------------+       +---------------------+

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need netcoal ip ethtool

is_overridden() {
	is_state_for overridden admin
}

start() {
	make_pair "$@"
	add_fixed fix 100
	attach fix
	eventually is_state governing
	start_traffic
	sleep 0.3
}

test_by_ethtool() {
	start nctest
	in_a ethtool -C "$dev" rx-usecs 77
	eventually is_overridden
	is_coalesce rx-usecs 77
	equal "overrides" 1 "$(dev_field overrides)"
	# the direction that he did not touch is as it was found
	is_coalesce tx-usecs 90
	is_coalesce tx-frames 48
}

test_it_stays_whatever_the_policy_says() {
	start nctest
	in_a ethtool -C "$dev" rx-usecs 77
	eventually is_overridden
	tool policy set fix rx-usecs 0:300
	tool policy set fix latency 200us
	sleep 0.5
	is_coalesce rx-usecs 77
	is_overridden
}

test_it_stays_after_detach() {
	start nctest
	in_a ethtool -C "$dev" rx-usecs 77
	eventually is_overridden
	tool dev detach "$dev"
	is_coalesce rx-usecs 77
}

test_it_stays_after_unload() {
	start nctest
	in_a ethtool -C "$dev" rx-usecs 77
	eventually is_overridden
	unload_module netcoal
	is_coalesce rx-usecs 77
	is_coalesce tx-usecs 90
}

# What netcoal leaves alone may be changed beside it, and stays
test_of_a_setting_that_is_not_governed() {
	start nctest
	in_a ethtool -C "$dev" rx-usecs-irq 9
	tool policy set fix rx-usecs 0:300
	eventually is_coalesce rx-usecs 300
	is_state governing
	is_coalesce rx-usecs-irq 9
	tool dev detach "$dev"
	is_coalesce rx-usecs-irq 9
	is_coalesce rx-usecs 30
}

# Too early for netcoal to have noticed
test_it_stays_if_unloaded_at_once() {
	start nctest
	in_a ethtool -C "$dev" rx-usecs 77
	unload_module netcoal
	is_coalesce rx-usecs 77
	is_coalesce tx-usecs 90
}

test_it_stays_if_the_policy_changes_at_once() {
	start nctest
	in_a ethtool -C "$dev" rx-usecs 77
	tool policy set fix rx-usecs 0:300
	eventually is_overridden
	is_coalesce rx-usecs 77
}

# What nothing has looked at yet is not what a restart finds, and writes over
write_unseen() {
	kill_background
	sleep 0.5
	in_a ethtool -C "$dev" rx-usecs 77
}

still_his() {
	sleep 0.3
	is_coalesce rx-usecs 77
	is_overridden
	equal "overrides" 1 "$(dev_field overrides)"
}

test_it_stays_if_the_governor_changes_at_once() {
	start nctest
	write_unseen
	tool policy set fix governor model
	still_his
}

test_it_stays_if_the_actuator_changes_at_once() {
	start nctest
	write_unseen
	tool policy set fix actuator ethtool
	still_his
	tool dev detach "$dev"
	is_coalesce rx-usecs 77
}

test_it_stays_if_the_link_goes_down_at_once() {
	start nctest
	write_unseen
	ip -n "$ns_a" link set "$dev" down
	is_coalesce rx-usecs 77
	ip -n "$ns_a" link set "$dev" up
	still_his
}

test_it_stays_if_an_attach_is_refused_at_once() {
	start veth
	tool policy add bad actuator ethtool
	kill_background
	sleep 0.5
	write_sysfs gro_flush_timeout 7777
	refused attach bad
	sleep 0.3
	is_sysfs gro_flush_timeout 7777
	is_overridden
	equal "policy" fix "$(dev_field policy)"
}

# start_matched: a device under the first of two policies that it matches
start_matched() {
	make_pair nctest
	add_fixed one 100 match dev "$dev"
	add_fixed two 200 match dev "$dev"
	eventually is_state governing
	is_coalesce rx-usecs 100
}

test_it_stays_if_another_policy_matches_at_once() {
	start_matched
	write_unseen
	tool policy set one match none
	still_his
	equal "policy" two "$(dev_field policy)"
}

test_it_stays_whichever_policy_matches() {
	start_matched
	write_unseen
	eventually is_overridden
	tool policy set one match none
	still_his
	equal "policy" two "$(dev_field policy)"
	attach two
	eventually is_coalesce rx-usecs 200
}

test_it_is_seen_without_traffic() {
	start nctest
	kill_background
	sleep 0.5
	in_a ethtool -C "$dev" rx-usecs 77
	eventually is_overridden
	is_coalesce rx-usecs 77
}

test_attach_governs_again() {
	start nctest
	in_a ethtool -C "$dev" rx-usecs 77
	eventually is_overridden
	attach fix
	eventually is_state governing
	eventually is_coalesce rx-usecs 100
	# what is found now is what will be restored
	tool dev detach "$dev"
	is_coalesce rx-usecs 77
}

test_the_mode_is_governed_too() {
	start nctest
	in_a ethtool -C "$dev" adaptive-rx on
	eventually is_overridden
	[[ $(coalesce "Adaptive RX") == on* ]]
	tool dev detach "$dev"
	[[ $(coalesce "Adaptive RX") == on* ]]
}

test_of_one_queue() {
	start nctest queues=2
	in_a ethtool --per-queue "$dev" queue_mask 2 --coalesce rx-usecs 77 >/dev/null
	eventually is_overridden
	is_coalesce rx-usecs 77 1
	is_coalesce rx-usecs 30 0
	unload_module netcoal
	is_coalesce rx-usecs 77 1
	is_coalesce rx-usecs 30 0
}

# Two queues that netcoal sets to 100 and to 300 µs; some of 32 ports come by either
start_unlike() {
	start nctest queues=2
	add_fixed long 300
	tool dev attach "$dev" queue 1 policy long
	in_b bash -c "for ((i = 0; i < 60; i++)); do
			for ((port = 7000; port < 7032; port++)); do
				echo >/dev/udp/$addr_a/\$port || :
			done
		done 2>/dev/null"
	eventually is_coalesce rx-usecs 300 1
	eventually is_coalesce rx-usecs 100 0
}

# ethtool asks for the first queue's setting, and sets all queues to that but for one value: so
# all have the first one's rx-usecs, which nobody asked for
test_of_transmit_where_queues_differ() {
	start_unlike
	in_a ethtool -C "$dev" tx-usecs 55
	eventually is_overridden
	is_coalesce tx-usecs 55 0
	is_coalesce tx-usecs 55 1
	is_coalesce rx-usecs 30 0
	is_coalesce rx-usecs 30 1
}

# The same value as the first queue's, but of one queue: somebody asked for it
test_of_one_queue_as_the_first() {
	start_unlike
	in_a ethtool --per-queue "$dev" queue_mask 2 --coalesce rx-usecs 100 >/dev/null
	eventually is_overridden
	is_coalesce rx-usecs 100 1
	is_coalesce rx-usecs 30 0
	unload_module netcoal
	is_coalesce rx-usecs 100 1
}

test_of_receive_where_queues_differ() {
	start_unlike
	in_a ethtool -C "$dev" rx-usecs 77
	eventually is_overridden
	is_coalesce rx-usecs 77 0
	is_coalesce rx-usecs 77 1
	is_coalesce tx-usecs 90 0
	is_coalesce tx-usecs 90 1
}

test_of_what_is_not_governed_where_queues_differ() {
	start_unlike
	in_a ethtool -C "$dev" rx-usecs-irq 9
	is_coalesce rx-usecs-irq 9
	eventually is_coalesce rx-usecs 300 1
	is_coalesce rx-usecs 100 0
	is_state governing
	tool dev detach "$dev"
	is_coalesce rx-usecs-irq 9
	is_coalesce rx-usecs 30 0
	is_coalesce rx-usecs 30 1
	# With nobody to mend it, the command itself makes the queues alike
	in_a ethtool --per-queue "$dev" queue_mask 2 --coalesce rx-usecs 44 >/dev/null
	in_a ethtool -C "$dev" rx-usecs-irq 8
	is_coalesce rx-usecs 30 1
}

# set_one_of_a_whole QUEUE: two queues that netcoal sets to 100 µs at once, and somebody one to 77
set_one_of_a_whole() {
	make_pair nctest queues=2
	add_fixed whole 100 actuator ethtool
	attach whole
	start_traffic
	eventually is_coalesce rx-usecs 100 1
	in_a ethtool --per-queue "$dev" queue_mask $((1 << $1)) --coalesce rx-usecs 77 >/dev/null
	eventually is_overridden
	# what he did not touch is as it was found
	is_coalesce tx-usecs 90 0
	is_coalesce tx-usecs 90 1
}

# Also where it is another than the one whose setting a driver tells as that of all
test_of_one_queue_where_all_are_set_at_once() {
	set_one_of_a_whole 1
	is_coalesce rx-usecs 77 1
	is_coalesce rx-usecs 30 0
	unload_module netcoal
	is_coalesce rx-usecs 77 1
}

# The others are not as the first one because of him
test_of_the_first_queue_where_all_are_set_at_once() {
	set_one_of_a_whole 0
	is_coalesce rx-usecs 77 0
	is_coalesce rx-usecs 30 1
}

test_of_transmit_alone() {
	start nctest
	in_a ethtool -C "$dev" tx-usecs 55
	eventually is_overridden
	is_coalesce tx-usecs 55
	is_coalesce rx-usecs 30
}

test_by_gro_flush_timeout() {
	start veth
	eventually is_sysfs gro_flush_timeout 100000
	write_sysfs gro_flush_timeout 7777
	eventually is_overridden
	is_sysfs gro_flush_timeout 7777
	unload_module netcoal
	is_sysfs gro_flush_timeout 7777
}

test_by_napi_defer_hard_irqs() {
	start veth
	write_sysfs napi_defer_hard_irqs 5
	eventually is_overridden
	is_sysfs napi_defer_hard_irqs 5
	unload_module netcoal
	is_sysfs napi_defer_hard_irqs 5
}

# Only what netcoal governs is his to take back
test_other_knobs_are_nobodys_business() {
	start nctest
	eventually is_coalesce rx-usecs 100
	write_sysfs gro_flush_timeout 7777
	sleep 0.5
	is_state governing
	tool dev detach "$dev"
	is_sysfs gro_flush_timeout 7777
}

run_tests test_by_ethtool test_of_a_setting_that_is_not_governed \
	test_it_stays_whatever_the_policy_says \
	test_it_stays_after_detach test_it_stays_after_unload \
	test_it_stays_if_unloaded_at_once test_it_stays_if_the_policy_changes_at_once \
	test_it_stays_if_the_governor_changes_at_once \
	test_it_stays_if_the_actuator_changes_at_once \
	test_it_stays_if_the_link_goes_down_at_once \
	test_it_stays_if_an_attach_is_refused_at_once \
	test_it_stays_if_another_policy_matches_at_once \
	test_it_stays_whichever_policy_matches \
	test_it_is_seen_without_traffic test_attach_governs_again \
	test_the_mode_is_governed_too test_of_one_queue \
	test_of_transmit_where_queues_differ test_of_one_queue_as_the_first \
	test_of_receive_where_queues_differ \
	test_of_what_is_not_governed_where_queues_differ \
	test_of_one_queue_where_all_are_set_at_once \
	test_of_the_first_queue_where_all_are_set_at_once test_of_transmit_alone \
	test_by_gro_flush_timeout test_by_napi_defer_hard_irqs \
	test_other_knobs_are_nobodys_business
