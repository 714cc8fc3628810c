/* The method `Ring.exchange`: a whole round trip in one call, whose arguments are parsed by hand because it is that short. */
#include "python_ring.h"

static void set_busy(RingObject *producer, RingObject *consumer, int busy) {
    producer->busy = busy;
    consumer->busy = busy;
}

/* Sends with the first call, and goes on waiting after signals whose handlers do not raise. */
static enum ring_status exchange(
    RingObject *producer, RingObject *consumer, struct ring_wait *wait, struct ring_exchange *exchange, int *raised) {
    enum ring_status status;
    bool is_sent = false;
    do {
        set_busy(producer, consumer, 1);
        Py_BEGIN_ALLOW_THREADS
        status = is_sent ? ring_receive(&consumer->ring, wait, exchange)
                         : ring_exchange(&producer->ring, &consumer->ring, wait, exchange);
        Py_END_ALLOW_THREADS
        set_busy(producer, consumer, 0);
        is_sent = true;
        *raised = status == RING_SIGNALLED && PyErr_CheckSignals() != 0;
    } while (status == RING_SIGNALLED && *raised == 0);
    return status;
}

static PyObject *give(RingObject *producer, RingObject *consumer, enum ring_status status, const struct ring_exchange *move) {
    switch (status) {
        case RING_OK: return PyLong_FromUnsignedLong(move->taken);
        case RING_PENDING: return PyUnicode_InternFromString("no-room");
        case RING_TOO_LARGE:
            if (move->length <= ring_longest(&producer->ring)) return ring_refuse_target(&consumer->ring, move->room);
            return ring_answer(&producer->ring, status, move->length);
        default: return ring_answer(&producer->ring, status, 0);
    }
}

/* 0, or -1 with an exception. */
static int read_option(PyObject *name, PyObject *value, struct ring_wait *wait) {
    long long number = PyLong_AsLongLong(value);
    if (number == -1 && PyErr_Occurred() != NULL) return -1;
    if (PyUnicode_CompareWithASCIIString(name, "spin_ns") == 0) wait->spin_ns = number < 0 ? 0 : (uint64_t)number;
    else if (PyUnicode_CompareWithASCIIString(name, "timeout_ns") == 0) wait->timeout_ns = number;
    else if (PyUnicode_CompareWithASCIIString(name, "liveness") == 0) wait->liveness = (int)number;
    else {
        PyErr_Format(PyExc_TypeError, "Cannot exchange records: there is no option %U", name);
        return -1;
    }
    return 0;
}

static PyObject *move(RingObject *producer, RingObject *consumer, PyObject *record, PyObject *target, struct ring_wait *wait) {
    Py_buffer from, to;
    if (PyObject_GetBuffer(record, &from, PyBUF_SIMPLE) != 0) return NULL;
    if (PyObject_GetBuffer(target, &to, PyBUF_SIMPLE | PyBUF_WRITABLE) != 0) {
        PyBuffer_Release(&from);
        return NULL;
    }
    PyObject *result = NULL;
    if (from.len > UINT32_MAX) result = ring_answer(&producer->ring, RING_TOO_LARGE, from.len);
    else {
        struct ring_exchange records = {
            .record = from.buf, .length = (uint32_t)from.len, .target = to.buf, .room = buffer_room(&to)};
        int raised = 0;
        enum ring_status status = exchange(producer, consumer, wait, &records, &raised);
        if (raised == 0) result = give(producer, consumer, status, &records);
    }
    PyBuffer_Release(&from);
    PyBuffer_Release(&to);
    return result;
}

PyObject *python_exchange(PyObject *self, PyObject *const *arguments, Py_ssize_t count, PyObject *names) {
    if (count != 3 || Py_TYPE(arguments[0]) != Py_TYPE(self)) {
        PyErr_SetString(PyExc_TypeError, "Cannot exchange records: expected a consumer of the extension, a record and a target");
        return NULL;
    }
    struct ring_wait wait = {.timeout_ns = -1, .liveness = -1, .stops_at_signal = true};
    Py_ssize_t options = names == NULL ? 0 : PyTuple_Size(names);
    for (Py_ssize_t index = 0; index < options; index++) {
        if (read_option(PyTuple_GetItem(names, index), arguments[count + index], &wait) != 0) return NULL;
    }
    RingObject *producer = ring_enter(self, RING_PRODUCER);
    RingObject *consumer = producer == NULL ? NULL : ring_enter(arguments[0], RING_CONSUMER);
    return consumer == NULL ? NULL : move(producer, consumer, arguments[1], arguments[2], &wait);
}
