// SPDX-License-Identifier: GPL-2.0
/* The comparison as a table on a terminal. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "compare.h"
#include "oracle.h"

/* A CPU target is met only with a delay this close to the best. */
#define DELAY_MET	1.15
#define DELAY_STEP_NS	1000
/* A target that can't be met has to be called so by most decisions. */
#define SAID_SO		0.5

static double real_of(json_t *o, const char *key)
{
	return json_number_value(json_object_get(o, key));
}

static const char *string_of(json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static bool is_own(json_t *o)
{
	return !strcmp(string_of(o, "governor"), "model");
}

/*
 * Met, or there was nothing to meet, or what can't be met was called so. That
 * only netcoal's law can do.
 */
bool target_met(json_t *o)
{
	double target = real_of(o, "cpu_target_ns");

	if (!target)
		return true;
	if (json_is_false(json_object_get(o, "cpu_target_reachable")))
		return !is_own(o) || real_of(o, "saturated") >= SAID_SO;
	return real_of(o, "cpu_ns_per_packet") <= TARGET_MET * target &&
	       real_of(o, "p99_delay_ns") <=
	       DELAY_MET * real_of(o, "oracle_p99_delay_ns") + DELAY_STEP_NS;
}

static void print_row(json_t *o)
{
	printf("%-22s %-26s %-8s %8.0f %6.3f %9.1f %6.1f %s%s%s %5lld %5.2f\n",
	       string_of(o, "load"), string_of(o, "policy"), string_of(o, "governor"),
	       real_of(o, "cpu_ns_per_packet"), real_of(o, "regret"),
	       real_of(o, "p99_delay_ns") / 1e3, real_of(o, "loss_pct"),
	       json_is_true(json_object_get(o, "violation")) ? "V" : "-",
	       real_of(o, "regret") > REGRET_MAX ? "R" : "-",
	       target_met(o) ? "-" : "T",
	       (long long)json_integer_value(json_object_get(o, "windows_to_settle")),
	       real_of(o, "changes_per_50_windows"));
}

/*
 * Who violates gets no credit for CPU: the mean is of the other cases. Where a
 * CPU target can be met there is no least CPU to regret, but a target to miss.
 */
static void add_case(struct summary *s, json_t *o, double *log_sum, int *judged)
{
	bool bad = json_is_true(json_object_get(o, "violation"));
	double regret = real_of(o, "regret");

	s->violations += bad;
	if (real_of(o, "cpu_target_ns")) {
		s->targets++;
		s->missed += !target_met(o);
		return;
	}
	s->cases++;
	if (bad)
		return;
	*log_sum += log(regret);
	*judged += 1;
	s->worst = fmax(s->worst, regret);
	s->over += regret > REGRET_MAX;
}

/**
 * summarise() - put a governor's cases together
 * @all: the comparison
 * @governor: its name
 * @s: gets them
 *
 * Return: false if it has none.
 */
bool summarise(json_t *all, const char *governor, struct summary *s)
{
	double log_sum = 0;
	int judged = 0;
	size_t i;
	json_t *o;

	*s = (struct summary){ };
	json_array_foreach(all, i, o)
		if (!strcmp(string_of(o, "governor"), governor))
			add_case(s, o, &log_sum, &judged);
	s->mean = judged ? exp(log_sum / judged) : 0;
	return s->cases + s->targets;
}

static void print_summary(json_t *all, const char *governor)
{
	struct summary s;

	if (!summarise(all, governor, &s))
		return;
	printf("%-8s %3d violations; %d cases with a latency target: ", governor,
	       s.violations, s.cases);
	if (s.worst)
		printf("regret %.3f mean %.3f worst, %d over %.2f; ", s.mean, s.worst,
		       s.over, REGRET_MAX);
	else
		printf("none without violation; ");
	printf("%d of %d CPU targets missed\n", s.missed, s.targets);
}

/**
 * print_table() - print all cases, and a line for every governor
 * @all: the comparison
 */
void print_table(json_t *all)
{
	json_t *row;
	size_t i;
	int g;

	printf("%-22s %-26s %-8s %8s %6s %9s %6s %s %s %s\n", "load", "policy",
	       "governor", "cpu ns", "regret", "p99 us", "loss %", "bad", "settle",
	       "changes");
	json_array_foreach(all, i, row)
		print_row(row);
	for (g = 0; compared[g]; g++)
		print_summary(all, compared[g]);
}
