#include "python_guard.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "guard_paths.h"
#include "python_guard_hosts.h"

#define MOST_NAME 64
/* What SQLite calls a database that is in no file. */
#define NO_FILE ":memory:"

/* Not in the limited API, but exported by every CPython since 3.8; others have none. */
PyAPI_FUNC(int) PySys_AddAuditHook(int (*hook)(const char *, PyObject *, void *), void *data) __attribute__((weak));

enum kind { REFUSE = 0, READS = 1, WRITES = 2, OPENS = 3, RENAMES = 4, IMPORTS = 5, CONNECTS = 6, RESOLVES = 7, REVERSES = 8 };

struct event {
    char name[MOST_NAME];
    char rule[MOST_NAME];
    long kind;
};

/* In no object of Python, so that nothing in the process finds it; there until the process ends, as the hook is. */
static struct guard {
    struct event *events;
    size_t event_count;
    char **modules;
    size_t module_count;
    struct guard_paths read, write;
    PyObject *report;
} guard;
static bool is_set;
static _Atomic unsigned long denials;

static int by_name(const void *name, const void *event) {
    return strcmp(name, ((const struct event *)event)->name);
}

/* An event by its name, else by the family before its dot: `ctypes.`. */
static const struct event *find(const char *name) {
    const struct event *found = bsearch(name, guard.events, guard.event_count, sizeof *guard.events, by_name);
    const char *dot = found == NULL ? strchr(name, '.') : NULL;
    char family[MOST_NAME];
    if (dot == NULL || (size_t)(dot - name) + 2 > sizeof family) return found;
    memcpy(family, name, (size_t)(dot - name) + 1);
    family[dot - name + 1] = '\0';
    return bsearch(family, guard.events, guard.event_count, sizeof *guard.events, by_name);
}

/* Raises what the reporter makes of it; -1. */
static int deny(const char *rule, const char *event, PyObject *target) {
    atomic_fetch_add(&denials, 1);
    PyObject *error = PyObject_CallFunction(guard.report, "ssO", rule, event, target == NULL ? Py_None : target);
    if (error != NULL && PyExceptionInstance_Check(error)) {
        PyErr_SetObject((PyObject *)Py_TYPE(error), error);
    } else if (!PyErr_Occurred()) {
        PyErr_SetString(PyExc_PermissionError, "Cannot go on: the policy of this worker does not allow it");
    }
    Py_XDECREF(error);
    return -1;
}

/* The path at a place of the arguments; NULL without an exception where there is none, as for a descriptor. */
static PyObject *path_at(PyObject *arguments, Py_ssize_t index) {
    if (PyTuple_Size(arguments) <= index) return NULL;
    PyObject *given = PyTuple_GetItem(arguments, index);
    if (given == NULL || given == Py_None || PyLong_Check(given)) return NULL;
    PyObject *path = NULL;
    if (PyUnicode_FSConverter(given, &path) == 0) {
        /* Nothing that names a file: whoever asked finds out. */
        PyErr_Clear();
        return NULL;
    }
    return path;
}

static int judge_path(const struct event *event, PyObject *arguments, Py_ssize_t index, bool is_write) {
    PyObject *path = path_at(arguments, index);
    if (path == NULL) return PyErr_Occurred() == NULL ? 0 : -1;
    char *text;
    Py_ssize_t length;
    bool is_fine = PyBytes_AsStringAndSize(path, &text, &length) == 0 &&
                   (strcmp(text, NO_FILE) == 0 || guard_paths_hold(is_write ? &guard.write : &guard.read, text));
    PyErr_Clear();
    Py_DECREF(path);
    return is_fine ? 0 : deny(is_write ? "files.write" : "files.read", event->name, PyTuple_GetItem(arguments, index));
}

static int judge_open(const struct event *event, PyObject *arguments) {
    long flags = PyTuple_Size(arguments) > 2 ? PyLong_AsLong(PyTuple_GetItem(arguments, 2)) : 0;
    if (flags == -1 && PyErr_Occurred() != NULL) PyErr_Clear();
    bool is_write = (flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC | O_APPEND)) != 0;
    return judge_path(event, arguments, 0, is_write);
}

static int judge_import(const struct event *event, PyObject *arguments) {
    PyObject *module = PyTuple_GetItem(arguments, 0);
    const char *name = module == NULL ? NULL : PyUnicode_AsUTF8AndSize(module, NULL);
    if (name == NULL) return -1;
    for (size_t index = 0; index < guard.module_count; index++) {
        size_t length = strlen(guard.modules[index]);
        /* A star at the end stands for any end; without it, a module and those below it are meant. */
        bool is_open = length > 0 && guard.modules[index][length - 1] == '*';
        if (is_open) length--;
        bool is_below = strncmp(name, guard.modules[index], length) == 0;
        if (is_below && (is_open || name[length] == '.' || name[length] == '\0')) return deny(event->rule, event->name, module);
    }
    return 0;
}

