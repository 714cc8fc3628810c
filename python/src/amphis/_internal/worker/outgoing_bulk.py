"""Arrays, tables and bytes that travel beside a body."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from amphis._internal.memory.carrier import Carried, carry
from amphis._internal.memory.device import InPlace
from amphis._internal.memory.tensor import FORMAT, TensorMeta

if TYPE_CHECKING:
    from amphis._internal.memory.guest import GuestMemory

# The standard library's arrays, by their letter and the bytes of an element.
_ARRAY_KINDS = {
    **dict.fromkeys("bhilq", "int"),
    **dict.fromkeys("BHILQ", "uint"),
    **dict.fromkeys("fd", "float"),
}


def bulk(value: object, guest: GuestMemory | None) -> Carried | None:
    """An attachment of an array of numbers, a table of pyarrow, or bytes; None for anything else.

    None also for an array or a table of elements that do not travel.
    """
    if isinstance(value, (bytes, bytearray, memoryview)) or _is_bulk(value):
        return _carried(value, guest)
    array = getattr(sys.modules.get("array"), "array", None)
    if array is not None and isinstance(value, array):
        return _standard_array(value, guest)
    return None


def _is_bulk(value: object) -> bool:
    numpy = getattr(sys.modules.get("numpy"), "ndarray", None)
    if numpy is not None and isinstance(value, numpy):
        return True
    arrow = sys.modules.get("pyarrow")
    tables = (getattr(arrow, "Table", None), getattr(arrow, "RecordBatch", None))
    if any(kind is not None and isinstance(value, kind) for kind in tables):
        return True
    return isinstance(value, InPlace)


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
