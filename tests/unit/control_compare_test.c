/*
 * Listings of the table, compared: what an operator is told about rules that are not as they
 * should be.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/text.h"
#include "control/compare.h"

#define HEAD "table inet op25b {\n\tcounter a {\n\t}\n\n\tchain one {\n"
#define TAIL "\t}\n\n\tchain two {\n\t\tfirst\n\t}\n}\n"

static void
remember(void *argument, const char *sentence)
{
	text_add_string(argument, sentence);
	text_add_character(argument, '\n');
}

static void
expect(const char *wanted, const char *loaded, int count, const char *sentences)
{
	char buffer[1024];
	struct text said;

	text_init(&said, buffer, sizeof buffer);
	assert_int_equal(compare_listings(wanted, loaded, remember, &said), count);
	assert_string_equal(said.bytes, sentences);
}

static void
test_equal(void **state)
{
	(void)state;
	expect(HEAD "\t\tfirst\n\t\tsecond\n" TAIL, HEAD "\t\tfirst\n\t\tsecond\n" TAIL, 0, "");
	expect("", "", 0, "");
}

static void
test_missing(void **state)
{
	(void)state;
	expect(HEAD "\t\tfirst\n\t\tsecond\n" TAIL, HEAD "\t\tsecond\n" TAIL, 1,
	    "missing in chain one: first\n");
}

/* The same words in another chain are another rule. */
static void
test_unknown(void **state)
{
	(void)state;
	expect(HEAD "\t\tsecond\n" TAIL, HEAD "\t\tsecond\n\t\tfirst\n" TAIL, 1,
	    "unknown in chain one: first\n");
}

static void
test_changed(void **state)
{
	(void)state;
	expect(HEAD "\t\tport 25\n" TAIL, HEAD "\t\tport 26\n" TAIL, 2,
	    "missing in chain one: port 25\nunknown in chain one: port 26\n");
}

static void
test_order(void **state)
{
	(void)state;
	expect(HEAD "\t\tfirst\n\t\tsecond\n" TAIL, HEAD "\t\tsecond\n\t\tfirst\n" TAIL, 1,
	    "out of order in chain one: second\n");
}

static void
test_everything_missing(void **state)
{
	(void)state;
	expect("table t {\n\tchain c {\n\t\trule\n\t}\n}\n", "", 3,
	    "missing: table t {\nmissing: chain c {\nmissing in chain c: rule\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_equal),
	    cmocka_unit_test(test_missing),
	    cmocka_unit_test(test_unknown),
	    cmocka_unit_test(test_changed),
	    cmocka_unit_test(test_order),
	    cmocka_unit_test(test_everything_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
