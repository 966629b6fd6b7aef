/*
 * events/store.h: what becomes of an event in its tables, and when they forget it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "events/client_class.h"
#include "events_store_fixture.h"

static void
an_event_is_a_row_and_adds_to_its_source_destination_and_plan(void **state)
{
	struct fixture *f = *state;
	struct event event = example(1, noon_ms);

	store_put(f->store, &event, noon_ms);
	event.kind = EVENT_RELAY;
	event.time_ms += 1000;
	store_put(f->store, &event, noon_ms);
	commit(f, noon_ms);
	assert_int_equal(store_totals(f->store).stored, 2);
	assert_int_equal(
	    ask(f, "SELECT count(*) FROM event WHERE hex(source) = 'CB000001'"), 2);
	assert_int_equal(ask(f, "SELECT count(*) FROM event JOIN name ON name.id = rule"
				" WHERE text = 'plan:fiber:ipv4'"),
	    2);
	assert_int_equal(ask(f, "SELECT attempts = 2 AND rejected = 1 AND relayed = 1 AND"
				" last - first = 1000 AND hour = 12 AND day = 20000"
				" FROM source_hour"),
	    1);
	assert_int_equal(ask(f, "SELECT attempts FROM destination_hour"), 2);
	assert_int_equal(ask(f, "SELECT attempts FROM plan_day"), 2);
}

/* Of each kind of verdict, too. */
static void
a_source_counts_once_a_day_for_its_plan(void **state)
{
	struct fixture *f = *state;

	for (uint32_t i = 0; i < 30; i++) {
		struct event event =
		    example(i % 3, noon_ms + (int64_t)i * 1200000); /* into the next day */

		if (i % 2 == 1)
			event.kind = EVENT_OBSERVE;
		store_put(f->store, &event, event.time_ms);
	}
	for (uint32_t i = 0; i < 6; i++) {
		struct event event = example(i % 3, noon_ms + DAY_MS);

		store_put(f->store, &event, event.time_ms);
	}
	commit(f, noon_ms);
	assert_int_equal(ask(f, "SELECT sources = 3 AND sources_rejected = 3 AND"
				" sources_observed = 3 AND attempts = 30 FROM plan_day"
				" WHERE day = 20000"),
	    1);
	assert_int_equal(ask(f, "SELECT sources = 3 AND sources_rejected = 3 AND"
				" sources_observed = 0 AND attempts = 6 FROM plan_day"
				" WHERE day = 20001"),
	    1);
}

static void
a_rollup_counts_for_as_many_as_it_stands_for(void **state)
{
	struct fixture *f = *state;
	struct event rollup = rollup_of(7, 1000, noon_ms - 60000, noon_ms);
	struct event lost = {.kind = EVENT_ROLLUP,
	    .count = 5,
	    .time_ms = noon_ms,
	    .first_ms = noon_ms,
	    .last_ms = noon_ms};

	store_put(f->store, &rollup, noon_ms);
	store_put(f->store, &lost, noon_ms);
	commit(f, noon_ms);
	assert_int_equal(store_totals(f->store).stored, 1005);
	assert_int_equal(ask(f, "SELECT sum(count) FROM rollup"), 1005);
	assert_int_equal(ask(f, "SELECT sum(attempts) FROM source_hour"), 1000);
	assert_int_equal(ask(f, "SELECT sum(attempts) FROM plan_day"), 1005);
	assert_int_equal(ask(f, "SELECT count(*) FROM rollup WHERE source IS NULL"), 1);
}

