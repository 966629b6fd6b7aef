/*
 * Command line parsing.
 */
#include "daemon/options.h"

#include <stdio.h>
#include <unistd.h>

#ifndef SYSCONFDIR
#define SYSCONFDIR "/etc"
#endif

static const char default_path[] = SYSCONFDIR "/op25bd/op25bd.conf";

struct options
options_parse(int argc, char **argv)
{
	struct options options = {.config_path = default_path, .action = OPTIONS_RUN};
	int option;

	while ((option = getopt(argc, argv, "c:tTVh")) != -1) {
		switch (option) {
		case 'c':
			options.config_path = optarg;
			break;
		case 't':
			options.action = OPTIONS_CHECK;
			break;
		case 'T':
			options.action = OPTIONS_DUMP;
			break;
		case 'V':
			options.action = OPTIONS_VERSION;
			break;
		case 'h':
			options.action = OPTIONS_HELP;
			break;
		default:
			options.action = OPTIONS_BAD;
			return options;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "%s: unexpected argument: %s\n", argv[0], argv[optind]);
		options.action = OPTIONS_BAD;
	}
	return options;
}

const char *
options_usage(void)
{
	return "usage: op25bd [-c FILE] [-t | -T | -V | -h]\n"
	       "  -c FILE  configuration (default " SYSCONFDIR "/op25bd/op25bd.conf)\n"
	       "  -t       check the configuration, print every problem, and exit\n"
	       "  -T       print the effective configuration and exit\n"
	       "  -V       print the version and exit\n"
	       "  -h       print this and exit\n";
}
