/*
 * Where subscribers come from, as [subscribers] source says: nothing, a file or RADIUS; and
 * what is counted on the way. Main thread.
 */
#ifndef DAEMON_SUBSCRIBER_SOURCE_H
#define DAEMON_SUBSCRIBER_SOURCE_H

#include <event2/event.h>

#include "base/attributes.h"
#include "config/config.h"
#include "http/exposition.h"
#include "subscribers/subscribers.h"

struct subscriber_source; /* opaque */

/* Not for source = none. Blocks on disk. NULL after explaining the failure. */
struct subscriber_source *subscriber_source_open(
    const struct config *config, struct event_base *base) NONNULL_ALL WUNRES;

/* Nothing is learned any more; what is known stays. NULL is accepted. */
void subscriber_source_stop(struct subscriber_source *source);

/* Nobody asks any more. NULL is accepted. */
void subscriber_source_close(struct subscriber_source *source);

/* Lives as long as the source. */
struct subscribers *subscriber_source_subscribers(
    struct subscriber_source *source) NONNULL_ALL WUNRES;

/* With it names become pseudonyms. Lives as long as the source. */
const struct subscriber_key *subscriber_source_key(
    const struct subscriber_source *source) NONNULL_ALL WUNRES;

/* Its metrics (op25bd(8)); none when source is NULL. */
void subscriber_source_metrics(
    const struct subscriber_source *source, struct exposition *exposition) NONNULL(2);

#endif
