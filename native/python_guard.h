/* The functions `guard` and `guard_denials`: a policy that code of Python can neither take back nor look at. */
#ifndef AMPHIS_PYTHON_GUARD_H
#define AMPHIS_PYTHON_GUARD_H

#include "python.h"

PyObject *python_guard(PyObject *module, PyObject *arguments);
PyObject *python_guard_denials(PyObject *module, PyObject *arguments);

#endif
