/*
 * The policy out of the settings: exemptions, plans, classes and phases, each with the line it
 * comes from. Main thread.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/list.h"
#include "config/load.h"
#include "config/words.h"
#include "policy/impact.h"

static struct origin
section_origin(const struct load *load, const struct section_settings *section)
{
	return (struct origin){load->snapshot->path, section->line};
}

static void
section_error(const struct load *load, const struct section_settings *section, int error)
{
	struct place place = load_place(load, section->header, NULL, section->line);

	if (error == ENOSPC)
		problems_error(load->problems, &place,
		    "is one too many: there can be 65,000 sections of a kind");
	else
		problems_error(load->problems, &place, "%s", strerror(error));
}

/* A network that the policy did not take, for a reason that is not the network's. */
static enum list_judgement
network_error(struct text *problem, int error)
{
	text_format(problem, "can not be added: %s", strerror(error));
	return LIST_ERROR;
}

/*
 * Exemptions.
 */

static enum list_judgement
exempt_judge(
    void *argument, const struct network *network, struct origin origin, struct text *problem)
{
	struct snapshot *snapshot = argument;

	if (policy_add_exemption(snapshot->policy, network, origin) == 0)
		return LIST_FINE;
	if (errno != EEXIST)
		return network_error(problem, errno);
	network_format(problem, network);
	text_add_string(problem, " is listed twice");
	return LIST_WARNING;
}

static void
load_exemptions(const struct load *load)
{
	const struct setting *exempt = &load->snapshot->exempt;
	struct place place = load_place(load, "policy", "exempt", exempt->line);
	struct list_reader reader = {
	    load->snapshot, load->problems, &place, exempt_judge, load->snapshot};

	list_networks(&reader, exempt->value);
}

/*
 * Plans and classes of destinations: the same but for the function that adds a network.
 */

struct owner {
	const struct load *load;
	const struct section_settings *section;
	uint16_t index;
	/* The section with this index, of the same kind. */
	const struct section_settings *(*sibling)(
	    const struct snapshot *snapshot, uint16_t index);
	int (*add)(struct policy *policy, uint16_t index, const struct network *network,
	    struct origin origin, uint16_t *other, struct origin *other_origin);
	size_t networks;
};

static const struct section_settings *
plan_section(const struct snapshot *snapshot, uint16_t index)
{
	return &snapshot->plans[index].section;
}

static const struct section_settings *
destination_section(const struct snapshot *snapshot, uint16_t index)
{
	return &snapshot->destinations[index].section;
}

static enum list_judgement
owner_judge(
    void *argument, const struct network *network, struct origin origin, struct text *problem)
{
	struct owner *owner = argument;
	const struct snapshot *snapshot = owner->load->snapshot;
	uint16_t other;
	struct origin place;

	owner->networks++;
	if (owner->add(snapshot->policy, owner->index, network, origin, &other, &place) == 0)
		return LIST_FINE;
	if (errno != EEXIST)
		return network_error(problem, errno);
	network_format(problem, network);
	if (other == owner->index)
		text_format(problem, " is listed twice: it is in %s:%u already", place.file,
		    place.line);
	else
		text_format(problem, " belongs to [%s] already (%s:%u)",
		    owner->sibling(snapshot, other)->header, place.file, place.line);
	return LIST_ERROR;
}

static void
owner_networks(struct owner *owner, const struct setting *networks)
{
	const struct load *load = owner->load;
	struct place place =
	    load_place(load, owner->section->header, "networks", networks->line);
	struct list_reader reader = {
	    load->snapshot, load->problems, &place, owner_judge, owner};
	size_t errors = load->problems->errors;

	list_networks(&reader, networks->value);
	if (owner->networks == 0 && networks->line != 0 && load->problems->errors == errors)
		problems_warning(load->problems, &place, "has no network in it");
}

/* Without networks a plan is that of the subscribers whose source names it. */
static void
plan_networks(const struct load *load, struct owner *owner, const struct setting *networks)
{
	if (networks->value[0] != '\0') {
		owner_networks(owner, networks);
		return;
	}
	if (load->snapshot->config.subscribers.source != CONFIG_SUBSCRIBERS_NONE)
		return;
	struct place place = load_place(load, owner->section->header, "networks",
	    networks->line != 0 ? networks->line : owner->section->line);
	problems_error(load->problems, &place,
	    "is required: a plan is its networks. One that is named by sessions alone needs "
	    "[subscribers] source = file:PATH or radius");
}

static void
load_plans(const struct load *load)
{
	struct snapshot *snapshot = load->snapshot;

	for (size_t i = 0; i < snapshot->plan_count; i++) {
		const struct plan_settings *plan = &snapshot->plans[i];
		int index = policy_add_plan(snapshot->policy, plan->section.name,
		    (enum policy_action)plan->ipv4, (enum policy_action)plan->ipv6,
		    section_origin(load, &plan->section));

		if (index == -1) {
			section_error(load, &plan->section, errno);
			return;
		}
		struct owner owner = {load, &plan->section, (uint16_t)index, plan_section,
		    policy_add_plan_network, 0};
		plan_networks(load, &owner, &plan->networks);
	}
}

