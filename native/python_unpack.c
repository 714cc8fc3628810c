/* MessagePack to values of Python. Each byte may be a peer's: a length is believed only when the bytes for it are there. */
#include <string.h>

#include "byte_order.h"
#include "python_msgpack.h"

/* Longer lists grow with what comes: else a few bytes on each level could ask for much memory. */
#define MOST_AHEAD 32

static PyObject *read_value(struct unpacker *unpacker);

static size_t left(const struct unpacker *unpacker) {
    return unpacker->end - unpacker->at;
}

static bool read_number(struct unpacker *unpacker, size_t width, uint64_t *number) {
    if (left(unpacker) < width) return false;
    *number = read_big_endian(unpacker->bytes + unpacker->at, width);
    unpacker->at += width;
    return true;
}

/* The next bytes; NULL: there are not so many. */
static const char *take(struct unpacker *unpacker, uint64_t size) {
    if (size > left(unpacker)) return NULL;
    const uint8_t *start = unpacker->bytes + unpacker->at;
    unpacker->at += (size_t)size;
    return (const char *)start;
}

static PyObject *read_text(struct unpacker *unpacker, uint64_t size) {
    const char *text = take(unpacker, size);
    return text == NULL ? NULL : PyUnicode_DecodeUTF8(text, (Py_ssize_t)size, NULL);
}

static PyObject *read_bytes(struct unpacker *unpacker, uint64_t size) {
    const char *bytes = take(unpacker, size);
    return bytes == NULL ? NULL : PyBytes_FromStringAndSize(bytes, (Py_ssize_t)size);
}

static PyObject *read_unsigned(struct unpacker *unpacker, size_t width) {
    uint64_t number;
    return read_number(unpacker, width, &number) ? PyLong_FromUnsignedLongLong(number) : NULL;
}

static PyObject *read_signed(struct unpacker *unpacker, size_t width) {
    uint64_t number;
    if (!read_number(unpacker, width, &number)) return NULL;
    switch (width) {
        case 1: return PyLong_FromLong((int8_t)number);
        case 2: return PyLong_FromLong((int16_t)number);
        case 4: return PyLong_FromLong((int32_t)number);
        default: return PyLong_FromLongLong((int64_t)number);
    }
}

static PyObject *made_float(const struct unpacker *unpacker, double number) {
    if (number == number) return PyFloat_FromDouble(number);
    Py_INCREF(unpacker->codec->nan);
    return unpacker->codec->nan;
}

static PyObject *read_float(struct unpacker *unpacker, size_t width) {
    uint64_t bits;
    if (!read_number(unpacker, width, &bits)) return NULL;
    double number;
    float single;
    uint32_t narrow = (uint32_t)bits;
    memcpy(&number, &bits, sizeof number);
    memcpy(&single, &narrow, sizeof single);
    return made_float(unpacker, width == 4 ? (double)single : number);
}

/* Opens a level whose items take at least so many bytes. */
static bool enter(struct unpacker *unpacker, uint64_t least_bytes) {
    if (least_bytes > left(unpacker) || unpacker->levels <= 0) return false;
    unpacker->levels--;
    return true;
}

static int add_item(PyObject *items, uint64_t index, bool is_ahead, PyObject *item) {
    if (item == NULL) return -1;
    if (is_ahead) return PyList_SetItem(items, (Py_ssize_t)index, item);
    int result = PyList_Append(items, item);
    Py_DECREF(item);
    return result;
}

static PyObject *read_list(struct unpacker *unpacker, uint64_t count) {
    if (!enter(unpacker, count)) return NULL;
    bool is_ahead = count <= MOST_AHEAD;
    PyObject *items = PyList_New(is_ahead ? (Py_ssize_t)count : 0);
    for (uint64_t index = 0; items != NULL && index < count; index++) {
        if (add_item(items, index, is_ahead, read_value(unpacker)) == 0) continue;
        Py_DECREF(items);
        return NULL;
    }
    unpacker->levels++;
    return items;
}

/* 1 or 0; -1 with an exception. */
static int answers_yes(PyObject *question, PyObject *about) {
    PyObject *answer = PyObject_CallFunctionObjArgs(question, about, NULL);
    if (answer == NULL) return -1;
    int result = PyObject_IsTrue(answer);
    Py_DECREF(answer);
    return result;
}

