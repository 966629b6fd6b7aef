/*
 * The notation of the file: what a line is, what is there twice, and files that are none.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "config/arena.h"
#include "config/ini.h"
#include "config/ini_line.h"
#include "config/problems.h"
#include "config_fixture.h"

#define CUT                                                                                 \
	"a ';' or '#' with no white space before it would cut the value: put the value in " \
	"double quotes"

/* value NULL: the line is at fault, and name is what is wrong. */
static const struct {
	const char *line, *name, *value;
	enum ini_line_kind kind;
} lines[] = {
    {"", "", "", INI_LINE_EMPTY},
    {" \t ", "", "", INI_LINE_EMPTY},
    {"# [x]", "", "", INI_LINE_EMPTY},
    {"  ; key = value", "", "", INI_LINE_EMPTY},
    {"[server]", "server", "", INI_LINE_SECTION},
    {" [ plan  a ]\t", "plan  a", "", INI_LINE_SECTION},
    {"a=b", "a", "b", INI_LINE_ENTRY},
    {"  a b  =  c d  ", "a b", "c d", INI_LINE_ENTRY},
    {"a = b = c", "a", "b = c", INI_LINE_ENTRY},
    {"a = b ; c", "a", "b", INI_LINE_ENTRY},
    {"a = b\t# c", "a", "b", INI_LINE_ENTRY},
    {"a = b # c;d \"", "a", "b", INI_LINE_ENTRY},
    {"a =", "a", "", INI_LINE_ENTRY},
    {"a = ; b", "a", "", INI_LINE_ENTRY},
    {"a = \"\"", "a", "", INI_LINE_ENTRY},
    {"a = '' # b", "a", "", INI_LINE_ENTRY},
    {"a = \"b ; c # d\"", "a", "b ; c # d", INI_LINE_ENTRY},
    {"a = \" b \"  ; c", "a", " b ", INI_LINE_ENTRY},
    {"a = 'say \"b\"'", "a", "say \"b\"", INI_LINE_ENTRY},
    {"a = \"it's\"", "a", "it's", INI_LINE_ENTRY},
    {"a = it's \"b\"", "a", "it's \"b\"", INI_LINE_ENTRY},
    {"a = \303\251", "a", "\303\251", INI_LINE_ENTRY},

    {"a = see;b", CUT, NULL, INI_LINE_FAULT},
    {"a = https://b/#c", CUT, NULL, INI_LINE_FAULT},
    {"a =;b", CUT, NULL, INI_LINE_FAULT},
    {"a = \"b", "the value has no closing quote", NULL, INI_LINE_FAULT},
    {"a = '", "the value has no closing quote", NULL, INI_LINE_FAULT},
    {"a = \"b\"c", "something follows the value's closing quote", NULL, INI_LINE_FAULT},
    {"a = \"b\" \"c\"", "something follows the value's closing quote", NULL, INI_LINE_FAULT},
    {"a", "is neither a [section], a key = value nor a comment", NULL, INI_LINE_FAULT},
    {"= a", "there is no key before the '='", NULL, INI_LINE_FAULT},
    {"[a", "the section's name has no closing bracket", NULL, INI_LINE_FAULT},
    {"[a] ; b", "nothing may follow a section's closing bracket, not even a comment", NULL,
	INI_LINE_FAULT},
    {"[ ]", "the section has no name", NULL, INI_LINE_FAULT},
    {"a = b \\", "ends in a backslash, but a line can not be continued on the next", NULL,
	INI_LINE_FAULT},
    {"# b \\", "ends in a backslash, but a line can not be continued on the next", NULL,
	INI_LINE_FAULT},
    {"a = b\rc", "holds a control character", NULL, INI_LINE_FAULT},
    {"a = \x7f", "holds a control character", NULL, INI_LINE_FAULT},
};

static void
lines_are_taken_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct ini_line line = ini_line_parse(lines[i].line);
		const char *value = lines[i].value != NULL ? lines[i].value : "";

		assert_int_equal(line.kind, lines[i].kind);
		if (line.kind == INI_LINE_FAULT) {
			assert_string_equal(line.fault, lines[i].name);
			continue;
		}
		assert_int_equal(line.name.length, strlen(lines[i].name));
		assert_int_equal(line.value.length, strlen(value));
		if (line.name.length > 0)
			assert_memory_equal(line.name.start, lines[i].name, line.name.length);
		if (line.value.length > 0)
			assert_memory_equal(line.value.start, value, line.value.length);
	}
}

struct read {
	struct fixture fixture;
	struct arena arena;
	struct problems problems;
	struct ini *ini;
};

static void
read_octets(struct read *read, const char *bytes, size_t length)
{
	char path[PATH_MAX];

	memset(read, 0, sizeof *read);
	fixture_open(&read->fixture);
	fixture_write_octets(&read->fixture, "x", bytes, length);
	fixture_path(&read->fixture, "x", path);
	read->ini =
	    ini_read(arena_copy_string(&read->arena, path), &read->arena, &read->problems);
	fixture_forget(&read->fixture);
	problems_report(&read->problems, fixture_report, &read->fixture);
}

