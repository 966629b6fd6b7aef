/*
 * The report of a reload, the short things first.
 */
#include "ctl/reload.h"

#include <stdbool.h>

static void
print_strings(const json_t *array, const char *title, FILE *out)
{
	if (json_array_size(array) > 0)
		fprintf(out, "%s\n", title);
	for (size_t i = 0; i < json_array_size(array); i++)
		fprintf(out, "  %s\n", json_string_value(json_array_get(array, i)));
}

static void
print_lists(const json_t *lists, FILE *out)
{
	fputs("networks:\n", out);
	for (size_t i = 0; i < json_array_size(lists); i++) {
		const json_t *list = json_array_get(lists, i);

		fprintf(out, "  %-40s %10lld -> %lld\n",
		    json_string_value(json_object_get(list, "list")),
		    (long long)json_integer_value(json_object_get(list, "before")),
		    (long long)json_integer_value(json_object_get(list, "after")));
	}
}

void
reload_print(const json_t *result, FILE *out)
{
	const json_t *verdicts = json_object_get(result, "verdicts");
	const json_t *examples = json_object_get(verdicts, "examples");
	long long changed = json_integer_value(json_object_get(verdicts, "changed"));
	bool dry_run = json_is_true(json_object_get(result, "dry_run"));

	print_lists(json_object_get(result, "lists"), out);
	print_strings(json_object_get(result, "changes"), "policy:", out);
	print_strings(json_object_get(result, "keys"), "other keys:", out);
	print_strings(json_object_get(result, "restart"), "only after a restart:", out);
	fprintf(out, "verdicts: %lld of %lld sampled change%s\n", changed,
	    (long long)json_integer_value(json_object_get(verdicts, "sampled")),
	    changed == 0 ? "" : ":");
	print_strings(examples, "  (source to destination: before -> after)", out);
	if ((size_t)changed > json_array_size(examples))
		fprintf(
		    out, "  and %lld more\n", changed - (long long)json_array_size(examples));
	if (dry_run)
		print_strings(json_object_get(result, "guard"),
		    "shrunk by more than reload_guard, a reload needs --force:", out);
	fprintf(out,
	    dry_run ? "nothing was changed: policy version %lld stays in force\n"
		    : "policy version %lld is in force\n",
	    (long long)json_integer_value(json_object_get(result, "policy_version")));
}
