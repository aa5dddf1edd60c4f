// SPDX-License-Identifier: GPL-2.0
/*
 * xdp: an XDP program on a device, while this runs.
 *
 *	xdp pass DEV SECONDS	every packet goes on as if there were none
 *	xdp drop DEV SECONDS	none does
 *	xdp poll DEV SECONDS	an AF_XDP socket takes those of queue 0, and
 *				busy-polls for them
 *
 * Prints "attached", and for poll in the end how many packets came.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <linux/if_xdp.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef SO_PREFER_BUSY_POLL
#define SO_PREFER_BUSY_POLL	69
#define SO_BUSY_POLL_BUDGET	70
#endif

#define FRAMES		2048
#define FRAME_SIZE	2048
#define RING_SIZE	1024

struct ring {
	uint32_t *producer;
	uint32_t *consumer;
	void *desc;
};

static void die(const char *what)
{
	fprintf(stderr, "xdp: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int bpf(enum bpf_cmd cmd, union bpf_attr *attr)
{
	int fd = syscall(SYS_bpf, cmd, attr, sizeof(*attr));

	if (fd < 0)
		die("bpf");
	return fd;
}

static int load(const struct bpf_insn *insns, unsigned int nr)
{
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_XDP,
		.insns = (uintptr_t)insns,
		.insn_cnt = nr,
		.license = (uintptr_t)"GPL",
	};

	return bpf(BPF_PROG_LOAD, &attr);
}

static int load_verdict(int verdict)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = verdict },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return load(insns, 2);
}

/* return bpf_redirect_map(map, 0, XDP_PASS) */
static int load_redirect(int map)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_LD | BPF_DW | BPF_IMM, .dst_reg = 1,
		  .src_reg = BPF_PSEUDO_MAP_FD, .imm = map },
		{ 0 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 2, .imm = 0 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 3, .imm = XDP_PASS },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_redirect_map },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return load(insns, 6);
}

/* The program is gone with the link, and the link with its file. */
static void attach(int prog, unsigned int ifindex)
{
	union bpf_attr attr = {
		.link_create.prog_fd = prog,
		.link_create.target_ifindex = ifindex,
		.link_create.attach_type = BPF_XDP,
		.link_create.flags = XDP_FLAGS_DRV_MODE,
	};

	bpf(BPF_LINK_CREATE, &attr);
	printf("attached\n");
	fflush(stdout);
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void set(int fd, int level, int option, int value, const char *what)
{
	if (setsockopt(fd, level, option, &value, sizeof(value)))
		die(what);
}

static struct ring map_ring(int fd, const struct xdp_ring_offset *at, size_t desc_size,
			    uint64_t where)
{
	uint8_t *base = mmap(NULL, at->desc + RING_SIZE * desc_size,
			     PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd,
			     where);

	if (base == MAP_FAILED)
		die("mmap");
	return (struct ring){ (uint32_t *)(base + at->producer),
			      (uint32_t *)(base + at->consumer), base + at->desc };
}

static int open_socket(unsigned int ifindex, struct ring *rx, struct ring *fill)
{
	struct sockaddr_xdp addr = {
		.sxdp_family = AF_XDP,
		.sxdp_flags = XDP_COPY | XDP_USE_NEED_WAKEUP,
		.sxdp_ifindex = ifindex,
	};
	struct xdp_umem_reg umem = { .len = FRAMES * FRAME_SIZE,
				     .chunk_size = FRAME_SIZE };
	struct xdp_mmap_offsets at;
	socklen_t len = sizeof(at);
	uint32_t i;
	int fd;

	fd = socket(AF_XDP, SOCK_RAW, 0);
	if (fd < 0)
		die("AF_XDP");
	umem.addr = (uintptr_t)mmap(NULL, umem.len, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (setsockopt(fd, SOL_XDP, XDP_UMEM_REG, &umem, sizeof(umem)))
		die("umem");
	set(fd, SOL_XDP, XDP_UMEM_FILL_RING, RING_SIZE, "fill ring");
	set(fd, SOL_XDP, XDP_UMEM_COMPLETION_RING, RING_SIZE, "completion ring");
	set(fd, SOL_XDP, XDP_RX_RING, RING_SIZE, "receive ring");
	set(fd, SOL_SOCKET, SO_PREFER_BUSY_POLL, 1, "SO_PREFER_BUSY_POLL");
	set(fd, SOL_SOCKET, SO_BUSY_POLL, 20, "SO_BUSY_POLL");
	set(fd, SOL_SOCKET, SO_BUSY_POLL_BUDGET, 64, "SO_BUSY_POLL_BUDGET");
	if (getsockopt(fd, SOL_XDP, XDP_MMAP_OFFSETS, &at, &len))
		die("offsets");
	*rx = map_ring(fd, &at.rx, sizeof(struct xdp_desc), XDP_PGOFF_RX_RING);
	*fill = map_ring(fd, &at.fr, sizeof(uint64_t), XDP_UMEM_PGOFF_FILL_RING);
	for (i = 0; i < RING_SIZE; i++)
		((uint64_t *)fill->desc)[i] = (uint64_t)i * FRAME_SIZE;
	__atomic_store_n(fill->producer, RING_SIZE, __ATOMIC_RELEASE);
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)))
		die("bind");
	return fd;
}

