/*
 * Keeps the subscribers as a file says them: a thread of its own looks every now and then
 * whether the file has changed, and reads it anew. A file with a fault in it changes nothing.
 */
#ifndef DAEMON_SUBSCRIBER_FILE_H
#define DAEMON_SUBSCRIBER_FILE_H

#include <stdint.h>

#include "base/attributes.h"
#include "config/config.h"
#include "subscribers/subscribers.h"

struct subscriber_file; /* opaque */

struct subscriber_file_options {
	const struct config *config; /* [subscribers]; a copy of what is needed is made */
	const struct subscriber_key *key;
	struct subscribers *subscribers; /* outlives it */
};

/*
 * Reads the file, then starts the thread. A file that is bad or not there is explained, and
 * looked at again later: nobody is known meanwhile. NULL with errno when there is no memory or
 * no thread. Main thread.
 */
struct subscriber_file *subscriber_file_new(
    const struct subscriber_file_options *options) NONNULL_ALL WUNRES;

/* Waits for the thread; up to the end of a file that is being read. NULL is accepted. */
void subscriber_file_free(struct subscriber_file *file);

/* How often the file was read, well and not. Any thread. */
struct subscriber_file_counts {
	uint64_t read, failed;
};
struct subscriber_file_counts subscriber_file_counts(
    const struct subscriber_file *file) NONNULL_ALL WUNRES;

#endif
