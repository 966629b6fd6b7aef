/*
 * Two timers: one asks the helper for the firewall's counters, the other looks at how many
 * connections were accepted. What they find goes into a watch, and each change is told.
 */
#include "daemon/alarms.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/duration.h"
#include "base/log.h"
#include "daemon/service_state.h"
#include "daemon/watch.h"
#include "events/aside.h"

enum {
	BYPASS_INTERVAL_LEAST_MS = 100,
	/* So many looks without growth, and a bypass is over. */
	BYPASS_CALM_LOOKS = 6,
	SILENCE_INTERVAL_MS = 1000,
	PROBLEM_SIZE = 200,
};

struct bypass {
	struct watch_growth watch;
	char message[ALARM_MESSAGE_SIZE];
};

struct alarms {
	struct service *service;
	struct event *bypass_timer;
	struct event *silence_timer;
	bool asked; /* and not answered yet */
	struct bypass bypass[ADDRESS_FAMILIES];
	char problem[PROBLEM_SIZE]; /* why the counters are not read; "": they are */
	bool problem_told;
	struct watch_silence silence;
	char silence_message[ALARM_MESSAGE_SIZE];
};

static const struct {
	const char *name, *title;
} families[] = {
    [ADDRESS_IPV4] = {"ipv4", "IPv4"},
    [ADDRESS_IPV6] = {"ipv6", "IPv6"},
};
_Static_assert(sizeof families / sizeof *families == ADDRESS_FAMILIES, "one row per family");

static int64_t
bypass_interval_ms(const struct alarms *alarms)
{
	int64_t interval_ms = alarms->service->config->bypass_check_ms;

	return interval_ms < BYPASS_INTERVAL_LEAST_MS ? BYPASS_INTERVAL_LEAST_MS : interval_ms;
}

/* A process that lets go of its listeners is not to wonder that nothing arrives. */
static bool
alarms_apply(const struct alarms *alarms)
{
	return !alarms->service->draining && !alarms->service->retired;
}

/*
 * Telling.
 */

static void
tell(struct alarms *alarms, struct alarm *alarm, const char *message)
{
	struct aside aside = {.kind = ASIDE_ALARM, .alarm = *alarm};

	aside.alarm.time_ms = clock_wall_ms();
	snprintf(aside.alarm.message, sizeof aside.alarm.message, "%s", message);
	if (alarm->raised)
		log_warning("alarm: %s", message);
	else
		log_notice("alarm over: %s", message);
	if (event_writer_aside(alarms->service->writer, &aside) == -1)
		log_warning("the event output takes nothing: that alarm was no event");
	hooks_alarm(alarms->service->hooks, &aside.alarm);
}

/*
 * Bypass.
 */

static bool
listens(const struct config *config, unsigned family)
{
	for (unsigned i = 0; i < config->listen.count; i++)
		if (config->listen.list[i].address.family == family)
			return true;
	return false;
}

static void
bypass_tell_raised(struct alarms *alarms, unsigned family)
{
	struct bypass *bypass = &alarms->bypass[family];
	const char *title = families[family].title;
	struct text text;

	text_init(&text, bypass->message, sizeof bypass->message);
	text_format(&text,
	    "%s packets to port 25 go past op25bd and are blocked or let through as "
	    "\"op25bctl firewall --on-failure\" said. ",
	    title);
	if (listens(alarms->service->config, family))
		text_format(&text,
		    "Nothing listens where the rules hand them over: op25bctl doctor says what "
		    "is wrong, op25bctl firewall apply makes rules for [server] listen");
	else
		text_format(
		    &text, "[server] listen has no %s address: add one and restart", title);
	tell(alarms,
	    &(struct alarm){.name = "bypass",
		.raised = true,
		.family = families[family].name,
		.packets = bypass->watch.episode},
	    bypass->message);
}

static void
bypass_tell_over(struct alarms *alarms, unsigned family)
{
	const struct watch_growth *watch = &alarms->bypass[family].watch;
	char message[ALARM_MESSAGE_SIZE];

	snprintf(message, sizeof message,
	    "no more %s packets go past op25bd; %llu did in this alarm", families[family].title,
	    (unsigned long long)watch->episode);
	tell(alarms,
	    &(struct alarm){.name = "bypass",
		.family = families[family].name,
		.packets = watch->episode,
		.duration_ms = watch->growing_ms - watch->raised_ms},
	    message);
}

