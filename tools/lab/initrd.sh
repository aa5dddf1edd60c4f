# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The guest's file system, made of two archives that the kernel unpacks one
# over the other:
#
#   base      programs, libraries and kernel modules; the same for every run,
#             kept in the cache with the hashes of all that went into it
#   overlay   init, the command, netcoal itself and what --put brings; small,
#             made anew for every run
#
# Both are reproducible: the same files in give the same bytes out.
#
# Uses work_dir, puts, with_netcoal, guest_config and guest_command of its caller.

# shellcheck disable=SC2154  # cache_dir and lab_dir are of lib.sh

base_programs=(
	# shells first: sh is dash, as in Debian
	bash dash
	# busybox runs its own applets before what PATH has, also from env,
	# timeout and xargs, so what starts programs has to be the real one
	cat chmod chown cp cut date dd df dirname basename du echo env expr
	false head id ln ls mkdir mkfifo mktemp mv nice nl nohup nproc numfmt
	od paste printf pwd readlink realpath rm rmdir seq sha256sum sleep
	sort stat stty sync tail tee test timeout touch tr true truncate tty
	uname uniq wc whoami find xargs grep sed mawk tar gzip base64
	chrt dmesg flock mount nsenter setpriv setsid taskset umount unshare
	free pgrep pkill ps sysctl
	kmod
	ip tc ss bridge ethtool ping iperf3 sockperf NPtcp jq
)

base_links=(
	sh:dash awk:mawk
	modprobe:kmod insmod:kmod rmmod:kmod lsmod:kmod modinfo:kmod depmod:kmod
)

# The NICs' drivers, and what tests may want to put around them
base_modules=(
	virtio_pci virtio_net e1000e e1000 8139cp vmxnet3
	veth bridge bonding team 8021q dummy tun ifb macvlan pktgen
	xen-netback xen-netfront xen-evtchn xen-gntdev xen-gntalloc xen-privcmd xenfs
	openvswitch vhost_net kvm_amd
)

multiarch_dir=/usr/lib/x86_64-linux-gnu

# Where the distribution merges its directories, so that a file put at an old
# path lands beside the others. Part of both archives: a plain directory in
# the overlay would replace the base's link.
make_skeleton() {
	local root=$1 link

	mkdir -p "$root"/{dev,etc,lab,proc,root,run,sys,tmp,var} \
		 "$root"/usr/{bin,lib64} "$root$multiarch_dir"
	ln -s usr/bin "$root/bin"
	ln -s usr/bin "$root/sbin"
	ln -s bin "$root/usr/sbin"
	for link in lib lib64; do
		ln -s "usr/$link" "$root/$link"
	done
}

