/*
 * The commands of the running daemon. Each is a function and a row; what it takes to answer is
 * in files of its own.
 */
#include "daemon/commands.h"

#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "control/arguments.h"
#include "control/evidence.h"
#include "control/exempt_commands.h"
#include "control/explain.h"
#include "control/hint.h"
#include "control/server.h"
#include "control/values.h"
#include "daemon/attempts.h"
#include "daemon/rates.h"
#include "daemon/reidentify.h"
#include "daemon/service_state.h"
#include "daemon/status.h"
#include "daemon/succession.h"
#include "daemon/tail.h"

enum {
	SAMPLE_MS = 1000,
	PROBLEM_SIZE = 1024,
	LOGGED_MAX = 200, /* octets of a command's arguments that the log shows */
};

struct commands {
	struct service *service;
	struct control_server *server;
	struct event *tick; /* samples the rates */
	struct rates rates;
	int64_t started_ms; /* monotonic */
};

/* For commands without arguments. */
static bool
has_no_arguments(const struct control_request *request, struct text *problem)
{
	return arguments_check(request->arguments, NULL, 0, problem) == 0;
}

static json_t *
answer_status(void *argument, const struct control_request *request, struct text *problem)
{
	const struct commands *commands = argument;

	if (!has_no_arguments(request, problem))
		return NULL;
	json_t *result =
	    status_answer(commands->service, &commands->rates, commands->started_ms);
	if (result == NULL)
		text_add_string(problem,
		    "the status can not be put together: out of memory, or "
		    "a path that is not UTF-8");
	return result;
}

static json_t *
answer_explain(void *argument, const struct control_request *request, struct text *problem)
{
	const struct service *service = ((struct commands *)argument)->service;
	struct address source;
	json_t *result = explain_answer(service->config,
	    &(struct explain_state){.exemptions = service->exemptions,
		.retries = service->shared.retries,
		.subscribers = service->shared.subscribers,
		.hints = service->shared.hints},
	    request->arguments, problem);
	const char *text = json_string_value(json_object_get(result, "source"));

	if (text == NULL || address_parse(text, &source) == -1)
		return result;
	json_object_set_new(
	    result, "attempts", attempts_answer(event_writer_recent(service->writer), &source));
	json_object_set_new(result, "attempts_since", values_time(service->started_ms));
	return result;
}

static json_t *
answer_hint(void *argument, const struct control_request *request, struct text *problem)
{
	const struct service *service = ((struct commands *)argument)->service;

	return hint_answer(service->config, service->shared.hints, request->arguments, problem);
}

static json_t *
answer_reidentify(void *argument, const struct control_request *request, struct text *problem)
{
	const struct service *service = ((struct commands *)argument)->service;

	return reidentify_answer(service->config, &service->pseudonym_key,
	    event_writer_recent(service->writer), request->arguments, problem);
}

static json_t *
answer_reload(void *argument, const struct control_request *request, struct text *problem)
{
	static const char *const names[] = {"force", "dry_run"};
	const struct commands *commands = argument;
	bool force, dry_run;

	if (arguments_check(request->arguments, names, sizeof names / sizeof *names, problem) ==
		-1 ||
	    arguments_flag(request->arguments, "force", &force, problem) == -1 ||
	    arguments_flag(request->arguments, "dry_run", &dry_run, problem) == -1)
		return NULL;
	return reload_by_command(commands->service, force, dry_run, problem);
}

static json_t *
answer_drain(void *argument, const struct control_request *request, struct text *problem)
{
	struct service *service = ((struct commands *)argument)->service;

	if (!has_no_arguments(request, problem))
		return NULL;
	uint64_t relays = status_relays_open(service);
	service_drain(service);
	return json_pack("{s:I, s:I}", "relays", (json_int_t)relays, "drain_timeout_ms",
	    (json_int_t)service->config->drain_timeout_ms);
}

