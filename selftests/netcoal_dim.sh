#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The kernel's net_dim against the simulator's: dim_steps.txt is what the
# simulator made of the samples in dim_series.txt, and so must the kernel.
# No network: dimtest.ko hands one sample after the other to net_dim.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

sample=/sys/module/dimtest/parameters/sample

set_up() {
	modprobe dimtest
}

tear_down() {
	rmmod dimtest
}

feed_all() {
	local line step

	while read -r line; do
		echo "$line" >$sample
		read -r step <$sample
		echo "$step"
	done <"$here/dim_series.txt"
}

test_kernel_steps_as_the_simulator_does() {
	feed_all >"$scratch/steps"
	equal "samples" "$(wc -l <"$here/dim_series.txt")" "$(wc -l <"$scratch/steps")"
	diff "$here/dim_steps.txt" "$scratch/steps" | head -n 20
	cmp "$here/dim_steps.txt" "$scratch/steps"
}

# A comparison of nothing would pass: the series has net_dim do all it can
test_series_reaches_all_states() {
	local tune profile

	for tune in 0 1 2 3; do
		grep -qE "^[0-9] $tune " "$here/dim_steps.txt" || fail "no tune state $tune"
	done
	for profile in 0 1 2 3 4; do
		grep -qE "^[0-9] [0-9] $profile " "$here/dim_steps.txt" || fail "no profile $profile"
	done
}

test_bad_samples_are_refused() {
	local bad before after

	read -r before <$sample
	for bad in fish "" "1 2 3" "x 1 2 3"; do
		refused sh -c "echo '$bad' >$sample"
	done
	read -r after <$sample
	equal "state" "$before" "$after"
}

modinfo -n dimtest >/dev/null 2>&1 || skip_all "no dimtest.ko"
run_tests test_series_reaches_all_states test_kernel_steps_as_the_simulator_does \
	test_bad_samples_are_refused
