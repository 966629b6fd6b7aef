/*
 * Searches for destinations, some at once, and one round after the other through the hosts of
 * the file. Owns the resolver, and the configuration whose rows the cache points at.
 */
#include "proxy/hint_finder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "base/clock.h"
#include "base/log.h"
#include "net/resolver.h"

enum {
	/* Failures in a row after which the resolver is called dead. */
	FAILURES_ALARMING = 5,
};

/* One destination that is being looked up. */
struct search {
	struct hint_finder *finder;
	struct search *previous, *next;
	struct address address;
	const struct hint *hint; /* that its name matches */
	char name[RESOLVER_NAME_SIZE];
};

struct hint_finder {
	struct event_base *base;
	struct hint_cache *cache;
	struct event *bell;
	struct event *round;   /* the next one through the hosts */
	struct config *config; /* held; NULL: never configured */
	struct resolver *resolver;
	struct search *searches;
	size_t host;     /* that is being resolved */
	uint16_t family; /* in which */
	struct hint_finder_totals totals;
	unsigned failures; /* in a row */
};

static const struct config_hints *
finder_hints(const struct hint_finder *finder)
{
	return &finder->config->hints;
}

static void
finder_count(struct hint_finder *finder, const struct resolver_answer *answer)
{
	finder->totals.lookups++;
	if (answer->fact != RESOLVER_FAILED) {
		finder->failures = 0;
		return;
	}
	finder->totals.failed++;
	finder->failures++;
}

/*
 * Searches.
 */

static void finder_begin_searches(struct hint_finder *finder);

static struct search *
search_new(struct hint_finder *finder, const struct address *address)
{
	struct search *search = calloc(1, sizeof *search);

	if (search == NULL)
		return NULL;
	search->finder = finder;
	search->address = *address;
	search->next = finder->searches;
	if (search->next != NULL)
		search->next->previous = search;
	finder->searches = search;
	return search;
}

static void
search_free(struct search *search)
{
	if (search->previous == NULL)
		search->finder->searches = search->next;
	else
		search->previous->next = search->next;
	if (search->next != NULL)
		search->next->previous = search->previous;
	free(search);
}

/* When it is to be looked up again: by its lifetime, within what is configured, and early
 * enough to be known without a gap. */
static int64_t
next_ms(const struct config_hints *hints, int64_t now_ms, uint32_t ttl_s)
{
	int64_t wait_ms = (int64_t)ttl_s * 1000;

	if (wait_ms > hints->age_ms / 2)
		wait_ms = hints->age_ms / 2;
	if (wait_ms < hints->recheck_ms)
		wait_ms = hints->recheck_ms;
	return now_ms + wait_ms;
}

/* The search has come to its end. */
static void
search_end(struct search *search, enum hint_state state, uint32_t ttl_s)
{
	struct hint_finder *finder = search->finder;
	int64_t now_ms = clock_monotonic_ms();

	hint_cache_learn(finder->cache, &search->address, state, search->hint, search->name,
	    now_ms, next_ms(finder_hints(finder), now_ms, ttl_s));
	search_free(search);
	finder_begin_searches(finder);
}

static void
search_confirm_cb(void *argument, const struct resolver_answer *answer)
{
	struct search *search = argument;
	enum hint_state state =
	    answer->fact == RESOLVER_FAILED ? HINT_FAILED : HINT_UNCONFIRMED;

	finder_count(search->finder, answer);
	for (unsigned i = 0; i < answer->address_count; i++)
		if (address_equal(&answer->addresses[i], &search->address))
			state = HINT_NAMED;
	search_end(search, state, answer->ttl_s);
}

static void
search_name_cb(void *argument, const struct resolver_answer *answer)
{
	struct search *search = argument;
	struct hint_finder *finder = search->finder;
	const struct config_hints *hints = finder_hints(finder);
	bool gave_up = false;

	finder_count(finder, answer);
	if (answer->fact != RESOLVER_FOUND) {
		search_end(
		    search, answer->fact == RESOLVER_NOTHING ? HINT_NAMELESS : HINT_FAILED, 0);
		return;
	}
	memcpy(search->name, answer->name, sizeof search->name);
	search->hint =
	    hints_match(hints->rows, search->name, (enum hints_sure)hints->sure, &gave_up);
	if (search->hint == NULL)
		search_end(search, HINT_NO_ROW, answer->ttl_s);
	else if (resolver_forward(finder->resolver, search->name,
		     (enum address_family)search->address.family, search_confirm_cb,
		     search) == -1)
		search_end(search, HINT_FAILED, 0);
}

/* As many as may be under way, but for one lookup that is kept for the hosts. */
static void
finder_begin_searches(struct hint_finder *finder)
{
	struct address address;

	while (finder->resolver != NULL &&
	       resolver_pending(finder->resolver) < finder_hints(finder)->lookups &&
	       hint_cache_next(finder->cache, &address)) {
		struct search *search = search_new(finder, &address);

		if (search == NULL || resolver_reverse(finder->resolver, &address,
					  search_name_cb, search) == -1) {
			int64_t now_ms = clock_monotonic_ms();

			hint_cache_learn(finder->cache, &address, HINT_FAILED, NULL, "", now_ms,
			    next_ms(finder_hints(finder), now_ms, 0));
			if (search != NULL)
				search_free(search);
		}
	}
}

