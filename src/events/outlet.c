/*
 * An outlet as others see it: made, fed, ordered, ended and freed.
 */
#include "events/outlet.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/thread.h"
#include "events/outlet_state.h"
#include "events/pseudonym.h"

/*
 * The writer's side.
 */

bool
outlet_ready(const struct outlet *outlet)
{
	return !atomic_load_explicit(&outlet->blocked, memory_order_relaxed) &&
	       event_ring_waiting(outlet->queue) < OUTLET_LAG;
}

void
outlet_put(struct outlet *outlet, const struct event *event)
{
	event_ring_push(outlet->queue, event);
}

int
outlet_put_aside(struct outlet *outlet, const struct aside *aside)
{
	if (asides_push(&outlet->asides, aside) == -1)
		return -1;
	doorbell_ring(&outlet->bell);
	return 0;
}

/*
 * The owner's side.
 */

/* What the writer takes in one turn must fit on top of what still counts as no lag: whatever is
 * left in the workers' rings is not lost, and what does not fit here is. */
static size_t
outlet_queue_size(size_t records)
{
	size_t size = 2 * OUTLET_LAG;

	while (size < records)
		size *= 2;
	return size;
}

static int
outlet_open_courier(struct outlet *outlet, const struct event_output *output,
    const struct output_target *target)
{
	char path[PATH_MAX], problem[WIRE_PROBLEM_SIZE];
	struct wire_options options = {
	    .target = *target,
	    .ca = output->ca == NULL ? "" : output->ca,
	    .certificate = output->certificate == NULL ? "" : output->certificate,
	    .key = output->key == NULL ? "" : output->key,
	};
	struct wire *wire = wire_new(&options, problem);

	if (wire == NULL) {
		int error = errno;
		if (error == EINVAL)
			log_error("%s: %s", outlet->key, problem);
		errno = error;
		return -1;
	}
	snprintf(path, sizeof path, "%s/spool%s%s.sqlite", output->state_dir,
	    output->name[0] == '\0' ? "" : "-", output->name);
	struct spool *spool = spool_new(path, output->spool_size);
	if (spool == NULL) {
		wire_free(wire);
		return -1;
	}
	outlet->courier =
	    courier_new(outlet->key, outlet->output, target->kind == OUTPUT_RELP, wire, spool);
	return outlet->courier == NULL ? -1 : 0;
}

static int
outlet_assemble(
    struct outlet *outlet, const struct event_output *output, const char *node, size_t queue)
{
	struct output_target target;

	if (output_parse(output->to, &target) == -1) {
		errno = EINVAL;
		return -1;
	}
	if (output->name[0] == '\0')
		snprintf(outlet->key, sizeof outlet->key, "[events] output");
	else
		snprintf(outlet->key, sizeof outlet->key, "[output %s]", output->name);
	outlet->node = strdup(node);
	outlet->output = strdup(output->to);
	outlet->batch = malloc(sizeof *outlet->batch);
	if (outlet->node == NULL || outlet->output == NULL || outlet->batch == NULL ||
	    doorbell_init(&outlet->bell) == -1 || doorbell_init(&outlet->ended) == -1)
		return -1;
	batch_init(outlet->batch);
	outlet->renderer = (struct renderer){
	    .format = output->format,
	    .node = outlet->node,
	    .syslog = target.kind != OUTPUT_PATH && target.kind != OUTPUT_STDOUT,
	};
	if (outlet->feed->pseudonyms != NULL) {
		outlet->renderer.pseudonyms = pseudonyms_new(outlet->feed->pseudonyms);
		if (outlet->renderer.pseudonyms == NULL)
			return -1;
	}
	outlet->outage.key = outlet->key;
	outlet->queue = event_ring_new(outlet_queue_size(queue), &outlet->bell);
	if (outlet->queue == NULL)
		return -1;
	if (output_connects(&target))
		return outlet_open_courier(outlet, output, &target);
	return sink_open(&outlet->sink, output->to);
}

struct outlet *
outlet_new(
    const struct event_output *output, const char *node, size_t queue, struct outlet_feed *feed)
{
	struct outlet *outlet = calloc(1, sizeof *outlet);

	if (outlet == NULL)
		return NULL;
	outlet->feed = feed;
	outlet->bell.fd = outlet->ended.fd = outlet->sink.fd = -1;
	asides_init(&outlet->asides);
	if (outlet_assemble(outlet, output, node, queue) == 0)
		return outlet;
	int error = errno;
	outlet_free(outlet);
	errno = error;
	return NULL;
}

void
outlet_free(struct outlet *outlet)
{
	if (outlet == NULL)
		return;
	event_ring_free(outlet->queue);
	free(outlet->node);
	free(outlet->output);
	free(outlet->batch);
	courier_free(outlet->courier);
	sink_close(&outlet->sink);
	doorbell_fini(&outlet->bell);
	doorbell_fini(&outlet->ended);
	asides_fini(&outlet->asides);
	pseudonyms_free(outlet->renderer.pseudonyms);
	free(outlet);
}

int
outlet_start(struct outlet *outlet)
{
	/* SIGPIPE and SIGXFSZ of a write stay blocked, too: the thread looks at errno instead.
	 */
	if (thread_start(&outlet->thread, outlet_main, outlet) == -1)
		return -1;
	outlet->started = true;
	return 0;
}

static void
outlet_order(struct outlet *outlet, unsigned order)
{
	atomic_fetch_or(&outlet->orders, order);
	doorbell_ring(&outlet->bell);
}

void
outlet_reopen(struct outlet *outlet)
{
	outlet_order(outlet, OUTLET_REOPEN);
}

void
outlet_hurry(struct outlet *outlet, int64_t deadline_ms)
{
	atomic_store(&outlet->deadline_ms, deadline_ms);
	outlet_order(outlet, OUTLET_HURRY);
}

void
outlet_finish(struct outlet *outlet)
{
	outlet_order(outlet, OUTLET_FINISH);
}

bool
outlet_join(struct outlet *outlet, int64_t until_ms)
{
	if (!outlet->started)
		return true;
	if (!doorbell_wait_until(&outlet->ended, until_ms)) {
		log_error("%s: a write to %s does not return; going on without it", outlet->key,
		    outlet->output);
		pthread_detach(outlet->thread);
		return false;
	}
	pthread_join(outlet->thread, NULL);
	outlet->started = false;
	return true;
}

const char *
outlet_output(const struct outlet *outlet)
{
	return outlet->output;
}

uint64_t
outlet_reported(const struct outlet *outlet)
{
	return atomic_load_explicit(&outlet->reported, memory_order_relaxed);
}

struct event_output_totals
outlet_totals(const struct outlet *outlet)
{
	return (struct event_output_totals){
	    .written = atomic_load_explicit(&outlet->written, memory_order_relaxed),
	    .dropped = event_ring_dropped(outlet->queue),
	    .failed = atomic_load_explicit(&outlet->failed, memory_order_relaxed),
	};
}
