// SPDX-License-Identifier: GPL-2.0
/*
 * xen-load - datagrams from one domain of a Xen machine to another, with one-way times
 *
 *	xen-load send ADDR PORT PPS [SIZE [BURST]]	at that pace, until killed
 *	xen-load receive PORT WARMUP_MS WINDOW_MS	prints one JSON object, then ends
 *	xen-load ping ADDR PPS WARMUP_MS WINDOW_MS	likewise, of round trips
 *
 * The kernels of two domains have no clock in common, but the domains run on the same CPU: times
 * are taken off its time stamp counter, which nobody offsets for a paravirtual domain.
 *
 * Datagrams that arrive within the window count. How many were sent meanwhile, their numbers say.
 *
 * Round trips are ICMP echoes, which the other kernel answers, one at a time. The command ping spins
 * in between where they are to come faster than 100 a second, or are late.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#include "load/die.h"
#include "load/hist.h"

#define NSEC_PER_SEC	1000000000ull
#define SIZE_MAX_BYTES	1472
/* What a receiver takes at once, as servers of datagrams do that see many. */
#define AT_ONCE		32
#define RCVBUF_BYTES	(8 << 20)

/**
 * struct stamp - the head of a datagram
 * @number: counts up from 0
 * @sent: time stamp counter when it left
 */
struct stamp {
	uint64_t number;
	uint64_t sent;
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

/* A timer of a paravirtual kernel takes 100 us even where the time has come already. */
static void sleep_until(uint64_t due_ns)
{
	struct timespec ts = { .tv_sec = due_ns / NSEC_PER_SEC, .tv_nsec = due_ns % NSEC_PER_SEC };

	if (due_ns <= now_ns())
		return;
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) == EINTR)
		;
}

static unsigned long number(const char *text, unsigned long min, unsigned long max)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*end || end == text || value < min || value > max)
		die("'%s' is no number from %lu to %lu", text, min, max);
	return value;
}

static int open_socket(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		die("socket: %s", strerror(errno));
	return fd;
}

static void send_all(int fd, uint64_t pps, unsigned int size, unsigned int burst)
{
	static char datagram[SIZE_MAX_BYTES];
	struct stamp *stamp = (struct stamp *)datagram;
	uint64_t begin_ns = now_ns();

	for (;;) {
		sleep_until(begin_ns + stamp->number * NSEC_PER_SEC / pps);
		for (unsigned int i = 0; i < burst; i++) {
			stamp->sent = __rdtsc();
			if (send(fd, datagram, size, 0) < 0 && errno != ENOBUFS &&
			    errno != ECONNREFUSED)
				die("send %u bytes: %s", size, strerror(errno));
			stamp->number++;
		}
	}
}

static void run_sender(int argc, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	int fd = open_socket();

	if (inet_pton(AF_INET, argv[2], &to.sin_addr) != 1)
		die("'%s' is not an address", argv[2]);
	to.sin_port = htons(number(argv[3], 1, 65535));
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)))
		die("connect: %s", strerror(errno));
	send_all(fd, number(argv[4], 1, 10000000),
		 argc > 5 ? number(argv[5], sizeof(struct stamp), SIZE_MAX_BYTES) : 64,
		 argc > 6 ? number(argv[6], 1, 1000) : 1);
}

/**
 * struct window - what the receiver found
 * @begin_ns: CLOCK_MONOTONIC when it began
 * @end_ns: and when it is to end
 * @begin_tsc: time stamp counter when it began
 * @first: number of the first datagram of the window
 * @last: number of the last one
 * @received: how many came
 * @latency: one-way times, in ticks of the time stamp counter
 */
struct window {
	uint64_t begin_ns;
	uint64_t end_ns;
	uint64_t begin_tsc;
	uint64_t first;
	uint64_t last;
	uint64_t received;
	struct hist latency;
};

static void count(struct window *win, const struct stamp *stamp, uint64_t arrived)
{
	if (!win->received)
		win->first = stamp->number;
	win->received++;
	win->last = stamp->number;
	hist_add(&win->latency, arrived - stamp->sent);
}

static int listen_on(unsigned int port)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct timeval limit = { .tv_usec = 100000 };
	int fd = open_socket(), room = RCVBUF_BYTES;

	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)))
		die("port %u: %s", port, strerror(errno));
	return fd;
}

