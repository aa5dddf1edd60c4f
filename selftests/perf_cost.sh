#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What netcoal itself costs, in ratios of one run: nothing while no device is
# attached, little and the same for one queue as for hundreds, and under 1 KiB
# of memory a queue.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need netcoal ip ethtool jq awk

set_up() {
	unload_module netcoal
	"$here/cost" 8 64 512 >"$scratch/cost" || skip "no cost: $(tail -n 1 "$scratch/cost")"
	jq -c . "$scratch/cost"
}

tear_down() {
	local name

	for name in netcoal ncprobe nctest; do
		unload_module $name
	done
	ip link del elsewhere0 2>/dev/null || true
}

# holds FILTER: over {WHAT: ns} and {"attached-NAPIS": ns}
holds() {
	jq -s -e "map({((.what) + (if .what == \"attached\" then \"-\\(.napis)\" else \"\" end)):
		(.milli_ns_per_poll // .bytes_per_queue)}) | add | $1" "$scratch/cost" >/dev/null ||
		fail "does not hold: $1"
}

test_detached_costs_nothing() {
	exact_time || skip "times are not exact here"
	holds '.loaded <= 1.05 * .none'
}

test_a_poll_costs_little() {
	exact_time || skip "times are not exact here"
	holds '.["attached-8"] <= 4 * .empty'
	holds '.elsewhere <= .["attached-8"]'
}

test_it_is_flat() {
	exact_time || skip "times are not exact here"
	holds '.["attached-512"] <= 1.10 * .["attached-1"]'
}

test_a_queue_is_small() {
	holds '.memory < 1024'
	# slabs come whole, so that a cache line more may not show there
	load_module netcoal
	within "bytes of a queue itself" 1 640 "$(cat /sys/kernel/slab/netcoal_queue/object_size)"
}

run_tests test_detached_costs_nothing test_a_poll_costs_little test_it_is_flat \
	test_a_queue_is_small
