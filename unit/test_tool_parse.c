// SPDX-License-Identifier: GPL-2.0
/* The command's words: times, ranges, names, keywords, lines of a batch file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <string.h>

#include "parse.h"
#include "print.h"

#define FUZZ_ROUNDS	200000

static const struct nc_keyword time_kw = { "latency", nc_parse_time, .max = 1000000000 };
static const struct nc_keyword any_time_kw = { "any", nc_parse_time, .max = UINT32_MAX };
static const struct nc_keyword usecs_kw = { "rx-usecs", nc_parse_range, .max = 1000000 };
static const struct nc_keyword frames_kw = {
	"rx-frames", nc_parse_range, .min = 1, .max = 65535,
};
static const struct nc_keyword name_kw = { "policy", nc_parse_name, .max = 31 };
static const struct nc_keyword ifname_kw = { "device", nc_parse_ifname, .max = 15 };

/* What a parser made of a word: "50000", "20:200", ":200", "'web'", "!why". */
static const char *parsed(const struct nc_keyword *kw, const char *text)
{
	static char buf[256];
	struct nc_value val;
	struct nc_why why;

	if (!kw->parse(kw, text, &val, &why))
		snprintf(buf, sizeof(buf), "!%s", why.text);
	else if (val.string)
		snprintf(buf, sizeof(buf), "'%s'", val.string);
	else if (val.has[0] && val.has[1])
		snprintf(buf, sizeof(buf), "%u:%u", val.num[0], val.num[1]);
	else if (val.has[1])
		snprintf(buf, sizeof(buf), ":%u", val.num[1]);
	else if (kw->parse == nc_parse_range)
		snprintf(buf, sizeof(buf), "%u:", val.num[0]);
	else
		snprintf(buf, sizeof(buf), "%u", val.num[0]);
	return buf;
}

struct parse_case {
	const char *text;
	const char *want;
};

static void check_cases(const struct nc_keyword *kw, const struct parse_case *cases,
			size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *got = parsed(kw, cases[i].text);

		if (strcmp(got, cases[i].want))
			fail_msg("%s \"%s\": want %s, got %s", kw->name, cases[i].text,
				 cases[i].want, got);
	}
}

#define CHECK_CASES(kw, cases)	check_cases(&(kw), cases, NC_ARRAY_SIZE(cases))

#define NOT_A_TIME	"!not a time such as 50us or 2.5ms"
#define BAD_UNIT	"!not a time such as 50us, the units are ns, us, ms and s"
#define NO_UNIT		"!needs a unit: ns, us, ms or s"
#define INEXACT		"!not a whole number of nanoseconds"

static void times(void **state)
{
	static const struct parse_case cases[] = {
		{ "0", "0" },
		{ "0ns", "0" },
		{ "0s", "0" },
		{ "0.0us", "0" },
		{ "1ns", "1" },
		{ "800ns", "800" },
		{ "50us", "50000" },
		{ "2.5us", "2500" },
		{ "2.5ms", "2500000" },
		{ "0.001us", "1" },
		{ "0.000000001s", "1" },
		{ "0.999999999s", "999999999" },
		{ "1.234567ms", "1234567" },
		{ "2.500us", "2500" },
		{ "1.000000000us", "1000" },
		{ "1s", "1000000000" },
		{ "1000ms", "1000000000" },
		{ "1000000000ns", "1000000000" },
	};

	CHECK_CASES(time_kw, cases);
}

