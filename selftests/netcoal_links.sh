#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Devices made of others: bonds and teams, bridges, VLANs, veth pairs.
#
#	netns nc-a                          netns nc-b
#	+--------------------------+        +--------+
#	| bond0 10.8.0.1 --- nct0  | <----> |  nct1  |---- bond0 10.8.0.2
#	|                `-- nct2  | <----> |  nct3  |----'
#	+--------------------------+        +--------+

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need netcoal ip ethtool jq

set_up() {
	load_module netcoal
	make_pair nctest pairs=2
	ip link set nct2 netns "$ns_a"
	ip link set nct3 netns "$ns_b"
}

# shown DEV: POLICY BOUND VIA STATE REASON
shown() {
	local text name words=''

	text=$(tool -j dev show "$1" 2>/dev/null) || return 0
	for name in policy bound via state reason; do
		words+=" $(field $name <<<"$text")"
	done
	echo "${words# }"
}

is_shown() {
	equal "$1" "$2" "$(shown "$1")"
}

usecs() {
	in_a ethtool -c "$1" | sed -n 's/^rx-usecs: *//p'
}

is_usecs() {
	equal "$1" "$2" "$(usecs "$1")"
}

# make_bond NETNS PORT...
make_bond() {
	local netns=$1 port
	shift

	ip -n "$netns" link add bond0 type bond mode active-backup miimon 20 ||
		skip "no bonds"
	for port; do
		enslave "$netns" "$port"
	done
	ip -n "$netns" link set bond0 up
}

enslave() {
	ip -n "$1" link set "$2" down
	ip -n "$1" link set "$2" master bond0
}

make_bonds() {
	modprobe -q bonding max_bonds=0 || skip "no bonds"
	make_bond "$ns_a" nct0 nct2
	make_bond "$ns_b" nct1 nct3
	ip -n "$ns_a" addr add 10.8.0.1/24 dev bond0
	ip -n "$ns_b" addr add 10.8.0.2/24 dev bond0
}

bond_traffic() {
	in_a ping -q -i 0.002 -c "$1" -W 1 10.8.0.2 >/dev/null
}

test_a_policy_on_a_bond_governs_its_ports() {
	local before

	make_bonds
	before=$(snapshot "$ns_a" nct0; snapshot "$ns_a" nct2)
	add_fixed fix 100
	tool dev attach bond0 policy fix
	is_shown bond0 "fix attach  governing none"
	is_shown nct0 "fix port bond0 governing none"
	is_shown nct2 "fix port bond0 governing none"
	equal "rx-usecs of one" 100 "$(usecs nct0)"
	equal "rx-usecs of the other" 100 "$(usecs nct2)"
	equal "users" 3 "$(policy_field fix users)"
	tool policy set fix rx-usecs 0:60
	eventually is_usecs nct0 60
	tool dev detach bond0
	is_shown nct0 ""
	is_shown bond0 ""
	same_text "baselines" "$before" "$(snapshot "$ns_a" nct0; snapshot "$ns_a" nct2)"
	equal "users" 0 "$(policy_field fix users)"
}

test_the_aggregate_is_the_sum() {
	local sum

	make_bonds
	add_fixed fix 100
	tool dev attach bond0 policy fix
	eventually bond_traffic 1
	bond_traffic 200
	sum=$(tool -j dev show bond0)
	equal "ports" 2 "$(field ports <<<"$sum")"
	equal "queues" 2 "$(field queues <<<"$sum")"
	within "packets" 200 100000 "$(field packets <<<"$sum")"
	equal "packets" "$(tool -j dev show | jq '[.[] | select(.bound == "port").packets] | add')" \
		"$(tool -j dev show bond0 | field packets)"
	within "sequences" 1 100000 "$(field sequences <<<"$sum")"
	within "windows" 1 100000 "$(field windows <<<"$sum")"
	within "rate" 1 1000000 "$(tool -j dev show bond0 | field rx_pps)"
}

