/*
 * What the doctor says of a clock: the one thing that the laboratory can not break.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "control/doctor_checks.h"

struct said {
	enum doctor_level level;
	char text[512];
};

static void
keep(void *argument, enum doctor_level level, const char *check, const char *text)
{
	struct said *said = argument;

	assert_string_equal(check, "clock");
	said->level = level;
	snprintf(said->text, sizeof said->text, "%s", text);
}

static void
expect(bool synchronised, enum doctor_level level, const char *words)
{
	struct said said = {.level = DOCTOR_OK};
	struct doctor doctor = {.finding = keep, .argument = &said, .check = "clock"};

	doctor_judge_clock(&doctor, synchronised);
	assert_int_equal(doctor.worst, level);
	assert_int_equal(said.level, level);
	if (strstr(said.text, words) == NULL)
		fail_msg("\"%s\" is not in: %s", words, said.text);
}

static void
test_clock(void **state)
{
	(void)state;
	expect(true, DOCTOR_OK, "synchronised");
	expect(false, DOCTOR_WARN, "; timedatectl set-ntp true");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_clock)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
