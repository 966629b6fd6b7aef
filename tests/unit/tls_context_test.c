/*
 * Certificates and keys as operators may leave them, made here, and what is said of each.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <limits.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tls/context.h"

enum {
	DAY = 24 * 60 * 60,
};

struct folder {
	char path[PATH_MAX / 4];
	char names[8][PATH_MAX / 2]; /* of files that were asked for */
	unsigned count;
	EVP_PKEY *key;
};

/* The path of a file in the folder. */
static const char *
file(struct folder *folder, const char *name)
{
	char path[PATH_MAX / 2];

	snprintf(path, sizeof path, "%s/%s", folder->path, name);
	for (unsigned i = 0; i < folder->count; i++)
		if (strcmp(folder->names[i], path) == 0)
			return folder->names[i];
	assert_true(folder->count < sizeof folder->names / sizeof *folder->names);
	return strcpy(folder->names[folder->count++], path);
}

static FILE *
create(struct folder *folder, const char *name)
{
	FILE *out = fopen(file(folder, name), "w");

	assert_non_null(out);
	return out;
}

/* For this name, valid from and until so many days from now, signed by its own key. */
static void
certify(struct folder *folder, const char *name, long from_days, long until_days)
{
	X509 *certificate = X509_new();
	X509_NAME *subject = X509_get_subject_name(certificate);

	X509_set_version(certificate, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
	X509_gmtime_adj(X509_getm_notBefore(certificate), from_days * DAY);
	X509_gmtime_adj(X509_getm_notAfter(certificate), until_days * DAY);
	assert_int_equal(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
			     (const unsigned char *)name, -1, -1, 0),
	    1);
	X509_set_issuer_name(certificate, subject);
	X509_set_pubkey(certificate, folder->key);
	assert_true(X509_sign(certificate, folder->key, EVP_sha256()) > 0);
	FILE *out = create(folder, "certificate");
	assert_int_equal(PEM_write_X509(out, certificate), 1);
	fclose(out);
	X509_free(certificate);
}

static void
write_key(struct folder *folder, const char *name, EVP_PKEY *key, const char *passphrase)
{
	FILE *out = create(folder, name);

	assert_int_equal(
	    PEM_write_PrivateKey(out, key, passphrase == NULL ? NULL : EVP_aes_128_cbc(), NULL,
		0, NULL, (void *)(uintptr_t)passphrase),
	    1);
	fclose(out);
}

static int
set_up(void **state)
{
	struct folder *folder = calloc(1, sizeof *folder);
	const char *parent = getenv("TMPDIR");

	assert_non_null(folder);
	snprintf(folder->path, sizeof folder->path, "%s/tls_context_test.XXXXXX",
	    parent != NULL ? parent : "/tmp");
	assert_non_null(mkdtemp(folder->path));
	folder->key = EVP_EC_gen("P-256");
	assert_non_null(folder->key);
	write_key(folder, "key", folder->key, NULL);
	certify(folder, "op25b.isp.example", -1, 30);
	*state = folder;
	return 0;
}

static int
tear_down(void **state)
{
	struct folder *folder = *state;

	for (unsigned i = 0; i < folder->count; i++)
		unlink(folder->names[i]);
	rmdir(folder->path);
	EVP_PKEY_free(folder->key);
	free(folder);
	return 0;
}

static void
a_connection_outlives_its_context(void **state)
{
	struct folder *folder = *state;
	char buffer[1024];
	struct text said;
	bool key_at_fault;

	text_init(&said, buffer, sizeof buffer);
	struct tls_context *context = tls_context_new(
	    file(folder, "certificate"), file(folder, "key"), &key_at_fault, &said);
	assert_string_equal(said.bytes, "");
	assert_non_null(context);
	SSL *ssl = tls_context_accept(context);
	assert_non_null(ssl);
	assert_int_equal(SSL_get_min_proto_version(ssl), TLS1_2_VERSION);
	assert_int_equal(SSL_get_verify_mode(ssl), SSL_VERIFY_NONE);
	tls_context_free(context);
	assert_non_null(SSL_get_certificate(ssl));
	SSL_free(ssl);
	tls_context_free(NULL);
}

