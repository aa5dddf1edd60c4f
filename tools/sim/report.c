// SPDX-License-Identifier: GPL-2.0
/*
 * The comparison as one HTML page: for each load a plot of CPU over delay with
 * a point for every governor and target, drawn by gnuplot, and the table.
 */
#include <errno.h>
#include <linux/kernel.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "die.h"

static const char * const governors[] = {
	"static", "model", "fixed", "own-dim", "dim", "e1000e", "i40e", "defer",
	"suspend", "rate",
};

#define GOVERNORS	ARRAY_SIZE(governors)

static const char *text(json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static double real(json_t *o, const char *key)
{
	return json_number_value(json_object_get(o, key));
}

static void points(FILE *gp, json_t *all, const char *load, const char *governor)
{
	json_t *o;
	size_t i;

	fprintf(gp, "$d%s << EOD\n", governor[0] == 'o' ? "owndim" : governor);
	json_array_foreach(all, i, o)
		if (!strcmp(text(o, "load"), load) &&
		    !strcmp(text(o, "governor"), governor) &&
		    real(o, "cpu_target_ns") == 0)
			fprintf(gp, "%g %g\n", real(o, "p99_delay_ns") / 1e3,
				real(o, "cpu_ns_per_packet"));
	fputs("EOD\n", gp);
}

static bool present(json_t *all, const char *load, const char *governor)
{
	json_t *o;
	size_t i;

	json_array_foreach(all, i, o)
		if (!strcmp(text(o, "load"), load) &&
		    !strcmp(text(o, "governor"), governor))
			return true;
	return false;
}

/* What gnuplot draws goes to a file, which is then part of the page. */
static void plot(FILE *out, json_t *all, const char *load)
{
	char name[] = "/tmp/netcoal-sim-XXXXXX", line[4096];
	int fd = mkstemp(name);
	FILE *gp, *svg;
	size_t i;

	if (fd < 0)
		die("temporary file: %s", strerror(errno));
	gp = popen("gnuplot", "we");
	if (!gp)
		die("gnuplot: %s", strerror(errno));
	for (i = 0; i < GOVERNORS; i++)
		points(gp, all, load, governors[i]);
	fprintf(gp, "set terminal svg size 620,380 noenhanced\nset output '%s'\n"
		"set xlabel 'p99 of added delay, us'\nset ylabel 'CPU ns per packet'\n"
		"set yrange [0:*]\nset xrange [0:*]\nset key outside\nplot ", name);
	for (i = 0; i < GOVERNORS; i++)
		if (present(all, load, governors[i]))
			fprintf(gp, "$d%s with %s title '%s', ",
				governors[i][0] == 'o' ? "owndim" : governors[i],
				i < 2 ? "linespoints" : "points", governors[i]);
	fputc('\n', gp);
	if (pclose(gp))
		die("gnuplot failed on load %s", load);
	svg = fdopen(fd, "r");
	while (svg && fgets(line, sizeof(line), svg))
		if (strncmp(line, "<?xml", 5))
			fputs(line, out);
	if (svg)
		fclose(svg);
	remove(name);
}

static void table(FILE *out, json_t *all, const char *load)
{
	json_t *o;
	size_t i;

	fputs("<table><tr><th>policy<th>governor<th>CPU ns<th>regret<th>p99 us"
	      "<th>loss %<th>\n", out);
	json_array_foreach(all, i, o) {
		bool bad = json_is_true(json_object_get(o, "violation"));

		if (strcmp(text(o, "load"), load))
			continue;
		fprintf(out, "<tr%s><td>%s<td>%s<td>%.0f<td>%.3f<td>%.1f<td>%.1f<td>%s\n",
			bad ? " class=bad" : "", text(o, "policy"),
			text(o, "governor"), real(o, "cpu_ns_per_packet"),
			real(o, "regret"), real(o, "p99_delay_ns") / 1e3,
			real(o, "loss_pct"), bad ? "violates" : "");
	}
	fputs("</table>\n", out);
}

/**
 * report_html() - write a comparison as a page
 * @file: the page
 * @all: the comparison
 */
void report_html(const char *file, json_t *all)
{
	FILE *out = fopen(file, "we");
	const char *load, *last = "";
	json_t *o;
	size_t i;

	if (!out)
		die("%s: %s", file, strerror(errno));
	fputs("<!doctype html><meta charset=utf-8><title>netcoal-sim</title>\n"
	      "<style>body{font-family:sans-serif;max-width:60em;margin:auto}"
	      "td,th{padding:0 .6em;text-align:right}.bad{color:#999}</style>\n"
	      "<h1>Governors of interrupt coalescing</h1>\n"
	      "<p>Added delay and CPU per packet for each load, one point for each "
	      "latency target. The line \"static\" is the best static setting in "
	      "hindsight. Grey rows violate their target.\n", out);
	json_array_foreach(all, i, o) {
		load = text(o, "load");
		if (!strcmp(load, last))
			continue;
		last = load;
		fprintf(out, "<h2>%s</h2>\n", load);
		plot(out, all, load);
		table(out, all, load);
	}
	if (fclose(out))
		die("%s: %s", file, strerror(errno));
}
