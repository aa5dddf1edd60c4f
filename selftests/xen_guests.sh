#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Governed vifs of guests that come and go, under traffic. For dom0 of the lab's
# Xen machine, with two guests; guest 2 is the one that suffers.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need netcoal ip xl domu dom0-start xen-load

# shellcheck source=xen_lib.sh
. "$(dirname "$0")/xen_lib.sh"

test_vif_of_a_new_guest_and_its_end_under_load() {
	govern_next
	xl destroy domu2
	dom0-start guest 2
	eventually is_state governing
	flow_in 2 5000
	flow_out 2 2000
	sleep 0.5
	within "packets" 500 1000000 "$(queue_field packets)"
	xl destroy domu2
	eventually is_state waiting
	kill_background
	tool dev detach "$dev"
	dom0-start guest 2
	ping -q -c 1 -W 2 10.0.2.2 >/dev/null
}

is_unknown() {
	! tool dev show "$1"
}

# A vif is up before its frontend has connected and it has queues
test_vifs_match_as_guests_come_and_go() {
	add_fixed hold 500
	tool policy set hold match driver xen-netback
	[[ $(tool -j dev show "$(vif 1)" | field bound) == match ]]
	dev=$(vif 2)
	is_state governing
	xl destroy domu2
	eventually is_unknown "$dev"
	dom0-start guest 2
	dev=$(vif 2)
	eventually is_state governing
	equal "bound" match "$(dev_field bound)"
	equal "errors" 0 "$(dev_field errors)"
	tool policy set hold match none
	eventually is_unknown "$dev"
}

# Guests that are bridged: the bridge's policy follows its ports
test_vifs_of_a_bridge_match() {
	add_fixed hold 500
	tool policy set hold match bridge xenbr0
	dev=$(vif 2)
	ip link add xenbr0 type bridge
	ip link set xenbr0 up
	ip link set "$dev" master xenbr0
	eventually is_state governing
	equal "bound" match "$(dev_field bound)"
	refused tool dev show "$(vif 1)"
	flow_in 2 3000
	sleep 0.5
	within "packets" 500 1000000 "$(queue_field packets)"
	xl destroy domu2
	eventually is_unknown "$dev"
	dom0-start guest 2
	dev=$(vif 2)
	refused tool dev show "$dev"
	ip link set "$dev" master xenbr0
	eventually is_state governing
	ip link del xenbr0
	eventually is_unknown "$dev"
	ip neigh replace 10.0.2.2 lladdr 00:16:3e:00:00:02 dev "$dev" nud permanent
	ping -q -c 1 -W 2 10.0.2.2 >/dev/null
	tool policy set hold match none
}

guest_answers() {
	DOMU_TIMEOUT=5 domu 2 true
}

test_guest_that_reboots_under_load() {
	govern_next
	flow_in 2 3000
	domu 2 sh -c '(sleep 0.3; busybox reboot -f) >/dev/null 2>&1 &'
	SECONDS=0
	until [[ -e /sys/class/net/$dev ]] && guest_answers; do
		sleep 0.5
		((SECONDS < 90))
	done
	is_state governing
	ping -q -c 5 -i 0.05 -W 2 10.0.2.2 >/dev/null
}

test_save_and_restore_of_a_governed_guest() {
	local image=/dev/shm/domu2.image next

	# the image goes to memory, of which dom0 has little
	mount -o remount,size=600m /dev/shm
	domu 2 sh -c 'modprobe netcoal &&
		netcoal policy add hold latency 10ms governor fixed rx-usecs 0:1000 &&
		netcoal dev attach eth0 policy hold'
	add_fixed hold 1000
	dev=$(vif 2)
	attach hold
	flow_in 2 2000
	flow_out 2 2000
	sleep 0.3
	next=$(next_vif)
	xl save domu2 $image
	eventually is_state waiting
	tool dev detach "$dev"
	dev=$next
	tool dev attach "$dev" policy hold
	xl restore $image
	rm -f $image
	eventually is_state governing
	eventually guest_answers
	eventually ping -q -c 5 -i 0.05 -W 2 10.0.2.2
	[[ $(domu 2 netcoal -j dev show eth0 | field state) == governing ]]
}

# What polling $dev costs over a second, in thousandths of a CPU
polling_permille() {
	local at busy

	at=${EPOCHREALTIME/./} busy=$(dev_field busy_ns)
	sleep 1
	echo $((($(dev_field busy_ns) - busy) / (${EPOCHREALTIME/./} - at)))
}

test_flood_of_a_guest_is_capped_and_its_neighbour_is_not() {
	local free neighbour

	dev=$(vif 2) neighbour=$(vif 1)
	tool policy add guests latency 500us
	tool dev attach "$neighbour" policy guests
	attach guests
	flow_in 2 100000
	sleep 1
	free=$(polling_permille)
	within "polling, without a cap" 150 1000 "$free"
	tool policy set guests cap 10
	sleep 3
	within "polling, $free without a cap" 1 $((free * 2 / 3)) "$(polling_permille)"
	[[ $(dev_field cap_state) == @(over|saturated) ]]
	equal "verdict" cap "$(queue_field verdict)"
	dev=$neighbour
	equal "neighbour's state" under "$(dev_field cap_state)"
	equal "neighbour's hold-off" 0 "$(dev_field cap_holdoff_ns)"
	domu 1 ping -q -c 10 -i 0.02 -W 2 10.0.1.1 >/dev/null
}

run_tests test_vif_of_a_new_guest_and_its_end_under_load \
	test_vifs_match_as_guests_come_and_go test_vifs_of_a_bridge_match \
	test_guest_that_reboots_under_load \
	test_save_and_restore_of_a_governed_guest \
	test_flood_of_a_guest_is_capped_and_its_neighbour_is_not
