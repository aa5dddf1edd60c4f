// SPDX-License-Identifier: GPL-2.0
/* The command line of netcoal-sim. */
#include <errno.h>
#include <getopt.h>
#include <glob.h>
#include <linux/kernel.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cache.h"
#include "compare.h"
#include "contender.h"
#include "die.h"
#include "draw.h"
#include "scenario.h"

static const char usage[] =
"netcoal-sim: governors of interrupt coalescing against simulated queues\n"
"\n"
"  netcoal-sim run [OPTION...] SCENARIO...        a line for each scenario\n"
"  netcoal-sim compare [OPTION...] [SCENARIO...]  all governors, all policies,\n"
"                                                 default: all that come along\n"
"  netcoal-sim sweep [OPTION...] SCENARIO         static hold-offs, all stages\n"
"  netcoal-sim replay [OPTION...] FILE            packets of a pcap or CSV file\n"
"  netcoal-sim draw [-s N]                        a scenario drawn from seed N\n"
"  netcoal-sim dim FILE                           what DIM makes of samples\n"
"  netcoal-sim bench                              packets simulated per second\n"
"  netcoal-sim governors                          what can be compared\n"
"\n"
"run, replay:\n"
"  -g, --governor NAME[,NAME...]  for each stage; default model, or static with -u\n"
"  -t, --tuning X[,X...] what the governor makes of it (see governors), per stage\n"
"  -u, --usecs T[,T...]  hold-off in us of a static governor, per stage\n"
"  -f, --frames N        its frames limit\n"
"  -T, --trace FILE      every decision of netcoal's governors\n"
"\n"
"run, replay, sweep, compare:\n"
"  -s, --seed N          instead of the scenarios' own; 1 to 4294967295\n"
"  -p, --packets N       instead of the scenarios' own; 1000 to 10000000000\n"
"  -b, --by-packet       packets are handed over one by one, not when their poll\n"
"                        ends, and what batches take to poll is no delay\n"
"\n"
"compare:\n"
"  -g, --governor NAME   only this one beside the best static setting\n"
"  -j, --json FILE       the results, an object for each case\n"
"  -H, --html FILE       a report with plots, in one file\n"
"  -J, --jobs N          processes, default one per CPU\n"
"  -c, --cache DIR       keep results there and take them from there, see\n"
"                        Documentation/simulator.rst\n"
"  -q, --quick           a quarter of the packets, fewer tunings of peers\n"
"  -o, --own-policy      each scenario's own latency target, not 20 to 250 us\n"
"  -O, --hold-out N      N scenarios drawn from the seeds --seed, --seed + 1,\n"
"                        ... instead of files, each under its own target\n"
"\n"
"A latency target is judged by the 99th percentile of the delay that hold-offs\n"
"add. Documentation/simulator.rst describes scenarios, costs and results.\n";

struct options {
	struct choice choice;
	unsigned long seed;
	unsigned long packets;
	struct compare_options compare;
};

static const struct option long_options[] = {
	{ "governor", required_argument, NULL, 'g' },
	{ "tuning", required_argument, NULL, 't' },
	{ "usecs", required_argument, NULL, 'u' },
	{ "frames", required_argument, NULL, 'f' },
	{ "seed", required_argument, NULL, 's' },
	{ "packets", required_argument, NULL, 'p' },
	{ "trace", required_argument, NULL, 'T' },
	{ "json", required_argument, NULL, 'j' },
	{ "html", required_argument, NULL, 'H' },
	{ "jobs", required_argument, NULL, 'J' },
	{ "cache", required_argument, NULL, 'c' },
	{ "quick", no_argument, NULL, 'q' },
	{ "own-policy", no_argument, NULL, 'o' },
	{ "by-packet", no_argument, NULL, 'b' },
	{ "hold-out", required_argument, NULL, 'O' },
	{ "help", no_argument, NULL, 'h' },
	{ }
};

static unsigned long number(const char *what, const char *text,
			    unsigned long min, unsigned long max)
{
	unsigned long n;
	char *end;

	errno = 0;
	n = strtoul(text, &end, 10);
	if (errno || end == text || *end || *text == '-' || n < min || n > max)
		die("%s: '%s' is not a number from %lu to %lu", what, text, min, max);
	return n;
}

static double real(const char *what, const char *text, double max, const char **rest)
{
	char *end;
	double x = strtod(text, &end);

	if (end == text || !(x >= 0 && x <= max) || (*end && *end != ','))
		die("%s: '%s' is not a number from 0 to %.0f", what, text, max);
	*rest = *end ? end + 1 : NULL;
	return x;
}

static void parse_stages(const char *what, struct per_stage *p, const char *text, double max)
{
	p->n = 0;
	while (text) {
		if (p->n == STAGES_MAX)
			die("%s: more than %d stages", what, STAGES_MAX);
		p->x[p->n++] = real(what, text, max, &text);
	}
}

