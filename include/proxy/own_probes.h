/*
 * The health check's own connections, so that they are neither judged nor counted: the main
 * thread connects to each listening address from that same address, and enters the port it does
 * so from beforehand; a worker that accepts a connection from an address to itself, from a port
 * that is entered, closes it without a word. No packet from outside the box can have its
 * destination's address as its source, so nobody else gets the same treatment.
 */
#ifndef PROXY_OWN_PROBES_H
#define PROXY_OWN_PROBES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/attributes.h"
#include "config/config.h"

/* All zero: no check has been made yet. */
struct own_probes {
	_Atomic uint16_t ports[CONFIG_LISTEN_MAX]; /* by listening address; 0: none */
	atomic_uint used;                          /* the first so many */
};

/*
 * The probe of listening address index comes from this port. It stays entered until the next
 * one takes its place, for a worker that is late. One thread, before it connects.
 */
static inline void
own_probes_enter(struct own_probes *probes, unsigned index, uint16_t port)
{
	atomic_store(&probes->ports[index], port);
	if (atomic_load(&probes->used) <= index)
		atomic_store(&probes->used, index + 1);
}

/* Any thread. */
static inline bool
own_probes_caught(const struct own_probes *probes, const struct endpoint *source,
    const struct endpoint *destination)
{
	unsigned used = atomic_load_explicit(&probes->used, memory_order_relaxed);

	for (unsigned i = 0; i < used; i++)
		if (atomic_load_explicit(&probes->ports[i], memory_order_relaxed) ==
			source->port &&
		    address_equal(&source->address, &destination->address))
			return true;
	return false;
}

#endif
