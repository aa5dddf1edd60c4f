// SPDX-License-Identifier: GPL-2.0
/* The command line. */

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "options.h"
#include "rr.h"
#include "udp.h"

#define EXTENT_MAX_NS	(600 * NSEC_PER_SEC)
#define SIZE_MAX_BYTES	(64u << 20)
#define BIN_MIN_NS	1000ull
#define POLLS_MAX_NS	(60 * NSEC_PER_SEC)
#define DATAGRAM_MAX	65507u

const char *const mode_names[] = {
	[MODE_RR] = "rr",
	[MODE_STREAM] = "stream",
	[MODE_UDP] = "udp",
	[MODE_RUN] = "run",
};

static const char help[] =
"Usage: load rr|stream|udp [OPTION...]\n"
"       load run [OPTION...] COMMAND\n"
"\n"
"Puts a load on the wire between two network namespaces of this machine and\n"
"measures one window of it: CPU per packet, latency, interrupts. Prints one JSON\n"
"object. Needs root.\n"
"\n"
"  rr       round trips: a message, its answer, the next message\n"
"  stream   TCP one way, as fast as it goes\n"
"  udp      datagrams one way at a set pace, with one-way latency\n"
"  run      whatever the shell's COMMAND puts on the wire while it runs\n"
"\n"
"  -t, --time EXTENT         the measured window              (1s)\n"
"  -w, --warmup EXTENT       what passes before it            (200ms)\n"
"                            EXTENT: 2s, 500ms, 100us, or a bare number of round\n"
"                            trips, bytes (stream) or datagrams: 20000, 64k, 10M\n"
"  -s, --size BYTES          payload of a message, write or datagram\n"
"                            (rr, udp: 64, stream: 65536)\n"
"  -c, --connections N       rr, stream: how many at once     (1)\n"
"  -u, --datagrams           rr: over UDP instead of TCP\n"
"  -p, --pps N               udp: datagrams per second        (20000)\n"
"  -B, --burst N             udp: how many leave together      (1)\n"
"      --profile PPS:TIME,... udp: rates one after the other, over and over; 0: silence\n"
"      --series TIME         udp: a time series, in bins of TIME\n"
"  -P, --poisson             udp: exponential gaps, not equal ones\n"
"  -V, --vary                stream: writes of any size up to BYTES\n"
"  -S, --seed N              udp, stream: of what is drawn    (1)\n"
"  -b, --bps N               stream: ceiling of each connection, bits per second\n"
"      --from NETNS:DEV:ADDR who asks or sends                (A:eth0:10.0.0.1)\n"
"      --to NETNS:DEV:ADDR   who answers or receives          (B:eth1:10.0.0.2)\n"
"                            NETNS - stands for where load was started\n"
"      --nowhere ADDR        udp: send there first, for as long, and take what that\n"
"                            costs off the CPU per packet. ADDR must lead to a\n"
"                            hardware address that no device has\n"
"      --port N              first port on both ends          (5400)\n"
"      --then CMD            run by the shell after the window, while the load goes\n"
"                            on: a look at the state it keeps things in\n"
"      --polls TIME          count NAPI polls for so long after the window\n"
"      --one-way             run: packets are those that --to receives, not both\n"
"      --equal               stream, udp: the sender does not give way to others\n"
"  -h, --help\n";

enum {
	OPT_FROM = 256,
	OPT_TO,
	OPT_NOWHERE,
	OPT_PORT,
	OPT_THEN,
	OPT_PROFILE,
	OPT_SERIES,
	OPT_POLLS,
	OPT_ONE_WAY,
	OPT_EQUAL,
};

