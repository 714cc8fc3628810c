#include "ring_watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "doorbell.h"
#include "event_loop.h"
#include "listener.h"

/* Calls of the listener in a row before other events of the loop have their turn. */
#define MOST_CALLS 8

struct ring_watch {
    struct listener listener;
    napi_ref words_kept;
    int32_t *words;
    struct ring *ring;
    void *holder;
    void (*let_go)(void *holder);
    struct uv_loop_s *loop;
    uv_poll_t *poll;
    uv_prepare_t *prepare;
    /* Active while there is more to do than one turn of the loop takes: then the loop does not sleep. */
    uv_idle_t *idle;
    napi_async_cleanup_hook_handle hook;
    uint64_t spin_ns;
    int doorbell;
    int open_handles;
    bool closed;
};

static void on_closed(uv_handle_t *handle) {
    struct ring_watch *watch = uv_handle_get_data(handle);
    free(handle);
    if (--watch->open_handles > 0) return;
    /* Node waits for this at the end of an environment, as the loop must not end with an open handle. */
    if (watch->hook != NULL) napi_remove_async_cleanup_hook(watch->hook);
    free(watch);
}

/* From here on nothing touches the ring any more. The environment may end between this and on_closed. */
static void stop(struct ring_watch *watch) {
    if (watch->closed) return;
    watch->closed = true;
    uv_poll_stop(watch->poll);
    uv_close((uv_handle_t *)watch->poll, on_closed);
    uv_close((uv_handle_t *)watch->prepare, on_closed);
    uv_close((uv_handle_t *)watch->idle, on_closed);
    if (watch->let_go != NULL) watch->let_go(watch->holder);
}

/* The environment ends with the watch open; it takes its own references along. */
static void on_environment_end(napi_async_cleanup_hook_handle hook, void *data) {
    (void)hook;
    stop(data);
}

static void on_idle(uv_idle_t *handle) {
    (void)handle;
}

static void stop_looking(struct ring_watch *watch) {
    watch->words[RING_WATCH_LOOKING] = 0;
    uv_prepare_stop(watch->prepare);
}

/*
 * RING_PENDING: nothing is there, and the doorbell will ring. It is asked for even when the loop says that it will not
 * sleep: the loop says so too while it has yet to learn of a descriptor, and sleeps then.
 */
static enum ring_status look(struct ring_watch *watch, bool sleeps) {
    enum ring_status status = ring_ready(watch->ring, 0);
    if (status == RING_PENDING && sleeps && watch->words[RING_WATCH_EXPECTING] != 0) {
        status = ring_spin(watch->ring, 0, watch->spin_ns);
    }
    return status == RING_PENDING ? ring_arm(watch->ring, 0) : status;
}

static void before_sleep(uv_prepare_t *handle) {
    struct ring_watch *watch = uv_handle_get_data((uv_handle_t *)handle);
    uv_idle_stop(watch->idle);
    for (int calls = 0; !watch->closed; calls++) {
        if (watch->words[RING_WATCH_PAUSED] != 0) return stop_looking(watch);
        if (calls == MOST_CALLS) {
            uv_idle_start(watch->idle, on_idle);
            return;
        }
        bool sleeps = uv_backend_timeout(watch->loop) != 0;
        enum ring_status status = look(watch, sleeps);
        if (status == RING_PENDING) {
            if (sleeps) stop_looking(watch);
            return;
        }
        /* A ring that is broken stays so: the listener learns it from its own read, once. */
        if (status != RING_OK) stop_looking(watch);
        listener_call(&watch->listener);
        if (status != RING_OK) return;
    }
}

static void on_rung(uv_poll_t *handle, int status, int events) {
    (void)events;
    struct ring_watch *watch = uv_handle_get_data((uv_handle_t *)handle);
    /* A descriptor that is no doorbell would call again at once, for ever. */
    if (!doorbell_silence(watch->doorbell) || status < 0) uv_poll_stop(handle);
    bool calls = watch->words[RING_WATCH_WANTS_ROOM] != 0;
    watch->words[RING_WATCH_WANTS_ROOM] = 0;
    ring_watch_look(watch);
    if (calls || (watch->words[RING_WATCH_PAUSED] == 0 && ring_ready(watch->ring, 0) == RING_OK)) {
        listener_call(&watch->listener);
    }
}

