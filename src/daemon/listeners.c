/*
 * Opening the listening sockets, with an explanation for each way in which that fails.
 */
#include "daemon/listeners.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/inherited.h"
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

/* The place of address in the list, or its count. */
static unsigned
listeners_find(const struct config_endpoints *addresses, const struct endpoint *address)
{
	unsigned place = 0;

	while (place < addresses->count && !endpoint_equal(&addresses->list[place], address))
		place++;
	return place;
}

/* places[i]: which address the inherited descriptor i is for. */
static int
listeners_adopt(const struct config_endpoints *addresses, unsigned backlog, unsigned inherited,
    unsigned *places)
{
	char buffer[ADDRESS_TEXT_SIZE + 8];
	struct text text;

	for (unsigned i = 0; i < inherited; i++) {
		int fd = INHERITED_FIRST_FD + (int)i;
		struct endpoint address;
		const char *step;

		if (socket_adopt(fd, (int)backlog, &address, &step) == -1) {
			log_error("cannot use descriptor %d that was handed over: %s: %s", fd,
			    step, strerror(errno));
			return -1;
		}
		places[i] = listeners_find(addresses, &address);
		if (places[i] < addresses->count)
			continue;
		text_init(&text, buffer, sizeof buffer);
		endpoint_format(&text, &address);
		log_error("descriptor %d that was handed over listens on %s, which [server] "
			  "listen does not name: make ListenStream= and listen agree, or, when "
			  "listen has changed, restart instead of upgrading",
		    fd, text.bytes);
		return -1;
	}
	return 0;
}

/* One per worker, where none was handed over. */
static int
listeners_open_address(struct listeners *listeners, const struct endpoint *address,
    unsigned workers, unsigned backlog)
{
	for (unsigned i = 0; i < workers; i++) {
		const char *step;
		int fd = socket_listen(address, (int)backlog, &step);

		if (fd == -1) {
			listeners_explain(address, step, errno);
			return -1;
		}
		listeners->fds[listeners->count++] = fd;
	}
	return 0;
}

/* Address by address: what was handed over for it, or else new ones. */
static int
listeners_gather(struct listeners *listeners, const struct config_endpoints *addresses,
    unsigned workers, unsigned backlog, unsigned inherited, const unsigned *places)
{
	for (unsigned place = 0; place < addresses->count; place++) {
		listeners->first[place] = listeners->count;
		for (unsigned i = 0; i < inherited; i++)
			if (places[i] == place)
				listeners->fds[listeners->count++] =
				    INHERITED_FIRST_FD + (int)i;
		if (listeners->count == listeners->first[place] &&
		    listeners_open_address(
			listeners, &addresses->list[place], workers, backlog) == -1)
			return -1;
	}
	listeners->addresses = addresses->count;
	listeners->first[addresses->count] = listeners->count;
	return 0;
}

int
listeners_open(struct listeners *listeners, const struct config_endpoints *addresses,
    unsigned workers, unsigned backlog, unsigned inherited)
{
	unsigned wanted = workers * addresses->count + inherited;
	unsigned *places = calloc(inherited + 1, sizeof *places);
	int result = -1;

	*listeners = (struct listeners){.fds = calloc(wanted, sizeof *listeners->fds)};
	if (listeners->fds == NULL || places == NULL)
		log_error("no memory for %u listeners", wanted);
	else if (listeners_adopt(addresses, backlog, inherited, places) == 0)
		result =
		    listeners_gather(listeners, addresses, workers, backlog, inherited, places);
	free(places);
	if (result == -1)
		listeners_fini(listeners);
	return result;
}

unsigned
listeners_most(const struct listeners *listeners, unsigned workers)
{
	return listeners->count / workers + listeners->addresses;
}

static int
duplicate(int fd)
{
	return fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
}

int
listeners_copy(const struct listeners *listeners, unsigned worker, unsigned workers, int *fds)
{
	int taken = 0;

	for (unsigned place = 0; place < listeners->addresses; place++) {
		unsigned first = listeners->first[place];
		unsigned count = listeners->first[place + 1] - first;
		unsigned i = worker % count; /* with fewer of them than workers it is shared */

		do {
			int fd = duplicate(listeners->fds[first + i]);

			if (fd == -1)
				goto fail;
			fds[taken++] = fd;
			i += workers;
		} while (i < count);
	}
	return taken;
fail:
	while (taken > 0)
		close(fds[--taken]);
	return -1;
}

void
listeners_fini(struct listeners *listeners)
{
	for (unsigned i = 0; i < listeners->count; i++)
		close(listeners->fds[i]);
	free(listeners->fds);
	*listeners = (struct listeners){0};
}
