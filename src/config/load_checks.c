/*
 * Checks of values that are each fine alone. Main thread.
 */
#include <string.h>

#include "base/address.h"
#include "base/text.h"
#include "base/output.h"
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

static struct place
output_place(const struct load *load, const struct config_output *output, const char *key)
{
	return load_place(load, output->header, key, output->line);
}

/* The same file twice would mix lines; and what only a connection uses is no use elsewhere. */
static void
check_output(const struct load *load, const struct config_output *output)
{
	const struct config *config = &load->snapshot->config;
	struct place place = output_place(load, output, "to");
	const struct config_output *other = config->outputs;
	struct output_target target;

	if (output->to == NULL || output_parse(output->to, &target) == -1)
		return; /* already said */
	while (other < output && (other->to == NULL || strcmp(other->to, output->to) != 0))
		other++;
	if (other < output || strcmp(config->events_output, output->to) == 0)
		problems_error(load->problems, &place, "%s already goes there",
		    other < output ? other->header : "[events] output");
	place = output_place(load, output, "ca");
	if (!target.tls &&
	    (output->ca[0] != '\0' || output->certificate[0] != '\0' || output->key[0] != '\0'))
		problems_error(load->problems, &place,
		    "ca, certificate and key are for tcp+tls:// and relp+tls://");
	else if (output->key[0] != '\0' && output->certificate[0] == '\0')
		problems_error(load->problems, &place, "a key needs its certificate");
}

static void
check_outputs(const struct load *load)
{
	const struct config *config = &load->snapshot->config;

	for (size_t i = 0; i < config->output_count; i++) {
		struct place place = output_place(load, &config->outputs[i], "to");

		check_output(load, &config->outputs[i]);
		if (i == CONFIG_OUTPUTS_MAX)
			problems_error(load->problems, &place, "there are more than %d outputs",
			    CONFIG_OUTPUTS_MAX);
	}
}

/* Exactly one of run and url; and only that one's keys. */
static void
check_hook(const struct load *load, const struct config_hook *hook)
{
	struct place place = load_place(load, hook->header, "run", hook->line);
	bool run = hook->run[0] != '\0', url = hook->url[0] != '\0';

	if (run == url)
		problems_error(load->problems, &place,
		    run ? "stands beside url: a hook has one of them"
			: "is required, or url: a section without them has nothing to call");
	place.key = "url";
	if (url && strncasecmp(hook->url, "https://", strlen("https://")) != 0)
		problems_error(load->problems, &place,
		    "must begin with https://: what it is told is nobody else's");
	if (!url && (hook->header_file[0] != '\0' || hook->ca[0] != '\0'))
		problems_error(
		    load->problems, &place, "is required: header and ca are for it alone");
}

static void
check_hooks(const struct load *load)
{
	const struct config *config = &load->snapshot->config;

	for (size_t i = 0; i < config->hook_count; i++)
		check_hook(load, &config->hooks[i]);
	if (config->hook_count > CONFIG_HOOKS_MAX) {
		const struct config_hook *hook = &config->hooks[CONFIG_HOOKS_MAX];
		struct place place = load_place(load, hook->header, "run", hook->line);

		problems_error(
		    load->problems, &place, "there are more than %d hooks", CONFIG_HOOKS_MAX);
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
	place = key_place(load, "reject", "retry_step");
	if (load->snapshot->config.retry_step_ms >= load->snapshot->config.retry_memory_ms)
		problems_warning(load->problems, &place,
		    "is not shorter than retry_memory: a source that comes back is forgotten "
		    "before it gets to the next stage");
}

static void
check_hints(const struct load *load)
{
	const struct config_hints *hints = &load->snapshot->config.hints;
	struct place place = key_place(load, "hints", "recheck");

	if (hints->recheck_ms > hints->age_ms)
		problems_warning(load->problems, &place,
		    "is longer than age: in between, nothing is said of a destination that "
		    "is known");
}

static void
check_offload(const struct load *load)
{
	const struct config *config = &load->snapshot->config;
	struct place place = key_place(load, "relay", "offload");

	if (config->offload == CONFIG_OFFLOAD_NFT &&
	    config->relay_source == CONFIG_RELAY_SOURCE_SERVER)
		problems_error(load->problems, &place,
		    "nft forwards mail from the client's own address, which source = server "
		    "is to hide");
}

static void
check_detail(const struct load *load)
{
	const struct snapshot *snapshot = load->snapshot;
	struct place place = key_place(load, "events", "detail");

	if (snapshot->config.events_detail == CONFIG_DETAIL_ENVELOPE &&
	    snapshot->legal_basis == 0)
		problems_error(load->problems, &place,
		    "envelope records the domains that people write to, which "
		    "telecommunications "
		    "secrecy protects: set i_have_a_legal_basis = yes if there is a law, an "
		    "order "
		    "or a consent that allows it, or use helo");
}

void
load_checks(const struct load *load)
{
	check_listen(load);
	check_outputs(load);
	check_hooks(load);
	check_listeners(load);
	check_times(load);
	check_hints(load);
	check_offload(load);
	check_detail(load);
}
