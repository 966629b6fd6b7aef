/*
 * Lists, and the files of networks behind them. A file is read whole and cut into lines in
 * place: a million networks are some 20 MB, gone again before the next file is read.
 */
#include "config/list.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/file.h"
#include "config/ini.h"
#include "config/words.h"

enum {
	LIST_QUOTE_MAX = 80, /* octets of a bad line that a message repeats */
};

bool
list_next(const char **cursor, struct text *item)
{
	const char *start = *cursor;

	text_clear(item);
	if (start == NULL || *start == '\0')
		return false;
	size_t length = strcspn(start, ",");
	/* Behind a last comma there is one item more, an empty one. */
	*cursor = start[length] == '\0'       ? NULL
		  : start[length + 1] == '\0' ? " "
					      : start + length + 1;
	while (length > 0 && isspace((unsigned char)*start)) {
		start++;
		length--;
	}
	while (length > 0 && isspace((unsigned char)start[length - 1]))
		length--;
	text_add(item, start, length);
	return true;
}

/* One network in text, found at origin. */
static enum list_judgement
list_network(const struct list_reader *reader, const char *text, struct origin origin,
    struct text *problem)
{
	struct network network;

	if (network_parse(text, &network) == 0)
		return reader->judge(reader->argument, &network, origin, problem);
	int error = errno;
	text_format(problem, "\"%.*s\" ", LIST_QUOTE_MAX, text);
	if (error == EDOM) {
		text_add_string(
		    problem, "has bits set behind its prefix length; did you mean ");
		network_format(problem, &network);
		text_add_character(problem, '?');
	} else if (error == ERANGE) {
		text_add_string(problem, "has a prefix length that its family does not have");
	} else {
		text_add_string(
		    problem, "is not a network such as 203.0.113.0/24 or 2001:db8::/32");
		if (words_hold_submission_port(text))
			text_format(problem, "; ports %s", words_submission_reason());
	}
	return LIST_ERROR;
}

/* The problems of one file: the first are reported, the others counted. */
struct list_file {
	const struct list_reader *reader;
	struct place place;
	unsigned reported, more;
	bool more_errors; /* not only warnings among those counted */
};

static void
list_file_problem(struct list_file *file, enum list_judgement judgement, const char *what)
{
	if (file->reported == LIST_PROBLEMS_MAX) {
		file->more++;
		file->more_errors |= judgement == LIST_ERROR;
		return;
	}
	file->reported++;
	if (judgement == LIST_ERROR)
		problems_error(file->reader->problems, &file->place, "%s", what);
	else
		problems_warning(file->reader->problems, &file->place, "%s", what);
}

static void
list_file_end(struct list_file *file)
{
	struct problems *problems = file->reader->problems;

	if (file->more == 0)
		return;
	file->place.origin.line = 0;
	if (file->more_errors)
		problems_error(problems, &file->place, "and %u more", file->more);
	else
		problems_warning(problems, &file->place, "and %u more", file->more);
}

/* Ends the network in line at its comment or white space; returns its start. */
static char *
list_strip(char *line)
{
	while (isspace((unsigned char)*line))
		line++;
	for (char *end = line; *end != '\0'; end++)
		if (*end == '#' && (end == line || isspace((unsigned char)end[-1]))) {
			*end = '\0';
			break;
		}
	size_t length = strlen(line);
	while (length > 0 && isspace((unsigned char)line[length - 1]))
		length--;
	line[length] = '\0';
	return line;
}

static void
list_lines(struct list_file *file, char *text)
{
	char buffer[512];
	struct text problem;

	text_init(&problem, buffer, sizeof buffer);
	for (char *line; (line = strsep(&text, "\n")) != NULL;) {
		file->place.origin.line++;
		const char *network = list_strip(line);
		if (*network == '\0')
			continue;
		text_clear(&problem);
		enum list_judgement judgement =
		    list_network(file->reader, network, file->place.origin, &problem);
		if (judgement != LIST_FINE)
			list_file_problem(file, judgement, problem.bytes);
	}
	list_file_end(file);
}

static void
list_file(const struct list_reader *reader, const char *reference)
{
	struct list_file file = {.reader = reader, .place = *reader->place};
	char buffer[512];
	struct text problem;
	char *bytes = NULL;
	size_t length;

	if (reference[0] == '\0') {
		problems_error(
		    reader->problems, reader->place, "'@' is not followed by a path");
		return;
	}
	const char *path = snapshot_display_path(reader->snapshot, reference);
	text_init(&problem, buffer, sizeof buffer);
	if (file_read(path, LIST_FILE_MAX, &bytes, &length, &problem) == -1) {
		problems_error(reader->problems, reader->place, "%s %s", path, problem.bytes);
		return;
	}
	file.place.origin = (struct origin){path, 0};
	list_lines(&file, bytes);
	free(bytes);
}

static void
list_inline(const struct list_reader *reader, const char *item)
{
	char buffer[512];
	struct text problem;

	text_init(&problem, buffer, sizeof buffer);
	switch (list_network(reader, item, reader->place->origin, &problem)) {
	case LIST_FINE:
		break;
	case LIST_WARNING:
		problems_warning(reader->problems, reader->place, "%s", problem.bytes);
		break;
	case LIST_ERROR:
		problems_error(reader->problems, reader->place, "%s", problem.bytes);
		break;
	}
}

void
list_networks(const struct list_reader *reader, const char *value)
{
	char buffer[INI_LINE_MAX + 1];
	struct text item;

	text_init(&item, buffer, sizeof buffer);
	for (const char *cursor = value; list_next(&cursor, &item);) {
		if (item.bytes[0] == '@')
			list_file(reader, item.bytes + 1);
		else if (item.length == 0)
			problems_error(reader->problems, reader->place,
			    "has an empty item: a comma too many");
		else
			list_inline(reader, item.bytes);
	}
}
