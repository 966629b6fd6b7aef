/*
 * The metrics of hints. Main thread.
 */
#include "daemon/hints_metrics.h"

static const struct exposition_family destinations = {"op25bd_hint_destinations",
    EXPOSITION_GAUGE, "Destinations that are remembered for hints."};
static const struct exposition_family contacts = {"op25bd_hint_contacts_total",
    EXPOSITION_COUNTER,
    "Refusals with a place for a hint, by what was known of the destination then."};
static const struct exposition_family postponed = {"op25bd_hint_postponed_total",
    EXPOSITION_COUNTER, "Destinations not looked up at once because too many waited."};
static const struct exposition_family lookups = {"op25bd_hint_lookups_total",
    EXPOSITION_COUNTER, "Lookups of names and addresses for hints, by whether they failed."};

static void
add_labelled(
    struct exposition *exposition, const char *name, const char *value, uint64_t number)
{
	struct exposition_labels labels = {.list = {{name, value}}, .count = 1};

	exposition_add(exposition, &labels, number);
}

void
hints_metrics(
    struct hint_cache *cache, const struct hint_finder *finder, struct exposition *exposition)
{
	struct hint_cache_totals known = hint_cache_totals(cache);
	struct hint_finder_totals found = hint_finder_totals(finder);

	exposition_begin(exposition, &destinations);
	exposition_add(exposition, NULL, hint_cache_count(cache));
	exposition_begin(exposition, &contacts);
	for (unsigned i = 0; i < HINT_CONTACTS; i++)
		add_labelled(exposition, "knowledge", hint_contact_name((enum hint_contact)i),
		    known.contacts[i]);
	exposition_begin(exposition, &postponed);
	exposition_add(exposition, NULL, known.postponed);
	exposition_begin(exposition, &lookups);
	add_labelled(exposition, "result", "answered", found.lookups - found.failed);
	add_labelled(exposition, "result", "failed", found.failed);
}
