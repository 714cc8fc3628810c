"""Arrays, tables and bytes that travel beside a body."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from amphis._internal.memory.carrier import Carried, carry
from amphis._internal.memory.device import InPlace
from amphis._internal.memory.device_carrier import is_on_device
from amphis._internal.memory.tensor import FORMAT, TensorMeta

if TYPE_CHECKING:
    from amphis._internal.memory.guest import GuestMemory

# The standard library's arrays, by their letter and the bytes of an element.
_ARRAY_KINDS = {
    **dict.fromkeys("bhilq", "int"),
    **dict.fromkeys("BHILQ", "uint"),
    **dict.fromkeys("fd", "float"),
}

_ARRAYS = (("array", "array"),)
# On a device they stay there, and what travels names them; elsewhere they are objects.
_TENSORS = (("torch", "Tensor"), ("cupy", "ndarray"))
_BULK = (("numpy", "ndarray"), ("pyarrow", "Table"), ("pyarrow", "RecordBatch"))


def bulk(value: object, guest: GuestMemory | None) -> Carried | None:
    """An attachment of an array of numbers, a table, bytes or a tensor on a device; else None.

    None also for an array or a table of elements that do not travel.
    """
    # By its type, as `__class__` of a proxy says something else, and runs code.
    kind = type(value)
    if issubclass(kind, (bytes, bytearray, memoryview, InPlace)) or _is_of(kind, _BULK):
        return _carried(value, guest)
    if _is_of(kind, _TENSORS):
        return _carried(value, guest) if is_on_device(value) else None
    return _standard_array(value, guest) if _is_of(kind, _ARRAYS) else None


def _is_of(kind: type, names: tuple[tuple[str, str], ...]) -> bool:
    """Whether it is one of these classes, of modules that need not be loaded."""
    for module, name in names:
        base = getattr(sys.modules.get(module), name, None)
        if base is not None and issubclass(kind, base):
            return True
    return False


def _carried(value: object, guest: GuestMemory | None) -> Carried | None:
    try:
        return carry(value, guest)
    except Exception:  # noqa: BLE001 - libraries refuse in many ways, and the object is still there
        return None


def _standard_array(value: Any, guest: GuestMemory | None) -> Carried | None:  # noqa: ANN401 - an `array.array`, imported by whoever has one
    kind = _ARRAY_KINDS.get(value.typecode)
    carried = None if kind is None else _carried(memoryview(value).cast("B"), guest)
    if carried is None:
        return None
    meta = TensorMeta.in_one_piece(f"{kind}{8 * value.itemsize}", (len(value),))
    return carried._replace(format=FORMAT, meta=meta.encode())
