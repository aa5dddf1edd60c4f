/* SPDX-License-Identifier: GPL-2.0 */
/* A request made of words, which it remembers so that an error can name them. */
#ifndef NETCOAL_REQUEST_H
#define NETCOAL_REQUEST_H

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "parse.h"
#include "tool.h"

#define NC_GIVEN_MAX	32

/**
 * struct nc_request - a request to netcoal
 * @given: the values put into it, each with its keyword and its place
 * @count: how many
 * @failure: what the kernel said, once sent
 * @nlh: the message, in @buf
 * @buf: the message
 */
struct nc_request {
	struct {
		const struct nc_keyword *kw;
		const char *text;
		uint32_t offset;
	} given[NC_GIVEN_MAX];
	size_t count;
	struct nc_failure failure;
	struct nlmsghdr *nlh;
	_Alignas(struct nlmsghdr) char buf[NC_REQUEST_LEN];
};

void nc_request_start(struct nc_request *rq, uint8_t cmd);
bool nc_request_put(const struct nc_ctx *ctx, struct nc_request *rq,
		    const struct nc_keyword *kw, const char *text);
bool nc_request_gives(const struct nc_request *rq, uint16_t attr);
bool nc_request_put_pairs(const struct nc_ctx *ctx, struct nc_request *rq,
			  const struct nc_keyword *table, size_t count,
			  struct nc_args *args);
bool nc_request_ask(struct nc_ctx *ctx, struct nc_request *rq,
		    struct nc_replies *replies);
void nc_request_complain(const struct nc_ctx *ctx, const struct nc_request *rq);
enum nc_exit nc_request_send(struct nc_ctx *ctx, struct nc_request *rq,
			     struct nc_replies *replies);
enum nc_exit nc_request_change(struct nc_ctx *ctx, struct nc_request *rq);

bool nc_no_more(const struct nc_ctx *ctx, const struct nc_args *args);
bool nc_connect(struct nc_ctx *ctx);
void nc_complain_open(const struct nc_ctx *ctx, int error);

#endif /* NETCOAL_REQUEST_H */
