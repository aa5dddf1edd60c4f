# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The machine: QEMU's command line, and a boot of it.
#
# Deterministic: one CPU, and a clock that counts its instructions
# (1 instruction = 2^shift ns) and jumps over idle time. Nothing in it hangs
# on the host's clock, so a run repeats to the bit.
#
# Real time: KVM where it works, else QEMU's translator with a thread per CPU.
#
# Uses the options and work_dir of its caller.

# shellcheck disable=SC2154  # the options
# shellcheck disable=SC2034  # overdue is for the caller
# shellcheck disable=SC2054  # the commas are QEMU's and the kernel's

boot_limit_s=120
kvm_boot_limit_s=300
probe_limit_s=20

machine_options() {
	local append

	if ((domus)); then
		xen_options
		return
	fi
	# QEMU must not outlive this script, however that ends
	qemu=(setpriv --pdeathsig KILL
	      qemu-system-x86_64 -machine q35 -smp "$smp" -m "$mem_mb"
	      -seed "$seed" -display none -monitor none -nodefaults -no-reboot
	      -kernel "$kernel_dir/vmlinux" -initrd "$work_dir/initrd")
	((nodes == 1)) || node_options
	append=(console=ttyS0,115200 panic=-1 oops=panic net.ifnames=0
		mitigations=off random.trust_cpu=on
		printk.devkmsg=on "lab.seed=$seed")
	# a vector for everything, whose interval QEMU models as hardware has it
	[[ $nic != *-msi ]] || append+=(e1000e.IntMode=1,1,1,1)
	if ((real_time)); then
		real_time_options
	else
		deterministic_options
	fi
	((${#user_append[@]} == 0)) || append+=("${user_append[@]}")
	qemu+=(-append "${append[*]}")
}

# Each node has a host bridge, for the NICs below it to be on the node
node_options() {
	local i first last cores=$((smp / nodes))

	# a socket each: the kernel knows no cache across nodes
	qemu+=(-smp "$smp,sockets=$nodes,cores=$cores")
	# the kernel finds host bridges in the reverse of this order
	for ((i = nodes - 1; i >= 0; i--)); do
		first=$((i * cores)) last=$(((i + 1) * cores - 1))
		qemu+=(-object "memory-backend-ram,id=m$i,size=$((mem_mb / nodes))M"
		       -numa "node,nodeid=$i,cpus=$first-$last,memdev=m$i"
		       -device "pxb-pcie,id=node$i,bus=pcie.0,bus_nr=$((32 * (i + 1))),numa_node=$i")
	done
}

# nic_port NUMBER: sets port to what places a NIC on its node, and makes that
nic_port() {
	port=
	((nodes > 1)) || return 0
	port=,bus=port$1
	qemu+=(-device "pcie-root-port,id=port$1,bus=node$(($1 % nodes)),chassis=$(($1 + 1))")
}

# The clock takes each repetition of a "rep movsb" for an instruction, so a copy
# that a CPU does 16 or more bytes at a time would cost a byte each. Without
# erms and fsrm the kernel copies in words of 8. QEMU before 8.0 may leave half an
# operand in the flags after cmpxchg16b: it computes them from what the last
# instructions left, without knowing which those were.
deterministic_options() {
	qemu+=(-accel tcg,thread=single -icount "shift=$shift_,sleep=off"
	       -rtc base=2026-01-01,clock=vm -cpu max,-erms,-fsrm,-cx16)
	append+=(norandmaps no_timer_check)
}

real_time_options() {
	if ((kvm)); then
		qemu+=(-accel tcg,thread=multi -cpu max,+svm)
		append+=(no_timer_check)
	elif kvm_works; then
		warn "real time: KVM"
		qemu+=(-accel kvm -cpu host)
	else
		warn "real time: no usable KVM, multi-threaded TCG instead"
		qemu+=(-accel tcg,thread=multi -cpu max)
		append+=(no_timer_check)
	fi
}

# A kernel that hangs under KVM looks like any other, so boot one. Without an
# initrd it panics in the end: that is the proof. Asked once per boot of the
# host.
kvm_works() {
	local answer=$cache_dir/kvm boot_id known_id known

	boot_id=$(cat /proc/sys/kernel/random/boot_id)
	if read -r known_id known 2>/dev/null <"$answer" &&
	   [[ $known_id == "$boot_id" ]]; then
		[[ $known == yes ]]
		return
	fi
	known=no
	! kvm_probe || known=yes
	echo "$boot_id $known" >"$answer"
	[[ $known == yes ]]
}

kvm_probe() {
	[[ -w /dev/kvm ]] || return 1
	timeout "$probe_limit_s" qemu-system-x86_64 -accel kvm -cpu host \
		-machine q35 -m 256 -display none -monitor none -nodefaults \
		-no-reboot -kernel "$kernel_dir/vmlinux" \
		-append "console=ttyS0 panic=-1" -serial stdio \
		</dev/null 2>/dev/null | grep -q 'Kernel panic'
}

nic_options() {
	local device options=,romfile= port i last=1

	[[ $nic != veth ]] && ((!domus)) || return 0
	device=${nic%-msi}
	if [[ $nic == virtio-net ]]; then
		device=virtio-net-pci
		# transmit in the same thread and time as everything else
		((real_time)) || options+=,ioeventfd=off,tx=timer,x-txtimer=1000
	fi
	[[ $topology == pair ]] || last=3
	for ((i = 0; i <= last; i++)); do
		nic_port "$i"
		qemu+=(-netdev "hubport,id=h$i,hubid=$((i / 2))"
		       -device "$device,netdev=h$i,mac=52:54:00:00:00:0$((i + 1))$options$port")
	done
}

# ttyS2 has an interrupt of its own; on a PC it would share that of ttyS0
serial_options() {
	local output=file,path=$work_dir/output

	if ((domus || kvm)); then
		qemu+=(-chardev "file,id=s3,path=$work_dir/guest-console"
		       -device isa-serial,chardev=s3,iobase=0x2e8,irq=7)
	fi
	((!interactive)) || output=stdio,signal=off
	qemu+=(-chardev "file,id=s0,path=$work_dir/console"
	       -chardev "$output,id=s1"
	       -chardev "file,id=s2,path=$work_dir/control"
	       -device isa-serial,chardev=s0,iobase=0x3f8,irq=4
	       -device isa-serial,chardev=s1,iobase=0x2f8,irq=3
	       -device isa-serial,chardev=s2,iobase=0x3e8,irq=5)
}

is_ready() {
	grep -aqx ready "$work_dir/control"
}

# Returns when QEMU ended or took too long; overdue then says what did: boot
# or command
watch_guest() {
	local phase=boot limit_s=$boot_limit_s

	((!domus)) || limit_s=$xen_boot_limit_s
	((!kvm)) || limit_s=$kvm_boot_limit_s
	overdue=
	while kill -0 "$qemu_pid" 2>/dev/null; do
		if [[ $phase == boot ]] && is_ready; then
			phase=command limit_s=$timeout_s SECONDS=0
		fi
		if ((limit_s > 0 && SECONDS >= limit_s)); then
			overdue=$phase
			kill "$qemu_pid"
			break
		fi
		sleep 0.1
	done
	wait "$qemu_pid" || true
	qemu_pid=
}

relay() {
	tail -c +1 -s 0.1 --pid="$qemu_pid" -f "$1" 2>/dev/null &
	relay_pids+=($!)
}

boot() {
	local qemu relay_pids=()

	machine_options
	nic_options
	serial_options
	touch "$work_dir"/{console,output,control,guest-console}

	SECONDS=0
	if ((interactive)); then
		"${qemu[@]}" <&0 2>"$work_dir/qemu-errors" &
	else
		"${qemu[@]}" </dev/null >/dev/null 2>"$work_dir/qemu-errors" &
	fi
	qemu_pid=$!
	((interactive)) || relay "$work_dir/output"
	((!verbose)) || relay "$work_dir/console" >&2
	watch_guest
	# a reader that left early is no reason to fail
	((${#relay_pids[@]} == 0)) || wait "${relay_pids[@]}" || true
}
