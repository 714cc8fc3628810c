"""Values to MessagePack: always the shortest form of each item."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import PurePath, PurePosixPath, PureWindowsPath
from struct import Struct
from typing import Any, TypeAlias
from uuid import UUID

from amphis._internal.codec.kinds import adapt, check_key, check_meta
from amphis._internal.codec.msgpack import extension
from amphis._internal.codec.msgpack.head import (
    write_bytes_head,
    write_extension,
    write_list_head,
    write_map_head,
    write_str_head,
)
from amphis._internal.codec.refusal import Refusal, index_step, key_step, too_deep, unsupported
from amphis._internal.codec.scalars import encode_text, int_bytes
from amphis._internal.values import Attachment, Ext, Handle, Timestamp

# Writes one value of the type that it is listed for; the int is how many more levels may open.
Encoder: TypeAlias = Callable[[bytearray, Any, int], None]

_FLOAT = Struct(">Bd").pack
_NAN = bytes.fromhex("cb7ff8000000000000")
_U16, _U32, _U64 = Struct(">BH").pack, Struct(">BI").pack, Struct(">BQ").pack
_I16, _I32, _I64 = Struct(">Bh").pack, Struct(">Bi").pack, Struct(">Bq").pack


def encode_value(out: bytearray, value: object, room: int) -> None:
    """Append one value.

    Raises:
        Refusal: when it or a part of it has no form
    """
    encoder = _ENCODERS.get(type(value))
    if encoder is None:
        kind, value = adapt(value)
        encoder = _ENCODERS[kind]
    encoder(out, value, room)


def _nil(out: bytearray, _value: object, _room: int) -> None:
    out.append(0xC0)


def _bool(out: bytearray, value: object, _room: int) -> None:
    out.append(0xC3 if value else 0xC2)


def _int(out: bytearray, value: int, _room: int) -> None:
    if 0 <= value < 0x80:
        out.append(value)
    elif value >= 0:
        _positive(out, value)
    elif value >= -0x20:
        out.append(value + 0x100)
    elif value >= -0x80:
        out += bytes((0xD0, value + 0x100))
    elif value >= -0x8000:
        out += _I16(0xD1, value)
    elif value >= -0x8000_0000:
        out += _I32(0xD2, value)
    elif value >= -0x8000_0000_0000_0000:
        out += _I64(0xD3, value)
    else:
        write_extension(out, extension.INT, int_bytes(value, "big"))


def _positive(out: bytearray, value: int) -> None:
    if value < 0x100:
        out += bytes((0xCC, value))
    elif value < 0x1_0000:
        out += _U16(0xCD, value)
    elif value < 0x1_0000_0000:
        out += _U32(0xCE, value)
    elif value < 0x1_0000_0000_0000_0000:
        out += _U64(0xCF, value)
    else:
        write_extension(out, extension.INT, int_bytes(value, "big"))


def _float(out: bytearray, value: float, _room: int) -> None:
    out += _FLOAT(0xCB, value) if value == value else _NAN  # noqa: PLR0124 - only NaN differs


def _str(out: bytearray, value: str, _room: int) -> None:
    raw = encode_text(value)
    write_str_head(out, len(raw))
    out += raw


def _bytes(out: bytearray, value: bytes, _room: int) -> None:
    write_bytes_head(out, len(value))
    out += value


def _view(out: bytearray, value: memoryview, room: int) -> None:
    if not value.contiguous:
        raise unsupported("a contiguous memoryview", "one with gaps")
    _bytes(out, value.tobytes(), room)


def _list(out: bytearray, value: list[object], room: int) -> None:
    write_list_head(out, len(value))
    encode_items(out, value, room)


def encode_items(out: bytearray, value: list[object] | tuple[object, ...], room: int) -> None:
    """Append the elements of a list or tuple, which are one level deeper."""
    if room <= 0:
        raise too_deep()
    index = 0
    find = _ENCODERS.get
    try:
        for index, item in enumerate(value):  # noqa: B007 - the index is for the path
            encoder = find(type(item))
            if encoder is None:
                encode_value(out, item, room - 1)
            else:
                encoder(out, item, room - 1)
    except Refusal as refusal:
        refusal.steps.append(index_step(index))
        raise


def encode_map(out: bytearray, value: dict[object, object], room: int) -> None:
    """Append a map."""
    if room <= 0:
        raise too_deep()
    write_map_head(out, len(value))
    key: object = None
    find = _ENCODERS.get
    try:
        for key, item in value.items():
            if type(key) is str:
                _str(out, key, 0)
            else:
                check_key(key)
                encode_value(out, key, room - 1)
            encoder = find(type(item))
            if encoder is None:
                encode_value(out, item, room - 1)
            else:
                encoder(out, item, room - 1)
    except Refusal as refusal:
        refusal.steps.append(key_step(key))
        raise


def _set(out: bytearray, value: set[object], room: int) -> None:
    items = tuple(value)
    for item in items:
        check_key(item)
    _sequence_extension(out, extension.SET, items, room)


def _tuple(out: bytearray, value: tuple[object, ...], room: int) -> None:
    _sequence_extension(out, extension.TUPLE, value, room)


def _sequence_extension(out: bytearray, code: int, items: tuple[object, ...], room: int) -> None:
    body = bytearray()
    write_list_head(body, len(items))
    encode_items(body, items, room)
    write_extension(out, code, body)


def _attachment(out: bytearray, value: Attachment, room: int) -> None:
    check_meta(value.meta)
    body = bytearray()
    write_list_head(body, 3)
    _int(body, value.index, 0)
    _str(body, value.format, 0)
    encode_value(body, value.meta, room)
    write_extension(out, extension.ATTACHMENT, body)


_ENCODERS: dict[type, Encoder] = {
    type(None): _nil,
    bool: _bool,
    int: _int,
    float: _float,
    str: _str,
    bytes: _bytes,
    bytearray: _bytes,
    memoryview: _view,
    list: _list,
    dict: encode_map,
    set: _set,
    frozenset: _set,
    tuple: _tuple,
    Attachment: _attachment,
    datetime: extension.encode_datetime,
    Timestamp: extension.encode_timestamp,
    date: extension.encode_date,
    time: extension.encode_time,
    timedelta: extension.encode_duration,
    Decimal: extension.encode_decimal,
    UUID: extension.encode_uuid,
    complex: extension.encode_complex,
    PurePath: extension.encode_path,
    PurePosixPath: extension.encode_path,
    PureWindowsPath: extension.encode_path,
    Handle: extension.encode_handle,
    Ext: extension.encode_ext,
}
