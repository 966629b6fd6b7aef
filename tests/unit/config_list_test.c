/*
 * Lists of networks: between commas and in @files, and where their problems are said to be.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "config/list.h"
#include "config_fixture.h"

static void
items_are_between_commas(void **state)
{
	static const struct {
		const char *value, *items; /* each in brackets */
	} rows[] = {
	    {"", ""},
	    {"a", "[a]"},
	    {" a , b\t,c ", "[a][b][c]"},
	    {"a b", "[a b]"},
	    {"a,", "[a][]"},
	    {",a", "[][a]"},
	    {",", "[][]"},
	    {"a,,b", "[a][][b]"},
	    {"a, ,", "[a][][]"},
	    {" ", "[]"},
	};
	char buffer[16], items[64];
	struct text item;

	(void)state;
	text_init(&item, buffer, sizeof buffer);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		items[0] = '\0';
		for (const char *cursor = rows[i].value; list_next(&cursor, &item);)
			snprintf(items + strlen(items), 20, "[%s]", item.bytes);
		assert_string_equal(items, rows[i].items);
	}
}

/* Everything that an @file may have in it; relative to the main file, or absolute. */
static void
files_are_read_in_every_form(void **state)
{
	struct fixture fixture;
	char path[PATH_MAX], text[2 * PATH_MAX];
	struct address source, destination;
	struct verdict verdict;
	static const struct {
		const char *source, *destination;
		bool in;
	} asked[] = {
	    {"203.0.113.1", "192.0.2.1", true},
	    {"203.0.113.129", "192.0.2.1", true},
	    {"203.0.113.65", "192.0.2.1", false},
	    {"198.51.100.1", "192.0.2.1", true},
	    {"198.51.100.2", "192.0.2.1", false},
	    {"2001:db8:0:1::5", "2001:db8:ffff::1", true},
	    {"2001:db8:0:2::5", "2001:db8:ffff::1", false},
	    {"198.51.100.77", "192.0.2.1", true},
	    {"198.51.100.78", "192.0.2.1", true},
	};

	(void)state;
	fixture_open(&fixture);
	assert_int_equal(mkdir(fixture_path(&fixture, "lists", path), 0700), 0);
	fixture_write(&fixture, "lists/a.cidr",
	    "# a comment\n\n203.0.113.0/26 # another\r\n  203.0.113.128/26\t\n"
	    "#203.0.113.64/26\n\r\n198.51.100.1");
	fixture_write(&fixture, "b.cidr", "2001:db8:0:1::/64\n");
	fixture_write(&fixture, "c.cidr", "198.51.100.77\n");
	snprintf(text, sizeof text,
	    MINIMUM "[plan a]\nnetworks = @lists/a.cidr, 198.51.100.78, @b.cidr ,@%s\n",
	    fixture_path(&fixture, "c.cidr", path));
	struct config *config = fixture_load_text(&fixture, text);
	assert_string_equal(fixture.said, "");
	assert_non_null(config);
	for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
		assert_int_equal(address_parse(asked[i].source, &source), 0);
		assert_int_equal(address_parse(asked[i].destination, &destination), 0);
		policy_decide(config->policy, NULL, &source, &destination, 0, &verdict);
		assert_int_equal(verdict.kind, asked[i].in ? VERDICT_REJECT : VERDICT_RELAY);
	}
	config_release(config);
	fixture_close(&fixture);
}

static void
bad_lines_are_said_with_file_and_line(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture);
	fixture_write(&fixture, "bad.cidr",
	    "203.0.113.5/24\n203.0.113.0/33\nhello \001\n192.0.2.1:465\n203.0.113.0/24;x\n");
	assert_null(fixture_load_text(&fixture,
	    MINIMUM "[plan a]\nnetworks = 2001:db8::1/32, @bad.cidr, @missing.cidr, @., @\n"
		    "[policy]\nexempt = @bad.cidr/\n"));
	assert_string_equal(fixture.said,
	    "op25bd.conf:6: [plan a] networks: \"2001:db8::1/32\" has bits set behind its "
	    "prefix "
	    "length; did you mean 2001:db8::/32?\n"
	    "bad.cidr:1: [plan a] networks: \"203.0.113.5/24\" has bits set behind its prefix "
	    "length; did you mean 203.0.113.0/24?\n"
	    "bad.cidr:2: [plan a] networks: \"203.0.113.0/33\" has a prefix length that its "
	    "family does not have\n"
	    "bad.cidr:3: [plan a] networks: \"hello \\x01\" is not a network such as "
	    "203.0.113.0/24 or 2001:db8::/32\n"
	    "bad.cidr:4: [plan a] networks: \"192.0.2.1:465\" is not a network such as "
	    "203.0.113.0/24 or 2001:db8::/32; ports 465 and 587 are for mail submission and "
	    "must "
	    "stay open to everyone (RFC 5068 section 3.1): op25bd never touches them\n"
	    "bad.cidr:5: [plan a] networks: \"203.0.113.0/24;x\" is not a network such as "
	    "203.0.113.0/24 or 2001:db8::/32\n"
	    "op25bd.conf:6: [plan a] networks: missing.cidr can not be opened: No such file or "
	    "directory\n"
	    "op25bd.conf:6: [plan a] networks: . is a directory, not a file\n"
	    "op25bd.conf:6: [plan a] networks: '@' is not followed by a path\n"
	    "op25bd.conf:8: [policy] exempt: bad.cidr/ can not be opened: Not a directory\n");
	fixture_close(&fixture);
}

