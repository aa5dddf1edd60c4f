// SPDX-License-Identifier: GPL-2.0
/* From words to values. Nothing here reads the locale or talks to anybody. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "parse.h"
#include "print.h"
#include "tool.h"

/* Enough for a second in ns and for every u32; more is a slip of the finger. */
#define WHOLE_DIGITS_MAX	10
#define FRACTION_DIGITS_MAX	9

static NC_PRINTF(2, 3) bool refuse(struct nc_why *why, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why->text, sizeof(why->text), fmt, ap);
	va_end(ap);
	return false;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/**
 * struct digits - a run of decimal digits
 * @value: what they say
 * @count: how many they are; where more than fit, @value means nothing
 */
struct digits {
	uint64_t value;
	size_t count;
};

/* Eats digits, at most what a size_t counts, and never overflows @value. */
static struct digits eat_digits(const char **text, size_t room)
{
	struct digits d = { 0 };

	for (; is_digit(**text); (*text)++) {
		if (d.count++ < room)
			d.value = d.value * 10 + (uint64_t)(**text - '0');
	}
	return d;
}

/* Octal to some, decimal to others: a number does not start with 0. */
static bool check_whole(const char *text, const struct digits *d,
			struct nc_why *why)
{
	if (d->count > WHOLE_DIGITS_MAX)
		return refuse(why, "too many digits");
	if (d->count > 1 && text[0] == '0')
		return refuse(why, "leading zero");
	return true;
}

static const struct {
	const char *name;
	uint32_t ns;
} units[] = {
	{ "ns", 1 },
	{ "us", 1000 },
	{ "ms", 1000000 },
	{ "s", 1000000000 },
};

/* Length of a unit in ns, or 0. */
static uint32_t find_unit(const char *text, struct nc_why *why)
{
	for (size_t i = 0; i < NC_ARRAY_SIZE(units); i++) {
		if (!strcmp(text, units[i].name))
			return units[i].ns;
	}
	if (!*text)
		refuse(why, "needs a unit: ns, us, ms or s");
	else
		refuse(why, "not a time such as 50us, the units are ns, us, ms and s");
	return 0;
}

/* Multiplies a decimal fraction of @digits digits by @unit, exactly. */
static bool scale_fraction(struct digits digits, uint32_t unit, uint64_t *ns,
			   struct nc_why *why)
{
	uint64_t part = digits.value * unit;

	for (size_t i = 0; i < digits.count; i++) {
		if (part % 10)
			return refuse(why, "not a whole number of nanoseconds");
		part /= 10;
	}
	*ns = part;
	return true;
}

static bool eat_fraction(const char **text, struct digits *d, struct nc_why *why)
{
	if (**text != '.')
		return true;
	(*text)++;
	*d = eat_digits(text, FRACTION_DIGITS_MAX);
	if (!d->count)
		return refuse(why, "no digit after the point");
	if (d->count > FRACTION_DIGITS_MAX)
		return refuse(why, "too many digits");
	return true;
}

/**
 * nc_parse_time() - reads a time such as 50us, 2.5ms or 0
 * @kw: the keyword; its max is the longest time
 * @text: the word
 * @val: gets the time in ns
 * @why: why not
 *
 * Return: whether it is a time.
 */
bool nc_parse_time(const struct nc_keyword *kw, const char *text,
		   struct nc_value *val, struct nc_why *why)
{
	struct digits whole, fraction = { 0 };
	const char *rest = text;
	char longest[32];
	uint64_t ns = 0;
	uint32_t unit;

	if (!*text)
		return refuse(why, "empty, a time such as 50us is needed");
	whole = eat_digits(&rest, WHOLE_DIGITS_MAX);
	if (!whole.count)
		return refuse(why, "not a time such as 50us or 2.5ms");
	if (!check_whole(text, &whole, why) || !eat_fraction(&rest, &fraction, why))
		return false;

	unit = strcmp(text, "0") ? find_unit(rest, why) : 1;
	if (!unit || !scale_fraction(fraction, unit, &ns, why))
		return false;
	ns += whole.value * unit;
	if (ns > kw->max) {
		nc_format_time(longest, sizeof(longest), kw->max, NC_EXACT);
		return refuse(why, "more than %s", longest);
	}
	*val = (struct nc_value){ .num = { (uint32_t)ns }, .has = { true } };
	return true;
}

/* Reads a number that ends at ':' or at the end of the word. */
static bool eat_number(const struct nc_keyword *kw, const char **text,
		       uint32_t *num, struct nc_why *why)
{
	const char *start = *text;
	struct digits d = eat_digits(text, WHOLE_DIGITS_MAX);

	if (!d.count || (**text && **text != ':'))
		return refuse(why, "not a range such as 20:200");
	if (!check_whole(start, &d, why))
		return false;
	if (d.value > kw->max)
		return refuse(why, "more than %u", kw->max);
	if (d.value < kw->min)
		return refuse(why, "less than %u", kw->min);
	*num = (uint32_t)d.value;
	return true;
}

