# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What the netcoal selftests share. A test file sources this, defines functions
# named test_*, and ends with
#
#	run_tests test_this test_that
#
# Every test runs in a subshell of its own with -e: the first command that
# fails ends it, and its line is in the diagnostics. set_up builds the world
# before a test and tear_down takes it apart after it, whatever happened; a
# file may replace set_up. A test fails as well if the kernel complained.
#
# Tests talk to two ends of a wire, in two network namespaces:
#
#	netns $ns_a                     netns $ns_b
#	+-----------------+             +-----------------+
#	| $dev  $addr_a   | <---------> | $peer  $addr_b  |
#	+-----------------+             +-----------------+
#
# make_pair builds such a pair in software, use_nic takes a pair of NICs that
# somebody else connected.

set -euo pipefail
shopt -s inherit_errexit

readonly KSFT_PASS=0 KSFT_FAIL=1 KSFT_SKIP=4

here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
export PATH=$here:$here/../build:$here/../build/selftests:$PATH:/usr/sbin:/sbin
export LC_ALL=C

mac_a=02:00:00:00:09:01 mac_b=02:00:00:00:09:02
# shellcheck disable=SC2034  # used by the tests
ns_a='' ns_b='' dev='' peer='' addr_a='' addr_b='' said='' scratch=''

# ---- TAP ---------------------------------------------------------------------

skip() {
	echo "SKIP $*"
	exit $KSFT_SKIP
}

fail() {
	echo "$*"
	return 1
}

equal() {
	local what=$1 want=$2 got=$3

	[[ $got == "$want" ]] || fail "$what: want '$want', got '$got'"
}

# Whole numbers only; the shell knows no others
within() {
	local what=$1 min=$2 max=$3 got=$4

	((got >= min && got <= max)) || fail "$what: want $min to $max, got $got"
}

same_text() {
	local what=$1 want=$2 got=$3

	[[ $got == "$want" ]] ||
		fail "$what differs:"$'\n'"$(diff <(echo "$want") <(echo "$got"))"
}

# The command must fail, and not by a signal. What it said is in $said.
refused() {
	local status=0

	said=$("$@" 2>&1) || status=$?
	((status > 0 && status < 126)) ||
		fail "status $status from '$*': $said"
}

# Repeats a command until it works, for 10 s
eventually() {
	local i

	for ((i = 0; i < 200; i++)); do
		! "$@" >/dev/null 2>&1 || return 0
		sleep 0.05
	done
	echo "10 s passed without success of '$*', last:"
	"$@"
}

# What a stack trace would start with, or leave behind
kmsg_complaints='-----------. cut here|WARNING: |BUG: |Oops|general protection|kernel BUG'
kmsg_complaints+='|INFO: task |INFO: possible|suspicious RCU|refcount_t|unregister_netdevice: waiting'
kmsg_complaints+='|blocked for more than|stall|UBSAN|KASAN|kmemleak'

kmsg_mark() {
	echo "netcoal selftest: $1" >/dev/kmsg
}

# Prints what the kernel complained about since a mark; true if it did not
kmsg_clean() {
	! dmesg | awk -v mark="netcoal selftest: $1" -v bad="$kmsg_complaints" '
		index($0, mark) { begun = 1 }
		begun && $0 ~ bad { show = 20 }
		show-- > 0 { print; found = 1 }
		END { exit !found }'
}

# Says once where in the test's own file it went wrong
on_error() {
	local command=$BASH_COMMAND i

	trap - ERR
	for ((i = 0; i < ${#BASH_LINENO[@]} - 1; i++)); do
		[[ ${BASH_SOURCE[i + 1]} == */lib.sh ]] || break
	done
	echo "line ${BASH_LINENO[i]}: failed: $command" >&2
}

leave_test() {
	local status=$1

	trap - ERR
	set +e
	if ! tear_down && ((status != KSFT_FAIL)); then
		status=$KSFT_FAIL
	fi
	exit "$status"
}

run_in_world() {
	trap on_error ERR
	trap 'leave_test $?' EXIT
	set_up
	"$1"
}

report() {
	local number=$1 name=$2 status=$3 log=$4

	case $status in
	"$KSFT_PASS")	echo "ok $number $name" ;;
	"$KSFT_SKIP")	echo "ok $number $name # SKIP $(sed -n 's/^SKIP //p' "$log" | tail -n 1)" ;;
	*)		echo "not ok $number $name"
			sed 's/^/# /' "$log" ;;
	esac
}

