/* The methods `Ring.pop_call` and `Ring.push_plain`: frames (spec/frame.md) between a ring and values, without a step in between. */
#include <string.h>

#include "python_msgpack.h"
#include "python_ring.h"

#define HEADER_BYTES 24
#define MOST_CALL_ID ((1ull << 53) - 1)
/* Magic, version 1 and kind call, of any priority, in msgpack and without attachments: the first eight bytes as a word. */
#define CALL_WORD 0x03014d41ull
#define PRIORITY_MASK (3ull << 32)
/* function, args, kwargs, options */
#define CALL_PARTS 4
/* Strings of bytes from here on travel beside the body (spec/worker.md). */
#define BULK_BYTES 65536

/* The header as it lies on the wire, little-endian as every machine that this is built for. */
struct header {
    uint64_t word;
    uint64_t call_id;
    uint32_t body_bytes;
    uint32_t attachment_bytes;
};
_Static_assert(sizeof(struct header) == HEADER_BYTES, "the layout of spec/frame.md");

static bool is_named(PyObject *map) {
    PyObject *key, *value;
    Py_ssize_t at = 0;
    if (!PyDict_CheckExact(map)) return false;
    while (PyDict_Next(map, &at, &key, &value)) {
        if (!PyUnicode_CheckExact(key)) return false;
    }
    return true;
}

/* Bodies grow at their end: more parts than these are for later versions. */
static bool is_call(PyObject *body) {
    return PyList_CheckExact(body) && PyList_Size(body) >= CALL_PARTS && PyUnicode_CheckExact(PyList_GetItem(body, 0)) &&
           PyList_CheckExact(PyList_GetItem(body, 1)) && is_named(PyList_GetItem(body, 2)) &&
           is_named(PyList_GetItem(body, 3));
}

/* (call_id, function, args, kwargs, options, far) */
static PyObject *made_call(uint64_t call_id, PyObject *body, size_t far) {
    PyObject *call = PyTuple_New(CALL_PARTS + 2);
    if (call == NULL) return NULL;
    PyObject *first = PyLong_FromUnsignedLongLong(call_id), *last = PyLong_FromSize_t(far);
    PyTuple_SetItem(call, 0, first);
    PyTuple_SetItem(call, CALL_PARTS + 1, last);
    for (Py_ssize_t index = 0; index < CALL_PARTS; index++) {
        PyObject *part = PyList_GetItem(body, index);
        Py_INCREF(part);
        PyTuple_SetItem(call, index + 1, part);
    }
    if (first != NULL && last != NULL) return call;
    Py_DECREF(call);
    return NULL;
}

/* The call that a record is; NULL, with or without an exception: it is something else. */
static PyObject *read_call(MsgpackObject *codec, const uint8_t *record, size_t length) {
    struct header header;
    if (length < HEADER_BYTES) return NULL;
    memcpy(&header, record, sizeof header);
    if ((header.word & ~PRIORITY_MASK) != CALL_WORD || header.call_id > MOST_CALL_ID) return NULL;
    if (header.attachment_bytes != 0 || header.body_bytes != length - HEADER_BYTES) return NULL;
    struct unpacker unpacker = {
        .bytes = record + HEADER_BYTES, .end = header.body_bytes, .levels = codec->levels, .codec = codec};
    PyObject *body = msgpack_unpack_all(&unpacker);
    if (body == NULL) return NULL;
    PyObject *call = is_call(body) ? made_call(header.call_id, body, unpacker.far) : NULL;
    Py_DECREF(body);
    return call;
}

/* 0 and the number; -1 with an exception. */
static int number_of(PyObject *object, uint64_t *number) {
    *number = PyLong_AsUnsignedLongLong(object);
    return *number == UINT64_MAX && PyErr_Occurred() != NULL ? -1 : 0;
}

static int check_count(Py_ssize_t count, Py_ssize_t expected) {
    if (count == expected) return 0;
    PyErr_Format(PyExc_TypeError, "Cannot move frame: expected %zd arguments, got %zd", expected, count);
    return -1;
}

/* The record is its own copy by now: whatever the peer writes, what is read stays the same. */
PyObject *python_pop_call(PyObject *self, PyObject *const *arguments, Py_ssize_t count) {
    uint64_t most_bytes;
    if (check_count(count, 2) != 0) return NULL;
    MsgpackObject *codec = msgpack_codec(arguments[0]);
    if (codec == NULL || number_of(arguments[1], &most_bytes) != 0) return NULL;
    PyObject *record = ring_pop_record(self);
    if (record == NULL || record == Py_None) return record;
    size_t length = (size_t)PyBytes_Size(record);
    PyObject *call = NULL;
    if (length <= most_bytes) call = read_call(codec, (uint8_t *)PyBytes_AsString(record), length);
    if (call != NULL || !is_left_to_python()) {
        Py_DECREF(record);
        return call;
    }
    return record;
}

static void write_header(uint8_t *place, uint64_t word, uint64_t call_id, size_t body_bytes) {
    struct header header = {.word = word, .call_id = call_id, .body_bytes = (uint32_t)body_bytes};
    memcpy(place, &header, sizeof header);
}

struct limits {
    uint64_t whole_bytes;
    uint64_t most_bytes;
};

/* True: it is in the ring; the bytes: there was no room, or it is longer than a record should be. */
static PyObject *push(struct ring *ring, const struct packer *packer, uint64_t whole_bytes) {
    if (packer->length <= whole_bytes) {
        enum ring_status status = ring_push(ring, packer->bytes, (uint32_t)packer->length);
        if (status == RING_OK) Py_RETURN_TRUE;
        if (status != RING_PENDING) return ring_answer(ring, status, (long long)packer->length);
    }
    return PyBytes_FromStringAndSize((const char *)packer->bytes, (Py_ssize_t)packer->length);
}

static PyObject *push_body(
    RingObject *self, MsgpackObject *codec, const uint64_t head[2], PyObject *body, const struct limits *limits) {
    struct packer packer;
    /* Without a codec: nothing of the user's runs while the ring is in use. */
    packer_open(&packer, NULL);
    packer.most_bytes = BULK_BYTES - 1;
    packer_extend(&packer, HEADER_BYTES);
    PyObject *pushed = NULL;
    if (msgpack_pack(&packer, body, codec->levels) == 0 && packer.length <= limits->most_bytes &&
        packer.length <= UINT32_MAX) {
        write_header(packer.bytes, head[0], head[1], packer.length - HEADER_BYTES);
        pushed = push(&self->ring, &packer, limits->whole_bytes);
        packer_close(&packer);
        return pushed;
    }
    packer_close(&packer);
    return leave_to_python();
}

PyObject *python_push_plain(PyObject *object, PyObject *const *arguments, Py_ssize_t count) {
    uint64_t head[2];
    struct limits limits;
    if (check_count(count, 6) != 0) return NULL;
    RingObject *self = ring_enter(object, RING_PRODUCER);
    MsgpackObject *codec = self == NULL ? NULL : msgpack_codec(arguments[0]);
    if (codec == NULL || number_of(arguments[1], &head[0]) != 0 || number_of(arguments[4], &limits.whole_bytes) != 0 ||
        number_of(arguments[5], &limits.most_bytes) != 0) {
        return NULL;
    }
    /* A number that no call has is refused by whoever encodes any frame. */
    if (number_of(arguments[2], &head[1]) != 0 || head[1] > MOST_CALL_ID) return leave_to_python();
    return push_body(self, codec, head, arguments[3], &limits);
}
