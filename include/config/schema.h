/*
 * Every key of the configuration file, in one table. To add a key: a row here (schema.c), the
 * field it sets, a paragraph in op25bd.conf(5), a line in conf/op25bd.conf; config_agree_test
 * holds the last two against the first.
 */
#ifndef CONFIG_SCHEMA_H
#define CONFIG_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "config/words.h"

/* In the order in which config_dump() writes them. */
enum schema_section {
	SCHEMA_SERVER,
	SCHEMA_POLICY,
	SCHEMA_PLAN,
	SCHEMA_DESTINATION,
	SCHEMA_PHASE,
	SCHEMA_REJECT,
	SCHEMA_RELAY,
	SCHEMA_EVENTS,
	SCHEMA_OUTPUTS,
	SCHEMA_SIGNATURE,
	SCHEMA_STORE,
	SCHEMA_HTTP,
	SCHEMA_HINTS,
	SCHEMA_HELP,
	SCHEMA_HOOK,
	SCHEMA_SUBSCRIBERS,
	SCHEMA_RADIUS,
	SCHEMA_SECTIONS
};

/* What a value is, and the field it sets. */
enum schema_type {
	SCHEMA_COUNT,     /* whole number; unsigned */
	SCHEMA_POWER,     /* whole number that is a power of two; unsigned */
	SCHEMA_WORKERS,   /* whole number, or "auto" for 0; unsigned */
	SCHEMA_DURATION,  /* milliseconds; int64_t */
	SCHEMA_SIZE,      /* octets; size_t */
	SCHEMA_SHARE,     /* percentage, in hundredths of one percent; uint16_t */
	SCHEMA_TIME,      /* RFC 3339; int64_t, milliseconds since 1970 */
	SCHEMA_CHOICE,    /* one of choices; unsigned */
	SCHEMA_DOMAIN,    /* fully qualified domain name; const char * */
	SCHEMA_DOMAINS,   /* several of them, between commas; const char * */
	SCHEMA_PHRASE,    /* one line of UTF-8 for people, or empty; const char * */
	SCHEMA_WORD,      /* printable ASCII without spaces, or empty; const char * */
	SCHEMA_PATH,      /* absolute path, or empty; const char * */
	SCHEMA_OUTPUT,    /* where events go; const char * */
	SCHEMA_URL,       /* http or https, or empty; const char * */
	SCHEMA_ENDPOINTS, /* struct config_endpoints */
	SCHEMA_NETWORKS,  /* networks and @files; struct setting, like all that follow */
	SCHEMA_CLASSES,   /* names of destination classes, or "all" */
	SCHEMA_MESSAGE,   /* one line of text, or an @file */
	SCHEMA_FILE,      /* path, relative to the main file, or empty */
	SCHEMA_TYPES
};

enum {
	SCHEMA_NAME_MAX = 31, /* octets of a plan's, class's or phase's name */
};

struct schema_choice {
	const char *name; /* NULL ends the list */
	int value;
};

struct schema_key {
	enum schema_section section;
	enum schema_type type;
	const char *name;
	const char *initial; /* the default, as it would stand in the file; NULL: required */
	/*
	 * Bounds, both allowed: of numbers in the unit of the type, of lists their length, of
	 * strings their octets. minimum 0 of a string or list allows an empty one.
	 */
	int64_t minimum, maximum;
	const struct schema_choice *choices; /* of SCHEMA_CHOICE */
	size_t offset; /* in struct snapshot, or in the plan's, class's or phase's settings */
	bool restart;  /* a change takes effect only after a restart */
	const char *reason; /* why this default or these bounds, for people */
};

const struct schema_key *schema_keys(size_t *count) NONNULL_ALL WUNRES;

/* "server" */
const char *schema_section_name(enum schema_section section) WUNRES;

/* True when the section's header holds a name: "[plan NAME]". */
bool schema_section_named(enum schema_section section) WUNRES;

/* SCHEMA_SECTIONS when there is no such section. Case does not matter, here and below. */
enum schema_section schema_find_section(const char *name) NONNULL_ALL WUNRES;

/* NULL when the section has no such key. */
const struct schema_key *schema_find_key(
    enum schema_section section, const char *name) NONNULL_ALL WUNRES;

/* Offer all names of sections, or of the keys of one, to a guess. */
void schema_offer_sections(struct guess *guess) NONNULL_ALL;
void schema_offer_keys(enum schema_section section, struct guess *guess) NONNULL_ALL;

#endif
