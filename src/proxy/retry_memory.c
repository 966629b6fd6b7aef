/*
 * Buckets of sixteen slots, each stripe of buckets with a lock of its own. A source belongs to
 * one bucket; where that is full, the slot that was silent for longest is taken over, so that
 * nothing is ever moved and every call looks at 256 octets. A slot holds the hash in place of
 * the address: that two of a million sources meet in it has odds of one to nine million, and
 * would only let them share their steps.
 */
#include "proxy/retry_memory.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/keyed_hash.h"

enum {
	STRIPES = 64, /* a power of two */
	BUCKET_SLOTS = 16,
	BUCKET_SOURCES = 8, /* that it is meant for: chance favours some buckets */
	SOURCE_WORDS = 3,   /* of the address, as it is hashed */
	/*
	 * Times are kept in units of 16 ms, which come around after more than two years.
	 */
	TICK_SHIFT = 4,
	/*
	 * A worker may be so much behind another one with the time it calls now: what is
	 * "later" than now by less is now.
	 */
	LATE_TICKS = 60000 >> TICK_SHIFT,
	STEP_BITS = 2,
	STEP_MASK = (1 << STEP_BITS) - 1,
};

struct slot {
	uint64_t tag;   /* the hash, with the step in its place for that; step 0: free */
	uint32_t begun; /* ticks: the first connection of this step */
	uint32_t heard; /* ticks: the latest connection */
};
_Static_assert(sizeof(struct slot) == 16, "sixteen of them are four lines of the cache");

struct bucket {
	struct slot slots[BUCKET_SLOTS];
};

struct retry_memory {
	struct stripe {
		_Alignas(64) pthread_mutex_t lock;
	} stripes[STRIPES];
	struct bucket *buckets; /* mask + 1 */
	size_t mask;
	uint64_t seed;
};

/* By the step of a slot. The last one is for all that comes. */
static const enum session_stage steps[] = {
    [1] = SESSION_STAGE_GREETING,
    [2] = SESSION_STAGE_EHLO,
    [3] = SESSION_STAGE_COMMAND,
};
enum {
	STEP_FIRST = 1,
	STEP_LAST = 3,
};
_Static_assert(sizeof steps / sizeof *steps == STEP_LAST + 1, "one for each step");
_Static_assert(STEP_LAST <= (int)STEP_MASK, "a slot has room for it");

static unsigned
slot_step(const struct slot *slot)
{
	return slot->tag & STEP_MASK;
}

/* hash: as source_hash() makes it. */
static bool
slot_is(const struct slot *slot, uint64_t hash)
{
	return slot_step(slot) != 0 && (slot->tag & ~(uint64_t)STEP_MASK) == hash;
}

struct retry_memory *
retry_memory_new(size_t sources)
{
	struct retry_memory *memory;
	size_t buckets = 1;

	while (buckets * BUCKET_SOURCES < sources)
		buckets *= 2;
	if (posix_memalign((void **)&memory, _Alignof(struct retry_memory), sizeof *memory) !=
	    0) {
		errno = ENOMEM;
		return NULL;
	}
	memory->mask = buckets - 1;
	memory->buckets = calloc(buckets, sizeof *memory->buckets);
	if (memory->buckets == NULL ||
	    getrandom(&memory->seed, sizeof memory->seed, 0) != sizeof memory->seed) {
		free(memory->buckets);
		free(memory);
		errno = ENOMEM;
		return NULL;
	}
	for (unsigned i = 0; i < STRIPES; i++)
		pthread_mutex_init(&memory->stripes[i].lock, NULL); /* does not fail on Linux */
	return memory;
}

void
retry_memory_free(struct retry_memory *memory)
{
	if (memory == NULL)
		return;
	for (unsigned i = 0; i < STRIPES; i++)
		pthread_mutex_destroy(&memory->stripes[i].lock);
	free(memory->buckets);
	free(memory);
}

/* With zeros where a slot keeps its step. */
static uint64_t
source_hash(const struct retry_memory *memory, const struct config *config,
    const struct address *source)
{
	struct network subscriber = address_subscriber(source, config->source_prefix6);
	uint64_t words[SOURCE_WORDS] = {0};

	_Static_assert(sizeof subscriber.address <= sizeof words, "the whole address");
	memcpy(words, &subscriber.address, sizeof subscriber.address);
	return keyed_hash(memory->seed, words, SOURCE_WORDS) & ~(uint64_t)STEP_MASK;
}

/* Milliseconds since a time that was noted. */
static int64_t
elapsed_ms(uint32_t then, uint32_t now)
{
	uint32_t ticks = now - then;

	return ticks > UINT32_MAX - LATE_TICKS ? 0 : (int64_t)ticks << TICK_SHIFT;
}

/* The slot that has this hash; else the one to take for it: a free one, or that which was
 * silent for longest. */
static struct slot *
bucket_find(struct bucket *bucket, uint64_t hash, uint32_t now)
{
	struct slot *oldest = &bucket->slots[0];

	for (struct slot *slot = oldest; slot < bucket->slots + BUCKET_SLOTS; slot++) {
		if (slot_is(slot, hash))
			return slot;
		if (slot_step(oldest) != 0 &&
		    (slot_step(slot) == 0 ||
			elapsed_ms(slot->heard, now) > elapsed_ms(oldest->heard, now)))
			oldest = slot;
	}
	return oldest;
}

/* What the slot becomes by a connection now. */
static struct slot
slot_next(struct slot slot, uint64_t hash, const struct config *config, uint32_t now)
{
	if (!slot_is(&slot, hash) || elapsed_ms(slot.heard, now) > config->retry_memory_ms)
		return (struct slot){.tag = hash | STEP_FIRST, .begun = now, .heard = now};
	slot.heard = now;
	if (slot_step(&slot) < STEP_LAST &&
	    elapsed_ms(slot.begun, now) >= config->retry_step_ms) {
		slot.tag++;
		slot.begun = now;
	}
	return slot;
}

static enum session_stage
retry_memory_ask(struct retry_memory *memory, const struct config *config,
    const struct address *source, int64_t now_ms, bool remember)
{
	uint64_t hash = source_hash(memory, config, source);
	size_t index = hash >> STEP_BITS & memory->mask;
	struct stripe *stripe = &memory->stripes[index & (STRIPES - 1)];
	uint32_t now = (uint32_t)(now_ms >> TICK_SHIFT);

	pthread_mutex_lock(&stripe->lock);
	struct slot *slot = bucket_find(&memory->buckets[index], hash, now);
	struct slot next = slot_next(*slot, hash, config, now);
	if (remember)
		*slot = next;
	pthread_mutex_unlock(&stripe->lock);
	return steps[slot_step(&next)];
}

enum session_stage
retry_memory_refuse(struct retry_memory *memory, const struct config *config,
    const struct address *source, int64_t now_ms)
{
	return retry_memory_ask(memory, config, source, now_ms, true);
}

enum session_stage
retry_memory_expect(struct retry_memory *memory, const struct config *config,
    const struct address *source, int64_t now_ms)
{
	return retry_memory_ask(memory, config, source, now_ms, false);
}
