/*
 * Putting another configuration in force: by HUP, which always does when the file is good, or
 * by command, which says what changes and refuses when a list has shrunk suspiciously. Main
 * thread.
 */
#ifndef DAEMON_RELOAD_H
#define DAEMON_RELOAD_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/text.h"

struct service;

enum {
	RELOAD_FAILURE_SIZE = 512,
};

/* What is known of loads so far. */
struct reload {
	uint64_t version;     /* of the policy: 1, and one more with each that came in force */
	int64_t loaded_ms;    /* wall clock: when it did */
	json_t *waiting;      /* object: keys that wait for a restart, with their old values */
	uint64_t failures;    /* reloads that changed nothing, for whatever reason */
	int64_t failed_ms;    /* wall clock: the last of them; */
	char failure[RELOAD_FAILURE_SIZE]; /* why; "": the last reload was good */
};

/* The first configuration is in force. 0, or -1 with errno ENOMEM. */
int reload_init(struct reload *reload) NONNULL_ALL WUNRES;
/* Accepts a zeroed one. */
void reload_fini(struct reload *reload) NONNULL_ALL;

/* On HUP. Says on stderr what became of it. */
void reload_by_signal(struct service *service) NONNULL_ALL;

/*
 * On command. Returns what changes (daemon/reload_report.h) with "policy_version"; or NULL,
 * nothing having been changed, after describing in problem why. force: whatever has shrunk.
 * dry_run: changes nothing, and refuses nothing.
 */
json_t *reload_by_command(
    struct service *service, bool force, bool dry_run, struct text *problem) NONNULL_ALL WUNRES;

#endif