static json_t *
answer_reopen(void *argument, const struct control_request *request, struct text *problem)
{
	struct service *service = ((struct commands *)argument)->service;

	if (!has_no_arguments(request, problem))
		return NULL;
	event_writer_reopen(service->writer);
	return json_pack("{s:s}", "output", service->config->events_output);
}

static json_t *
answer_upgrade(void *argument, const struct control_request *request, struct text *problem)
{
	struct service *service = ((struct commands *)argument)->service;

	if (!has_no_arguments(request, problem))
		return NULL;
	succession_begin(service);
	if (service->upgrade != NULL)
		return json_pack("{s:s}", "program", service->program);
	text_add_string(problem, "not begun: the log says why");
	return NULL;
}

static int
begin_tail(void *argument, const struct control_request *request, int fd, struct text *problem)
{
	const struct commands *commands = argument;

	return tail_begin(commands->service->writer, request->arguments, fd, problem);
}

static int
begin_question(
    void *argument, const struct control_request *request, int fd, struct text *problem)
{
	const struct commands *commands = argument;

	if (commands->service->evidence != NULL)
		return evidence_ask(commands->service->evidence, request, fd, problem);
	text_add_string(
	    problem, "there is no evidence: [store] file is empty in the configuration");
	return -1;
}

static const struct control_command table[] = {
    {"status", answer_status, false, CONTROL_ABUSE, NULL},
    {"explain", answer_explain, false, CONTROL_SUPPORT, NULL},
    {"tail", NULL, true, CONTROL_ABUSE, begin_tail},
    {"ref", NULL, true, CONTROL_SUPPORT, begin_question},
    {"who", NULL, true, CONTROL_ABUSE, begin_question},
    {"most", NULL, true, CONTROL_ABUSE, begin_question},
    {"seen", NULL, true, CONTROL_ABUSE, begin_question},
    {"stats", NULL, true, CONTROL_ABUSE, begin_question},
    {"events", NULL, true, CONTROL_ABUSE, begin_question},
    {"reidentify stored", NULL, true, CONTROL_ADMIN, begin_question},
    {"hint", answer_hint, false, CONTROL_SUPPORT, NULL},
    {"reidentify", answer_reidentify, true, CONTROL_ADMIN, NULL},
    {"reload", answer_reload, true, CONTROL_ADMIN, NULL},
    {"drain", answer_drain, true, CONTROL_ADMIN, NULL},
    {"reopen", answer_reopen, true, CONTROL_ADMIN, NULL},
    {"upgrade", answer_upgrade, true, CONTROL_ADMIN, NULL},
};

/*
 * The trail: who has changed what.
 */

/* All of source that fits, as a string. */
static void
copy_cut(char *target, size_t size, const char *source)
{
	size_t length = strnlen(source, size - 1);

	memcpy(target, source, length);
	target[length] = '\0';
}

static void
commands_audit(void *argument, const struct control_request *request, const char *command,
    const char *arguments, const char *result)
{
	const struct commands *commands = argument;
	char buffer[PROBLEM_SIZE];
	struct text said;
	struct aside aside = {.kind = ASIDE_AUDIT};
	struct audit *audit = &aside.audit;

	audit->time_ms = clock_wall_ms();
	audit->uid = request->uid;
	audit->pid = request->pid;
	copy_cut(audit->user, sizeof audit->user, request->user);
	copy_cut(audit->action, sizeof audit->action, command);
	copy_cut(audit->arguments, sizeof audit->arguments, arguments);
	copy_cut(audit->result, sizeof audit->result, result);
	text_init(&said, buffer, sizeof buffer);
	text_add_escaped(&said, arguments, strnlen(arguments, LOGGED_MAX));
	text_add_string(&said, ": ");
	text_add_escaped(&said, result, strlen(result));
	log_notice("control: %s (uid %u, pid %d): %s %s", request->user, (unsigned)request->uid,
	    (int)request->pid, command, said.bytes);
	if (event_writer_aside(commands->service->writer, &aside) == -1)
		log_warning("control: the event output takes nothing: that was no audit event");
}

