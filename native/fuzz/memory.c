/*
 * What a hostile peer can pass over a socket: descriptors of every kind, in any number, and memory of any size and content.
 *
 *   memory-fuzz SEED ROUNDS
 *
 * Whatever is adopted must stay touchable while the peer does what it can to take it away; whatever is refused must leave
 * nothing behind; and a ring is found in no memory that is too small for what it says of itself.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../descriptor.h"
#include "../region.h"
#include "../ring.h"

#define MOST_SENT 5

static uint64_t state;

static void demand(int holds, const char *claim) {
    if (holds) return;
    fprintf(stderr, "Broken: %s\n", claim);
    abort();
}

static uint32_t below(uint32_t limit) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 32) % limit;
}

static off_t any_size(void) {
    static const off_t sizes[] = {0, 1, 639, 640, 703, 704, 4095, 4096, 4097, 8192, 65536, (off_t)1 << 34};
    return sizes[below(sizeof sizes / sizeof sizes[0])];
}

static int memory_with_seals(unsigned flags) {
    int descriptor = memfd_create("hostile", MFD_CLOEXEC | MFD_ALLOW_SEALING | flags);
    if (descriptor < 0) return eventfd(0, EFD_CLOEXEC);
    off_t size = flags == 0 ? any_size() : (off_t)1 << 21;
    if (ftruncate(descriptor, size) != 0) size = 0;
    if (flags == 0 && size >= RING_HEADER_BYTES && below(2) == 0) {
        uint32_t header[] = {below(2) ? 0x474e5241 : 0, below(3), 1u << below(32)};
        demand(pwrite(descriptor, header, sizeof header, 0) == sizeof header, "a file takes bytes");
        uint32_t position = below(3) == 0 ? below(4096) : 0;
        demand(pwrite(descriptor, &position, 4, below(2) ? 128 : 256) == 4, "a file takes bytes");
    }
    static const int seals[] = {0, F_SEAL_SHRINK, F_SEAL_SHRINK | F_SEAL_GROW, F_SEAL_GROW, F_SEAL_SEAL,
                                F_SEAL_SHRINK | F_SEAL_WRITE, F_SEAL_SHRINK | F_SEAL_FUTURE_WRITE};
    fcntl(descriptor, F_ADD_SEALS, seals[below(sizeof seals / sizeof seals[0])]);
    return descriptor;
}

static int any_descriptor(void) {
    int pair[2];
    switch (below(8)) {
        case 0: return memory_with_seals(MFD_HUGETLB);
        case 1: return eventfd(0, EFD_CLOEXEC);
        case 2: return open("/dev/zero", O_RDWR | O_CLOEXEC);
        case 3: return open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        case 4:
            demand(descriptor_pair(pair) == 0, "there are sockets");
            close(pair[1]);
            return pair[0];
        default: return memory_with_seals(0);
    }
}

/* The peer still has a descriptor of the same memory, and takes away what it can. */
static void take_away(int peers) {
    if (ftruncate(peers, 0) != 0) fallocate(peers, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 1 << 16);
}

static void use(struct region *region, int peers) {
    volatile uint8_t *last = region->base + region->bytes - 1;
    take_away(peers);
    *last = (uint8_t)(*last + 1);
    uint64_t offset = below(3) * 128u;
    if (!region_contains(region, offset, 1)) return;
    uint64_t bytes = below(2) ? region->bytes - offset : below(2048);
    if (!region_contains(region, offset, bytes)) return;
    struct ring ring;
    enum ring_side side = below(2) ? RING_PRODUCER : RING_CONSUMER;
    if (ring_attach(&ring, side, region->base + offset, bytes, -1) != RING_OK) return;
    demand(ring.capacity + RING_HEADER_BYTES <= bytes, "a ring lies in its memory");
    uint8_t record[512];
    uint32_t length;
    if (side == RING_PRODUCER) ring_push(&ring, record, below(sizeof record));
    else ring_take(&ring, record, sizeof record, &length);
}

static void adopt(int descriptor) {
    int peers = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
    struct failure failure = {0};
    struct region *region = region_adopt(descriptor, (uint64_t)any_size(), &failure);
    demand(region != NULL || failure.what != NULL, "a refusal has a reason");
    if (region != NULL) {
        use(region, peers);
        region_close(region);
    } else {
        close(descriptor);
    }
    close(peers);
}

static void receive(int socket) {
    uint8_t target[16];
    int descriptors[MOST_SENT];
    size_t count = below(MOST_SENT);
    if (descriptor_receive(socket, target, sizeof target, descriptors, &count) < 0) return;
    for (size_t index = 0; index < count; index++) adopt(descriptors[index]);
}

static void check(void) {
    int pair[2], sent[MOST_SENT];
    demand(descriptor_pair(pair) == 0, "there are sockets");
    for (uint32_t messages = 1 + below(3); messages > 0; messages--) {
        uint32_t count = below(MOST_SENT);
        for (uint32_t index = 0; index < count; index++) sent[index] = any_descriptor();
        descriptor_send(pair[0], "message", 1 + below(7), sent, count);
        for (uint32_t index = 0; index < count; index++) close(sent[index]);
    }
    for (uint32_t times = below(5); times > 0; times--) receive(pair[1]);
    close(pair[0]);
    close(pair[1]);
}

int main(int count, char **arguments) {
    if (count != 3) return 2;
    state = strtoull(arguments[1], NULL, 10) * 0x9e3779b97f4a7c15u + 1;
    unsigned long rounds = strtoul(arguments[2], NULL, 10);
    int next = dup(0);
    close(next);
    for (unsigned long round = 0; round < rounds; round++) check();
    int after = dup(0);
    demand(after == next, "no descriptor is left open");
    printf("%lu rounds of seed %s\n", rounds, arguments[1]);
    return 0;
}
