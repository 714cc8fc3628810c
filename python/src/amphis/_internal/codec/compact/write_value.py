"""Values that carry their kind in front: the bincode enum of spec/values.md."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import PurePath, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID

from amphis._internal.codec.compact.scalar import SCALARS
from amphis._internal.codec.kinds import adapt, check_key, check_meta
from amphis._internal.codec.refusal import Refusal, index_step, key_step, unsupported
from amphis._internal.codec.scalars import int_bytes, is_aware
from amphis._internal.values import Attachment, Ext, Handle, Timestamp

if TYPE_CHECKING:
    from amphis._internal.codec.compact.writer import CompactWriter

# Writes one value of the type that it is listed for.
Write: TypeAlias = Callable[["CompactWriter", Any], None]

NIL, BOOL, INT, BIG_INT, FLOAT, STRING, BYTES, LIST, MAP = range(9)
SET, TUPLE, ATTACHMENT, EXT = 16, 17, 21, 22
VARIANTS = {
    9: "timestamp",
    10: "decimal",
    11: "uuid",
    12: "date",
    13: "time",
    14: "datetime",
    15: "duration",
    18: "complex",
    19: "path",
    20: "handle",
}


def write_value(writer: CompactWriter, value: object) -> None:
    """Append the variant of a value and its fields.

    Raises:
        Refusal: when it or a part of it has no form
    """
    write = _WRITERS.get(type(value))
    if write is None:
        kind, value = adapt(value)
        write = _WRITERS[kind]
    write(writer, value)


def write_int(writer: CompactWriter, value: int) -> None:
    """Append an int of any size."""
    if -0x8000_0000_0000_0000 <= value < 0x8000_0000_0000_0000:
        writer.variant(INT)
        writer.signed(value, 8)
    else:
        writer.variant(BIG_INT)
        writer.bytes(int_bytes(value, "little"))


def write_attachment(writer: CompactWriter, value: Attachment) -> None:
    """Append the fields of an attachment."""
    check_meta(value.meta)
    writer.unsigned(value.index, 4)
    writer.text(value.format)
    _entries(writer, value.meta)


def _nil(writer: CompactWriter, _value: object) -> None:
    writer.variant(NIL)


def _bool(writer: CompactWriter, value: object) -> None:
    writer.variant(BOOL)
    writer.byte(1 if value else 0)


def _float(writer: CompactWriter, value: float) -> None:
    writer.variant(FLOAT)
    writer.f64(value)


def _str(writer: CompactWriter, value: str) -> None:
    writer.variant(STRING)
    writer.text(value)


def _bytes(writer: CompactWriter, value: bytes | bytearray) -> None:
    writer.variant(BYTES)
    writer.bytes(value)


def _view(writer: CompactWriter, value: memoryview) -> None:
    _bytes(writer, view_bytes(value))


def view_bytes(value: memoryview) -> bytes:
    """Return the bytes of a view that has no gaps."""
    if not value.contiguous:
        raise unsupported("a contiguous memoryview", "one with gaps")
    return value.tobytes()


def _items(writer: CompactWriter, items: list[object] | tuple[object, ...]) -> None:
    writer.enter()
    writer.length(len(items))
    index = 0
    try:
        for index, item in enumerate(items):  # noqa: B007 - the index is for the path
            write_value(writer, item)
    except Refusal as refusal:
        refusal.steps.append(index_step(index))
        raise
    writer.room += 1


def _entries(writer: CompactWriter, value: dict[Any, object]) -> None:
    writer.enter()
    writer.length(len(value))
    key: object = None
    try:
        for key, item in value.items():
            check_key(key)
            write_value(writer, key)
            write_value(writer, item)
    except Refusal as refusal:
        refusal.steps.append(key_step(key))
        raise
    writer.room += 1


def _list(writer: CompactWriter, value: list[object]) -> None:
    writer.variant(LIST)
    _items(writer, value)


def _map(writer: CompactWriter, value: dict[object, object]) -> None:
    writer.variant(MAP)
    _entries(writer, value)


def _set(writer: CompactWriter, value: set[object]) -> None:
    writer.variant(SET)
    items = tuple(value)
    for item in items:
        check_key(item)
    _items(writer, items)


def _tuple(writer: CompactWriter, value: tuple[object, ...]) -> None:
    writer.variant(TUPLE)
    _items(writer, value)


def _attachment(writer: CompactWriter, value: Attachment) -> None:
    writer.variant(ATTACHMENT)
    write_attachment(writer, value)


def _ext(writer: CompactWriter, value: Ext) -> None:
    writer.variant(EXT)
    writer.byte(value.code)
    writer.bytes(value.data)


def _scalar(variant: int) -> Write:
    write_fields = SCALARS[VARIANTS[variant]].write

    def write(writer: CompactWriter, value: object) -> None:
        writer.variant(variant)
        write_fields(writer, value)

    return write


_timestamp, _naive, _path = _scalar(9), _scalar(14), _scalar(19)


def _datetime(writer: CompactWriter, value: datetime) -> None:
    (_timestamp if is_aware(value) else _naive)(writer, value)


_WRITERS: dict[type, Write] = {
    type(None): _nil,
    bool: _bool,
    int: write_int,
    float: _float,
    str: _str,
    bytes: _bytes,
    bytearray: _bytes,
    memoryview: _view,
    list: _list,
    dict: _map,
    set: _set,
    frozenset: _set,
    tuple: _tuple,
    Timestamp: _timestamp,
    datetime: _datetime,
    date: _scalar(12),
    time: _scalar(13),
    timedelta: _scalar(15),
    Decimal: _scalar(10),
    UUID: _scalar(11),
    complex: _scalar(18),
    PurePath: _path,
    PurePosixPath: _path,
    PureWindowsPath: _path,
    Handle: _scalar(20),
    Attachment: _attachment,
    Ext: _ext,
}