run_one() {
	local number=$1 test=$2 log=$3 name mark status

	name=${test#test_}
	mark="$$ $name"
	kmsg_mark "$mark"
	(set -eE; run_in_world "$test") >"$log" 2>&1 </dev/null
	status=$?
	kmsg_clean "$mark" >>"$log" || status=$KSFT_FAIL
	report "$number" "${name//_/ }" "$status" "$log"
	return $status
}

skip_all() {
	echo "TAP version 13"
	echo "1..0 # SKIP $*"
	exit $KSFT_SKIP
}

# Without arguments a test file runs all its tests, else those named
run_tests() {
	local number=0 failed=0 skipped=0 status test

	scratch=$(mktemp -d)
	trap 'rm -rf "$scratch"' EXIT
	echo "TAP version 13"
	echo "1..$#"
	for test; do
		number=$((number + 1))
		# no || here: it would switch -e off in the test
		set +e
		run_one "$number" "$test" "$scratch/log"
		status=$?
		set -e
		case $status in
		"$KSFT_PASS")	;;
		"$KSFT_SKIP")	skipped=$((skipped + 1)) ;;
		*)		failed=$((failed + 1)) ;;
		esac
	done
	((failed == 0)) || return $KSFT_FAIL
	((skipped < $#)) || return $KSFT_SKIP
}

# For tests of microseconds: an emulator in real time stalls for milliseconds.
# The deterministic lab does not; elsewhere the environment may vouch.
exact_time() {
	grep -qw norandmaps /proc/cmdline || [[ ${NETCOAL_EXACT_TIME-} ]]
}

need() {
	local program

	for program; do
		type -P "$program" >/dev/null || skip_all "no program '$program'"
	done
}

# ---- modules -----------------------------------------------------------------

module_file() {
	local file

	for file in "$here/../build/modules/$(uname -r)/$1.ko" "$here/$1.ko" \
		    "$here/$1/$1.ko"; do
		[[ ! -e $file ]] || { echo "$file"; return; }
	done
	return 1
}

# Asked once a file: it takes a while
has_modprobe=""
! modprobe -n -q netcoal || has_modprobe=yes

is_loaded() {
	[[ -d /sys/module/$1 ]]
}

load_module() {
	local name=$1 file
	shift

	! is_loaded "$name" || return 0
	if [[ $has_modprobe ]]; then
		modprobe "$name" "$@"
	elif file=$(module_file "$name"); then
		insmod "$file" "$@"
	else
		skip "no module $name for $(uname -r)"
	fi
}

unload_module() {
	! is_loaded "$1" || rmmod "$1"
}

# ---- the world ---------------------------------------------------------------

in_a() {
	nsenter --net="/run/netns/$ns_a" "$@"
}

in_b() {
	nsenter --net="/run/netns/$ns_b" "$@"
}

# Slower, but with the namespace's own /sys
with_sysfs() {
	ip netns exec "$ns_a" "$@"
}

# The command under test, where $dev is
tool() {
	in_a netcoal "$@"
}

# No packets but the test's: no IPv6 here, no ARP below
add_namespace() {
	ip netns add "$1"
	nsenter --net="/run/netns/$1" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 \
		net.ipv6.conf.default.disable_ipv6=1
}

set_up_end() {
	local netns=$1 name=$2 addr=$3 peer_addr=$4 peer_mac=$5

	ip -n "$netns" -batch - <<-END
		link set lo up
		link set $name up
		addr add $addr/24 dev $name
		neigh replace $peer_addr lladdr $peer_mac dev $name nud permanent
	END
}

make_nctest() {
	load_module nctest "$@"
	dev=nct0 peer=nct1
	ip -batch - <<-END
		link set $dev address $mac_a netns $ns_a
		link set $peer address $mac_b netns $ns_b
	END
}

# veth has packets go through its NAPI only if they come from one without TSO
make_veth() {
	dev=veth0 peer=veth1
	ip link add $dev address $mac_a netns "$ns_a" type veth \
		peer name $peer address $mac_b netns "$ns_b"
	in_a ethtool -K $dev gro on tso off
	in_b ethtool -K $peer gro on tso off
}

mac_of() {
	local mac

	read -r _ _ mac _ < <(ip -n "$1" -br link show dev "$2")
	echo "$mac"
}

has_carrier() {
	[[ $(ip -n "$1" -br link show dev "$2") == *LOWER_UP* ]]
}


set_up_ends() {
	set_up_end "$ns_a" "$dev" "$addr_a" "$addr_b" $mac_b
	set_up_end "$ns_b" "$peer" "$addr_b" "$addr_a" $mac_a
	eventually has_carrier "$ns_a" "$dev"
}

# make_pair nctest [PARAMETER=VALUE...] | veth
make_pair() {
	local kind=$1
	shift

	ns_a=nc-a ns_b=nc-b addr_a=10.9.0.1 addr_b=10.9.0.2
	add_namespace $ns_a
	add_namespace $ns_b
	"make_$kind" "$@"
	set_up_ends
}

# The lab's NICs are connected already; elsewhere the environment names some
use_nic() {
	ns_a=${NETCOAL_NS_A:-A} dev=${NETCOAL_DEV_A:-eth0} addr_a=${NETCOAL_ADDR_A:-10.0.0.1}
	ns_b=${NETCOAL_NS_B:-B} peer=${NETCOAL_DEV_B:-eth1} addr_b=${NETCOAL_ADDR_B:-10.0.0.2}
	ip -n "$ns_a" link show dev "$dev" >/dev/null 2>&1 ||
		skip "no NIC $dev in a namespace $ns_a"
}

driver() {
	in_a ethtool -i "$dev" | sed -n 's/^driver: //p'
}

# Bounded by itself too, should nobody be left to end it
background() {
	timeout 60 "$@" >/dev/null 2>&1 &
}

kill_background() {
	local pids

	pids=$(jobs -p)
	# shellcheck disable=SC2086  # several words
	[[ ! $pids ]] || kill $pids 2>/dev/null || true
	wait
}

remove_namespace() {
	[[ ! -e /run/netns/$1 ]] || ip netns del "$1"
}

set_up() {
	load_module netcoal
}

# netcoal goes first: it has to let go of devices that are there
tear_down() {
	local netns status=0

	kill_background
	unload_module netcoal || status=1
	for netns in nc-a nc-b nc-c nc-d; do
		remove_namespace $netns || status=1
	done
	if is_loaded nctest; then
		eventually rmmod nctest || status=1
	fi
	((status == 0)) || echo "the world could not be taken apart"
	return $status
}

# ---- traffic -----------------------------------------------------------------

# Round trips, one every 2 ms, for so many milliseconds
traffic() {
	in_a ping -q -i 0.002 -c $(($1 / 2)) -W 1 "$addr_b" >/dev/null
}

start_traffic() {
	background nsenter --net="/run/netns/$ns_a" ping -q -i 0.002 -w 60 "$addr_b"
}

# So many round trips from $peer as fast as can be, 16 on their way at any time
flood() {
	in_b ping -q -f -l 16 -c "$1" -W 1 "$addr_a" >/dev/null
}

start_flood() {
	background nsenter --net="/run/netns/$ns_b" ping -q -f -l 16 -w 60 "$addr_a"
}

# ---- looking -----------------------------------------------------------------

# All that a device's baseline is made of, as one text
snapshot() {
	local netns=${1-$ns_a} name=${2-$dev}

	# shellcheck disable=SC2016  # expands inside
	ip netns exec "$netns" bash -c '
		ethtool -c "$1"
		ethtool --per-queue "$1" --show-coalesce
		cd "/sys/class/net/$1" && grep . gro_flush_timeout napi_defer_hard_irqs
	' - "$name" 2>&1
}

# coalesce KEY [QUEUE]: one value that ethtool shows, such as rx-usecs
coalesce() {
	if (($# > 1)); then
		in_a ethtool --per-queue "$dev" queue_mask "$(printf %x $((1 << $2)))" --show-coalesce
	else
		in_a ethtool -c "$dev"
	fi 2>/dev/null | sed -n "s/^$1: *//p"
}

sysfs() {
	with_sysfs cat "/sys/class/net/$dev/$1"
}

write_sysfs() {
	# shellcheck disable=SC2016  # expands inside
	with_sysfs bash -c 'echo "$2" >"$1"' - "/sys/class/net/$dev/$1" "$2"
}

misbehave() {
	write_sysfs "nctest/$1" "$2"
}

# field NAME: a value out of one flat JSON object, empty if it has none. Much
# faster than jq, which takes a third of a second to start in a slow guest.
field() {
	local text

	text=$(cat)
	[[ ! $text =~ \"$1\":\"?([^,\"}]*) ]] || echo "${BASH_REMATCH[1]}"
}

# objects: each object of some JSON on a line of its own, without those in it
objects() {
	tr '{' '\n'
}

# dev_field FIELD: from the device as the tool shows it
dev_field() {
	tool -j dev show "$dev" | field "$1"
}

# queue_field FIELD [QUEUE]
queue_field() {
	tool -j dev show "$dev" queues | objects | grep "\"index\":${2-0}," | field "$1"
}

# queue_sum FIELD: over all queues
queue_sum() {
	local line sum=0

	while read -r line; do
		sum=$((sum + $(field "$1" <<<"$line")))
	done < <(tool -j dev show "$dev" queues | objects | grep '"napi_id":')
	echo $sum
}

policy_field() {
	tool -j policy show "$1" | field "$2"
}

is_state() {
	[[ $(dev_field state) == "$1" ]]
}

is_state_for() {
	[[ "$(dev_field state) $(dev_field reason)" == "$1 $2" ]]
}

is_coalesce() {
	equal "$1" "$2" "$(coalesce "$1" "${@:3}")"
}

# looks_held KNOB [QUEUE]: of 40 looks, how many see a hold-off?
looks_held() {
	local held=0 i

	for ((i = 0; i < 40; i++)); do
		[[ $(coalesce "$@") == 0 ]] || ((++held))
		sleep 0.05
	done
	echo $held
}

is_sysfs() {
	equal "$1" "$2" "$(sysfs "$1")"
}

# A setting that is exactly known, whatever the load: add_fixed NAME USECS [WORD...]
add_fixed() {
	local name=$1 usecs=$2
	shift 2

	tool policy add "$name" latency 10ms governor fixed rx-usecs "0:$usecs" "$@"
}

attach() {
	tool dev attach "$dev" policy "$1"
}
