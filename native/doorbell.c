#define _GNU_SOURCE
#include "doorbell.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <unistd.h>
#if defined(__APPLE__)
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#else
#include <sys/eventfd.h>
#endif

#if defined(__APPLE__)
/* A pipe with one descriptor for both ends, which a named one has; the name is gone before the call returns. */
int doorbell_create(void) {
    char name[64];
    snprintf(name, sizeof name, "/tmp/amphis-%08x%08x", arc4random(), arc4random());
    if (mkfifo(name, 0600) != 0) return -1;
    int descriptor = open(name, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    int error = errno;
    unlink(name);
    errno = error;
    return descriptor;
}
#else
int doorbell_create(void) {
    return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}
#endif

int doorbell_create_pair(int pair[2]) {
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

/* A failure means that the counter is full, so the bell rings already, or that the peer is gone, which its socket says. */
void doorbell_ring(int descriptor) {
    uint64_t one = 1;
    ssize_t written = write(descriptor, &one, sizeof one);
    (void)written;
}

bool doorbell_silence(int descriptor) {
    /* An eventfd gives its 8 bytes, a pipe all that was written. */
    uint8_t rings[512];
    ssize_t taken = read(descriptor, rings, sizeof rings);
    return taken > 0 || (taken < 0 && (errno == EAGAIN || errno == EINTR));
}
