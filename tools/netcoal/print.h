/* SPDX-License-Identifier: GPL-2.0 */
/* From messages to text and JSON, both from the same table of fields. */
#ifndef NETCOAL_PRINT_H
#define NETCOAL_PRINT_H

#include <jansson.h>
#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stdint.h>

#include "parse.h"
#include "tool.h"

/* Decimals of a time: all that it has, or as many as an eye takes in. */
#define NC_EXACT	9
#define NC_ROUGH	3

#define NC_FIELDS_MAX	40
#define NC_CELL_LEN	1024
#define NC_QUOTED_LEN	80

/**
 * enum nc_kind - what an attribute holds and how it is shown as text
 * @NC_STRING: a string
 * @NC_U32: a 32-bit number
 * @NC_U64: a 64-bit number
 * @NC_TIME: a setting, u32 ns: shown exactly, so that it can be typed back
 * @NC_SPAN: a measured time, u32 or u64 ns: shown to three decimals
 * @NC_MILLI: u32 thousandths
 * @NC_ENUM: u32, one of names
 * @NC_ERRNO: u32, a positive error number
 */
enum nc_kind {
	NC_STRING,
	NC_U32,
	NC_U64,
	NC_TIME,
	NC_SPAN,
	NC_MILLI,
	NC_ENUM,
	NC_ERRNO,
};

/**
 * enum nc_field_flag - where a field is left out of the text
 * @NC_JOIN: shown as ":VALUE" right behind the field before
 * @NC_HIDE_ZERO: not shown while 0
 * @NC_HIDE_NESTED: not shown below the line of a device
 * @NC_STATS: shown with -s
 * @NC_HIDE_LOCAL: only shown with -s, or for a queue of which a part is on
 *	another node than the rest
 * @NC_LIST: there may be several, each shown with the label; an array in JSON
 *
 * JSON always has every attribute that the kernel sent.
 */
enum nc_field_flag {
	NC_JOIN = 1,
	NC_HIDE_ZERO = 2,
	NC_HIDE_NESTED = 4,
	NC_STATS = 8,
	NC_LIST = 16,
	NC_HIDE_LOCAL = 32,
};

/**
 * struct nc_field - an attribute of a message and how it is shown
 * @name: its name in the specification; with underscores, its JSON key
 * @label: the word before it in text, "" for none
 * @attr: its number
 * @kind: what it holds
 * @flags: of enum nc_field_flag
 * @names: names of the values of an enum
 */
struct nc_field {
	const char *name;
	const char *label;
	uint16_t attr;
	enum nc_kind kind;
	unsigned int flags;
	const struct nc_names *names;
};

/**
 * struct nc_fields - the fields of a message, in the order of showing
 * @count: length of @field, at most NC_FIELDS_MAX
 * @field: the fields
 */
struct nc_fields {
	size_t count;
	const struct nc_field *field;
};

/**
 * struct nc_layout - how rows of text line up
 * @fields: the fields of a row
 * @hide: flags of the fields to leave out
 * @width: width of each field's cell, label included, 0 where no row has it
 */
struct nc_layout {
	const struct nc_fields *fields;
	unsigned int hide;
	size_t width[NC_FIELDS_MAX];
};

NC_PRINTF(2, 3) void nc_error(const struct nc_ctx *ctx, const char *fmt, ...);
NC_PRINTF(2, 3) void nc_warning(const struct nc_ctx *ctx, const char *fmt, ...);
const char *nc_quote(char buf[NC_QUOTED_LEN], const char *text);

void nc_format_time(char *buf, size_t len, uint64_t ns, int decimals);

void nc_layout_fit(struct nc_layout *layout, const struct nlmsghdr *nlh);
void nc_layout_print(const struct nc_layout *layout, FILE *out,
		     const struct nlmsghdr *nlh);

const char *nc_get_string(const struct nlmsghdr *nlh, uint16_t attr);
bool nc_get_number(const struct nlmsghdr *nlh, uint16_t attr, uint64_t *num);

json_t *nc_string_json(const char *text);
json_t *nc_fields_json(const struct nc_fields *fields, const struct nlmsghdr *nlh);
enum nc_exit nc_print_json(const struct nc_ctx *ctx, json_t *root);
enum nc_exit nc_flush(const struct nc_ctx *ctx);

#endif /* NETCOAL_PRINT_H */