static const struct option longopts[] = {
	{ "time", required_argument, NULL, 't' },
	{ "warmup", required_argument, NULL, 'w' },
	{ "size", required_argument, NULL, 's' },
	{ "connections", required_argument, NULL, 'c' },
	{ "datagrams", no_argument, NULL, 'u' },
	{ "pps", required_argument, NULL, 'p' },
	{ "burst", required_argument, NULL, 'B' },
	{ "poisson", no_argument, NULL, 'P' },
	{ "vary", no_argument, NULL, 'V' },
	{ "seed", required_argument, NULL, 'S' },
	{ "bps", required_argument, NULL, 'b' },
	{ "from", required_argument, NULL, OPT_FROM },
	{ "to", required_argument, NULL, OPT_TO },
	{ "nowhere", required_argument, NULL, OPT_NOWHERE },
	{ "port", required_argument, NULL, OPT_PORT },
	{ "then", required_argument, NULL, OPT_THEN },
	{ "profile", required_argument, NULL, OPT_PROFILE },
	{ "series", required_argument, NULL, OPT_SERIES },
	{ "polls", required_argument, NULL, OPT_POLLS },
	{ "one-way", no_argument, NULL, OPT_ONE_WAY },
	{ "equal", no_argument, NULL, OPT_EQUAL },
	{ "help", no_argument, NULL, 'h' },
	{ }
};

/* A number with what follows it; no sign, no blanks, no overflow. */
static uint64_t number(const char *name, const char *text, const char **unit)
{
	uint64_t value;
	char *end;

	if (!isdigit((unsigned char)*text))
		die("--%s: '%s' is not a number", name, text);
	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno)
		die("--%s: '%s' is too large", name, text);
	*unit = end;
	return value;
}

/* A count: digits, then k, M or G at most. */
static uint64_t count(const char *name, const char *text, uint64_t min, uint64_t max)
{
	static const struct {
		const char *unit;
		uint64_t factor;
	} units[] = { { "", 1 }, { "k", 1000 }, { "M", 1000000 }, { "G", 1000000000 } };
	const char *unit;
	uint64_t value = number(name, text, &unit);

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (strcmp(unit, units[i].unit))
			continue;
		if (value < min || value > max / units[i].factor)
			die("--%s: %s is outside %llu to %llu", name, text, (unsigned long long)min,
			    (unsigned long long)max);
		return value * units[i].factor;
	}
	die("--%s: '%s': a number ends in nothing, k, M or G%s", name, text,
	    max > UINT32_MAX ? ", a time in s, ms or us" : "");
}

static struct extent extent(const char *name, const char *text)
{
	static const struct {
		const char *unit;
		uint64_t ns;
	} units[] = { { "s", NSEC_PER_SEC }, { "ms", 1000000 }, { "us", 1000 } };
	struct extent ext = {};
	const char *unit;
	uint64_t value = number(name, text, &unit);

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (strcmp(unit, units[i].unit))
			continue;
		if (value > EXTENT_MAX_NS / units[i].ns)
			die("--%s: %s is longer than 600s", name, text);
		ext.ns = value * units[i].ns;
		return ext;
	}
	ext.count = count(name, text, 0, UINT64_MAX / 2);
	return ext;
}

static void place(const char *name, const char *text, struct place *place)
{
	char addr[INET_ADDRSTRLEN];

	_Static_assert(sizeof(place->netns) == 64 && sizeof(place->dev) == 16 &&
		       sizeof(addr) == 16, "the widths below");
	if (sscanf(text, "%63[^:/]:%15[^:/]:%15[0-9.]", place->netns, place->dev, addr) != 3 ||
	    inet_pton(AF_INET, addr, &place->addr) != 1)
		die("--%s: '%s' is not NETNS:DEV:ADDR", name, text);
}

/* A time with a unit. */
static uint64_t time_ns(const char *name, const char *text, uint64_t min_ns, uint64_t max_ns)
{
	struct extent ext = extent(name, text);

	if (!ext.ns)
		die("--%s: '%s' is not a time in s, ms or us", name, text);
	if (ext.ns < min_ns || ext.ns > max_ns)
		die("--%s: %s is outside %llu ns to %llu ns", name, text,
		    (unsigned long long)min_ns, (unsigned long long)max_ns);
	return ext.ns;
}

