"""Which Python objects are values, and of which kind (spec/values.md)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import PurePath, PurePosixPath, PureWindowsPath
from typing import TypeGuard
from uuid import UUID

from amphis._internal.codec.refusal import Refusal, unsupported
from amphis._internal.values import Attachment, Ext, Handle, Timestamp

_NAMES: dict[type, str] = {
    type(None): "nil",
    bool: "a bool",
    int: "an int",
    float: "a float",
    str: "a string",
    bytes: "bytes",
    bytearray: "bytes",
    memoryview: "bytes",
    list: "a list",
    dict: "a map",
    Timestamp: "a timestamp",
    datetime: "a datetime",
    date: "a date",
    time: "a time",
    timedelta: "a duration",
    Decimal: "a decimal",
    UUID: "a uuid",
    set: "a set",
    frozenset: "a set",
    tuple: "a tuple",
    complex: "a complex number",
    PurePosixPath: "a path",
    PureWindowsPath: "a path",
    PurePath: "a path",
    Handle: "a handle",
    Attachment: "an attachment",
    Ext: "an extension",
}
_KEYS = frozenset(_NAMES) - {list, dict, set, frozenset, tuple, Handle, Attachment, Ext}
# Order matters: a datetime is a date too. Nothing can be a subclass of bool, so an int is no bool.
_BASES = (str, int, float, dict, list, tuple, bytes, bytearray, set, frozenset, complex)
_LAST_BASES = (PurePath, Decimal, UUID, Timestamp, Handle, Attachment, Ext)
NAN = float("nan")


def describe_kind(value: object) -> str:
    """Name what something is, for the text of an error. Never fails."""
    kind = type(value)
    if kind is datetime and isinstance(value, datetime) and value.tzinfo is not None:
        return "a timestamp"
    name = _NAMES.get(kind)
    if name is not None:
        return name
    return (
        kind.__qualname__
        if kind.__module__ == "builtins"
        else f"{kind.__module__}.{kind.__qualname__}"
    )


def adapt(value: object) -> tuple[type, object]:
    """Find the kind of an object whose exact type is not in the table of an encoder.

    Subclasses count as their base where nothing is lost: a named tuple is a tuple, `IntEnum` an
    int. A subclass of a date or time that says more than its base (nanoseconds) is refused.

    Raises:
        Refusal: for anything else
    """
    for base in _BASES + _LAST_BASES:
        if isinstance(value, base):
            return base, value
    try:
        exact = _exact_moment(value)
    except (TypeError, ValueError):
        exact = None
    if exact is not None and value == exact:
        return type(exact), exact
    raise refuse_kind(value)


def _exact_moment(value: object) -> datetime | date | time | timedelta | None:
    if isinstance(value, datetime):
        day = (value.year, value.month, value.day)
        clock = (value.hour, value.minute, value.second, value.microsecond)
        return datetime(*day, *clock, value.tzinfo)  # noqa: DTZ001 - it keeps what it had
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    if isinstance(value, time):
        clock = (value.hour, value.minute, value.second, value.microsecond)
        return time(*clock, value.tzinfo)
    if isinstance(value, timedelta):
        return timedelta(value.days, value.seconds, value.microseconds)
    return None


def refuse_kind(value: object) -> Refusal:
    """Refuse something that is no value at all."""
    return unsupported("a value", describe_kind(value))


def is_key(value: object) -> bool:
    """Tell whether a value of an exact type may be a key of a map or an element of a set."""
    kind = type(value)
    return kind in _KEYS or (isinstance(value, tuple) and all(map(is_key, value)))


def check_key(value: object) -> None:
    """Refuse what may not be a key, before it is encoded.

    Raises:
        Refusal: for anything but a scalar or a tuple of scalars
    """
    if is_key(value):
        return
    kind, plain = adapt(value) if type(value) not in _NAMES else (type(value), value)
    if kind is tuple and isinstance(plain, tuple):
        for item in plain:
            check_key(item)
    elif kind not in _KEYS:
        raise unsupported("a scalar or a tuple of scalars as key", describe_kind(value))


def holds_signaling_nan(value: object) -> bool:
    """Tell whether a key cannot be hashed, although its kind may be one."""
    if isinstance(value, tuple):
        return any(map(holds_signaling_nan, value))
    return isinstance(value, Decimal) and value.is_snan()


def why_no_key(value: object) -> str | None:
    """Say why a decoded value of an exact type cannot be a key or an element of a set, if so."""
    if not is_key(value):
        return "a key must be a scalar or a tuple of scalars"
    if holds_signaling_nan(value):
        return "Python cannot hash a signaling NaN"
    return None


def is_meta(value: object) -> TypeGuard[dict[str, object]]:
    """Tell whether a value may be the meta of an attachment: a map whose keys are strings."""
    return isinstance(value, dict) and all(isinstance(key, str) for key in value)


def check_meta(value: object) -> None:
    """Refuse the meta of an attachment with other keys than strings, before it is encoded."""
    if not is_meta(value):
        raise unsupported("a map with string keys as meta", describe_kind(value))


def plain(value: object) -> object:
    """Return a value whose type is exact enough to tell kinds apart by `isinstance`."""
    return value if type(value) in _NAMES else adapt(value)[1]
