#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Paths: devices that share one latency budget.
#
#	netns nc-a              netns nc-b
#	+---------------+       +---------------+
#	| nct0 10.9.0.1 | <---> | nct1 10.9.0.2 |
#	| nct2          | <---> | nct3          |
#	+---------------+       +---------------+

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need netcoal load ip ethtool jq

set_up() {
	load_module netcoal
	make_pair nctest pairs=2
	ip link set nct2 netns "$ns_a"
	ip link set nct3 netns "$ns_b"
	ip -n "$ns_a" link set nct2 up
	ip -n "$ns_b" link set nct3 up
	tool policy add fix latency 10ms governor fixed
	tool policy add model latency 10ms
}

# share PATH STAGE: of the stage in that place, ns
share() {
	tool -j path show "$1" | jq ".[0].stages[$2].share_ns"
}

shares() {
	tool -j path show "$1" | jq -r '[.[0].stages[].share_ns] | join(" ")'
}

are_shares() {
	equal "shares of $1" "$2" "$(shares "$1")"
}

# usecs DEV [KNOB]: rx-usecs unless it says otherwise
usecs() {
	in_a ethtool -c "$1" | sed -n "s/^${2-rx-usecs}: *//p"
}

test_the_first_stage_gets_all() {
	tool path add up latency 500us dev nct0 dev nct2
	are_shares up "0 0"
	tool dev attach nct0 policy fix
	tool dev attach nct2 policy fix
	are_shares up "500000 0"
	equal "rx-usecs of the first" 500 "$(usecs nct0)"
	equal "rx-usecs of the second" 0 "$(usecs nct2)"
	tool dev detach nct0
	are_shares up "0 500000"
	tool path set up latency 200us
	are_shares up "0 200000"
	tool dev attach nct2 policy fix
	equal "rx-usecs" 200 "$(usecs nct2)"
}

test_a_remote_stage_keeps_its_share() {
	tool dev attach nct0 policy fix
	tool path add up latency 500us dev nct0 remote 100us
	are_shares up "400000 100000"
	equal "rx-usecs" 400 "$(usecs nct0)"
	refused tool path set up latency 50us
	[[ $said == *"remote stages keep more than the latency"* ]] || fail "said: $said"
	are_shares up "400000 100000"
}

test_the_policy_bounds_the_share() {
	tool policy set fix rx-usecs 0:150
	tool dev attach nct0 policy fix
	tool dev attach nct2 policy fix
	tool path add up latency 500us dev nct0 dev nct2
	are_shares up "150000 150000"
	equal "rx-usecs" 150 "$(usecs nct0)"
	tool policy set fix rx-usecs 100:150
	tool path set up latency 150us
	equal "unmet" 50000 "$(tool -j path show up | field unmet_ns)"
	are_shares up "100000 100000"
}

test_a_path_that_goes_gives_back() {
	local before

	before=$(snapshot)
	tool policy set fix latency 300us
	tool dev attach nct0 policy fix
	equal "rx-usecs" 300 "$(usecs nct0)"
	tool path add up latency 100us dev nct0
	equal "rx-usecs" 100 "$(usecs nct0)"
	tool path del up
	refused tool path show up
	traffic 600
	eventually equal_usecs nct0 300
	tool dev detach nct0
	same_text "baseline" "$before" "$(snapshot)"
}

equal_usecs() {
	equal "$1" "$2" "$(usecs "$1")"
}

test_shared_stages_take_the_smallest() {
	tool dev attach nct0 policy fix
	tool dev attach nct2 policy fix
	tool path add one latency 500us dev nct0 dev nct2
	tool path add two latency 200us dev nct0
	are_shares two "200000"
	are_shares one "200000 300000"
	equal "rx-usecs of the shared" 200 "$(usecs nct0)"
	tool path del two
	are_shares one "500000 0"
	equal "rx-usecs of the other" 0 "$(usecs nct2)"
}

# What one direction may not have of a device's share goes to the other device, of both
test_opposite_directions_share() {
	tool dev attach nct0 policy fix
	tool dev attach nct2 policy fix
	tool path add there latency 500us dev nct0 dev nct2
	tool path add back latency 500us dev nct2 dev nct0
	are_shares there "0 500000"
	are_shares back "500000 0"
	equal "rx-usecs of one" 0 "$(usecs nct0)"
	tool path set back latency 200us
	are_shares back "200000 0"
	are_shares there "0 200000"
	tool path del back
	are_shares there "500000 0"
}

