#include "python_fatal.h"

#include <errno.h>
#include <string.h>

#include "fatal.h"

/* The words of one signal into their place; 0, or -1 with an exception. */
static int put_words(struct fatal_words *all, size_t index, PyObject *number, PyObject *words) {
    char *bytes;
    Py_ssize_t length;
    long signal = PyLong_AsLong(number);
    if (signal == -1 && PyErr_Occurred() != NULL) return -1;
    if (PyBytes_AsStringAndSize(words, &bytes, &length) != 0) return -1;
    if (index >= FATAL_SIGNALS || length > FATAL_MOST_BYTES || signal < 1 || signal > 64) {
        PyErr_SetString(PyExc_ValueError, "Cannot announce fatal signals: too many of them, or too many words");
        return -1;
    }
    all->words[index].number = (int)signal;
    all->words[index].length = (size_t)length;
    memcpy(all->words[index].bytes, bytes, (size_t)length);
    return 0;
}

PyObject *announce_fatal(PyObject *module, PyObject *arguments) {
    (void)module;
    struct fatal_words all = {0};
    PyObject *given, *number, *words;
    Py_ssize_t at = 0;
    if (!PyArg_ParseTuple(arguments, "iiiO!", &all.line, &all.report, &all.error, &PyDict_Type, &given)) return NULL;
    for (size_t index = 0; PyDict_Next(given, &at, &number, &words); index++) {
        if (put_words(&all, index, number, words) != 0) return NULL;
    }
    int failed = fatal_announce(&all);
    if (failed == 0) Py_RETURN_NONE;
    errno = failed;
    return PyErr_SetFromErrno(PyExc_OSError);
}
