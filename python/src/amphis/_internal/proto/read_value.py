"""Messages, which may have come from anyone, to values."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID

from amphis._internal.codec.kinds import why_no_key
from amphis._internal.codec.text import (
    check_magnitude,
    duration,
    parse_date,
    parse_datetime,
    parse_decimal,
    parse_path,
    parse_time,
)
from amphis._internal.moments import instant
from amphis._internal.proto.reading import MAX_DEPTH, TooDeepError, WrongShapeError, at, safe
from amphis._internal.values import Attachment, Ext, Handle

if TYPE_CHECKING:
    from collections.abc import Iterable

    from amphis._internal._generated.proto import value_pb2

# Reads one field of the kind that it is listed for; the int is how many more levels may open.
_Reader: TypeAlias = Callable[[Any, int], object]
_UUID_BYTES = 16


def read_value(message: value_pb2.Value, room: int = MAX_DEPTH) -> object:
    """Read a value.

    Raises:
        WrongShapeError: for a message that is none
        TooDeepError: when it nests too deep
    """
    kind = message.WhichOneof("kind")
    if kind is None:
        raise WrongShapeError("a value with a kind")
    field = getattr(message, kind)
    if kind in _PLAIN:
        return field
    try:
        return _READERS[kind](field, room)
    except (ValueError, OverflowError):
        raise WrongShapeError(f"a valid {kind}") from None


def read_map(message: value_pb2.Map, room: int = MAX_DEPTH) -> dict[object, object]:
    """Read the entries of a map."""
    if room <= 0:
        raise TooDeepError
    entries: dict[object, object] = {}
    for index, entry in enumerate(message.entries):
        with at(f".entries[{index}]"):
            with at(".key"):
                key = _key(entry.key, room - 1)
            with at(".value"):
                entries[key] = read_value(entry.value, room - 1)
    return entries


def read_record(message: value_pb2.Map) -> dict[str, object]:
    """Read a map whose keys are all strings."""
    record: dict[str, object] = {}
    for key, value in read_map(message).items():
        if not isinstance(key, str):
            raise WrongShapeError("a map with string keys")
        record[key] = value
    return record


def _key(message: value_pb2.Value, room: int) -> object:
    key = read_value(message, room)
    if why_no_key(key) is not None:
        raise WrongShapeError("a scalar or a tuple of scalars")
    return key


def _items(
    message: value_pb2.List,
    room: int,
    read: Callable[[value_pb2.Value, int], object] = read_value,
) -> Iterable[object]:
    if room <= 0:
        raise TooDeepError
    for index, item in enumerate(message.items):
        with at(f"[{index}]"):
            value = read(item, room - 1)
        yield value


def _attachment(field: value_pb2.Attachment, room: int) -> Attachment:
    with at(".meta"):
        meta = read_map(field.meta, room)
        record = {key: value for key, value in meta.items() if isinstance(key, str)}
        if len(record) != len(meta):
            raise WrongShapeError("a map with string keys")
    return Attachment(field.index, field.format, record)


def _handle(field: value_pb2.Handle, _room: int) -> Handle:
    with at(".id"):
        return Handle(safe(field.id), field.type)


def _uuid(field: bytes, _room: int) -> UUID:
    if len(field) != _UUID_BYTES:
        raise WrongShapeError("a valid uuid")
    return UUID(bytes=field)


def _big_integer(field: bytes, _room: int) -> int:
    if not field:
        raise WrongShapeError("a valid big_integer")
    return check_magnitude(int.from_bytes(field, "big", signed=True))


_PLAIN = frozenset({"boolean", "integer", "floating", "text", "binary"})
_READERS: dict[str, _Reader] = {
    "nil": lambda _field, _room: None,
    "big_integer": _big_integer,
    "list": lambda field, room: list(_items(field, room)),
    "map": read_map,
    "timestamp": lambda field, _room: instant(field.seconds, field.nanoseconds),
    "date": lambda field, _room: parse_date(field),
    "time": lambda field, _room: parse_time(field),
    "datetime": lambda field, _room: parse_datetime(field),
    "duration": lambda field, _room: duration(field.seconds, field.microseconds),
    "decimal": lambda field, _room: parse_decimal(field),
    "uuid": _uuid,
    "set": lambda field, room: set(_items(field, room, _key)),
    "tuple": lambda field, room: tuple(_items(field, room)),
    "complex": lambda field, _room: complex(field.re, field.im),
    "path": lambda field, _room: parse_path(field),
    "handle": _handle,
    "attachment": _attachment,
    "extension": lambda field, _room: Ext(field.code, field.data),
}
