/*
 * Names by HMAC. The context is keyed once; a table of the last names, found by a hash of
 * address and epoch, spares most calls.
 */
#include "events/pseudonym.h"

#include <errno.h>
#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/keyed_hash.h"

enum {
	REMEMBERED = 4096, /* 80 octets each; a power of two */
	DIGEST_SIZE = 32,
	CODE_OCTETS = PSEUDONYM_CODE * 5 / 8,
	TOKEN_SIZE = 64, /* of a string that may be a network, with its NUL */
};

struct remembered {
	struct address subscriber;
	int64_t epoch;
	char name[PSEUDONYM_SIZE]; /* "": none */
};

struct pseudonyms {
	struct pseudonym_key key;
	EVP_MAC_CTX *mac;
	struct remembered remembered[REMEMBERED];
};

int64_t
pseudonym_epoch(const struct pseudonym_key *key, int64_t time_ms)
{
	return time_ms < 0 ? 0 : time_ms / key->epoch_ms;
}

static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567"; /* RFC 4648 6 */

bool
pseudonym_parse(const char *string, int64_t *epoch)
{
	char *end;

	if (string[0] != 'p' || string[1] < '0' || string[1] > '9')
		return false;
	errno = 0;
	*epoch = strtoll(string + 1, &end, 10);
	return errno == 0 && *end == '-' && strlen(end + 1) == PSEUDONYM_CODE &&
	       strspn(end + 1, alphabet) == PSEUDONYM_CODE;
}

/* The year 9999: what can be printed. */
#define EPOCH_END_MS INT64_C(253370764800000)

int
pseudonym_to_resolve(const struct pseudonym_key *key, const char *pseudonym, int64_t *epoch,
    struct text *problem)
{
	if (!pseudonym_parse(pseudonym, epoch))
		text_add_string(problem, "pseudonym: none, such as p688-nd2m2cpnkhcb44tc");
	else if (key->length == 0)
		text_add_string(
		    problem, "[events] pseudonym = none: there are no pseudonyms to resolve");
	else if (*epoch > EPOCH_END_MS / key->epoch_ms)
		text_add_string(problem, "pseudonym: that epoch has not been yet");
	else
		return 0;
	return -1;
}

struct pseudonyms *
pseudonyms_new(const struct pseudonym_key *key)
{
	OSSL_PARAM parameters[] = {
	    OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char[]){"SHA256"}, 0),
	    OSSL_PARAM_construct_end()};
	struct pseudonyms *pseudonyms = calloc(1, sizeof *pseudonyms);
	EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);

	if (pseudonyms != NULL && hmac != NULL) {
		pseudonyms->key = *key;
		pseudonyms->mac = EVP_MAC_CTX_new(hmac);
	}
	EVP_MAC_free(hmac); /* the context holds it */
	if (pseudonyms != NULL && pseudonyms->mac != NULL &&
	    EVP_MAC_init(pseudonyms->mac, key->octets, key->length, parameters) == 1)
		return pseudonyms;
	errno = pseudonyms == NULL ? ENOMEM : ENOTSUP;
	pseudonyms_free(pseudonyms);
	return NULL;
}

void
pseudonyms_free(struct pseudonyms *pseudonyms)
{
	if (pseudonyms == NULL)
		return;
	EVP_MAC_CTX_free(pseudonyms->mac);
	OPENSSL_cleanse(&pseudonyms->key, sizeof pseudonyms->key);
	free(pseudonyms);
}

/* What the hash is of: the epoch and the family in network order, then the address. */
static int
pseudonyms_digest(struct pseudonyms *pseudonyms, const struct address *subscriber,
    int64_t epoch, uint8_t digest[DIGEST_SIZE])
{
	uint8_t message[9 + sizeof subscriber->octets];
	size_t length;

	for (unsigned i = 0; i < 8; i++)
		message[i] = (uint8_t)((uint64_t)epoch >> (56 - 8 * i));
	message[8] = subscriber->family == ADDRESS_IPV4 ? 4 : 6;
	memcpy(message + 9, subscriber->octets, sizeof subscriber->octets);
	/* Without a key: the one that it has, from the beginning. */
	return EVP_MAC_init(pseudonyms->mac, NULL, 0, NULL) == 1 &&
		       EVP_MAC_update(pseudonyms->mac, message, sizeof message) == 1 &&
		       EVP_MAC_final(pseudonyms->mac, digest, &length, DIGEST_SIZE) == 1
		   ? 0
		   : -1;
}