/*
 * Life.
 */

static void
commands_tick_cb(evutil_socket_t fd, short what, void *argument)
{
	struct commands *commands = argument;
	uint64_t totals[RATES_KINDS];

	(void)fd;
	(void)what;
	status_totals(commands->service, totals);
	rates_add(&commands->rates, clock_monotonic_ms(), totals);
}

int
commands_check_alone(const struct config *config)
{
	if (!control_socket_taken(config->control))
		return 0;
	log_error(
	    "[server] control: another op25bd listens at %s: stop that one first, or give "
	    "this one a path of its own. Two daemons at one address would share its "
	    "connections",
	    config->control);
	return -1;
}

/* The group of that name; who is in none has no role by it. */
static gid_t
group_named(const char *key, const char *name)
{
	const struct group *group = name[0] == '\0' ? NULL : getgrnam(name);

	if (group != NULL)
		return group->gr_gid;
	if (name[0] != '\0')
		log_warning("[server] %s: there is no group %s (groupadd %s): nobody has what "
			    "its members may",
		    key, name, name);
	return PEER_NO_GROUP;
}

static struct peer_groups
groups_of(const struct config *config)
{
	return (struct peer_groups){
	    .support = group_named("control_support", config->control_support),
	    .abuse = group_named("control_abuse", config->control_abuse),
	};
}

static int
commands_start(struct commands *commands, struct control_socket *socket)
{
	struct timeval interval = clock_timeval(SAMPLE_MS);
	struct event_base *base = commands->service->base;

	commands->started_ms = clock_monotonic_ms();
	commands->tick = event_new(base, -1, EV_PERSIST, commands_tick_cb, commands);
	commands->server = control_server_new(&(struct control_server_options){
	    .base = base,
	    .socket = socket,
	    .audit = commands_audit,
	    .groups = groups_of(commands->service->config),
	    .argument = commands,
	});
	size_t exempt_count;
	const struct control_command *exempt = exempt_commands(&exempt_count);
	if (commands->tick == NULL || commands->server == NULL ||
	    event_add(commands->tick, &interval) == -1 ||
	    control_server_offer(
		commands->server, table, sizeof table / sizeof *table, commands) == -1 ||
	    control_server_offer(commands->server, exempt, exempt_count,
		commands->service->exemption_store) == -1)
		return -1;
	return 0;
}

int
commands_open(struct service *service, struct commands **commands)
{
	char buffer[PROBLEM_SIZE];
	struct text problem;
	struct control_socket socket;

	bool everybody = service->config->control_support[0] != '\0' ||
			 service->config->control_abuse[0] != '\0';

	*commands = NULL;
	text_init(&problem, buffer, sizeof buffer);
	/* The process that this one succeeds keeps what it has begun to answer, and no more. */
	if (succession_pending(service) && control_socket_taken(service->config->control))
		unlink(service->config->control);
	if (control_socket_open(&socket, service->config->control, everybody, &problem) == -1) {
		if (errno == EADDRINUSE) {
			log_error("[server] control: %s", problem.bytes);
			return -1;
		}
		log_warning("[server] control: %s. Until then op25bctl does not reach this "
			    "daemon",
		    problem.bytes);
		return 0;
	}
	*commands = calloc(1, sizeof **commands);
	if (*commands != NULL) {
		(*commands)->service = service;
		if (commands_start(*commands, &socket) == 0)
			return 0;
	}
	log_error("[server] control: no memory");
	control_socket_close(&socket);
	commands_close(*commands);
	*commands = NULL;
	return -1;
}

void
commands_close(struct commands *commands)
{
	if (commands == NULL)
		return;
	control_server_free(commands->server);
	if (commands->tick != NULL)
		event_free(commands->tick);
	free(commands);
}
