/*
 * A store in a folder of its own, and short ways to change and to read it. Included after
 * cmocka.h.
 */
#ifndef TESTS_UNIT_CONTROL_EXEMPTION_TESTING_H
#define TESTS_UNIT_CONTROL_EXEMPTION_TESTING_H

#include <endian.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/exemption_store.h"
#include "policy_testing.h"

enum {
	FIXTURE_MAXIMUM = 8,
};

static const struct exemption_limits fixture_limits = {
    .longest_ms = INT64_C(3650) * 86400000,
    .widest = {16, 32},
    .history_ms = 86400000,
};

struct fixture {
	char folder[64];
	struct exemptions *table;
	struct exemption_store *store;
	size_t maximum;
	struct exemption_query query;
	char problem_buffer[512], said_buffer[4096];
	struct text problem, said;
};

static inline void
fixture_reopen(struct fixture *f, int64_t now_ms)
{
	exemption_store_close(f->store);
	exemptions_free(f->table);
	f->table = exemptions_new(f->maximum);
	assert_non_null(f->table);
	f->store = exemption_store_open(f->folder, f->table, &fixture_limits, now_ms);
	assert_non_null(f->store);
	assert_string_equal(exemption_store_warning(f->store), "");
}

static inline void
fixture_open_for(struct fixture *f, size_t maximum)
{
	memset(f, 0, sizeof *f);
	f->maximum = maximum;
	text_init(&f->problem, f->problem_buffer, sizeof f->problem_buffer);
	text_init(&f->said, f->said_buffer, sizeof f->said_buffer);
	strcpy(f->folder, "/tmp/op25bd-exemptions-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	fixture_reopen(f, 0);
}

static inline void
fixture_open(struct fixture *f)
{
	fixture_open_for(f, FIXTURE_MAXIMUM);
}

static inline void
fixture_close(struct fixture *f)
{
	static const char *const names[] = {
	    "exemptions.db", "exemptions.db-wal", "exemptions.db-shm"};
	char path[PATH_MAX];

	exemption_store_close(f->store);
	exemptions_free(f->table);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		snprintf(path, sizeof path, "%s/%s", f->folder, names[i]);
		unlink(path);
	}
	assert_int_equal(rmdir(f->folder), 0);
}

static inline struct exemption_outcome
grant(struct fixture *f, const char *network_text, int64_t until_ms, int64_t now_ms)
{
	struct network network = a_network(network_text);
	struct exemption_grant one = {&network, 1, until_ms, "why", "T-1", "alice", now_ms};
	struct exemption_outcome outcome;

	text_clear(&f->problem);
	if (exemption_store_add(f->store, &one, &outcome, &f->problem) == -1)
		fail_msg("%s: %s", network_text, f->problem.bytes);
	return outcome;
}

/* What is said about it; "" when it was done. */
static inline const char *
withdraw(struct fixture *f, const char *network_text)
{
	struct network network = a_network(network_text);

	text_clear(&f->problem);
	int result = exemption_store_remove(f->store, &network, 1, "alice", 0, &f->problem);
	assert_int_equal(result, f->problem.length == 0 ? 0 : -1);
	return f->problem.bytes;
}

static inline void
expect_exempt(const struct fixture *f, const char *address_text, int64_t wall_ms, bool expected)
{
	struct address address = an_address(address_text);
	struct exemption found;

	assert_int_equal(exemptions_find(f->table, &address, wall_ms, &found), expected);
}

static inline void
say_record(void *argument, const struct exemption_record *record)
{
	network_format(argument, &record->network);
	text_format(argument, " %" PRId64 " %s %s %s;", record->until_ms, record->reason,
	    record->ticket, record->by);
}

static inline void
expect_list(struct fixture *f, int64_t now_ms, const char *expected)
{
	struct exemption_query query = {.limit = 100, .now_ms = now_ms};

	text_clear(&f->said);
	assert_true(
	    exemption_store_list(f->store, &query, say_record, &f->said, &f->problem) >= 0);
	assert_string_equal(f->said.bytes, expected);
}

static inline void
say_network(void *argument, const struct exemption_record *record)
{
	network_format(argument, &record->network);
	text_add_character(argument, ' ');
}

static inline void
expect_query(struct fixture *f, const char *expected)
{
	text_clear(&f->said);
	assert_true(
	    exemption_store_list(f->store, &f->query, say_network, &f->said, &f->problem) >= 0);
	assert_string_equal(f->said.bytes, expected);
}

static inline void
say_incident(void *argument, const struct exemption_incident *incident)
{
	text_format(argument, "%s ", incident->change);
	network_format(argument, &incident->record.network);
	text_format(argument, " %" PRId64 " %s;", incident->time_ms, incident->record.by);
}

static inline void
expect_history(struct fixture *f, const char *expected)
{
	struct exemption_history_query query = {.limit = 100};

	text_clear(&f->said);
	assert_true(exemption_store_history(
			f->store, &query, say_incident, &f->said, &f->problem) >= 0);
	assert_string_equal(f->said.bytes, expected);
}

static inline int64_t
print_since(const char *what, int64_t since_ms)
{
	int64_t now_ms = clock_monotonic_ms();

	printf("%-34s %6lld ms\n", what, (long long)(now_ms - since_ms));
	return now_ms;
}

#endif
