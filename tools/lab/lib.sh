# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What the scripts of the lab share. Sourced, never run.

# shellcheck disable=SC2034  # used by those who source this file
lab_kernels=(6.1 6.12)
lab_dir=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
top_dir=$(realpath "$lab_dir/../..")
cache_dir=${NETCOAL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/netcoal}

export PATH=$PATH:/usr/sbin:/sbin

# How a line of the kernel starts when something is wrong
kernel_faults=(
	'------------\[ cut here'
	'---\[ end trace'
	'WARNING: '
	'BUG[: ]'
	'kernel BUG '
	'Oops: '
	'Kernel panic'
	'divide error: '
	'general protection fault'
	'invalid opcode: '
	'UBSAN: '
	'INFO: task .* blocked for more than'
	'INFO: possible '
	'INFO: suspicious '
	'INFO: trying to register '
	'rcu: INFO: .* stall'
	'rcu: .* kthread starved'
	'watchdog: BUG: '
	'kmemleak: .* new suspected memory leaks'
	'ref_tracker: '
	'unregister_netdevice: waiting for '
	'.*NETDEV WATCHDOG: '
)

fault_pattern() {
	local IFS='|'

	echo "${kernel_faults[*]}"
}

die() {
	local status=$1

	shift
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit "$status"
}

warn() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
}

# Held until drop_lock, or until the calling shell exits
take_lock() {
	mkdir -p "$cache_dir"
	exec 9>"$cache_dir/$1.lock"
	flock 9
}

drop_lock() {
	exec 9>&-
}

as_root() {
	if ((EUID == 0)); then
		"$@"
	else
		sudo -n "$@"
	fi
}

apt_update() {
	as_root apt-get update -qq -o Acquire::Retries=1 2>&1
}
