/*
 * The daemon's half is the first part, the helper's the rest, which believes nothing of what it
 * reads. Keeps nothing; any thread.
 */
#include "daemon/exempt_requests.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/bypass_counters.h"
#include "control/exempt_sets.h"

enum {
	NUMBER_SIZE = 20,
	/* A space and a sign, a network, a comma and a number. */
	WORD_SIZE = 2 + ADDRESS_TEXT_SIZE + 4 + 1 + NUMBER_SIZE,
	WORDS_MAX = EXEMPT_SETS_CHANGES_MAX,
};

void
exempt_requests_begin(struct text *request, const char *verb, char *buffer, size_t size)
{
	text_init(request, buffer, size);
	text_add_string(request, verb);
}

bool
exempt_requests_fit(const struct text *request)
{
	return text_room(request) >= WORD_SIZE;
}

void
exempt_requests_add_network(struct text *request, const struct network *network)
{
	text_add_character(request, ' ');
	network_format(request, network);
}

void
exempt_requests_add(struct text *request, const struct exempt_change *change, int64_t wall_ms)
{
	const struct exemption *exemption = &change->exemption;

	text_add_string(request, change->add ? " +" : " -");
	network_format(request, &exemption->network);
	if (!change->add || exemption->until_ms == EXEMPT_COVER_FOREVER)
		return;
	text_add_character(request, ',');
	/* What has ended meanwhile lasts for the shortest time there is. */
	text_add_unsigned(request,
	    exemption->until_ms > wall_ms ? (uint64_t)(exemption->until_ms - wall_ms) : 1);
}

/*
 * The helper.
 */

/* The next word into buffer; where the one after it begins, or NULL when it is too long. */
static const char *
take_word(const char *arguments, char buffer[WORD_SIZE])
{
	size_t length = strcspn(arguments, " ");

	if (length >= WORD_SIZE)
		return NULL;
	memcpy(buffer, arguments, length);
	buffer[length] = '\0';
	return arguments + length + (arguments[length] == ' ');
}

/* "-NETWORK", "+NETWORK" or "+NETWORK,MILLISECONDS". */
static int
read_change(char *word, struct exempt_change *change)
{
	char *number = strchr(word, ','), *end = NULL;

	change->add = word[0] == '+';
	change->exemption.until_ms = EXEMPT_COVER_FOREVER;
	if (number != NULL) {
		*number++ = '\0';
		errno = 0;
		change->exemption.until_ms = strtoll(number, &end, 10);
		if (errno != 0 || *end != '\0' || change->exemption.until_ms <= 0)
			return -1;
	}
	if (!change->add && (word[0] != '-' || number != NULL))
		return -1;
	return network_parse(word + 1, &change->exemption.network);
}

/* At most this many words. */
static size_t
count_words(const char *arguments)
{
	size_t count = *arguments != '\0';

	for (; *arguments != '\0'; arguments++)
		count += *arguments == ' ';
	return count;
}

struct exempt_change *
exempt_requests_read(const char *arguments, size_t *count, struct text *why)
{
	size_t words = count_words(arguments);
	struct exempt_change *changes = NULL;
	char word[WORD_SIZE];

	if (words > 0 && words <= WORDS_MAX)
		changes = calloc(words, sizeof *changes);
	*count = 0;
	while (changes != NULL && *arguments != '\0') {
		arguments = take_word(arguments, word);
		if (arguments == NULL || read_change(word, &changes[*count]) == -1) {
			free(changes);
			changes = NULL;
		} else
			++*count;
	}
	if (changes == NULL)
		text_add_string(why, "not a request about exempt sources");
	return changes;
}

int
exempt_requests_flush(const char *arguments, struct text *answer)
{
	(void)arguments;
	return exempt_sets_flush(answer);
}

int
exempt_requests_change(const char *arguments, struct text *answer)
{
	size_t count;
	struct exempt_change *changes = exempt_requests_read(arguments, &count, answer);
	int result = changes == NULL ? -1 : exempt_sets_change(changes, count, 0, answer);

	free(changes);
	return result;
}

/* "PACKETS4 PACKETS6": those that were forwarded. */
static int
answer_packets(struct text *answer)
{
	static const char *const names[] = {"exempted4", "outlived4", "exempted6", "outlived6"};
	uint64_t packets[4];
	bool there;

	if (bypass_counters_read_others(names, 4, packets, &there, answer) == -1)
		return -1;
	if (!there)
		return 0;
	text_add_unsigned(answer, packets[0] + packets[1]);
	text_add_character(answer, ' ');
	text_add_unsigned(answer, packets[2] + packets[3]);
	return 0;
}

int
exempt_requests_look(const char *arguments, struct text *answer)
{
	struct network networks[EXEMPT_REQUESTS_LOOK_MAX];
	char word[WORD_SIZE];
	size_t count = 0;

	while (*arguments != '\0') {
		arguments = take_word(arguments, word);
		if (arguments == NULL || count == EXEMPT_REQUESTS_LOOK_MAX ||
		    network_parse(word, &networks[count++]) == -1) {
			text_add_string(answer, "not a request about exempt sources");
			return -1;
		}
	}
	return exempt_sets_look(networks, count, answer) == -1 ? -1 : answer_packets(answer);
}
