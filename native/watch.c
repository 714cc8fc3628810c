#define NAPI_VERSION 8
#include "watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "doorbell.h"
#include "event_loop.h"
#include "listener.h"

struct watch {
    struct listener listener;
    napi_async_cleanup_hook_handle hook;
    uv_poll_t *poll;
    int descriptor;
    bool silences;
    bool closed;
};

static void on_closed(uv_handle_t *handle) {
    struct watch *watch = uv_handle_get_data(handle);
    /* Node waits for this at the end of an environment, as the loop must not end with an open handle. */
    if (watch->hook != NULL) napi_remove_async_cleanup_hook(watch->hook);
    free(watch->poll);
    free(watch);
}

/* The environment may end between this and on_closed. */
static void stop(struct watch *watch) {
    if (watch->closed) return;
    watch->closed = true;
    uv_poll_stop(watch->poll);
    uv_close((uv_handle_t *)watch->poll, on_closed);
}

/* The environment ends with the watch open; it takes its own references along. */
static void on_environment_end(napi_async_cleanup_hook_handle hook, void *data) {
    (void)hook;
    stop(data);
}

static void on_readable(uv_poll_t *handle, int status, int events) {
    (void)events;
    struct watch *watch = uv_handle_get_data((uv_handle_t *)handle);
    bool rings = !watch->silences || doorbell_silence(watch->descriptor);
    /* After an error libuv would call again at once, for ever. The listener learns it from its own read. */
    if (status < 0 || !rings) uv_poll_stop(handle);
    listener_call(&watch->listener);
}

static struct watch *abandon(struct watch *watch, struct failure *failure, const char *what, int error) {
    *failure = (struct failure){.what = what, .error = error};
    if (watch != NULL) free(watch->poll);
    free(watch);
    return NULL;
}

struct watch *watch_open(napi_env env, int descriptor, bool silences, napi_value listener, struct failure *failure) {
    struct uv_loop_s *loop;
    const char *kind = uv_handle_type_name(UV_KIND_POLL);
    if (napi_get_uv_event_loop(env, &loop) != napi_ok || kind == NULL || strcmp(kind, "poll") != 0) {
        return abandon(NULL, failure, "napi_get_uv_event_loop", ENOSYS);
    }
    struct watch *watch = calloc(1, sizeof *watch);
    if (watch == NULL) return abandon(NULL, failure, "calloc", ENOMEM);
    watch->descriptor = descriptor;
    watch->silences = silences;
    watch->poll = calloc(1, uv_handle_size(UV_KIND_POLL));
    if (watch->poll == NULL) return abandon(watch, failure, "calloc", ENOMEM);
    int status = uv_poll_init(loop, watch->poll, descriptor);
    if (status != 0) return abandon(watch, failure, "uv_poll_init", -status);
    uv_handle_set_data((uv_handle_t *)watch->poll, watch);
    bool open = listener_open(&watch->listener, env, listener) &&
                napi_add_async_cleanup_hook(env, on_environment_end, watch, &watch->hook) == napi_ok;
    status = open ? uv_poll_start(watch->poll, UV_EVENT_READABLE, on_readable) : -ENOMEM;
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
    listener_close(&watch->listener);
    stop(watch);
}
