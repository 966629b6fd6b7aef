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
peer_is_member(int fd, const struct peer_identity *identity, gid_t group)
{
	gid_t groups[GROUPS_MAX];
	socklen_t size = sizeof groups;

	if (group == PEER_NO_GROUP)
		return false;
	if (identity->gid == group)
		return true;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) == -1)
		return false;
	for (size_t i = 0; i < size / sizeof *groups; i++)
		if (groups[i] == group)
			return true;
	return false;
}

enum control_role
peer_role(int fd, const struct peer_identity *identity, uid_t owner, gid_t group,
    const struct peer_groups *groups)
{
	if (identity->uid == 0 || identity->uid == owner || peer_is_member(fd, identity, group))
		return CONTROL_ADMIN;
	if (peer_is_member(fd, identity, groups->abuse))
		return CONTROL_ABUSE;
	if (peer_is_member(fd, identity, groups->support))
		return CONTROL_SUPPORT;
	return CONTROL_NOBODY;
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
