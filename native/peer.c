#define _GNU_SOURCE
#include "peer.h"

#include <errno.h>
#include <sys/socket.h>
#if defined(__APPLE__)
#include <sys/un.h>
#include <unistd.h>
#endif

#if defined(__APPLE__)
int peer_of(int socket, struct peer *peer) {
    pid_t pid;
    uid_t uid;
    gid_t gid;
    socklen_t bytes = sizeof pid;
    if (getpeereid(socket, &uid, &gid) != 0) return errno;
    if (getsockopt(socket, SOL_LOCAL, LOCAL_PEERPID, &pid, &bytes) != 0) return errno;
    *peer = (struct peer){.pid = pid, .uid = uid, .gid = gid};
    return 0;
}
#else
int peer_of(int socket, struct peer *peer) {
    struct ucred credentials;
    socklen_t bytes = sizeof credentials;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &bytes) != 0) return errno;
    /* Other kinds of sockets answer too, with nobody. */
    if (credentials.pid <= 0) return ENOTCONN;
    *peer = (struct peer){.pid = credentials.pid, .uid = credentials.uid, .gid = credentials.gid};
    return 0;
}
#endif