static void open_trace(const char *file)
{
	sim_trace = fopen(file, "we");
	if (!sim_trace)
		die("%s: %s", file, strerror(errno));
	fputs("# stage ms window_us packets sequences empty settled verdict "
	      "holdoff_ns frames pps batch_milli irq_ns packet_ns\n", sim_trace);
}

/* What each command takes; the rest would be ignored, and is an error. */
static const struct verb {
	const char *name;
	const char *options;
} verbs[] = {
	{ "run", "gtufTspbc" },
	{ "replay", "gtufTspbc" },
	{ "sweep", "spbc" },
	{ "compare", "spbgjHJcqoO" },
	{ "draw", "s" },
	{ "bench", "sp" },
	{ "dim", "" },
	{ "governors", "" },
	{ }
};

static const char *long_name(int opt)
{
	const struct option *o = long_options;

	while (o->val != opt)
		o++;
	return o->name;
}

static void check_option(const char *name, int opt)
{
	const struct verb *v;

	for (v = verbs; v->name; v++)
		if (!strcmp(v->name, name) && !strchr(v->options, opt))
			die("%s: takes no --%s", name, long_name(opt));
}

static void parse(const char *verb, int argc, char **argv, struct options *o)
{
	int opt;

	while ((opt = getopt_long(argc, argv, "g:t:u:f:s:p:T:j:H:J:c:qobO:h",
				  long_options, NULL)) != -1) {
		if (opt != 'h' && opt != '?')
			check_option(verb, opt);
		switch (opt) {
		case 'g':
			o->choice.governor = optarg;
			break;
		case 't':
			parse_stages("--tuning", &o->choice.tuning, optarg, 1e9);
			break;
		case 'u':
			parse_stages("--usecs", &o->choice.usecs, optarg, NETCOAL_TARGET_MAX_NS / 1e3);
			break;
		case 'f':
			o->choice.frames = number("--frames", optarg, 1, UINT32_MAX);
			break;
		case 's':
			o->seed = number("--seed", optarg, 1, UINT32_MAX);
			break;
		case 'p':
			o->packets = number("--packets", optarg, 1000, 10000000000);
			break;
		case 'T':
			open_trace(optarg);
			break;
		case 'j':
			o->compare.json = optarg;
			break;
		case 'H':
			o->compare.html = optarg;
			break;
		case 'J':
			o->compare.jobs = number("--jobs", optarg, 1, 1024);
			break;
		case 'c':
			cache_open(optarg);
			break;
		case 'q':
			o->compare.quick = true;
			break;
		case 'o':
			o->compare.own_policy = true;
			break;
		case 'b':
			o->compare.by_packet = true;
			break;
		case 'O':
			o->compare.drawn = number("--hold-out", optarg, 1, 100000);
			o->compare.own_policy = true;
			break;
		case 'h':
			fputs(usage, stdout);
			exit(0);
		default:
			exit(1);
		}
	}
}

static void override(const struct options *o, struct scenario *sc)
{
	if (o->seed)
		sc->seed = o->seed;
	if (o->packets)
		sc->packets = o->packets;
	sc->by_poll &= !o->compare.by_packet;
}

static void print_head(void)
{
	printf("%-22s %-9s %10s %8s %8s %8s %8s %8s %8s %6s %6s %6s %5s\n",
	       "scenario", "governor", "pps", "cpu ns", "p50 us", "p99 us",
	       "mean us", "lat99 us", "irq/p", "util", "T us", "settle", "chg50");
}

static void print_result(const char *name, const char *governor,
			 const struct result *r)
{
	printf("%-22s %-9s %10.0f %8.0f %8.1f %8.1f %8.3f %8.1f %8.5f %6.3f %6.1f %6llu %5.2f%s\n",
	       name, governor, r->pps, r->cpu_ns_per_packet,
	       r->p50_delay_ns / 1e3, r->p99_delay_ns / 1e3, r->mean_delay_ns / 1e3,
	       r->p99_latency_ns / 1e3, r->irq_per_packet, r->utilisation,
	       r->holdoff_ns / 1e3, (unsigned long long)r->windows_to_settle,
	       r->changes_per_50, r->dropped ? " dropped" : "");
}

/* Where packets waited, and what for. */
static void print_stages(const struct scenario *sc, const struct contender *c,
			 const struct result *r)
{
	int i;

	for (i = 0; sc->n_stages > 1 && i < sc->n_stages; i++)
		printf("  at stage %d            %-9s %27s %8s %8.1f %8.3f %8s %8s %6s %6.1f\n",
		       i, (c->stage[i] ?: c)->name, "", "", r->stage_p99_ns[i] / 1e3,
		       r->stage_mean_ns[i] / 1e3, "", "", "", r->stage_holdoff_ns[i] / 1e3);
}

