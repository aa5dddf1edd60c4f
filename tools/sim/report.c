// SPDX-License-Identifier: GPL-2.0
/*
 * The comparison as one HTML page that needs nothing else: a summary, and for
 * each load a plot of CPU over delay, drawn by gnuplot, and a table.
 */
#include <errno.h>
#include <linux/kernel.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compare.h"
#include "die.h"

static const char page_head[] =
"<!doctype html><html lang=en><meta charset=utf-8><title>netcoal-sim</title>\n"
"<style>\n"
"body{font:15px/1.4 sans-serif;max-width:64em;margin:1em auto;padding:0 1em;color:#222}\n"
"table{border-collapse:collapse;margin:.5em 0}\n"
"td,th{padding:.1em .7em;text-align:right;border-bottom:1px solid #ddd}\n"
"td:first-child,th:first-child,.word{text-align:left}\n"
"thead th{border-bottom:2px solid #888}tr.first td{border-top:1px solid #888}\n"
".model{background:#fdeeee}.bad,.bad a{color:#999}\n"
"nav a{margin-right:1em;white-space:nowrap}svg{max-width:100%;height:auto}\n"
"</style>\n"
"<h1>Governors of interrupt coalescing</h1>\n"
"<p>Each governor ran each load under each policy. <i>Delay</i> is what hold-offs add "
"to a packet, 99th percentile. <i>Regret</i> is CPU per packet over that of the best "
"static setting in hindsight (<i>static</i>). A case <i>violates</i> if its delay is over "
"the target, or a twentieth of its transactions is lost while the CPU has time left; "
"what it saves does not count, and it is grey. Peers are at their best tuning for "
"each case.\n";

static const char plot_head[] =
"set terminal svg size 680,400 noenhanced font 'sans,12' background '#ffffff'\n"
"set xlabel '99th percentile of added delay, us'\n"
"set ylabel 'CPU per packet, ns'\n"
"set yrange [0:*]\nset xrange [0:*]\nset offsets graph 0.02, graph 0.05, graph 0.05, 0\n"
"set grid lc rgb '#e4e4e4' lt 1\nset border 3\nset tics nomirror out\n"
"set key outside right top Left reverse samplen 2\n";

/* In the order of compared[]; point types and colours of gnuplot. */
static const struct style {
	int point;
	const char *colour;
} styles[] = {
	{ 7, "#d62728" }, { 2, "#8c8c00" }, { 4, "#9467bd" }, { 1, "#222222" },
	{ 5, "#1f77b4" }, { 6, "#2ca02c" }, { 8, "#17becf" }, { 9, "#ff7f0e" },
	{ 11, "#8c564b" }, { 13, "#e377c2" },
};