/* Reads what follows the first ':' of a range. */
static bool eat_range_end(const struct nc_keyword *kw, const char *text,
			  struct nc_value *val, struct nc_why *why)
{
	if (!*text)
		return val->has[0] || refuse(why, "neither minimum nor maximum");
	if (!eat_number(kw, &text, &val->num[1], why))
		return false;
	if (*text)
		return refuse(why, "not a range such as 20:200");
	val->has[1] = true;
	if (val->has[0] && val->num[0] > val->num[1])
		return refuse(why, "minimum above maximum");
	return true;
}

/**
 * nc_parse_range() - reads MIN:MAX, MIN:, :MAX, or N for N:N
 * @kw: the keyword, with the least and largest number
 * @text: the word
 * @val: gets the ends that were given
 * @why: why not
 *
 * Return: whether it is a range.
 */
bool nc_parse_range(const struct nc_keyword *kw, const char *text,
		    struct nc_value *val, struct nc_why *why)
{
	*val = (struct nc_value){ 0 };
	if (!*text)
		return refuse(why, "empty, a range such as 20:200 is needed");
	if (*text != ':') {
		if (!eat_number(kw, &text, &val->num[0], why))
			return false;
		val->has[0] = true;
	}
	if (*text == ':')
		return eat_range_end(kw, text + 1, val, why);
	val->num[1] = val->num[0];
	val->has[1] = true;
	return true;
}

/**
 * nc_parse_percent() - reads a whole number of percent such as 30 or 30%
 * @kw: the keyword; its max is the largest number
 * @text: the word
 * @val: gets the number
 * @why: why not
 *
 * Return: whether it is one.
 */
bool nc_parse_percent(const struct nc_keyword *kw, const char *text,
		      struct nc_value *val, struct nc_why *why)
{
	const char *rest = text;
	struct digits d = eat_digits(&rest, WHOLE_DIGITS_MAX);

	if (!d.count || (*rest && strcmp(rest, "%")))
		return refuse(why, "not a whole number of percent such as 30");
	if (!check_whole(text, &d, why))
		return false;
	if (d.value > kw->max)
		return refuse(why, "more than %u", kw->max);
	*val = (struct nc_value){ .num = { (uint32_t)d.value }, .has = { true } };
	return true;
}

/**
 * nc_parse_index() - reads a number that counts from 0
 * @kw: the keyword; its max is the largest number
 * @text: the word
 * @val: gets the number
 * @why: why not
 *
 * Return: whether it is one.
 */
bool nc_parse_index(const struct nc_keyword *kw, const char *text,
		    struct nc_value *val, struct nc_why *why)
{
	const char *rest = text;
	struct digits d = eat_digits(&rest, WHOLE_DIGITS_MAX);

	if (!d.count || *rest)
		return refuse(why, "not a whole number such as 0");
	if (!check_whole(text, &d, why))
		return false;
	if (d.value > kw->max)
		return refuse(why, "more than %u", kw->max);
	*val = (struct nc_value){ .num = { (uint32_t)d.value }, .has = { true } };
	return true;
}

/**
 * nc_parse_choice() - reads the name of an enum's value, or a prefix of it
 * @kw: the keyword, with the choices
 * @text: the word
 * @val: gets the value
 * @why: why not
 *
 * Return: whether it is one of the choices.
 */
bool nc_parse_choice(const struct nc_keyword *kw, const char *text,
		     struct nc_value *val, struct nc_why *why)
{
	int i = nc_find(kw->choices->name, kw->choices->count, text, why);

	if (i < 0)
		return false;
	*val = (struct nc_value){ .num = { (uint32_t)i }, .has = { true } };
	return true;
}

static bool check_length(const struct nc_keyword *kw, const char *text,
			 struct nc_why *why)
{
	if (!*text)
		return refuse(why, "empty name");
	if (strlen(text) > kw->max)
		return refuse(why, "longer than %u bytes", kw->max);
	return true;
}

/**
 * nc_parse_name() - reads the name of a policy or governor
 * @kw: the keyword; its max is the longest name
 * @text: the word
 * @val: gets the name
 * @why: why not
 *
 * Return: whether the kernel takes such a name.
 */
bool nc_parse_name(const struct nc_keyword *kw, const char *text,
		   struct nc_value *val, struct nc_why *why)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz"
				      "0123456789._-";

	if (!check_length(kw, text, why))
		return false;
	if (text[strspn(text, allowed)])
		return refuse(why, "only letters, digits, '.', '_' and '-' make a name");
	*val = (struct nc_value){ .string = text };
	return true;
}

/**
 * nc_parse_pattern() - reads a pattern (glob) of names
 * @kw: the keyword; its max is the longest pattern
 * @text: the word
 * @val: gets the pattern
 * @why: why not
 *
 * Return: whether the kernel may take such a pattern.
 */
bool nc_parse_pattern(const struct nc_keyword *kw, const char *text,
		      struct nc_value *val, struct nc_why *why)
{
	if (!*text)
		return refuse(why, "empty, a pattern such as vif* is needed");
	if (strlen(text) > kw->max)
		return refuse(why, "longer than %u bytes", kw->max);
	for (const char *c = text; *c; c++) {
		if (*c <= ' ' || *c >= 0x7f)
			return refuse(why, "not a pattern of printable characters");
	}
	*val = (struct nc_value){ .string = text };
	return true;
}