static struct address
pseudonyms_subscriber(const struct pseudonyms *pseudonyms, const struct address *source)
{
	return address_subscriber(source, pseudonyms->key.prefix6).address;
}

void
pseudonyms_make(struct pseudonyms *pseudonyms, const struct address *source, int64_t epoch,
    char name[PSEUDONYM_SIZE])
{
	struct address subscriber = pseudonyms_subscriber(pseudonyms, source);
	uint8_t digest[DIGEST_SIZE];
	struct text text;
	unsigned bits = 0, value = 0;

	if (pseudonyms_digest(pseudonyms, &subscriber, epoch, digest) == -1) {
		strcpy(name, "p-unknown");
		return;
	}
	text_init(&text, name, PSEUDONYM_SIZE);
	text_add_character(&text, 'p');
	text_add_unsigned(&text, (uint64_t)epoch);
	text_add_character(&text, '-');
	for (unsigned i = 0; i < CODE_OCTETS; i++) {
		value = value << 8 | digest[i];
		for (bits += 8; bits >= 5; bits -= 5)
			text_add_character(&text, alphabet[value >> (bits - 5) & 31]);
	}
}

const char *
pseudonyms_name(struct pseudonyms *pseudonyms, const struct address *source, int64_t time_ms)
{
	struct address subscriber = pseudonyms_subscriber(pseudonyms, source);
	int64_t epoch = pseudonym_epoch(&pseudonyms->key, time_ms);
	uint64_t words[3] = {(uint64_t)epoch};

	memcpy(&words[1], subscriber.octets, sizeof subscriber.octets);
	struct remembered *remembered =
	    &pseudonyms->remembered[keyed_hash(0, words, 3) & (REMEMBERED - 1)];
	if (remembered->name[0] != '\0' && remembered->epoch == epoch &&
	    address_equal(&remembered->subscriber, &subscriber))
		return remembered->name;
	remembered->subscriber = subscriber;
	remembered->epoch = epoch;
	pseudonyms_make(pseudonyms, source, epoch, remembered->name);
	return remembered->name;
}

/*
 * In texts.
 */

/* Is it an address, or the network of one subscriber? */
static bool
pseudonyms_found(const struct pseudonyms *pseudonyms, char *token, struct address *address)
{
	struct network network;

	if (address_parse(token, address) == 0)
		return true;
	if (network_parse(token, &network) == 0) {
		*address = network.address;
		return network.length >= (address->family == ADDRESS_IPV4
						 ? ADDRESS_BITS_IPV4
						 : pseudonyms->key.prefix6);
	}
	if (errno != EDOM)
		return false;
	*strchr(token, '/') = '\0'; /* somebody meant the address, or will be told so */
	return address_parse(token, address) == 0;
}

/* How much of the string's beginning is one: all that looks like it, or what is before a port
 * or a full stop. 0: nothing. */
static size_t
pseudonyms_match(
    const struct pseudonyms *pseudonyms, const char *string, struct address *address)
{
	size_t length = strspn(string, "0123456789abcdefABCDEF:./");
	char token[TOKEN_SIZE];

	if (length >= sizeof token)
		length = sizeof token - 1;
	for (; length > 1; length--) {
		bool complete = strchr(":.", string[length]) != NULL ||
				strspn(string + length, "0123456789abcdefABCDEF/") == 0;
		if (!complete)
			continue;
		memcpy(token, string, length);
		token[length] = '\0';
		if (pseudonyms_found(pseudonyms, token, address))
			return length;
	}
	return 0;
}

void
pseudonyms_hide(
    struct pseudonyms *pseudonyms, const char *string, int64_t time_ms, char *out, size_t size)
{
	struct address address;
	struct text text;
	bool in_number = false;

	text_init(&text, out, size);
	while (*string != '\0') {
		size_t length = in_number ? 0 : pseudonyms_match(pseudonyms, string, &address);

		in_number = length == 0 && *string >= '0' && *string <= '9';

		if (length > 0) {
			text_add_string(&text, pseudonyms_name(pseudonyms, &address, time_ms));
			string += length;
		} else {
			text_add_character(&text, *string++);
		}
	}
}