static void
read_text(struct read *read, const char *text)
{
	read_octets(read, text, strlen(text));
}

static void
read_end(struct read *read)
{
	ini_free(read->ini);
	problems_fini(&read->problems);
	arena_fini(&read->arena);
	fixture_close(&read->fixture);
}

/* One bad line hides nothing of the others; values are what a person reads. */
static void
what_is_well_formed_is_kept(void **state)
{
	struct read read;

	(void)state;
	read_text(&read,
	    "lost = 1\n[Server]\nHostName = a ; b\nbad\ncut = b;c\nurl = \"x;y\"\n"
	    "[broken\nlost = 2\n[ plan  Fiber.A ]\r\nnetworks = 'a , b'\r\n\r\nlast =");
	assert_string_equal(read.fixture.said,
	    "x:1: \"lost\" stands before any section: [server] is probably missing above it\n"
	    "x:4: [Server]: is neither a [section], a key = value nor a comment\n"
	    "x:5: [Server] cut: " CUT "\n"
	    "x:7: the section's name has no closing bracket\n");
	assert_non_null(read.ini);
	assert_int_equal(read.ini->section_count, 2);
	assert_int_equal(read.ini->entry_count, 5);
	assert_string_equal(read.ini->sections[0].header, "Server");
	assert_string_equal(read.ini->sections[0].name, "");
	assert_int_equal(read.ini->sections[0].line, 2);
	assert_int_equal(read.ini->sections[0].count, 3);
	assert_string_equal(read.ini->sections[1].header, "plan  Fiber.A");
	assert_string_equal(read.ini->sections[1].kind, "plan");
	assert_string_equal(read.ini->sections[1].name, "Fiber.A");
	assert_int_equal(read.ini->sections[1].first, 3);
	assert_string_equal(read.ini->entries[0].key, "HostName");
	assert_string_equal(read.ini->entries[0].value, "a");
	assert_null(read.ini->entries[1].value);
	assert_int_equal(read.ini->entries[1].line, 5);
	assert_string_equal(read.ini->entries[2].value, "x;y");
	assert_string_equal(read.ini->entries[3].value, "a , b");
	assert_int_equal(read.ini->entries[3].line, 10);
	assert_string_equal(read.ini->entries[4].value, "");
	assert_int_equal(read.ini->entries[4].line, 12);
	assert_ptr_equal(ini_find(read.ini, "server", "hostname"), &read.ini->entries[0]);
	assert_null(ini_find(read.ini, "server", "networks"));
	read_end(&read);
}

static void
what_is_there_twice_is_reported_and_dropped(void **state)
{
	struct read read;

	(void)state;
	read_text(&read,
	    "[server]\na = 1\nb = 2\nA = 3\na = 4\n[plan x]\na = 5\n[SERVER]\nc = 6\n[plan X]\n"
	    "a = 7\n[plan  x]\n[plan y]\na = 8\n[phase x]\n");
	assert_string_equal(read.fixture.said,
	    "x:4: [server] A: is set already, in line 2\n"
	    "x:5: [server] a: is set already, in line 2\n"
	    "x:8: [SERVER]: is there already, in line 1\n"
	    "x:10: [plan X]: differs from [plan x] in line 6 only in upper and lower case\n"
	    "x:12: [plan  x]: is there already, in line 6\n");
	assert_int_equal(read.ini->section_count, 4);
	assert_int_equal(read.ini->entry_count, 4);
	assert_string_equal(read.ini->entries[0].value, "1");
	assert_string_equal(read.ini->entries[1].value, "2");
	assert_string_equal(read.ini->entries[2].value, "5");
	assert_string_equal(read.ini->sections[2].name, "y");
	assert_string_equal(read.ini->entries[read.ini->sections[2].first].value, "8");
	read_end(&read);
}

/* The longest line that is allowed is one that iniparser still takes. */
static void
long_lines_have_a_limit(void **state)
{
	char text[3000] = "[server]\n";
	struct read read;

	(void)state;
	for (size_t length = INI_LINE_MAX; length <= INI_LINE_MAX + 50; length += 50) {
		memset(text + 9, 'x', length);
		memcpy(text + 9, "key = ", 6);
		strcpy(text + 9 + length, "\nb = 1\n");
		read_text(&read, text);
		if (length == INI_LINE_MAX) {
			assert_string_equal(read.fixture.said, "");
			assert_int_equal(strlen(read.ini->entries[0].value), length - 6);
			assert_string_equal(read.ini->entries[1].value, "1");
		} else {
			assert_string_equal(read.fixture.said,
			    "x:2: [server]: is longer than 1,000 characters: a list can be "
			    "moved to a file and named as @file\n");
			assert_string_equal(read.ini->entries[0].value, "1");
		}
		read_end(&read);
	}
}

