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
	local image=/dev/shm/domu2.image

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
	xl save domu2 $image
	eventually is_state waiting
	tool dev detach "$dev"
	dev=$(next_vif)
	tool dev attach "$dev" policy hold
	xl restore $image
	rm -f $image
	eventually is_state governing
	eventually guest_answers
	eventually ping -q -c 5 -i 0.05 -W 2 10.0.2.2
	[[ $(domu 2 netcoal -j dev show eth0 | field state) == governing ]]
}

run_tests test_vif_of_a_new_guest_and_its_end_under_load \
	test_vifs_match_as_guests_come_and_go test_guest_that_reboots_under_load \
	test_save_and_restore_of_a_governed_guest
