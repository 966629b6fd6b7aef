/*
 * Frames of RELP: what we say octet for octet, and what a server says, however it arrives and
 * whatever it is.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "events/relp.h"

static void
frames_are_as_the_protocol_wants_them(void **state)
{
	char buffer[256];
	struct text out;

	(void)state;
	text_init(&out, buffer, sizeof buffer);
	relp_add_open(&out);
	assert_string_equal(
	    buffer, "1 open 51 relp_version=0\nrelp_software=op25bd\ncommands=syslog\n");
	text_clear(&out);
	relp_add_syslog(&out, 999999999, "<1>1 - x", 8);
	assert_string_equal(buffer, "999999999 syslog 8 <1>1 - x\n");
	assert_int_equal(relp_next(1), 2);
	assert_int_equal(relp_next(999999999), 1);
}

/* Octet by octet: nothing is taken before all of it is there. */
static void
an_answer_may_come_in_pieces(void **state)
{
	static const char answer[] = "17 rsp 6 200 OK\n18 rsp";
	size_t whole = strcspn(answer, "\n") + 1;
	struct relp_frame frame;

	(void)state;
	for (size_t length = 0; length < whole; length++)
		assert_int_equal(relp_read(answer, length, &frame), 0);
	assert_int_equal(relp_read(answer, sizeof answer - 1, &frame), whole);
	assert_int_equal(frame.transaction, 17);
	assert_string_equal(frame.command, "rsp");
	assert_int_equal(frame.length, 6);
	assert_int_equal(relp_status(&frame), 200);
}

static void
status_of(const char *answer, unsigned expected)
{
	struct relp_frame frame;

	assert_int_equal(relp_read(answer, strlen(answer), &frame), strlen(answer));
	assert_int_equal(relp_status(&frame), expected);
}

static void
answers_have_a_status(void **state)
{
	(void)state;
	status_of("1 rsp 93 200 OK\nrelp_version=0\nrelp_software=librelp,1.11.0,"
		  "http://librelp.adiscon.com\ncommands=syslog\n",
	    200);
	status_of("2 rsp 13 500 any error\n", 500);
	status_of("2 rsp 2 OK\n", 0);
	status_of("2 rsp 3 2x0\n", 0);
	status_of("0 serverclose 0\n", 0);
}

static void
nonsense_is_told_from_what_is_unfinished(void **state)
{
	static const char *const nonsense[] = {
	    "2 rsp 6 200 OK!",      /* longer than it said */
	    "2 rsp 99999 200 OK\n", /* longer than we take */
	    "HTTP/1.1 400 Bad Request\r\nServer: something else, and so on\r\n\r\n",
	    "1234567890123456789012345678901234567890123456789012345678901234567890",
	    "2 aCommandThatIsLongerThanThirtyTwoOctets 6 200 OK\n and so on and so on",
	};
	struct relp_frame frame;

	(void)state;
	for (size_t i = 0; i < sizeof nonsense / sizeof *nonsense; i++)
		assert_int_equal(relp_read(nonsense[i], strlen(nonsense[i]), &frame), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(frames_are_as_the_protocol_wants_them),
	    cmocka_unit_test(an_answer_may_come_in_pieces),
	    cmocka_unit_test(answers_have_a_status),
	    cmocka_unit_test(nonsense_is_told_from_what_is_unfinished),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
