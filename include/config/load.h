/*
 * The steps of config_load() after ini_read(), each in a file of its own and each adding to one
 * list of problems: sections into settings, settings against each other, settings into messages
 * and a policy. Every step is run, whatever the ones before have found. Main thread.
 */
#ifndef CONFIG_LOAD_H
#define CONFIG_LOAD_H

#include "base/attributes.h"
#include "config/ini.h"
#include "config/problems.h"
#include "config/snapshot.h"

struct load {
	struct snapshot *snapshot;
	const struct ini *ini;
	struct problems *problems;
};

/* load_sections.c: every key into its field. */
void load_sections(const struct load *load) NONNULL_ALL;

/* load_checks.c: what is wrong only together with something else. */
void load_checks(const struct load *load) NONNULL_ALL;

/* load_messages.c: snapshot->messages. */
void load_messages(const struct load *load) NONNULL_ALL;

/* load_certificate.c: snapshot->tls, if STARTTLS is to be answered. */
void load_certificate(const struct load *load) NONNULL_ALL;
/* load_hints.c: snapshot->hints, if a file is named. Behind load_messages(). */
void load_hints(const struct load *load) NONNULL_ALL;

/* load_signatures.c: snapshot->signatures, if there is any [signature NAME]. */
void load_signatures(const struct load *load) NONNULL_ALL;

/* load_subscribers.c: what [subscribers] and [radius] say together. */
void load_subscribers(const struct load *load) NONNULL_ALL;

/* load_policy.c: snapshot->policy, sealed if there was no error at all so far. */
void load_policy(const struct load *load) NONNULL_ALL;

/* load_help.c: snapshot->proxies, and the page's address. */
void load_help(const struct load *load) NONNULL_ALL;

/* load.c: the place of a value in this line (0: nowhere, it is missing), for a report. key may
 * be NULL: the section as a whole. */
struct place load_place(const struct load *load, const char *section, const char *key,
    unsigned line) NONNULL(1, 2) WUNRES;

#endif
