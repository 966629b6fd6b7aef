/*
 * Lookup, connect, handshake: one state each, and a deadline over all. Owns its descriptor, its
 * TLS and the lookup under way.
 */
#include "events/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <linux/sockios.h>
#include <unistd.h>

#include "base/text.h"

enum {
	ATTEMPT_MS = 10000, /* lookup, connect and handshake together */
	SILENCE_MS = 30000, /* TCP_USER_TIMEOUT: a collector that is gone without a word */
};

enum wire_state {
	WIRE_DOWN,
	WIRE_LOOKUP,
	WIRE_CONNECTING,
	WIRE_HANDSHAKE,
	WIRE_UP,
};

/* The resolver's, until it is done with it: it may outlive the wire. */
struct lookup {
	struct gaicb request;
	struct addrinfo hints;
	char host[OUTPUT_HOST_SIZE];
	char port[OUTPUT_PORT_SIZE];
};

struct wire {
	struct output_target target;
	SSL_CTX *context; /* NULL: no TLS */
	enum wire_state state;
	int64_t deadline_ms; /* of the attempt */
	struct lookup *lookup;
	struct addrinfo *addresses;
	struct addrinfo *next; /* to be tried if this one fails */
	int fd;
	SSL *ssl;
	uint64_t octets;
	bool tls_wants_write;
	char problem[WIRE_PROBLEM_SIZE];
};

/*
 * Problems.
 */

static int
wire_fail(struct wire *wire, const char *what, const char *why)
{
	struct text problem; /* cut, if need be */

	text_init(&problem, wire->problem, sizeof wire->problem);
	text_add_string(&problem, what);
	text_add_string(&problem, ": ");
	text_add_string(&problem, why);
	wire_close(wire);
	return -1;
}

/* The oldest of OpenSSL's errors, or the system's. */
static const char *
tls_reason(void)
{
	const char *reason = ERR_reason_error_string(ERR_peek_error());

	if (reason == NULL)
		reason = errno != 0 ? strerror(errno) : "the other side hung up";
	ERR_clear_error();
	return reason;
}

static const char *
wire_tls_reason(const struct wire *wire)
{
	long verified = SSL_get_verify_result(wire->ssl);

	if (verified == X509_V_OK)
		return tls_reason();
	ERR_clear_error();
	return X509_verify_cert_error_string(verified);
}

/*
 * Lookup.
 */

static void
lookup_drop(struct wire *wire)
{
	struct lookup *lookup = wire->lookup;

	wire->lookup = NULL;
	if (lookup == NULL)
		return;
	if (gai_error(&lookup->request) == EAI_INPROGRESS &&
	    gai_cancel(&lookup->request) != EAI_CANCELED)
		return; /* the resolver still writes to it: lost, on purpose */
	if (lookup->request.ar_result != NULL)
		freeaddrinfo(lookup->request.ar_result);
	free(lookup);
}

static int
wire_begin_lookup(struct wire *wire)
{
	struct lookup *lookup = calloc(1, sizeof *lookup);
	struct gaicb *request = lookup == NULL ? NULL : &lookup->request;

	if (lookup == NULL)
		return wire_fail(wire, wire->target.host, strerror(ENOMEM));
	memcpy(lookup->host, wire->target.host, sizeof lookup->host);
	memcpy(lookup->port, wire->target.port, sizeof lookup->port);
	lookup->hints.ai_socktype = SOCK_STREAM;
	lookup->hints.ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG;
	lookup->request.ar_name = lookup->host;
	lookup->request.ar_service = lookup->port;
	lookup->request.ar_request = &lookup->hints;
	int error = getaddrinfo_a(GAI_NOWAIT, &request, 1, NULL);
	if (error != 0) {
		free(lookup);
		return wire_fail(wire, wire->target.host, gai_strerror(error));
	}
	wire->lookup = lookup;
	wire->state = WIRE_LOOKUP;
	return 0;
}

/* An address needs no resolver. */
static int
wire_begin(struct wire *wire, int64_t now_ms)
{
	struct addrinfo hints = {
	    .ai_socktype = SOCK_STREAM,
	    .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
	};

	wire->deadline_ms = now_ms + ATTEMPT_MS;
	if (getaddrinfo(wire->target.host, wire->target.port, &hints, &wire->addresses) != 0)
		return wire_begin_lookup(wire);
	wire->next = wire->addresses;
	wire->state = WIRE_CONNECTING;
	return 0;
}

static int
wire_step_lookup(struct wire *wire)
{
	int error = gai_error(&wire->lookup->request);

	if (error == EAI_INPROGRESS)
		return 0;
	if (error != 0)
		return wire_fail(wire, wire->target.host, gai_strerror(error));
	wire->addresses = wire->next = wire->lookup->request.ar_result;
	wire->lookup->request.ar_result = NULL;
	lookup_drop(wire);
	wire->state = WIRE_CONNECTING;
	return 0;
}

