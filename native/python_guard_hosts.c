#include "python_guard_hosts.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "guard_hosts.h"

/* In no object of Python; see python_guard.c. */
static struct guard_hosts hosts;
/* How the type of sockets reads what family one is of: what a subclass says of itself is not asked. */
static PyObject *family_of;

/* As `_socket` has it: what is plain already goes as it is. */
static PyObject *encoded(PyObject *text) {
    Py_ssize_t length = 0;
    const char *data = PyUnicode_AsUTF8AndSize(text, &length);
    for (Py_ssize_t index = 0; data != NULL && index < length; index++) {
        if ((unsigned char)data[index] >= 0x80) return PyUnicode_AsEncodedString(text, "idna", "strict");
    }
    return data == NULL ? NULL : PyBytes_FromStringAndSize(data, length);
}

/* The text of a host as the system will get it; false where it is none, or one that changes under our eyes. */
static bool take_text(PyObject *given, char text[GUARD_MOST_NAME]) {
    PyObject *bytes = NULL;
    if (given != NULL && PyUnicode_Check(given)) bytes = encoded(given);
    else if (given != NULL && PyBytes_Check(given)) bytes = Py_NewRef(given);
    char *data = NULL;
    Py_ssize_t length = 0;
    bool is_text = bytes != NULL && PyBytes_AsStringAndSize(bytes, &data, &length) == 0 && length < GUARD_MOST_NAME &&
                   strlen(data) == (size_t)length;
    if (is_text) memcpy(text, data, (size_t)length + 1);
    PyErr_Clear();
    Py_XDECREF(bytes);
    return is_text;
}

static PyObject *named(const char *host, int port) {
    const char *form = strchr(host, ':') == NULL ? "%s:%d" : "[%s]:%d";
    return PyUnicode_FromFormat(form, host, port);
}

static PyObject *judge_internet(PyObject *address) {
    char host[GUARD_MOST_NAME];
    struct guard_address number;
    bool is_pair = PyTuple_Check(address) && PyTuple_Size(address) >= 2;
    PyObject *given = is_pair ? PyTuple_GetItem(address, 1) : NULL;
    /* An object that is converted may be another number each time. */
    long port = given != NULL && PyLong_Check(given) ? PyLong_AsLong(given) : -1;
    PyErr_Clear();
    if (port < 0 || port > 65535 || !take_text(PyTuple_GetItem(address, 0), host)) {
        return PyUnicode_FromString("an address that is no pair of host and port");
    }
    /* A rule for port 0 would be one for all. */
    int asked = port == 0 ? -1 : (int)port;
    bool is_number = guard_address_of(host, &number);
    bool is_allowed =
        is_number ? guard_hosts_allow_address(&hosts, &number, asked) : guard_hosts_allow_name(&hosts, host, asked);
    return is_allowed ? NULL : named(host[0] == '\0' ? "0.0.0.0" : host, (int)port);
}

static PyObject *judge_unix(PyObject *address) {
    PyObject *path = NULL;
    if (PyUnicode_Check(address)) path = PyUnicode_EncodeFSDefault(address);
    else if (PyBytes_Check(address)) path = Py_NewRef(address);
    char *data = NULL;
    Py_ssize_t length = 0;
    bool is_path = path != NULL && PyBytes_AsStringAndSize(path, &data, &length) == 0 && strlen(data) == (size_t)length;
    PyErr_Clear();
    PyObject *name = NULL;
    if (!is_path) name = PyUnicode_FromString("a Unix socket without a path");
    else if (!guard_hosts_allow_path(&hosts, data)) name = PyUnicode_FromFormat("unix:%s", data);
    Py_XDECREF(path);
    return name;
}

PyObject *python_guard_hosts_connect(PyObject *arguments) {
    PyObject *socket = PyTuple_GetItem(arguments, 0), *address = PyTuple_GetItem(arguments, 1);
    if (socket == NULL || address == NULL) return NULL;
    if (address == Py_None) return NULL;
    PyObject *told = PyObject_CallMethod(family_of, "__get__", "OO", socket, (PyObject *)Py_TYPE(socket));
    long family = told == NULL ? -1 : PyLong_AsLong(told);
    Py_XDECREF(told);
    PyErr_Clear();
    if (family == AF_INET || family == AF_INET6) return judge_internet(address);
    if (family == AF_UNIX) return judge_unix(address);
    return PyUnicode_FromFormat("a socket of family %ld", family);
}

PyObject *python_guard_hosts_resolve(PyObject *arguments) {
    PyObject *given = PyTuple_GetItem(arguments, 0);
    char host[GUARD_MOST_NAME];
    struct guard_address number;
    if (given == NULL || given == Py_None) return NULL;
    if (!take_text(given, host)) return PyUnicode_FromString("a host that is no text");
    if (guard_address_of(host, &number) || guard_hosts_allow_name(&hosts, host, 0)) return NULL;
    return PyUnicode_FromFormat("%s", host);
}

