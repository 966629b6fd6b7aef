/*
 * Runtime exemptions: open addressing in stripes, each with a lock of its own, keyed by family,
 * prefix length and leading bits. A bitmap of the prefix lengths in use, kept per family, says
 * which keys an address has to be looked up under, longest first.
 *
 * There is one writer. So it may read without a lock, and builds the larger array of a stripe
 * that grows beside the old one; the lock is held only to exchange the two.
 */
#include "policy/exemptions.h"

#include <endian.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/keyed_hash.h"
#include "policy/address_key.h"
#include "policy/exempt_subject.h"

enum {
	EXEMPTIONS_STRIPES = 64, /* a power of two */
	SLOTS_MIN = 16,          /* of one stripe; a power of two */
	LENGTH_WORDS = ADDRESS_BITS_IPV6 / 64 + 1,
};

struct slot {
	struct address_key network;
	int64_t until_ms;
	uint32_t hash;
	uint8_t family;
	uint8_t length;
	bool used;
};
_Static_assert(sizeof(struct slot) == 32, "two slots share a cache line");

struct stripe {
	_Alignas(64) pthread_rwlock_t lock;
	struct slot *slots; /* NULL until the first is used */
	size_t size;        /* of slots; 0 or a power of two */
	size_t used;
};

struct exemptions {
	struct stripe stripes[EXEMPTIONS_STRIPES];
	_Atomic uint64_t lengths[EXEMPTIONS_FAMILIES][LENGTH_WORDS]; /* in use: one bit each */
	atomic_uint
	    words[EXEMPTIONS_FAMILIES]; /* of lengths, up to the last that is not zero */
	size_t length_counts[EXEMPTIONS_FAMILIES][ADDRESS_BITS_IPV6 + 1];
	size_t count, maximum;
	uint64_t seed;
	unsigned locks; /* initialised so far */
};

struct exemptions *
exemptions_new(size_t maximum)
{
	struct exemptions *exemptions;

	if (posix_memalign(
		(void **)&exemptions, _Alignof(struct exemptions), sizeof *exemptions) != 0) {
		errno = ENOMEM;
		return NULL;
	}
	memset(exemptions, 0, sizeof *exemptions);
	exemptions->maximum = maximum;
	if (getrandom(&exemptions->seed, sizeof exemptions->seed, 0) !=
	    sizeof exemptions->seed) {
		exemptions_free(exemptions);
		errno = ENOMEM;
		return NULL;
	}
	for (; exemptions->locks < EXEMPTIONS_STRIPES; exemptions->locks++)
		pthread_rwlock_init(&exemptions->stripes[exemptions->locks].lock,
		    NULL); /* does not fail on Linux */
	return exemptions;
}

void
exemptions_free(struct exemptions *exemptions)
{
	if (exemptions == NULL)
		return;
	for (unsigned i = 0; i < exemptions->locks; i++) {
		pthread_rwlock_destroy(&exemptions->stripes[i].lock);
		free(exemptions->stripes[i].slots);
	}
	free(exemptions);
}

/*
 * Keys.
 */

static struct address_key
leading_bits(struct address_key key, unsigned length)
{
	if (length <= 64)
		return (struct address_key){
		    length == 0 ? 0 : key.high & UINT64_MAX << (64 - length), 0};
	return (struct address_key){key.high, key.low & UINT64_MAX << (128 - length)};
}

/* The slot as it would stand in the table, but for its end. */
static struct slot
slot_for(const struct address *address, unsigned length)
{
	return (struct slot){
	    .network = leading_bits(address_key_of(address), length),
	    .family = (uint8_t)address->family,
	    .length = (uint8_t)length,
	    .used = true,
	};
}

/* Sets the hash of the slot; returns the stripe it belongs to. */
static unsigned
slot_hash(struct slot *slot, uint64_t seed)
{
	uint64_t hash = keyed_hash_mix(slot->network.high ^ seed);

	hash = keyed_hash_mix(hash ^ slot->network.low);
	hash = keyed_hash_mix(hash ^ ((uint64_t)slot->family << 8 | slot->length));
	slot->hash = (uint32_t)hash;
	return hash >> 32 & (EXEMPTIONS_STRIPES - 1);
}

