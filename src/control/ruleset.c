/*
 * The only file that talks to libnftables. Main thread of a tool.
 */
#include "control/ruleset.h"

#include <errno.h>
#include <nftables/libnftables.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char no_table[] = "No such file or directory"; /* nft's words for it */

/* A context that keeps output and errors for us. NULL with the reason in why. */
static struct nft_ctx *
ruleset_context(struct text *why)
{
	struct nft_ctx *context = nft_ctx_new(NFT_CTX_DEFAULT);

	if (context == NULL || nft_ctx_buffer_output(context) != 0 ||
	    nft_ctx_buffer_error(context) != 0) {
		text_add_string(why, "libnftables does not start");
		if (context != NULL)
			nft_ctx_free(context);
		return NULL;
	}
	nft_ctx_output_set_flags(context,
	    NFT_CTX_OUTPUT_STATELESS | NFT_CTX_OUTPUT_TERSE | NFT_CTX_OUTPUT_NUMERIC_PROTO);
	return context;
}

/* 0, or -1 with nft's own words in why. */
static int
ruleset_run(struct nft_ctx *context, const char *commands, struct text *why)
{
	if (nft_run_cmd_from_buffer(context, commands) == 0)
		return 0;
	text_add_string(why, nft_ctx_get_error_buffer(context));
	if (why->length == 0)
		text_add_string(why, "nft refuses without saying why");
	while (why->length > 0 && why->bytes[why->length - 1] == '\n')
		why->bytes[--why->length] = '\0';
	return -1;
}

int
ruleset_load(const char *rules, struct text *why)
{
	struct nft_ctx *context = ruleset_context(why);
	int result;

	if (context == NULL)
		return -1;
	nft_ctx_set_dry_run(context, true);
	result = ruleset_run(context, rules, why);
	nft_ctx_set_dry_run(context, false);
	if (result == 0)
		result = ruleset_run(context, rules, why);
	nft_ctx_free(context);
	return result;
}

/* "add" first: deleting what is not there would fail. */
int
ruleset_remove(struct text *why)
{
	struct nft_ctx *context = ruleset_context(why);
	int result;

	if (context == NULL)
		return -1;
	result = ruleset_run(context, "add table inet op25b\ndelete table inet op25b\n", why);
	nft_ctx_free(context);
	return result;
}

char *
ruleset_list(struct text *why)
{
	struct nft_ctx *context = ruleset_context(why);
	char *listing = NULL;

	if (context == NULL)
		return NULL;
	if (ruleset_run(context, "list table inet op25b\n", why) == 0)
		listing = strdup(nft_ctx_get_output_buffer(context));
	else if (strstr(why->bytes, no_table) != NULL) {
		text_clear(why);
		listing = strdup("");
	}
	if (listing == NULL && why->length == 0)
		text_add_string(why, strerror(errno));
	nft_ctx_free(context);
	return listing;
}

static int
write_all(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t written = write(fd, bytes, length);

		if (written == -1)
			return -1;
		bytes += written;
		length -= (size_t)written;
	}
	return 0;
}

/* All there is to read, NUL-terminated. NULL with errno. */
static char *
read_all(int fd)
{
	char *bytes = NULL;
	size_t length = 0, size = 0;
	ssize_t got;

	do {
		if (size - length < 2) {
			char *more = realloc(bytes, size = size == 0 ? 65536 : 2 * size);

			if (more == NULL) {
				free(bytes);
				return NULL;
			}
			bytes = more;
		}
		got = read(fd, bytes + length, size - length - 1);
		if (got > 0)
			length += (size_t)got;
	} while (got > 0 || (got == -1 && errno == EINTR));
	bytes[length] = '\0';
	return bytes;
}

/* In the child: writes the listing, or why there is none, and says which by its exit status. */
static void
preview_child(const char *rules, int fd)
{
	char buffer[1024];
	struct text why;
	char *listing = NULL;

	text_init(&why, buffer, sizeof buffer);
	if (unshare(CLONE_NEWNET) == -1 && unshare(CLONE_NEWUSER | CLONE_NEWNET) == -1)
		text_format(&why, "no network namespace to try rules in: %s", strerror(errno));
	else if (ruleset_load(rules, &why) == 0)
		listing = ruleset_list(&why);
	const char *answer = listing == NULL ? why.bytes : listing;
	int failed = write_all(fd, answer, strlen(answer));
	_exit(listing == NULL || failed == -1);
}

char *
ruleset_preview(const char *rules, struct text *why)
{
	int ends[2], status = 0;
	char *answer;

	if (pipe(ends) == -1) {
		text_add_string(why, strerror(errno));
		return NULL;
	}
	pid_t child = fork();
	if (child == 0)
		preview_child(rules, ends[1]);
	close(ends[1]);
	answer = child == -1 ? NULL : read_all(ends[0]);
	close(ends[0]);
	if (child != -1 && waitpid(child, &status, 0) != child)
		status = -1;
	if (answer != NULL && status == 0)
		return answer;
	text_add_string(why, answer == NULL ? strerror(errno) : answer);
	free(answer);
	return NULL;
}