static void
what_is_no_text_file_is_said(void **state)
{
	static const char nul[] = "[server]\na = b\0c\n";
	size_t size = INI_FILE_MAX + 1;
	char *large = malloc(size);
	struct read read;

	(void)state;
	read_octets(&read, nul, sizeof nul - 1);
	assert_null(read.ini);
	assert_string_equal(
	    read.fixture.said, "x: is not a text file: line 2 holds a NUL octet\n");
	read_end(&read);

	read_text(&read, "\xef\xbb\xbf[server]\na = 1\n");
	assert_string_equal(read.fixture.said,
	    "x:1: begins with a byte order mark: save the file as UTF-8 without one\n");
	assert_string_equal(read.ini->entries[0].value, "1");
	read_end(&read);

	assert_non_null(large);
	memset(large, '\n', size);
	read_octets(&read, large, size);
	assert_null(read.ini);
	assert_string_equal(read.fixture.said, "x: is larger than 1024 KiB\n");
	read_end(&read);
	read_octets(&read, large, size - 1);
	assert_non_null(read.ini);
	read_end(&read);
	free(large);
}

static void
what_is_no_file_is_said(void **state)
{
	struct fixture fixture;
	char path[PATH_MAX];

	(void)state;
	fixture_open(&fixture);
	assert_null(fixture_load(&fixture, "missing"));
	assert_string_equal(
	    fixture.said, "missing: can not be opened: No such file or directory\n");
	assert_null(fixture_load(&fixture, "."));
	assert_string_equal(fixture.said, ".: is a directory, not a file\n");
	/* Nobody writes to it: opening it must not wait. */
	assert_int_equal(mkfifo(fixture_path(&fixture, "fifo", path), 0600), 0);
	assert_null(fixture_load(&fixture, "fifo"));
	assert_string_equal(fixture.said, "fifo: is not a regular file\n");
	fixture_write(&fixture, "secret", MINIMUM);
	assert_int_equal(chmod(fixture_path(&fixture, "secret", path), 0), 0);
	if (geteuid() != 0) {
		assert_null(fixture_load(&fixture, "secret"));
		assert_string_equal(
		    fixture.said, "secret: can not be opened: Permission denied\n");
	}
	fixture_close(&fixture);
}

/* Whatever it is given: reports are the caller's to print. */
static void
iniparser_prints_nothing(void **state)
{
	struct fixture fixture;
	struct stat status;
	char path[PATH_MAX], text[2000];

	(void)state;
	fixture_open(&fixture);
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	fflush(stderr);
	int saved = dup(STDERR_FILENO);
	int fd = open(fixture_path(&fixture, "stderr", path), O_CREAT | O_RDWR, 0600);
	assert_true(saved != -1 && fd != -1 && dup2(fd, STDERR_FILENO) != -1);
	struct config *config = fixture_load_text(&fixture, "x\n[x\n=\n[x]\nx\n\\\n");
	struct config *long_line = fixture_load_text(&fixture, text);
	fflush(stderr);
	assert_int_equal(fstat(fd, &status), 0);
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(fd);
	assert_null(config);
	assert_null(long_line);
	assert_int_equal(status.st_size, 0);
	fixture_close(&fixture);
}

/* Random lines made of what matters: the scan and iniparser must never disagree, or the entry
 * is reported. */
static void
the_scan_and_iniparser_agree_on_random_lines(void **state)
{
	static const char *const pieces[] = {"a", "b", " ", "\t", "=", ";", "#", "\"", "'", "[",
	    "]", "x y", "\\", "é", ":", "%"};
	unsigned long random = 1;
	size_t accepted = 0;

	(void)state;
	for (unsigned round = 0; round < 300; round++) {
		char text[4096] = "[s]\n";
		struct read read;

		for (unsigned line = 0; line < 40; line++) {
			snprintf(text + strlen(text), 16, "k%u = ", line);
			for (unsigned piece = 0; piece < 8; piece++) {
				random = random * 6364136223846793005 + 1442695040888963407;
				strcat(text, pieces[(random >> 33) % 16]);
			}
			strcat(text, "\n");
		}
		read_text(&read, text);
		assert_non_null(read.ini);
		assert_null(strstr(read.fixture.said, "would be read as"));
		for (size_t i = 0; i < read.ini->entry_count; i++)
			accepted += read.ini->entries[i].value != NULL;
		read_end(&read);
	}
	assert_in_range(accepted, 1000, 11000); /* of 12,000: a fair share of either */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lines_are_taken_apart),
	    cmocka_unit_test(what_is_well_formed_is_kept),
	    cmocka_unit_test(what_is_there_twice_is_reported_and_dropped),
	    cmocka_unit_test(long_lines_have_a_limit),
	    cmocka_unit_test(what_is_no_text_file_is_said),
	    cmocka_unit_test(what_is_no_file_is_said),
	    cmocka_unit_test(iniparser_prints_nothing),
	    cmocka_unit_test(the_scan_and_iniparser_agree_on_random_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
