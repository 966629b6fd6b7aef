/*
 * The first reading of the file: lines into sections and entries, and what is there twice. What
 * is at fault is reported and left out. Any thread.
 */
#include "config/ini_scan.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/ini_line.h"

struct place
ini_scan_place(const struct ini_scan *scan, unsigned line, const char *section, const char *key)
{
	return (struct place){{scan->path, line}, line, section, key};
}

static const char *
scan_copy(struct ini_scan *scan, struct ini_slice slice)
{
	return arena_copy(scan->arena, slice.start, slice.length);
}

static const struct ini_section *
scan_current(const struct ini_scan *scan)
{
	return scan->open ? &scan->ini->sections[scan->ini->section_count - 1] : NULL;
}

static void
scan_section(struct ini_scan *scan, unsigned number, struct ini_slice header)
{
	struct ini_section *section = &scan->ini->sections[scan->ini->section_count++];
	size_t kind = 0, name;

	while (kind < header.length && header.start[kind] != ' ' && header.start[kind] != '\t')
		kind++;
	for (name = kind; name < header.length; name++)
		if (header.start[name] != ' ' && header.start[name] != '\t')
			break;
	*section = (struct ini_section){
	    .header = scan_copy(scan, header),
	    .kind = arena_copy(scan->arena, header.start, kind),
	    .name = arena_copy(scan->arena, header.start + name, header.length - name),
	    .line = number,
	    .first = scan->ini->entry_count,
	};
	scan->begun = scan->open = true;
}

/* value NULL: at fault. */
static void
scan_add(struct ini_scan *scan, unsigned number, const char *line, const char *key,
    const char *value)
{
	struct ini *ini = scan->ini;

	scan->lines[ini->entry_count] = line;
	ini->entries[ini->entry_count++] = (struct ini_entry){key, value, number};
	ini->sections[ini->section_count - 1].count++;
}

static void
scan_entry(
    struct ini_scan *scan, unsigned number, const char *line, const struct ini_line *parsed)
{
	const char *key = scan_copy(scan, parsed->name);

	if (!scan->begun) {
		struct place place = ini_scan_place(scan, number, NULL, NULL);

		problems_error(scan->problems, &place,
		    "\"%s\" stands before any section: [server] is probably missing above it",
		    key);
	}
	if (scan->open)
		scan_add(scan, number, line, key, scan_copy(scan, parsed->value));
}

static void
scan_fault(
    struct ini_scan *scan, unsigned number, const char *line, const struct ini_line *parsed)
{
	const struct ini_section *section = scan_current(scan);
	const char *key = parsed->name.length > 0 ? scan_copy(scan, parsed->name) : NULL;
	struct place place =
	    ini_scan_place(scan, number, section != NULL ? section->header : NULL, key);

	problems_error(scan->problems, &place, "%s", parsed->fault);
	if (section != NULL && key != NULL)
		scan_add(scan, number, line, key, NULL);
}

static void
scan_line(struct ini_scan *scan, unsigned number, const char *line)
{
	struct ini_line parsed = ini_line_parse(line);

	switch (parsed.kind) {
	case INI_LINE_EMPTY:
		break;
	case INI_LINE_SECTION:
		scan_section(scan, number, parsed.name);
		break;
	case INI_LINE_ENTRY:
		scan_entry(scan, number, line, &parsed);
		break;
	case INI_LINE_FAULT:
		if (line[strspn(line, " \t")] == '[') {
			/* A header, but which? The entries behind it belong to nobody. */
			scan->begun = true;
			scan->open = false;
		}
		scan_fault(scan, number, line, &parsed);
		break;
	}
}

/* Cuts text into lines, in place. */
static void
scan_lines(struct ini_scan *scan, char *text)
{
	unsigned number = 1;

	if (strncmp(text, "\xef\xbb\xbf", 3) == 0) {
		struct place place = ini_scan_place(scan, 1, NULL, NULL);

		problems_error(scan->problems, &place,
		    "begins with a byte order mark: save the file as UTF-8 without one");
		text += 3;
	}
	for (char *next; text != NULL; text = next, number++) {
		next = strchr(text, '\n');
		size_t length = next != NULL ? (size_t)(next - text) : strlen(text);
		if (length > 0 && text[length - 1] == '\r')
			length--;
		text[length] = '\0';
		if (next != NULL)
			next++;
		scan_line(scan, number, text);
	}
}

