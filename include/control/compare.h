/*
 * Comparing two listings of the table, block by block. Pure.
 */
#ifndef CONTROL_COMPARE_H
#define CONTROL_COMPARE_H

#include "base/attributes.h"

/*
 * Calls differs() with one sentence for each line that is in wanted and not in loaded
 * ("missing in chain port25: ..."), the other way round ("unknown in ..."), or at another
 * place among the lines of its block ("out of order in ..."). Both are what "nft list table"
 * prints. Returns how many differences there are, or -1 with errno ENOMEM.
 */
int compare_listings(const char *wanted, const char *loaded,
    void (*differs)(void *argument, const char *sentence), void *argument)
    NONNULL(1, 2, 3) WUNRES;

#endif
