/*
 * The questions of control/evidence_questions.h, asked of a file that events/store.h has
 * written.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/reference.h"
#include "control/evidence_layout.h"
#include "control/evidence_questions.h"
#include "control/evidence_reidentify.h"
#include "events/client_class.h"
#include "events_store_testing.h"

/* 2026-10-05T12:00:00Z */
static const int64_t noon_ms = INT64_C(1791201600000);

struct fixture {
	struct folder folder;
	struct database database;
	char problem_buffer[512];
	struct text problem;
};

static struct event
example(const char *source, int64_t time_ms, enum event_kind kind)
{
	struct event event = stored_event(kind, time_ms);

	event.reference = (uint64_t)(time_ms / 1000) & 0xffffffffff;
	assert_int_equal(address_parse(source, &event.source.address), 0);
	if (kind == EVENT_RELAY)
		snprintf(event.rule, sizeof event.rule, "exempt:runtime");
	return event;
}

static void
put(struct store *store, const char *source, int64_t time_ms, enum event_kind kind)
{
	struct event event = example(source, time_ms, kind);

	store_put(store, &event, noon_ms);
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	assert_non_null(f);
	folder_make(&f->folder);
	struct store *store = store_open(f->folder.path, &limits, noon_ms);
	assert_non_null(store);
	for (int i = 0; i < 10; i++)
		put(store, "203.0.113.5", noon_ms - i * 60000, EVENT_REJECT);
	put(store, "203.0.113.5", noon_ms - 3 * DAY_MS, EVENT_RELAY);
	put(store, "203.0.113.6", noon_ms - HOUR_MS, EVENT_OBSERVE);
	put(store, "2001:db8:100:1::5", noon_ms - HOUR_MS, EVENT_REJECT);
	put(store, "2001:db8:100:2::6", noon_ms - HOUR_MS, EVENT_REJECT);
	store_close(store);
	text_init(&f->problem, f->problem_buffer, sizeof f->problem_buffer);
	assert_int_equal(
	    database_open_to_read(&f->database, &evidence_layout, f->folder.path, &f->problem),
	    0);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	database_close(&f->database);
	folder_remove(&f->folder);
	free(f);
	return 0;
}

/* The answer to a question whose arguments are JSON, or NULL. */
static json_t *
ask(struct fixture *f, const char *question, const char *arguments)
{
	json_t *parsed = json_loads(arguments, 0, NULL);

	assert_non_null(parsed);
	text_clear(&f->problem);
	json_t *answer = evidence_question_find(question)(&f->database, parsed, &f->problem);
	json_decref(parsed);
	return answer;
}

static json_int_t
number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static const char *
string(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));

	return value == NULL ? "(none)" : value;
}

static const json_t *
row(const json_t *answer, const char *key, size_t index)
{
	return json_array_get(json_object_get(answer, key), index);
}

static void
who_tells_all_of_a_source(void **state)
{
	json_t *answer = ask(*state, "who",
	    "{\"source\":\"203.0.113.5\",\"at\":\"2026-10-05T12:00:00Z\",\"window_ms\":"
	    "120000}");

	assert_non_null(answer);
	assert_int_equal(number(answer, "attempts"), 11);
	assert_int_equal(number(answer, "rejected"), 10);
	assert_int_equal(number(answer, "relayed"), 1);
	assert_int_equal(number(answer, "destinations"), 1);
	assert_string_equal(string(answer, "first"), "2026-10-02T12:00:00.000Z");
	assert_string_equal(string(answer, "last"), "2026-10-05T12:00:00.000Z");
	assert_int_equal(json_array_size(json_object_get(answer, "latest")), 11);
	assert_int_equal(json_array_size(json_object_get(answer, "at")), 3);
	assert_string_equal(string(row(answer, "latest", 0), "source"), "203.0.113.5");
	assert_string_equal(string(row(answer, "latest", 0), "rule"), "plan:fiber:ipv4");
	assert_string_equal(string(row(answer, "plans", 0), "key"), "fiber");
	json_decref(answer);
}

