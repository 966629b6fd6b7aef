/*
 * The schema, the sample (conf/op25bd.conf) and the manual (op25bd.conf(5)) name the same keys
 * with the same defaults; and every row of the schema is what its type makes of it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <ctype.h>

#include "config/ini_line.h"
#include "config/schema.h"
#include "config/snapshot.h"
#include "config/value.h"
#include "config_fixture.h"

enum {
	KEYS_MAX = 128,
};

/* The lines of a file below srcdir, one by one. */
struct lines {
	FILE *file;
	char line[1024];
	unsigned number;
};

static void
lines_open(struct lines *lines, const char *name)
{
	const char *srcdir = getenv("srcdir");
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%s/%s", srcdir != NULL ? srcdir : ".", name);
	lines->file = fopen(path, "r");
	lines->number = 0;
	if (lines->file == NULL)
		fail_msg("%s: %s", path, strerror(errno));
}

static bool
lines_next(struct lines *lines)
{
	if (fgets(lines->line, sizeof lines->line, lines->file) == NULL) {
		fclose(lines->file);
		return false;
	}
	lines->line[strcspn(lines->line, "\n")] = '\0';
	lines->number++;
	return true;
}

/* The section of a header such as "plan NAME", or SCHEMA_SECTIONS. */
static enum schema_section
header_section(const char *header)
{
	char kind[64];

	snprintf(kind, sizeof kind, "%.*s", (int)strcspn(header, " "), header);
	return schema_find_section(kind);
}

static const struct schema_key *
known_key(enum schema_section section, const char *name, const char *file, unsigned line)
{
	const struct schema_key *key =
	    section == SCHEMA_SECTIONS ? NULL : schema_find_key(section, name);

	if (key == NULL)
		fail_msg("%s:%u: the schema has no key \"%s\" here", file, line, name);
	return key;
}

static void
expect_all(const bool *seen, const char *file)
{
	size_t count;
	const struct schema_key *keys = schema_keys(&count);

	for (size_t i = 0; i < count; i++)
		if (!seen[i])
			fail_msg("%s lacks [%s] %s", file, schema_section_name(keys[i].section),
			    keys[i].name);
}

static void
the_sample_shows_every_key_and_its_default(void **state)
{
	static const char file[] = "conf/op25bd.conf";
	enum schema_section section = SCHEMA_SECTIONS;
	struct lines lines;
	size_t count;
	const struct schema_key *keys = schema_keys(&count);
	bool seen[KEYS_MAX] = {false};
	bool example = false; /* a whole section that is commented out */

	(void)state;
	assert_in_range(count, 1, KEYS_MAX);
	for (lines_open(&lines, file); lines_next(&lines);) {
		bool commented = lines.line[0] == ';';
		struct ini_line line = ini_line_parse(lines.line + commented);
		char name[256], value[256];

		assert_int_not_equal(line.kind, INI_LINE_FAULT);
		snprintf(name, sizeof name, "%.*s", (int)line.name.length, line.name.start);
		snprintf(value, sizeof value, "%.*s", (int)line.value.length, line.value.start);
		if (line.kind == INI_LINE_SECTION) {
			section = header_section(name);
			example = commented;
		}
		if (line.kind != INI_LINE_ENTRY)
			continue;
		const struct schema_key *key = known_key(section, name, file, lines.number);
		seen[key - keys] = true;
		if (commented && !example &&
		    (key->initial == NULL || strcmp(key->initial, value) != 0))
			fail_msg("%s:%u: the default of %s is \"%s\"", file, lines.number, name,
			    key->initial == NULL ? "missing" : key->initial);
	}
	expect_all(seen, file);
}

/* What is found in the paragraph of one key. */
struct paragraph {
	const struct schema_key *key; /* NULL: between two */
	unsigned line;
	bool wait;    /* the line before was "Default:" */
	bool initial; /* the default is named */
	bool restart;
	bool required;
};

static void
paragraph_end(const struct paragraph *paragraph, const char *file)
{
	const struct schema_key *key = paragraph->key;

	if (key == NULL)
		return;
	if (paragraph->required != (key->initial == NULL))
		fail_msg("%s:%u: %s is required, or is not", file, paragraph->line, key->name);
	if (key->initial != NULL && !paragraph->initial)
		fail_msg("%s:%u: the default of %s is \"%s\"", file, paragraph->line, key->name,
		    key->initial);
	if (paragraph->restart != key->restart)
		fail_msg(
		    "%s:%u: %s needs a restart, or does not", file, paragraph->line, key->name);
}

/* "Default:" is followed by ".Cm VALUE .", or goes on with "empty". */
static void
paragraph_line(struct paragraph *paragraph, const char *line)
{
	const char *initial = paragraph->key->initial;
	size_t length = initial == NULL ? 0 : strlen(initial);

	if (length > 0 && paragraph->wait && strncmp(line, ".Cm ", 4) == 0 &&
	    strncmp(line + 4, initial, length) == 0 && line[4 + length] == ' ')
		paragraph->initial = true;
	if (initial != NULL && length == 0 && strncmp(line, "Default: empty", 14) == 0)
		paragraph->initial = true;
	paragraph->wait = strcmp(line, "Default:") == 0;
	paragraph->restart |= strncmp(line, "Needs a restart", 15) == 0;
	paragraph->required |= strcmp(line, "Required.") == 0;
}

