// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <libgen.h>
#include <linux/kernel.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "die.h"
#include "draw.h"
#include "keys.h"
#include "scenario.h"

#ifndef SIM_DIR
#define SIM_DIR "tools/sim"
#endif

#define US	1e3

static const char * const device_words[] = {
	"delay", "throttle", "restart", "defer", "hold", "suspend", NULL
};

static const char * const round_words[] = { "down", "up", "nearest", NULL };

static const char * const load_words[] = {
	"poisson", "constant", "onoff", "pareto", "mmpp", "train", "incast",
	"loop", "replay", "tcp", NULL
};

static const char * const prefer_words[] = { "latency", "cpu", NULL };

static const struct key cost_keys[] = {
	{ "source", KEY_OTHER },
	{ "irq_ns", KEY_REAL, offsetof(struct costs, irq_ns), 0, 1e6 },
	{ "exit_ns", KEY_REAL, offsetof(struct costs, exit_ns), 0, 1e6 },
	{ "softirq_ns", KEY_REAL, offsetof(struct costs, softirq_ns), 0, 1e6 },
	{ "wake_ns", KEY_REAL, offsetof(struct costs, wake_ns), 0, 1e6 },
	{ "timer_ns", KEY_REAL, offsetof(struct costs, timer_ns), 0, 1e6 },
	{ "poll_ns", KEY_REAL, offsetof(struct costs, poll_ns), 0, 1e6 },
	{ "packet_ns", KEY_REAL, offsetof(struct costs, packet_ns), 1, 1e6 },
	{ "sent_ns", KEY_REAL, offsetof(struct costs, sent_ns), 1, 1e6 },
	{ NULL, KEY_END }
};

/* Whole-number fields of the wire format go through here. */
struct device_text {
	int kind;
	double step_us;
	double floor_us;
	int round;
	int frames_max;
	int ring;
	int defer;
};

static const struct key device_keys[] = {
	{ "kind", KEY_WORD, offsetof(struct device_text, kind), .words = device_words },
	{ "step_us", KEY_REAL, offsetof(struct device_text, step_us), 0.001, 1e6 },
	{ "floor_us", KEY_REAL, offsetof(struct device_text, floor_us), 0, 1e6 },
	{ "round", KEY_WORD, offsetof(struct device_text, round), .words = round_words },
	{ "frames_max", KEY_INT, offsetof(struct device_text, frames_max), 0, 65535 },
	{ "ring", KEY_INT, offsetof(struct device_text, ring), 1, 1 << 20 },
	{ "defer", KEY_INT, offsetof(struct device_text, defer), 1, 1000 },
	{ NULL, KEY_END }
};

struct policy_text {
	double latency_ns;
	double cpu_ns;
	int prefer;
};

static const struct key policy_keys[] = {
	{ "latency_us", KEY_REAL, offsetof(struct policy_text, latency_ns), 0, 1e6, US },
	{ "cpu_ns", KEY_REAL, offsetof(struct policy_text, cpu_ns), 0, 1e9 },
	{ "prefer", KEY_WORD, offsetof(struct policy_text, prefer), .words = prefer_words },
	{ NULL, KEY_END }
};

#define LOAD(field)	offsetof(struct load, field)

static const struct key load_keys[] = {
	{ "kind", KEY_WORD, LOAD(kind), .words = load_words },
	{ "pps", KEY_REAL, LOAD(pps), 0.1, 1e9 },
	{ "on_us", KEY_REAL, LOAD(on_us), 0.001, 1e9 },
	{ "off_us", KEY_REAL, LOAD(off_us), 0.001, 1e9 },
	{ "low", KEY_REAL, LOAD(low), 0, 1 },
	{ "alpha", KEY_REAL, LOAD(alpha), 1.01, 100 },
	{ "train", KEY_INT, LOAD(train), 1, 100000 },
	{ "gap_ns", KEY_REAL, LOAD(gap_ns), 0, 1e9 },
	{ "connections", KEY_INT, LOAD(connections), 1, 100000 },
	{ "rtt_us", KEY_REAL, LOAD(rtt_us), 0, 1e7 },
	{ "think_us", KEY_REAL, LOAD(think_us), 0, 1e7 },
	{ "service_us", KEY_REAL, LOAD(service_us), 0, 1e7 },
	{ "message", KEY_INT, LOAD(message), 1, 100000 },
	{ "window", KEY_INT, LOAD(window), 2, 100000 },
	{ "bytes", KEY_INT, LOAD(bytes), 60, 65536 },
	{ "from", KEY_INT, LOAD(from), 0, STAGES_MAX - 1 },
	{ "to", KEY_INT, LOAD(to), 0, STAGES_MAX - 1 },
	{ "ramp", KEY_BOOL, LOAD(ramp) },
	{ "steps", KEY_OTHER },
	{ "file", KEY_OTHER },
	{ NULL, KEY_END }
};

