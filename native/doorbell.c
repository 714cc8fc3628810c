#define _GNU_SOURCE
#include "doorbell.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <unistd.h>

int doorbell_create(int pair[2]) {
#if defined(__APPLE__)
    if (pipe(pair) != 0) return errno;
    for (int index = 0; index < 2; index++) {
        fcntl(pair[index], F_SETFD, FD_CLOEXEC);
        fcntl(pair[index], F_SETFL, O_NONBLOCK);
    }
    return 0;
#else
    return pipe2(pair, O_CLOEXEC | O_NONBLOCK) == 0 ? 0 : errno;
#endif
}

/* A failure means that the pipe is full, so the bell rings already, or that the peer is gone, which its socket says. */
void doorbell_ring(int descriptor) {
    uint64_t one = 1;
    ssize_t written = write(descriptor, &one, sizeof one);
    (void)written;
}

bool doorbell_silence(int descriptor) {
    uint8_t rings[512];
    ssize_t taken = read(descriptor, rings, sizeof rings);
    return taken > 0 || (taken < 0 && (errno == EAGAIN || errno == EINTR));
}
