/* Descriptors, doorbells, and who is at the other end of a socket. */
#include "node.h"

#include <errno.h>
#include <unistd.h>

#include "descriptor.h"
#include "doorbell.h"
#include "peer.h"

/* Numbers into an Int32Array that the caller brings: no object is made here. */
static int32_t *call_numbers(struct call *call, int index, size_t *count) {
    napi_typedarray_type type;
    void *data = NULL;
    if (napi_get_typedarray_info(call->env, call->arguments[index], &type, count, &data, NULL, NULL) == napi_ok &&
        type == napi_int32_array) {
        return data;
    }
    call_fail(call, "range", 0);
    return NULL;
}

/* What would block is -1; TypeScript says null. */
static napi_value give_moved(struct call *call, const char *what, ssize_t moved) {
    if (moved >= 0) return give_int(call, moved);
    if (errno == EAGAIN || errno == EWOULDBLOCK) return give_int(call, -1);
    return call_fail(call, what, errno);
}

static napi_value fill_pair(struct call *call, const char *what, int (*open)(int pair[2])) {
    size_t count = 0;
    int32_t *target = call_numbers(call, 0, &count);
    if (call->failed) return NULL;
    int pair[2];
    if (count < 2) return call_fail(call, "range", 0);
    int error = open(pair);
    if (error != 0) return call_fail(call, what, error);
    target[0] = pair[0];
    target[1] = pair[1];
    return NULL;
}

static napi_value socket_pair(napi_env env, napi_callback_info info) {
    struct call call = call_open(env, info);
    return fill_pair(&call, "socketpair", descriptor_pair);
}

static napi_value descriptor_send_call(napi_env env, napi_callback_info info) {
    struct call call = call_open(env, info);
    int socket = call_int(&call, 0);
    struct bytes bytes = call_bytes(&call, 1);
    size_t count = 0;
    int32_t *descriptors = call_numbers(&call, 2, &count);
    if (call.failed) return NULL;
    return give_moved(&call, "sendmsg", descriptor_send(socket, bytes.data, bytes.length, descriptors, count));
}

/* The count of descriptors goes into the last place of the array. */
static napi_value descriptor_receive_call(napi_env env, napi_callback_info info) {
    struct call call = call_open(env, info);
    int socket = call_int(&call, 0);
    struct bytes target = call_bytes(&call, 1);
    size_t room = 0;
    int32_t *descriptors = call_numbers(&call, 2, &room);
    if (call.failed) return NULL;
    if (room < 1) return call_fail(&call, "range", 0);
    size_t count = room - 1;
    ssize_t taken = descriptor_receive(socket, target.data, target.length, descriptors, &count);
    if (taken >= 0) descriptors[room - 1] = (int32_t)count;
    return give_moved(&call, "recvmsg", taken);
}

static napi_value descriptor_duplicate_call(napi_env env, napi_callback_info info) {
    struct call call = call_open(env, info);
    int descriptor = call_int(&call, 0);
    if (call.failed) return NULL;
    int copy = descriptor_duplicate(descriptor);
    return copy < 0 ? call_fail(&call, "fcntl", errno) : give_int(&call, copy);
}

static napi_value descriptor_close_call(napi_env env, napi_callback_info info) {
    struct call call = call_open(env, info);
    int descriptor = call_int(&call, 0);
    if (call.failed) return NULL;
    return close(descriptor) == 0 ? NULL : call_fail(&call, "close", errno);
}

static napi_value doorbell_create_call(napi_env env, napi_callback_info info) {
    struct call call = call_open(env, info);
    return fill_pair(&call, "pipe2", doorbell_create);
}

static napi_value doorbell_ring_call(napi_env env, napi_callback_info info) {
    struct call call = call_open(env, info);
    int descriptor = call_int(&call, 0);
    if (!call.failed) doorbell_ring(descriptor);
    return NULL;
}

static napi_value peer_of_call(napi_env env, napi_callback_info info) {
    struct call call = call_open(env, info);
    int socket = call_int(&call, 0);
    size_t count = 0;
    int32_t *target = call_numbers(&call, 1, &count);
    if (call.failed) return NULL;
    if (count < 3) return call_fail(&call, "range", 0);
    struct peer peer;
    int error = peer_of(socket, &peer);
    if (error != 0) return call_fail(&call, "getsockopt", error);
    target[0] = peer.pid;
    target[1] = (int32_t)peer.uid;
    target[2] = (int32_t)peer.gid;
    return NULL;
}

void node_descriptor_export(napi_env env, napi_value exports) {
    static const struct function functions[] = {
        {"socketPair", socket_pair},
        {"descriptorSend", descriptor_send_call},
        {"descriptorReceive", descriptor_receive_call},
        {"descriptorDuplicate", descriptor_duplicate_call},
        {"descriptorClose", descriptor_close_call},
        {"doorbellCreate", doorbell_create_call},
        {"doorbellRing", doorbell_ring_call},
        {"peerOf", peer_of_call},
    };
    call_export(env, exports, functions, sizeof functions / sizeof functions[0]);
}
