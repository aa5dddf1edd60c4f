/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LOAD_DRAW_H
#define LOAD_DRAW_H

#include <stdint.h>

/* splitmix64 (Steele, Lea, Flood 2014): tiny, seeded by any number, the same everywhere. */
static inline uint64_t draw(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

#endif /* LOAD_DRAW_H */
