/* The function `announce_fatal`. */
#ifndef AMPHIS_PYTHON_FATAL_H
#define AMPHIS_PYTHON_FATAL_H

#include "python.h"

PyObject *announce_fatal(PyObject *module, PyObject *arguments);

#endif
