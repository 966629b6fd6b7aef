/*
 * [hook NAME] of op25bd.conf(5): programs of the operator's, or addresses, that are called when
 * a source, an alarm or a loss of events wants somebody to look. Never one call for each event:
 * each is debounced, the programs that run at once are few, and what waits for them is bounded.
 * Main thread; the counting of sources is the writer's (events/threshold_watch.h).
 */
#ifndef DAEMON_HOOKS_H
#define DAEMON_HOOKS_H

#include <jansson.h>

#include "base/attributes.h"
#include "base/text.h"
#include "events/alarm.h"
#include "http/exposition.h"

struct hooks; /* opaque */
struct service;

/*
 * Those of service's configuration, called from its event base. Its writer is there already.
 * NULL with errno ENOMEM.
 */
struct hooks *hooks_new(struct service *service) NONNULL_ALL WUNRES;

/* Kills what still runs. Before the writer is freed; NULL is accepted. */
void hooks_free(struct hooks *hooks);

/*
 * The service's configuration is another one: what is known of a hook stays with its name. When
 * memory is short all stays as it was, which is said. NULL is accepted.
 */
void hooks_configure(struct hooks *hooks);

/* An alarm was raised, or is over. NULL is accepted. */
void hooks_alarm(struct hooks *hooks, const struct alarm *alarm) NONNULL(2);

/*
 * [{"name", "on", "run", "running", "calls", "failed", "dropped", "problem": "" or what was
 * wrong with the last call}]. A new reference.
 */
json_t *hooks_status(const struct hooks *hooks) NONNULL_ALL WUNRES;

/* A line for op25bctl status if the last call of any has failed. */
void hooks_warning(const struct hooks *hooks, struct text *line) NONNULL_ALL;

/* What /metrics says of them; nothing without hooks. */
void hooks_metrics(const struct hooks *hooks, struct exposition *exposition) NONNULL_ALL;

#endif
