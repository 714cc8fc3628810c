"""Values to messages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import PurePath, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID

from amphis._internal._generated.proto import value_pb2
from amphis._internal.codec.kinds import adapt, check_key, check_meta
from amphis._internal.codec.refusal import Refusal, index_step, key_step, too_deep, unsupported
from amphis._internal.codec.scalars import (
    decimal_text,
    duration_parts,
    encode_text,
    int_bytes,
    is_aware,
    naive_text,
    path_text,
    time_text,
    timestamp_parts,
)
from amphis._internal.proto.reading import MAX_DEPTH
from amphis._internal.values import Attachment, Ext, Handle, Timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator

# Fills a message with a value of one type; the int is how many more levels may open.
_Writer: TypeAlias = Callable[[value_pb2.Value, Any, int], None]


@contextmanager
def writing() -> Iterator[None]:
    """Turn what a writer raises into the error with the path."""
    try:
        yield
    except Refusal as refusal:
        raise refusal.error("protobuf", MAX_DEPTH) from None


def write_value(out: value_pb2.Value, value: object, room: int = MAX_DEPTH) -> None:
    """Fill a message.

    Raises:
        Refusal: when the value or a part of it has no form
    """
    writer = _WRITERS.get(type(value))
    if writer is None:
        kind, value = adapt(value)
        writer = _WRITERS[kind]
    writer(out, value, room)


def write_map(out: value_pb2.Map, value: Mapping[Any, object], room: int = MAX_DEPTH) -> None:
    """Fill a message with the entries of a map."""
    if room <= 0:
        raise too_deep()
    key: object = None
    try:
        for key, item in value.items():
            check_key(key)
            entry = out.entries.add()
            write_value(entry.key, key, room - 1)
            write_value(entry.value, item, room - 1)
    except Refusal as refusal:
        refusal.steps.append(key_step(key))
        raise


def text_of(value: str) -> str:
    """Refuse a string that is no valid Unicode."""
    encode_text(value)
    return value


def _list(out: value_pb2.List, items: Iterable[object], room: int) -> None:
    if room <= 0:
        raise too_deep()
    index = 0
    try:
        for index, item in enumerate(items):  # noqa: B007 - the index is for the path
            write_value(out.items.add(), item, room - 1)
    except Refusal as refusal:
        refusal.steps.append(index_step(index))
        raise


def _write_nil(out: value_pb2.Value, _value: None, _room: int) -> None:
    out.nil.SetInParent()


def _write_bool(out: value_pb2.Value, value: object, _room: int) -> None:
    out.boolean = bool(value)


def _write_int(out: value_pb2.Value, value: int, _room: int) -> None:
    if -(2**63) <= value < 2**63:
        out.integer = value
    else:
        out.big_integer = int_bytes(value, "big")


def _write_float(out: value_pb2.Value, value: float, _room: int) -> None:
    out.floating = value


def _write_str(out: value_pb2.Value, value: str, _room: int) -> None:
    out.text = text_of(value)


def _write_bytes(out: value_pb2.Value, value: bytes, _room: int) -> None:
    out.binary = bytes(value)


def _write_view(out: value_pb2.Value, value: memoryview, _room: int) -> None:
    if not value.contiguous:
        raise unsupported("a contiguous memoryview", "one with gaps")
    out.binary = value.tobytes()


def _write_list(out: value_pb2.Value, value: list[object], room: int) -> None:
    out.list.SetInParent()
    _list(out.list, value, room)


def _write_tuple(out: value_pb2.Value, value: tuple[object, ...], room: int) -> None:
    out.tuple.SetInParent()
    _list(out.tuple, value, room)


def _write_set(out: value_pb2.Value, value: set[object], room: int) -> None:
    for item in value:
        check_key(item)
    out.set.SetInParent()
    _list(out.set, value, room)


def _write_dict(out: value_pb2.Value, value: dict[object, object], room: int) -> None:
    out.map.SetInParent()
    write_map(out.map, value, room)


def _write_timestamp(out: value_pb2.Value, value: datetime | Timestamp, _room: int) -> None:
    seconds, nanoseconds = timestamp_parts(value)
    out.timestamp.seconds = seconds
    out.timestamp.nanoseconds = nanoseconds


def _write_datetime(out: value_pb2.Value, value: datetime, room: int) -> None:
    if is_aware(value):
        _write_timestamp(out, value, room)
    else:
        out.datetime = naive_text(value)


def _write_date(out: value_pb2.Value, value: date, _room: int) -> None:
    out.date = value.isoformat()


def _write_time(out: value_pb2.Value, value: time, _room: int) -> None:
    out.time = time_text(value)


def _write_duration(out: value_pb2.Value, value: timedelta, _room: int) -> None:
    seconds, microseconds = duration_parts(value)
    out.duration.seconds = seconds
    out.duration.microseconds = microseconds


def _write_decimal(out: value_pb2.Value, value: Decimal, _room: int) -> None:
    out.decimal = decimal_text(value)


def _write_uuid(out: value_pb2.Value, value: UUID, _room: int) -> None:
    out.uuid = value.bytes


def _write_complex(out: value_pb2.Value, value: complex, _room: int) -> None:
    out.complex.re = value.real
    out.complex.im = value.imag


def _write_path(out: value_pb2.Value, value: PurePath, _room: int) -> None:
    out.path = text_of(path_text(value))


def _write_handle(out: value_pb2.Value, value: Handle, _room: int) -> None:
    out.handle.id = value.id
    out.handle.type = text_of(value.type)


def _write_attachment(out: value_pb2.Value, value: Attachment, room: int) -> None:
    check_meta(value.meta)
    out.attachment.index = value.index
    out.attachment.format = text_of(value.format)
    out.attachment.meta.SetInParent()
    try:
        write_map(out.attachment.meta, value.meta, room)
    except Refusal as refusal:
        refusal.steps.append(".meta")
        raise


def _write_ext(out: value_pb2.Value, value: Ext, _room: int) -> None:
    out.extension.code = value.code
    out.extension.data = value.data


_WRITERS: dict[type, _Writer] = {
    type(None): _write_nil,
    bool: _write_bool,
    int: _write_int,
    float: _write_float,
    str: _write_str,
    bytes: _write_bytes,
    bytearray: _write_bytes,
    memoryview: _write_view,
    list: _write_list,
    dict: _write_dict,
    set: _write_set,
    frozenset: _write_set,
    tuple: _write_tuple,
    Timestamp: _write_timestamp,
    datetime: _write_datetime,
    date: _write_date,
    time: _write_time,
    timedelta: _write_duration,
    Decimal: _write_decimal,
    UUID: _write_uuid,
    complex: _write_complex,
    PurePath: _write_path,
    PurePosixPath: _write_path,
    PureWindowsPath: _write_path,
    Handle: _write_handle,
    Attachment: _write_attachment,
    Ext: _write_ext,
}
