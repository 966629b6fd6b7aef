/*
 * Opening the listening sockets, with an explanation for each way in which that fails.
 */
#include "daemon/listeners.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "net/socket.h"

static const struct {
	int error;
	const char *advice;
} advices[] = {
    {EPERM, "a transparent listener needs CAP_NET_RAW: start as root"},
    {EADDRINUSE, "another program listens there: ss -ltnp shows which"},
    {EADDRNOTAVAIL, "this machine has no such address: is that family switched off?"},
    {EAFNOSUPPORT,
	"this kernel does not have that address family: take it out of [server] listen"},
    {EMFILE, "too many workers for the descriptor limit: raise LimitNOFILE="},
    {0, "[server] listen names the addresses"}, /* all else; the last row */
};

static void
listeners_explain(const struct endpoint *address, const char *step, int error)
{
	char buffer[ADDRESS_TEXT_SIZE + 8];
	struct text text;
	size_t row = 0;

	while (advices[row].error != 0 && advices[row].error != error)
		row++;
	text_init(&text, buffer, sizeof buffer);
	endpoint_format(&text, address);
	log_error("cannot listen on %s: %s: %s; %s", text.bytes, step, strerror(error),
	    advices[row].advice);
}

int
listeners_open(struct listeners *listeners, const struct config_endpoints *addresses,
    unsigned workers, unsigned backlog)
{
	unsigned wanted = workers * addresses->count;

	*listeners = (struct listeners){
	    .fds = calloc(wanted, sizeof *listeners->fds),
	    .per_worker = addresses->count,
	};
	if (listeners->fds == NULL) {
		log_error("no memory for %u listeners", wanted);
		return -1;
	}
	while (listeners->count < wanted) {
		const struct endpoint *address =
		    &addresses->list[listeners->count % addresses->count];
		const char *step;
		int fd = socket_listen(address, (int)backlog, &step);

		if (fd == -1) {
			listeners_explain(address, step, errno);
			listeners_fini(listeners);
			return -1;
		}
		listeners->fds[listeners->count++] = fd;
	}
	return 0;
}

const int *
listeners_take(struct listeners *listeners, unsigned worker, int *fds)
{
	for (unsigned i = 0; i < listeners->per_worker; i++) {
		int *fd = &listeners->fds[worker * listeners->per_worker + i];

		fds[i] = *fd;
		*fd = -1;
	}
	return fds;
}

void
listeners_fini(struct listeners *listeners)
{
	for (unsigned i = 0; i < listeners->count; i++)
		if (listeners->fds[i] != -1)
			close(listeners->fds[i]);
	free(listeners->fds);
	*listeners = (struct listeners){0};
}
