"""Values to JSON text, byte for byte as `JSON.stringify` writes the same tree."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from json.encoder import encode_basestring
from math import copysign, isfinite
from pathlib import PurePath, PurePosixPath, PureWindowsPath
from typing import Any, TypeAlias, TypeGuard
from uuid import UUID

from amphis._internal.codec.json_text.number import format_number
from amphis._internal.codec.kinds import adapt, check_key, check_meta
from amphis._internal.codec.refusal import Refusal, index_step, key_step, too_deep, unsupported
from amphis._internal.codec.scalars import (
    check_int,
    decimal_text,
    encode_text,
    is_aware,
    naive_text,
    path_text,
    time_text,
    timestamp_parts,
)
from amphis._internal.codec.text import format_duration, format_int
from amphis._internal.values import MAX_SAFE, Attachment, Ext, Handle, Timestamp

# Writes one value of the type that it is listed for; the int is how many more levels may open.
Encoder: TypeAlias = Callable[[list[str], Any, int], None]

_STRINGS = frozenset({str})


def encode_value(out: list[str], value: object, room: int) -> None:
    """Append the pieces of one value.

    Raises:
        Refusal: when it or a part of it has no form
    """
    encoder = _ENCODERS.get(type(value))
    if encoder is None:
        kind, value = adapt(value)
        encoder = _ENCODERS[kind]
    encoder(out, value, room)


def quote(text: str) -> str:
    """Write a string literal."""
    if not text.isascii():
        encode_text(text)
    return encode_basestring(text)


def _nil(out: list[str], _value: object, _room: int) -> None:
    out.append("null")


def _bool(out: list[str], value: object, _room: int) -> None:
    out.append("true" if value else "false")


def _int(out: list[str], value: int, _room: int) -> None:
    if -MAX_SAFE <= value <= MAX_SAFE:
        out.append(int.__repr__(value))
    else:
        check_int(value)
        out.append(f'{{"$int":"{format_int(value)}"}}')


def _float(out: list[str], value: float, _room: int) -> None:
    text = float_text(value)
    is_plain = text[0] != '"' and not (value.is_integer() and -MAX_SAFE <= value <= MAX_SAFE)
    out.append(text if is_plain else f'{{"$float":{text}}}')


def float_text(value: float) -> str:
    """Write a float where only a float can stand: a number, or one of four strings."""
    if isfinite(value):
        return '"-0"' if value == 0 and copysign(1, value) < 0 else format_number(value)
    return '"NaN"' if value != value else '"Infinity"' if value > 0 else '"-Infinity"'  # noqa: PLR0124


def _str(out: list[str], value: str, _room: int) -> None:
    out.append(quote(value))


def _bytes(out: list[str], value: bytes | bytearray, _room: int) -> None:
    out.append(f'{{"$bytes":"{b64encode(value).decode()}"}}')


def _view(out: list[str], value: memoryview, room: int) -> None:
    if not value.contiguous:
        raise unsupported("a contiguous memoryview", "one with gaps")
    _bytes(out, value.tobytes(), room)


def _items(out: list[str], value: list[object] | tuple[object, ...], room: int) -> None:
    if room <= 0:
        raise too_deep()
    index = 0
    separator = "["
    try:
        for index, item in enumerate(value):  # noqa: B007 - the index is for the path
            out.append(separator)
            separator = ","
            encode_value(out, item, room - 1)
    except Refusal as refusal:
        refusal.steps.append(index_step(index))
        raise
    out.append("]" if value else "[]")


def _map(out: list[str], value: dict[object, object], room: int) -> None:
    if room <= 0:
        raise too_deep()
    if not _is_plain(value):
        _tagged_map(out, value, room)
        return
    key: object = None
    separator = "{"
    try:
        for key, item in value.items():
            out.append(f"{separator}{quote(key)}:")
            separator = ","
            encode_value(out, item, room - 1)
    except Refusal as refusal:
        refusal.steps.append(key_step(key))
        raise
    out.append("}" if value else "{}")


def _is_plain(value: dict[object, object]) -> TypeGuard[dict[str, object]]:
    if not _STRINGS.issuperset(map(type, value)) and not all(isinstance(key, str) for key in value):
        return False
    return len(value) != 1 or next(iter(value))[:1] != "$"  # type: ignore[index] # a str


def _tagged_map(out: list[str], value: dict[object, object], room: int) -> None:
    key: object = None
    separator = '{"$map":['
    try:
        for key, item in value.items():
            check_key(key)
            out.append(f"{separator}[")
            separator = ","
            encode_value(out, key, room - 1)
            out.append(",")
            encode_value(out, item, room - 1)
            out.append("]")
    except Refusal as refusal:
        refusal.steps.append(key_step(key))
        raise
    out.append("]}")


def _set(out: list[str], value: set[object], room: int) -> None:
    items = tuple(value)
    for item in items:
        check_key(item)
    out.append('{"$set":')
    _items(out, items, room)
    out.append("}")


def _tuple(out: list[str], value: tuple[object, ...], room: int) -> None:
    out.append('{"$tuple":')
    _items(out, value, room)
    out.append("}")


def _attachment(out: list[str], value: Attachment, room: int) -> None:
    check_meta(value.meta)
    out.append(f'{{"$attachment":[{value.index},{quote(value.format)},')
    encode_value(out, value.meta, room)
    out.append("]}")


def _tagged(tag: str, text_of: Callable[[Any], str]) -> Encoder:
    """Write a kind as a string under its tag."""
    head = f'{{"${tag}":'

    def encode(out: list[str], value: object, _room: int) -> None:
        out.append(f"{head}{quote(text_of(value))}}}")

    return encode


def _timestamp_text(value: datetime | Timestamp) -> str:
    return Timestamp(*timestamp_parts(value)).to_iso()


def _datetime(out: list[str], value: datetime, room: int) -> None:
    (_aware if is_aware(value) else _naive)(out, value, room)


def _complex(out: list[str], value: complex, _room: int) -> None:
    out.append(f'{{"$complex":[{float_text(value.real)},{float_text(value.imag)}]}}')


def _handle(out: list[str], value: Handle, _room: int) -> None:
    out.append(f'{{"$handle":[{value.id},{quote(value.type)}]}}')


def _ext(out: list[str], value: Ext, _room: int) -> None:
    out.append(f'{{"$ext":[{value.code},"{b64encode(value.data).decode()}"]}}')


_aware = _tagged("timestamp", _timestamp_text)
_naive = _tagged("datetime", naive_text)
_path = _tagged("path", path_text)

_ENCODERS: dict[type, Encoder] = {
    type(None): _nil,
    bool: _bool,
    int: _int,
    float: _float,
    str: _str,
    bytes: _bytes,
    bytearray: _bytes,
    memoryview: _view,
    list: _items,
    dict: _map,
    set: _set,
    frozenset: _set,
    tuple: _tuple,
    Timestamp: _aware,
    datetime: _datetime,
    date: _tagged("date", date.isoformat),
    time: _tagged("time", time_text),
    timedelta: _tagged("duration", format_duration),
    Decimal: _tagged("decimal", decimal_text),
    UUID: _tagged("uuid", str),
    complex: _complex,
    PurePath: _path,
    PurePosixPath: _path,
    PureWindowsPath: _path,
    Handle: _handle,
    Attachment: _attachment,
    Ext: _ext,
}