static void profile(struct options *opt, const char *text)
{
	char part[64], *length;

	for (opt->nr_steps = 0; *text; opt->nr_steps++) {
		size_t len = strcspn(text, ",");
		struct step *step = &opt->steps[opt->nr_steps];

		if (opt->nr_steps == STEPS_MAX)
			die("--profile: more than %u steps", STEPS_MAX);
		snprintf(part, sizeof(part), "%.*s", (int)len, text);
		length = strchr(part, ':');
		if (!length)
			die("--profile: '%s' is not PPS:TIME", part);
		*length++ = '\0';
		step->pps = count("profile", part, 0, 10000000);
		step->ns = time_ns("profile", length, 1000, EXTENT_MAX_NS);
		text += len + (text[len] == ',');
	}
	if (!opt->nr_steps)
		die("--profile: no steps");
	opt->pps = opt->steps[0].pps;
}

static enum mode mode(const char *text)
{
	for (enum mode i = MODE_RR; i <= MODE_RUN; i++)
		if (!strcmp(text, mode_names[i]))
			return i;
	die("'%s' is not a load: rr, stream, udp or run", text);
}

static void check_size(const struct options *opt)
{
	unsigned int min = 1, max = SIZE_MAX_BYTES;

	if (opt->mode == MODE_UDP || opt->datagrams) {
		min = opt->datagrams ? RR_SIZE_MIN : UDP_SIZE_MIN;
		max = DATAGRAM_MAX;
	}
	if (opt->size < min || opt->size > max)
		die("--size: %u is outside %u to %u", opt->size, min, max);
}

/* An option that the load would ignore is a mistake, not a wish. */
static void check(const struct options *opt, const char *given)
{
	static const struct {
		char flag;
		unsigned int modes;
	} only[] = {
		{ 'c', 1 << MODE_RR | 1 << MODE_STREAM },
		{ 'u', 1 << MODE_RR },
		{ 'p', 1 << MODE_UDP },
		{ 'B', 1 << MODE_UDP },
		{ 'P', 1 << MODE_UDP },
		{ 'S', 1 << MODE_UDP | 1 << MODE_STREAM },
		{ 'V', 1 << MODE_STREAM },
		{ 'b', 1 << MODE_STREAM },
		{ 's', ~(1 << MODE_RUN) },
		{ 't', ~(1 << MODE_RUN) },
		{ 'w', ~(1 << MODE_RUN) },
	};
	for (size_t i = 0; i < sizeof(only) / sizeof(*only); i++)
		if (strchr(given, only[i].flag) && !(only[i].modes & 1 << opt->mode))
			die("-%c means nothing to this load", only[i].flag);
	check_size(opt);
	if (!opt->length.ns && !opt->length.count)
		die("--time: an empty window measures nothing");
	if ((opt->nr_steps || opt->bin_ns) && opt->mode != MODE_UDP)
		die("--profile and --series mean nothing to this load");
	if (opt->nr_steps && (opt->poisson || strchr(given, 'p')))
		die("--profile: has the rates, and even gaps");
	if (opt->one_way && opt->mode != MODE_RUN)
		die("--one-way means nothing to this load");
	if (opt->equal && opt->mode != MODE_STREAM && opt->mode != MODE_UDP)
		die("--equal means nothing to this load");
	if (opt->polls_ns && opt->mode == MODE_RUN)
		die("--polls: nothing is left to count when the command has ended");
	if (opt->nowhere.s_addr && opt->mode != MODE_UDP)
		die("--nowhere means nothing to this load");
	if (opt->nowhere.s_addr && !opt->length.ns)
		die("--nowhere: needs a window that is measured by time");
	if (opt->port + opt->connections > 65536)
		die("--port: %u leaves no room for %u connections", opt->port, opt->connections);
}

