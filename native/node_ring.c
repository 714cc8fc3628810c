/* Rings. */
#include "node.h"

#include <errno.h>
#include <stdlib.h>

void node_ring_let_go(void *object) {
    struct node_ring *held = object;
    if (--held->holders > 0) return;
    region_let_go(held->region);
    free(held);
}

/* A status is given as -1 - status, apart from lengths and truth values. */
static napi_value give_status(struct call *call, enum ring_status status, int64_t value) {
    return give_int(call, status == RING_OK ? value : -1 - (int64_t)status);
}

static napi_value ring_create_call(napi_env env, napi_callback_info info) {
    struct call call = call_open(env, info);
    uint64_t offset, bytes;
    struct region *region = call_part(&call, 0, &offset, &bytes);
    uint32_t capacity = call_uint(&call, 3);
    if (call.failed) return NULL;
    return give_status(&call, ring_create(region->base + offset, bytes, capacity), 0);
}

static napi_value ring_attach_call(napi_env env, napi_callback_info info) {
    struct call call = call_open(env, info);
    uint64_t offset, bytes;
    struct region *region = call_part(&call, 0, &offset, &bytes);
    bool produces = call_bool(&call, 3);
    int doorbell = call_int(&call, 4);
    if (call.failed) return NULL;
    struct node_ring *held = malloc(sizeof *held);
    if (held == NULL) return call_fail(&call, "malloc", ENOMEM);
    enum ring_side side = produces ? RING_PRODUCER : RING_CONSUMER;
    enum ring_status status = ring_attach(&held->ring, side, region->base + offset, bytes, doorbell);
    uint64_t handle = status == RING_OK ? call_keep(&call, HANDLE_RING, held) : 0;
    if (handle == 0) {
        free(held);
        return call.failed ? NULL : give_status(&call, status, 0);
    }
    region_hold(region);
    held->region = region;
    held->holders = 1;
    held->watch = NULL;
    return give_int(&call, (int64_t)handle);
}

static struct ring *ring_at(struct call *call, int index) {
    struct node_ring *held = call_object(call, index, HANDLE_RING);
    return held == NULL ? NULL : &held->ring;
}

/* A blocking wait takes back what the watch of the same ring asked of the peer, so the watch has to ask anew. */
static void after_wait(struct call *call, int index) {
    struct node_ring *held = call_object(call, index, HANDLE_RING);
    if (held->watch != NULL) ring_watch_look(held->watch);
}

static napi_value ring_longest_call(napi_env env, napi_callback_info info) {
    struct call call = call_open(env, info);
    struct ring *ring = ring_at(&call, 0);
    return ring == NULL ? NULL : give_int(&call, ring_longest(ring));
}

static napi_value ring_push_call(napi_env env, napi_callback_info info) {
    struct call call = call_open(env, info);
    struct ring *ring = ring_at(&call, 0);
    struct bytes record = call_bytes(&call, 1);
    return call.failed ? NULL : give_status(&call, ring_push(ring, record.data, record.length), 0);
}

static napi_value ring_next_call(napi_env env, napi_callback_info info) {
    struct call call = call_open(env, info);
    struct ring *ring = ring_at(&call, 0);
    uint32_t length = 0;
    if (call.failed) return NULL;
    enum ring_status status = ring_next(ring, &length);
    return give_status(&call, status, length);
}

static napi_value ring_pop_call(napi_env env, napi_callback_info info) {
    struct call call = call_open(env, info);
    struct ring *ring = ring_at(&call, 0);
    struct bytes target = call_bytes(&call, 1);
    uint32_t length = 0;
    if (call.failed) return NULL;
    enum ring_status status = ring_pop(ring, target.data, target.length, &length);
    return give_status(&call, status, length);
}

static napi_value ring_take_call(napi_env env, napi_callback_info info) {
    struct call call = call_open(env, info);
    struct ring *ring = ring_at(&call, 0);
    struct bytes target = call_room(&call, 1);
    uint32_t bytes = 0;
    if (call.failed) return NULL;
    enum ring_status status = ring_take(ring, target.data, target.length, &bytes);
    return give_status(&call, status, bytes);
}

/* From the arguments spinNs, timeoutNs, liveness and interrupt. Signals do not end a wait: Node serves them afterwards. */
static struct ring_wait wait_at(struct call *call, int index) {
    return (struct ring_wait){
        .spin_ns = call_size(call, index),
        .timeout_ns = call_time(call, index + 1),
        .liveness = call_int(call, index + 2),
        .interrupt = call_interrupt(call, index + 3),
    };
}

static napi_value ring_wait_call(napi_env env, napi_callback_info info) {
    struct call call = call_open(env, info);
    struct ring *ring = ring_at(&call, 0);
    struct ring_wait wait = wait_at(&call, 2);
    wait.length = call_uint(&call, 1);
    if (call.failed) return NULL;
    enum ring_status status = ring_wait(ring, &wait);
    after_wait(&call, 0);
    return give_status(&call, status, 0);
}

static napi_value ring_receive_call(napi_env env, napi_callback_info info) {
    struct call call = call_open(env, info);
    struct ring *ring = ring_at(&call, 0);
    struct bytes target = call_room(&call, 1);
    struct ring_wait wait = wait_at(&call, 3);
    if (call.failed) return NULL;
    uint32_t bytes = 0;
    enum ring_status status = ring_wait(ring, &wait);
    if (status == RING_OK) status = ring_take(ring, target.data, target.length, &bytes);
    after_wait(&call, 0);
    return give_status(&call, status, bytes);
}

static napi_value ring_exchange_call(napi_env env, napi_callback_info info) {
    struct call call = call_open(env, info);
    struct ring *producer = ring_at(&call, 0), *consumer = ring_at(&call, 1);
    struct bytes record = call_bytes(&call, 2), target = call_bytes(&call, 3);
    struct ring_wait wait = wait_at(&call, 4);
    if (call.failed) return NULL;
    struct ring_exchange exchange = {
        .record = record.data, .length = record.length, .target = target.data, .room = target.length};
    enum ring_status status = ring_exchange(producer, consumer, &wait, &exchange);
    after_wait(&call, 1);
    return give_status(&call, status, exchange.taken);
}

static napi_value ring_arm_call(napi_env env, napi_callback_info info) {
    struct call call = call_open(env, info);
    struct ring *ring = ring_at(&call, 0);
    uint32_t length = call_uint(&call, 1);
    return call.failed ? NULL : give_status(&call, ring_arm(ring, length), 0);
}

static napi_value ring_close_call(napi_env env, napi_callback_info info) {
    struct call call = call_open(env, info);
    void *held = call_take(&call, 0, HANDLE_RING);
    if (held != NULL) node_ring_let_go(held);
    return NULL;
}

void node_ring_export(napi_env env, napi_value exports) {
    static const struct function functions[] = {
        {"ringCreate", ring_create_call},
        {"ringAttach", ring_attach_call},
        {"ringLongest", ring_longest_call},
        {"ringPush", ring_push_call},
        {"ringNext", ring_next_call},
        {"ringPop", ring_pop_call},
        {"ringTake", ring_take_call},
        {"ringWait", ring_wait_call},
        {"ringReceive", ring_receive_call},
        {"ringExchange", ring_exchange_call},
        {"ringArm", ring_arm_call},
        {"ringClose", ring_close_call},
    };
    call_export(env, exports, functions, sizeof functions / sizeof functions[0]);
}
