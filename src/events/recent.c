/*
 * A table of buckets of eight sources. The bucket of a source comes from a hash that is keyed
 * with random bits at start, because sources choose their addresses.
 */
#include "events/recent.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/keyed_hash.h"

enum {
	BUCKET_SOURCES = 8,
};

struct remembered {
	struct address source; /* the first address of the subscriber */
	uint8_t count;         /* of attempts; 0: nobody's place */
	uint8_t next;          /* where the next one goes: over the oldest */
	uint16_t seen;         /* attempts in all; stays at UINT16_MAX */
	uint64_t used;         /* when, by the clock of struct recent */
};
_Static_assert(sizeof(struct remembered) == 32, "a bucket is searched in four cache lines");
_Static_assert(sizeof(struct recent_attempt) == 80, "as the header and the manual page say");

struct recent {
	pthread_mutex_t lock;
	struct remembered *places;       /* BUCKET_SOURCES for each bucket */
	struct recent_attempt *attempts; /* RECENT_ATTEMPTS for each place */
	size_t buckets;
	unsigned prefix6;
	uint64_t seed;
	uint64_t clock; /* one tick for each event */
};

static struct remembered *
bucket_of(const struct recent *recent, const struct address *source)
{
	uint64_t words[2];

	memcpy(words, source->octets, sizeof words);
	return &recent->places[keyed_hash(recent->seed, words, 2) % recent->buckets *
			       BUCKET_SOURCES];
}

static struct remembered *
find_source(struct remembered *bucket, const struct address *source)
{
	for (size_t i = 0; i < BUCKET_SOURCES; i++)
		if (bucket[i].count > 0 && address_equal(&bucket[i].source, source))
			return &bucket[i];
	return NULL;
}

/* Nobody's place, or that of who has been quiet for longest. */
static struct remembered *
make_room(struct remembered *bucket, const struct address *source)
{
	struct remembered *quiet = bucket;

	for (size_t i = 1; i < BUCKET_SOURCES; i++)
		if (bucket[i].used < quiet->used)
			quiet = &bucket[i];
	*quiet = (struct remembered){.source = *source};
	return quiet;
}

static struct recent_attempt *
attempts_of(const struct recent *recent, const struct remembered *place)
{
	return &recent->attempts[(size_t)(place - recent->places) * RECENT_ATTEMPTS];
}

static struct recent_attempt
attempt_of(const struct event *event, uint16_t number)
{
	struct recent_attempt attempt = {
	    .time_ms = event->time_ms,
	    .reference = event->reference,
	    .source = event->source.address,
	    .destination = event->destination.address,
	    .source_port = event->source.port,
	    .number = number,
	    .kind = event->kind,
	    .close = event->close,
	    .client = event->client,
	};

	if ((event->flags & EVENT_HEARD) != 0)
		memcpy(attempt.greeting_name, event->heard.greeting_name,
		    strnlen(event->heard.greeting_name, RECENT_NAME_SIZE - 1));
	return attempt;
}

/* The one that ended last first. */
static void
tell(const struct recent *recent, const struct remembered *place, struct recent_history *told)
{
	const struct recent_attempt *attempts = attempts_of(recent, place);

	for (; told->count < place->count; told->count++)
		told->attempts[told->count] =
		    attempts[(place->next + RECENT_ATTEMPTS - 1U - told->count) %
			     RECENT_ATTEMPTS];
}

void
recent_add(struct recent *recent, const struct event *event, struct recent_history *before)
{
	before->count = 0;
	if (event->kind == EVENT_ROLLUP)
		return;
	const struct address source =
	    address_subscriber(&event->source.address, recent->prefix6).address;
	struct remembered *bucket = bucket_of(recent, &source);

	pthread_mutex_lock(&recent->lock);
	struct remembered *place = find_source(bucket, &source);
	if (place == NULL)
		place = make_room(bucket, &source);
	tell(recent, place, before);
	place->used = ++recent->clock;
	if (place->seen < UINT16_MAX)
		place->seen++;
	attempts_of(recent, place)[place->next] = attempt_of(event, place->seen);
	place->next = (uint8_t)((place->next + 1) % RECENT_ATTEMPTS);
	if (place->count < RECENT_ATTEMPTS)
		place->count++;
	pthread_mutex_unlock(&recent->lock);
}

size_t
recent_attempts(struct recent *recent, const struct address *source,
    void (*attempt)(void *argument, const struct recent_attempt *attempt), void *argument)
{
	const struct address subscriber = address_subscriber(source, recent->prefix6).address;
	struct recent_history found = {.count = 0};

	pthread_mutex_lock(&recent->lock);
	const struct remembered *place =
	    find_source(bucket_of(recent, &subscriber), &subscriber);
	if (place != NULL)
		tell(recent, place, &found);
	pthread_mutex_unlock(&recent->lock);
	for (unsigned i = 0; i < found.count; i++)
		attempt(argument, &found.attempts[i]);
	return found.count;
}

void
recent_sources(struct recent *recent,
    bool (*source)(void *argument, const struct address *subscriber), void *argument)
{
	struct remembered bucket[BUCKET_SOURCES];

	for (size_t i = 0; i < recent->buckets; i++) {
		pthread_mutex_lock(&recent->lock);
		memcpy(bucket, &recent->places[i * BUCKET_SOURCES], sizeof bucket);
		pthread_mutex_unlock(&recent->lock);
		for (size_t j = 0; j < BUCKET_SOURCES; j++)
			if (bucket[j].count > 0 && !source(argument, &bucket[j].source))
				return;
	}
}

struct recent *
recent_new(size_t sources, unsigned prefix6)
{
	struct recent *recent = calloc(1, sizeof *recent);

	if (recent == NULL)
		return NULL;
	pthread_mutex_init(&recent->lock, NULL);
	recent->buckets = (sources + BUCKET_SOURCES - 1) / BUCKET_SOURCES;
	recent->prefix6 = prefix6;
	recent->places = calloc(recent->buckets * BUCKET_SOURCES, sizeof *recent->places);
	recent->attempts = calloc(
	    recent->buckets * BUCKET_SOURCES * RECENT_ATTEMPTS, sizeof *recent->attempts);
	if (recent->places != NULL && recent->attempts != NULL &&
	    getrandom(&recent->seed, sizeof recent->seed, 0) == sizeof recent->seed)
		return recent;
	int error = errno;
	recent_free(recent);
	errno = error;
	return NULL;
}

void
recent_free(struct recent *recent)
{
	if (recent == NULL)
		return;
	pthread_mutex_destroy(&recent->lock);
	free(recent->places);
	free(recent->attempts);
	free(recent);
}
