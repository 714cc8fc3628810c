/* A JavaScript function that is called from the event loop. */
#ifndef AMPHIS_LISTENER_H
#define AMPHIS_LISTENER_H

#define NAPI_VERSION 8
#include <node_api.h>
#include <stdbool.h>

struct listener {
    napi_env env;
    napi_ref function;
    napi_async_context context;
};

/* False: Node has no memory left; listener_close takes back what was made. */
bool listener_open(struct listener *listener, napi_env env, napi_value function);
/* Calls it, and the microtasks that it left. What it throws is an uncaught exception. */
void listener_call(struct listener *listener);
void listener_close(struct listener *listener);

#endif
