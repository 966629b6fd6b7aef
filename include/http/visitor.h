/*
 * Who asks for a page: the peer of the connection, or, when that is a proxy of the provider's
 * own, whom the proxy names. A header that anybody else sends is not believed. Pure; any
 * thread.
 */
#ifndef HTTP_VISITOR_H
#define HTTP_VISITOR_H

#include <stdbool.h>

#include "base/address.h"
#include "base/attributes.h"
#include "config/config.h"
#include "policy/networks.h"

/* "X-Forwarded-For", "Forwarded" */
const char *visitor_header_name(enum config_proxy_header header) WUNRES;

/*
 * Finds the visitor: peer, unless trusted holds it. Then the values of the header (all of that
 * name, in order, joined by commas; NULL: there is none) are read from their end, where the
 * nearest proxy has written, up to the first address that trusted does not hold. An IPv4-mapped
 * address, as a proxy with one socket for both families writes it, is the IPv4 one. False when
 * there is none, or what stands there is no address: nobody knows who it is.
 */
bool visitor_find(const struct address *peer, const struct networks *trusted,
    enum config_proxy_header header, const char *values, struct address *visitor)
    NONNULL(1, 2, 5) WUNRES;

#endif
