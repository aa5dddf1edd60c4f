// SPDX-License-Identifier: GPL-2.0
/*
 * The result, one flat JSON object.
 *
 * What counts as a packet: one that a NIC received and that carries payload. One-way loads (stream,
 * udp) take those that the receiving NIC received, round trips those of both NICs. ACKs that go
 * back to the sender of a stream are cost, not yield: a setting that makes do with fewer of them
 * needs less CPU per packet. CPU and interrupts are those of the whole machine, both ends and both
 * NICs, unless the key says otherwise. Keys that a load does not have are null.
 *
 * Where the datagrams of a first window went nowhere (see options.h), its CPU per datagram is what
 * sending costs by itself: a sender that in truth is another machine. cpu_ns_per_packet and
 * irq_per_packet are then the receiving side's alone; cpu_ns_per_packet_all and irq_per_packet_all
 * are always of both sides.
 */

#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>

#include "result.h"

static void open_object(void)
{
	putchar('{');
}

static void close_object(void)
{
	puts("\n}");
}

static void put_key(const char *key)
{
	static bool some;

	printf("%s\n  \"%s\": ", some ? "," : "", key);
	some = true;
}

static void put_null(const char *key)
{
	put_key(key);
	printf("null");
}

static void put_text(const char *key, const char *text)
{
	put_key(key);
	printf("\"%s\"", text);
}

static void put_count(const char *key, uint64_t value)
{
	put_key(key);
	printf("%llu", (unsigned long long)value);
}

static void put_count_if(bool known, const char *key, uint64_t value)
{
	if (known)
		put_count(key, value);
	else
		put_null(key);
}

/* A ratio; nothing per nothing is not a number. */
static void put_ratio(const char *key, double value, double per)
{
	if (!(per > 0)) {
		put_null(key);
		return;
	}
	put_key(key);
	printf("%.4f", value / per);
}

static void put_load(const struct options *opt)
{
	bool udp = opt->mode == MODE_UDP;

	put_text("load", mode_names[opt->mode]);
	put_text("protocol", udp || opt->datagrams ? "udp" : "tcp");
	put_count("size_bytes", opt->size);
	put_count("connections", opt->connections);
	put_count_if(udp, "pps_asked", opt->pps);
	put_count_if(udp, "burst", opt->burst);
	put_count_if(opt->poisson || opt->vary, "drawn_from", opt->seed);
	put_count_if(opt->bps, "bps_asked", opt->bps);
}

static void put_latency(const struct hist *hist)
{
	bool some = hist->count;

	put_count("samples", hist->count);
	put_ratio("mean_ns", hist->sum_ns, hist->count);
	put_count_if(some, "min_ns", hist->min_ns);
	put_count_if(some, "p50_ns", some ? hist_quantile(hist, 0.5) : 0);
	put_count_if(some, "p90_ns", some ? hist_quantile(hist, 0.9) : 0);
	put_count_if(some, "p99_ns", some ? hist_quantile(hist, 0.99) : 0);
	put_count_if(some, "max_ns", hist->max_ns);
}

/**
 * result_packets - what counts as packets, of those that the two NICs received
 * @run: tells the load
 * @rx_from: received by the NIC that asks or sends
 * @rx_to: received by the other
 */
uint64_t result_packets(const struct run *run, uint64_t rx_from, uint64_t rx_to)
{
	bool both = run->opt.mode == MODE_RR || (run->opt.mode == MODE_RUN && !run->opt.one_way);

	return both ? rx_from + rx_to : rx_to;
}

/* Payload that arrived, of every end that has any. */
static double payload_bytes(const struct options *opt, uint64_t done)
{
	if (opt->mode == MODE_STREAM)
		return done;
	return (double)done * opt->size * (opt->mode == MODE_RR ? 2 : 1);
}

static uint64_t window_ns(const struct window *window)
{
	return window->end.at_ns - window->begin.at_ns;
}

static uint64_t busy_ns(const struct window *window)
{
	uint64_t all_ns = window_ns(window) * window->end.cpus;
	uint64_t idle_ns = window->end.idle_ns - window->begin.idle_ns;

	return idle_ns < all_ns ? all_ns - idle_ns : 0;
}

static uint64_t departed(const struct window *window)
{
	return window->end.departed - window->begin.departed;
}

/* CPU that sending alone takes, per datagram. */
static double sender_ns(const struct window *reference)
{
	return departed(reference) ? (double)busy_ns(reference) / departed(reference) : 0;
}

static uint64_t sender_irqs(const struct window *reference)
{
	return reference->end.irqs_from - reference->begin.irqs_from;
}

static void put_rates(const struct run *run, uint64_t packets)
{
	uint64_t done = run->window.end.done - run->window.begin.done;
	double seconds = window_ns(&run->window) / 1e9;

	put_count("packets", packets);
	put_ratio("pps", packets, seconds);
	put_ratio("bps", 8 * payload_bytes(&run->opt, done),
		  run->opt.mode == MODE_RUN ? 0 : seconds);
	put_ratio("tps", done, run->opt.mode == MODE_RR ? seconds : 0);
}

