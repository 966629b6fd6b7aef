/*
 * Three tables in memory, each an array of sums and a hash index of it. A table is sorted where
 * it lies before it is written, which ends its index.
 */
#include "events/store_sums.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/keyed_hash.h"
#include "events/store_layout.h"

/* In the order of the tables' keys: day, address, hour. */
struct key {
	int32_t day;
	uint8_t octets[16]; /* of the address; or the number of the plan */
	uint8_t length;     /* in octets */
	uint8_t hour;
};

struct sum {
	struct key key;
	int64_t plan; /* the latest */
	int64_t attempts, rejected, observed, relayed;
	int64_t sources, sources_rejected, sources_observed; /* plans only: new on this day */
	int64_t first_ms, last_ms;
};

struct table {
	struct sum *sums;
	uint32_t *index; /* place in sums + 1; 0: free */
	uint32_t count, mask;
	uint64_t seed;
};

struct store_sums {
	struct table sources, destinations, plans;
};

/*
 * Tables.
 */

static int
table_make(struct table *table, unsigned size)
{
	uint32_t slots = 2;

	while (slots < 2 * size)
		slots *= 2;
	table->mask = slots - 1;
	table->sums = calloc(size, sizeof *table->sums);
	table->index = calloc(slots, sizeof *table->index);
	return table->sums != NULL && table->index != NULL &&
		       getrandom(&table->seed, sizeof table->seed, 0) ==
			   (ssize_t)sizeof table->seed
		   ? 0
		   : -1;
}

static void
table_clear(struct table *table)
{
	if (table->count > 0)
		memset(table->index, 0, (table->mask + 1) * sizeof *table->index);
	table->count = 0;
}

static void
table_free(struct table *table)
{
	free(table->sums);
	free(table->index);
}

static bool
key_equal(const struct key *a, const struct key *b)
{
	return a->day == b->day && a->hour == b->hour && a->length == b->length &&
	       memcmp(a->octets, b->octets, sizeof a->octets) == 0;
}

static int
key_compare(const void *a_sum, const void *b_sum)
{
	const struct key *a = &((const struct sum *)a_sum)->key;
	const struct key *b = &((const struct sum *)b_sum)->key;

	if (a->day != b->day)
		return a->day < b->day ? -1 : 1;
	/* A shorter address is filled up with zeros. */
	int order = memcmp(a->octets, b->octets, sizeof a->octets);
	if (order == 0)
		order = a->length - b->length;
	return order != 0 ? order : a->hour - b->hour;
}

/* Who has a whole IPv6 prefix chooses its addresses. */
static uint32_t
key_hash(const struct table *table, const struct key *key)
{
	uint64_t words[3] = {[2] = (uint64_t)(uint32_t)key->day << 8 | key->hour};

	memcpy(words, key->octets, sizeof key->octets);
	return (uint32_t)keyed_hash(table->seed, words, 3);
}

/* The sum of this key, made if need be. */
static struct sum *
table_at(struct table *table, const struct key *key)
{
	uint32_t slot = key_hash(table, key) & table->mask;

	for (; table->index[slot] != 0; slot = (slot + 1) & table->mask)
		if (key_equal(&table->sums[table->index[slot] - 1].key, key))
			return &table->sums[table->index[slot] - 1];
	struct sum *sum = &table->sums[table->count];
	table->index[slot] = ++table->count;
	*sum = (struct sum){.key = *key, .first_ms = INT64_MAX};
	return sum;
}

/*
 * Adding.
 */

static struct key
key_of(const struct address *address, int64_t time_ms)
{
	struct key key = {
	    .day = (int32_t)(time_ms / STORE_DAY_MS),
	    .length = address->family == ADDRESS_IPV4 ? 4 : 16,
	    .hour = (uint8_t)(time_ms % STORE_DAY_MS / STORE_HOUR_MS),
	};

	memcpy(key.octets, address->octets, key.length);
	return key;
}

static struct key
key_of_plan(int64_t plan, int64_t time_ms)
{
	struct key key = {.day = (int32_t)(time_ms / STORE_DAY_MS), .length = sizeof plan};

	memcpy(key.octets, &plan, sizeof plan);
	return key;
}

static void
sum_add(struct sum *sum, const struct event *event, int64_t plan)
{
	bool rollup = event->kind == EVENT_ROLLUP;
	int64_t count = (int64_t)event_connections(event);
	int64_t first_ms = rollup ? event->first_ms : event->time_ms;
	int64_t last_ms = rollup ? event->last_ms : event->time_ms;
	/* Other rollups are of several kinds. */
	int kind = event_is_digest(event) ? event->of : event->kind;

	sum->plan = plan;
	sum->attempts += count;
	if (kind == EVENT_REJECT)
		sum->rejected += count;
	else if (kind == EVENT_OBSERVE)
		sum->observed += count;
	else if (kind == EVENT_RELAY)
		sum->relayed += count;
	if (first_ms < sum->first_ms)
		sum->first_ms = first_ms;
	if (last_ms > sum->last_ms)
		sum->last_ms = last_ms;
}

