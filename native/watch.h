/* A descriptor whose readability wakes Node's event loop and calls a function there. */
#ifndef AMPHIS_WATCH_H
#define AMPHIS_WATCH_H

#include <node_api.h>
#include <stdbool.h>

#include "failure.h"

struct watch;

/*
 * Calls `listener` whenever the descriptor is readable. `silences`: the descriptor is a doorbell, and its rings are taken
 * before each call. The descriptor is borrowed: close it after the watch. It is made non-blocking.
 */
struct watch *watch_open(napi_env env, int descriptor, bool silences, napi_value listener, struct failure *failure);
/* Whether the watch keeps the process alive; it does at first. */
void watch_keep_alive(struct watch *watch, bool keeps);
void watch_close(struct watch *watch);

#endif
