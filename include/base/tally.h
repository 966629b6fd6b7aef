/*
 * Counts how many of each key are open right now, for all workers together: connections per
 * source, upstream tuples for the loop guard. A key exists only while its count is above zero,
 * so memory is bounded by the capacity given at start, which is the number of connections that
 * can be open. Any thread; a short lock over one of a few dozen stripes, never held across
 * anything that can wait.
 */
#ifndef BASE_TALLY_H
#define BASE_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/attributes.h"

struct tally; /* opaque */

/* A key: one or two endpoints; what is not used is zero (keys are compared octet by octet). */
struct tally_key {
	struct endpoint endpoints[2];
};

/* Room for capacity different keys. NULL with errno ENOMEM. Free with tally_free(). */
struct tally *tally_new(size_t capacity) WUNRES;
void tally_free(struct tally *tally);

/*
 * Counts one more of key unless limit are counted already. True if it was counted; false when
 * the limit is reached, or (which the caller's own limit should prevent) the table is full.
 */
bool tally_take(
    struct tally *tally, const struct tally_key *key, uint32_t limit) NONNULL_ALL WUNRES;

/* Counts one less. The key must have been taken. */
void tally_drop(struct tally *tally, const struct tally_key *key) NONNULL_ALL;

/* How many of key are counted now. */
uint32_t tally_count(struct tally *tally, const struct tally_key *key) NONNULL_ALL WUNRES;

#endif
