// SPDX-License-Identifier: GPL-2.0
/* The one way to fail, and memory that can fail no other way. */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "die.h"

/**
 * die - one line on stderr, exit status 1
 * @fmt: names the offending value
 */
void die(const char *fmt, ...)
{
	char line[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	fprintf(stderr, "load: %s\n", line);
	exit(1);
}

/**
 * zalloc - memory full of zeros, or death
 * @size: how many bytes
 */
void *zalloc(size_t size)
{
	void *memory = calloc(1, size);

	if (!memory)
		die("no memory for %zu bytes", size);
	return memory;
}
