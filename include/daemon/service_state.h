/*
 * What the running daemon is made of. For the files of the daemon room that are parts of its
 * main thread (service.c, reload.c, status.c, commands.c), and no others.
 */
#ifndef DAEMON_SERVICE_STATE_H
#define DAEMON_SERVICE_STATE_H

#include <event2/event.h>
#include <stdbool.h>

#include "base/attributes.h"
#include "config/config.h"
#include "control/exemption_store.h"
#include "daemon/alarms.h"
#include "daemon/commands.h"
#include "daemon/help.h"
#include "daemon/hooks.h"
#include "daemon/inherited.h"
#include "daemon/listeners.h"
#include "daemon/net_admin.h"
#include "daemon/offload.h"
#include "daemon/reload.h"
#include "daemon/signals.h"
#include "daemon/subscriber_source.h"
#include "daemon/web.h"
#include "daemon/worker.h"
#include "events/pseudonym.h"
#include "events/writer.h"
#include "proxy/hint_finder.h"
#include "proxy/intercept.h"

enum {
	SERVICE_WORKERS_MAX = 256,
};

struct service {
	char *config_path;
	struct config *config; /* in force */
	struct reload reload;  /* how it came to be */
	struct intercept_shared shared;
	struct exemptions *exemptions; /* at runtime: the table, and what keeps it */
	struct exemption_store *exemption_store;
	struct event *expire;
	struct hint_finder *hint_finder;
	struct subscriber_source *subscribers; /* NULL: [subscribers] source = none */
	struct event_writer *writer;
	struct pseudonym_key pseudonym_key; /* length 0: none */
	struct keeper *keeper;              /* NULL: no [store] */
	struct evidence *evidence;          /* NULL: likewise */
	struct worker *workers[SERVICE_WORKERS_MAX];
	unsigned worker_count;
	unsigned ended_count;
	struct event_base *base;
	struct signals *signals;
	struct commands *commands; /* of the control socket; NULL: not reachable by op25bctl */
	struct event *ended;       /* a worker has ended */
	struct event *limit;       /* the time for draining or aborting is over */
	struct hooks *hooks;
	struct alarms *alarms;
	struct net_admin *net_admin; /* NULL: nothing needs it, or it can not be had */
	struct offload *offload;     /* NULL: [relay] offload = none */
	struct web *web;             /* NULL: [http] listen is empty */
	struct help *help;           /* NULL: [help] listen is empty */
	int64_t started_ms;          /* wall clock */
	unsigned web_tries;          /* to open it after an upgrade */
	struct listeners listeners;
	struct inherited inherited;
	struct upgrade *upgrade; /* NULL, or one is under way */
	char *program;           /* to be started for an upgrade, with argv */
	char *const *argv;
	bool retired; /* another process serves in our place; systemd follows that one */
	int ended_fd;
	bool draining;
	bool aborting;
};

/* service_writer.c: opens the outputs, for so many workers. 0, or -1 after explaining why not.
 */
int service_open_writer(struct service *service, unsigned workers) NONNULL_ALL WUNRES;

/*
 * service_web.c: opens [http] listen and [help] listen, if there are any and they are not open
 * yet, and serves there. 0, or -1 after explaining the failure; quiet: without, as it will be
 * tried again.
 */
int service_open_web(struct service *service, bool quiet) NONNULL_ALL WUNRES;
int service_serve_web(struct service *service) NONNULL_ALL WUNRES;

/* Nobody is served by HTTP any more. */
void service_close_web(struct service *service) NONNULL_ALL;

/* Begins to drain, as TERM does; nothing when that has begun. */
void service_drain(struct service *service) NONNULL_ALL;

#endif