static bool may_be_key(const struct unpacker *unpacker, PyObject *key) {
    if (PyUnicode_CheckExact(key) || PyLong_CheckExact(key) || PyFloat_CheckExact(key) || PyBytes_CheckExact(key) ||
        PyBool_Check(key) || key == Py_None) {
        return true;
    }
    return answers_yes(unpacker->codec->is_key, key) == 1;
}

static PyObject *read_key(struct unpacker *unpacker) {
    PyObject *key = read_value(unpacker);
    if (key == NULL || may_be_key(unpacker, key)) return key;
    Py_DECREF(key);
    return NULL;
}

/* Puts entries into `map`, or both parts of them into lists of their own where there is no map yet. */
static bool read_entries(struct unpacker *unpacker, uint64_t count, PyObject *map, PyObject *keys, PyObject *items) {
    int result = 0;
    for (uint64_t index = 0; result == 0 && index < count; index++) {
        PyObject *key = read_key(unpacker);
        PyObject *item = key == NULL ? NULL : read_value(unpacker);
        if (item == NULL) result = -1;
        else if (map != NULL) result = PyDict_SetItem(map, key, item);
        else result = PyList_Append(keys, key) == 0 ? PyList_Append(items, item) : -1;
        Py_XDECREF(key);
        Py_XDECREF(item);
    }
    return result == 0;
}

static bool fill(PyObject *map, PyObject *keys, PyObject *items) {
    int result = 0;
    for (Py_ssize_t index = 0; result == 0 && index < PyList_Size(keys); index++) {
        result = PyDict_SetItem(map, PyList_GetItem(keys, index), PyList_GetItem(items, index));
    }
    return result == 0;
}

/* All keys are looked at before the first of them is put anywhere: they may have been chosen to share a hash. */
static bool read_many_entries(struct unpacker *unpacker, uint64_t count, PyObject *map) {
    PyObject *keys = PyList_New(0), *items = PyList_New(0);
    bool is_read = keys != NULL && items != NULL && read_entries(unpacker, count, NULL, keys, items) &&
                   answers_yes(unpacker->codec->collide, keys) == 0 && fill(map, keys, items);
    Py_XDECREF(keys);
    Py_XDECREF(items);
    return is_read;
}

static PyObject *read_map(struct unpacker *unpacker, uint64_t count) {
    if (!enter(unpacker, 2 * count)) return NULL;
    PyObject *map = PyDict_New();
    if (map == NULL) return NULL;
    bool is_read = count > MSGPACK_MOST_UNCHECKED ? read_many_entries(unpacker, count, map)
                                                  : read_entries(unpacker, count, map, NULL, NULL);
    if (!is_read) {
        Py_DECREF(map);
        return NULL;
    }
    unpacker->levels++;
    return map;
}

/* The array that an extension consists of. */
static PyObject *read_array(struct unpacker *unpacker) {
    uint64_t head, count;
    if (!read_number(unpacker, 1, &head)) return NULL;
    if ((head & 0xf0) == 0x90) count = head & 0x0f;
    else if ((head != 0xdc && head != 0xdd) || !read_number(unpacker, head == 0xdc ? 2 : 4, &count)) return NULL;
    return read_list(unpacker, count);
}

static PyObject *made_set(const struct unpacker *unpacker, PyObject *items) {
    Py_ssize_t count = PyList_Size(items);
    for (Py_ssize_t index = 0; index < count; index++) {
        if (!may_be_key(unpacker, PyList_GetItem(items, index))) return NULL;
    }
    if (count > MSGPACK_MOST_UNCHECKED && answers_yes(unpacker->codec->collide, items) != 0) return NULL;
    return PySet_New(items);
}

static bool is_meta(PyObject *meta) {
    PyObject *key, *value;
    Py_ssize_t at = 0;
    if (!PyDict_CheckExact(meta)) return false;
    while (PyDict_Next(meta, &at, &key, &value)) {
        if (!PyUnicode_CheckExact(key)) return false;
    }
    return true;
}

static PyObject *made_attachment(struct unpacker *unpacker, PyObject *parts) {
    if (PyList_Size(parts) != 3 || !is_meta(PyList_GetItem(parts, 2))) return NULL;
    unpacker->far++;
    return PyObject_CallFunctionObjArgs(unpacker->codec->attachment, PyList_GetItem(parts, 0), PyList_GetItem(parts, 1),
                                        PyList_GetItem(parts, 2), NULL);
}

