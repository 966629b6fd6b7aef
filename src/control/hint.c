/*
 * From knowledge to a sentence and its keys.
 */
#include "control/hint.h"

#include <ctype.h>
#include <string.h>

#include "base/address.h"
#include "base/clock.h"
#include "control/arguments.h"

/* Names of enum hint_state, and what each comes to. */
static const struct {
	const char *name, *why;
} states[] = {
    [HINT_UNKNOWN] = {"unknown", "it has not been tried yet, or not for long: its name is "
				 "looked up when a refused subscriber tries it"},
    [HINT_WANTED] = {"wanted", "its name is being looked up for the first time"},
    [HINT_FAILED] = {"failed", "the resolver did not answer"},
    [HINT_NAMELESS] = {"nameless", "it has no reverse name"},
    [HINT_NO_ROW] = {"no row", "its reverse name matches no row that is sure enough"},
    [HINT_UNCONFIRMED] = {"unconfirmed",
	"its reverse name matches, but does not have this "
	"address: whoever holds the address may have made it up"},
    [HINT_NAMED] = {"named", "its reverse name matches, and is confirmed"},
    [HINT_HOST] = {"host", "it is an address of a host of the file"},
};
_Static_assert(sizeof states / sizeof *states == HINT_STATES, "one row for each state");

const char *
hint_state_name(enum hint_state state)
{
	return states[state].name;
}

static json_t *
text_or_null(const char *text)
{
	return text[0] == '\0' ? json_null() : json_string(text);
}

/* Adds the row that it came from. */
static void
add_row(json_t *result, const struct hint *hint)
{
	json_object_set_new(result, "pattern", json_string(hint->pattern));
	json_object_set_new(result, "sure", json_string(hints_sure_name(hint->sure)));
	json_object_set_new(result, "file", json_string(hint->origin.file));
	json_object_set_new(result, "line", json_integer((json_int_t)hint->origin.line));
}

/* said: NULL, or the row whose hint would be said; same: as of the host itself. */
static json_t *
make_result(
    const char *asked, const struct hint *said, bool same, const char *state, const char *why)
{
	char buffer[HINTS_TEXT_SIZE] = "";
	struct text text;

	text_init(&text, buffer, sizeof buffer);
	if (said != NULL)
		hint_format(&text, said, same);
	return json_pack("{s:s, s:o, s:s, s:s}", "destination", asked, "hint",
	    text_or_null(buffer), "state", state, "why", why);
}

static json_t *
answer_address(struct hint_cache *cache, const char *asked, const struct address *address)
{
	struct hint_knowledge known;

	hint_cache_look(cache, address, clock_monotonic_ms(), &known);
	bool same = known.host != NULL && known.host->same;
	json_t *result = make_result(asked, known.current ? known.hint : NULL, same,
	    states[known.state].name,
	    known.state == HINT_NAMED && !known.current
		? "its reverse name matched, but that is longer ago than age"
		: states[known.state].why);
	if (result == NULL || known.state == HINT_UNKNOWN || known.state == HINT_WANTED)
		return result;
	json_object_set_new(result, "age_ms", json_integer((json_int_t)known.age_ms));
	if (known.name[0] != '\0')
		json_object_set_new(result, "name", json_string(known.name));
	if (known.host != NULL)
		json_object_set_new(result, "host", json_string(known.host->name));
	if (known.hint != NULL)
		add_row(result, known.hint);
	return result;
}

static const struct hints_host *
find_host(const struct hints *rows, const char *name)
{
	for (size_t i = 0; i < hints_host_count(rows); i++)
		if (strcmp(hints_host(rows, i)->name, name) == 0)
			return hints_host(rows, i);
	return NULL;
}

/* What would be said of a host of this name, once its name or its addresses are known. */
static json_t *
answer_name(const struct config_hints *hints, const char *asked, const char *name)
{
	const struct hints_host *host = find_host(hints->rows, name);
	enum hints_sure least = (enum hints_sure)hints->sure;
	bool gave_up = false;
	json_t *result;

	if (host != NULL && host->hint->sure <= least) {
		result = make_result(asked, host->hint, host->same, "host",
		    "a host of the file: known by its addresses");
		add_row(result, host->hint);
		return result;
	}
	const struct hint *hint = hints_match(hints->rows, name, least, &gave_up);
	const struct hint *unsure =
	    hint != NULL ? hint : hints_match(hints->rows, name, HINTS_CHECK, &gave_up);
	if (hint != NULL)
		result = make_result(asked, hint, false, "named", "the name matches a row");
	else if (unsure != NULL)
		result = make_result(asked, NULL, false, "not sure",
		    "the name matches a row that is less sure than [hints] sure asks");
	else
		result = make_result(asked, NULL, false, "no row",
		    gave_up ? "no row matches, but one was given up: its pattern takes too "
			      "many steps"
			    : "the name matches no row");
	if (unsure != NULL)
		add_row(result, unsure);
	return result;
}

/* Lower case, without a dot at the end. */
static int
take_name(const char *asked, char name[HINTS_NAME_MAX + 1], struct text *problem)
{
	size_t length = strlen(asked);

	if (length > 0 && asked[length - 1] == '.')
		length--;
	bool good = length > 0 && length <= HINTS_NAME_MAX;
	for (size_t i = 0; good && i < length; i++) {
		name[i] = (char)tolower((unsigned char)asked[i]);
		good = isalnum((unsigned char)asked[i]) || strchr("-_.", asked[i]) != NULL;
	}
	if (!good) {
		text_add_string(problem, "destination: neither an address nor a host name: ");
		text_add_escaped(problem, asked, strnlen(asked, 64));
		return -1;
	}
	name[length] = '\0';
	return 0;
}

json_t *
hint_answer(const struct config *config, struct hint_cache *cache, const json_t *arguments,
    struct text *problem)
{
	static const char *const names[] = {"destination"};
	char name[HINTS_NAME_MAX + 1];
	struct address address;
	const char *asked;

	if (arguments_check(arguments, names, sizeof names / sizeof *names, problem) == -1 ||
	    arguments_string(arguments, "destination", true, &asked, problem) == -1)
		return NULL;
	if (config->hints.rows == NULL) {
		text_add_string(problem, "[hints] file is not set: nothing is said of any "
					 "destination");
		return NULL;
	}
	if (address_parse(asked, &address) == -1)
		return take_name(asked, name, problem) == -1
			   ? NULL
			   : answer_name(&config->hints, asked, name);
	if (cache != NULL)
		return answer_address(cache, asked, &address);
	text_add_string(problem, "what is known of an address only the running daemon can "
				 "tell: ask it without -c, or ask for a name");
	return NULL;
}
