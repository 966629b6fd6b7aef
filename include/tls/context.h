/*
 * The certificate and key that this box speaks TLS with, as a server, in its own name. Made
 * from files when a configuration is read, constant from then on, and shared by all connections
 * that began with it: any thread.
 *
 * TLS 1.2 and later (RFC 8996), no compression, no renegotiation, no tickets and no cache of
 * sessions: nothing of a client is kept beyond its connection, and no client certificate is
 * asked for.
 */
#ifndef TLS_CONTEXT_H
#define TLS_CONTEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/text.h"

struct tls_context; /* opaque */
struct ssl_st;      /* OpenSSL's SSL */

/*
 * Reads certificate (PEM, with the certificates that lead to its issuer behind it) and key
 * (PEM, without a passphrase). NULL after describing in problem what is wrong; key_at_fault
 * then says with which of the two. Blocks on disk. Free with tls_context_free(), which accepts
 * NULL; connections that are open keep what they need.
 */
struct tls_context *tls_context_new(const char *certificate, const char *key,
    bool *key_at_fault, struct text *problem) NONNULL_ALL WUNRES;
void tls_context_free(struct tls_context *context);

/*
 * Describes the first thing for which a client might refuse the certificate: its dates, as of
 * wall_ms, or that it is not for hostname; or that it has less than a week left. False, and
 * nothing added: there is nothing of that.
 */
bool tls_context_doubt(const struct tls_context *context, const char *hostname, int64_t wall_ms,
    struct text *doubt) NONNULL_ALL WUNRES;

/* A new connection's state, to be freed with SSL_free(). NULL: no memory. */
struct ssl_st *tls_context_accept(const struct tls_context *context) NONNULL_ALL WUNRES;

#endif
