/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LOAD_POLLS_H
#define LOAD_POLLS_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct polls - a stretch of time in which NAPI polls were counted
 * @count: polls, of all devices or of one
 * @packets: packets in the same time, counted as the result counts them
 * @known: the kernel let us count
 */
struct polls {
	uint64_t count;
	uint64_t packets;
	bool known;
};

bool polls_start(const char *dev);
uint64_t polls_stop(void);

#endif /* LOAD_POLLS_H */
