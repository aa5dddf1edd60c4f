// SPDX-License-Identifier: GPL-2.0
/* From messages to text and JSON. Nothing that the kernel sends is trusted. */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/genetlink.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "print.h"

static NC_PRINTF(3, 0) void complain(const struct nc_ctx *ctx, const char *kind,
					     const char *fmt, va_list ap)
{
	fputs("netcoal: ", ctx->err);
	if (ctx->batch)
		fprintf(ctx->err, "%s:%u: ", ctx->batch, ctx->line);
	fputs(kind, ctx->err);
	vfprintf(ctx->err, fmt, ap);
	fputc('\n', ctx->err);
}

/**
 * nc_error() - prints one line that says what is wrong, and where
 * @ctx: the run
 * @fmt: format of the line, without prefix and newline
 */
void nc_error(const struct nc_ctx *ctx, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(ctx, "", fmt, ap);
	va_end(ap);
}

/**
 * nc_warning() - prints one line about something that was done all the same
 * @ctx: the run
 * @fmt: format of the line, without prefix and newline
 */
void nc_warning(const struct nc_ctx *ctx, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(ctx, "warning: ", fmt, ap);
	va_end(ap);
}

/*
 * Copies text with what could move a terminal's cursor as \xNN, and with @ascii
 * everything else that is no ASCII. Returns the rest that did not fit.
 */
static const char *escape(char *buf, size_t len, const char *text, bool ascii)
{
	size_t used = 0;

	buf[0] = '\0';
	for (; *text && used + sizeof("\\xNN") <= len; text++) {
		unsigned char c = (unsigned char)*text;
		bool plain = c >= ' ' && c != 0x7f && c != '\\' &&
			     (c < 0x80 || !ascii);

		used += (size_t)snprintf(buf + used, len - used,
					 plain ? "%c" : "\\x%02x", c);
	}
	return text;
}

/**
 * nc_quote() - quotes somebody's word for an error message
 * @buf: gets the quoted word
 * @text: the word; a long one is cut
 *
 * Return: @buf.
 */
const char *nc_quote(char buf[NC_QUOTED_LEN], const char *text)
{
	const char *rest;

	buf[0] = '"';
	rest = escape(buf + 1, NC_QUOTED_LEN - sizeof("...\""), text, false);
	strcat(buf, *rest ? "...\"" : "\"");
	return buf;
}

/**
 * nc_format_time() - writes a time with its largest fitting unit
 * @buf: gets the text
 * @len: its size
 * @ns: the time
 * @decimals: how many at most; the rest is cut off
 */
void nc_format_time(char *buf, size_t len, uint64_t ns, int decimals)
{
	static const char *const units[] = { "ns", "us", "ms", "s" };
	size_t unit = 0;
	uint64_t one = 1;
	char digits[24];
	int places;

	if (!ns) {
		snprintf(buf, len, "0");
		return;
	}
	for (; unit + 1 < NC_ARRAY_SIZE(units) && ns / one >= 1000; unit++)
		one *= 1000;

	places = 3 * (int)unit;
	snprintf(digits, sizeof(digits), "%0*" PRIu64, places, ns % one);
	if (places > decimals)
		places = decimals;
	while (places && digits[places - 1] == '0')
		places--;
	snprintf(buf, len, "%" PRIu64 "%s%.*s%s", ns / one, places ? "." : "",
		 places, digits, units[unit]);
}

/* The string in an attribute, NULL if it is not terminated. */
static const char *string_of(const struct nlattr *attr)
{
	uint16_t len = mnl_attr_get_payload_len(attr);

	if (!len || !memchr(mnl_attr_get_payload(attr), '\0', len))
		return NULL;
	return mnl_attr_get_str(attr);
}

static const struct nlattr *find_attr(const struct nlmsghdr *nlh, uint16_t type)
{
	const struct nlattr *attr;

	if (mnl_nlmsg_get_payload_len(nlh) < GENL_HDRLEN)
		return NULL;
	mnl_attr_for_each(attr, nlh, GENL_HDRLEN) {
		if (mnl_attr_get_type(attr) == type)
			return attr;
	}
	return NULL;
}

/**
 * nc_get_string() - finds a string in a message
 * @nlh: the message
 * @attr: the attribute
 *
 * Return: the string, NULL if it is missing or not terminated.
 */
const char *nc_get_string(const struct nlmsghdr *nlh, uint16_t attr)
{
	const struct nlattr *found = find_attr(nlh, attr);

	return found ? string_of(found) : NULL;
}

/**
 * nc_get_number() - finds a number in a message, u32 or u64
 * @nlh: the message
 * @attr: the attribute
 * @num: gets the number
 *
 * Return: whether there is one.
 */
