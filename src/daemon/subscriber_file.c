/*
 * The thread of the subscribers' file. It alone touches the disk for it; what it has read it
 * hands over whole, so that no worker ever waits for more than the exchange of a pointer.
 */
#include "daemon/subscriber_file.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"
#include "config/file.h"
#include "subscribers/csv.h"

struct subscriber_file {
	char *path;
	size_t size_max;
	int64_t check_ms;
	struct subscriber_key key;
	struct subscribers *subscribers;
	struct stat seen; /* of the file that was read last; zero: it was not there */
	atomic_uint_fast64_t read, failed;

	pthread_t thread;
	bool started;
	pthread_mutex_t lock;
	pthread_cond_t ended; /* by CLOCK_MONOTONIC */
	bool ending;
};

static void
tell_problem(void *argument, unsigned line, const char *problem)
{
	const struct subscriber_file *file = argument;

	if (line == 0)
		log_error("%s: %s", file->path, problem);
	else
		log_error("%s:%u: %s", file->path, line, problem);
}

static struct intervals *
file_parse(struct subscriber_file *file)
{
	char buffer[512];
	struct text problem;
	char *bytes = NULL;
	size_t length;

	text_init(&problem, buffer, sizeof buffer);
	if (file_read(file->path, file->size_max, &bytes, &length, &problem) == -1) {
		log_error("%s %s", file->path, problem.bytes);
		return NULL;
	}
	struct intervals *intervals = csv_read(bytes, &file->key, tell_problem, file);
	free(bytes);
	return intervals;
}

static void
file_load(struct subscriber_file *file)
{
	int64_t began_ms = clock_monotonic_ms();
	struct intervals *intervals = file_parse(file);

	if (intervals == NULL) {
		atomic_fetch_add(&file->failed, 1);
		log_error(
		    "%s: nothing was changed: what was known of subscribers stays", file->path);
	} else {
		size_t count = intervals_count(intervals);

		subscribers_set_intervals(file->subscribers, intervals);
		atomic_fetch_add(&file->read, 1);
		log_notice("subscribers: %zu intervals read from %s in %lld ms", count,
		    file->path, (long long)(clock_monotonic_ms() - began_ms));
	}
	malloc_trim(0); /* what reading took goes back to the system */
}

static bool
same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* The state is that before reading: what is written meanwhile is seen as a change afterwards.
 */
static void
file_check(struct subscriber_file *file)
{
	struct stat now;

	if (stat(file->path, &now) == -1)
		memset(&now, 0, sizeof now);
	if (same_file(&file->seen, &now))
		return;
	file->seen = now;
	file_load(file);
}

/* False when the thread is to end. */
static bool
file_wait(struct subscriber_file *file)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += file->check_ms / 1000;
	until.tv_nsec += file->check_ms % 1000 * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&file->lock);
	while (!file->ending &&
	       pthread_cond_timedwait(&file->ended, &file->lock, &until) != ETIMEDOUT)
		continue;
	bool ending = file->ending;
	pthread_mutex_unlock(&file->lock);
	return !ending;
}

static void *
file_main(void *argument)
{
	struct subscriber_file *file = argument;

	while (file_wait(file))
		file_check(file);
	return NULL;
}

struct subscriber_file *
subscriber_file_new(const struct subscriber_file_options *options)
{
	const struct config_subscribers *config = &options->config->subscribers;
	struct subscriber_file *file = calloc(1, sizeof *file);
	pthread_condattr_t attributes;

	if (file == NULL)
		return NULL;
	pthread_mutex_init(&file->lock, NULL); /* nor do these fail on Linux */
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&file->ended, &attributes);
	pthread_condattr_destroy(&attributes);
	file->path = strdup(config->file);
	file->size_max = config->file_size;
	file->check_ms = config->check_ms;
	file->key = *options->key;
	file->subscribers = options->subscribers;
	if (file->path == NULL) {
		subscriber_file_free(file);
		errno = ENOMEM;
		return NULL;
	}
	if (stat(file->path, &file->seen) == -1)
		memset(&file->seen, 0, sizeof file->seen);
	file_load(file);
	if (thread_start(&file->thread, file_main, file) == -1) {
		subscriber_file_free(file);
		return NULL;
	}
	file->started = true;
	return file;
}

void
subscriber_file_free(struct subscriber_file *file)
{
	if (file == NULL)
		return;
	pthread_mutex_lock(&file->lock);
	file->ending = true;
	pthread_cond_signal(&file->ended);
	pthread_mutex_unlock(&file->lock);
	if (file->started)
		pthread_join(file->thread, NULL);
	pthread_cond_destroy(&file->ended);
	pthread_mutex_destroy(&file->lock);
	free(file->path);
	free(file);
}

struct subscriber_file_counts
subscriber_file_counts(const struct subscriber_file *file)
{
	return (struct subscriber_file_counts){
	    .read = atomic_load(&file->read), .failed = atomic_load(&file->failed)};
}