static void
load_destinations(const struct load *load)
{
	struct snapshot *snapshot = load->snapshot;

	for (size_t i = 0; i < snapshot->destination_count; i++) {
		const struct destination_settings *class = &snapshot->destinations[i];
		int index = policy_add_destination(snapshot->policy, class->section.name,
		    (enum policy_action) class->verdict, section_origin(load, &class->section));

		if (index == -1) {
			section_error(load, &class->section, errno);
			return;
		}
		struct owner owner = {load, &class->section, (uint16_t)index,
		    destination_section, policy_add_destination_network, 0};
		owner_networks(&owner, &class->networks);
	}
}

/*
 * Phases.
 */

/* The index of the class with this name; POLICY_NONE, and a problem, when there is none. */
static uint16_t
class_find(const struct load *load, const struct place *place, const char *name)
{
	const struct snapshot *snapshot = load->snapshot;
	struct guess guess;

	words_guess(&guess, name);
	for (size_t i = 0; i < snapshot->destination_count; i++) {
		const char *known = snapshot->destinations[i].section.name;

		if (known[0] != '\0' && strcasecmp(known, name) == 0)
			return (uint16_t)i;
		words_offer(&guess, known);
	}
	if (guess.best != NULL && guess.best[0] != '\0')
		problems_error(load->problems, place,
		    "there is no [destination %s]; did you mean \"%s\"?", name, guess.best);
	else
		problems_error(load->problems, place, "there is no [destination %s]", name);
	return POLICY_NONE;
}

/* Reads the list of classes into indices, which has room; returns their number. */
static uint16_t
phase_classes(const struct load *load, const struct phase_settings *phase, uint16_t *indices)
{
	struct place place =
	    load_place(load, phase->section.header, "destinations", phase->destinations.line);
	char buffer[INI_LINE_MAX + 1];
	struct text item;
	uint16_t count = 0;

	if (strcasecmp(phase->destinations.value, "all") == 0)
		return 0;
	text_init(&item, buffer, sizeof buffer);
	for (const char *cursor = phase->destinations.value; list_next(&cursor, &item);) {
		if (strcasecmp(item.bytes, "all") == 0) {
			problems_error(load->problems, &place,
			    "\"all\" stands alone: it is every destination already");
			continue;
		}
		if (item.length == 0) {
			problems_error(
			    load->problems, &place, "has an empty item: a comma too many");
			continue;
		}
		uint16_t index = class_find(load, &place, item.bytes);
		for (uint16_t i = 0; i < count; i++)
			if (indices[i] == index && index != POLICY_NONE)
				problems_error(load->problems, &place, "\"%s\" is listed twice",
				    item.bytes);
		indices[count++] = index;
	}
	return count;
}

static void
load_phases(const struct load *load)
{
	struct snapshot *snapshot = load->snapshot;
	uint16_t indices[INI_LINE_MAX]; /* a line has no more items than characters */

	for (size_t i = 0; i < snapshot->phase_count; i++) {
		const struct phase_settings *settings = &snapshot->phases[i];
		struct policy_phase phase = {
		    .since_ms = settings->since_ms,
		    .destinations = indices,
		    .destination_count = phase_classes(load, settings, indices),
		    .mode = (enum policy_mode)settings->mode,
		    .share = settings->share,
		    .origin = section_origin(load, &settings->section),
		};

		memcpy(phase.name, settings->section.name, strlen(settings->section.name));
		/* A class that does not exist is no index that the policy may be given. */
		if (load->problems->errors == 0 &&
		    policy_add_phase(snapshot->policy, &phase) == -1)
			section_error(load, &settings->section, errno);
	}
}

/* Which class the provider's own mail service is: what it is told, or else a guess. */
static void
load_own_mail(const struct load *load)
{
	struct snapshot *snapshot = load->snapshot;
	const char *name = snapshot->config.own_mail;
	const struct ini_entry *entry = ini_find(load->ini, "policy", "own_mail");
	struct place place =
	    load_place(load, "policy", "own_mail", entry == NULL ? 0 : entry->line);

	snapshot->config.own_mail_class = name[0] == '\0' ? impact_own_mail(snapshot->policy)
							  : class_find(load, &place, name);
}

void
load_policy(const struct load *load)
{
	struct snapshot *snapshot = load->snapshot;

	snapshot->policy = policy_new();
	if (snapshot->policy == NULL) {
		load->problems->exhausted = true;
		return;
	}
	policy_set_default(snapshot->policy, (enum policy_action)snapshot->default_action);
	policy_set_source_prefix6(snapshot->policy, snapshot->config.source_prefix6);
	load_exemptions(load);
	load_plans(load);
	load_destinations(load);
	load_phases(load);
	load_own_mail(load);
	if (load->problems->errors == 0 && policy_seal(snapshot->policy) == -1)
		load->problems->exhausted = true;
	snapshot->config.policy = snapshot->policy;
}