static void malformed_times(void **state)
{
	static const struct parse_case cases[] = {
		{ "", "!empty, a time such as 50us is needed" },
		{ "50", NO_UNIT },
		{ "1", NO_UNIT },
		{ "2.5", NO_UNIT },
		{ "0.0", NO_UNIT },
		{ "00", "!leading zero" },
		{ "050us", "!leading zero" },
		{ "00.5us", "!leading zero" },
		{ "-50us", NOT_A_TIME },
		{ "-0", NOT_A_TIME },
		{ "+50us", NOT_A_TIME },
		{ " 50us", NOT_A_TIME },
		{ ".5us", NOT_A_TIME },
		{ ",5us", NOT_A_TIME },
		{ "us", NOT_A_TIME },
		{ "nan", NOT_A_TIME },
		{ "nanus", NOT_A_TIME },
		{ "inf", NOT_A_TIME },
		{ "infs", NOT_A_TIME },
		{ "x", NOT_A_TIME },
		{ "\xd9\xa5us", NOT_A_TIME },
		{ "5.us", "!no digit after the point" },
		{ "5.", "!no digit after the point" },
		{ "5..5us", "!no digit after the point" },
		{ "5.-5us", "!no digit after the point" },
		{ "50 us", BAD_UNIT },
		{ "50us ", BAD_UNIT },
		{ "50usec", BAD_UNIT },
		{ "50u", BAD_UNIT },
		{ "50US", BAD_UNIT },
		{ "50Us", BAD_UNIT },
		{ "50m", BAD_UNIT },
		{ "50min", BAD_UNIT },
		{ "50us50ns", BAD_UNIT },
		{ "50us,", BAD_UNIT },
		{ "50\xc2\xb5s", BAD_UNIT },
		{ "0x10us", BAD_UNIT },
		{ "5e3ns", BAD_UNIT },
		{ "1.5.5us", BAD_UNIT },
		{ "2,5us", BAD_UNIT },
		{ "1%", BAD_UNIT },
		{ "0.5ns", INEXACT },
		{ "0.0001us", INEXACT },
		{ "1.0000001ms", INEXACT },
		{ "0.999999ns", INEXACT },
		{ "2s", "!more than 1s" },
		{ "1.000000001s", "!more than 1s" },
		{ "1001ms", "!more than 1s" },
		{ "1000000001ns", "!more than 1s" },
		{ "4294967296ns", "!more than 1s" },
		{ "4294967295s", "!more than 1s" },
		{ "9999999999s", "!more than 1s" },
		{ "10000000000ns", "!too many digits" },
		{ "18446744073709551616ns", "!too many digits" },
		{ "99999999999999999999999999999999999999999us", "!too many digits" },
		{ "0.0000000001s", "!too many digits" },
		{ "1.0000000000us", "!too many digits" },
		{ "00000000000us", "!too many digits" },
	};

	CHECK_CASES(time_kw, cases);
}

#define NOT_A_RANGE	"!not a range such as 20:200"

static void ranges(void **state)
{
	static const struct parse_case cases[] = {
		{ "0", "0:0" },
		{ "64", "64:64" },
		{ "20:200", "20:200" },
		{ "0:0", "0:0" },
		{ "0:1000000", "0:1000000" },
		{ "200:200", "200:200" },
		{ ":200", ":200" },
		{ ":0", ":0" },
		{ "20:", "20:" },
		{ "1000000:", "1000000:" },
	};

	CHECK_CASES(usecs_kw, cases);
}

static void malformed_ranges(void **state)
{
	static const struct parse_case cases[] = {
		{ "", "!empty, a range such as 20:200 is needed" },
		{ ":", "!neither minimum nor maximum" },
		{ "::", NOT_A_RANGE },
		{ "1::2", NOT_A_RANGE },
		{ "1:2:", NOT_A_RANGE },
		{ "1:2:3", NOT_A_RANGE },
		{ ":1:", NOT_A_RANGE },
		{ "a", NOT_A_RANGE },
		{ "1:b", NOT_A_RANGE },
		{ "1us", NOT_A_RANGE },
		{ "1:2us", NOT_A_RANGE },
		{ "1-2", NOT_A_RANGE },
		{ "1..2", NOT_A_RANGE },
		{ "-1", NOT_A_RANGE },
		{ "-1:2", NOT_A_RANGE },
		{ "1:-2", NOT_A_RANGE },
		{ "+1:2", NOT_A_RANGE },
		{ " 1:2", NOT_A_RANGE },
		{ "1: 2", NOT_A_RANGE },
		{ "1:2 ", NOT_A_RANGE },
		{ "1.5:2", NOT_A_RANGE },
		{ "0x1:2", NOT_A_RANGE },
		{ "nan:2", NOT_A_RANGE },
		{ "1:inf", NOT_A_RANGE },
		{ "01:2", "!leading zero" },
		{ "1:02", "!leading zero" },
		{ "200:20", "!minimum above maximum" },
		{ "1000001", "!more than 1000000" },
		{ "1:1000001", "!more than 1000000" },
		{ ":1000001", "!more than 1000000" },
		{ "4294967296:", "!more than 1000000" },
		{ "4294967297:2", "!more than 1000000" },
		{ "18446744073709551617:2", "!too many digits" },
		{ "1:18446744073709551618", "!too many digits" },
		{ "00000000000", "!too many digits" },
	};
	static const struct parse_case frames[] = {
		{ "0", "!less than 1" },
		{ "0:5", "!less than 1" },
		{ ":0", "!less than 1" },
		{ "65536", "!more than 65535" },
		{ "1:65535", "1:65535" },
	};

	CHECK_CASES(usecs_kw, cases);
	CHECK_CASES(frames_kw, frames);
}

#define BAD_NAME	"!only letters, digits, '.', '_' and '-' make a name"

