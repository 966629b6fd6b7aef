/*
 * Values as they stand in the answers of the control socket: strings, written as everywhere
 * else. Each is a new reference; NULL when there is no memory, which json_pack(3) and
 * json_object_set_new(3) take for a failure of their own.
 */
#ifndef CONTROL_VALUES_H
#define CONTROL_VALUES_H

#include <jansson.h>
#include <stdint.h>

#include "base/address.h"
#include "base/attributes.h"

json_t *values_address(const struct address *address) NONNULL_ALL WUNRES;
json_t *values_network(const struct network *network) NONNULL_ALL WUNRES;
/* Wall clock. */
json_t *values_time(int64_t wall_ms) WUNRES;

#endif
