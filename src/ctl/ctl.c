/*
 * Options, the configuration, and the table of commands.
 */
#include "ctl/ctl.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "config/config.h"
#include "ctl/doctor.h"
#include "ctl/explain.h"
#include "ctl/firewall.h"
#include "ctl/selftest.h"

static const struct {
	const char *name;
	int (*run)(const struct config *config, int argc, char **argv, FILE *out);
	const char *what;
} commands[] = {
    {"doctor", doctor_run, "what is wrong on this box, and how to mend it"},
    {"explain", explain_run,
	"which rule decides about a connection, and what the subscriber reads"},
    {"firewall", firewall_run, "print, apply, remove or check rules and routing of this box"},
    {"selftest", selftest_run,
	"refuse and relay with this configuration, in a network of its own"},
};

enum {
	CTL_COMMANDS = sizeof commands / sizeof *commands,
};

static int
ctl_usage(FILE *out)
{
	fputs("usage: op25bctl -c FILE COMMAND ...\n"
	      "  -c FILE  the configuration to answer from\n"
	      "  -V       print the version and exit\n"
	      "commands:\n",
	    out);
	for (size_t i = 0; i < CTL_COMMANDS; i++)
		fprintf(out, "  %-8s %s\n", commands[i].name, commands[i].what);
	return out == stdout ? 0 : 2;
}

static void
ctl_print_problem(void *argument, const struct config_problem *problem)
{
	(void)argument;
	fprintf(stderr, "%s\n", problem->text);
}

static int
ctl_run(const char *config_path, int argc, char **argv)
{
	size_t command = 0;

	while (command < CTL_COMMANDS && strcmp(commands[command].name, argv[0]) != 0)
		command++;
	if (command == CTL_COMMANDS) {
		fprintf(stderr, "op25bctl: there is no command %s\n", argv[0]);
		return ctl_usage(stderr);
	}
	struct config *config = config_load(config_path, ctl_print_problem, NULL);
	if (config == NULL)
		return 1;
	int status = commands[command].run(config, argc, argv, stdout);
	config_release(config);
	return fflush(stdout) == 0 ? status : 1;
}

int
ctl_main(int argc, char **argv)
{
	static const struct option options[] = {
	    {"help", no_argument, NULL, 'h'},
	    {"version", no_argument, NULL, 'V'},
	    {NULL, 0, NULL, 0},
	};
	const char *config_path = NULL;
	int option;

	/* "+": options behind the command are the command's. */
	while ((option = getopt_long(argc, argv, "+c:hV", options, NULL)) != -1) {
		switch (option) {
		case 'c':
			config_path = optarg;
			break;
		case 'h':
			return ctl_usage(stdout);
		case 'V':
			printf("op25bctl %s\n", PACKAGE_VERSION);
			return 0;
		default:
			return ctl_usage(stderr);
		}
	}
	if (config_path == NULL || optind == argc)
		return ctl_usage(stderr);
	return ctl_run(config_path, argc - optind, argv + optind);
}
