/* Regions, their views and their futex words. */
#include "node.h"

#include <errno.h>
#include <string.h>

#include "futex.h"

static napi_value keep(struct call *call, struct region *region, const struct failure *failure) {
    if (region == NULL) return call_fail(call, failure->what, failure->error);
    uint64_t handle = call_keep(call, HANDLE_REGION, region);
    if (handle != 0) return give_int(call, (int64_t)handle);
    region_close(region);
    return NULL;
}

static napi_value region_create_call(napi_env env, napi_callback_info info) {
    struct call call = call_open(env, info);
    uint64_t bytes = call_size(&call, 0);
    if (call.failed) return NULL;
    struct failure failure = {0};
    struct region *region = region_create(bytes, &failure);
    return keep(&call, region, &failure);
}

static napi_value region_adopt_call(napi_env env, napi_callback_info info) {
    struct call call = call_open(env, info);
    int descriptor = call_int(&call, 0);
    uint64_t bytes = call_size(&call, 1);
    if (call.failed) return NULL;
    struct failure failure = {0};
    struct region *region = region_adopt(descriptor, bytes, &failure);
    return keep(&call, region, &failure);
}

static napi_value region_descriptor(napi_env env, napi_callback_info info) {
    struct call call = call_open(env, info);
    struct region *region = call_object(&call, 0, HANDLE_REGION);
    return region == NULL ? NULL : give_int(&call, region->descriptor);
}

static napi_value region_bytes(napi_env env, napi_callback_info info) {
    struct call call = call_open(env, info);
    struct region *region = call_object(&call, 0, HANDLE_REGION);
    return region == NULL ? NULL : give_int(&call, (int64_t)region->bytes);
}

static napi_value region_close_call(napi_env env, napi_callback_info info) {
    struct call call = call_open(env, info);
    struct region *region = call_take(&call, 0, HANDLE_REGION);
    if (region != NULL) region_close(region);
    return NULL;
}

static void on_view_gone(napi_env env, void *data, void *region) {
    (void)env;
    (void)data;
    region_let_go(region);
}

static napi_value region_view(napi_env env, napi_callback_info info) {
    struct call call = call_open(env, info);
    uint64_t offset, bytes;
    struct region *region = call_part(&call, 0, &offset, &bytes);
    if (region == NULL) return NULL;
    region_hold(region);
    napi_value view = NULL;
    napi_status status =
        napi_create_external_arraybuffer(env, region->base + offset, bytes, on_view_gone, region, &view);
    if (status == napi_ok) return view;
    region_let_go(region);
    /* A failure with a pending exception says why by itself. */
    bool pending = false;
    napi_is_exception_pending(env, &pending);
    return pending ? NULL : call_fail(&call, "napi_create_external_arraybuffer", ENOTSUP);
}

static napi_value view_detach(napi_env env, napi_callback_info info) {
    struct call call = call_open(env, info);
    if (napi_detach_arraybuffer(env, call.arguments[0]) != napi_ok) {
        call_fail(&call, "napi_detach_arraybuffer", EINVAL);
    }
    return NULL;
}

static napi_value region_write_call(napi_env env, napi_callback_info info) {
    struct call call = call_open(env, info);
    struct region *region = call_object(&call, 0, HANDLE_REGION);
    uint64_t offset = call_size(&call, 1);
    struct bytes source = call_bytes(&call, 2);
    if (call.failed) return NULL;
    /* Beyond the region there is other memory of this process, or none. */
    if (!region_contains(region, offset, source.length)) return call_fail(&call, "range", 0);
    if (source.length > 0) memcpy(region->base + offset, source.data, source.length);
    return NULL;
}

static napi_value region_punch_call(napi_env env, napi_callback_info info) {
    struct call call = call_open(env, info);
    uint64_t offset, bytes;
    struct region *region = call_part(&call, 0, &offset, &bytes);
    if (region == NULL) return NULL;
    int error = region_punch(region, offset, bytes);
    return error == 0 ? NULL : call_fail(&call, "fallocate", error);
}

static napi_value region_reserve_call(napi_env env, napi_callback_info info) {
    struct call call = call_open(env, info);
    uint64_t offset, bytes;
    struct region *region = call_part(&call, 0, &offset, &bytes);
    if (region == NULL) return NULL;
    int error = region_reserve(region, offset, bytes);
    return error == 0 ? NULL : call_fail(&call, "fallocate", error);
}

static napi_value region_advise_huge_call(napi_env env, napi_callback_info info) {
    struct call call = call_open(env, info);
    struct region *region = call_object(&call, 0, HANDLE_REGION);
    return region == NULL ? NULL : give_int(&call, region_advise_huge(region));
}

static _Atomic uint32_t *word_at(struct call *call) {
    struct region *region = call_object(call, 0, HANDLE_REGION);
    uint64_t offset = call_size(call, 1);
    if (call->failed) return NULL;
    /* The word lies inside the region, and atomic access needs its alignment. */
    if (offset % 4 == 0 && region_contains(region, offset, 4)) return (_Atomic uint32_t *)(void *)(region->base + offset);
    call_fail(call, "range", 0);
    return NULL;
}

static napi_value futex_wait_call(napi_env env, napi_callback_info info) {
    struct call call = call_open(env, info);
    _Atomic uint32_t *word = word_at(&call);
    uint32_t expected = call_uint(&call, 2);
    int64_t timeout_ns = call_time(&call, 3);
    return call.failed ? NULL : give_int(&call, futex_wait(word, expected, timeout_ns));
}

static napi_value futex_wake_call(napi_env env, napi_callback_info info) {
    struct call call = call_open(env, info);
    _Atomic uint32_t *word = word_at(&call);
    int32_t count = call_int(&call, 2);
    return call.failed ? NULL : give_int(&call, futex_wake(word, count));
}

void node_region_export(napi_env env, napi_value exports) {
    static const struct function functions[] = {
        {"regionCreate", region_create_call},
        {"regionAdopt", region_adopt_call},
        {"regionDescriptor", region_descriptor},
        {"regionBytes", region_bytes},
        {"regionClose", region_close_call},
        {"regionView", region_view},
        {"viewDetach", view_detach},
        {"regionWrite", region_write_call},
        {"regionPunch", region_punch_call},
        {"regionReserve", region_reserve_call},
        {"regionAdviseHuge", region_advise_huge_call},
        {"futexWait", futex_wait_call},
        {"futexWake", futex_wake_call},
    };
    call_export(env, exports, functions, sizeof functions / sizeof functions[0]);
}
