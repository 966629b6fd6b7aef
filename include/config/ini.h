/*
 * The configuration file as sections, keys and values with the lines they stand in, before
 * anybody asks what they mean. Values are iniparser's; lines, duplicates and whatever iniparser
 * would take differently from how a person reads it come from a scan of our own.
 *
 * The notation is the common ground of both, and op25bd.conf(5) describes it:
 *   [section] alone on its line; key = value; # or ; at the start of a line or after white
 *   space begins a comment; a value in double or single quotes may hold anything but its own
 *   quote; a # or ; inside an unquoted word is an error, because iniparser cuts there; no line
 *   is continued on the next. Names of sections and keys are the same in either case.
 */
#ifndef CONFIG_INI_H
#define CONFIG_INI_H

#include <stddef.h>

#include "base/attributes.h"
#include "config/arena.h"
#include "config/problems.h"

enum {
	INI_LINE_MAX = 1000,    /* octets; iniparser gives up at 1,023 */
	INI_FILE_MAX = 1 << 20, /* octets; iniparser compares every key with every other */
};

struct ini_section {
	const char *header; /* "plan fiber-dynamic", as written */
	const char *kind;   /* "plan", as written */
	const char *name;   /* "fiber-dynamic", as written; "" when there is none */
	unsigned line;
	size_t first, count; /* its entries */
};

struct ini_entry {
	const char *key;   /* as written */
	const char *value; /* NULL: there is one, but it was at fault and has been reported */
	unsigned line;
};

/* In the order of the file. Strings belong to the arena. */
struct ini {
	struct ini_section *sections;
	size_t section_count;
	struct ini_entry *entries;
	size_t entry_count;
};

/*
 * Reads the file. What is wrong with it is added to problems, and left out of the result: what
 * remains is well formed and unique. NULL when there is nothing to go on with (the file can
 * not be read, no memory), which has then been added too. Free with ini_free().
 */
struct ini *ini_read(
    const char *path, struct arena *arena, struct problems *problems) NONNULL_ALL WUNRES;
void ini_free(struct ini *ini);

/* The entry of this key in this section (as in the schema), or NULL. */
const struct ini_entry *ini_find(
    const struct ini *ini, const char *section, const char *key) NONNULL_ALL WUNRES;

#endif
