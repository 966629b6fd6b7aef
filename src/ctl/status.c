/*
 * The status as a page to look at.
 */
#include "ctl/status.h"

static long long
number(const json_t *object, const char *key)
{
	return (long long)json_integer_value(json_object_get(object, key));
}

static const char *
string(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));

	return value == NULL ? "?" : value;
}

/* "3d 4h", "5m 6s": the two units that matter. */
static void
print_span(long long ms, FILE *out)
{
	long long seconds = ms / 1000;

	if (seconds >= 86400)
		fprintf(out, "%lldd %lldh", seconds / 86400, seconds % 86400 / 3600);
	else if (seconds >= 3600)
		fprintf(out, "%lldh %lldm", seconds / 3600, seconds % 3600 / 60);
	else
		fprintf(out, "%lldm %llds", seconds / 60, seconds % 60);
}

static void
print_kinds(const json_t *result, FILE *out)
{
	const json_t *rates = json_object_get(result, "rates");
	json_t *totals = json_object_get(result, "totals");
	const char *kind;
	json_t *total;

	fprintf(out, "%-16s %12s %10s %10s %10s\n", "", "total", "1 s", "10 s", "60 s");
	json_object_foreach(totals, kind, total)
	{
		fprintf(out, "%-16s %12lld", kind, (long long)json_integer_value(total));
		for (size_t i = 0; i < 3; i++) {
			static const char *const spans[] = {"1s", "10s", "60s"};
			const json_t *rate = json_object_get(rates, spans[i]);

			fprintf(
			    out, " %8.1f/s", json_number_value(json_object_get(rate, kind)));
		}
		fputc('\n', out);
	}
}

static void
print_bypass(const json_t *bypass, FILE *out)
{
	if (json_is_true(json_object_get(bypass, "watched")))
		fprintf(out, "packets past op25bd: %lld IPv4, %lld IPv6\n",
		    number(bypass, "ipv4"), number(bypass, "ipv6"));
	else
		fprintf(
		    out, "packets past op25bd: not watched: %s\n", string(bypass, "problem"));
}

static void
print_warnings(const json_t *warnings, FILE *out)
{
	if (json_array_size(warnings) == 0)
		fputs("warnings: none\n", out);
	for (size_t i = 0; i < json_array_size(warnings); i++)
		fprintf(out, "WARNING: %s\n", json_string_value(json_array_get(warnings, i)));
}

static void
print_output(const json_t *output, FILE *out)
{
	fprintf(out, "  %s: %lld written, %lld dropped, %lld write errors\n",
	    string(output, "to"), number(output, "written"), number(output, "dropped"),
	    number(output, "failed"));
}

static void
print_hooks(const json_t *hooks, FILE *out)
{
	for (size_t i = 0; i < json_array_size(hooks); i++) {
		const json_t *hook = json_array_get(hooks, i);

		fprintf(out,
		    "hook %s on %s: %lld calls, %lld failed, %lld dropped, %lld running\n",
		    string(hook, "name"), string(hook, "on"), number(hook, "calls"),
		    number(hook, "failed"), number(hook, "dropped"), number(hook, "running"));
	}
}

void
status_print(const json_t *result, FILE *out)
{
	const json_t *policy = json_object_get(result, "policy");
	const json_t *connections = json_object_get(result, "connections");
	const json_t *events = json_object_get(result, "events");
	const json_t *outputs = json_object_get(events, "outputs");
	const json_t *store = json_object_get(result, "store");

	fprintf(out, "op25bd %s, pid %lld, %s, up ", string(result, "version"),
	    number(result, "pid"), string(result, "state"));
	print_span(number(result, "uptime_ms"), out);
	fprintf(out, ", %lld workers\nconfiguration: %s, policy version %lld, ",
	    number(result, "workers"), string(result, "configuration"),
	    number(policy, "version"));
	print_span(number(policy, "age_ms"), out);
	fprintf(out, " old\nopen: %lld of %lld, %lld relays, %lld refusals\n",
	    number(connections, "open"), number(connections, "max"),
	    number(connections, "relays"), number(connections, "refusals"));
	print_kinds(result, out);
	fprintf(
	    out, "exemptions given at runtime: %lld\n", number(result, "runtime_exemptions"));
	fprintf(out, "events: %lld written to %s, %lld dropped, %lld write errors\n",
	    number(events, "written"),
	    json_array_size(outputs) > 1 ? "all outputs" : string(events, "output"),
	    number(events, "dropped"), number(events, "failed"));
	for (size_t i = 0; json_array_size(outputs) > 1 && i < json_array_size(outputs); i++)
		print_output(json_array_get(outputs, i), out);
	if (json_is_object(store))
		fprintf(out,
		    "evidence: %lld connections in %s, %lld without a row of their own\n",
		    number(store, "stored"), string(store, "file"), number(store, "lost"));
	print_hooks(json_object_get(result, "hooks"), out);
	print_bypass(json_object_get(json_object_get(result, "alarms"), "bypass"), out);
	print_warnings(json_object_get(result, "warnings"), out);
}
