/*
 * Entries in stripes, each with its own lock, chains and hand: when a stripe is full, the hand
 * goes round and takes the first entry that was not asked for since it last came by.
 * Subscribers choose the keys: the hash is keyed with random bits.
 */
#include "proxy/hint_cache.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <unistd.h>

enum {
	STRIPES = 16, /* a power of two */
	/* Of hosts' addresses in one stripe: twice their share, as chance favours some. */
	STRIPE_HOSTS_MAX = 2 * HINT_CACHE_HOSTS_MAX / STRIPES,
	NOWHERE = UINT32_MAX, /* instead of an index */
};

struct entry {
	struct address address;
	uint16_t state;     /* enum hint_state, of what the reverse name told */
	bool used;          /* since the hand came by */
	bool wanted;        /* waits, or is being looked up */
	uint32_t next;      /* in the chain, or NOWHERE */
	int64_t learned_ms; /* when state was */
	int64_t next_ms;    /* not wanted before */
	int64_t host_ms;    /* when host was learned */
	const struct hint *hint;
	const struct hints_host *host; /* whose address it is; or NULL */
	char *name;                    /* allocated, or NULL */
};

struct stripe {
	_Alignas(64) pthread_mutex_t lock;
	struct entry *entries; /* capacity; NULL: it knows nothing */
	uint32_t *chains;      /* heads, mask + 1 */
	uint32_t mask;
	uint32_t capacity; /* share and STRIPE_HOSTS_MAX */
	uint32_t share;    /* of entries that are no host's */
	uint32_t count, hosts, hand;
	struct hint_cache_totals totals;
};

struct hint_cache {
	struct stripe stripes[STRIPES];
	uint64_t seed;
	_Atomic int64_t age_ms;
	int fd;
	/* Those that wait, in a ring. */
	pthread_mutex_t lock;
	struct address wanted[HINT_CACHE_WANTED_MAX];
	unsigned first, waiting;
};

struct hint_cache *
hint_cache_new(void)
{
	struct hint_cache *cache;

	if (posix_memalign((void **)&cache, _Alignof(struct hint_cache), sizeof *cache) != 0) {
		errno = ENOMEM;
		return NULL;
	}
	memset(cache, 0, sizeof *cache);
	cache->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (cache->fd == -1 ||
	    getrandom(&cache->seed, sizeof cache->seed, 0) != sizeof cache->seed) {
		if (cache->fd != -1)
			close(cache->fd);
		free(cache);
		return NULL;
	}
	pthread_mutex_init(&cache->lock, NULL); /* does not fail on Linux */
	for (unsigned i = 0; i < STRIPES; i++)
		pthread_mutex_init(&cache->stripes[i].lock, NULL);
	return cache;
}

static void
stripe_clear(struct stripe *stripe)
{
	for (uint32_t i = 0; i < stripe->count; i++)
		free(stripe->entries[i].name);
	free(stripe->entries);
	free(stripe->chains);
	stripe->entries = NULL;
	stripe->chains = NULL;
	stripe->capacity = stripe->count = stripe->hand = stripe->hosts = 0;
}

void
hint_cache_free(struct hint_cache *cache)
{
	if (cache == NULL)
		return;
	for (unsigned i = 0; i < STRIPES; i++) {
		stripe_clear(&cache->stripes[i]);
		pthread_mutex_destroy(&cache->stripes[i].lock);
	}
	pthread_mutex_destroy(&cache->lock);
	close(cache->fd);
	free(cache);
}

static int
stripe_fill(struct stripe *stripe, uint32_t share)
{
	uint32_t capacity = share + STRIPE_HOSTS_MAX, chains = 16;

	while (chains < capacity)
		chains *= 2;
	stripe->entries = calloc(capacity, sizeof *stripe->entries);
	stripe->chains = malloc(chains * sizeof *stripe->chains);
	if (stripe->entries == NULL || stripe->chains == NULL)
		return -1;
	memset(stripe->chains, 0xff, chains * sizeof *stripe->chains); /* NOWHERE */
	stripe->mask = chains - 1;
	stripe->capacity = capacity;
	stripe->share = share;
	return 0;
}