static void put_cpu(const struct run *run, uint64_t packets)
{
	const struct window *window = &run->window;
	double all_ns = busy_ns(window), sent_ns = sender_ns(&run->reference);

	put_count("window_ns", window_ns(window));
	put_count("cpus", window->end.cpus);
	put_count("busy_ns", busy_ns(window));
	put_ratio("cpu_share", all_ns, (double)window_ns(window) * window->end.cpus);
	put_ratio("cpu_ns_per_packet", all_ns - sent_ns * departed(window), packets);
	put_ratio("cpu_ns_per_packet_all", all_ns, packets);
	put_ratio("sender_ns_per_packet", sent_ns, sent_ns > 0);
	put_count("context_switches", window->end.switches - window->begin.switches);
}

static void put_irqs(const struct run *run, uint64_t rx_from, uint64_t rx_to, uint64_t packets)
{
	const struct counters *begin = &run->window.begin, *end = &run->window.end;
	uint64_t from = end->irqs_from - begin->irqs_from, to = end->irqs_to - begin->irqs_to;
	bool known = run->from.nr_irqs && run->to.nr_irqs;
	uint64_t alone = departed(&run->reference);

	put_count("rx_packets_from", rx_from);
	put_count("rx_packets_to", rx_to);
	put_count_if(run->from.nr_irqs, "irqs_from", from);
	put_count_if(run->to.nr_irqs, "irqs_to", to);
	put_ratio("irq_per_packet", alone ? to : from + to, known ? packets : 0);
	put_ratio("irq_per_packet_all", from + to, known ? packets : 0);
	put_ratio("sender_irq_per_packet", sender_irqs(&run->reference), known ? alone : 0);
	put_count("net_rx_softirqs", end->net_rx - begin->net_rx);
	put_count("timer_irqs", end->timer_irqs - begin->timer_irqs);
}

static void put_datagrams(const struct run *run)
{
	const struct tally *tally = run->tally;
	bool udp = run->opt.mode == MODE_UDP;

	put_count_if(udp, "sent", tally->sent);
	put_count_if(udp, "received", tally->received);
	put_count_if(udp || run->opt.datagrams, "lost_packets",
		     udp ? tally->sent - tally->received : tally->lost);
	put_count_if(udp, "gaps", tally->gaps);
	put_ratio("late_mean_ns", tally->late_sum_ns, udp ? tally->sent : 0);
	put_count_if(udp, "late_max_ns", tally->late_max_ns);
}

/* How the kernel's TCP saw it, worst of the connections; a stream has no round trips of its own. */
static void put_tcp(const struct run *run)
{
	bool tcp = run->opt.mode < MODE_UDP && !run->opt.datagrams;
	unsigned int rtt_us = 0, resent = 0;

	for (unsigned int i = 0; tcp && i < run->from_socks.nr; i++) {
		struct tcp_info info = {};
		socklen_t len = sizeof(info);

		getsockopt(run->from_socks.fd[i], IPPROTO_TCP, TCP_INFO, &info, &len);
		rtt_us = info.tcpi_rtt > rtt_us ? info.tcpi_rtt : rtt_us;
		resent += info.tcpi_total_retrans;
	}
	put_count_if(tcp, "tcp_rtt_ns", rtt_us * 1000ull);
	put_count_if(tcp, "retransmits", resent);
}

#define PUT_BINS(key, value) do {						\
	put_key(key);								\
	for (uint64_t i = 0; i < nr; i++) {					\
		const struct bin *bin = &run->tally->bins[i];			\
										\
		printf("%s%llu", i ? ", " : "[", (unsigned long long)(value));	\
	}									\
	putchar(']');								\
} while (0)

/* By the time at which datagrams were sent, whole bins from the beginning of the window. */
static void put_series(const struct run *run)
{
	uint64_t nr;

	if (!run->opt.bin_ns)
		return;
	nr = (run->window.end.at_ns - run->tally->begin_ns) / run->opt.bin_ns;
	nr = nr < 1 ? 1 : nr < BINS_MAX ? nr : BINS_MAX;
	put_count("series_begin_ns", run->tally->begin_ns);
	put_count("series_bin_ns", run->opt.bin_ns);
	PUT_BINS("series_received", bin->received);
	PUT_BINS("series_takes", bin->takes);
	PUT_BINS("series_mean_ns", bin->received ? bin->latency_sum_ns / bin->received : 0);
	PUT_BINS("series_max_ns", bin->latency_max_ns);
}

/**
 * result_print - write all that was measured to stdout
 * @run: a finished run
 */
void result_print(const struct run *run)
{
	const struct counters *begin = &run->window.begin, *end = &run->window.end;
	uint64_t rx_from = end->rx_from - begin->rx_from;
	uint64_t rx_to = end->rx_to - begin->rx_to;
	uint64_t packets = result_packets(run, rx_from, rx_to);

	open_object();
	put_load(&run->opt);
	put_text("driver", run->to.driver);
	put_cpu(run, packets);
	put_rates(run, packets);
	put_latency(&run->tally->latency);
	put_irqs(run, rx_from, rx_to, packets);
	put_ratio("polls_per_packet", run->polls.count,
		  run->polls.known ? run->polls.packets : 0);
	put_datagrams(run);
	put_tcp(run);
	put_series(run);
	close_object();
}
