/*
 * Sources are followed in a circle of places, in the order in which their intervals began: as
 * all intervals are equally long, the oldest place is always the next whose time is over, and
 * the work of writing rollups is spread as the sources' coming was. A table of chains finds a
 * source's place; its hash is keyed with random bits, because sources choose their addresses.
 *
 * What policy said is kept once for all sources that it was said to, in a small table that only
 * grows; in one that is full, a verdict is told without names.
 */
#include "events/digest.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/client_class.h"
#include "base/keyed_hash.h"
#include "events/hyperloglog.h"

enum {
	VERDICTS = 1024, /* plans, rules and phases in force at one time are far fewer */
	NO_VERDICT = VERDICTS,
	STAGES = 8, /* names of stages; there are fewer */
	WHYS = 32,  /* what classes are based on; there are fewer */
};
#define NO_PLACE UINT32_MAX

struct verdict {
	char plan[EVENT_NAME_SIZE];
	char phase[EVENT_NAME_SIZE];
	char rule[EVENT_RULE_SIZE];
};

struct followed {
	struct address source; /* the last address that the subscriber used */
	uint16_t verdict;      /* the last one */
	uint32_t next;         /* in its chain */
	uint32_t seen;         /* events of this interval */
	uint32_t begin_ms;     /* since the digest was made, modulo 2^32 */
	uint32_t close_counts[EVENT_ROLLUP_CLOSES];
	int64_t first_ms; /* of those to roll up; wall clock */
	uint32_t span_ms; /* from the first to the last */
	uint16_t ports[EVENT_ROLLUP_PORTS];
	uint8_t closes[EVENT_ROLLUP_CLOSES];
	uint8_t kind;
	uint8_t stages; /* one bit for each */
	/* Of each class but the unknown one; all are halved when one is full. */
	uint8_t clients[CLIENT_CLASSES - 1];
	uint8_t why; /* index of why the last one has the class that most have; WHYS: none */
	struct hyperloglog destinations;
};
_Static_assert(sizeof(struct followed) <= 120, "a million sources fit into 128 MB");

struct unplaced {
	uint64_t count;
	int64_t first_ms;
	int64_t last_ms;
	int64_t begin_ms; /* monotonic */
};

struct digest {
	struct digest_options options;
	struct followed *places; /* a circle */
	uint32_t *chains;
	uint32_t chain_mask;
	uint32_t oldest;
	uint32_t used;
	uint64_t seed;
	int64_t origin_ms; /* of begin_ms; the time of the first event */
	struct unplaced unplaced[EVENT_KINDS];
	struct verdict *verdicts;
	unsigned verdict_count;
	unsigned last_verdict;
	const char *stages[STAGES];
	const char *whys[WHYS];
	_Atomic uint64_t total_rolled_up;
	_Atomic uint64_t total_unplaced;
	_Atomic uint64_t total_used;
};

static uint64_t
address_mix(const struct address *address, uint64_t seed)
{
	uint64_t words[3] = {[2] = address->family};

	memcpy(words, address->octets, sizeof address->octets);
	return keyed_hash(seed, words, 3);
}

static struct address
subscriber_of(const struct digest *digest, const struct address *source)
{
	return address_subscriber(source, digest->options.prefix6).address;
}

static uint32_t *
chain_of(const struct digest *digest, const struct address *subscriber, uint8_t kind)
{
	uint64_t hash =
	    address_mix(subscriber, digest->seed) + kind * UINT64_C(0x9e3779b97f4a7c15);

	return &digest->chains[keyed_hash_mix(hash) & digest->chain_mask];
}

static struct followed *
find_place(const struct digest *digest, const struct address *subscriber, uint8_t kind)
{
	uint32_t place = *chain_of(digest, subscriber, kind);

	for (; place != NO_PLACE; place = digest->places[place].next) {
		struct followed *followed = &digest->places[place];
		struct address other = subscriber_of(digest, &followed->source);

		if (followed->kind == kind && address_equal(&other, subscriber))
			return followed;
	}
	return NULL;
}

