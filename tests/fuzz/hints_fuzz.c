/*
 * A hints file, line by line as the configuration reads it, and a name out of the DNS: the
 * octets up to the first NUL are rows, those behind it the name. Rows are taken or refused with
 * a reason; whatever the pattern and the name are, the match comes to an end, and what is said
 * fits its place and stays on its line.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "policy/hints.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool holds)
{
	if (!holds)
		abort();
}

static void
check_sentence(const struct hint *hint)
{
	char said[HINTS_TEXT_SIZE];
	struct text text;

	check(strlen(hint->pattern) <= HINTS_PATTERN_MAX);
	check(hint->smtps || hint->submission_port);
	for (int same = 0; same < 2; same++) {
		text_init(&text, said, sizeof said);
		hint_format(&text, hint, same == 1);
		check(!text.truncated && text.length > 0);
		for (size_t i = 0; i < text.length; i++)
			check(said[i] >= ' ' && said[i] <= '~');
	}
}

static void
add_rows(struct hints *hints, char *rows, size_t *taken)
{
	char fault[256], *rest = rows;
	unsigned line = 0;

	for (char *row; (row = strsep(&rest, "\n")) != NULL;) {
		struct text problem;

		text_init(&problem, fault, sizeof fault);
		if (row[0] == '\0' || row[0] == '#')
			continue;
		if (hints_add(hints, row, (struct origin){.file = "fuzz", .line = ++line},
			&problem) == 0)
			(*taken)++;
		else
			check(problem.length > 0);
	}
}

/* As the resolver hands it over: lower case, and not longer than a name can be. */
static void
check_name(const struct hints *hints, const char *octets, size_t size)
{
	char name[HINTS_NAME_MAX + 1];
	bool gave_up = false;
	size_t length = strnlen(octets, size < HINTS_NAME_MAX ? size : HINTS_NAME_MAX);

	for (size_t i = 0; i < length; i++)
		name[i] = (char)tolower((unsigned char)octets[i]);
	name[length] = '\0';
	const struct hint *any = hints_match(hints, name, HINTS_CHECK, &gave_up);
	const struct hint *sure = hints_match(hints, name, HINTS_PROVIDER, &gave_up);
	check(sure == NULL || any != NULL);
	check(sure == NULL || sure->sure == HINTS_PROVIDER);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t rows = strnlen((const char *)data, size), taken = 0;
	char *copy = strndup((const char *)data, rows), fault[256];
	struct hints *hints = hints_new();
	struct text problem;

	check(copy != NULL && hints != NULL);
	text_init(&problem, fault, sizeof fault);
	add_rows(hints, copy, &taken);
	check(hints_count(hints) == taken);
	if (hints_seal(hints, &problem) == 0) {
		for (size_t i = 0; i < hints_count(hints); i++)
			check_sentence(hints_row(hints, i));
		if (rows < size)
			check_name(hints, (const char *)data + rows + 1, size - rows - 1);
	} else {
		check(problem.length > 0);
	}
	hints_free(hints);
	free(copy);
	return 0;
}
