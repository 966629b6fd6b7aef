/*
 * From a reason to a call: is it this hook's, and is it not held back. What becomes of the call
 * is hooks_run.c's. What is known of a hook stays with its name over a reload.
 */
#include "daemon/hooks.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/hooks_state.h"
#include "daemon/service_state.h"
#include "events/keeper.h"
#include "events/pseudonym.h"
#include "events/threshold_watch.h"

enum {
	LOST_INTERVAL_MS = 1000,
};

/*
 * What a program is told.
 */

/* Takes facts, an object; one line, or NULL. */
static char *
facts_line(const struct hooks *hooks, const struct hook *hook, uint32_t held, json_t *facts)
{
	char buffer[32];
	struct text when;
	char *line = NULL;

	text_init(&when, buffer, sizeof buffer);
	clock_format(&when, clock_wall_ms());
	json_t *all = json_pack("{s:s, s:s, s:s, s:s, s:I}", "hook", hook->settings->name, "on",
	    hook_on(hook), "time", when.bytes, "node", hooks->config->node, "held",
	    (json_int_t)held);
	if (all != NULL && facts != NULL && json_object_update(all, facts) == 0) {
		char *json = json_dumps(all, JSON_COMPACT);

		if (json != NULL && asprintf(&line, "%s\n", json) == -1)
			line = NULL;
		free(json);
	}
	json_decref(all);
	json_decref(facts);
	return line;
}

/* As the outputs have it: by its pseudonym, where they have one. */
static json_t *
pseudonym_facts(struct hooks *hooks, const struct hook *hook, const struct threshold_call *call)
{
	const char *name = pseudonyms_name(hooks->pseudonyms, &call->source, clock_wall_ms());

	return json_pack("{s:s, s:s, s:I, s:I, s:s}", "source", name, "network", name,
	    "connections", (json_int_t)call->reached.connections, "within_ms",
	    (json_int_t)hook->settings->within_ms, "plan", call->plan);
}

static json_t *
source_facts(struct hooks *hooks, const struct hook *hook, const struct threshold_call *call)
{
	char source_buffer[ADDRESS_TEXT_SIZE], network_buffer[ADDRESS_TEXT_SIZE + 4];
	struct text source, network;

	if (hooks->pseudonyms != NULL && hook->settings->addresses == CONFIG_HOOK_AS_EVENTS)
		return pseudonym_facts(hooks, hook, call);
	text_init(&source, source_buffer, sizeof source_buffer);
	address_format(&source, &call->source);
	text_init(&network, network_buffer, sizeof network_buffer);
	network_format(&network, &call->network);
	return json_pack("{s:s, s:s, s:I, s:I, s:s}", "source", source.bytes, "network",
	    network.bytes, "connections", (json_int_t)call->reached.connections, "within_ms",
	    (json_int_t)hook->settings->within_ms, "plan", call->plan);
}

static json_t *
alarm_facts(const struct alarm *alarm)
{
	return json_pack("{s:s, s:s, s:s, s:I, s:I, s:s}", "alarm", alarm->name, "state",
	    alarm->raised ? "raised" : "over", "family", alarm->family, "packets",
	    (json_int_t)alarm->packets, "duration_ms", (json_int_t)alarm->duration_ms,
	    "message", alarm->message);
}

/*
 * Reasons.
 */

static void
reached_cb(evutil_socket_t fd, short what, void *argument)
{
	struct hooks *hooks = argument;
	struct threshold_call call;
	eventfd_t rings;

	(void)what;
	(void)eventfd_read(fd, &rings);
	while (threshold_watch_take(hooks->watch, &call)) {
		struct hook *hook = hook_find(hooks->list, hooks->count, call.name);

		if (hook != NULL && hook->settings->on == CONFIG_HOOK_SOURCE)
			hook_call(hooks, hook,
			    facts_line(hooks, hook, call.reached.held,
				source_facts(hooks, hook, &call)));
	}
}

static struct debounce *
alarm_debounce(struct hook *hook, const struct alarm *alarm)
{
	unsigned kind = ADDRESS_FAMILIES; /* of no family */

	if (strcmp(alarm->family, "ipv4") == 0)
		kind = ADDRESS_IPV4;
	else if (strcmp(alarm->family, "ipv6") == 0)
		kind = ADDRESS_IPV6;
	return &hook->alarms[2 * kind + alarm->raised];
}

void
hooks_alarm(struct hooks *hooks, const struct alarm *alarm)
{
	uint32_t held;

	for (size_t i = 0; hooks != NULL && i < hooks->count; i++) {
		struct hook *hook = &hooks->list[i];

		if (hook->settings->on == CONFIG_HOOK_ALARM &&
		    debounce_call(alarm_debounce(hook, alarm), hook->settings->every_ms,
			clock_monotonic_ms(), &held))
			hook_call(
			    hooks, hook, facts_line(hooks, hook, held, alarm_facts(alarm)));
	}
}

