// SPDX-License-Identifier: GPL-2.0
/* Arrival times from a capture (pcap, pcapng) or a CSV of seconds. */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "scenario.h"

/* Later ones would not fit ns, nor be times of packets. */
#define TIME_MAX_S	4e9

static void add_time(struct load *l, size_t *room, ns_t ns)
{
	if (l->n_times == *room) {
		*room = *room ? 2 * *room : 4096;
		l->times = xrealloc(l->times, *room * sizeof(*l->times));
	}
	l->times[l->n_times++] = ns;
}

static bool has_suffix(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && !strcmp(s + n - m, suffix);
}

static void load_pcap(struct load *l, const char *file)
{
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *p = pcap_open_offline_with_tstamp_precision(file,
			PCAP_TSTAMP_PRECISION_NANO, error);
	struct pcap_pkthdr *header;
	const u_char *data;
	double bytes = 0;
	size_t room = 0;
	int got;

	if (!p)
		die("%s%s%s", strstr(error, file) ? "" : file,
		    strstr(error, file) ? "" : ": ", error);
	while ((got = pcap_next_ex(p, &header, &data)) == 1) {
		if (header->ts.tv_sec < 0 || header->ts.tv_sec > TIME_MAX_S)
			die("%s: packet %zu: %lld s is no time of a packet", file,
			    l->n_times + 1, (long long)header->ts.tv_sec);
		add_time(l, &room, header->ts.tv_sec * NS_PER_SEC + header->ts.tv_usec);
		bytes += header->len;
	}
	if (got == PCAP_ERROR)
		die("%s: packet %zu: %s", file, l->n_times + 1, pcap_geterr(p));
	pcap_close(p);
	if (l->n_times)
		l->bytes = bytes / l->n_times;
}

/* The first column is the time in s; a first line that is none is a heading. */
static void load_csv(struct load *l, const char *file)
{
	FILE *in = fopen(file, "re");
	char text[4096], *end;
	size_t room = 0, line = 0;
	long double s;	/* a double has times of today to 256 ns */

	if (!in)
		die("%s: %s", file, strerror(errno));
	while (fgets(text, sizeof(text), in)) {
		line++;
		s = strtold(text, &end);
		if (end != text && strchr(",; \t\r\n", *end) && fabsl(s) <= TIME_MAX_S)
			add_time(l, &room, llroundl(s * NS_PER_SEC));
		else if (line > 1 || isdigit((unsigned char)*text))
			die("%s:%zu: not a time in seconds", file, line);
	}
	if (ferror(in))
		die("%s:%zu: %s", file, line + 1, strerror(errno));
	fclose(in);
}

static int by_time(const void *a, const void *b)
{
	ns_t x = *(const ns_t *)a, y = *(const ns_t *)b;

	return x < y ? -1 : x > y;
}

/**
 * replay_load() - read arrival times
 * @l: gets them, sorted, from 0 on
 * @file: a capture, or a CSV if it ends in .csv
 */
void replay_load(struct load *l, const char *file)
{
	ns_t first;
	size_t i;

	if (has_suffix(file, ".csv"))
		load_csv(l, file);
	else
		load_pcap(l, file);
	if (!l->n_times)
		die("%s: no packets", file);
	qsort(l->times, l->n_times, sizeof(*l->times), by_time);
	first = l->times[0];
	for (i = 0; i < l->n_times; i++)
		l->times[i] -= first;
	l->pps = l->n_times > 1 && l->times[l->n_times - 1] ?
		 (l->n_times - 1) * 1e9 / l->times[l->n_times - 1] : 1;
}
