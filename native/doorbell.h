/* An eventfd that makes the descriptor readable for whoever sleeps in an event loop. Rings that nobody heard add up to one. */
#ifndef AMPHIS_DOORBELL_H
#define AMPHIS_DOORBELL_H

/* A new descriptor, or -1 and errno. */
int doorbell_create(void);
void doorbell_ring(int descriptor);
void doorbell_silence(int descriptor);

#endif
