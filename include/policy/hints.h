/*
 * What to set in place of port 25, by destination: rows of a pattern for the name of a mail
 * host, the host to submit mail to, its ports, and how sure that is. Built once by the
 * configuration, immutable from then on; any thread may ask.
 *
 * A name comes out of the DNS and a pattern out of a file: matching is bounded whatever the two
 * are (policy/pattern.h).
 */
#ifndef POLICY_HINTS_H
#define POLICY_HINTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/origin.h"
#include "base/text.h"
#include "policy/pattern.h"

struct hints; /* opaque */

/* How sure a row is, the surest first. */
enum hints_sure {
	HINTS_PROVIDER,  /* the provider's own help page */
	HINTS_DIRECTORY, /* a public directory of mail settings */
	HINTS_CODE,      /* seen in other public code */
	HINTS_CHECK,     /* to be verified before anybody relies on it */
	HINTS_SURES
};

enum {
	HINTS_ROWS_MAX = 1000, /* every name is held against every row */
	HINTS_PATTERN_MAX = PATTERN_MAX,
	HINTS_HOST_MAX = 48,    /* octets: its line of a reply stays under 100 columns */
	HINTS_NAME_MAX = 253,   /* octets of a domain name, RFC 1035 2.3.4 */
	HINTS_HOSTS_MAX = 1000, /* resolved again and again in the background */
	HINTS_TEXT_SIZE = HINTS_HOST_MAX + sizeof "use  port 465 or 587",
};

/* One row. */
struct hint {
	struct origin origin;
	const char *pattern;
	const char *submission; /* a host; "": the one that was asked about */
	enum hints_sure sure;
	bool smtps;           /* port 465, implicit TLS (RFC 8314 3.3) */
	bool submission_port; /* port 587, STARTTLS (RFC 6409) */
};

/* A host that a row names as a whole, in its pattern or as the host to submit to. */
struct hints_host {
	char name[HINTS_NAME_MAX + 1];
	const struct hint *hint;
	bool same; /* it is itself the one to submit to */
};

/* NULL with errno ENOMEM. Free with hints_free(), which accepts NULL. */
struct hints *hints_new(void) WUNRES;
void hints_free(struct hints *hints);

/*
 * Adds a row, written PATTERN tab HOST tab PORTS tab SURE: a PCRE2 pattern, to be found
 * anywhere in a name, in upper or lower case; a host, or "=" for the one that was asked about;
 * 465, 587 or both with a comma; a name of hints_sure. origin's file name must outlive hints.
 * 0, or -1 after adding to problem what is wrong with it (memory included).
 */
int hints_add(struct hints *hints, const char *row, struct origin origin,
    struct text *problem) NONNULL_ALL WUNRES;

/*
 * Ends the building: lists the hosts. 0, or -1 after adding to problem what is wrong: more than
 * HINTS_HOSTS_MAX of them, or no memory.
 */
int hints_seal(struct hints *hints, struct text *problem) NONNULL_ALL WUNRES;

/*
 * The first row that matches name and is at least as sure as least; NULL when there is none.
 * name is lower case and bounded by the caller. *gave_up is set when a limit ended the
 * comparison with some row (which counts as no match), and stays as it is otherwise.
 */
const struct hint *hints_match(const struct hints *hints, const char *name,
    enum hints_sure least, bool *gave_up) NONNULL_ALL WUNRES;

/* The rows, in the order of the file. */
size_t hints_count(const struct hints *hints) NONNULL_ALL WUNRES;
const struct hint *hints_row(const struct hints *hints, size_t index) NONNULL_ALL WUNRES;

/* The hosts, once sealed. */
size_t hints_host_count(const struct hints *hints) NONNULL_ALL WUNRES;
const struct hints_host *hints_host(const struct hints *hints, size_t index) NONNULL_ALL WUNRES;

/* Adds "use smtp.gmail.com port 465 or 587", or "same server, port 465": less than
 * HINTS_TEXT_SIZE octets. same: as if the row said "=". */
void hint_format(struct text *text, const struct hint *hint, bool same) NONNULL_ALL;

/* "provider", "directory", "code", "check" */
const char *hints_sure_name(enum hints_sure sure) WUNRES;

#endif
