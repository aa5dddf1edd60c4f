// SPDX-License-Identifier: GPL-2.0
/* The one way to fail. */

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
