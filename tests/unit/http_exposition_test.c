/*
 * The text format, octet by octet.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "http/exposition.h"

static void
expect_text(struct evbuffer *out, const char *wanted)
{
	evbuffer_add(out, "", 1);
	assert_string_equal((const char *)evbuffer_pullup(out, -1), wanted);
	evbuffer_free(out);
}

static void
samples_and_escapes(void **state)
{
	static const struct exposition_family family = {
	    "op25bd_x_total", EXPOSITION_COUNTER, "A \\ and\na line."};
	struct exposition exposition = {.out = evbuffer_new()};
	struct exposition_labels labels = {
	    .list = {{"plan", "a\"b\\c\nd"}, {"family", ""}}, .count = 2};

	(void)state;
	exposition_begin(&exposition, &family);
	exposition_add(&exposition, NULL, UINT64_MAX);
	exposition_add(&exposition, &labels, 7);
	exposition_add_ms(&exposition, NULL, 1005);
	assert_false(exposition.failed);
	expect_text(exposition.out,
	    "# HELP op25bd_x_total A \\\\ and\\na line.\n# TYPE op25bd_x_total counter\n"
	    "op25bd_x_total 18446744073709551615\n"
	    "op25bd_x_total{plan=\"a\\\"b\\\\c\\nd\",family=\"\"} 7\n"
	    "op25bd_x_total 1.005\n");
}

static void
buckets_add_up(void **state)
{
	static const struct exposition_family family = {
	    "op25bd_y_seconds", EXPOSITION_HISTOGRAM, "Y."};
	static const uint32_t bounds_ms[] = {5, 1000, 2500};
	static const uint64_t buckets[] = {3, 0, 2, 1};
	struct exposition exposition = {.out = evbuffer_new()};

	(void)state;
	exposition_begin(&exposition, &family);
	exposition_add_histogram(&exposition, NULL, bounds_ms, 3, buckets, 61001);
	expect_text(exposition.out,
	    "# HELP op25bd_y_seconds Y.\n# TYPE op25bd_y_seconds histogram\n"
	    "op25bd_y_seconds_bucket{le=\"0.005\"} 3\n"
	    "op25bd_y_seconds_bucket{le=\"1\"} 3\n"
	    "op25bd_y_seconds_bucket{le=\"2.5\"} 5\n"
	    "op25bd_y_seconds_bucket{le=\"+Inf\"} 6\n"
	    "op25bd_y_seconds_sum 61.001\nop25bd_y_seconds_count 6\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(samples_and_escapes),
	    cmocka_unit_test(buckets_add_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
