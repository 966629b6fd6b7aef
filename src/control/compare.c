/*
 * A listing becomes a list of lines, each with the block it stands in. Lines of both lists are
 * paired where block and words agree; what has no partner is missing or unknown, and partners
 * must come in the same order within a block, since the first rule that matches decides.
 */
#include "control/compare.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum {
	SENTENCE_SIZE = 256, /* a line with thousands of networks is cut */
};

struct line {
	const char *bytes;
	size_t length;
	const struct line
	    *block; /* its first line, such as "chain port25 {"; NULL: outermost */
	const struct line *partner;
};

struct listing {
	struct line *lines;
	size_t count;
};

static size_t
count_lines(const char *text)
{
	size_t count = 1;

	for (; (text = strchr(text, '\n')) != NULL; text++)
		count++;
	return count;
}

/* Not the table itself, which is around everything, nor a list of elements. */
static bool
opens_block(const struct line *line)
{
	static const char table[] = "table ";

	return line->length > 1 && line->bytes[line->length - 1] == '{' &&
	       memchr(line->bytes, '=', line->length) == NULL &&
	       strncmp(line->bytes, table, sizeof table - 1) != 0;
}

/* Splits and trims; blank lines and closing braces tell nothing. 0, or -1 with errno ENOMEM. */
static int
listing_read(struct listing *listing, const char *text)
{
	const struct line *block = NULL;

	listing->count = 0;
	listing->lines = calloc(count_lines(text), sizeof *listing->lines);
	if (listing->lines == NULL)
		return -1;
	while (*text != '\0') {
		text += strspn(text, "\t ");
		size_t length = strcspn(text, "\n");
		struct line *line = &listing->lines[listing->count];

		*line = (struct line){.bytes = text, .length = length, .block = block};
		if (length == 1 && *text == '}')
			block = NULL;
		else if (length > 0)
			listing->count++;
		if (opens_block(line))
			block = line;
		text += length;
		text += *text == '\n';
	}
	return 0;
}

static bool
line_equal(const struct line *a, const struct line *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return a->length == b->length && memcmp(a->bytes, b->bytes, a->length) == 0 &&
	       line_equal(a->block, b->block);
}

/* Each line with the first equal one of the other list that is still free. */
static void
pair_lines(struct listing *wanted, struct listing *loaded)
{
	for (size_t i = 0; i < wanted->count; i++) {
		for (size_t j = 0; j < loaded->count; j++) {
			if (loaded->lines[j].partner == NULL &&
			    line_equal(&wanted->lines[i], &loaded->lines[j])) {
				wanted->lines[i].partner = &loaded->lines[j];
				loaded->lines[j].partner = &wanted->lines[i];
				break;
			}
		}
	}
}

/* Whether an earlier line of the same block has a partner that comes later. */
static bool
out_of_order(const struct listing *wanted, size_t at)
{
	const struct line *line = &wanted->lines[at];

	for (size_t i = at; i-- > 0;) {
		const struct line *before = &wanted->lines[i];

		if (before->block == line->block && before->partner != NULL)
			return before->partner > line->partner && line->block != NULL;
	}
	return false;
}

static void
say(const char *what, const struct line *line,
    void (*differs)(void *argument, const char *sentence), void *argument)
{
	char buffer[SENTENCE_SIZE];
	struct text sentence;

	text_init(&sentence, buffer, sizeof buffer);
	text_add_string(&sentence, what);
	if (line->block != NULL) {
		text_add_string(&sentence, " in ");
		text_add(&sentence, line->block->bytes, line->block->length - 2);
	}
	text_add_string(&sentence, ": ");
	text_add(&sentence, line->bytes, line->length);
	differs(argument, sentence.bytes);
}

int
compare_listings(const char *wanted_text, const char *loaded_text,
    void (*differs)(void *argument, const char *sentence), void *argument)
{
	struct listing wanted = {0}, loaded = {0};
	int differences = -1;

	if (listing_read(&wanted, wanted_text) == -1 ||
	    listing_read(&loaded, loaded_text) == -1)
		goto out;
	pair_lines(&wanted, &loaded);
	differences = 0;
	for (size_t i = 0; i < wanted.count; i++) {
		const char *what = NULL;

		if (wanted.lines[i].partner == NULL)
			what = "missing";
		else if (out_of_order(&wanted, i))
			what = "out of order";
		if (what != NULL) {
			say(what, &wanted.lines[i], differs, argument);
			differences++;
		}
	}
	for (size_t i = 0; i < loaded.count; i++) {
		if (loaded.lines[i].partner == NULL) {
			say("unknown", &loaded.lines[i], differs, argument);
			differences++;
		}
	}
out:
	free(wanted.lines);
	free(loaded.lines);
	return differences;
}
