#define _GNU_SOURCE
#include "descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#if defined(__APPLE__)
#define MSG_CMSG_CLOEXEC 0
#define MSG_NOSIGNAL 0

/* No flag says it when a descriptor is made there, so a program that is started at that very moment inherits it. */
static int close_on_exec(int descriptor) {
    return fcntl(descriptor, F_SETFD, FD_CLOEXEC);
}
#else
static int close_on_exec(int descriptor) {
    (void)descriptor;
    return 0;
}
#endif

union control {
    struct cmsghdr aligned;
    char bytes[CMSG_SPACE(sizeof(int) * DESCRIPTORS_MAX)];
};

int descriptor_pair(int pair[2]) {
#if defined(__APPLE__)
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) return errno;
    for (int index = 0; index < 2; index++) {
        int one = 1;
        close_on_exec(pair[index]);
        setsockopt(pair[index], SOL_SOCKET, SO_NOSIGPIPE, &one, sizeof one);
    }
    return 0;
#else
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0 ? 0 : errno;
#endif
}

ssize_t descriptor_send(int socket, const void *bytes, size_t length, const int *descriptors, size_t count) {
    if (count > DESCRIPTORS_MAX || length == 0) {
        errno = EINVAL;
        return -1;
    }
    union control control;
    memset(&control, 0, sizeof control);
    struct iovec part = {.iov_base = (void *)bytes, .iov_len = length};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (count > 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int) * count);
        memcpy(CMSG_DATA(header), descriptors, sizeof(int) * count);
    }
    return sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Every descriptor that came has a number here already, whether it is wanted or not. */
static size_t collect(struct msghdr *message, int *found) {
    size_t count = 0;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header != NULL; header = CMSG_NXTHDR(message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        size_t here = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        memcpy(found + count, CMSG_DATA(header), here * sizeof(int));
        count += here;
    }
    return count;
}

ssize_t descriptor_receive(int socket, void *target, size_t room, int *descriptors, size_t *count) {
    union control control;
    int found[DESCRIPTORS_MAX];
    struct iovec part = {.iov_base = target, .iov_len = room};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    ssize_t taken = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (taken < 0) return -1;
    size_t came = collect(&message, found);
    /* Truncated: this process ran out of descriptors, and some are lost. */
    if (came > *count || (message.msg_flags & MSG_CTRUNC) != 0) {
        for (size_t index = 0; index < came; index++) close(found[index]);
        errno = EMSGSIZE;
        return -1;
    }
    for (size_t index = 0; index < came; index++) close_on_exec(found[index]);
    memcpy(descriptors, found, came * sizeof(int));
    *count = came;
    return taken;
}

int descriptor_duplicate(int descriptor) {
    return fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
}