static void
bypass_changed(struct alarms *alarms, unsigned family, enum watch_change change)
{
	if (change == WATCH_RAISED)
		bypass_tell_raised(alarms, family);
	else if (change == WATCH_OVER)
		bypass_tell_over(alarms, family);
}

static void
bypass_take(struct alarms *alarms, const unsigned long long packets[ADDRESS_FAMILIES])
{
	int64_t now_ms = clock_monotonic_ms();
	int64_t calm_ms = BYPASS_CALM_LOOKS * bypass_interval_ms(alarms);

	for (unsigned family = 0; family < ADDRESS_FAMILIES; family++) {
		struct watch_growth *watch = &alarms->bypass[family].watch;

		bypass_changed(alarms, family,
		    packets == NULL ? watch_growth_absent(watch, now_ms, calm_ms)
				    : watch_growth(watch, packets[family], now_ms, calm_ms));
	}
}

static void
set_problem(struct alarms *alarms, const char *problem)
{
	snprintf(alarms->problem, sizeof alarms->problem, "%s", problem);
}

/* Told once: what is wrong stays wrong until it is mended. That the helper has ended was told.
 */
static void
bypass_unreadable(struct alarms *alarms, const char *why)
{
	set_problem(alarms, why);
	if (!alarms->problem_told && net_admin_alive(alarms->service->net_admin))
		log_warning("the firewall's counters cannot be read: %s. Packets that go past "
			    "op25bd will not be noticed",
		    why);
	alarms->problem_told = true;
}

static void
bypass_answered(void *argument, int result, const char *text)
{
	struct alarms *alarms = argument;
	unsigned long long packets[ADDRESS_FAMILIES];

	alarms->asked = false;
	if (!alarms_apply(alarms))
		return;
	if (result == -1) {
		bypass_unreadable(alarms, text);
	} else if (sscanf(text, "%llu %llu", &packets[ADDRESS_IPV4], &packets[ADDRESS_IPV6]) ==
		   2) {
		set_problem(alarms, "");
		alarms->problem_told = false;
		bypass_take(alarms, packets);
	} else {
		set_problem(alarms, "the rules of op25bctl firewall are not loaded");
		bypass_take(alarms, NULL);
	}
}

static void
bypass_timer_cb(evutil_socket_t fd, short what, void *argument)
{
	struct alarms *alarms = argument;
	struct net_admin *admin = alarms->service->net_admin;

	(void)fd;
	(void)what;
	if (!alarms_apply(alarms) || alarms->asked || admin == NULL)
		return;
	if (net_admin_ask(admin, "bypass", bypass_answered, alarms) == 0)
		alarms->asked = true;
	else if (errno != EAGAIN)
		bypass_unreadable(alarms, "the helper process has ended");
}

/*
 * Silence.
 */

static void
silence_tell_raised(struct alarms *alarms, int64_t silent_ms)
{
	struct text text;

	text_init(&text, alarms->silence_message, sizeof alarms->silence_message);
	text_add_string(&text, "no connection has come for ");
	duration_format(&text, alarms->service->config->silence_alarm_ms);
	text_add_string(&text,
	    ". Do the routers still send port 25 to this box? If they do, op25bctl doctor "
	    "looks at rules, ip rule and routes here");
	tell(alarms,
	    &(struct alarm){
		.name = "silence", .raised = true, .family = "", .duration_ms = silent_ms},
	    text.bytes);
}

static void
silence_timer_cb(evutil_socket_t fd, short what, void *argument)
{
	struct alarms *alarms = argument;
	const struct service *service = alarms->service;
	int64_t now_ms = clock_monotonic_ms();
	uint64_t accepted = 0;

	(void)fd;
	(void)what;
	if (!alarms_apply(alarms))
		return;
	for (unsigned i = 0; i < service->worker_count; i++)
		accepted +=
		    counters_get(worker_counters(service->workers[i]), COUNTER_ACCEPTED);
	enum watch_change change = watch_silence(
	    &alarms->silence, accepted, now_ms, service->config->silence_alarm_ms);
	if (change == WATCH_RAISED)
		silence_tell_raised(alarms, now_ms - alarms->silence.grew_ms);
	else if (change == WATCH_OVER)
		tell(alarms,
		    &(struct alarm){.name = "silence",
			.family = "",
			.duration_ms = alarms->silence.before_ms},
		    service->config->silence_alarm_ms == 0 ? "silence_alarm was switched off"
							   : "connections come again");
}

