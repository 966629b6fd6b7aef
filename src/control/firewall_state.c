/*
 * Order matters: routing before rules, since a marked packet without a route to the box is
 * forwarded past the daemon; and rules away before routing, for the same reason.
 */
#include "control/firewall_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/compare.h"
#include "control/routing.h"
#include "control/ruleset.h"

char *
firewall_rules(const struct firewall *firewall, const struct config *config)
{
	char *rules = NULL;
	size_t size;
	FILE *out = open_memstream(&rules, &size);
	int result;

	if (out == NULL)
		return NULL;
	result = firewall_print_rules(firewall, config, out);
	if (fclose(out) == 0 && result == 0)
		return rules;
	free(rules);
	errno = ENOMEM;
	return NULL;
}

int
firewall_apply(const struct firewall *firewall, const struct config *config, struct text *why)
{
	char *rules = firewall_rules(firewall, config);
	int result = 0;

	if (rules == NULL) {
		text_add_string(why, strerror(errno));
		return -1;
	}
	for (int family = 0; family < ADDRESS_FAMILIES && result == 0; family++)
		result = routing_add((enum address_family)family, why);
	if (result == 0)
		result = ruleset_load(rules, why);
	free(rules);
	return result;
}

int
firewall_remove(struct text *why)
{
	int result = ruleset_remove(why);

	for (int family = 0; family < ADDRESS_FAMILIES && result == 0; family++)
		result = routing_remove((enum address_family)family, why);
	return result;
}

int
firewall_loaded(struct firewall *firewall, struct text *why)
{
	char *listing = ruleset_list(why);

	if (listing == NULL)
		return -1;
	unsigned count = firewall_recognize(firewall, listing);
	free(listing);
	return (int)count;
}

struct difference_sink {
	void (*differs)(void *argument, const char *sentence);
	void *argument;
	int count;
};

static void
sink_add(struct difference_sink *sink, const char *what, const struct text *command)
{
	char buffer[256];
	struct text sentence;

	text_init(&sentence, buffer, sizeof buffer);
	text_format(&sentence, "missing %s: %s", what, command->bytes);
	sink->differs(sink->argument, sentence.bytes);
	sink->count++;
}

static int
check_routing(struct difference_sink *sink, enum address_family family, struct text *why)
{
	char buffer[128];
	struct text command;
	bool rule, route;

	if (routing_look(family, &rule, &route, why) == -1)
		return -1;
	text_init(&command, buffer, sizeof buffer);
	routing_command_rule(family, &command);
	if (!rule)
		sink_add(sink, "routing rule", &command);
	text_clear(&command);
	routing_command_route(family, &command);
	if (!route)
		sink_add(sink, "route", &command);
	return 0;
}

/* Adds to sink->count. 0, or -1 with the reason in why. */
static int
check_listings(struct difference_sink *sink, const char *rules, struct text *why)
{
	char *wanted = NULL, *loaded = ruleset_list(why);
	int differences = -1;

	if (loaded != NULL && *loaded == '\0') {
		sink->differs(sink->argument, "missing: table inet op25b, with all rules");
		differences = 1;
		goto out;
	}
	wanted = loaded == NULL ? NULL : ruleset_preview(rules, why);
	if (wanted == NULL)
		goto out;
	differences = compare_listings(wanted, loaded, sink->differs, sink->argument);
	if (differences == -1)
		text_add_string(why, strerror(errno));
out:
	free(wanted);
	free(loaded);
	if (differences == -1)
		return -1;
	sink->count += differences;
	return 0;
}

int
firewall_check(const struct firewall *firewall, const struct config *config,
    void (*differs)(void *argument, const char *sentence), void *argument, struct text *why)
{
	struct difference_sink sink = {.differs = differs, .argument = argument};
	char *rules = firewall_rules(firewall, config);
	int result;

	if (rules == NULL) {
		text_add_string(why, strerror(errno));
		return -1;
	}
	result = check_listings(&sink, rules, why);
	for (int family = 0; family < ADDRESS_FAMILIES && result == 0; family++)
		result = check_routing(&sink, (enum address_family)family, why);
	free(rules);
	return result == 0 ? sink.count : -1;
}
