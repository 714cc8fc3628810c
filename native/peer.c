#define _GNU_SOURCE
#include "peer.h"

#include <errno.h>
#include <sys/socket.h>

int peer_of(int socket, struct peer *peer) {
    struct ucred credentials;
    socklen_t bytes = sizeof credentials;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &bytes) != 0) return errno;
    /* Other kinds of sockets answer too, with nobody. */
    if (credentials.pid <= 0) return ENOTCONN;
    *peer = (struct peer){.pid = credentials.pid, .uid = credentials.uid, .gid = credentials.gid};
    return 0;
}
