/*
 * Sections and keys of the file into the settings of the snapshot. Main thread.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/load.h"
#include "config/schema.h"
#include "config/value.h"

static struct place
section_place(const struct load *load, const struct ini_section *section)
{
	return (struct place){
	    {load->snapshot->path, section->line}, section->line, section->header, NULL};
}

/* Letters, digits, dot, hyphen and underscore: safe in events, metrics and file names. */
static bool
name_valid(const char *name)
{
	size_t length = strlen(name);

	if (length == 0 || length > SCHEMA_NAME_MAX)
		return false;
	for (; *name != '\0'; name++)
		if (!isascii((unsigned char)*name) ||
		    (!isalnum((unsigned char)*name) && strchr("._-", *name) == NULL))
			return false;
	return true;
}

static bool
section_name_check(
    const struct load *load, const struct ini_section *section, enum schema_section kind)
{
	struct place place = section_place(load, section);
	const char *known = schema_section_name(kind);

	if (!schema_section_named(kind)) {
		if (section->name[0] != '\0')
			problems_error(load->problems, &place,
			    "a section of this kind has no name: [%s]", known);
		return section->name[0] == '\0';
	}
	if (section->name[0] == '\0')
		problems_error(load->problems, &place, "has no name: [%s NAME]", known);
	else if (!name_valid(section->name))
		problems_error(load->problems, &place,
		    "a name has 1 to %d letters, digits, dots, hyphens and underscores",
		    SCHEMA_NAME_MAX);
	else if (kind == SCHEMA_DESTINATION && strcasecmp(section->name, "all") == 0)
		problems_error(load->problems, &place,
		    "\"all\" stands for every destination in a phase and can not be a name");
	else
		return true;
	return false;
}

/*
 * What the keys of a section of this kind set; every section with a name takes a new element.
 */
static void *
section_settings(struct snapshot *snapshot, enum schema_section kind)
{
	switch (kind) {
	case SCHEMA_PLAN:
		return &snapshot->plans[snapshot->plan_count++];
	case SCHEMA_DESTINATION:
		return &snapshot->destinations[snapshot->destination_count++];
	case SCHEMA_PHASE:
		return &snapshot->phases[snapshot->phase_count++];
	case SCHEMA_OUTPUTS:
		return &snapshot->outputs[snapshot->config.output_count++];
	case SCHEMA_SIGNATURE:
		return &snapshot->signature_list[snapshot->config.signature_count++];
	case SCHEMA_HOOK:
		return &snapshot->hooks[snapshot->config.hook_count++];
	case SCHEMA_SERVER:
	case SCHEMA_POLICY:
	case SCHEMA_REJECT:
	case SCHEMA_RELAY:
	case SCHEMA_EVENTS:
	case SCHEMA_HTTP:
	case SCHEMA_STORE:
	case SCHEMA_HINTS:
	case SCHEMA_HELP:
	case SCHEMA_SUBSCRIBERS:
	case SCHEMA_RADIUS:
	case SCHEMA_SECTIONS:
		break;
	}
	return snapshot;
}

static void
section_begin(const struct load *load, const struct ini_section *section,
    enum schema_section kind, bool name_good, void *settings)
{
	struct section_settings named = {
	    .header = section->header,
	    .name = name_good ? section->name : "",
	    .line = section->line,
	};
	size_t count;
	const struct schema_key *keys = schema_keys(&count);

	if (!schema_section_named(kind))
		return;
	for (size_t i = 0; i < count; i++)
		if (keys[i].section == kind)
			value_reset(&keys[i], &load->snapshot->arena, settings);
	memcpy(settings, &named, sizeof named);
}

/* The first other section that has a key of this name, or SCHEMA_SECTIONS. */
static enum schema_section
entry_elsewhere(const char *name)
{
	unsigned section = 0;

	while (section < SCHEMA_SECTIONS &&
	       schema_find_key((enum schema_section)section, name) == NULL)
		section++;
	return (enum schema_section)section;
}

static void
entry_unknown(const struct load *load, const struct place *place, enum schema_section kind,
    const struct ini_entry *entry)
{
	struct guess guess;

	enum schema_section elsewhere = entry_elsewhere(entry->key);
	words_guess(&guess, entry->key);
	schema_offer_keys(kind, &guess);
	if (strcasecmp(entry->key, "port") == 0 || strcasecmp(entry->key, "ports") == 0 ||
	    (entry->value != NULL && words_hold_submission_port(entry->value)))
		problems_error(load->problems, place,
		    "unknown key: port 25 is the only one that is ever taken; ports %s",
		    words_submission_reason());
	else if (guess.best != NULL)
		problems_error(
		    load->problems, place, "unknown key; did you mean \"%s\"?", guess.best);
	else if (elsewhere != SCHEMA_SECTIONS)
		problems_error(load->problems, place, "unknown key: it belongs to [%s%s]",
		    schema_section_name(elsewhere),
		    schema_section_named(elsewhere) ? " NAME" : "");
	else
		problems_error(load->problems, place, "unknown key");
}

