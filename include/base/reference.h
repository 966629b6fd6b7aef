/*
 * The reference code of a connection: 40 random bits, printed as eight characters of base32
 * (RFC 4648 alphabet), short enough to be read out on the telephone.
 */
#ifndef BASE_REFERENCE_H
#define BASE_REFERENCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"

enum {
	REFERENCE_TEXT_SIZE = 9, /* eight characters and a NUL */
	REFERENCE_POOL_SIZE = 640,
};

/* Random octets fetched ahead, so that a reference costs no system call. Zero-initialise; one
 * thread. */
struct reference_source {
	uint8_t pool[REFERENCE_POOL_SIZE];
	size_t left; /* octets of pool not used yet */
};

/* The next 40 random bits. Does not fail: getrandom(2) without flags does not for this size. */
uint64_t reference_next(struct reference_source *source) NONNULL_ALL WUNRES;

void reference_format(char text[REFERENCE_TEXT_SIZE], uint64_t reference) NONNULL_ALL;

/*
 * Reads a reference as people say and write it: in any case, and with 0, 1 and 8, which the
 * alphabet does not have, for O, I and B. 0, or -1 with errno EINVAL.
 */
int reference_parse(const char *string, uint64_t *reference) NONNULL_ALL WUNRES;

#endif
