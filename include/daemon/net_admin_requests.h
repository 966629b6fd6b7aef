/*
 * What the helper with CAP_NET_ADMIN (daemon/net_admin.h) does for the daemon: one row for each
 * verb. To add one: a function and a row in net_admin_requests.c. These run in the helper, so
 * they may wait and take long; the daemon waits for none of them.
 *
 * The daemon is the one that faces strangers, so it is not believed here: a request does what
 * its verb says and nothing else, whatever it says.
 */
#ifndef DAEMON_NET_ADMIN_REQUESTS_H
#define DAEMON_NET_ADMIN_REQUESTS_H

#include <stddef.h>

#include "base/attributes.h"
#include "base/text.h"

struct net_admin_request {
	const char *verb;
	/*
	 * What follows the verb and a space ("" if nothing does) is a string of any octets. 0
	 * with the answer, or -1 with the reason in the same place.
	 */
	int (*carry_out)(const char *arguments, struct text *answer);
};

const struct net_admin_request *net_admin_requests(size_t *count) NONNULL_ALL WUNRES;

#endif
