/*
 * The CPython module `_core`: rings and futex words over any writable buffer. Bindings hold no logic.
 *
 * One binary for CPython 3.10 and later. The buffer functions joined the limited API in 3.11, but 3.10 exports them with
 * the same structure, so all that is missing there is their declaration.
 */
#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030b0000
#include <Python.h>

#include <errno.h>

#include "futex.h"
#include "ring.h"

#if PY_VERSION_HEX < 0x030b0000
typedef struct {
    void *buf;
    PyObject *obj;
    Py_ssize_t len;
    Py_ssize_t itemsize;
    int readonly;
    int ndim;
    char *format;
    Py_ssize_t *shape;
    Py_ssize_t *strides;
    Py_ssize_t *suboffsets;
    void *internal;
} Py_buffer;
PyAPI_FUNC(int) PyObject_GetBuffer(PyObject *exporter, Py_buffer *view, int flags);
PyAPI_FUNC(void) PyBuffer_Release(Py_buffer *view);
#define PyBUF_SIMPLE 0
#define PyBUF_WRITABLE 0x0001
#endif

typedef struct {
    PyObject_HEAD
    /* Held as long as the ring, so that the memory cannot be unmapped below it. */
    Py_buffer buffer;
    struct ring ring;
    int busy;
} RingObject;

/* The error that users see is made in Python, where its class is. */
static PyObject *fail(const char *reason, long long actual, long long limit) {
    PyObject *module = PyImport_ImportModule("amphis._internal.native.failures");
    if (module == NULL) return NULL;
    PyObject *error = PyObject_CallMethod(module, "ring_failure", "sLL", reason, actual, limit);
    Py_DECREF(module);
    if (error == NULL) return NULL;
    PyErr_SetObject((PyObject *)Py_TYPE(error), error);
    Py_DECREF(error);
    return NULL;
}

/* A part of a buffer; bytes < 0 takes all that follows the offset. NULL with ValueError when it is not inside. */
static char *part_of(const Py_buffer *buffer, Py_ssize_t offset, Py_ssize_t *bytes) {
    if (offset >= 0 && offset <= buffer->len && *bytes <= buffer->len - offset) {
        if (*bytes < 0) *bytes = buffer->len - offset;
        return (char *)buffer->buf + offset;
    }
    PyErr_SetString(PyExc_ValueError, "Cannot use shared memory: the part is not inside the buffer");
    return NULL;
}

static PyObject *ring_new(PyTypeObject *type, PyObject *arguments, PyObject *named) {
    static char *names[] = {"buffer", "producer", "offset", "byte_length", "doorbell", NULL};
    PyObject *source;
    int produces;
    Py_ssize_t offset = 0, bytes = -1;
    int doorbell = -1;
    if (!PyArg_ParseTupleAndKeywords(arguments, named, "Op|nni", names, &source, &produces, &offset, &bytes, &doorbell)) {
        return NULL;
    }
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    RingObject *self = (RingObject *)allocate(type, 0);
    if (self == NULL) return NULL;
    char *memory = NULL;
    if (PyObject_GetBuffer(source, &self->buffer, PyBUF_SIMPLE | PyBUF_WRITABLE) == 0) {
        memory = part_of(&self->buffer, offset, &bytes);
    }
    if (memory == NULL) {
        Py_DECREF(self);
        return NULL;
    }
    enum ring_side side = produces ? RING_PRODUCER : RING_CONSUMER;
    if (ring_attach(&self->ring, side, memory, (uint64_t)bytes, doorbell) == RING_OK) return (PyObject *)self;
    Py_DECREF(self);
    return fail("absent", 0, 0);
}

static void ring_dealloc(PyObject *object) {
    PyTypeObject *type = Py_TYPE(object);
    PyBuffer_Release(&((RingObject *)object)->buffer);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    release(object);
    Py_DECREF(type);
}

/* A waiting thread has let go of the interpreter's lock; a second thread in the same ring would spoil its state. */
static RingObject *enter(PyObject *object, enum ring_side side) {
    RingObject *self = (RingObject *)object;
    const char *why = self->busy ? "Cannot use ring: another thread is waiting in it"
                      : self->ring.side != side ? "Cannot use ring: this is its other side"
                                                : NULL;
    if (why == NULL) return self;
    PyErr_SetString(PyExc_RuntimeError, why);
    return NULL;
}