static const struct key step_keys[] = {
	{ "at_ms", KEY_REAL, offsetof(struct load_step, at_ms), 0, 1e7 },
	{ "factor", KEY_REAL, offsetof(struct load_step, factor), 1e-6, 1e6 },
	{ NULL, KEY_END }
};

struct stage_text {
	int queues;
	int cpu;
	bool tx;
	double wire_ns;
	double app;
	double link_us;
};

static const struct key stage_keys[] = {
	{ "costs", KEY_OTHER },
	{ "device", KEY_OTHER },
	{ "queues", KEY_INT, offsetof(struct stage_text, queues), 1, QUEUES_MAX },
	{ "cpu", KEY_INT, offsetof(struct stage_text, cpu), 0, STAGES_MAX - 1 },
	{ "transmit", KEY_BOOL, offsetof(struct stage_text, tx) },
	{ "wire_ns", KEY_REAL, offsetof(struct stage_text, wire_ns), 0, 1e9 },
	{ "app", KEY_REAL, offsetof(struct stage_text, app), 0, 1 },
	{ "link_us", KEY_REAL, offsetof(struct stage_text, link_us), 0, 1e6 },
	{ NULL, KEY_END }
};

static const struct key scenario_keys[] = {
	{ "about", KEY_OTHER },
	{ "seed", KEY_ULONG, offsetof(struct scenario, seed), 0, 4294967295 },
	{ "packets", KEY_ULONG, offsetof(struct scenario, packets), 1000, 1e10 },
	{ "warmup", KEY_REAL, offsetof(struct scenario, warmup), 0, 10 },
	{ "belief", KEY_REAL, offsetof(struct scenario, belief), 0.01, 100 },
	{ "by_poll", KEY_BOOL, offsetof(struct scenario, by_poll) },
	{ "policy", KEY_OTHER },
	{ "stages", KEY_OTHER },
	{ "loads", KEY_OTHER },
	{ NULL, KEY_END }
};

/* Where nobody measured it: freeing takes about a quarter of receiving. */
static void fill_costs(struct costs *c)
{
	if (!(c->sent_ns > 0))
		c->sent_ns = c->packet_ns / 4;
}

/* One that can't be read is the fault of who named it. */
static void need_file(const struct file *f, const char *key, const char *file)
{
	if (f && access(file, R_OK))
		wrong(f, key, "%s: %s", file, strerror(errno));
}

/**
 * costs_load() - read a machine's costs
 * @c: gets them
 * @name: a file, or the name of one that comes with netcoal-sim
 * @from: scenario that names it, or NULL
 * @key: and where in it
 */
static void costs_load(struct costs *c, const char *name, const struct file *from,
		       const char *key)
{
	struct file f;
	char path[4096];
	json_t *root;

	if (strchr(name, '/'))
		snprintf(path, sizeof(path), "%s", name);
	else
		snprintf(path, sizeof(path), SIM_DIR "/costs/%s.json", name);
	need_file(from, key, path);
	root = file_load(&f, path);
	memset(c, 0, sizeof(*c));
	snprintf(c->name, sizeof(c->name), "%s", name);
	keys_read(&f, "", root, cost_keys, c);
	if (!(c->packet_ns > 0))
		wrong(&f, "", "packet_ns is missing");
	fill_costs(c);
	json_decref(root);
	file_free(&f);
}

/* One deferral, as the module's actuator asks for. */
static const struct device_text device_default = {
	.kind = DEVICE_DELAY, .step_us = 1, .round = ROUND_DOWN, .frames_max = 4096,
	.ring = 4096, .defer = 1,
};

static void read_device(const struct file *f, const char *path, json_t *v,
			struct device *d)
{
	struct device_text t = device_default;

	if (v)
		keys_read(f, path, v, device_keys, &t);
	*d = (struct device){
		.kind = t.kind,
		.step_ns = t.step_us * US,
		.floor_ns = t.floor_us * US,
		.round = t.round,
		.frames_max = t.frames_max,
		.ring = t.ring,
		.defer = t.defer,
	};
}

static void read_policy(const struct file *f, json_t *v, struct policy *p)
{
	struct policy_text t = { 100 * US, 0, 0 };

	if (v)
		keys_read(f, "policy", v, policy_keys, &t);
	*p = (struct policy){ t.latency_ns, t.cpu_ns, t.prefer };
}

static void read_costs(const struct file *f, const char *path, json_t *costs,
		       struct stage *st)
{
	char inner[256];

