#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The command: what it refuses changes nothing, what it takes comes back.
#
#	netns nc-a              netns nc-b
#	+---------------+       +---------------+
#	| nct0 10.9.0.1 | <---> | nct1 10.9.0.2 |
#	+---------------+       +---------------+

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need netcoal ip ethtool jq setpriv unshare

set_up() {
	load_module netcoal
	ns_a=nc-a
	add_namespace $ns_a
}

# Policies, a device under one of them, and one that is waited for
set_up_devices() {
	remove_namespace nc-a
	make_pair nctest
	tool policy add web latency 50us rx-usecs 20:200
	tool policy add bulk governor fixed
	tool dev attach "$dev" policy web
	tool dev attach none0 policy bulk
	eventually is_state governing
}

shown() {
	tool -j policy show
	tool -j dev show
}

# run LINE: runs the words of a line, '' is an empty one. Sets status, out, err.
run() {
	local line=$1 word words=()

	for word in $line; do
		[[ $word != "''" ]] || word=''
		words+=("$word")
	done
	status=0
	tool "${words[@]}" >"$scratch/out" 2>"$scratch/err" || status=$?
	out=$(<"$scratch/out") err=$(<"$scratch/err")
}

# check_refused STATUS LINE NAMED: one line on stderr, which names the culprit
check_refused() {
	local want=$1 line=$2 named=$3

	run "$line"
	equal "status of 'netcoal $line' ($err)" "$want" "$status"
	equal "output of 'netcoal $line'" '' "$out"
	equal "lines on stderr of 'netcoal $line'" 1 "$(wc -l <"$scratch/err")"
	[[ $err == "netcoal: "*"$named"* ]] || fail "'netcoal $line' does not name $named: $err"
}

# check_all_refused STATUS: lines from stdin, "NAMED; LINE"
check_all_refused() {
	local want=$1 before named line

	before=$(shown)
	while IFS=';' read -r named line; do
		[[ $line ]] || continue
		check_refused "$want" "$line" "$named"
		same_text "what is shown after 'netcoal $line'" "$before" "$(shown)"
	done
}

test_malformed_lines_change_nothing() {
	set_up_devices
	check_all_refused 1 <<-'END'
		object;
		"";		''
		"polizy";	polizy show
		"-x";		-x policy show
		"-jp";		-jp policy show
		-batch;		-batch
		"/nonexistent";	-batch /nonexistent
		"";		policy ''
		"s";		policy s web
		"remove";	policy remove web
		value missing;	policy add
		"";		policy add ''
		"a/b";		policy add a/b
		"a:b";		policy add a:b
		longer than 31;	policy add 01234567890123456789012345678901 latency 50us
		latency;	policy add new latency
		"";		policy add new latency ''
		"50";		policy add new latency 50
		"1";		policy add new latency 1
		"2.5";		policy add new latency 2.5
		"-50us";	policy add new latency -50us
		"+50us";	policy add new latency +50us
		"nan";		policy add new latency nan
		"nanus";	policy add new latency nanus
		"inf";		policy add new latency inf
		"0.5ns";	policy add new latency 0.5ns
		".5us";		policy add new latency .5us
		"5.us";		policy add new latency 5.us
		"050us";	policy add new latency 050us
		"0x50us";	policy add new latency 0x50us
		"5e1us";	policy add new latency 5e1us
		"50us,";	policy add new latency 50us,
		"50US";		policy add new latency 50US
		"50min";	policy add new latency 50min
		"2s";		policy add new latency 2s
		"1000000001ns";	policy add new latency 1000000001ns
		"4294967296ns";	policy add new latency 4294967296ns
		"99999999999us"; policy add new latency 99999999999us
		"0.0000000001s"; policy add new latency 0.0000000001s
		"us";		policy set web latency us
		"7";		policy set web cpu 7
		"7us7";		policy set web irq-cost 7us7
		"both";		policy set web prefer both
		"";		policy set web prefer ''
		"e";		policy set web actuator e
		"magic";	policy set web actuator magic
		"";		policy set web governor ''
		"a/b";		policy set web governor a/b
		longer than 31;	policy set web governor 01234567890123456789012345678901
		":";		policy set web rx-usecs :
		"::";		policy set web rx-usecs ::
		"1:2:3";	policy set web rx-usecs 1:2:3
		"200:20";	policy set web rx-usecs 200:20
		"20us";		policy set web rx-usecs 20us
		"-1";		policy set web rx-usecs -1
		"-1:5";		policy set web rx-usecs -1:5
		"1:-5";		policy set web rx-usecs 1:-5
		"1.5";		policy set web rx-usecs 1.5
		"007";		policy set web rx-usecs 007
		"1000001";	policy set web rx-usecs 1000001
		"4294967297";	policy set web rx-usecs 4294967297
		"18446744073709551617"; policy set web rx-usecs 18446744073709551617
		"0";		policy set web rx-frames 0
		"0:9";		policy set web tx-frames 0:9
		"65536";	policy set web tx-frames 65536
		"nan:1";	policy set web tx-usecs nan:1
		"t";		policy set web t 1
		"users";	policy set web users 0
		"name";		policy set web name new
		"6us";		policy set web latency 5us latency 6us
		"5us";		policy set web latency 5us lat 5us
		"web";		policy set web
		"now";		policy del none now
		"again";	policy show web again
		value missing;	policy set
		value missing;	policy del
		device;		dev attach
		policy;		dev attach none1
		policy;		dev attach none1 policy
		"to";		dev attach none1 to web
		"bulk";		dev attach none1 policy web policy bulk
		"now";		dev attach none1 policy web now
		"a/b";		dev attach a/b policy web
		"..";		dev attach .. policy web
		"0123456789012345"; dev attach 0123456789012345 policy web
		"none1";	dev detach none0 none1
		device;		dev detach
		"queuez";	dev show none0 queuez
		"all";		dev show none0 queues all
		"";		dev show ''
		"now";		monitor now
	END
}

