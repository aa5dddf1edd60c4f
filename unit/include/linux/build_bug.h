/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NETCOAL_SHIM_BUILD_BUG_H
#define _NETCOAL_SHIM_BUILD_BUG_H

#define BUILD_BUG_ON(cond)	_Static_assert(!(cond), #cond)

#endif /* _NETCOAL_SHIM_BUILD_BUG_H */
