# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What the selftests of several queues share: lib.sh, a device of four, and flows that come by
# one of them. A flow's queue hangs on its ports, by a hash that differs from boot to boot.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

set_up() {
	load_module netcoal
	make_pair nctest queues=4
}

# paced PORT PPS TIME: small packets from $peer to $dev, all by one queue
paced() {
	load udp --port "$1" --pps "$2" --time "$3" --warmup 10ms \
		--from "$ns_b:$peer:$addr_b" --to "$ns_a:$dev:$addr_a"
}

received() {
	in_a ethtool -S "$dev" | sed -n "s/^ *rx$1_packets: //p"
}

all_received() {
	in_a ethtool -S "$dev" | sed -n "s/^ *rx[0-9]_packets: //p"
}

# Which queue a port's packets come by
queue_of() {
	local before after queue

	mapfile -t before < <(all_received)
	paced "$1" 5000 50ms >/dev/null
	mapfile -t after < <(all_received)
	for queue in 0 1 2 3; do
		((after[queue] - before[queue] < 50)) || { echo $queue; return; }
	done
	fail "port $1 has no queue"
}

# Sets dense_port, sparse_port and their queues, which differ
find_ports() {
	dense_port=5400 sparse_port=5400
	dense=$(queue_of "$dense_port")
	for ((sparse_port = 5401; sparse_port < 5440; sparse_port++)); do
		sparse=$(queue_of "$sparse_port")
		[[ $sparse == "$dense" ]] || return 0
	done
	fail "40 ports, one queue"
}

# Sets port_of[QUEUE], one for each queue
find_port_of_each() {
	local port queue

	port_of=()
	for ((port = 5400; port < 5460; port++)); do
		queue=$(queue_of "$port")
		[[ ${port_of[queue]-} ]] || port_of[queue]=$port
		((${#port_of[@]} < 4)) || return 0
	done
	fail "60 ports, ${#port_of[@]} queues"
}
