/*
 * An eventfd that makes the descriptor readable for whoever sleeps in an event loop. Rings that nobody heard add up to one.
 *
 * Limit: the two processes share one open file, and with it the flag that keeps these calls from blocking. A hostile peer
 * can take the flag away and fill the counter, and then holds whoever rings until it reads. A pair, which is a pipe, has
 * two open files, one for each process, and no such limit; ringing and silencing work on either.
 */
#ifndef AMPHIS_DOORBELL_H
#define AMPHIS_DOORBELL_H

#include <stdbool.h>

/* A new descriptor, or -1 and errno. */
int doorbell_create(void);
/* Two new descriptors: the first hears what the second rings. 0, or errno. */
int doorbell_create_pair(int pair[2]);
void doorbell_ring(int descriptor);
/* Takes the rings; false: it will never ring again, as the peer passed something that is no doorbell, or has ended. */
bool doorbell_silence(int descriptor);

#endif
