/*
 * Names in place of subscribers' addresses, for readers who have to tell sources apart and need
 * not know who they are: "p688-" and 16 letters, from HMAC-SHA-256 (RFC 2104) with a key of
 * this box over the number of the epoch and the address (IPv6: the subscriber's prefix). Within
 * an epoch a source keeps its name; from one epoch to the next nobody without the key can tell
 * that two names are one source. Without the key no name leads to an address, and with it only
 * by trying addresses.
 */
#ifndef EVENTS_PSEUDONYM_H
#define EVENTS_PSEUDONYM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/attributes.h"
#include "base/text.h"

enum {
	PSEUDONYM_KEY_MIN = 32, /* octets: the output of the hash (RFC 2104 3) */
	PSEUDONYM_KEY_MAX = 64, /* its block: what is longer is hashed, to no use */
	PSEUDONYM_CODE = 16,    /* letters of base32: 80 bits, so that no two meet by chance */
	PSEUDONYM_SIZE = 40,    /* "p", an epoch of up to 20 digits, "-", the code, a NUL */
};

struct pseudonym_key {
	uint8_t octets[PSEUDONYM_KEY_MAX];
	size_t length;
	int64_t epoch_ms; /* how long one epoch is; they count from 1970 */
	unsigned prefix6; /* bits of an IPv6 address that are one subscriber */
};

/*
 * Reads octets and length from the file. make: where there is none, one is made first, with
 * mode 0600. 0; or -1 after describing in problem what is wrong and what to do: no such file,
 * too short or too long, or others may read it. Main thread, before the loops start.
 */
int pseudonym_key_read(struct pseudonym_key *key, const char *path, bool make,
    struct text *problem) NONNULL_ALL WUNRES;

/* The epoch of a time of the wall clock. */
int64_t pseudonym_epoch(const struct pseudonym_key *key, int64_t time_ms) NONNULL_ALL WUNRES;

/* Is it one, as to its form? Then *epoch is its epoch. */
bool pseudonym_parse(const char *string, int64_t *epoch) NONNULL_ALL WUNRES;

/*
 * The epoch of a pseudonym that somebody wants resolved with this key. 0; or -1 after
 * describing in problem why it can not be: there are none, it is none, or its epoch has not
 * been.
 */
int pseudonym_to_resolve(const struct pseudonym_key *key, const char *pseudonym, int64_t *epoch,
    struct text *problem) NONNULL_ALL WUNRES;

/* What makes them. One thread. */
struct pseudonyms; /* opaque */

/* The key is copied. NULL with errno ENOMEM, or ENOTSUP without HMAC-SHA-256 in OpenSSL. */
struct pseudonyms *pseudonyms_new(const struct pseudonym_key *key) NONNULL_ALL WUNRES;

/* NULL is accepted. */
void pseudonyms_free(struct pseudonyms *pseudonyms);

/*
 * The name of the source at that time; valid until the next call. If it can not be made (no
 * memory), "p-unknown", never the address. Remembers the last ones: mostly a comparison.
 */
const char *pseudonyms_name(struct pseudonyms *pseudonyms, const struct address *source,
    int64_t time_ms) NONNULL_ALL WUNRES;

/* The same, made anew, for an epoch. */
void pseudonyms_make(struct pseudonyms *pseudonyms, const struct address *source, int64_t epoch,
    char name[PSEUDONYM_SIZE]) NONNULL_ALL;

/*
 * Copies string with a name for each address in it, and for each network that is one
 * subscriber; at most size octets with the NUL.
 */
void pseudonyms_hide(struct pseudonyms *pseudonyms, const char *string, int64_t time_ms,
    char *out, size_t size) NONNULL_ALL;

#endif
