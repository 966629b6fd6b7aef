/*
 * From an identity to its pseudonym. Pure; any thread.
 */
#include "subscribers/subscriber.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

int
subscriber_hash(struct subscriber_hash *hash, const struct subscriber_key *key,
    const void *identity, size_t length)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned size = sizeof digest;

	if (HMAC(EVP_sha256(), key->octets, sizeof key->octets, identity, length, digest,
		&size) == NULL) {
		errno = ENOMEM;
		return -1;
	}
	memcpy(hash->octets, digest, sizeof hash->octets);
	return 0;
}

void
subscriber_name(char name[SUBSCRIBER_NAME_SIZE], const struct subscriber_hash *hash)
{
	static const char digits[] = "0123456789abcdef";

	memset(name, 0, SUBSCRIBER_NAME_SIZE);
	*name++ = 's';
	*name++ = '-';
	for (size_t i = 0; i < sizeof hash->octets; i++) {
		*name++ = digits[hash->octets[i] >> 4];
		*name++ = digits[hash->octets[i] & 15];
	}
}