test_refused_requests_change_nothing() {
	set_up_devices
	check_all_refused 2 <<-'END'
		"web";		policy add web
		"web";		policy add web latency 1us
		"bogus";	policy add new governor bogus
		"bogus";	policy set web governor bogus
		"300:";		policy set web rx-usecs 300:
		"new";		policy set new latency 1us
		"new";		policy del new
		"new";		policy show new
		"web";		policy del web
		"new";		dev attach none1 policy new
		"none1";	dev detach none1
		"none1";	dev show none1
		"none1";	dev show none1 queues
	END
}

test_help_everywhere() {
	local line

	while read -r line; do
		run "$line"
		equal "status of 'netcoal $line'" 0 "$status"
		equal "stderr of 'netcoal $line'" '' "$err"
		[[ $out == "Usage: netcoal "* ]] || fail "'netcoal $line' says $out"
	done <<-END
		help
		-h
		--help
		policy help
		policy -h
		policy add help
		policy add web help
		policy add web latency help
		policy set help
		policy del help
		policy show help
		dev help
		dev attach help
		dev attach eth0 policy help
		dev detach help
		dev show help
		monitor help
	END
	equal "policies" '[]' "$(tool -j policy show)"
}

# The kernel loads the module by itself, where it finds it
test_without_the_module() {
	local modprobe

	unload_module netcoal
	modprobe=$(sysctl -n kernel.modprobe)
	sysctl -qw kernel.modprobe=
	run "policy show"
	sysctl -qw kernel.modprobe="$modprobe"
	equal "status" 2 "$status"
	equal "message" "netcoal: module not loaded (modprobe netcoal)" "$err"
	run "policy help"
	equal "status" 0 "$status"
}

# Every keyword by itself: "KEYWORD VALUE JSON"
test_every_keyword_comes_back() {
	local keyword value json

	while read -r keyword value json; do
		tool policy add one "$keyword" "$value"
		jq -e --argjson want "{$json}" '.[0] | contains($want)' \
			<<<"$(tool -j policy show one)" >/dev/null ||
			fail "$keyword $value: $(tool -j policy show one)"
		tool policy del one
	done <<-'END'
		latency  0		"latency_ns":0
		latency  1ns		"latency_ns":1
		latency  2.5us		"latency_ns":2500
		latency  1.234567ms	"latency_ns":1234567
		latency  1s		"latency_ns":1000000000
		cpu      800ns		"cpu_ns":800
		cpu      0		"cpu_ns":0
		prefer   latency	"prefer":"latency"
		prefer   cpu		"prefer":"cpu"
		prefer   c		"prefer":"cpu"
		governor model		"governor":"model"
		governor fixed		"governor":"fixed"
		actuator auto		"actuator":"auto"
		actuator ethtool-queue	"actuator":"ethtool-queue"
		actuator ethtool	"actuator":"ethtool"
		actuator defer		"actuator":"defer"
		actuator hold		"actuator":"hold"
		rx-usecs 20:200		"rx_usecs_min":20,"rx_usecs_max":200
		rx-usecs 0:1000000	"rx_usecs_min":0,"rx_usecs_max":1000000
		rx-usecs 7		"rx_usecs_min":7,"rx_usecs_max":7
		rx-usecs 20:		"rx_usecs_min":20,"rx_usecs_max":1000000
		rx-usecs :200		"rx_usecs_min":0,"rx_usecs_max":200
		rx-frames 2:64		"rx_frames_min":2,"rx_frames_max":64
		rx-frames 1:65535	"rx_frames_min":1,"rx_frames_max":65535
		tx-usecs 3:5		"tx_usecs_min":3,"tx_usecs_max":5
		tx-frames :16		"tx_frames_min":1,"tx_frames_max":16
		irq-cost 2.5us		"irq_cost_ns":2500
	END
}

