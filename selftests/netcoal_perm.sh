#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Who may change something, and who may not: CAP_NET_ADMIN in the user
# namespace that owns the network namespace. Anybody may look.
#
#	netns nc-a              netns nc-b
#	+---------------+       +---------------+
#	| nct0 10.9.0.1 | <---> | nct1 10.9.0.2 |
#	+---------------+       +---------------+

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need netcoal ip ethtool setpriv unshare

set_up() {
	load_module netcoal
	make_pair nctest
	add_fixed fix 100
	attach fix
	eventually is_coalesce rx-usecs 100
	before=$(all_there_is)
}

all_there_is() {
	tool -j policy show
	tool -j dev show
	snapshot
}

as_nobody() {
	with_sysfs setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
}

# Root, but of a user namespace that owns nothing here
as_foreign_root() {
	with_sysfs unshare --user --map-root-user "$@"
}

as_root_without_the_capability() {
	with_sysfs setpriv --bounding-set -net_admin --inh-caps -net_admin "$@"
}

# refuses_changes WHO: each command that changes something
refuses_changes() {
	local who=$1 words

	for words in 'policy add p latency 10us' 'policy set fix latency 10us' \
		     'policy del fix' "dev attach $dev policy fix" \
		     'dev attach late0 policy fix' "dev detach $dev" \
		     "dev attach $dev queue 0 policy fix" "dev detach $dev queue 0" \
		     'policy set fix match dev x' 'policy add p match driver x' 'policy set fix cap 5'; do
		# shellcheck disable=SC2086  # several words
		refused "$who" netcoal $words
		[[ $said == *ermitted* || $said == *ermission* ]] ||
			fail "'$words' refused for another reason: $said"
	done
	same_text "all there is" "$before" "$(all_there_is)"
}

# Counters move on, but what they are counters of must be shown
may_look() {
	local who=$1

	equal "policy" fix "$("$who" netcoal -j policy show fix | field name)"
	equal "device" "$dev" "$("$who" netcoal -j dev show "$dev" | field ifname)"
	"$who" netcoal dev show "$dev" queues >/dev/null
}

test_nobody_may_not_change() {
	refuses_changes as_nobody
}

test_nobody_may_look() {
	may_look as_nobody
}

test_root_of_another_user_namespace_may_not_change() {
	refuses_changes as_foreign_root
}

test_root_of_another_user_namespace_may_look() {
	may_look as_foreign_root
}

test_root_without_the_capability_may_not_change() {
	refuses_changes as_root_without_the_capability
}

# His own network namespace is his to govern, and nobody else's sees it
test_root_of_his_own_network_namespace_may_change_that() {
	local own

	own=$(in_a unshare --user --map-root-user --net bash -c '
		netcoal policy add own latency 10us &&
		netcoal dev attach late0 policy own &&
		netcoal -j policy show && netcoal -j dev show' |
		jq -s -c '[flatten[] | .name // .ifname]')
	equal "what he made" '["own","late0"]' "$own"
	same_text "all there is" "$before" "$(all_there_is)"
}

# Who waits for a hold to end has the lock of all networking
test_root_of_his_own_network_namespace_holds_for_long_nowhere() {
	local holdoffs

	holdoffs=$(in_a unshare --user --map-root-user --net bash -c '
		ip link add v0 numrxqueues 4 numtxqueues 4 type veth peer name v1 &&
		ip link set v0 up && ip link set v1 up && ethtool -K v0 gro on &&
		netcoal policy add own latency 1s governor fixed actuator hold &&
		netcoal dev attach v0 policy own >/dev/null &&
		netcoal -j dev show v0 queues' |
		jq -c '[.[].queues[].rx_holdoff_ns] | unique')
	equal "hold-offs" '[12500000]' "$holdoffs"
}

test_nobody_may_not_write_sysfs() {
	local file

	for file in policy latency_target_us cpu_target_ns; do
		# shellcheck disable=SC2016  # expands inside
		refused as_nobody bash -c 'cat "$1" >"$1"' - "/sys/class/net/$dev/netcoal/$file"
	done
	same_text "all there is" "$before" "$(all_there_is)"
}

test_root_without_the_capability_may_not_write_sysfs() {
	local file

	for file in policy latency_target_us cpu_target_ns; do
		# shellcheck disable=SC2016  # expands inside
		refused as_root_without_the_capability bash -c \
			'value=$(cat "$1") && echo "$value" >"$1"' - \
			"/sys/class/net/$dev/netcoal/$file"
	done
	same_text "all there is" "$before" "$(all_there_is)"
}

run_tests test_nobody_may_not_change test_nobody_may_look \
	test_root_of_another_user_namespace_may_not_change \
	test_root_of_another_user_namespace_may_look \
	test_root_without_the_capability_may_not_change \
	test_root_of_his_own_network_namespace_may_change_that \
	test_root_of_his_own_network_namespace_holds_for_long_nowhere \
	test_nobody_may_not_write_sysfs test_root_without_the_capability_may_not_write_sysfs
