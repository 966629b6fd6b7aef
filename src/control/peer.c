/*
 * Credentials of peers, from the kernel.
 */
#include "control/peer.h"

#include <pwd.h>
#include <stdio.h>
#include <sys/socket.h>

enum {
	GROUPS_MAX = 256, /* that are looked at, beside the first */
};

int
peer_identify(int fd, struct peer_identity *identity)
{
	struct ucred credentials;
	socklen_t size = sizeof credentials;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == -1)
		return -1;
	*identity = (struct peer_identity){
	    .pid = credentials.pid, .uid = credentials.uid, .gid = credentials.gid};
	return 0;
}

static bool
peer_is_member(int fd, gid_t group)
{
	gid_t groups[GROUPS_MAX];
	socklen_t size = sizeof groups;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) == -1)
		return false;
	for (size_t i = 0; i < size / sizeof *groups; i++)
		if (groups[i] == group)
			return true;
	return false;
}

bool
peer_may(int fd, const struct peer_identity *identity, uid_t owner, gid_t group)
{
	return identity->uid == 0 || identity->uid == owner || identity->gid == group ||
	       peer_is_member(fd, group);
}

void
peer_name(uid_t uid, char name[PEER_NAME_SIZE])
{
	const struct passwd *entry = getpwuid(uid);

	if (entry != NULL)
		snprintf(name, PEER_NAME_SIZE, "%s", entry->pw_name);
	else
		snprintf(name, PEER_NAME_SIZE, "%u", (unsigned)uid);
}