static void
entry_load(const struct load *load, const struct ini_section *section, enum schema_section kind,
    const struct ini_entry *entry, void *settings)
{
	const struct schema_key *key = schema_find_key(kind, entry->key);
	struct place place = load_place(load, section->header, entry->key, entry->line);
	char buffer[2 * INI_LINE_MAX];
	struct text problem;

	if (key == NULL) {
		entry_unknown(load, &place, kind, entry);
		return;
	}
	text_init(&problem, buffer, sizeof buffer);
	if (entry->value != NULL && value_parse(key, entry->value, entry->line,
					&load->snapshot->arena, settings, &problem) == -1)
		problems_error(load->problems, &place, "%s", problem.bytes);
}

static void
section_require(
    const struct load *load, const struct ini_section *section, enum schema_section kind)
{
	size_t count;
	const struct schema_key *keys = schema_keys(&count);

	for (size_t i = 0; i < count; i++) {
		if (keys[i].section != kind || keys[i].initial != NULL)
			continue;
		const struct ini_entry *entry = load->ini->entries + section->first;
		const struct ini_entry *end = entry + section->count;

		while (entry < end && strcasecmp(entry->key, keys[i].name) != 0)
			entry++;
		struct place place =
		    load_place(load, section->header, keys[i].name, section->line);
		if (entry == end)
			problems_error(
			    load->problems, &place, "is required: %s", keys[i].reason);
	}
}

static void
section_load(const struct load *load, const struct ini_section *section)
{
	enum schema_section kind = schema_find_section(section->kind);
	struct place place = section_place(load, section);
	struct guess guess;

	if (kind == SCHEMA_SECTIONS) {
		words_guess(&guess, section->kind);
		schema_offer_sections(&guess);
		if (guess.best != NULL)
			problems_error(load->problems, &place,
			    "unknown section; did you mean [%s]?", guess.best);
		else
			problems_error(load->problems, &place, "unknown section");
		return;
	}
	bool name_good = section_name_check(load, section, kind);
	void *settings = section_settings(load->snapshot, kind);

	section_begin(load, section, kind, name_good, settings);
	for (size_t i = 0; i < section->count; i++)
		entry_load(
		    load, section, kind, &load->ini->entries[section->first + i], settings);
	section_require(load, section, kind);
}

/* Sections without a name that are not there at all may lack something too. */
static void
absent_require(const struct load *load)
{
	size_t count;
	const struct schema_key *keys = schema_keys(&count);

	for (size_t i = 0; i < count; i++) {
		const char *name = schema_section_name(keys[i].section);
		bool present = schema_section_named(keys[i].section);

		for (size_t s = 0; s < load->ini->section_count; s++)
			present |= strcasecmp(load->ini->sections[s].kind, name) == 0;
		struct place place = load_place(load, name, keys[i].name, 0);
		if (!present && keys[i].initial == NULL)
			problems_error(
			    load->problems, &place, "is required: %s", keys[i].reason);
	}
}

static int
settings_allocate(const struct load *load)
{
	struct snapshot *snapshot = load->snapshot;
	size_t counts[SCHEMA_SECTIONS + 1] = {0};

	for (size_t s = 0; s < load->ini->section_count; s++)
		counts[schema_find_section(load->ini->sections[s].kind)]++;
	snapshot->plans = calloc(counts[SCHEMA_PLAN] + 1, sizeof *snapshot->plans);
	snapshot->destinations =
	    calloc(counts[SCHEMA_DESTINATION] + 1, sizeof *snapshot->destinations);
	snapshot->phases = calloc(counts[SCHEMA_PHASE] + 1, sizeof *snapshot->phases);
	snapshot->outputs = calloc(counts[SCHEMA_OUTPUTS] + 1, sizeof *snapshot->outputs);
	snapshot->config.outputs = snapshot->outputs;
	snapshot->hooks = calloc(counts[SCHEMA_HOOK] + 1, sizeof *snapshot->hooks);
	snapshot->config.hooks = snapshot->hooks;
	snapshot->signature_list =
	    calloc(counts[SCHEMA_SIGNATURE] + 1, sizeof *snapshot->signature_list);
	snapshot->config.signature_list = snapshot->signature_list;
	if (snapshot->plans == NULL || snapshot->destinations == NULL ||
	    snapshot->phases == NULL || snapshot->outputs == NULL || snapshot->hooks == NULL ||
	    snapshot->signature_list == NULL)
		return -1;
	return 0;
}

void
load_sections(const struct load *load)
{
	if (settings_allocate(load) == -1) {
		load->problems->exhausted = true;
		return;
	}
	for (size_t s = 0; s < load->ini->section_count; s++)
		section_load(load, &load->ini->sections[s]);
	absent_require(load);
}
