#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Containers as LXC and its like connect them: a veth pair each, one end the
# container's eth0, the other a port of the host's bridge, or of Open vSwitch's
# datapath. And the host's NIC in the same bridge, alone, under a VLAN, or in
# a bond.
#
#	netns nc-b           netns nc-a, the host              netns nc-c
#	+----------+      +--------------------------+      +----------+
#	| eth0     | <--> | vethb --+- br0 -+- vethc | <--> | eth0     |
#	| 10.8.0.2 |      |         | 10.8.0.1       |      | 10.8.0.3 |
#	+----------+      |        nct0              |      +----------+
#	                  +---------^----------------+
#	                            '-----> nct1, in nc-d

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need netcoal ip ethtool jq

world=(nc-b nc-c nc-d)

set_up() {
	local netns

	load_module netcoal
	modprobe -q -a veth bridge || skip "no veth or no bridge"
	ns_a=nc-a dev=vethb
	add_namespace "$ns_a"
	for netns in "${world[@]}"; do
		add_namespace "$netns"
	done
	add_fixed fix 500
}

in_ns() {
	nsenter --net="/run/netns/$1" "${@:2}"
}

# A container: its end is made in the host and moved, as LXC does
add_container() {
	local netns=$1 addr=$2 port=veth${1#nc-}

	ip -n "$ns_a" link add "$port" type veth peer name eth0 netns "$netns"
	in_a ethtool -K "$port" gro on tso off
	in_ns "$netns" ethtool -K eth0 gro on tso off
	ip -n "$netns" -batch - <<-END
		link set lo up
		addr add $addr/24 dev eth0
		link set eth0 up
	END
	ip -n "$ns_a" link set "$port" up
}

add_bridge() {
	local port

	ip -n "$ns_a" link add br0 type bridge
	for port; do
		ip -n "$ns_a" link set "$port" master br0
	done
	ip -n "$ns_a" addr add 10.8.0.1/24 dev br0
	ip -n "$ns_a" link set br0 up
}

add_two_containers() {
	add_container nc-b 10.8.0.2
	add_container nc-c 10.8.0.3
	add_bridge vethb vethc
	eventually reaches nc-b 10.8.0.3
}

reaches() {
	in_ns "$1" ping -q -c 1 -W 1 "$2"
}

# Several on their way, so that there is something to coalesce
talk() {
	in_ns "$1" ping -q -f -l 8 -c "$3" -W 1 "$2" >/dev/null
}

start_talk() {
	background nsenter --net="/run/netns/$1" ping -q -f -l 8 -w 60 "$2"
}

# of NETNS DEV FIELD: of a device in any namespace
of() {
	in_ns "$1" netcoal -j dev show "$2" | field "$3"
}

# sum_of NETNS DEV FIELD: over the queues of a device in any namespace
sum_of() {
	local line sum=0

	while read -r line; do
		sum=$((sum + $(field "$3" <<<"$line")))
	done < <(in_ns "$1" netcoal -j dev show "$2" queues | objects | grep '"napi_id":')
	echo $sum
}

is_of() {
	equal "$2 $3" "$4" "$(of "$1" "$2" "$3")"
}

test_both_ends_of_every_container() {
	local before_host before_b netns packets sequences

	add_two_containers
	before_host=$(snapshot "$ns_a" vethb) before_b=$(snapshot nc-b eth0)
	tool dev attach vethb policy fix
	tool dev attach vethc policy fix
	for netns in nc-b nc-c; do
		in_ns $netns netcoal policy add fix latency 10ms governor fixed rx-usecs 0:500
		in_ns $netns netcoal dev attach eth0 policy fix
		is_of $netns eth0 state governing
		is_of $netns eth0 actuator defer
	done
	talk nc-b 10.8.0.3 400
	for netns in nc-b nc-c; do
		packets=$(sum_of $netns eth0 packets) sequences=$(sum_of $netns eth0 sequences)
		within "packets of $netns" 300 1000 "$packets"
		within "sequences of $packets packets" 1 $((packets * 3 / 4)) "$sequences"
	done
	within "packets of vethb" 300 1000 "$(sum_of "$ns_a" vethb packets)"
	unload_module netcoal
	same_text "baseline of the host's end" "$before_host" "$(snapshot "$ns_a" vethb)"
	same_text "baseline of the container's" "$before_b" "$(snapshot nc-b eth0)"
}

# What one container's policy says is nobody else's
test_containers_do_not_see_each_other() {
	add_two_containers
	in_ns nc-b netcoal policy add mine latency 1ms
	in_ns nc-b netcoal dev attach eth0 policy mine
	equal "policies of nc-c" '[]' "$(in_ns nc-c netcoal -j policy show)"
	equal "devices of nc-c" '[]' "$(in_ns nc-c netcoal -j dev show)"
	equal "devices of the host" '[]' "$(tool -j dev show)"
	refused in_ns nc-c netcoal dev attach eth0 policy mine
}

# Dies with its namespace, under traffic, while both ends hold packets
test_a_container_dies_and_comes_again() {
	local i

	add_two_containers
	tool policy add held latency 10ms governor fixed rx-usecs 0:2000 actuator hold
	tool dev attach vethb policy held
	for ((i = 0; i < 3; i++)); do
		in_ns nc-b netcoal policy add held latency 10ms governor fixed \
			rx-usecs 0:2000 actuator hold
		in_ns nc-b netcoal dev attach eth0 policy held
		start_talk nc-b 10.8.0.3
		start_talk nc-c 10.8.0.2
		sleep 0.2
		ip netns del nc-b
		kill_background
		eventually is_state_for waiting no-device
		add_namespace nc-b
		add_container nc-b 10.8.0.2
		ip -n "$ns_a" link set vethb master br0
		is_state governing
		eventually reaches nc-b 10.8.0.3
	done
}

# LXC's old way: made in the host, governed there, then moved
test_an_end_that_is_moved_into_its_container() {
	local before

	add_two_containers
	ip -n "$ns_a" link add vethd type veth peer name moving
	in_a ethtool -K moving gro on
	ip -n "$ns_a" link set moving up
	before=$(snapshot "$ns_a" moving)
	tool dev attach moving policy fix
	is_of "$ns_a" moving state governing
	ip -n "$ns_a" link set moving netns nc-c
	is_of "$ns_a" moving state waiting
	same_text "baseline" "$before" "$(snapshot nc-c moving)"
}

# veth has NAPIs only while it has GRO (or XDP)
test_gro_off_and_on() {
	add_two_containers
	tool dev attach vethb policy fix
	is_of "$ns_a" vethb state governing
	start_talk nc-b 10.8.0.3
	in_a ethtool -K vethb gro off
	eventually is_state_for released no-queues
	equal "gro_flush_timeout" 0 "$(sysfs gro_flush_timeout)"
	in_a ethtool -K vethb gro on
	tool dev attach vethb policy fix
	is_state governing
	kill_background
}

test_without_gro_it_is_refused() {
	add_two_containers
	in_a ethtool -K vethb gro off
	refused tool dev attach vethb policy fix
	[[ $said == *NAPI* ]] || fail "said: $said"
}

test_ports_of_open_vswitch() {
	local before

	modprobe -q openvswitch || skip "no Open vSwitch"
	type -P ovsport >/dev/null || skip "no program ovsport"
	add_container nc-b 10.8.0.2
	add_container nc-c 10.8.0.3
	before=$(snapshot "$ns_a" vethb)
	tool dev attach vethb policy fix
	in_a ovsport dp0 vethb vethc
	eventually reaches nc-b 10.8.0.3
	tool dev attach vethc policy fix
	talk nc-b 10.8.0.3 200
	is_of "$ns_a" vethb state governing
	within "packets of vethb" 150 500 "$(sum_of "$ns_a" vethb packets)"
	within "packets of vethc" 150 500 "$(sum_of "$ns_a" vethc packets)"
	# a port that goes away under traffic
	start_talk nc-b 10.8.0.3
	ip -n "$ns_a" link del vethc
	kill_background
	is_of "$ns_a" vethc state waiting
	tool dev detach vethb
	same_text "baseline" "$before" "$(snapshot "$ns_a" vethb)"
}

# The host's NIC, with nct1 of the outside
add_nic() {
	load_module nctest "$@"
	ip link set nct0 netns "$ns_a"
	ip link set nct1 netns nc-d
	ip -n "$ns_a" link set nct0 up
	ip -n nc-d link set nct1 up
}

test_from_the_nic_through_the_bridge() {
	local packets

	add_container nc-b 10.8.0.2
	add_nic
	add_bridge vethb nct0
	ip -n nc-d addr add 10.8.0.4/24 dev nct1
	tool dev attach nct0 policy fix
	in_ns nc-b netcoal policy add none latency 10ms governor fixed
	in_ns nc-b netcoal dev attach eth0 policy none
	eventually reaches nc-d 10.8.0.2
	talk nc-d 10.8.0.2 400
	is_of "$ns_a" nct0 actuator ethtool-queue
	# a batch of the NIC's arrives as one: nobody waits twice
	packets=$(sum_of nc-b eth0 packets)
	within "packets in the container" 300 1000 "$packets"
	within "sequences of $packets packets there" 1 $((packets * 3 / 4)) \
		"$(sum_of nc-b eth0 sequences)"
}

# All ports have one master, whatever bridge of its daemon they are in
test_paths_through_open_vswitch() {
	modprobe -q openvswitch || skip "no Open vSwitch"
	type -P ovsport >/dev/null || skip "no program ovsport"
	add_container nc-b 10.8.0.2
	ip -n "$ns_a" link add bond0 type bond || skip "no bonds"
	in_a ovsport dp0 vethb bond0
	equal "suggested" "path add bond0-vethb latency 300us dev bond0 dev vethb" \
		"$(tool path suggest latency 300us)"
	tool policy set fix match bridge dp0
	is_of "$ns_a" vethb state governing
	is_of "$ns_a" vethb bound match
	ip -n "$ns_a" link del vethb
	refused tool dev show vethb
	tool policy set fix match none
}

test_below_a_vlan() {
	modprobe -q 8021q || skip "no VLANs"
	add_nic
	ip -n "$ns_a" link add link nct0 name nct0.5 type vlan id 5
	ip -n nc-d link add link nct1 name nct1.5 type vlan id 5
	ip -n "$ns_a" addr add 10.8.0.1/24 dev nct0.5
	ip -n nc-d addr add 10.8.0.4/24 dev nct1.5
	ip -n "$ns_a" link set nct0.5 up
	ip -n nc-d link set nct1.5 up
	refused tool dev attach nct0.5 policy fix
	tool dev attach nct0 policy fix
	eventually reaches nc-d 10.8.0.1
	talk nc-d 10.8.0.1 200
	within "packets" 150 500 "$(sum_of "$ns_a" nct0 packets)"
	ip -n "$ns_a" link del nct0.5
	is_of "$ns_a" nct0 state governing
}

# add_bonds MODE: nct0 and nct2 here, nct1 and nct3 there
add_bonds() {
	local end netns ports port

	modprobe -q bonding max_bonds=0 || skip "no bonds"
	add_nic pairs=2
	ip link set nct2 netns "$ns_a"
	ip link set nct3 netns nc-d
	for end in "$ns_a 1 nct0 nct2" "nc-d 4 nct1 nct3"; do
		read -r netns port ports <<<"$end"
		ip -n "$netns" link add bond0 type bond mode "$1" miimon 10
		ip -n "$netns" addr add "10.8.0.$port/24" dev bond0
		for port in $ports; do
			ip -n "$netns" link set "$port" down
			ip -n "$netns" link set "$port" master bond0
		done
		ip -n "$netns" link set bond0 up
	done
	eventually reaches nc-d 10.8.0.1
}

test_both_ports_of_balance_rr() {
	local port

	add_bonds balance-rr
	for port in nct0 nct2; do
		tool dev attach $port policy fix
	done
	talk nc-d 10.8.0.1 400
	for port in nct0 nct2; do
		is_of "$ns_a" $port state governing
		within "packets of $port" 150 400 "$(sum_of "$ns_a" $port packets)"
		equal "rx-usecs of $port" 500 \
			"$(in_a ethtool -c $port | sed -n 's/^rx-usecs: *//p')"
	done
}

# The link of the active port is cut at its other end, under traffic
test_failover_under_traffic() {
	local active port before

	add_bonds active-backup
	for port in nct0 nct2; do
		tool dev attach $port policy fix
	done
	active=$(in_a sh -c 'ip -d link show bond0' | sed -n 's/.*active_slave \([a-z0-9]*\).*/\1/p')
	equal "the active port" nct0 "$active"
	start_talk nc-d 10.8.0.1
	before=$(sum_of "$ns_a" nct2 packets)
	ip -n nc-d link set nct1 down
	eventually reaches nc-d 10.8.0.1
	sleep 0.2
	kill_background
	for port in nct0 nct2; do
		is_of "$ns_a" $port state governing
	done
	within "packets of nct2, $before before" $((before + 20)) 1000000 \
		"$(sum_of "$ns_a" nct2 packets)"
}

test_the_module_goes_under_a_busy_bond() {
	local before

	add_bonds balance-rr
	before=$(snapshot "$ns_a" nct0; snapshot "$ns_a" nct2)
	tool policy add held latency 10ms governor fixed rx-usecs 0:2000 actuator hold
	tool dev attach nct0 policy held
	tool dev attach nct2 policy fix
	start_talk nc-d 10.8.0.1
	sleep 0.2
	unload_module netcoal
	eventually reaches nc-d 10.8.0.1
	kill_background
	same_text "baselines" "$before" "$(snapshot "$ns_a" nct0; snapshot "$ns_a" nct2)"
}

run_tests test_both_ends_of_every_container test_containers_do_not_see_each_other \
	test_a_container_dies_and_comes_again test_an_end_that_is_moved_into_its_container \
	test_gro_off_and_on test_without_gro_it_is_refused test_ports_of_open_vswitch \
	test_from_the_nic_through_the_bridge test_paths_through_open_vswitch test_below_a_vlan \
	test_both_ports_of_balance_rr test_failover_under_traffic \
	test_the_module_goes_under_a_busy_bond
