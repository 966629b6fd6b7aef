/*
 * Edit distance for "did you mean", and numbers in running text. Pure; any thread.
 */
#include "config/words.h"

#include <ctype.h>
#include <string.h>

enum {
	WORD_MAX = 64, /* longer words are not guessed at */
};

static unsigned
smallest(unsigned a, unsigned b, unsigned c)
{
	unsigned least = a < b ? a : b;

	return least < c ? least : c;
}

/*
 * Levenshtein's distance, one row at a time, with a swap of neighbours as one step (its rows:
 * this one, the one before, the one before that). Neither word is longer than WORD_MAX.
 */
static unsigned
word_distance(const char *a, const char *b)
{
	unsigned rows[3][WORD_MAX + 1];
	unsigned *before = rows[0], *above = rows[1], *row = rows[2];
	size_t width = strlen(b);

	for (unsigned j = 0; j <= width; j++)
		above[j] = before[j] = j;
	for (unsigned i = 1; i <= strlen(a); i++) {
		row[0] = i;
		for (unsigned j = 1; j <= width; j++) {
			int left = tolower((unsigned char)a[i - 1]);
			int right = tolower((unsigned char)b[j - 1]);

			row[j] = smallest(above[j] + 1, row[j - 1] + 1,
			    above[j - 1] + (left == right ? 0U : 1U));
			if (i > 1 && j > 1 && left == tolower((unsigned char)b[j - 2]) &&
			    right == tolower((unsigned char)a[i - 2]) &&
			    before[j - 2] + 1 < row[j])
				row[j] = before[j - 2] + 1;
		}
		unsigned *oldest = before;
		before = above;
		above = row;
		row = oldest;
	}
	return above[width];
}

void
words_guess(struct guess *guess, const char *word)
{
	size_t length = strlen(word);

	guess->word = word;
	guess->best = NULL;
	/*
	 * Of a short word one letter may be wrong, of a usual one two, of a long one a third.
	 */
	unsigned nearer = (unsigned)(length < 5 ? 2 : length < 8 ? 3 : length / 3 + 1);
	guess->distance = length > WORD_MAX ? 0 : nearer;
}

void
words_offer(struct guess *guess, const char *known)
{
	if (strlen(known) > WORD_MAX || strlen(guess->word) > WORD_MAX)
		return;
	unsigned distance = word_distance(guess->word, known);
	if (distance < guess->distance) {
		guess->distance = distance;
		guess->best = known;
	}
}

bool
words_hold_number(const char *text, const char *number)
{
	static const char digits[] = "0123456789";
	size_t length = strlen(number);

	for (text += strcspn(text, digits); *text != '\0'; text += strcspn(text, digits)) {
		size_t run = strspn(text, digits);

		if (run == length && memcmp(text, number, length) == 0)
			return true;
		text += run;
	}
	return false;
}

bool
words_hold_submission_port(const char *text)
{
	return words_hold_number(text, "465") || words_hold_number(text, "587");
}

const char *
words_submission_reason(void)
{
	return "465 and 587 are for mail submission and must stay open to everyone "
	       "(RFC 5068 section 3.1): op25bd never touches them";
}