# What is sent waits for nobody's packets but its own
test_transmit_has_no_share() {
	tool dev attach nct0 policy fix
	tool dev attach nct2 policy fix
	tool path add up latency 500us dev nct0 dev nct2
	are_shares up "500000 0"
	equal "tx-usecs of the first" 10000 "$(usecs nct0 tx-usecs)"
	equal "tx-usecs of the second" 10000 "$(usecs nct2 tx-usecs)"
}

# The model wants no delay for round trips: what it leaves goes to the second
test_unspent_budget_flows_on() {
	tool dev attach nct0 policy model
	tool dev attach nct2 policy fix
	tool path add up latency 400us dev nct0 dev nct2
	are_shares up "400000 0"
	traffic 800
	are_shares up "50000 350000"
	# and comes back when it is wanted, all of it while it lasts
	background load udp --port 5400 --pps 20000 --time 20s --warmup 10ms \
		--from "$ns_b:nct1:$addr_b" --to "$ns_a:nct0:$addr_a"
	eventually has_at_least up 0 100000
	within "all shares" 1 400000 \
		"$(tool -j path show up | jq '[.[0].stages[].share_ns] | add')"
}

has_at_least() {
	(($(share "$1" "$2") >= $3))
}

# usecs_before US: what the first of two stages comes to if the second takes so long for a packet
usecs_before() {
	local i now

	dev=nct2 misbehave packet_us "$1"
	tool dev attach nct0 policy model
	tool dev attach nct2 policy model
	sleep 4
	usecs=0
	# a trial takes turns
	for ((i = 0; i < 6; i++)); do
		sleep 0.3
		now=$(usecs nct0)
		((now <= usecs)) || usecs=$now
	done
	tool dev detach nct0
	tool dev detach nct2
	echo "rx-usecs before a stage that takes $1 us: $usecs"
}

# What makes a batch leaves time for it to be polled by all that follows
test_polls_of_later_stages_count() {
	local usecs fast

	ip -n "$ns_a" addr add 10.8.0.1/24 dev nct2
	ip -n "$ns_b" addr add 10.8.0.2/24 dev nct3
	tool path add up latency 1ms dev nct0 dev nct2
	background load udp --port 5400 --pps 5000 --time 60s --warmup 10ms \
		--from "$ns_b:nct1:$addr_b" --to "$ns_a:nct0:$addr_a"
	background load udp --port 5401 --pps 5000 --time 60s --warmup 10ms \
		--from "$ns_b:nct3:10.8.0.2" --to "$ns_a:nct2:10.8.0.1"
	usecs_before 0
	fast=$usecs
	within "rx-usecs" 600 1000 "$fast"
	usecs_before 40
	within "rx-usecs before a slow stage" 1 $((fast - 80)) "$usecs"
}

test_shares_never_exceed_the_latency() {
	local i sum

	tool dev attach nct0 policy model
	tool dev attach nct2 policy model
	tool path add up latency 300us dev nct0 dev nct2 remote 20us
	background load udp --port 5400 --pps 20000 --time 10s --warmup 10ms \
		--from "$ns_b:nct1:$addr_b" --to "$ns_a:nct0:$addr_a"
	for ((i = 0; i < 20; i++)); do
		sum=$(tool -j path show up | jq '[.[0].stages[].share_ns] | add')
		within "sum of shares" 1 300000 "$sum"
		sleep 0.1
	done
}

test_a_bond_is_a_stage() {
	modprobe -q bonding max_bonds=0 || skip "no bonds"
	ip -n "$ns_a" link add bond0 type bond mode active-backup miimon 20
	ip -n "$ns_a" link set nct2 down
	ip -n "$ns_a" link set nct2 master bond0
	ip -n "$ns_a" link set bond0 up
	tool dev attach bond0 policy fix
	tool path add up latency 250us dev bond0 dev nct0
	are_shares up "250000 0"
	equal "rx-usecs of the port" 250 "$(usecs nct2)"
	tool path del up
	tool path add up latency 100us dev bond0
	equal "rx-usecs of the port" 100 "$(usecs nct2)"
}

