/*
 * Durations in the notation of the configuration file. Pure; any thread.
 */
#include "base/duration.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* From the smallest unit to the largest. */
static const struct {
	const char *name;
	int64_t ms;
} units[] = {
    {"ms", 1},
    {"s", 1000},
    {"m", 60 * 1000},
    {"h", 60 * 60 * 1000},
    {"d", 24 * 60 * 60 * 1000},
};

enum {
	UNITS = sizeof units / sizeof *units,
};

/* 100 years: past any use, and far from overflow when added to a clock. */
static const int64_t duration_max_ms = INT64_C(100) * 366 * 24 * 60 * 60 * 1000;

static int64_t
duration_unit_ms(const char *name)
{
	for (size_t i = 0; i < UNITS; i++)
		if (strcmp(name, units[i].name) == 0)
			return units[i].ms;
	return 0;
}

int
duration_parse(const char *string, int64_t *ms)
{
	char *end;

	if (!isdigit((unsigned char)string[0])) {
		errno = EINVAL;
		return -1;
	}
	errno = 0;
	unsigned long long number = strtoull(string, &end, 10);
	int64_t unit_ms = duration_unit_ms(end);
	if (unit_ms == 0) {
		errno = EINVAL;
		return -1;
	}
	if (errno == ERANGE || number > (unsigned long long)(duration_max_ms / unit_ms)) {
		errno = ERANGE;
		return -1;
	}
	*ms = (int64_t)number * unit_ms;
	return 0;
}

void
duration_format(struct text *text, int64_t ms)
{
	size_t unit = UNITS - 1;

	while (unit > 0 && (ms == 0 ? units[unit].ms != 1000 : ms % units[unit].ms != 0))
		unit--;
	text_add_unsigned(text, (uint64_t)(ms / units[unit].ms));
	text_add_string(text, units[unit].name);
}