static bool
slot_matches(const struct slot *a, const struct slot *b)
{
	return a->hash == b->hash && a->length == b->length && a->family == b->family &&
	       address_key_equal(a->network, b->network);
}

/* Where the slot with this key is, or the free one where it would go: one is always free. */
static struct slot *
stripe_find(const struct stripe *stripe, const struct slot *wanted)
{
	size_t at = wanted->hash & (stripe->size - 1);

	while (stripe->slots[at].used && !slot_matches(&stripe->slots[at], wanted))
		at = (at + 1) & (stripe->size - 1);
	return &stripe->slots[at];
}

/*
 * Asking.
 */

static bool
exemptions_holds(
    const struct exemptions *exemptions, struct slot *wanted, int64_t wall_ms, int64_t *until)
{
	/* The table is constant to who asks; its locks are not. */
	struct stripe *stripe =
	    (struct stripe *)&exemptions->stripes[slot_hash(wanted, exemptions->seed)];
	bool holds = false;

	pthread_rwlock_rdlock(&stripe->lock);
	if (stripe->size > 0) {
		const struct slot *slot = stripe_find(stripe, wanted);

		holds = slot->used && wall_ms < slot->until_ms;
		*until = slot->until_ms;
	}
	pthread_rwlock_unlock(&stripe->lock);
	return holds;
}

bool
exemptions_find(const struct exemptions *exemptions, const struct address *address,
    int64_t wall_ms, struct exemption *found)
{
	unsigned words =
	    atomic_load_explicit(&exemptions->words[address->family], memory_order_acquire);

	for (unsigned word = words; word-- > 0;) {
		uint64_t lengths = atomic_load_explicit(
		    &exemptions->lengths[address->family][word], memory_order_acquire);

		while (lengths != 0) {
			unsigned bit = 63 - (unsigned)__builtin_clzll(lengths);
			struct slot wanted = slot_for(address, word * 64 + bit);

			if (exemptions_holds(exemptions, &wanted, wall_ms, &found->until_ms)) {
				found->network = address_network(address, wanted.length);
				return true;
			}
			lengths &= ~(UINT64_C(1) << bit);
		}
	}
	return false;
}

bool
exemptions_find_subscriber(const struct exemptions *exemptions, const char *pseudonym,
    int64_t wall_ms, struct exemption *found)
{
	struct network subscriber;

	return atomic_load_explicit(
		   &exemptions->words[EXEMPTIONS_SUBSCRIBER], memory_order_acquire) != 0 &&
	       exempt_subject_pseudonym(pseudonym, &subscriber) == 0 &&
	       exemptions_find(exemptions, &subscriber.address, wall_ms, found);
}

/*
 * Changing.
 */

/* 0, or -1 with errno ENOMEM: the stripe is then as it was. */
static int
stripe_resize(struct stripe *stripe, size_t size)
{
	struct slot *old = stripe->slots;
	struct stripe larger = {.size = size, .slots = calloc(size, sizeof *old)};

	if (larger.slots == NULL)
		return -1;
	for (size_t i = 0; i < stripe->size; i++)
		if (old[i].used)
			*stripe_find(&larger, &old[i]) = old[i];
	pthread_rwlock_wrlock(&stripe->lock);
	stripe->slots = larger.slots;
	stripe->size = size;
	pthread_rwlock_unlock(&stripe->lock);
	free(old);
	return 0;
}

/* Keeps a quarter of the slots free, so that a search meets a free one soon. */
static int
stripe_make_room(struct stripe *stripe)
{
	if (stripe->size == 0)
		return stripe_resize(stripe, SLOTS_MIN);
	if (stripe->used + 1 > stripe->size / 4 * 3)
		return stripe_resize(stripe, stripe->size * 2);
	return 0;
}

/* For a table of which a family has no networks, all that a look-up reads is a zero. */
static void
exemptions_count_words(struct exemptions *exemptions, unsigned family)
{
	unsigned words = LENGTH_WORDS;

	while (words > 0 && atomic_load_explicit(&exemptions->lengths[family][words - 1],
				memory_order_relaxed) == 0)
		words--;
	atomic_store_explicit(&exemptions->words[family], words, memory_order_release);
}

