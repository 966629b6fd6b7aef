/*
 * What is kept of a dialogue: names and domains, however the octets are cut; and that nothing
 * else is, wherever it stands.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "smtp/capture.h"

/* Lines, with their LF, in pieces of so many octets. */
static struct capture
heard(const char *lines, bool domains, size_t piece)
{
	struct capture capture;

	capture_init(&capture, domains);
	while (*lines != '\0') {
		size_t length = strcspn(lines, "\n");

		for (size_t at = 0; at < length; at += piece)
			capture_octets(
			    &capture, lines + at, piece < length - at ? piece : length - at);
		if (lines[length] == '\n')
			capture_line(&capture, command_recognise(lines, length));
		lines += length + (lines[length] == '\n');
	}
	return capture;
}

static void
expect_kept(const char *lines, const char *greeting, const char *sender, const char *recipient)
{
	for (size_t piece = 1; piece < 100; piece += 9) {
		struct capture capture = heard(lines, true, piece);

		assert_string_equal(capture_item(&capture, CAPTURE_GREETING), greeting);
		assert_string_equal(capture_item(&capture, CAPTURE_SENDER), sender);
		assert_string_equal(capture_item(&capture, CAPTURE_RECIPIENT), recipient);
		assert_false(
		    memmem(&capture, sizeof capture, "s3cret", strlen("s3cret")) != NULL);
	}
}

#define LABEL32 "a23456789012345678901234567890.b"

static void
names_and_domains(void **state)
{
	(void)state;
	expect_kept("EHLO mail.isp.example\r\nMAIL FROM:<s3cret@a.example> SIZE=5\r\n"
		    "RCPT TO:<s3cret@b.example>\r\n",
	    "mail.isp.example", "a.example", "b.example");
	expect_kept("helo  x\nmail from:<s3cret@A.example>\nrcpt to: s3cret@b\n", "x",
	    "A.example", "b");
	expect_kept("EHLO [IPv6:2001:db8::1]\r\nMAIL FROM:<>\r\n"
		    "RCPT TO:<s3cret@[IPv6:2001:db8::25]>\r\n",
	    "[IPv6:2001:db8::1]", "", "[IPv6:2001:db8::25]");
	expect_kept("EHLO \r\nEHLO\r\nEHLO second\r\nEHLO third\r\n", "second", "", "");
	expect_kept("EHLO a\x01\xff\"b trailing s3cret\r\n", "a??\"b", "", "");
	expect_kept("MAIL FROM:<s3cret@a.example>\r\nRSET\r\nMAIL FROM:<s3cret@c.example>\r\n"
		    "RCPT TO:<s3cret@b.example>\r\nRCPT TO:<s3cret@d.example>\r\n",
	    "", "a.example", "b.example");
}

static void
local_parts_of_every_shape(void **state)
{
	(void)state;
	expect_kept("MAIL FROM:<\"s3cret@x>\\\"@y\"@a.example>\r\n", "", "a.example", "");
	expect_kept("MAIL FROM:<@relay.example,@r2.example:s3cret@a.example>\r\n"
		    "RCPT TO:<@relay.example:s3cret>\r\n",
	    "", "a.example", "");
	expect_kept("MAIL FROM:<s3cret>\r\nRCPT TO:s3cret\r\n", "", "", "");
	expect_kept("MAIL FROM:<s3cret@host@a.example>\r\n", "", "a.example", "");
	expect_kept("MAIL FROM:<\"s3cret@a.example>\r\n", "", "", "");
	expect_kept("MAIL FROM:<a@b!s3cret>\r\nRCPT TO:<a@b%s3cret>\r\n", "", "", "");
	expect_kept("MAIL FROM:<a@" LABEL32 LABEL32 ">\r\n", "", "", ""); /* too long */
	expect_kept("EHLO " LABEL32 LABEL32 "\r\n",
	    "a23456789012345678901234567890.ba23456789012345678901234567890.", "", "");
}

/* The text of a message may look like commands, and so may a password. */
static void
what_is_behind_auth_and_data(void **state)
{
	(void)state;
	expect_kept("DATA\r\nEHLO s3cret\r\nMAIL FROM:<a@s3cret>\r\n", "", "", "");
	expect_kept("BDAT 20 LAST\r\nHELO s3cret\r\n", "", "", "");
	expect_kept("EHLO a\r\nAUTH LOGIN\r\nMAIL s3cret@s3cret\r\nRCPT s3cret@s3cret\r\n", "a",
	    "", "");
	expect_kept("AUTH PLAIN s3cret@s3cret\r\n", "", "", "");
	expect_kept("EHLOs3cret\r\nHELP s3cret\r\nVRFY s3cret@a.example\r\n", "", "", "");
}

static void
a_line_without_its_end_does_not_count(void **state)
{
	struct capture capture = heard("EHLO half", true, 3);

	(void)state;
	assert_string_equal(capture_item(&capture, CAPTURE_GREETING), "");
}

static void
domains_only_where_wanted(void **state)
{
	struct capture capture =
	    heard("EHLO a\r\nMAIL FROM:<x@a.example>\r\nRCPT TO:<x@b.example>\r\n", false, 7);

	(void)state;
	assert_string_equal(capture_item(&capture, CAPTURE_GREETING), "a");
	assert_string_equal(capture_item(&capture, CAPTURE_SENDER), "");
	assert_null(memmem(&capture, sizeof capture, "example", strlen("example")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_and_domains),
	    cmocka_unit_test(local_parts_of_every_shape),
	    cmocka_unit_test(what_is_behind_auth_and_data),
	    cmocka_unit_test(a_line_without_its_end_does_not_count),
	    cmocka_unit_test(domains_only_where_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
