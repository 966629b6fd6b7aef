/*
 * The calls of a hook: those that run, in places that are few, and those that wait for one.
 * What goes wrong is told once, until it works again.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "daemon/hook_process.h"
#include "daemon/hooks_state.h"
#include "daemon/service_state.h"
#include "daemon/webhook.h"

enum {
	ENVIRONMENT_SIZE = 64,
};

static const char *const ons[] = {
    [CONFIG_HOOK_SOURCE] = "source",
    [CONFIG_HOOK_ALARM] = "alarm",
    [CONFIG_HOOK_EVENTS_LOST] = "events_lost",
};
_Static_assert(sizeof ons / sizeof *ons == CONFIG_HOOK_ONS, "one name for each");

const char *
hook_on(const struct hook *hook)
{
	return ons[hook->settings->on];
}

const char *
hook_target(const struct hook *hook)
{
	return hook->settings->url[0] != '\0' ? "url" : hook->settings->run;
}

struct hook *
hook_find(struct hook *list, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcasecmp(list[i].settings->name, name) == 0)
			return &list[i];
	return NULL;
}

/* Told once, until it works again. */
static void
hook_failed(struct hook *hook, const char *problem)
{
	hook->failed++;
	if (hook->problem[0] == '\0')
		log_warning("[hook %s] %s %s. This is said once, until it works again; see "
			    "op25bctl status",
		    hook->settings->name, hook_target(hook), problem);
	snprintf(hook->problem, sizeof hook->problem, "%s", problem);
}

static void
hook_worked(struct hook *hook)
{
	if (hook->problem[0] != '\0')
		log_notice("[hook %s] works again; %llu calls had failed by now",
		    hook->settings->name, (unsigned long long)hook->failed);
	hook->problem[0] = '\0';
}

static void
run_free(struct hook_run *run)
{
	struct hook_run **at = &run->hooks->runs;

	while (*at != NULL && *at != run)
		at = &(*at)->next;
	if (*at == run)
		*at = run->next;
	hook_process_free(run->process);
	free(run);
}

static void
run_done(void *argument, struct hook_process *process, int status, const char *problem)
{
	char explained[HOOK_PROBLEM_SIZE];
	struct hook_run *run = argument;
	struct hooks *hooks = run->hooks;
	struct hook *hook = hook_find(hooks->list, hooks->count, run->hook);

	(void)process;
	run_free(run);
	if (hook == NULL) /* not in the configuration any more */
		return;
	hook->running--;
	if (problem != NULL && status > 0 && hook->settings->url[0] != '\0') {
		webhook_explain(status, explained, sizeof explained);
		problem = explained;
	}
	if (problem == NULL)
		hook_worked(hook);
	else
		hook_failed(hook, problem);
	hook_continue(hooks, hook);
}

static int
run_start(struct hooks *hooks, const struct config_hook *settings, const char *input)
{
	char name[ENVIRONMENT_SIZE], on[ENVIRONMENT_SIZE];
	char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	bool url = settings->url[0] != '\0';
	char *environment[3 + WEBHOOK_VARIABLES + 1] = {path, name, on};
	struct hook_run *run = calloc(1, sizeof *run);

	if (run == NULL || (url && webhook_environment(settings, environment + 3) == -1)) {
		free(run);
		errno = ENOMEM;
		return -1;
	}
	run->hooks = hooks;
	snprintf(run->hook, sizeof run->hook, "%s", settings->name);
	snprintf(name, sizeof name, "HOOK_NAME=%s", settings->name);
	snprintf(on, sizeof on, "HOOK_ON=%s", ons[settings->on]);
	run->process = hook_process_start(&(struct hook_process_options){
	    .base = hooks->service->base,
	    .program = url ? hooks->service->program : settings->run,
	    .word = url ? WEBHOOK_ARGUMENT : NULL,
	    .environment = environment,
	    .input = input,
	    .timeout_ms = settings->timeout_ms,
	    .done = run_done,
	    .argument = run,
	});
	for (size_t i = 3; i < 3 + WEBHOOK_VARIABLES; i++)
		free(environment[i]); /* was copied */
	if (run->process == NULL) {
		int error = errno;
		free(run);
		errno = error;
		return -1;
	}
	run->next = hooks->runs;
	hooks->runs = run;
	return 0;
}

static void
hook_start(struct hooks *hooks, struct hook *hook, const char *input)
{
	char problem[HOOK_PROBLEM_SIZE];

	hook->calls++;
	if (run_start(hooks, hook->settings, input) == 0) {
		hook->running++;
		return;
	}
	snprintf(problem, sizeof problem,
	    "cannot be started: %s. It must be there and executable for the daemon's user%s",
	    strerror(errno), errno == ENOEXEC ? ", and a script begins with #!" : "");
	hook_failed(hook, problem);
}

void
hook_continue(struct hooks *hooks, struct hook *hook)
{
	while (hook->waiting > 0 && hook->running < hook->settings->max_running) {
		char *input = hook->pending[hook->first];

		hook->first = (hook->first + 1) % HOOK_PENDING_MAX;
		hook->waiting--;
		hook_start(hooks, hook, input);
		free(input);
	}
	if (hook->waiting == 0)
		hook->overflowing = false;
}

void
hook_call(struct hooks *hooks, struct hook *hook, char *input)
{
	if (input == NULL || hook->waiting == HOOK_PENDING_MAX) {
		free(input);
		hook->dropped++;
		if (!hook->overflowing)
			log_warning(
			    "[hook %s] calls come faster than %s ends: some are dropped",
			    hook->settings->name, hook_target(hook));
		hook->overflowing = true;
		return;
	}
	hook->pending[(hook->first + hook->waiting++) % HOOK_PENDING_MAX] = input;
	hook_continue(hooks, hook);
}

void
hook_forget(struct hook *hook)
{
	for (; hook->waiting > 0;
	     hook->waiting--, hook->first = (hook->first + 1) % HOOK_PENDING_MAX)
		free(hook->pending[hook->first]);
}

unsigned
hook_count_running(const struct hooks *hooks, const char *name)
{
	unsigned running = 0;

	for (const struct hook_run *run = hooks->runs; run != NULL; run = run->next)
		running += strcasecmp(run->hook, name) == 0;
	return running;
}

void
hook_kill_all(struct hooks *hooks)
{
	while (hooks->runs != NULL)
		run_free(hooks->runs);
}