# What "policy show" prints can be typed after "policy add"
test_text_comes_back() {
	local line

	tool policy add one latency 1.234567ms cpu 800ns prefer cpu governor fixed \
		actuator hold rx-usecs 1:70 rx-frames 2:60 tx-usecs 3:50 tx-frames 4:40 \
		irq-cost 2.5us
	line=$(tool policy show one)
	tool policy del one
	# shellcheck disable=SC2086  # words
	tool policy add ${line% users *}
	equal "policy" "$line" "$(tool policy show one)"
}

test_columns_line_up() {
	tool policy add a latency 1us
	tool policy add a-long-name latency 999.999us
	equal "where the governor stands" 1 \
		"$(tool policy show | grep -b -o 'governor' |
		   awk -F: -v width="$(tool policy show | head -n 1 | wc -c)" \
			'{ print $1 % width }' | sort -u | wc -l)"
}

test_aliases_and_prefixes() {
	tool pol a web lat 50us
	equal "ls" "$(tool policy show)" "$(tool p ls)"
	equal "list" "$(tool policy show)" "$(tool policy list)"
	equal "no command" "$(tool policy show)" "$(tool policy)"
	tool p d web
	equal "policies" '' "$(tool policy show)"
}

test_deleting_says_who_uses_it() {
	set_up_devices
	tool dev attach none1 policy web
	run "policy del web"
	equal "status" 2 "$status"
	[[ $err == *'"web": in use by '*"$dev"* && $err == *none1* && $err != *none0* ]] ||
		fail "$err"
	tool dev detach "$dev"
	tool dev detach none1
	tool policy del web
}

unprivileged() {
	ip netns exec "$ns_a" setpriv --reuid 65534 --regid 65534 --clear-groups \
		--inh-caps=-all netcoal "$@"
}

# Root, but not of this namespace's owner
elsewhere() {
	ip netns exec "$ns_a" unshare -U -r netcoal "$@"
}

test_changes_need_privilege() {
	local who before line

	tool policy add web
	tool dev attach none0 policy web
	before=$(shown)
	for who in unprivileged elsewhere; do
		same_text "what $who sees" "$before" "$($who -j policy show; $who -j dev show)"
		while read -r line; do
			# shellcheck disable=SC2086  # words
			refused $who $line
			[[ $said == *"not permitted, changes need CAP_NET_ADMIN" ]] ||
				fail "$who netcoal $line: $said"
		done <<-END
			policy add new
			policy set web latency 1us
			policy del web
			dev attach none1 policy web
			dev detach none0
		END
	done
	same_text "what is left" "$before" "$(shown)"
}

test_batch() {
	cat >"$scratch/batch" <<-'END'
		# two policies
		policy add web latency 50us	# fast
		policy add 'bulk' \
			latency 2ms \
			cpu 1us

		dev attach none0 policy web
	END
	tool -batch "$scratch/batch"
	equal "policies" "web 50000 0 bulk 2000000 1000" \
		"$(tool -j policy show | jq -r 'map("\(.name) \(.latency_ns) \(.cpu_ns)") | join(" ")')"
	equal "devices" none0 "$(tool -j dev show | jq -r '.[].ifname')"
}

test_batch_errors() {
	printf 'policy add a\npolicy add a\nbogus\npolicy add b\n' >"$scratch/batch"
	run "-batch $scratch/batch"
	equal "status" 2 "$status"
	[[ $err == "netcoal: $scratch/batch:2: policy \"a\": "* ]] || fail "$err"
	equal "policies" a "$(tool -j policy show | jq -r '.[].name')"

	tool policy del a
	run "-force -batch $scratch/batch"
	equal "status" 2 "$status"
	equal "lines that failed" "2 3" "$(cut -d: -f3 <<<"$err" | paste -sd' ')"
	equal "policies" "a b" "$(tool -j policy show | jq -r 'map(.name) | join(" ")')"
	tool -batch - <<<"policy del a"
	equal "policies" b "$(tool -j policy show | jq -r '.[].name')"
}