/* What events and rollups say of the client; and a rollup's closes are among all closes. */
static void
who_tells_what_kind_of_client_it_is(void **state)
{
	struct fixture *f = *state;
	struct store *store = store_open(f->folder.path, &limits, noon_ms);
	struct event event = example("203.0.113.9", noon_ms, EVENT_REJECT);

	event.client = CLIENT_BOT;
	event.client_why = "signature";
	event.flags = EVENT_HEARD;
	event.close = CLOSE_QUIT;
	event.heard = (struct event_heard){.greeting_name = "ylmf-pc", .signature = "ylmf"};
	snprintf(event.subscriber, sizeof event.subscriber, "s-1");
	store_put(store, &event, noon_ms);
	event.flags = 0;
	event.kind = EVENT_ROLLUP;
	event.count = 30;
	event.first_ms = noon_ms - 60000;
	event.last_ms = noon_ms + 5;
	event.destinations = 12;
	event.client = CLIENT_MTA;
	event.client_why = NULL;
	event.closes[0] = CLOSE_QUIT;
	event.close_counts[0] = 20;
	event.closes[1] = CLOSE_REASONS;
	event.close_counts[1] = 10;
	store_put(store, &event, noon_ms);
	store_close(store);
	json_t *answer = ask(f, "who", "{\"source\":\"203.0.113.9\"}");
	assert_non_null(answer);
	assert_int_equal(number(answer, "rejected"), 31);
	assert_int_equal(number(answer, "destinations"), 12);
	assert_string_equal(string(row(answer, "close", 0), "key"), "quit");
	assert_int_equal(number(row(answer, "close", 0), "count"), 21);
	assert_string_equal(string(row(answer, "close", 1), "key"), "others");
	assert_string_equal(string(row(answer, "classes", 0), "key"), "mta");
	assert_int_equal(number(row(answer, "classes", 0), "count"), 30);
	assert_string_equal(string(row(answer, "classes", 1), "key"), "bot");
	assert_string_equal(string(row(answer, "classes", 1), "why"), "signature");
	assert_string_equal(string(row(answer, "signatures", 0), "key"), "ylmf");
	assert_string_equal(string(row(answer, "greeting_names", 0), "key"), "ylmf-pc");
	assert_string_equal(string(row(answer, "subscribers", 0), "key"), "s-1");
	assert_int_equal(number(row(answer, "subscribers", 0), "count"), 31);
	assert_string_equal(string(row(answer, "latest", 0), "class"), "bot");
	assert_string_equal(string(row(answer, "latest", 0), "class_why"), "signature");
	assert_string_equal(string(row(answer, "latest", 0), "signature"), "ylmf");
	json_decref(answer);
	answer = ask(f, "events", "{\"source\":\"203.0.113.9\"}");
	assert_string_equal(string(answer, "class"), "bot");
	json_decref(answer);
	answer = ask(f, "most", "{\"by\":\"source\",\"since\":\"2026-10-05T11:30:00Z\"}");
	assert_string_equal(string(row(answer, "rows", 0), "key"), "203.0.113.9");
	assert_int_equal(number(row(answer, "rows", 0), "attempts"), 31);
	json_decref(answer);
}

/* An index for each 32,768 events: all of them are searched. */
static void
events_of_every_part_are_found(void **state)
{
	struct fixture *f = *state;
	struct store *store = store_open(f->folder.path, &limits, noon_ms);
	struct event event = example("203.0.113.7", noon_ms, EVENT_REJECT);
	char code[REFERENCE_TEXT_SIZE], arguments[64];

	store_put(store, &event, noon_ms);
	event.source.address.octets[3] = 8;
	for (uint64_t i = 1; i <= 70000; i++) {
		event.reference = i;
		store_put(store, &event, noon_ms);
	}
	event.source.address.octets[3] = 7;
	event.reference = 80000;
	store_put(store, &event, noon_ms);
	store_close(store);
	json_t *answer = ask(f, "events", "{\"source\":\"203.0.113.7\"}");
	assert_int_equal(json_array_size(json_object_get(answer, "events")), 2);
	json_decref(answer);
	reference_format(code, 80000);
	snprintf(arguments, sizeof arguments, "{\"code\":\"%s\"}", code);
	answer = ask(f, "ref", arguments);
	assert_int_equal(json_array_size(json_object_get(answer, "events")), 1);
	json_decref(answer);
}

/* However many events there are, these must not read them all. */
static void
questions_go_by_an_index(void **state)
{
	struct fixture *f = *state;
	static const enum evidence_statement which[] = {EVIDENCE_WHO_DESTINATIONS,
	    EVIDENCE_WHO_CLOSES, EVIDENCE_WHO_CLASSES, EVIDENCE_WHO_SIGNATURES,
	    EVIDENCE_WHO_GREETINGS, EVIDENCE_WHO_SUBSCRIBERS, EVIDENCE_WHO_LATEST,
	    EVIDENCE_WHO_AT, EVIDENCE_SOURCE_EVENTS, EVIDENCE_SOURCE_CLASS, EVIDENCE_REF,
	    EVIDENCE_SEEN_EVENTS};

	for (size_t i = 0; i < sizeof which / sizeof *which; i++) {
		char *sql = sqlite3_mprintf(
		    "EXPLAIN QUERY PLAN %s", evidence_layout.statements[which[i]]);
		sqlite3_stmt *statement;
		bool indexed = false;

		assert_int_equal(
		    sqlite3_prepare_v2(f->database.handle, sql, -1, &statement, NULL),
		    SQLITE_OK);
		while (sqlite3_step(statement) == SQLITE_ROW) {
			const char *step = (const char *)sqlite3_column_text(statement, 3);

			assert_string_not_equal(step, "SCAN event");
			indexed |= strstr(step, "SEARCH event USING INDEX event_part_") != NULL;
		}
		assert_true(indexed);
		sqlite3_finalize(statement);
		sqlite3_free(sql);
	}
}