/*
 * Connect.
 */

static void
wire_set_options(const struct wire *wire)
{
	int on = 1;
	unsigned silence_ms = SILENCE_MS;

	/* Without them it works, too. */
	(void)setsockopt(wire->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	(void)setsockopt(wire->fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	(void)setsockopt(
	    wire->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &silence_ms, sizeof silence_ms);
}

/* The next of the addresses; -1 when there is none left. */
static int
wire_try_next(struct wire *wire, int error)
{
	const struct addrinfo *address = wire->next;

	if (wire->fd != -1)
		close(wire->fd);
	wire->fd = -1;
	if (address == NULL)
		return wire_fail(wire, "no connection", strerror(error));
	wire->next = address->ai_next;
	wire->fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (wire->fd == -1)
		return wire_try_next(wire, errno);
	wire_set_options(wire);
	if (connect(wire->fd, address->ai_addr, address->ai_addrlen) == -1 &&
	    errno != EINPROGRESS)
		return wire_try_next(wire, errno);
	return 0;
}

static int
wire_begin_handshake(struct wire *wire)
{
	struct in6_addr ignored;
	bool name = true;

	wire->ssl = SSL_new(wire->context);
	if (wire->ssl == NULL || SSL_set_fd(wire->ssl, wire->fd) != 1)
		return wire_fail(wire, "TLS", tls_reason());
	if (inet_pton(AF_INET, wire->target.host, &ignored) == 1 ||
	    inet_pton(AF_INET6, wire->target.host, &ignored) == 1)
		name = false;
	/* RFC 5425 5.2 */
	if (name ? SSL_set1_host(wire->ssl, wire->target.host) != 1 ||
		       SSL_set_tlsext_host_name(wire->ssl, wire->target.host) != 1
		 : X509_VERIFY_PARAM_set1_ip_asc(
		       SSL_get0_param(wire->ssl), wire->target.host) != 1)
		return wire_fail(wire, "TLS", tls_reason());
	wire->state = WIRE_HANDSHAKE;
	return 0;
}

static int
wire_step_connect(struct wire *wire)
{
	struct pollfd ready = {.fd = wire->fd, .events = POLLOUT};
	int error = 0;
	socklen_t size = sizeof error;

	if (wire->fd == -1)
		return wire_try_next(wire, ENOENT);
	if (poll(&ready, 1, 0) < 1)
		return 0;
	if (getsockopt(wire->fd, SOL_SOCKET, SO_ERROR, &error, &size) == -1)
		error = errno;
	if (error != 0)
		return wire_try_next(wire, error);
	if (wire->context != NULL)
		return wire_begin_handshake(wire);
	wire->state = WIRE_UP;
	return 0;
}

/*
 * TLS.
 */

/* 0 and errno EAGAIN when OpenSSL has to wait for the socket; -1 and errno otherwise. */
static int
wire_tls_result(struct wire *wire, int result)
{
	switch (SSL_get_error(wire->ssl, result)) {
	case SSL_ERROR_WANT_WRITE:
		wire->tls_wants_write = true;
		errno = EAGAIN;
		return 0;
	case SSL_ERROR_WANT_READ:
		errno = EAGAIN;
		return 0;
	case SSL_ERROR_ZERO_RETURN:
		errno = ECONNRESET;
		return -1;
	default:
		if (errno == 0 || errno == EAGAIN)
			errno = ECONNRESET;
		return -1;
	}
}

static int
wire_step_handshake(struct wire *wire)
{
	ERR_clear_error();
	errno = 0;
	wire->tls_wants_write = false;
	int result = SSL_connect(wire->ssl);
	if (result == 1) {
		wire->state = WIRE_UP;
		return 0;
	}
	if (wire_tls_result(wire, result) == 0)
		return 0;
	return wire_fail(wire, "TLS", wire_tls_reason(wire));
}

int
wire_step(struct wire *wire, int64_t now_ms)
{
	static int (*const steps[])(struct wire *) = {
	    [WIRE_LOOKUP] = wire_step_lookup,
	    [WIRE_CONNECTING] = wire_step_connect,
	    [WIRE_HANDSHAKE] = wire_step_handshake,
	};
	enum wire_state before = WIRE_DOWN;

	if (wire->state == WIRE_DOWN && wire_begin(wire, now_ms) == -1)
		return -1;
	while (wire->state != WIRE_UP && wire->state != before) {
		before = wire->state;
		if (steps[before](wire) == -1)
			return -1;
	}
	if (wire->state != WIRE_UP && now_ms >= wire->deadline_ms)
		return wire_fail(wire, "no connection", strerror(ETIMEDOUT));
	return wire->state == WIRE_UP;
}

/*
 * Octets.
 */

ssize_t
wire_write(struct wire *wire, const char *bytes, size_t length)
{
	ssize_t written;
	size_t taken = 0;

	if (wire->ssl == NULL) {
		written = send(wire->fd, bytes, length, MSG_NOSIGNAL);
		wire->octets += written == -1 ? 0 : (uint64_t)written;
		return written;
	}
	ERR_clear_error();
	errno = 0;
	wire->tls_wants_write = false;
	int result = SSL_write_ex(wire->ssl, bytes, length, &taken);
	wire->octets = BIO_number_written(SSL_get_wbio(wire->ssl));
	if (result == 1)
		return (ssize_t)taken;
	(void)wire_tls_result(wire, result);
	return -1;
}

/* Acknowledge at once: a collector that answers line by line, with Nagle's algorithm, would
 * wait 40 ms for it each time. The kernel forgets this soon, so it is said again (tcp(7)). */
static void
wire_hasten(const struct wire *wire)
{
	int on = 1;

	(void)setsockopt(wire->fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
}

ssize_t
wire_read(struct wire *wire, char *bytes, size_t size)
{
	ssize_t got;
	size_t taken = 0;

	wire_hasten(wire);
	if (wire->ssl == NULL) {
		got = recv(wire->fd, bytes, size, 0);
		if (got == 0)
			errno = ECONNRESET;
		return got == 0 ? -1 : got;
	}
	ERR_clear_error();
	errno = 0;
	int result = SSL_read_ex(wire->ssl, bytes, size, &taken);
	if (result == 1)
		return (ssize_t)taken;
	(void)wire_tls_result(wire, result);
	return -1;
}

uint64_t
wire_octets(const struct wire *wire)
{
	return wire->octets;
}

uint64_t
wire_acknowledged(const struct wire *wire)
{
	int waiting = 0;

	if (wire->fd == -1 || ioctl(wire->fd, SIOCOUTQ, &waiting) == -1 || waiting < 0 ||
	    (uint64_t)waiting > wire->octets)
		return 0;
	return wire->octets - (uint64_t)waiting;
}

int
wire_fd(const struct wire *wire, bool writing, short *events)
{
	bool write = writing || wire->state == WIRE_CONNECTING || wire->tls_wants_write;

	*events = (short)(POLLIN | (write ? POLLOUT : 0));
	if (wire->state == WIRE_CONNECTING)
		*events = POLLOUT;
	return wire->fd;
}

bool
wire_up(const struct wire *wire)
{
	return wire->state == WIRE_UP;
}

const char *
wire_problem(const struct wire *wire)
{
	return wire->problem;
}

void
wire_close(struct wire *wire)
{
	if (wire->ssl != NULL) {
		if (wire->state == WIRE_UP)
			(void)SSL_shutdown(wire->ssl); /* as far as it goes without waiting */
		SSL_free(wire->ssl);
		ERR_clear_error();
	}
	wire->ssl = NULL;
	if (wire->fd != -1)
		close(wire->fd);
	wire->fd = -1;
	lookup_drop(wire);
	if (wire->addresses != NULL)
		freeaddrinfo(wire->addresses);
	wire->addresses = wire->next = NULL;
	wire->octets = 0;
	wire->tls_wants_write = false;
	wire->state = WIRE_DOWN;
}

/*
 * Certificates.
 */

static int
wire_load(const struct wire *wire, const struct wire_options *options, const char **file)
{
	const char *key = options->key[0] == '\0' ? options->certificate : options->key;

	SSL_CTX_set_verify(wire->context, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_mode(
	    wire->context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	*file = options->ca;
	if (options->ca[0] == '\0' ? SSL_CTX_set_default_verify_paths(wire->context) != 1
				   : SSL_CTX_load_verify_file(wire->context, options->ca) != 1)
		return -1;
	*file = options->certificate;
	if (options->certificate[0] == '\0')
		return 0;
	if (SSL_CTX_use_certificate_chain_file(wire->context, options->certificate) != 1)
		return -1;
	*file = key;
	return SSL_CTX_use_PrivateKey_file(wire->context, key, SSL_FILETYPE_PEM) == 1 ? 0 : -1;
}

struct wire *
wire_new(const struct wire_options *options, char *problem)
{
	struct wire *wire = calloc(1, sizeof *wire);
	const char *file = "";

	problem[0] = '\0';
	if (wire == NULL)
		return NULL;
	wire->fd = -1;
	wire->target = options->target;
	if (!options->target.tls)
		return wire;
	errno = 0;
	wire->context = SSL_CTX_new(TLS_client_method());
	if (wire->context != NULL &&
	    SSL_CTX_set_min_proto_version(wire->context, TLS1_2_VERSION) == 1 &&
	    wire_load(wire, options, &file) == 0)
		return wire;
	snprintf(problem, WIRE_PROBLEM_SIZE, "%s: %s", file, tls_reason());
	wire_free(wire);
	errno = EINVAL;
	return NULL;
}

void
wire_free(struct wire *wire)
{
	if (wire == NULL)
		return;
	wire_close(wire);
	SSL_CTX_free(wire->context);
	free(wire);
}
