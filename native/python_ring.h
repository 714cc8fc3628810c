/* What the files of the type `Ring` share. */
#ifndef AMPHIS_PYTHON_RING_H
#define AMPHIS_PYTHON_RING_H

#include "python.h"
#include "ring.h"

typedef struct {
    PyObject_HEAD
    /* Held as long as the ring, so that the memory cannot be unmapped below it. */
    Py_buffer buffer;
    struct ring ring;
    int busy;
} RingObject;

/* Every function here that gives NULL has set an exception. */
PyObject *ring_fail(const char *reason, long long actual, long long limit);
/* The ring, unless another thread waits in it or it is the other side. */
RingObject *ring_enter(PyObject *object, enum ring_side side);
/* The next record as bytes; None when there is none. */
PyObject *ring_pop_record(PyObject *object);
/* How a wait ended, as a string, or an error; not for RING_OK and RING_PENDING. */
PyObject *ring_answer(const struct ring *ring, enum ring_status status, long long length);
/* The error for a target that is shorter than the next record. */
PyObject *ring_refuse_target(struct ring *ring, uint32_t room);

static inline uint32_t buffer_room(const Py_buffer *target) {
    return target->len > UINT32_MAX ? UINT32_MAX : (uint32_t)target->len;
}

/* producer.exchange(consumer, record, target, *, spin_ns=0, timeout_ns=-1, liveness=-1) */
PyObject *python_exchange(PyObject *self, PyObject *const *arguments, Py_ssize_t count, PyObject *names);

/* consumer.pop_call(codec, most_bytes) and producer.push_plain(codec, word, call_id, body, whole_bytes, most_bytes) */
PyObject *python_pop_call(PyObject *self, PyObject *const *arguments, Py_ssize_t count);
PyObject *python_push_plain(PyObject *self, PyObject *const *arguments, Py_ssize_t count);

#endif
