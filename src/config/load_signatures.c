/*
 * [signature NAME] into what greeting names are held against. Main thread.
 */
#include "config/load.h"
#include "policy/signatures.h"

static void
load_signature(const struct load *load, const struct config_signature *from)
{
	const struct ini_entry *entry = ini_find(load->ini, from->header, "pattern");
	struct place place =
	    load_place(load, from->header, "pattern", entry == NULL ? from->line : entry->line);
	const struct signature signature = {from->name, (enum client_class)from->client};
	char buffer[512];
	struct text problem;

	if (from->pattern == NULL || from->pattern[0] == '\0')
		return; /* already said */
	text_init(&problem, buffer, sizeof buffer);
	if (signatures_add(load->snapshot->signatures, signature, from->pattern, &problem) ==
	    -1)
		problems_error(load->problems, &place, "%s", problem.bytes);
}

void
load_signatures(const struct load *load)
{
	struct snapshot *snapshot = load->snapshot;
	const struct config *config = &snapshot->config;

	if (config->signature_count == 0)
		return;
	snapshot->signatures = signatures_new();
	if (snapshot->signatures == NULL) {
		load->problems->exhausted = true;
		return;
	}
	for (size_t i = 0; i < config->signature_count; i++)
		load_signature(load, &config->signature_list[i]);
	snapshot->config.signatures = snapshot->signatures;
}
