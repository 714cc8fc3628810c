"""When two values count as equal for const, enum and uniqueItems (spec/schema.md)."""

from __future__ import annotations

import math
import struct
from datetime import datetime

from amphis._internal.schema.show import show
from amphis._internal.values import Attachment, Ext, Handle, Timestamp

_DOUBLE = struct.Struct(">d")


class TooDeepError(Exception):
    """A value goes deeper than is followed; the validator turns it into DEPTH_EXCEEDED."""


def identity(value: object, room: int) -> str:
    """A text that is the same for equal values and only for those.

    A text and no hash of the values: hashes of Python's numbers can be made to collide.

    Raises:
        TooDeepError: when containers go deeper than `room` levels
    """
    if isinstance(value, str):
        return f"s{len(value)}:{value}"
    if isinstance(value, bool) or value is None:
        return str(value)
    if isinstance(value, (int, float)):
        return _number(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return f"b{bytes(value).hex()}"
    if room <= 0:
        raise TooDeepError
    return _container(value, room - 1)


def _number(value: int | float) -> str:  # noqa: PYI041 - an int is told from a float here
    if isinstance(value, int) or value.is_integer():
        return f"i{int(value):x}"
    return "nan" if math.isnan(value) else f"f{_DOUBLE.pack(value).hex()}"


def _container(value: object, room: int) -> str:
    if isinstance(value, (list, tuple)):
        letter = "l" if isinstance(value, list) else "t"
        return f"{letter}({','.join([identity(item, room) for item in value])})"
    if isinstance(value, dict):
        entries = [f"{identity(key, room)}={identity(item, room)}" for key, item in value.items()]
        return f"m({','.join(sorted(entries))})"
    if isinstance(value, (set, frozenset)):
        return f"S({','.join(sorted(identity(item, room) for item in value))})"
    return _other(value, room)


def _other(value: object, room: int) -> str:
    if isinstance(value, complex):
        return f"c({_number(value.real)},{_number(value.imag)})"
    if isinstance(value, datetime) and value.utcoffset() is not None:
        return f"T{Timestamp.from_datetime(value)!r}"
    if isinstance(value, Timestamp):
        return f"T{value!r}"
    if isinstance(value, Attachment):
        return f"A{value.index},{identity(value.format, room)},{identity(value.meta, room)}"
    if isinstance(value, (Handle, Ext)):
        return repr(value)
    shown = str(value)
    return f"{type(value).__name__}{len(shown)}:{shown}" if shown else show(value)
