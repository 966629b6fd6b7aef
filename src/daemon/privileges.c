/*
 * Capabilities (by libcap-ng), ids, no_new_privs, descriptor limit.
 */
#include "daemon/privileges.h"

#include <cap-ng.h>
#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"

enum {
	/* Listeners, event output, epoll and eventfds of many workers, and a little air. */
	RESERVED_DESCRIPTORS = 256,
	RELAY_DESCRIPTORS = 2,
	RELAY_DESCRIPTORS_BUSY = 6, /* with a pipe for each direction */
};

bool
privileges_have(unsigned capability)
{
	return capng_get_caps_process() == 0 &&
	       capng_have_capability(CAPNG_EFFECTIVE, capability) == 1;
}

int
privileges_check(void)
{
	if (privileges_have(CAP_NET_RAW))
		return 0;
	log_error(
	    "CAP_NET_RAW is missing: without it no connection can be intercepted. Start as "
	    "root, or with AmbientCapabilities=CAP_NET_RAW");
	return -1;
}

/*
 * So that it can be passed on. Only before the bounding set is emptied: afterwards
 * nothing becomes inheritable any more (capabilities(7)). Where it can not be had, an upgrade
 * says so.
 */
static void
make_inheritable(unsigned capability)
{
	if (capng_get_caps_process() == 0 &&
	    capng_update(CAPNG_ADD, CAPNG_INHERITABLE, capability) == 0)
		(void)capng_apply(CAPNG_SELECT_CAPS);
}

/* The only capability from now on. */
static void
select_capabilities(unsigned capability)
{
	capng_clear(CAPNG_SELECT_BOTH);
	capng_update(
	    CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_INHERITABLE, capability);
}

static int
become(const struct passwd *entry, unsigned capability)
{
	select_capabilities(capability);
	int failed = capng_change_id(
	    (int)entry->pw_uid, (int)entry->pw_gid, CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_BOUNDING);
	if (failed != 0) {
		log_error(
		    "cannot become user %s (capng_change_id: %d)", entry->pw_name, failed);
		return -1;
	}
	return 0;
}

/* Stays who it is. The bounding set can only be emptied with CAP_SETPCAP, which is no must. */
static int
stay(unsigned capability)
{
	select_capabilities(capability);
	if (capng_apply(CAPNG_SELECT_BOTH) == 0)
		return 0;
	select_capabilities(capability);
	if (capng_apply(CAPNG_SELECT_CAPS) == 0)
		return 0;
	log_error("cannot give up capabilities: %s", strerror(errno));
	return -1;
}

static int
drop_to(const char *user, unsigned capability)
{
	errno = 0;
	const struct passwd *entry = getpwnam(user);

	if (entry == NULL) {
		log_error(
		    "[server] user: there is no user \"%s\"%s%s. Create it (adduser --system "
		    "--group %s), name another, or leave it empty to stay who you are",
		    user, errno == 0 ? "" : ": ", errno == 0 ? "" : strerror(errno), user);
		return -1;
	}
	if (entry->pw_uid == geteuid())
		return stay(capability);
	if (geteuid() != 0) {
		log_error(
		    "[server] user: cannot become \"%s\" when not started as root. Start as "
		    "root or as that user, or leave it empty to stay who you are",
		    user);
		return -1;
	}
	return become(entry, capability);
}

int
privileges_pass_on(unsigned capability)
{
	make_inheritable(capability);
	return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0);
}

void
privileges_withhold(void)
{
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}

static int
keep_only(unsigned capability, const char *user)
{
	make_inheritable(capability);
	if ((user[0] == '\0' ? stay(capability) : drop_to(user, capability)) == -1)
		return -1;
	privileges_withhold();
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1) {
		log_error("cannot set no_new_privs: %s", strerror(errno));
		return -1;
	}
	return 0;
}

int
privileges_drop(const char *user)
{
	if (keep_only(CAP_NET_RAW, user) == -1)
		return -1;
	if (geteuid() == 0)
		log_warning("the daemon runs as root. Name an ordinary user in [server] user");
	return 0;
}

int
privileges_keep_net_admin(const char *user)
{
	return keep_only(CAP_NET_ADMIN, user);
}

/* As root the hard limit can be raised too; whether that worked is seen by what it is
 * afterwards. */
static rlim_t
raise_limit(rlim_t wanted)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return 0;
	if (limit.rlim_max < wanted) {
		struct rlimit higher = {.rlim_cur = wanted, .rlim_max = wanted};

		if (setrlimit(RLIMIT_NOFILE, &higher) == 0)
			return wanted;
	}
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) == -1)
		log_warning("cannot raise the descriptor limit: %s", strerror(errno));
	return limit.rlim_max;
}

unsigned
privileges_raise_descriptors(unsigned max_connections)
{
	rlim_t needed = (rlim_t)max_connections * RELAY_DESCRIPTORS_BUSY + RESERVED_DESCRIPTORS;
	rlim_t limit = raise_limit(needed);
	rlim_t usable =
	    limit > 2 * RESERVED_DESCRIPTORS ? limit - RESERVED_DESCRIPTORS : limit / 2;

	if (usable < (rlim_t)max_connections * RELAY_DESCRIPTORS)
		log_warning(
		    "the descriptor limit of %llu is below what max_connections = %u can "
		    "need: connections may be turned away before that many are open. Raise "
		    "it (LimitNOFILE=%llu)",
		    (unsigned long long)limit, max_connections, (unsigned long long)needed);
	return usable < UINT_MAX ? (unsigned)usable : UINT_MAX;
}
