// SPDX-License-Identifier: GPL-2.0
/* The lab's load: its histogram against sorted samples, its command line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../tools/lab/load/die.h"
#include "../tools/lab/load/draw.h"
#include "../tools/lab/load/hist.c"
#include "../tools/lab/load/options.c"

#define SAMPLES	100000

static char died_of[512];
static jmp_buf died;

/* Stands in for the one that ends the program. */
void die(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(died_of, sizeof(died_of), fmt, args);
	va_end(args);
	longjmp(died, 1);
}

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Times of every size up to 2^bits, as many of each size as of any other. */
static void fill(struct hist *hist, uint64_t *samples, unsigned int bits)
{
	uint64_t state = bits;

	for (int i = 0; i < SAMPLES; i++) {
		samples[i] = draw(&state) >> (64 - bits) >> draw(&state) % bits;
		hist_add(hist, samples[i]);
	}
	qsort(samples, SAMPLES, sizeof(*samples), by_size);
}

static void test_quantiles(void **state)
{
	static const double qs[] = { 0, 0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 1 };
	static const unsigned int bits[] = { 8, 20, 40 };
	static uint64_t samples[SAMPLES];
	static struct hist hist;

	for (size_t b = 0; b < 3; b++) {
		hist = (struct hist){};
		fill(&hist, samples, bits[b]);
		for (size_t i = 0; i < sizeof(qs) / sizeof(*qs); i++) {
			uint64_t rank = (uint64_t)(qs[i] * SAMPLES);
			uint64_t exact = samples[rank ? rank - 1 : 0];
			uint64_t got = hist_quantile(&hist, qs[i]);

			assert_in_range(got, exact - exact / 500, exact + exact / 500);
		}
		assert_int_equal(hist.min_ns, samples[0]);
		assert_int_equal(hist.max_ns, samples[SAMPLES - 1]);
		assert_int_equal(hist_quantile(&hist, 1), hist.max_ns);
	}
}

static void test_few(void **state)
{
	static struct hist hist;

	hist_add(&hist, 1);
	hist_add(&hist, 1000000);
	assert_int_equal(hist.sum_ns, 1000001);
	assert_int_equal(hist_quantile(&hist, 0.5), 1);
	assert_int_equal(hist_quantile(&hist, 0.51), 1000000);
}

static void test_longer_than_any(void **state)
{
	static struct hist hist;

	hist_add(&hist, UINT64_MAX);
	assert_int_equal(hist.max_ns, UINT64_MAX);
	assert_int_equal(hist.bucket[HIST_BUCKETS - 1], 1);
}

/* Parse a line of words; NULL, or what was wrong with it. */
static const char *parse(struct options *opt, const char *line)
{
	static char words[256];
	char *argv[32] = { "load" };
	int argc = 1;

	snprintf(words, sizeof(words), "%s", line);
	for (char *word = strtok(words, " "); word; word = strtok(NULL, " "))
		argv[argc++] = word;
	optind = 0;
	if (setjmp(died))
		return died_of;
	options_parse(opt, argc, argv);
	return NULL;
}

static void test_good_lines(void **state)
{
	struct options opt;

	assert_null(parse(&opt, "rr"));
	assert_int_equal(opt.size, 64);
	assert_int_equal(opt.length.ns, 1000000000);
	assert_string_equal(opt.to.dev, "eth1");
	assert_null(parse(&opt, "stream -t 10M -w 250ms -c 4 -V -S 7"));
	assert_int_equal(opt.length.count, 10000000);
	assert_int_equal(opt.length.ns, 0);
	assert_int_equal(opt.warmup.ns, 250000000);
	assert_int_equal(opt.size, 65536);
	assert_true(opt.vary);
	assert_null(parse(&opt, "udp --pps 20k -P --from X:veth0:192.0.2.1 --nowhere 192.0.2.9"));
	assert_int_equal(opt.pps, 20000);
	assert_string_equal(opt.from.netns, "X");
	assert_int_equal(ntohl(opt.from.addr.s_addr), 0xc0000201);
	assert_int_equal(ntohl(opt.nowhere.s_addr), 0xc0000209);
}

static void test_bad_lines(void **state)
{
	static const struct {
		const char *line;
		const char *named;
	} bad[] = {
		{ "", "no load" },
		{ "ping", "'ping'" },
		{ "rr -t", "-t" },
		{ "rr --bogus", "--bogus" },
		{ "rr more", "'more'" },
		{ "rr -t 5x", "'5x'" },
		{ "rr -t 0s", "empty" },
		{ "rr -t -1s", "'-1s'" },
		{ "rr -t 601s", "601s" },
		{ "rr -t 99999999999999999999", "99999999999999999999" },
		{ "rr -c 0", "0 is outside" },
		{ "rr -c 257", "257" },
		{ "rr -s 1.5", "'1.5'" },
		{ "rr -p 5", "-p" },
		{ "udp -u", "-u" },
		{ "udp -V", "-V" },
		{ "stream -P", "-P" },
		{ "udp -s 23", "23" },
		{ "udp -s 65508", "65508" },
		{ "rr -u -s 3", "3 is outside" },
		{ "rr --from A:eth0", "'A:eth0'" },
		{ "rr --to A/B:eth0:10.0.0.1", "A/B" },
		{ "rr --to A:eth0:10.0.0.256", "10.0.0.256" },
		{ "udp --nowhere x", "'x'" },
		{ "rr --nowhere 10.0.0.9", "nothing" },
		{ "udp -t 100 --nowhere 10.0.0.9", "by time" },
		{ "rr --port 65536", "65536" },
		{ "rr --port 65535 -c 2", "65535" },
	};
	struct options opt;
	const char *why;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		why = parse(&opt, bad[i].line);
		if (!why || !strstr(why, bad[i].named))
			fail_msg("'%s': '%s' does not name '%s'", bad[i].line, why ? why : "taken",
				 bad[i].named);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quantiles),
		cmocka_unit_test(test_few),
		cmocka_unit_test(test_longer_than_any),
		cmocka_unit_test(test_good_lines),
		cmocka_unit_test(test_bad_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
