#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Machines with several NUMA nodes: where a queue's device, interrupt and polls
# are is told, and that they are apart. Runs in the lab's --nodes 2 machine.
#
#	node 0                   node 1
#	+----------------+       +----------------+
#	| CPU 0, eth0    |       | CPU 1, eth1    |
#	+----------------+       +----------------+

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

nodes=/sys/devices/system/node
[[ -d $nodes/node0/cpu0 && -d $nodes/node1/cpu1 ]] ||
	skip_all "no two nodes with CPUs 0 and 1: this is for the lab's --nodes 2"
need netcoal ip ethtool taskset

# nctest polls where packets are sent from
flood_on() {
	taskset -c "$1" nsenter --net="/run/netns/$ns_b" \
		ping -q -f -l 16 -c 300 -W 1 "$addr_a" >/dev/null
}

# is_place CPU REMOTE, of queue 0
is_place() {
	equal "CPU and what is remote" "$1 $2" \
		"$(queue_field last_cpu) $(queue_field remote)"
}

# says WORDS | says_not WORDS: the line of queue 0, as text
says() {
	local text

	text=$(tool dev show "$dev" queues | tail -n +2)
	[[ $text == *"$1"* ]] || fail "no '$1' in: $text"
}

says_not() {
	local text

	text=$(tool dev show "$dev" queues)
	[[ $text != *"$1"* ]] || fail "'$1' in: $text"
}

make_nctest_on() {
	make_pair nctest node="$1" "${@:2}"
	in_a ethtool -C "$dev" rx-usecs 0 tx-usecs 0
	in_b ethtool -C "$peer" rx-usecs 0 tx-usecs 0
	add_fixed fix 100
	attach fix
}

test_a_cpu_of_another_node_is_told() {
	make_nctest_on 1
	equal "node of the device" 1 "$(dev_field node)"
	flood_on 1
	is_place 1 none
	equal "nodes" "1 1" "$(queue_field node) $(queue_field cpu_node)"
	equal "remote queues" 0 "$(dev_field remote_queues)"
	says "last-cpu 1"
	says_not node
	says_not remote
	flood_on 0
	is_place 0 cpu
	equal "nodes" "1 0" "$(queue_field node) $(queue_field cpu_node)"
	equal "remote queues" 1 "$(dev_field remote_queues)"
	says "last-cpu 0 remote cpu node 1 cpu-node 0"
	flood_on 1
	is_place 1 none
}

test_nothing_is_told_of_what_is_not_known() {
	make_nctest_on -1
	equal "node of the device" "" "$(dev_field node)"
	equal "before a poll" "" "$(queue_field last_cpu)"
	is_place "" none
	flood_on 1
	is_place 1 none
	equal "interrupt" "" "$(queue_field irq)$(queue_field irq_node)"
	flood_on 0
	is_place 0 none
	says_not node
}

# Sets irqs: those that the device takes, the one for receive first
find_irqs() {
	local parent

	parent=$(basename "$(with_sysfs readlink "/sys/class/net/$dev/device")")
	irqs=$(awk -v name="^($parent-|$dev)" '
		$NF ~ name && $NF ~ /put|rx|tx/ { sub(":", "", $1); print $1 }' /proc/interrupts)
	[[ $irqs ]] || skip "no interrupt of $dev is known"
}

# A new affinity takes effect at the next interrupt
interrupt_on() {
	local irq

	for irq in $irqs; do
		echo "$1" 2>/dev/null >"/proc/irq/$irq/smp_affinity_list" || true
	done
	eventually interrupts_on "$1"
}

interrupts_on() {
	local irq

	flood 100
	for irq in $irqs; do
		[[ $(<"/proc/irq/$irq/effective_affinity_list") == "$1" ]] || return 1
	done
}

polled_on() {
	flood 200
	is_place "$@"
}

test_a_nic_polled_by_another_node_is_told() {
	local irqs

	use_nic
	find_irqs
	add_fixed fix 100
	attach fix
	equal "node of $dev" 0 "$(dev_field node)"
	interrupt_on 1
	eventually polled_on 1 cpu
	says "node 0 cpu-node 1"
	interrupt_on 0
	eventually polled_on 0 none
}

# nctest pretends to have a NIC's interrupt, which only newer kernels can note
test_an_interrupt_of_another_node_is_told() {
	local irqs irq

	use_nic
	find_irqs
	irq=${irqs%%$'\n'*}
	interrupt_on 1
	make_nctest_on 0 "irq=$irq"
	[[ $(queue_field irq) ]] || skip "this kernel's NAPIs have no interrupt"
	equal "interrupt" "$irq" "$(queue_field irq)"
	flood_on 0
	is_place 0 irq
	says "remote irq node 0 cpu-node 0 irq $irq irq-node 1"
	flood_on 1
	is_place 1 both
	use_nic
	interrupt_on 0
	ns_a=nc-a ns_b=nc-b dev=nct0 addr_a=10.9.0.1
	is_place 1 cpu
	flood_on 0
	is_place 0 none
}

run_tests test_a_cpu_of_another_node_is_told \
	test_nothing_is_told_of_what_is_not_known \
	test_a_nic_polled_by_another_node_is_told \
	test_an_interrupt_of_another_node_is_told
