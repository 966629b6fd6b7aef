/*
 * "Did you mean", and numbers in running text.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "config/words.h"

static void
the_word_that_was_meant_is_found(void **state)
{
	static const char *const known[] = {"hostname", "listen", "workers", "user", "url",
	    "max_connections", "max_connections_per_source"};
	static const struct {
		const char *word, *meant; /* NULL: nothing is near enough */
	} rows[] = {
	    {"hostnam", "hostname"},
	    {"HOSTNAME", "hostname"},
	    {"wrokers", "workers"},
	    {"lsiten", "listen"},
	    {"usr", "user"},
	    {"ulr", "url"},
	    {"max_conections", "max_connections"},
	    {"max-connections-per-source", "max_connections_per_source"},
	    {"max_connection", "max_connections"},
	    {"abc", NULL},
	    {"banana", NULL},
	    {"", NULL},
	};
	char endless[1000];
	struct guess guess;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		words_guess(&guess, rows[i].word);
		for (size_t k = 0; k < sizeof known / sizeof *known; k++)
			words_offer(&guess, known[k]);
		if (rows[i].meant == NULL)
			assert_null(guess.best);
		else
			assert_string_equal(guess.best, rows[i].meant);
	}
	memset(endless, 'x', sizeof endless - 1);
	endless[sizeof endless - 1] = '\0';
	words_guess(&guess, endless);
	words_offer(&guess, endless);
	assert_null(guess.best);
}

static void
numbers_stand_alone(void **state)
{
	(void)state;
	assert_true(words_hold_number("25", "25"));
	assert_true(words_hold_number("port 25, or 26", "25"));
	assert_true(words_hold_number("tcp25", "25"));
	assert_true(words_hold_number("252, 25.", "25"));
	assert_false(words_hold_number("2525", "25"));
	assert_false(words_hold_number("250 or 125", "25"));
	assert_false(words_hold_number("", "25"));
	assert_true(words_hold_submission_port("127.0.0.1:465"));
	assert_true(words_hold_submission_port("[::1]:587"));
	assert_false(words_hold_submission_port("[::4650]:5870"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_word_that_was_meant_is_found),
	    cmocka_unit_test(numbers_stand_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
