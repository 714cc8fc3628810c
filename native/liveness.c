#define _GNU_SOURCE
#include "liveness.h"

#include <poll.h>
#include <sys/socket.h>

#ifdef POLLRDHUP
#define WANTED POLLRDHUP
#define ENDED (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)
#else
#define WANTED POLLIN
#define ENDED (POLLHUP | POLLERR | POLLNVAL)
#endif

bool liveness_lost(int descriptor) {
    struct pollfd asked = {.fd = descriptor, .events = WANTED};
    if (poll(&asked, 1, 0) <= 0) return false;
    if ((asked.revents & ENDED) != 0) return true;
    char byte;
    return recv(descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}
