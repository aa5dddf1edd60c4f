/* SPDX-License-Identifier: GPL-2.0 */
/* Loads that nobody chose. */
#ifndef _NETCOAL_SIM_DRAW_H
#define _NETCOAL_SIM_DRAW_H

#include <jansson.h>

json_t *draw_scenario(unsigned long seed);

#endif /* _NETCOAL_SIM_DRAW_H */
