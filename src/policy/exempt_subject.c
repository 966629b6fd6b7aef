/*
 * Pseudonyms as networks of their own family, and back.
 */
#include "policy/exempt_subject.h"

#include <errno.h>
#include <string.h>

#include "policy/exemptions.h"

enum {
	SUBSCRIBER_OCTETS = EXEMPTIONS_SUBSCRIBER_BITS / 8,
};

static const char prefix[] = "s-";

bool
exempt_subject_is_subscriber(const struct network *subject)
{
	return subject->address.family == EXEMPTIONS_SUBSCRIBER;
}

/* -1: no digit of lower case. */
static int
digit_value(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

int
exempt_subject_pseudonym(const char *pseudonym, struct network *subscriber)
{
	const char *digits = pseudonym + sizeof prefix - 1;

	*subscriber = (struct network){
	    .address.family = EXEMPTIONS_SUBSCRIBER, .length = EXEMPTIONS_SUBSCRIBER_BITS};
	errno = EINVAL;
	if (strncmp(pseudonym, prefix, sizeof prefix - 1) != 0)
		return -1;
	for (size_t i = 0; i < SUBSCRIBER_OCTETS; i++, digits += 2) {
		int high = digit_value(digits[0]);
		int low = high == -1 ? -1 : digit_value(digits[1]);

		if (low == -1)
			return -1;
		subscriber->address.octets[i] = (uint8_t)(high * 16 + low);
	}
	return *digits == '\0' ? 0 : -1;
}

int
exempt_subject_parse(const char *string, struct network *subject)
{
	if (exempt_subject_pseudonym(string, subject) == 0)
		return 0;
	return network_parse(string, subject);
}

void
exempt_subject_format(struct text *text, const struct network *subject)
{
	if (!exempt_subject_is_subscriber(subject)) {
		network_format(text, subject);
		return;
	}
	text_add_string(text, prefix);
	for (size_t i = 0; i < SUBSCRIBER_OCTETS; i++)
		text_format(text, "%02x", subject->address.octets[i]);
}
