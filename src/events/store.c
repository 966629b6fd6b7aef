/*
 * Batches, forgetting, and what happens while the file takes nothing. Wall clock and monotonic
 * clock: what is forgotten is old by the former, what is waited for by the latter.
 */
#include "events/store.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "events/database.h"
#include "events/store_layout.h"
#include "events/store_rows.h"
#include "events/store_sums.h"

enum {
	COMMIT_MS = 500,       /* what the end of the process can take */
	COMMIT_ROWS = 1 << 16, /* bounds what a transaction keeps in memory */
	FORGET_EVERY_MS = 10000,
	FORGET_ROWS = 2000, /* of each table at a time: some milliseconds */
	WAIT_MIN_MS = 1000,
	WAIT_MAX_MS = 60000,
	PROBLEM_SIZE = 1024,
};

struct store {
	struct database database;
	char path[PATH_MAX];
	struct store_names names;
	struct store_sums *sums; /* of the open transaction */
	struct store_limits limits;

	int64_t begun_ms; /* monotonic: of the open transaction; 0: there is none */
	uint64_t batch;   /* connections in it */
	unsigned rows;

	/* Connections that no row speaks of yet. */
	struct {
		uint64_t count;
		int64_t first_ms, last_ms;
	} missing;
	bool said;        /* the operator knows that the file takes nothing */
	int64_t wait_ms;  /* 0: it takes what comes */
	int64_t retry_ms; /* monotonic */

	int64_t forget_ms; /* monotonic: when to look for what is too old */

	_Atomic uint64_t stored;
	_Atomic uint64_t lost;
};

/*
 * Trouble.
 */

static void
store_miss(struct store *store, uint64_t count, int64_t first_ms, int64_t last_ms)
{
	if (count == 0)
		return;
	if (store->missing.count == 0)
		store->missing.first_ms = first_ms;
	store->missing.count += count;
	store->missing.last_ms = last_ms;
	atomic_fetch_add_explicit(&store->lost, count, memory_order_relaxed);
}

/* The batch is lost, and what comes until the next attempt. problem: what is wrong. */
static void
store_fail(struct store *store, const char *problem, int64_t now_ms)
{
	if (!store->said)
		log_error("[store] %s. Until that is mended op25bctl finds nothing new in it; "
			  "events still go to their outputs",
		    problem);
	store->said = true;
	store_miss(store, store->batch, now_ms, now_ms);
	store->batch = store->rows = 0;
	store->begun_ms = 0;
	store->names = (struct store_names){0};
	store_sums_clear(store->sums);
	database_close(&store->database); /* which rolls back */
	store->wait_ms = store->wait_ms == 0 ? WAIT_MIN_MS : store->wait_ms * 2;
	if (store->wait_ms > WAIT_MAX_MS)
		store->wait_ms = WAIT_MAX_MS;
	store->retry_ms = clock_monotonic_ms() + store->wait_ms;
}

static void
store_fail_database(struct store *store, int64_t now_ms)
{
	char buffer[PROBLEM_SIZE];
	struct text problem;

	text_init(&problem, buffer, sizeof buffer);
	database_explain(&store->database, &problem);
	store_fail(store, problem.bytes, now_ms);
}

/*
 * Batches.
 */

static void
store_add(struct store *store, const struct event *event, int64_t now_ms)
{
	if (store->begun_ms == 0) {
		if (database_do(&store->database, "BEGIN IMMEDIATE") == -1) {
			store_miss(store, event_connections(event), now_ms, now_ms);
			store_fail_database(store, now_ms);
			return;
		}
		store->begun_ms = clock_monotonic_ms();
	}
	store->batch += event_connections(event);
	store->rows++;
	int64_t plan;
	if (store_rows_add(&store->database, &store->names, event, &plan) == -1)
		store_fail_database(store, now_ms);
	else
		store_sums_add(store->sums, event, plan);
}

static void
store_commit(struct store *store, int64_t now_ms)
{
	if (store->begun_ms == 0)
		return;
	if (store_sums_write(store->sums, &store->database) == -1 ||
	    database_do(&store->database, "COMMIT") == -1) {
		store_fail_database(store, now_ms);
		return;
	}
	atomic_fetch_add_explicit(&store->stored, store->batch, memory_order_relaxed);
	store->batch = store->rows = 0;
	store->begun_ms = 0;
}

/* A rollup for what no row speaks of. */
static void
store_tell_missing(struct store *store, int64_t now_ms)
{
	struct event rollup = {
	    .kind = EVENT_ROLLUP,
	    .time_ms = store->missing.last_ms,
	    .count = store->missing.count,
	    .first_ms = store->missing.first_ms,
	    .last_ms = store->missing.last_ms,
	};

	store_add(store, &rollup, now_ms);
	store_commit(store, now_ms);
	if (store->wait_ms != 0) /* it has failed, and counted them once more */
		return;
	store->missing.count = 0;
}

/* 0 when the file takes rows now. */
static int
store_reopen(struct store *store, int64_t now_ms)
{
	char buffer[PROBLEM_SIZE];
	struct text problem;
	uint64_t missing = store->missing.count;

	text_init(&problem, buffer, sizeof buffer);
	if (database_open(&store->database, &store_layout, store->path, &problem) == -1) {
		store_fail(store, problem.bytes, now_ms);
		return -1;
	}
	int64_t wait_ms = store->wait_ms;
	store->wait_ms = 0;
	if (missing > 0) {
		uint64_t lost = atomic_load_explicit(&store->lost, memory_order_relaxed);

		store_tell_missing(store, now_ms);
		if (store->wait_ms != 0) { /* still full: the same connections, once */
			atomic_store_explicit(&store->lost, lost, memory_order_relaxed);
			store->missing.count = missing;
			store->wait_ms = wait_ms;
			return -1;
		}
	}
	if (store->said)
		log_notice("[store] %s takes events again; %llu are missing in it, counted in "
			   "a rollup",
		    store->path, (unsigned long long)missing);
	store->said = false;
	return 0;
}