static void
the_manual_describes_every_key_and_its_default(void **state)
{
	static const char file[] = "src/config/op25bd.conf.5";
	enum schema_section section = SCHEMA_SECTIONS;
	struct paragraph paragraph = {.key = NULL};
	struct lines lines;
	size_t count;
	const struct schema_key *keys = schema_keys(&count);
	bool seen[KEYS_MAX] = {false};

	(void)state;
	for (lines_open(&lines, file); lines_next(&lines);) {
		char name[256];

		if (strncmp(lines.line, ".Sh ", 4) == 0 ||
		    strncmp(lines.line, ".Ss ", 4) == 0) {
			paragraph_end(&paragraph, file);
			paragraph.key = NULL;
			section = SCHEMA_SECTIONS;
		}
		if (sscanf(lines.line, ".Ss [%255[^]]", name) == 1)
			section = header_section(name);
		else if (section != SCHEMA_SECTIONS &&
			 sscanf(lines.line, ".It Cm %255s", name) == 1) {
			paragraph_end(&paragraph, file);
			paragraph = (struct paragraph){
			    .key = known_key(section, name, file, lines.number),
			    .line = lines.number,
			};
			assert_false(seen[paragraph.key - keys]);
			seen[paragraph.key - keys] = true;
		} else if (paragraph.key != NULL)
			paragraph_line(&paragraph, lines.line);
	}
	expect_all(seen, file);
}

/* True when value is taken; the field of base then has it. */
static bool
taken(const struct schema_key *key, const char *value, struct arena *arena, void *base)
{
	char buffer[2048];
	struct text problem;

	text_init(&problem, buffer, sizeof buffer);
	bool result = value_parse(key, value, 1, arena, base, &problem) == 0;
	/* Whatever is refused is refused with a word of why, and whatever is not is not. */
	assert_int_equal(problem.length == 0, result);
	return result;
}

static void
bounds_are_allowed_and_what_is_past_them_is_not(void **state)
{
	struct snapshot *snapshot = snapshot_new("x");
	struct arena arena = {0};
	size_t count;
	const struct schema_key *keys = schema_keys(&count);
	char value[64];
	unsigned checked = 0;

	(void)state;
	assert_non_null(snapshot);
	for (size_t i = 0; i < count; i++) {
		static const char *const units[SCHEMA_TYPES] = {
		    [SCHEMA_COUNT] = "",
		    [SCHEMA_WORKERS] = "",
		    [SCHEMA_DURATION] = "ms",
		    [SCHEMA_SIZE] = "",
		};
		const char *unit = units[keys[i].type];

		if (unit == NULL)
			continue;
		for (int side = -1; side <= 1; side += 2) {
			int64_t bound = side == -1 ? keys[i].minimum : keys[i].maximum;

			snprintf(value, sizeof value, "%lld%s", (long long)bound, unit);
			assert_true(taken(&keys[i], value, &arena, snapshot));
			snprintf(value, sizeof value, "%lld%s", (long long)bound + side, unit);
			assert_false(taken(&keys[i], value, &arena, snapshot));
			checked++;
		}
	}
	assert_in_range(checked, 20, 200);
	arena_fini(&arena);
	snapshot_free(snapshot);
}

static void
rows_are_sound(void **state)
{
	union {
		struct snapshot snapshot;
		struct plan_settings plan;
		struct destination_settings destination;
		struct phase_settings phase;
		struct config_output output;
		struct config_hook hook;
	} base;
	struct arena arena = {0};
	char buffer[1024];
	struct text text;
	size_t count;
	const struct schema_key *keys = schema_keys(&count);

	(void)state;
	memset(&base, 0, sizeof base);
	for (size_t i = 0; i < count; i++) {
		const struct schema_key *key = &keys[i];

		assert_ptr_equal(schema_find_key(key->section, key->name), key);
		assert_true(key->reason != NULL && key->reason[0] != '\0');
		assert_true(i == 0 || keys[i - 1].section <= key->section);
		assert_true(!key->restart || !schema_section_named(key->section) ||
			    key->section == SCHEMA_OUTPUTS);
		assert_int_equal(key->choices != NULL, key->type == SCHEMA_CHOICE);
		for (const char *at = key->name; *at != '\0'; at++)
			assert_true(islower((unsigned char)*at) ||
				    isdigit((unsigned char)*at) || *at == '_');
		value_reset(key, &arena, &base);
		if (key->initial == NULL)
			continue;
		text_init(&text, buffer, sizeof buffer);
		value_format(key, &base, &text);
		assert_false(text.truncated);
		/* 60s and 1m, 120s and 2m are the same: compared as read. */
		assert_true(taken(key, text.bytes, &arena, &base));
		if (key->type != SCHEMA_DURATION)
			assert_string_equal(text.bytes, key->initial);
	}
	arena_fini(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_sample_shows_every_key_and_its_default),
	    cmocka_unit_test(the_manual_describes_every_key_and_its_default),
	    cmocka_unit_test(bounds_are_allowed_and_what_is_past_them_is_not),
	    cmocka_unit_test(rows_are_sound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
