/*
 * The texts below conf/messages keep what real clients need (the measurements are in Messages
 * of op25bd.conf(5)): few and short lines even where every variable is as long as it gets, and
 * the point in whichever line is the only one that is shown.
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

enum {
	LINES_MOST = 5,
	COLUMNS_MOST = 99,
};

static const char *const names[] = {
    "default.txt", "carriers.txt", "static-ipv6.txt", "own-server.txt", "one-line.txt"};

/* Of each the longest that a subscriber is likely to meet. */
static const struct template_values longest = {{
    [TEMPLATE_HOSTNAME] = "op25b.isp.example",
    [TEMPLATE_CLIENT] = "2001:db8:100:1234:5678:9abc:def0:1234",
    [TEMPLATE_DESTINATION] = "2001:db8:200:1234:5678:9abc:def0:1234",
    [TEMPLATE_PLAN] = "static-residential-fiber",
    [TEMPLATE_URL] = "https://isp.example/op25b",
    [TEMPLATE_REF] = "WWWWWWWW",
    [TEMPLATE_HINT] = "use wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww port 465 or 587",
    [TEMPLATE_FAMILY] = "IPv6",
    [TEMPLATE_PHASE] = "carriers-and-friends",
}};

static const struct template_values shortest = {{
    [TEMPLATE_HOSTNAME] = "op25b.isp.example",
    [TEMPLATE_CLIENT] = "192.0.2.1",
    [TEMPLATE_DESTINATION] = "192.0.2.2",
    [TEMPLATE_PLAN] = "",
    [TEMPLATE_URL] = "https://isp.example/op25b",
    [TEMPLATE_REF] = "WWWWWWWW",
    [TEMPLATE_HINT] = "",
    [TEMPLATE_FAMILY] = "IPv4",
    [TEMPLATE_PHASE] = "",
}};

static struct template *
load(const char *name)
{
	const char *srcdir = getenv("srcdir");
	char path[4096], text[4096], fault[256];
	struct text problem;

	snprintf(path, sizeof path, "%s/conf/messages/%s", srcdir == NULL ? "." : srcdir, name);
	FILE *file = fopen(path, "r");
	if (file == NULL)
		fail_msg("cannot open %s", path);
	text[fread(text, 1, sizeof text - 1, file)] = '\0';
	fclose(file);
	text_init(&problem, fault, sizeof fault);
	struct template *template = template_new(text, 554, &longest, &problem);
	if (template == NULL)
		fail_msg("%s: %s", name, fault);
	return template;
}

static void
point_is_made(const char *name, const char *line)
{
	if (strstr(line, "25") == NULL || strstr(line, "587") == NULL ||
	    strstr(line, "465") == NULL)
		fail_msg("%s: the ports are not in \"%s\"", name, line);
}

static void
measure(const char *name, const struct template *template, const struct template_values *values)
{
	char reply[8192];
	struct text out;
	unsigned count = 0;

	text_init(&out, reply, sizeof reply);
	template_render_greeting(template, values, &out);
	for (char *line = reply, *next; *line != '\0'; line = next) {
		char *end = strstr(line, "\r\n");

		assert_non_null(end);
		*end = '\0';
		next = end + 2;
		if (end - line > COLUMNS_MOST)
			fail_msg("%s: %td columns: %s", name, end - line, line);
		assert_int_equal(line[3], *next == '\0' ? ' ' : '-');
		if (count++ == 0 || *next == '\0')
			point_is_made(name, line);
		if (*next == '\0' && strstr(line, "https://isp.example/op25b") == NULL)
			fail_msg("%s: the URL is not in \"%s\"", name, line);
	}
	assert_in_range(count, 1, LINES_MOST);
}

static void
every_text_is_short_and_to_the_point(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct template *template = load(names[i]);

		measure(names[i], template, &longest);
		measure(names[i], template, &shortest);
		template_free(template);
	}
}

/* The box names itself first: nobody is to take it for the destination. */
static void
every_text_begins_with_our_name(void **state)
{
	char reply[8192];

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct template *template = load(names[i]);
		struct text out;

		text_init(&out, reply, sizeof reply);
		template_render_greeting(template, &longest, &out);
		assert_int_equal(strncmp(reply + 4, "op25b.isp.example ", 18), 0);
		template_free(template);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_text_is_short_and_to_the_point),
	    cmocka_unit_test(every_text_begins_with_our_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