static struct followed *
take_place(struct digest *digest, const struct event *event, int64_t now_ms)
{
	struct address subscriber = subscriber_of(digest, &event->source.address);
	uint32_t *chain = chain_of(digest, &subscriber, event->kind);

	if (digest->used == digest->options.sources)
		return NULL;
	uint32_t place =
	    (uint32_t)(((uint64_t)digest->oldest + digest->used) % digest->options.sources);
	digest->places[place] = (struct followed){
	    .source = event->source.address,
	    .kind = event->kind,
	    .next = *chain,
	    .why = WHYS,
	    .begin_ms = (uint32_t)(now_ms - digest->origin_ms),
	};
	*chain = place;
	atomic_store_explicit(&digest->total_used, ++digest->used, memory_order_relaxed);
	return &digest->places[place];
}

static void
drop_oldest(struct digest *digest)
{
	const struct followed *followed = &digest->places[digest->oldest];
	struct address subscriber = subscriber_of(digest, &followed->source);
	uint32_t *link = chain_of(digest, &subscriber, followed->kind);

	while (*link != digest->oldest)
		link = &digest->places[*link].next;
	*link = followed->next;
	digest->oldest = (digest->oldest + 1) % digest->options.sources;
	atomic_store_explicit(&digest->total_used, --digest->used, memory_order_relaxed);
}

/*
 * What is told of one.
 */

static bool
verdict_is(const struct verdict *verdict, const struct event *event)
{
	return strcmp(verdict->rule, event->rule) == 0 &&
	       strcmp(verdict->plan, event->plan) == 0 &&
	       strcmp(verdict->phase, event->phase) == 0;
}

static uint16_t
find_verdict(struct digest *digest, const struct event *event)
{
	unsigned i = digest->last_verdict;

	if (i < digest->verdict_count && verdict_is(&digest->verdicts[i], event))
		return (uint16_t)i; /* floods say the same again and again */
	for (i = 0; i < digest->verdict_count; i++)
		if (verdict_is(&digest->verdicts[i], event))
			break;
	if (i == VERDICTS)
		return NO_VERDICT;
	if (i == digest->verdict_count) {
		struct verdict *verdict = &digest->verdicts[digest->verdict_count++];

		memcpy(verdict->plan, event->plan, sizeof verdict->plan);
		memcpy(verdict->phase, event->phase, sizeof verdict->phase);
		memcpy(verdict->rule, event->rule, sizeof verdict->rule);
	}
	digest->last_verdict = i;
	return (uint16_t)i;
}

static void
note_stage(struct digest *digest, struct followed *followed, const struct event *event)
{
	if (event->stage == NULL || event->code == 0)
		return;
	for (unsigned i = 0; i < STAGES; i++) {
		if (digest->stages[i] == NULL)
			digest->stages[i] = event->stage;
		if (strcmp(digest->stages[i], event->stage) != 0)
			continue;
		followed->stages |= (uint8_t)(1U << i);
		return;
	}
}

/* The last place is for all reasons that the others are not. */
static void
note_close(struct followed *followed, uint8_t close)
{
	for (unsigned i = 0; i < EVENT_ROLLUP_CLOSES; i++) {
		if (i == EVENT_ROLLUP_CLOSES - 1 || followed->close_counts[i] == 0)
			followed->closes[i] =
			    i == EVENT_ROLLUP_CLOSES - 1 ? CLOSE_REASONS : close;
		else if (followed->closes[i] != close)
			continue;
		followed->close_counts[i]++;
		return;
	}
}

/* Static strings, of which there are few: the same one is mostly the same pointer. */
static uint8_t
find_why(struct digest *digest, const char *why)
{
	uint8_t i = 0;

	if (why == NULL)
		return WHYS;
	while (i < WHYS && digest->whys[i] != NULL && strcmp(digest->whys[i], why) != 0)
		i++;
	if (i < WHYS && digest->whys[i] == NULL)
		digest->whys[i] = why;
	return i;
}

/* The class that most have of which one is known; CLIENT_UNKNOWN when none is. */
static enum client_class
usual_client(const struct followed *followed)
{
	unsigned usual = CLIENT_UNKNOWN;

	for (unsigned client = 1; client < CLIENT_CLASSES; client++)
		if (followed->clients[client - 1] > 0 &&
		    (usual == CLIENT_UNKNOWN ||
			followed->clients[client - 1] > followed->clients[usual - 1]))
			usual = client;
	return (enum client_class)usual;
}

