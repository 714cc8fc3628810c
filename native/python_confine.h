/* The functions `landlock_version`, `confine_files`, `confine_processes`. */
#ifndef AMPHIS_PYTHON_CONFINE_H
#define AMPHIS_PYTHON_CONFINE_H

#include "python.h"

PyObject *python_landlock_version(PyObject *module, PyObject *arguments);
PyObject *python_confine_files(PyObject *module, PyObject *arguments);
PyObject *python_confine_processes(PyObject *module, PyObject *arguments);

#endif
