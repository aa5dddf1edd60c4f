/* SPDX-License-Identifier: GPL-2.0 */
/* A search for better static settings around the best of a grid. */
#ifndef _NETCOAL_SIM_DESCENT_H
#define _NETCOAL_SIM_DESCENT_H

#include "oracle.h"

void descent(struct grid *g, const struct scenario *sc, const struct aim *aim);

#endif /* _NETCOAL_SIM_DESCENT_H */
