/*
 * Counts per key: open addressing in stripes, each with its own lock. A slot whose count falls
 * to zero is closed up by moving later ones of its run back, so there are no tombstones and the
 * table never has to be rebuilt. A slot holds the 64-bit hash in place of the key, and is a
 * quarter of its size for it: that two of a million keys ever meet has odds of one to 37
 * million, and would only let them share a count. The hash is keyed with random bits at start,
 * because sources choose the keys.
 */
#include "base/tally.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/keyed_hash.h"

enum {
	TALLY_STRIPES = 64, /* a power of two */
	/* Slots of a stripe above one and a half times its share: chance favours some stripes.
	 */
	STRIPE_SLACK = 64,
	TALLY_KEY_WORDS = sizeof(struct tally_key) / sizeof(uint64_t),
};
_Static_assert(sizeof(struct tally_key) % sizeof(uint64_t) == 0, "keys are hashed in words");

struct slot {
	uint64_t hash;
	uint32_t count; /* 0: free */
};

struct stripe {
	_Alignas(64) pthread_mutex_t lock;
	struct slot *slots; /* mask + 1 */
	size_t used;
};

struct tally {
	struct stripe stripes[TALLY_STRIPES];
	size_t mask; /* of the slots of one stripe; their number is a power of two */
	uint64_t seed;
	unsigned locks; /* initialised so far */
};

static uint64_t
tally_hash(const struct tally *tally, const struct tally_key *key)
{
	uint64_t words[TALLY_KEY_WORDS];

	memcpy(words, key, sizeof words);
	return keyed_hash(tally->seed, words, TALLY_KEY_WORDS);
}

struct tally *
tally_new(size_t capacity)
{
	struct tally *tally;
	size_t slots = 16;

	/* Stripes do not fill evenly, those of a small table least of all. */
	while (slots < capacity / TALLY_STRIPES * 3 / 2 + STRIPE_SLACK)
		slots *= 2;
	if (posix_memalign((void **)&tally, _Alignof(struct tally), sizeof *tally) != 0) {
		errno = ENOMEM;
		return NULL;
	}
	memset(tally, 0, sizeof *tally);
	tally->mask = slots - 1;
	if (getrandom(&tally->seed, sizeof tally->seed, 0) != sizeof tally->seed)
		goto fail;
	for (; tally->locks < TALLY_STRIPES; tally->locks++) {
		struct stripe *stripe = &tally->stripes[tally->locks];

		stripe->slots = calloc(slots, sizeof *stripe->slots);
		if (stripe->slots == NULL)
			goto fail;
		pthread_mutex_init(&stripe->lock, NULL); /* does not fail on Linux */
	}
	return tally;
fail:
	tally_free(tally);
	errno = ENOMEM;
	return NULL;
}

void
tally_free(struct tally *tally)
{
	if (tally == NULL)
		return;
	for (unsigned i = 0; i < tally->locks; i++) {
		pthread_mutex_destroy(&tally->stripes[i].lock);
		free(tally->stripes[i].slots);
	}
	free(tally);
}

/* The slot of a key, or the free one where it would go. One is always free (see tally_take()).
 */
static size_t
stripe_find(const struct stripe *stripe, size_t mask, uint64_t hash)
{
	size_t at = hash & mask;

	while (stripe->slots[at].count != 0 && stripe->slots[at].hash != hash)
		at = (at + 1) & mask;
	return at;
}

static struct stripe *
tally_lock(struct tally *tally, uint64_t hash)
{
	struct stripe *stripe = &tally->stripes[hash >> 32 & (TALLY_STRIPES - 1)];

	pthread_mutex_lock(&stripe->lock);
	return stripe;
}

bool
tally_take(struct tally *tally, const struct tally_key *key, uint32_t limit)
{
	uint64_t hash = tally_hash(tally, key);
	struct stripe *stripe = tally_lock(tally, hash);
	struct slot *slot = &stripe->slots[stripe_find(stripe, tally->mask, hash)];
	bool fresh = slot->count == 0;
	bool taken = slot->count < limit && (!fresh || stripe->used < tally->mask);

	if (taken) {
		if (fresh) {
			slot->hash = hash;
			stripe->used++;
		}
		slot->count++;
	}
	pthread_mutex_unlock(&stripe->lock);
	return taken;
}

/* Frees a slot and moves back what was displaced past it, so that every run stays unbroken. */
static void
stripe_remove(struct stripe *stripe, size_t mask, size_t hole)
{
	stripe->slots[hole].count = 0;
	stripe->used--;
	for (size_t at = (hole + 1) & mask; stripe->slots[at].count != 0;
	     at = (at + 1) & mask) {
		size_t home = stripe->slots[at].hash & mask;

		/* Its way from home to here must lead over the hole, or it has to stay. */
		if (((at - home) & mask) < ((at - hole) & mask))
			continue;
		stripe->slots[hole] = stripe->slots[at];
		stripe->slots[at].count = 0;
		hole = at;
	}
}

void
tally_drop(struct tally *tally, const struct tally_key *key)
{
	uint64_t hash = tally_hash(tally, key);
	struct stripe *stripe = tally_lock(tally, hash);
	size_t at = stripe_find(stripe, tally->mask, hash);

	if (stripe->slots[at].count > 1)
		stripe->slots[at].count--;
	else if (stripe->slots[at].count == 1)
		stripe_remove(stripe, tally->mask, at);
	pthread_mutex_unlock(&stripe->lock);
}

uint32_t
tally_count(struct tally *tally, const struct tally_key *key)
{
	uint64_t hash = tally_hash(tally, key);
	struct stripe *stripe = tally_lock(tally, hash);
	uint32_t count = stripe->slots[stripe_find(stripe, tally->mask, hash)].count;

	pthread_mutex_unlock(&stripe->lock);
	return count;
}
