/*
 * Which sources were refused lately, and how far each has got on the way of the adaptive stage:
 * greeting first, which serves people at mail programs; ehlo for a source that comes back, as a
 * queue does; command for one that comes back again. A subscriber's address (IPv6: prefix) and
 * three numbers, no destination and nothing of the message. All workers share one; any thread,
 * and the time is passed in.
 *
 * A step is as long as retry_step from the FIRST connection of it, and not from the one before.
 * A mail server tries every host of a destination within seconds, so that both would hold one
 * attempt together. But a subscriber is a household: with a mail program in it that looks every
 * two minutes, or a bot that never pauses, a step that ends only with a pause would never end,
 * and the mail server beside them would wait for days at the greeting, which is the very thing
 * that this is for. Measured from its beginning, every step ends, whatever else the household
 * does: whoever is held back by one stage meets the next one at most retry_step later. The
 * price is an attempt that lies across the end of a step and meets two stages: in the order in
 * which it would have met them anyway.
 *
 * A source is forgotten when it was silent for retry_memory, or when there is no room for one
 * more, the one that has been silent for longest first (of the sixteen that share a bucket).
 */
#ifndef PROXY_RETRY_MEMORY_H
#define PROXY_RETRY_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/attributes.h"
#include "config/config.h"
#include "smtp/session.h"

struct retry_memory; /* opaque */

/*
 * Room for this many sources, and up to four times as many when they come to be spread evenly.
 * The memory, 32 to 64 octets for each, is touched by the system only as far as it is used.
 * NULL with errno ENOMEM. Free with retry_memory_free(), which accepts NULL.
 */
struct retry_memory *retry_memory_new(size_t sources) WUNRES;
void retry_memory_free(struct retry_memory *memory);

/*
 * A connection of source at now_ms (monotonic) is to be refused: at which stage. It is
 * remembered under config's retry_memory, retry_step and source_prefix6. A short lock over one
 * of a few dozen stripes.
 */
enum session_stage retry_memory_refuse(struct retry_memory *memory, const struct config *config,
    const struct address *source, int64_t now_ms) NONNULL_ALL WUNRES;

/* What the same call would answer; nothing is remembered. */
enum session_stage retry_memory_expect(struct retry_memory *memory, const struct config *config,
    const struct address *source, int64_t now_ms) NONNULL_ALL WUNRES;

#endif
