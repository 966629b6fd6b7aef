/*
 * Reply templates: what they become, and what is refused at load and with which words.
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
    [TEMPLATE_HINT] = "use smtp.hint.example port 465 or 587",
    [TEMPLATE_FAMILY] = "IPv4",
    [TEMPLATE_PHASE] = "everyone",
}};

/* The same, but for what is often not known. */
static const struct template_values sparse = {{
    [TEMPLATE_HOSTNAME] = "op25b.isp.example",
    [TEMPLATE_CLIENT] = "192.0.2.1",
    [TEMPLATE_DESTINATION] = "192.0.2.25",
    [TEMPLATE_PLAN] = "",
    [TEMPLATE_URL] = "https://isp.example/op25b",
    [TEMPLATE_REF] = "K7Q22FDW",
    [TEMPLATE_HINT] = "",
    [TEMPLATE_FAMILY] = "IPv4",
    [TEMPLATE_PHASE] = "everyone",
}};

static char rendered_text[8192];

static struct template *
a_template(const char *text)
{
	char fault[256];
	struct text problem;

	text_init(&problem, fault, sizeof fault);
	struct template *template = template_new(text, 554, &values, &problem);
	if (template == NULL)
		fail_msg("%s", fault);
	return template;
}

/* As a reply with an enhanced status, or as the greeting, which must come to the same. */
static const char *
rendered_with(const char *text, const char *enhanced, const struct template_values *given)
{
	char greeting_text[8192];
	struct text out, greeting;
	struct template *template = a_template(text);

	text_init(&out, rendered_text, sizeof rendered_text);
	template_render(template, template_code(template), enhanced, given, &out);
	assert_true(out.length <= template_longest(template));
	if (enhanced == NULL) {
		text_init(&greeting, greeting_text, sizeof greeting_text);
		template_render_greeting(template, given, &greeting);
		assert_string_equal(greeting_text, rendered_text);
	}
	template_free(template);
	return rendered_text;
}

static const char *
rendered(const char *text, const char *enhanced)
{
	return rendered_with(text, enhanced, &values);
}

static const char *
rendered_sparse(const char *text)
{
	return rendered_with(text, NULL, &sparse);
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

/* What depends on a variable that has no value is not there, nor is a line of nothing else. */
static void
optional_parts_come_and_go(void **state)
{
	static const struct {
		const char *text, *with, *without;
	} rows[] = {
	    {"a%{?plan: of %{plan}}.", "554 a of fiber-dynamic.\r\n", "554 a.\r\n"},
	    {"a\n%{?hint:%{hint}.}\nz",
		"554-a\r\n554-use smtp.hint.example port 465 or 587.\r\n554 z\r\n",
		"554-a\r\n554 z\r\n"},
	    {"%{?hint:first}\nz", "554-first\r\n554 z\r\n", "554 z\r\n"},
	    {"a\n%{?hint:last}", "554-a\r\n554 last\r\n", "554 a\r\n"},
	    {"a\n%{?hint:b}\n%{?plan:c}", "554-a\r\n554-b\r\n554 c\r\n", "554 a\r\n"},
	    {"a\n%{?hint:b}\n%{?phase:c}", "554-a\r\n554-b\r\n554 c\r\n", "554-a\r\n554 c\r\n"},
	    {"a\n%{?phase:b}\n%{?hint:c}", "554-a\r\n554-b\r\n554 c\r\n", "554-a\r\n554 b\r\n"},
	    {"%{?plan:p} %{?hint:h}\nz", "554-p h\r\n554 z\r\n", "554 z\r\n"},
	    {"%{?phase:p}%{?hint:h}\nz", "554-ph\r\n554 z\r\n", "554-p\r\n554 z\r\n"},
	    {"z %{?hint:50%% of %{family}}}", "554 z 50% of IPv4}\r\n", "554 z }\r\n"},
	    {"%{?hint:}\nz", "554-\r\n554 z\r\n", "554 z\r\n"},
	    {"a}b", "554 a}b\r\n", "554 a}b\r\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_string_equal(rendered(rows[i].text, NULL), rows[i].with);
		assert_string_equal(rendered_sparse(rows[i].text), rows[i].without);
	}
	assert_string_equal(
	    rendered("a\n%{?hint:b}", "5.7.1"), "554-5.7.1 a\r\n554 5.7.1 b\r\n");
}

static void
the_point_is_the_last_line_that_is_there(void **state)
{
	struct template *template = a_template("one\n%{?hint:two}");
	struct text out;

	(void)state;
	text_init(&out, rendered_text, sizeof rendered_text);
	template_render_last(template, 503, "5.5.1", &values, &out);
	template_render_last(template, 503, NULL, &sparse, &out);
	assert_string_equal(rendered_text, "503 5.5.1 two\r\n503 one\r\n");
	template_free(template);
}

static void
only_the_last_line_where_that_is_asked(void **state)
{
	struct template *template = a_template("one\ntwo %{ref}");
	struct text out;

	(void)state;
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
	    {"one\ntwo %{help}",
		"line 2: there is no variable %{help}; there are %{hostname}, %{client}"},
	    {"%{Ref}", "line 1: there is no variable %{Ref}"},
	    {"%{}", "line 1: there is no variable %{}"},
	    {"one %{ref", "line 1: %{ without its }"},
	    {"one %{ref\n}", "line 1: %{ without its }"},
	    {"one\n%{?help:x}", "line 2: there is no variable %{help}; there are"},
	    {"one %{?hint}", "line 1: an optional part is written %{?variable:text}"},
	    {"one %{?hint:x", "line 1: %{?variable:text without its }"},
	    {"one %{?hint:%{hint", "line 1: %{ without its }"},
	    {"one %{?hint:x\n}", "line 1: %{?variable:text without its }"},
	    {"one %{?hint:%{?plan:x}}", "line 1: an optional part inside another one"},
	    {"%{?hint:x}\n  %{?plan:y}%{?ref:z}\n", "line 1: every line is optional"},
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lines_become_a_reply),
	    cmocka_unit_test(variables_are_put_in),
	    cmocka_unit_test(optional_parts_come_and_go),
	    cmocka_unit_test(the_point_is_the_last_line_that_is_there),
	    cmocka_unit_test(only_the_last_line_where_that_is_asked),
	    cmocka_unit_test(faults_are_named_with_their_line),
	    cmocka_unit_test(a_line_may_be_as_long_as_the_standard_says),
	    cmocka_unit_test(an_endless_line_is_too_long),
	    cmocka_unit_test(a_line_of_many_pieces_is_refused),
	    cmocka_unit_test(the_default_is_the_shipped_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
