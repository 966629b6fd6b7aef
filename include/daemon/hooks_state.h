/*
 * What the hooks are made of. For the files that are parts of them (hooks.c, hooks_run.c,
 * hooks_report.c), and no others. Main thread.
 */
#ifndef DAEMON_HOOKS_STATE_H
#define DAEMON_HOOKS_STATE_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/attributes.h"
#include "config/config.h"
#include "events/debounce.h"

struct hook_process; /* daemon/hook_process.h */
struct service;
struct threshold_watch; /* events/threshold_watch.h */

enum {
	HOOK_NAME_SIZE = 32,
	HOOK_PROBLEM_SIZE = 160,
	/* Calls of one hook that wait for a place; each has some 300 octets. */
	HOOK_PENDING_MAX = 64,
	/* Of alarms: bypass by family and silence, each raised and over. */
	HOOK_ALARM_DEBOUNCES = 2 * (ADDRESS_FAMILIES + 1),
};

/* A program that runs. A hook is known by its name, so that what runs survives a reload. */
struct hook_run {
	struct hooks *hooks;
	struct hook_process *process;
	char hook[HOOK_NAME_SIZE];
	struct hook_run *next;
};

struct hook {
	const struct config_hook *settings;
	struct debounce alarms[HOOK_ALARM_DEBOUNCES];
	struct debounce lost;
	uint64_t lost_told;              /* of struct hooks' lost */
	char *pending[HOOK_PENDING_MAX]; /* inputs, the oldest at first */
	unsigned first, waiting;
	unsigned running;
	uint64_t calls, failed, dropped;
	char problem[HOOK_PROBLEM_SIZE]; /* of the last call that ended; "": it was good */
	bool overflowing;                /* told, until nothing waits */
};

struct hooks {
	struct service *service;
	struct threshold_watch *watch; /* the writer's */
	struct config *config;         /* whose settings the hooks point into */
	struct pseudonyms *pseudonyms; /* NULL: the outputs have addresses */
	struct event *reached;
	struct event *timer;
	struct hook_run *runs;
	struct hook list[CONFIG_HOOKS_MAX];
	size_t count;
	uint64_t lost; /* events, by now */
};

/* What is called, in words: the path of the program, or "url", as an address may hold a token.
 */
const char *hook_target(const struct hook *hook) NONNULL_ALL WUNRES;

/* "source", "alarm", "events_lost". */
const char *hook_on(const struct hook *hook) NONNULL_ALL WUNRES;

/* NULL when there is none of that name. */
struct hook *hook_find(struct hook *list, size_t count, const char *name) NONNULL(3) WUNRES;

/*
 * Calls the program with this input, at once or when there is a place. input is taken; NULL
 * when memory was short, which is a call that is lost.
 */
void hook_call(struct hooks *hooks, struct hook *hook, char *input) NONNULL(1, 2);

/* Starts what waits, as far as there are places. */
void hook_continue(struct hooks *hooks, struct hook *hook) NONNULL_ALL;

/* Nothing waits any more. */
void hook_forget(struct hook *hook) NONNULL_ALL;

/* How many programs of the hook of that name run. */
unsigned hook_count_running(const struct hooks *hooks, const char *name) NONNULL_ALL WUNRES;

/* Kills all that run. */
void hook_kill_all(struct hooks *hooks) NONNULL_ALL;

#endif
