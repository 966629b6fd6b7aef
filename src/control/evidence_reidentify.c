/*
 * Trying the sources of each day of an epoch, in the order in which the file has them.
 */
#include "control/evidence_reidentify.h"

#include <errno.h>
#include <string.h>

#include "control/arguments.h"
#include "control/evidence_layout.h"
#include "control/values.h"
#include "events/store_layout.h"

struct search {
	struct pseudonyms *pseudonyms;
	const char *pseudonym;
	int64_t epoch;
	int64_t tried;
	bool found;
	struct address source;
};

static int
parse(const json_t *arguments, const struct pseudonym_key *key, struct search *search,
    struct text *problem)
{
	static const char *const names[] = {"pseudonym", "reason"};
	const char *reason;

	if (arguments_check(arguments, names, sizeof names / sizeof *names, problem) == -1 ||
	    arguments_string(arguments, "pseudonym", true, &search->pseudonym, problem) == -1 ||
	    arguments_string(arguments, "reason", true, &reason, problem) == -1)
		return -1;
	if (reason[0] == '\0') {
		text_add_string(problem, "reason: say why, such as the number of the case");
		return -1;
	}
	return pseudonym_to_resolve(key, search->pseudonym, &search->epoch, problem);
}

static void
search_try(struct search *search, const void *octets, size_t length)
{
	struct address source = {.family = length == 4 ? ADDRESS_IPV4 : ADDRESS_IPV6};
	char name[PSEUDONYM_SIZE];

	if (length != 4 && length != 16)
		return;
	memcpy(source.octets, octets, length);
	/* Each has a row for each hour: they lie side by side. */
	if (search->tried > 0 && address_equal(&source, &search->source))
		return;
	search->tried++;
	search->source = source;
	pseudonyms_make(search->pseudonyms, &source, search->epoch, name);
	search->found = strcmp(name, search->pseudonym) == 0;
}

/* 0, or -1 when the database has failed. */
static int
search_days(struct search *search, struct database *database, int64_t from_day, int64_t to_day)
{
	sqlite3_stmt *statement = database_statement(database, EVIDENCE_SOURCES);
	int result = SQLITE_DONE;

	sqlite3_bind_int64(statement, 1, from_day);
	sqlite3_bind_int64(statement, 2, to_day);
	while (!search->found && (result = sqlite3_step(statement)) == SQLITE_ROW)
		search_try(search, sqlite3_column_blob(statement, 0),
		    (size_t)sqlite3_column_bytes(statement, 0));
	sqlite3_reset(statement);
	return search->found || result == SQLITE_DONE ? 0 : -1;
}

json_t *
evidence_reidentify(struct database *database, const struct pseudonym_key *key,
    const json_t *arguments, struct text *problem)
{
	struct search search = {0};

	if (parse(arguments, key, &search, problem) == -1)
		return NULL;
	search.pseudonyms = pseudonyms_new(key);
	if (search.pseudonyms == NULL) {
		text_format(problem, "%s", strerror(errno));
		return NULL;
	}
	int64_t since_ms = search.epoch * key->epoch_ms, until_ms = since_ms + key->epoch_ms;
	int result = search_days(
	    &search, database, since_ms / STORE_DAY_MS, (until_ms - 1) / STORE_DAY_MS);
	pseudonyms_free(search.pseudonyms);
	if (result == -1)
		return NULL;
	struct network source = address_subscriber(&search.source, key->prefix6);
	return json_pack("{s:o, s:I, s:o, s:o}", "source",
	    search.found ? values_network(&source) : json_null(), "tried",
	    (json_int_t)search.tried, "since", values_time(since_ms), "until",
	    values_time(until_ms));
}
