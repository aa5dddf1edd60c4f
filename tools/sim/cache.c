// SPDX-License-Identifier: GPL-2.0
/*
 * A directory of results, each under a digest of all that it follows from: the
 * scenario, the governor with its tuning, and what the program was built of. The
 * module's governors have their own sources in theirs, so that a change of the
 * law leaves the results of all others valid.
 */
#include <errno.h>
#include <gnu/libc-version.h>
#include <gsl/gsl_version.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cache.h"
#include "die.h"
#include "digests.h"

static const char *cache_dir;

/* FNV-1a of 128 bits. */
struct digest {
	unsigned __int128 h;
};

static void digest_add(struct digest *d, const void *data, size_t size)
{
	static const unsigned __int128 prime = ((unsigned __int128)1 << 88) + 0x13b;
	const unsigned char *p = data;

	while (size--)
		d->h = (d->h ^ *p++) * prime;
}

static void digest_text(struct digest *d, const char *text)
{
	digest_add(d, text, strlen(text) + 1);
}

/*
 * Bytes between fields count, too: where they happen to differ, a run is only
 * repeated.
 */
static void digest_scenario(struct digest *d, const struct scenario *sc)
{
	struct scenario plain;
	int i;

	memcpy(&plain, sc, sizeof(plain));
	for (i = 0; i < LOADS_MAX; i++)
		plain.loads[i].times = NULL;
	digest_add(d, &plain, sizeof(plain));
	for (i = 0; i < sc->n_loads; i++)
		digest_add(d, sc->loads[i].times,
			   sc->loads[i].n_times * sizeof(*sc->loads[i].times));
}

static void digest_contender(struct digest *d, const struct contender *c)
{
	int i;

	digest_text(d, c->ops->name);
	digest_add(d, c->setting, sizeof(c->setting));
	digest_add(d, &c->tuning, sizeof(c->tuning));
	digest_add(d, &c->device, sizeof(c->device));
	if (c->ops->own)
		digest_text(d, LAW_DIGEST);
	for (i = 0; i < STAGES_MAX; i++)
		if (c->stage[i])
			digest_contender(d, c->stage[i]);
		else
			digest_text(d, "");
}

static void path_of(char path[PATH_MAX], const struct scenario *sc,
		    const struct contender *c)
{
	struct digest d = { ((unsigned __int128)0x6c62272e07bb0142 << 64) |
			    0x62b821756295c58d };

	digest_text(&d, ENGINE_DIGEST);
	digest_text(&d, gnu_get_libc_version());
	digest_text(&d, gsl_version);
	digest_scenario(&d, sc);
	digest_contender(&d, c);
	if (snprintf(path, PATH_MAX, "%s/%016llx%016llx", cache_dir,
		     (unsigned long long)(d.h >> 64), (unsigned long long)d.h) >= PATH_MAX)
		die("%s: name too long", cache_dir);
}

/**
 * cache_open() - keep results from now on
 * @dir: where, made if need be
 */
void cache_open(const char *dir)
{
	if (mkdir(dir, 0777) && errno != EEXIST)
		die("%s: %s", dir, strerror(errno));
	if (access(dir, W_OK | X_OK))
		die("%s: %s", dir, strerror(errno));
	cache_dir = dir;
}

/**
 * cache_get() - has this been run before?
 * @sc: the scenario
 * @c: the governor with its tuning
 * @r: gets the result, if so
 */
bool cache_get(const struct scenario *sc, const struct contender *c,
	       struct result *r)
{
	char path[PATH_MAX];
	struct result found;
	size_t n;
	FILE *f;

	if (!cache_dir)
		return false;
	path_of(path, sc, c);
	f = fopen(path, "re");
	if (!f)
		return false;
	n = fread(&found, 1, sizeof(found), f);
	if (n == sizeof(found))
		*r = found;
	fclose(f);
	return n == sizeof(found);
}

/* Others may run the same: a result appears whole or not at all. */
void cache_put(const struct scenario *sc, const struct contender *c,
	       const struct result *r)
{
	char path[PATH_MAX], part[PATH_MAX + 16];
	bool written;
	FILE *f;

	if (!cache_dir)
		return;
	path_of(path, sc, c);
	snprintf(part, sizeof(part), "%s.%d", path, (int)getpid());
	f = fopen(part, "we");
	if (!f)
		die("%s: %s", part, strerror(errno));
	written = fwrite(r, sizeof(*r), 1, f) == 1;
	if (fclose(f) || !written || rename(part, path))
		die("%s: %s", part, strerror(errno));
}
