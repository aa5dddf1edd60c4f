#!/usr/bin/awk -f
# SPDX-License-Identifier: GPL-2.0
#
# Make a series of samples for net_dim, the same for the same seed everywhere:
#
#	awk -v seed=1 -v count=1500 -f dim_series.awk
#
# Each line has a time in ns and running sums of events (16 bits), packets and
# bytes (32 bits), as a driver hands them over. The load's rate, its batches and
# sizes keep for some windows, then change; now and then a sample comes within
# the same microsecond, without packets, or after much more than an int holds.

# Park and Miller's generator: products stay below 2^53
function draw(limit) {
	state = state * 16807 % 2147483647
	return int(limit * (state / 2147483647))
}

function new_load() {
	gap_ns = 2 ^ (9 + draw(14))
	batch = draw(6) ? 1 + draw(200) : 0
	size = draw(8) ? 60 + draw(1500) : 9000 + draw(56000)
	left = 1 + draw(40)
}

BEGIN {
	state = seed * 7919 + 17
	for (i = 0; i < count; i++) {
		if (!left--)
			new_load()
		events = draw(4) ? 20 + draw(80) : 1
		if (draw(50))
			time += int(events * gap_ns * (80 + draw(40)) / 100)
		packets += events * batch
		bytes += events * batch * size
		event += events
		printf "%.0f %d %.0f %.0f\n", time, event % 65536, packets % 4294967296,
			bytes % 4294967296
	}
}
