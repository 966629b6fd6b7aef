/*
 * The configuration's front: loading step by step, and the reference count of the result.
 * Loading is the main thread's; a loaded snapshot is constant but for its count, so that any
 * thread may hold, ask and release it.
 */
#include "config/config.h"

#include <stdatomic.h>
#include <unistd.h>

#include "config/dump.h"
#include "config/ini.h"
#include "config/load.h"
#include "config/problems.h"
#include "config/snapshot.h"

enum {
	NODE_SIZE = 65, /* a host name has at most 64 characters */
};

static const struct snapshot *
config_snapshot(const struct config *config)
{
	return (const struct snapshot *)config;
}

/* An empty node is the system's name. */
static void
config_name_node(struct snapshot *snapshot)
{
	char name[NODE_SIZE];

	if (snapshot->config.node[0] != '\0')
		return;
	if (gethostname(name, sizeof name) == -1 || name[0] == '\0')
		snapshot->config.node = "localhost";
	else
		snapshot->config.node = arena_copy_string(&snapshot->arena, name);
}

static void
config_build(struct snapshot *snapshot, struct problems *problems)
{
	struct ini *ini = ini_read(snapshot->path, &snapshot->arena, problems);
	struct load load = {snapshot, ini, problems};

	if (ini == NULL)
		return;
	load_sections(&load);
	load_checks(&load);
	load_messages(&load);
	load_certificate(&load);
	load_hints(&load);
	load_signatures(&load);
	load_subscribers(&load);
	load_policy(&load);
	load_help(&load);
	config_name_node(snapshot);
	ini_free(ini);
}

/* Reports everything that was found; true when the snapshot can be used. */
static bool
config_report_all(const struct snapshot *snapshot, struct problems *problems,
    config_report *report, void *argument)
{
	static const struct config_problem memory = {
	    .warning = false,
	    .text = "out of memory while the configuration was read",
	};
	bool exhausted = snapshot == NULL || snapshot->arena.exhausted || problems->exhausted;

	problems_report(problems, report, argument);
	if (exhausted)
		report(argument, &memory);
	return !exhausted && problems->errors == 0;
}

struct config *
config_load(const char *path, config_report *report, void *argument)
{
	struct problems problems = {0};
	struct snapshot *snapshot = snapshot_new(path);

	if (snapshot != NULL)
		config_build(snapshot, &problems);
	bool good = config_report_all(snapshot, &problems, report, argument);
	problems_fini(&problems);
	if (good)
		return &snapshot->config;
	snapshot_free(snapshot);
	return NULL;
}

struct config *
config_hold(struct config *config)
{
	struct snapshot *snapshot = (struct snapshot *)config;

	atomic_fetch_add_explicit(&snapshot->references, 1, memory_order_relaxed);
	return config;
}

void
config_release(struct config *config)
{
	struct snapshot *snapshot = (struct snapshot *)config;

	if (snapshot == NULL)
		return;
	/* What other threads read of it has been read before it is freed. */
	if (atomic_fetch_sub_explicit(&snapshot->references, 1, memory_order_acq_rel) == 1)
		snapshot_free(snapshot);
}

const char *
config_path(const struct config *config)
{
	return config_snapshot(config)->path;
}

const struct session_terms *
config_terms(const struct config *config, const struct verdict *verdict)
{
	const struct snapshot *snapshot = config_snapshot(config);
	uint16_t index = SNAPSHOT_INHERITED;

	if (verdict->destination != POLICY_NONE)
		index = snapshot->destinations[verdict->destination].message_index;
	if (index == SNAPSHOT_INHERITED && verdict->plan != POLICY_NONE)
		index = snapshot->plans[verdict->plan].message_index;
	if (index == SNAPSHOT_INHERITED && verdict->phase != POLICY_NONE)
		index = snapshot->phases[verdict->phase].message_index;
	return &snapshot->messages[index == SNAPSHOT_INHERITED ? 0 : index].terms;
}

unsigned
config_stage(const struct config *config, const struct verdict *verdict)
{
	const struct snapshot *snapshot = config_snapshot(config);
	unsigned stage = SNAPSHOT_INHERITED;

	if (verdict->destination != POLICY_NONE)
		stage = snapshot->destinations[verdict->destination].stage;
	if (stage == SNAPSHOT_INHERITED && verdict->plan != POLICY_NONE)
		stage = snapshot->plans[verdict->plan].stage;
	return stage == SNAPSHOT_INHERITED ? snapshot->reject.stage : stage;
}

const char *
config_stage_name(unsigned stage)
{
	return stage == CONFIG_STAGE_ADAPTIVE ? "adaptive"
					      : session_stage_name((enum session_stage)stage);
}

size_t
config_output_max(const struct config *config)
{
	const struct snapshot *snapshot = config_snapshot(config);
	size_t most = 0;

	for (size_t i = 0; i < snapshot->message_count; i++) {
		size_t size = session_output_max(&snapshot->messages[i].terms);

		if (size > most)
			most = size;
	}
	return most;
}

void
config_dump(const struct config *config, FILE *out)
{
	dump_write(config_snapshot(config), out);
}

void
config_changed_keys(const struct config *before, const struct config *after,
    void (*changed)(void *argument, const struct config_key_change *change), void *argument)
{
	dump_changed_keys(config_snapshot(before), config_snapshot(after), changed, argument);
}
