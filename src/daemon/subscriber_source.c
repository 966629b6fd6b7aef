/*
 * Opening what [subscribers] source names, and its metrics.
 */
#include "daemon/subscriber_source.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "daemon/radius_listener.h"
#include "daemon/secret_file.h"
#include "daemon/subscriber_file.h"

struct subscriber_source {
	struct subscribers *subscribers;
	struct subscriber_key key;
	struct subscriber_file *file;   /* or NULL */
	struct radius_listener *radius; /* or NULL */
};

static int
read_key(const struct config *config, struct subscriber_key *key)
{
	char path[PATH_MAX];

	if (config->subscribers.key_file[0] != '\0')
		return secret_file_key(config->subscribers.key_file, key);
	snprintf(path, sizeof path, "%s/subscriber.key", config->state_dir);
	return secret_file_key(path, key);
}

static int
open_file(struct subscriber_source *source, const struct config *config,
    const struct subscriber_key *key)
{
	source->file = subscriber_file_new(&(struct subscriber_file_options){
	    .config = config, .key = key, .subscribers = source->subscribers});
	if (source->file != NULL)
		return 0;
	log_error("cannot start the reader of [subscribers] source: %s", strerror(errno));
	return -1;
}

static int
open_radius(struct subscriber_source *source, const struct config *config,
    const struct subscriber_key *key, struct event_base *base)
{
	struct sessions *sessions =
	    sessions_new(config->radius.max_sessions, config->radius.session_timeout_ms);

	if (sessions == NULL) {
		log_error(
		    "no memory for [radius] max_sessions = %u", config->radius.max_sessions);
		return -1;
	}
	subscribers_set_sessions(source->subscribers, sessions);
	source->radius = radius_listener_new(&(struct radius_listener_options){
	    .base = base,
	    .config = &config->radius,
	    .key = key,
	    .subscribers = source->subscribers,
	});
	return source->radius == NULL ? -1 : 0;
}

struct subscriber_source *
subscriber_source_open(const struct config *config, struct event_base *base)
{
	struct subscriber_source *source = calloc(1, sizeof *source);

	if (source != NULL)
		source->subscribers = subscribers_new();
	if (source == NULL || source->subscribers == NULL) {
		free(source);
		log_error("no memory for subscribers");
		return NULL;
	}
	int result = read_key(config, &source->key);
	if (result == 0 && config->subscribers.source == CONFIG_SUBSCRIBERS_FILE)
		result = open_file(source, config, &source->key);
	if (result == 0 && config->subscribers.source == CONFIG_SUBSCRIBERS_RADIUS)
		result = open_radius(source, config, &source->key, base);
	if (result == 0)
		return source;
	subscriber_source_close(source);
	return NULL;
}

void
subscriber_source_stop(struct subscriber_source *source)
{
	if (source == NULL)
		return;
	subscriber_file_free(source->file);
	radius_listener_free(source->radius);
	source->file = NULL;
	source->radius = NULL;
}

void
subscriber_source_close(struct subscriber_source *source)
{
	subscriber_source_stop(source);
	if (source == NULL)
		return;
	subscribers_free(source->subscribers);
	free(source);
}

struct subscribers *
subscriber_source_subscribers(struct subscriber_source *source)
{
	return source->subscribers;
}

const struct subscriber_key *
subscriber_source_key(const struct subscriber_source *source)
{
	return &source->key;
}

/*
 * Metrics.
 */

static const struct exposition_family known = {"op25bd_subscriber_entries", EXPOSITION_GAUGE,
    "Intervals of the file, or addresses and prefixes of sessions, that are known."};
static const struct exposition_family reads = {"op25bd_subscriber_file_reads_total",
    EXPOSITION_COUNTER, "Times the file of subscribers was read, by result."};
static const struct exposition_family packets = {"op25bd_radius_packets_total",
    EXPOSITION_COUNTER, "Packets of RADIUS accounting, by result."};

static void
add_labelled(struct exposition *exposition, const char *result, uint64_t value)
{
	struct exposition_labels labels = {.list = {{"result", result}}, .count = 1};

	exposition_add(exposition, &labels, value);
}

void
subscriber_source_metrics(const struct subscriber_source *source, struct exposition *exposition)
{
	if (source == NULL)
		return;
	exposition_begin(exposition, &known);
	exposition_add(exposition, NULL, subscribers_count(source->subscribers));
	if (source->file != NULL) {
		struct subscriber_file_counts counts = subscriber_file_counts(source->file);

		exposition_begin(exposition, &reads);
		add_labelled(exposition, "success", counts.read);
		add_labelled(exposition, "failure", counts.failed);
	}
	if (source->radius == NULL)
		return;
	exposition_begin(exposition, &packets);
	for (unsigned i = 0; i < RADIUS_RESULTS; i++)
		add_labelled(exposition, radius_result_name((enum radius_result)i),
		    radius_listener_count(source->radius, (enum radius_result)i));
}
