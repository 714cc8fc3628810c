"""Everything that holds no other value, also what is no value at all."""

from __future__ import annotations

import math
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import PurePath
from typing import TYPE_CHECKING, Any
from uuid import UUID

from amphis._internal.codec.json_text.number import format_number
from amphis._internal.codec.kinds import describe_kind
from amphis._internal.codec.text import format_decimal, format_duration
from amphis._internal.printing.text import bytes_text, cut_text, quoted_text
from amphis._internal.values import Ext, Handle, Timestamp

if TYPE_CHECKING:
    from collections.abc import Callable

    from amphis._internal.printing.style import Paint, PrintLimits

_MAX_INT_BITS = 256


def print_scalar(value: object, limits: PrintLimits, paint: Paint) -> str:
    """The text of a scalar, coloured."""
    if value is None or isinstance(value, bool):
        return paint({None: "null", True: "true", False: "false"}[value], "word")
    if isinstance(value, str):
        return paint(quoted_text(value, limits.code_points), "text")
    if isinstance(value, int):
        return paint(_int_text(value), "number")
    if isinstance(value, float):
        return paint(float_text(value), "number")
    for kind, text in _TEXTS.items():
        if isinstance(value, kind):
            return paint(text(value, limits), "scalar")
    return paint(f"<{cut_text(describe_kind(value), limits.code_points)}>", "scalar")


def float_text(value: float) -> str:
    """As ECMAScript prints it, but never like an int."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    text = format_number(value)
    return f"{text}.0" if text.lstrip("-").isdecimal() else text


def _int_text(value: int) -> str:
    # Digits while they are few: turning a large int into digits takes quadratic time.
    bits = value.bit_length()
    if bits <= _MAX_INT_BITS:
        return str(int(value))
    return f"{'-' if value < 0 else ''}int({bits} bits)"


def instant_text(value: datetime | Timestamp) -> str:
    """The canonical text of an instant."""
    stamp = value if isinstance(value, Timestamp) else Timestamp.from_datetime(value)
    return stamp.to_iso()


def _datetime_text(value: datetime, _limits: PrintLimits) -> str:
    if value.utcoffset() is None:
        return f"datetime({value.replace(tzinfo=None).isoformat()})"
    try:
        return f"timestamp({instant_text(value)})"
    except (ValueError, OverflowError):
        return "<an invalid timestamp>"


def _time_text(value: time, _limits: PrintLimits) -> str:
    return f"time({value.replace(tzinfo=None).isoformat()})"


def _decimal_text(value: Decimal, limits: PrintLimits) -> str:
    try:
        text = format_decimal(value)
    except ValueError:
        text = str(value)
    return f"decimal({cut_text(text, limits.code_points)})"


def _bytes_text(value: bytes, limits: PrintLimits) -> str:
    return bytes_text(value, limits.bytes)


# A datetime is a date too, so it stands first.
_TEXTS: dict[type, Callable[[Any, PrintLimits], str]] = {
    bytes: _bytes_text,
    bytearray: _bytes_text,
    memoryview: _bytes_text,
    Timestamp: lambda value, _: f"timestamp({value.to_iso()})",
    datetime: _datetime_text,
    date: lambda value, _: f"date({value.isoformat()})",
    time: _time_text,
    timedelta: lambda value, _: f"duration({format_duration(value)} s)",
    Decimal: _decimal_text,
    UUID: lambda value, _: f"uuid({value})",
    complex: lambda value, _: f"complex({float_text(value.real)}, {float_text(value.imag)})",
    PurePath: lambda value, limits: f"path({quoted_text(str(value), limits.code_points)})",
    Handle: lambda value, limits: (
        f"handle({value.id}, {quoted_text(value.type, limits.code_points)})"
    ),
    Ext: lambda value, limits: f"ext({value.code}, {bytes_text(value.data, limits.bytes)})",
}
