/*
 * The notations of numbers, one row of a table for each type. Pure; any thread.
 */
#include "config/value_number.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/duration.h"

static const char digits[] = "0123456789";

/* A whole number of at most 18 digits, so that it can not overflow; *end is behind it. */
static int
read_digits(const char *value, int64_t *number, const char **end)
{
	size_t length = strspn(value, digits);

	if (length == 0 || length > 18)
		return -1;
	*number = (int64_t)strtoll(value, NULL, 10);
	*end = value + length;
	return 0;
}

static int
read_count(const char *value, int64_t *number)
{
	const char *end;

	return read_digits(value, number, &end) == -1 || *end != '\0' ? -1 : 0;
}

static int
read_power(const char *value, int64_t *number)
{
	return read_count(value, number) == -1 || (*number & (*number - 1)) != 0 ? -1 : 0;
}

static int
read_workers(const char *value, int64_t *number)
{
	if (strcmp(value, "auto") == 0) {
		*number = 0;
		return 0;
	}
	/* 0 is what auto is kept as, not a number of workers. */
	return read_count(value, number) == -1 || *number == 0 ? -1 : 0;
}

/* "512", "64k" or "1m", of 1,024. */
static int
read_size(const char *value, int64_t *number)
{
	const char *end;

	if (read_digits(value, number, &end) == -1 || *number > INT64_MAX >> 20)
		return -1;
	if (strcmp(end, "k") == 0)
		*number <<= 10;
	else if (strcmp(end, "m") == 0)
		*number <<= 20;
	else if (*end != '\0')
		return -1;
	return 0;
}

/* "100%", "0.5%", "0.05%", in hundredths. */
static int
read_share(const char *value, int64_t *number)
{
	const char *end;

	if (read_digits(value, number, &end) == -1 || *number > 100)
		return -1;
	*number *= 100;
	if (*end == '.') {
		size_t length = strspn(++end, digits);

		if (length != 1 && length != 2)
			return -1;
		*number += (end[0] - '0') * 10 + (length == 2 ? end[1] - '0' : 0);
		end += length;
	}
	return strcmp(end, "%") == 0 ? 0 : -1;
}

static void
write_count(struct text *out, int64_t number)
{
	text_add_unsigned(out, (uint64_t)number);
}

static void
write_workers(struct text *out, int64_t number)
{
	if (number == 0)
		text_add_string(out, "auto");
	else
		write_count(out, number);
}

static void
write_size(struct text *out, int64_t number)
{
	unsigned shift = number % (1 << 20) == 0 ? 20 : number % (1 << 10) == 0 ? 10 : 0;

	text_add_unsigned(out, (uint64_t)number >> shift);
	text_add_string(out, shift == 20 ? "m" : shift == 10 ? "k" : "");
}

static void
write_share(struct text *out, int64_t number)
{
	text_add_unsigned(out, (uint64_t)number / 100);
	if (number % 10 != 0)
		text_format(out, ".%02u", (unsigned)(number % 100));
	else if (number % 100 != 0)
		text_format(out, ".%u", (unsigned)(number % 100) / 10);
	text_add_character(out, '%');
}

/* How each kind of number is read, written, named in a message, and kept. */
static const struct number_type {
	int (*read)(const char *value, int64_t *number);
	void (*write)(struct text *out, int64_t number);
	const char *noun;
	size_t size; /* of the field, in octets */
} number_types[SCHEMA_TYPES] = {
    [SCHEMA_COUNT] = {read_count, write_count, "a whole number", sizeof(unsigned)},
    [SCHEMA_POWER] = {read_power, write_count, "a power of two", sizeof(unsigned)},
    [SCHEMA_WORKERS] = {read_workers, write_workers, "auto or a whole number",
	sizeof(unsigned)},
    [SCHEMA_DURATION] = {duration_parse, duration_format,
	"a duration (a number and one of ms, s, m, h, d)", sizeof(int64_t)},
    [SCHEMA_SIZE] = {read_size, write_size, "a size (octets, or a number and k or m)",
	sizeof(size_t)},
    [SCHEMA_SHARE] = {read_share, write_share, "a percentage (such as 100% or 0.5%)",
	sizeof(uint16_t)},
    [SCHEMA_TIME] = {clock_parse, clock_format,
	"a time with its offset from UTC, such as 2005-10-18T00:00:00+09:00", sizeof(int64_t)},
};

static void
number_store(const struct number_type *type, int64_t number, void *field)
{
	uint16_t narrow = (uint16_t)number;
	uint32_t middle = (uint32_t)number;

	if (type->size == sizeof narrow)
		memcpy(field, &narrow, sizeof narrow);
	else if (type->size == sizeof middle)
		memcpy(field, &middle, sizeof middle);
	else
		memcpy(field, &number, sizeof number);
}

static int64_t
number_fetch(const struct number_type *type, const void *field)
{
	uint16_t narrow;
	uint32_t middle;
	int64_t number;

	if (type->size == sizeof narrow) {
		memcpy(&narrow, field, sizeof narrow);
		return narrow;
	}
	if (type->size == sizeof middle) {
		memcpy(&middle, field, sizeof middle);
		return middle;
	}
	memcpy(&number, field, sizeof number);
	return number;
}

int
value_number_parse(
    const struct schema_key *key, const char *value, void *field, struct text *problem)
{
	const struct number_type *type = &number_types[key->type];
	bool bounded = key->maximum > 0;
	bool automatic = key->type == SCHEMA_WORKERS && strcmp(value, "auto") == 0;
	int64_t number;

	if (type->read(value, &number) == 0 &&
	    (!bounded || automatic || (number >= key->minimum && number <= key->maximum))) {
		number_store(type, number, field);
		return 0;
	}
	text_format(problem, "\"%s\" is not %s", value, type->noun);
	if (bounded) {
		text_add_string(problem, " from ");
		type->write(problem, key->minimum);
		text_add_string(problem, " to ");
		type->write(problem, key->maximum);
		text_format(problem, ": %s", key->reason);
	}
	return -1;
}

void
value_number_format(const struct schema_key *key, const void *field, struct text *out)
{
	const struct number_type *type = &number_types[key->type];

	type->write(out, number_fetch(type, field));
}
