/*
 * The configuration file by way of iniparser. It is given what the scan found well formed and
 * unique, from memory, so that both have seen the same octets and one bad line does not hide
 * the problems of all others. Main thread: iniparser's error callback belongs to the process.
 */
#include "config/ini.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(HAVE_INIPARSER_H) && !defined(HAVE_INIPARSER_INIPARSER_H)
#include <iniparser.h>
#else
#include <iniparser/iniparser.h>
#endif

#include "config/file.h"
#include "config/ini_scan.h"

/* The scan has said better what iniparser would say. */
static int PRINTF(1, 2) silent(const char *format, ...)
{
	(void)format;
	return 0;
}

static dictionary *
ini_dictionary(const struct ini_scan *scan)
{
	char path[64];
	int fd = memfd_create("op25bd.conf", MFD_CLOEXEC);
	FILE *file = fd == -1 ? NULL : fdopen(fd, "w");
	dictionary *values = NULL;

	if (file == NULL) {
		if (fd != -1)
			close(fd);
		return NULL;
	}
	for (size_t s = 0; s < scan->ini->section_count; s++) {
		const struct ini_section *section = &scan->ini->sections[s];

		fprintf(file, "[%s]\n", section->header);
		for (size_t e = section->first; e < section->first + section->count; e++)
			if (scan->ini->entries[e].value != NULL)
				fprintf(file, "%s\n", scan->lines[e]);
	}
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (fflush(file) == 0) {
		iniparser_set_error_callback(silent);
		values = iniparser_load(path);
		errno = values == NULL ? ENOMEM : 0; /* it does not say */
	}
	fclose(file);
	return values;
}

static void
ini_value(struct ini_scan *scan, const dictionary *values, const struct ini_section *section,
    struct ini_entry *entry)
{
	char name[2 * INI_LINE_MAX + 2];

	snprintf(name, sizeof name, "%s:%s", section->header, entry->key);
	const char *value = iniparser_getstring(values, name, "");
	if (strcmp(value, entry->value) != 0) {
		/* Not with iniparser 4.1; others may know escapes. */
		struct place place =
		    ini_scan_place(scan, entry->line, section->header, entry->key);
		problems_error(scan->problems, &place,
		    "would be read as \"%s\": put the value in other quotes", value);
	}
	entry->value = arena_copy_string(scan->arena, value);
}

static int
ini_values(struct ini_scan *scan)
{
	dictionary *values = ini_dictionary(scan);

	if (values == NULL)
		return -1;
	for (size_t s = 0; s < scan->ini->section_count; s++) {
		const struct ini_section *section = &scan->ini->sections[s];

		for (size_t e = section->first; e < section->first + section->count; e++)
			if (scan->ini->entries[e].value != NULL)
				ini_value(scan, values, section, &scan->ini->entries[e]);
	}
	iniparser_freedict(values);
	return 0;
}

/* Every section has a bracket and every entry an equals sign: no need to grow anything. */
static size_t
count_character(const char *text, char character)
{
	size_t count = 0;

	while ((text = strchr(text, character)) != NULL) {
		text++;
		count++;
	}
	return count;
}

static struct ini *
ini_new(size_t sections, size_t entries)
{
	struct ini *ini = calloc(1, sizeof *ini);

	if (ini == NULL)
		return NULL;
	ini->sections = calloc(sections + 1, sizeof *ini->sections);
	ini->entries = calloc(entries + 1, sizeof *ini->entries);
	if (ini->sections == NULL || ini->entries == NULL) {
		ini_free(ini);
		return NULL;
	}
	return ini;
}

static int
ini_run(struct ini_scan *scan, char *text)
{
	size_t entries = count_character(text, '=');

	scan->ini = ini_new(count_character(text, '['), entries);
	scan->lines = calloc(entries + 1, sizeof *scan->lines);
	if (scan->ini == NULL || scan->lines == NULL)
		return -1;
	return ini_scan_run(scan, text) == -1 || ini_values(scan) == -1 ? -1 : 0;
}

struct ini *
ini_read(const char *path, struct arena *arena, struct problems *problems)
{
	struct ini_scan scan = {.arena = arena, .problems = problems, .path = path};
	struct place place = ini_scan_place(&scan, 0, NULL, NULL);
	char buffer[256];
	struct text problem;
	char *text = NULL;
	size_t length;

	text_init(&problem, buffer, sizeof buffer);
	if (file_read(path, INI_FILE_MAX, &text, &length, &problem) == -1) {
		problems_error(problems, &place, "%s", problem.bytes);
		return NULL;
	}
	if (ini_run(&scan, text) == -1) {
		problems_error(problems, &place, "can not be parsed: %s", strerror(errno));
		ini_free(scan.ini);
		scan.ini = NULL;
	}
	free(scan.lines);
	free(text);
	return scan.ini;
}

void
ini_free(struct ini *ini)
{
	if (ini == NULL)
		return;
	free(ini->sections);
	free(ini->entries);
	free(ini);
}

const struct ini_entry *
ini_find(const struct ini *ini, const char *section, const char *key)
{
	for (size_t s = 0; s < ini->section_count; s++) {
		if (strcasecmp(ini->sections[s].header, section) != 0)
			continue;
		for (size_t i = 0; i < ini->sections[s].count; i++) {
			const struct ini_entry *entry =
			    &ini->entries[ini->sections[s].first + i];

			if (strcasecmp(entry->key, key) == 0)
				return entry;
		}
	}
	return NULL;
}