bool nc_get_number(const struct nlmsghdr *nlh, uint16_t attr, uint64_t *num)
{
	const struct nlattr *found = find_attr(nlh, attr);

	if (!found)
		return false;
	switch (mnl_attr_get_payload_len(found)) {
	case sizeof(uint32_t):
		*num = mnl_attr_get_u32(found);
		return true;
	case sizeof(uint64_t):
		*num = mnl_attr_get_u64(found);
		return true;
	default:
		return false;
	}
}

/* The name of an enum's value; NULL if a newer kernel knows more than we do. */
static const char *name_of(const struct nc_field *field, uint64_t num)
{
	if (field->kind == NC_ENUM)
		return num < field->names->count ? field->names->name[num] : NULL;
	if (field->kind == NC_ERRNO && num <= INT_MAX)
		return strerrorname_np((int)num);
	return NULL;
}

static void format_number(char *buf, size_t len, const struct nc_field *field,
			  uint64_t num)
{
	const char *name = name_of(field, num);

	if (name)
		snprintf(buf, len, "%s", name);
	else if (field->kind == NC_TIME)
		nc_format_time(buf, len, num, NC_EXACT);
	else if (field->kind == NC_SPAN)
		nc_format_time(buf, len, num, NC_ROUGH);
	else if (field->kind == NC_MILLI)
		snprintf(buf, len, "%" PRIu64 ".%03" PRIu64, num / 1000, num % 1000);
	else
		snprintf(buf, len, "%" PRIu64, num);
}

/* Writes a field's value; false if the row does not show it. */
static bool format_value(char *buf, size_t len, const struct nc_field *field,
			 const struct nlmsghdr *nlh)
{
	const char *string;
	uint64_t num;

	if (field->kind == NC_STRING) {
		string = nc_get_string(nlh, field->attr);
		if (string)
			escape(buf, len, string, false);
		return string;
	}
	if (!nc_get_number(nlh, field->attr, &num) ||
	    (!num && (field->flags & NC_HIDE_ZERO)))
		return false;
	format_number(buf, len, field, num);
	return true;
}

/* Writes "label value label value" for all strings of a list. */
static size_t format_list(char cell[NC_CELL_LEN], const struct nc_field *field,
			  const struct nlmsghdr *nlh)
{
	char value[NC_CELL_LEN / 2];
	const struct nlattr *attr;
	const char *string;
	size_t used = 0;

	mnl_attr_for_each(attr, nlh, GENL_HDRLEN) {
		string = mnl_attr_get_type(attr) == field->attr ? string_of(attr) : NULL;
		if (!string || used + sizeof(value) > NC_CELL_LEN)
			continue;
		escape(value, sizeof(value) - strlen(field->label) - sizeof("  "), string,
		       false);
		used += (size_t)snprintf(cell + used, NC_CELL_LEN - used, "%s%s %s",
					 used ? " " : "", field->label, value);
	}
	return used;
}

/* Writes "label value", or ":value" for a joined field. Returns its length. */
static size_t format_cell(char cell[NC_CELL_LEN], const struct nc_layout *layout,
			  size_t i, const struct nlmsghdr *nlh)
{
	const struct nc_field *field = &layout->fields->field[i];
	char value[NC_CELL_LEN / 2];
	const char *gap;

	cell[0] = '\0';
	if (field->flags & layout->hide)
		return 0;
	if (field->flags & NC_LIST)
		return format_list(cell, field, nlh);
	if (!format_value(value, sizeof(value), field, nlh))
		return 0;
	gap = field->flags & NC_JOIN ? ":" : *field->label ? " " : "";
	return (size_t)snprintf(cell, NC_CELL_LEN, "%s%s%s", field->label, gap, value);
}

static bool joined(const struct nc_layout *layout, size_t i)
{
	return i < layout->fields->count &&
	       (layout->fields->field[i].flags & NC_JOIN);
}

/* Writes field @i with those joined to it. Returns its length. */
static size_t format_cells(char cell[NC_CELL_LEN], const struct nc_layout *layout,
			   size_t i, const struct nlmsghdr *nlh)
{
	size_t used = format_cell(cell, layout, i, nlh);
	char more[NC_CELL_LEN];

	while (joined(layout, ++i) && used + NC_CELL_LEN / 2 < NC_CELL_LEN) {
		size_t len = format_cell(more, layout, i, nlh);

		memcpy(cell + used, more, len + 1);
		used += len;
	}
	return used;
}

/**
 * nc_layout_fit() - widens a layout's cells so that a row fits
 * @layout: the layout
 * @nlh: the row
 */
void nc_layout_fit(struct nc_layout *layout, const struct nlmsghdr *nlh)
{
	char cell[NC_CELL_LEN];

	for (size_t i = 0; i < layout->fields->count; i++) {
		size_t len = joined(layout, i) ? 0 : format_cells(cell, layout, i, nlh);

		if (layout->width[i] < len)
			layout->width[i] = len;
	}
}

