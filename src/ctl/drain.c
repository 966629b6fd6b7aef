/*
 * Short answers.
 */
#include "ctl/drain.h"

void
drain_print(const json_t *result, FILE *out)
{
	fprintf(out,
	    "draining: new connections are turned away; %lld relays are open and have %lld s "
	    "to finish, then the daemon ends\n",
	    (long long)json_integer_value(json_object_get(result, "relays")),
	    (long long)json_integer_value(json_object_get(result, "drain_timeout_ms")) / 1000);
}

void
reopen_print(const json_t *result, FILE *out)
{
	fprintf(out, "%s is opened again; the log says so if it can not be\n",
	    json_string_value(json_object_get(result, "output")));
}

void
upgrade_print(const json_t *result, FILE *out)
{
	fprintf(out, "starting %s; the log says when it serves, or why it does not\n",
	    json_string_value(json_object_get(result, "program")));
}
