/* Rules for hosts, over what Python tells audit hooks of its sockets. */
#ifndef AMPHIS_PYTHON_GUARD_HOSTS_H
#define AMPHIS_PYTHON_GUARD_HOSTS_H

#include "python.h"

/*
 * Takes rules, a list of (kind, text, port) as `guard_hosts_add` has them, and has `_socket` note what names were resolved to.
 * Once, before there is a hook. 0, or -1 with an exception.
 */
int python_guard_hosts_take(PyObject *rules);

/*
 * What a socket is asked for: its address at place 1. NULL where it is allowed, else what names it, as "host:port"; NULL with an
 * exception when there is no memory. `None` is no address: the socket is connected already.
 */
PyObject *python_guard_hosts_connect(PyObject *arguments);

/* As above, for a name or a number at place 0 that is to be looked up. */
PyObject *python_guard_hosts_resolve(PyObject *arguments);

/* As above, for an address at place 0 whose name is asked for. */
PyObject *python_guard_hosts_reverse(PyObject *arguments);

#endif
