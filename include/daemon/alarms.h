/*
 * The alarms of op25bd(8), ALARMS: packets that go past the daemon, and silence. Each is told
 * when it begins and when it is over: in the log and as an event; and for as long as it lasts
 * by op25bctl status and by the metrics. Main thread.
 */
#ifndef DAEMON_ALARMS_H
#define DAEMON_ALARMS_H

#include <jansson.h>
#include <stdint.h>

#include "base/address.h"
#include "base/attributes.h"
#include "base/text.h"

struct alarms; /* opaque */
struct service;

/*
 * Looks from now on, by the service's event base, until it drains or has been succeeded. The
 * service's helper process, if it has one, reads the firewall's counters for it. NULL with
 * errno ENOMEM.
 */
struct alarms *alarms_new(struct service *service) NONNULL_ALL WUNRES;

/* The helper must have been freed before: it calls back. NULL is accepted. */
void alarms_free(struct alarms *alarms);

/* For the metrics. Are the firewall's counters being read? */
bool alarms_bypass_watched(const struct alarms *alarms) NONNULL_ALL WUNRES;

/* Packets of a family that went past the daemon since it began to look. */
uint64_t alarms_bypass_packets(
    const struct alarms *alarms, enum address_family family) NONNULL_ALL WUNRES;

/* Is the alarm on (of any family)? */
bool alarms_bypass_raised(const struct alarms *alarms) NONNULL_ALL WUNRES;
bool alarms_silence_raised(const struct alarms *alarms) NONNULL_ALL WUNRES;

/*
 * {"bypass": {"watched": bool, "problem": why not, "ipv4": packets, "ipv6": packets, "raised":
 * bool}, "silence": {"limit_ms": 0: no alarm, "silent_ms", "raised": bool}}. A new reference.
 */
json_t *alarms_status(const struct alarms *alarms) NONNULL_ALL WUNRES;

/* Adds the message of each alarm that is on to an array of strings. */
void alarms_add_warnings(const struct alarms *alarms, json_t *warnings) NONNULL_ALL;

#endif
