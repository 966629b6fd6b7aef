/*
 * What the rules of op25bctl firewall have counted behind "tproxy": packets to port 25 that
 * were to be handed to op25bd and were not, because nothing listened. By libnftnl, which asks
 * for the two counters by name, while libnftables would first read the whole table, and a
 * million exemptions with it. Needs CAP_NET_ADMIN in the network namespace: nfnetlink(7) gives
 * nothing without it.
 */
#ifndef CONTROL_BYPASS_COUNTERS_H
#define CONTROL_BYPASS_COUNTERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/attributes.h"
#include "base/text.h"

struct bypass_counters {
	bool there; /* false: these rules are not loaded */
	uint64_t packets[ADDRESS_FAMILIES];
};

/* 0, or -1 with the reason in why. Waits for the kernel alone, so hardly. */
int bypass_counters_read(struct bypass_counters *counters, struct text *why) NONNULL_ALL WUNRES;

/* The same for other counters of these rules, by name. packets has a place for each. */
int bypass_counters_read_others(const char *const *wanted, size_t count, uint64_t *packets,
    bool *there, struct text *why) NONNULL_ALL WUNRES;

#endif
