/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NETCOAL_SIM_VERDICT_H
#define _NETCOAL_SIM_VERDICT_H

const char *verdict_name(int verdict);

#endif /* _NETCOAL_SIM_VERDICT_H */
