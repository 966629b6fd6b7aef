/*
 * What the operator reads: one line per message on stderr, for the journal or a terminal.
 *
 * Any thread may log. A line is one write(2); when stderr is a pipe whose reader has stalled,
 * the line is dropped rather than the thread held up. Nothing here is called per connection:
 * what a peer can repeat is counted, not logged (see log_limit).
 *
 * Levels, by what the reader must do:
 *   error    act now: something does not work until somebody mends it
 *   warning  act today: it works, but worse than it should, or will stop working
 *   notice   know: started, reloaded, drained
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"

void log_error(const char *format, ...) PRINTF(1, 2);
void log_warning(const char *format, ...) PRINTF(1, 2);
void log_notice(const char *format, ...) PRINTF(1, 2);

/*
 * Lets one message through per interval, for conditions that can repeat at wire speed.
 * Zero-initialise; belongs to one thread.
 */
struct log_limit {
	int64_t next_ms;     /* monotonic time from which the next message may pass */
	uint64_t suppressed; /* messages held back since the last one that passed */
};

/*
 * True when a message may be written now. *held is then the number of messages held back since
 * the last one, to be named in the message.
 */
bool log_limit_pass(struct log_limit *limit, int64_t now_ms, int64_t interval_ms,
    uint64_t *held) NONNULL(1, 4) WUNRES;

#endif