/*
 * Duplicates: the names are sorted, and those next to each other compared.
 */

struct name {
	size_t group; /* names of different groups are never the same */
	const char *kind, *name;
	size_t index; /* in the order of the file */
};

static int
name_compare(const struct name *a, const struct name *b)
{
	int order = a->group < b->group ? -1 : a->group > b->group;

	if (order == 0)
		order = strcasecmp(a->kind, b->kind);
	return order != 0 ? order : strcasecmp(a->name, b->name);
}

static int
name_compare_stable(const void *left, const void *right)
{
	const struct name *a = left, *b = right;
	int order = name_compare(a, b);

	return order != 0 ? order : (a->index > b->index) - (a->index < b->index);
}

/*
 * Calls duplicate(index of the first, index of the other) for each but the first of its name.
 */
static void
names_check(struct ini_scan *scan, struct name *names, size_t count,
    void (*duplicate)(struct ini_scan *scan, size_t first, size_t other))
{
	size_t first = 0;

	if (count == 0)
		return;
	qsort(names, count, sizeof *names, name_compare_stable);
	for (size_t i = 1; i < count; i++) {
		if (name_compare(&names[first], &names[i]) == 0)
			duplicate(scan, names[first].index, names[i].index);
		else
			first = i;
	}
}

/* line 0 marks what is to be dropped. */
static void
section_duplicate(struct ini_scan *scan, size_t first, size_t other)
{
	const struct ini_section *before = &scan->ini->sections[first];
	struct ini_section *section = &scan->ini->sections[other];
	struct place place = ini_scan_place(scan, section->line, section->header, NULL);

	if (strcmp(before->name, section->name) == 0)
		problems_error(
		    scan->problems, &place, "is there already, in line %u", before->line);
	else
		problems_error(scan->problems, &place,
		    "differs from [%s] in line %u only in upper and lower case", before->header,
		    before->line);
	section->line = 0;
}

static void
entry_duplicate(struct ini_scan *scan, size_t first, size_t other)
{
	const struct ini_entry *before = &scan->ini->entries[first];
	struct ini_entry *entry = &scan->ini->entries[other];
	const struct ini_section *section = scan->ini->sections;

	while (other >= section->first + section->count)
		section++;
	struct place place = ini_scan_place(scan, entry->line, section->header, entry->key);
	problems_error(scan->problems, &place, "is set already, in line %u", before->line);
	entry->line = 0;
}

/* Closes the gaps that dropped sections and entries leave. */
static void
scan_compact(struct ini_scan *scan)
{
	struct ini *ini = scan->ini;
	size_t sections = 0, entries = 0;

	for (size_t s = 0; s < ini->section_count; s++) {
		struct ini_section section = ini->sections[s];
		size_t first = entries;

		if (section.line == 0)
			continue;
		for (size_t e = section.first; e < section.first + section.count; e++) {
			if (ini->entries[e].line == 0)
				continue;
			scan->lines[entries] = scan->lines[e];
			ini->entries[entries++] = ini->entries[e];
		}
		section.first = first;
		section.count = entries - first;
		ini->sections[sections++] = section;
	}
	ini->section_count = sections;
	ini->entry_count = entries;
}

static int
scan_duplicates(struct ini_scan *scan)
{
	const struct ini *ini = scan->ini;
	size_t most =
	    ini->entry_count > ini->section_count ? ini->entry_count : ini->section_count;
	struct name *names = calloc(most + 1, sizeof *names);

	if (names == NULL)
		return -1;
	for (size_t s = 0; s < ini->section_count; s++)
		names[s] = (struct name){0, ini->sections[s].kind, ini->sections[s].name, s};
	names_check(scan, names, ini->section_count, section_duplicate);
	for (size_t s = 0; s < ini->section_count; s++)
		for (size_t i = 0; i < ini->sections[s].count; i++) {
			size_t e = ini->sections[s].first + i;

			names[e] = (struct name){s, "", ini->entries[e].key, e};
		}
	names_check(scan, names, ini->entry_count, entry_duplicate);
	free(names);
	scan_compact(scan);
	return 0;
}

int
ini_scan_run(struct ini_scan *scan, char *text)
{
	scan_lines(scan, text);
	return scan_duplicates(scan);
}
