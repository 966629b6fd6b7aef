/*
 * A question in parts.
 */
#include "ctl/reidentify.h"

#include "base/text.h"
#include "control/client.h"

enum {
	PROBLEM_SIZE = 1024,
};

static const char *
string_of(const json_t *result, const char *key)
{
	return json_string_value(json_object_get(result, key));
}

void
reidentify_print(const json_t *result, FILE *out)
{
	const char *source = string_of(result, "source");

	if (source != NULL)
		fprintf(out, "%s, from %s to %s\n", source, string_of(result, "since"),
		    string_of(result, "until"));
	else
		fprintf(out,
		    "none of the %lld sources that come into question, nor of the %lld of the "
		    "evidence: name the network with --among; or the key, pseudonym_epoch or "
		    "source_prefix6 was another one then\n",
		    (long long)json_integer_value(json_object_get(result, "candidates")),
		    (long long)json_integer_value(json_object_get(result, "stored")));
}

/* Asks for the sources of the evidence, if there is any: no plan need have had their networks.
 * The answer in place of result, when it is one. */
static json_t *
ask_evidence(const struct ctl_call *call, json_t *result)
{
	char buffer[PROBLEM_SIZE];
	struct text problem;

	text_init(&problem, buffer, sizeof buffer);
	json_t *stored = control_call(call->socket_path, "reidentify stored",
	    json_pack("{s:O*, s:O*}", "pseudonym",
		json_object_get(call->arguments, "pseudonym"), "reason",
		json_object_get(call->arguments, "reason")),
	    &problem);
	if (stored == NULL)
		return result;
	if (string_of(stored, "source") == NULL) {
		json_object_set(result, "stored", json_object_get(stored, "tried"));
		json_decref(stored);
		return result;
	}
	json_decref(result);
	return stored;
}

int
reidentify_run(const struct ctl_call *call)
{
	char buffer[PROBLEM_SIZE];
	struct text problem;
	json_t *result;

	text_init(&problem, buffer, sizeof buffer);
	for (;;) {
		result = control_call(call->socket_path, call->command->name,
		    json_incref(call->arguments), &problem);
		json_t *next = json_object_get(result, "next");

		if (!json_is_string(next))
			break;
		json_object_set(call->arguments, "from", next);
		json_decref(result);
	}
	if (result == NULL) {
		fprintf(stderr, "op25bctl: reidentify: %s\n", problem.bytes);
		return 1;
	}
	if (string_of(result, "source") == NULL &&
	    json_object_get(call->arguments, "among") == NULL)
		result = ask_evidence(call, result);
	int status = ctl_print(call, result);
	if (string_of(result, "source") == NULL)
		status = 1;
	json_decref(result);
	return status;
}
