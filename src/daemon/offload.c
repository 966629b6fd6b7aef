/*
 * A loop of few states, each with at most one request under way:
 *
 *   unknown --flush--> known --cover has changed--> a plan --portions of it--> known
 *
 * and back to unknown by whatever fails.
 */
#include "daemon/offload.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "control/exempt_plan.h"
#include "daemon/exempt_requests.h"
#include "policy/exempt_cover.h"

enum {
	TICK_MS = 1000, /* for ends, looks and new tries */
	LOOK_EVERY_MS = 3000,
	RETRY_MS = 5000,
	/* What is about to end is not looked for. */
	LOOK_MARGIN_MS = 5000,
	/*
	 * Making a cover of very many networks takes the main thread long: at most this share
	 * of its time goes into that.
	 */
	REST_FACTOR = 5,
	PROBLEM_SIZE = 512,
};

struct offload {
	struct offload_options options;
	struct event *tick;
	struct event *soon;
	struct exempt_cover *in_force; /* NULL while not known, or a plan is carried out */
	struct exempt_plan *plan;
	bool asked; /* a request is under way */
	bool dirty; /* the cover may have changed */
	bool flushing;
	bool announced; /* that all is well */
	bool closing;   /* freed as soon as nothing is under way */
	size_t networks;
	int64_t next_end_ms;                      /* wall clock */
	int64_t rest_until_ms, retry_ms, look_ms; /* monotonic */
	size_t looked;                            /* where the next look begins */
	uint64_t changes, failures;
	uint64_t packets[ADDRESS_FAMILIES]; /* that the kernel has forwarded */
	size_t asked_changes;
	char problem[PROBLEM_SIZE];
	char request[NET_ADMIN_MESSAGE_SIZE];
};

static void offload_step(struct offload *offload);

/*
 * What goes wrong.
 */

static void
offload_forget(struct offload *offload)
{
	exempt_cover_free(offload->in_force);
	offload->in_force = NULL;
	exempt_plan_free(offload->plan);
	offload->plan = NULL;
	offload->networks = 0;
}

/* Each problem is said once, as long as it is the same. */
static void
offload_failed(struct offload *offload, const char *why, int64_t retry_ms)
{
	if (strcmp(offload->problem, why) != 0) {
		snprintf(offload->problem, sizeof offload->problem, "%s", why);
		log_error("offload: %s. Exempt sources are relayed by op25bd meanwhile",
		    offload->problem);
	}
	offload->failures++;
	offload->announced = false;
	offload->retry_ms = clock_monotonic_ms() + retry_ms;
	offload_forget(offload);
}

/*
 * Requests.
 */

/* The answer to a look; counters of rules that were made anew begin at 0. */
static void
offload_count(struct offload *offload, const char *text)
{
	char *end;

	offload->packets[ADDRESS_IPV4] = strtoull(text, &end, 10);
	offload->packets[ADDRESS_IPV6] = strtoull(end, NULL, 10);
}

static void
offload_answered(void *argument, int result, const char *text)
{
	struct offload *offload = argument;
	bool flushed = offload->flushing;

	offload->asked = offload->flushing = false;
	if (offload->closing) {
		free(offload);
		return;
	}
	if (result == -1) {
		/* A look that fails says what is gone: to be mended at once. */
		offload_failed(
		    offload, text, offload->asked_changes > 0 || flushed ? RETRY_MS : 0);
	} else if (flushed) {
		offload->in_force = exempt_cover_empty(0);
		offload->dirty = true;
	} else if (offload->asked_changes > 0)
		offload->changes += offload->asked_changes;
	else
		offload_count(offload, text);
	offload_step(offload);
}

static void
offload_ask(struct offload *offload, size_t changes)
{
	offload->asked_changes = changes;
	offload->asked = net_admin_ask(offload->options.admin, offload->request,
			     offload_answered, offload) == 0;
	if (!offload->asked)
		offload_failed(offload,
		    net_admin_alive(offload->options.admin)
			? "the helper process has too much to do"
			: "the helper process has ended: restart op25bd",
		    RETRY_MS);
}

static void
offload_flush(struct offload *offload)
{
	offload->flushing = true;
	strcpy(offload->request, EXEMPT_REQUESTS_FLUSH);
	offload_ask(offload, 0);
	offload->flushing = offload->asked;
}

/* As many changes as one request holds. False: there are none left. */
static bool
offload_portion(struct offload *offload)
{
	int64_t now_ms = clock_wall_ms();
	struct exempt_change change;
	struct text request;
	size_t count = 0;

	exempt_requests_begin(
	    &request, EXEMPT_REQUESTS_CHANGE, offload->request, sizeof offload->request);
	while (exempt_requests_fit(&request) && exempt_plan_next(offload->plan, &change)) {
		exempt_requests_add(&request, &change, now_ms);
		count++;
	}
	if (count > 0)
		offload_ask(offload, count);
	return count > 0;
}

/* Some of the networks that should be there, other ones each time. */
static void
offload_look(struct offload *offload)
{
	const struct exempt_cover *cover = offload->in_force;
	int64_t soonest_ms = clock_wall_ms() + LOOK_MARGIN_MS;
	size_t stride = cover->count / EXEMPT_REQUESTS_LOOK_MAX + 1;
	struct text request;

	exempt_requests_begin(
	    &request, EXEMPT_REQUESTS_LOOK, offload->request, sizeof offload->request);
	for (size_t i = 0; i < cover->count; i += stride) {
		const struct exemption *one =
		    &cover->list[(i + offload->looked) % cover->count];

		if (one->until_ms >= soonest_ms)
			exempt_requests_add_network(&request, &one->network);
	}
	offload->looked++;
	offload->look_ms = clock_monotonic_ms() + LOOK_EVERY_MS;
	offload_ask(offload, 0);
}

