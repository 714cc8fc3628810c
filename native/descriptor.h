/* Descriptors between processes, over a Unix socket (SCM_RIGHTS). No call here ever blocks. */
#ifndef AMPHIS_DESCRIPTOR_H
#define AMPHIS_DESCRIPTOR_H

#include <stddef.h>
#include <sys/types.h>

/* Most descriptors of one message that Linux takes (SCM_MAX_FD). */
#define DESCRIPTORS_MAX 253

/* Two connected stream sockets. 0, or errno. */
int descriptor_pair(int pair[2]);

/* Sends bytes, at least one, with descriptors beside the first of them. Bytes sent, or -1 and errno. */
ssize_t descriptor_send(int socket, const void *bytes, size_t length, const int *descriptors, size_t count);

/*
 * Takes bytes and up to `*count` descriptors, which are closed on exec. A message with more is refused with EMSGSIZE, and
 * none of its descriptors stays open: else a peer could fill this process's table. Bytes taken, 0 at the end, or -1 and errno.
 */
ssize_t descriptor_receive(int socket, void *target, size_t room, int *descriptors, size_t *count);

/* A copy that is closed on exec, or -1 and errno. */
int descriptor_duplicate(int descriptor);

#endif
