/*
 * The notation of one line, the part that people and iniparser read alike; what they would read
 * differently is a fault. Pure; any thread.
 */
#include "config/ini_line.h"

#include <stdbool.h>
#include <string.h>

#include "config/ini.h"

static bool
blank(char character)
{
	return character == ' ' || character == '\t';
}

static bool
comment_mark(char character)
{
	return character == '#' || character == ';';
}

static struct ini_slice
slice_trim(const char *start, const char *end)
{
	while (start < end && blank(*start))
		start++;
	while (end > start && blank(end[-1]))
		end--;
	return (struct ini_slice){start, (size_t)(end - start)};
}

static struct ini_line
line_fault(struct ini_slice name, const char *fault)
{
	return (struct ini_line){.kind = INI_LINE_FAULT, .name = name, .fault = fault};
}

/* "[header]" with nothing behind it. */
static struct ini_line
line_section(struct ini_slice content)
{
	const char *end = content.start + content.length;
	const char *close = memchr(content.start, ']', content.length);
	struct ini_slice none = {content.start, 0};

	if (close == NULL)
		return line_fault(none, "the section's name has no closing bracket");
	if (close + 1 != end)
		return line_fault(
		    none, "nothing may follow a section's closing bracket, not even a comment");
	struct ini_slice header = slice_trim(content.start + 1, close);
	if (header.length == 0)
		return line_fault(none, "the section has no name");
	return (struct ini_line){.kind = INI_LINE_SECTION, .name = header};
}

/* value.start is at the opening quote. */
static struct ini_line
line_quoted(struct ini_slice name, struct ini_slice value)
{
	const char *end = value.start + value.length;
	const char *close = memchr(value.start + 1, value.start[0], value.length - 1);

	if (close == NULL)
		return line_fault(name, "the value has no closing quote");
	struct ini_slice rest = slice_trim(close + 1, end);
	if (rest.length > 0 && !comment_mark(rest.start[0]))
		return line_fault(name, "something follows the value's closing quote");
	return (struct ini_line){
	    .kind = INI_LINE_ENTRY,
	    .name = name,
	    .value = {value.start + 1, (size_t)(close - value.start - 1)},
	};
}

/* value.start is at least one octet behind the '='. */
static struct ini_line
line_unquoted(struct ini_slice name, struct ini_slice value)
{
	const char *end = value.start + value.length;
	const char *mark = value.start;

	while (mark < end && !comment_mark(*mark))
		mark++;
	if (mark < end && !blank(mark[-1]))
		return line_fault(name, "a ';' or '#' with no white space before it would cut "
					"the value: put the value in double quotes");
	return (struct ini_line){
	    .kind = INI_LINE_ENTRY,
	    .name = name,
	    .value = slice_trim(value.start, mark),
	};
}

static struct ini_line
line_entry(struct ini_slice content)
{
	const char *end = content.start + content.length;
	const char *equals = memchr(content.start, '=', content.length);
	struct ini_slice none = {content.start, 0};

	if (equals == NULL)
		return line_fault(none, "is neither a [section], a key = value nor a comment");
	struct ini_slice name = slice_trim(content.start, equals);
	if (name.length == 0)
		return line_fault(none, "there is no key before the '='");
	struct ini_slice value = slice_trim(equals + 1, end);
	if (value.length > 0 && (value.start[0] == '"' || value.start[0] == '\''))
		return line_quoted(name, value);
	return line_unquoted(name, value);
}

/* What must not be in any line, comments included. */
static const char *
line_forbidden(struct ini_slice content)
{
	for (size_t i = 0; i < content.length; i++) {
		unsigned char octet = (unsigned char)content.start[i];

		if ((octet < ' ' && octet != '\t') || octet == 0x7f)
			return "holds a control character";
	}
	if (content.length > 0 && content.start[content.length - 1] == '\\')
		return "ends in a backslash, but a line can not be continued on the next";
	return NULL;
}

struct ini_line
ini_line_parse(const char *line)
{
	size_t length = strlen(line);
	struct ini_slice content = slice_trim(line, line + length);
	struct ini_slice none = {line, 0};
	const char *forbidden = line_forbidden(content);

	if (length > INI_LINE_MAX)
		return line_fault(none, "is longer than 1,000 characters: a list can be "
					"moved to a file and named as @file");
	if (forbidden != NULL)
		return line_fault(none, forbidden);
	if (content.length == 0 || comment_mark(content.start[0]))
		return (struct ini_line){.kind = INI_LINE_EMPTY};
	if (content.start[0] == '[')
		return line_section(content);
	return line_entry(content);
}
