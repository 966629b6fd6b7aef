/*
 * Reply templates: what they become, what is refused at load and with which words, and that the
 * shipped text keeps what real clients need.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "smtp/template.h"

static const struct template_values values = {{
    [TEMPLATE_HOSTNAME] = "op25b.isp.example",
    [TEMPLATE_CLIENT] = "2001:db8:100:1234:5678:9abc:def0:1234",
    [TEMPLATE_DESTINATION] = "192.0.2.25",
    [TEMPLATE_PLAN] = "fiber-dynamic",
    [TEMPLATE_URL] = "https://isp.example/op25b",
    [TEMPLATE_REF] = "K7Q22FDW",
}};

static char rendered_text[8192];

static const char *
rendered(const char *text, const char *enhanced)
{
	char fault[256];
	struct text problem, out;

	text_init(&problem, fault, sizeof fault);
	struct template *template = template_new(text, 554, &values, &problem);
	if (template == NULL)
		fail_msg("%s", fault);
	text_init(&out, rendered_text, sizeof rendered_text);
	template_render(template, template_code(template), enhanced, &values, &out);
	assert_true(out.length <= template_longest(template));
	template_free(template);
	return rendered_text;
}

static const char *
refused(const char *text)
{
	static char fault[512];
	struct text problem;

	text_init(&problem, fault, sizeof fault);
	assert_null(template_new(text, 554, &values, &problem));
	return fault;
}

static void
lines_become_a_reply(void **state)
{
	(void)state;
	assert_string_equal(rendered("one", NULL), "554 one\r\n");
	assert_string_equal(rendered("one\n", NULL), "554 one\r\n");
	assert_string_equal(rendered("one\r\ntwo\r\n\r\n", NULL), "554-one\r\n554 two\r\n");
	assert_string_equal(rendered("one\n\ntwo", "5.7.1"),
	    "554-5.7.1 one\r\n554-5.7.1 \r\n554 5.7.1 two\r\n");
}

static void
variables_are_put_in(void **state)
{
	(void)state;
	assert_string_equal(rendered("%{hostname}", NULL), "554 op25b.isp.example\r\n");
	assert_string_equal(rendered("a%{ref}b%{plan}%{plan}", NULL),
	    "554 aK7Q22FDWbfiber-dynamicfiber-dynamic\r\n");
	assert_string_equal(rendered("%%{ref} 5% %d %", NULL), "554 %{ref} 5% %d %\r\n");
	assert_string_equal(rendered("%{client} %{destination} %{url}", NULL),
	    "554 2001:db8:100:1234:5678:9abc:def0:1234 192.0.2.25 "
	    "https://isp.example/op25b\r\n");
}

static void
only_the_last_line_where_that_is_asked(void **state)
{
	char fault[256];
	struct text problem, out;

	(void)state;
	text_init(&problem, fault, sizeof fault);
	struct template *template = template_new("one\ntwo %{ref}", 554, &values, &problem);
	assert_non_null(template);
	text_init(&out, rendered_text, sizeof rendered_text);
	template_render_last(template, 503, "5.5.1", &values, &out);
	assert_string_equal(rendered_text, "503 5.5.1 two K7Q22FDW\r\n");
	assert_true(out.length <= template_longest_line(template));
	template_free(template);
}

static void
faults_are_named_with_their_line(void **state)
{
	static const struct {
		const char *text, *fault;
	} rows[] = {
	    {"", "line 1: there is no text"},
	    {"\r\n\n", "line 1: there is no text"},
	    {"one\ntab\there", "line 2: only printable ASCII"},
	    {"gr\xc3\xbc\xc3\x9f", "line 1: only printable ASCII"},
	    {"a\rb", "line 1: only printable ASCII"},
	    {"one\ntwo %{hint}",
		"line 2: there is no variable %{hint}; there are %{hostname}, %{client}"},
	    {"%{Ref}", "line 1: there is no variable %{Ref}"},
	    {"%{}", "line 1: there is no variable %{}"},
	    {"one %{ref", "line 1: %{ without its }"},
	    {"one %{ref\n}", "line 1: %{ without its }"},
	    {"1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11", "line 11: one line too many"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *fault = refused(rows[i].text);

		if (strncmp(fault, rows[i].fault, strlen(rows[i].fault)) != 0)
			fail_msg("\"%s\" is refused with: %s", rows[i].text, fault);
	}
}

/* 512 octets with "554 ", a possible enhanced status and CRLF (RFC 5321 4.5.3.1.5). */
static void
a_line_may_be_as_long_as_the_standard_says(void **state)
{
	char line[600];

	(void)state;
	memset(line, 'x', sizeof line);
	line[500] = '\0';
	assert_int_equal(strlen(rendered(line, "5.7.1")), 512);
	line[500] = 'x';
	line[501] = '\0';
	assert_non_null(strstr(refused(line), "513 octets"));
	/* Variables count with the longest value they can have. */
	strcpy(line + 490, "%{url}");
	assert_non_null(strstr(refused(line), "527 octets"));
}

