/*
 * The snapshot's making and end, and where its files are. Made by one thread; who frees it is
 * decided by its reference count (config.c).
 */
#include "config/snapshot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/schema.h"
#include "config/value.h"
#include "policy/networks.h"
#include "policy/signatures.h"

/* The directory of path, with its slash, or "". */
static const char *
path_directory(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? "" : arena_copy(arena, path, (size_t)(slash - path) + 1);
}

/* directory, absolute, with its slash; as it is when it can not be resolved. */
static const char *
directory_resolve(struct arena *arena, const char *directory)
{
	char *absolute = realpath(directory[0] == '\0' ? "." : directory, NULL);

	if (absolute == NULL)
		return directory;
	size_t length = strlen(absolute);
	bool slash = length > 0 && absolute[length - 1] == '/';
	char *whole = NULL;
	if (asprintf(&whole, "%s%s", absolute, slash ? "" : "/") == -1)
		whole = NULL;
	const char *kept = whole == NULL ? directory : arena_copy_string(arena, whole);
	free(whole);
	free(absolute);
	return kept;
}

struct snapshot *
snapshot_new(const char *path)
{
	struct snapshot *snapshot = calloc(1, sizeof *snapshot);
	size_t count;
	const struct schema_key *keys = schema_keys(&count);

	if (snapshot == NULL)
		return NULL;
	atomic_init(&snapshot->references, 1);
	snapshot->path = arena_copy_string(&snapshot->arena, path);
	snapshot->directory = path_directory(&snapshot->arena, path);
	snapshot->root = directory_resolve(&snapshot->arena, snapshot->directory);
	for (size_t i = 0; i < count; i++)
		if (!schema_section_named(keys[i].section))
			value_reset(&keys[i], &snapshot->arena, snapshot);
	return snapshot;
}

void
snapshot_free(struct snapshot *snapshot)
{
	if (snapshot == NULL)
		return;
	for (size_t i = 0; i < snapshot->message_count; i++)
		template_free(snapshot->messages[i].template);
	free(snapshot->messages);
	policy_free(snapshot->policy);
	tls_context_free(snapshot->tls);
	hints_free(snapshot->hints);
	signatures_free(snapshot->signatures);
	networks_free(snapshot->proxies);
	free(snapshot->plans);
	free(snapshot->destinations);
	free(snapshot->phases);
	free(snapshot->outputs);
	free(snapshot->hooks);
	free(snapshot->signature_list);
	arena_fini(&snapshot->arena);
	free(snapshot);
}

const char *
snapshot_display_path(struct snapshot *snapshot, const char *reference)
{
	char *path = NULL;

	if (reference[0] == '/' || snapshot->directory[0] == '\0')
		return arena_copy_string(&snapshot->arena, reference);
	if (asprintf(&path, "%s%s", snapshot->directory, reference) == -1) {
		snapshot->arena.exhausted = true;
		return "";
	}
	const char *kept = arena_copy_string(&snapshot->arena, path);
	free(path);
	return kept;
}
