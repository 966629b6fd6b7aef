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

void
routing_command_rule(enum address_family family, struct text *command)
{
	text_format(command, "ip %s rule add priority %d fwmark %d lookup %d protocol %d",
	    family_option(family), FIREWALL_MARK, FIREWALL_MARK, FIREWALL_MARK,
	    FIREWALL_PROTOCOL);
}

void
routing_command_route(enum address_family family, struct text *command)
{
	text_format(command, "ip %s route replace local default dev lo table %d proto %d",
	    family_option(family), FIREWALL_MARK, FIREWALL_PROTOCOL);
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

int
routing_add(enum address_family family, struct text *why)
{
	char buffer[COMMAND_SIZE];
	struct text command;
	bool rule, route;

	if (routing_look(family, &rule, &route, why) == -1)
		return -1;
	text_init(&command, buffer, sizeof buffer);
	routing_command_route(family, &command);
	if (!route && routing_run(&command, why) == -1)
		return -1;
	text_clear(&command);
	routing_command_rule(family, &command);
	return rule ? 0 : routing_run(&command, why);
}

int
routing_remove(enum address_family family, struct text *why)
{
	char buffer[COMMAND_SIZE];
	struct text command;
	bool rule, route;

	if (routing_look(family, &rule, &route, why) == -1)
		return -1;
	text_init(&command, buffer, sizeof buffer);
	text_format(&command, "ip %s rule del priority %d fwmark %d lookup %d protocol %d",
	    family_option(family), FIREWALL_MARK, FIREWALL_MARK, FIREWALL_MARK,
	    FIREWALL_PROTOCOL);
	if (rule && routing_run(&command, why) == -1)
		return -1;
	text_clear(&command);
	text_format(&command, "ip %s route del local default dev lo table %d proto %d",
	    family_option(family), FIREWALL_MARK, FIREWALL_PROTOCOL);
	return route ? routing_run(&command, why) : 0;
}