/* However long it is: its length must not wrap round in a small counter. */
static void
an_endless_line_is_too_long(void **state)
{
	static const size_t lengths[] = {65535, 65536, 65540, 200000};
	static char line[200001];
	char expected[64];

	(void)state;
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		memset(line, 'x', lengths[i]);
		line[lengths[i]] = '\0';
		snprintf(expected, sizeof expected, "%zu octets", lengths[i] + 12);
		assert_non_null(strstr(refused(line), expected));
	}
}

/* More pieces than there is room for is a fault like any other. */
static void
a_line_of_many_pieces_is_refused(void **state)
{
	char line[4 * 1000 + 1] = "";

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		memcpy(line + 4 * i, "a%%b", 5);
	assert_non_null(strstr(refused(line), "line 1: too many variables"));
}

static void
the_default_is_the_shipped_file(void **state)
{
	const char *srcdir = getenv("srcdir");
	char path[4096], text[4096];

	(void)state;
	snprintf(
	    path, sizeof path, "%s/conf/messages/default.txt", srcdir == NULL ? "." : srcdir);
	FILE *file = fopen(path, "r");
	if (file == NULL)
		fail_msg("cannot open %s", path);
	text[fread(text, 1, sizeof text - 1, file)] = '\0';
	fclose(file);
	assert_string_equal(template_default_text(), text);
}

/* One line is all that some programs show: the last, or the first; and long lines get cut. */
static void
the_default_says_the_point_first_and_last(void **state)
{
	const char *reply = rendered(template_default_text(), NULL);
	const char *last = strstr(reply, "554 ");
	unsigned lines = 0;

	(void)state;
	assert_non_null(last);
	assert_int_equal(strncmp(reply, "554-op25b.isp.example ", 22), 0);
	for (const char *line = reply; *line != '\0'; lines++) {
		size_t length = strcspn(line, "\r");
		char copy[600] = "";

		assert_true(length < 100);
		memcpy(copy, line, length);
		if (lines == 0 || line == last) {
			assert_non_null(strstr(copy, "Port 25 is blocked by your provider"));
			assert_non_null(strstr(copy, "587 or 465"));
			assert_non_null(strstr(copy, "SMTP AUTH"));
		}
		line += length + 2;
	}
	assert_true(lines <= 5);
	assert_non_null(strstr(last, "https://isp.example/op25b"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lines_become_a_reply),
	    cmocka_unit_test(variables_are_put_in),
	    cmocka_unit_test(only_the_last_line_where_that_is_asked),
	    cmocka_unit_test(faults_are_named_with_their_line),
	    cmocka_unit_test(a_line_may_be_as_long_as_the_standard_says),
	    cmocka_unit_test(an_endless_line_is_too_long),
	    cmocka_unit_test(a_line_of_many_pieces_is_refused),
	    cmocka_unit_test(the_default_is_the_shipped_file),
	    cmocka_unit_test(the_default_says_the_point_first_and_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
