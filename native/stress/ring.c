/*
 * Two threads, one ring: every record must come out once, whole and in order, however the two sides sleep and wake.
 *
 *   ring-stress SEED RECORDS
 *
 * Each side changes between spinning, sleeping on the futex in one go and in slices, and sleeping on its doorbell. A
 * side that nobody wakes is found by an alarm. Built with the thread sanitizer it proves that what the sides share
 * without atomics is ordered by what they share with them.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../doorbell.h"
#include "../ring.h"

#define CAPACITY 512u
#define MOST_RECORD 120u
#define PATIENCE_SECONDS 300

struct side {
    struct ring ring;
    /* Rung by the other side. */
    int doorbell;
    /* A socket whose other end stays open. */
    int liveness;
    uint64_t random;
    uint32_t records;
};

static void demand(int holds, const char *claim) {
    if (holds) return;
    fprintf(stderr, "Broken: %s\n", claim);
    abort();
}

static uint32_t next_random(struct side *side) {
    side->random ^= side->random << 13;
    side->random ^= side->random >> 7;
    side->random ^= side->random << 17;
    return (uint32_t)(side->random >> 32);
}

static void sleep_on_doorbell(struct side *side, uint32_t length) {
    enum ring_status status = ring_arm(&side->ring, length);
    demand(status == RING_OK || status == RING_PENDING, "a ring can be armed");
    if (status == RING_OK) return;
    struct pollfd asked = {.fd = side->doorbell, .events = POLLIN};
    demand(poll(&asked, 1, PATIENCE_SECONDS * 1000) == 1, "an armed doorbell rings");
    demand(doorbell_silence(side->doorbell), "a doorbell is one");
}

/* Until there may be a record, or room. */
static void await(struct side *side, uint32_t length) {
    uint32_t how = next_random(side) % 4;
    if (how == 0) return sleep_on_doorbell(side, length);
    static _Atomic int32_t never = 0;
    struct ring_wait wait = {.length = length,
                             .spin_ns = how == 1 ? 20000 : 0,
                             .timeout_ns = how == 2 ? 1000 : -1,
                             .liveness = how == 3 ? side->liveness : -1,
                             .interrupt = how == 3 ? &never : NULL};
    enum ring_status status = ring_wait(&side->ring, &wait);
    demand(status == RING_OK || (status == RING_TIMED_OUT && how == 2), "a wait ends with what was waited for");
}

/* Records follow from their number, so that the two sides need not share more than the ring. */
static uint32_t length_of(uint32_t number) {
    return 4 + number * 7919u % (MOST_RECORD - 4);
}

static void *produce(void *argument) {
    struct side *side = argument;
    uint8_t record[MOST_RECORD];
    for (uint32_t number = 0; number < side->records; number++) {
        uint32_t length = length_of(number);
        memset(record, (int)number, sizeof record);
        memcpy(record, &number, sizeof number);
        enum ring_status status;
        while ((status = ring_push(&side->ring, record, length)) == RING_PENDING) await(side, length);
        demand(status == RING_OK, "a record is taken");
    }
    return NULL;
}

static uint32_t check_record(const uint8_t *bytes, uint32_t expected) {
    uint32_t number, length = length_of(expected);
    memcpy(&number, bytes, sizeof number);
    demand(number == expected, "records come in order");
    for (uint32_t index = 4; index < length; index++) demand(bytes[index] == (uint8_t)expected, "records come whole");
    return length;
}

static void *consume(void *argument) {
    struct side *side = argument;
    uint8_t target[3 * MOST_RECORD];
    for (uint32_t number = 0; number < side->records;) {
        uint32_t bytes = 0;
        enum ring_status status = next_random(side) % 2 == 0
                                      ? ring_take(&side->ring, target, sizeof target, &bytes)
                                      : ring_pop(&side->ring, target, sizeof target, &bytes);
        demand(status == RING_OK || status == RING_PENDING, "a ring stays well");
        if (status == RING_PENDING) await(side, 0);
        for (uint32_t at = 0; status == RING_OK && at < bytes;) at += check_record(target + at, number++);
    }
    return NULL;
}

int main(int count, char **arguments) {
    if (count != 3) return 2;
    uint64_t seed = strtoull(arguments[1], NULL, 10);
    uint32_t records = (uint32_t)strtoul(arguments[2], NULL, 10);
    alarm(PATIENCE_SECONDS);
    uint64_t bytes = RING_HEADER_BYTES + CAPACITY;
    void *memory = aligned_alloc(RING_ALIGNMENT, bytes);
    int sockets[2];
    demand(memory != NULL && socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) == 0, "there is memory, and a socket");
    demand(ring_create(memory, bytes, CAPACITY) == RING_OK, "a ring is laid");
    int to_producer[2];
    int to_consumer[2];
    demand(doorbell_create(to_producer) == 0 && doorbell_create(to_consumer) == 0, "there are doorbells");
    struct side producer = {.random = seed * 2 + 1, .records = records, .doorbell = to_producer[0]};
    struct side consumer = {.random = ~seed, .records = records, .doorbell = to_consumer[0]};
    producer.liveness = consumer.liveness = sockets[0];
    demand(ring_attach(&producer.ring, RING_PRODUCER, memory, bytes, to_consumer[1]) == RING_OK, "it is found");
    demand(ring_attach(&consumer.ring, RING_CONSUMER, memory, bytes, to_producer[1]) == RING_OK, "it is found");
    pthread_t thread;
    demand(pthread_create(&thread, NULL, produce, &producer) == 0, "there is a thread");
    consume(&consumer);
    pthread_join(thread, NULL);
    printf("%u records of seed %llu\n", records, (unsigned long long)seed);
    free(memory);
    return 0;
}
