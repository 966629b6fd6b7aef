/*
 * The bufferevent and what it reports. Its callbacks are deferred to the loop: otherwise an
 * error would be reported from within tls_send(), to an owner who is not prepared for it.
 */
#include "net/tls.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>

struct tls {
	struct bufferevent *stream; /* NULL: closed */
	SSL *ssl;
	tls_callback *callback;
	void *argument;
	bool secured;
	bool reading; /* tls_read_cb() has still to look at it, and frees it if it is closed */
};

bool
tls_sending(const struct tls *tls)
{
	return evbuffer_get_length(bufferevent_get_output(tls->stream)) > 0;
}

/*
 * Hands on all that was read: a watermark would hold back octets that OpenSSL has decrypted
 * already, and that nothing would stir any more.
 */
static void
tls_read_cb(struct bufferevent *stream, void *argument)
{
	struct tls *tls = argument;
	char octets[TLS_READ_SIZE];

	tls->reading = true;
	while (
	    tls->stream != NULL && !tls_sending(tls)) { /* else it is heard when that is done */
		int length =
		    evbuffer_remove(bufferevent_get_input(stream), octets, sizeof octets);

		if (length <= 0)
			break;
		tls->callback(tls->argument, TLS_INPUT, octets, (size_t)length);
	}
	tls->reading = false;
	if (tls->stream == NULL)
		free(tls);
}

static void
tls_write_cb(struct bufferevent *stream, void *argument)
{
	struct tls *tls = argument;

	if (!tls->secured || (bufferevent_get_enabled(stream) & EV_READ) != 0)
		return; /* nothing had to wait */
	bufferevent_enable(stream, EV_READ);
	if (evbuffer_get_length(bufferevent_get_input(stream)) > 0)
		bufferevent_trigger(stream, EV_READ, BEV_TRIG_DEFER_CALLBACKS);
	tls->callback(tls->argument, TLS_SENT, NULL, 0);
}

/*
 * The errno behind the end of a stream. What libevent has of the connection's own end is the
 * value of SSL_get_error(3), which names no library.
 */
static int
tls_error(struct bufferevent *stream, int system_error)
{
	unsigned long error = bufferevent_get_openssl_error(stream);

	if (ERR_SYSTEM_ERROR(error))
		return ERR_GET_REASON(error);
	if (ERR_GET_LIB(error) > ERR_LIB_SYS)
		return EPROTO;
	return system_error != 0 ? system_error : ECONNRESET;
}

static void
tls_event_cb(struct bufferevent *stream, short what, void *argument)
{
	struct tls *tls = argument;
	int error = errno;

	if ((what & BEV_EVENT_CONNECTED) != 0) {
		tls->secured = true;
		tls->callback(tls->argument, TLS_SECURED, NULL, 0);
		return;
	}
	if ((what & BEV_EVENT_EOF) != 0)
		tls->callback(tls->argument, TLS_EOF, NULL, 0);
	else
		tls->callback(tls->argument, TLS_DEAD, NULL, (size_t)tls_error(stream, error));
}

struct tls *
tls_accept(struct event_base *base, const struct tls_context *context, int fd,
    tls_callback *callback, void *argument)
{
	struct tls *tls = calloc(1, sizeof *tls);

	ERR_clear_error(); /* libevent looks at what is left in there */
	if (tls != NULL)
		tls->ssl = tls_context_accept(context);
	if (tls != NULL && tls->ssl != NULL)
		tls->stream = bufferevent_openssl_socket_new(
		    base, fd, tls->ssl, BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_DEFER_CALLBACKS);
	if (tls == NULL || tls->stream == NULL) {
		tls_close(tls, false);
		errno = ENOMEM;
		return NULL;
	}
	tls->callback = callback;
	tls->argument = argument;
	bufferevent_setcb(tls->stream, tls_read_cb, tls_write_cb, tls_event_cb, tls);
	bufferevent_set_max_single_read(tls->stream, TLS_READ_SIZE);
	bufferevent_enable(tls->stream, EV_READ | EV_WRITE);
	return tls;
}

int
tls_send(struct tls *tls, const char *octets, size_t length)
{
	ERR_clear_error();
	if (bufferevent_write(tls->stream, octets, length) == -1) {
		errno = ENOMEM;
		return -1;
	}
	if (tls_sending(tls))
		bufferevent_disable(tls->stream, EV_READ);
	return 0;
}

const char *
tls_version(const struct tls *tls)
{
	return tls->secured ? SSL_get_version(tls->ssl) : NULL;
}

void
tls_close(struct tls *tls, bool orderly)
{
	if (tls == NULL)
		return;
	if (orderly && tls->secured)
		(void)SSL_shutdown(tls->ssl); /* the peer's answer is of no matter */
	ERR_clear_error();
	if (tls->stream != NULL)
		bufferevent_free(tls->stream);
	SSL_free(tls->ssl);
	tls->stream = NULL;
	tls->ssl = NULL;
	if (!tls->reading)
		free(tls);
}
