/* The CPython module `_core`: rings and futex words over any writable buffer, MessagePack, and last words. Bindings hold no logic. */
#include "python.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>

#include "futex.h"
#include "python_confine.h"
#include "python_fatal.h"
#include "python_guard.h"
#include "python_msgpack.h"

/* Changes with every change of a signature, so that a stale binary is refused and never called. */
#define INTERFACE_VERSION 5

char *part_of(const Py_buffer *buffer, Py_ssize_t offset, Py_ssize_t *bytes) {
    if (offset >= 0 && offset <= buffer->len && *bytes <= buffer->len - offset) {
        if (*bytes < 0) *bytes = buffer->len - offset;
        return (char *)buffer->buf + offset;
    }
    PyErr_SetString(PyExc_ValueError, "Cannot use shared memory: the part is not inside the buffer");
    return NULL;
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

static PyMethodDef functions[] = {
    {"futex_wait", wait_on_word, METH_VARARGS, "Sleep while a word is as expected: buffer, offset, expected, timeout_ns."},
    {"futex_wake", wake_word, METH_VARARGS, "Wake sleepers: buffer, offset, count."},
    {"announce_fatal", announce_fatal, METH_VARARGS, "Say what a signal is before it ends this process: line, report, error, words by signal."},
    {"guard", python_guard, METH_VARARGS, "Hold this process to a policy for good: events, modules, read, write, report, hosts."},
    {"guard_denials", python_guard_denials, METH_NOARGS, "How often the policy was invoked."},
    {"landlock_version", python_landlock_version, METH_NOARGS, "Version of Landlock; 0: the kernel has none."},
    {"confine_files", python_confine_files, METH_VARARGS, "Take away all files but those below: read, write."},
    {"confine_processes", python_confine_processes, METH_NOARGS, "Take away fork and exec."},
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
    if (module != NULL && python_ring_export(module) == 0 && python_msgpack_export(module) == 0 &&
        PyModule_AddIntConstant(module, "INTERFACE_VERSION", INTERFACE_VERSION) == 0) {
        return module;
    }
    Py_XDECREF(module);
    return NULL;
}
