/* SPDX-License-Identifier: GPL-2.0 */
/* From words to values: keywords, times, ranges, names. Pure functions. */
#ifndef NETCOAL_PARSE_H
#define NETCOAL_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct nc_why - why a word was refused
 * @text: fits after a colon, without the word itself
 */
struct nc_why {
	char text[160];
};

/**
 * struct nc_names - names of an enum's values
 * @count: length of @name
 * @name: by value
 */
struct nc_names {
	size_t count;
	const char *const *name;
};

/**
 * struct nc_value - what a word means
 * @string: the word itself where it is a string, else NULL
 * @num: a number, or the two ends of a range
 * @has: which of @num were given
 * @flag: the keyword says it all
 */
struct nc_value {
	const char *string;
	bool flag;
	uint32_t num[2];
	bool has[2];
};

/**
 * struct nc_keyword - a keyword and the value that follows it
 * @name: the keyword
 * @parse: reads the value; false with @why filled in if it is refused
 * @attr: netlink attributes of the value, the second one for a range's end
 * @min: least number
 * @max: largest number, longest string or longest time in ns
 * @choices: names of the values of an enum
 * @label: what an error calls it, if not by its name
 * @repeats: may be given more than once
 * @nest: attribute that the value's attribute stands in, or 0
 * @sub: keywords of which one follows instead of a value
 * @sub_count: how many
 */
struct nc_keyword {
	const char *name;
	bool (*parse)(const struct nc_keyword *kw, const char *text,
		      struct nc_value *val, struct nc_why *why);
	uint16_t attr[2];
	uint32_t min;
	uint32_t max;
	const struct nc_names *choices;
	const char *label;
	bool repeats;
	uint16_t nest;
	const struct nc_keyword *sub;
	size_t sub_count;
};

bool nc_parse_time(const struct nc_keyword *kw, const char *text,
		   struct nc_value *val, struct nc_why *why);
bool nc_parse_range(const struct nc_keyword *kw, const char *text,
		    struct nc_value *val, struct nc_why *why);
bool nc_parse_choice(const struct nc_keyword *kw, const char *text,
		     struct nc_value *val, struct nc_why *why);
bool nc_parse_name(const struct nc_keyword *kw, const char *text,
		   struct nc_value *val, struct nc_why *why);
bool nc_parse_percent(const struct nc_keyword *kw, const char *text,
		      struct nc_value *val, struct nc_why *why);
bool nc_parse_index(const struct nc_keyword *kw, const char *text,
		    struct nc_value *val, struct nc_why *why);
bool nc_parse_pattern(const struct nc_keyword *kw, const char *text,
		      struct nc_value *val, struct nc_why *why);
bool nc_parse_nothing(const struct nc_keyword *kw, const char *text,
		      struct nc_value *val, struct nc_why *why);
bool nc_parse_ifname(const struct nc_keyword *kw, const char *text,
		     struct nc_value *val, struct nc_why *why);

int nc_find_row(const void *rows, size_t count, size_t stride, const char *text,
		struct nc_why *why);

/**
 * nc_find() - finds a word in a table by its name or a unique prefix of it
 * @table: rows whose first member is a const char *: the name, or names
 *	separated by '|'
 * @count: number of rows
 * @text: the word
 * @why: set if there is no such row, or more than one
 *
 * Return: the row's index, or -1.
 */
#define nc_find(table, count, text, why) \
	nc_find_row(table, count, sizeof(*(table)), text, why)

int nc_split(char *line, char **words, int room, struct nc_why *why);

#endif /* NETCOAL_PARSE_H */
