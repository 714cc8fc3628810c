/* The words by which the two sides of a ring see each other, for the files that implement it. */
#ifndef AMPHIS_RING_WORD_H
#define AMPHIS_RING_WORD_H

#include "ring.h"

/* A sleeper's word is the position that it has seen, whose low three bits are free, with how it waits in them. */
#define AWAKE 0u
#define HOW_MASK 7u
#define WAITS_ON_FUTEX 1u
#define WAITS_ON_DOORBELL 2u

static inline _Atomic uint32_t *ring_peer_word(const struct ring *ring) {
    return ring->side == RING_PRODUCER ? &ring->control->head : &ring->control->tail;
}

static inline _Atomic uint32_t *ring_own_waits(const struct ring *ring) {
    return ring->side == RING_PRODUCER ? &ring->control->producer_waits : &ring->control->consumer_waits;
}

#endif
