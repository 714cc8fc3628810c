#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <time.h>

#include "cpu.h"
#include "futex.h"
#include "liveness.h"
#include "ring_word.h"

/* Looks at the clock only now and then: it costs as much as several looks at the ring. */
#define LOOKS_PER_CLOCK 32
/* A peer that dies, and a thread that interrupts, are noticed within this. */
#define SLICE_NS 20000000
/* How often a side that says that it sleeps, and does not yet, is woken again. */
#define WAKE_ATTEMPTS 100

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static bool shares_cpu(const struct ring *ring) {
    _Atomic uint32_t *cpu =
        ring->side == RING_PRODUCER ? &ring->control->consumer_cpu : &ring->control->producer_cpu;
    return atomic_load_explicit(cpu, memory_order_relaxed) == cpu_word();
}

enum ring_status ring_spin(struct ring *ring, uint32_t length, uint64_t most_ns) {
    uint64_t window = spin_window(&ring->spin, most_ns < SLICE_NS ? most_ns : SLICE_NS);
    if (window == 0) return RING_PENDING;
    int64_t until = now_ns() + (int64_t)window;
    do {
        /* Tells nothing about how quick the peer is. */
        if (shares_cpu(ring)) return RING_PENDING;
        for (int look = 0; look < LOOKS_PER_CLOCK; look++) {
            enum ring_status status = ring_ready(ring, length);
            if (status != RING_PENDING) {
                spin_learn(&ring->spin, true);
                return status;
            }
            spin_relax();
        }
    } while (now_ns() < until);
    spin_learn(&ring->spin, false);
    return RING_PENDING;
}

/* Says that this side waits, and looks once more. */
static enum ring_status announce(struct ring *ring, uint32_t length, uint32_t how) {
    for (;;) {
        uint32_t seen = ring->peer;
        atomic_store_explicit(ring_own_waits(ring), seen | how, memory_order_relaxed);
        atomic_thread_fence(memory_order_seq_cst);
        enum ring_status status = ring_ready(ring, length);
        if (status == RING_PENDING && ring->peer != seen) continue;
        if (status != RING_PENDING) atomic_store_explicit(ring_own_waits(ring), AWAKE, memory_order_relaxed);
        return status;
    }
}

static bool is_interrupted(const struct ring_wait *wait) {
    return wait->interrupt != NULL && atomic_load_explicit(wait->interrupt, memory_order_acquire) != 0;
}

/* How long to sleep at a stretch, of `left` (< 0: for ever). */
static int64_t slice_of(const struct ring_wait *wait, int64_t left) {
    if (wait->liveness < 0 && wait->interrupt == NULL) return left;
    return left < 0 || left > SLICE_NS ? SLICE_NS : left;
}

/* What a sleep that brought nothing means. RING_PENDING: it goes on. */
static enum ring_status judge(struct ring *ring, const struct ring_wait *wait, int slept, bool is_last) {
    if (slept == EINTR && wait->stops_at_signal) return RING_SIGNALLED;
    if (slept != ETIMEDOUT) return RING_PENDING;
    if (wait->liveness >= 0 && liveness_lost(wait->liveness)) {
        /* What the peer wrote before its end shows by now. */
        enum ring_status status = ring_ready(ring, wait->length);
        return status == RING_PENDING ? RING_PEER_GONE : status;
    }
    return is_last ? RING_TIMED_OUT : RING_PENDING;
}

static bool is_woken(struct ring *ring) {
    return atomic_load_explicit(&ring->woken, memory_order_relaxed) != 0 && atomic_exchange(&ring->woken, 0) != 0;
}

/* As in ring_nudge, each of both sides says something and then looks at what the other one said. */
void ring_wake(struct ring *ring) {
    atomic_store(&ring->woken, 1);
    for (int attempt = 0; attempt < WAKE_ATTEMPTS; attempt++) {
        if (futex_wake(ring_peer_word(ring), INT_MAX) > 0 || atomic_load(&ring->woken) == 0) return;
        if ((atomic_load(ring_own_waits(ring)) & HOW_MASK) != WAITS_ON_FUTEX) return;
        sched_yield();
    }
}

static enum ring_status sleep_until_ready(struct ring *ring, struct ring_wait *wait, int64_t deadline) {
    for (;;) {
        if (is_interrupted(wait)) return RING_INTERRUPTED;
        enum ring_status status = announce(ring, wait->length, WAITS_ON_FUTEX);
        if (status != RING_PENDING) return status;
        if (is_woken(ring)) {
            atomic_store_explicit(ring_own_waits(ring), AWAKE, memory_order_relaxed);
            return RING_TIMED_OUT;
        }
        /* The deadline is looked at in each round: a peer that moves its position for nothing cannot hold us here. */
        int64_t left = deadline < 0 ? -1 : deadline - now_ns();
        bool is_over = deadline >= 0 && left <= 0;
        int slept = is_over ? ETIMEDOUT : futex_wait(ring_peer_word(ring), ring->peer, slice_of(wait, left));
        atomic_store_explicit(ring_own_waits(ring), AWAKE, memory_order_relaxed);
        status = ring_ready(ring, wait->length);
        if (status == RING_PENDING) status = judge(ring, wait, slept, is_over);
        if (status == RING_SIGNALLED && deadline >= 0) {
            left = deadline - now_ns();
            wait->timeout_ns = left > 0 ? left : 0;
        }
        if (status != RING_PENDING) return status;
    }
}

enum ring_status ring_wait(struct ring *ring, struct ring_wait *wait) {
    enum ring_status status = ring_ready(ring, wait->length);
    if (status != RING_PENDING) return status;
    if (wait->timeout_ns == 0) return RING_TIMED_OUT;
    int64_t deadline = -1;
    uint64_t spin_ns = wait->spin_ns;
    if (wait->timeout_ns > 0) {
        int64_t start = now_ns();
        if (wait->timeout_ns < INT64_MAX - start) deadline = start + wait->timeout_ns;
        if (spin_ns > (uint64_t)wait->timeout_ns) spin_ns = (uint64_t)wait->timeout_ns;
    }
    status = ring_spin(ring, wait->length, spin_ns);
    return status == RING_PENDING ? sleep_until_ready(ring, wait, deadline) : status;
}

enum ring_status ring_receive(struct ring *consumer, struct ring_wait *wait, struct ring_exchange *exchange) {
    enum ring_status status = ring_wait(consumer, wait);
    if (status != RING_OK) return status;
    return ring_pop(consumer, exchange->target, exchange->room, &exchange->taken);
}

enum ring_status ring_exchange(
    struct ring *producer, struct ring *consumer, struct ring_wait *wait, struct ring_exchange *exchange) {
    enum ring_status status = ring_push(producer, exchange->record, exchange->length);
    return status == RING_OK ? ring_receive(consumer, wait, exchange) : status;
}

enum ring_status ring_arm(struct ring *ring, uint32_t length) {
    return announce(ring, length, WAITS_ON_DOORBELL);
}
