# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# bash completion for netcoal(8)

# First words of what the command shows: names of policies, or of devices
_netcoal_names() {
	netcoal "$1" show 2>/dev/null | awk '{ print $1 }'
}

_netcoal_devices() {
	local dev

	for dev in /sys/class/net/*; do
		[[ ! -e $dev/ifindex ]] || echo "${dev##*/}"
	done
}

# Numbers of the queues of a device
_netcoal_queues() {
	netcoal dev show "$1" queues 2>/dev/null | awk '$1 == "queue" { print $2 }'
}

# What may follow a keyword of a policy
_netcoal_values() {
	case $1 in
	prefer)			echo latency cpu ;;
	governor)		echo model fixed dim ;;
	actuator)		echo auto ethtool-queue ethtool defer hold ;;
	match)			echo dev driver bridge none ;;
	esac
}

# Keywords not given yet, and those that may be given again
_netcoal_keywords() {
	local keyword

	for keyword in latency cpu prefer governor actuator rx-usecs rx-frames \
		       tx-usecs tx-frames irq-cost cap; do
		[[ $1 == *" $keyword "* ]] || echo "$keyword"
	done
	echo match
}

# _netcoal_settings WORD...: what comes after the settings so far, keywords
# with a value each, "match" with two
_netcoal_settings() {
	local given=' ' words=2

	while (($#)); do
		given+="$1 "
		[[ $1 != match ]] || words=3
		[[ $1 != match || ${2-} != none ]] || words=2
		if (($# < words)); then
			(($# > 1)) || _netcoal_values "$1"
			return
		fi
		shift $words
		words=2
	done
	_netcoal_keywords "$given"
}

# _netcoal_policy WORD...: the words between "policy" and the cursor
_netcoal_policy() {
	case $#-$1 in
	0-*)			echo add set del show help ;;
	1-set | 1-del* | 1-show | 1-l*) _netcoal_names policy ;;
	1-*)			;;
	*-add | *-set)		_netcoal_settings "${@:3}" ;;
	esac
}

_netcoal_dev() {
	case $#-$1 in
	0-*)			echo attach detach show help ;;
	1-attach)		_netcoal_devices ;;
	1-detach)		_netcoal_names dev ;;
	1-show | 1-l*)		echo queues; _netcoal_names dev ;;
	2-attach)		echo policy queue ;;
	2-detach)		echo queue ;;
	*-attach)
		case ${!#} in
		policy)		_netcoal_names policy ;;
		queue)		_netcoal_queues "$2" ;;
		*)		[[ " $* " == *' policy '* ]] || echo policy
				[[ " $* " == *' queue '* ]] || echo queue ;;
		esac ;;
	3-detach)		[[ $3 != queue ]] || _netcoal_queues "$2" ;;
	2-show | 2-l*)		[[ $2 == queues ]] || echo queues ;;
	esac
}

_netcoal_path() {
	case $#-$1 in
	0-*)			echo add set del show suggest help ;;
	1-set | 1-del* | 1-show | 1-l*) netcoal path show 2>/dev/null | awk '/^[^ ]/ { print $1 }' ;;
	1-suggest)		echo latency ;;
	1-*)			;;
	*-add | *-set)
		case ${!#} in
		dev)		_netcoal_devices ;;
		latency | remote) ;;
		*)		echo latency dev remote ;;
		esac ;;
	esac
}

# _netcoal_words WORD...: what may come after the words of a command line
_netcoal_words() {
	while [[ ${1-} == -* && $1 != -b* ]]; do
		shift
	done
	case ${1-} in
	'')			echo policy dev path monitor help ;;
	path)			_netcoal_path "${@:2}" ;;
	policy)			_netcoal_policy "${@:2}" ;;
	dev)			_netcoal_dev "${@:2}" ;;
	esac
}

# _netcoal_join WORD...: sets before; bash takes a range apart at its colon, into up to three
_netcoal_join() {
	local word last=

	before=()
	for word; do
		if [[ ($word == : && $last =~ ^[0-9]) || ($word =~ ^[0-9] && $last == *:) ]]; then
			last+=$word
			before[-1]=$last
		else
			last=$word
			before+=("$word")
		fi
	done
}

_netcoal() {
	local cur=${COMP_WORDS[COMP_CWORD]} before=() words

	_netcoal_join "${COMP_WORDS[@]:1:COMP_CWORD-1}"
	if [[ ${COMP_WORDS[COMP_CWORD - 1]} == -b* ]]; then
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
	fi
	if [[ $cur == -* && " ${before[*]} " != *' '[a-z]* ]]; then
		words="-json -pretty -statistics -timestamp -batch -force -Version -help"
	else
		words=$(_netcoal_words "${before[@]}")
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

complete -F _netcoal netcoal
