/*
 * The evidence of the running daemon: the store that is written, and those who ask it. Main
 * thread.
 */
#ifndef DAEMON_KEEPING_H
#define DAEMON_KEEPING_H

#include "base/attributes.h"

struct service;

/* Opens what [store] names, if it names anything; no thread yet. 0, or -1 after explaining. */
int keeping_open(struct service *service, unsigned workers) NONNULL_ALL WUNRES;

/* Starts the thread, if there is a store. 0, or -1 after explaining. */
int keeping_start(struct service *service) NONNULL_ALL WUNRES;

/* The configuration is another now. */
void keeping_configure(struct service *service) NONNULL_ALL;

#endif