/*
 * What others want to know.
 */

bool
alarms_bypass_watched(const struct alarms *alarms)
{
	return alarms->problem[0] == '\0';
}

uint64_t
alarms_bypass_packets(const struct alarms *alarms, enum address_family family)
{
	return alarms->bypass[family].watch.total;
}

bool
alarms_bypass_raised(const struct alarms *alarms)
{
	return alarms->bypass[ADDRESS_IPV4].watch.raised ||
	       alarms->bypass[ADDRESS_IPV6].watch.raised;
}

bool
alarms_silence_raised(const struct alarms *alarms)
{
	return alarms->silence.raised;
}

json_t *
alarms_status(const struct alarms *alarms)
{
	return json_pack("{s:{s:b, s:s, s:I, s:I, s:b}, s:{s:I, s:I, s:b}}", "bypass",
	    "watched", alarms_bypass_watched(alarms), "problem", alarms->problem, "ipv4",
	    (json_int_t)alarms_bypass_packets(alarms, ADDRESS_IPV4), "ipv6",
	    (json_int_t)alarms_bypass_packets(alarms, ADDRESS_IPV6), "raised",
	    alarms_bypass_raised(alarms), "silence", "limit_ms",
	    (json_int_t)alarms->service->config->silence_alarm_ms, "silent_ms",
	    (json_int_t)(alarms->silence.begun ? clock_monotonic_ms() - alarms->silence.grew_ms
					       : 0),
	    "raised", alarms->silence.raised);
}

void
alarms_add_warnings(const struct alarms *alarms, json_t *warnings)
{
	for (unsigned family = 0; family < ADDRESS_FAMILIES; family++)
		if (alarms->bypass[family].watch.raised)
			json_array_append_new(
			    warnings, json_string(alarms->bypass[family].message));
	if (alarms->silence.raised)
		json_array_append_new(warnings, json_string(alarms->silence_message));
}

/*
 * Life.
 */

/* The first look is at once: what it finds was counted before us. */
static int
start_bypass(struct alarms *alarms)
{
	struct timeval interval = clock_timeval(bypass_interval_ms(alarms));

	if (alarms->service->config->bypass_check_ms == 0) {
		set_problem(alarms, "bypass_check is 0");
		return 0;
	}
	if (alarms->service->net_admin == NULL) {
		set_problem(alarms, "it takes CAP_NET_ADMIN at the start");
		return 0;
	}
	set_problem(alarms, "not read yet");
	if (event_add(alarms->bypass_timer, &interval) == -1)
		return -1;
	event_active(alarms->bypass_timer, EV_TIMEOUT, 0);
	return 0;
}

struct alarms *
alarms_new(struct service *service)
{
	struct timeval interval = clock_timeval(SILENCE_INTERVAL_MS);
	struct alarms *alarms = calloc(1, sizeof *alarms);

	if (alarms == NULL)
		return NULL;
	alarms->service = service;
	alarms->bypass_timer =
	    event_new(service->base, -1, EV_PERSIST, bypass_timer_cb, alarms);
	alarms->silence_timer =
	    event_new(service->base, -1, EV_PERSIST, silence_timer_cb, alarms);
	if (alarms->bypass_timer != NULL && alarms->silence_timer != NULL &&
	    event_add(alarms->silence_timer, &interval) == 0 && start_bypass(alarms) == 0)
		return alarms;
	alarms_free(alarms);
	errno = ENOMEM;
	return NULL;
}

void
alarms_free(struct alarms *alarms)
{
	if (alarms == NULL)
		return;
	if (alarms->bypass_timer != NULL)
		event_free(alarms->bypass_timer);
	if (alarms->silence_timer != NULL)
		event_free(alarms->silence_timer);
	free(alarms);
}
