/*
 * ctl/complaint.h on reports in each of its formats.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "ctl/complaint.h"

struct seen {
	char lines[1024];
	struct text text;
};

static void
note(void *argument, const struct complaint *complaint)
{
	struct seen *seen = argument;

	text_format(&seen->text, "%s ", complaint->format);
	address_format(&seen->text, &complaint->source);
	text_add_character(&seen->text, ' ');
	if (complaint->time_ms != 0)
		clock_format(&seen->text, complaint->time_ms);
	text_add_character(&seen->text, '\n');
}

static const struct {
	const char *name, *bytes;
	int count;
	unsigned unread;
	const char *lines; /* or what is wrong */
} rows[] = {
    {"a mail",
	"From: <abuse@example.net>\nDate: Thu, 8 Mar 2005 14:00:00 EDT\n"
	"Source-IP: 198.51.100.9\n\n--b\nContent-Type: message/feedback-report\n\n"
	"Feedback-Type: abuse\r\nUser-Agent: x\r\nsource-ip:\t203.0.113.5\r\n"
	"Arrival-Date: Mon, 5 Oct 2026 21:00:00 +0900\r\n\r\n--b\n"
	"Content-Type: message/rfc822\n\nSource-IP: 198.51.100.10\n",
	1, 0, "arf 203.0.113.5 2026-10-05T12:00:00.000Z\n"},
    {"a mail that does not say when", "Feedback-Type: fraud\nSource-IP: 2001:db8::5\n", 1, 0,
	"arf 2001:db8::5 \n"},
    {"a mail without an address", "Feedback-Type: fraud\nSource-IP: here\n", 0, 1, ""},
    {"XARF",
	"{\"xarf_version\":\"4.0.0\",\"source_identifier\":\"203.0.113.5\","
	"\"timestamp\":\"2026-10-05T12:00:00Z\",\"category\":\"messaging\"}",
	1, 0, "xarf 203.0.113.5 2026-10-05T12:00:00.000Z\n"},
    {"IntelMQ, one a line",
	"{\"source.ip\":\"203.0.113.5\",\"time.source\":\"2026-10-05T12:00:00+00:00\"}\n"
	"{\"source.ip\":\"203.0.113.6\"}\n{\"source.fqdn\":\"x.example\"}\n",
	2, 1, "intelmq 203.0.113.5 2026-10-05T12:00:00.000Z\nintelmq 203.0.113.6 \n"},
    {"an array", "  [{\"source.ip\":\"203.0.113.5\"},{\"source.ip\":7}]", 1, 1,
	"intelmq 203.0.113.5 \n"},
    {"broken JSON", "{\"source.ip\":\"203.0.113.5\"}\n{\"source", -1, 0, "line 1 of the JSON"},
    {"a mail of another kind", "Subject: hello\n\nSource-IP: 203.0.113.5\n", -1, 0, "neither"},
    {"nothing", "", -1, 0, "neither"},
};

static void
reports_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct seen seen;
		char buffer[512];
		struct text problem;
		unsigned unread;

		text_init(&seen.text, seen.lines, sizeof seen.lines);
		text_init(&problem, buffer, sizeof buffer);
		int count = complaint_read(
		    rows[i].bytes, strlen(rows[i].bytes), note, &seen, &unread, &problem);
		if (count != rows[i].count)
			fail_msg("%s: %d, %s", rows[i].name, count, problem.bytes);
		if (count == -1) {
			assert_non_null(strstr(problem.bytes, rows[i].lines));
			continue;
		}
		assert_int_equal(unread, rows[i].unread);
		assert_string_equal(seen.lines, rows[i].lines);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reports_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