/*
 * Plans.
 */

/* From what is in force, or is half-way, to what is exempt now. */
static void
offload_make_plan(struct offload *offload)
{
	int64_t begin_ms = clock_monotonic_ms(), took_ms;
	struct exempt_cover *from = offload->in_force, *to;

	if (offload->plan != NULL) {
		from = exempt_plan_state(offload->plan);
		exempt_plan_free(offload->plan);
		offload->plan = NULL;
	}
	offload->in_force = NULL;
	to = exempt_cover_new(
	    (*offload->options.config)->policy, offload->options.exemptions, clock_wall_ms());
	if (from != NULL && to != NULL) {
		offload->networks = to->count;
		offload->next_end_ms = exempt_cover_next_end(to);
		offload->plan = exempt_plan_new(from, to);
	} else {
		exempt_cover_free(from);
		exempt_cover_free(to);
	}
	if (offload->plan == NULL)
		offload_failed(offload, "no memory for the exemptions", RETRY_MS);
	offload->dirty = offload->plan == NULL;
	took_ms = clock_monotonic_ms() - begin_ms;
	offload->rest_until_ms = begin_ms + took_ms * REST_FACTOR;
}

static void
offload_finish_plan(struct offload *offload)
{
	offload->in_force = exempt_plan_end(offload->plan);
	offload->plan = NULL;
	if (offload->announced)
		return;
	offload->announced = true;
	offload->problem[0] = '\0';
	log_notice("offload: %zu networks of exempt sources are in the sets of the firewall",
	    offload->networks);
}

static void
offload_sleep(struct offload *offload, int64_t ms)
{
	struct timeval interval = clock_timeval(ms);

	event_add(offload->soon, &interval);
}

/* A plan that has only additions left gives way to a newer one, which may have removals. */
static bool
wants_new_plan(const struct offload *offload)
{
	return offload->dirty &&
	       (offload->plan == NULL || exempt_plan_has_removed(offload->plan));
}

static void
offload_step(struct offload *offload)
{
	int64_t now_ms = clock_monotonic_ms();

	if (offload->asked || now_ms < offload->retry_ms)
		return;
	if (offload->in_force == NULL && offload->plan == NULL) {
		offload_flush(offload);
		return;
	}
	if (wants_new_plan(offload)) {
		if (now_ms >= offload->rest_until_ms)
			offload_make_plan(offload);
		else
			offload_sleep(offload, offload->rest_until_ms - now_ms);
	}
	if (offload->plan != NULL) {
		if (!offload_portion(offload))
			offload_finish_plan(offload);
	} else if (offload->in_force != NULL && now_ms >= offload->look_ms)
		offload_look(offload);
}

/*
 * Clocks.
 */

static void
offload_tick_cb(evutil_socket_t fd, short what, void *argument)
{
	struct offload *offload = argument;

	(void)fd;
	(void)what;
	if (clock_wall_ms() >= offload->next_end_ms)
		offload->dirty = true;
	offload_step(offload);
}

static void
offload_soon_cb(evutil_socket_t fd, short what, void *argument)
{
	(void)fd;
	(void)what;
	offload_step(argument);
}

void
offload_changed(struct offload *offload)
{
	if (offload == NULL || offload->options.admin == NULL)
		return;
	offload->dirty = true;
	offload_step(offload);
}

/*
 * Life.
 */

static int
offload_start(struct offload *offload)
{
	struct event_base *base = offload->options.base;
	struct timeval interval = clock_timeval(TICK_MS);

	offload->tick = event_new(base, -1, EV_PERSIST, offload_tick_cb, offload);
	offload->soon = evtimer_new(base, offload_soon_cb, offload);
	if (offload->tick == NULL || offload->soon == NULL ||
	    event_add(offload->tick, &interval) == -1)
		return -1;
	offload_sleep(offload, offload->options.delay_ms);
	return 0;
}

struct offload *
offload_new(const struct offload_options *options)
{
	struct offload *offload = calloc(1, sizeof *offload);

	if (offload == NULL)
		return NULL;
	offload->options = *options;
	offload->retry_ms = clock_monotonic_ms() + options->delay_ms;
	if (options->admin == NULL)
		offload_failed(offload,
		    "it takes CAP_NET_ADMIN at the start: start as root, or with "
		    "AmbientCapabilities=CAP_NET_RAW CAP_NET_ADMIN",
		    0);
	else if (offload_start(offload) == -1) {
		offload_free(offload);
		return NULL;
	}
	return offload;
}

void
offload_free(struct offload *offload)
{
	if (offload == NULL)
		return;
	if (offload->tick != NULL)
		event_free(offload->tick);
	if (offload->soon != NULL)
		event_free(offload->soon);
	offload_forget(offload);
	offload->closing = true;
	if (!offload->asked)
		free(offload);
}

struct offload_report
offload_report(const struct offload *offload)
{
	if (offload == NULL)
		return (struct offload_report){.problem = ""};
	return (struct offload_report){
	    .networks = offload->networks,
	    .changes = offload->changes,
	    .failures = offload->failures,
	    .packets = {offload->packets[ADDRESS_IPV4], offload->packets[ADDRESS_IPV6]},
	    .complete = offload->in_force != NULL && !offload->dirty,
	    .problem = offload->problem,
	};
}
