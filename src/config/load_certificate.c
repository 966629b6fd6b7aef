/*
 * The certificate that this box speaks TLS with, if it does, and what a client may think of it.
 * Main thread.
 */
#include "base/clock.h"
#include "config/load.h"

enum {
	PROBLEM_SIZE = 1024,
};

static struct place
setting_place(const struct load *load, const char *key, const struct setting *setting)
{
	return load_place(load, "reject", key, setting->line);
}

/* False, and a problem, when it names no file. */
static bool
file_given(const struct load *load, const char *key, const struct setting *setting)
{
	struct place place = setting_place(load, key, setting);

	if (setting->value[0] != '\0')
		return true;
	problems_error(load->problems, &place,
	    "is required: starttls = certificate answers in the name of this box");
	return false;
}

static void
look_at(const struct load *load, const struct place *place)
{
	const struct snapshot *snapshot = load->snapshot;
	char buffer[PROBLEM_SIZE];
	struct text doubt;

	text_init(&doubt, buffer, sizeof buffer);
	if (tls_context_doubt(
		snapshot->tls, snapshot->config.hostname, clock_wall_ms(), &doubt))
		problems_warning(load->problems, place, "%s", doubt.bytes);
}

void
load_certificate(const struct load *load)
{
	struct snapshot *snapshot = load->snapshot;
	const struct reject_settings *reject = &snapshot->reject;
	const struct setting *certificate = &reject->certificate,
			     *key = &reject->certificate_key;
	struct place place = setting_place(load, "certificate", certificate);
	char buffer[PROBLEM_SIZE];
	struct text problem;
	bool key_at_fault;

	if (reject->starttls != REJECT_STARTTLS_CERTIFICATE)
		return;
	bool given = file_given(load, "certificate", certificate);
	if (!file_given(load, "certificate_key", key) || !given)
		return;
	text_init(&problem, buffer, sizeof buffer);
	snapshot->tls = tls_context_new(snapshot_display_path(snapshot, certificate->value),
	    snapshot_display_path(snapshot, key->value), &key_at_fault, &problem);
	snapshot->config.tls = snapshot->tls;
	if (snapshot->tls != NULL) {
		look_at(load, &place);
		return;
	}
	if (key_at_fault)
		place = setting_place(load, "certificate_key", key);
	problems_error(load->problems, &place, "%s", problem.bytes);
}
