/*
 * Rows of the hints file, their compiled patterns, and the comparison with a name. Owns all
 * that it holds; immutable once sealed.
 */
#include "policy/hints.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/hints_names.h"

enum {
	FIELDS = 4,
};

static const char *const sure_names[] = {
    [HINTS_PROVIDER] = "provider",
    [HINTS_DIRECTORY] = "directory",
    [HINTS_CODE] = "code",
    [HINTS_CHECK] = "check",
};
_Static_assert(sizeof sure_names / sizeof *sure_names == HINTS_SURES, "one name each");

struct row {
	struct hint hint; /* its strings are in fields */
	char *fields;
	struct pattern *pattern;
};

struct hints {
	struct row *rows; /* room for HINTS_ROWS_MAX: hosts point at the hints in them */
	size_t count;
	struct hints_host *hosts;
	size_t host_count, host_capacity;
	bool exhausted; /* out of memory while the hosts were listed */
};

struct hints *
hints_new(void)
{
	struct hints *hints = calloc(1, sizeof *hints);

	if (hints == NULL)
		return NULL;
	hints->rows = calloc(HINTS_ROWS_MAX, sizeof *hints->rows);
	if (hints->rows != NULL)
		return hints;
	hints_free(hints);
	errno = ENOMEM;
	return NULL;
}

static void
row_fini(struct row *row)
{
	pattern_free(row->pattern);
	free(row->fields);
}

void
hints_free(struct hints *hints)
{
	if (hints == NULL)
		return;
	for (size_t i = 0; i < hints->count; i++)
		row_fini(&hints->rows[i]);
	free(hints->rows);
	free(hints->hosts);
	free(hints);
}

/*
 * Reading a row. Each function returns -1 after it has described the fault.
 */

static int
fault(struct text *problem, const char *what)
{
	text_add_string(problem, what);
	return -1;
}

static int
split(char *row, char *field[FIELDS], struct text *problem)
{
	for (unsigned i = 0; i < FIELDS; i++) {
		field[i] = row;
		row = row == NULL ? NULL : strchr(row, '\t');
		if ((row == NULL) != (i == FIELDS - 1))
			return fault(problem,
			    "is not PATTERN, HOST, PORTS and SURE with a tab between each");
		if (row != NULL)
			*row++ = '\0';
	}
	return 0;
}

static int
read_host(struct hint *hint, char *host, struct text *problem)
{
	if (strcmp(host, "=") == 0) {
		hint->submission = "";
		return 0;
	}
	for (char *at = host; *at != '\0'; at++) {
		*at = (char)tolower((unsigned char)*at);
		if (!isalnum((unsigned char)*at) && *at != '-' && *at != '.')
			host = ""; /* no name at all */
		if (host[0] == '\0')
			break;
	}
	if (strchr(host, '.') == NULL || host[0] == '.' || host[strlen(host) - 1] == '.')
		return fault(
		    problem, "the host to submit to is neither a domain name nor \"=\"");
	if (strlen(host) > HINTS_HOST_MAX) {
		text_format(problem,
		    "the host to submit to has more than %d octets: its line of the reply "
		    "would be cut",
		    HINTS_HOST_MAX);
		return -1;
	}
	hint->submission = host;
	return 0;
}

static int
read_ports(struct hint *hint, char *ports, struct text *problem)
{
	char *rest = NULL;

	for (char *port = strtok_r(ports, ",", &rest); port != NULL;
	     port = strtok_r(NULL, ",", &rest)) {
		bool *flag = strcmp(port, "465") == 0   ? &hint->smtps
			     : strcmp(port, "587") == 0 ? &hint->submission_port
							: NULL;

		if (flag == NULL || *flag)
			return fault(problem,
			    "the ports are 465, 587 or both with a comma: no other is for "
			    "submission (RFC 8314, RFC 6409)");
		*flag = true;
	}
	if (!hint->smtps && !hint->submission_port)
		return fault(problem, "names no port");
	return 0;
}

static int
read_sure(struct hint *hint, const char *sure, struct text *problem)
{
	for (unsigned i = 0; i < HINTS_SURES; i++)
		if (strcmp(sure_names[i], sure) == 0) {
			hint->sure = (enum hints_sure)i;
			return 0;
		}
	return fault(problem, "how sure it is must be provider, directory, code or check");
}

static int
read_pattern(struct row *row, const char *pattern, struct text *problem)
{
	if (pattern[0] == '\0')
		return fault(problem, "the pattern is empty: it would match every host");
	row->hint.pattern = pattern;
	row->pattern = pattern_new(pattern, problem);
	return row->pattern == NULL ? -1 : 0;
}

