/*
 * Drives both sides of a ring by the bytes of an input, with and without a hostile hand in the memory between them.
 *
 *   ring-fuzz FILE...          replays inputs
 *   ring-fuzz SEED ROUNDS      makes inputs up; the same seed gives the same ones
 *
 * Without a hostile hand, every record must come out as it went in. With one, every call must end in a status, and every
 * access must stay inside the memory, which is allocated exactly, so that the sanitizer sees one byte too many.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../ring.h"

#define CAPACITY 256u
#define MOST_INPUT 4096u
#define MOST_RECORD 300u
/* A record of the smallest size takes 8 bytes. */
#define MOST_RECORDS (CAPACITY / 8)

struct input {
    const uint8_t *bytes;
    size_t length;
    size_t at;
};

/* What the ring must hold: lengths, and the first byte of each record, from which the others follow. */
struct model {
    uint32_t lengths[MOST_RECORDS];
    uint8_t seeds[MOST_RECORDS];
    uint32_t first;
    uint32_t count;
    uint32_t used;
};

static void demand(int holds, const char *claim) {
    if (holds) return;
    fprintf(stderr, "Broken: %s\n", claim);
    abort();
}

static uint8_t take(struct input *input) {
    return input->at < input->length ? input->bytes[input->at++] : 0;
}

static uint32_t padded(uint32_t length) {
    return (length + 4 + 7) & ~7u;
}

static void push(struct ring *ring, struct input *input, struct model *model) {
    uint8_t record[MOST_RECORD];
    uint32_t length = take(input) + (uint32_t)(take(input) & 31);
    uint8_t seed = take(input);
    for (uint32_t index = 0; index < length; index++) record[index] = (uint8_t)(seed + index);
    enum ring_status status = ring_push(ring, record, length);
    if (model == NULL) return;
    int fits = padded(length) <= CAPACITY - model->used;
    if (padded(length) > CAPACITY) demand(status == RING_TOO_LARGE, "a record longer than the ring is refused");
    else demand(status == (fits ? RING_OK : RING_PENDING), "a record is taken if and only if there is room");
    if (status != RING_OK) return;
    uint32_t place = (model->first + model->count++) % MOST_RECORDS;
    model->lengths[place] = length;
    model->seeds[place] = seed;
    model->used += padded(length);
}

static void pop(struct ring *ring, struct input *input, struct model *model) {
    uint32_t room = take(input) < 32 ? 8 : MOST_RECORD;
    uint8_t *target = malloc(room);
    uint32_t length = 0;
    enum ring_status status = ring_pop(ring, target, room, &length);
    demand(status != RING_OK || length <= room, "a record that was taken fits its target");
    if (model != NULL && model->count == 0) demand(status == RING_PENDING, "an empty ring has no record");
    if (model != NULL && model->count > 0) {
        demand(length == model->lengths[model->first], "a record keeps its length");
        demand(status == (length <= room ? RING_OK : RING_TOO_LARGE), "a record is taken if and only if it fits");
        for (uint32_t index = 0; status == RING_OK && index < length; index++) {
            demand(target[index] == (uint8_t)(model->seeds[model->first] + index), "a record keeps its bytes");
        }
        if (status == RING_OK) {
            model->used -= padded(length);
            model->first = (model->first + 1) % MOST_RECORDS;
            model->count--;
        }
    }
    free(target);
}

static void take_all(struct ring *ring, struct input *input, struct model *model) {
    uint32_t room = take(input) * 2u;
    uint8_t *target = malloc(room);
    uint32_t bytes = 0;
    enum ring_status status = ring_take(ring, target, room, &bytes);
    demand(bytes <= room && (status == RING_OK) == (bytes > 0), "what was taken fits its target");
    uint32_t seen = 0;
    while (model != NULL && model->count > 0) {
        uint32_t length = model->lengths[model->first];
        if (length == 0 || length > room - seen) break;
        for (uint32_t index = 0; index < length; index++) {
            demand(target[seen + index] == (uint8_t)(model->seeds[model->first] + index), "records keep their bytes");
        }
        seen += length;
        model->used -= padded(length);
        model->first = (model->first + 1) % MOST_RECORDS;
        model->count--;
    }
    demand(model == NULL || seen == bytes, "as many records are taken as fit, and none after an empty one");
    free(target);
}

