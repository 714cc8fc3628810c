/* Rings: each holds the region it lies in, so that closing the region first is harmless. */
#include "node.h"

#include <errno.h>
#include <stdlib.h>

#include "ring.h"

struct node_ring {
    struct ring ring;
    struct region *region;
};

void node_ring_close(void *object) {
    struct node_ring *held = object;
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
    return give_int(&call, (int64_t)handle);
}

static struct ring *ring_of(struct call *call) {
    struct node_ring *held = call_object(call, 0, HANDLE_RING);
    return held == NULL ? NULL : &held->ring;
}

static napi_value ring_longest_call(napi_env env, napi_callback_info info) {
    struct call call = call_open(env, info);
    struct ring *ring = ring_of(&call);
    return ring == NULL ? NULL : give_int(&call, ring_longest(ring));
}

static napi_value ring_push_call(napi_env env, napi_callback_info info) {
    struct call call = call_open(env, info);
    struct ring *ring = ring_of(&call);
    struct bytes record = call_bytes(&call, 1);
    return call.failed ? NULL : give_status(&call, ring_push(ring, record.data, record.length), 0);
}

static napi_value ring_next_call(napi_env env, napi_callback_info info) {
    struct call call = call_open(env, info);
    struct ring *ring = ring_of(&call);
    uint32_t length = 0;
    if (call.failed) return NULL;
    enum ring_status status = ring_next(ring, &length);
    return give_status(&call, status, length);
}

static napi_value ring_pop_call(napi_env env, napi_callback_info info) {
    struct call call = call_open(env, info);
    struct ring *ring = ring_of(&call);
    struct bytes target = call_bytes(&call, 1);
    uint32_t length = 0;
    if (call.failed) return NULL;
    enum ring_status status = ring_pop(ring, target.data, target.length, &length);
    return give_status(&call, status, length);
}

static napi_value ring_wait_call(napi_env env, napi_callback_info info) {
    struct call call = call_open(env, info);
    struct ring *ring = ring_of(&call);
    uint32_t length = call_uint(&call, 1);
    uint64_t spin_ns = call_size(&call, 2);
    int64_t timeout_ns = call_time(&call, 3);
    return call.failed ? NULL : give_status(&call, ring_wait(ring, length, spin_ns, timeout_ns), 0);
}

static napi_value ring_arm_call(napi_env env, napi_callback_info info) {
    struct call call = call_open(env, info);
    struct ring *ring = ring_of(&call);
    uint32_t length = call_uint(&call, 1);
    return call.failed ? NULL : give_status(&call, ring_arm(ring, length), 0);
}

static napi_value ring_close_call(napi_env env, napi_callback_info info) {
    struct call call = call_open(env, info);
    void *held = call_take(&call, 0, HANDLE_RING);
    if (held != NULL) node_ring_close(held);
    return NULL;
}

void node_ring_export(napi_env env, napi_value exports) {
    static const struct function functions[] = {
        {"ringCreate", ring_create_call}, {"ringAttach", ring_attach_call}, {"ringLongest", ring_longest_call},
        {"ringPush", ring_push_call},     {"ringNext", ring_next_call},     {"ringPop", ring_pop_call},
        {"ringWait", ring_wait_call},     {"ringArm", ring_arm_call},       {"ringClose", ring_close_call},
    };
    call_export(env, exports, functions, sizeof functions / sizeof functions[0]);
}