/* Sleeps for the first datagram, then takes all that have arrived. */
static void receive_all(int fd, struct window *win)
{
	static char buffers[AT_ONCE][SIZE_MAX_BYTES];
	struct mmsghdr messages[AT_ONCE] = {};
	struct iovec parts[AT_ONCE];
	uint64_t arrived, arrived_ns;
	int n;

	for (int i = 0; i < AT_ONCE; i++) {
		parts[i] = (struct iovec){ buffers[i], SIZE_MAX_BYTES };
		messages[i].msg_hdr.msg_iov = &parts[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	do {
		n = recvmmsg(fd, messages, AT_ONCE, MSG_WAITFORONE, NULL);
		arrived = __rdtsc();
		arrived_ns = now_ns();
		if (arrived_ns < win->begin_ns)
			continue;
		if (!win->begin_tsc) {
			win->begin_tsc = arrived;
			win->begin_ns = arrived_ns;
		}
		for (int i = 0; i < n; i++)
			count(win, (struct stamp *)buffers[i], arrived);
	} while (arrived_ns < win->end_ns);
	win->end_ns = arrived_ns;
	win->begin_tsc = arrived - win->begin_tsc;
}

static void print_window(const struct window *win)
{
	double length_ns = win->end_ns - win->begin_ns, tick_ns = length_ns / win->begin_tsc;
	uint64_t sent = win->received ? win->last - win->first + 1 : 0;

	printf("{\"received\": %llu, \"sent\": %llu, \"pps\": %.1f", (unsigned long long)win->received,
	       (unsigned long long)sent, win->received / (length_ns / NSEC_PER_SEC));
	if (win->received)
		printf(", \"mean_ns\": %.0f, \"p50_ns\": %.0f, \"p99_ns\": %.0f, \"max_ns\": %.0f",
		       tick_ns * win->latency.sum_ns / win->latency.count,
		       tick_ns * hist_quantile(&win->latency, 0.5),
		       tick_ns * hist_quantile(&win->latency, 0.99), tick_ns * win->latency.max_ns);
	puts("}");
}

static void run_receiver(char **argv)
{
	static struct window win;
	int fd = listen_on(number(argv[2], 1, 65535));

	win.begin_ns = now_ns() + number(argv[3], 0, 600000) * 1000000ull;
	win.end_ns = win.begin_ns + number(argv[4], 1, 600000) * 1000000ull;
	receive_all(fd, &win);
	print_window(&win);
}

/* RFC 1071 */
static uint16_t checksum(const void *data, size_t len)
{
	const uint16_t *words = data;
	uint32_t sum = 0;

	for (size_t i = 0; i < len / 2; i++)
		sum += words[i];
	sum = (sum >> 16) + (sum & 0xffff);
	return ~(sum + (sum >> 16));
}

/* Waits for one answer; those to earlier requests, that were given up, don't count. */
static bool is_answered(int fd, uint16_t sequence)
{
	char packet[256];
	const struct ip *ip = (struct ip *)packet;
	const struct icmphdr *echo;

	while (recv(fd, packet, sizeof(packet), 0) > 0) {
		echo = (struct icmphdr *)(packet + ip->ip_hl * 4);
		if (echo->type == ICMP_ECHOREPLY && echo->un.echo.id == (uint16_t)getpid() &&
		    echo->un.echo.sequence == sequence)
			return true;
	}
	return false;
}

static bool round_trip(int fd, uint16_t sequence)
{
	struct {
		struct icmphdr head;
		char data[56];
	} echo = { .head = { .type = ICMP_ECHO } };

	echo.head.un.echo.id = getpid();
	echo.head.un.echo.sequence = sequence;
	echo.head.checksum = checksum(&echo, sizeof(echo));
	if (send(fd, &echo, sizeof(echo), 0) < 0)
		die("send an echo request: %s", strerror(errno));
	return is_answered(fd, sequence);
}

static void print_round_trips(const struct hist *times, unsigned int lost)
{
	printf("{\"round_trips\": %llu, \"lost\": %u", (unsigned long long)times->count, lost);
	if (times->count)
		printf(", \"mean_ns\": %llu, \"rtt_ns\": %llu, \"p99_ns\": %llu, \"max_ns\": %llu",
		       (unsigned long long)(times->sum_ns / times->count),
		       (unsigned long long)hist_quantile(times, 0.5),
		       (unsigned long long)hist_quantile(times, 0.99),
		       (unsigned long long)times->max_ns);
	puts("}");
}

static void run_pings(char **argv)
{
	static struct hist times;
	struct sockaddr_in to = { .sin_family = AF_INET };
	uint64_t pps = number(argv[3], 1, 10000), due_ns, begin_ns, end_ns, sent_ns;
	struct timeval limit = { .tv_sec = 1 };
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
	unsigned int lost = 0;
	uint16_t sequence = 0;

	if (inet_pton(AF_INET, argv[2], &to.sin_addr) != 1)
		die("'%s' is not an address", argv[2]);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)))
		die("ICMP: %s", strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	due_ns = now_ns();
	begin_ns = due_ns + number(argv[4], 0, 600000) * 1000000ull;
	end_ns = begin_ns + number(argv[5], 1, 600000) * 1000000ull;
	while (due_ns < end_ns) {
		sleep_until(due_ns);
		sent_ns = now_ns();
		if (!round_trip(fd, ++sequence))
			lost += sent_ns >= begin_ns;
		else if (sent_ns >= begin_ns)
			hist_add(&times, now_ns() - sent_ns);
		/* late ones do not make up for it */
		due_ns += NSEC_PER_SEC / pps;
		if (due_ns < now_ns())
			due_ns = now_ns();
	}
	print_round_trips(&times, lost);
}

int main(int argc, char **argv)
{
	prctl(PR_SET_TIMERSLACK, 1);
	if (argc >= 5 && argc <= 7 && !strcmp(argv[1], "send"))
		run_sender(argc, argv);
	else if (argc == 5 && !strcmp(argv[1], "receive"))
		run_receiver(argv);
	else if (argc == 6 && !strcmp(argv[1], "ping"))
		run_pings(argv);
	else
		die("usage: xen-load send ADDR PORT PPS [SIZE [BURST]] | receive PORT WARMUP_MS WINDOW_MS"
		    " | ping ADDR PPS WARMUP_MS WINDOW_MS");
	return 0;
}