test_enslaving_and_release_are_followed() {
	make_bonds
	add_fixed fix 100
	add_fixed other 300
	ip -n "$ns_a" link set nct2 nomaster
	tool dev attach bond0 policy fix
	is_shown nct2 ""
	enslave "$ns_a" nct2
	is_shown nct2 "fix port bond0 governing none"
	equal "ports" 2 "$(tool -j dev show bond0 | field ports)"
	ip -n "$ns_a" link set nct2 nomaster
	is_shown nct2 ""
	equal "ports" 1 "$(tool -j dev show bond0 | field ports)"
	# what it matches by itself comes after that
	tool policy set other match dev nct2
	ip -n "$ns_a" link set nct2 up
	is_shown nct2 "other match  governing none"
	enslave "$ns_a" nct2
	is_shown nct2 "fix port bond0 governing none"
	equal "rx-usecs" 100 "$(usecs nct2)"
	ip -n "$ns_a" link set nct2 nomaster
	ip -n "$ns_a" link set nct2 up
	is_shown nct2 "other match  governing none"
	equal "rx-usecs" 300 "$(usecs nct2)"
}

test_failover_keeps_governing() {
	make_bonds
	add_fixed fix 100
	tool dev attach bond0 policy fix
	eventually bond_traffic 1
	ip -n "$ns_a" link set bond0 type bond active_slave nct0
	ip -n "$ns_b" link set bond0 type bond active_slave nct1
	eventually bond_traffic 1
	ip -n "$ns_a" link set bond0 type bond active_slave nct2
	ip -n "$ns_b" link set bond0 type bond active_slave nct3
	eventually bond_traffic 1
	bond_traffic 50
	is_shown nct0 "fix port bond0 governing none"
	is_shown nct2 "fix port bond0 governing none"
	# a port that goes down waits, the bond goes on
	ip -n "$ns_a" link set nct2 down
	is_shown nct2 "fix port bond0 waiting down"
	is_shown bond0 "fix attach  governing none"
	ip -n "$ns_a" link set nct0 down
	is_shown bond0 "fix attach  waiting down"
	ip -n "$ns_a" link set nct2 up
	is_shown nct2 "fix port bond0 governing none"
	is_shown bond0 "fix attach  governing none"
}

test_a_bond_that_comes_later() {
	modprobe -q bonding max_bonds=0 || skip "no bonds"
	add_fixed fix 100
	tool dev attach bond0 policy fix
	is_shown bond0 "fix attach  waiting no-device"
	make_bond "$ns_a"
	is_shown bond0 "fix attach  waiting no-ports"
	enslave "$ns_a" nct0
	is_shown nct0 "fix port bond0 governing none"
	is_shown bond0 "fix attach  governing none"
	ip -n "$ns_a" link del bond0
	is_shown bond0 "fix attach  waiting no-device"
	is_shown nct0 ""
	make_bond "$ns_a" nct0
	is_shown nct0 "fix port bond0 governing none"
}

test_a_bond_may_match() {
	local before

	make_bonds
	before=$(snapshot "$ns_a" nct0)
	add_fixed fix 100 match dev 'bond*'
	is_shown bond0 "fix match  governing none"
	is_shown nct0 "fix port bond0 governing none"
	ip -n "$ns_a" link set bond0 down
	ip -n "$ns_a" link set bond0 name bond7
	is_shown nct0 "fix port bond7 governing none"
	tool policy set fix match none
	is_shown nct0 ""
	same_text "baseline" "$before" "$(snapshot "$ns_a" nct0)"
}

# bond1 is a port of bond0: what is dropped takes more along
test_bonds_of_bonds() {
	modprobe -q bonding max_bonds=0 || skip "no bonds"
	make_bond "$ns_a"
	ip -n "$ns_a" link add bond1 type bond mode active-backup miimon 20
	enslave "$ns_a" bond1 || skip "a bond takes no bond"
	add_fixed fix 100
	tool dev attach bond0 policy fix
	is_shown bond1 "fix port bond0 waiting no-ports"
	ip -n "$ns_a" link set nct0 down
	ip -n "$ns_a" link set nct0 master bond1
	is_shown nct0 "fix port bond1 governing none"
	is_shown bond0 "fix attach  governing none"
	ip -n "$ns_a" link set nct2 down
	ip -n "$ns_a" link set nct2 master bond1
	tool dev detach bond0
	is_shown bond1 ""
	is_shown nct0 ""
	equal "users" 0 "$(policy_field fix users)"
}

