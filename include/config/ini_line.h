/*
 * One line of the configuration file, taken apart (the notation: ini.h). Pure; any thread.
 */
#ifndef CONFIG_INI_LINE_H
#define CONFIG_INI_LINE_H

#include <stddef.h>

#include "base/attributes.h"

enum ini_line_kind {
	INI_LINE_EMPTY, /* or a comment */
	INI_LINE_SECTION,
	INI_LINE_ENTRY,
	INI_LINE_FAULT,
};

/* Slices of the line; they end where it ends or before. */
struct ini_slice {
	const char *start;
	size_t length;
};

struct ini_line {
	enum ini_line_kind kind;
	struct ini_slice name;  /* section header or key; for a fault too, when it got so far */
	struct ini_slice value; /* without quotes and comment */
	const char *fault;      /* what is wrong, for a person */
};

/* line is without its line end, NUL-terminated. */
struct ini_line ini_line_parse(const char *line) NONNULL_ALL WUNRES;

#endif
