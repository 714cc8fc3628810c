"""Which values the types of JSON Schema and the kinds of x-amphis take."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import PurePath
from uuid import UUID

from amphis._internal.schema.keywords import INTEGER_KINDS
from amphis._internal.values import Attachment, Handle, Timestamp

Predicate = Callable[[object], bool]

_FLOAT = struct.Struct("<f")
_DOUBLE = struct.Struct("<d")


def is_integer(value: object) -> bool:
    """An int of any size, or a float without a fraction."""
    if isinstance(value, int):
        return not isinstance(value, bool)
    return isinstance(value, float) and value.is_integer()


def is_number(value: object) -> bool:
    """An int or a finite float."""
    if isinstance(value, int):
        return not isinstance(value, bool)
    return isinstance(value, float) and math.isfinite(value)


def is_list(value: object) -> bool:
    """A list or a tuple."""
    return isinstance(value, (list, tuple))


def is_object(value: object) -> bool:
    """A map whose keys are all strings."""
    return isinstance(value, dict) and all(
        type(key) is str or isinstance(key, str) for key in value
    )


def is_timestamp(value: object) -> bool:
    """An instant: aware, or finer than `datetime`."""
    if isinstance(value, datetime):
        return value.utcoffset() is not None
    return isinstance(value, Timestamp)


def _is_datetime(value: object) -> bool:
    return isinstance(value, datetime) and value.utcoffset() is None


def _is_date(value: object) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def _is_time(value: object) -> bool:
    return isinstance(value, time) and value.tzinfo is None


def _fits_float(layout: struct.Struct) -> Predicate:
    def accepts(value: object) -> bool:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return False
        try:
            layout.pack(value)
        except (OverflowError, struct.error):
            return False
        return True

    return accepts


def _within(least: int, most: int) -> Predicate:
    def accepts(value: object) -> bool:
        if not is_integer(value):
            return False
        return isinstance(value, (int, float)) and least <= value <= most

    return accepts


def _instance(*kinds: type) -> Predicate:
    return lambda value: isinstance(value, kinds)


TYPES: dict[str, Predicate] = {
    "null": lambda value: value is None,
    "boolean": _instance(bool),
    "integer": is_integer,
    "number": is_number,
    "string": _instance(str),
    "array": is_list,
    "object": is_object,
}
KIND_TESTS: dict[str, Predicate] = {
    **{kind: _within(least, most) for kind, (least, most) in INTEGER_KINDS.items()},
    "int": is_integer,
    "f32": _fits_float(_FLOAT),
    "f64": _fits_float(_DOUBLE),
    "char": lambda value: isinstance(value, str) and len(value) == 1,
    "bytes": _instance(bytes, bytearray, memoryview),
    "array": is_list,
    "set": _instance(set, frozenset),
    "map": _instance(dict),
    "timestamp": is_timestamp,
    "date": _is_date,
    "time": _is_time,
    "datetime": _is_datetime,
    "duration": _instance(timedelta),
    "decimal": _instance(Decimal),
    "uuid": _instance(UUID),
    "complex": _instance(complex),
    "path": _instance(PurePath),
    "handle": _instance(Handle),
    "attachment": _instance(Attachment),
    "value": lambda _: True,
}
