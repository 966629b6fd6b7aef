/*
 * The well-formed byte sequences of RFC 3629 section 4, as a table.
 */
#include "base/utf8.h"

#include <stddef.h>

/* Octets of the character that begins here; 0: none does, or a control character. */
static size_t
character_length(const unsigned char *at)
{
	static const struct {
		unsigned char first, last, second_first, second_last;
		size_t length;
	} forms[] = {
	    {0x20, 0x7e, 0x00, 0xff, 1},
	    {0xc2, 0xdf, 0x80, 0xbf, 2},
	    {0xe0, 0xe0, 0xa0, 0xbf, 3},
	    {0xe1, 0xec, 0x80, 0xbf, 3},
	    {0xed, 0xed, 0x80, 0x9f, 3},
	    {0xee, 0xef, 0x80, 0xbf, 3},
	    {0xf0, 0xf0, 0x90, 0xbf, 4},
	    {0xf1, 0xf3, 0x80, 0xbf, 4},
	    {0xf4, 0xf4, 0x80, 0x8f, 4},
	};
	size_t form = 0;

	while (form < sizeof forms / sizeof *forms &&
	       (at[0] < forms[form].first || at[0] > forms[form].last ||
		   (forms[form].length > 1 &&
		       (at[1] < forms[form].second_first || at[1] > forms[form].second_last))))
		form++;
	if (form == sizeof forms / sizeof *forms)
		return 0;
	for (size_t i = 2; i < forms[form].length; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	return forms[form].length;
}

bool
utf8_valid(const char *string)
{
	const unsigned char *at = (const unsigned char *)string;

	for (size_t length; *at != '\0'; at += length) {
		length = character_length(at);
		if (length == 0)
			return false;
	}
	return true;
}
