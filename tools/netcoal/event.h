/* SPDX-License-Identifier: GPL-2.0 */
/* From events to lines and JSON objects. */
#ifndef NETCOAL_EVENT_H
#define NETCOAL_EVENT_H

#include <libmnl/libmnl.h>
#include <stdint.h>

#include "tool.h"

enum nc_exit nc_print_event(const struct nc_ctx *ctx, const struct nlmsghdr *nlh);
enum nc_exit nc_print_lost(const struct nc_ctx *ctx, uint32_t count);
enum nc_exit nc_print_module(const struct nc_ctx *ctx, const char *what);

#endif /* NETCOAL_EVENT_H */
