"""The parts of scalar values that every codec writes, checked; a `Refusal` says what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from amphis._internal.codec.refusal import out_of_range, unsupported
from amphis._internal.codec.text import (
    MAX_INT_BYTES,
    format_decimal,
    int_size,
)
from amphis._internal.moments import instant_parts
from amphis._internal.values import MAX_SECONDS, Timestamp

if TYPE_CHECKING:
    from datetime import datetime, time, timedelta
    from decimal import Decimal
    from pathlib import PurePath

_SECONDS_PER_DAY = 86_400


def encode_text(text: str) -> bytes:
    """UTF-8 of a string that is valid Unicode."""
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        raise unsupported("valid Unicode", "a string with a lone surrogate") from None


def int_bytes(value: int, order: Literal["big", "little"]) -> bytes:
    """Two's complement in the fewest bytes."""
    check_int(value)
    return value.to_bytes(int_size(value), order, signed=True)


def check_int(value: int) -> None:
    """Refuse an int that is too large to travel."""
    size = int_size(value)
    if size > MAX_INT_BYTES:
        raise out_of_range(f"an int of at most {MAX_INT_BYTES} bytes", f"{size} bytes")


def timestamp_parts(value: datetime | Timestamp) -> tuple[int, int]:
    """Seconds since 1970 (floor) and nanoseconds."""
    if isinstance(value, Timestamp):
        return value.seconds, value.nanoseconds
    seconds, microseconds = instant_parts(value)
    if seconds > MAX_SECONDS:
        raise out_of_range("an instant in the years 0000 to 9999", "one after year 9999 in UTC")
    return seconds, microseconds * 1_000


def is_aware(value: datetime) -> bool:
    """Tell a timestamp from a datetime without zone."""
    return value.tzinfo is not None and value.utcoffset() is not None


def naive_text(value: datetime) -> str:
    """Text of a datetime without zone."""
    return value.replace(tzinfo=None).isoformat()


def time_text(value: time) -> str:
    """Text of a time without zone."""
    if value.tzinfo is not None:
        raise unsupported("a time without a zone", "one with a zone")
    return value.isoformat()


def duration_parts(value: timedelta) -> tuple[int, int]:
    """Whole seconds (floor) and microseconds."""
    return value.days * _SECONDS_PER_DAY + value.seconds, value.microseconds


def decimal_text(value: Decimal) -> str:
    """Text of a decimal that is short enough."""
    try:
        return format_decimal(value)
    except ValueError:
        expected = "a decimal of at most 4096 characters and 18 digits of exponent"
        raise out_of_range(expected, "a longer one") from None


def path_text(value: PurePath) -> str:
    """Text of a path that holds no NUL."""
    text = str(value)
    if "\0" in text:
        raise unsupported("a path without NUL", "one with a NUL")
    return text