/* By what is denied, as a text; NULL without an exception where nothing is. */
static int judge_host(const struct event *event, PyObject *denied) {
    if (denied == NULL) return PyErr_Occurred() == NULL ? 0 : -1;
    int outcome = deny(event->rule, event->name, denied);
    Py_DECREF(denied);
    return outcome;
}

static int hear(const char *name, PyObject *arguments, void *data) {
    (void)data;
    const struct event *event = find(name);
    if (event == NULL) return 0;
    switch ((enum kind)event->kind) {
    case READS: return judge_path(event, arguments, 0, false);
    case WRITES: return judge_path(event, arguments, 0, true);
    case OPENS: return judge_open(event, arguments);
    case RENAMES: return judge_path(event, arguments, 0, true) == 0 ? judge_path(event, arguments, 1, true) : -1;
    case IMPORTS: return judge_import(event, arguments);
    case CONNECTS: return judge_host(event, python_guard_hosts_connect(arguments));
    case RESOLVES: return judge_host(event, python_guard_hosts_resolve(arguments));
    case REVERSES: return judge_host(event, python_guard_hosts_reverse(arguments));
    case REFUSE: break;
    }
    return deny(event->rule, name, PyTuple_Size(arguments) > 0 ? PyTuple_GetItem(arguments, 0) : NULL);
}

/* Events come in the order of their names. 0, or -1 with an exception. */
static int take_events(PyObject *list) {
    guard.event_count = (size_t)PyList_Size(list);
    guard.events = calloc(guard.event_count + 1, sizeof *guard.events);
    if (guard.events == NULL) return PyErr_NoMemory() == NULL ? -1 : 0;
    for (size_t index = 0; index < guard.event_count; index++) {
        struct event *event = &guard.events[index];
        const char *name, *rule;
        PyObject *item = PyList_GetItem(list, (Py_ssize_t)index);
        if (item == NULL || !PyArg_ParseTuple(item, "ssl", &name, &rule, &event->kind)) return -1;
        bool is_sorted = index == 0 || strcmp(guard.events[index - 1].name, name) < 0;
        if (!is_sorted || strlen(name) >= MOST_NAME || strlen(rule) >= MOST_NAME) {
            PyErr_SetString(PyExc_ValueError, "Cannot guard: events are not in order, or a name is too long");
            return -1;
        }
        memcpy(event->name, name, strlen(name) + 1);
        memcpy(event->rule, rule, strlen(rule) + 1);
    }
    return 0;
}

static int take_modules(PyObject *list) {
    size_t count = (size_t)PyList_Size(list);
    guard.modules = calloc(count + 1, sizeof *guard.modules);
    if (guard.modules == NULL) return PyErr_NoMemory() == NULL ? -1 : 0;
    for (; guard.module_count < count; guard.module_count++) {
        PyObject *item = PyList_GetItem(list, (Py_ssize_t)guard.module_count);
        const char *name = item == NULL ? NULL : PyUnicode_AsUTF8AndSize(item, NULL);
        char *own = name == NULL ? NULL : strdup(name);
        if (own == NULL) return PyErr_Occurred() != NULL || PyErr_NoMemory() == NULL ? -1 : 0;
        guard.modules[guard.module_count] = own;
    }
    return 0;
}

/* None stands for all paths. */
static int take_paths(struct guard_paths *paths, PyObject *list) {
    paths->is_all = list == Py_None;
    if (paths->is_all) return 0;
    Py_ssize_t count = PyList_Size(list);
    if (count < 0) return -1;
    for (Py_ssize_t index = 0; index < count; index++) {
        PyObject *item = PyList_GetItem(list, index);
        const char *path = item == NULL ? NULL : PyUnicode_AsUTF8AndSize(item, NULL);
        if (path == NULL) return -1;
        if (guard_paths_add(paths, path) != 0) return PyErr_NoMemory() == NULL ? -1 : 0;
    }
    return 0;
}

PyObject *python_guard(PyObject *module, PyObject *arguments) {
    (void)module;
    PyObject *events, *modules, *read, *write, *report, *hosts;
    if (!PyArg_ParseTuple(arguments, "O!O!OOOO!", &PyList_Type, &events, &PyList_Type, &modules, &read, &write, &report,
                          &PyList_Type, &hosts)) {
        return NULL;
    }
    if (is_set || PySys_AddAuditHook == NULL) {
        PyErr_SetString(PyExc_RuntimeError, is_set ? "Cannot guard: there is a policy already" : "Cannot guard: this Python has no audit hooks");
        return NULL;
    }
    is_set = true;
    if (take_events(events) != 0 || take_modules(modules) != 0) return NULL;
    if (take_paths(&guard.read, read) != 0 || take_paths(&guard.write, write) != 0) return NULL;
    if (PyList_Size(hosts) > 0 && python_guard_hosts_take(hosts) != 0) return NULL;
    Py_INCREF(report);
    guard.report = report;
    if (PySys_AddAuditHook(hear, NULL) != 0) return NULL;
    Py_RETURN_NONE;
}

PyObject *python_guard_denials(PyObject *module, PyObject *arguments) {
    (void)module;
    (void)arguments;
    return PyLong_FromUnsignedLong(atomic_load(&denials));
}