# Lines "NAME PATH" of the shared libraries that dynamic programs need
libraries_of() {
	(($# == 0)) || { ldd "$@" 2>/dev/null || true; } |
		awk '$2 == "=>" && $3 ~ /^\// { print $1, $3 }
		     $1 ~ /^\// && $2 ~ /^\(/ { print $1, $1 }' |
		LC_ALL=C sort -u
}

# All libraries go where the loader looks without being told, whatever place
# the host has them at; only the loader's own path is part of the program.
copy_libraries() {
	local root=$1 name path

	while read -r name path; do
		case $name in
		/*)	cp -L "$path" "$root$name" ;;
		*)	cp -L "$path" "$root$multiarch_dir/$name" ;;
		esac
	done
}

# Two archives of the same files must not differ, whoever makes them
pack() {
	local root=$1

	chmod -R u=rwX,go=rX "$root"
	find "$root" -exec touch -h -d @0 {} +
	(cd "$root" && find . -mindepth 1 -print0 | LC_ALL=C sort -z |
		cpio --null --create --format newc --reproducible \
		     --owner 0:0 --quiet)
}

host_programs() {
	local name path

	for name in "${base_programs[@]}"; do
		path=$(type -P "$name") || die 1 "no program '$name' here"
		echo "$path"
	done
	# only the static one is in the guest whole
	[[ -x /bin/busybox ]] || die 1 "no program 'busybox' here"
	echo /bin/busybox
}

all_qdiscs() {
	local kernel_dir=$1 release=$2

	(cd "$kernel_dir/lib/modules/$release/kernel/net/sched" &&
		printf '%s\n' sch_*.ko* | sed 's/\.ko.*//')
}

# Paths below lib/modules/RELEASE of the wanted modules and all they need
module_files() {
	local kernel_dir=$1 release=$2
	shift 2

	modprobe -d "$kernel_dir" -S "$release" --show-depends --all --ignore-install "$@" |
		sed -n "s|^insmod .*/lib/modules/$release/\([^ ]*\).*|\1|p" |
		LC_ALL=C sort -u
}

copy_modules() {
	local kernel_dir=$1 release=$2 root=$3 source target file

	source=$kernel_dir/lib/modules/$release
	target=$root/lib/modules/$release
	while read -r file; do
		mkdir -p "$target/${file%/*}"
		case $file in
		*.xz)	xz -dc "$source/$file" >"$target/${file%.xz}" ;;
		*.zst)	zstd -dcq "$source/$file" >"$target/${file%.zst}" ;;
		*)	cp "$source/$file" "$target/$file" ;;
		esac
	done
	cp "$source"/modules.{order,builtin,builtin.modinfo} "$target"
	depmod -b "$root" "$release"
}

link_applets() {
	local root=$1 link name

	for link in "${base_links[@]}"; do
		ln -s "${link#*:}" "$root/usr/bin/${link%:*}"
	done
	for name in $("$root/usr/bin/busybox" --list); do
		[[ -e $root/usr/bin/$name ]] ||
			ln -s busybox "$root/usr/bin/$name"
	done
}

write_etc() {
	local root=$1

	printf 'root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534::/:/bin/sh\n' \
		>"$root/etc/passwd"
	printf 'root:x:0:\nnogroup:x:65534:\n' >"$root/etc/group"
	printf '127.0.0.1 localhost\n10.0.0.1 A\n10.0.0.2 B\n' >"$root/etc/hosts"
	printf 'passwd: files\ngroup: files\nhosts: files\n' >"$root/etc/nsswitch.conf"
	# NetPIPE asks for tcp by its name
	printf 'ip 0 IP\nicmp 1 ICMP\ntcp 6 TCP\nudp 17 UDP\n' >"$root/etc/protocols"
}

# What is in $base in the end:
#
#   base.cpio   the archive
#   inputs      sha256 of the programs and libraries in it
#   modules/    a root with the kernel modules, to run depmod in again when
#               netcoal's own join them
build_base() {
	local kernel_dir=$1 release=$2 base=$3 root=$3/root programs qdiscs

	mapfile -t programs < <(host_programs)
	mapfile -t qdiscs < <(all_qdiscs "$kernel_dir" "$release")
	make_skeleton "$root"
	cp -L "${programs[@]}" "$root/usr/bin"
	libraries_of "${programs[@]}" | copy_libraries "$root"
	link_applets "$root"
	write_etc "$root"
	module_files "$kernel_dir" "$release" "${base_modules[@]}" "${qdiscs[@]}" |
		copy_modules "$kernel_dir" "$release" "$root"

	{ printf '%s\n' "${programs[@]}"; libraries_of "${programs[@]}" | cut -d ' ' -f 2; } |
		xargs -d '\n' sha256sum >"$base/inputs"
	pack "$root" >"$base/base.cpio"
	mkdir -p "$base/modules/lib"
	mv "$root/usr/lib/modules" "$base/modules/lib"
	rm -rf "$root"
}

base_is_good() {
	[[ -e $1/base.cpio ]] && sha256sum --check --status "$1/inputs" 2>/dev/null
}

base_name() {
	local kernel_dir=$1 hash

	hash=$(sha256sum <"$lab_dir/initrd.sh")
	echo "${kernel_dir##*/}-${hash:0:12}"
}