/* These two files are no good, and what is wrong is with this one. */
static void
refused(struct folder *folder, const char *certificate, const char *key, bool key_expected,
    const char *expected)
{
	char buffer[1024], whole[2048];
	struct text said;
	bool key_at_fault;
	const char *culprit = file(folder, key_expected ? key : certificate);

	text_init(&said, buffer, sizeof buffer);
	assert_null(tls_context_new(
	    file(folder, certificate), file(folder, key), &key_at_fault, &said));
	snprintf(whole, sizeof whole, "%s: %s", culprit, expected);
	assert_string_equal(said.bytes, whole);
	assert_int_equal(key_at_fault, key_expected);
}

static void
files_that_are_no_good_are_refused(void **state)
{
	struct folder *folder = *state;
	EVP_PKEY *other = EVP_EC_gen("P-256");

	assert_non_null(other);
	write_key(folder, "other", other, NULL);
	write_key(folder, "locked", folder->key, "secret");
	fclose(create(folder, "empty"));
	refused(folder, "missing", "key", false, "No such file or directory");
	refused(folder, "certificate", "missing", true, "No such file or directory");
	refused(folder, ".", "key", false, "is not an ordinary file");
	refused(folder, "empty", "key", false,
	    "holds no certificate in PEM that can be used (no start line)");
	refused(folder, "key", "key", false,
	    "holds no certificate in PEM that can be used (no start line)");
	refused(folder, "certificate", "other", true,
	    "holds no key of the certificate, in PEM and without a passphrase (key values "
	    "mismatch)");
	refused(folder, "certificate", "empty", true,
	    "holds no key of the certificate, in PEM and without a passphrase (unsupported)");
	refused(folder, "certificate", "locked", true,
	    "holds no key of the certificate, in PEM and without a passphrase (bad decrypt)");
	EVP_PKEY_free(other);
}

static void
doubts_are_told(void **state)
{
	static const struct {
		long from_days, until_days;
		const char *name;
		const char *doubt; /* with X in place of a date */
	} cases[] = {
	    {-1, 30, "op25b.isp.example", ""},
	    {-1, 30, "*.isp.example", ""},
	    {-1, 30, "mail.isp.example",
		"is not for op25b.isp.example, the name that this box gives itself: a client "
		"that checks it shows that, and not the text"},
	    {1, 30, "op25b.isp.example",
		"is not valid before X: a client that checks it shows that, and not the text"},
	    {-30, -1, "op25b.isp.example",
		"has expired on X: a client that checks it shows that, and not the text"},
	    {-30, 6, "op25b.isp.example", "is to be renewed: it expires on X"},
	};
	struct folder *folder = *state;
	int64_t now_ms = (int64_t)time(NULL) * 1000;
	char buffer[1024];
	struct text said;
	bool key_at_fault;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		certify(folder, cases[i].name, cases[i].from_days, cases[i].until_days);
		text_init(&said, buffer, sizeof buffer);
		struct tls_context *context = tls_context_new(
		    file(folder, "certificate"), file(folder, "key"), &key_at_fault, &said);
		assert_non_null(context);
		assert_int_equal(tls_context_doubt(context, "op25b.isp.example", now_ms, &said),
		    cases[i].doubt[0] != '\0');
		char *date = strstr(said.bytes, "20");
		if (date != NULL) {
			*date = 'X';
			memmove(date + 1, date + 10, strlen(date + 10) + 1);
		}
		assert_string_equal(said.bytes, cases[i].doubt);
		tls_context_free(context);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		a_connection_outlives_its_context, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		files_that_are_no_good_are_refused, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(doubts_are_told, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