/**
 * nc_layout_print() - prints a row, without indent and newline
 * @layout: the layout; cells that no row was fitted to are as wide as they are
 * @out: where to
 * @nlh: the row
 */
void nc_layout_print(const struct nc_layout *layout, FILE *out,
		     const struct nlmsghdr *nlh)
{
	char cell[NC_CELL_LEN];
	size_t pad = 0;

	for (size_t i = 0; i < layout->fields->count; i++) {
		size_t len = joined(layout, i) ? 0 : format_cells(cell, layout, i, nlh);

		/* The blanks come before the next cell, none end the line. */
		if (len)
			fprintf(out, "%*s%s", (int)pad, "", cell);
		else if (!layout->width[i])
			continue;
		pad = (len ? 1 : pad + 1) +
		      (layout->width[i] > len ? layout->width[i] - len : 0);
	}
}

static void key_of(const struct nc_field *field, char *key, size_t len)
{
	snprintf(key, len, "%s", field->name);
	while ((key = strchr(key, '-')))
		*key = '_';
}

/**
 * nc_string_json() - turns a text into a string
 * @text: the text; JSON is UTF-8, the name of a device can be any bytes
 *
 * Return: the string, NULL without memory.
 */
json_t *nc_string_json(const char *text)
{
	json_t *value = json_string(text);
	char ascii[NC_CELL_LEN];

	if (value)
		return value;
	escape(ascii, sizeof(ascii), text, true);
	return json_string(ascii);
}

static json_t *number_json(const struct nc_field *field, uint64_t num)
{
	const char *name = field->kind == NC_ENUM ? name_of(field, num) : NULL;

	if (name)
		return json_string(name);
	/* jansson's integers are signed. */
	return json_integer(num <= INT64_MAX ? (json_int_t)num : INT64_MAX);
}

/* All strings of a list; NULL if there are none, json_null() without memory. */
static json_t *list_json(const struct nc_field *field, const struct nlmsghdr *nlh)
{
	json_t *array = NULL;
	const struct nlattr *attr;
	const char *string;

	mnl_attr_for_each(attr, nlh, GENL_HDRLEN) {
		string = mnl_attr_get_type(attr) == field->attr ? string_of(attr) : NULL;
		if (!string)
			continue;
		array = array ? array : json_array();
		if (json_array_append_new(array, nc_string_json(string))) {
			json_decref(array);
			return json_null();
		}
	}
	return array;
}

/* A field's value; NULL if the message lacks it, json_null() without memory. */
static json_t *field_json(const struct nc_field *field, const struct nlmsghdr *nlh)
{
	json_t *value = NULL;
	const char *string;
	uint64_t num;

	if (field->flags & NC_LIST)
		return list_json(field, nlh);
	if (field->kind == NC_STRING) {
		string = nc_get_string(nlh, field->attr);
		if (!string)
			return NULL;
		value = nc_string_json(string);
	} else {
		if (!nc_get_number(nlh, field->attr, &num))
			return NULL;
		value = number_json(field, num);
	}
	return value ? value : json_null();
}

/**
 * nc_fields_json() - turns a message into an object
 * @fields: its fields
 * @nlh: the message
 *
 * Return: the object, NULL without memory.
 */
json_t *nc_fields_json(const struct nc_fields *fields, const struct nlmsghdr *nlh)
{
	json_t *object = json_object();
	char key[64];

	for (size_t i = 0; i < fields->count; i++) {
		json_t *value = field_json(&fields->field[i], nlh);

		if (!value)
			continue;
		key_of(&fields->field[i], key, sizeof(key));
		if (json_is_null(value) || json_object_set_new(object, key, value)) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

/**
 * nc_print_json() - prints a JSON document and a newline
 * @ctx: the run
 * @root: the document, which is given up; NULL says that memory ran out
 *
 * Return: how it went.
 */
enum nc_exit nc_print_json(const struct nc_ctx *ctx, json_t *root)
{
	size_t flags = ctx->pretty ? JSON_INDENT(4) : JSON_COMPACT;

	if (!root) {
		nc_error(ctx, "out of memory");
		return NC_EXIT_KERNEL;
	}
	/* A failed write shows in nc_flush(). */
	json_dumpf(root, ctx->out, flags);
	fputc('\n', ctx->out);
	json_decref(root);
	return NC_EXIT_OK;
}

/**
 * nc_flush() - makes sure that what was printed arrives
 * @ctx: the run
 *
 * Return: how it went.
 */
enum nc_exit nc_flush(const struct nc_ctx *ctx)
{
	if (!fflush(ctx->out) && !ferror(ctx->out))
		return NC_EXIT_OK;
	/* Only the monitor's end interrupts, which is no error. */
	if (errno == EINTR)
		return NC_EXIT_OK;
	nc_error(ctx, "cannot write the output: %s", strerror(errno));
	return NC_EXIT_KERNEL;
}
