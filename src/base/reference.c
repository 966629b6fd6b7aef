/*
 * Reference codes from the kernel's random numbers, fetched many at a time.
 */
#include "base/reference.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

enum {
	REFERENCE_OCTETS = 5,  /* 40 bits */
	REFERENCE_FETCH = 256, /* getrandom(2) is never cut short up to this size */
};
_Static_assert(REFERENCE_POOL_SIZE % REFERENCE_OCTETS == 0, "the pool holds whole references");

static void
reference_fill(struct reference_source *source)
{
	size_t have = 0;

	while (have < sizeof source->pool) {
		size_t want = sizeof source->pool - have;
		ssize_t got = getrandom(
		    source->pool + have, want < REFERENCE_FETCH ? want : REFERENCE_FETCH, 0);

		if (got > 0)
			have += (size_t)got;
	}
	source->left = sizeof source->pool;
}

uint64_t
reference_next(struct reference_source *source)
{
	uint64_t reference = 0;

	if (source->left == 0)
		reference_fill(source);
	for (unsigned i = 0; i < REFERENCE_OCTETS; i++)
		reference = reference << 8 | source->pool[--source->left];
	return reference;
}

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

void
reference_format(char text[REFERENCE_TEXT_SIZE], uint64_t reference)
{
	for (int i = REFERENCE_TEXT_SIZE - 2; i >= 0; i--, reference >>= 5)
		text[i] = alphabet[reference & 31];
	text[REFERENCE_TEXT_SIZE - 1] = '\0';
}

/* What people take for a letter of the alphabet, as that letter. */
static char
reference_letter(char c)
{
	static const char mistaken[] = "018", meant[] = "OIB";
	const char *at = c == '\0' ? NULL : strchr(mistaken, c);

	if (at != NULL)
		return meant[at - mistaken];
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

int
reference_parse(const char *string, uint64_t *reference)
{
	uint64_t value = 0;

	for (const char *at = string; *at != '\0'; at++) {
		const char *letter = strchr(alphabet, reference_letter(*at));

		if (letter == NULL || at - string == REFERENCE_TEXT_SIZE - 1)
			goto bad;
		value = value << 5 | (uint64_t)(letter - alphabet);
	}
	if (strlen(string) == REFERENCE_TEXT_SIZE - 1) {
		*reference = value;
		return 0;
	}
bad:
	errno = EINVAL;
	return -1;
}
