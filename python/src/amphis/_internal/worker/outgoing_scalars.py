"""Scalars of Python and NumPy as the exact values that travel."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Any, Final
from uuid import UUID

from amphis._internal.codec.kinds import adapt
from amphis._internal.codec.refusal import Refusal
from amphis._internal.codec.scalars import (
    check_int,
    decimal_text,
    encode_text,
    is_aware,
    path_text,
    time_text,
    timestamp_parts,
)
from amphis._internal.values import Ext, Timestamp

NO_SCALAR: Final = object()
"""What `scalar` returns for anything else."""

_NS = 1_000_000_000
_AS_THEY_ARE = frozenset((type(None), bool, float, complex, date, timedelta, UUID, Ext, Timestamp))


def scalar(value: object) -> object:
    """The value to send for a scalar; `NO_SCALAR` for anything else, and what is out of range.

    Members of enumerations are their values, subclasses their base, scalars of NumPy plain numbers.
    What would lose something (more digits than a float has, parts of a microsecond) is none, and
    what says that a time is missing (`NaT`, `NA`) is nil.
    """
    kind = type(value)
    if kind in _AS_THEY_ARE:
        return value
    checked = _CHECKS.get(kind)
    if checked is None:
        return _adapted(value)
    try:
        checked(value)
    except (Refusal, ValueError, OverflowError):
        return NO_SCALAR
    return value


def _adapted(value: Any) -> object:  # noqa: ANN401 - anything at all
    # By its type, as `__class__` of a proxy says something else, and runs code.
    kind = type(value)
    generic = getattr(sys.modules.get("numpy"), "generic", None)
    if generic is not None and issubclass(kind, generic):
        return _numpy_scalar(value)
    if issubclass(kind, Enum):
        return scalar(value._value_)
    for base, plain in _BASES:
        if issubclass(kind, base):
            return scalar(plain(value))
    if issubclass(kind, (date, time, timedelta)):
        return _moment(value)
    if issubclass(kind, (PurePath, Decimal, UUID)):
        return _checked_as_base(value)
    missing = getattr(sys.modules.get("pandas"), "NA", None)
    return None if missing is not None and value is missing else NO_SCALAR


def _checked_as_base(value: PurePath | Decimal | UUID) -> object:
    # The codec takes these by their base, so that nothing needs to be built anew.
    try:
        if isinstance(value, PurePath):
            _check_path(value)
        elif isinstance(value, Decimal):
            decimal_text(value)
    except Refusal:
        return NO_SCALAR
    return value


def _moment(value: object) -> object:
    pandas = sys.modules.get("pandas")
    if pandas is not None and value is getattr(pandas, "NaT", None):
        return None
    try:
        return scalar(adapt(value)[1])
    except Refusal:
        return _fine_instant(value, pandas)


def _fine_instant(value: object, pandas: Any) -> object:  # noqa: ANN401 - a module without types
    """A timestamp of pandas that is finer than a microsecond, when it is an instant."""
    kind = getattr(pandas, "Timestamp", None)
    if kind is None or not isinstance(value, kind) or value.tzinfo is None:
        return NO_SCALAR
    return Timestamp(*divmod(value.as_unit("ns").value, _NS))


def _numpy_scalar(value: Any) -> object:  # noqa: ANN401 - a scalar of NumPy, which has no types here
    convert = _NUMPY.get(value.dtype.kind)
    return NO_SCALAR if convert is None else convert(value)


def _numpy_float(value: Any) -> object:  # noqa: ANN401 - a scalar of NumPy
    number = float(value)
    return number if value.itemsize <= 8 or value != value or number == value else NO_SCALAR  # noqa: PLR0124


def _numpy_complex(value: Any) -> object:  # noqa: ANN401 - a scalar of NumPy
    real, imag = _numpy_float(value.real), _numpy_float(value.imag)
    if isinstance(real, float) and isinstance(imag, float):
        return complex(real, imag)
    return NO_SCALAR


def _numpy_moment(value: Any) -> object:  # noqa: ANN401 - a scalar of NumPy
    numpy = sys.modules["numpy"]
    if numpy.isnat(value):
        return None
    if numpy.datetime_data(value.dtype)[0] in ("ns", "ps", "fs", "as"):
        whole = value.astype(f"{value.dtype.kind}8[us]")
        if whole.astype(value.dtype) != value:
            return NO_SCALAR
        value = whole
    moment = value.item()
    return moment if isinstance(moment, (date, timedelta)) else NO_SCALAR


def _numpy_other(value: Any) -> object:  # noqa: ANN401 - a scalar of NumPy
    """A number of ml_dtypes: all of them fit into a float."""
    if not type(value).__module__.startswith("ml_dtypes"):
        return NO_SCALAR
    return int(value) if value.dtype.name.startswith(("int", "uint")) else float(value)


_NUMPY: dict[str, Callable[[Any], object]] = {
    "b": bool,
    "i": int,
    "u": int,
    "f": _numpy_float,
    "c": _numpy_complex,
    "M": _numpy_moment,
    "m": _numpy_moment,
    "U": lambda value: scalar(str(value)),
    "S": bytes,
    "V": _numpy_other,
}


def _check_path(value: PurePath) -> None:
    encode_text(path_text(value))


def _check_datetime(value: datetime) -> None:
    if is_aware(value):
        timestamp_parts(value)


# Each raises for what the codec refuses.
_CHECKS: dict[type, Callable[[Any], object]] = {
    int: check_int,
    str: encode_text,
    bytes: len,
    bytearray: len,
    datetime: _check_datetime,
    time: time_text,
    Decimal: decimal_text,
}
# What a subclass overrides is not asked for.
_BASES: tuple[tuple[type, Callable[[Any], object]], ...] = (
    (str, str.__str__),
    (int, int.__int__),
    (float, float.__float__),
    (complex, lambda value: complex(complex.real.__get__(value), complex.imag.__get__(value))),
    (bytes, lambda value: bytes(memoryview(value))),
    (bytearray, lambda value: bytes(memoryview(value))),
)
