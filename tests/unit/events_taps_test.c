/*
 * Watchers: what they want to see, what becomes of those who are slow or gone.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "events/taps.h"

enum {
	HEARD_SIZE = 1 << 21,
};

struct scene {
	struct taps taps;
	char heard[HEARD_SIZE];
};

static int
set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof *scene);

	assert_non_null(scene);
	taps_init(&scene->taps);
	*state = scene;
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;

	taps_fini(&scene->taps);
	free(scene);
	return 0;
}

static const struct tap_filter everything = {.kinds = TAP_ALL_KINDS};

/* Returns the watcher's end. */
static int
watch(struct scene *scene, const struct tap_filter *filter)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(taps_add(&scene->taps, pair[0], filter, "hello\n"), 0);
	taps_flush(&scene->taps);
	return pair[1];
}

/* All that has come so far. */
static const char *
hear(struct scene *scene, int fd)
{
	size_t length = 0;

	for (ssize_t got = 1; got > 0 && length < HEARD_SIZE - 1; length += (size_t)got) {
		got = recv(fd, scene->heard + length, HEARD_SIZE - 1 - length, MSG_DONTWAIT);
		if (got <= 0)
			break;
	}
	scene->heard[length] = '\0';
	return scene->heard;
}

static struct event
event_from(const char *source, enum event_kind kind)
{
	struct event event = {.kind = (uint8_t)kind};

	assert_int_equal(address_parse(source, &event.source.address), 0);
	return event;
}

static void
show(struct scene *scene, const char *source, enum event_kind kind)
{
	struct event event = event_from(source, kind);

	taps_event(&scene->taps, &event, "gw1");
}

static unsigned
count_of(const char *text, const char *words)
{
	unsigned count = 0;

	while ((text = strstr(text, words)) != NULL) {
		count++;
		text += strlen(words);
	}
	return count;
}

static void
each_sees_what_it_asked_for(void **state)
{
	struct scene *scene = *state;
	struct tap_filter some = {.kinds = 1 << EVENT_REJECT, .by_source = true};
	struct aside audit = {
	    .kind = ASIDE_AUDIT, .audit = {.user = "root", .action = "reload", .result = "ok"}};
	struct aside alarm = {.kind = ASIDE_ALARM, .alarm = {.name = "silence", .family = ""}};
	const struct tap_filter alarms = {.kinds = UINT32_C(1) << (TAP_ASIDES + ASIDE_ALARM)};

	assert_int_equal(network_parse("192.0.2.0/24", &some.source), 0);
	int all = watch(scene, &everything), few = watch(scene, &some),
	    alarmed = watch(scene, &alarms);
	show(scene, "192.0.2.1", EVENT_REJECT);
	show(scene, "192.0.2.1", EVENT_RELAY);
	show(scene, "198.51.100.1", EVENT_REJECT);
	show(scene, "2001:db8::1", EVENT_REJECT);
	taps_aside(&scene->taps, &audit, "gw1");
	taps_aside(&scene->taps, &alarm, "gw1");
	taps_flush(&scene->taps);
	const char *said = hear(scene, all);
	assert_int_equal(strncmp(said, "hello\n", 6), 0);
	assert_int_equal(count_of(said, "\n"), 7);
	assert_int_equal(count_of(said, "\"action\":\"reload\""), 1);
	said = hear(scene, few);
	assert_int_equal(count_of(said, "\n"), 2);
	assert_int_equal(count_of(said, "\"source\":\"192.0.2.1\""), 1);
	said = hear(scene, alarmed);
	assert_int_equal(count_of(said, "\n"), 2);
	assert_int_equal(count_of(said, "\"alarm\":\"silence\""), 1);
	close(all);
	close(few);
	close(alarmed);
}

static void
a_slow_watcher_is_told_what_it_missed(void **state)
{
	struct scene *scene = *state;
	int fd = watch(scene, &everything);
	enum {
		SHOWN = 20000
	};
	unsigned long long missed = 0;

	for (unsigned i = 0; i < SHOWN; i++) {
		show(scene, "192.0.2.1", EVENT_REJECT);
		if (i % 100 == 0)
			taps_flush(&scene->taps);
	}
	assert_int_equal(taps_wait_ms(&scene->taps), 50);
	/* Whole lines only, a piece at a time. */
	const char *said = hear(scene, fd);
	unsigned seen = count_of(said, "\"event\":");
	taps_flush(&scene->taps);
	seen += count_of(hear(scene, fd), "\"event\":");
	show(scene, "192.0.2.1", EVENT_REJECT);
	taps_flush(&scene->taps);
	said = hear(scene, fd);
	const char *note = strstr(said, "{\"dropped\":");
	assert_non_null(note);
	assert_int_equal(sscanf(note, "{\"dropped\":%llu}", &missed), 1);
	assert_int_equal(seen + missed + count_of(said, "\"event\":"), SHOWN + 1);
	close(fd);
}

static void
one_that_hung_up_makes_room(void **state)
{
	struct scene *scene = *state;
	int fds[TAPS_MAX], pair[2];

	assert_int_equal(taps_wait_ms(&scene->taps), -1);
	for (size_t i = 0; i < TAPS_MAX; i++)
		fds[i] = watch(scene, &everything);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(taps_add(&scene->taps, pair[0], &everything, ""), -1);
	assert_int_equal(errno, ENOSPC);
	close(fds[3]);
	taps_flush(&scene->taps); /* without any event: it is seen all the same */
	assert_int_equal(taps_add(&scene->taps, pair[0], &everything, ""), 0);
	for (size_t i = 0; i < TAPS_MAX; i++)
		if (i != 3)
			close(fds[i]);
	close(pair[1]);
	taps_flush(&scene->taps);
	assert_int_equal(taps_wait_ms(&scene->taps), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(each_sees_what_it_asked_for, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		a_slow_watcher_is_told_what_it_missed, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(one_that_hung_up_makes_room, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
