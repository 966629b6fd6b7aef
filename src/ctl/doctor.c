/*
 * The checks are in control/doctor*.c.
 */
#include "ctl/doctor.h"

#include <jansson.h>

#include "control/doctor.h"

static void
print_finding(void *argument, enum doctor_level level, const char *check, const char *text)
{
	const char *word = level == DOCTOR_FAIL ? "FAIL" : doctor_level_name(level);

	fprintf(argument, "%-4s %-12s %s\n", word, check, text);
}

static void
add_finding(void *argument, enum doctor_level level, const char *check, const char *text)
{
	json_t *string = json_string(text);

	if (string == NULL) /* a path in it is not UTF-8 */
		string = json_string("cannot be said in JSON: ask without --json");
	json_array_append_new(
	    argument, json_pack("{s:s, s:s, s:o}", "level", doctor_level_name(level), "check",
			  check, "text", string));
}

static enum doctor_level
examine_as_json(const struct config *config, FILE *out)
{
	json_t *findings = json_array();
	enum doctor_level worst = doctor_examine(config, add_finding, findings);
	json_t *result =
	    json_pack("{s:s, s:o}", "worst", doctor_level_name(worst), "findings", findings);

	json_dumpf(result, out, JSON_COMPACT);
	fputc('\n', out);
	json_decref(result);
	return worst;
}

int
doctor_run(const struct config *config, bool json, int argc, char **argv, FILE *out)
{
	if (argc > 1) {
		fprintf(stderr,
		    "op25bctl: doctor: takes no arguments: %s\nusage: op25bctl -c FILE "
		    "doctor [--json]\n",
		    argv[1]);
		return 2;
	}
	enum doctor_level worst =
	    json ? examine_as_json(config, out) : doctor_examine(config, print_finding, out);
	return worst == DOCTOR_FAIL ? 1 : 0;
}
