/*
 * What the help page has to know besides its own keys: whose word is believed about a visitor's
 * address, and where the page is. Main thread.
 */
#include <errno.h>
#include <string.h>

#include "config/list.h"
#include "config/load.h"
#include "policy/networks.h"

static enum list_judgement
proxy_judge(
    void *argument, const struct network *network, struct origin origin, struct text *problem)
{
	struct snapshot *snapshot = argument;
	const struct networks_entry *existing;

	if (networks_add(snapshot->proxies, network, 0, origin, &existing) == 0)
		return LIST_FINE;
	if (errno == EEXIST) {
		network_format(problem, network);
		text_add_string(problem, " is listed twice");
		return LIST_WARNING;
	}
	text_format(problem, "can not be added: %s", strerror(errno));
	return LIST_ERROR;
}

void
load_help(const struct load *load)
{
	struct snapshot *snapshot = load->snapshot;
	const struct setting *proxies = &snapshot->help_proxies;
	struct place place = load_place(load, "help", "trusted_proxies", proxies->line);
	struct list_reader reader = {
	    load->snapshot, load->problems, &place, proxy_judge, snapshot};

	snapshot->config.help.url = snapshot->reject.url;
	snapshot->proxies = networks_new();
	if (snapshot->proxies == NULL) {
		load->problems->exhausted = true;
		return;
	}
	list_networks(&reader, proxies->value);
	load->problems->exhausted |= networks_seal(snapshot->proxies) == -1;
	snapshot->config.help.trusted_proxies = snapshot->proxies;
}
