/*
 * Tables whose cells are in several scripts stand in line.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "ctl/columns.h"

static void
wide_characters_take_two_columns(void **state)
{
	(void)state;
	assert_int_equal(columns_width(""), 0);
	assert_int_equal(columns_width("mail"), 4);
	assert_int_equal(columns_width("送信できます"), 12);
	assert_int_equal(columns_width("IPv4接続"), 8);
	assert_int_equal(columns_width("(ポート)"), 8);
	assert_int_equal(columns_width("e\xcc\x81"), 1); /* with a combining accent */
}

static void
what_is_not_utf_8_takes_one_each(void **state)
{
	(void)state;
	assert_int_equal(columns_width("\xff\xfe"), 2);
	assert_int_equal(columns_width("a\xe9\x80"), 3); /* cut short */
}

static void
columns_stand_in_line(void **state)
{
	static const char *const cells[] = {
	    "接続", "port", "説明", "ours", "587", "", "当社です", "25", "why"};
	char *printed = NULL;
	size_t size;
	FILE *out = open_memstream(&printed, &size);

	(void)state;
	assert_non_null(out);
	columns_print(cells, 3, 3, "> ", out);
	fclose(out);
	assert_string_equal(printed, "> 接続      port  説明\n"
				     "> ours      587   \n"
				     "> 当社です  25    why\n");
	free(printed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(wide_characters_take_two_columns),
	    cmocka_unit_test(what_is_not_utf_8_takes_one_each),
	    cmocka_unit_test(columns_stand_in_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
