/*
 * Thresholds with their tables, and a ring of what was reached.
 */
#include "events/threshold_watch.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "events/doorbell.h"

struct watched {
	char name[THRESHOLD_NAME_SIZE];
	size_t sources;
	struct source_threshold threshold;
	struct source_counts *counts;
};

struct threshold_watch {
	struct doorbell bell;
	pthread_mutex_t lock; /* of all below but any */
	struct watched list[THRESHOLDS_MAX];
	size_t count;
	struct threshold_call queue[THRESHOLD_QUEUE_MAX];
	unsigned first, waiting;
	uint64_t dropped;
	atomic_bool any; /* is count above 0? */
};

static bool
same_table(const struct watched *watched, const struct threshold_rule *rule)
{
	return strcmp(watched->name, rule->name) == 0 && watched->sources == rule->sources &&
	       watched->threshold.prefix6 == rule->threshold.prefix6;
}

/* The table of before for this rule, or NULL. */
static struct source_counts *
find_table(const struct threshold_watch *watch, const struct threshold_rule *rule)
{
	for (size_t i = 0; i < watch->count; i++)
		if (same_table(&watch->list[i], rule))
			return watch->list[i].counts;
	return NULL;
}

/* Frees the tables of a list that are not in the other one. */
static void
free_tables(
    const struct watched *list, size_t count, const struct watched *others, size_t other_count)
{
	for (size_t i = 0; i < count; i++) {
		size_t other = 0;

		while (other < other_count && others[other].counts != list[i].counts)
			other++;
		if (other == other_count)
			source_counts_free(list[i].counts);
	}
}

int
threshold_watch_configure(
    struct threshold_watch *watch, const struct threshold_rule *rules, size_t count)
{
	struct watched list[THRESHOLDS_MAX], old[THRESHOLDS_MAX];

	for (size_t i = 0; i < count; i++) {
		struct source_counts *table = find_table(watch, &rules[i]);

		if (table == NULL)
			table = source_counts_new(rules[i].sources);
		if (table == NULL) {
			free_tables(list, i, watch->list, watch->count);
			errno = ENOMEM;
			return -1;
		}
		list[i] = (struct watched){.sources = rules[i].sources,
		    .threshold = rules[i].threshold,
		    .counts = table};
		snprintf(list[i].name, sizeof list[i].name, "%s", rules[i].name);
	}
	size_t old_count = watch->count;
	memcpy(old, watch->list, old_count * sizeof *old);
	pthread_mutex_lock(&watch->lock);
	memcpy(watch->list, list, count * sizeof *list);
	watch->count = count;
	atomic_store(&watch->any, count > 0);
	pthread_mutex_unlock(&watch->lock);
	free_tables(old, old_count, list, count);
	return 0;
}

/* Under the lock. */
static void
push(struct threshold_watch *watch, const struct watched *watched, const struct event *event,
    const struct source_reached *reached)
{
	if (watch->waiting == THRESHOLD_QUEUE_MAX) {
		watch->dropped++;
		return;
	}
	struct threshold_call *call =
	    &watch->queue[(watch->first + watch->waiting++) % THRESHOLD_QUEUE_MAX];

	*call = (struct threshold_call){
	    .source = event->source.address,
	    .network = address_subscriber(&event->source.address, watched->threshold.prefix6),
	    .reached = *reached,
	};
	memcpy(call->name, watched->name, sizeof call->name);
	memcpy(call->plan, event->plan, sizeof call->plan);
	doorbell_ring(&watch->bell);
}

void
threshold_watch_add(struct threshold_watch *watch, const struct event *event, int64_t now_ms)
{
	struct source_reached reached;

	if (!atomic_load_explicit(&watch->any, memory_order_relaxed) ||
	    !event_has_source(event))
		return;
	pthread_mutex_lock(&watch->lock);
	for (size_t i = 0; i < watch->count; i++)
		if (source_counts_add(watch->list[i].counts, &watch->list[i].threshold,
			&event->source.address, event_connections(event), now_ms, &reached))
			push(watch, &watch->list[i], event, &reached);
	pthread_mutex_unlock(&watch->lock);
}

int
threshold_watch_fd(const struct threshold_watch *watch)
{
	return watch->bell.fd;
}

bool
threshold_watch_take(struct threshold_watch *watch, struct threshold_call *call)
{
	pthread_mutex_lock(&watch->lock);
	bool any = watch->waiting > 0;
	if (any) {
		*call = watch->queue[watch->first];
		watch->first = (watch->first + 1) % THRESHOLD_QUEUE_MAX;
		watch->waiting--;
	}
	pthread_mutex_unlock(&watch->lock);
	return any;
}

uint64_t
threshold_watch_dropped(struct threshold_watch *watch)
{
	pthread_mutex_lock(&watch->lock);
	uint64_t dropped = watch->dropped;
	pthread_mutex_unlock(&watch->lock);
	return dropped;
}

struct threshold_watch *
threshold_watch_new(void)
{
	struct threshold_watch *watch = calloc(1, sizeof *watch);

	if (watch == NULL)
		return NULL;
	pthread_mutex_init(&watch->lock, NULL);
	if (doorbell_init(&watch->bell) == 0)
		return watch;
	int error = errno;
	threshold_watch_free(watch);
	errno = error;
	return NULL;
}

void
threshold_watch_free(struct threshold_watch *watch)
{
	if (watch == NULL)
		return;
	for (size_t i = 0; i < watch->count; i++)
		source_counts_free(watch->list[i].counts);
	if (watch->bell.fd != -1)
		doorbell_fini(&watch->bell);
	pthread_mutex_destroy(&watch->lock);
	free(watch);
}
