/*
 * One POST. Everything is given back by the end of the process. The exit status is libcurl's
 * code, or one of those below.
 */
#include "daemon/webhook.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/secret_file.h"

enum {
	INPUT_MAX = 65536,       /* octets; a call has some 300 */
	ANSWER_MAX = 65536,      /* octets that are read, and thrown away */
	HEADER_MAX = 4096,       /* octets of the file: a token of any kind */
	STATUS_UNUSABLE = 120,   /* settings, input or header file */
	STATUS_HTTP_CLASS = 200, /* and the first digit of what the server has answered */
	HTTP_GOOD = 2,           /* the first digit of success: RFC 9110 15 */
	CONNECT_SHARE = 2,       /* of the time, to connect */
};

static const char variable_url[] = "HOOK_URL";
static const char variable_header[] = "HOOK_HEADER";
static const char variable_ca[] = "HOOK_CA";
static const char variable_timeout[] = "HOOK_TIMEOUT_MS";

int
webhook_environment(const struct config_hook *hook, char *variables[WEBHOOK_VARIABLES])
{
	char timeout[24];
	const char *const rows[WEBHOOK_VARIABLES][2] = {
	    {variable_url, hook->url},
	    {variable_header, hook->header_file},
	    {variable_ca, hook->ca},
	    {variable_timeout, timeout},
	};

	snprintf(timeout, sizeof timeout, "%lld", (long long)hook->timeout_ms);
	memset(variables, 0, WEBHOOK_VARIABLES * sizeof *variables);
	for (size_t i = 0; i < WEBHOOK_VARIABLES; i++)
		if (asprintf(&variables[i], "%s=%s", rows[i][0], rows[i][1]) == -1) {
			variables[i] = NULL;
			while (i-- > 0)
				free(variables[i]);
			errno = ENOMEM;
			return -1;
		}
	return 0;
}

/* "" when it is not set. */
static const char *
setting(const char *name)
{
	const char *value = getenv(name);

	return value == NULL ? "" : value;
}

/* Reads standard input to its end. The length, or -1. */
static ssize_t
read_input(char input[INPUT_MAX])
{
	size_t length = 0;
	ssize_t got;

	while ((got = read(STDIN_FILENO, input + length, INPUT_MAX - length)) > 0)
		length += (size_t)got;
	return got == -1 || length == INPUT_MAX ? -1 : (ssize_t)length;
}

/* Adds the lines of the file, "Name: value" each. NULL after explaining. */
static struct curl_slist *
add_header_file(struct curl_slist *headers, const char *path)
{
	char lines[HEADER_MAX + 1];

	if (secret_file_text(path, lines, sizeof lines) == -1) {
		curl_slist_free_all(headers);
		return NULL;
	}
	for (char *rest = lines, *line; (line = strsep(&rest, "\r\n")) != NULL;)
		if (line[0] != '\0' && headers != NULL)
			headers = curl_slist_append(headers, line);
	return headers;
}

static struct curl_slist *
make_headers(void)
{
	const char *path = setting(variable_header);
	struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");

	/* No "Expect: 100-continue": the body is small, and some servers never answer it. */
	if (headers != NULL)
		headers = curl_slist_append(headers, "Expect:");
	return headers == NULL || path[0] == '\0' ? headers : add_header_file(headers, path);
}

/* Less than all of it ends the transfer. */
static size_t
throw_away(char *bytes, size_t size, size_t count, void *argument)
{
	size_t *room = argument;

	(void)bytes;
	if (size * count > *room)
		return 0;
	*room -= size * count;
	return size * count;
}

/* False when libcurl can not. */
static bool
prepare(CURL *curl, struct curl_slist *headers, const char *input, long length, size_t *room)
{
	const char *ca = setting(variable_ca);
	long timeout_ms = strtol(setting(variable_timeout), NULL, 10);
	bool good = true;

	good &= curl_easy_setopt(curl, CURLOPT_URL, setting(variable_url)) == CURLE_OK;
	good &= curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https") == CURLE_OK;
	good &= curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK;
	good &= curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK;
	good &= curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) ==
		CURLE_OK;
	if (ca[0] != '\0')
		good &= curl_easy_setopt(curl, CURLOPT_CAINFO, ca) == CURLE_OK;
	good &= curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK;
	good &=
	    curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK; /* not the environment's */
	good &= curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK;
	good &= curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, timeout_ms) == CURLE_OK;
	good &= curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, timeout_ms / CONNECT_SHARE) ==
		CURLE_OK;
	good &=
	    curl_easy_setopt(curl, CURLOPT_USERAGENT, "op25bd/" PACKAGE_VERSION) == CURLE_OK;
	good &= curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers) == CURLE_OK;
	good &= curl_easy_setopt(curl, CURLOPT_POSTFIELDS, input) == CURLE_OK;
	good &= curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, length) == CURLE_OK;
	good &= curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, throw_away) == CURLE_OK;
	good &= curl_easy_setopt(curl, CURLOPT_WRITEDATA, room) == CURLE_OK;
	return good;
}

static int
post(CURL *curl)
{
	long answered = 0;

	CURLcode code = curl_easy_perform(curl);
	if (code != CURLE_OK)
		return (int)code;
	if (curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answered) != CURLE_OK)
		return STATUS_UNUSABLE;
	return answered / 100 == HTTP_GOOD ? 0 : STATUS_HTTP_CLASS + (int)(answered / 100 % 10);
}

int
webhook_main(void)
{
	char input[INPUT_MAX];
	size_t room = ANSWER_MAX;
	int status = STATUS_UNUSABLE;

	alarm(2 * 3600); /* the daemon, which would kill it sooner, may be gone */
	ssize_t length = read_input(input);
	CURL *curl = curl_easy_init();
	struct curl_slist *headers = make_headers();
	if (length > 0 && curl != NULL && headers != NULL &&
	    prepare(curl, headers, input, (long)length, &room))
		status = post(curl);
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	return status;
}

void
webhook_explain(int status, char *buffer, size_t size)
{
	if (status > STATUS_HTTP_CLASS && status < STATUS_HTTP_CLASS + 10)
		snprintf(buffer, size, "was answered with HTTP status %dxx",
		    status - STATUS_HTTP_CLASS);
	else if (status == CURLE_WRITE_ERROR)
		snprintf(buffer, size, "was answered with more than %d octets", ANSWER_MAX);
	else if (status == CURLE_OPERATION_TIMEDOUT)
		snprintf(buffer, size, "took longer than its timeout");
	else if (status == STATUS_UNUSABLE)
		snprintf(
		    buffer, size, "can not be posted to: see its header file, and the log");
	else
		snprintf(buffer, size, "fails: %s", curl_easy_strerror((CURLcode)status));
}
