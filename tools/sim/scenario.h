/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NETCOAL_SIM_SCENARIO_H
#define _NETCOAL_SIM_SCENARIO_H

#include "sim.h"

void scenario_load(struct scenario *sc, const char *file);
void scenario_draw(struct scenario *sc, unsigned long seed);
void scenario_default(struct scenario *sc);
void replay_load(struct load *l, const char *file);

#endif /* _NETCOAL_SIM_SCENARIO_H */
