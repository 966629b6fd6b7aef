/*
 * What would be said, then why, then where that is written.
 */
#include "ctl/hint.h"

#include "control/hint.h"
#include "ctl/local.h"

static const char *
string(const json_t *result, const char *key)
{
	return json_string_value(json_object_get(result, key));
}

void
hint_print(const json_t *result, FILE *out)
{
	const char *hint = string(result, "hint"), *file = string(result, "file");
	const json_t *age = json_object_get(result, "age_ms");

	if (hint != NULL)
		fprintf(out, "%s: \"%s\"\n", string(result, "destination"), hint);
	else
		fprintf(out, "%s: no hint\n", string(result, "destination"));
	fprintf(out, "because %s\n", string(result, "why"));
	if (string(result, "host") != NULL)
		fprintf(out, "host:    %s\n", string(result, "host"));
	if (string(result, "name") != NULL)
		fprintf(out, "name:    %s\n", string(result, "name"));
	if (age != NULL)
		fprintf(out, "age:     %lld s\n", (long long)json_integer_value(age) / 1000);
	if (file == NULL)
		return;
	fprintf(out, "row:     %s:%lld\n", file,
	    (long long)json_integer_value(json_object_get(result, "line")));
	fprintf(out, "pattern: %s\n", string(result, "pattern"));
	fprintf(out, "sure:    %s\n", string(result, "sure"));
}

static json_t *
answer(const struct config *config, const json_t *arguments, struct text *problem)
{
	return hint_answer(config, NULL, arguments, problem);
}

int
hint_run(const struct ctl_call *call)
{
	return local_answer(call, answer);
}
