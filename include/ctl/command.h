/*
 * What a command of op25bctl is: a row that says what it is called, what it takes and how its
 * answer looks. From that row come the parsing of its command line, its help, and its request.
 */
#ifndef CTL_COMMAND_H
#define CTL_COMMAND_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/attributes.h"

enum ctl_parameter_kind {
	CTL_NEEDED,   /* SOURCE */
	CTL_OPTIONAL, /* [DESTINATION] */
	CTL_OPTION,   /* --at TIME */
	CTL_FLAG,     /* --force */
};

struct ctl_parameter {
	const char
	    *name; /* in the request; "_" is "-" on the command line; NULL ends the list */
	const char
	    *value; /* what stands for it in the help, such as "SOURCE"; NULL for flags */
	enum ctl_parameter_kind kind;
	const char *what; /* one line of help */
};

/* One call of op25bctl. */
struct ctl_call {
	const struct ctl_command *command;
	const char *socket_path;
	const char *config_path; /* NULL: ask the daemon */
	bool json;
	json_t *arguments; /* by the parameters' names: strings, or true */
};

struct ctl_command {
	const char *name;                       /* one or two words */
	const char *what;                       /* one line of help */
	const struct ctl_parameter *parameters; /* NULL: none */
	/*
	 * Does it and returns the exit status. NULL: ask the daemon by this name, with the
	 * arguments, and print its result.
	 */
	int (*run)(const struct ctl_call *call);
	/* Or, in place of parameters, run and print: takes the words itself, argv[0] its name.
	 * --json is in call->json, and no longer among them. */
	int (*run_words)(const struct ctl_call *call, int argc, char **argv);
	const char *usage; /* of run_words: its help; NULL: the one that ctl_help() makes */
	void (*print)(const json_t *result, FILE *out); /* for people */
	bool from_file; /* can answer from a configuration alone (-c) */
};

/* The table, ended by a row without a name. */
const struct ctl_command *ctl_commands(void) WUNRES;

/*
 * The command that the first one or two of argc words name, and in *words how many they were;
 * NULL when there is none.
 */
const struct ctl_command *ctl_command_find(
    int argc, char **argv, int *words) NONNULL_ALL WUNRES;

/*
 * Takes call->arguments from the words behind the command's name, and --json with them. 0; -1
 * after saying on stderr what is wrong; 1 when help was asked for and printed.
 */
int ctl_parse(struct ctl_call *call, int argc, char **argv) NONNULL_ALL WUNRES;

/* "usage: op25bctl explain SOURCE ..." and a line for each parameter. */
void ctl_help(const struct ctl_command *command, FILE *out) NONNULL_ALL;

/* Asks the daemon and prints its result. Returns the exit status. */
int ctl_ask(const struct ctl_call *call) NONNULL_ALL WUNRES;

/* Prints a result as the call wants it. Returns the exit status. */
int ctl_print(const struct ctl_call *call, const json_t *result) NONNULL_ALL WUNRES;

#endif
