/* The Node-API module. Bindings hold no logic: numbers and bytes in, numbers and bytes out. */
#include "node.h"

#include <errno.h>
#include <stdlib.h>

/* Changes with every change of a signature, so that a stale binary is refused and never called. */
#define INTERFACE_VERSION 4
#define LARGEST_NUMBER 9007199254740991.0

struct call call_open(napi_env env, napi_callback_info info) {
    struct call call = {.env = env, .failed = false};
    size_t count = MOST_ARGUMENTS;
    void *table = NULL;
    napi_get_cb_info(env, info, &count, call.arguments, NULL, &table);
    call.table = table;
    return call;
}

napi_value call_fail(struct call *call, const char *what, int error) {
    if (call->failed) return NULL;
    call->failed = true;
    napi_env env = call->env;
    napi_value text, thrown, number;
    if (napi_create_string_utf8(env, what, NAPI_AUTO_LENGTH, &text) == napi_ok &&
        napi_create_error(env, NULL, text, &thrown) == napi_ok &&
        napi_set_named_property(env, thrown, "call", text) == napi_ok &&
        napi_create_int32(env, error, &number) == napi_ok &&
        napi_set_named_property(env, thrown, "errno", number) == napi_ok) {
        napi_throw(env, thrown);
    }
    return NULL;
}

static void wrong_type(struct call *call) {
    if (call->failed) return;
    call->failed = true;
    napi_throw_type_error(call->env, NULL, "Cannot call native code: an argument has the wrong type");
}

int32_t call_int(struct call *call, int index) {
    int32_t value = 0;
    if (napi_get_value_int32(call->env, call->arguments[index], &value) != napi_ok) wrong_type(call);
    return value;
}

uint32_t call_uint(struct call *call, int index) {
    uint32_t value = 0;
    if (napi_get_value_uint32(call->env, call->arguments[index], &value) != napi_ok) wrong_type(call);
    return value;
}

uint64_t call_size(struct call *call, int index) {
    double value = 0;
    napi_status status = napi_get_value_double(call->env, call->arguments[index], &value);
    if (status == napi_ok && value >= 0 && value <= LARGEST_NUMBER) return (uint64_t)value;
    wrong_type(call);
    return 0;
}

int64_t call_time(struct call *call, int index) {
    double value = 0;
    napi_status status = napi_get_value_double(call->env, call->arguments[index], &value);
    if (status == napi_ok && value == -1) return -1;
    return (int64_t)call_size(call, index);
}

bool call_bool(struct call *call, int index) {
    bool value = false;
    if (napi_get_value_bool(call->env, call->arguments[index], &value) != napi_ok) wrong_type(call);
    return value;
}

struct bytes call_bytes(struct call *call, int index) {
    napi_typedarray_type type;
    size_t length = 0;
    void *data = NULL;
    napi_value value = call->arguments[index];
    if (napi_get_typedarray_info(call->env, value, &type, &length, &data, NULL, NULL) == napi_ok &&
        type == napi_uint8_array && length <= UINT32_MAX) {
        return (struct bytes){.data = data, .length = (uint32_t)length};
    }
    wrong_type(call);
    return (struct bytes){.data = NULL, .length = 0};
}

struct bytes call_room(struct call *call, int index) {
    struct bytes all = call_bytes(call, index);
    uint32_t start = call_uint(call, index + 1);
    if (call->failed) return (struct bytes){.data = NULL, .length = 0};
    /* Behind the array there is other memory of this process. */
    if (start <= all.length) return (struct bytes){.data = all.data + start, .length = all.length - start};
    call_fail(call, "range", 0);
    return (struct bytes){.data = NULL, .length = 0};
}

const _Atomic int32_t *call_interrupt(struct call *call, int index) {
    napi_valuetype kind;
    napi_value value = call->arguments[index];
    if (napi_typeof(call->env, value, &kind) == napi_ok && kind == napi_null) return NULL;
    napi_typedarray_type type;
    size_t length = 0;
    void *data = NULL;
    if (napi_get_typedarray_info(call->env, value, &type, &length, &data, NULL, NULL) == napi_ok &&
        type == napi_int32_array && length > 0) {
        return data;
    }
    wrong_type(call);
    return NULL;
}

void *call_object(struct call *call, int index, enum handle_kind kind) {
    void *object = handle_find(call->table, kind, call_size(call, index));
    if (object == NULL) call_fail(call, "closed", 0);
    return object;
}

void *call_take(struct call *call, int index, enum handle_kind kind) {
    void *object = handle_take(call->table, kind, call_size(call, index));
    if (object == NULL) call_fail(call, "closed", 0);
    return object;
}

struct region *call_part(struct call *call, int index, uint64_t *offset, uint64_t *bytes) {
    struct region *region = call_object(call, index, HANDLE_REGION);
    *offset = call_size(call, index + 1);
    *bytes = call_size(call, index + 2);
    if (call->failed) return NULL;
    /* Beyond the region there is other memory of this process, or none. */
    if (region_contains(region, *offset, *bytes)) return region;
    call_fail(call, "range", 0);
    return NULL;
}

napi_value give_int(struct call *call, int64_t value) {
    napi_value result = NULL;
    napi_create_int64(call->env, value, &result);
    return result;
}

uint64_t call_keep(struct call *call, enum handle_kind kind, void *object) {
    uint64_t handle = handle_add(call->table, kind, object);
    if (handle == 0) call_fail(call, "handle", ENOMEM);
    return handle;
}

/* Watches close themselves: they must be gone from the event loop first. */
static void close_environment(napi_env env, void *data, void *hint) {
    (void)env;
    (void)hint;
    struct handle_table *table = data;
    enum handle_kind kind;
    for (void *object = handle_take_any(table, &kind); object != NULL; object = handle_take_any(table, &kind)) {
        if (kind == HANDLE_REGION) region_close(object);
        if (kind == HANDLE_RING) node_ring_let_go(object);
    }
    handle_table_close(table);
    free(table);
}

void call_export(napi_env env, napi_value exports, const struct function *functions, int count) {
    void *table = NULL;
    napi_get_instance_data(env, &table);
    for (int index = 0; index < count; index++) {
        napi_value function;
        const char *name = functions[index].name;
        if (napi_create_function(env, name, NAPI_AUTO_LENGTH, functions[index].callback, table, &function) == napi_ok) {
            napi_set_named_property(env, exports, name, function);
        }
    }
}

NAPI_MODULE_INIT() {
    struct handle_table *table = malloc(sizeof *table);
    napi_value version;
    if (table == NULL) return NULL;
    handle_table_open(table);
    if (napi_set_instance_data(env, table, close_environment, NULL) != napi_ok) {
        free(table);
        return NULL;
    }
    napi_create_int32(env, INTERFACE_VERSION, &version);
    napi_set_named_property(env, exports, "interfaceVersion", version);
    node_region_export(env, exports);
    node_descriptor_export(env, exports);
    node_ring_export(env, exports);
    node_watch_export(env, exports);
    return exports;
}
