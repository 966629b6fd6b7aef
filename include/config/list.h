/*
 * Lists in the file, "a, b, @file", and the files of networks that they name. Any thread;
 * list_networks() blocks on disk.
 */
#ifndef CONFIG_LIST_H
#define CONFIG_LIST_H

#include <stdbool.h>

#include "base/address.h"
#include "base/attributes.h"
#include "base/origin.h"
#include "base/text.h"
#include "config/problems.h"
#include "config/snapshot.h"

enum {
	LIST_FILE_MAX = 256 << 20, /* octets of an @file: some ten million networks */
	LIST_PROBLEMS_MAX = 20,    /* reported of one file; the others are counted */
};

/*
 * Takes the next item, without the white space around it, from *cursor into item, which must
 * have room for INI_LINE_MAX octets. False at the end. Items are between commas: "a,,b" and
 * "a," have an empty one; "" has none.
 */
bool list_next(const char **cursor, struct text *item) NONNULL_ALL WUNRES;

/* What is to be said of a network that was added. */
enum list_judgement {
	LIST_FINE,
	LIST_WARNING,
	LIST_ERROR,
};

/* Takes one network, found at origin, whose file name lives as long as the snapshot. Adds to
 * problem what is wrong with it. */
typedef enum list_judgement list_judge(
    void *argument, const struct network *network, struct origin origin, struct text *problem);

struct list_reader {
	struct snapshot *snapshot;
	struct problems *problems;
	const struct place *place; /* of the value */
	list_judge *judge;
	void *argument;
};

/*
 * Calls judge for every network of value, its @files included (one network a line, # begins a
 * comment, relative to the main file's directory). Problems are reported where they are, in the
 * main file or in an @file, under the section and key of the place.
 */
void list_networks(const struct list_reader *reader, const char *value) NONNULL_ALL;

#endif
