/* SPDX-License-Identifier: GPL-2.0 */
/*
 * JSON objects into structs, by tables of keys. What is wrong in a file is
 * said with its line and the path of the key.
 */
#ifndef _NETCOAL_SIM_KEYS_H
#define _NETCOAL_SIM_KEYS_H

#include <jansson.h>
#include <stddef.h>

struct file {
	const char *name;
	char *text;
};

enum key_type {
	KEY_END,
	KEY_REAL,
	KEY_INT,
	KEY_ULONG,
	KEY_BOOL,
	KEY_WORD,	/* one of words, stored as its int index */
	KEY_OTHER,	/* known, but read by the caller */
};

struct key {
	const char *name;
	enum key_type type;
	size_t offset;
	double min;
	double max;
	double scale;			/* stored = written * scale; 0 is 1 */
	const char * const *words;
};

void keys_read(const struct file *f, const char *path, json_t *object,
	       const struct key *keys, void *to);
void wrong(const struct file *f, const char *path, const char *fmt, ...)
	__attribute__((noreturn, format(printf, 3, 4)));
void doubt(const struct file *f, const char *path, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
json_t *file_load(struct file *f, const char *name);
json_t *file_parse(struct file *f, const char *name, char *text);
void file_free(struct file *f);

#endif /* _NETCOAL_SIM_KEYS_H */
