/*
 * What is wrong with a configuration, collected while it is read and reported at its end in the
 * order of the file, whatever order it was found in. One thread at a time.
 */
#ifndef CONFIG_PROBLEMS_H
#define CONFIG_PROBLEMS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/origin.h"
#include "config/config.h"

struct problem;

/* Zero-initialise. */
struct problems {
	struct problem *list; /* private */
	size_t count, capacity;
	size_t errors;  /* those that are not warnings */
	bool exhausted; /* memory ran out: some problem is missing from the list */
};

/* Where a problem is. Strings need to live during the call only. */
struct place {
	struct origin origin; /* what the message points at; line 0 is left out */
	unsigned order;       /* line of the main file that led there: sorts the report */
	const char *section;  /* "plan fiber-dynamic"; NULL: outside of any section */
	const char *key;      /* NULL: the section as a whole */
};

/* What is wrong, in printable ASCII; what is not is escaped. */
void problems_error(struct problems *problems, const struct place *place, const char *format,
    ...) NONNULL_ALL PRINTF(3, 4);

/* The same for what is doubtful only. */
void problems_warning(struct problems *problems, const struct place *place, const char *format,
    ...) NONNULL_ALL PRINTF(3, 4);

/* Calls report for each, in the order of the main file. */
void problems_report(struct problems *problems, config_report *report, void *argument)
    NONNULL(1, 2);

void problems_fini(struct problems *problems) NONNULL_ALL;

#endif
