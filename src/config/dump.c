/*
 * Every key of the schema, with its value as value_format() gives it. Only reads; any thread.
 */
#include "config/dump.h"

#include <string.h>
#include <strings.h>

#include "config/ini.h"
#include "config/list.h"
#include "config/schema.h"
#include "config/value.h"

enum {
	DUMP_VALUE_SIZE = 2 * INI_LINE_MAX, /* no value in a file is longer than a line */
};

/* Quotes around a value that would be read differently without. A value that has both kinds
 * of quotes could only be read from a file that it stood in without any. */
static const char *
dump_quote(const char *value)
{
	if (strpbrk(value, ";#\"'") == NULL && value[0] != ' ' &&
	    (value[0] == '\0' || value[strlen(value) - 1] != ' '))
		return "";
	if (strchr(value, '"') == NULL)
		return "\"";
	return strchr(value, '\'') == NULL ? "'" : "";
}

/* Where the reference of an @file is relative to: nothing when it is absolute. */
static const char *
dump_root(const struct snapshot *snapshot, const char *reference)
{
	return reference[0] == '/' ? "" : snapshot->root;
}

/* Networks in their usual form, @files by absolute paths. */
static void
dump_networks(const struct snapshot *snapshot, const char *value, FILE *out)
{
	char buffer[INI_LINE_MAX + 1], network_buffer[64];
	const char *quote = dump_quote(value);
	const char *separator = "";
	struct text item, text;
	struct network network;

	if (quote[0] == '\0')
		quote = dump_quote(snapshot->root);
	text_init(&item, buffer, sizeof buffer);
	text_init(&text, network_buffer, sizeof network_buffer);
	fputs(quote, out);
	for (const char *cursor = value; list_next(&cursor, &item); separator = ", ") {
		text_clear(&text);
		if (item.bytes[0] == '@')
			fprintf(out, "%s@%s%s", separator, dump_root(snapshot, item.bytes + 1),
			    item.bytes + 1);
		else if (network_parse(item.bytes, &network) == 0) {
			network_format(&text, &network);
			fprintf(out, "%s%s", separator, text.bytes);
		}
	}
	fprintf(out, "%s\n", quote);
}

static void
dump_message(const struct snapshot *snapshot, const char *value, FILE *out)
{
	const char *quote = dump_quote(value);

	if (value[0] != '@') {
		fprintf(out, "%s%s%s\n", quote, value, quote);
		return;
	}
	if (quote[0] == '\0')
		quote = dump_quote(snapshot->root);
	fprintf(out, "%s@%s%s%s\n", quote, dump_root(snapshot, value + 1), value + 1, quote);
}

static void
dump_file(const struct snapshot *snapshot, const char *value, FILE *out)
{
	const char *root = value[0] == '\0' ? "" : dump_root(snapshot, value);
	const char *quote = dump_quote(value);

	if (quote[0] == '\0')
		quote = dump_quote(root);
	fprintf(out, "%s%s%s%s\n", quote, root, value, quote);
}

static void
dump_key(
    const struct snapshot *snapshot, const struct schema_key *key, const void *base, FILE *out)
{
	char buffer[DUMP_VALUE_SIZE];
	struct text value;

	text_init(&value, buffer, sizeof buffer);
	value_format(key, base, &value);
	fprintf(out, "%s =%s", key->name, value.length > 0 ? " " : "");
	if (key->type == SCHEMA_NETWORKS)
		dump_networks(snapshot, value.bytes, out);
	else if (key->type == SCHEMA_MESSAGE)
		dump_message(snapshot, value.bytes, out);
	else if (key->type == SCHEMA_FILE)
		dump_file(snapshot, value.bytes, out);
	else
		fprintf(out, "%s%s%s\n", dump_quote(value.bytes), value.bytes,
		    dump_quote(value.bytes));
}

/* name is "" for sections without one. */
static void
dump_section(const struct snapshot *snapshot, enum schema_section section, const char *name,
    const void *base, FILE *out)
{
	size_t count;
	const struct schema_key *keys = schema_keys(&count);

	fprintf(out, "%s[%s%s%s]\n", section == SCHEMA_SERVER ? "" : "\n",
	    schema_section_name(section), name[0] == '\0' ? "" : " ", name);
	for (size_t i = 0; i < count; i++)
		if (keys[i].section == section)
			dump_key(snapshot, &keys[i], base, out);
}