static void await(struct ring *ring, struct input *input) {
    struct ring_wait wait = {.length = take(input), .spin_ns = take(input), .timeout_ns = 0, .liveness = -1};
    ring_wait(ring, &wait);
}

/* A control word or any other byte becomes what the input says. */
static void spoil(uint8_t *memory, struct input *input) {
    static const uint32_t words[] = {0, 4, 8, 128, 132, 256, 260, 384, 512};
    uint8_t where = take(input);
    if (where < 192) {
        uint32_t offset = words[where % (sizeof words / sizeof words[0])];
        for (uint32_t index = 0; index < 4; index++) memory[offset + index] = take(input);
    } else {
        uint32_t offset = RING_HEADER_BYTES + take(input) % (CAPACITY / 8) * 8;
        for (uint32_t index = 0; index < 4; index++) memory[offset + index] = take(input);
    }
}

static void check(const uint8_t *bytes, size_t length) {
    struct input input = {.bytes = bytes, .length = length};
    uint8_t *memory = aligned_alloc(RING_ALIGNMENT, RING_HEADER_BYTES + CAPACITY);
    struct ring producer, consumer;
    struct model model = {0};
    demand(memory != NULL, "there is memory");
    memset(memory, 0, RING_HEADER_BYTES + CAPACITY);
    int hostile = take(&input) & 1;
    demand(ring_create(memory, RING_HEADER_BYTES + CAPACITY, CAPACITY) == RING_OK, "a ring is laid");
    demand(ring_attach(&producer, RING_PRODUCER, memory, RING_HEADER_BYTES + CAPACITY, -1) == RING_OK, "it is found");
    demand(ring_attach(&consumer, RING_CONSUMER, memory, RING_HEADER_BYTES + CAPACITY, -1) == RING_OK, "it is found");
    while (input.at < input.length) {
        uint8_t act = take(&input) % 9;
        struct ring *side = act & 1 ? &producer : &consumer;
        if (act < 3) push(&producer, &input, hostile ? NULL : &model);
        else if (act == 8) take_all(&consumer, &input, hostile ? NULL : &model);
        else if (act < 6) pop(&consumer, &input, hostile ? NULL : &model);
        else if (act == 6 && hostile) spoil(memory, &input);
        else if (act == 6) ring_arm(side, take(&input));
        else if (hostile) ring_attach(side, side->side, memory, RING_HEADER_BYTES + CAPACITY, -1);
        else await(side, &input);
    }
    free(memory);
}

static uint64_t next_random(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void check_made_up(uint64_t seed, unsigned long rounds) {
    uint8_t bytes[MOST_INPUT];
    uint64_t state = seed * 0x9e3779b97f4a7c15u + 1;
    for (unsigned long round = 0; round < rounds; round++) {
        size_t length = next_random(&state) % MOST_INPUT;
        for (size_t index = 0; index < length; index++) bytes[index] = (uint8_t)(next_random(&state) >> 32);
        check(bytes, length);
    }
    printf("%lu inputs of seed %llu\n", rounds, (unsigned long long)seed);
}

static int check_file(const char *path) {
    uint8_t bytes[MOST_INPUT];
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        return 1;
    }
    size_t length = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    check(bytes, length);
    printf("%s\n", path);
    return 0;
}

int main(int count, char **arguments) {
    char *end = NULL;
    if (count == 3) {
        unsigned long long seed = strtoull(arguments[1], &end, 10);
        if (*end == '\0') {
            check_made_up(seed, strtoul(arguments[2], NULL, 10));
            return 0;
        }
    }
    for (int index = 1; index < count; index++) {
        if (check_file(arguments[index]) != 0) return 1;
    }
    return 0;
}
