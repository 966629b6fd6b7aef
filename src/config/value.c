/*
 * Values by type: what is not a number or a string, and the table that leads to each. Pure; any
 * thread.
 */
#include "config/value.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "config/config.h"
#include "config/ini.h"
#include "config/list.h"
#include "config/snapshot.h"
#include "config/value_number.h"
#include "config/value_string.h"
#include "config/words.h"

enum {
	PORT_SMTPS = 465,
	PORT_SUBMISSION = 587,
};

/*
 * Choices.
 */

/* "a, b or c"; that it may be empty needs no mention. */
static void
choice_list(const struct schema_choice *choices, struct text *out)
{
	const char *last = NULL;
	bool several = false;

	for (; choices->name != NULL; choices++) {
		if (choices->name[0] == '\0')
			continue;
		if (last != NULL) {
			text_format(out, "%s%s", several ? ", " : "", last);
			several = true;
		}
		last = choices->name;
	}
	text_format(out, "%s%s", several ? " or " : "", last);
}

static int
choice_parse(const struct schema_key *key, const char *value, void *field, struct text *problem)
{
	const struct schema_choice *choice = key->choices;
	struct guess guess;

	words_guess(&guess, value);
	while (choice->name != NULL && strcmp(choice->name, value) != 0) {
		if (choice->name[0] != '\0')
			words_offer(&guess, choice->name);
		choice++;
	}
	if (choice->name != NULL) {
		unsigned number = (unsigned)choice->value;

		memcpy(field, &number, sizeof number);
		return 0;
	}
	text_format(problem, "\"%s\" is not ", value);
	choice_list(key->choices, problem);
	if (guess.best != NULL)
		text_format(problem, "; did you mean %s?", guess.best);
	return -1;
}

static void
choice_format(const struct schema_key *key, const void *field, struct text *out)
{
	const struct schema_choice *choice = key->choices;
	unsigned number;

	memcpy(&number, field, sizeof number);
	while (choice->name != NULL && choice->value != (int)number)
		choice++;
	text_add_string(out, choice->name);
}

/*
 * Endpoints.
 */

static int
endpoint_check(const struct config_endpoints *before, const char *item,
    struct endpoint *endpoint, struct text *problem)
{
	if (endpoint_parse(item, endpoint) == -1) {
		text_format(problem,
		    "\"%s\" is not an address and port such as 127.0.0.1:10025 or [::1]:10025",
		    item);
		if (words_hold_submission_port(item))
			text_format(problem, "; ports %s", words_submission_reason());
		return -1;
	}
	if (endpoint->port == PORT_SMTPS || endpoint->port == PORT_SUBMISSION) {
		text_format(problem, "\"%s\": ports %s", item, words_submission_reason());
		return -1;
	}
	for (unsigned i = 0; i < before->count; i++)
		if (endpoint_equal(&before->list[i], endpoint)) {
			text_format(problem, "\"%s\" is listed twice", item);
			return -1;
		}
	return 0;
}

static int
endpoints_parse(
    const struct schema_key *key, const char *value, void *field, struct text *problem)
{
	struct config_endpoints endpoints = {.count = 0};
	char buffer[INI_LINE_MAX + 1];
	struct text item;

	text_init(&item, buffer, sizeof buffer);
	for (const char *cursor = value; list_next(&cursor, &item);) {
		if (endpoints.count == CONFIG_LISTEN_MAX) {
			text_format(problem, "has more than %d addresses", CONFIG_LISTEN_MAX);
			return -1;
		}
		if (endpoint_check(&endpoints, item.bytes, &endpoints.list[endpoints.count],
			problem) == -1)
			return -1;
		endpoints.count++;
	}
	if (endpoints.count < key->minimum) {
		text_add_string(problem, "must not be empty");
		return -1;
	}
	memcpy(field, &endpoints, sizeof endpoints);
	return 0;
}

static void
endpoints_format(const struct schema_key *key, const void *field, struct text *out)
{
	const struct config_endpoints *endpoints = field;

	(void)key;
	for (unsigned i = 0; i < endpoints->count; i++) {
		if (i > 0)
			text_add_string(out, ", ");
		endpoint_format(out, &endpoints->list[i]);
	}
}

/*
 * Strings and settings: copied as they are.
 */

static void
string_format(const struct schema_key *key, const void *field, struct text *out)
{
	const char *const *string = field;

	(void)key;
	text_add_string(out, *string);
}

static void
setting_format(const struct schema_key *key, const void *field, struct text *out)
{
	const struct setting *setting = field;

	(void)key;
	text_add_string(out, setting->value);
}

static int
setting_check(const struct schema_key *key, const char *value, struct text *problem)
{
	if (value[0] != '\0' || key->minimum == 0)
		return 0;
	text_add_string(problem, "must not be empty");
	return -1;
}