/* The digest counts connections of one kind; others do not say what they were. */
static void
a_rollup_adds_to_what_became_of_its_connections(void **state)
{
	struct fixture *f = *state;
	struct event observed = rollup_of(7, 100, noon_ms, noon_ms);
	struct event many = rollup_of(0, 20, noon_ms, noon_ms);
	struct event relayed = rollup_of(8, 3, noon_ms, noon_ms);
	struct event dropped = rollup_of(9, 50000, noon_ms, noon_ms);

	observed.of = EVENT_OBSERVE;
	observed.destinations = 3;
	many.of = EVENT_REJECT;
	many.many_sources = true;
	many.source = (struct endpoint){0};
	relayed.of = EVENT_RELAY;
	relayed.destinations = 1;
	store_put(f->store, &observed, noon_ms);
	store_put(f->store, &many, noon_ms);
	store_put(f->store, &relayed, noon_ms);
	store_put(f->store, &dropped, noon_ms);
	commit(f, noon_ms);
	assert_int_equal(ask(f, "SELECT rejected = 20 AND observed = 100 AND relayed = 3 AND"
				" attempts = 50123 AND sources = 3 AND sources_observed = 1"
				" AND sources_rejected = 0 FROM plan_day"),
	    1);
	assert_int_equal(
	    ask(f, "SELECT count(*) FROM source_hour WHERE observed = 100 AND rejected = 0"),
	    1);
	assert_int_equal(ask(f, "SELECT sum(rejected) FROM source_hour"), 0);
	assert_int_equal(ask(f, "SELECT count(*) FROM rollup WHERE of IS NULL"), 1);
}

/* One batch or two: the same sums. */
static void
a_batch_adds_to_what_is_there(void **state)
{
	struct fixture *f = *state;

	for (uint32_t batch = 0; batch < 3; batch++) {
		for (uint32_t i = 0; i < 3000; i++) {
			struct event event = example(i % 1000, noon_ms + (int64_t)i);

			if (batch == 2)
				event.kind = EVENT_OBSERVE;
			if (i % 2 == 1) {
				event.source.address.family = ADDRESS_IPV6;
				event.source.address.octets[15] = 1;
			}
			event.destination.address.octets[3] = (uint8_t)(i % 200);
			store_put(f->store, &event, noon_ms);
		}
		commit(f, noon_ms);
	}
	assert_int_equal(ask(f, "SELECT count(*) = 1000 AND sum(attempts) = 9000 AND"
				" sum(rejected) = 6000 AND min(first) = 20000 * 86400000 + "
				"43200000 AND max(last) - min(first) = 2999 AND"
				" max(attempts) = 9 AND min(attempts) = 9 FROM source_hour"),
	    1);
	assert_int_equal(ask(f, "SELECT count(*) = 200 AND min(attempts) = 45 AND"
				" max(attempts) = 45 AND sum(observed) = 3000"
				" FROM destination_hour"),
	    1);
	assert_int_equal(ask(f, "SELECT count(*) = 1 AND sum(attempts) = 9000 AND"
				" sum(sources) = 1000 AND sum(sources_rejected) = 1000 AND"
				" sum(sources_observed) = 1000 FROM plan_day"),
	    1);
}

static void
what_a_client_is_and_said_is_kept(void **state)
{
	struct fixture *f = *state;
	struct event event = example(1, noon_ms);
	struct event rollup = rollup_of(1, 7, noon_ms, noon_ms);

	event.client = CLIENT_BOT;
	event.client_why = "signature";
	snprintf(event.subscriber, sizeof event.subscriber, "s-1");
	/* Without the flag there is nothing in it to look at. */
	event.heard = (struct event_heard){.greeting_name = "not looked at"};
	store_put(f->store, &event, noon_ms);
	event.flags = EVENT_HEARD;
	event.heard = (struct event_heard){.greeting_name = "ylmf-pc", .signature = "ylmf"};
	store_put(f->store, &event, noon_ms);
	rollup.client = CLIENT_MTA;
	rollup.destinations = 2;
	rollup.closes[0] = CLOSE_QUIT;
	rollup.close_counts[0] = 4;
	rollup.closes[1] = CLOSE_REASONS;
	rollup.close_counts[1] = 3;
	rollup.ports[0] = 1025;
	rollup.ports[1] = 1026;
	rollup.stages[0] = "greeting";
	rollup.stages[1] = "hello";
	snprintf(rollup.subscriber, sizeof rollup.subscriber, "s-2");
	store_put(f->store, &rollup, noon_ms);
	commit(f, noon_ms);
	assert_int_equal(ask(f, "SELECT count(*) FROM event JOIN name client ON client.id ="
				" client JOIN name why ON why.id = client_why WHERE client.text"
				" = 'bot' AND why.text = 'signature' AND subscriber = 's-1'"),
	    2);
	assert_int_equal(ask(f, "SELECT count(*) FROM event JOIN name ON name.id = signature"
				" WHERE text = 'ylmf' AND greeting_name = 'ylmf-pc' AND"
				" sender_domain IS NULL"),
	    1);
	assert_int_equal(
	    ask(f, "SELECT count(*) FROM event WHERE greeting_name IS NOT NULL"), 1);
	assert_int_equal(ask(f, "SELECT of = 'reject' AND destinations = 2 AND ports ="
				" '[1025,1026]' AND stages = '[\"greeting\",\"hello\"]' AND"
				" closes ->> 'quit' = 4 AND closes ->> 'others' = 3 AND"
				" subscriber = 's-2' FROM rollup"),
	    1);
}

