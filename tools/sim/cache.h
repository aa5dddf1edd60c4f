/* SPDX-License-Identifier: GPL-2.0 */
/* Results of runs that need not be repeated. */
#ifndef _NETCOAL_SIM_CACHE_H
#define _NETCOAL_SIM_CACHE_H

#include "sim.h"

void cache_open(const char *dir);
bool cache_get(const struct scenario *sc, const struct contender *c,
	       struct result *r);
void cache_put(const struct scenario *sc, const struct contender *c,
	       const struct result *r);

#endif /* _NETCOAL_SIM_CACHE_H */
