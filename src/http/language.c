/*
 * Accept-Language: a list of language ranges with weights, "ja,en-US;q=0.8,*;q=0.1".
 */
#include "http/language.h"

#include <ctype.h>
#include <string.h>

enum {
	RANGE_SIZE = 36,     /* a longer tag than RFC 5646 4.4.1 asks for is none of ours */
	WEIGHT_WHOLE = 1000, /* q=1; q has at most three digits behind the point */
};

/* Of the parameters behind a range, ";q=0.8": in thousandths; 0 for what can not be read. */
static int
range_weight(const char *parameters, size_t length)
{
	const char *end = parameters + length;
	const char *at = memchr(parameters, '=', length);
	int weight = 0, unit = WEIGHT_WHOLE;

	if (at == NULL)
		return WEIGHT_WHOLE;
	for (at++; at < end && unit > 0; at++) {
		if (*at == '.')
			continue;
		if (!isdigit((unsigned char)*at))
			break;
		weight += (*at - '0') * unit;
		unit /= 10;
	}
	return weight <= WEIGHT_WHOLE ? weight : 0;
}

/* 0, or -1: it is none of our languages. */
static int
range_language(const char *range, size_t length, enum words_language *language)
{
	char tag[RANGE_SIZE];

	if (length >= sizeof tag)
		return -1;
	memcpy(tag, range, length);
	tag[length] = '\0';
	return impact_words_language(tag, language);
}

enum words_language
language_negotiate(const char *accept)
{
	enum words_language best = WORDS_EN, language;
	int best_weight = 0;

	while (accept != NULL && *accept != '\0') {
		accept += strspn(accept, " \t,");
		size_t item = strcspn(accept, ",");
		size_t range = strcspn(accept, ",; \t");
		int weight = range_weight(accept + range, item - range);

		if (weight > best_weight && range_language(accept, range, &language) == 0) {
			best = language;
			best_weight = weight;
		}
		accept += item;
	}
	return best;
}
