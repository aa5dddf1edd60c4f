#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# /sys/class/net/DEV/netcoal/: what it shows, what may be written, and that
# all else is refused and changes nothing.
#
#	netns nc-a              netns nc-b
#	+---------------+       +---------------+
#	| nct0 10.9.0.1 | <---> | nct1 10.9.0.2 |
#	+---------------+       +---------------+

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need netcoal ip ethtool

set_up() {
	load_module netcoal
	make_pair nctest
	add_fixed fix 100
}

# All files, their values and their modes
all_files() {
	# shellcheck disable=SC2016  # expands inside
	with_sysfs bash -c 'cd "/sys/class/net/$1/netcoal" && stat -c "%a %n" * && grep "" *' - "$dev"
}

shows() {
	equal "$1" "$2" "$(sysfs "netcoal/$1")"
}

# refuses FILE VALUE: by an error of the write, with nothing changed
refuses() {
	local before

	before=$(all_files)
	refused write_sysfs "netcoal/$1" "$2"
	# beyond 32 bits the kernel's parser has an error of its own
	[[ $said == *"Invalid argument"* || $said == *"out of range"* ]] ||
		fail "'$2' to $1: $said"
	same_text "files after '$2' to $1" "$before" "$(all_files)"
}

test_every_device_has_it() {
	ip -n "$ns_a" link add late0 type veth peer name late1
	with_sysfs test -d "/sys/class/net/$dev/netcoal"
	with_sysfs test -d /sys/class/net/late0/netcoal
	with_sysfs test -d /sys/class/net/lo/netcoal
	equal "policy of one that is not attached" '' "$(sysfs netcoal/policy)"
	equal "state of one that is not attached" '' "$(sysfs netcoal/state)"
}

test_it_goes_with_the_module() {
	unload_module netcoal
	with_sysfs test ! -e "/sys/class/net/$dev/netcoal"
	with_sysfs test ! -e /sys/class/net/lo/netcoal
}

test_it_shows_what_the_tool_shows() {
	attach fix
	start_traffic
	eventually shows rx_holdoff_ns 100000
	shows policy fix
	shows state governing
	shows reason none
	shows actuator "$(dev_field actuator)"
	shows latency_target_us 10000
	shows cpu_target_ns 0
	shows rx_frames "$(queue_field rx_frames)"
	within "rx_pps" 50 100000 "$(sysfs netcoal/rx_pps)"
	within "batch_milli" 500 100000 "$(sysfs netcoal/batch_milli)"
}

test_writing_a_policy_attaches() {
	write_sysfs netcoal/policy fix
	is_state governing
	equal "policy" fix "$(dev_field policy)"
	equal "users" 1 "$(policy_field fix users)"
	eventually is_coalesce rx-usecs 100
}

test_writing_none_detaches() {
	local before value

	before=$(snapshot)
	for value in none ''; do
		attach fix
		write_sysfs netcoal/policy "$value"
		refused tool dev show "$dev"
		same_text "baseline" "$before" "$(snapshot)"
	done
	# once more is no error
	write_sysfs netcoal/policy none
}

test_targets_of_its_own() {
	attach fix
	write_sysfs netcoal/latency_target_us 60
	shows latency_target_us 60
	eventually is_coalesce rx-usecs 60
	equal "the device's target" 60000 "$(dev_field latency_ns)"
	write_sysfs netcoal/cpu_target_ns 900
	shows cpu_target_ns 900
	equal "the device's target" 900 "$(dev_field cpu_ns)"
	# and the policy keeps its own
	equal "the policy's target" 10000000 "$(policy_field fix latency_ns)"
	equal "the policy's target" 0 "$(policy_field fix cpu_ns)"
}

test_bad_numbers_are_refused() {
	local value

	attach fix
	for value in '' ' ' -1 1000001 4294967296 99999999999999999999 1e3 10us abc '1 2' 0x10 1.5; do
		refuses latency_target_us "$value"
	done
	for value in '' ' ' -1 1000000001 4294967296 99999999999999999999 1e3 10ns abc '1 2' 0x10 1.5; do
		refuses cpu_target_ns "$value"
	done
}

test_contradicting_targets_are_refused() {
	tool policy add least latency 100us rx-usecs 50:90
	attach least
	refuses latency_target_us 49
	refuses latency_target_us 0
	write_sysfs netcoal/latency_target_us 50
	shows latency_target_us 50
}

test_bad_policies_are_refused() {
	local before value

	attach fix
	before=$(all_files)
	for value in nobody 'a b' a/b fixfixfixfixfixfixfixfixfixfixfixfix FIX; do
		refused write_sysfs netcoal/policy "$value"
		same_text "files after '$value'" "$before" "$(all_files)"
		equal "policy" fix "$(dev_field policy)"
	done
}

test_targets_of_what_is_not_attached_are_refused() {
	local before

	before=$(all_files)
	refused write_sysfs netcoal/latency_target_us 60
	refused write_sysfs netcoal/cpu_target_ns 900
	same_text "files" "$before" "$(all_files)"
}

test_live_values_are_read_only() {
	local file

	attach fix
	for file in state reason actuator rx_holdoff_ns rx_frames rx_pps batch_milli; do
		equal "mode of $file" 444 "$(with_sysfs stat -c %a "/sys/class/net/$dev/netcoal/$file")"
		refused write_sysfs "netcoal/$file" 1
	done
}

# Whoever has a file open must not stop a device from going
test_it_goes_while_being_read() {
	attach fix
	# shellcheck disable=SC2016  # expands inside
	background ip netns exec "$ns_a" bash -c \
		'while grep -r . "$1" || test -e "$1"; do :; done' - "/sys/class/net/$dev/netcoal"
	sleep 0.2
	unload_module nctest
	eventually is_state waiting
}

test_it_goes_while_being_written() {
	attach fix
	# shellcheck disable=SC2016  # expands inside
	background ip netns exec "$ns_a" bash -c \
		'while test -e "$1"; do echo fix >"$1"; echo none >"$1"; done' - \
		"/sys/class/net/$dev/netcoal/policy"
	sleep 0.2
	unload_module netcoal
	is_coalesce rx-usecs 30
}

test_it_follows_a_rename() {
	attach fix
	ip -n "$ns_a" link set "$dev" down
	ip -n "$ns_a" link set "$dev" name new0
	ip -n "$ns_a" link set new0 up
	dev=new0
	shows policy fix
	eventually shows state governing
}

run_tests test_every_device_has_it test_it_goes_with_the_module \
	test_it_shows_what_the_tool_shows test_writing_a_policy_attaches \
	test_writing_none_detaches test_targets_of_its_own test_bad_numbers_are_refused \
	test_contradicting_targets_are_refused test_bad_policies_are_refused \
	test_targets_of_what_is_not_attached_are_refused test_live_values_are_read_only \
	test_it_goes_while_being_read test_it_goes_while_being_written \
	test_it_follows_a_rename
