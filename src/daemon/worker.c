/*
 * The worker thread and its mailbox. Orders are bits and one pointer, exchanged atomically and
 * announced by an eventfd: the event base itself is touched by its own thread alone, and so
 * needs no locks.
 */
#include "daemon/worker.h"

#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/thread.h"
#include "net/listener.h"
#include "proxy/breakdown.h"

enum {
	ORDER_DRAIN = 1 << 0,
	ORDER_ABORT = 1 << 1,
	ORDER_PING = 1 << 2,
	ORDER_RETIRE = 1 << 3,
};

enum {
	/*
	 * Callbacks before the kernel is asked for new events. A busy relay queues itself again
	 * at once; without this, the queue might never run empty.
	 */
	CALLBACKS_PER_TURN = 64,
};

struct worker {
	struct counters counters;
	pthread_t thread;
	bool started;
	struct event_base *base;
	struct event *mail;
	int mail_fd;
	int ended_fd;
	atomic_uint orders;
	atomic_bool pinged;                   /* and not answered yet */
	_Atomic(struct config *) next_config; /* NULL, or holds a reference */
	struct listener **listeners;
	unsigned listener_count;
	struct intercept *intercept;
	bool draining; /* new connections and refused clients are told to go */
	bool leaving;  /* nothing new is accepted; the last connection ends the thread */
};

static void
worker_close_listeners(struct worker *worker)
{
	for (unsigned i = 0; i < worker->listener_count; i++)
		listener_free(worker->listeners[i]);
	worker->listener_count = 0;
}

/* The sockets live on in another process, with what waits in their queues. */
static void
worker_retire_now(struct worker *worker)
{
	worker->leaving = true;
	for (unsigned i = 0; i < worker->listener_count; i++)
		listener_let_go(worker->listeners[i]);
	worker->listener_count = 0;
}

static void
worker_leave_if_drained(struct worker *worker)
{
	if (worker->leaving && intercept_open(worker->intercept) == 0)
		event_base_loopbreak(worker->base);
}

/* A connection has ended: descriptors are free again, and it may have been the last. */
static void
worker_connection_ended(void *argument)
{
	struct worker *worker = argument;

	for (unsigned i = 0; i < worker->listener_count; i++)
		listener_resume(worker->listeners[i]);
	worker_leave_if_drained(worker);
}

static void
worker_mail_cb(evutil_socket_t fd, short what, void *argument)
{
	struct worker *worker = argument;
	eventfd_t ignored;

	(void)what;
	(void)eventfd_read(fd, &ignored);
	unsigned orders = atomic_exchange(&worker->orders, 0);
	struct config *config = atomic_exchange(&worker->next_config, NULL);
	if (config != NULL) {
		intercept_reconfigure(worker->intercept, config);
		config_release(config);
	}
	atomic_store(&worker->pinged, false);
	if ((orders & ~(unsigned)ORDER_PING) == 0)
		return;
	if ((orders & ORDER_RETIRE) != 0)
		worker_retire_now(worker);
	if ((orders & (ORDER_DRAIN | ORDER_ABORT)) != 0 && !worker->draining) {
		/*
		 * First drain the intercept: what is still queued is accepted only to be told.
		 */
		worker->draining = true;
		worker->leaving = true;
		intercept_drain(worker->intercept);
		worker_close_listeners(worker);
	}
	if ((orders & ORDER_ABORT) != 0)
		intercept_abort(worker->intercept);
	worker_leave_if_drained(worker);
}

static struct event_base *
worker_base_new(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base = NULL;

	if (config == NULL)
		return NULL;
	if (event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK) == 0 &&
	    event_config_set_max_dispatch_interval(config, NULL, CALLBACKS_PER_TURN, 0) == 0 &&
	    event_config_require_features(config, EV_FEATURE_ET) == 0)
		base = event_base_new_with_config(config);
	event_config_free(config);
	return base;
}