static PyObject *answer(const struct ring *ring, enum ring_status status, long long length) {
    switch (status) {
        case RING_OK: Py_RETURN_TRUE;
        case RING_CORRUPT: return fail("corrupt", 0, 0);
        case RING_TOO_LARGE: return fail("too-large", length, ring_longest(ring));
        default: Py_RETURN_FALSE;
    }
}

static PyObject *ring_push_method(PyObject *object, PyObject *record) {
    RingObject *self = enter(object, RING_PRODUCER);
    Py_buffer bytes;
    if (self == NULL || PyObject_GetBuffer(record, &bytes, PyBUF_SIMPLE) != 0) return NULL;
    enum ring_status status =
        bytes.len > UINT32_MAX ? RING_TOO_LARGE : ring_push(&self->ring, bytes.buf, (uint32_t)bytes.len);
    long long length = bytes.len;
    PyBuffer_Release(&bytes);
    return answer(&self->ring, status, length);
}

static PyObject *ring_pop_method(PyObject *object, PyObject *nothing) {
    (void)nothing;
    RingObject *self = enter(object, RING_CONSUMER);
    if (self == NULL) return NULL;
    uint32_t length = 0;
    enum ring_status status = ring_next(&self->ring, &length);
    if (status == RING_PENDING) Py_RETURN_NONE;
    if (status != RING_OK) return answer(&self->ring, status, length);
    PyObject *record = PyBytes_FromStringAndSize(NULL, length);
    if (record == NULL) return NULL;
    uint32_t taken = 0;
    status = ring_pop(&self->ring, PyBytes_AsString(record), length, &taken);
    /* The length is read again when the record is taken, and must still be the same. */
    if (status == RING_OK && taken == length) return record;
    Py_DECREF(record);
    return answer(&self->ring, RING_CORRUPT, length);
}

static PyObject *ring_wait_method(PyObject *object, PyObject *arguments, PyObject *named) {
    static char *names[] = {"byte_length", "spin_ns", "timeout_ns", NULL};
    RingObject *self = (RingObject *)object;
    unsigned int length = 0;
    unsigned long long spin_ns = 0;
    long long timeout_ns = -1;
    if (!PyArg_ParseTupleAndKeywords(arguments, named, "|$IKL", names, &length, &spin_ns, &timeout_ns)) return NULL;
    if (enter(object, self->ring.side) == NULL) return NULL;
    enum ring_status status;
    do {
        self->busy = 1;
        Py_BEGIN_ALLOW_THREADS
        status = ring_wait(&self->ring, length, spin_ns, timeout_ns);
        Py_END_ALLOW_THREADS
        self->busy = 0;
        /* As everywhere in Python, a signal whose handler raises ends the wait. Another one starts it anew only when it
           has no end; otherwise the caller, who knows its deadline, is told that nothing came. */
        if (status == RING_INTERRUPTED && PyErr_CheckSignals() != 0) return NULL;
    } while (status == RING_INTERRUPTED && timeout_ns < 0);
    return answer(&self->ring, status, length);
}

static PyObject *ring_arm_method(PyObject *object, PyObject *nothing) {
    (void)nothing;
    RingObject *self = enter(object, RING_CONSUMER);
    return self == NULL ? NULL : answer(&self->ring, ring_arm(&self->ring, 0), 0);
}

static PyObject *create_ring(PyObject *module, PyObject *arguments) {
    (void)module;
    PyObject *source;
    Py_ssize_t offset, bytes = -1;
    unsigned int capacity;
    Py_buffer buffer;
    if (!PyArg_ParseTuple(arguments, "OnI", &source, &offset, &capacity)) return NULL;
    if (PyObject_GetBuffer(source, &buffer, PyBUF_SIMPLE | PyBUF_WRITABLE) != 0) return NULL;
    char *memory = part_of(&buffer, offset, &bytes);
    enum ring_status status = memory == NULL ? RING_OK : ring_create(memory, (uint64_t)bytes, capacity);
    PyBuffer_Release(&buffer);
    if (memory == NULL) return NULL;
    if (status != RING_OK) {
        PyErr_SetString(PyExc_ValueError, "Cannot create ring: the capacity is no power of two that fits into the memory");
        return NULL;
    }
    Py_RETURN_NONE;
}

