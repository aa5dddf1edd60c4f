// SPDX-License-Identifier: GPL-2.0
/* The properties of the governors on a 32-bit machine. */
#include <stdio.h>

#include <linux/kernel.h>

#include "gov_properties.h"

int main(void)
{
	static const char * const names[] = { "model", "fixed", "dim" };
	char why[200];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (gov_properties(names[i], 1, 2000, why, sizeof(why))) {
			fprintf(stderr, "%s\n", why);
			return 1;
		}
		printf("[       OK ] %s\n", names[i]);
	}
	return 0;
}
