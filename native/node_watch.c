/* What calls functions on the event loop: watches of descriptors and of rings. */
#include "node.h"

#include <errno.h>

#include "watch.h"

static napi_value watch_open_call(napi_env env, napi_callback_info info) {
    struct call call = call_open(env, info);
    int descriptor = call_int(&call, 0);
    bool silences = call_bool(&call, 1);
    if (call.failed) return NULL;
    struct failure failure = {0};
    struct watch *watch = watch_open(env, descriptor, silences, call.arguments[2], &failure);
    if (watch == NULL) return call_fail(&call, failure.what, failure.error);
    uint64_t handle = call_keep(&call, HANDLE_WATCH, watch);
    if (handle != 0) return give_int(&call, (int64_t)handle);
    watch_close(watch);
    return NULL;
}

static napi_value watch_keep_alive_call(napi_env env, napi_callback_info info) {
    struct call call = call_open(env, info);
    struct watch *watch = call_object(&call, 0, HANDLE_WATCH);
    bool keeps = call_bool(&call, 1);
    if (!call.failed) watch_keep_alive(watch, keeps);
    return NULL;
}

static napi_value watch_close_call(napi_env env, napi_callback_info info) {
    struct call call = call_open(env, info);
    struct watch *watch = call_take(&call, 0, HANDLE_WATCH);
    if (watch != NULL) watch_close(watch);
    return NULL;
}

static void unwatch(void *object) {
    struct node_ring *held = object;
    held->watch = NULL;
    node_ring_let_go(held);
}

static napi_value ring_watch_open_call(napi_env env, napi_callback_info info) {
    struct call call = call_open(env, info);
    struct node_ring *held = call_object(&call, 0, HANDLE_RING);
    int doorbell = call_int(&call, 1);
    uint64_t spin_ns = call_size(&call, 2);
    if (call.failed) return NULL;
    if (held->watch != NULL) return call_fail(&call, "watch", EBUSY);
    struct ring_watch_plan plan = {
        .ring = &held->ring,
        .holder = held,
        .let_go = unwatch,
        .doorbell = doorbell,
        .spin_ns = spin_ns,
        .words = call.arguments[3],
        .listener = call.arguments[4],
    };
    struct failure failure = {0};
    struct ring_watch *watch = ring_watch_open(env, &plan, &failure);
    if (watch == NULL) return call_fail(&call, failure.what, failure.error);
    held->holders++;
    held->watch = watch;
    uint64_t handle = call_keep(&call, HANDLE_RING_WATCH, watch);
    if (handle != 0) return give_int(&call, (int64_t)handle);
    ring_watch_close(watch);
    return NULL;
}

static napi_value ring_watch_look_call(napi_env env, napi_callback_info info) {
    struct call call = call_open(env, info);
    struct ring_watch *watch = call_object(&call, 0, HANDLE_RING_WATCH);
    if (watch != NULL) ring_watch_look(watch);
    return NULL;
}

static napi_value ring_watch_keep_alive_call(napi_env env, napi_callback_info info) {
    struct call call = call_open(env, info);
    struct ring_watch *watch = call_object(&call, 0, HANDLE_RING_WATCH);
    bool keeps = call_bool(&call, 1);
    if (!call.failed) ring_watch_keep_alive(watch, keeps);
    return NULL;
}

static napi_value ring_watch_close_call(napi_env env, napi_callback_info info) {
    struct call call = call_open(env, info);
    struct ring_watch *watch = call_take(&call, 0, HANDLE_RING_WATCH);
    if (watch != NULL) ring_watch_close(watch);
    return NULL;
}

void node_watch_export(napi_env env, napi_value exports) {
    static const struct function functions[] = {
        {"watchOpen", watch_open_call},
        {"watchKeepAlive", watch_keep_alive_call},
        {"watchClose", watch_close_call},
        {"ringWatchOpen", ring_watch_open_call},
        {"ringWatchLook", ring_watch_look_call},
        {"ringWatchKeepAlive", ring_watch_keep_alive_call},
        {"ringWatchClose", ring_watch_close_call},
    };
    call_export(env, exports, functions, sizeof functions / sizeof functions[0]);
}