void
hint_cache_close(struct hint_cache *cache)
{
	for (unsigned i = 0; i < STRIPES; i++) {
		pthread_mutex_lock(&cache->stripes[i].lock);
		stripe_clear(&cache->stripes[i]);
		pthread_mutex_unlock(&cache->stripes[i].lock);
	}
	pthread_mutex_lock(&cache->lock);
	cache->waiting = 0;
	pthread_mutex_unlock(&cache->lock);
}

int
hint_cache_open(struct hint_cache *cache, size_t capacity, int64_t age_ms)
{
	uint32_t share = (uint32_t)((capacity + STRIPES - 1) / STRIPES);
	bool filled = true;

	hint_cache_close(cache);
	cache->age_ms = age_ms;
	for (unsigned i = 0; i < STRIPES && filled; i++) {
		struct stripe *stripe = &cache->stripes[i];

		pthread_mutex_lock(&stripe->lock);
		filled = stripe_fill(stripe, share) == 0;
		pthread_mutex_unlock(&stripe->lock);
	}
	if (filled)
		return 0;
	hint_cache_close(cache);
	errno = ENOMEM;
	return -1;
}

/*
 * Entries, under their stripe's lock.
 */

static uint64_t
mix(uint64_t value)
{
	value = (value ^ value >> 32) * UINT64_C(0xd6e8feb86659fd93);
	value = (value ^ value >> 32) * UINT64_C(0xd6e8feb86659fd93);
	return value ^ value >> 32;
}

static uint64_t
hash(const struct hint_cache *cache, const struct address *address)
{
	uint64_t halves[2];

	memcpy(halves, address->octets, sizeof halves);
	uint64_t first = mix(halves[0] ^ cache->seed);
	return mix(halves[1] ^ first ^ address->family) + cache->seed;
}

/* Where an address would be: its stripe, and there the head of its chain. */
struct place {
	struct stripe *stripe;
	uint32_t *head;
};

/* Locks. False, and unlocked, when the cache takes nothing. */
static bool
place_lock(struct hint_cache *cache, const struct address *address, struct place *place)
{
	uint64_t key = hash(cache, address);
	struct stripe *stripe = &cache->stripes[key % STRIPES];

	place->stripe = stripe;
	pthread_mutex_lock(&stripe->lock);
	if (stripe->entries == NULL) {
		pthread_mutex_unlock(&stripe->lock);
		return false;
	}
	place->head = &stripe->chains[(uint32_t)(key >> 32) & stripe->mask];
	return true;
}

static void
place_unlock(const struct place *place)
{
	pthread_mutex_unlock(&place->stripe->lock);
}

static struct entry *
place_find(const struct place *place, const struct address *address)
{
	for (uint32_t i = *place->head; i != NOWHERE; i = place->stripe->entries[i].next)
		if (address_equal(&place->stripe->entries[i].address, address))
			return &place->stripe->entries[i];
	return NULL;
}

static bool
is_current(const struct hint_cache *cache, int64_t learned_ms, int64_t now_ms)
{
	return now_ms - learned_ms <= cache->age_ms;
}

static bool
is_pinned(const struct hint_cache *cache, const struct entry *entry, int64_t now_ms)
{
	return entry->host != NULL && is_current(cache, entry->host_ms, now_ms);
}

static void
unchain(const struct hint_cache *cache, struct stripe *stripe, uint32_t index)
{
	uint64_t key = hash(cache, &stripe->entries[index].address);
	uint32_t *link = &stripe->chains[(uint32_t)(key >> 32) & stripe->mask];

	while (*link != index)
		link = &stripe->entries[*link].next;
	*link = stripe->entries[index].next;
}

/* The one of count whose turn it is to be forgotten; NOWHERE when all are hosts'. */
static uint32_t
stripe_victim(const struct hint_cache *cache, struct stripe *stripe, int64_t now_ms)
{
	for (uint32_t turns = 0; turns < 2 * stripe->count; turns++) {
		uint32_t index = stripe->hand;
		struct entry *entry = &stripe->entries[index];

		stripe->hand = (stripe->hand + 1) % stripe->count;
		if (is_pinned(cache, entry, now_ms))
			continue;
		if (!entry->used)
			return index;
		entry->used = false;
	}
	return NOWHERE;
}