void
dump_write(const struct snapshot *snapshot, FILE *out)
{
	dump_section(snapshot, SCHEMA_SERVER, "", snapshot, out);
	dump_section(snapshot, SCHEMA_POLICY, "", snapshot, out);
	for (size_t i = 0; i < snapshot->plan_count; i++)
		dump_section(snapshot, SCHEMA_PLAN, snapshot->plans[i].section.name,
		    &snapshot->plans[i], out);
	for (size_t i = 0; i < snapshot->destination_count; i++)
		dump_section(snapshot, SCHEMA_DESTINATION,
		    snapshot->destinations[i].section.name, &snapshot->destinations[i], out);
	for (size_t i = 0; i < snapshot->phase_count; i++)
		dump_section(snapshot, SCHEMA_PHASE, snapshot->phases[i].section.name,
		    &snapshot->phases[i], out);
	dump_section(snapshot, SCHEMA_REJECT, "", snapshot, out);
	dump_section(snapshot, SCHEMA_RELAY, "", snapshot, out);
	dump_section(snapshot, SCHEMA_EVENTS, "", snapshot, out);
	for (size_t i = 0; i < snapshot->config.output_count; i++)
		dump_section(snapshot, SCHEMA_OUTPUTS, snapshot->outputs[i].name,
		    &snapshot->outputs[i], out);
	for (size_t i = 0; i < snapshot->config.signature_count; i++)
		dump_section(snapshot, SCHEMA_SIGNATURE, snapshot->signature_list[i].name,
		    &snapshot->signature_list[i], out);
	dump_section(snapshot, SCHEMA_STORE, "", snapshot, out);
	dump_section(snapshot, SCHEMA_HTTP, "", snapshot, out);
	dump_section(snapshot, SCHEMA_HINTS, "", snapshot, out);
	dump_section(snapshot, SCHEMA_HELP, "", snapshot, out);
	for (size_t i = 0; i < snapshot->config.hook_count; i++)
		dump_section(
		    snapshot, SCHEMA_HOOK, snapshot->hooks[i].name, &snapshot->hooks[i], out);
	dump_section(snapshot, SCHEMA_SUBSCRIBERS, "", snapshot, out);
	dump_section(snapshot, SCHEMA_RADIUS, "", snapshot, out);
}

/* Whom to tell what has changed. */
struct comparison {
	void (*changed)(void *argument, const struct config_key_change *change);
	void *argument;
};

/* One key in two places, each NULL where its section is not. */
static void
compare_key(const struct comparison *comparison, const struct schema_key *key,
    const char *section, const void *before, const void *after)
{
	char buffers[2][DUMP_VALUE_SIZE];
	struct text old, new;

	text_init(&old, buffers[0], sizeof buffers[0]);
	text_init(&new, buffers[1], sizeof buffers[1]);
	if (before != NULL)
		value_format(key, before, &old);
	if (after != NULL)
		value_format(key, after, &new);
	if (strcmp(old.bytes, new.bytes) != 0)
		comparison->changed(comparison->argument, &(struct config_key_change){
							      .section = section,
							      .key = key->name,
							      .before = old.bytes,
							      .after = new.bytes,
							      .restart = key->restart,
							  });
}

/* All sections of one kind, of either configuration: each a struct that begins with struct
 * section_settings. */
struct named_sections {
	const void *first;
	size_t count, size;
};

static struct named_sections
outputs_of(const struct config *config)
{
	return (struct named_sections){
	    config->outputs, config->output_count, sizeof *config->outputs};
}

static struct named_sections
hooks_of(const struct config *config)
{
	return (struct named_sections){
	    config->hooks, config->hook_count, sizeof *config->hooks};
}

static struct named_sections
signatures_of(const struct config *config)
{
	return (struct named_sections){
	    config->signature_list, config->signature_count, sizeof *config->signature_list};
}

/* The kinds with names that are no part of the policy. */
static struct named_sections (*const named[SCHEMA_SECTIONS])(const struct config *config) = {
    [SCHEMA_OUTPUTS] = outputs_of,
    [SCHEMA_SIGNATURE] = signatures_of,
    [SCHEMA_HOOK] = hooks_of,
};

static const struct section_settings *
named_at(struct named_sections sections, size_t index)
{
	const void *at = (const char *)sections.first + index * sections.size;

	return at;
}

static const struct section_settings *
named_find(struct named_sections sections, const char *name)
{
	for (size_t i = 0; i < sections.count; i++)
		if (strcasecmp(named_at(sections, i)->name, name) == 0)
			return named_at(sections, i);
	return NULL;
}

/* Those of one configuration with those of the same name in the other; only those that are not
 * there when missing is true. */
static void
compare_named(const struct comparison *comparison, enum schema_section kind,
    const struct config *before, const struct config *after, bool missing)
{
	size_t count;
	const struct schema_key *keys = schema_keys(&count);
	struct named_sections all = named[kind](missing ? before : after);
	struct named_sections others = named[kind](missing ? after : before);

	for (size_t s = 0; s < all.count; s++) {
		const struct section_settings *one = named_at(all, s);
		const struct section_settings *other = named_find(others, one->name);

		for (size_t i = 0; i < count; i++)
			if (keys[i].section == kind && (!missing || other == NULL))
				compare_key(comparison, &keys[i], one->header,
				    missing ? one : other, missing ? NULL : one);
	}
}

void
dump_changed_keys(const struct snapshot *before, const struct snapshot *after,
    void (*changed)(void *argument, const struct config_key_change *change), void *argument)
{
	struct comparison comparison = {changed, argument};
	size_t count;
	const struct schema_key *keys = schema_keys(&count);

	for (size_t i = 0; i < count; i++) {
		if (!schema_section_named(keys[i].section))
			compare_key(&comparison, &keys[i], schema_section_name(keys[i].section),
			    before, after);
		if (named[keys[i].section] != NULL && keys[i - 1].section != keys[i].section) {
			compare_named(&comparison, keys[i].section, &before->config,
			    &after->config, true);
			compare_named(&comparison, keys[i].section, &before->config,
			    &after->config, false);
		}
	}
}
