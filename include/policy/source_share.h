/*
 * Which sources a phase that covers only a share of them covers: each subscriber has a fixed
 * place in a line of POLICY_SHARE_WHOLE, and a share takes those before it. So a subscriber is
 * always in or always out, and raising the share only ever adds subscribers.
 *
 * The place depends on nothing but the subscriber's address and the constants of this file: it
 * is the same on every box and after every restart, and must stay so over releases.
 */
#ifndef POLICY_SOURCE_SHARE_H
#define POLICY_SOURCE_SHARE_H

#include <stdint.h>

#include "base/address.h"
#include "base/attributes.h"

/*
 * The place of source, 0..POLICY_SHARE_WHOLE-1: of its whole IPv4 address, or of the leading
 * prefix6 bits (0..128) of its IPv6 address. Any thread.
 */
uint16_t source_share_place(const struct address *source, unsigned prefix6) NONNULL_ALL WUNRES;

#endif