static void
note_client(struct digest *digest, struct followed *followed, const struct event *event)
{
	if (event->client == CLIENT_UNKNOWN || event->client >= CLIENT_CLASSES)
		return;
	uint8_t *count = &followed->clients[event->client - 1];

	if (*count == UINT8_MAX)
		for (unsigned i = 0; i < CLIENT_CLASSES - 1; i++)
			followed->clients[i] /= 2;
	(*count)++;
	if (usual_client(followed) == event->client)
		followed->why = find_why(digest, event->client_why);
}

/* Wall clocks jump: a span beyond what fits is cut. */
static void
note_time(struct followed *followed, int64_t time_ms, bool first)
{
	int64_t last_ms = followed->first_ms + followed->span_ms;

	if (first || time_ms > last_ms)
		last_ms = time_ms;
	if (first || time_ms < followed->first_ms)
		followed->first_ms = time_ms;
	last_ms -= followed->first_ms;
	followed->span_ms = last_ms > UINT32_MAX ? UINT32_MAX : (uint32_t)last_ms;
}

static void
note_event(struct digest *digest, struct followed *followed, const struct event *event)
{
	uint32_t rolled = followed->seen - digest->options.burst; /* this one included */

	note_time(followed, event->time_ms, rolled == 1);
	followed->source = event->source.address;
	followed->verdict = find_verdict(digest, event);
	if (rolled <= EVENT_ROLLUP_PORTS)
		followed->ports[rolled - 1] = event->source.port;
	note_close(followed, event->close);
	note_stage(digest, followed, event);
	note_client(digest, followed, event);
	hyperloglog_add(
	    &followed->destinations, address_mix(&event->destination.address, digest->seed));
}

static void
note_unplaced(struct digest *digest, const struct event *event, int64_t now_ms)
{
	struct unplaced *unplaced = &digest->unplaced[event->kind];

	if (unplaced->count++ == 0) {
		unplaced->begin_ms = now_ms;
		unplaced->first_ms = unplaced->last_ms = event->time_ms;
	}
	if (event->time_ms < unplaced->first_ms)
		unplaced->first_ms = event->time_ms;
	if (event->time_ms > unplaced->last_ms)
		unplaced->last_ms = event->time_ms;
	atomic_fetch_add_explicit(&digest->total_unplaced, 1, memory_order_relaxed);
}

bool
digest_add(struct digest *digest, const struct event *event, int64_t now_ms)
{
	if (event->kind >= EVENT_ROLLUP)
		return true;
	if (digest->origin_ms == 0)
		digest->origin_ms = now_ms;
	struct address subscriber = subscriber_of(digest, &event->source.address);
	struct followed *followed = find_place(digest, &subscriber, event->kind);
	if (followed == NULL)
		followed = take_place(digest, event, now_ms);
	if (followed != NULL && followed->seen < UINT32_MAX) {
		if (++followed->seen <= digest->options.burst)
			return true;
		note_event(digest, followed, event);
	} else {
		note_unplaced(digest, event, now_ms);
	}
	atomic_fetch_add_explicit(&digest->total_rolled_up, 1, memory_order_relaxed);
	return false;
}

/*
 * Rollups.
 */

/* now_ms is INT64_MAX at the end, when all is over. */
static int64_t
oldest_over_ms(const struct digest *digest, int64_t now_ms)
{
	const struct followed *oldest = &digest->places[digest->oldest];
	uint32_t age = (uint32_t)(now_ms - digest->origin_ms) - oldest->begin_ms;

	return digest->options.interval_ms - (int64_t)age;
}

static void
tell_followed(
    const struct digest *digest, const struct followed *followed, struct event *rollup)
{
	unsigned count = 0;

	*rollup = (struct event){
	    .kind = EVENT_ROLLUP,
	    .of = followed->kind,
	    .time_ms = followed->first_ms,
	    .first_ms = followed->first_ms,
	    .last_ms = followed->first_ms + followed->span_ms,
	    .client = (uint8_t)usual_client(followed),
	    .client_why = followed->why < WHYS ? digest->whys[followed->why] : NULL,
	    .count = followed->seen - digest->options.burst,
	    .source.address = followed->source,
	    .destinations = hyperloglog_estimate(&followed->destinations),
	};
	if (followed->verdict != NO_VERDICT) {
		const struct verdict *verdict = &digest->verdicts[followed->verdict];

		memcpy(rollup->plan, verdict->plan, sizeof verdict->plan);
		memcpy(rollup->phase, verdict->phase, sizeof verdict->phase);
		memcpy(rollup->rule, verdict->rule, sizeof verdict->rule);
	}
	memcpy(rollup->ports, followed->ports, sizeof rollup->ports);
	memcpy(rollup->closes, followed->closes, sizeof rollup->closes);
	memcpy(rollup->close_counts, followed->close_counts, sizeof rollup->close_counts);
	for (unsigned i = 0; i < STAGES && count < EVENT_ROLLUP_STAGES; i++)
		if (followed->stages & 1U << i)
			rollup->stages[count++] = digest->stages[i];
}