# Far more than fits into one answer of the kernel
test_long_lists() {
	seq -f 'policy add policy-%g latency 50us' 700 >"$scratch/batch"
	seq -f 'dev attach none%g policy policy-1' 700 >>"$scratch/batch"
	tool -batch "$scratch/batch"
	equal "policies" 700 "$(tool -j policy show | jq 'map(.name) | unique | length')"
	equal "devices" 700 "$(tool -j dev show queues | jq 'map(.ifname) | unique | length')"
	equal "lines" 700 "$(tool policy show | wc -l)"
	run "policy del policy-1"
	equal "status" 2 "$status"
	[[ $err == *"in use by none"*" and "*" more" ]] || fail "$err"
}

# start_monitor OPTION...: into $scratch/events, in the background
start_monitor() {
	: >"$scratch/events"
	ip netns exec "$ns_a" timeout 60 netcoal "$@" monitor >"$scratch/events" 2>&1 &
	monitor=$!
	eventually monitor_hears
}

monitor_hears() {
	tool dev attach none9 policy web
	tool dev detach none9
	[[ -s $scratch/events ]]
}

heard() {
	grep -q -x -e "$1" "$scratch/events"
}

monitor_pid() {
	pgrep -x netcoal -P "$monitor"
}

# SIGINT, too, though the shell has background jobs ignore it
test_the_monitor_ends_cleanly() {
	local signal status

	tool policy add web
	for signal in TERM INT; do
		start_monitor
		kill -"$signal" "$(monitor_pid)"
		status=0
		wait "$monitor" || status=$?
		equal "status after SIG$signal" 0 "$status"
	done
}

test_the_monitor_prints_lines() {
	tool policy add web
	start_monitor -t
	tool dev attach none0 policy web
	tool dev detach none0
	eventually heard '\[20[-0-9]*T[0-9:]*\.[0-9]*\] dev none0 policy web state waiting reason no-device'
	eventually heard '\[20[-0-9]*T[0-9:]*\.[0-9]*\] gone none0 policy web'
}

# Sums what a monitor was told: events, and those lost
events_accounted() {
	jq -s 'map(if .event == "lost" then .count else 1 end) | add' "$scratch/events"
}

accounted() {
	(($(events_accounted) == $1))
}

# Every event is printed or counted, though the monitor slept through most
test_the_monitor_counts_what_it_lost() {
	local i pid before

	tool policy add web
	for i in {1..3000}; do
		echo "dev attach none$i policy web"
		echo "dev detach none$i"
	done >"$scratch/batch"
	start_monitor -j
	pid=$(monitor_pid)
	sleep 0.5
	before=$(events_accounted)
	kill -STOP "$pid"
	tool -batch "$scratch/batch"
	kill -CONT "$pid"
	eventually accounted $((before + 6000))
	jq -e -s 'any(.event == "lost")' "$scratch/events" >/dev/null || fail "nothing was lost"
	equal "status after the flood" 0 "$(kill -0 "$pid"; echo $?)"
}

test_the_monitor_survives_the_module() {
	tool policy add web
	start_monitor -j
	unload_module netcoal
	eventually heard '{"event":"unloaded"}'
	load_module netcoal
	eventually heard '{"event":"loaded"}'
	tool policy add late
	tool dev attach none5 policy late
	eventually heard '{"event":"dev-event","ifname":"none5".*'
}

test_full_disks_are_reported() {
	local status=0

	tool policy add web
	tool policy show >/dev/full 2>"$scratch/err" || status=$?
	equal "status" 2 "$status"
	equal "message" "netcoal: cannot write the output: No space left on device" \
		"$(<"$scratch/err")"
}

run_tests test_malformed_lines_change_nothing test_refused_requests_change_nothing \
	test_help_everywhere test_without_the_module test_every_keyword_comes_back \
	test_text_comes_back test_columns_line_up test_aliases_and_prefixes \
	test_deleting_says_who_uses_it test_changes_need_privilege test_batch \
	test_batch_errors test_long_lists test_the_monitor_ends_cleanly \
	test_the_monitor_prints_lines test_the_monitor_counts_what_it_lost \
	test_the_monitor_survives_the_module test_full_disks_are_reported