/* As the first version made it, without what is the same. */
static const char first_version[] =
    "CREATE TABLE event (id INTEGER PRIMARY KEY, time INTEGER NOT NULL, ref INTEGER NOT NULL,"
    " kind TEXT NOT NULL, source BLOB, plan INTEGER NOT NULL, rule INTEGER NOT NULL, phase"
    " INTEGER NOT NULL, class INTEGER NOT NULL, source_port INTEGER NOT NULL, destination BLOB"
    " NOT NULL, destination_port INTEGER NOT NULL, stage TEXT, code INTEGER, close TEXT NOT"
    " NULL, errno INTEGER, bytes_in INTEGER NOT NULL, bytes_out INTEGER NOT NULL, duration"
    " INTEGER NOT NULL, upstream_port INTEGER, connect_ms INTEGER) STRICT;"
    "CREATE INDEX event_ref ON event (ref);"
    "CREATE INDEX event_source ON event (source, time);"
    "CREATE TABLE rollup (id INTEGER PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT"
    " NULL, count INTEGER NOT NULL, source BLOB, plan INTEGER NOT NULL, rule INTEGER NOT NULL,"
    " phase INTEGER NOT NULL, class INTEGER NOT NULL) STRICT;"
    "INSERT INTO event VALUES (40000, 1728043200000, 77, 'reject', x'CB000009', 0, 0, 0, 0, "
    "5000,"
    " x'C0000219', 25, 'greeting', 554, 'quit', NULL, 1, 2, 3, NULL, NULL);"
    "INSERT INTO rollup VALUES (1, 1728043200000, 1728043200000, 10, x'CB000009', 0, 0, 0, 0);"
    "PRAGMA user_version = 1;";