static void
exemptions_count_length(struct exemptions *exemptions, const struct slot *slot, bool added)
{
	size_t *count = &exemptions->length_counts[slot->family][slot->length];
	_Atomic uint64_t *lengths = &exemptions->lengths[slot->family][slot->length / 64];
	uint64_t bit = UINT64_C(1) << slot->length % 64;

	exemptions->count += added ? 1 : SIZE_MAX;
	*count += added ? 1 : SIZE_MAX;
	if (*count == 0)
		atomic_fetch_and_explicit(lengths, ~bit, memory_order_release);
	else if (added && *count == 1)
		atomic_fetch_or_explicit(lengths, bit, memory_order_release);
	else
		return;
	exemptions_count_words(exemptions, slot->family);
}

int
exemptions_add(struct exemptions *exemptions, const struct exemption *exemption)
{
	const struct network *network = &exemption->network;
	struct slot added = slot_for(&network->address, network->length);
	struct stripe *stripe = &exemptions->stripes[slot_hash(&added, exemptions->seed)];

	if (stripe_make_room(stripe) == -1)
		return -1;
	struct slot *slot = stripe_find(stripe, &added);
	bool is_new = !slot->used;
	if (is_new && exemptions->count >= exemptions->maximum) {
		errno = ENOSPC;
		return -1;
	}
	added.until_ms = exemption->until_ms;
	pthread_rwlock_wrlock(&stripe->lock);
	*slot = added;
	stripe->used += is_new;
	pthread_rwlock_unlock(&stripe->lock);
	if (is_new)
		exemptions_count_length(exemptions, &added, true);
	return 0;
}

/* Frees a slot and moves back what was displaced past it, so that every run stays unbroken. */
static void
stripe_remove(struct stripe *stripe, size_t hole)
{
	size_t mask = stripe->size - 1;

	stripe->slots[hole].used = false;
	stripe->used--;
	for (size_t at = (hole + 1) & mask; stripe->slots[at].used; at = (at + 1) & mask) {
		size_t home = stripe->slots[at].hash & mask;

		/* Its way from home to here must lead over the hole, or it has to stay. */
		if (((at - home) & mask) < ((at - hole) & mask))
			continue;
		stripe->slots[hole] = stripe->slots[at];
		stripe->slots[at].used = false;
		hole = at;
	}
}

int
exemptions_remove(struct exemptions *exemptions, const struct network *network)
{
	struct slot wanted = slot_for(&network->address, network->length);
	struct stripe *stripe = &exemptions->stripes[slot_hash(&wanted, exemptions->seed)];
	struct slot *slot = stripe->size == 0 ? NULL : stripe_find(stripe, &wanted);

	if (slot == NULL || !slot->used) {
		errno = ENOENT;
		return -1;
	}
	pthread_rwlock_wrlock(&stripe->lock);
	stripe_remove(stripe, (size_t)(slot - stripe->slots));
	pthread_rwlock_unlock(&stripe->lock);
	exemptions_count_length(exemptions, &wanted, false);
	/* Without memory for the smaller one, the larger one does as well. */
	if (stripe->size > SLOTS_MIN && stripe->used < stripe->size / 8)
		(void)stripe_resize(stripe, stripe->size / 2);
	return 0;
}

static struct exemption
slot_exemption(const struct slot *slot)
{
	uint64_t words[2] = {htobe64(slot->network.high), htobe64(slot->network.low)};
	struct exemption exemption = {
	    .network = {.address.family = slot->family, .length = slot->length},
	    .until_ms = slot->until_ms,
	};

	memcpy(exemption.network.address.octets, words, sizeof words);
	return exemption;
}

/* There is one writer, and this is its thread: no lock. */
void
exemptions_each(const struct exemptions *exemptions,
    void (*each)(void *argument, const struct exemption *exemption), void *argument)
{
	for (unsigned i = 0; i < EXEMPTIONS_STRIPES; i++) {
		const struct stripe *stripe = &exemptions->stripes[i];

		for (size_t at = 0; at < stripe->size; at++) {
			if (!stripe->slots[at].used)
				continue;
			struct exemption exemption = slot_exemption(&stripe->slots[at]);

			each(argument, &exemption);
		}
	}
}

size_t
exemptions_count(const struct exemptions *exemptions)
{
	return exemptions->count;
}

size_t
exemptions_maximum(const struct exemptions *exemptions)
{
	return exemptions->maximum;
}
