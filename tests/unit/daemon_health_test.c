/*
 * Health, with workers and a listening socket that this test plays: nobody accepts there unless
 * the test does.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/health.h"
#include "net/socket.h"

struct scene {
	struct event_base *base;
	struct health *health;
	struct own_probes probes;
	struct endpoint address;
	struct event *accept;
	int listener;
	bool hung; /* worker 1 */
	bool draining;
	unsigned told;
	char problem[256]; /* of the last answer; "ok" */
};

static void
ping(void *argument, unsigned worker)
{
	(void)argument;
	(void)worker;
}

static bool
answered(void *argument, unsigned worker)
{
	const struct scene *scene = argument;

	return worker != 1 || !scene->hung;
}

static bool
draining(void *argument)
{
	const struct scene *scene = argument;

	return scene->draining;
}

static void
told(void *argument, const char *problem)
{
	struct scene *scene = argument;

	scene->told++;
	strncpy(scene->problem, problem == NULL ? "ok" : problem, sizeof scene->problem - 1);
}

static void
accept_cb(evutil_socket_t fd, short what, void *argument)
{
	struct scene *scene = argument;
	struct sockaddr_storage storage;
	socklen_t length = sizeof storage;
	struct endpoint source;
	int accepted = accept(fd, (struct sockaddr *)&storage, &length);

	(void)what;
	assert_int_equal(endpoint_from_sockaddr(&source, &storage), 0);
	assert_true(own_probes_caught(&scene->probes, &source, &scene->address));
	source.port ^= 1;
	assert_false(own_probes_caught(&scene->probes, &source, &scene->address));
	close(accepted);
}

static int
set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof *scene);
	struct sockaddr_storage storage;

	assert_non_null(scene);
	assert_int_equal(address_parse("127.0.0.1", &scene->address.address), 0);
	socklen_t length = endpoint_to_sockaddr(&scene->address, &storage);
	scene->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(scene->listener, (struct sockaddr *)&storage, length), 0);
	assert_int_equal(listen(scene->listener, 16), 0);
	assert_int_equal(socket_local(scene->listener, &scene->address), 0);
	scene->base = event_base_new();
	scene->accept =
	    event_new(scene->base, scene->listener, EV_READ | EV_PERSIST, accept_cb, scene);
	scene->health = health_new(&(struct health_options){
	    .base = scene->base,
	    .listen = {.list = {scene->address}, .count = 1},
	    .probes = &scene->probes,
	    .workers = 2,
	    .ping = ping,
	    .answered = answered,
	    .draining = draining,
	    .argument = scene,
	});
	assert_non_null(scene->health);
	*state = scene;
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;

	health_free(scene->health);
	event_free(scene->accept);
	if (scene->listener != -1)
		close(scene->listener);
	event_base_free(scene->base);
	free(scene);
	return 0;
}

static const char *
ask(struct scene *scene)
{
	unsigned before = scene->told;

	health_check(scene->health, told, scene);
	while (scene->told == before)
		event_base_loop(scene->base, EVLOOP_ONCE);
	return scene->problem;
}

static void
all_is_well(void **state)
{
	struct scene *scene = *state;

	event_add(scene->accept, NULL);
	assert_string_equal(ask(scene), "ok");
	assert_string_equal(ask(scene), "ok");
	health_check(scene->health, told, scene);
	assert_string_equal(ask(scene), "ok");
	assert_int_equal(scene->told, 4); /* one check, two answers */
}

static void
a_hung_worker(void **state)
{
	struct scene *scene = *state;

	event_add(scene->accept, NULL);
	scene->hung = true;
	assert_string_equal(ask(scene), "worker 1 does not answer within a second");
	scene->hung = false;
	assert_string_equal(ask(scene), "ok");
}

static void
nobody_accepts(void **state)
{
	assert_non_null(strstr(ask(*state), "was not taken within a second"));
}

static void
nobody_listens(void **state)
{
	struct scene *scene = *state;

	close(scene->listener);
	scene->listener = -1;
	assert_non_null(strstr(ask(scene), "Connection refused"));
}

static void
a_daemon_that_drains(void **state)
{
	struct scene *scene = *state;

	scene->draining = true;
	assert_non_null(strstr(ask(scene), "draining"));
}

static void
those_who_wait_are_told_at_the_end(void **state)
{
	struct scene *scene = *state;

	health_check(scene->health, told, scene);
	health_free(scene->health);
	scene->health = NULL;
	assert_int_equal(scene->told, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(all_is_well, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_hung_worker, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(nobody_accepts, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(nobody_listens, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_daemon_that_drains, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		those_who_wait_are_told_at_the_end, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
