/*
 * Well-formed and not, by the table of RFC 3629 section 4.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/utf8.h"

static void
well_formed(void **state)
{
	(void)state;
	assert_true(utf8_valid(""));
	assert_true(utf8_valid("a ~"));
	assert_true(utf8_valid("\xc2\x80\xdf\xbf"));
	assert_true(utf8_valid("\xe0\xa0\x80\xed\x9f\xbf\xef\xbf\xbf"));
	assert_true(utf8_valid("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"));
	assert_true(utf8_valid("日本語"));
}

static void
not_well_formed(void **state)
{
	static const char *const bad[] = {"\n", "\x7f", "\x80", "\xc0\xaf", "\xc1\xbf", "\xc2",
	    "\xc2\x41", "\xe0\x9f\xbf", "\xe3\x81", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
	    "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "a\xe3"};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(utf8_valid(bad[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(well_formed),
	    cmocka_unit_test(not_well_formed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
