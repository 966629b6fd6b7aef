/*
 * What op25bctl status and the metrics say of the hooks.
 */
#include <string.h>

#include "daemon/hooks.h"
#include "daemon/hooks_state.h"

json_t *
hooks_status(const struct hooks *hooks)
{
	json_t *list = json_array();

	for (size_t i = 0; i < hooks->count; i++) {
		const struct hook *hook = &hooks->list[i];

		json_array_append_new(
		    list, json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:s}", "name",
			      hook->settings->name, "on", hook_on(hook), "run",
			      hook_target(hook), "running", (json_int_t)hook->running, "calls",
			      (json_int_t)hook->calls, "failed", (json_int_t)hook->failed,
			      "dropped", (json_int_t)hook->dropped, "problem", hook->problem));
	}
	return list;
}

void
hooks_warning(const struct hooks *hooks, struct text *line)
{
	for (size_t i = 0; i < hooks->count; i++)
		if (hooks->list[i].problem[0] != '\0')
			text_format(line, "%s[hook %s] %s %s", line->length > 0 ? "; " : "",
			    hooks->list[i].settings->name, hook_target(&hooks->list[i]),
			    hooks->list[i].problem);
}

static const struct {
	struct exposition_family family;
	size_t offset;
} metrics[] = {
    {{"op25bd_hook_calls_total", EXPOSITION_COUNTER, "Programs of hooks that were called."},
	offsetof(struct hook, calls)},
    {{"op25bd_hook_failures_total", EXPOSITION_COUNTER,
	 "Of these, could not be started, failed, or were killed for their time."},
	offsetof(struct hook, failed)},
    {{"op25bd_hook_dropped_total", EXPOSITION_COUNTER,
	 "Calls for which there was no room behind those that wait."},
	offsetof(struct hook, dropped)},
};

void
hooks_metrics(const struct hooks *hooks, struct exposition *exposition)
{
	for (size_t m = 0; hooks->count > 0 && m < sizeof metrics / sizeof *metrics; m++) {
		exposition_begin(exposition, &metrics[m].family);
		for (size_t i = 0; i < hooks->count; i++) {
			struct exposition_labels labels = {
			    .list = {{"hook", hooks->list[i].settings->name}}, .count = 1};
			uint64_t value;

			memcpy(&value, (const char *)&hooks->list[i] + metrics[m].offset,
			    sizeof value);
			exposition_add(exposition, &labels, value);
		}
	}
}
