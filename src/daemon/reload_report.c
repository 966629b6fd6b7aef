/*
 * Differences between two snapshots, in words.
 */
#include "daemon/reload_report.h"

#include <limits.h>

#include "base/clock.h"
#include "policy/policy_compare.h"

enum {
	EXAMPLES_MAX = 20,
	LINE_SIZE = 512,
};

/* What the callbacks fill. */
struct report {
	const struct config *before, *after;
	json_t *root; /* owns all others */
	json_t *lists, *changes, *guard, *keys, *restart, *examples;
	uint64_t changed; /* verdicts */
};

static const char *const part_names[] = {
    [POLICY_PART_DEFAULT] = "default",
    [POLICY_PART_EXEMPTIONS] = "exempt",
    [POLICY_PART_PLAN] = "plan",
    [POLICY_PART_DESTINATION] = "destination",
    [POLICY_PART_PHASE] = "phase",
};
_Static_assert(sizeof part_names / sizeof *part_names == POLICY_PARTS, "one name per part");

static void
append(json_t *array, const struct text *line)
{
	json_array_append_new(array, json_string(line->bytes));
}

/* "plan fiber-dynamic" */
static void
add_part(struct text *line, const struct policy_difference *difference)
{
	text_add_string(line, part_names[difference->part]);
	if (difference->name[0] != '\0')
		text_format(line, " %s", difference->name);
}

static void
add_counts(struct text *line, const struct policy_difference *difference)
{
	text_format(line, ": %llu -> %llu networks",
	    (unsigned long long)difference->networks_before,
	    (unsigned long long)difference->networks_after);
}

static void
report_list(struct report *report, const struct policy_difference *difference)
{
	char buffer[LINE_SIZE];
	struct text name;

	text_init(&name, buffer, sizeof buffer);
	add_part(&name, difference);
	json_array_append_new(report->lists,
	    json_pack("{s:s, s:I, s:I}", "list", name.bytes, "before",
		(json_int_t)difference->networks_before, "after",
		(json_int_t)difference->networks_after));
}

/* Exempt sources that are refused, and regulated ones that are not: what a broken export does.
 */
static void
report_guard(struct report *report, const struct policy_difference *difference)
{
	uint64_t before = difference->networks_before, after = difference->networks_after;
	char buffer[LINE_SIZE];
	struct text line;

	if (after >= before || (after > 0 && (before - after) * POLICY_SHARE_WHOLE <=
						 before * report->before->reload_guard))
		return;
	text_init(&line, buffer, sizeof buffer);
	add_part(&line, difference);
	add_counts(&line, difference);
	append(report->guard, &line);
}

static bool
has_list(enum policy_part part)
{
	return part == POLICY_PART_EXEMPTIONS || part == POLICY_PART_PLAN ||
	       part == POLICY_PART_DESTINATION;
}

static void
report_part(void *argument, const struct policy_difference *difference)
{
	struct report *report = argument;
	char buffer[LINE_SIZE];
	struct text line;

	if (has_list(difference->part))
		report_list(report, difference);
	if (difference->part == POLICY_PART_EXEMPTIONS || difference->part == POLICY_PART_PLAN)
		report_guard(report, difference);
	if (difference->was && difference->is && !difference->settings && !difference->networks)
		return;
	text_init(&line, buffer, sizeof buffer);
	add_part(&line, difference);
	if (!difference->was)
		text_add_string(&line, " added");
	else if (!difference->is)
		text_add_string(&line, " removed");
	else
		text_add_string(&line, difference->settings ? " changed" : " has other networks");
	if (has_list(difference->part))
		add_counts(&line, difference);
	append(report->changes, &line);
}

static void
add_verdict(struct text *line, const struct policy *policy, const struct verdict *verdict)
{
	text_format(line, "%s (%s)", verdict_kind_name((enum verdict_kind)verdict->kind),
	    policy_rule_name(policy, verdict));
}

static void
report_verdict(void *argument, const struct policy_change *change)
{
	struct report *report = argument;
	char buffer[LINE_SIZE];
	struct text line;

	if (report->changed++ >= EXAMPLES_MAX)
		return;
	text_init(&line, buffer, sizeof buffer);
	address_format(&line, change->source);
	text_add_string(&line, " to ");
	if (change->destination == NULL)
		text_add_string(&line, "any");
	else
		address_format(&line, change->destination);
	text_add_string(&line, ": ");
	add_verdict(&line, report->before->policy, change->before);
	text_add_string(&line, " -> ");
	add_verdict(&line, report->after->policy, change->after);
	append(report->examples, &line);
}

static void
report_key(void *argument, const struct config_key_change *change)
{
	struct report *report = argument;
	char buffer[LINE_SIZE];
	struct text line;

	text_init(&line, buffer, sizeof buffer);
	text_format(&line, "[%s] %s: %s -> %s", change->section, change->key, change->before,
	    change->after);
	append(change->restart ? report->restart : report->keys, &line);
}

static json_t *
add_array(json_t *object, const char *key)
{
	json_object_set_new(object, key, json_array());
	return json_object_get(object, key);
}

json_t *
reload_report(const struct config *before, const struct config *after)
{
	struct report report = {.before = before, .after = after, .root = json_object()};
	json_t *verdicts = json_object();
	uint64_t asked = 0;

	report.lists = add_array(report.root, "lists");
	report.changes = add_array(report.root, "changes");
	report.keys = add_array(report.root, "keys");
	report.restart = add_array(report.root, "restart");
	report.guard = add_array(report.root, "guard");
	report.examples = add_array(verdicts, "examples");
	json_object_set_new(report.root, "verdicts", verdicts);
	if (policy_compare(before->policy, after->policy, report_part, &report) == -1 ||
	    policy_compare_verdicts(before->policy, after->policy, clock_wall_ms(),
		report_verdict, &report, &asked) == -1 ||
	    report.guard == NULL || report.examples == NULL) {
		json_decref(report.root);
		return NULL;
	}
	config_changed_keys(before, after, report_key, &report);
	json_object_set_new(verdicts, "sampled", json_integer((json_int_t)asked));
	json_object_set_new(verdicts, "changed", json_integer((json_int_t)report.changed));
	return report.root;
}
