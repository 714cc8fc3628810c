"""The short texts in which a failure names a value or a place (spec/schema.md)."""

from __future__ import annotations

import math
import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import PurePath
from typing import TYPE_CHECKING
from uuid import UUID

from amphis._internal.codec.json_text.number import format_number
from amphis._internal.codec.text import format_decimal, format_duration
from amphis._internal.values import Attachment, Ext, Handle, Timestamp

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_SHOWN = 40
NOTHING = "nothing"

_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]{0,39}")
_HIDDEN = re.compile(
    '[\x00-\x1f"\\\\\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]'
)
_SHORT_ESCAPES = {
    '"': '\\"',
    "\\": "\\\\",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
}


def quote(text: str) -> str:
    """Quote a string, escaped and shortened so that no text can disturb a terminal or a log."""
    shown = text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"
    return f'"{_HIDDEN.sub(_escape, shown)}"'


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    return _SHORT_ESCAPES.get(character) or f"\\u{ord(character):04x}"


def property_step(name: str) -> str:
    """The step of a path to a property."""
    return f".{name}" if _NAME.fullmatch(name) else f"[{quote(name)}]"


def entry_step(key: object) -> str:
    """The step of a path to an entry of a map with any keys."""
    return property_step(key) if isinstance(key, str) else f"[{show(key)}]"


def show(value: object) -> str:
    """Name what was received, in a few words; never fails."""
    text = _SHOWN.get(type(value))
    if text is not None:
        return text(value)
    for kind, text in _SHOWN.items():
        if isinstance(value, kind):
            return text(value)
    return f"a {type(value).__name__}"


def _show_int(value: int) -> str:
    digits = _count_digits(abs(value))
    return f"an integer of {digits} digits" if digits > MAX_SHOWN else str(int(value))


def _count_digits(magnitude: int) -> int:
    # str() refuses ints of more than 4,300 digits, so they are estimated and the estimate is tried.
    estimate = int(magnitude.bit_length() * math.log10(2)) + 1
    return estimate - 1 if estimate > 1 and magnitude < 10 ** (estimate - 1) else estimate


def _show_float(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return format_number(value) if value else "0"


def _show_datetime(value: datetime) -> str:
    try:
        is_aware = value.utcoffset() is not None
        return (
            f"timestamp {Timestamp.from_datetime(value).to_iso()}"
            if is_aware
            else f"datetime {value.replace(tzinfo=None).isoformat()}"
        )
    except (ValueError, OverflowError):
        return "a timestamp"


def _show_decimal(value: Decimal) -> str:
    try:
        text = format_decimal(value)
    except ValueError:
        return "a decimal"
    return f"decimal {text}" if len(text) <= MAX_SHOWN else f"a decimal of {len(text)} characters"


def _counted(noun: str) -> Callable[..., str]:
    return lambda value: f"{noun} {len(value)}"


# Subclasses stand before their base: bool is an int, datetime a date.
_SHOWN: dict[type, Callable[..., str]] = {
    type(None): lambda _: "null",
    bool: lambda value: "true" if value else "false",
    int: _show_int,
    float: _show_float,
    str: quote,
    bytes: _counted("bytes of length"),
    bytearray: _counted("bytes of length"),
    memoryview: lambda value: f"bytes of length {value.nbytes}",
    list: _counted("a list of"),
    tuple: _counted("a tuple of"),
    dict: _counted("a map of"),
    set: _counted("a set of"),
    frozenset: _counted("a set of"),
    Timestamp: lambda value: f"timestamp {value.to_iso()}",
    datetime: _show_datetime,
    date: lambda value: f"date {value.isoformat()}",
    time: lambda value: f"time {value.replace(tzinfo=None).isoformat()}",
    timedelta: lambda value: f"duration {format_duration(value)}",
    Decimal: _show_decimal,
    UUID: lambda value: f"uuid {value}",
    complex: lambda _: "a complex",
    PurePath: lambda value: f"path {quote(str(value))}",
    Handle: lambda _: "a handle",
    Attachment: lambda _: "an attachment",
    Ext: lambda _: "an ext",
}
