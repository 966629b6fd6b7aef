/*
 * Options, and the command they lead to.
 */
#include "ctl/ctl.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "config/words.h"
#include "ctl/command.h"

static const char default_socket[] = "/run/op25bd/control.sock";

static int
ctl_usage(FILE *out)
{
	fputs("usage: op25bctl [-s SOCKET | -c FILE] [--json] COMMAND ...\n"
	      "  -s SOCKET  where the daemon listens (default /run/op25bd/control.sock)\n"
	      "  -c FILE    answer from this configuration instead\n"
	      "  --json     print JSON\n"
	      "  -V         print the version and exit\n"
	      "  -h         print this, or behind a command (--help) how that is used\n"
	      "commands:\n",
	    out);
	for (const struct ctl_command *command = ctl_commands(); command->name != NULL;
	     command++)
		fprintf(out, "  %-14s %s\n", command->name, command->what);
	return out == stdout ? 0 : 2;
}

static int
ctl_unknown(const char *word)
{
	struct guess guess;

	words_guess(&guess, word);
	for (const struct ctl_command *command = ctl_commands(); command->name != NULL;
	     command++)
		words_offer(&guess, command->name);
	fprintf(stderr, "op25bctl: there is no command %s", word);
	if (guess.best != NULL)
		fprintf(stderr, "; did you mean %s?", guess.best);
	fputc('\n', stderr);
	return ctl_usage(stderr);
}

static int
ctl_flush(int status)
{
	if (fflush(stdout) == 0)
		return status;
	perror("op25bctl: standard output");
	return 1;
}

static bool
ctl_wants_help(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--help") == 0)
			return true;
	return false;
}

/* Takes --json out of the words of a command that reads them itself. Returns how many are left.
 */
static int
ctl_take_json(struct ctl_call *call, int argc, char **argv)
{
	int left = 0;

	for (int i = 0; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0)
			call->json = true;
		else
			argv[left++] = argv[i];
	}
	argv[left] = NULL;
	return left;
}

static int
ctl_run(struct ctl_call *call, int argc, char **argv)
{
	int words;

	call->command = ctl_command_find(argc, argv, &words);
	if (call->command == NULL)
		return ctl_unknown(argv[0]);
	if (call->config_path != NULL && !call->command->from_file) {
		fprintf(stderr,
		    "op25bctl: %s: asks the running daemon: -c FILE says nothing about that\n",
		    call->command->name);
		return 2;
	}
	if (call->command->run_words != NULL && ctl_wants_help(argc, argv)) {
		ctl_help(call->command, stdout);
		return ctl_flush(0);
	}
	if (call->command->run_words != NULL) {
		argc = ctl_take_json(call, argc, argv);
		return ctl_flush(call->command->run_words(call, argc, argv));
	}
	call->arguments = json_object();
	int parsed = ctl_parse(call, argc - words, argv + words);
	int status = parsed == -1 ? 2 : 0;
	if (parsed == 0)
		status = call->command->run != NULL ? call->command->run(call) : ctl_ask(call);
	json_decref(call->arguments);
	return ctl_flush(status);
}

int
ctl_main(int argc, char **argv)
{
	static const struct option options[] = {
	    {"help", no_argument, NULL, 'h'},
	    {"json", no_argument, NULL, 'j'},
	    {"version", no_argument, NULL, 'V'},
	    {NULL, 0, NULL, 0},
	};
	struct ctl_call call = {.socket_path = default_socket};
	bool socket = false;
	int option;

	/* "+": options behind the command are the command's. */
	while ((option = getopt_long(argc, argv, "+c:s:hV", options, NULL)) != -1) {
		switch (option) {
		case 'c':
			call.config_path = optarg;
			break;
		case 's':
			call.socket_path = optarg;
			socket = true;
			break;
		case 'j':
			call.json = true;
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
	if (socket && call.config_path != NULL)
		fputs("op25bctl: -s and -c: ask the daemon, or the file?\n", stderr);
	if ((socket && call.config_path != NULL) || optind == argc)
		return ctl_usage(stderr);
	return ctl_run(&call, argc - optind, argv + optind);
}
