/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A kernel for tests of the command: hears its requests, says what it is told.
 * It takes the place of libmnl's sockets.
 */
#ifndef TOOL_KERNEL_H
#define TOOL_KERNEL_H

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KERNEL_FAMILY	0x21
#define KERNEL_EVENTS	7

/**
 * struct kernel - what a test sets, and finds
 * @absent: the module is not loaded
 * @echoes: errors bring the whole request back, as before CAP_ACK
 * @heard: requests to the module
 * @lookups: requests to the controller
 * @open: sockets open now
 */
struct kernel {
	bool absent;
	bool echoes;
	size_t heard;
	size_t lookups;
	int open;
};

extern struct kernel kernel;

void kernel_reset(void);
struct nlmsghdr *kernel_says(uint8_t cmd);
void kernel_acks(void);
void kernel_refuses(int error, const char *message, uint16_t attr);
void kernel_ends_dump(int error, const char *message, uint16_t attr);
void kernel_fails(int error);
const struct nlmsghdr *kernel_request(size_t i);
bool kernel_has_more(void);

#endif /* TOOL_KERNEL_H */