static int make_map(int fd)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_XSKMAP,
		.key_size = 4, .value_size = 4, .max_entries = 1,
	};
	uint32_t key = 0;
	int map;

	map = bpf(BPF_MAP_CREATE, &attr);
	memset(&attr, 0, sizeof(attr));
	attr.map_fd = map;
	attr.key = (uintptr_t)&key;
	attr.value = (uintptr_t)&fd;
	bpf(BPF_MAP_UPDATE_ELEM, &attr);
	return map;
}

/* Every frame goes back to the fill ring as it comes. */
static unsigned int take(struct ring *rx, struct ring *fill)
{
	uint32_t from = *rx->consumer, to, put = *fill->producer;

	to = __atomic_load_n(rx->producer, __ATOMIC_ACQUIRE);
	for (; from != to; from++, put++)
		((uint64_t *)fill->desc)[put % RING_SIZE] =
			((struct xdp_desc *)rx->desc)[from % RING_SIZE].addr &
			~(uint64_t)(FRAME_SIZE - 1);
	from = *rx->consumer;
	__atomic_store_n(rx->consumer, to, __ATOMIC_RELEASE);
	__atomic_store_n(fill->producer, put, __ATOMIC_RELEASE);
	return to - from;
}

static void poll_for(unsigned int ifindex, int64_t ms)
{
	int64_t end = now_ms() + ms;
	unsigned int packets = 0;
	struct ring rx, fill;
	int fd;

	fd = open_socket(ifindex, &rx, &fill);
	attach(load_redirect(make_map(fd)), ifindex);
	while (now_ms() < end) {
		recvfrom(fd, NULL, 0, MSG_DONTWAIT, NULL, NULL);
		packets += take(&rx, &fill);
	}
	printf("%u\n", packets);
}

int main(int argc, char **argv)
{
	struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	unsigned int ifindex;
	int64_t ms;

	if (argc != 4) {
		fprintf(stderr, "usage: xdp pass|drop|poll DEV SECONDS\n");
		return 2;
	}
	setrlimit(RLIMIT_MEMLOCK, &all);
	ms = atof(argv[3]) * 1000;
	ifindex = if_nametoindex(argv[2]);
	if (!ifindex)
		die(argv[2]);
	if (!strcmp(argv[1], "poll")) {
		poll_for(ifindex, ms);
		return 0;
	}
	attach(load_verdict(strcmp(argv[1], "drop") ? XDP_PASS : XDP_DROP), ifindex);
	usleep(ms * 1000);
	return 0;
}
