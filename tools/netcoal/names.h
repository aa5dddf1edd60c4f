/* SPDX-License-Identifier: GPL-2.0 */
/* Names of the enums' values, as in the specification of the family. */
#ifndef NETCOAL_NAMES_H
#define NETCOAL_NAMES_H

#include "parse.h"

extern const struct nc_names nc_actuator_names;
extern const struct nc_names nc_prefer_names;
extern const struct nc_names nc_state_names;
extern const struct nc_names nc_reason_names;
extern const struct nc_names nc_bound_names;
extern const struct nc_names nc_cap_state_names;
extern const struct nc_names nc_remote_names;
extern const struct nc_names nc_verdict_names;

#endif /* NETCOAL_NAMES_H */