static void defaults(struct options *opt, enum mode mode)
{
	*opt = (struct options){
		.mode = mode,
		.connections = 1,
		.size = mode == MODE_STREAM ? 65536 : 64,
		.pps = 20000,
		.burst = 1,
		.seed = 1,
		.warmup = { .ns = NSEC_PER_SEC / 5 },
		.length = { .ns = NSEC_PER_SEC },
		.port = 5400,
	};
	place("from", "A:eth0:10.0.0.1", &opt->from);
	place("to", "B:eth1:10.0.0.2", &opt->to);
}

static void set(struct options *opt, int c)
{
	switch (c) {
	case 't':
		opt->length = extent("time", optarg);
		break;
	case 'w':
		opt->warmup = extent("warmup", optarg);
		break;
	case 's':
		opt->size = count("size", optarg, 1, SIZE_MAX_BYTES);
		break;
	case 'c':
		opt->connections = count("connections", optarg, 1, CONNECTIONS_MAX);
		break;
	case 'u':
		opt->datagrams = true;
		break;
	case 'p':
		opt->pps = count("pps", optarg, 1, 10000000);
		break;
	case 'B':
		opt->burst = count("burst", optarg, 1, 1000);
		break;
	case 'P':
		opt->poisson = true;
		break;
	case 'V':
		opt->vary = true;
		break;
	case 'S':
		opt->seed = count("seed", optarg, 0, UINT64_MAX);
		break;
	case 'b':
		opt->bps = count("bps", optarg, 1, 1000 * NSEC_PER_SEC);
		break;
	case OPT_FROM:
		place("from", optarg, &opt->from);
		break;
	case OPT_TO:
		place("to", optarg, &opt->to);
		break;
	case OPT_NOWHERE:
		if (inet_pton(AF_INET, optarg, &opt->nowhere) != 1)
			die("--nowhere: '%s' is not an address", optarg);
		break;
	case OPT_PORT:
		opt->port = count("port", optarg, 1, 65535);
		break;
	case OPT_THEN:
		opt->then = optarg;
		break;
	case OPT_PROFILE:
		profile(opt, optarg);
		break;
	case OPT_SERIES:
		opt->bin_ns = time_ns("series", optarg, BIN_MIN_NS, EXTENT_MAX_NS);
		break;
	case OPT_POLLS:
		opt->polls_ns = time_ns("polls", optarg, 1000, POLLS_MAX_NS);
		break;
	case OPT_ONE_WAY:
		opt->one_way = true;
		break;
	case OPT_EQUAL:
		opt->equal = true;
		break;
	case 'h':
		fputs(help, stdout);
		exit(0);
	}
}

/**
 * options_parse - read the command line, or die naming what is wrong with it
 * @opt: filled in, defaults included
 * @argc: as in main()
 * @argv: as in main()
 */
void options_parse(struct options *opt, int argc, char **argv)
{
	char given[128] = "";
	int c;

	if (argc < 2)
		die("no load named: rr, stream, udp or run; see load --help");
	if (!strcmp(argv[1], "-h") || !strcmp(argv[1], "--help")) {
		fputs(help, stdout);
		exit(0);
	}
	defaults(opt, mode(argv[1]));
	argc--;
	argv++;
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":t:w:s:c:up:B:PVS:b:h", longopts, NULL)) != -1) {
		if (c == '?' || c == ':')
			die("%s: %s; see load --help", argv[optind - 1],
			    c == ':' ? "needs a value" : "no such option");
		set(opt, c);
		if (c < 256 && !strchr(given, c) && strlen(given) < sizeof(given) - 1)
			strncat(given, &(char){ c }, 1);
	}
	if (opt->mode == MODE_RUN && optind < argc)
		opt->command = argv[optind++];
	if (opt->mode == MODE_RUN && !opt->command)
		die("run: no command; see load --help");
	if (optind < argc)
		die("'%s' is one word too many", argv[optind]);
	check(opt, given);
}