# Bond and ports leave in one go, the bond first: its ports outlive it
test_a_matched_bond_goes_with_its_ports() {
	local port

	modprobe -q bonding max_bonds=0 || skip "no bonds"
	for port in c0 c1; do
		ip -n "$ns_a" link add $port type veth peer name $port netns "$ns_b"
		in_a ethtool -K $port gro on
		ip -n "$ns_b" link set $port up
	done
	make_bond "$ns_a" c0 c1
	add_fixed fix 100 match dev 'bond*'
	is_shown bond0 "fix match  governing none"
	is_shown c1 "fix port bond0 governing none"
	ip -n "$ns_a" link set nct0 netns "$ns_b"
	ip -n "$ns_a" link set nct2 netns "$ns_b"
	ip netns del "$ns_a"
	eventually refused ip -n "$ns_b" link show c0
	ip netns add "$ns_a"
}

test_a_bond_that_is_gone_is_attached_again() {
	modprobe -q bonding max_bonds=0 || skip "no bonds"
	add_fixed fix 100
	add_fixed more 300
	make_bond "$ns_a" nct0
	tool dev attach bond0 policy fix
	ip -n "$ns_a" link del bond0
	tool dev attach bond0 policy more
	is_shown bond0 "more attach  waiting no-device"
	make_bond "$ns_a" nct0
	is_shown nct0 "more port bond0 governing none"
}

# Attached again, all begins anew: also on the ports
test_a_bond_attached_again_takes_its_ports_back() {
	make_bonds
	add_fixed fix 100
	tool dev attach bond0 policy fix
	in_a ethtool -C nct0 rx-usecs 55
	tool dev show bond0 >/dev/null
	is_shown nct0 "fix port bond0 overridden admin"
	dev=bond0
	write_sysfs netcoal/latency_target_us 70
	equal "target" 70000 "$(tool -j dev show nct2 | field latency_ns)"
	tool dev attach bond0 policy fix
	equal "target" 10000000 "$(tool -j dev show nct2 | field latency_ns)"
	is_shown nct0 "fix port bond0 governing none"
	equal "rx-usecs" 100 "$(usecs nct0)"
}

test_a_port_may_have_its_own() {
	make_bonds
	add_fixed fix 100
	add_fixed mine 300
	tool dev attach nct0 policy mine
	tool dev attach bond0 policy fix
	is_shown nct0 "mine attach  governing none"
	is_shown nct2 "fix port bond0 governing none"
	equal "ports" 1 "$(tool -j dev show bond0 | field ports)"
	tool dev attach nct2 policy mine
	is_shown nct2 "mine attach  governing none"
	is_shown bond0 "fix attach  waiting no-ports"
	tool dev detach bond0
	is_shown nct0 "mine attach  governing none"
}

test_a_bond_changes_its_policy() {
	make_bonds
	add_fixed fix 100
	add_fixed more 300
	tool dev attach bond0 policy fix
	tool dev attach bond0 policy more
	is_shown nct0 "more port bond0 governing none"
	equal "rx-usecs" 300 "$(usecs nct0)"
	equal "users" 0 "$(policy_field fix users)"
	dev=bond0
	write_sysfs netcoal/latency_target_us 150
	eventually is_usecs nct0 150
	equal "of the port" 150000 "$(tool -j dev show nct2 | field latency_ns)"
}

test_a_bond_with_ports_that_cannot_be_governed() {
	modprobe -q bonding max_bonds=0 || skip "no bonds"
	ip -n "$ns_a" link add dum0 type dummy || skip "no dummies"
	make_bond "$ns_a" dum0
	add_fixed fix 100
	tool dev attach bond0 policy fix
	is_shown dum0 "fix port bond0 released no-queues"
	is_shown bond0 "fix attach  released no-queues"
	enslave "$ns_a" nct0
	is_shown bond0 "fix attach  governing none"
}

test_an_administrators_change_on_a_port() {
	make_bonds
	add_fixed fix 100
	tool dev attach bond0 policy fix
	in_a ethtool -C nct0 rx-usecs 55
	tool dev show bond0 >/dev/null
	is_shown nct0 "fix port bond0 overridden admin"
	is_shown bond0 "fix attach  governing none"
	equal "overrides" 1 "$(tool -j dev show bond0 | field overrides)"
	tool dev detach bond0
	equal "rx-usecs" 55 "$(usecs nct0)"
}

test_the_module_goes_under_a_bond() {
	local before

	make_bonds
	before=$(snapshot "$ns_a" nct0; snapshot "$ns_a" nct2)
	add_fixed fix 100
	tool dev attach bond0 policy fix
	background nsenter --net="/run/netns/$ns_a" ping -q -i 0.002 -w 60 10.8.0.2
	unload_module netcoal
	same_text "baselines" "$before" "$(snapshot "$ns_a" nct0; snapshot "$ns_a" nct2)"
}

