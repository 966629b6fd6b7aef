/*
 * Reference codes from the kernel's random numbers, fetched many at a time.
 */
#include "base/reference.h"

#include <errno.h>
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

void
reference_format(char text[REFERENCE_TEXT_SIZE], uint64_t reference)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

	for (int i = REFERENCE_TEXT_SIZE - 2; i >= 0; i--, reference >>= 5)
		text[i] = alphabet[reference & 31];
	text[REFERENCE_TEXT_SIZE - 1] = '\0';
}