static void
finder_bell_cb(evutil_socket_t fd, short what, void *argument)
{
	eventfd_t ignored;

	(void)what;
	(void)eventfd_read(fd, &ignored);
	finder_begin_searches(argument);
}

/*
 * Hosts: one lookup at a time, so that a long file is no burst.
 */

static void finder_resolve_next(struct hint_finder *finder);

static void
finder_host_cb(void *argument, const struct resolver_answer *answer)
{
	struct hint_finder *finder = argument;
	const struct hints_host *host = hints_host(finder_hints(finder)->rows, finder->host);
	int64_t now_ms = clock_monotonic_ms();

	finder_count(finder, answer);
	for (unsigned i = 0; i < answer->address_count; i++)
		hint_cache_learn_host(finder->cache, &answer->addresses[i], host, now_ms);
	finder->family++;
	finder_resolve_next(finder);
}

/* The next lookup of the round, or the time of the next round. */
static void
finder_resolve_next(struct hint_finder *finder)
{
	const struct config_hints *hints = finder_hints(finder);

	if (finder->family == ADDRESS_FAMILIES) {
		finder->family = 0;
		finder->host++;
	}
	for (; finder->host < hints_host_count(hints->rows); finder->host++) {
		const struct hints_host *host = hints_host(hints->rows, finder->host);

		if (host->hint->sure <= (enum hints_sure)hints->sure &&
		    resolver_forward(finder->resolver, host->name,
			(enum address_family)finder->family, finder_host_cb, finder) == 0)
			return;
	}
	struct timeval wait = clock_timeval(hints->recheck_ms);
	event_add(finder->round, &wait);
}

static void
finder_round_cb(evutil_socket_t fd, short what, void *argument)
{
	struct hint_finder *finder = argument;

	(void)fd;
	(void)what;
	finder->host = 0;
	finder->family = 0;
	finder_resolve_next(finder);
}

/*
 * Life.
 */

struct hint_finder *
hint_finder_new(struct event_base *base, struct hint_cache *cache)
{
	struct hint_finder *finder = calloc(1, sizeof *finder);

	if (finder == NULL)
		return NULL;
	finder->base = base;
	finder->cache = cache;
	finder->bell =
	    event_new(base, hint_cache_fd(cache), EV_READ | EV_PERSIST, finder_bell_cb, finder);
	finder->round = evtimer_new(base, finder_round_cb, finder);
	if (finder->bell != NULL && finder->round != NULL && event_add(finder->bell, NULL) == 0)
		return finder;
	hint_finder_free(finder);
	errno = ENOMEM;
	return NULL;
}

/* Lets go of all that points at the configuration's rows. */
static void
finder_stop(struct hint_finder *finder, bool base_over)
{
	if (finder->round != NULL)
		event_del(finder->round);
	resolver_free(finder->resolver, base_over);
	finder->resolver = NULL;
	while (finder->searches != NULL)
		search_free(finder->searches);
	hint_cache_close(finder->cache);
	config_release(finder->config);
	finder->config = NULL;
}

static void
finder_start(struct hint_finder *finder)
{
	const struct config_hints *hints = finder_hints(finder);

	finder->failures = 0;
	finder->resolver = resolver_new(&(struct resolver_options){
	    .base = finder->base,
	    .servers = hints->resolver.list,
	    .server_count = hints->resolver.count,
	    /* One is for the hosts, and a confirmation takes the place of its search's first.
	     */
	    .lookups = hints->lookups + 1,
	    .timeout_ms = hints->timeout_ms,
	});
	if (finder->resolver == NULL) {
		log_warning("[hints] resolver: %s: nothing is looked up, no hint is given",
		    errno == ENOENT ? "there is no nameserver in /etc/resolv.conf"
				    : strerror(errno));
		return;
	}
	if (hint_cache_open(finder->cache, hints->cache, hints->age_ms) == -1) {
		log_warning("[hints] cache: no memory: no hint is given");
		return;
	}
	finder_round_cb(-1, 0, finder);
}

void
hint_finder_configure(struct hint_finder *finder, struct config *config)
{
	if (finder->config == config)
		return;
	if (finder->config != NULL)
		finder_stop(finder, false);
	finder->config = config_hold(config);
	if (config->hints.rows != NULL)
		finder_start(finder);
}

void
hint_finder_free(struct hint_finder *finder)
{
	if (finder == NULL)
		return;
	if (finder->bell != NULL)
		event_free(finder->bell);
	if (finder->config != NULL)
		finder_stop(finder, true);
	if (finder->round != NULL)
		event_free(finder->round);
	free(finder);
}

void
hint_finder_warning(const struct hint_finder *finder, struct text *line)
{
	if (finder->config == NULL || finder->config->hints.rows == NULL)
		return;
	if (finder->resolver == NULL)
		text_add_string(line, "[hints] has no resolver: no hint is given");
	else if (finder->failures >= FAILURES_ALARMING)
		text_format(line,
		    "the resolver of [hints] has not answered the last %u lookups: no new hint "
		    "is given",
		    finder->failures);
}

struct hint_finder_totals
hint_finder_totals(const struct hint_finder *finder)
{
	return finder->totals;
}
