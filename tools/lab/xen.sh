# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The lab's machine as a Xen host: the hypervisor under the lab's kernel, which
# becomes dom0, and what goes into it to run paravirtual guests of the same
# kernel. dom0-start does so, domu runs commands in them.
#
# Deterministic like the plain machine, with a clock that counts instructions.
# Xen shares the one CPU among the domains, so its own accounting tells what each
# of them costs. With two, dom0 has one and the guests the other: for loads that
# spin. They take turns on one time line, so a domain's time then contains what
# the other did.
#
# Uses the options, work_dir, xen_dir and the functions of initrd.sh.

# shellcheck disable=SC2154  # of run, lib.sh and qemu.sh
# shellcheck disable=SC2034  # for qemu.sh
# shellcheck disable=SC2054  # the commas are QEMU's and Xen's
# shellcheck disable=SC2034  # xen_boot_limit_s and qemu are for qemu.sh

xen_boot_limit_s=600
dom0_mem_mb=900
domu_mem_mb=208

# Names below usr/lib/xen-4.17/bin and usr/bin
xen_programs=(xl xenstored xen-init-dom0 xenconsoled xenconsole libxl-save-helper)
xenstore_programs=(xenstore-read xenstore-write xenstore-watch xenstore-ls
		   xenstore-rm xenstore-list)

# Programs of Xen's with their libraries, which are not where ldd looks
copy_xen_programs() {
	local root=$1 xen=$2 bin=$2/usr/lib/xen-4.17/bin paths

	mkdir -p "$root/usr/lib/xen-4.17/bin" "$root/var/lib/xen" "$root/var/log/xen/console" \
		 "$root/etc/xen"
	paths=("${xen_programs[@]/#/$bin/}")
	cp "${paths[@]}" "$root/usr/lib/xen-4.17/bin"
	ln -s ../lib/xen-4.17/bin/xl "$root/usr/bin/xl"
	paths+=("${xenstore_programs[@]/#/$xen/usr/bin/}")
	cp "${xenstore_programs[@]/#/$xen/usr/bin/}" "$root/usr/bin"
	# by pthread_cancel() only, which ldd does not see
	cp -L "$multiarch_dir/libgcc_s.so.1" "$root$multiarch_dir"
	LD_LIBRARY_PATH=$xen$multiarch_dir libraries_of "${paths[@]}" |
		copy_libraries "$root"
}

# The lab's own programs for domains
xen_tools() {
	"$top_dir/tools/deps" tool >&2
	make -s -C "$lab_dir" -f xen.mk O="$top_dir/build/lab" XEN="$xen_dir" >&2
}

# Write the guest's archive to standard output: the base, and an overlay of
# its own init
make_domu() {
	local base=$1 release=$2

	cat "$base/base.cpio"
	make_overlay "$base" "$release" init-domu add_domu_programs
}

add_domu_programs() {
	local root=$1 paths

	paths=("${xenstore_programs[@]/#/$xen_dir/usr/bin/}" "$top_dir"/build/lab/xen-{meter,load})
	cp "${paths[@]}" "$root/usr/bin"
	LD_LIBRARY_PATH=$xen_dir$multiarch_dir libraries_of "${paths[@]}" |
		copy_libraries "$root"
}

# Write the archive with all that dom0 needs beside the lab's own
make_dom0() {
	local kernel_dir=$1 release=$2 base=$3 root=$work_dir/dom0

	xen_tools
	make_skeleton "$root"
	copy_xen_programs "$root" "$xen_dir"
	cp "$top_dir"/build/lab/xen-{meter,load} "$root/usr/bin"
	cp "$lab_dir"/{dom0-start,domu,vif-connect} "$root/usr/bin"
	chmod +x "$root"/usr/bin/{dom0-start,domu,vif-connect}
	cp -L "$kernel_dir/vmlinux" "$root/lab/vmlinux"
	make_domu "$base" "$release" >"$root/lab/domu.cpio"
	pack "$root"
}

# Xen is QEMU's kernel, dom0's kernel and archive are modules of it. Without
# -smap,-smep dom0 crashes at once. With xsave and avx, programs in the domains
# crash now and then: the emulator loses registers when Xen switches.
xen_options() {
	local words

	words=(com1=115200,8n1 console=com1 loglvl=warning guest_loglvl=warning
	       "dom0_mem=${dom0_mem_mb}M,max:${dom0_mem_mb}M" dom0_max_vcpus=1
	       spec-ctrl=no xpti=no pv-l1tf=off noreboot)
	((smp == 1)) || words+=(dom0_vcpus_pin)
	append=(console=hvc0 panic=-1 oops=panic net.ifnames=0 mitigations=off
		random.trust_cpu=off norandmaps printk.devkmsg=on "lab.seed=$seed")
	((${#user_append[@]} == 0)) || append+=("${user_append[@]}")
	mem_mb=$((dom0_mem_mb + domus * (domu_mem_mb + 16) + 300))
	qemu=(setpriv --pdeathsig KILL
	      qemu-system-x86_64 -machine q35 -smp "$smp" -m "$mem_mb"
	      -seed "$seed" -display none -monitor none -nodefaults -no-reboot
	      -accel tcg,thread=single,tb-size=512 -icount "shift=$shift_,sleep=off"
	      -rtc base=2026-01-01,clock=vm
	      -cpu max,-smap,-smep,-erms,-fsrm,-rdrand,-rdseed,-xsave,-avx,-avx2,-pku,-cx16
	      -kernel "$xen_dir/xen" -append "${words[*]} $xen_append"
	      -initrd "$kernel_dir/vmlinux ${append[*]},$work_dir/initrd")
}