/* Atomic access needs the alignment. */
static _Atomic uint32_t *word_of(const Py_buffer *buffer, Py_ssize_t offset) {
    Py_ssize_t bytes = 4;
    char *word = part_of(buffer, offset, &bytes);
    if (word == NULL || (uintptr_t)word % 4 == 0) return (_Atomic uint32_t *)(void *)word;
    PyErr_SetString(PyExc_ValueError, "Cannot use futex: the word is not aligned to 4");
    return NULL;
}

static PyObject *wait_on_word(PyObject *module, PyObject *arguments) {
    (void)module;
    PyObject *source;
    Py_ssize_t offset;
    unsigned int expected;
    long long timeout_ns;
    Py_buffer buffer;
    if (!PyArg_ParseTuple(arguments, "OnIL", &source, &offset, &expected, &timeout_ns)) return NULL;
    if (PyObject_GetBuffer(source, &buffer, PyBUF_SIMPLE | PyBUF_WRITABLE) != 0) return NULL;
    _Atomic uint32_t *word = word_of(&buffer, offset);
    int slept = 0;
    if (word != NULL) {
        Py_BEGIN_ALLOW_THREADS
        slept = futex_wait(word, expected, timeout_ns);
        Py_END_ALLOW_THREADS
    }
    PyBuffer_Release(&buffer);
    if (word == NULL || (slept == EINTR && PyErr_CheckSignals() != 0)) return NULL;
    return PyUnicode_FromString(slept == EAGAIN ? "changed" : slept == ETIMEDOUT ? "timeout" : "woken");
}

static PyObject *wake_word(PyObject *module, PyObject *arguments) {
    (void)module;
    PyObject *source;
    Py_ssize_t offset;
    int count;
    Py_buffer buffer;
    if (!PyArg_ParseTuple(arguments, "Oni", &source, &offset, &count)) return NULL;
    if (PyObject_GetBuffer(source, &buffer, PyBUF_SIMPLE | PyBUF_WRITABLE) != 0) return NULL;
    _Atomic uint32_t *word = word_of(&buffer, offset);
    int woken = word == NULL ? 0 : futex_wake(word, count);
    PyBuffer_Release(&buffer);
    return word == NULL ? NULL : PyLong_FromLong(woken);
}

static PyMethodDef ring_methods[] = {
    {"push", ring_push_method, METH_O, "Copy a record in; False when there is no room."},
    {"pop", ring_pop_method, METH_NOARGS, "Take the next record; None when there is none."},
    {"wait", (PyCFunction)(void (*)(void))ring_wait_method, METH_VARARGS | METH_KEYWORDS,
     "Wait for a record, or for room; False after timeout_ns."},
    {"arm", ring_arm_method, METH_NOARGS, "Ask for the doorbell; True when a record is there already."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot ring_slots[] = {
    {Py_tp_doc, "One side of a ring in shared memory."},
    {Py_tp_new, ring_new},
    {Py_tp_dealloc, ring_dealloc},
    {Py_tp_methods, ring_methods},
    {0, NULL},
};

static PyType_Spec ring_spec = {
    .name = "amphis._internal.native._core.Ring",
    .basicsize = sizeof(RingObject),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = ring_slots,
};

static PyMethodDef functions[] = {
    {"create_ring", create_ring, METH_VARARGS, "Lay an empty ring: buffer, offset, capacity."},
    {"futex_wait", wait_on_word, METH_VARARGS, "Sleep while a word is as expected: buffer, offset, expected, timeout_ns."},
    {"futex_wake", wake_word, METH_VARARGS, "Wake sleepers: buffer, offset, count."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "_core",
    .m_size = 0,
    .m_methods = functions,
};

PyMODINIT_FUNC PyInit__core(void) {
    PyObject *module = PyModule_Create(&definition);
    PyObject *type = module == NULL ? NULL : PyType_FromSpec(&ring_spec);
    if (type != NULL && PyModule_AddObject(module, "Ring", type) == 0) return module;
    Py_XDECREF(type);
    Py_XDECREF(module);
    return NULL;
}
