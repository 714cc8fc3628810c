/*
 * A ring of records between one producer and one consumer, in memory that two processes share (spec/ring.md).
 *
 * The peer may write anything anywhere in that memory at any time. So each side keeps its own position privately and only
 * publishes it, takes what it reads from the memory once into a copy, and judges the copy: whatever the memory holds, no
 * access leaves the ring, and no record is longer than the ring. What a hostile peer can spoil is its own data.
 *
 * Knows neither Node nor Python: both bindings and the fuzzer use it as it is. Not thread-safe: one `struct ring` per thread.
 */
#ifndef AMPHIS_RING_H
#define AMPHIS_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "spin.h"

#define RING_HEADER_BYTES 640u
#define RING_MIN_CAPACITY 64u
#define RING_MAX_CAPACITY (1u << 30)
#define RING_ALIGNMENT 128u

/* Two neighbouring cache lines are fetched together on x86, so words of different writers are 128 bytes apart. */
struct ring_control {
    _Alignas(RING_ALIGNMENT) _Atomic uint32_t magic;
    _Atomic uint32_t version;
    _Atomic uint32_t capacity;
    /* Written by the producer. */
    _Alignas(RING_ALIGNMENT) _Atomic uint32_t tail;
    _Atomic uint32_t producer_cpu;
    /* Written by the consumer. */
    _Alignas(RING_ALIGNMENT) _Atomic uint32_t head;
    _Atomic uint32_t consumer_cpu;
    /* Set by the side that goes to sleep, taken back by the one that wakes it: apart from the positions, because the
       peer looks at them for every record while the positions change for every record. */
    _Alignas(RING_ALIGNMENT) _Atomic uint32_t consumer_waits;
    _Alignas(RING_ALIGNMENT) _Atomic uint32_t producer_waits;
};

enum ring_side { RING_PRODUCER, RING_CONSUMER };

enum ring_status {
    RING_OK,
    /* Nothing to take, or no room for the record. */
    RING_PENDING,
    /* The record is longer than the ring, or the target shorter than the record. */
    RING_TOO_LARGE,
    /* The memory breaks the rules of spec/ring.md. Nothing was moved; the ring is of no more use. */
    RING_CORRUPT,
    RING_TIMED_OUT,
    /* A signal came while waiting, and the wait was to stop at one. */
    RING_SIGNALLED,
    /* Another thread asked for the end of the wait. */
    RING_INTERRUPTED,
    /* The peer is dead or has closed its socket, and left nothing behind. */
    RING_PEER_GONE,
};

/* One side of a ring. All fields are private to this process. */
struct ring {
    struct ring_control *control;
    uint8_t *data;
    uint32_t capacity;
    enum ring_side side;
    /* Own position. The published word is never read back. */
    uint32_t position;
    /* Position of the peer as last read and judged. */
    uint32_t peer;
    /* The doorbell that wakes the peer's event loop; -1: the peer has none. Borrowed. */
    int doorbell;
    struct spin spin;
    /* Another thread of this process set it to end the sleep of this side. */
    _Atomic uint32_t woken;
};

/* How long to wait, and what else ends it. */
struct ring_wait {
    /* The producer waits for room for a record of this length; the consumer says 0. */
    uint32_t length;
    /* Upper bound of looking at the ring before sleeping; less where that does not pay. */
    uint64_t spin_ns;
    /* < 0: for ever. RING_SIGNALLED leaves here what remains, so that the wait can go on. */
    int64_t timeout_ns;
    /* A socket to the peer, whose end is the peer's end; -1: none. */
    int liveness;
    /* Another thread stores something else than 0 to end the wait; NULL: nobody does. */
    const _Atomic int32_t *interrupt;
    bool stops_at_signal;
};

/* A record to send, and where its answer goes. */
struct ring_exchange {
    const void *record;
    uint32_t length;
    void *target;
    uint32_t room;
    /* Length of the answer. */
    uint32_t taken;
};

/* Lays an empty ring. `memory` is aligned to RING_ALIGNMENT and holds RING_HEADER_BYTES + capacity; capacity is a power of
   two within the limits above. RING_TOO_LARGE where it is not. */
enum ring_status ring_create(void *memory, uint64_t bytes, uint32_t capacity);

/* Takes one side of a ring that was laid in `bytes` of memory; RING_CORRUPT when there is none that fits into them. */
enum ring_status ring_attach(struct ring *ring, enum ring_side side, void *memory, uint64_t bytes, int doorbell);

/* Longest record that the ring takes. */
uint32_t ring_longest(const struct ring *ring);

/* Copies a record in, publishes it, and wakes the consumer if it sleeps. */
enum ring_status ring_push(struct ring *ring, const void *bytes, uint32_t length);

/* The same without waking the consumer: for what can wait until it looks by itself, or until the next ring_push. */
enum ring_status ring_push_quietly(struct ring *ring, const void *bytes, uint32_t length);

/* Wakes the peer if it sleeps and has not seen what this side published last. */
void ring_nudge(struct ring *ring);

/* Length of the next record. */
enum ring_status ring_next(struct ring *ring, uint32_t *length);

/* Copies the next record out, gives its room back, and wakes the producer if it sleeps. RING_TOO_LARGE leaves the record
   where it is; `length` says how much room it needs. */
enum ring_status ring_pop(struct ring *ring, void *target, uint32_t room, uint32_t *length);

/*
 * Copies whole records out, one after the other, until one does not fit or none is there, and gives their room back at
 * once. Stops before an empty record, which is a message of its own: ring_next tells it from an empty ring. RING_OK:
 * at least one byte was taken; RING_PENDING: none; RING_TOO_LARGE: the first record is longer than `room`.
 */
enum ring_status ring_take(struct ring *ring, void *target, uint32_t room, uint32_t *bytes);

/* RING_OK: there is a record, or room for one of `length` bytes. Takes and asks nothing. */
enum ring_status ring_ready(struct ring *ring, uint32_t length);

/*
 * Looks for as long as that has paid lately, at most `most_ns`, unless the peer last ran on this very CPU, where
 * spinning keeps it from working. RING_PENDING: nothing came.
 */
enum ring_status ring_spin(struct ring *ring, uint32_t length, uint64_t most_ns);

/*
 * Waits until there is a record, or room: spins first, then sleeps, which takes back what ring_arm asked for this side. With a socket or an interrupt word it wakes up every
 * 20 ms to look at them; a peer that is gone is reported only when what it left was taken.
 */
enum ring_status ring_wait(struct ring *ring, struct ring_wait *wait);

/*
 * Ends the ring_wait of another thread of this process, or the next one if none sleeps, with RING_TIMED_OUT. The peer
 * notices nothing of it.
 */
void ring_wake(struct ring *ring);

/*
 * Pushes a record, waits for the next one of the other ring, and pops it. RING_PENDING: there was no room, and nothing
 * was sent. After every other status the record was sent, and ring_receive takes the answer.
 */
enum ring_status ring_exchange(
    struct ring *producer, struct ring *consumer, struct ring_wait *wait, struct ring_exchange *exchange);

/* The second half of an exchange: waits for the next record and pops it. */
enum ring_status ring_receive(struct ring *consumer, struct ring_wait *wait, struct ring_exchange *exchange);

/*
 * Asks the peer to ring this side's doorbell once, at the next record or the next room. RING_OK: there is no need to
 * wait, and nothing is asked. RING_PENDING: the doorbell will ring.
 */
enum ring_status ring_arm(struct ring *ring, uint32_t length);

#endif
