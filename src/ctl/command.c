/*
 * The table of commands, and what is made from its rows.
 */
#include "ctl/command.h"

#include <string.h>

#include "base/text.h"
#include "control/client.h"
#include "ctl/drain.h"
#include "ctl/evidence.h"
#include "ctl/exempt.h"
#include "ctl/explain.h"
#include "ctl/firewall.h"
#include "ctl/hint.h"
#include "ctl/help_page.h"
#include "ctl/local.h"
#include "ctl/match.h"
#include "ctl/reidentify.h"
#include "ctl/reload.h"
#include "ctl/report.h"
#include "ctl/status.h"
#include "ctl/tail.h"
#include "ctl/top.h"

enum {
	PROBLEM_SIZE = 4096,
	WORD_SIZE = 64,
};

static const struct ctl_parameter explain_parameters[] = {
    {"source", "SOURCE", CTL_NEEDED, "address of the subscriber"},
    {"destination", "DESTINATION", CTL_OPTIONAL,
	"address of the mail host; without it, one in no class"},
    {"at", "TIME", CTL_OPTION, "such as 2006-11-21T00:00:00+09:00; now, if not given"},
    {"lang", "LANGUAGE", CTL_OPTION, "en (if not given) or ja, of what is for the subscriber"},
    {0},
};

static const struct ctl_parameter hint_parameters[] = {
    {"destination", "ADDRESS|HOST", CTL_NEEDED, "a mail host, by its address or its name"},
    {0},
};

static const struct ctl_parameter reidentify_parameters[] = {
    {"pseudonym", "PSEUDONYM", CTL_NEEDED, "in place of a source in an event"},
    {"reason", "TEXT", CTL_OPTION, "needed: why, for the audit trail"},
    {"among", "NETWORK", CTL_OPTION,
	"the sources to try; recent ones and the plans' in IPv4, if not given"},
    {0},
};

static const struct ctl_parameter reload_parameters[] = {
    {"force", NULL, CTL_FLAG, "also when lists have shrunk by more than reload_guard"},
    {"dry_run", NULL, CTL_FLAG, "only say what would change"},
    {0},
};

#define WATCHED                                                                                \
	{"source", "NETWORK", CTL_OPTION, "only connections from there"},                      \
	{                                                                                      \
		"event", "KINDS", CTL_OPTION, "only these, between commas: reject,alarm,audit" \
	}

static const struct ctl_parameter tail_parameters[] = {WATCHED, {0}};

#define SINCE                                                                         \
	{                                                                             \
		"since", "WHEN", CTL_OPTION, "a duration before now (24h), or a time" \
	}

static const struct ctl_parameter top_parameters[] = {
    WATCHED,
    {"for", "DURATION", CTL_OPTION, "how long to watch; 10s, if not given"},
    SINCE,
    {"by", "WHAT", CTL_OPTION, "of the store: source, net, plan or destination"},
    {"new", NULL, CTL_FLAG, "of the store: only those not seen before"},
    {"limit", "ROWS", CTL_OPTION, "of the store: how many; 20, if not given"},
    {0},
};

static const struct ctl_parameter who_parameters[] = {
    {"source", "SOURCE", CTL_NEEDED, "address, or network, of the subscriber"},
    {"at", "TIME", CTL_OPTION, "what was seen about then"},
    {"window", "DURATION", CTL_OPTION, "how long before and after; 1h, if not given"},
    {"limit", "ROWS", CTL_OPTION, "events; 20, if not given"},
    {0},
};

static const struct ctl_parameter ref_parameters[] = {
    {"code", "CODE", CTL_NEEDED, "the reference that the refusal names"},
    {0},
};

static const struct ctl_parameter stats_parameters[] = {SINCE, {0}};

static const struct ctl_parameter match_parameters[] = {
    {"file", "FILE", CTL_NEEDED, "complaints in ARF, XARF or IntelMQ; - is standard input"},
    {"window", "DURATION", CTL_OPTION, "how far clocks may differ; 1h, if not given"},
    {0},
};

static const struct ctl_parameter report_parameters[] = {
    {"source", "SOURCE", CTL_NEEDED, "address of the subscriber"},
    {"format", "FORMAT", CTL_OPTION, "xarf, if not given, csv or json"},
    SINCE,
    {"org", "NAME", CTL_OPTION, "who reports; needed by xarf"},
    {"contact", "ADDRESS", CTL_OPTION, "whom to answer; needed by xarf"},
    {0},
};