# Sets updates: how often shares were worked out under 2 s of traffic to $addr_a
count_updates() {
	local events=/sys/kernel/tracing

	[[ -e $events/kprobe_events ]] || mount -t tracefs tracefs $events 2>/dev/null ||
		skip "no tracefs"
	echo "p:nct/update netcoal:netcoal_path_update" >$events/kprobe_events ||
		skip "no probes in modules"
	echo 1 >$events/events/nct/update/enable
	in_b ping -q -i 0.002 -w 2 "$1" >/dev/null
	echo 0 >$events/events/nct/update/enable
	updates=$(awk '$1 == "update" { print $2 }' $events/kprobe_profile)
	echo >$events/kprobe_events
	echo "updates under traffic by $1: $updates"
}

# Ten a second, by whatever device the packets come
test_shares_are_kept_up_through_a_bond() {
	local updates plain

	modprobe -q bonding max_bonds=0 || skip "no bonds"
	ip -n "$ns_a" link add bond0 type bond mode active-backup miimon 20
	ip -n "$ns_a" link set nct2 down
	ip -n "$ns_a" link set nct2 master bond0
	ip -n "$ns_a" link set bond0 up
	ip -n "$ns_a" addr add 10.8.0.1/24 dev bond0
	ip -n "$ns_b" addr add 10.8.0.2/24 dev nct3
	eventually in_b ping -q -c 1 -W 1 10.8.0.1
	# what else would have the device looked at: a transmit side, new settings
	tool policy add path latency 1ms actuator hold governor fixed
	tool dev attach nct0 policy path
	tool dev attach bond0 policy path
	tool path add up latency 500us dev nct0
	count_updates "$addr_a"
	plain=$updates
	within "updates by a plain device" 8 30 "$plain"
	tool path set up dev bond0
	count_updates 10.8.0.1
	within "updates by a bond, $plain by a plain device" $((plain * 3 / 4)) 30 "$updates"
}

test_a_port_with_its_own_policy_leaves_the_path() {
	modprobe -q bonding max_bonds=0 || skip "no bonds"
	ip -n "$ns_a" link add bond0 type bond mode active-backup miimon 20
	ip -n "$ns_a" link set nct2 down
	ip -n "$ns_a" link set nct2 master bond0
	ip -n "$ns_a" link set bond0 up
	tool policy set fix rx-usecs 0:400
	tool dev attach bond0 policy fix
	tool path add up latency 100us dev bond0
	equal "rx-usecs of the port" 100 "$(usecs nct2)"
	tool dev attach nct2 policy fix
	equal "rx-usecs of what is no port" 400 "$(usecs nct2)"
}

test_renames_and_removals_are_followed() {
	ip -n "$ns_a" link add vif1 type veth peer name p-vif1
	in_a ethtool -K vif1 gro on
	ip -n "$ns_a" link set p-vif1 up
	ip -n "$ns_a" link set vif1 up
	tool dev attach vif1 policy fix
	tool dev attach nct0 policy fix
	tool path add up latency 300us dev vif1 dev nct0
	are_shares up "300000 0"
	ip -n "$ns_a" link set vif1 down
	are_shares up "0 300000"
	ip -n "$ns_a" link set vif1 name vif2
	equal "stage" vif2 "$(tool -j path show up | jq -r '.[0].stages[0].ifname')"
	ip -n "$ns_a" link set vif2 up
	are_shares up "300000 0"
	ip -n "$ns_a" link del vif2
	are_shares up "0 300000"
	ip -n "$ns_a" link add vif2 type veth peer name p-vif2
	in_a ethtool -K vif2 gro on
	ip -n "$ns_a" link set p-vif2 up
	ip -n "$ns_a" link set vif2 up
	are_shares up "300000 0"
}

test_a_path_is_shown() {
	tool dev attach nct0 policy fix
	tool path add up latency 500us dev nct0 dev later0 remote 100us
	same_text "as text" "up latency 500us
    dev nct0 share 400us state governing holdoff 400us rx-pps 0
    dev later0 share 0
    remote 100us share 100us" "$(tool path show up)"
	equal "all" 1 "$(tool -j path show | jq length)"
	equal "JSON" '["nct0","later0",null]' \
		"$(tool -j path show up | jq -c '[.[0].stages[].ifname]')"
}

