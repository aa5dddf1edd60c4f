/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NETCOAL_SHIM_STRING_H
#define _NETCOAL_SHIM_STRING_H

#include <string.h>

#endif /* _NETCOAL_SHIM_STRING_H */
