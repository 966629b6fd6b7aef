/*
 * A table of buckets of eight sources. The bucket of a source comes from a hash that is keyed
 * with random bits at start, because sources choose their addresses.
 */
#include "events/source_counts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/keyed_hash.h"
#include "events/debounce.h"

enum {
	BUCKET_SOURCES = 8,
	SOURCE_WORDS = 3, /* of the address, as it is hashed */
};

struct counted {
	struct address source; /* the first address of the subscriber */
	bool taken;
	int64_t begun_ms; /* the running span */
	int64_t heard_ms;
	uint64_t now;    /* connections in it */
	uint64_t before; /* in the one before */
	struct debounce debounce;
};

struct source_counts {
	struct counted *places; /* BUCKET_SOURCES for each bucket */
	size_t buckets;
	uint64_t seed;
};

static struct counted *
bucket_of(const struct source_counts *counts, const struct address *source)
{
	uint64_t words[SOURCE_WORDS] = {0};

	_Static_assert(sizeof *source <= sizeof words, "the whole address");
	memcpy(words, source, sizeof *source);
	return &counts->places[keyed_hash(counts->seed, words, SOURCE_WORDS) % counts->buckets *
			       BUCKET_SOURCES];
}

/* Its place; or nobody's, or that of who was quiet for longest, made its own. */
static struct counted *
find_place(struct counted *bucket, const struct address *source, int64_t now_ms)
{
	struct counted *quiet = bucket;

	for (struct counted *place = bucket; place < bucket + BUCKET_SOURCES; place++) {
		if (place->taken && address_equal(&place->source, source))
			return place;
		if (quiet->taken && (!place->taken || place->heard_ms < quiet->heard_ms))
			quiet = place;
	}
	*quiet = (struct counted){.source = *source, .taken = true, .begun_ms = now_ms};
	return quiet;
}

/* Begins a new span if the running one is over. */
static void
advance(struct counted *place, int64_t within_ms, int64_t now_ms)
{
	int64_t elapsed_ms = now_ms - place->begun_ms;

	if (elapsed_ms < within_ms)
		return;
	place->before = elapsed_ms < 2 * within_ms ? place->now : 0;
	place->now = 0;
	place->begun_ms = elapsed_ms < 2 * within_ms ? place->begun_ms + within_ms : now_ms;
}

static uint64_t
estimate(const struct counted *place, int64_t within_ms, int64_t now_ms)
{
	double left = (double)(within_ms - (now_ms - place->begun_ms)) / (double)within_ms;

	return place->now + (uint64_t)((double)place->before * left);
}

bool
source_counts_add(struct source_counts *counts, const struct source_threshold *threshold,
    const struct address *source, uint64_t connections, int64_t now_ms,
    struct source_reached *reached)
{
	const struct address subscriber =
	    address_subscriber(source, threshold->prefix6).address;
	if (connections == 0)
		return false;
	struct counted *place = find_place(bucket_of(counts, &subscriber), &subscriber, now_ms);

	advance(place, threshold->within_ms, now_ms);
	place->heard_ms = now_ms;
	place->now += connections;
	reached->connections = estimate(place, threshold->within_ms, now_ms);
	if (reached->connections < threshold->connections)
		return false;
	place->now = place->before = 0;
	place->begun_ms = now_ms;
	return debounce_call(&place->debounce, threshold->every_ms, now_ms, &reached->held);
}

struct source_counts *
source_counts_new(size_t sources)
{
	struct source_counts *counts = calloc(1, sizeof *counts);

	if (counts == NULL)
		return NULL;
	counts->buckets = (sources + BUCKET_SOURCES - 1) / BUCKET_SOURCES;
	counts->places = calloc(counts->buckets * BUCKET_SOURCES, sizeof *counts->places);
	if (counts->places != NULL &&
	    getrandom(&counts->seed, sizeof counts->seed, 0) == sizeof counts->seed)
		return counts;
	int error = errno;
	source_counts_free(counts);
	errno = error;
	return NULL;
}

void
source_counts_free(struct source_counts *counts)
{
	if (counts == NULL)
		return;
	free(counts->places);
	free(counts);
}