static void
a_file_of_the_first_version_is_taken_over(void **state)
{
	struct fixture *f = *state;
	struct event event = example(1, noon_ms);
	sqlite3 *old;

	store_close(f->store);
	unlink(f->folder.path);
	assert_int_equal(sqlite3_open(f->folder.path, &old), SQLITE_OK);
	assert_int_equal(sqlite3_exec(old, first_version, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(old);
	f->store = store_open(f->folder.path, &limits, noon_ms);
	store_put(f->store, &event, noon_ms);
	commit(f, noon_ms);
	assert_int_equal(ask(f, "SELECT user_version FROM pragma_user_version"), 2);
	assert_int_equal(ask(f, "SELECT count(*) FROM event WHERE client_why IS NULL"), 2);
	assert_int_equal(ask(f, "SELECT count(*) FROM rollup WHERE of IS NULL"), 1);
	assert_int_equal(
	    ask(f, "SELECT count(*) FROM event WHERE id >> 15 = 1 AND ref IN (77, 1)"), 2);
	assert_int_equal(ask(f, "SELECT count(*) FROM sqlite_schema WHERE name ="
				" 'event_source' OR name = 'event_ref'"),
	    0);
	/* And a second time. */
	store_close(f->store);
	f->store = store_open(f->folder.path, &limits, noon_ms);
	assert_int_equal(folder_told(&f->folder, "made by an earlier version"), 1);
	assert_int_equal(store_totals(f->store).lost, 0);
	assert_int_equal(ask(f, "SELECT count(*) FROM event"), 2);
}

/* Everything is forgotten at its time, and not before. */
static void
what_is_too_old_is_forgotten(void **state)
{
	struct fixture *f = *state;
	static const struct {
		int64_t age_days;
		int64_t events, rollups, hours, days;
	} steps[] = {{29, 1, 1, 1, 1}, {31, 0, 1, 1, 1}, {179, 0, 1, 1, 1}, {182, 0, 0, 0, 1},
	    {749, 0, 0, 0, 1}, {752, 0, 0, 0, 0}};
	struct event event = example(1, noon_ms);
	struct event rollup = rollup_of(1, 10, noon_ms, noon_ms);

	store_put(f->store, &event, noon_ms);
	store_put(f->store, &rollup, noon_ms);
	store_close(f->store);
	f->store = NULL;
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		int64_t now_ms = noon_ms + steps[i].age_days * DAY_MS;

		/* One that was just opened looks at once. */
		f->store = store_open(f->folder.path, &limits, now_ms);
		(void)store_turn(f->store, now_ms);
		store_close(f->store);
		f->store = NULL;
		assert_int_equal(ask(f, "SELECT count(*) FROM event"), steps[i].events);
		assert_int_equal(ask(f, "SELECT count(*) FROM rollup"), steps[i].rollups);
		assert_int_equal(ask(f, "SELECT count(*) FROM source_hour"), steps[i].hours);
		assert_int_equal(
		    ask(f, "SELECT count(*) FROM destination_hour"), steps[i].hours);
		assert_int_equal(ask(f, "SELECT count(*) FROM plan_day"), steps[i].days);
	}
}

/* However much there is, in steps. */
static void
a_heap_of_old_events_is_forgotten_in_one_go(void **state)
{
	struct fixture *f = *state;

	for (uint32_t i = 0; i < 9000; i++) {
		struct event event = example(i, noon_ms - 31 * DAY_MS);

		store_put(f->store, &event, noon_ms);
	}
	store_close(f->store);
	f->store = store_open(f->folder.path, &limits, noon_ms);
	for (unsigned i = 0; store_turn(f->store, noon_ms) == 0; i++)
		assert_true(i < 10);
	assert_int_equal(ask(f, "SELECT count(*) FROM event"), 0);
}

static void
above_its_size_the_oldest_events_go_first(void **state)
{
	struct fixture *f = *state;
	struct store_limits small = limits;

	small.octets_max = 1 << 20;
	for (uint32_t i = 0; i < 20000; i++) {
		struct event event = example(i, noon_ms + i);

		store_put(f->store, &event, noon_ms);
	}
	store_close(f->store);
	f->store = store_open(f->folder.path, &small, noon_ms);
	for (unsigned i = 0; store_turn(f->store, noon_ms) == 0; i++)
		assert_true(i < 100);
	int64_t left = ask(f, "SELECT count(*) FROM event");
	assert_true(left < 20000);
	assert_int_equal(
	    ask(f, "SELECT max(ref) - min(ref) + 1 = count(*) AND max(ref) = 19999 FROM event"),
	    left > 0);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(an_event_is_a_row_and_adds_to_its_source_destination_and_plan),
	    TEST(a_source_counts_once_a_day_for_its_plan),
	    TEST(a_rollup_counts_for_as_many_as_it_stands_for),
	    TEST(a_rollup_adds_to_what_became_of_its_connections),
	    TEST(a_batch_adds_to_what_is_there),
	    TEST(what_a_client_is_and_said_is_kept),
	    TEST(a_file_of_the_first_version_is_taken_over),
	    TEST(what_is_too_old_is_forgotten),
	    TEST(a_heap_of_old_events_is_forgotten_in_one_go),
	    TEST(above_its_size_the_oldest_events_go_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