/* Listeners take over the descriptors one by one; what was not reached is closed. */
static int
worker_open_listeners(struct worker *worker, const struct worker_options *options)
{
	unsigned batch = options->config->accept_batch;

	for (unsigned i = 0; i < options->fd_count; i++) {
		struct listener *listener = listener_new(worker->base, options->fds[i], batch,
		    intercept_accepted, worker->intercept);

		if (listener == NULL) {
			for (; i < options->fd_count; i++)
				close(options->fds[i]);
			return -1;
		}
		listener_set_relief(listener, intercept_relieve);
		listener_count_pauses(
		    listener, &worker->counters.value[COUNTER_LISTENER_PAUSES]);
		worker->listeners[worker->listener_count++] = listener;
	}
	return 0;
}

static int
worker_assemble(struct worker *worker, const struct worker_options *options)
{
	worker->base = worker_base_new();
	worker->counters.breakdown = breakdown_new();
	if (worker->base == NULL || worker->counters.breakdown == NULL)
		return -1;
	worker->mail_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (worker->mail_fd == -1)
		return -1;
	worker->mail = event_new(
	    worker->base, worker->mail_fd, EV_READ | EV_PERSIST, worker_mail_cb, worker);
	if (worker->mail == NULL || event_add(worker->mail, NULL) == -1)
		return -1;
	worker->listeners = calloc(options->fd_count, sizeof(struct listener *));
	if (worker->listeners == NULL)
		return -1;
	worker->intercept = intercept_new(&(struct intercept_options){
	    .base = worker->base,
	    .shared = options->shared,
	    .events = options->events,
	    .counters = &worker->counters,
	    .config = options->config,
	    .ended = worker_connection_ended,
	    .argument = worker,
	});
	return worker->intercept == NULL ? -1 : 0;
}

struct worker *
worker_new(const struct worker_options *options)
{
	struct worker *worker;

	if (posix_memalign((void **)&worker, _Alignof(struct worker), sizeof *worker) != 0) {
		for (unsigned i = 0; i < options->fd_count; i++)
			close(options->fds[i]);
		errno = ENOMEM;
		return NULL;
	}
	*worker = (struct worker){.mail_fd = -1, .ended_fd = options->ended_fd};
	if (worker_assemble(worker, options) == -1) {
		for (unsigned i = 0; i < options->fd_count; i++)
			close(options->fds[i]);
		goto fail;
	}
	if (worker_open_listeners(worker, options) == 0)
		return worker;
fail:
	worker_free(worker);
	errno = ENOMEM;
	return NULL;
}

static void *
worker_main(void *argument)
{
	struct worker *worker = argument;

	event_base_dispatch(worker->base);
	(void)eventfd_write(worker->ended_fd, 1);
	return NULL;
}

int
worker_start(struct worker *worker)
{
	if (thread_start(&worker->thread, worker_main, worker) == -1)
		return -1;
	worker->started = true;
	return 0;
}

static void
worker_order(struct worker *worker, unsigned order)
{
	atomic_fetch_or(&worker->orders, order);
	(void)eventfd_write(worker->mail_fd, 1);
}

void
worker_reconfigure(struct worker *worker, struct config *config)
{
	config_release(atomic_exchange(&worker->next_config, config_hold(config)));
	(void)eventfd_write(worker->mail_fd, 1);
}

void
worker_drain(struct worker *worker)
{
	worker_order(worker, ORDER_DRAIN);
}

void
worker_retire(struct worker *worker)
{
	worker_order(worker, ORDER_RETIRE);
}

void
worker_abort(struct worker *worker)
{
	worker_order(worker, ORDER_ABORT);
}

void
worker_ping(struct worker *worker)
{
	atomic_store(&worker->pinged, true);
	worker_order(worker, ORDER_PING);
}

bool
worker_answered(const struct worker *worker)
{
	return !atomic_load(&worker->pinged);
}

const struct counters *
worker_counters(const struct worker *worker)
{
	return &worker->counters;
}

void
worker_free(struct worker *worker)
{
	if (worker == NULL)
		return;
	if (worker->started)
		pthread_join(worker->thread, NULL);
	worker_close_listeners(worker);
	free(worker->listeners);
	intercept_free(worker->intercept);
	breakdown_free(worker->counters.breakdown);
	config_release(atomic_exchange(&worker->next_config, NULL));
	if (worker->mail != NULL)
		event_free(worker->mail);
	if (worker->mail_fd != -1)
		close(worker->mail_fd);
	if (worker->base != NULL)
		event_base_free(worker->base);
	free(worker);
}
