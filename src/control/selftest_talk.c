/*
 * Small and blocking: it talks to op25bd and to itself, in namespaces made for that.
 */
#include "control/selftest_talk.h"

#include <errno.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

enum {
	PATIENCE_SECONDS = 10,
	LINE_SIZE = 1024,
};

static const char server_name[] = "op25b-selftest-server";

static void
set_patience(int fd)
{
	struct timeval patience = {.tv_sec = PATIENCE_SECONDS};

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

/* Streams are for reading lines only: one for both ways would need a seek between them. */
static void
serve_one(FILE *client)
{
	char line[LINE_SIZE];

	dprintf(fileno(client), "220 %s ESMTP\r\n", server_name);
	while (fgets(line, sizeof line, client) != NULL) {
		bool quit = strncmp(line, "QUIT", 4) == 0;

		dprintf(fileno(client), "%s\r\n", quit ? "221 bye" : "250 ok");
		if (quit)
			return;
	}
}

void
selftest_serve(void)
{
	struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_port = htons(25)};
	int off = 0, fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1 || setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) == -1 ||
	    bind(fd, (struct sockaddr *)&any, sizeof any) == -1 || listen(fd, 16) == -1)
		return;
	for (;;) {
		int client = accept(fd, NULL, NULL);
		FILE *stream = client == -1 ? NULL : fdopen(client, "r");

		if (stream == NULL)
			return;
		set_patience(client);
		serve_one(stream);
		fclose(stream);
	}
}

/* A socket from source to port 25 of destination, or -1 with errno. */
static int
talk_connect(const struct address *source, const struct address *destination)
{
	struct endpoint from = {.address = *source}, to = {.address = *destination, .port = 25};
	struct sockaddr_storage address;
	socklen_t length = endpoint_to_sockaddr(&from, &address);
	int fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1)
		return -1;
	set_patience(fd);
	if (bind(fd, (struct sockaddr *)&address, length) == 0) {
		length = endpoint_to_sockaddr(&to, &address);
		if (connect(fd, (struct sockaddr *)&address, length) == 0)
			return fd;
	}
	int error = errno;
	close(fd);
	errno = error;
	return -1;
}

/* Reads a whole reply and prints it. Its first digit, or 0. */
static int
talk_reply(FILE *server, bool *relayed, FILE *out)
{
	char line[LINE_SIZE];

	while (fgets(line, sizeof line, server) != NULL) {
		line[strcspn(line, "\r\n")] = '\0';
		fprintf(out, "     < %s\n", line);
		if (strstr(line, server_name) != NULL)
			*relayed = true;
		if (strlen(line) < 4 || line[3] != '-')
			return line[0] - '0';
	}
	fprintf(out, "     = the connection ended, or %d seconds without a reply\n",
	    PATIENCE_SECONDS);
	return 0;
}

enum selftest_outcome
selftest_talk(const struct address *source, const struct address *destination, FILE *out)
{
	static const char *const commands[] = {"EHLO selftest.example", "MAIL FROM:<>",
	    "RCPT TO:<postmaster@selftest.example>", "QUIT"};
	int fd = talk_connect(source, destination);
	FILE *server = fd == -1 ? NULL : fdopen(fd, "r");
	bool relayed = false;

	if (server == NULL) {
		fprintf(out, "     = %s\n", strerror(errno));
		return SELFTEST_FAILED;
	}
	int digit = talk_reply(server, &relayed, out);
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		if (digit != 2 && digit != 3)
			break;
		dprintf(fd, "%s\r\n", commands[i]);
		fprintf(out, "     > %s\n", commands[i]);
		digit = talk_reply(server, &relayed, out);
	}
	fclose(server);
	if (digit == 4 || digit == 5)
		return SELFTEST_REFUSED;
	return relayed && digit == 2 ? SELFTEST_RELAYED : SELFTEST_FAILED;
}