void
store_sums_add(struct store_sums *sums, const struct event *event, int64_t plan)
{
	bool rollup = event->kind == EVENT_ROLLUP;
	int64_t time_ms = rollup ? event->last_ms : event->time_ms;
	struct key key = key_of_plan(plan, time_ms);

	sum_add(table_at(&sums->plans, &key), event, plan);
	if (event_has_source(event)) {
		key = key_of(&event->source.address, time_ms);
		sum_add(table_at(&sums->sources, &key), event, plan);
	}
	if (!rollup && (event->flags & EVENT_BRIEF) == 0) {
		key = key_of(&event->destination.address, time_ms);
		sum_add(table_at(&sums->destinations, &key), event, plan);
	}
}

/*
 * Writing.
 */

static int
bind_sums(sqlite3_stmt *statement, int parameter, const struct sum *sum)
{
	sqlite3_bind_int64(statement, parameter++, sum->attempts);
	sqlite3_bind_int64(statement, parameter++, sum->rejected);
	sqlite3_bind_int64(statement, parameter++, sum->observed);
	sqlite3_bind_int64(statement, parameter++, sum->relayed);
	return parameter;
}

/* Adds to its plan's day whether the source is new on it, and newly refused or observed. Before
 * the source itself is written. */
static int
count_source(struct store_sums *sums, struct database *database, const struct sum *source)
{
	struct key key = key_of_plan(source->plan, (int64_t)source->key.day * STORE_DAY_MS);
	struct sum *plan = table_at(&sums->plans, &key); /* there: with its first event */
	sqlite3_stmt *statement = database_statement(database, STORE_SOURCE_TODAY);

	sqlite3_bind_int64(statement, 1, source->key.day);
	sqlite3_bind_blob(statement, 2, source->key.octets, source->key.length, SQLITE_STATIC);
	int result = sqlite3_step(statement);
	if (result == SQLITE_ROW) {
		plan->sources += sqlite3_column_int64(statement, 0) == 0;
		plan->sources_rejected +=
		    source->rejected > 0 && sqlite3_column_double(statement, 1) <= 0;
		plan->sources_observed +=
		    source->observed > 0 && sqlite3_column_double(statement, 2) <= 0;
	}
	sqlite3_reset(statement);
	return result == SQLITE_ROW ? 0 : -1;
}

static int
write_source(struct database *database, const struct sum *source)
{
	sqlite3_stmt *statement = database_statement(database, STORE_SOURCE_PUT);

	sqlite3_bind_int64(statement, 1, source->key.day);
	sqlite3_bind_blob(statement, 2, source->key.octets, source->key.length, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 3, source->key.hour);
	sqlite3_bind_int64(statement, 4, source->plan);
	int next = bind_sums(statement, 5, source);
	sqlite3_bind_int64(statement, next, source->first_ms);
	sqlite3_bind_int64(statement, next + 1, source->last_ms);
	return database_run(statement);
}

static int
write_destination(struct database *database, const struct sum *destination)
{
	sqlite3_stmt *statement = database_statement(database, STORE_DESTINATION_PUT);

	sqlite3_bind_int64(statement, 1, destination->key.day);
	sqlite3_bind_blob(
	    statement, 2, destination->key.octets, destination->key.length, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 3, destination->key.hour);
	bind_sums(statement, 4, destination);
	return database_run(statement);
}

static int
write_plan(struct database *database, const struct sum *plan)
{
	sqlite3_stmt *statement = database_statement(database, STORE_PLAN_PUT);

	sqlite3_bind_int64(statement, 1, plan->key.day);
	sqlite3_bind_int64(statement, 2, plan->plan);
	int next = bind_sums(statement, 3, plan);
	sqlite3_bind_int64(statement, next, plan->sources);
	sqlite3_bind_int64(statement, next + 1, plan->sources_rejected);
	sqlite3_bind_int64(statement, next + 2, plan->sources_observed);
	return database_run(statement);
}

static void
table_sort(struct table *table)
{
	qsort(table->sums, table->count, sizeof *table->sums, key_compare);
}

int
store_sums_write(struct store_sums *sums, struct database *database)
{
	int result = 0;

	table_sort(&sums->sources);
	for (uint32_t i = 0; i < sums->sources.count && result == 0; i++) {
		result = count_source(sums, database, &sums->sources.sums[i]);
		if (result == 0)
			result = write_source(database, &sums->sources.sums[i]);
	}
	table_sort(&sums->destinations);
	for (uint32_t i = 0; i < sums->destinations.count && result == 0; i++)
		result = write_destination(database, &sums->destinations.sums[i]);
	for (uint32_t i = 0; i < sums->plans.count && result == 0; i++)
		result = write_plan(database, &sums->plans.sums[i]);
	store_sums_clear(sums);
	return result;
}

void
store_sums_clear(struct store_sums *sums)
{
	table_clear(&sums->sources);
	table_clear(&sums->destinations);
	table_clear(&sums->plans);
}

struct store_sums *
store_sums_new(unsigned events)
{
	struct store_sums *sums = calloc(1, sizeof *sums);

	if (sums == NULL)
		return NULL;
	if (table_make(&sums->sources, events) == 0 &&
	    table_make(&sums->destinations, events) == 0 &&
	    table_make(&sums->plans, events) == 0)
		return sums;
	store_sums_free(sums);
	return NULL;
}

void
store_sums_free(struct store_sums *sums)
{
	if (sums == NULL)
		return;
	table_free(&sums->sources);
	table_free(&sums->destinations);
	table_free(&sums->plans);
	free(sums);
}
