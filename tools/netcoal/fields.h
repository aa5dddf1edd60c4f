/* SPDX-License-Identifier: GPL-2.0 */
/* The fields of the family's messages, in the order in which they are shown. */
#ifndef NETCOAL_FIELDS_H
#define NETCOAL_FIELDS_H

#include "print.h"

extern const struct nc_fields nc_policy_fields;
extern const struct nc_fields nc_dev_fields;
extern const struct nc_fields nc_queue_fields;
extern const struct nc_fields nc_cap_fields;
extern const struct nc_fields nc_path_fields;
extern const struct nc_fields nc_stage_fields;

#endif /* NETCOAL_FIELDS_H */
