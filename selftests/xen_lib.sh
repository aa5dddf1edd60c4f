# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What the selftests in dom0 share, beside lib.sh: guest N has the vif vifID.0
# here, with address 10.0.N.1, and 10.0.N.2 at its eth0.

# No namespaces here
tool() {
	netcoal "$@"
}

vif() {
	echo "vif$(xl domid "domu$1").0"
}

set_up() {
	load_module netcoal
	dev=$(vif 1)
}

tear_down() {
	local guest status=0

	kill_background
	for guest in 1 2; do
		domu $guest sh -c 'pkill xen-load; [ ! -d /sys/module/netcoal ] || rmmod netcoal' ||
			true
	done
	unload_module netcoal || status=1
	return $status
}

# Datagrams of guest N to dom0, or back, until the test ends
flow_in() {
	domu "$1" sh -c "exec timeout 60 xen-load send 10.0.$1.1 5400 $2 >/dev/null 2>&1 &"
}

flow_out() {
	background xen-load send "10.0.$1.2" 5400 "$2"
}

hold() {
	add_fixed hold "$1"
	attach hold
	equal "actuator" hold "$(dev_field actuator)"
}

# irqs RING: interrupts of the vif's, as dom0 counts them
irqs() {
	awk -v name="$dev-q0-$1" '$NF == name { print $2 }' /proc/interrupts
}

interrupts_per_thousand() {
	local irqs packets

	irqs=$(irqs tx) packets=$(queue_field packets)
	sleep 0.5
	irqs=$(($(irqs tx) - irqs)) packets=$(($(queue_field packets) - packets))
	within "packets" 100 1000000 $packets
	echo $((1000 * irqs / packets))
}

# The name that the next guest's vif will have: IDs are not used again
next_vif() {
	local id

	id=$(xl list | awk 'NR > 1 && $2 > max { max = $2 } END { print max + 1 }')
	echo "vif$id.0"
}

govern_next() {
	dev=$(next_vif)
	add_fixed hold 1000
	tool dev attach "$dev" policy hold
	is_state waiting
}
