/*
 * The reasons for an end are a closed list: names are unique, and op25bd(8) has each of them.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/close_reason.h"

static char *
read_manual(void)
{
	const char *srcdir = getenv("srcdir");
	char path[4096];
	size_t size = 65536;
	char *manual = malloc(size);

	snprintf(path, sizeof path, "%s/src/daemon/op25bd.8", srcdir == NULL ? "." : srcdir);
	FILE *file = fopen(path, "r");
	if (file == NULL)
		fail_msg("cannot open %s", path);
	assert_non_null(manual);
	size_t length = fread(manual, 1, size - 1, file);
	manual[length] = '\0';
	fclose(file);
	return manual;
}

static void
the_manual_has_every_reason(void **state)
{
	char *manual = read_manual();

	(void)state;
	for (unsigned i = 0; i < CLOSE_REASONS; i++) {
		char item[64];

		snprintf(
		    item, sizeof item, "\n.It %s\n", close_reason_name((enum close_reason)i));
		if (strstr(manual, item) == NULL)
			fail_msg("op25bd.8 does not describe %s",
			    close_reason_name((enum close_reason)i));
	}
	free(manual);
}

static void
names_are_unique(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CLOSE_REASONS; i++)
		for (unsigned j = 0; j < i; j++)
			assert_string_not_equal(close_reason_name((enum close_reason)i),
			    close_reason_name((enum close_reason)j));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_manual_has_every_reason),
	    cmocka_unit_test(names_are_unique),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
