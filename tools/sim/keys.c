// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "keys.h"

/* ---- which line a path is on: a walk over text that is known to be JSON --- */

struct walk {
	const char *p;
	int line;
	const char *want;
	int found;
};

static void skip_space(struct walk *w)
{
	for (; isspace((unsigned char)*w->p); w->p++)
		w->line += *w->p == '\n';
}

static void skip_string(struct walk *w)
{
	for (w->p++; *w->p != '"'; w->p++)
		if (*w->p == '\\')
			w->p++;
	w->p++;
}

static void walk_value(struct walk *w, const char *path);

static void walk_members(struct walk *w, const char *path, bool object)
{
	char inner[512], name[256];
	int i = 0;

	for (w->p++, skip_space(w); *w->p != '}' && *w->p != ']'; i++) {
		if (object) {
			const char *from = w->p + 1;

			skip_string(w);
			snprintf(name, sizeof(name), "%.*s", (int)(w->p - 1 - from), from);
			snprintf(inner, sizeof(inner), "%s%s%s", path, *path ? "." : "", name);
			if (!strcmp(inner, w->want))
				w->found = w->line;
			skip_space(w);
			w->p++;
		} else {
			snprintf(inner, sizeof(inner), "%s[%d]", path, i);
			if (!strcmp(inner, w->want))
				w->found = w->line;
		}
		skip_space(w);
		walk_value(w, inner);
		skip_space(w);
		if (*w->p == ',') {
			w->p++;
			skip_space(w);
		}
	}
	w->p++;
}

static void walk_value(struct walk *w, const char *path)
{
	if (*w->p == '{' || *w->p == '[')
		walk_members(w, path, *w->p == '{');
	else if (*w->p == '"')
		skip_string(w);
	else
		while (*w->p && !strchr(",]} \t\r\n", *w->p))
			w->p++;
}

static int line_of(const struct file *f, const char *path)
{
	struct walk w = { .p = f->text, .line = 1, .want = path };

	skip_space(&w);
	if (*w.p)
		walk_value(&w, "");
	return w.found ? w.found : 1;
}

void wrong(const struct file *f, const char *path, const char *fmt, ...)
{
	char what[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	die("%s:%d: %s: %s", f->name, line_of(f, path), *path ? path : "(top)", what);
}

void doubt(const struct file *f, const char *path, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "netcoal-sim: warning: %s:%d: %s: ", f->name, line_of(f, path), path);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

/* ---- values ---------------------------------------------------------------- */

/* A wrong value, as it stands in the file; the program ends with it. */
static const char *text_of(json_t *v)
{
	return json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT);
}

static int word_index(const struct file *f, const char *path, json_t *v,
		      const struct key *k)
{
	char list[256] = "";
	int i;

	for (i = 0; k->words[i]; i++) {
		if (json_is_string(v) && !strcmp(json_string_value(v), k->words[i]))
			return i;
		if (strlen(list) + strlen(k->words[i]) + 3 < sizeof(list)) {
			strcat(list, i ? ", " : "");
			strcat(list, k->words[i]);
		}
	}
	wrong(f, path, "%s is not one of %s", text_of(v), list);
}

static double number(const struct file *f, const char *path, json_t *v,
		     const struct key *k)
{
	double x;

	if (!json_is_number(v))
		wrong(f, path, "%s is not a number", text_of(v));
	x = json_number_value(v);
	if (x < k->min || x > k->max)
		wrong(f, path, "%.12g is not within %.12g and %.12g", x, k->min, k->max);
	if (k->type != KEY_REAL && !k->scale && x != (double)(long long)x)
		wrong(f, path, "%.12g is not a whole number", x);
	return k->scale ? x * k->scale : x;
}

static void store(const struct file *f, const char *path, json_t *v,
		  const struct key *k, void *to)
{
	void *at = (char *)to + k->offset;

	switch (k->type) {
	case KEY_REAL:
		*(double *)at = number(f, path, v, k);
		break;
	case KEY_INT:
		*(int *)at = number(f, path, v, k);
		break;
	case KEY_ULONG:
		*(unsigned long *)at = number(f, path, v, k);
		break;
	case KEY_BOOL:
		if (!json_is_boolean(v))
			wrong(f, path, "%s is neither true nor false", text_of(v));
		*(bool *)at = json_is_true(v);
		break;
	case KEY_WORD:
		*(int *)at = word_index(f, path, v, k);
		break;
	default:
		break;
	}
}

static const struct key *key_find(const struct key *keys, const char *name)
{
	for (; keys->type != KEY_END; keys++)
		if (!strcmp(keys->name, name))
			return keys;
	return NULL;
}

void keys_read(const struct file *f, const char *path, json_t *object,
	       const struct key *keys, void *to)
{
	const struct key *k;
	const char *name;
	char inner[512];
	json_t *v;

	if (!json_is_object(object))
		wrong(f, path, "not an object");
	json_object_foreach(object, name, v) {
		snprintf(inner, sizeof(inner), "%s%s%s", path, *path ? "." : "", name);
		k = key_find(keys, name);
		if (!k)
			wrong(f, inner, "no such key");
		store(f, inner, v, k, to);
	}
}

/* ---- files ----------------------------------------------------------------- */

static char *read_all(const char *name)
{
	FILE *in = fopen(name, "re");
	size_t n = 0, room = 1 << 16;
	char *text;

	if (!in)
		die("%s: %m", name);
	text = xrealloc(NULL, room);
	while ((n += fread(text + n, 1, room - n - 1, in)) == room - 1)
		text = xrealloc(text, room *= 2);
	if (ferror(in))
		die("%s: %m", name);
	fclose(in);
	text[n] = '\0';
	return text;
}

json_t *file_load(struct file *f, const char *name)
{
	return file_parse(f, name, read_all(name));
}

/* As if a file of that name had that text, which file_free() frees. */
json_t *file_parse(struct file *f, const char *name, char *text)
{
	json_error_t error;
	json_t *root;

	f->name = name;
	f->text = text;
	root = json_loads(f->text, JSON_REJECT_DUPLICATES, &error);
	if (!root)
		die("%s:%d: %s", name, error.line, error.text);
	return root;
}

void file_free(struct file *f)
{
	free(f->text);
}
