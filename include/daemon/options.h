/*
 * The command line of op25bd(8).
 */
#ifndef DAEMON_OPTIONS_H
#define DAEMON_OPTIONS_H

#include "base/attributes.h"

enum options_action {
	OPTIONS_RUN,
	OPTIONS_CHECK,   /* -t */
	OPTIONS_DUMP,    /* -T */
	OPTIONS_VERSION, /* -V */
	OPTIONS_HELP,    /* -h */
	OPTIONS_BAD,     /* an unknown option; a message has been printed */
};

struct options {
	const char *config_path; /* from argv, or the built-in default */
	enum options_action action;
};

struct options options_parse(int argc, char **argv) NONNULL_ALL WUNRES;

/* How to use the program, for -h (on stdout) and after a mistake (on stderr). */
const char *options_usage(void) WUNRES;

#endif