# Print the directory of the base, after building it where something changed
ensure_base() {
	local kernel_dir=$1 release=$2 base tmp

	base=$cache_dir/initrd/$(base_name "$kernel_dir")
	if ! base_is_good "$base"; then
		take_lock initrd
		if ! base_is_good "$base"; then
			mkdir -p "$cache_dir/initrd"
			tmp=$(mktemp -d -p "$cache_dir/initrd" tmp.XXXXXX)
			build_base "$kernel_dir" "$release" "$tmp"
			rm -rf "$base"
			mv -T "$tmp" "$base"
			prune_bases "$base"
		fi
		drop_lock
	fi
	echo "$base"
}

# Of older kernels, older scripts, and builds that were cut off
prune_bases() {
	find "$cache_dir/initrd" -mindepth 1 -maxdepth 1 -mtime +7 \
		! -path "$1" -exec rm -rf {} +
}

# Whatever modules the build made, with the indexes for base and all of them
add_built_modules() {
	local root=$1 base=$2 release=$3 built modules tmp

	built=$top_dir/build/modules/$release
	compgen -G "$built/*.ko" >/dev/null || return 0
	tmp=$(mktemp -d -p "$work_dir" modules.XXXXXX)
	cp -a "$base/modules/." "$tmp"
	modules=$root/usr/lib/modules/$release
	mkdir -p "$tmp/lib/modules/$release/extra" "$modules/extra"
	cp "$built"/*.ko "$tmp/lib/modules/$release/extra"
	cp "$built"/*.ko "$modules/extra"
	depmod -b "$tmp" "$release"
	cp "$tmp/lib/modules/$release"/modules.* "$modules"
}

is_elf() {
	[[ $(head -c 4 "$1" | tr -d '\0') == $'\x7fELF' ]]
}

add_libraries_of() {
	local root=$1 program=$2 lacking

	is_elf "$program" || return 0
	lacking=$(ldd "$program" 2>/dev/null | awk '/=> not found/ { print $1; exit }')
	[[ ! $lacking ]] ||
		die 2 "--put: $program needs $lacking, which is not here"
	libraries_of "$program" | copy_libraries "$root"
}

add_file() {
	local root=$1 file=$2 path=$3 target program

	target=$root$path
	mkdir -p "${target%/*}"
	cp -r -H --preserve=mode -T "$file" "$target"
	while IFS= read -r -d '' program; do
		add_libraries_of "$root" "$program"
	done < <(find -H "$file" -type f -perm /111 -print0)
}

# The two halves of --put FILE[:PATH]
put_file() {
	[[ $1 =~ ^(.+):/[^:]*$ ]] && echo "${BASH_REMATCH[1]}" || echo "$1"
}

put_path() {
	local path=/put/

	[[ ! $1 =~ ^.+:(/[^:]*)$ ]] || path=${BASH_REMATCH[1]}
	[[ $path != */ ]] || path+=$(basename "$(realpath -s "$(put_file "$1")")")
	echo "$path"
}

add_netcoal() {
	local root=$1 base=$2 release=$3

	add_built_modules "$root" "$base" "$release"
	if [[ -x $top_dir/build/netcoal ]]; then
		add_file "$root" "$top_dir/build/netcoal" /usr/bin/netcoal
	fi
}

# Write an overlay's archive to standard output, with INIT of this directory;
# MORE is a function that adds something to the root that it is given
make_overlay() {
	local base=$1 release=$2 init=${3-init} more=${4-true} root spec

	root=$work_dir/overlay-$init
	make_skeleton "$root"
	cp "$lab_dir/$init" "$root/init"
	chmod +x "$root/init"
	"$more" "$root"
	((!with_netcoal)) || add_netcoal "$root" "$base" "$release"
	for spec in "${puts[@]}"; do
		add_file "$root" "$(put_file "$spec")" "$(put_path "$spec")"
	done
	guest_config >"$root/lab/config"
	guest_command >"$root/lab/command"
	pack "$root"
}
