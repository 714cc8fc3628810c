#define _GNU_SOURCE
#include "ring.h"

#include <string.h>

#include "cpu.h"
#include "doorbell.h"
#include "futex.h"
#include "ring_word.h"

#define MAGIC 0x474e5241u /* "ARNG" */
#define VERSION 1u
#define RECORD_ALIGNMENT 8u
#define LENGTH_BYTES 4u

_Static_assert(sizeof(struct ring_control) == RING_HEADER_BYTES, "the layout of spec/ring.md");
_Static_assert(sizeof(_Atomic uint32_t) == 4, "a control word is four bytes");

static uint64_t record_bytes(uint64_t length) {
    return (LENGTH_BYTES + length + RECORD_ALIGNMENT - 1) & ~(uint64_t)(RECORD_ALIGNMENT - 1);
}

static int is_capacity(uint32_t capacity) {
    return capacity >= RING_MIN_CAPACITY && capacity <= RING_MAX_CAPACITY && (capacity & (capacity - 1)) == 0;
}

static int is_placed(const void *memory, uint64_t bytes) {
    return (uintptr_t)memory % RING_ALIGNMENT == 0 && bytes >= RING_HEADER_BYTES;
}

/* Bytes between the two positions that hold records. */
static uint32_t used_bytes(const struct ring *ring) {
    return ring->side == RING_PRODUCER ? ring->position - ring->peer : ring->peer - ring->position;
}

/* Reads the peer's position. A wrong one would let records overlap or be read where there are none. */
static enum ring_status refresh(struct ring *ring) {
    uint32_t before = ring->peer;
    ring->peer = atomic_load_explicit(ring_peer_word(ring), memory_order_acquire);
    if (used_bytes(ring) <= ring->capacity && ring->peer % RECORD_ALIGNMENT == 0) return RING_OK;
    ring->peer = before;
    return RING_CORRUPT;
}

static int is_ready(const struct ring *ring, uint64_t need) {
    uint32_t used = used_bytes(ring);
    return ring->side == RING_CONSUMER ? used > 0 : ring->capacity - used >= need;
}

/* Looks into the shared memory only when what is known does not suffice: the peer's line stays with the peer. */
static enum ring_status ready(struct ring *ring, uint64_t need) {
    if (is_ready(ring, need)) return RING_OK;
    enum ring_status status = refresh(ring);
    if (status != RING_OK) return status;
    return is_ready(ring, need) ? RING_OK : RING_PENDING;
}

/*
 * Publish, then check: the sleeper says that it waits and then looks at the position again; the other side moves the
 * position and then looks whether somebody waits. With a full fence between the two steps of each, at least one of them
 * sees the other. The sleeper names the position that it has seen, and is woken only for a later one: else a waker who
 * comes late, for a record that the sleeper has taken already, would take back the word of its next sleep.
 */
static void move_to(struct ring *ring, uint32_t position) {
    struct ring_control *control = ring->control;
    int produces = ring->side == RING_PRODUCER;
    _Atomic uint32_t *word = produces ? &control->tail : &control->head;
    _Atomic uint32_t *cpu = produces ? &control->producer_cpu : &control->consumer_cpu;
    ring->position = position;
    atomic_store_explicit(cpu, cpu_word(), memory_order_relaxed);
    atomic_store_explicit(word, position, memory_order_release);
}

void ring_nudge(struct ring *ring) {
    struct ring_control *control = ring->control;
    int produces = ring->side == RING_PRODUCER;
    _Atomic uint32_t *word = produces ? &control->tail : &control->head;
    _Atomic uint32_t *waits = produces ? &control->consumer_waits : &control->producer_waits;
    uint32_t position = ring->position;
    atomic_thread_fence(memory_order_seq_cst);
    uint32_t said = atomic_load_explicit(waits, memory_order_relaxed);
    do {
        if (said == AWAKE || (said & ~HOW_MASK) == position) return;
    } while (!atomic_compare_exchange_strong(waits, &said, AWAKE));
    uint32_t how = said & HOW_MASK;
    if (how == WAITS_ON_FUTEX) futex_wake(word, 1);
    if (how == WAITS_ON_DOORBELL && ring->doorbell >= 0) doorbell_ring(ring->doorbell);
}

static void publish(struct ring *ring, uint32_t position) {
    move_to(ring, position);
    ring_nudge(ring);
}

enum ring_status ring_create(void *memory, uint64_t bytes, uint32_t capacity) {
    if (!is_placed(memory, bytes) || !is_capacity(capacity) || bytes - RING_HEADER_BYTES < capacity) {
        return RING_TOO_LARGE;
    }
    struct ring_control *control = memory;
    memset(memory, 0, RING_HEADER_BYTES);
    atomic_store_explicit(&control->capacity, capacity, memory_order_relaxed);
    atomic_store_explicit(&control->version, VERSION, memory_order_relaxed);
    atomic_store_explicit(&control->magic, MAGIC, memory_order_release);
    return RING_OK;
}