static struct ring_watch *fail(struct failure *failure, const char *what, int error) {
    *failure = (struct failure){.what = what, .error = error};
    return NULL;
}

static bool knows_kinds(void) {
    static const struct {
        int kind;
        const char *name;
    } kinds[] = {{UV_KIND_POLL, "poll"}, {UV_KIND_PREPARE, "prepare"}, {UV_KIND_IDLE, "idle"}};
    for (size_t index = 0; index < sizeof kinds / sizeof kinds[0]; index++) {
        const char *name = uv_handle_type_name(kinds[index].kind);
        if (name == NULL || strcmp(name, kinds[index].name) != 0) return false;
    }
    return true;
}

/* 0, or -errno; then no handle of the loop is open. */
static int open_handles(struct ring_watch *watch) {
    watch->poll = calloc(1, uv_handle_size(UV_KIND_POLL));
    watch->prepare = calloc(1, uv_handle_size(UV_KIND_PREPARE));
    watch->idle = calloc(1, uv_handle_size(UV_KIND_IDLE));
    bool has_memory = watch->poll != NULL && watch->prepare != NULL && watch->idle != NULL;
    int status = has_memory ? uv_poll_init(watch->loop, watch->poll, watch->doorbell) : -ENOMEM;
    if (status != 0) {
        free(watch->poll);
        free(watch->prepare);
        free(watch->idle);
        return status;
    }
    uv_prepare_init(watch->loop, watch->prepare);
    uv_idle_init(watch->loop, watch->idle);
    uv_unref((uv_handle_t *)watch->prepare);
    uv_unref((uv_handle_t *)watch->idle);
    uv_handle_set_data((uv_handle_t *)watch->poll, watch);
    uv_handle_set_data((uv_handle_t *)watch->prepare, watch);
    uv_handle_set_data((uv_handle_t *)watch->idle, watch);
    watch->open_handles = 3;
    return 0;
}

static bool open_words(struct ring_watch *watch, napi_env env, napi_value words) {
    napi_typedarray_type type;
    size_t count = 0;
    void *data = NULL;
    return napi_get_typedarray_info(env, words, &type, &count, &data, NULL, NULL) == napi_ok &&
           type == napi_int32_array && count >= RING_WATCH_WORDS && (watch->words = data) != NULL &&
           napi_create_reference(env, words, 1, &watch->words_kept) == napi_ok;
}

struct ring_watch *ring_watch_open(napi_env env, const struct ring_watch_plan *plan, struct failure *failure) {
    struct uv_loop_s *loop;
    if (napi_get_uv_event_loop(env, &loop) != napi_ok || !knows_kinds()) {
        return fail(failure, "napi_get_uv_event_loop", ENOSYS);
    }
    struct ring_watch *watch = calloc(1, sizeof *watch);
    if (watch == NULL) return fail(failure, "calloc", ENOMEM);
    watch->loop = loop;
    watch->ring = plan->ring;
    watch->doorbell = plan->doorbell;
    watch->spin_ns = plan->spin_ns;
    int status = open_handles(watch);
    if (status != 0) {
        free(watch);
        return fail(failure, "uv_poll_init", -status);
    }
    bool open = listener_open(&watch->listener, env, plan->listener) && open_words(watch, env, plan->words) &&
                napi_add_async_cleanup_hook(env, on_environment_end, watch, &watch->hook) == napi_ok;
    status = open ? uv_poll_start(watch->poll, UV_EVENT_READABLE, on_rung) : -ENOMEM;
    if (status != 0) {
        ring_watch_close(watch);
        return fail(failure, "uv_poll_start", -status);
    }
    watch->holder = plan->holder;
    watch->let_go = plan->let_go;
    ring_watch_look(watch);
    return watch;
}

void ring_watch_look(struct ring_watch *watch) {
    watch->words[RING_WATCH_LOOKING] = 1;
    uv_prepare_start(watch->prepare, before_sleep);
}

void ring_watch_keep_alive(struct ring_watch *watch, bool keeps) {
    if (keeps) uv_ref((uv_handle_t *)watch->poll);
    else uv_unref((uv_handle_t *)watch->poll);
}

void ring_watch_close(struct ring_watch *watch) {
    napi_env env = watch->listener.env;
    listener_close(&watch->listener);
    if (watch->words_kept != NULL) napi_delete_reference(env, watch->words_kept);
    stop(watch);
}