static void names(void **state)
{
	static const struct parse_case cases[] = {
		{ "a", "'a'" },
		{ "web", "'web'" },
		{ "Web-1.2_x", "'Web-1.2_x'" },
		{ ".", "'.'" },
		{ "-", "'-'" },
		{ "latency", "'latency'" },
		{ "0123456789012345678901234567890", "'0123456789012345678901234567890'" },
		{ "", "!empty name" },
		{ "01234567890123456789012345678901", "!longer than 31 bytes" },
		{ "we b", BAD_NAME },
		{ "web\n", BAD_NAME },
		{ "web/1", BAD_NAME },
		{ "web:1", BAD_NAME },
		{ "caf\xc3\xa9", BAD_NAME },
		{ "\x01", BAD_NAME },
		{ "%s", BAD_NAME },
	};

	CHECK_CASES(name_kw, cases);
}

#define BAD_IFNAME	"!no device can have that name"

static void device_names(void **state)
{
	static const struct parse_case cases[] = {
		{ "eth0", "'eth0'" },
		{ "vif1.0", "'vif1.0'" },
		{ "vlan@0", "'vlan@0'" },
		{ "...", "'...'" },
		{ "012345678901234", "'012345678901234'" },
		{ "caf\xc3\xa9", "'caf\xc3\xa9'" },
		{ "", "!empty name" },
		{ "0123456789012345", "!longer than 15 bytes" },
		{ ".", BAD_IFNAME },
		{ "..", BAD_IFNAME },
		{ "eth0:1", BAD_IFNAME },
		{ "eth/0", BAD_IFNAME },
		{ "eth 0", BAD_IFNAME },
		{ "eth0\n", BAD_IFNAME },
		{ "eth\t0", BAD_IFNAME },
		{ "\xa0", BAD_IFNAME },
	};

	CHECK_CASES(ifname_kw, cases);
}

/* What a word finds: the row's name, or "!why". */
static const char *found(const char *const *rows, size_t count, const char *text)
{
	static char buf[256];
	struct nc_why why;
	int i = nc_find(rows, count, text, &why);

	snprintf(buf, sizeof(buf), "%s%s", i < 0 ? "!" : "", i < 0 ? why.text : rows[i]);
	return buf;
}

static void prefixes(void **state)
{
	static const char *const rows[] = {
		"add", "set", "del|delete", "show|list|ls", "ethtool-queue", "ethtool",
	};
	static const struct parse_case cases[] = {
		{ "add", "add" },
		{ "a", "add" },
		{ "del", "del|delete" },
		{ "delete", "del|delete" },
		{ "d", "del|delete" },
		{ "dele", "del|delete" },
		{ "l", "show|list|ls" },
		{ "ls", "show|list|ls" },
		{ "list", "show|list|ls" },
		{ "sh", "show|list|ls" },
		{ "ethtool", "ethtool" },
		{ "ethtool-", "ethtool-queue" },
		{ "s", "!ambiguous, could be: set, show" },
		{ "eth", "!ambiguous, could be: ethtool-queue, ethtool" },
		{ "adda", "!unknown, use one of: add, set, del, show, ethtool-queue, ethtool" },
		{ "", "!unknown, use one of: add, set, del, show, ethtool-queue, ethtool" },
		{ "Add", "!unknown, use one of: add, set, del, show, ethtool-queue, ethtool" },
		{ "|", "!unknown, use one of: add, set, del, show, ethtool-queue, ethtool" },
		{ "list|ls", "!unknown, use one of: add, set, del, show, ethtool-queue, ethtool" },
		{ "del|", "!unknown, use one of: add, set, del, show, ethtool-queue, ethtool" },
	};

	for (size_t i = 0; i < NC_ARRAY_SIZE(cases); i++)
		assert_string_equal(found(rows, NC_ARRAY_SIZE(rows), cases[i].text),
				    cases[i].want);
}

static void choices(void **state)
{
	static const char *const names[] = { "latency", "cpu" };
	static const struct nc_names prefer = { 2, names };
	const struct nc_keyword kw = { "prefer", nc_parse_choice, .choices = &prefer };

	assert_string_equal(parsed(&kw, "latency"), "0");
	assert_string_equal(parsed(&kw, "cpu"), "1");
	assert_string_equal(parsed(&kw, "c"), "1");
	assert_string_equal(parsed(&kw, "1"), "!unknown, use one of: latency, cpu");
	assert_string_equal(parsed(&kw, ""), "!unknown, use one of: latency, cpu");
}

/* A line's words as "a|b|c", or "!why". */
static const char *split(const char *line)
{
	static char buf[256];
	char copy[256], *words[4];
	struct nc_why why;
	size_t used = 0;
	int count;

	strcpy(copy, line);
	count = nc_split(copy, words, NC_ARRAY_SIZE(words), &why);
	buf[0] = '\0';
	if (count < 0)
		snprintf(buf, sizeof(buf), "!%s", why.text);
	for (int i = 0; i < count; i++)
		used += snprintf(buf + used, sizeof(buf) - used, "%s%s", i ? "|" : "", words[i]);
	return buf;
}

