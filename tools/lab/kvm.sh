# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The lab's machine as a KVM host: what goes into it to run a guest of its own
# with vhost-net and virtio-net. guest-boot does so, guest runs commands in it.
#
# The machine's CPU is QEMU's translator's, which has AMD's virtualisation
# (svm), so the kernel's own KVM runs in it, and vhost, tun, bridge and irqfd
# are the real ones. Two CPUs, in real time: with instructions for a clock this
# hangs.
#
# Uses work_dir, puts and the functions of initrd.sh.

# shellcheck disable=SC2154  # of run, lib.sh and qemu.sh

kvm_firmware=(/usr/share/qemu/bios-microvm.bin /usr/share/qemu/pvh.bin
	      /usr/share/qemu/linuxboot_dma.bin)

# The guest of the guest is small: it is unpacked by a twice emulated CPU.
# What is not here is busybox's.
kvm_guest_programs=(bash dash mawk ip tc ss ethtool ping iperf3 sockperf NPtcp taskset nsenter pkill)
kvm_guest_modules=(virtio_pci virtio_net virtio_console dummy sch_netem)

copy_programs() {
	local root=$1 paths=() name
	shift

	for name; do
		paths+=("$(type -P "$name")") || die 1 "no program '$name' here"
	done
	cp -L "${paths[@]}" "$root/usr/bin"
	libraries_of "${paths[@]}" | copy_libraries "$root"
}

# Write the archive of the guest in the guest to standard output
make_kvm_guest() {
	local kernel_dir=$1 release=$2 root=$work_dir/kvm-guest spec

	make_skeleton "$root"
	copy_programs "$root" "${kvm_guest_programs[@]}" kmod
	cp -L /bin/busybox "$root/usr/bin"
	link_applets "$root"
	write_etc "$root"
	cp "$lab_dir/init-kvm-guest" "$root/init"
	chmod +x "$root/init"
	copy_kvm_modules "$kernel_dir" "$release" "$root"
	[[ ! -x $top_dir/build/netcoal ]] ||
		add_file "$root" "$top_dir/build/netcoal" /usr/bin/netcoal
	for spec in "${puts[@]}"; do
		add_file "$root" "$(put_file "$spec")" "$(put_path "$spec")"
	done
	pack "$root"
}

# The kernel's, and whatever the build made
copy_kvm_modules() {
	local kernel_dir=$1 release=$2 root=$3 built extra

	module_files "$kernel_dir" "$release" "${kvm_guest_modules[@]}" |
		copy_modules "$kernel_dir" "$release" "$root"
	built=$top_dir/build/modules/$release
	compgen -G "$built/*.ko" >/dev/null || return 0
	extra=$root/usr/lib/modules/$release/extra
	mkdir -p "$extra"
	cp "$built"/*.ko "$extra"
	depmod -b "$root" "$release"
}

# Write the archive with all that the host needs beside the lab's own
make_kvm_host() {
	local kernel_dir=$1 release=$2 root=$work_dir/kvm-host

	make_skeleton "$root"
	copy_programs "$root" qemu-system-x86_64
	mkdir -p "$root/usr/share/qemu"
	cp -L "${kvm_firmware[@]}" "$root/usr/share/qemu"
	cp -L "$kernel_dir/vmlinux" "$root/lab/vmlinux"
	make_kvm_guest "$kernel_dir" "$release" >"$root/lab/guest.cpio"
	cp "$lab_dir/guest" "$lab_dir/guest-boot" "$root/usr/bin"
	chmod +x "$root"/usr/bin/guest{,-boot}
	pack "$root"
}
