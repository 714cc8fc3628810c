/* The type `Msgpack` of the CPython module: a codec for what is plain. */
#include "python_msgpack.h"

bool is_left_to_python(void) {
    if (PyErr_Occurred() == NULL) return true;
    /* A signal's exception, or one that another thread raised here, is no error of the value. */
    if (!PyErr_ExceptionMatches(PyExc_Exception)) return false;
    PyErr_Clear();
    return true;
}

PyObject *leave_to_python(void) {
    if (!is_left_to_python()) return NULL;
    Py_INCREF(Py_NotImplemented);
    return Py_NotImplemented;
}

static PyObject *codec_new(PyTypeObject *type, PyObject *arguments, PyObject *named) {
    static char *names[] = {"levels", "pack_other", "unpack_extension", "attachment", "is_key", "collide", "nan", NULL};
    int levels;
    PyObject *parts[6];
    if (!PyArg_ParseTupleAndKeywords(arguments, named, "i$OOOOOO", names, &levels, &parts[0], &parts[1], &parts[2],
                                     &parts[3], &parts[4], &parts[5])) {
        return NULL;
    }
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    MsgpackObject *self = (MsgpackObject *)allocate(type, 0);
    if (self == NULL) return NULL;
    for (size_t index = 0; index < sizeof parts / sizeof parts[0]; index++) Py_INCREF(parts[index]);
    self->levels = levels < MSGPACK_MOST_LEVELS ? levels : MSGPACK_MOST_LEVELS;
    self->pack_other = parts[0];
    self->unpack_extension = parts[1];
    self->attachment = parts[2];
    self->is_key = parts[3];
    self->collide = parts[4];
    self->nan = parts[5];
    return (PyObject *)self;
}

static void codec_dealloc(PyObject *object) {
    MsgpackObject *self = (MsgpackObject *)object;
    PyTypeObject *type = Py_TYPE(object);
    Py_XDECREF(self->pack_other);
    Py_XDECREF(self->unpack_extension);
    Py_XDECREF(self->attachment);
    Py_XDECREF(self->is_key);
    Py_XDECREF(self->collide);
    Py_XDECREF(self->nan);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    release(object);
    Py_DECREF(type);
}

/* Each interpreter of a process has a type of its own, but all of them end alike. */
MsgpackObject *msgpack_codec(PyObject *object) {
    if (PyType_GetSlot(Py_TYPE(object), Py_tp_dealloc) == (void *)codec_dealloc) return (MsgpackObject *)object;
    PyErr_SetString(PyExc_TypeError, "Cannot use codec: expected one of the extension");
    return NULL;
}

static PyObject *pack_method(PyObject *object, PyObject *value) {
    MsgpackObject *self = (MsgpackObject *)object;
    struct packer packer;
    packer_open(&packer, self);
    PyObject *packed = NULL;
    if (msgpack_pack(&packer, value, self->levels) == 0) {
        packed = PyBytes_FromStringAndSize((const char *)packer.bytes, (Py_ssize_t)packer.length);
    }
    packer_close(&packer);
    return packed == NULL ? leave_to_python() : packed;
}

static PyObject *unpack(MsgpackObject *self, PyObject *data, size_t *far) {
    char *bytes;
    Py_ssize_t length;
    if (PyBytes_AsStringAndSize(data, &bytes, &length) != 0) return NULL;
    struct unpacker unpacker = {.bytes = (uint8_t *)bytes, .end = (size_t)length, .levels = self->levels, .codec = self};
    PyObject *value = msgpack_unpack_all(&unpacker);
    *far = unpacker.far;
    return value;
}

static PyObject *unpack_method(PyObject *object, PyObject *data) {
    size_t far;
    PyObject *value = unpack((MsgpackObject *)object, data, &far);
    return value == NULL ? leave_to_python() : value;
}

static PyObject *unpack_counted_method(PyObject *object, PyObject *data) {
    size_t far = 0;
    PyObject *value = unpack((MsgpackObject *)object, data, &far);
    if (value == NULL) return leave_to_python();
    PyObject *count = PyLong_FromSize_t(far);
    PyObject *both = count == NULL ? NULL : PyTuple_New(2);
    if (both == NULL) {
        Py_XDECREF(count);
        Py_DECREF(value);
        return NULL;
    }
    PyTuple_SetItem(both, 0, value);
    PyTuple_SetItem(both, 1, count);
    return both;
}

static PyMethodDef codec_methods[] = {
    {"pack", pack_method, METH_O, "The bytes of a value; NotImplemented: do it in Python."},
    {"unpack", unpack_method, METH_O, "The value of bytes; NotImplemented: do it in Python."},
    {"unpack_counted", unpack_counted_method, METH_O, "The value, and how many handles and attachments it holds."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot codec_slots[] = {
    {Py_tp_doc, "MessagePack for plain values."},
    {Py_tp_new, codec_new},
    {Py_tp_dealloc, codec_dealloc},
    {Py_tp_methods, codec_methods},
    {0, NULL},
};

static PyType_Spec codec_spec = {
    .name = "amphis._internal.native._core.Msgpack",
    .basicsize = sizeof(MsgpackObject),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = codec_slots,
};

int python_msgpack_export(PyObject *module) {
    PyObject *type = PyType_FromSpec(&codec_spec);
    if (type == NULL) return -1;
    if (PyModule_AddObject(module, "Msgpack", type) == 0) return 0;
    Py_DECREF(type);
    return -1;
}