	snprintf(inner, sizeof(inner), "%s.costs", path);
	if (json_is_string(costs)) {
		costs_load(&st->costs, json_string_value(costs), f, inner);
	} else if (costs) {
		memset(&st->costs, 0, sizeof(st->costs));
		keys_read(f, inner, costs, cost_keys, &st->costs);
		if (!(st->costs.packet_ns > 0))
			wrong(f, inner, "packet_ns is missing");
		fill_costs(&st->costs);
	} else {
		costs_load(&st->costs, "server", NULL, NULL);
	}
}

static void read_stage(const struct file *f, const char *path, json_t *v,
		       struct stage *st, int index)
{
	struct stage_text t = { .queues = 1, .cpu = index, .link_us = 1 };
	char inner[256];

	keys_read(f, path, v, stage_keys, &t);
	read_costs(f, path, json_object_get(v, "costs"), st);
	snprintf(inner, sizeof(inner), "%s.device", path);
	read_device(f, inner, json_object_get(v, "device"), &st->device);
	st->queues = t.queues;
	st->cpu = t.cpu;
	st->tx = t.tx;
	st->wire_ns = t.wire_ns;
	st->app = t.app;
	st->link_ns = t.link_us * US;
}

static void read_steps(const struct file *f, const char *path, json_t *v,
		       struct load *l)
{
	char inner[512];
	size_t i;
	json_t *step;

	if (!v)
		return;
	if (l->kind == LOAD_LOOP || l->kind == LOAD_TCP || l->kind == LOAD_REPLAY)
		wrong(f, path, "a load of kind %s has no rate to change", load_words[l->kind]);
	if (!json_is_array(v) || json_array_size(v) > STEPS_MAX)
		wrong(f, path, "not an array of up to %d steps", STEPS_MAX);
	json_array_foreach(v, i, step) {
		snprintf(inner, sizeof(inner), "%s[%zu]", path, i);
		l->steps[i].factor = 1;
		keys_read(f, inner, step, step_keys, &l->steps[i]);
		if (i && l->steps[i].at_ms <= l->steps[i - 1].at_ms)
			wrong(f, inner, "not after the step before");
	}
	l->n_steps = json_array_size(v);
}

/* A file that a scenario names is beside it. */
static void read_replay(const struct file *f, const char *key, const char *file,
			struct load *l)
{
	char scenario[4096], path[8192];

	snprintf(scenario, sizeof(scenario), "%s", f->name);
	snprintf(path, sizeof(path), "%s%s%s", *file == '/' ? "" : dirname(scenario),
		 *file == '/' ? "" : "/", file);
	need_file(f, key, path);
	replay_load(l, path);
}

#define KIND(kind)	(1U << LOAD_##kind)
#define OPEN_KINDS	(KIND(POISSON) | KIND(CONSTANT) | KIND(ONOFF) | KIND(PARETO) | \
			 KIND(MMPP) | KIND(TRAIN) | KIND(INCAST))
#define CLOSED_KINDS	(KIND(LOOP) | KIND(TCP))

/* The kinds of load that a key says something of; those not named say it of all. */
static const struct {
	const char *key;
	unsigned int kinds;
} kinds_of[] = {
	{ "pps", OPEN_KINDS },
	{ "on_us", KIND(ONOFF) | KIND(MMPP) },
	{ "off_us", KIND(ONOFF) | KIND(MMPP) },
	{ "low", KIND(MMPP) },
	{ "alpha", KIND(PARETO) },
	{ "train", KIND(TRAIN) | KIND(INCAST) },
	{ "gap_ns", KIND(TRAIN) | KIND(INCAST) | CLOSED_KINDS },
	{ "connections", CLOSED_KINDS },
	{ "rtt_us", CLOSED_KINDS },
	{ "think_us", CLOSED_KINDS },
	{ "service_us", KIND(LOOP) },
	{ "message", KIND(LOOP) },
	{ "window", KIND(TCP) },
	{ "ramp", OPEN_KINDS },
	{ "file", KIND(REPLAY) },
};

/* What changes nothing was meant to change something. */
static void doubt_keys(const struct file *f, const char *path, json_t *v, const struct load *l)
{
	char inner[256];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds_of); i++) {
		if (!json_object_get(v, kinds_of[i].key) || kinds_of[i].kinds & (1U << l->kind))
			continue;
		snprintf(inner, sizeof(inner), "%s.%s", path, kinds_of[i].key);
		doubt(f, inner, "says nothing of a load of kind %s", load_words[l->kind]);
	}
}

/* The next train would have to begin before the last has come. */
static void doubt_train(const struct file *f, const char *path, const struct load *l)
{
	double takes_ns = (l->train - 1) * l->gap_ns, may_ns = l->train * 1e9 / l->pps;
	char inner[256];

	if (l->kind != LOAD_TRAIN || takes_ns <= may_ns)
		return;
	snprintf(inner, sizeof(inner), "%s.pps", path);
	doubt(f, inner, "trains of %d, %g ns apart, bring no more than %.0f a second", l->train,
	      (double)l->gap_ns, l->train * 1e9 / takes_ns);
}

