/*
 * Patterns out of a file, held against names that strangers choose: comparing is bounded
 * whatever the two are (PCRE2 with a match limit, a depth limit and a heap limit; pcre2api(3)).
 */
#ifndef POLICY_PATTERN_H
#define POLICY_PATTERN_H

#include "base/attributes.h"
#include "base/text.h"

enum {
	PATTERN_MAX = 512, /* octets: more can not be read by the next person either */
};

struct pattern; /* opaque */

/*
 * Compiles a PCRE2 pattern, to be found anywhere in a name, in upper or lower case; of at most
 * PATTERN_MAX octets. NULL after adding to problem what is wrong with it (memory included).
 * Free with pattern_free(), which accepts NULL.
 */
struct pattern *pattern_new(const char *pattern, struct text *problem) NONNULL_ALL WUNRES;
void pattern_free(struct pattern *pattern);

/* Where a comparison puts what it finds: one for each thread, for any pattern. */
struct pattern_room; /* opaque */

/* NULL: no memory. Free with pattern_room_free(), which accepts NULL. */
struct pattern_room *pattern_room_new(void) WUNRES;
void pattern_room_free(struct pattern_room *room);

enum pattern_result {
	PATTERN_DIFFERS,
	PATTERN_MATCHES,
	PATTERN_GAVE_UP, /* a limit ended the comparison */
};

/* Any thread, several at once, each with a room of its own. */
enum pattern_result pattern_match(const struct pattern *pattern, const char *name,
    struct pattern_room *room) NONNULL_ALL WUNRES;

#endif
