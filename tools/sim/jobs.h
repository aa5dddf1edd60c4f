/* SPDX-License-Identifier: GPL-2.0 */
/* Independent pieces of work, each in a process of its own. */
#ifndef _NETCOAL_SIM_JOBS_H
#define _NETCOAL_SIM_JOBS_H

#include <jansson.h>

json_t *jobs_run(int n, int at_once, json_t *(*work)(int i, void *arg), void *arg);

#endif /* _NETCOAL_SIM_JOBS_H */