static int
file_check(const struct schema_key *key, const char *value, struct text *problem)
{
	if (value[0] == '@') {
		text_format(problem, "is the path itself: without the @, \"%s\"", value + 1);
		return -1;
	}
	if (strlen(value) <= (size_t)key->maximum)
		return 0;
	text_format(problem, "is longer than %lld characters", (long long)key->maximum);
	return -1;
}

enum keeping {
	KEPT_AS_VALUE,   /* parse sets the field */
	KEPT_AS_STRING,  /* check, then a copy */
	KEPT_AS_SETTING, /* check, then a copy and its line */
};

static const struct {
	enum keeping keeping;
	int (*parse)(
	    const struct schema_key *key, const char *value, void *field, struct text *problem);
	int (*check)(const struct schema_key *key, const char *value, struct text *problem);
	void (*format)(const struct schema_key *key, const void *field, struct text *out);
} types[] = {
    [SCHEMA_COUNT] = {KEPT_AS_VALUE, value_number_parse, NULL, value_number_format},
    [SCHEMA_POWER] = {KEPT_AS_VALUE, value_number_parse, NULL, value_number_format},
    [SCHEMA_WORKERS] = {KEPT_AS_VALUE, value_number_parse, NULL, value_number_format},
    [SCHEMA_DURATION] = {KEPT_AS_VALUE, value_number_parse, NULL, value_number_format},
    [SCHEMA_SIZE] = {KEPT_AS_VALUE, value_number_parse, NULL, value_number_format},
    [SCHEMA_SHARE] = {KEPT_AS_VALUE, value_number_parse, NULL, value_number_format},
    [SCHEMA_TIME] = {KEPT_AS_VALUE, value_number_parse, NULL, value_number_format},
    [SCHEMA_CHOICE] = {KEPT_AS_VALUE, choice_parse, NULL, choice_format},
    [SCHEMA_DOMAIN] = {KEPT_AS_STRING, NULL, value_string_check, string_format},
    [SCHEMA_DOMAINS] = {KEPT_AS_STRING, NULL, value_string_check, string_format},
    [SCHEMA_PHRASE] = {KEPT_AS_STRING, NULL, value_string_check, string_format},
    [SCHEMA_WORD] = {KEPT_AS_STRING, NULL, value_string_check, string_format},
    [SCHEMA_PATH] = {KEPT_AS_STRING, NULL, value_string_check, string_format},
    [SCHEMA_OUTPUT] = {KEPT_AS_STRING, NULL, value_string_check, string_format},
    [SCHEMA_URL] = {KEPT_AS_STRING, NULL, value_string_check, string_format},
    [SCHEMA_ENDPOINTS] = {KEPT_AS_VALUE, endpoints_parse, NULL, endpoints_format},
    [SCHEMA_NETWORKS] = {KEPT_AS_SETTING, NULL, setting_check, setting_format},
    [SCHEMA_CLASSES] = {KEPT_AS_SETTING, NULL, setting_check, setting_format},
    [SCHEMA_MESSAGE] = {KEPT_AS_SETTING, NULL, setting_check, setting_format},
    [SCHEMA_FILE] = {KEPT_AS_SETTING, NULL, file_check, setting_format},
};
_Static_assert(sizeof types / sizeof *types == SCHEMA_TYPES, "one row for each type");

static void
value_keep(const struct schema_key *key, struct setting setting, void *field)
{
	if (types[key->type].keeping == KEPT_AS_STRING)
		memcpy(field, &setting.value, sizeof setting.value);
	else if (types[key->type].keeping == KEPT_AS_SETTING)
		memcpy(field, &setting, sizeof setting);
}

int
value_parse(const struct schema_key *key, const char *value, unsigned line, struct arena *arena,
    void *base, struct text *problem)
{
	void *field = (char *)base + key->offset;

	if (types[key->type].keeping == KEPT_AS_VALUE)
		return types[key->type].parse(key, value, field, problem);
	if (types[key->type].check(key, value, problem) == -1)
		return -1;
	value_keep(key, (struct setting){arena_copy_string(arena, value), line}, field);
	return 0;
}

void
value_reset(const struct schema_key *key, struct arena *arena, void *base)
{
	char buffer[256];
	struct text problem;

	text_init(&problem, buffer, sizeof buffer);
	if (key->initial == NULL)
		value_keep(key, (struct setting){"", 0}, (char *)base + key->offset);
	else if (value_parse(key, key->initial, 0, arena, base, &problem) == -1)
		abort(); /* a row of the schema that can not be */
}

void
value_format(const struct schema_key *key, const void *base, struct text *out)
{
	types[key->type].format(key, (const char *)base + key->offset, out);
}
