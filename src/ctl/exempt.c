/*
 * From the command line to requests, and from answers to lines. Lists of networks go out in
 * batches: each is one transaction of the daemon, and together they may be millions.
 */
#include "ctl/exempt.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "control/client.h"

enum {
	BATCH = 5000,
	LINE_SIZE = 256,
	PROBLEM_SIZE = 1024,
};

struct exempt_options {
	const char *reason;
	const char *ticket;
	const char *until;
	int64_t for_ms;         /* 0: not given */
	const char *subscriber; /* instead of networks */
	bool force;
	bool history;
};

/* A command under way. */
struct exempt {
	const char *socket;
	const char *command; /* of the daemon */
	struct exempt_options options;
	json_t *networks; /* the batch that is being filled */
	FILE *out;
	bool json;
	json_int_t added, extended, kept, removed; /* so far */
};

const char exempt_usage[] =
    "usage: op25bctl exempt add WHOM --for DURATION|--until TIME --reason TEXT\n"
    "           [--ticket ID] [--force]\n"
    "       op25bctl exempt list [NETWORK|--subscriber SUBSCRIBER] [--history]\n"
    "       op25bctl exempt remove WHOM\n"
    "  WHOM     NETWORK|@FILE... or --subscriber SUBSCRIBER, wherever that one is\n"
    "  SUBSCRIBER  a pseudonym, as in events, or a name, as in [subscribers] source\n"
    "  DURATION as in 7d or 12h, TIME as in 2027-01-31T18:00:00+09:00\n"
    "  @FILE    one network a line, # begins a comment\n";

static int
exempt_misused(const char *what)
{
	fprintf(stderr, "op25bctl: exempt: %s\n%s", what, exempt_usage);
	return 2;
}

/* The answer, also printed with --json; NULL after saying what is wrong. */
static json_t *
exempt_call(const struct exempt *exempt, json_t *arguments)
{
	char buffer[PROBLEM_SIZE];
	struct text problem;

	text_init(&problem, buffer, sizeof buffer);
	json_t *answer = control_call(exempt->socket, exempt->command, arguments, &problem);
	if (answer == NULL)
		fprintf(stderr, "op25bctl: %s\n", problem.bytes);
	else if (exempt->json) {
		json_dumpf(answer, exempt->out, JSON_COMPACT);
		fputc('\n', exempt->out);
	}
	return answer;
}

/* The string of this name, or "". */
static const char *
word_of(const json_t *object, const char *name)
{
	const char *word = json_string_value(json_object_get(object, name));

	return word == NULL ? "" : word;
}

