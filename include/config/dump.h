/*
 * The way back: a snapshot as a file, and what differs between two of them.
 */
#ifndef CONFIG_DUMP_H
#define CONFIG_DUMP_H

#include <stdio.h>

#include "base/attributes.h"
#include "config/snapshot.h"

/* As config_dump(). */
void dump_write(const struct snapshot *snapshot, FILE *out) NONNULL_ALL;

/* As config_changed_keys(). */
void dump_changed_keys(const struct snapshot *before, const struct snapshot *after,
    void (*changed)(void *argument, const struct config_key_change *change), void *argument)
    NONNULL(1, 2, 3);

#endif
