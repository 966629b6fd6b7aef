/*
 * A store on a file in a folder of the test's own, which is read back with SQL; its time is a
 * noon. Included after cmocka.h.
 */
#ifndef EVENTS_STORE_FIXTURE_H
#define EVENTS_STORE_FIXTURE_H

#include <sqlite3.h>

#include "events_store_testing.h"

static const int64_t noon_ms = 20000 * DAY_MS + DAY_MS / 2;

struct fixture {
	struct folder folder;
	struct store *store;
};

static inline int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	assert_non_null(f);
	folder_make(&f->folder);
	folder_take_log(&f->folder);
	f->store = store_open(f->folder.path, &limits, noon_ms);
	assert_non_null(f->store);
	*state = f;
	return 0;
}

static inline int
teardown(void **state)
{
	struct fixture *f = *state;

	store_close(f->store);
	folder_remove(&f->folder);
	free(f);
	return 0;
}

/* The number that a question gives. */
static inline int64_t
ask(const struct fixture *f, const char *sql)
{
	sqlite3 *handle;
	sqlite3_stmt *statement;

	assert_int_equal(
	    sqlite3_open_v2(f->folder.path, &handle, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(handle, sql, -1, &statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	int64_t number = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	sqlite3_close(handle);
	return number;
}

static inline struct event
example(uint32_t source, int64_t time_ms)
{
	struct event event = stored_event(EVENT_REJECT, time_ms);

	event.reference = source;
	event.source.address =
	    (struct address){.octets = {203, 0, (uint8_t)(source >> 8), (uint8_t)source}};
	return event;
}

static inline struct event
rollup_of(uint32_t source, uint64_t count, int64_t first_ms, int64_t last_ms)
{
	struct event event = example(source, last_ms);

	event.kind = EVENT_ROLLUP;
	event.count = count;
	event.first_ms = first_ms;
	event.last_ms = last_ms;
	return event;
}

/* A turn that commits: its batch is due. */
static inline void
commit(struct fixture *f, int64_t now_ms)
{
	uint64_t before = store_totals(f->store).stored;

	WAIT_UNTIL((store_turn(f->store, now_ms), store_totals(f->store).stored > before));
}

#endif