/* The entry of the address, made if need be; NULL when there is no room for it. */
static struct entry *
place_get(const struct hint_cache *cache, const struct place *place,
    const struct address *address, int64_t now_ms)
{
	struct stripe *stripe = place->stripe;
	struct entry *entry = place_find(place, address);
	uint32_t index = stripe->count;

	if (entry != NULL)
		return entry;
	if (stripe->count - stripe->hosts < stripe->share) {
		stripe->count++;
	} else {
		index = stripe_victim(cache, stripe, now_ms);
		if (index == NOWHERE)
			return NULL;
		unchain(cache, stripe, index);
		stripe->hosts -= stripe->entries[index].host != NULL;
		free(stripe->entries[index].name);
	}
	entry = &stripe->entries[index];
	*entry = (struct entry){.address = *address, .next = *place->head, .next_ms = now_ms};
	*place->head = index;
	return entry;
}

/*
 * Asking. Any thread.
 */

/* What to say of it; NULL: nothing. */
static const struct hint *
entry_hint(
    const struct hint_cache *cache, const struct entry *entry, int64_t now_ms, bool *same)
{
	if (is_pinned(cache, entry, now_ms)) {
		*same = entry->host->same;
		return entry->host->hint;
	}
	*same = false;
	if (entry->state == HINT_NAMED && is_current(cache, entry->learned_ms, now_ms))
		return entry->hint;
	return NULL;
}

void
hint_cache_say(struct hint_cache *cache, const struct address *address, int64_t now_ms,
    char said[HINTS_TEXT_SIZE])
{
	struct place place;
	struct text text;
	bool same;

	text_init(&text, said, HINTS_TEXT_SIZE);
	if (!place_lock(cache, address, &place))
		return;
	struct entry *entry = place_find(&place, address);
	const struct hint *hint = NULL;
	if (entry != NULL) {
		entry->used = true;
		hint = entry_hint(cache, entry, now_ms, &same);
	}
	if (hint != NULL)
		hint_format(&text, hint, same);
	place_unlock(&place);
}

static enum hint_contact
entry_contact(const struct hint_cache *cache, const struct entry *entry, int64_t now_ms)
{
	bool same;

	if (entry == NULL)
		return HINT_CONTACT_UNKNOWN;
	if (entry_hint(cache, entry, now_ms, &same) != NULL)
		return HINT_CONTACT_HINT;
	if (entry->state == HINT_NAMED || entry->host != NULL)
		return HINT_CONTACT_EXPIRED;
	return entry->state == HINT_UNKNOWN || entry->state == HINT_FAILED
		   ? HINT_CONTACT_UNKNOWN
		   : HINT_CONTACT_NOTHING;
}

/* True when it was put among those that wait. */
static bool
enqueue(struct hint_cache *cache, const struct address *address)
{
	bool ring = false, taken = false;

	pthread_mutex_lock(&cache->lock);
	if (cache->waiting < HINT_CACHE_WANTED_MAX) {
		unsigned last = (cache->first + cache->waiting) % HINT_CACHE_WANTED_MAX;

		ring = cache->waiting == 0;
		cache->wanted[last] = *address;
		cache->waiting++;
		taken = true;
	}
	pthread_mutex_unlock(&cache->lock);
	if (ring)
		(void)eventfd_write(cache->fd, 1);
	return taken;
}

void
hint_cache_want(struct hint_cache *cache, const struct address *address, int64_t now_ms)
{
	struct place place;

	if (!place_lock(cache, address, &place))
		return;
	struct hint_cache_totals *totals = &place.stripe->totals;
	totals->contacts[entry_contact(cache, place_find(&place, address), now_ms)]++;
	struct entry *entry = place_get(cache, &place, address, now_ms);
	if (entry != NULL && !entry->wanted && !is_pinned(cache, entry, now_ms) &&
	    now_ms >= entry->next_ms) {
		entry->wanted = enqueue(cache, address);
		totals->postponed += !entry->wanted;
	}
	place_unlock(&place);
}

const char *
hint_contact_name(enum hint_contact contact)
{
	static const char *const names[HINT_CONTACTS] = {
	    [HINT_CONTACT_HINT] = "hint",
	    [HINT_CONTACT_EXPIRED] = "expired",
	    [HINT_CONTACT_NOTHING] = "nothing",
	    [HINT_CONTACT_UNKNOWN] = "unknown",
	};

	return names[contact];
}

