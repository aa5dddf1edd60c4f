#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Every malformed message is refused, says which attribute was wrong, and
# changes nothing.
#
#	netns nc-a              netns nc-b
#	+---------------+       +---------------+
#	| nct0 10.9.0.1 | <---> | nct1 10.9.0.2 |
#	+---------------+       +---------------+

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need netcoal nlfuzz ip ethtool

set_up() {
	load_module netcoal
	make_pair nctest
	tool policy add victim latency 90us rx-usecs 10:80
	attach victim
}

fuzz() {
	in_a nlfuzz "$@"
}

test_policy_new() {
	fuzz malformed policy-new victim "$dev"
}

test_policy_set() {
	fuzz malformed policy-set victim "$dev"
}

test_policy_del() {
	fuzz malformed policy-del victim "$dev"
}

test_policy_get() {
	fuzz malformed policy-get victim "$dev"
}

test_dev_attach() {
	fuzz malformed dev-attach victim "$dev"
}

test_dev_detach() {
	fuzz malformed dev-detach victim "$dev"
}

test_dev_get() {
	fuzz malformed dev-get victim "$dev"
}

test_queue_get() {
	fuzz malformed queue-get victim "$dev"
}

test_paths() {
	local command

	for command in path-new path-set path-del path-get; do
		fuzz malformed $command victim "$dev"
	done
}

test_commands_that_are_none() {
	fuzz commands victim "$dev"
}

# Not all of it is malformed, so all that is asked is that netcoal survives
test_random_messages() {
	local seed

	for seed in 1 2 3; do
		fuzz random "$seed" 3000 victim "$dev"
	done
	# and goes on
	tool policy add alive latency 10us
	tool dev attach "$dev" policy alive
	is_state governing
}

test_random_messages_under_traffic() {
	start_traffic
	fuzz random 4 3000 victim "$dev"
	tool policy add alive latency 10us
	tool dev attach "$dev" policy alive
	is_state governing
}

run_tests test_policy_new test_policy_set test_policy_del test_policy_get \
	test_dev_attach test_dev_detach test_dev_get test_queue_get test_paths \
	test_commands_that_are_none test_random_messages \
	test_random_messages_under_traffic
