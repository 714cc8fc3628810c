/* What the files of the Node binding share: arguments in, results out, and the objects of one environment. */
#ifndef AMPHIS_NODE_H
#define AMPHIS_NODE_H

#define NAPI_VERSION 8
#include <node_api.h>
#include <stdbool.h>
#include <stdint.h>

#include "failure.h"
#include "handle.h"
#include "region.h"
#include "ring.h"
#include "ring_watch.h"

#define MOST_ARGUMENTS 8

struct call {
    napi_env env;
    struct handle_table *table;
    napi_value arguments[MOST_ARGUMENTS];
    /* Set with the first argument of a wrong type; the exception is then pending. */
    bool failed;
};

struct bytes {
    uint8_t *data;
    uint32_t length;
};

struct function {
    const char *name;
    napi_callback callback;
};

struct call call_open(napi_env env, napi_callback_info info);
/* Throws an Error with `call` and `errno`: TypeScript makes the error of it that users see. */
napi_value call_fail(struct call *call, const char *what, int error);

int32_t call_int(struct call *call, int index);
uint32_t call_uint(struct call *call, int index);
/* A whole number from 0 to 2^53 - 1. */
uint64_t call_size(struct call *call, int index);
/* As call_size, and -1 stays -1. */
int64_t call_time(struct call *call, int index);
bool call_bool(struct call *call, int index);
/* The bytes of a Uint8Array. Valid until JavaScript runs again. */
struct bytes call_bytes(struct call *call, int index);
/* What is left of a Uint8Array from a start on, for the arguments array and start from `index` on; throws "range" when that
   is not inside. Valid as above. */
struct bytes call_room(struct call *call, int index);
/* The first word of an Int32Array that another thread writes, or NULL for null. Valid until JavaScript runs again. */
const _Atomic int32_t *call_interrupt(struct call *call, int index);
/* What a handle stands for; throws "closed" where it stands for nothing of this kind. */
void *call_object(struct call *call, int index, enum handle_kind kind);
void *call_take(struct call *call, int index, enum handle_kind kind);
/* A part of a region, for the arguments region, offset and bytes from `index` on; throws "range" when it is not inside. */
struct region *call_part(struct call *call, int index, uint64_t *offset, uint64_t *bytes);

napi_value give_int(struct call *call, int64_t value);
/* A new handle, or 0 with an exception pending: then the object is still the caller's. */
uint64_t call_keep(struct call *call, enum handle_kind kind, void *object);
void call_export(napi_env env, napi_value exports, const struct function *functions, int count);

void node_region_export(napi_env env, napi_value exports);
void node_descriptor_export(napi_env env, napi_value exports);
void node_ring_export(napi_env env, napi_value exports);

void node_watch_export(napi_env env, napi_value exports);

/* A ring that a handle stands for. It holds the region it lies in, and is counted itself: watches hold it. */
struct node_ring {
    struct ring ring;
    struct region *region;
    uint32_t holders;
    /* What waits for its records on the event loop, or NULL. */
    struct ring_watch *watch;
};

void node_ring_let_go(void *ring);

#endif
