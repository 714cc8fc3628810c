#include "listener.h"

bool listener_open(struct listener *listener, napi_env env, napi_value function) {
    *listener = (struct listener){.env = env};
    napi_value name;
    return napi_create_string_utf8(env, "amphis:watch", NAPI_AUTO_LENGTH, &name) == napi_ok &&
           napi_async_init(env, NULL, name, &listener->context) == napi_ok &&
           napi_create_reference(env, function, 1, &listener->function) == napi_ok;
}

void listener_call(struct listener *listener) {
    napi_env env = listener->env;
    napi_handle_scope scope;
    if (napi_open_handle_scope(env, &scope) != napi_ok) return;
    /* The listener may close itself. */
    napi_async_context context = listener->context;
    napi_value function, receiver, result, thrown;
    if (napi_get_reference_value(env, listener->function, &function) == napi_ok &&
        napi_get_global(env, &receiver) == napi_ok &&
        napi_make_callback(env, context, receiver, function, 0, NULL, &result) == napi_pending_exception &&
        napi_get_and_clear_last_exception(env, &thrown) == napi_ok) {
        napi_fatal_exception(env, thrown);
    }
    napi_close_handle_scope(env, scope);
}

void listener_close(struct listener *listener) {
    if (listener->function != NULL) napi_delete_reference(listener->env, listener->function);
    if (listener->context != NULL) napi_async_destroy(listener->env, listener->context);
    *listener = (struct listener){.env = listener->env};
}
