/*
 * Checks of values that are each fine alone. Main thread.
 */
#include <string.h>

#include "base/address.h"
#include "base/text.h"
#include "config/load.h"

static struct place
key_place(const struct load *load, const char *section, const char *key)
{
	const struct ini_entry *entry = ini_find(load->ini, section, key);

	return load_place(load, section, key, entry == NULL ? 0 : entry->line);
}

static bool
loopback(const struct address *address)
{
	static const uint8_t loopback6[16] = {[15] = 1};

	if (address->family == ADDRESS_IPV4)
		return address->octets[0] == 127;
	return memcmp(address->octets, loopback6, sizeof loopback6) == 0;
}

static void
check_listen(const struct load *load)
{
	const struct config_endpoints *listen = &load->snapshot->config.listen;
	struct place place = key_place(load, "server", "listen");
	char buffer[64];
	struct text endpoint;

	text_init(&endpoint, buffer, sizeof buffer);
	for (unsigned i = 0; i < listen->count; i++) {
		if (loopback(&listen->list[i].address))
			continue;
		text_clear(&endpoint);
		endpoint_format(&endpoint, &listen->list[i]);
		problems_warning(load->problems, &place,
		    "%s is not a loopback address: with the usual nftables rule \"socket "
		    "transparent 1\" such a listener also takes subscribers' connections to "
		    "its port on any host; use 127.0.0.1 and [::1], which tproxy reaches too",
		    endpoint.bytes);
	}
}

/* No address can be listened on twice. */
static void
check_clash(const struct load *load, const char *section,
    const struct config_endpoints *endpoints, const struct config_endpoints *others,
    const char *other_section)
{
	struct place place = key_place(load, section, "listen");

	for (unsigned i = 0; i < endpoints->count; i++)
		for (unsigned j = 0; j < others->count; j++)
			if (endpoint_equal(&endpoints->list[i], &others->list[j]))
				problems_error(load->problems, &place,
				    "is also an address of [%s] listen", other_section);
}

static void
check_listeners(const struct load *load)
{
	const struct config *config = &load->snapshot->config;

	check_clash(load, "http", &config->http_listen, &config->listen, "server");
	check_clash(load, "help", &config->help.listen, &config->listen, "server");
	check_clash(load, "help", &config->help.listen, &config->http_listen, "http");
}

static void
check_times(const struct load *load)
{
	const struct reject_settings *reject = &load->snapshot->reject;
	struct place place = key_place(load, "reject", "quit_wait");

	if (reject->quit_wait_ms > reject->session_limit_ms)
		problems_warning(load->problems, &place,
		    "is longer than session_limit, which ends the session first");
}

void
load_checks(const struct load *load)
{
	check_listen(load);
	check_listeners(load);
	check_times(load);
}