/* Both places are named, and both owners. */
static void
a_network_has_one_owner(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture);
	fixture_write(&fixture, "a.cidr", "203.0.113.0/24\n\n2001:db8::/32\n");
	fixture_write(&fixture, "b.cidr", "# b\n2001:db8::/32\n203.0.113.0/25\n");
	assert_null(fixture_load_text(&fixture,
	    MINIMUM "[plan a]\nnetworks = @a.cidr, 203.0.113.0/24\n"
		    "[plan b]\nnetworks = @b.cidr\n"
		    "[destination c]\nnetworks = 192.0.2.0/24, 203.0.113.0/24\n"
		    "[destination d]\nnetworks = 192.0.2.0/24, 192.0.2.1, 192.0.2.1/32\n"));
	assert_string_equal(fixture.said,
	    "op25bd.conf:6: [plan a] networks: 203.0.113.0/24 is listed twice: it is in "
	    "a.cidr:1 "
	    "already\n"
	    "b.cidr:2: [plan b] networks: 2001:db8::/32 belongs to [plan a] already "
	    "(a.cidr:3)\n"
	    "op25bd.conf:12: [destination d] networks: 192.0.2.0/24 belongs to [destination c] "
	    "already (op25bd.conf:10)\n"
	    "op25bd.conf:12: [destination d] networks: 192.0.2.1 is listed twice: it is in "
	    "op25bd.conf:12 already\n");
	fixture_close(&fixture);
}

static void
doubtful_lists_load(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture);
	fixture_write(&fixture, "exempt.cidr", "192.0.2.7\n192.0.2.0/24\n192.0.2.7\n");
	fixture_write(&fixture, "empty.cidr", "# nobody yet\n");
	struct config *config = fixture_load_text(&fixture,
	    MINIMUM "[policy]\nexempt = 192.0.2.7, @exempt.cidr, @empty.cidr\n"
		    "[plan a]\nnetworks = @empty.cidr\n"
		    "[plan b]\nnetworks = @empty.cidr, 203.0.113.0/24\n");
	assert_string_equal(fixture.said,
	    "warning: exempt.cidr:1: [policy] exempt: 192.0.2.7 is listed twice\n"
	    "warning: exempt.cidr:3: [policy] exempt: 192.0.2.7 is listed twice\n"
	    "warning: op25bd.conf:8: [plan a] networks: has no network in it\n");
	assert_non_null(config);
	config_release(config);
	fixture_close(&fixture);
}

/* Twenty problems of one file are told, the others counted; an error among those counts. */
static void
a_file_full_of_problems_is_cut_short(void **state)
{
	struct fixture fixture;
	char text[4096] = "";

	(void)state;
	fixture_open(&fixture);
	for (unsigned i = 0; i < 23; i++)
		strcat(text, "192.0.2.1\n");
	fixture_write(&fixture, "warnings.cidr", text);
	struct config *config =
	    fixture_load_text(&fixture, MINIMUM "[policy]\nexempt = @warnings.cidr\n");
	assert_non_null(config);
	assert_int_equal(fixture.problems, 21);
	assert_non_null(
	    strstr(fixture.said, "\nwarning: warnings.cidr: [policy] exempt: and 2 more\n"));
	config_release(config);

	strcat(text, "bogus\n");
	fixture_write(&fixture, "errors.cidr", text);
	assert_null(fixture_load_text(&fixture, MINIMUM "[policy]\nexempt = @errors.cidr\n"));
	assert_int_equal(fixture.problems, 21);
	assert_non_null(strstr(fixture.said, "\nerrors.cidr: [policy] exempt: and 3 more\n"));
	fixture_close(&fixture);
}

/* Every network of a long file arrives: 200,000, of which the last is asked for. */
static void
long_files_are_read_to_their_end(void **state)
{
	struct fixture fixture;
	struct address source, destination;
	struct verdict verdict;
	char path[PATH_MAX];

	(void)state;
	fixture_open(&fixture);
	FILE *file = fopen(fixture_path(&fixture, "long.cidr", path), "w");
	assert_non_null(file);
	for (unsigned i = 0; i < 200000; i++)
		fprintf(file, "%u.%u.%u.%u/31\n", 10 + (i >> 23), i >> 15 & 255, i >> 7 & 255,
		    i << 1 & 255);
	fclose(file);
	struct config *config =
	    fixture_load_text(&fixture, MINIMUM "[plan a]\nnetworks = @long.cidr\n");
	assert_string_equal(fixture.said, "");
	assert_int_equal(address_parse("10.6.26.127", &source), 0);
	assert_int_equal(address_parse("192.0.2.1", &destination), 0);
	policy_decide(config->policy, NULL, &source, &destination, 0, &verdict);
	assert_int_equal(verdict.plan, 0);
	assert_int_equal(address_parse("10.6.26.128", &source), 0);
	policy_decide(config->policy, NULL, &source, &destination, 0, &verdict);
	assert_int_equal(verdict.plan, POLICY_NONE);
	config_release(config);
	fixture_close(&fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(items_are_between_commas),
	    cmocka_unit_test(files_are_read_in_every_form),
	    cmocka_unit_test(bad_lines_are_said_with_file_and_line),
	    cmocka_unit_test(a_network_has_one_owner),
	    cmocka_unit_test(doubtful_lists_load),
	    cmocka_unit_test(a_file_full_of_problems_is_cut_short),
	    cmocka_unit_test(long_files_are_read_to_their_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