static void lines(void **state)
{
	static const struct parse_case cases[] = {
		{ "", "" },
		{ " \t\r\n", "" },
		{ "# all of it", "" },
		{ "  # all of it", "" },
		{ "policy show", "policy|show" },
		{ "\tpolicy  show \r\n", "policy|show" },
		{ "policy show # it", "policy|show" },
		{ "policy show #it", "policy|show" },
		{ "dev show a#b", "dev|show|a#b" },
		{ "dev show '#b'", "dev|show|#b" },
		{ "dev show \"a b\"", "dev|show|a b" },
		{ "'it''s", "!\"it\": no space after a closing quote" },
		{ "\"it's\"", "it's" },
		{ "'' x", "|x" },
		{ "a'b c", "a'b|c" },
		{ "'a", "!\"a\": quote not closed" },
		{ "a \"b\r\n", "!\"b\": quote not closed" },
		{ "'a'b", "!\"a\": no space after a closing quote" },
		{ "1 2 3 4", "1|2|3|4" },
		{ "1 2 3 4 # 5", "1|2|3|4" },
		{ "1 2 3 4 5", "!\"5\": too many words" },
	};

	for (size_t i = 0; i < NC_ARRAY_SIZE(cases); i++) {
		const char *got = split(cases[i].text);

		if (strcmp(got, cases[i].want))
			fail_msg("\"%s\": want %s, got %s", cases[i].text, cases[i].want, got);
	}
}

/* Mostly what a parser expects, now and then any byte. */
static void scribble(char *buf, size_t len)
{
	static const char likely[] = "0123456789012345:.:.numsnumsuss' \"#\\-+eax";
	size_t count = (size_t)rand() % len;

	for (size_t i = 0; i < count; i++)
		buf[i] = rand() % 50 ? likely[(size_t)rand() % (sizeof(likely) - 1)] :
				       (char)(1 + rand() % 255);
	buf[count] = '\0';
}

/* Whatever is taken for a time is one: printed and read again it is the same. */
static void fuzz_times(void **state)
{
	char text[16], again[32];
	unsigned int taken = 0;
	struct nc_value val, val2;
	struct nc_why why;

	srand(1);
	for (int i = 0; i < FUZZ_ROUNDS; i++) {
		scribble(text, sizeof(text));
		if (!nc_parse_time(&any_time_kw, text, &val, &why)) {
			assert_true(*why.text);
			continue;
		}
		taken++;
		assert_int_equal(strspn(text, "0123456789.nums"), strlen(text));
		nc_format_time(again, sizeof(again), val.num[0], NC_EXACT);
		assert_true(nc_parse_time(&any_time_kw, again, &val2, &why));
		assert_int_equal(val.num[0], val2.num[0]);
	}
	assert_in_range(taken, 100, FUZZ_ROUNDS);
}

static void fuzz_ranges(void **state)
{
	unsigned int taken = 0;
	struct nc_value val;
	struct nc_why why;
	char text[12];

	srand(2);
	for (int i = 0; i < FUZZ_ROUNDS; i++) {
		scribble(text, sizeof(text));
		if (!nc_parse_range(&frames_kw, text, &val, &why)) {
			assert_true(*why.text);
			continue;
		}
		taken++;
		assert_true(val.has[0] || val.has[1]);
		for (int end = 0; end < 2; end++)
			assert_true(!val.has[end] || (val.num[end] >= 1 && val.num[end] <= 65535));
		assert_true(!val.has[0] || !val.has[1] || val.num[0] <= val.num[1]);
	}
	assert_in_range(taken, 100, FUZZ_ROUNDS);
}

static void fuzz_words(void **state)
{
	static const char *const rows[] = { "0a", "1:2|3", "usec", "us|.x" };
	char text[40], *words[8];
	struct nc_value val;
	struct nc_why why;

	srand(3);
	for (int i = 0; i < FUZZ_ROUNDS; i++) {
		scribble(text, sizeof(text));
		nc_find(rows, NC_ARRAY_SIZE(rows), text, &why);
		if (nc_parse_name(&name_kw, text, &val, &why))
			assert_in_range(strlen(text), 1, 31);
		if (nc_parse_ifname(&ifname_kw, text, &val, &why))
			assert_null(strpbrk(text, "/: \n"));
		for (int n = nc_split(text, words, NC_ARRAY_SIZE(words), &why); n > 0; n--)
			assert_in_range(words[n - 1] - text, 0, sizeof(text) - 1);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(times),
		cmocka_unit_test(malformed_times),
		cmocka_unit_test(ranges),
		cmocka_unit_test(malformed_ranges),
		cmocka_unit_test(names),
		cmocka_unit_test(device_names),
		cmocka_unit_test(prefixes),
		cmocka_unit_test(choices),
		cmocka_unit_test(lines),
		cmocka_unit_test(fuzz_times),
		cmocka_unit_test(fuzz_ranges),
		cmocka_unit_test(fuzz_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
