/* Who is at the other end of a Unix socket, as the kernel saw it when the two were connected. */
#ifndef AMPHIS_PEER_H
#define AMPHIS_PEER_H

#include <stdint.h>

struct peer {
    int32_t pid;
    uint32_t uid;
    uint32_t gid;
};

/* 0, or errno. */
int peer_of(int socket, struct peer *peer);

#endif
