/*
 * TLS on one connection, as its server: a bufferevent of libevent_openssl over a descriptor
 * that stays its owner's. Meant for lineio.c, which keeps the times and ends the connection;
 * nothing here waits by itself.
 *
 * One event base, one thread. Facts come from the loop, never from within a call below; in the
 * callback any function may be called, tls_close() included.
 */
#ifndef NET_TLS_H
#define NET_TLS_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "tls/context.h"

struct tls; /* opaque */

enum tls_fact {
	TLS_SECURED, /* the handshake is done */
	TLS_INPUT,   /* the peer sent octets; valid during the call; at most TLS_READ_SIZE */
	TLS_SENT, /* all that was given to tls_send() is with the kernel, and something was not
		     at once */
	TLS_EOF,  /* the peer has ended TLS, or closed */
	TLS_DEAD, /* length is an errno: EPROTO when TLS failed, else the connection's own */
};

enum {
	TLS_READ_SIZE = 4096,
};

typedef void tls_callback(
    void *argument, enum tls_fact fact, const char *octets, size_t length);

/* Begins the handshake on fd (connected, non-blocking). NULL with errno ENOMEM. */
struct tls *tls_accept(struct event_base *base, const struct tls_context *context, int fd,
    tls_callback *callback, void *argument) NONNULL(1, 2, 4) WUNRES;

/*
 * Sends, now as far as the kernel takes it; what it does not is kept, and no input is heard
 * until TLS_SENT. 0, or -1 with errno ENOMEM.
 */
int tls_send(struct tls *tls, const char *octets, size_t length) NONNULL_ALL WUNRES;

/* Something is kept. */
bool tls_sending(const struct tls *tls) NONNULL_ALL WUNRES;

/* "TLSv1.3", a static string; NULL before TLS_SECURED. */
const char *tls_version(const struct tls *tls) NONNULL_ALL WUNRES;

/*
 * Ends TLS; the connection below stays as it is. orderly: tells the peer (RFC 8446 6.1), if the
 * handshake was done. NULL is accepted.
 */
void tls_close(struct tls *tls, bool orderly);

#endif