/* The epoch is a day: of the same source on another day the pseudonym is another. */
static void
a_pseudonym_leads_to_a_stored_source(void **state)
{
	struct fixture *f = *state;
	static const struct pseudonym_key key = {
	    .octets = "0123456789abcdef0123456789abcdef",
	    .length = 32,
	    .epoch_ms = DAY_MS,
	    .prefix6 = 56,
	};
	static const struct {
		const char *source;
		int64_t days;
		const char *found;
		json_int_t tried; /* when none is found */
	} rows[] = {
	    {"2001:db8:100:2::9", 0, "2001:db8:100::/56", 0},
	    {"203.0.113.5", 0, "203.0.113.5", 0},
	    {"203.0.113.5", 3, "203.0.113.5", 0},
	    {"203.0.113.6", 3, "(none)", 1},
	    {"198.51.100.1", 0, "(none)", 4},
	    {"203.0.113.5", 40, "(none)", 0},
	};
	struct pseudonyms *pseudonyms = pseudonyms_new(&key);

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char name[PSEUDONYM_SIZE];
		struct address address;

		assert_int_equal(address_parse(rows[i].source, &address), 0);
		pseudonyms_make(pseudonyms, &address,
		    pseudonym_epoch(&key, noon_ms - rows[i].days * DAY_MS), name);
		json_t *arguments =
		    json_pack("{s:s, s:s}", "pseudonym", name, "reason", "case 1");
		json_t *answer =
		    evidence_reidentify(&f->database, &key, arguments, &f->problem);
		assert_non_null(answer);
		assert_string_equal(string(answer, "source"), rows[i].found);
		if (strcmp(rows[i].found, "(none)") == 0)
			assert_int_equal(number(answer, "tried"), rows[i].tried);
		json_decref(answer);
		json_object_set_new(arguments, "reason", json_string(""));
		assert_null(evidence_reidentify(&f->database, &key, arguments, &f->problem));
		json_decref(arguments);
	}
	pseudonyms_free(pseudonyms);
}

static void
who_may_be_a_network(void **state)
{
	json_t *answer = ask(*state, "who", "{\"source\":\"203.0.113.0/24\"}");

	assert_int_equal(number(answer, "attempts"), 12);
	json_decref(answer);
	answer = ask(*state, "who", "{\"source\":\"2001:db8:100::/56\"}");
	assert_int_equal(number(answer, "attempts"), 2);
	json_decref(answer);
	/* Blobs of 4 and 16 octets lie in one order. */
	answer = ask(*state, "who", "{\"source\":\"::/0\"}");
	assert_int_equal(number(answer, "attempts"), 2);
	json_decref(answer);
}

static void
who_was_never_seen_is_said_so(void **state)
{
	json_t *answer = ask(*state, "who", "{\"source\":\"198.51.100.1\"}");

	assert_non_null(answer);
	assert_int_equal(number(answer, "attempts"), 0);
	assert_int_equal(json_array_size(json_object_get(answer, "latest")), 0);
	json_decref(answer);
}

static void
a_reference_finds_its_event(void **state)
{
	struct fixture *f = *state;
	char code[REFERENCE_TEXT_SIZE], arguments[64];

	reference_format(code, (uint64_t)(noon_ms / 1000));
	for (char *at = code; *at != '\0'; at++) /* as it may be read out */
		if (*at >= 'A' && *at <= 'Z')
			*at = (char)(*at - 'A' + 'a');
	snprintf(arguments, sizeof arguments, "{\"code\":\"%s\"}", code);
	json_t *answer = ask(f, "ref", arguments);
	assert_int_equal(json_array_size(json_object_get(answer, "events")), 1);
	assert_string_equal(
	    string(row(answer, "events", 0), "time"), "2026-10-05T12:00:00.000Z");
	json_decref(answer);
	assert_null(ask(f, "ref", "{\"code\":\"nonsense!\"}"));
	assert_non_null(strstr(f->problem.bytes, "eight letters"));
}

