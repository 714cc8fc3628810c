#include "python_confine.h"

#include <errno.h>

#include "confine.h"

#define MOST_PATHS 256

/* The texts of a list, which keeps them; the number of them, or -1 with an exception. */
static Py_ssize_t texts_of(PyObject *list, const char **texts) {
    Py_ssize_t count = PyList_Size(list);
    if (count > MOST_PATHS) {
        PyErr_SetString(PyExc_ValueError, "Cannot confine files: there are more than 256 paths");
        return -1;
    }
    for (Py_ssize_t index = 0; index < count; index++) {
        PyObject *item = PyList_GetItem(list, index);
        texts[index] = item == NULL ? NULL : PyUnicode_AsUTF8AndSize(item, NULL);
        if (texts[index] == NULL) return -1;
    }
    return count;
}

static PyObject *outcome(int failed) {
    if (failed == 0) Py_RETURN_NONE;
    errno = failed;
    return PyErr_SetFromErrno(PyExc_OSError);
}

PyObject *python_landlock_version(PyObject *module, PyObject *arguments) {
    (void)module;
    (void)arguments;
    return PyLong_FromLong(landlock_version());
}

PyObject *python_confine_files(PyObject *module, PyObject *arguments) {
    (void)module;
    PyObject *read, *write;
    const char *read_texts[MOST_PATHS], *write_texts[MOST_PATHS];
    if (!PyArg_ParseTuple(arguments, "O!O!", &PyList_Type, &read, &PyList_Type, &write)) return NULL;
    Py_ssize_t reads = texts_of(read, read_texts);
    Py_ssize_t writes = reads < 0 ? -1 : texts_of(write, write_texts);
    if (writes < 0) return NULL;
    struct confine_paths may_read = {read_texts, (size_t)reads}, may_write = {write_texts, (size_t)writes};
    return outcome(confine_files(may_read, may_write));
}

PyObject *python_confine_processes(PyObject *module, PyObject *arguments) {
    (void)module;
    (void)arguments;
    return outcome(confine_processes());
}
