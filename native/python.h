/*
 * What the files of the CPython binding share.
 *
 * One binary for CPython 3.10 and later. The buffer functions joined the limited API in 3.11, but 3.10 exports them with
 * the same structure, so all that is missing there is their declaration.
 */
#ifndef AMPHIS_PYTHON_H
#define AMPHIS_PYTHON_H

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030b0000
#include <Python.h>

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

/* A part of a buffer; bytes < 0 takes all that follows the offset. NULL with ValueError when it is not inside. */
char *part_of(const Py_buffer *buffer, Py_ssize_t offset, Py_ssize_t *bytes);

/* Adds `Ring` and `create_ring`. 0, or -1 with an exception. */
int python_ring_export(PyObject *module);

#endif
