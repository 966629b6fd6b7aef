/*
 * The chain of rules line by line, and the reply as the subscriber would see it.
 */
#include "ctl/explain.h"

#include "config/config.h"
#include "control/explain.h"

enum {
	PROBLEM_SIZE = 4096,
};

void
explain_print(const json_t *result, FILE *out)
{
	const json_t *chain = json_object_get(result, "chain");
	const char *reply = json_string_value(json_object_get(result, "reply"));

	for (size_t i = 0; i < json_array_size(chain); i++)
		fprintf(out, "%s\n", json_string_value(json_array_get(chain, i)));
	if (reply == NULL)
		return;
	const char *stage = json_string_value(json_object_get(result, "stage"));
	const char *next = json_string_value(json_object_get(result, "next_stage"));

	fprintf(out,
	    "\nThe subscriber reads, at stage %s%s%s (with a reference code of its own):\n%s",
	    stage, next == NULL ? "" : ", which for this source is now ",
	    next == NULL ? "" : next, reply);
}

static void
print_problem(void *argument, const struct config_problem *problem)
{
	(void)argument;
	fprintf(stderr, "%s\n", problem->text);
}

int
explain_run(const struct ctl_call *call)
{
	char buffer[PROBLEM_SIZE];
	struct text problem;

	if (call->config_path == NULL)
		return ctl_ask(call);
	struct config *config = config_load(call->config_path, print_problem, NULL);
	if (config == NULL)
		return 1;
	text_init(&problem, buffer, sizeof buffer);
	json_t *result = explain_answer(config, NULL, NULL, call->arguments, &problem);
	config_release(config);
	if (result == NULL) {
		fprintf(stderr, "op25bctl: explain: %s\n", problem.bytes);
		return 2;
	}
	int status = ctl_print(call, result);
	json_decref(result);
	return status;
}
