/*
 * From a call to a configuration, and to the command that works from it.
 */
#include "ctl/local.h"

#include <stdio.h>

#include "ctl/doctor.h"
#include "ctl/firewall.h"
#include "ctl/help_page.h"
#include "ctl/selftest.h"

enum {
	PROBLEM_SIZE = 4096,
};

static const char default_config[] = SYSCONFDIR "/op25bd/op25bd.conf";

static void
local_print_problem(void *argument, const struct config_problem *problem)
{
	(void)argument;
	fprintf(stderr, "%s\n", problem->text);
}

static int
local_run(const struct ctl_call *call, int argc, char **argv,
    int (*run)(const struct config *config, bool json, int argc, char **argv, FILE *out))
{
	const char *path = call->config_path == NULL ? default_config : call->config_path;
	struct config *config = config_load(path, local_print_problem, NULL);

	if (config == NULL)
		return 1;
	int status = run(config, call->json, argc, argv, stdout);
	config_release(config);
	return status;
}

int
firewall_words(const struct ctl_call *call, int argc, char **argv)
{
	return local_run(call, argc, argv, firewall_run);
}

int
doctor_words(const struct ctl_call *call, int argc, char **argv)
{
	return local_run(call, argc, argv, doctor_run);
}

int
selftest_words(const struct ctl_call *call, int argc, char **argv)
{
	return local_run(call, argc, argv, selftest_run);
}

int
help_page_words(const struct ctl_call *call, int argc, char **argv)
{
	return local_run(call, argc, argv, help_page_run);
}

int
local_answer(const struct ctl_call *call, local_question *ask)
{
	char buffer[PROBLEM_SIZE];
	struct text problem;

	if (call->config_path == NULL)
		return ctl_ask(call);
	struct config *config = config_load(call->config_path, local_print_problem, NULL);
	if (config == NULL)
		return 1;
	text_init(&problem, buffer, sizeof buffer);
	json_t *result = ask(config, call->arguments, &problem);
	config_release(config);
	if (result == NULL) {
		fprintf(stderr, "op25bctl: %s: %s\n", call->command->name, problem.bytes);
		return 2;
	}
	int status = ctl_print(call, result);
	json_decref(result);
	return status;
}
