/*
 * A gentle thread: it runs, is waited for, and gives way; who asked for it does not.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/thread.h"

struct seen {
	int nice;
	pid_t thread;
};

static void
see(void *argument)
{
	struct seen *seen = argument;

	seen->nice = getpriority(PRIO_PROCESS, (id_t)gettid());
	seen->thread = gettid();
}

static void
it_runs_to_its_end_and_gives_way(void **state)
{
	int before = getpriority(PRIO_PROCESS, 0);
	struct seen seen = {0};

	(void)state;
	thread_run_gently(see, &seen);
	assert_int_not_equal(seen.thread, 0);
	assert_int_not_equal(seen.thread, gettid());
	assert_int_equal(seen.nice, before > THREAD_GENTLE_NICE ? before : THREAD_GENTLE_NICE);
	assert_int_equal(getpriority(PRIO_PROCESS, 0), before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_runs_to_its_end_and_gives_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