static const struct ctl_command commands[] = {
    {.name = "status",
	.what = "how the daemon is: connections, rates, events, warnings",
	.print = status_print},
    {.name = "explain",
	.what = "which rule decides about a connection, what that means for the subscriber",
	.parameters = explain_parameters,
	.run = explain_run,
	.print = explain_print,
	.from_file = true},
    {.name = "hint",
	.what = "what a refusal says to set for this destination, and why",
	.parameters = hint_parameters,
	.run = hint_run,
	.print = hint_print,
	.from_file = true},
    {.name = "reidentify",
	.what = "which subscriber a pseudonym stands for, by trying addresses",
	.parameters = reidentify_parameters,
	.run = reidentify_run,
	.print = reidentify_print},
    {.name = "exempt",
	.what = "let networks send on port 25 for a while: add, list, remove",
	.run_words = exempt_words,
	.usage = exempt_usage},
    {.name = "firewall",
	.what = "print, apply, remove or check rules and routing of this box",
	.run_words = firewall_words,
	.usage = firewall_usage,
	.from_file = true},
    {.name = "doctor",
	.what = "what is wrong on this box, and how to mend it",
	.run_words = doctor_words,
	.from_file = true},
    {.name = "selftest",
	.what = "refuse and relay with this configuration, in a network of its own",
	.run_words = selftest_words,
	.from_file = true},
    {.name = "help-page",
	.what = "write the page behind the URL of a refusal as files",
	.run_words = help_page_words,
	.usage = help_page_usage,
	.from_file = true},
    {.name = "reload",
	.what = "read the configuration again, and say what changes",
	.parameters = reload_parameters,
	.print = reload_print},
    {.name = "tail",
	.what = "show events as they come",
	.parameters = tail_parameters,
	.run = tail_run},
    {.name = "top",
	.what =
	    "the busiest sources, plans, destinations: watched for a while, or of the store",
	.parameters = top_parameters,
	.run = top_run,
	.print = top_print},
    {.name = "who",
	.what = "all that is known of a source: attempts, destinations, exemptions",
	.parameters = who_parameters,
	.run = who_run,
	.print = who_print},
    {.name = "ref",
	.what = "the one event that a caller reads the reference of",
	.parameters = ref_parameters,
	.run = ref_run,
	.print = ref_print},
    {.name = "stats",
	.what = "attempts and sources by day and plan, and who a phase would hit",
	.parameters = stats_parameters,
	.run = stats_run,
	.print = stats_print},
    {.name = "match",
	.what = "what was seen here of what others complain about",
	.parameters = match_parameters,
	.run = match_run,
	.print = match_print},
    {.name = "report",
	.what = "what was seen of a source, for others to read",
	.parameters = report_parameters,
	.run = report_run},
    {.name = "drain",
	.what = "take no new connections, let relays finish, then end",
	.print = drain_print},
    {.name = "upgrade",
	.what = "start the program anew, and let it take over without losing a connection",
	.print = upgrade_print},
    {.name = "reopen",
	.what = "open the event output again, after a log rotation",
	.print = reopen_print},
    {0},
};

const struct ctl_command *
ctl_commands(void)
{
	return commands;
}

const struct ctl_command *
ctl_command_find(int argc, char **argv, int *words)
{
	for (const struct ctl_command *command = commands; command->name != NULL; command++) {
		const char *space = strchr(command->name, ' ');
		size_t first =
		    space == NULL ? strlen(command->name) : (size_t)(space - command->name);

		if (strlen(argv[0]) != first || strncmp(argv[0], command->name, first) != 0)
			continue;
		if (space != NULL && (argc < 2 || strcmp(argv[1], space + 1) != 0))
			continue;
		*words = space == NULL ? 1 : 2;
		return command;
	}
	return NULL;
}

/* "--dry-run" of "dry_run" */
static void
option_word(const struct ctl_parameter *parameter, char word[WORD_SIZE])
{
	snprintf(word, WORD_SIZE, "--%s", parameter->name);
	for (char *at = word; *at != '\0'; at++)
		if (*at == '_')
			*at = '-';
}

