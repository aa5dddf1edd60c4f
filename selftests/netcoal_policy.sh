#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Policies: added, shown, changed live, deleted; each namespace has its own.
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
}

shown() {
	tool -j policy show "$1"
}

test_a_policy_shows_what_it_was_given() {
	local want='{"name":"all","latency_ns":80000,"cpu_ns":900,"prefer":"cpu",
		"governor":"fixed","actuator":"hold","rx_usecs_min":1,"rx_usecs_max":70,
		"rx_frames_min":2,"rx_frames_max":60,"tx_usecs_min":3,"tx_usecs_max":50,
		"tx_frames_min":4,"tx_frames_max":40,"irq_cost_ns":2500,
		"cap_percent":30}'

	tool policy add all latency 80us cpu 900ns prefer cpu governor fixed \
		actuator hold rx-usecs 1:70 rx-frames 2:60 tx-usecs 3:50 tx-frames 4:40 \
		irq-cost 2500ns cap 30
	same_text "policy" "$(jq -cS . <<<"$want")" "$(shown all | jq -cS 'flatten | .[0] | del(.users)')"
}

test_names_may_have_31_letters() {
	local name=Policy-of_31.letters-0123456789

	equal "length" 31 "${#name}"
	tool policy add $name
	equal "name" $name "$(policy_field $name name)"
	refused tool policy add "${name}x"
}

test_a_name_in_use_is_refused() {
	local before

	tool policy add once latency 50us
	before=$(shown once)
	refused tool policy add once latency 70us
	equal "policy" "$before" "$(shown once)"
}

test_set_changes_only_what_it_names() {
	local before

	tool policy add some latency 50us cpu 2us rx-usecs 0:40
	before=$(shown some)
	tool policy set some cpu 1us
	equal "policy" "${before/'"cpu_ns":2000'/'"cpu_ns":1000'}" "$(shown some)"
}

test_contradictions_are_refused() {
	local before words

	tool policy add good latency 50us rx-usecs 10:40
	before=$(shown good)
	for words in 'rx-usecs 41:40' 'rx-frames 9:8' 'tx-usecs 2:1' 'tx-frames 3:2' \
		     'rx-usecs 60:70' 'tx-usecs 60:70' 'latency 5us' 'governor none' \
		     'rx-frames 0:8' 'rx-frames 1:65536' 'rx-usecs 0:1000001' \
		     'latency 2s' 'cap 10001' 'cap -1' 'prefer both' 'actuator none'; do
		# shellcheck disable=SC2086  # several words
		refused tool policy set good $words
		equal "policy after '$words'" "$before" "$(shown good)"
	done
	for words in 'rx-usecs 41:40' 'latency 5us rx-usecs 10:40' 'governor none'; do
		# shellcheck disable=SC2086  # several words
		refused tool policy add bad $words
		refused tool policy show bad
	done
}

test_what_is_not_there_is_refused() {
	refused tool policy set nobody latency 1us
	refused tool policy del nobody
	refused tool policy show nobody
}

test_a_change_reaches_governed_devices() {
	add_fixed fix 100
	attach fix
	eventually is_coalesce rx-usecs 100
	start_traffic
	tool policy set fix rx-usecs 0:300
	eventually is_coalesce rx-usecs 300
	tool policy set fix latency 150us
	eventually is_coalesce rx-usecs 150
	is_state governing
}

test_tighter_limits_reach_idle_devices() {
	add_fixed fix 300 tx-usecs 0:300
	attach fix
	eventually is_coalesce rx-usecs 300
	eventually is_coalesce tx-usecs 300
	tool policy set fix rx-usecs 0:200 tx-usecs 0:250
	eventually is_coalesce rx-usecs 200
	eventually is_coalesce tx-usecs 250
	tool policy set fix latency 100us
	eventually is_coalesce rx-usecs 100
	eventually is_coalesce tx-usecs 100
	is_state governing
}

test_a_new_actuator_takes_over_from_the_old() {
	local before

	before=$(coalesce rx-usecs)
	add_fixed fix 100
	attach fix
	eventually is_coalesce rx-usecs 100
	tool policy set fix actuator defer
	eventually is_sysfs gro_flush_timeout 100000
	eventually is_coalesce rx-usecs "$before"
	equal "actuator" defer "$(dev_field actuator)"
}

test_a_new_governor_takes_over_from_the_old() {
	add_fixed fix 100
	attach fix
	eventually is_coalesce rx-usecs 100
	tool policy set fix governor model
	traffic 400
	# round trips are sparse: the model waits for none
	eventually is_coalesce rx-usecs 0
}

test_one_in_use_cannot_be_deleted() {
	add_fixed fix 100
	equal "users" 0 "$(policy_field fix users)"
	attach fix
	equal "users" 1 "$(policy_field fix users)"
	refused tool policy del fix
	[[ $said == *"$dev"* ]] || fail "does not say who uses it: $said"
	tool dev attach late0 policy fix
	tool dev detach "$dev"
	# one that waits uses it too
	equal "users" 1 "$(policy_field fix users)"
	refused tool policy del fix
	tool dev detach late0
	tool policy del fix
}

test_namespaces_have_their_own() {
	tool policy add mine latency 10us
	refused in_b netcoal policy show mine
	in_b netcoal policy add mine latency 20us
	equal "latency target" 10000 "$(policy_field mine latency_ns)"
	refused in_b netcoal dev attach "$dev" policy other
	in_b netcoal policy del mine
	equal "latency target" 10000 "$(policy_field mine latency_ns)"
}

# More than one netlink message of them
test_many_are_all_shown() {
	local i

	for ((i = 0; i < 200; i++)); do
		echo "policy add many-$i latency ${i}us"
	done >"$scratch/batch"
	tool -batch "$scratch/batch"
	equal "policies shown" 200 "$(tool -j policy show | jq 'flatten | length')"
	equal "of different names" 200 "$(tool -j policy show | jq '[flatten[].name] | unique | length')"
}

run_tests test_a_policy_shows_what_it_was_given test_names_may_have_31_letters \
	test_a_name_in_use_is_refused test_set_changes_only_what_it_names \
	test_contradictions_are_refused test_what_is_not_there_is_refused \
	test_a_change_reaches_governed_devices test_tighter_limits_reach_idle_devices \
	test_a_new_actuator_takes_over_from_the_old \
	test_a_new_governor_takes_over_from_the_old \
	test_one_in_use_cannot_be_deleted test_namespaces_have_their_own \
	test_many_are_all_shown
