/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NETCOAL_NOTIFY_H
#define _NETCOAL_NOTIFY_H

int netcoal_notify_init(void);
void netcoal_notify_exit(void);

#endif /* _NETCOAL_NOTIFY_H */