static PyObject *read_container(struct unpacker *unpacker, int code) {
    /* The array that holds the three parts of an attachment is no level of the value. */
    int free_levels = code == MSGPACK_ATTACHMENT ? 1 : 0;
    unpacker->levels += free_levels;
    PyObject *items = read_array(unpacker);
    unpacker->levels -= free_levels;
    if (items == NULL || left(unpacker) != 0) {
        Py_XDECREF(items);
        return NULL;
    }
    PyObject *made = code == MSGPACK_SET     ? made_set(unpacker, items)
                     : code == MSGPACK_TUPLE ? PyList_AsTuple(items)
                                             : made_attachment(unpacker, items);
    Py_DECREF(items);
    return made;
}

static PyObject *read_other(struct unpacker *unpacker, int code, uint64_t size) {
    PyObject *body = read_bytes(unpacker, size);
    PyObject *number = body == NULL ? NULL : PyLong_FromLong(code);
    PyObject *made = NULL;
    if (number != NULL) made = PyObject_CallFunctionObjArgs(unpacker->codec->unpack_extension, number, body, NULL);
    if (code == MSGPACK_HANDLE) unpacker->far++;
    Py_XDECREF(number);
    Py_XDECREF(body);
    return made;
}

static PyObject *read_extension(struct unpacker *unpacker, uint64_t size) {
    uint64_t byte;
    if (!read_number(unpacker, 1, &byte) || size > left(unpacker)) return NULL;
    int code = (int8_t)byte;
    if (code != MSGPACK_SET && code != MSGPACK_TUPLE && code != MSGPACK_ATTACHMENT) {
        return read_other(unpacker, code, size);
    }
    size_t outer = unpacker->end;
    unpacker->end = unpacker->at + (size_t)size;
    PyObject *made = read_container(unpacker, code);
    unpacker->end = outer;
    return made;
}

/* Reads a length of this width, then what is that long. */
static PyObject *read_counted(struct unpacker *unpacker, size_t width, PyObject *(*read)(struct unpacker *, uint64_t)) {
    uint64_t length;
    return read_number(unpacker, width, &length) ? read(unpacker, length) : NULL;
}

static PyObject *constant(PyObject *value) {
    Py_INCREF(value);
    return value;
}

static PyObject *read_marked(struct unpacker *unpacker, uint8_t marker) {
    switch (marker) {
        case 0xc0: return constant(Py_None);
        case 0xc2: return constant(Py_False);
        case 0xc3: return constant(Py_True);
        case 0xc4: case 0xc5: case 0xc6: return read_counted(unpacker, (size_t)1 << (marker - 0xc4), read_bytes);
        case 0xc7: case 0xc8: case 0xc9: return read_counted(unpacker, (size_t)1 << (marker - 0xc7), read_extension);
        case 0xca: return read_float(unpacker, 4);
        case 0xcb: return read_float(unpacker, 8);
        case 0xcc: case 0xcd: case 0xce: case 0xcf: return read_unsigned(unpacker, (size_t)1 << (marker - 0xcc));
        case 0xd0: case 0xd1: case 0xd2: case 0xd3: return read_signed(unpacker, (size_t)1 << (marker - 0xd0));
        case 0xd4: case 0xd5: case 0xd6: case 0xd7: case 0xd8: return read_extension(unpacker, (uint64_t)1 << (marker - 0xd4));
        case 0xd9: case 0xda: case 0xdb: return read_counted(unpacker, (size_t)1 << (marker - 0xd9), read_text);
        case 0xdc: case 0xdd: return read_counted(unpacker, (size_t)2 << (marker - 0xdc), read_list);
        case 0xde: case 0xdf: return read_counted(unpacker, (size_t)2 << (marker - 0xde), read_map);
        default: return NULL;
    }
}

static PyObject *read_value(struct unpacker *unpacker) {
    if (left(unpacker) == 0) return NULL;
    uint8_t byte = unpacker->bytes[unpacker->at++];
    if (byte < 0x80) return PyLong_FromLong(byte);
    if (byte < 0x90) return read_map(unpacker, byte & 0x0f);
    if (byte < 0xa0) return read_list(unpacker, byte & 0x0f);
    if (byte < 0xc0) return read_text(unpacker, byte & 0x1f);
    if (byte >= 0xe0) return PyLong_FromLong((int8_t)byte);
    return read_marked(unpacker, byte);
}

PyObject *msgpack_unpack(struct unpacker *unpacker) {
    return read_value(unpacker);
}

PyObject *msgpack_unpack_all(struct unpacker *unpacker) {
    PyObject *value = read_value(unpacker);
    if (value == NULL || left(unpacker) == 0) return value;
    Py_DECREF(value);
    return NULL;
}
