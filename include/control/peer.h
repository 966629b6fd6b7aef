/*
 * Who is at the other end of a control connection, and whether that may be. Main thread.
 */
#ifndef CONTROL_PEER_H
#define CONTROL_PEER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/attributes.h"
#include "control/command.h"

enum {
	PEER_NAME_SIZE = 33, /* of a user; useradd(8) allows 32 characters */
};

struct peer_identity {
	pid_t pid;
	uid_t uid;
	gid_t gid;
};

/* By SO_PEERCRED (unix(7)): as it was when the peer connected. 0, or -1 with errno. */
int peer_identify(int fd, struct peer_identity *identity) NONNULL_ALL WUNRES;

/* Groups whose members have a role; PEER_NO_GROUP: nobody has it. */
struct peer_groups {
	gid_t support;
	gid_t abuse;
};

#define PEER_NO_GROUP ((gid_t)-1)

/*
 * Administrators are root, owner, and the members of group: what the mode of the socket says,
 * asked once more, because a mode is easily changed by mistake; and because with groups of the
 * other roles the mode lets everybody in.
 */
enum control_role peer_role(int fd, const struct peer_identity *identity, uid_t owner,
    gid_t group, const struct peer_groups *groups) NONNULL_ALL WUNRES;

/* The user's name, or the number. May ask name services. */
void peer_name(uid_t uid, char name[PEER_NAME_SIZE]) NONNULL_ALL;

#endif