void
ctl_help(const struct ctl_command *command, FILE *out)
{
	char word[WORD_SIZE];

	if (command->usage != NULL) {
		fputs(command->usage, out);
		return;
	}
	fprintf(out, "usage: op25bctl [-s SOCKET%s] [--json] %s",
	    command->from_file ? " | -c FILE" : "", command->name);
	for (const struct ctl_parameter *p = command->parameters; p != NULL && p->name != NULL;
	     p++) {
		option_word(p, word);
		if (p->kind == CTL_NEEDED)
			fprintf(out, " %s", p->value);
		else if (p->kind == CTL_OPTIONAL)
			fprintf(out, " [%s]", p->value);
		else
			fprintf(out, " [%s%s%s]", word, p->kind == CTL_FLAG ? "" : " ",
			    p->kind == CTL_FLAG ? "" : p->value);
	}
	fprintf(out, "\n%s\n", command->what);
	for (const struct ctl_parameter *p = command->parameters; p != NULL && p->name != NULL;
	     p++) {
		option_word(p, word);
		fprintf(out, "  %-12s %s\n",
		    p->kind == CTL_NEEDED || p->kind == CTL_OPTIONAL ? p->value : word,
		    p->what);
	}
}

static int
misused(const struct ctl_call *call, const char *what, const char *word)
{
	fprintf(stderr, "op25bctl: %s: %s %s\n", call->command->name, what, word);
	ctl_help(call->command, stderr);
	return -1;
}

/* The option of this word, or NULL. */
static const struct ctl_parameter *
find_option(const struct ctl_command *command, const char *word)
{
	char known[WORD_SIZE];

	for (const struct ctl_parameter *p = command->parameters; p != NULL && p->name != NULL;
	     p++) {
		option_word(p, known);
		if ((p->kind == CTL_OPTION || p->kind == CTL_FLAG) && strcmp(known, word) == 0)
			return p;
	}
	return NULL;
}

/* The first parameter without a dash that has no value yet, or NULL. */
static const struct ctl_parameter *
next_positional(const struct ctl_call *call)
{
	for (const struct ctl_parameter *p = call->command->parameters;
	     p != NULL && p->name != NULL; p++)
		if ((p->kind == CTL_NEEDED || p->kind == CTL_OPTIONAL) &&
		    json_object_get(call->arguments, p->name) == NULL)
			return p;
	return NULL;
}

static int
set_argument(const struct ctl_call *call, const struct ctl_parameter *parameter, json_t *value)
{
	if (json_object_set_new(call->arguments, parameter->name, value) == 0)
		return 0;
	return misused(call, "not valid UTF-8:", parameter->name);
}

/* One word, or an option and its value: *at is left on the last one used. */
static int
parse_word(struct ctl_call *call, int argc, char **argv, int *at)
{
	const char *word = argv[*at];
	const struct ctl_parameter *parameter;

	if (strcmp(word, "--json") == 0) {
		call->json = true;
		return 0;
	}
	if (word[0] != '-') {
		parameter = next_positional(call);
		if (parameter == NULL)
			return misused(call, "one word too many:", word);
		return set_argument(call, parameter, json_string(word));
	}
	parameter = find_option(call->command, word);
	if (parameter == NULL)
		return misused(call, "there is no option", word);
	if (parameter->kind == CTL_FLAG)
		return set_argument(call, parameter, json_true());
	if (++*at == argc)
		return misused(call, "needs a value:", word);
	return set_argument(call, parameter, json_string(argv[*at]));
}

int
ctl_parse(struct ctl_call *call, int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0) {
			ctl_help(call->command, stdout);
			return 1;
		}
		if (parse_word(call, argc, argv, &i) == -1)
			return -1;
	}
	const struct ctl_parameter *missing = next_positional(call);
	if (missing != NULL && missing->kind == CTL_NEEDED)
		return misused(call, "needs", missing->value);
	return 0;
}

int
ctl_print(const struct ctl_call *call, const json_t *result)
{
	if (call->json) {
		json_dumpf(result, stdout, JSON_COMPACT);
		putchar('\n');
	} else {
		call->command->print(result, stdout);
	}
	return 0;
}

int
ctl_ask(const struct ctl_call *call)
{
	char buffer[PROBLEM_SIZE];
	struct text problem;

	text_init(&problem, buffer, sizeof buffer);
	json_t *result = control_call(
	    call->socket_path, call->command->name, json_incref(call->arguments), &problem);
	if (result == NULL) {
		fprintf(stderr, "op25bctl: %s: %s\n", call->command->name, problem.bytes);
		return 1;
	}
	int status = ctl_print(call, result);
	json_decref(result);
	return status;
}