static bool
take_unplaced(struct digest *digest, int64_t now_ms, struct event *rollup)
{
	for (uint8_t kind = 0; kind < EVENT_ROLLUP; kind++) {
		struct unplaced *unplaced = &digest->unplaced[kind];

		if (unplaced->count == 0 ||
		    now_ms - unplaced->begin_ms < digest->options.interval_ms)
			continue;
		*rollup = (struct event){
		    .kind = EVENT_ROLLUP,
		    .of = kind,
		    .many_sources = true,
		    .time_ms = unplaced->first_ms,
		    .first_ms = unplaced->first_ms,
		    .last_ms = unplaced->last_ms,
		    .count = unplaced->count,
		};
		*unplaced = (struct unplaced){0};
		return true;
	}
	return false;
}

bool
digest_take(struct digest *digest, int64_t now_ms, struct event *rollup)
{
	bool found = false;

	while (!found && digest->used > 0 &&
	       (now_ms == INT64_MAX || oldest_over_ms(digest, now_ms) <= 0)) {
		const struct followed *followed = &digest->places[digest->oldest];

		found = followed->seen > digest->options.burst;
		if (found)
			tell_followed(digest, followed, rollup);
		drop_oldest(digest);
	}
	return found || take_unplaced(digest, now_ms, rollup);
}

int64_t
digest_wait_ms(const struct digest *digest, int64_t now_ms)
{
	int64_t wait_ms = digest->used > 0 ? oldest_over_ms(digest, now_ms) : INT64_MAX;

	for (uint8_t kind = 0; kind < EVENT_ROLLUP; kind++) {
		const struct unplaced *unplaced = &digest->unplaced[kind];
		int64_t over_ms = unplaced->begin_ms + digest->options.interval_ms - now_ms;

		if (unplaced->count > 0 && over_ms < wait_ms)
			wait_ms = over_ms;
	}
	if (wait_ms == INT64_MAX)
		return -1;
	return wait_ms < 0 ? 0 : wait_ms;
}

struct digest_counts
digest_counts(const struct digest *digest)
{
	return (struct digest_counts){
	    .rolled_up = atomic_load_explicit(&digest->total_rolled_up, memory_order_relaxed),
	    .unplaced = atomic_load_explicit(&digest->total_unplaced, memory_order_relaxed),
	    .sources = atomic_load_explicit(&digest->total_used, memory_order_relaxed),
	};
}

/* As many chains as places, rounded down to a power of two: chains stay short. */
static int
make_chains(struct digest *digest)
{
	size_t chains = 1;

	while (chains * 2 <= digest->options.sources)
		chains *= 2;
	digest->chain_mask = (uint32_t)(chains - 1);
	digest->chains = malloc(chains * sizeof *digest->chains);
	if (digest->chains == NULL)
		return -1;
	for (size_t i = 0; i < chains; i++)
		digest->chains[i] = NO_PLACE;
	return 0;
}

struct digest *
digest_new(const struct digest_options *options)
{
	struct digest *digest = calloc(1, sizeof *digest);

	if (digest == NULL)
		return NULL;
	digest->options = *options;
	digest->places = calloc(options->sources, sizeof *digest->places);
	digest->verdicts = calloc(VERDICTS, sizeof *digest->verdicts);
	if (digest->places != NULL && digest->verdicts != NULL && make_chains(digest) == 0 &&
	    getrandom(&digest->seed, sizeof digest->seed, 0) == sizeof digest->seed)
		return digest;
	int error = errno;
	digest_free(digest);
	errno = error;
	return NULL;
}

void
digest_free(struct digest *digest)
{
	if (digest == NULL)
		return;
	free(digest->places);
	free(digest->chains);
	free(digest->verdicts);
	free(digest);
}
