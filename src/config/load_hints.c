/*
 * The file of hints that [hints] names: one row a line, # begins a line of comment. Main
 * thread.
 */
#include <stdlib.h>
#include <string.h>

#include "config/file.h"
#include "config/load.h"
#include "policy/hints.h"

enum {
	HINTS_FILE_MAX = 1 << 20, /* octets: a thousand rows of the longest patterns */
	PROBLEMS_MAX = 20,        /* reported of one file; the others are counted */
};

/* The file on its way into hints. */
struct hints_file {
	const struct load *load;
	struct place place; /* the line that is being read */
	unsigned problems;
};

static void
hints_problem(struct hints_file *file, const char *what)
{
	if (file->problems++ < PROBLEMS_MAX)
		problems_error(file->load->problems, &file->place, "%s", what);
}

static void
hints_line(struct hints_file *file, char *line)
{
	size_t length = strlen(line);
	char buffer[512];
	struct text problem;

	if (length > 0 && line[length - 1] == '\r')
		line[--length] = '\0';
	if (line[strspn(line, " \t")] == '\0' || line[0] == '#')
		return;
	text_init(&problem, buffer, sizeof buffer);
	if (hints_add(file->load->snapshot->hints, line, file->place.origin, &problem) == -1)
		hints_problem(file, problem.bytes);
}

static void
hints_lines(struct hints_file *file, char *bytes)
{
	char buffer[512];
	struct text problem;

	text_init(&problem, buffer, sizeof buffer);
	for (char *line; (line = strsep(&bytes, "\n")) != NULL;) {
		file->place.origin.line++;
		hints_line(file, line);
	}
	file->place.origin.line = 0;
	if (file->problems > PROBLEMS_MAX)
		problems_error(file->load->problems, &file->place, "and %u more",
		    file->problems - PROBLEMS_MAX);
	else if (hints_seal(file->load->snapshot->hints, &problem) == -1)
		hints_problem(file, problem.bytes);
}

static bool
hints_are_said(const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->message_count; i++) {
		const struct template *template = snapshot->messages[i].template;

		if (template == NULL || template_uses(template, TEMPLATE_HINT))
			return true;
	}
	return false;
}

void
load_hints(const struct load *load)
{
	struct snapshot *snapshot = load->snapshot;
	const struct setting *setting = &snapshot->hints_file;
	struct hints_file file = {
	    .load = load,
	    .place = load_place(load, "hints", "file", setting->line),
	};
	char buffer[512];
	struct text problem;
	char *bytes = NULL;
	size_t length;

	if (setting->value[0] == '\0')
		return;
	const char *path = snapshot_display_path(snapshot, setting->value);
	text_init(&problem, buffer, sizeof buffer);
	if (file_read(path, HINTS_FILE_MAX, &bytes, &length, &problem) == -1) {
		problems_error(load->problems, &file.place, "%s %s", path, problem.bytes);
		return;
	}
	if (!hints_are_said(snapshot))
		problems_warning(load->problems, &file.place,
		    "no message has %%{hint} in it: nothing of this will be said");
	file.place.origin = (struct origin){path, 0};
	snapshot->hints = hints_new();
	snapshot->config.hints.rows = snapshot->hints;
	if (snapshot->hints == NULL)
		load->problems->exhausted = true;
	else
		hints_lines(&file, bytes);
	free(bytes);
}