struct hint_cache_totals
hint_cache_totals(struct hint_cache *cache)
{
	struct hint_cache_totals sum = {.postponed = 0};

	for (unsigned i = 0; i < STRIPES; i++) {
		struct stripe *stripe = &cache->stripes[i];

		pthread_mutex_lock(&stripe->lock);
		for (unsigned contact = 0; contact < HINT_CONTACTS; contact++)
			sum.contacts[contact] += stripe->totals.contacts[contact];
		sum.postponed += stripe->totals.postponed;
		pthread_mutex_unlock(&stripe->lock);
	}
	return sum;
}

/*
 * Finding out. Main thread.
 */

int
hint_cache_fd(const struct hint_cache *cache)
{
	return cache->fd;
}

bool
hint_cache_next(struct hint_cache *cache, struct address *address)
{
	bool found = false;

	pthread_mutex_lock(&cache->lock);
	if (cache->waiting > 0) {
		*address = cache->wanted[cache->first];
		cache->first = (cache->first + 1) % HINT_CACHE_WANTED_MAX;
		cache->waiting--;
		found = true;
	}
	pthread_mutex_unlock(&cache->lock);
	return found;
}

void
hint_cache_learn(struct hint_cache *cache, const struct address *address, enum hint_state state,
    const struct hint *hint, const char *name, int64_t now_ms, int64_t next_ms)
{
	struct place place;

	if (!place_lock(cache, address, &place))
		return;
	struct entry *entry = place_get(cache, &place, address, now_ms);
	if (entry != NULL) {
		entry->wanted = false;
		entry->next_ms = next_ms;
		/* A resolver that is down for an hour takes nothing away that is still true. */
		if (state != HINT_FAILED || entry->state != HINT_NAMED) {
			free(entry->name);
			entry->name = name[0] == '\0' ? NULL : strdup(name);
			entry->state = (uint16_t)state;
			entry->hint = hint;
			entry->learned_ms = now_ms;
		}
	}
	place_unlock(&place);
}

void
hint_cache_learn_host(struct hint_cache *cache, const struct address *address,
    const struct hints_host *host, int64_t now_ms)
{
	struct place place;

	if (!place_lock(cache, address, &place))
		return;
	struct entry *entry = place_get(cache, &place, address, now_ms);
	if (entry != NULL && (entry->host != NULL || place.stripe->hosts < STRIPE_HOSTS_MAX)) {
		place.stripe->hosts += entry->host == NULL;
		entry->host = host;
		entry->host_ms = now_ms;
	}
	place_unlock(&place);
}

void
hint_cache_look(struct hint_cache *cache, const struct address *address, int64_t now_ms,
    struct hint_knowledge *knowledge)
{
	struct place place;

	*knowledge = (struct hint_knowledge){.state = HINT_UNKNOWN};
	if (!place_lock(cache, address, &place))
		return;
	const struct entry *entry = place_find(&place, address);
	if (entry != NULL && is_pinned(cache, entry, now_ms)) {
		knowledge->state = HINT_HOST;
		knowledge->hint = entry->host->hint;
		knowledge->host = entry->host;
		knowledge->age_ms = now_ms - entry->host_ms;
		knowledge->current = true;
	} else if (entry != NULL) {
		knowledge->state = entry->state == HINT_UNKNOWN && entry->wanted
				       ? HINT_WANTED
				       : (enum hint_state)entry->state;
		knowledge->hint = entry->hint;
		knowledge->age_ms = now_ms - entry->learned_ms;
		knowledge->current =
		    entry->state == HINT_NAMED && is_current(cache, entry->learned_ms, now_ms);
		if (entry->name != NULL)
			strncpy(knowledge->name, entry->name, HINTS_NAME_MAX);
	}
	place_unlock(&place);
}

size_t
hint_cache_count(struct hint_cache *cache)
{
	size_t count = 0;

	for (unsigned i = 0; i < STRIPES; i++) {
		pthread_mutex_lock(&cache->stripes[i].lock);
		count += cache->stripes[i].count;
		pthread_mutex_unlock(&cache->stripes[i].lock);
	}
	return count;
}