/**
 * nc_parse_nothing() - a keyword without a value
 * @kw: the keyword
 * @text: the keyword again
 * @val: gets the flag
 * @why: not used
 *
 * Return: true.
 */
bool nc_parse_nothing(const struct nc_keyword *kw, const char *text,
		      struct nc_value *val, struct nc_why *why)
{
	(void)kw;
	(void)text;
	(void)why;
	*val = (struct nc_value){ .flag = true };
	return true;
}

/**
 * nc_parse_ifname() - reads the name of a device, which need not exist
 * @kw: the keyword; its max is the longest name
 * @text: the word
 * @val: gets the name
 * @why: why not
 *
 * Return: whether a device may have that name.
 */
bool nc_parse_ifname(const struct nc_keyword *kw, const char *text,
		     struct nc_value *val, struct nc_why *why)
{
	/* What the kernel's dev_valid_name() refuses; its isspace() is Latin-1. */
	if (!check_length(kw, text, why))
		return false;
	if (!strcmp(text, ".") || !strcmp(text, "..") ||
	    text[strcspn(text, "/: \t\n\v\f\r\xa0")])
		return refuse(why, "no device can have that name");
	*val = (struct nc_value){ .string = text };
	return true;
}

enum match { MATCH_NONE, MATCH_PREFIX, MATCH_EXACT };

/* How well @text fits one of the names in "show|list|ls". */
static enum match match_names(const char *names, const char *text)
{
	size_t len = strlen(text);
	enum match best = MATCH_NONE;

	while (*names) {
		size_t name_len = strcspn(names, "|");

		if (len <= name_len && !strncmp(names, text, len)) {
			if (len == name_len)
				return MATCH_EXACT;
			best = MATCH_PREFIX;
		}
		names += name_len;
		names += *names == '|';
	}
	return best;
}

static const char *row_names(const void *rows, size_t stride, size_t i)
{
	return *(const char *const *)((const char *)rows + i * stride);
}

/* Lists the rows that @text may have meant, each by the first of its names. */
static void list_candidates(const void *rows, size_t count, size_t stride,
			    const char *text, struct nc_why *why)
{
	const char *before = ": ";

	for (size_t i = 0; i < count; i++) {
		const char *names = row_names(rows, stride, i);
		size_t used = strlen(why->text);

		if (!match_names(names, text))
			continue;
		snprintf(why->text + used, sizeof(why->text) - used, "%s%.*s",
			 before, (int)strcspn(names, "|"), names);
		before = ", ";
	}
}

/**
 * nc_find_row() - does the work of nc_find()
 * @rows: the table
 * @count: number of rows
 * @stride: size of a row
 * @text: the word
 * @why: set if there is no such row, or more than one
 *
 * Return: the row's index, or -1.
 */
int nc_find_row(const void *rows, size_t count, size_t stride, const char *text,
		struct nc_why *why)
{
	int found = -1, matches = 0;

	for (size_t i = 0; *text && i < count; i++) {
		enum match match = match_names(row_names(rows, stride, i), text);

		if (match == MATCH_EXACT)
			return (int)i;
		if (match == MATCH_PREFIX) {
			found = (int)i;
			matches++;
		}
	}
	if (matches == 1)
		return found;

	refuse(why, matches ? "ambiguous, could be" : "unknown, use one of");
	/* Everything starts with the empty word. */
	list_candidates(rows, count, stride, matches ? text : "", why);
	return -1;
}

/* Ends the word at @text, returns what follows it, NULL if a quote is open. */
static char *end_word(char *text, char quote)
{
	char *end = text + (quote ? strcspn(text, (char[]){ quote, '\0' }) :
				    strcspn(text, " \t\r\n"));

	if (quote && !*end)
		return NULL;
	if (*end)
		*end++ = '\0';
	return end;
}

/**
 * nc_split() - splits a line of a batch file into words, in place
 * @line: the line
 * @words: gets the words
 * @room: how many fit
 * @why: why the line was refused
 *
 * A word may stand in single or double quotes; one that starts with '#' begins
 * a comment.
 *
 * Return: number of words, -1 if the line was refused.
 */
int nc_split(char *line, char **words, int room, struct nc_why *why)
{
	char quoted[NC_QUOTED_LEN];
	int count = 0;

	for (line += strspn(line, " \t\r\n"); *line && *line != '#';
	     line += strspn(line, " \t\r\n")) {
		char quote = *line == '"' || *line == '\'' ? *line++ : '\0';
		char *word = line;

		if (count == room) {
			refuse(why, "%s: too many words", nc_quote(quoted, word));
			return -1;
		}
		words[count++] = word;
		line = end_word(line, quote);
		if (!line) {
			word[strcspn(word, "\r\n")] = '\0';
			refuse(why, "%s: quote not closed", nc_quote(quoted, word));
			return -1;
		}
		if (quote && *line && !isspace((unsigned char)*line)) {
			refuse(why, "%s: no space after a closing quote",
			       nc_quote(quoted, word));
			return -1;
		}
	}
	return count;
}
