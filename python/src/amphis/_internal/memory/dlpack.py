"""Tensors of any library by DLPack: seen here without a copy, whatever made them.

The structures are those of dlpack.h 1.0; a producer that knows only the older form is understood.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any, Final

from amphis._internal._generated.error_codes import ErrorCode
from amphis._internal.errors import AmphisError
from amphis._internal.memory.dtype import ITEM_BYTES, numpy_dtype, unsupported
from amphis._internal.memory.libraries import numpy
from amphis._internal.memory.tensor import TensorMeta

CPU: Final = 1
"""The device type of memory that the processor reads."""
DEVICE_NAMES: Final = {
    1: "cpu",
    2: "cuda",
    3: "cuda-host",
    4: "opencl",
    7: "vulkan",
    8: "metal",
    10: "rocm",
    11: "rocm-host",
    13: "cuda-managed",
    14: "oneapi",
}
"""Device types by their number in DLPack."""

_KINDS = {0: "int", 1: "uint", 2: "float", 4: "bfloat", 5: "complex", 6: "bool"}
_READ_ONLY = 1
_NAMES = (b"dltensor", b"dltensor_versioned")
_USED_NAMES = (b"used_dltensor", b"used_dltensor_versioned")


_is_capsule = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.py_object, ctypes.c_char_p)(
    ("PyCapsule_IsValid", ctypes.pythonapi)
)
_pointer_of = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)(
    ("PyCapsule_GetPointer", ctypes.pythonapi)
)
_rename = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.py_object, ctypes.c_char_p)(
    ("PyCapsule_SetName", ctypes.pythonapi)
)


class _DLTensor(ctypes.Structure):
    _fields_ = (
        ("data", ctypes.c_void_p),
        ("device_type", ctypes.c_int32),
        ("device_id", ctypes.c_int32),
        ("ndim", ctypes.c_int32),
        ("code", ctypes.c_uint8),
        ("bits", ctypes.c_uint8),
        ("lanes", ctypes.c_uint16),
        ("shape", ctypes.POINTER(ctypes.c_int64)),
        ("strides", ctypes.POINTER(ctypes.c_int64)),
        ("byte_offset", ctypes.c_uint64),
    )


class _DLManagedTensor(ctypes.Structure):
    _fields_ = (
        ("tensor", _DLTensor),
        ("context", ctypes.c_void_p),
        ("deleter", ctypes.c_void_p),
    )


class _DLManagedTensorVersioned(ctypes.Structure):
    _fields_ = (
        ("major", ctypes.c_uint32),
        ("minor", ctypes.c_uint32),
        ("context", ctypes.c_void_p),
        ("deleter", ctypes.c_void_p),
        ("flags", ctypes.c_uint64),
        ("tensor", _DLTensor),
    )


class _Loan:
    """What a producer lent; given back once, when nothing here uses it."""

    __slots__ = ("_address", "_deleter")

    def __init__(self, address: int, deleter: int | None) -> None:
        self._address = address
        # The interpreter stays held, as it is for consumers written in C.
        self._deleter = ctypes.PYFUNCTYPE(None, ctypes.c_void_p)(deleter) if deleter else None

    def __del__(self) -> None:
        if self._deleter is not None:
            self._deleter(self._address)


@dataclass(frozen=True, slots=True, kw_only=True)
class DlpackTensor:
    """A tensor of another library, for as long as this lives.

    Attributes:
        device_type: its number in DLPack
        device_id: which of these devices
        dtype: a name of `ITEM_BYTES`
        shape: length of each dimension
        strides: in bytes
        address: of the element at index 0, on its device
        is_read_only: whether the producer forbids writing
        loan: keeps the memory
    """

    device_type: int
    device_id: int
    dtype: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    address: int
    is_read_only: bool
    loan: object

    @property
    def device(self) -> str:
        """Name of the device, `cuda:0`."""
        return device_name(self.device_type, self.device_id)

    @property
    def __array_interface__(self) -> dict[str, object]:
        """For NumPy, which keeps this object for as long as the array lives."""
        return {
            "version": 3,
            "data": (self.address, self.is_read_only),
            "shape": self.shape,
            "strides": self.strides,
            # NumPy has no letter for bfloat16; its bits are read as integers first.
            "typestr": "<u2" if self.dtype == "bfloat16" else numpy_dtype(self.dtype).str,
        }


def device_name(device_type: int, device_id: int) -> str:
    """How people write a device: `cuda:0`."""
    return f"{DEVICE_NAMES.get(device_type, f'device-type-{device_type}')}:{device_id}"


def from_dlpack(producer: object) -> Any:  # noqa: ANN401 - NumPy is optional, and so are its types
    """Show a tensor in memory of the processor as a NumPy array, without a copy.

    Raises:
        TypeError: when it exports nothing
        AmphisError: DEVICE_MISMATCH for memory of a device, DTYPE_UNSUPPORTED,
            DATA_LIBRARY_MISSING
    """
    if not hasattr(producer, "__dlpack_device__"):
        raise TypeError(f"Cannot use {type(producer).__name__}: it does not export DLPack")
    device_type, device_id = producer.__dlpack_device__()
    if device_type != CPU:
        raise AmphisError(
            ErrorCode.DEVICE_MISMATCH,
            f"Cannot see tensor: it is on {device_name(device_type, device_id)}; move it to the "
            "CPU first, or send it as a device tensor",
            {"expected": "cpu", "actual": device_name(device_type, device_id)},
        )
    tensor = borrow(producer)
    dtype = numpy_dtype(tensor.dtype)
    if 0 in tensor.shape:
        return numpy().empty(tensor.shape, dtype)
    array = numpy().asarray(tensor)
    return array if array.dtype == dtype else array.view(dtype)


def borrow(producer: Any) -> DlpackTensor:  # noqa: ANN401 - a class of any library
    """Take a tensor over from its producer, on whatever device.

    Raises:
        AmphisError: DTYPE_UNSUPPORTED
        BufferError: what producers raise for tensors that they cannot export
    """
    try:
        capsule = producer.__dlpack__(max_version=(1, 0))
    except TypeError:
        # Of the time before versions.
        capsule = producer.__dlpack__()
    return _read(capsule)


def _read(capsule: object) -> DlpackTensor:
    name = next((name for name in _NAMES if _is_capsule(capsule, name)), None)
    if name is None:
        raise BufferError("Cannot use tensor: its capsule is none of DLPack, or was used before")
    is_versioned = name == _NAMES[1]
    address = _pointer_of(capsule, name)
    layout = _DLManagedTensorVersioned if is_versioned else _DLManagedTensor
    managed: Any = layout.from_address(address)
    # From the new name on, whoever took it calls the deleter, and the capsule no longer does.
    _rename(capsule, _USED_NAMES[is_versioned])
    loan = _Loan(address, managed.deleter)
    if is_versioned and managed.major != 1:
        raise BufferError(f"Cannot use tensor: DLPack {managed.major}.{managed.minor} is unknown")
    # The older form cannot say that writing is forbidden, so it is not relied on.
    flags = managed.flags if is_versioned else _READ_ONLY
    return _described(managed.tensor, loan, is_read_only=bool(flags & _READ_ONLY))


def _described(tensor: Any, loan: _Loan, *, is_read_only: bool) -> DlpackTensor:  # noqa: ANN401
    dtype = _dtype_of(tensor)
    item = ITEM_BYTES[dtype]
    shape = tuple(tensor.shape[: tensor.ndim]) if tensor.ndim else ()
    if tensor.strides:
        strides = tuple(stride * item for stride in tensor.strides[: tensor.ndim])
    else:
        strides = TensorMeta.in_one_piece(dtype, shape).strides
    return DlpackTensor(
        device_type=tensor.device_type,
        device_id=tensor.device_id,
        dtype=dtype,
        shape=shape,
        strides=strides,
        address=(tensor.data or 0) + tensor.byte_offset,
        is_read_only=is_read_only,
        loan=loan,
    )


def _dtype_of(tensor: Any) -> str:  # noqa: ANN401 - a structure of ctypes
    kind = _KINDS.get(tensor.code, f"type-{tensor.code}-")
    name = "bool" if kind == "bool" else f"{kind}{tensor.bits}"
    if name not in ITEM_BYTES or tensor.lanes != 1 or tensor.bits != 8 * ITEM_BYTES[name]:
        lanes = "" if tensor.lanes == 1 else f"x{tensor.lanes}"
        raise unsupported(f"{name}{lanes}", f"it is none of {', '.join(ITEM_BYTES)}")
    return name