static uint64_t
count_lost(const struct hooks *hooks)
{
	const struct service *service = hooks->service;
	uint64_t lost = event_writer_totals(service->writer).dropped;

	if (service->keeper != NULL)
		lost += keeper_totals(service->keeper).lost;
	return lost;
}

static void
hook_lost(struct hooks *hooks, struct hook *hook)
{
	uint32_t held;
	uint64_t lost = hooks->lost - hook->lost_told;

	if (!debounce_call(&hook->lost, hook->settings->every_ms, clock_monotonic_ms(), &held))
		return;
	hook->lost_told = hooks->lost;
	hook_call(hooks, hook,
	    facts_line(hooks, hook, held,
		json_pack("{s:I, s:I}", "lost", (json_int_t)lost, "lost_total",
		    (json_int_t)hooks->lost)));
}

static void
timer_cb(evutil_socket_t fd, short what, void *argument)
{
	struct hooks *hooks = argument;
	uint64_t lost = count_lost(hooks);

	(void)fd;
	(void)what;
	if (lost == hooks->lost)
		return;
	hooks->lost = lost;
	for (size_t i = 0; i < hooks->count; i++)
		if (hooks->list[i].settings->on == CONFIG_HOOK_EVENTS_LOST)
			hook_lost(hooks, &hooks->list[i]);
}

/*
 * Life.
 */

static int
watch_sources(struct hooks *hooks, const struct config *config)
{
	struct threshold_rule rules[CONFIG_HOOKS_MAX];
	size_t count = 0;

	_Static_assert((int)CONFIG_HOOKS_MAX <= (int)THRESHOLDS_MAX, "each may be one");
	for (size_t i = 0; i < config->hook_count; i++) {
		const struct config_hook *hook = &config->hooks[i];

		if (hook->on == CONFIG_HOOK_SOURCE)
			rules[count++] = (struct threshold_rule){
			    .name = hook->name,
			    .sources = hook->sources,
			    .threshold = {.connections = hook->connections,
				.within_ms = hook->within_ms,
				.every_ms = hook->every_ms,
				.prefix6 = config->source_prefix6},
			};
	}
	return threshold_watch_configure(hooks->watch, rules, count);
}

static int
configure(struct hooks *hooks)
{
	struct config *config = hooks->service->config;
	struct hook *list = calloc(CONFIG_HOOKS_MAX, sizeof *list);

	if (list == NULL || watch_sources(hooks, config) == -1) {
		free(list);
		return -1;
	}
	for (size_t i = 0; i < config->hook_count; i++) {
		struct hook *old = hook_find(hooks->list, hooks->count, config->hooks[i].name);

		list[i].lost_told = hooks->lost;
		if (old != NULL) {
			list[i] = *old;
			old->waiting = 0; /* moved */
		}
		list[i].settings = &config->hooks[i];
		/* A hook that was gone for a while may still have some. */
		list[i].running = hook_count_running(hooks, config->hooks[i].name);
	}
	for (size_t i = 0; i < hooks->count; i++)
		hook_forget(&hooks->list[i]);
	memcpy(hooks->list, list, sizeof hooks->list);
	hooks->count = config->hook_count;
	free(list);
	config_release(hooks->config);
	hooks->config = config_hold(config);
	for (size_t i = 0; i < hooks->count; i++)
		hook_continue(hooks, &hooks->list[i]);
	return 0;
}

void
hooks_configure(struct hooks *hooks)
{
	if (hooks != NULL && configure(hooks) == -1)
		log_error("no memory: the hooks stay as they were");
}

struct hooks *
hooks_new(struct service *service)
{
	struct timeval interval = clock_timeval(LOST_INTERVAL_MS);
	struct hooks *hooks = calloc(1, sizeof *hooks);

	if (hooks == NULL)
		return NULL;
	hooks->service = service;
	if (service->pseudonym_key.length != 0) {
		hooks->pseudonyms = pseudonyms_new(&service->pseudonym_key);
		if (hooks->pseudonyms == NULL) {
			free(hooks);
			errno = ENOMEM;
			return NULL;
		}
	}
	hooks->watch = event_writer_thresholds(service->writer);
	hooks->reached = event_new(service->base, threshold_watch_fd(hooks->watch),
	    EV_READ | EV_PERSIST, reached_cb, hooks);
	hooks->timer = event_new(service->base, -1, EV_PERSIST, timer_cb, hooks);
	if (hooks->reached != NULL && hooks->timer != NULL &&
	    event_add(hooks->reached, NULL) == 0 && event_add(hooks->timer, &interval) == 0 &&
	    configure(hooks) == 0)
		return hooks;
	hooks_free(hooks);
	errno = ENOMEM;
	return NULL;
}

void
hooks_free(struct hooks *hooks)
{
	if (hooks == NULL)
		return;
	hook_kill_all(hooks);
	for (size_t i = 0; i < hooks->count; i++)
		hook_forget(&hooks->list[i]);
	if (hooks->reached != NULL)
		event_free(hooks->reached);
	if (hooks->timer != NULL)
		event_free(hooks->timer);
	config_release(hooks->config);
	pseudonyms_free(hooks->pseudonyms);
	free(hooks);
}