static json_int_t
number_of(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

/*
 * add and remove.
 */

/* Sends the batch, if there is one. 0, or 1 after saying what is wrong. */
static int
exempt_flush(struct exempt *exempt)
{
	const struct exempt_options *options = &exempt->options;

	if (json_array_size(exempt->networks) == 0)
		return 0;
	json_t *arguments = json_pack("{s:o, s:s*, s:s*, s:s*, s:b}",
	    options->subscriber != NULL ? "subscribers" : "networks", exempt->networks,
	    "reason", options->reason, "ticket", options->ticket, "until", options->until,
	    "force", options->force);
	exempt->networks = json_array();
	if (options->for_ms > 0)
		json_object_set_new(arguments, "for_ms", json_integer(options->for_ms));
	json_t *answer = exempt_call(exempt, arguments);
	if (answer == NULL)
		return 1;
	exempt->added += number_of(answer, "added");
	exempt->extended += number_of(answer, "extended");
	exempt->kept += number_of(answer, "kept");
	exempt->removed += number_of(answer, "removed");
	json_decref(answer);
	return 0;
}

static int
exempt_take(struct exempt *exempt, const char *network)
{
	json_array_append_new(exempt->networks, json_string(network));
	return json_array_size(exempt->networks) < BATCH ? 0 : exempt_flush(exempt);
}

static int
exempt_take_file(struct exempt *exempt, const char *path)
{
	char line[LINE_SIZE];
	FILE *file = fopen(path, "re");
	int status = 0;

	if (file == NULL) {
		fprintf(stderr, "op25bctl: %s: %s\n", path, strerror(errno));
		return 1;
	}
	while (status == 0 && fgets(line, sizeof line, file) != NULL) {
		line[strcspn(line, "#\n")] = '\0';
		char *start = line + strspn(line, " \t\r");
		start[strcspn(start, " \t\r")] = '\0';
		if (start[0] != '\0')
			status = exempt_take(exempt, start);
	}
	if (ferror(file)) {
		fprintf(stderr, "op25bctl: %s: cannot be read\n", path);
		status = 1;
	}
	fclose(file);
	return status;
}

static void
exempt_sum_up(const struct exempt *exempt)
{
	if (exempt->json)
		return;
	if (exempt->added > 0)
		fprintf(exempt->out, "%lld added\n", (long long)exempt->added);
	if (exempt->extended > 0)
		fprintf(exempt->out, "%lld already exempt: extended\n",
		    (long long)exempt->extended);
	if (exempt->kept > 0)
		fprintf(exempt->out, "%lld already exempt for as long or longer: kept\n",
		    (long long)exempt->kept);
	if (exempt->removed > 0)
		fprintf(exempt->out, "%lld removed\n", (long long)exempt->removed);
}

/* What was done before something failed is said too: those batches are in force. */
static int
exempt_change(struct exempt *exempt, char **words)
{
	int status = 0;

	exempt->networks = json_array();
	if (exempt->options.subscriber != NULL)
		status = exempt_take(exempt, exempt->options.subscriber);
	for (; status == 0 && *words != NULL; words++)
		status = **words == '@' ? exempt_take_file(exempt, *words + 1)
					: exempt_take(exempt, *words);
	if (status == 0)
		status = exempt_flush(exempt);
	exempt_sum_up(exempt);
	json_decref(exempt->networks);
	return status;
}

/* Networks or a subscriber: one of them. */
static bool
names_whom(const struct exempt *exempt, char **words)
{
	return (*words != NULL) != (exempt->options.subscriber != NULL);
}

static int
exempt_add(struct exempt *exempt, char **words)
{
	const struct exempt_options *options = &exempt->options;

	if (!names_whom(exempt, words))
		return exempt_misused("add needs networks, or else --subscriber");
	if ((options->for_ms > 0) == (options->until != NULL))
		return exempt_misused("add needs --for or --until");
	if (options->reason == NULL)
		return exempt_misused("add needs --reason: whoever finds it later will ask");
	return exempt_change(exempt, words);
}

static int
exempt_remove(struct exempt *exempt, char **words)
{
	if (!names_whom(exempt, words))
		return exempt_misused("remove needs networks, or else --subscriber");
	return exempt_change(exempt, words);
}

/*
 * list.
 */

/* Free text may come from anywhere: it stays one printable line. */
static void
print_escaped(FILE *out, const char *before, const char *bytes)
{
	char buffer[PROBLEM_SIZE];
	struct text text;

	if (bytes[0] == '\0')
		return;
	text_init(&text, buffer, sizeof buffer);
	text_add_escaped(&text, bytes, strlen(bytes));
	fprintf(out, "%s%s", before, text.bytes);
}

static const char *
subject_of(const json_t *row)
{
	return word_of(row, json_object_get(row, "network") != NULL ? "network" : "subscriber");
}

static void
print_row(const struct exempt *exempt, const json_t *row)
{
	if (exempt->options.history)
		fprintf(
		    exempt->out, "%s  %-8s  ", word_of(row, "time"), word_of(row, "change"));
	fprintf(exempt->out, "%-22s  until %s", subject_of(row), word_of(row, "until"));
	print_escaped(exempt->out, "  by ", word_of(row, "by"));
	print_escaped(exempt->out, "  ticket ", word_of(row, "ticket"));
	print_escaped(exempt->out, "  ", word_of(row, "reason"));
	fputc('\n', exempt->out);
}

/* One page. 1: there is more, behind *after; 0: that was all; -1: failed. */
static int
list_page(const struct exempt *exempt, const char *about, json_t **after)
{
	const char *name = exempt->options.history ? "history" : "exemptions";
	json_t *arguments = json_pack("{s:s*, s:b, s:o*, s:i}", "network", about, "history",
	    exempt->options.history, "after", *after, "limit", BATCH);

	*after = NULL;
	if (exempt->options.subscriber != NULL)
		json_object_set_new(
		    arguments, "subscribers", json_pack("[s]", exempt->options.subscriber));
	json_t *answer = exempt_call(exempt, arguments);
	if (answer == NULL)
		return -1;
	const json_t *rows = json_object_get(answer, name), *row = NULL;
	for (size_t i = 0; i < json_array_size(rows); i++) {
		row = json_array_get(rows, i);
		if (!exempt->json)
			print_row(exempt, row);
	}
	int more = row != NULL && json_is_true(json_object_get(answer, "more"));
	if (more)
		*after = exempt->options.history ? json_deep_copy(json_object_get(row, "id"))
						 : json_string(subject_of(row));
	json_decref(answer);
	return more;
}

static int
exempt_list(struct exempt *exempt, char **words)
{
	json_t *after = NULL;
	int more = 1;

	if (*words != NULL && (words[1] != NULL || exempt->options.subscriber != NULL))
		return exempt_misused("list takes one network or subscriber at most");
	while (more == 1)
		more = list_page(exempt, *words, &after);
	json_decref(after);
	return more == 0 ? 0 : 1;
}

/*
 * The command line.
 */

/* 0, or a usage status. */
static int
exempt_parse(int argc, char **argv, struct exempt_options *options)
{
	static const struct option known[] = {
	    {"for", required_argument, NULL, 'f'},
	    {"until", required_argument, NULL, 'u'},
	    {"reason", required_argument, NULL, 'r'},
	    {"ticket", required_argument, NULL, 't'},
	    {"subscriber", required_argument, NULL, 's'},
	    {"force", no_argument, NULL, 'F'},
	    {"history", no_argument, NULL, 'h'},
	    {NULL, 0, NULL, 0},
	};
	int option;

	optind = 0; /* argv is a command line of its own */
	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (option) {
		case 'f':
			if (duration_parse(optarg, &options->for_ms) == -1 ||
			    options->for_ms == 0)
				return exempt_misused("--for needs a duration, such as 7d");
			break;
		case 'u':
			options->until = optarg;
			break;
		case 'r':
			options->reason = optarg;
			break;
		case 't':
			options->ticket = optarg;
			break;
		case 's':
			options->subscriber = optarg;
			break;
		case 'F':
			options->force = true;
			break;
		case 'h':
			options->history = true;
			break;
		default:
			return exempt_misused("there is no such option");
		}
	}
	return 0;
}

int
exempt_run(const char *socket, bool json, int argc, char **argv, FILE *out)
{
	static const struct {
		const char *name, *command;
		int (*run)(struct exempt *exempt, char **words);
	} actions[] = {
	    {"add", "exempt add", exempt_add},
	    {"list", "exempt list", exempt_list},
	    {"remove", "exempt remove", exempt_remove},
	};
	struct exempt exempt = {.socket = socket, .json = json, .out = out};

	if (argc < 2)
		return exempt_misused("needs add, list or remove");
	for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
		if (strcmp(argv[1], actions[i].name) != 0)
			continue;
		exempt.command = actions[i].command;
		int status = exempt_parse(argc - 1, argv + 1, &exempt.options);
		return status != 0 ? status : actions[i].run(&exempt, argv + 1 + optind);
	}
	return exempt_misused("needs add, list or remove");
}

int
exempt_words(const struct ctl_call *call, int argc, char **argv)
{
	return exempt_run(call->socket_path, call->json, argc, argv, stdout);
}
