/* The type `Ring` of the CPython module. */
#include "python_ring.h"

/* The error that users see is made in Python, where its class is. */
PyObject *ring_fail(const char *reason, long long actual, long long limit) {
    PyObject *module = PyImport_ImportModule("amphis._internal.native.failures");
    if (module == NULL) return NULL;
    PyObject *error = PyObject_CallMethod(module, "ring_failure", "sLL", reason, actual, limit);
    Py_DECREF(module);
    if (error == NULL) return NULL;
    PyErr_SetObject((PyObject *)Py_TYPE(error), error);
    Py_DECREF(error);
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
    return ring_fail("absent", 0, 0);
}

static void ring_dealloc(PyObject *object) {
    PyTypeObject *type = Py_TYPE(object);
    PyBuffer_Release(&((RingObject *)object)->buffer);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    release(object);
    Py_DECREF(type);
}

/* A waiting thread has let go of the interpreter's lock; a second thread in the same ring would spoil its state. */
RingObject *ring_enter(PyObject *object, enum ring_side side) {
    RingObject *self = (RingObject *)object;
    const char *why = self->busy ? "Cannot use ring: another thread is waiting in it"
                      : self->ring.side != side ? "Cannot use ring: this is its other side"
                                                : NULL;
    if (why == NULL) return self;
    PyErr_SetString(PyExc_RuntimeError, why);
    return NULL;
}

PyObject *ring_answer(const struct ring *ring, enum ring_status status, long long length) {
    switch (status) {
        case RING_TIMED_OUT: return PyUnicode_InternFromString("timeout");
        case RING_PEER_GONE: return PyUnicode_InternFromString("peer-gone");
        case RING_TOO_LARGE: return ring_fail("too-large", length, ring_longest(ring));
        default: return ring_fail("corrupt", 0, 0);
    }
}

static PyObject *push_with(
    PyObject *object, PyObject *record, enum ring_status (*push)(struct ring *, const void *, uint32_t)) {
    RingObject *self = ring_enter(object, RING_PRODUCER);
    Py_buffer bytes;
    if (self == NULL || PyObject_GetBuffer(record, &bytes, PyBUF_SIMPLE) != 0) return NULL;
    enum ring_status status =
        bytes.len > UINT32_MAX ? RING_TOO_LARGE : push(&self->ring, bytes.buf, (uint32_t)bytes.len);
    long long length = bytes.len;
    PyBuffer_Release(&bytes);
    if (status == RING_OK) Py_RETURN_TRUE;
    if (status == RING_PENDING) Py_RETURN_FALSE;
    return ring_answer(&self->ring, status, length);
}

static PyObject *ring_push_method(PyObject *object, PyObject *record) {
    return push_with(object, record, ring_push);
}

static PyObject *ring_push_quietly_method(PyObject *object, PyObject *record) {
    return push_with(object, record, ring_push_quietly);
}

static PyObject *ring_nudge_method(PyObject *object, PyObject *nothing) {
    (void)nothing;
    RingObject *self = ring_enter(object, RING_PRODUCER);
    if (self == NULL) return NULL;
    ring_nudge(&self->ring);
    Py_RETURN_NONE;
}

PyObject *ring_pop_record(PyObject *object) {
    RingObject *self = ring_enter(object, RING_CONSUMER);
    if (self == NULL) return NULL;
    uint32_t length = 0;
    enum ring_status status = ring_next(&self->ring, &length);
    if (status == RING_PENDING) Py_RETURN_NONE;
    if (status != RING_OK) return ring_answer(&self->ring, status, length);
    PyObject *record = PyBytes_FromStringAndSize(NULL, length);
    if (record == NULL) return NULL;
    uint32_t taken = 0;
    status = ring_pop(&self->ring, PyBytes_AsString(record), length, &taken);
    /* The length is read again when the record is taken, and must still be the same. */
    if (status == RING_OK && taken == length) return record;
    Py_DECREF(record);
    return ring_answer(&self->ring, RING_CORRUPT, length);
}

static PyObject *ring_pop_method(PyObject *object, PyObject *nothing) {
    (void)nothing;
    return ring_pop_record(object);
}

static PyObject *ring_next_length_method(PyObject *object, PyObject *nothing) {
    (void)nothing;
    RingObject *self = ring_enter(object, RING_CONSUMER);
    if (self == NULL) return NULL;
    uint32_t length = 0;
    enum ring_status status = ring_next(&self->ring, &length);
    if (status == RING_PENDING) Py_RETURN_NONE;
    return status == RING_OK ? PyLong_FromUnsignedLong(length) : ring_answer(&self->ring, status, length);
}

/* The record that does not fit was measured, and may be another one by now: only the message shows it. */
PyObject *ring_refuse_target(struct ring *ring, uint32_t room) {
    uint32_t length = 0;
    return ring_next(ring, &length) == RING_OK ? ring_fail("too-large", length, room) : ring_fail("corrupt", 0, 0);
}

static PyObject *ring_take_method(PyObject *object, PyObject *target) {
    RingObject *self = ring_enter(object, RING_CONSUMER);
    Py_buffer bytes;
    if (self == NULL || PyObject_GetBuffer(target, &bytes, PyBUF_SIMPLE | PyBUF_WRITABLE) != 0) return NULL;
    uint32_t taken = 0, room = buffer_room(&bytes);
    enum ring_status status = ring_take(&self->ring, bytes.buf, room, &taken);
    PyBuffer_Release(&bytes);
    if (status == RING_OK || status == RING_PENDING) return PyLong_FromUnsignedLong(taken);
    return status == RING_TOO_LARGE ? ring_refuse_target(&self->ring, room) : ring_answer(&self->ring, status, 0);
}