enum ring_status ring_attach(struct ring *ring, enum ring_side side, void *memory, uint64_t bytes, int doorbell) {
    if (!is_placed(memory, bytes)) return RING_CORRUPT;
    struct ring_control *control = memory;
    if (atomic_load_explicit(&control->magic, memory_order_acquire) != MAGIC) return RING_CORRUPT;
    if (atomic_load_explicit(&control->version, memory_order_relaxed) != VERSION) return RING_CORRUPT;
    /* Every later access is masked by this copy, so that it stays inside the memory that was given. */
    uint32_t capacity = atomic_load_explicit(&control->capacity, memory_order_relaxed);
    if (!is_capacity(capacity) || bytes - RING_HEADER_BYTES < capacity) return RING_CORRUPT;
    _Atomic uint32_t *own = side == RING_PRODUCER ? &control->tail : &control->head;
    uint32_t position = atomic_load_explicit(own, memory_order_relaxed);
    if (position % RECORD_ALIGNMENT != 0) return RING_CORRUPT;
    *ring = (struct ring){
        .control = control,
        .data = (uint8_t *)memory + RING_HEADER_BYTES,
        .capacity = capacity,
        .side = side,
        .position = position,
        .peer = position,
        .doorbell = doorbell,
    };
    spin_open(&ring->spin);
    return refresh(ring);
}

enum ring_status ring_ready(struct ring *ring, uint32_t length) {
    uint64_t need = record_bytes(length);
    return need > ring->capacity ? RING_TOO_LARGE : ready(ring, need);
}

uint32_t ring_longest(const struct ring *ring) {
    return ring->capacity - LENGTH_BYTES;
}

enum ring_status ring_push_quietly(struct ring *ring, const void *bytes, uint32_t length) {
    uint64_t need = record_bytes(length);
    if (need > ring->capacity) return RING_TOO_LARGE;
    enum ring_status status = ready(ring, need);
    if (status != RING_OK) return status;
    uint32_t at = ring->position & (ring->capacity - 1);
    uint32_t start = (at + LENGTH_BYTES) & (ring->capacity - 1);
    uint32_t to_end = ring->capacity - start;
    uint32_t first = length < to_end ? length : to_end;
    atomic_store_explicit((_Atomic uint32_t *)(void *)(ring->data + at), length, memory_order_relaxed);
    if (first > 0) memcpy(ring->data + start, bytes, first);
    if (length > first) memcpy(ring->data, (const uint8_t *)bytes + first, length - first);
    move_to(ring, ring->position + (uint32_t)need);
    return RING_OK;
}

enum ring_status ring_push(struct ring *ring, const void *bytes, uint32_t length) {
    enum ring_status status = ring_push_quietly(ring, bytes, length);
    if (status == RING_OK) ring_nudge(ring);
    return status;
}

enum ring_status ring_next(struct ring *ring, uint32_t *length) {
    enum ring_status status = ready(ring, 0);
    if (status != RING_OK) return status;
    uint32_t at = ring->position & (ring->capacity - 1);
    uint32_t said = atomic_load_explicit((_Atomic uint32_t *)(void *)(ring->data + at), memory_order_relaxed);
    /* A record ends within what was published, or it would be read from beyond. */
    if (record_bytes(said) > used_bytes(ring)) return RING_CORRUPT;
    *length = said;
    return RING_OK;
}

/* The payload of a record at the own position, whose length was judged. */
static void copy_out(const struct ring *ring, void *target, uint32_t length) {
    uint32_t start = (ring->position + LENGTH_BYTES) & (ring->capacity - 1);
    uint32_t to_end = ring->capacity - start;
    uint32_t first = length < to_end ? length : to_end;
    if (first > 0) memcpy(target, ring->data + start, first);
    if (length > first) memcpy((uint8_t *)target + first, ring->data, length - first);
}

enum ring_status ring_pop(struct ring *ring, void *target, uint32_t room, uint32_t *length) {
    enum ring_status status = ring_next(ring, length);
    if (status != RING_OK) return status;
    uint32_t taken = *length;
    if (taken > room) return RING_TOO_LARGE;
    copy_out(ring, target, taken);
    publish(ring, ring->position + (uint32_t)record_bytes(taken));
    return RING_OK;
}

enum ring_status ring_take(struct ring *ring, void *target, uint32_t room, uint32_t *bytes) {
    uint32_t taken = 0, length = 0, before = ring->position;
    enum ring_status status = ring_next(ring, &length);
    for (; status == RING_OK && length > 0; status = ring_next(ring, &length)) {
        if (length > room - taken) {
            status = RING_TOO_LARGE;
            break;
        }
        copy_out(ring, (uint8_t *)target + taken, length);
        taken += length;
        ring->position += (uint32_t)record_bytes(length);
    }
    *bytes = taken;
    /* What ended the loop after some records is said by the next call, which begins there. */
    if (ring->position != before) publish(ring, ring->position);
    if (taken > 0) return RING_OK;
    return status == RING_OK ? RING_PENDING : status;
}