int
hints_add(struct hints *hints, const char *text, struct origin origin, struct text *problem)
{
	struct row row = {.hint.origin = origin};
	char *field[FIELDS];

	if (hints->count == HINTS_ROWS_MAX) {
		text_format(problem,
		    "is one row too many: there can be %d, as every name is "
		    "held against each",
		    HINTS_ROWS_MAX);
		return -1;
	}
	row.fields = strdup(text);
	if (row.fields == NULL)
		return fault(problem, "out of memory");
	if (split(row.fields, field, problem) == 0 &&
	    read_pattern(&row, field[0], problem) == 0 &&
	    read_host(&row.hint, field[1], problem) == 0 &&
	    read_ports(&row.hint, field[2], problem) == 0 &&
	    read_sure(&row.hint, field[3], problem) == 0) {
		hints->rows[hints->count++] = row;
		return 0;
	}
	row_fini(&row);
	return -1;
}

/*
 * The hosts.
 */

/* Where hosts go, and the row they come from. */
struct naming {
	struct hints *hints;
	const struct hint *hint;
};

static bool
add_host(struct hints *hints, const char *name, const struct hint *hint, bool same)
{
	for (size_t i = 0; i < hints->host_count; i++)
		if (strcmp(hints->hosts[i].name, name) == 0)
			return true; /* the first row that names it counts, as in a match */
	if (hints->host_count > HINTS_HOSTS_MAX)
		return true; /* there is one too many already */
	if (hints->host_count == hints->host_capacity) {
		size_t capacity = hints->host_capacity == 0 ? 64 : 2 * hints->host_capacity;
		struct hints_host *larger =
		    reallocarray(hints->hosts, capacity, sizeof *larger);

		if (larger == NULL)
			return false;
		hints->hosts = larger;
		hints->host_capacity = capacity;
	}
	struct hints_host *host = &hints->hosts[hints->host_count++];
	strcpy(host->name, name);
	host->hint = hint;
	host->same = same;
	return true;
}

static void
add_named(void *argument, const char *name)
{
	struct naming *naming = argument;
	const struct hint *hint = naming->hint;
	bool same = hint->submission[0] == '\0' || strcmp(hint->submission, name) == 0;

	if (!add_host(naming->hints, name, hint, same))
		naming->hints->exhausted = true;
}

int
hints_seal(struct hints *hints, struct text *problem)
{
	for (size_t i = 0; i < hints->count; i++) {
		struct naming naming = {hints, &hints->rows[i].hint};

		if (naming.hint->submission[0] != '\0')
			add_named(&naming, naming.hint->submission);
		hints_names(naming.hint->pattern, add_named, &naming);
	}
	if (hints->exhausted)
		return fault(problem, "out of memory");
	if (hints->host_count <= HINTS_HOSTS_MAX)
		return 0;
	text_format(problem,
	    "names more than %d hosts, which would all be resolved again and again",
	    HINTS_HOSTS_MAX);
	return -1;
}

/*
 * Asking.
 */

const struct hint *
hints_match(const struct hints *hints, const char *name, enum hints_sure least, bool *gave_up)
{
	struct pattern_room *room = pattern_room_new();
	const struct hint *found = NULL;

	for (size_t i = 0; room != NULL && i < hints->count && found == NULL; i++) {
		const struct row *row = &hints->rows[i];

		if (row->hint.sure > least)
			continue;
		enum pattern_result result = pattern_match(row->pattern, name, room);
		if (result == PATTERN_MATCHES)
			found = &row->hint;
		else if (result == PATTERN_GAVE_UP)
			*gave_up = true;
	}
	pattern_room_free(room);
	return found;
}

size_t
hints_count(const struct hints *hints)
{
	return hints->count;
}

const struct hint *
hints_row(const struct hints *hints, size_t index)
{
	return &hints->rows[index].hint;
}

size_t
hints_host_count(const struct hints *hints)
{
	return hints->host_count;
}

const struct hints_host *
hints_host(const struct hints *hints, size_t index)
{
	return &hints->hosts[index];
}

void
hint_format(struct text *text, const struct hint *hint, bool same)
{
	if (same || hint->submission[0] == '\0')
		text_add_string(text, "same server,");
	else
		text_format(text, "use %s", hint->submission);
	text_format(text, " port %s",
	    !hint->submission_port ? "465"
	    : hint->smtps          ? "465 or 587"
				   : "587");
}

const char *
hints_sure_name(enum hints_sure sure)
{
	return sure_names[sure];
}