static const struct load load_default = {
	.pps = 100000, .on_us = 1000, .off_us = 1000, .low = 0.1, .alpha = 1.5,
	.train = 16, .gap_ns = 120, .connections = 1, .rtt_us = 50, .message = 1,
	.window = 64, .bytes = 256,
};

static void read_load(const struct file *f, const char *path, json_t *v,
		      struct load *l, int n_stages)
{
	json_t *file;
	char inner[256];

	*l = load_default;
	l->to = n_stages - 1;
	keys_read(f, path, v, load_keys, l);
	doubt_keys(f, path, v, l);
	doubt_train(f, path, l);
	snprintf(inner, sizeof(inner), "%s.%s", path, json_object_get(v, "to") ? "to" : "from");
	if (l->to >= n_stages || l->to < l->from)
		wrong(f, inner, "from %d to %d is no way through %d stage%s", l->from,
		      l->to, n_stages, n_stages > 1 ? "s" : "");
	snprintf(inner, sizeof(inner), "%s.steps", path);
	read_steps(f, inner, json_object_get(v, "steps"), l);
	if (l->kind != LOAD_REPLAY)
		return;
	snprintf(inner, sizeof(inner), "%s.file", path);
	file = json_object_get(v, "file");
	if (!json_is_string(file))
		wrong(f, file ? inner : path, "a replay needs a file's name");
	read_replay(f, inner, json_string_value(file), l);
}

static void read_stages(const struct file *f, json_t *v, struct scenario *sc)
{
	char path[64];
	size_t i;
	json_t *stage;

	if (!v)
		return;
	if (!json_is_array(v) || !json_array_size(v) || json_array_size(v) > STAGES_MAX)
		wrong(f, "stages", "not an array of 1 to %d stages", STAGES_MAX);
	json_array_foreach(v, i, stage) {
		snprintf(path, sizeof(path), "stages[%zu]", i);
		read_stage(f, path, stage, &sc->stages[i], i);
	}
	sc->n_stages = json_array_size(v);
}

static void read_loads(const struct file *f, json_t *v, struct scenario *sc)
{
	char path[64];
	size_t i;
	json_t *load;

	if (!json_is_array(v) || !json_array_size(v) || json_array_size(v) > LOADS_MAX)
		wrong(f, v ? "loads" : "", "loads: not an array of 1 to %d loads", LOADS_MAX);
	json_array_foreach(v, i, load) {
		snprintf(path, sizeof(path), "loads[%zu]", i);
		read_load(f, path, load, &sc->loads[i], sc->n_stages);
	}
	sc->n_loads = json_array_size(v);
}

/* One queue of a fast device on a server, a tenth of the run to warm up. */
void scenario_default(struct scenario *sc)
{
	*sc = (struct scenario){ .seed = 1, .packets = 300000, .warmup = 0.25,
				 .belief = 1, .n_stages = 1,
				 .by_poll = true };
	sc->policy.latency_ns = 100 * US;
	costs_load(&sc->stages[0].costs, "server", NULL, NULL);
	read_device(NULL, "", NULL, &sc->stages[0].device);
	sc->stages[0].queues = 1;
	sc->loads[0] = load_default;
}

static void name_after(struct scenario *sc, const char *file)
{
	char path[4096], *dot;

	snprintf(path, sizeof(path), "%s", file);
	snprintf(sc->name, sizeof(sc->name), "%s", basename(path));
	dot = strrchr(sc->name, '.');
	if (dot)
		*dot = '\0';
}

static void read_scenario(struct file *f, json_t *root, struct scenario *sc)
{
	scenario_default(sc);
	name_after(sc, f->name);
	keys_read(f, "", root, scenario_keys, sc);
	read_policy(f, json_object_get(root, "policy"), &sc->policy);
	read_stages(f, json_object_get(root, "stages"), sc);
	read_loads(f, json_object_get(root, "loads"), sc);
	json_decref(root);
	file_free(f);
}

/**
 * scenario_load() - read a scenario's file, or say what is wrong in it and exit
 * @sc: gets it
 * @file: the file
 */
void scenario_load(struct scenario *sc, const char *file)
{
	struct file f;
	json_t *root = file_load(&f, file);

	read_scenario(&f, root, sc);
}

/**
 * scenario_draw() - draw a scenario at random
 * @sc: gets it
 * @seed: what from
 */
void scenario_draw(struct scenario *sc, unsigned long seed)
{
	json_t *drawn = draw_scenario(seed);
	struct file f;
	char name[32];

	snprintf(name, sizeof(name), "drawn-%lu", seed);
	read_scenario(&f, file_parse(&f, name, json_dumps(drawn, JSON_INDENT(1))), sc);
	json_decref(drawn);
}
