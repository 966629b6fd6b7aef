/*
 * What may come between events/store.h and its file: the end of the process, a full disk,
 * another program. Every connection is counted in the end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "events/keeper.h"
#include "events_store_fixture.h"

/* The process is killed while it writes: what it had committed is there, and the file whole. */
static void
a_killed_process_leaves_the_file_whole(void **state)
{
	struct fixture *f = *state;
	int ends[2];
	uint64_t stored;
	int status;

	store_close(f->store);
	f->store = NULL;
	assert_int_equal(pipe(ends), 0);
	pid_t pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		struct store *store = store_open(f->folder.path, &limits, noon_ms);

		for (uint32_t i = 0;; i++) {
			struct event event = example(i, noon_ms);

			store_put(store, &event, noon_ms);
			(void)store_turn(store, noon_ms);
			stored = store_totals(store).stored;
			if (stored > 0 && write(ends[1], &stored, sizeof stored) < 0)
				_exit(1);
		}
	}
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(read(ends[0], &stored, sizeof stored), sizeof stored);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	close(ends[0]);
	close(ends[1]);
	f->store = store_open(f->folder.path, &limits, noon_ms);
	assert_true(ask(f, "SELECT count(*) FROM event") >= (int64_t)stored);
	assert_int_equal(ask(f, "SELECT count(*) = (SELECT sum(attempts) FROM source_hour) AND"
				" count(*) = (SELECT sum(attempts) FROM plan_day) FROM event"),
	    1);
	assert_int_equal(
	    ask(f, "SELECT integrity_check = 'ok' FROM pragma_integrity_check"), 1);
}

/* Nothing is lost without being counted, and the operator is told once. */
static void
a_file_that_takes_nothing_is_told_once_and_made_up_for(void **state)
{
	struct fixture *f = *state;
	struct event event = example(1, noon_ms);

	store_close(f->store);
	unlink(f->folder.path);
	assert_int_equal(mkdir(f->folder.path, 0700), 0); /* no file can be made there */
	f->store = store_open(f->folder.path, &limits, noon_ms);
	assert_non_null(f->store);
	for (unsigned i = 0; i < 50; i++) {
		store_put(f->store, &event, noon_ms);
		(void)store_turn(f->store, noon_ms);
	}
	assert_int_equal(store_totals(f->store).stored, 0);
	assert_int_equal(store_totals(f->store).lost, 50);
	assert_int_equal(rmdir(f->folder.path), 0);
	WAIT_UNTIL((store_turn(f->store, noon_ms), store_totals(f->store).stored == 50));
	store_put(f->store, &event, noon_ms);
	commit(f, noon_ms);
	assert_int_equal(store_totals(f->store).stored, 51);
	assert_int_equal(store_totals(f->store).lost, 50);
	assert_int_equal(ask(f, "SELECT sum(count) FROM rollup WHERE source IS NULL"), 50);
	assert_int_equal(ask(f, "SELECT count(*) FROM event"), 1);
	assert_int_equal(folder_told(&f->folder, "unable to open database file"), 1);
	assert_int_equal(folder_told(&f->folder, "takes events again"), 1);
}

/* In the middle of a batch, or when it is committed. */
static void
a_disk_that_fills_loses_no_count(void **state)
{
	struct fixture *f = *state;
	const int64_t many = 30000;
	struct rlimit before;

	for (uint32_t i = 0; i < 1000; i++) {
		struct event event = example(i, noon_ms);

		store_put(f->store, &event, noon_ms);
	}
	commit(f, noon_ms);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(
	    setrlimit(RLIMIT_FSIZE, &(struct rlimit){1 << 20, before.rlim_max}), 0);
	for (uint32_t i = 1000; i < many; i++) {
		struct event event = example(i, noon_ms);

		store_put(f->store, &event, noon_ms);
		if (i % 1000 == 0)
			(void)store_turn(f->store, noon_ms);
	}
	WAIT_UNTIL((store_turn(f->store, noon_ms), store_totals(f->store).lost > 0));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	signal(SIGXFSZ, SIG_DFL);
	WAIT_UNTIL(
	    (store_turn(f->store, noon_ms), (int64_t)store_totals(f->store).stored == many));
	assert_int_equal(ask(f, "SELECT (SELECT count(*) FROM event) + (SELECT sum(count) FROM"
				" rollup WHERE source IS NULL)"),
	    many);
	assert_int_equal(ask(f, "SELECT sum(attempts) FROM plan_day"), many);
	assert_int_equal(ask(f, "SELECT (SELECT count(*) FROM event) = sum(attempts)"
				" FROM source_hour"),
	    1);
	assert_int_equal(
	    ask(f, "SELECT integrity_check = 'ok' FROM pragma_integrity_check"), 1);
}

static void
another_program_that_writes_is_outlasted(void **state)
{
	struct fixture *f = *state;
	struct event event = example(1, noon_ms);
	sqlite3 *other;

	assert_int_equal(sqlite3_open(f->folder.path, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	store_put(f->store, &event, noon_ms);
	assert_int_equal(store_totals(f->store).lost, 1);
	assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(other);
	WAIT_UNTIL((store_turn(f->store, noon_ms), store_totals(f->store).stored == 1));
	assert_int_equal(ask(f, "SELECT sum(count) FROM rollup"), 1);
}

/* What the keeper does: a few events, a turn, a nap. How many were lost. */
static uint64_t
keep_busy(const char *path, unsigned turns)
{
	struct store *store = store_open(path, &limits, noon_ms);

	for (unsigned i = 0; i < turns; i++) {
		struct event event = example(i, noon_ms);

		store_put(store, &event, noon_ms);
		(void)store_turn(store, noon_ms);
		usleep(5000);
	}
	uint64_t lost = store_totals(store).lost;
	store_close(store);
	return lost;
}

/* Whether the keeper is awake, falls asleep or sleeps at that moment. */
static void
the_keeper_keeps_what_is_put_just_before_the_end(void **state)
{
	struct fixture *f = *state;
	const unsigned ends = 30;

	store_close(f->store);
	f->store = NULL;
	for (unsigned i = 0; i < ends; i++) {
		struct keeper *keeper = keeper_new(f->folder.path, &limits, 1024);
		struct event event = example(i, noon_ms);

		assert_non_null(keeper);
		assert_int_equal(keeper_start(keeper), 0);
		usleep(i * 300);
		event.time_ms = clock_wall_ms();
		keeper_put(keeper, &event);
		keeper_free(keeper);
		assert_int_equal(ask(f, "SELECT count(*) FROM event"), i + 1);
	}
}

/* In an upgrade the old process and the new one keep for a while. */
static void
two_processes_keep_at_once(void **state)
{
	struct fixture *f = *state;
	const unsigned turns = 400;
	int status;

	store_close(f->store);
	f->store = NULL;
	pid_t pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0)
		_exit(keep_busy(f->folder.path, turns) == 0 ? 0 : 1);
	uint64_t lost = keep_busy(f->folder.path, turns);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(lost, 0);
	assert_int_equal(status, 0);
	assert_int_equal(ask(f, "SELECT count(*) FROM event"), 2 * turns);
	assert_int_equal(ask(f, "SELECT sum(attempts) FROM plan_day"), 2 * turns);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(a_killed_process_leaves_the_file_whole),
	    TEST(a_file_that_takes_nothing_is_told_once_and_made_up_for),
	    TEST(a_disk_that_fills_loses_no_count),
	    TEST(another_program_that_writes_is_outlasted),
	    TEST(the_keeper_keeps_what_is_put_just_before_the_end),
	    TEST(two_processes_keep_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
