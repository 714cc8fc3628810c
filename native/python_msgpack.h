/*
 * MessagePack in C for what is plain, of which most values are made.
 *
 * It gives what the codec in Python gives, or leaves the value to that: whatever is wrong, rare or not known here ends in
 * NotImplemented, and Python does it anew and says what is wrong. So nothing here makes errors, and nothing is accepted
 * that Python would not accept.
 */
#ifndef AMPHIS_PYTHON_MSGPACK_H
#define AMPHIS_PYTHON_MSGPACK_H

#include <stdbool.h>
#include <stdint.h>

#include "python.h"

/* More levels than these are left to Python, so that the stack of no thread is too small. */
#define MSGPACK_MOST_LEVELS 128
/* So many keys of a map are looked at for chosen collisions by nobody (amphis._internal.codec.collisions). */
#define MSGPACK_MOST_UNCHECKED 256
#define MSGPACK_SET 71
#define MSGPACK_TUPLE 72
#define MSGPACK_HANDLE 75
#define MSGPACK_ATTACHMENT 76

/* A codec with what it asks of Python; the parts are those of amphis._internal.codec.msgpack.fast. */
typedef struct {
    PyObject_HEAD
    int levels;
    /* (value, levels left) -> bytearray: what is not plain. */
    PyObject *pack_other;
    /* (code, body) -> value */
    PyObject *unpack_extension;
    /* (index, format, meta) -> value */
    PyObject *attachment;
    /* (value) -> bool: may it be a key? */
    PyObject *is_key;
    /* (list of keys) -> bool: do too many share a hash? */
    PyObject *collide;
    /* The one that all NaN become. */
    PyObject *nan;
} MsgpackObject;

/* Bytes that grow. The first ones need no memory of their own, so that most values are written without asking for any. */
struct packer {
    uint8_t *bytes;
    size_t length;
    size_t room;
    /* NULL: what is not plain is refused. Borrowed. */
    MsgpackObject *codec;
    /* Longest string of bytes that is plain. */
    size_t most_bytes;
    uint8_t first[1024];
};

/* Where a decoder stands. What it reads stays as it is: it belongs to this process, and Python changes no `bytes`. */
struct unpacker {
    const uint8_t *bytes;
    size_t at;
    size_t end;
    int levels;
    MsgpackObject *codec;
    /* How many handles and attachments came. */
    size_t far;
};

void packer_open(struct packer *packer, MsgpackObject *codec);
void packer_close(struct packer *packer);
/* Room for more at the end; NULL with MemoryError. */
uint8_t *packer_extend(struct packer *packer, size_t count);
/* 0, or -1: it is left to Python, with or without an exception. */
int msgpack_pack(struct packer *packer, PyObject *value, int levels);

/* NULL, with or without an exception: it is left to Python. */
PyObject *msgpack_unpack(struct unpacker *unpacker);
/* The one value that all the bytes are; else as above. */
PyObject *msgpack_unpack_all(struct unpacker *unpacker);

/* Whether Python does anew what failed; not so with an exception that is no error of the value, an interrupt for example. */
bool is_left_to_python(void);
/* NotImplemented if so, else NULL with that exception. */
PyObject *leave_to_python(void);

/* The codec, or NULL with TypeError. */
MsgpackObject *msgpack_codec(PyObject *object);
/* Adds `Msgpack`. 0, or -1 with an exception. */
int python_msgpack_export(PyObject *module);

#endif
