/*
 * Certificates and keys by OpenSSL. What it says of a file is put into the words of somebody
 * who has to mend that file.
 */
#include "tls/context.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
	SOON_DAYS = 7, /* a certificate that is renewed automatically is renewed before that */
	DAY_MS = 24 * 60 * 60 * 1000,
	FILE_MAX = 1 << 20, /* octets: far more than any chain of certificates */
};

struct tls_context {
	SSL_CTX *ssl;
};

void
tls_context_free(struct tls_context *context)
{
	if (context == NULL)
		return;
	SSL_CTX_free(context->ssl);
	free(context);
}

/* No passphrase is known, and nobody is there to ask: the default would ask the terminal. */
static int
no_passphrase(char *buffer, int size, int writing, void *argument)
{
	(void)buffer;
	(void)size;
	(void)writing;
	(void)argument;
	return 0;
}

static SSL_CTX *
context_settings(void)
{
	SSL_CTX *ssl = SSL_CTX_new(TLS_server_method());

	if (ssl == NULL || SSL_CTX_set_min_proto_version(ssl, TLS1_2_VERSION) != 1) {
		SSL_CTX_free(ssl);
		return NULL;
	}
	SSL_CTX_set_options(ssl, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
				     SSL_OP_NO_TICKET | SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_mode(ssl, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(ssl, 0);
	SSL_CTX_set_default_passwd_cb(ssl, no_passphrase);
	return ssl;
}

/* What OpenSSL would not say clearly. */
static int
file_check(const char *path, struct text *problem)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd == -1 || fstat(fd, &status) == -1) {
		text_format(problem, "%s: %s", path, strerror(errno));
		if (errno == EACCES)
			text_add_string(problem, ". The user that the daemon becomes has to be "
						 "able to read it, too, for a reload");
		if (fd != -1)
			close(fd);
		return -1;
	}
	close(fd);
	if (S_ISREG(status.st_mode) && status.st_size <= FILE_MAX)
		return 0;
	text_format(problem, "%s: %s", path,
	    S_ISREG(status.st_mode) ? "is larger than 1 MB" : "is not an ordinary file");
	return -1;
}

/* The first error is the cause of those behind it. */
static int
openssl_problem(struct text *problem, const char *path, const char *expected)
{
	unsigned long error = ERR_get_error();
	const char *reason = ERR_reason_error_string(error);

	ERR_clear_error();
	text_format(problem, "%s: %s (%s)", path, expected,
	    reason == NULL ? "no reason was given" : reason);
	return -1;
}

static int
context_load(SSL_CTX *ssl, const char *certificate, const char *key, bool *key_at_fault,
    struct text *problem)
{
	*key_at_fault = false;
	ERR_clear_error();
	if (file_check(certificate, problem) == -1)
		return -1;
	if (SSL_CTX_use_certificate_chain_file(ssl, certificate) != 1)
		return openssl_problem(
		    problem, certificate, "holds no certificate in PEM that can be used");
	*key_at_fault = true;
	if (file_check(key, problem) == -1)
		return -1;
	if (SSL_CTX_use_PrivateKey_file(ssl, key, SSL_FILETYPE_PEM) != 1)
		return openssl_problem(problem, key,
		    "holds no key of the certificate, in PEM and without a passphrase");
	if (SSL_CTX_check_private_key(ssl) == 1)
		return 0;
	ERR_clear_error();
	text_format(problem, "%s: is not the key of the certificate", key);
	return -1;
}

struct tls_context *
tls_context_new(
    const char *certificate, const char *key, bool *key_at_fault, struct text *problem)
{
	struct tls_context *context = calloc(1, sizeof *context);

	*key_at_fault = false;
	if (context != NULL)
		context->ssl = context_settings();
	if (context == NULL || context->ssl == NULL) {
		text_add_string(problem, "no memory for TLS");
	} else if (context_load(context->ssl, certificate, key, key_at_fault, problem) == 0) {
		return context;
	}
	tls_context_free(context);
	return NULL;
}

/* what, and the date as "2026-01-02" in UTC. */
static void
add_date(struct text *out, const char *what, const ASN1_TIME *when)
{
	struct tm tm;

	if (ASN1_TIME_to_tm(when, &tm) == 1)
		text_format(out, "%s %04d-%02d-%02d", what, tm.tm_year + 1900, tm.tm_mon + 1,
		    tm.tm_mday);
	else
		text_format(out, "%s a date that can not be read", what);
}

bool
tls_context_doubt(const struct tls_context *context, const char *hostname, int64_t wall_ms,
    struct text *doubt)
{
	X509 *certificate = SSL_CTX_get0_certificate(context->ssl);
	const ASN1_TIME *from = X509_get0_notBefore(certificate);
	const ASN1_TIME *until = X509_get0_notAfter(certificate);
	time_t now = wall_ms / 1000, soon = (wall_ms + (int64_t)SOON_DAYS * DAY_MS) / 1000;
	bool refused = true;

	if (X509_cmp_time(from, &now) > 0)
		add_date(doubt, "is not valid before", from);
	else if (X509_cmp_time(until, &now) < 0)
		add_date(doubt, "has expired on", until);
	else if (X509_check_host(certificate, hostname, 0, 0, NULL) != 1)
		text_format(
		    doubt, "is not for %s, the name that this box gives itself", hostname);
	else
		refused = false;
	if (refused)
		text_add_string(
		    doubt, ": a client that checks it shows that, and not the text");
	else if (X509_cmp_time(until, &soon) < 0)
		add_date(doubt, "is to be renewed: it expires on", until);
	ERR_clear_error();
	return doubt->length > 0;
}

struct ssl_st *
tls_context_accept(const struct tls_context *context)
{
	return SSL_new(context->ssl);
}
