// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "contender.h"
#include "die.h"

double per_stage(const struct per_stage *p, int stage)
{
	if (!p->n)
		return 0;
	return p->x[stage < p->n ? stage : p->n - 1];
}

/* What a governor is not for replaces the stage's device. */
static int device_of(const char *name, double tuning)
{
	if (!strcmp(name, "dim") && tuning >= DIM_TUNING_CQE)
		return DEVICE_RESTART;
	if (!strcmp(name, "defer"))
		return DEVICE_DEFER;
	if (!strcmp(name, "suspend"))
		return DEVICE_SUSPEND;
	if (!strcmp(name, "e1000e") || !strcmp(name, "i40e"))
		return DEVICE_THROTTLE;
	return -1;
}

static void choose_one(struct contender *c, const struct choice *choice,
		       const char *name, int stage)
{
	double tuning = per_stage(&choice->tuning, stage);
	int i;

	*c = (struct contender){ .ops = peer_find(name), .tuning = tuning,
				 .device = device_of(name, tuning) };
	if (!c->ops)
		die("no governor '%s'; see netcoal-sim governors", name);
	c->name = c->ops->name;
	if (c->tuning > c->ops->tuning_max)
		die("--tuning: %s takes 0 to %g, not %g", name, c->ops->tuning_max,
		    c->tuning);
	for (i = 0; i < STAGES_MAX; i++)
		c->setting[i] = (struct netcoal_setting){
			1e3 * per_stage(&choice->usecs, i), choice->frames };
}

/**
 * contender_choose() - find the governors that the command line names
 * @c: gets them; lives as long as the program, once
 * @choice: what it asks for
 */
void contender_choose(struct contender *c, const struct choice *choice)
{
	static struct contender each[STAGES_MAX];
	bool has_setting = choice->usecs.n || choice->frames != FRAMES_NONE, takes = false;
	const char *names = choice->governor ?: has_setting ? "static" : "model";
	const char *next = names;
	char name[32];
	int i, n;

	for (n = 0; next; n++) {
		size_t length = strcspn(next, ",");

		if (n == STAGES_MAX)
			die("--governor: more than %d stages", STAGES_MAX);
		snprintf(name, sizeof(name), "%.*s", (int)length, next);
		choose_one(&each[n], choice, name, n);
		takes |= !strcmp(name, "static");
		next = next[length] ? next + length + 1 : NULL;
	}
	if (has_setting && !takes)
		die("--%s: only the governor static takes it, not %s",
		    choice->usecs.n ? "usecs" : "frames", names);
	*c = each[0];
	c->name = names;
	for (i = 0; n > 1 && i < STAGES_MAX; i++)
		c->stage[i] = &each[i < n ? i : n - 1];
}

/**
 * contender_check_stages() - is more asked for than there are stages?
 * @choice: what the command line asks for
 * @file: a scenario
 * @stages: of it
 *
 * That ends the program.
 */
void contender_check_stages(const struct choice *choice, const char *file, int stages)
{
	const char *next = choice->governor;
	int names = !!next;

	while (next && (next = strchr(next, ','))) {
		names++;
		next++;
	}
	if (names > stages)
		die("--governor: %d for %d stages of %s", names, stages, file);
	if (choice->usecs.n > stages)
		die("--usecs: %d for %d stages of %s", choice->usecs.n, stages, file);
	if (choice->tuning.n > stages)
		die("--tuning: %d for %d stages of %s", choice->tuning.n, stages, file);
}