test_bad_paths_are_refused() {
	local words before

	tool path add up latency 500us dev nct0
	before=$(tool -j path show)
	for words in 'add up latency 1us dev nct0' 'add x latency 5us' 'add x dev nct0' \
		     'add x latency 5us remote 1us' 'add x latency 5us dev nct0 dev nct0' \
		     'add x latency 2s dev nct0' 'add x latency 5us dev a/b' \
		     'add x/y latency 5us dev nct0' 'add x latency 5us dev nct0 remote 0' \
		     'add x latency 5us dev nct0 remote 6us' 'set up' 'set none latency 5us' \
		     'del none' 'show none' 'set up dev nct0 dev nct0' \
		     'set up dev a dev b dev c dev d dev e dev f dev g dev h dev i'; do
		# shellcheck disable=SC2086  # several words
		refused tool path $words
		equal "paths after '$words'" "$before" "$(tool -j path show)"
	done
}

# All of them are worked out under one lock, and containers may add some
test_not_any_number_of_paths() {
	seq -f 'path add p%g latency 500us dev nct0' 1024 >"$scratch/batch"
	tool -batch "$scratch/batch"
	refused tool path add one-more latency 500us dev nct0
	[[ $said == *"too many paths"* ]] || fail "$said"
	tool path del p7
	tool path add one-more latency 500us dev nct0
	equal "paths" 1024 "$(tool path show | grep -c '^[po]')"
}

test_only_administrators_change_paths() {
	local words

	tool path add up latency 500us dev nct0
	for words in 'add x latency 5us dev nct0' 'set up latency 1us' 'del up'; do
		# shellcheck disable=SC2086  # several words
		refused with_sysfs setpriv --reuid 65534 --regid 65534 --clear-groups \
			netcoal path $words
		[[ $said == *ermitted* ]] || fail "said: $said"
	done
	with_sysfs setpriv --reuid 65534 --regid 65534 --clear-groups netcoal path show up
}

test_paths_are_suggested() {
	{ modprobe -q bridge && modprobe -q bonding max_bonds=0; } ||
		skip "no bridges or bonds"
	ip -n "$ns_a" link add br0 type bridge
	ip -n "$ns_a" link add bond0 type bond
	ip -n "$ns_a" link set bond0 master br0
	ip -n "$ns_a" link add vif1 type veth peer name p-vif1
	ip -n "$ns_a" link add vif2 type veth peer name p-vif2
	ip -n "$ns_a" link set vif1 master br0
	ip -n "$ns_a" link set vif2 master br0
	same_text "suggestions" "path add bond0-vif1 latency 300us dev bond0 dev vif1
path add bond0-vif2 latency 300us dev bond0 dev vif2" "$(tool path suggest latency 300us | sort)"
	equal "as JSON" 2 "$(tool -j path suggest | jq length)"
	tool path suggest >"$scratch/batch"
	tool -batch "$scratch/batch"
	equal "paths" 2 "$(tool -j path show | jq length)"
}

test_namespaces_end_with_paths() {
	tool dev attach nct0 policy fix
	tool path add up latency 500us dev nct0 dev nct2
	remove_namespace "$ns_b"
	ip netns del "$ns_a"
	ip netns add "$ns_a"
	refused tool path show up
}

test_the_module_goes_with_paths() {
	local before

	before=$(snapshot)
	tool dev attach nct0 policy fix
	tool path add up latency 500us dev nct0 dev nct2
	start_traffic
	unload_module netcoal
	same_text "baseline" "$before" "$(snapshot)"
}

run_tests test_the_first_stage_gets_all test_a_remote_stage_keeps_its_share \
	test_opposite_directions_share test_transmit_has_no_share \
	test_the_policy_bounds_the_share test_a_path_that_goes_gives_back \
	test_shared_stages_take_the_smallest test_unspent_budget_flows_on \
	test_polls_of_later_stages_count test_shares_never_exceed_the_latency \
	test_a_bond_is_a_stage test_shares_are_kept_up_through_a_bond \
	test_a_port_with_its_own_policy_leaves_the_path \
	test_renames_and_removals_are_followed test_a_path_is_shown \
	test_bad_paths_are_refused test_not_any_number_of_paths test_only_administrators_change_paths \
	test_paths_are_suggested test_namespaces_end_with_paths \
	test_the_module_goes_with_paths