/* Waits while other threads run; false with an exception. */
static bool wait_unlocked(RingObject *self, struct ring_wait *wait, enum ring_status *status) {
    do {
        self->busy = 1;
        Py_BEGIN_ALLOW_THREADS
        *status = ring_wait(&self->ring, wait);
        Py_END_ALLOW_THREADS
        self->busy = 0;
        /* As everywhere in Python, a signal ends the wait only when its handler raises. */
        if (*status == RING_SIGNALLED && PyErr_CheckSignals() != 0) return false;
    } while (*status == RING_SIGNALLED);
    return true;
}

static PyObject *ring_wait_method(PyObject *object, PyObject *arguments, PyObject *named) {
    static char *names[] = {"byte_length", "spin_ns", "timeout_ns", "liveness", NULL};
    RingObject *self = (RingObject *)object;
    unsigned int length = 0;
    unsigned long long spin_ns = 0;
    long long timeout_ns = -1;
    int liveness = -1;
    if (!PyArg_ParseTupleAndKeywords(arguments, named, "|$IKLi", names, &length, &spin_ns, &timeout_ns, &liveness)) {
        return NULL;
    }
    if (ring_enter(object, self->ring.side) == NULL) return NULL;
    struct ring_wait wait = {.length = length,
                             .spin_ns = spin_ns,
                             .timeout_ns = timeout_ns,
                             .liveness = liveness,
                             .stops_at_signal = true};
    enum ring_status status;
    if (!wait_unlocked(self, &wait, &status)) return NULL;
    return status == RING_OK ? PyUnicode_InternFromString("ready") : ring_answer(&self->ring, status, length);
}

/* As wait, for whoever waits for each call: no names, and no text. */
static PyObject *ring_await_record_method(PyObject *object, PyObject *const *arguments, Py_ssize_t count) {
    if (count != 2) {
        PyErr_Format(PyExc_TypeError, "Cannot wait for ring: expected 2 arguments, got %zd", count);
        return NULL;
    }
    RingObject *self = ring_enter(object, RING_CONSUMER);
    if (self == NULL) return NULL;
    struct ring_wait wait = {.liveness = -1, .stops_at_signal = true};
    wait.spin_ns = PyLong_AsUnsignedLongLong(arguments[0]);
    wait.timeout_ns = PyLong_AsLongLong(arguments[1]);
    if (PyErr_Occurred() != NULL) return NULL;
    enum ring_status status;
    if (!wait_unlocked(self, &wait, &status)) return NULL;
    if (status == RING_OK) Py_RETURN_TRUE;
    if (status == RING_TIMED_OUT) Py_RETURN_FALSE;
    return ring_answer(&self->ring, status, 0);
}

/* For any thread: it is about one that waits. */
static PyObject *ring_wake_method(PyObject *object, PyObject *nothing) {
    (void)nothing;
    ring_wake(&((RingObject *)object)->ring);
    Py_RETURN_NONE;
}

static PyObject *ring_arm_method(PyObject *object, PyObject *arguments) {
    unsigned int length = 0;
    if (!PyArg_ParseTuple(arguments, "|I", &length)) return NULL;
    RingObject *self = ring_enter(object, ((RingObject *)object)->ring.side);
    if (self == NULL) return NULL;
    enum ring_status status = ring_arm(&self->ring, length);
    if (status == RING_OK) Py_RETURN_TRUE;
    if (status == RING_PENDING) Py_RETURN_FALSE;
    return ring_answer(&self->ring, status, length);
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

static PyMethodDef ring_methods[] = {
    {"push", ring_push_method, METH_O, "Copy a record in; False when there is no room."},
    {"push_quietly", ring_push_quietly_method, METH_O, "As push, without waking the consumer."},
    {"nudge", ring_nudge_method, METH_NOARGS, "Wake the consumer for what it has not seen."},
    {"pop", ring_pop_method, METH_NOARGS, "Take the next record; None when there is none."},
    {"next_length", ring_next_length_method, METH_NOARGS, "Bytes of the next record; None when there is none."},
    {"take", ring_take_method, METH_O, "Take whole records into a buffer; how many bytes."},
    {"wait", (PyCFunction)(void (*)(void))ring_wait_method, METH_VARARGS | METH_KEYWORDS,
     "Wait for a record, or for room; how it ended."},
    {"await_record", (PyCFunction)(void (*)(void))ring_await_record_method, METH_FASTCALL,
     "Wait for a record; whether there is one."},
    {"wake", ring_wake_method, METH_NOARGS, "End the wait of another thread, or the next one."},
    {"arm", ring_arm_method, METH_VARARGS, "Ask for the doorbell; True when there is no need to wait."},
    {"exchange", (PyCFunction)(void (*)(void))python_exchange, METH_FASTCALL | METH_KEYWORDS,
     "Push a record, wait for the next one of a consumer, and take it."},
    {"pop_call", (PyCFunction)(void (*)(void))python_pop_call, METH_FASTCALL, "Take the next record, read if it is a plain call."},
    {"push_plain", (PyCFunction)(void (*)(void))python_push_plain, METH_FASTCALL, "Push a frame whose body is plain."},
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
    {NULL, NULL, 0, NULL},
};

int python_ring_export(PyObject *module) {
    PyObject *type = PyType_FromSpec(&ring_spec);
    if (type == NULL || PyModule_AddFunctions(module, functions) != 0) return -1;
    if (PyModule_AddObject(module, "Ring", type) == 0) return 0;
    Py_DECREF(type);
    return -1;
}
