/*
 * From the base's own formatters to JSON.
 */
#include "control/values.h"

#include "base/clock.h"
#include "base/text.h"

enum {
	NETWORK_SIZE = ADDRESS_TEXT_SIZE + 4, /* "/128" */
	TIME_SIZE = 32,
};

json_t *
values_address(const struct address *address)
{
	char buffer[ADDRESS_TEXT_SIZE];
	struct text text;

	text_init(&text, buffer, sizeof buffer);
	address_format(&text, address);
	return json_string(text.bytes);
}

json_t *
values_network(const struct network *network)
{
	char buffer[NETWORK_SIZE];
	struct text text;

	text_init(&text, buffer, sizeof buffer);
	network_format(&text, network);
	return json_string(text.bytes);
}

json_t *
values_time(int64_t wall_ms)
{
	char buffer[TIME_SIZE];
	struct text text;

	text_init(&text, buffer, sizeof buffer);
	clock_format(&text, wall_ms);
	return json_string(text.bytes);
}
