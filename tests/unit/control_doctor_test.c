/*
 * What the doctor says of a clock: the one thing that the laboratory can not break.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "control/doctor_checks.h"

static void
expect(bool synchronised, enum doctor_level level, const char *words)
{
	char *said = NULL;
	size_t size;
	struct doctor doctor = {.out = open_memstream(&said, &size), .check = "clock"};

	assert_non_null(doctor.out);
	doctor_judge_clock(&doctor, synchronised);
	assert_int_equal(fclose(doctor.out), 0);
	assert_int_equal(doctor.worst, level);
	if (strstr(said, words) == NULL)
		fail_msg("\"%s\" is not in: %s", words, said);
	free(said);
}

static void
test_clock(void **state)
{
	(void)state;
	expect(true, DOCTOR_OK, "ok   clock        synchronised\n");
	expect(false, DOCTOR_WARN, "; timedatectl set-ntp true\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_clock)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
