/* Values of Python to MessagePack: always the shortest form of each item. */
#include <string.h>

#include "byte_order.h"
#include "python_msgpack.h"

/* CPython keeps the UTF-8 of a string that is asked for it; longer ones are not to be held twice. */
#define MOST_KEPT_CHARACTERS 256
/* Marker, length and code of the longest extension. */
#define EXTENSION_HEAD 6
/* Twice the sum of two such lengths is still a size. */
#define MOST_BYTES (SIZE_MAX / 8)

void packer_open(struct packer *packer, MsgpackObject *codec) {
    packer->bytes = packer->first;
    packer->length = 0;
    packer->room = sizeof packer->first;
    packer->codec = codec;
    packer->most_bytes = SIZE_MAX;
}

void packer_close(struct packer *packer) {
    if (packer->bytes != packer->first) PyMem_Free(packer->bytes);
}

static int grow(struct packer *packer, size_t count) {
    if (count > MOST_BYTES || packer->length > MOST_BYTES) {
        PyErr_NoMemory();
        return -1;
    }
    size_t room = 2 * packer->room;
    while (room - packer->length < count) room *= 2;
    bool is_first = packer->bytes == packer->first;
    uint8_t *bytes = PyMem_Realloc(is_first ? NULL : packer->bytes, room);
    if (bytes == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    if (is_first) memcpy(bytes, packer->first, packer->length);
    packer->bytes = bytes;
    packer->room = room;
    return 0;
}

uint8_t *packer_extend(struct packer *packer, size_t count) {
    if (packer->room - packer->length < count && grow(packer, count) != 0) return NULL;
    uint8_t *place = packer->bytes + packer->length;
    packer->length += count;
    return place;
}

static int put(struct packer *packer, uint8_t marker, size_t width, uint64_t number) {
    uint8_t *place = packer_extend(packer, 1 + width);
    if (place == NULL) return -1;
    place[0] = marker;
    write_big_endian(place + 1, width, number);
    return 0;
}

static int put_bytes(struct packer *packer, const void *bytes, size_t count) {
    uint8_t *place = packer_extend(packer, count);
    if (place == NULL) return -1;
    memcpy(place, bytes, count);
    return 0;
}

/* A length of 8, 16 or 32 bits behind the first, second or third of three markers; a marker of 0 is none. */
static int put_length(struct packer *packer, const uint8_t markers[3], uint64_t length) {
    if (length <= UINT8_MAX && markers[0] != 0) return put(packer, markers[0], 1, length);
    if (length <= UINT16_MAX) return put(packer, markers[1], 2, length);
    return length <= UINT32_MAX ? put(packer, markers[2], 4, length) : -1;
}

static int pack_negative(struct packer *packer, int64_t number) {
    if (number >= -0x20) return put(packer, (uint8_t)number, 0, 0);
    if (number >= INT8_MIN) return put(packer, 0xd0, 1, (uint64_t)number);
    if (number >= INT16_MIN) return put(packer, 0xd1, 2, (uint64_t)number);
    if (number >= INT32_MIN) return put(packer, 0xd2, 4, (uint64_t)number);
    return put(packer, 0xd3, 8, (uint64_t)number);
}

static int pack_positive(struct packer *packer, uint64_t number) {
    if (number < 0x80) return put(packer, (uint8_t)number, 0, 0);
    if (number <= UINT8_MAX) return put(packer, 0xcc, 1, number);
    if (number <= UINT16_MAX) return put(packer, 0xcd, 2, number);
    if (number <= UINT32_MAX) return put(packer, 0xce, 4, number);
    return put(packer, 0xcf, 8, number);
}

static int pack_other(struct packer *packer, PyObject *value, int levels) {
    if (packer->codec == NULL) return -1;
    PyObject *left = PyLong_FromLong(levels);
    if (left == NULL) return -1;
    PyObject *made = PyObject_CallFunctionObjArgs(packer->codec->pack_other, value, left, NULL);
    Py_DECREF(left);
    if (made == NULL) return -1;
    int result = put_bytes(packer, PyByteArray_AsString(made), (size_t)PyByteArray_Size(made));
    Py_DECREF(made);
    return result;
}

static int pack_int(struct packer *packer, PyObject *value, int levels) {
    int overflow = 0;
    long long number = PyLong_AsLongLongAndOverflow(value, &overflow);
    if (overflow == 0) {
        return number < 0 ? pack_negative(packer, number) : pack_positive(packer, (uint64_t)number);
    }
    if (overflow > 0) {
        unsigned long long large = PyLong_AsUnsignedLongLong(value);
        if (PyErr_Occurred() == NULL) return pack_positive(packer, large);
        PyErr_Clear();
    }
    return pack_other(packer, value, levels);
}

static int pack_float(struct packer *packer, double number) {
    uint64_t bits = 0x7ff8000000000000;
    /* Every NaN is written alike. */
    if (number == number) memcpy(&bits, &number, sizeof bits);
    return put(packer, 0xcb, 8, bits);
}

static int put_text(struct packer *packer, const char *text, Py_ssize_t size) {
    static const uint8_t markers[3] = {0xd9, 0xda, 0xdb};
    int head = size < 0x20 ? put(packer, (uint8_t)(0xa0 | size), 0, 0) : put_length(packer, markers, (uint64_t)size);
    return head == 0 ? put_bytes(packer, text, (size_t)size) : -1;
}

static int pack_text(struct packer *packer, PyObject *value) {
    Py_ssize_t size = 0;
    if (PyUnicode_GetLength(value) <= MOST_KEPT_CHARACTERS) {
        const char *text = PyUnicode_AsUTF8AndSize(value, &size);
        return text == NULL ? -1 : put_text(packer, text, size);
    }
    PyObject *encoded = PyUnicode_AsUTF8String(value);
    if (encoded == NULL) return -1;
    int result = put_text(packer, PyBytes_AsString(encoded), PyBytes_Size(encoded));
    Py_DECREF(encoded);
    return result;
}

static int pack_bytes(struct packer *packer, PyObject *value) {
    static const uint8_t markers[3] = {0xc4, 0xc5, 0xc6};
    Py_ssize_t size = PyBytes_Size(value);
    if ((size_t)size > packer->most_bytes || put_length(packer, markers, (uint64_t)size) != 0) return -1;
    return put_bytes(packer, PyBytes_AsString(value), (size_t)size);
}

static int put_list_head(struct packer *packer, Py_ssize_t count) {
    static const uint8_t markers[3] = {0, 0xdc, 0xdd};
    return count < 0x10 ? put(packer, (uint8_t)(0x90 | count), 0, 0) : put_length(packer, markers, (uint64_t)count);
}

static int pack_list(struct packer *packer, PyObject *value, int levels) {
    Py_ssize_t count = PyList_Size(value);
    if (levels <= 0 || put_list_head(packer, count) != 0) return -1;
    for (Py_ssize_t index = 0; index < count; index++) {
        /* What Python does for an element may take it out of the list. */
        PyObject *item = PyList_GetItem(value, index);
        if (item == NULL) return -1;
        Py_INCREF(item);
        int result = msgpack_pack(packer, item, levels - 1);
        Py_DECREF(item);
        if (result != 0) return -1;
    }
    return 0;
}

static bool is_plain_key(PyObject *key) {
    return PyUnicode_CheckExact(key) || PyLong_CheckExact(key) || PyFloat_CheckExact(key) || PyBytes_CheckExact(key) ||
           PyBool_Check(key) || key == Py_None;
}

static int pack_entry(struct packer *packer, PyObject *key, PyObject *item, int levels) {
    if (msgpack_pack(packer, key, levels) != 0) return -1;
    return msgpack_pack(packer, item, levels);
}

static int pack_map(struct packer *packer, PyObject *value, int levels) {
    static const uint8_t markers[3] = {0, 0xde, 0xdf};
    Py_ssize_t count = PyDict_Size(value), written = 0, at = 0;
    size_t start = packer->length;
    PyObject *key, *item;
    if (levels <= 0) return -1;
    int result = count < 0x10 ? put(packer, (uint8_t)(0x80 | count), 0, 0) : put_length(packer, markers, (uint64_t)count);
    while (result == 0 && PyDict_Next(value, &at, &key, &item)) {
        if (!is_plain_key(key)) {
            packer->length = start;
            return pack_other(packer, value, levels);
        }
        Py_INCREF(key);
        Py_INCREF(item);
        result = pack_entry(packer, key, item, levels - 1);
        Py_DECREF(key);
        Py_DECREF(item);
        written++;
    }
    /* What Python does for an element may change the map. */
    return result == 0 && written == count ? 0 : -1;
}

static int close_extension(struct packer *packer, size_t start, uint8_t code) {
    size_t body = packer->length - start - EXTENSION_HEAD, head = 2;
    uint8_t *place = packer->bytes + start;
    if (body > UINT32_MAX) return -1;
    if (body == 1 || body == 2 || body == 4 || body == 8 || body == 16) {
        place[0] = body == 1 ? 0xd4 : body == 2 ? 0xd5 : body == 4 ? 0xd6 : body == 8 ? 0xd7 : 0xd8;
    } else {
        size_t width = body <= UINT8_MAX ? 1 : body <= UINT16_MAX ? 2 : 4;
        place[0] = width == 1 ? 0xc7 : width == 2 ? 0xc8 : 0xc9;
        write_big_endian(place + 1, width, body);
        head = 2 + width;
    }
    place[head - 1] = code;
    memmove(place + head, place + EXTENSION_HEAD, body);
    packer->length = start + head + body;
    return 0;
}

/* The length stands before the body, so the body is written behind the longest head, and moved up. */
static int pack_tuple(struct packer *packer, PyObject *value, int levels) {
    Py_ssize_t count = PyTuple_Size(value);
    size_t start = packer->length;
    if (levels <= 0 || packer_extend(packer, EXTENSION_HEAD) == NULL || put_list_head(packer, count) != 0) return -1;
    for (Py_ssize_t index = 0; index < count; index++) {
        if (msgpack_pack(packer, PyTuple_GetItem(value, index), levels - 1) != 0) return -1;
    }
    return close_extension(packer, start, MSGPACK_TUPLE);
}

int msgpack_pack(struct packer *packer, PyObject *value, int levels) {
    if (PyUnicode_CheckExact(value)) return pack_text(packer, value);
    if (PyLong_CheckExact(value)) return pack_int(packer, value, levels);
    if (value == Py_None) return put(packer, 0xc0, 0, 0);
    if (PyBool_Check(value)) return put(packer, value == Py_True ? 0xc3 : 0xc2, 0, 0);
    if (PyFloat_CheckExact(value)) return pack_float(packer, PyFloat_AsDouble(value));
    if (PyDict_CheckExact(value)) return pack_map(packer, value, levels);
    if (PyList_CheckExact(value)) return pack_list(packer, value, levels);
    if (PyTuple_CheckExact(value)) return pack_tuple(packer, value, levels);
    if (PyBytes_CheckExact(value)) return pack_bytes(packer, value);
    return pack_other(packer, value, levels);
}
