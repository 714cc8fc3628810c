/* Whether the process at the other end of a socket is still there. */
#ifndef AMPHIS_LIVENESS_H
#define AMPHIS_LIVENESS_H

#include <stdbool.h>

/*
 * True once the peer has died, has closed its end, or has ended its half of the connection; also when the descriptor is
 * none. Never blocks and takes nothing from the socket: bytes that wait there do not hide the end on Linux.
 */
bool liveness_lost(int descriptor);

#endif