static void
top_ranks_sources_nets_plans_and_destinations(void **state)
{
	static const struct {
		const char *arguments, *first;
		json_int_t attempts;
		size_t rows;
	} tops[] = {
	    {"{\"by\":\"source\",\"since\":\"2026-10-04T12:00:00Z\"}", "203.0.113.5", 10, 4},
	    {"{\"by\":\"source\",\"since\":\"2026-10-01T12:00:00Z\"}", "203.0.113.5", 11, 4},
	    {"{\"by\":\"source\",\"since\":\"2026-10-04T12:00:00Z\",\"new\":true,\"limit\":1}",
		"2001:db8:100:1::5", 1, 1},
	    {"{\"by\":\"net\",\"since\":\"2026-10-04T12:00:00Z\"}", "203.0.113.0/24", 11, 2},
	    {"{\"by\":\"plan\",\"since\":\"2026-10-04T12:00:00Z\"}", "fiber", 13, 1},
	    {"{\"by\":\"destination\",\"since\":\"2026-10-04T12:00:00Z\"}", "192.0.2.25", 13,
		1},
	};

	for (size_t i = 0; i < sizeof tops / sizeof *tops; i++) {
		json_t *answer = ask(*state, "most", tops[i].arguments);

		assert_non_null(answer);
		assert_int_equal(
		    json_array_size(json_object_get(answer, "rows")), tops[i].rows);
		assert_int_equal(number(row(answer, "rows", 0), "attempts"), tops[i].attempts);
		if (tops[i].attempts > 1)
			assert_string_equal(
			    string(row(answer, "rows", 0), "key"), tops[i].first);
		json_decref(answer);
	}
}

static void
a_complaint_is_compared_with_what_was_seen(void **state)
{
	json_t *answer =
	    ask(*state, "seen", "{\"source\":\"203.0.113.5\",\"at\":\"2026-10-02T12:30:00Z\"}");

	assert_string_equal(string(row(answer, "events", 0), "event"), "relay");
	assert_string_equal(string(row(answer, "events", 0), "rule"), "exempt:runtime");
	json_decref(answer);
	answer =
	    ask(*state, "seen", "{\"source\":\"203.0.113.5\",\"at\":\"2026-10-01T12:00:00Z\"}");
	assert_int_equal(json_array_size(json_object_get(answer, "events")), 0);
	assert_int_equal(number(json_object_get(answer, "hours"), "attempts"), 0);
	json_decref(answer);
}

static void
stats_are_by_day_and_plan(void **state)
{
	json_t *answer = ask(*state, "stats", "{\"since\":\"2026-10-01T00:00:00Z\"}");
	const json_t *day = row(answer, "days", 1);

	assert_int_equal(json_array_size(json_object_get(answer, "days")), 2);
	assert_string_equal(string(day, "day"), "2026-10-05T00:00:00.000Z");
	assert_int_equal(number(day, "sources"), 4);
	assert_int_equal(number(day, "sources_rejected"), 3);
	assert_int_equal(number(day, "sources_observed"), 1);
	json_decref(answer);
}

static void
mistakes_are_described(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *question, *arguments, *said;
	} rows[] = {
	    {"who", "{}", "source"},
	    {"who", "{\"source\":\"here\"}", "not an address or a network"},
	    {"who", "{\"source\":\"::1\",\"at\":\"now\"}", "not a time"},
	    {"who", "{\"source\":\"::1\",\"limit\":-1}", "between 0 and"},
	    {"who", "{\"sorce\":\"::1\"}", "sorce"},
	    {"most", "{\"by\":\"moon\"}", "source, net, plan or destination"},
	    {"most", "{\"by\":\"plan\",\"new\":true}", "only by source or net"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_null(ask(f, rows[i].question, rows[i].arguments));
		assert_non_null(strstr(f->problem.bytes, rows[i].said));
	}
	assert_null(evidence_question_find("what"));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(who_tells_all_of_a_source),
	    TEST(who_tells_what_kind_of_client_it_is),
	    TEST(events_of_every_part_are_found),
	    TEST(questions_go_by_an_index),
	    TEST(a_pseudonym_leads_to_a_stored_source),
	    TEST(who_may_be_a_network),
	    TEST(who_was_never_seen_is_said_so),
	    TEST(a_reference_finds_its_event),
	    TEST(top_ranks_sources_nets_plans_and_destinations),
	    TEST(a_complaint_is_compared_with_what_was_seen),
	    TEST(stats_are_by_day_and_plan),
	    TEST(mistakes_are_described),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