static int do_run(const struct options *o, char **files)
{
	struct scenario sc;
	struct contender c;
	struct result r;

	if (!*files)
		die("run: no scenario given");
	contender_choose(&c, &o->choice);
	print_head();
	for (; *files; files++) {
		scenario_load(&sc, *files);
		contender_check_stages(&o->choice, *files, sc.n_stages);
		override(o, &sc);
		sim_run(&sc, &c, &r);
		print_result(sc.name, c.name, &r);
		print_stages(&sc, &c, &r);
	}
	return 0;
}

static int do_replay(const struct options *o, char **files)
{
	struct scenario sc;
	struct contender c;
	struct result r;

	if (!*files || files[1])
		die("replay: give one file");
	contender_choose(&c, &o->choice);
	scenario_default(&sc);
	contender_check_stages(&o->choice, *files, sc.n_stages);
	sc.loads[0].kind = LOAD_REPLAY;
	sc.n_loads = 1;
	replay_load(&sc.loads[0], *files);
	sc.packets = sc.loads[0].n_times;
	sc.warmup = 0;
	override(o, &sc);
	if (sc.packets > sc.loads[0].n_times)
		sc.packets = sc.loads[0].n_times;
	sim_run(&sc, &c, &r);
	print_head();
	print_result("replay", c.name, &r);
	return 0;
}

static int do_sweep(const struct options *o, char **files)
{
	struct scenario sc;

	if (!*files || files[1])
		die("sweep: give one scenario");
	scenario_load(&sc, *files);
	override(o, &sc);
	sweep_stages(&sc);
	return 0;
}

static int do_draw(const struct options *o, char **files)
{
	json_t *drawn;

	if (*files)
		die("draw: '%s': takes no file", *files);
	drawn = draw_scenario(o->seed ?: 1);
	json_dumpf(drawn, stdout, JSON_INDENT(1));
	putchar('\n');
	json_decref(drawn);
	return 0;
}

static int do_dim(char **files)
{
	if (!*files || files[1])
		die("dim: give one file of samples");
	dim_steps(*files);
	return 0;
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* One queue, packets at random, under the law. */
static int do_bench(const struct options *o)
{
	static const double rates[] = { 20e3, 300e3, 1200e3 };
	struct contender c = { .ops = peer_find("model"), .name = "model", .device = -1 };
	struct scenario sc;
	struct result r;
	double from;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rates); i++) {
		scenario_default(&sc);
		sc.n_loads = 1;
		sc.loads[0].pps = rates[i];
		sc.packets = 8000000;
		sc.warmup = 0;
		override(o, &sc);
		from = seconds();
		sim_run(&sc, &c, &r);
		printf("%8.0f packets per second: %.1f million simulated per second of CPU\n",
		       rates[i], r.packets / (seconds() - from) / 1e6);
	}
	return 0;
}

static int do_governors(void)
{
	const struct peer_ops * const *p;

	for (p = peers(); *p; p++)
		printf("%-8s %s\n", (*p)->name, (*p)->help);
	return 0;
}

static int do_compare(struct options *o, char **files)
{
	glob_t g = { };
	int n = 0, ret;

	o->compare.only = o->choice.governor;
	o->compare.seed = o->seed;
	o->compare.packets = o->packets;
	if (o->choice.governor && !peer_find(o->choice.governor))
		die("no governor '%s'; see netcoal-sim governors", o->choice.governor);
	if (o->compare.drawn && *files)
		die("compare: --hold-out draws scenarios and takes no file");
	if (!o->compare.jobs)
		o->compare.jobs = sysconf(_SC_NPROCESSORS_ONLN);
	if (!*files && !o->compare.drawn) {
		if (glob(SIM_DIR "/scenarios/*.json", 0, NULL, &g) ||
		    glob(SIM_DIR "/paths/*.json", GLOB_APPEND, NULL, &g))
			die("no scenarios in %s", SIM_DIR);
		files = g.gl_pathv;
	}
	while (files[n])
		n++;
	ret = compare(files, n, &o->compare);
	globfree(&g);
	return ret;
}

int main(int argc, char **argv)
{
	struct options o = { .choice.frames = FRAMES_NONE };
	const char *verb = argc > 1 ? argv[1] : "help";

	if (argc > 1) {
		argv[1] = argv[0];
		parse(verb, argc - 1, argv + 1, &o);
		argv += 1 + optind;
	}
	if (!strcmp(verb, "run"))
		return do_run(&o, argv);
	if (!strcmp(verb, "compare"))
		return do_compare(&o, argv);
	if (!strcmp(verb, "sweep"))
		return do_sweep(&o, argv);
	if (!strcmp(verb, "replay"))
		return do_replay(&o, argv);
	if (!strcmp(verb, "draw"))
		return do_draw(&o, argv);
	if (!strcmp(verb, "dim"))
		return do_dim(argv);
	if (!strcmp(verb, "bench"))
		return do_bench(&o);
	if (!strcmp(verb, "governors"))
		return do_governors();
	if (strcmp(verb, "help") && strcmp(verb, "--help") && strcmp(verb, "-h"))
		die("no command '%s'; see netcoal-sim help", verb);
	fputs(usage, stdout);
	return 0;
}
