/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NETCOAL_GOV_PROPERTIES_H
#define _NETCOAL_GOV_PROPERTIES_H

/**
 * gov_properties() - feed every governor with windows and limits no one sends
 * @name: the governor
 * @seed: of the random numbers
 * @rounds: sequences of windows to try
 * @why: where to say what did not hold
 * @size: room in @why
 *
 * Return: 0 if every decision kept within its limits.
 */
int gov_properties(const char *name, unsigned int seed, unsigned int rounds,
		   char *why, unsigned long size);

#endif /* _NETCOAL_GOV_PROPERTIES_H */