static const char *text(json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static double real(json_t *o, const char *key)
{
	return json_number_value(json_object_get(o, key));
}

static bool bad(json_t *o)
{
	return json_is_true(json_object_get(o, "violation"));
}

/* Names come from files, whose owners may call them anything. */
static void put_text(FILE *out, const char *s)
{
	for (; *s; s++) {
		if (*s == '<')
			fputs("&lt;", out);
		else if (*s == '&')
			fputs("&amp;", out);
		else if (*s == '"')
			fputs("&quot;", out);
		else
			fputc(*s, out);
	}
}

/* ---- the plot of a load ---------------------------------------------------- */

static int put_points(FILE *gp, json_t *all, const char *load, const char *governor,
		      bool violating)
{
	int n = 0;
	size_t i;
	json_t *o;

	json_array_foreach(all, i, o) {
		if (strcmp(text(o, "load"), load) || strcmp(text(o, "governor"), governor) ||
		    real(o, "cpu_target_ns") || bad(o) != violating)
			continue;
		fprintf(gp, "%g %g\n", real(o, "p99_delay_ns") / 1e3,
			real(o, "cpu_ns_per_packet"));
		n++;
	}
	return n;
}

static void put_front(FILE *gp, json_t *all, const char *load)
{
	json_t *o, *front, *point;
	size_t i, j;

	json_array_foreach(all, i, o) {
		front = json_object_get(o, "front");
		if (strcmp(text(o, "load"), load) || !front)
			continue;
		json_array_foreach(front, j, point)
			fprintf(gp, "%g %g\n",
				json_number_value(json_array_get(point, 0)) / 1e3,
				json_number_value(json_array_get(point, 1)));
		return;
	}
}

static void put_data(FILE *gp, json_t *all, const char *load, bool *seen)
{
	int g;

	fputs("$front << EOD\n", gp);
	put_front(gp, all, load);
	fputs("EOD\n", gp);
	for (g = 0; compared[g]; g++) {
		fprintf(gp, "$ok%d << EOD\n", g);
		seen[g] = put_points(gp, all, load, compared[g], false);
		fprintf(gp, "EOD\n$bad%d << EOD\n", g);
		seen[g + ARRAY_SIZE(styles)] = put_points(gp, all, load, compared[g], true);
		fputs("EOD\n", gp);
	}
}

static void put_plot(FILE *gp, json_t *all, const char *load, const char *svg)
{
	bool seen[2 * ARRAY_SIZE(styles)] = { };
	int g;

	put_data(gp, all, load, seen);
	fprintf(gp, "%sset output '%s'\nplot $front with lines lw 2 lc rgb '#222222' "
		"title 'static, front'", plot_head, svg);
	for (g = 0; compared[g]; g++) {
		if (seen[g + ARRAY_SIZE(styles)])
			fprintf(gp, ", $bad%d with points pt %d ps 0.7 lc rgb '#bbbbbb' notitle",
				g, styles[g].point);
		if (seen[g] || seen[g + ARRAY_SIZE(styles)])
			fprintf(gp, ", %s%d with points pt %d ps %s lc rgb '%s' title '%s%s'",
				seen[g] ? "$ok" : "$bad", g, styles[g].point,
				g ? "0.8" : "1.1", seen[g] ? styles[g].colour : "#bbbbbb",
				compared[g], seen[g] ? "" : " (violates)");
	}
	fputc('\n', gp);
}

/* What gnuplot draws goes to a file, which then becomes part of the page. */
static void plot(FILE *out, json_t *all, const char *load)
{
	char name[] = "/tmp/netcoal-sim-XXXXXX", line[4096];
	int fd = mkstemp(name);
	FILE *gp, *svg;

	if (fd < 0)
		die("temporary file: %s", strerror(errno));
	gp = popen("gnuplot", "we");
	if (!gp)
		die("gnuplot: %s", strerror(errno));
	put_plot(gp, all, load, name);
	if (pclose(gp))
		die("gnuplot failed on load %s", load);
	svg = fdopen(fd, "r");
	while (svg && fgets(line, sizeof(line), svg))
		if (strncmp(line, "<?xml", 5))
			fputs(line, out);
	if (svg)
		fclose(svg);
	unlink(name);
}

/* ---- tables ---------------------------------------------------------------- */

static void put_row(FILE *out, json_t *o, bool first)
{
	fprintf(out, "<tr class=\"%s%s%s\"><td>", first ? "first " : "",
		strcmp(text(o, "governor"), "model") ? "" : "model ", bad(o) ? "bad" : "");
	put_text(out, first ? text(o, "policy") : "");
	fprintf(out, "<td class=word>%s<td>%.0f<td>%.3f<td>%.1f<td>%.1f<td>%.1f<td>%lld"
		"<td class=word>%s%s%s\n", text(o, "governor"),
		real(o, "cpu_ns_per_packet"), real(o, "regret"),
		real(o, "p99_delay_ns") / 1e3, real(o, "mean_delay_ns") / 1e3,
		real(o, "loss_pct"),
		(long long)json_integer_value(json_object_get(o, "windows_to_settle")),
		strcmp(text(o, "verdict"), "none") ? text(o, "verdict") : "",
		bad(o) ? " violates" : "", target_met(o) ? "" : " misses");
}

static void table(FILE *out, json_t *all, const char *load)
{
	const char *policy = "";
	json_t *o;
	size_t i;

	fputs("<table><thead><tr><th>policy<th class=word>governor<th>CPU ns<th>regret"
	      "<th>p99 us<th>mean us<th>loss %<th>settles<th class=word></thead>\n", out);
	json_array_foreach(all, i, o) {
		if (strcmp(text(o, "load"), load))
			continue;
		put_row(out, o, strcmp(text(o, "policy"), policy));
		policy = text(o, "policy");
	}
	fputs("</table>\n", out);
}

static void put_summary(FILE *out, json_t *all, const char *governor)
{
	struct summary s;

	if (!summarise(all, governor, &s))
		return;
	fprintf(out, "<tr%s><td>%s<td>%d<td>%d",
		strcmp(governor, "model") ? "" : " class=model", governor, s.cases,
		s.violations);
	if (s.worst)
		fprintf(out, "<td>%.3f<td>%.3f", s.mean, s.worst);
	else
		fputs("<td>-<td>-", out);
	fprintf(out, "<td>%d<td>%d of %d\n", s.over, s.missed, s.targets);
}

static void summary(FILE *out, json_t *all)
{
	int g;

	fprintf(out, "<table><thead><tr><th>governor<th>cases<th>violations<th>regret, mean"
		"<th>worst<th>over %.2f<th>CPU targets missed</thead>\n", REGRET_MAX);
	for (g = 0; compared[g]; g++)
		put_summary(out, all, compared[g]);
	fputs("</table>\n<p>Cases and regret are of policies with a latency target alone; "
	      "violations are of all.\n", out);
}

static void loads(FILE *out, json_t *all, void (*each)(FILE *, json_t *, const char *))
{
	const char *last = "";
	json_t *o;
	size_t i;

	json_array_foreach(all, i, o) {
		if (!strcmp(text(o, "load"), last))
			continue;
		last = text(o, "load");
		each(out, all, last);
	}
}

static void put_link(FILE *out, json_t *all, const char *load)
{
	fputs("<a href=\"#load-", out);
	put_text(out, load);
	fputs("\">", out);
	put_text(out, load);
	fputs("</a>\n", out);
}

static void put_load(FILE *out, json_t *all, const char *load)
{
	fputs("<h2 id=\"load-", out);
	put_text(out, load);
	fputs("\">", out);
	put_text(out, load);
	fputs("</h2>\n", out);
	plot(out, all, load);
	table(out, all, load);
}

/**
 * report_html() - write a comparison as a page
 * @out: the page
 * @all: the comparison
 */
void report_html(FILE *out, json_t *all)
{
	fputs(page_head, out);
	summary(out, all);
	fputs("<nav>", out);
	loads(out, all, put_link);
	fputs("</nav>\n", out);
	loads(out, all, put_load);
	fputs("</html>\n", out);
}
