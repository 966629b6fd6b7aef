/*
 * The exemptions given while the daemon runs: kept in STATE_DIR/exemptions.db, and the part of
 * them that workers need in the table of policy/exemptions.h. Beside them the audit trail: who
 * added, extended and removed what and when, and what has expired.
 *
 * A change is on the disk, fsync(2) done, before it is in the table and before the caller hears
 * of success; so what was answered survives a crash. What a change takes away is refused from
 * the next connection on; connections that are open keep the verdict they began with.
 *
 * Main thread only; waits for the disk. A store whose database cannot be used works all the
 * same, refusing changes and saying why: the daemon must go on serving.
 */
#ifndef CONTROL_EXEMPTION_STORE_H
#define CONTROL_EXEMPTION_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/attributes.h"
#include "base/text.h"
#include "policy/exemptions.h"
#include "subscribers/subscriber.h"

struct exemption_store; /* opaque */

/* From the configuration ([policy]); may change on reload. */
struct exemption_limits {
	int64_t longest_ms;                /* exemption_longest */
	unsigned widest[ADDRESS_FAMILIES]; /* exemption_widest4 and 6: shortest prefix */
	int64_t history_ms;                /* exemption_history */
};

/*
 * Opens or makes the database in state_dir and puts what has not ended at now_ms into table,
 * which must outlive the store and is the store's to change. NULL only with errno ENOMEM. When
 * the database cannot be used that is logged as an error, with what to do, and stays readable
 * by exemption_store_warning(); exemptions that could be read are in force all the same. Free
 * with exemption_store_close().
 */
struct exemption_store *exemption_store_open(const char *state_dir, struct exemptions *table,
    const struct exemption_limits *limits, int64_t now_ms) NONNULL_ALL WUNRES;

/* NULL is accepted. */
void exemption_store_close(struct exemption_store *store);

void exemption_store_configure(
    struct exemption_store *store, const struct exemption_limits *limits) NONNULL_ALL;
const struct exemption_limits *exemption_store_limits(
    const struct exemption_store *store) NONNULL_ALL WUNRES;

/*
 * Subscribers can be exempt, too, by name or pseudonym; key is copied. Without it nobody knows
 * subscribers, and exemption_store_key() is NULL.
 */
void exemption_store_set_key(
    struct exemption_store *store, const struct subscriber_key *key) NONNULL_ALL;
const struct subscriber_key *exemption_store_key(
    const struct exemption_store *store) NONNULL_ALL WUNRES;

/* From now on calls changed() whenever the table has changed, after it has. */
void exemption_store_watch(struct exemption_store *store, void (*changed)(void *argument),
    void *argument) NONNULL(1, 2);

/* What is wrong with the store, for the status; "" when nothing is. Lives until the next call.
 */
const char *exemption_store_warning(const struct exemption_store *store) NONNULL_ALL WUNRES;

/* How many are in force or have just expired. */
size_t exemption_store_count(const struct exemption_store *store) NONNULL_ALL WUNRES;

/*
 * Changes. Each is one transaction: all of its networks, or none. 0, or -1 after describing in
 * problem what is wrong and what to do.
 */

struct exemption_grant {
	const struct network *networks; /* or subscribers: policy/exempt_subject.h */
	size_t count;
	int64_t until_ms; /* past now_ms */
	const char *reason;
	const char *ticket; /* "": none */
	const char *by;     /* who grants it */
	int64_t now_ms;
};

/* What became of the networks of a grant. */
struct exemption_outcome {
	size_t added;
	size_t extended;       /* was exempt, for less long */
	size_t kept;           /* is exempt for as long or longer: left as it was */
	int64_t kept_until_ms; /* the first end of those kept */
};

int exemption_store_add(struct exemption_store *store, const struct exemption_grant *grant,
    struct exemption_outcome *outcome, struct text *problem) NONNULL_ALL WUNRES;

/* When one of the networks is not exempt, problem names what comes closest to it. */
int exemption_store_remove(struct exemption_store *store, const struct network *networks,
    size_t count, const char *by, int64_t now_ms, struct text *problem) NONNULL_ALL WUNRES;

/*
 * Moves what has ended from the exemptions to the history, and forgets history that is too old:
 * at most some hundred of each, so that it does not hold up the main loop. To be called each
 * second or so; costs nothing when nothing has ended. (What has ended is not in force, whether
 * or not it was moved.) Trouble is logged, once a minute, and is the store's warning until it
 * has passed.
 */
void exemption_store_expire(struct exemption_store *store, int64_t now_ms) NONNULL_ALL;

/*
 * Reading. Calls row() for each, in order, and returns how many there were; or -1 after
 * describing what is wrong. What row() is given lives until it returns; it must not change the
 * store.
 */

struct exemption_record {
	struct network network;
	int64_t until_ms;
	const char *reason;
	const char *ticket;
	const char *by;
	int64_t added_ms; /* or last extended */
};

struct exemption_query {
	/* All that hold this network or lie in it; NULL: all. */
	const struct network *about;
	const struct network
	    *after; /* those behind this one, for paging; NULL: from the first */
	unsigned limit;
	int64_t now_ms;
};

/* What is in force, in order of addresses. */
int exemption_store_list(struct exemption_store *store, const struct exemption_query *query,
    void (*row)(void *argument, const struct exemption_record *record), void *argument,
    struct text *problem) NONNULL(1, 2, 3, 5) WUNRES;

struct exemption_incident {
	int64_t id; /* grows */
	int64_t time_ms;
	const char *change; /* "added", "extended", "removed" or "expired" */
	/* As it was then; by is who did it, "" for "expired". added_ms is time_ms. */
	struct exemption_record record;
};

struct exemption_history_query {
	const struct network *about; /* exactly this one; NULL: all */
	int64_t after;               /* those with a larger id */
	unsigned limit;
};

/* What has happened, the oldest first. */
int exemption_store_history(struct exemption_store *store,
    const struct exemption_history_query *query,
    void (*row)(void *argument, const struct exemption_incident *incident), void *argument,
    struct text *problem) NONNULL(1, 2, 3, 5) WUNRES;

#endif
