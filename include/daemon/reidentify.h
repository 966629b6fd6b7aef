/*
 * Which subscriber a pseudonym stands for ([events] pseudonym). A hash has no way back: all
 * addresses that come into question are tried, in slices, so that each request takes the main
 * thread some tens of milliseconds, and each is a line of the audit trail. Main thread.
 */
#ifndef DAEMON_REIDENTIFY_H
#define DAEMON_REIDENTIFY_H

#include <jansson.h>

#include "base/attributes.h"
#include "base/text.h"
#include "config/config.h"
#include "events/pseudonym.h"
#include "events/recent.h"

enum {
	REIDENTIFY_SLICE = 1 << 17, /* sources tried for one request */
};

/*
 * Reads the key that the configuration names, or makes it. 0, and key->length is 0 when there
 * are no pseudonyms; -1 after logging what is wrong. As the user the daemon runs as.
 */
int reidentify_read_key(
    const struct config *config, struct pseudonym_key *key) NONNULL_ALL WUNRES;

/*
 * Answers "reidentify": {"pseudonym", "reason", "among" (a network; without it, the sources of
 * recent, unless that is NULL, and the IPv4 networks of all plans), "from" (where the last
 * slice ended)} gives {"source": or null, "tried", "candidates", "next": a "from", or null:
 * that was all, "since", "until": of the epoch}. NULL after describing the problem.
 */
json_t *reidentify_answer(const struct config *config, const struct pseudonym_key *key,
    struct recent *recent, const json_t *arguments, struct text *problem)
    NONNULL(1, 2, 4, 5) WUNRES;

#endif
