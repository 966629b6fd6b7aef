/*
 * Signatures in the order of the file. Owns the compiled patterns.
 */
#include "policy/signatures.h"

#include <stdlib.h>

#include "policy/pattern.h"

struct signatures {
	struct {
		struct signature signature;
		struct pattern *pattern;
	} list[SIGNATURES_MAX];
	size_t count;
};

struct signatures *
signatures_new(void)
{
	return calloc(1, sizeof(struct signatures));
}

void
signatures_free(struct signatures *signatures)
{
	if (signatures == NULL)
		return;
	for (size_t i = 0; i < signatures->count; i++)
		pattern_free(signatures->list[i].pattern);
	free(signatures);
}

int
signatures_add(struct signatures *signatures, struct signature signature, const char *pattern,
    struct text *problem)
{
	if (signatures->count == SIGNATURES_MAX) {
		text_format(problem,
		    "is one signature too many: there can be %d, as every greeting name is "
		    "held against each",
		    SIGNATURES_MAX);
		return -1;
	}
	struct pattern *compiled = pattern_new(pattern, problem);
	if (compiled == NULL)
		return -1;
	signatures->list[signatures->count].signature = signature;
	signatures->list[signatures->count++].pattern = compiled;
	return 0;
}

const struct signature *
signatures_match(const struct signatures *signatures, const char *greeting_name)
{
	struct pattern_room *room = pattern_room_new();
	const struct signature *found = NULL;

	for (size_t i = 0; room != NULL && found == NULL && i < signatures->count; i++)
		if (pattern_match(signatures->list[i].pattern, greeting_name, room) ==
		    PATTERN_MATCHES)
			found = &signatures->list[i].signature;
	pattern_room_free(room);
	return found;
}
