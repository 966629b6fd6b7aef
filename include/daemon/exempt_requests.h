/*
 * What daemon and helper (daemon/net_admin.h) say to each other about the sets of exempt
 * sources (control/exempt_sets.h). Behind the verb stand networks, with spaces between them:
 *
 *   exempt-flush
 *   exempt-change -203.0.113.5 +198.51.100.0/24 +203.0.113.6,86400000
 *   exempt-look 198.51.100.0/24 203.0.113.6
 *
 * "-" takes out; "+" puts in, for ever or for so many milliseconds. The answer to exempt-look
 * is how many packets were forwarded, of IPv4 and IPv6, or nothing without these counters.
 */
#ifndef DAEMON_EXEMPT_REQUESTS_H
#define DAEMON_EXEMPT_REQUESTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/text.h"
#include "control/exempt_plan.h"

#define EXEMPT_REQUESTS_FLUSH  "exempt-flush"
#define EXEMPT_REQUESTS_CHANGE "exempt-change"
#define EXEMPT_REQUESTS_LOOK   "exempt-look"

enum {
	EXEMPT_REQUESTS_LOOK_MAX = 8, /* networks */
};

/*
 * Daemon: putting a request together in a buffer of that size.
 */
void exempt_requests_begin(
    struct text *request, const char *verb, char *buffer, size_t size) NONNULL_ALL;

/* Whether one more network fits, whatever it is. */
bool exempt_requests_fit(const struct text *request) NONNULL_ALL WUNRES;

void exempt_requests_add(
    struct text *request, const struct exempt_change *change, int64_t wall_ms) NONNULL_ALL;
void exempt_requests_add_network(
    struct text *request, const struct network *network) NONNULL_ALL;

/*
 * Helper: carrying one out, as in daemon/net_admin_requests.h. Reading is on its own for the
 * tests: the changes, to be freed, whose ends count from 0; NULL with the reason.
 */
int exempt_requests_flush(const char *arguments, struct text *answer) NONNULL_ALL WUNRES;
int exempt_requests_change(const char *arguments, struct text *answer) NONNULL_ALL WUNRES;
int exempt_requests_look(const char *arguments, struct text *answer) NONNULL_ALL WUNRES;

struct exempt_change *exempt_requests_read(
    const char *arguments, size_t *count, struct text *why) NONNULL_ALL WUNRES;

#endif