/*
 * Forgetting.
 */

/* Rows of one table from before a time or day. The number of rows; -1: failed. */
static int
forget_rows(struct store *store, enum store_statement which, int64_t before)
{
	sqlite3_stmt *statement = database_statement(&store->database, which);

	sqlite3_bind_int64(statement, 1, before);
	sqlite3_bind_int(statement, 2, FORGET_ROWS);
	return database_run(statement) == 0 ? sqlite3_changes(store->database.handle) : -1;
}

static bool
store_is_too_large(struct store *store)
{
	sqlite3_stmt *statement = database_statement(&store->database, STORE_PAGES);
	bool large = sqlite3_step(statement) == SQLITE_ROW &&
		     (uint64_t)sqlite3_column_int64(statement, 0) > store->limits.octets_max;

	sqlite3_reset(statement);
	return large;
}

/* One step. 1: there is more to forget, 0: there is not, -1: the database has failed. */
static int
store_forget_some(struct store *store, int64_t now_ms)
{
	const struct store_limits *limits = &store->limits;
	int64_t detail_ms =
	    store_is_too_large(store) ? INT64_MAX : now_ms - limits->keep_detail_ms;
	int64_t rollup_ms = now_ms - limits->keep_rollup_ms;
	int64_t aggregate_ms = now_ms - limits->keep_aggregate_ms;
	const struct {
		enum store_statement statement;
		int64_t before;
	} steps[] = {
	    {STORE_FORGET_EVENTS, detail_ms},
	    {STORE_FORGET_ROLLUPS, rollup_ms},
	    {STORE_FORGET_SOURCES, rollup_ms / STORE_DAY_MS},
	    {STORE_FORGET_DESTINATIONS, rollup_ms / STORE_DAY_MS},
	    {STORE_FORGET_PLANS, aggregate_ms / STORE_DAY_MS},
	};
	int more = 0;

	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		int gone = forget_rows(store, steps[i].statement, steps[i].before);

		if (gone == -1)
			return -1;
		if (gone == FORGET_ROWS)
			more = 1;
	}
	return more;
}

static void
store_forget(struct store *store, int64_t now_ms, int64_t monotonic_ms)
{
	if (monotonic_ms < store->forget_ms)
		return;
	store_commit(store, now_ms);
	if (store->wait_ms != 0)
		return;
	int more = store_forget_some(store, now_ms);
	if (more == -1)
		store_fail_database(store, now_ms);
	store->forget_ms = more == 1 ? monotonic_ms : monotonic_ms + FORGET_EVERY_MS;
}

/*
 * The owner's side.
 */

struct store *
store_open(const char *path, const struct store_limits *limits, int64_t now_ms)
{
	struct store *store = calloc(1, sizeof *store);

	if (store == NULL)
		return NULL;
	store->sums = store_sums_new(COMMIT_ROWS);
	if (store->sums == NULL) {
		free(store);
		return NULL;
	}
	store->limits = *limits;
	snprintf(store->path, sizeof store->path, "%s", path);
	(void)store_reopen(store, now_ms); /* says so if not; tried again */
	return store;
}

void
store_configure(struct store *store, const struct store_limits *limits)
{
	store->limits = *limits;
}

void
store_put(struct store *store, const struct event *event, int64_t now_ms)
{
	if (store->wait_ms != 0) {
		store_miss(store, event_connections(event), now_ms, now_ms);
		return;
	}
	store_add(store, event, now_ms);
	if (store->rows >= COMMIT_ROWS)
		store_commit(store, now_ms);
}

int64_t
store_turn(struct store *store, int64_t now_ms)
{
	int64_t monotonic_ms = clock_monotonic_ms();

	if (store->wait_ms != 0) {
		if (monotonic_ms < store->retry_ms)
			return store->retry_ms - monotonic_ms;
		if (store_reopen(store, now_ms) == -1)
			return store->wait_ms;
	}
	if (store->begun_ms != 0 && monotonic_ms - store->begun_ms >= COMMIT_MS)
		store_commit(store, now_ms);
	store_forget(store, now_ms, monotonic_ms);
	if (store->wait_ms != 0)
		return store->wait_ms;
	int64_t next_ms = store->forget_ms - monotonic_ms;
	if (store->begun_ms != 0 && store->begun_ms + COMMIT_MS - monotonic_ms < next_ms)
		next_ms = store->begun_ms + COMMIT_MS - monotonic_ms;
	return next_ms > 0 ? next_ms : 0;
}

void
store_close(struct store *store)
{
	int64_t now_ms = clock_wall_ms();

	if (store == NULL)
		return;
	store_commit(store, now_ms);
	if (store->wait_ms != 0 && store->missing.count > 0)
		(void)store_reopen(store, now_ms);
	database_close(&store->database);
	store_sums_free(store->sums);
	free(store);
}

struct store_totals
store_totals(const struct store *store)
{
	return (struct store_totals){
	    .stored = atomic_load_explicit(&store->stored, memory_order_relaxed),
	    .lost = atomic_load_explicit(&store->lost, memory_order_relaxed),
	};
}