PyObject *python_guard_hosts_reverse(PyObject *arguments) {
    PyObject *given = PyTuple_GetItem(arguments, 0);
    if (given != NULL && PyTuple_Check(given)) given = PyTuple_GetItem(given, 0);
    char host[GUARD_MOST_NAME];
    struct guard_address number;
    if (!take_text(given, host)) return PyUnicode_FromString("an address that is no text");
    bool is_number = guard_address_of(host, &number);
    if (is_number ? guard_hosts_allow_address(&hosts, &number, 0) : guard_hosts_allow_name(&hosts, host, 0)) return NULL;
    return PyUnicode_FromFormat("%s", host);
}

static void note(const char *name, PyObject *said) {
    char text[GUARD_MOST_NAME];
    struct guard_address address;
    if (take_text(said, text) && guard_address_of(text, &address)) guard_hosts_remember(&hosts, name, &address);
}

/* A list of addresses, or of tuples whose last part is a tuple that begins with one. */
static void note_all(const char *name, PyObject *list) {
    for (Py_ssize_t index = 0; PyList_Check(list) && index < PyList_Size(list); index++) {
        PyObject *item = PyList_GetItem(list, index);
        if (PyTuple_Check(item)) item = PyTuple_GetItem(item, PyTuple_Size(item) - 1);
        if (item != NULL && PyTuple_Check(item)) item = PyTuple_GetItem(item, 0);
        note(name, item);
    }
    PyErr_Clear();
}

/* Calls what `_socket` has, and notes what it found before anybody sees that. */
static PyObject *resolving(PyObject *original, PyObject *arguments, PyObject *named_arguments) {
    PyObject *given = PyTuple_Size(arguments) > 0 ? PyTuple_GetItem(arguments, 0) : NULL;
    if (given == NULL && named_arguments != NULL) given = PyDict_GetItemString(named_arguments, "host");
    char name[GUARD_MOST_NAME];
    bool is_name = take_text(given, name);
    PyObject *found = PyObject_Call(original, arguments, named_arguments);
    if (found == NULL || !is_name) return found;
    if (PyTuple_Check(found) && PyTuple_Size(found) == 3) note_all(name, PyTuple_GetItem(found, 2));
    else if (PyList_Check(found)) note_all(name, found);
    else note(name, found);
    return found;
}

static int watch(PyObject *module, PyMethodDef *definition) {
    PyObject *original = PyObject_GetAttrString(module, definition->ml_name);
    PyObject *home = PyUnicode_FromString("_socket");
    PyObject *made = original == NULL || home == NULL ? NULL : PyCFunction_NewEx(definition, original, home);
    int outcome = made == NULL ? -1 : PyObject_SetAttrString(module, definition->ml_name, made);
    /* What `socket` took from there is its own; it need not be loaded. */
    PyObject *modules = outcome == 0 ? PyImport_GetModuleDict() : NULL;
    PyObject *public = modules == NULL ? NULL : PyDict_GetItemString(modules, "socket");
    PyObject *copy = public == NULL ? NULL : PyObject_GetAttrString(public, definition->ml_name);
    if (copy != NULL && copy == original) outcome = PyObject_SetAttrString(public, definition->ml_name, made);
    Py_XDECREF(copy);
    Py_XDECREF(made);
    Py_XDECREF(home);
    Py_XDECREF(original);
    return outcome;
}

static int watch_resolving(void) {
    static PyMethodDef functions[] = {
        {"getaddrinfo", (PyCFunction)(void (*)(void))resolving, METH_VARARGS | METH_KEYWORDS, NULL},
        {"gethostbyname", (PyCFunction)(void (*)(void))resolving, METH_VARARGS | METH_KEYWORDS, NULL},
        {"gethostbyname_ex", (PyCFunction)(void (*)(void))resolving, METH_VARARGS | METH_KEYWORDS, NULL},
    };
    PyObject *module = PyImport_ImportModule("_socket");
    PyObject *type = module == NULL ? NULL : PyObject_GetAttrString(module, "socket");
    family_of = type == NULL ? NULL : PyObject_GetAttrString(type, "family");
    int outcome = family_of == NULL ? -1 : 0;
    for (size_t index = 0; outcome == 0 && index < sizeof functions / sizeof functions[0]; index++) {
        outcome = watch(module, &functions[index]);
    }
    Py_XDECREF(type);
    Py_XDECREF(module);
    return outcome;
}

int python_guard_hosts_take(PyObject *rules) {
    for (Py_ssize_t index = 0; index < PyList_Size(rules); index++) {
        const char *kind, *text;
        int port;
        PyObject *item = PyList_GetItem(rules, index);
        if (item == NULL || !PyArg_ParseTuple(item, "ssi", &kind, &text, &port)) return -1;
        int error = guard_hosts_add(&hosts, kind, text, port);
        if (error == ENOMEM) return PyErr_NoMemory() == NULL ? -1 : 0;
        if (error != 0) PyErr_Format(PyExc_ValueError, "Cannot guard: %s %s is no rule for hosts", kind, text);
        if (error != 0) return -1;
    }
    return watch_resolving();
}
