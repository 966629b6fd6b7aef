/*
 * Running another program and hearing what it says, without a shell.
 */
#ifndef CONTROL_PROGRAM_H
#define CONTROL_PROGRAM_H

#include "base/attributes.h"
#include "base/text.h"

/*
 * Runs arguments[0] (found by PATH; the list ends with NULL) with an empty stdin, adds what it
 * writes on stdout and stderr to output as far as that has room, and waits for its end. Returns
 * its exit status, or -1 after adding the reason to output when it could not be run or was
 * killed.
 */
int program_run(const char *const *arguments, struct text *output) NONNULL_ALL WUNRES;

/* The same for words in one string, separated by single spaces; at most 31 of them. */
int program_run_words(const char *words, struct text *output) NONNULL_ALL WUNRES;

#endif
