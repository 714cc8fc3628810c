#define NAPI_VERSION 8
#include "watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "doorbell.h"
#include "event_loop.h"

struct watch {
    napi_env env;
    napi_ref listener;
    napi_async_context context;
    napi_async_cleanup_hook_handle hook;
    uv_poll_t *poll;
    int descriptor;
    bool silences;
};

static void on_closed(uv_handle_t *handle) {
    struct watch *watch = uv_handle_get_data(handle);
    /* Node waits for this at the end of an environment, as the loop must not end with an open handle. */
    if (watch->hook != NULL) napi_remove_async_cleanup_hook(watch->hook);
    free(watch->poll);
    free(watch);
}

static void stop(struct watch *watch) {
    uv_poll_stop(watch->poll);
    uv_close((uv_handle_t *)watch->poll, on_closed);
}

/* The environment ends with the watch open; it takes its own references along. */
static void on_environment_end(napi_async_cleanup_hook_handle hook, void *data) {
    (void)hook;
    stop(data);
}

static void call_listener(struct watch *watch) {
    napi_env env = watch->env;
    napi_handle_scope scope;
    if (napi_open_handle_scope(env, &scope) != napi_ok) return;
    napi_async_context context = watch->context;
    napi_value listener, receiver, result, thrown;
    if (napi_get_reference_value(env, watch->listener, &listener) == napi_ok &&
        napi_get_global(env, &receiver) == napi_ok &&
        napi_make_callback(env, context, receiver, listener, 0, NULL, &result) == napi_pending_exception &&
        napi_get_and_clear_last_exception(env, &thrown) == napi_ok) {
        napi_fatal_exception(env, thrown);
    }
    napi_close_handle_scope(env, scope);
}

static void on_readable(uv_poll_t *handle, int status, int events) {
    (void)events;
    struct watch *watch = uv_handle_get_data((uv_handle_t *)handle);
    if (watch->silences) doorbell_silence(watch->descriptor);
    /* After an error libuv would call again at once, for ever. The listener learns it from its own read. */
    if (status < 0) uv_poll_stop(handle);
    call_listener(watch);
}

static struct watch *abandon(struct watch *watch, struct failure *failure, const char *what, int error) {
    *failure = (struct failure){.what = what, .error = error};
    if (watch != NULL) free(watch->poll);
    free(watch);
    return NULL;
}

static bool open_references(struct watch *watch, napi_value listener) {
    napi_env env = watch->env;
    napi_value name;
    return napi_create_string_utf8(env, "amphis:watch", NAPI_AUTO_LENGTH, &name) == napi_ok &&
           napi_async_init(env, NULL, name, &watch->context) == napi_ok &&
           napi_create_reference(env, listener, 1, &watch->listener) == napi_ok &&
           napi_add_async_cleanup_hook(env, on_environment_end, watch, &watch->hook) == napi_ok;
}

static void close_references(struct watch *watch) {
    if (watch->listener != NULL) napi_delete_reference(watch->env, watch->listener);
    if (watch->context != NULL) napi_async_destroy(watch->env, watch->context);
}

struct watch *watch_open(napi_env env, int descriptor, bool silences, napi_value listener, struct failure *failure) {
    struct uv_loop_s *loop;
    const char *kind = uv_handle_type_name(UV_KIND_POLL);
    if (napi_get_uv_event_loop(env, &loop) != napi_ok || kind == NULL || strcmp(kind, "poll") != 0) {
        return abandon(NULL, failure, "napi_get_uv_event_loop", ENOSYS);
    }
    struct watch *watch = calloc(1, sizeof *watch);
    if (watch == NULL) return abandon(NULL, failure, "calloc", ENOMEM);
    watch->env = env;
    watch->descriptor = descriptor;
    watch->silences = silences;
    watch->poll = calloc(1, uv_handle_size(UV_KIND_POLL));
    if (watch->poll == NULL) return abandon(watch, failure, "calloc", ENOMEM);
    int status = uv_poll_init(loop, watch->poll, descriptor);
    if (status != 0) return abandon(watch, failure, "uv_poll_init", -status);
    uv_handle_set_data((uv_handle_t *)watch->poll, watch);
    status = open_references(watch, listener) ? uv_poll_start(watch->poll, UV_EVENT_READABLE, on_readable) : -ENOMEM;
    if (status == 0) return watch;
    *failure = (struct failure){.what = "uv_poll_start", .error = -status};
    watch_close(watch);
    return NULL;
}

void watch_keep_alive(struct watch *watch, bool keeps) {
    if (keeps) uv_ref((uv_handle_t *)watch->poll);
    else uv_unref((uv_handle_t *)watch->poll);
}

void watch_close(struct watch *watch) {
    close_references(watch);
    stop(watch);
}
