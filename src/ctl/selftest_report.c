/*
 * Every finding in two forms.
 */
#include "ctl/selftest_report.h"

#include <string.h>

#include "control/values.h"

static const char *
family_name(enum address_family family)
{
	return family == ADDRESS_IPV4 ? "IPv4" : "IPv6";
}

static const char *
wanted_name(enum verdict_kind wanted)
{
	return wanted == VERDICT_REJECT ? "refused" : "relayed";
}

void
selftest_report_init(struct selftest_report *report, bool json, FILE *out)
{
	*report = (struct selftest_report){.out = out};
	if (!json)
		return;
	report->trials = json_array();
	report->problems = json_array();
}

void
selftest_report_problem(struct selftest_report *report, const char *what, const char *why)
{
	report->failed = true;
	if (report->problems == NULL)
		fprintf(report->out, "FAIL %s: %s\n", what, why);
	else
		json_array_append_new(
		    report->problems, json_pack("{s:s, s:s}", "what", what, "why", why));
}

/* A server may say anything: a line that is not UTF-8 becomes null. */
static json_t *
talk_lines(const char *talk)
{
	json_t *lines = json_array();

	for (const char *at = talk; *at != '\0';) {
		size_t indent = strspn(at, " "), length = strcspn(at + indent, "\n");
		json_t *line = json_stringn(at + indent, length);

		json_array_append_new(lines, line == NULL ? json_null() : line);
		at += indent + length;
		at += *at == '\n';
	}
	return lines;
}

void
selftest_report_trial(struct selftest_report *report, enum verdict_kind wanted, bool right,
    const struct address *source, const char *talk)
{
	const char *family = family_name((enum address_family)source->family);
	char buffer[ADDRESS_TEXT_SIZE];
	struct text text;

	report->failed |= !right;
	text_init(&text, buffer, sizeof buffer);
	address_format(&text, source);
	if (report->trials == NULL)
		fprintf(report->out, "%-4s %s %s: from %s\n%s", right ? "ok" : "FAIL", family,
		    wanted_name(wanted), text.bytes, talk);
	else
		json_array_append_new(report->trials,
		    json_pack("{s:s, s:s, s:s, s:s, s:o}", "family", family, "wanted",
			wanted_name(wanted), "result", right ? "ok" : "fail", "source",
			text.bytes, "talk", talk_lines(talk)));
}

void
selftest_report_none(
    struct selftest_report *report, enum address_family family, enum verdict_kind wanted)
{
	if (report->trials == NULL)
		fprintf(report->out, "none %s %s: the configuration has no such source now\n",
		    family_name(family), wanted_name(wanted));
	else
		json_array_append_new(
		    report->trials, json_pack("{s:s, s:s, s:s}", "family", family_name(family),
					"wanted", wanted_name(wanted), "result", "none"));
}

void
selftest_report_finish(struct selftest_report *report)
{
	if (report->trials != NULL) {
		json_t *result = json_pack("{s:b, s:o, s:o}", "passed", !report->failed,
		    "trials", report->trials, "problems", report->problems);

		json_dumpf(result, report->out, JSON_COMPACT);
		fputc('\n', report->out);
		json_decref(result);
		report->trials = report->problems = NULL;
	}
	fflush(report->out);
}
