/*
 * A compiled pattern with its limits. Immutable, and so shared between threads.
 */
#include "policy/pattern.h"

#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum {
	/* A sane pattern needs a few hundred steps on a name of 253 octets. */
	MATCH_LIMIT = 10000,
	DEPTH_LIMIT = 250,
	HEAP_LIMIT_KIB = 256,
	NEST_LIMIT = 20,
};

struct pattern {
	pcre2_code *code;
	pcre2_match_context *limits;
};

void
pattern_free(struct pattern *pattern)
{
	if (pattern == NULL)
		return;
	pcre2_code_free(pattern->code);
	pcre2_match_context_free(pattern->limits);
	free(pattern);
}

static pcre2_code *
compile(const char *pattern, struct text *problem)
{
	/* Names are ASCII. \C would step into the middle of nothing; the end is the end. */
	const uint32_t options = PCRE2_CASELESS | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_UTF |
				 PCRE2_NEVER_UCP | PCRE2_NEVER_BACKSLASH_C;
	pcre2_compile_context *bounds = pcre2_compile_context_create(NULL);
	PCRE2_UCHAR words[256];
	PCRE2_SIZE at;
	int error;

	if (bounds == NULL) {
		text_add_string(problem, "out of memory");
		return NULL;
	}
	pcre2_set_max_pattern_length(bounds, PATTERN_MAX);
	pcre2_set_parens_nest_limit(bounds, NEST_LIMIT);
	pcre2_code *code = pcre2_compile(
	    (PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, options, &error, &at, bounds);
	pcre2_compile_context_free(bounds);
	if (code == NULL) {
		pcre2_get_error_message(error, words, sizeof words);
		text_format(problem, "the pattern is at fault at its character %zu: %s",
		    (size_t)at + 1, (const char *)words);
		return NULL;
	}
	/* Where memory must not be made executable the interpreter does it, with the same
	 * limits. */
	(void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
	return code;
}

struct pattern *
pattern_new(const char *text, struct text *problem)
{
	struct pattern *pattern;

	if (text[0] == '\0') {
		text_add_string(problem, "the pattern is empty: it would match every name");
		return NULL;
	}
	pattern = calloc(1, sizeof *pattern);
	if (pattern != NULL)
		pattern->limits = pcre2_match_context_create(NULL);
	if (pattern == NULL || pattern->limits == NULL) {
		text_add_string(problem, "out of memory");
		pattern_free(pattern);
		return NULL;
	}
	pcre2_set_match_limit(pattern->limits, MATCH_LIMIT);
	pcre2_set_depth_limit(pattern->limits, DEPTH_LIMIT);
	pcre2_set_heap_limit(pattern->limits, HEAP_LIMIT_KIB);
	pattern->code = compile(text, problem);
	if (pattern->code != NULL)
		return pattern;
	pattern_free(pattern);
	return NULL;
}

/* A room is a match data block by another name. */
static pcre2_match_data *
room_data(struct pattern_room *room)
{
	return (pcre2_match_data *)room;
}

struct pattern_room *
pattern_room_new(void)
{
	return (struct pattern_room *)pcre2_match_data_create(1, NULL);
}

void
pattern_room_free(struct pattern_room *room)
{
	pcre2_match_data_free(room_data(room));
}

enum pattern_result
pattern_match(const struct pattern *pattern, const char *name, struct pattern_room *room)
{
	int result = pcre2_match(pattern->code, (PCRE2_SPTR)name, strlen(name), 0, 0,
	    room_data(room), pattern->limits);

	if (result == PCRE2_ERROR_NOMATCH)
		return PATTERN_DIFFERS;
	return result >= 0 ? PATTERN_MATCHES : PATTERN_GAVE_UP;
}
