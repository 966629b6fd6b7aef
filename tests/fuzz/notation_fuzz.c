/*
 * Every notation of the configuration file: what can be read is written and read again to the
 * same value.
 */
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/duration.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool holds)
{
	if (!holds)
		abort();
}

static void
check_addresses(const char *string, struct text *text)
{
	struct network network, network_again;
	struct endpoint endpoint, endpoint_again;

	if (network_parse(string, &network) == 0) {
		text_clear(text);
		network_format(text, &network);
		check(network_parse(text->bytes, &network_again) == 0);
		check(network_equal(&network, &network_again));
		check(network_contains(&network, &network.address));
	}
	if (endpoint_parse(string, &endpoint) == 0) {
		text_clear(text);
		endpoint_format(text, &endpoint);
		check(endpoint_parse(text->bytes, &endpoint_again) == 0);
		check(endpoint_equal(&endpoint, &endpoint_again));
	}
}

static void
check_times(const char *string, struct text *text)
{
	int64_t ms, ms_again;

	if (duration_parse(string, &ms) == 0) {
		text_clear(text);
		duration_format(text, ms);
		check(duration_parse(text->bytes, &ms_again) == 0 && ms == ms_again);
	}
	if (clock_parse(string, &ms) == 0 && ms >= 0) {
		text_clear(text);
		clock_format(text, ms);
		check(clock_parse(text->bytes, &ms_again) == 0 && ms == ms_again);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char buffer[256], *string = strndup((const char *)data, size);
	struct text text;

	if (string == NULL)
		abort();
	text_init(&text, buffer, sizeof buffer);
	check_addresses(string, &text);
	check_times(string, &text);
	text_clear(&text);
	text_add_escaped(&text, (const char *)data, size);
	for (size_t i = 0; i < text.length; i++)
		check(buffer[i] >= 0x20 && buffer[i] < 0x7f);
	free(string);
	return 0;
}