test_teams_are_like_bonds() {
	modprobe -q team || skip "no teams"
	ip -n "$ns_a" link add team0 type team || skip "no teams"
	add_fixed fix 100
	tool dev attach team0 policy fix
	is_shown team0 "fix attach  waiting no-ports"
	ip -n "$ns_a" link set nct0 down
	ip -n "$ns_a" link set nct0 master team0
	ip -n "$ns_a" link set nct0 up
	is_shown nct0 "fix port team0 governing none"
	is_shown team0 "fix attach  governing none"
}

test_what_is_stacked_names_what_is_below() {
	modprobe -q 8021q || skip "no VLANs"
	ip -n "$ns_a" link add link nct0 name nct0.5 type vlan id 5
	ip -n "$ns_a" link add link nct0.5 name nct0.5.6 type vlan id 6
	add_fixed fix 100
	for vlan in nct0.5 nct0.5.6; do
		refused tool dev attach $vlan policy fix
		[[ $said == *'attach nct0, which is below it'* ]] || fail "said: $said"
	done
	ip -n "$ns_a" link set nct0.5 up
	refused tool dev attach nct0.5 policy fix
	tool policy set fix match dev 'nct0*'
	is_shown nct0 "fix match  governing none"
	is_shown nct0.5 ""
	modprobe -q bridge || skip "no bridges"
	ip -n "$ns_a" link add br0 type bridge
	ip -n "$ns_a" link set nct2 master br0
	refused tool dev attach br0 policy fix
	[[ $said == *'attach nct2, which is below it'* ]] || fail "said: $said"
}

test_a_vlan_on_a_bond_names_the_bond() {
	modprobe -q 8021q || skip "no VLANs"
	make_bonds
	ip -n "$ns_a" link add link bond0 name bond0.5 type vlan id 5
	add_fixed fix 100
	refused tool dev attach bond0.5 policy fix
	[[ $said == *'attach bond0, which is below it'* ]] || fail "said: $said"
}

# As a container has it: both ends governed, each in its own namespace
test_both_ends_of_a_veth_pair() {
	ip -n "$ns_a" link add c0 type veth peer name c1 netns "$ns_b"
	add_fixed fix 100 match driver veth
	in_b netcoal policy add fix latency 10ms governor fixed rx-usecs 0:200 match driver veth
	in_a ethtool -K c0 gro on tso off
	in_b ethtool -K c1 gro on tso off
	ip -n "$ns_a" link set c0 up
	ip -n "$ns_b" link set c1 up
	is_shown c0 "fix match  governing none"
	equal "state there" governing "$(in_b netcoal -j dev show c1 | field state)"
	ip -n "$ns_a" link del c0
	is_shown c0 ""
	refused in_b netcoal dev show c1
}

test_bridge_ports_are_plain_devices() {
	modprobe -q bridge || skip "no bridges"
	ip -n "$ns_a" link add br0 type bridge
	ip -n "$ns_a" link set br0 up
	add_fixed fix 100
	tool dev attach nct2 policy fix
	ip -n "$ns_a" link set nct2 up
	ip -n "$ns_a" link set nct2 master br0
	is_shown nct2 "fix attach  governing none"
	ip -n "$ns_a" link del br0
	is_shown nct2 "fix attach  governing none"
}

run_tests test_a_policy_on_a_bond_governs_its_ports test_the_aggregate_is_the_sum \
	test_enslaving_and_release_are_followed test_failover_keeps_governing \
	test_a_bond_that_comes_later test_a_bond_may_match test_bonds_of_bonds \
	test_a_matched_bond_goes_with_its_ports \
	test_a_bond_that_is_gone_is_attached_again \
	test_a_bond_attached_again_takes_its_ports_back test_a_port_may_have_its_own \
	test_a_bond_changes_its_policy test_a_bond_with_ports_that_cannot_be_governed \
	test_an_administrators_change_on_a_port test_the_module_goes_under_a_bond \
	test_teams_are_like_bonds test_what_is_stacked_names_what_is_below \
	test_a_vlan_on_a_bond_names_the_bond test_both_ends_of_a_veth_pair \
	test_bridge_ports_are_plain_devices
