"""Scalar values that travel as MessagePack extensions; the codes stand in spec/values.md."""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING

from amphis._internal.codec.msgpack.head import write_extension
from amphis._internal.codec.scalars import (
    decimal_text,
    duration_parts,
    encode_text,
    is_aware,
    naive_text,
    path_text,
    time_text,
    timestamp_parts,
)

if TYPE_CHECKING:
    from datetime import date, datetime, time, timedelta
    from decimal import Decimal
    from pathlib import PurePath
    from uuid import UUID

    from amphis._internal.values import Ext, Handle, Timestamp

TIMESTAMP, INT, DECIMAL, UUID_BYTES, DATE, TIME, DATETIME = -1, 64, 65, 66, 67, 68, 69
DURATION, SET, TUPLE, COMPLEX, PATH, HANDLE, ATTACHMENT = 70, 71, 72, 73, 74, 75, 76

# Timestamp bodies: 32 bits of seconds; 30 bits of nanoseconds and 34 of seconds; both in full.
_SECONDS = Struct(">I").pack
_PACKED = Struct(">Q").pack
_FULL = Struct(">Iq").pack
_DURATION = Struct(">qI").pack
_COMPLEX = Struct(">dd").pack
_ID = Struct(">Q").pack
_NAN = float("nan")


def encode_timestamp(out: bytearray, value: datetime | Timestamp, _room: int) -> None:
    """Append an instant in the shortest of the three forms."""
    seconds, nanoseconds = timestamp_parts(value)
    if not 0 <= seconds < 1 << 34:
        body = _FULL(nanoseconds, seconds)
    elif nanoseconds or seconds >= 1 << 32:
        body = _PACKED(nanoseconds << 34 | seconds)
    else:
        body = _SECONDS(seconds)
    write_extension(out, TIMESTAMP, body)


def encode_datetime(out: bytearray, value: datetime, room: int) -> None:
    """Append an aware `datetime` as an instant, a naive one as text."""
    if is_aware(value):
        encode_timestamp(out, value, room)
    else:
        write_extension(out, DATETIME, naive_text(value).encode())


def encode_date(out: bytearray, value: date, _room: int) -> None:
    """Append a day."""
    write_extension(out, DATE, value.isoformat().encode())


def encode_time(out: bytearray, value: time, _room: int) -> None:
    """Append a time of day."""
    write_extension(out, TIME, time_text(value).encode())


def encode_duration(out: bytearray, value: timedelta, _room: int) -> None:
    """Append a duration."""
    write_extension(out, DURATION, _DURATION(*duration_parts(value)))


def encode_decimal(out: bytearray, value: Decimal, _room: int) -> None:
    """Append a decimal number."""
    write_extension(out, DECIMAL, decimal_text(value).encode())


def encode_uuid(out: bytearray, value: UUID, _room: int) -> None:
    """Append a UUID."""
    write_extension(out, UUID_BYTES, value.bytes)


def encode_complex(out: bytearray, value: complex, _room: int) -> None:
    """Append a complex number; every NaN is written alike."""
    re, im = value.real, value.imag
    body = _COMPLEX(re if re == re else _NAN, im if im == im else _NAN)  # noqa: PLR0124
    write_extension(out, COMPLEX, body)


def encode_path(out: bytearray, value: PurePath, _room: int) -> None:
    """Append a path."""
    write_extension(out, PATH, encode_text(path_text(value)))


def encode_handle(out: bytearray, value: Handle, _room: int) -> None:
    """Append the name of a live object."""
    write_extension(out, HANDLE, _ID(value.id) + encode_text(value.type))


def encode_ext(out: bytearray, value: Ext, _room: int) -> None:
    """Append an application's own extension."""
    write_extension(out, value.code, value.data)
