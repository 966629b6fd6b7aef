/*
 * Command lines for ip(8), and looking for our lines in what it lists. Main thread of a tool.
 */
#include "control/routing.h"

#include <string.h>

#include "control/firewall.h"
#include "control/program.h"

enum {
	COMMAND_SIZE = 128,
	LISTING_SIZE = 4096,
};

static const char *
family_option(enum address_family family)
{
	return family == ADDRESS_IPV4 ? "-4" : "-6";
}

/* What ip(8) is told to do with our rule, or with our route. */
static void
command_rule(enum address_family family, const char *verb, struct text *command)
{
	text_format(command, "ip %s rule %s priority %d fwmark %d lookup %d protocol %d",
	    family_option(family), verb, FIREWALL_MARK, FIREWALL_MARK, FIREWALL_MARK,
	    FIREWALL_PROTOCOL);
}

static void
command_route(enum address_family family, const char *verb, struct text *command)
{
	text_format(command, "ip %s route %s local default dev lo table %d proto %d",
	    family_option(family), verb, FIREWALL_MARK, FIREWALL_PROTOCOL);
}

void
routing_command_rule(enum address_family family, struct text *command)
{
	command_rule(family, "add", command);
}

void
routing_command_route(enum address_family family, struct text *command)
{
	command_route(family, "replace", command);
}

static int
routing_run(const struct text *command, struct text *why)
{
	char buffer[LISTING_SIZE];
	struct text said;

	text_init(&said, buffer, sizeof buffer);
	if (program_run_words(command->bytes, &said) == 0)
		return 0;
	text_format(
	    why, "%s: %.*s", command->bytes, (int)strcspn(said.bytes, "\n"), said.bytes);
	return -1;
}

/* Whether ip lists a line with all of what our rule (or route) is. */
static bool
routing_listed(const char *listing, const char *const *marks)
{
	for (size_t i = 0; marks[i] != NULL; i++)
		if (strstr(listing, marks[i]) == NULL)
			return false;
	return true;
}

static bool
routing_has_rule(const char *listing)
{
	char mark[32], table[32];

	snprintf(mark, sizeof mark, "fwmark 0x%x ", (unsigned)FIREWALL_MARK);
	snprintf(table, sizeof table, "lookup %d", FIREWALL_MARK);
	return routing_listed(listing, (const char *const[]){mark, table, NULL});
}

/* -N: a name in iproute2's files must not hide the number. Type 2 is "local". */
static bool
routing_has_route(const char *listing)
{
	return routing_listed(listing, (const char *const[]){"2 default", "dev lo", NULL}) ||
	       routing_listed(listing, (const char *const[]){"local default", "dev lo", NULL});
}

int
routing_look(enum address_family family, bool *rule, bool *route, struct text *why)
{
	char command_buffer[COMMAND_SIZE], listing_buffer[LISTING_SIZE];
	struct text command, listing;

	text_init(&command, command_buffer, sizeof command_buffer);
	text_init(&listing, listing_buffer, sizeof listing_buffer);
	text_format(
	    &command, "ip -N %s rule list priority %d", family_option(family), FIREWALL_MARK);
	if (program_run_words(command.bytes, &listing) != 0) {
		text_format(why, "%s: %s", command.bytes, listing.bytes);
		return -1;
	}
	*rule = routing_has_rule(listing.bytes);
	text_clear(&command);
	text_clear(&listing);
	/* Fails when no route was ever put into the table: then there is none. */
	text_format(
	    &command, "ip -N %s route list table %d", family_option(family), FIREWALL_MARK);
	*route =
	    program_run_words(command.bytes, &listing) == 0 && routing_has_route(listing.bytes);
	return 0;
}

/* Of a change; left out when the rule, or the route, is as it should be already. */
struct step {
	void (*command)(enum address_family family, const char *verb, struct text *command);
	const char *verb;
	bool needed;
};

static int
routing_take_steps(
    enum address_family family, const struct step *steps, size_t count, struct text *why)
{
	char buffer[COMMAND_SIZE];
	struct text command;

	for (size_t i = 0; i < count; i++) {
		text_init(&command, buffer, sizeof buffer);
		steps[i].command(family, steps[i].verb, &command);
		if (steps[i].needed && routing_run(&command, why) == -1)
			return -1;
	}
	return 0;
}

/* The route is there before the rule, and after it: a marked packet is never without one. */
static int
routing_change(enum address_family family, bool add, struct text *why)
{
	bool rule, route;

	if (routing_look(family, &rule, &route, why) == -1)
		return -1;
	const struct step adding[] = {
	    {command_route, "replace", !route}, {command_rule, "add", !rule}};
	const struct step removing[] = {
	    {command_rule, "del", rule}, {command_route, "del", route}};
	return routing_take_steps(family, add ? adding : removing, 2, why);
}

int
routing_add(enum address_family family, struct text *why)
{
	return routing_change(family, true, why);
}

int
routing_remove(enum address_family family, struct text *why)
{
	return routing_change(family, false, why);
}
