/*
 * Verbs: what is one, and what only looks like one.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "smtp/command.h"

static void
verbs_are_recognised_whatever_their_case(void **state)
{
	static const struct {
		const char *line;
		size_t length;
		enum command command;
	} rows[] = {
	    {"EHLO", 4, COMMAND_EHLO},
	    {"ehlo client", 10, COMMAND_EHLO},
	    {"HELO\r", 5, COMMAND_HELO},
	    {"MAIL FROM:", 10, COMMAND_MAIL},
	    {"rcpt to:<b", 10, COMMAND_RCPT},
	    {"DATA", 4, COMMAND_DATA},
	    {"BDAT 10 LA", 10, COMMAND_BDAT},
	    {"RSET", 4, COMMAND_RSET},
	    {"NOOP", 4, COMMAND_NOOP},
	    {"Quit ", 5, COMMAND_QUIT},
	    {"VRFY a", 6, COMMAND_VRFY},
	    {"EXPN a", 6, COMMAND_EXPN},
	    {"HELP", 4, COMMAND_HELP},
	    {"AUTH PLAIN", 10, COMMAND_AUTH},
	    {"STARTTLS", 8, COMMAND_STARTTLS},
	    {"STARTTLS\r", 9, COMMAND_STARTTLS},
	    {"STARTTLS x", COMMAND_VERB_SIZE, COMMAND_STARTTLS},
	    {"", 0, COMMAND_OTHER},
	    {"\r", 1, COMMAND_OTHER},
	    {"QUITE", 5, COMMAND_OTHER},
	    {"QUI", 3, COMMAND_OTHER},
	    {" QUIT", 5, COMMAND_OTHER},
	    {"QUIT\0", 5, COMMAND_OTHER},
	    {"QUIT\t", 5, COMMAND_OTHER},
	    {"QUIT\rx", 6, COMMAND_OTHER},
	    {"STARTTLSX", 9, COMMAND_OTHER},
	    {"STARTTLS\rx", COMMAND_VERB_SIZE, COMMAND_OTHER},
	    {"MAIL:", 5, COMMAND_OTHER},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(
		    command_recognise(rows[i].line, rows[i].length), rows[i].command);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(verbs_are_recognised_whatever_their_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
