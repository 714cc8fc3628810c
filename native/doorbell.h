/*
 * A pipe that makes a descriptor readable for whoever sleeps in an event loop. Rings that nobody heard add up to one.
 *
 * Each process has one end, and the two share no flags: so a peer that makes its own end block, or never empties it, holds
 * nobody up. With one descriptor for both, as an eventfd is, it could.
 */
#ifndef AMPHIS_DOORBELL_H
#define AMPHIS_DOORBELL_H

#include <stdbool.h>

/* Two new descriptors: the first hears what the second rings. 0, or errno. */
int doorbell_create(int pair[2]);
void doorbell_ring(int descriptor);
/* Takes the rings; false: it will never ring again, as the peer passed something that is no doorbell, or has ended. */
bool doorbell_silence(int descriptor);

#endif
